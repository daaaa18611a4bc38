// The document map of topiclib: one module for the Jupyter widget (anywidget) and for the page that stands alone.
// The files of this folder are joined into it (data.py).

const LANGUAGES = { fa: "Persian", ar: "Arabic" };
const LANGUAGE_COLORS = { light: { fa: "#0a64a4", ar: "#b8480a" }, dark: { fa: "#62aef0", ar: "#f2935a" } };
const THEME_COLORS = { // as in the figures; the dark ones are lighter
  light: ["#332288", "#cc6677", "#117733", "#3f9fc4", "#882255", "#8a8a1f", "#aa4499", "#2f9683", "#6b6b6b"],
  dark: ["#9a8cf0", "#f08f9e", "#5cc27d", "#88ccee", "#e07aae", "#cfcf5f", "#e08ad0", "#63d0bc", "#b5b5b5"],
};

class Explorer {
  constructor(model, el) {
    this.model = model;
    this.data = JSON.parse(new TextDecoder().decode(model.get("data")));
    this.n = this.data.passages.x.length;
    this.fold = makeFold(this.data.fold);
    this.query = null;
    this.kept = this.shown = -1;
    this.chosen = [];
    this.root = h("section.topiclib-map", { "data-lm-suppress-shortcuts": "true", "aria-label": "Document map" });
    this.plot = new Plot(this.data, this.root, { look: (i) => this.look(i), keep: (i) => this.keep(i), choose: (rows) => this.choose(rows) });
    this.filters = new Filters(this.data, () => this.filter());
    this.build();
    el.append(this.root);
    this.plot.font = getComputedStyle(this.root).fontFamily;
    this.follow();
    this.setTheme(preferredTheme());
    this.paint("topic");
    this.filter();
    this.setChosen(model.get("selected") ?? []);
    this.read(-1);
  }

