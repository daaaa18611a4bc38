// Filters: OR within a group, AND between groups; a group with nothing checked has no effect.

class Filters {
  constructor(data, changed) {
    const { passages, documents } = data;
    this.data = data;
    this.changed = changed;
    this.from = this.to = "";
    const sourceOf = passages.document.map((d) => documents.source[d]);
    this.groups = [
      this.group("Language", data.languages.map((lang) => [lang, LANGUAGES[lang] ?? lang]), (i) => [passages.lang[i]]),
      this.group("Theme", [...data.themes.map((theme, t) => [t, themeName(theme)]), [-1, "none of them"]],
        (i) => (passages.themes[i].length ? passages.themes[i] : [-1])),
      this.group("Outlet", data.sources.map((name, s) => [s, name || "unknown"]), (i) => [sourceOf[i]]),
      this.group("Topic", this.topics(), (i) => [passages.topic[i]]),
    ].filter((group) => group.values.length > 1);
    this.element = h("nav.filters", { "aria-label": "Filters" }, this.groups.map((group) => group.element), this.dates());
  }

  group(name, values, valuesOf) {
    const group = { name, valuesOf, checked: new Set(), element: h("details", { open: true }) };
    this.fill(group, values);
    return group;
  }

  fill(group, values) {
    const counts = new Map();
    for (let i = 0; i < this.data.passages.x.length; i++) for (const value of group.valuesOf(i)) counts.set(value, (counts.get(value) ?? 0) + 1);
    Object.assign(group, { values: values.filter(([value]) => counts.has(value)), swatches: new Map() });
    for (const value of group.checked) if (!counts.has(value)) group.checked.delete(value);
    const rows = group.values.map(([value, label]) => {
      const tick = (event) => {
        event.target.checked ? group.checked.add(value) : group.checked.delete(value);
        this.changed();
      };
      const swatch = h("span.swatch", { hidden: true });
      group.swatches.set(value, swatch);
      return h("label", {}, h("input", { type: "checkbox", checked: group.checked.has(value), onchange: tick }), swatch, h("bdi", {}, label), h("small", {}, String(counts.get(value))));
    });
    group.element.replaceChildren(h("summary", {}, group.name), ...rows);
  }

  topics() { return this.data.topics.map((topic, t) => [t, topicName(topic)]); }

  updateTopics() { // after decisions about them
    for (const group of this.groups) if (group.name === "Topic") this.fill(group, this.topics());
  }

  dates() {
    const set = (side) => (event) => { this[side] = event.target.value; this.changed(); };
    const field = (side, label) => [h("span", {}, label), h("input", { type: "month", "aria-label": `${label} month`, placeholder: "YYYY-MM", onchange: set(side) })];
    return this.data.documents.date.some(Boolean)
      ? h("details", { open: true }, h("summary", {}, "Date"), h("div.dates", {}, field("from", "from"), field("to", "to")))
      : "";
  }

  passes(i) {
    for (const group of this.groups) if (group.checked.size && !group.valuesOf(i).some((value) => group.checked.has(value))) return false;
    if (!this.from && !this.to) return true;
    const date = this.data.documents.date[this.data.passages.document[i]];
    if (!date) return false;
    // A date that is only a year matches any of its months.
    const [first, last] = date.length >= 7 ? [date.slice(0, 7), date.slice(0, 7)] : [`${date}-01`, `${date}-12`];
    return (!this.from || last >= this.from) && (!this.to || first <= this.to);
  }

  active() { return Boolean(this.from || this.to || this.groups.some((group) => group.checked.size)); }

  clear() {
    for (const group of this.groups) group.checked.clear();
    this.from = this.to = "";
    for (const input of this.element.querySelectorAll("input")) input.type === "checkbox" ? (input.checked = false) : (input.value = "");
  }
}

function themeName(theme) { return theme.en || theme.key; }

// Number and name of a topic, in the language of a passage or in English; without a name, number and words.
function topicName(topic, lang = "en") {
  if (topic.id < 0) return "–";
  const text = topic.names[lang] || topic[lang] || [topic.fa, topic.ar].filter(Boolean).join(" | ");
  return [topic.id, text].filter((part) => part !== "").join(" · ");
}
