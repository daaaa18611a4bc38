// The list of topics: decisions about them with undo and redo, and the file of decisions (topics/curation_file.py).

const DECISION_KEYS = ["name", "merge_into", "drop", "reassign", "note", "reason"];
const [MAX_NAME_LENGTH, MAX_TEXT_LENGTH] = [80, 2000]; // as in topics/curation_file.py
const NAME_LANGUAGES = { en: "English", fa: "Persian", ar: "Arabic" };
const CURATION_FILE = "curation.toml";

class TopicList {
  constructor(data, model, explorer) {
    Object.assign(this, { data, model, explorer, past: [], future: [], unsaved: false });
    this.decisions = model.get("decisions") ?? data.decisions;
    this.indexOf = new Map(data.topics.map((topic, t) => [topic.id, t]));
    this.inTables = [...data.passages.topic];
    this.build();
    this.observe();
  }

  build() {
    const button = (label, title, onclick) => h("button.tool", { type: "button", title, onclick }, label);
    this.undoButton = button("Undo", "Undo the last decision (Ctrl+Z)", () => this.undo());
    this.redoButton = button("Redo", "Redo what was undone (Ctrl+Shift+Z)", () => this.redo());
    this.saveButton = button("", "Save the decisions as a file", () => this.save());
    this.message = h("p.message", { "aria-live": "polite" });
    this.items = this.data.topics.filter((topic) => topic.size !== undefined).map((topic) => this.item(topic));
    this.element = h("section.topics", { "aria-label": "Topics" },
      h("div.tools", {}, this.undoButton, this.redoButton, this.saveButton), this.message,
      h("div.items", {}, this.items.map((item) => item.element), h("p.hint", {}, this.command())));
    this.label(false);
  }

  observe() { // decisions made in Python, and its answers to the save button
    const decided = () => this.change(this.model.get("decisions"), "Changed in Python");
    const answered = (answer) => this.answered(answer);
    this.model.on("change:decisions", decided);
    this.model.on("msg:custom", answered);
    this.stop = () => {
      this.model.off("change:decisions", decided);
      this.model.off("msg:custom", answered);
    };
  }

  item(topic) {
    const parts = { topic, swatch: h("span.swatch"), name: h("bdi"), facts: h("small") };
    parts.element = h("details", { "data-topic": topic.id, ontoggle: () => this.fill(parts) }, h("summary", {}, parts.swatch, h("span", {}, parts.name, parts.facts)));
    return parts;
  }

  // The fields of a topic are made when it is first opened: with hundreds of topics, each can be merged into the others.
  fill(item) {
    if (!item.element.open) return;
    const decision = this.decisions[item.topic.id] ?? {};
    if (!item.fields) this.addFields(item);
    const [targets, hint] = this.choices(item.topic);
    const chosen = decision.reassign ? "reassign" : decision.drop ? "drop" : String(decision.merge_into ?? "");
    const option = (value, label, disabled = false) => h("option", { value, disabled, selected: value === chosen }, label);
    const cannotDrop = Boolean(hint);
    item.action.replaceChildren(option("", "Keep"), option("drop", "Drop: its passages get no topic", cannotDrop),
      option("reassign", "Drop: its passages get the nearest other topic", cannotDrop),
      h("optgroup", { label: "Merge into" }, targets.map((other) => option(String(other.id), this.nameOf(other)))));
    item.action.disabled = Boolean(item.topic.split);
    item.hint.textContent = hint;
    for (const [key, field] of Object.entries(item.fields)) {
      field.disabled = key in NAME_LANGUAGES && Boolean(decision.drop || decision.merge_into !== undefined);
      // What is being typed, or has to be corrected, stays.
      if (field !== document.activeElement && !field.hasAttribute("aria-invalid")) field.value = this.stored(item.topic.id, key);
    }
  }

  stored(id, key) { return (key in NAME_LANGUAGES ? this.decisions[id]?.name : this.decisions[id])?.[key] ?? ""; }

  addFields(item) {
    const { id } = item.topic;
    const field = (key, title, more) => {
      const wrong = h("small.wrong", { role: "alert" });
      const typed = (event) => {
        if (event.key === "Enter") this.enter(id, key, input);
        if (event.key !== "Escape") return;
        event.stopPropagation();
        input.value = this.stored(id, key);
        this.check(key, input, wrong);
      };
      const input = h("input", { type: "text", autocomplete: "off", onchange: () => this.enter(id, key, input), oninput: () => this.check(key, input, wrong), onkeydown: typed, ...more });
      item.fields[key] = input;
      return h("label", {}, title, input, wrong);
    };
    item.fields = {};
    item.action = h("select", { onchange: (event) => this.act(id, event.target.value) });
    item.hint = h("p.hint");
    const select = () => this.explorer.select([...this.data.passages.topic.keys()].filter((i) => this.data.passages.found[i] === this.indexOf.get(id)));
    item.element.append(h("div.fields", { role: "group", "aria-label": `Topic ${id}` },
      h("label", {}, "Decision", item.action), item.hint,
      Object.entries(NAME_LANGUAGES).map(([lang, name]) => field(lang, `Name in ${name}`, { lang, dir: lang === "en" ? "ltr" : "rtl" })),
      field("note", "Note", { dir: "auto" }), field("reason", "Reason for the decision", { dir: "auto" }),
      h("button.tool", { type: "button", onclick: select }, "Select its passages")));
  }