  build() {
    const button = (label, title, does, more = {}) => h("button.tool", { type: "button", title, onclick: does, ...more }, label);
    this.search = h("input", { type: "search", dir: "auto", "aria-label": "Search the passages", placeholder: "Search · جست‌وجو · بحث", oninput: () => this.later(() => this.find()) });
    const ways = { topic: "topic", theme: "theme", lang: "language", source: "outlet" };
    this.coloring = h("select", { "aria-label": "Color by", onchange: (event) => this.paint(event.target.value) },
      Object.entries(ways).map(([value, label]) => h("option", { value }, `Color: ${label}`)));
    this.lassoButton = button("Lasso", "Draw around passages to select them (L, or hold Shift)", () => this.setLasso(!this.plot.lassoing), { "aria-pressed": "false" });
    const bar = h("div.bar", {}, h("div.search", {}, this.search), this.coloring, this.lassoButton,
      button("Select shown", "Select every passage that passes search and filters (A)", () => this.chooseShown()),
      button("Clear", "Clear selection, search and filters", () => this.clear()),
      button("Fit", "Show the whole map (0)", () => this.plot.fit()),
      button("◐", "Light or dark", () => this.setTheme(this.theme === "dark" ? "light" : "dark"), { "aria-label": "Light or dark" }));
    this.count = h("span", { role: "status" });
    const note = [this.data.synthetic ? "Synthetic sample." : "", "Near passages are alike; far distances mean nothing."].filter(Boolean).join(" ");
    this.reader = new Reader(this.data, this);
    this.root.append(h("div.frame", {}, bar, this.filters.element, this.plot.box, h("div.foot", {}, this.count, h("span", {}, note)), this.reader.element));
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  follow() { // sizes, themes of the surroundings, and selections made in Python
    const sizes = new ResizeObserver(() => this.plot.resize());
    sizes.observe(this.plot.box);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const change = () => this.setTheme(preferredTheme());
    dark.addEventListener("change", change);
    const lab = new MutationObserver(change);
    lab.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
    const selected = () => this.setChosen(this.model.get("selected"));
    this.model.on("change:selected", selected);
    this.stop = () => {
      sizes.disconnect();
      lab.disconnect();
      dark.removeEventListener("change", change);
      this.model.off("change:selected", selected);
    };
  }

  later(does) {
    clearTimeout(this.timer);
    this.timer = setTimeout(does, 140);
  }

  setTheme(theme) {
    this.theme = this.root.dataset.theme = theme;
    if (document.body.classList.contains("topiclib-page")) document.body.dataset.theme = theme;
    this.plot.inks = null;
    if (this.way) this.paint(this.way);
    if (this.shown >= 0) this.read(this.shown);
  }

  // ---- colors

  paint(way) {
    this.way = way;
    const { passages, documents } = this.data;
    const spread = (count) => Array.from({ length: count }, (_, k) => `oklch(${this.theme === "dark" ? 0.76 : 0.58} 0.15 ${(k * 137.508 + 20) % 360})`);
    const grey = this.theme === "dark" ? "#6d7278" : "#a9a9a4";
    const ways = {
      topic: [this.data.topics.map((card, t) => (card.topic < 0 ? grey : spread(t + 1)[t])), (i) => passages.topic[i], "Topic"],
      theme: [[...this.data.themes.map((_, t) => this.themeColor(t)), grey], (i) => passages.themes[i][0] ?? this.data.themes.length, "Theme"],
      lang: [this.data.languages.map((lang) => LANGUAGE_COLORS[this.theme][lang]), (i) => this.data.languages.indexOf(passages.lang[i]), "Language"],
      source: [spread(this.data.sources.length), (i) => documents.source[passages.document[i]], "Outlet"],
    };
    const [palette, of, name] = ways[way];
    this.plot.rgb = palette.map(toRgb);
    this.plot.colorOf = Uint16Array.from({ length: this.n }, (_, i) => of(i));
    for (const group of this.filters.groups) {
      for (const [value, swatch] of group.swatches) {
        const place = group.name === "Language" ? this.data.languages.indexOf(value) : value < 0 ? palette.length - 1 : value;
        swatch.hidden = group.name !== name;
        swatch.style.setProperty("--dot", palette[place]);
      }
    }
    this.plot.draw();
  }

  themeColor(t) { return THEME_COLORS[this.theme][t % THEME_COLORS.light.length]; }

  // ---- search and filters

  find() {
    this.query = makeQuery(this.search.value, this.fold);
    if (this.query && !this.folded) {
      const { passages, documents } = this.data;
      this.folded = passages.document.map((d, i) => this.fold(`${documents.title[d]}\n${passages.text[i] ?? ""}`));
    }
    this.filter();
  }

  filter() {
    const { visible } = this.plot;
    let count = 0;
    for (let i = 0; i < this.n; i++) {
      visible[i] = this.filters.passes(i) && (!this.query || this.query.every((pattern) => this.folded[i].search(pattern) >= 0)) ? 1 : 0;
      count += visible[i];
    }
    this.count.textContent = count === this.n ? this.data.title : `${count.toLocaleString("en")} of ${this.n.toLocaleString("en")} passages shown`;
    this.plot.placeLabels();
    this.plot.draw();
    this.tell();
    if (this.shown >= 0) this.read(this.shown);
  }

  // ---- selection

  choose(rows) { // from this side: Python hears of it
    this.model.set("selected", rows);
    this.model.save_changes();
    this.setChosen(rows);
    this.setLasso(false);
  }

  setChosen(rows) {
    this.chosen = rows;
    this.plot.chosen.fill(0);
    for (const i of rows) this.plot.chosen[i] = 1;
    this.plot.anyChosen = rows.length > 0;
    this.plot.draw();
    this.tell();
  }

  chooseShown() { this.choose(this.shownRows()); }

  shownRows() {
    const rows = [];
    for (let i = 0; i < this.n; i++) if (this.plot.visible[i]) rows.push(i);
    return rows;
  }

  setLasso(on) {
    this.plot.lassoing = on;
    this.root.classList.toggle("lassoing", on);
    this.lassoButton.setAttribute("aria-pressed", String(on));
  }

  clear() {
    this.search.value = "";
    this.filters.clear();
    this.find();
    this.choose([]);
    this.keep(-1);
  }

  // ---- reading

  look(i) { // under the pointer: shown unless another passage is kept open
    if (this.kept >= 0 || i === this.shown) return;
    this.plot.show(i);
    if (i >= 0) this.read(i);
  }

  keep(i) {
    this.kept = i;
    this.plot.hideTip();
    this.plot.show(i);
    this.read(i);
  }

  read(i) {
    this.shown = i;
    i < 0 ? this.reader.welcome() : this.reader.show(i);
  }

  tell() { // the list: what is selected, or else what search and filters leave
    const some = this.query || this.filters.active();
    this.chosen.length ? this.reader.tell(this.chosen, "selected") : this.reader.tell(some ? this.shownRows() : [], "shown");
  }

  // ---- keys

  key(event) {
    event.stopPropagation(); // a notebook around the map has keys of its own
    if (event.key === "Escape") return this.escape();
    if (event.target.matches("input, select, summary, a") || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrows = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const keys = {
      "/": () => this.search.focus(), l: () => this.setLasso(!this.plot.lassoing), a: () => this.chooseShown(),
      "+": () => this.plot.zoom(1.4), "=": () => this.plot.zoom(1.4), "-": () => this.plot.zoom(1 / 1.4), 0: () => this.plot.fit(),
    };
    if (event.target === this.plot.over) {
      keys.Enter = () => this.keep(this.plot.current);
      for (const [name, [right, up]] of Object.entries(arrows)) keys[name] = () => this.step(this.plot.towards(right, up));
    }
    const does = keys[event.key] ?? keys[event.code === "KeyL" ? "l" : event.code === "KeyA" ? "a" : ""]; // on a Persian keyboard too
    if (!does) return;
    event.preventDefault();
    does();
  }

  step(i) {
    if (i < 0) return;
    this.kept = -1;
    this.plot.show(i);
    this.plot.showTip(i);
    this.read(i);
  }

  escape() {
    if (this.plot.lassoing) this.setLasso(false);
    else if (this.kept >= 0) this.keep(-1);
    else if (this.chosen.length) this.choose([]);
    this.plot.over.focus();
  }
}

function preferredTheme() {
  const lab = document.body.dataset.jpThemeLight; // JupyterLab says which of its themes is on
  if (lab) return lab === "true" ? "light" : "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function render({ model, el }) {
  const explorer = new Explorer(model, el);
  return () => explorer.stop();
}

// In the page that stands alone there is no Python: the data are in it, and a selection stays in it.
function showPage() {
  const values = { data: new TextEncoder().encode(document.getElementById("topiclib-data").textContent), selected: [] };
  const model = { get: (name) => values[name], set: (name, value) => (values[name] = value), save_changes() {}, on() {}, off() {} };
  render({ model, el: document.body });
}

export { makeFold, makeQuery };
export default { render };
