// Search that ignores differences of orthography.

// The table is made with topiclib.text.fold, so that searching here and matching in Python agree; characters outside its
// blocks are folded by the Unicode rules that fold uses.
function makeFold(table) {
  const known = new Map(Object.entries(table));
  const changes = new RegExp(`[${[...known.keys()].map(escapeForRegExp).join("")}]|[^\\u0000-\\u024f\\u0600-\\u08ff]`, "gu");
  const letter = (c) => {
    let folded = known.get(c);
    if (folded === undefined) {
      folded = inTable(c) ? c : foldByUnicode(c, known);
      known.set(c, folded);
    }
    return folded;
  };
  const fold = (text) => text.replace(changes, letter);
  fold.withOffsets = (text) => {
    let folded = "";
    const offsets = [];
    for (let i = 0; i < text.length; ) {
      const c = String.fromCodePoint(text.codePointAt(i));
      const target = letter(c);
      folded += target;
      for (let k = 0; k < target.length; k++) offsets.push(i);
      i += c.length;
    }
    offsets.push(text.length);
    return { folded, offsets };
  };
  return fold;
}

function inTable(c) {
  const code = c.codePointAt(0);
  return code < 0x250 || (code >= 0x600 && code < 0x900) || (code >= 0x2000 && code < 0x2070) || (code >= 0xfb50 && code < 0xff00);
}

function foldByUnicode(c, known) {
  if (/^[\ufeff\ufffc\ufffd\ud800-\udfff]$/u.test(c)) return "";
  if (/\s/u.test(c)) return " ";
  if (/\p{Nd}/u.test(c)) { // Unicode has decimal digits in blocks of ten, from 0 to 9
    let before = 0;
    while (/\p{Nd}/u.test(String.fromCodePoint(c.codePointAt(0) - before - 1))) before++;
    return String(before % 10);
  }
  const plain = c.normalize("NFKC").toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  return [...plain].map((part) => known.get(part) ?? part).join("");
}

function escapeForRegExp(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

// The clauses of a query, all of which a text must pass; find.py has the same rules and describes them.
function makeQuery(text, fold) {
  const clauses = [];
  let either = false;
  for (const [, minus, phrase, word, bar] of fold(text).matchAll(/(-?)(?:"([^"]*)"?|([^\s"|,-][^\s"|,]*))|(\|)/g)) {
    const words = (phrase || word || "").split(/\s+/).filter(Boolean);
    if (bar) either = clauses.length > 0;
    else if (words.length) {
      const pattern = new RegExp(words.map(escapeForRegExp).join("\\s*"), "g");
      if (either && !minus) clauses.at(-1).patterns.push(pattern);
      else clauses.push({ patterns: [pattern], without: Boolean(minus) });
      either = false;
    }
  }
  return clauses.length ? clauses : null;
}

function passesQuery(query, folded) {
  return query.every(({ patterns, without }) => patterns.some((pattern) => folded.search(pattern) >= 0) !== without);
}

function findHits(query, text, fold) {
  if (!query) return [];
  const { folded, offsets } = fold.withOffsets(text);
  const hits = query.flatMap(({ patterns, without }) => (without ? [] : patterns.flatMap((pattern) => [...folded.matchAll(pattern)])));
  return hits.map((hit) => [offsets[hit.index], offsets[hit.index + hit[0].length - 1] + 1]).sort((a, b) => a[0] - b[0]);
}