  // What a topic can be merged into, and why it cannot be dropped, if so.
  choices({ id, split }) {
    const decisions = this.decisions;
    const kept = this.kept();
    const targets = this.items.map((item) => item.topic)
      .filter((topic) => topic.id === decisions[id]?.merge_into || (kept.includes(topic) && topic.id !== id && !topic.split));
    const merged = Object.keys(decisions).filter((other) => decisions[other].merge_into === id);
    const others = kept.some((topic) => topic.id !== id);
    const hint = split ? `The file splits it into ${split} parts, so it cannot be merged or dropped here.`
      : merged.length ? `Merged into it: ${merged.join(", ")}. So it cannot be dropped.`
      : others ? "" : "It is the last topic, so it cannot be dropped.";
    return [targets, hint];
  }

  // ---- decisions

  act(id, action) {
    const drop = action === "drop" || action === "reassign";
    this.decide(id, { drop, reassign: action === "reassign", merge_into: drop || !action ? undefined : Number(action) });
  }

  enter(id, key, input) {
    const isName = key in NAME_LANGUAGES;
    const text = plainText(input.value);
    const wrong = this.check(key, input, input.nextSibling);
    if (wrong) return this.say(`Topic ${id}: ${wrong}`);
    this.decide(id, isName ? { name: { ...this.decisions[id]?.name, [key]: text } } : { [key]: text });
    input.value = text;
  }

  // Says below a field, while it is typed in, why its text cannot be kept.
  check(key, input, message) {
    const wrong = whatIsWrong(plainText(input.value), key in NAME_LANGUAGES);
    message.textContent = wrong;
    wrong ? input.setAttribute("aria-invalid", "true") : input.removeAttribute("aria-invalid");
    return wrong;
  }

  decide(id, values) {
    const all = { ...this.decisions[id], ...values };
    all.name = keep(Object.keys(NAME_LANGUAGES), all.name ?? {});
    const { [id]: _, ...others } = this.decisions;
    const decision = keep(DECISION_KEYS, all);
    this.change(Object.keys(decision).length ? { ...others, [id]: decision } : others, "Decided");
  }

  change(next, what) {
    if (this.differing(next).length) this.go(next, [...this.past, this.decisions], [], what);
  }

  undo() {
    if (this.past.length) this.go(this.past.at(-1), this.past.slice(0, -1), [...this.future, this.decisions], "Undone");
  }

  redo() {
    if (this.future.length) this.go(this.future.at(-1), [...this.past, this.decisions], this.future.slice(0, -1), "Redone");
  }

  go(next, past, future, what) {
    const topics = this.differing(next);
    Object.assign(this, { decisions: next, past, future, unsaved: true });
    this.model.set("decisions", next);
    this.model.save_changes();
    this.label(false);
    this.explorer.showTopics();
    this.say(`${what}: topic ${topics.join(", ")}. Not saved yet.`);
  }

  differing(next) {
    const ids = Object.keys({ ...this.decisions, ...next });
    return ids.filter((id) => JSON.stringify(this.decisions[id]) !== JSON.stringify(next[id]));
  }

  // ---- what the map shows of them

  // The topic that a topic becomes: another one, -1, or "nearest" for each passage's nearest, which only Python finds.
  resolve(id, decisions) {
    while (decisions[id]?.merge_into !== undefined) id = decisions[id].merge_into;
    return decisions[id]?.reassign ? "nearest" : decisions[id]?.drop ? -1 : id;
  }

  kept() { return this.items.map((item) => item.topic).filter((topic) => this.resolve(topic.id, this.decisions) === topic.id); }

  apply() {
    const { topics, passages } = this.data;
    const became = topics.map((topic) => this.resolve(topic.id, this.decisions));
    const before = topics.map((topic) => this.resolve(topic.id, this.data.decisions));
    passages.found.forEach((part, i) => {
      // While nothing changes for its topic, a passage is where the tables have it.
      const id = became[part] === before[part] ? became[this.inTables[i]] : became[part];
      passages.topic[i] = this.indexOf.get(id === "nearest" ? -1 : id);
    });
    for (const { topic } of this.items) {
      const [name, first] = [this.decisions, this.data.decisions].map((decisions) => decisions[topic.id]?.name);
      topic.inTables ??= topic.names; // of a topic that has a label of BERTopic, too
      topic.names = JSON.stringify(name) === JSON.stringify(first) ? topic.inTables : { en: "", fa: "", ar: "", ...name };
    }
    this.update();
  }

