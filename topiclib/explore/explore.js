// The document map: one module for the Jupyter widget (anywidget) and for the HTML file. data.py concatenates the
// .js files of this folder.

const LANGUAGES = { fa: "Persian", ar: "Arabic" };
const LANGUAGE_COLORS = { light: { fa: "#0a64a4", ar: "#b8480a" }, dark: { fa: "#62aef0", ar: "#f2935a" } };
const THEME_COLORS = { // as in draw/style.py, some darker for contrast; lighter on dark
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
    this.pinned = this.shown = -1;
    this.selectedRows = [];
    this.root = h("section.topiclib-map", { "data-lm-suppress-shortcuts": "true", "aria-label": "Document map" });
    this.plot = new Plot(this.data, this.root, { preview: (i) => this.preview(i), pin: (i) => this.pin(i), select: (rows) => this.select(rows) });
    this.filters = new Filters(this.data, () => this.filter());
    this.topics = new TopicList(this.data, model, this);
    this.build();
    el.append(this.root);
    this.plot.font = getComputedStyle(this.root).fontFamily;
    this.observe();
    this.setTheme(preferredTheme());
    this.colorBy = "topic";
    this.showTopics();
    this.setSelection(model.get("selected_rows") ?? []);
    this.showPassage(-1);
  }

  build() {
    const button = (label, title, onclick, more = {}) => h("button.tool", { type: "button", title, onclick, ...more }, label);
    this.search = h("input", { type: "search", dir: "auto", "aria-label": "Search the passages", placeholder: "Search · جست‌وجو · بحث", title: 'word word: both · "two words": a phrase · a | b: either · -word: without', oninput: () => this.debounce(() => this.runSearch()) });
    const options = { topic: "topic", theme: "theme", lang: "language", source: "outlet" };
    this.colorSelect = h("select", { "aria-label": "Color by", onchange: (event) => this.colorPassages(event.target.value) },
      Object.entries(options).map(([value, label]) => h("option", { value }, `Color: ${label}`)));
    this.lassoButton = button("Lasso", "Draw around passages to select them (L, or hold Shift)", () => this.setLasso(!this.plot.lassoing), { "aria-pressed": "false" });
    this.topicsButton = button("Edit topics", "Name, merge and drop topics in a list beside the map", () => this.editTopics(), { "aria-pressed": "false" });
    const bar = h("div.bar", {}, h("div.search", {}, this.search), this.colorSelect, this.topicsButton, this.lassoButton,
      button("Select shown", "Select every passage that passes search and filters (A)", () => this.selectVisible()),
      button("Clear", "Clear selection, search and filters", () => this.clear()),
      button("Fit", "Show the whole map (0)", () => this.plot.fit()),
      button("◐", "Light or dark", () => this.setTheme(this.theme === "dark" ? "light" : "dark"), { "aria-label": "Light or dark" }));
    this.count = h("span", { role: "status" });
    const note = [this.data.synthetic ? "Synthetic sample." : "", "Near passages are alike; far distances mean nothing."].filter(Boolean).join(" ");
    this.reader = new Reader(this.data, this);
    this.root.append(h("div.frame", {}, bar, this.filters.element, this.topics.element, this.plot.box, h("div.foot", {}, this.count, h("span", {}, note)), this.reader.element));
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  observe() { // size, light or dark theme of the environment, selections made in Python
    const sizes = new ResizeObserver(() => this.plot.resize());
    sizes.observe(this.plot.box);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const change = () => this.setTheme(preferredTheme());
    dark.addEventListener("change", change);
    const lab = new MutationObserver(change);
    lab.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
    const selected = () => this.setSelection(this.model.get("selected_rows"));
    this.model.on("change:selected_rows", selected);
    this.stop = () => {
      this.topics.stop();
      sizes.disconnect();
      lab.disconnect();
      dark.removeEventListener("change", change);
      this.model.off("change:selected_rows", selected);
    };
  }

  debounce(action) {
    clearTimeout(this.timer);
    this.timer = setTimeout(action, 140);
  }

  setTheme(theme) {
    this.theme = this.root.dataset.theme = theme;
    if (document.body.classList.contains("topiclib-page")) document.body.dataset.theme = theme;
    this.plot.computedStyle = null;
    if (this.colorBy) this.colorPassages(this.colorBy);
    if (this.shown >= 0) this.showPassage(this.shown);
  }

  // ---- colors

  colorPassages(colorBy) {
    this.colorBy = colorBy;
    const { passages, documents } = this.data;
    const spread = (count) => distinctColors(count, this.theme === "dark");
    const grey = this.theme === "dark" ? "#6d7278" : "#a9a9a4";
    const colors = spread(this.data.topics.length);
    const colorings = { // colors, the index of a passage's color, the filter group that gets swatches
      topic: [this.data.topics.map((topic, t) => (topic.id < 0 ? grey : colors[t])), (i) => passages.topic[i], "Topic"],
      theme: [[...this.data.themes.map((_, t) => this.themeColor(t)), grey], (i) => passages.themes[i][0] ?? this.data.themes.length, "Theme"],
      lang: [this.data.languages.map((lang) => LANGUAGE_COLORS[this.theme][lang]), (i) => this.data.languages.indexOf(passages.lang[i]), "Language"],
      source: [spread(this.data.sources.length), (i) => documents.source[passages.document[i]], "Outlet"],
    };
    const [palette, indexOf, name] = colorings[colorBy];
    this.plot.rgb = palette.map(toRgb);
    this.plot.colorOf = Uint16Array.from({ length: this.n }, (_, i) => indexOf(i));
    for (const group of this.filters.groups) {
      for (const [value, swatch] of group.swatches) {
        const index = group.name === "Language" ? this.data.languages.indexOf(value) : value < 0 ? palette.length - 1 : value;
        swatch.hidden = group.name !== name;
        swatch.style.setProperty("--dot", palette[index]);
      }
    }
    this.topics.paint(colorBy === "topic" ? palette : null);
    this.plot.draw();
  }

  themeColor(t) { return THEME_COLORS[this.theme][t % THEME_COLORS.light.length]; }

  // ---- decisions about topics

  showTopics() {
    this.topics.apply();
    this.filters.updateTopics();
    this.colorPassages(this.colorBy);
    this.filter();
  }

  editTopics() {
    const on = this.root.classList.toggle("curating");
    this.topicsButton.setAttribute("aria-pressed", String(on));
  }

  // ---- search and filters

  runSearch() {
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
      visible[i] = this.filters.passes(i) && (!this.query || passesQuery(this.query, this.folded[i])) ? 1 : 0;
      count += visible[i];
    }
    this.count.textContent = count === this.n ? `${this.data.title} in ${this.topics.kept().length} topics` : `${count.toLocaleString("en")} of ${this.n.toLocaleString("en")} passages shown`;
    this.plot.placeLabels();
    this.plot.draw();
    this.updateList();
    if (this.shown >= 0) this.showPassage(this.shown);
  }

  // ---- selection

  select(rows) { // a selection made here, which is sent to Python
    this.model.set("selected_rows", rows);
    this.model.save_changes();
    this.setSelection(rows);
    this.setLasso(false);
  }

  setSelection(rows) {
    this.selectedRows = rows;
    this.plot.selected.fill(0);
    for (const i of rows) this.plot.selected[i] = 1;
    this.plot.anySelected = rows.length > 0;
    this.plot.draw();
    this.updateList();
  }

  selectVisible() { this.select(this.visibleRows()); }

  visibleRows() {
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
    this.runSearch();
    this.select([]);
    this.pin(-1);
  }

  // ---- reading

  preview(i) { // the passage under the pointer, unless another one is pinned
    if (this.pinned >= 0 || i === this.shown) return;
    this.plot.show(i);
    if (i >= 0) this.showPassage(i);
  }

  pin(i) {
    this.pinned = i;
    this.plot.hideTip();
    this.plot.show(i);
    this.showPassage(i);
  }

  showPassage(i) {
    this.shown = i;
    i < 0 ? this.reader.welcome() : this.reader.show(i);
  }

  updateList() { // lists the selected passages or, without a selection, those that match search and filters
    const filtered = this.query || this.filters.active();
    this.selectedRows.length ? this.reader.showList(this.selectedRows, "selected") : this.reader.showList(filtered ? this.visibleRows() : [], "shown");
  }

  // ---- keys

  key(event) {
    event.stopPropagation(); // JupyterLab has shortcuts for the same keys
    if (event.key === "Escape") return this.escape();
    if (event.code === "KeyZ" && (event.ctrlKey || event.metaKey) && !event.target.matches("input")) {
      event.preventDefault();
      return event.shiftKey ? this.topics.redo() : this.topics.undo();
    }
    if (event.target.matches("input, select, summary, a") || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrows = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const keys = {
      "/": () => this.search.focus(), l: () => this.setLasso(!this.plot.lassoing), a: () => this.selectVisible(),
      "+": () => this.plot.zoom(1.4), "=": () => this.plot.zoom(1.4), "-": () => this.plot.zoom(1 / 1.4), 0: () => this.plot.fit(),
    };
    if (event.target === this.plot.overlayCanvas) {
      keys.Enter = () => this.pin(this.plot.current);
      for (const [name, [right, up]] of Object.entries(arrows)) keys[name] = () => this.step(this.plot.nearestInDirection(right, up));
    }
    // By position too: on a Persian or Arabic keyboard the same keys give other letters.
    const action = keys[event.key] ?? keys[event.code === "KeyL" ? "l" : event.code === "KeyA" ? "a" : ""];
    if (!action) return;
    event.preventDefault();
    action();
  }

  step(i) {
    if (i < 0) return;
    this.pinned = -1;
    this.plot.show(i);
    this.plot.showTip(i);
    this.showPassage(i);
  }

  escape() {
    if (this.plot.lassoing) this.setLasso(false);
    else if (this.pinned >= 0) this.pin(-1);
    else if (this.selectedRows.length) this.select([]);
    this.plot.overlayCanvas.focus();
  }
}

