// The panel: one passage, right to left, and below it a list of passages.

const MAX_LISTED = 100;
const UI_TEXT = {
  fa: { topic: "موضوع", themes: "مضمون‌ها", reprints: "بازنشرها", before: "بند پیشین", after: "بند پسین", link: "اصل خبر" },
  ar: { topic: "الموضوع", themes: "المحاور", reprints: "إعادات النشر", before: "المقطع السابق", after: "المقطع التالي", link: "الخبر الأصلي" },
};
const SHORTCUTS = [
  ["arrows", "move to the next passage"], ["Enter", "keep it open"], ["Esc", "let it go"], ["/", "search"],
  ["+ − 0", "nearer, farther, the whole map"], ["L", "lasso (or hold Shift and draw)"], ["A", "select all that is shown"],
];

class Reader {
  constructor(data, explorer) {
    Object.assign(this, { data, explorer });
    this.article = h("article.reader", { "aria-live": "polite" });
    this.list = h("div.list");
    this.element = h("aside.panel", { "aria-label": "Passage" }, this.article, this.list);
    this.passagesOf = data.documents.id.map(() => []);
    data.passages.document.forEach((d, i) => this.passagesOf[d].push(i));
  }

  welcome() {
    Object.assign(this.article, { dir: "ltr", lang: "en" });
    this.article.replaceChildren(
      h("p.hint", {}, "Point at a passage to read it here; click to keep it open. Drag to move, scroll to zoom."),
      h("dl.keys", {}, SHORTCUTS.map(([key, effect]) => [h("dt", {}, h("kbd", {}, key)), h("dd.hint", {}, effect)])),
    );
  }

  show(i) {
    const { passages, documents, sources, topics } = this.data;
    const [d, lang, text] = [passages.document[i], passages.lang[i], passages.text[i]];
    const ui = UI_TEXT[lang] ?? UI_TEXT.fa;
    const link = safeLink(documents.url[d]);
    const rows = [
      [ui.topic, topicName(topics[passages.topic[i]], lang)],
      passages.themes[i].length ? [ui.themes, passages.themes[i].map((t) => this.theme(i, t, text))] : null,
      passages.n_reprints[i] ? [ui.reprints, String(passages.n_reprints[i])] : null,
    ];
    Object.assign(this.article, { dir: "rtl", lang });
    this.article.replaceChildren(
      h("h2", { dir: "auto" }, markedText(documents.title[d] || documents.id[d], this.hits(documents.title[d]))),
      h("p.meta", {}, h("span", {}, joinFacts(sources[documents.source[d]], documents.date[d])),
        link && h("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, ui.link)),
      text === undefined || text === documents.title[d] ? "" : h("p.body", { dir: "auto" }, markedText(text, [...this.hits(text), ...this.marks(i)])),
      h("dl.facts", {}, rows.filter(Boolean).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
      this.steps(i, ui),
    );
  }

  hits(text) {
    return findHits(this.explorer.query, text ?? "", this.explorer.fold).map(([start, end]) => [start, end, "hit", "found"]);
  }

  marks(i) {
    return this.data.passages.matches[i].map(([t, start, end]) => [start, end, this.explorer.themeColor(t), themeName(this.data.themes[t])]);
  }

  theme(i, t, text) { // label of a theme and its terms in the passage
    const matches = this.data.passages.matches[i].filter(([theme]) => theme === t);
    const terms = new Set(matches.map(([, start, end]) => (text === undefined ? start : text.slice(start, end))));
    const name = this.data.themes[t][this.data.passages.lang[i]] || themeName(this.data.themes[t]);
    return h("span.theme", {}, h("span.swatch", { "--dot": this.explorer.themeColor(t) }), h("bdi", {}, name), h("small", {}, [...terms].join("، ")));
  }

  steps(i, ui) { // buttons for the previous and next passage of the article
    const same = this.passagesOf[this.data.passages.document[i]];
    const k = same.indexOf(i);
    const step = (label, title, to) => h("button.tool", { type: "button", title, "aria-label": title, disabled: !(to in same), onclick: () => this.explorer.pin(same[to]) }, label);
    return same.length > 1 && h("div.steps", {}, step("→", ui.before, k - 1), h("span.hint", {}, h("bdi", {}, `${k + 1} / ${same.length}`)), step("←", ui.after, k + 1));
  }

  showList(rows, what) {
    if (!rows.length) return this.list.replaceChildren();
    const heading = `${rows.length.toLocaleString("en")} ${what}${rows.length > MAX_LISTED ? `, the first ${MAX_LISTED}:` : ""}`;
    const save = h("button.tool", { type: "button", title: "Save their passage_id, one a line", onclick: () => saveFile("passages.txt", rows.map((i) => `${this.data.passages.id[i]}\n`).join("")) }, "Save ids");
    this.list.replaceChildren(h("h3", {}, heading, save), h("ol", {}, rows.slice(0, MAX_LISTED).map((i) => this.line(i))));
  }

  line(i) { // list entry: an excerpt from shortly before the first hit
    const { passages, documents, sources } = this.data;
    const d = passages.document[i];
    const text = passages.text[i] ?? documents.title[d];
    const first = this.hits(text)[0];
    const start = first ? Math.max(0, text.lastIndexOf(" ", Math.max(0, first[0] - 30)) + 1) : 0;
    const toEnd = start + 110 >= text.length;
    // Cut between words, unless one is longer than 50 characters.
    const excerpt = text.slice(start, toEnd ? undefined : Math.max(text.lastIndexOf(" ", start + 110), start + 60));
    const mark = first && first[1] - start <= excerpt.length ? [[first[0] - start, first[1] - start, "hit", "found"]] : [];
    const words = [start ? "… " : "", ...markedText(excerpt, mark), toEnd ? "" : " …"];
    const about = joinFacts(sources[documents.source[d]], documents.date[d]);
    return h("li", { dir: "rtl", lang: passages.lang[i] }, h("button", { type: "button", onclick: () => this.explorer.pin(i) }, words, h("small", {}, about)));
  }
}