  update() {
    // As the topics are now: the map may show a sample of the passages, which is what is counted.
    const count = (values) => values.reduce((n, t) => n.set(t, (n.get(t) ?? 0) + 1), new Map());
    const [now, found] = [count(this.data.passages.topic), count(this.data.passages.found)];
    for (const item of this.items) {
      const { topic } = item;
      const t = this.indexOf.get(topic.id);
      const decision = this.decisions[topic.id] ?? {};
      const into = this.data.topics[this.indexOf.get(decision.merge_into)];
      const done = decision.reassign ? "dropped, passages to the nearest topic" : decision.drop ? "dropped" : into ? ["merged into ", h("bdi", {}, this.nameOf(into))] : "";
      const size = ((done ? found : now).get(t) ?? 0).toLocaleString("en");
      const facts = [done ? `had ${size} passages` : `${size} passages`, topic.split && `split into ${topic.split}`,
        topic.part_of !== null && `part of ${topic.part_of}`, decision.note && "with a note"].filter(Boolean).join(" · ");
      item.name.textContent = this.nameOf(topic);
      item.facts.replaceChildren(facts, ...[done].flat().filter(Boolean).flatMap((part, k) => (k ? [part] : [" · ", part])));
      item.element.classList.toggle("gone", Boolean(done));
      this.fill(item);
    }
    this.undoButton.disabled = !this.past.length;
    this.redoButton.disabled = !this.future.length;
  }

  nameOf(topic) { return topicName(topic, topic.names.en ? "en" : topic.names.fa ? "fa" : topic.names.ar ? "ar" : "en"); }

  paint(palette) { // swatches in the colors of the topics as decided; none if the map has other colors
    for (const { topic, swatch } of this.items) {
      const id = this.resolve(topic.id, this.decisions);
      swatch.hidden = !palette;
      swatch.style.setProperty("--dot", palette?.[this.indexOf.get(id === "nearest" ? -1 : id)]);
    }
  }

  // ---- the file

  save() {
    if (this.model.send) {
      this.say("Saving …");
      return this.model.send({ decisions: this.decisions, overwrite: this.overwrites });
    }
    saveFile(CURATION_FILE, this.toToml());
    this.answered({ saved: `${CURATION_FILE}, where this browser puts downloads` });
  }

  answered({ saved, exists, error }) {
    if (saved) this.unsaved = false;
    this.label(Boolean(exists));
    this.say(saved ? [`Saved: ${saved}. `, this.command()] : exists ? `${exists} exists. Press again to replace it; shown.save_curation("…") writes another file.` : error);
  }

  label(overwrites) {
    this.overwrites = overwrites;
    this.saveButton.textContent = overwrites ? `Replace ${CURATION_FILE}` : `Save ${CURATION_FILE}`;
  }

  say(text) { this.message.replaceChildren(...[text].flat(2)); }

  command() {
    const { run } = this.data;
    return ["Tables and figures with these decisions: ", h("code", {}, `topiclib curate ${run} --apply ${CURATION_FILE} --out ${run}-curated`)];
  }

  toToml() { // the file of the run, with the decisions below the headings of their topics
    const lines = (id) => Object.entries(this.decisions[id] ?? {}).map(([key, value]) => `${key} = ${toToml(value)}\n`);
    return this.data.curationFile.replace(/^\[topics\.(\d+)\]\n/gm, (heading, id) => heading + lines(id).join(""));
  }
}

// The entries of an object that say something, in the order of `keys`.
function keep(keys, values) {
  const says = (value) => (typeof value === "object" ? Object.keys(value).length > 0 : ![undefined, "", false].includes(value));
  return Object.fromEntries(keys.filter((key) => says(values[key])).map((key) => [key, values[key]]));
}

// One line of text without control characters, invisible direction marks and halves of characters.
function plainText(text) {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, " ").replace(/\p{Cs}/gu, "\ufffd").trim().split(/\s+/).join(" ");
}

function whatIsWrong(text, isName) {
  const [length, most] = [[...text].length, isName ? MAX_NAME_LENGTH : MAX_TEXT_LENGTH];
  if (length > most) return `${length.toLocaleString("en")} characters are too long: at most ${most.toLocaleString("en")}, so this was not kept.`;
  return isName && text && !/[\p{L}\p{N}_]/u.test(text) ? "a name needs a letter or a digit, so this was not kept." : "";
}

// JSON's strings, numbers and true are TOML's too, but for U+007F, which TOML escapes.
function toToml(value) {
  if (typeof value !== "object") return JSON.stringify(value).replace(/\x7f/g, "\\u007f");
  return `{${Object.entries(value).map(([key, item]) => `${key} = ${toToml(item)}`).join(", ")}}`;
}
