// What the panel shows: one passage, right to left, and under it a list of passages.

const PAGE_OF_LIST = 100;
const WORDS = {
  fa: { topic: "موضوع", themes: "مضمون‌ها", reprints: "بازنشرها", before: "بند پیشین", after: "بند پسین", link: "اصل خبر" },
  ar: { topic: "الموضوع", themes: "المحاور", reprints: "إعادات النشر", before: "المقطع السابق", after: "المقطع التالي", link: "الخبر الأصلي" },
};
const KEYS = [
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
      h("dl.keys", {}, KEYS.map(([key, does]) => [h("dt", {}, h("kbd", {}, key)), h("dd.hint", {}, does)])),
    );
  }

  show(i) {
    const { passages, documents, sources, topics } = this.data;
    const [d, lang, text] = [passages.document[i], passages.lang[i], passages.text[i]];
    const says = WORDS[lang] ?? WORDS.fa;
    const link = safeLink(documents.url[d]);
    const rows = [
      [says.topic, topicName(topics[passages.topic[i]], lang)],
      passages.themes[i].length ? [says.themes, passages.themes[i].map((t) => this.theme(i, t, text))] : null,
      passages.n_reprints[i] ? [says.reprints, String(passages.n_reprints[i])] : null,
    ];
    Object.assign(this.article, { dir: "rtl", lang });
    this.article.replaceChildren(
      h("h2", { dir: "auto" }, markedText(documents.title[d] || documents.id[d], this.hits(documents.title[d]))),
      h("p.meta", {}, h("span", {}, facts(sources[documents.source[d]], documents.date[d])),
        link && h("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, says.link)),
      text === undefined || text === documents.title[d] ? "" : h("p.body", { dir: "auto" }, markedText(text, [...this.hits(text), ...this.marks(i)])),
      h("dl.facts", {}, rows.filter(Boolean).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
      this.steps(i, says),
    );
  }

  hits(text) {
    return findHits(this.explorer.query, text ?? "", this.explorer.fold).map(([start, end]) => [start, end, "hit", "found"]);
  }

  marks(i) {
    return this.data.passages.marks[i].map(([t, start, end]) => [start, end, this.explorer.themeColor(t), themeName(this.data.themes[t])]);
  }

  theme(i, t, text) { // its name, and the terms that were found
    const marks = this.data.passages.marks[i].filter((mark) => mark[0] === t);
    const terms = new Set(marks.map(([, start, end]) => (text === undefined ? start : text.slice(start, end))));
    const name = this.data.themes[t][this.data.passages.lang[i]] || themeName(this.data.themes[t]);
    return h("span.theme", {}, h("span.swatch", { "--dot": this.explorer.themeColor(t) }), h("bdi", {}, name), h("small", {}, [...terms].join("، ")));
  }

  steps(i, says) { // the other passages of the same article
    const same = this.passagesOf[this.data.passages.document[i]];
    const at = same.indexOf(i);
    const step = (label, title, to) => h("button.tool", { type: "button", title, "aria-label": title, disabled: !(to in same), onclick: () => this.explorer.keep(same[to]) }, label);
    return same.length > 1 && h("div.steps", {}, step("→", says.before, at - 1), h("span.hint", {}, h("bdi", {}, `${at + 1} / ${same.length}`)), step("←", says.after, at + 1));
  }

  tell(rows, what) {
    if (!rows.length) return this.list.replaceChildren();
    const heading = `${rows.length.toLocaleString("en")} ${what}${rows.length > PAGE_OF_LIST ? `, the first ${PAGE_OF_LIST}:` : ""}`;
    const save = h("button.tool", { type: "button", title: "Save their passage_id, one a line", onclick: () => this.save(rows) }, "Save ids");
    this.list.replaceChildren(h("h3", {}, heading, save), h("ol", {}, rows.slice(0, PAGE_OF_LIST).map((i) => this.line(i))));
  }

  line(i) { // an extract around the first hit
    const { passages, documents, sources } = this.data;
    const d = passages.document[i];
    const text = passages.text[i] ?? documents.title[d];
    const first = this.hits(text)[0];
    const start = first ? Math.max(0, text.lastIndexOf(" ", Math.max(0, first[0] - 30)) + 1) : 0;
    const whole = start + 110 >= text.length;
    const part = text.slice(start, whole ? undefined : Math.max(text.lastIndexOf(" ", start + 110), start + 60)); // whole words
    const mark = first && first[1] - start <= part.length ? [[first[0] - start, first[1] - start, "hit", "found"]] : [];
    const words = [start ? "… " : "", ...markedText(part, mark), whole ? "" : " …"];
    const about = facts(sources[documents.source[d]], documents.date[d]);
    return h("li", { dir: "rtl", lang: passages.lang[i] }, h("button", { type: "button", onclick: () => this.explorer.keep(i) }, words, h("small", {}, about)));
  }

  save(rows) {
    const file = new Blob([rows.map((i) => `${this.data.passages.id[i]}\n`).join("")], { type: "text/plain" });
    const link = h("a", { href: URL.createObjectURL(file), download: "passages.txt" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}
