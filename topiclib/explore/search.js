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

// Phrases, separated by commas, all of which must occur. A space matches a space, a half-space (ZWNJ) or nothing.
function makeQuery(text, fold) {
  const phrases = fold(text).split(",").map((part) => part.trim()).filter(Boolean);
  const patterns = phrases.map((phrase) => phrase.split(/\s+/).map(escapeForRegExp).join("\\s*"));
  return patterns.length ? patterns.map((pattern) => new RegExp(pattern, "g")) : null;
}

function findHits(query, text, fold) {
  if (!query) return [];
  const { folded, offsets } = fold.withOffsets(text);
  const hits = query.flatMap((pattern) => [...folded.matchAll(pattern)]);
  return hits.map((hit) => [offsets[hit.index], offsets[hit.index + hit[0].length - 1] + 1]).sort((a, b) => a[0] - b[0]);
}