// Colors of which each is the farthest from all before it (OKLab), so that no two of the first few dozen look alike.
function distinctColors(count, dark) {
  const candidates = (dark ? [0.72, 0.85, 0.6] : [0.55, 0.7, 0.4]).flatMap((light) => [0.16, 0.07].flatMap((chroma) =>
    Array.from({ length: 36 }, (_, k) => {
      const hue = (k * 10 + 20) % 360;
      const [a, b] = [Math.cos, Math.sin].map((part) => chroma * part((hue * Math.PI) / 180));
      return { css: `oklch(${light} ${chroma} ${hue})`, at: [light, a, b], distance: Infinity };
    })));
  const chosen = [];
  for (let next = candidates[0]; chosen.length < Math.min(count, candidates.length); ) {
    chosen.push(next);
    for (const color of candidates) color.distance = Math.min(color.distance, Math.hypot(...color.at.map((x, k) => x - next.at[k])));
    next = candidates.reduce((best, color) => (color.distance > best.distance ? color : best));
  }
  return Array.from({ length: count }, (_, k) => chosen[k % chosen.length].css);
}

function preferredTheme() {
  const lab = document.body.dataset.jpThemeLight; // set by JupyterLab
  if (lab) return lab === "true" ? "light" : "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function render({ model, el }) {
  const explorer = new Explorer(model, el);
  return () => explorer.stop();
}

// The HTML file has no Python: this model has the data of the page, and keeps selection and decisions.
function showPage() {
  const values = { data: new TextEncoder().encode(document.getElementById("topiclib-data").textContent), selected_rows: [] };
  const model = { get: (name) => values[name], set: (name, value) => (values[name] = value), save_changes() {}, on() {}, off() {} };
  const { topics } = new Explorer(model, document.body);
  window.onbeforeunload = (event) => {
    if (topics.unsaved) event.preventDefault(); // the browser asks whether to leave
  };
}

export { distinctColors, makeFold, makeQuery, passesQuery, plainText, TopicList, whatIsWrong };
export default { render };
