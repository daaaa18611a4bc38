"""Theme terms in passages: whole words after folding, with proclitics and suffixes, as spans of the text.

Few passages hold a term. So every distinct word of the corpus is looked at once, and a passage is searched only for
the terms whose last word, by which they differ most, may stand in it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from topiclib import schema
from topiclib.text import fold, fold_with_offsets
from topiclib.themes.file import FOUND, Theme

ZWNJ = "\u200c"
_WORD = re.compile(r"\w+")
WORDS_KEPT = 500_000  # distinct words remembered before the memory of them starts again

# In folded letters. Before an Arabic word: conjunction, preposition and article, or those of a word with its article.
_BEFORE = "(?:[وف]?(?:[بکل]?(?:ال)?|لل))"
_BEFORE_ARTICLE = "(?:[وف]?(?:[بک]?ال|لل))"
_PROCLITICS = frozenset(
    ["لل", "ولل", "فلل", *(a + b + c for a in ("", "و", "ف") for b in ("", "ب", "ک", "ل") for c in ("", "ال"))]
)
_PRONOUN = "ها|هم|هما|ه|نا"
_ENDINGS = frozenset(f"|{_PRONOUN}|ا|ین|ان|ی|یی|ای|ش|اش|شان|مان|ست|ات".split("|"))
_PROCLITIC_STARTS = frozenset(proclitic[:1] for proclitic in _PROCLITICS if proclitic)
LONGEST_PROCLITIC = max(map(len, _PROCLITICS))
_PLURAL = r"\s?ها(?:ی|یی|ست|یش|یشان|یمان)?"


class Hit(NamedTuple):
    """A term found in folded text."""

    start: int
    end: int
    theme: str
    role: str
    term: str


class _Term(NamedTuple):
    theme: str
    role: str
    term: str
    pattern: re.Pattern[str]
    stems: tuple[str, ...]  # of its words: all of them stand in every text that has the term


def match(passages: pd.DataFrame, themes: Mapping[str, Theme]) -> pd.DataFrame:
    """Find the themes' terms in the passages, each passage in its own language.

    An ambiguous term is found only where a word of its theme's context stands in the same passage; a term inside an
    excepted phrase, or inside a longer term of its theme, is not.

    Returns
    -------
    DataFrame
        Table `matches`, in the order of the passages; start and end point into the passage's text.
    """
    schema.require(passages, ["passage_id", "lang", "text"], door="match")
    finders = {lang: Finder(themes, lang) for lang in schema.LANGUAGES}
    rows = []
    for passage_id, lang, text in zip(passages["passage_id"], passages["lang"], passages["text"], strict=True):
        if lang in finders and (hits := finders[lang].find(text)):
            offsets = fold_with_offsets(text)[1]
            rows += [(passage_id, hit.theme, hit.term, offsets[hit.start], offsets[hit.end - 1] + 1) for hit in hits]
    if not rows:
        return schema.empty("matches")
    return schema.conform(pd.DataFrame(rows, columns=list(schema.table("matches").columns)), "matches")


class Finder:
    """What finds the terms of all themes in texts of one language."""

    def __init__(self, themes: Mapping[str, Theme], lang: str) -> None:
        self._order = {key: place for place, key in enumerate(themes)}
        self._proclitics = _PROCLITICS if lang == "ar" else frozenset([""])
        self._evidence: dict[str, list[_Term]] = defaultdict(list)  # by the stem of the last word
        self._besides: dict[str, list[_Term]] = defaultdict(list)  # by theme: context and exceptions
        for key, theme in themes.items():
            for role, terms in theme.terms[lang].items():
                for term in terms:
                    made = _Term(key, role, term, term_pattern(term, lang), _stems(term, lang))
                    if role in FOUND:
                        for gate in _gates(term, lang):
                            self._evidence[gate].append(made)
                    else:
                        self._besides[key].append(made)
        self._starts: dict[str, list[str]] = defaultdict(list)
        for gate in self._evidence:
            self._starts[gate[:2]].append(gate)
        self._opened = _Memory(self._look_at)

    def find(self, text: str) -> list[Hit]:
        """Return the hits that count, by theme and place."""
        opened = list(filter(None, map(self._opened.__getitem__, text.split())))
        if not opened:
            return []
        folded = fold(text)
        candidates = {id(term): term for gates in opened for gate in gates for term in self._evidence[gate]}
        hits: dict[str, list[Hit]] = defaultdict(list)
        for hit in _search(candidates.values(), folded):
            hits[hit.theme].append(hit)
        for theme, mine in hits.items():
            doubtful = any(hit.role == "ambiguous" for hit in mine)
            mine += _search([term for term in self._besides[theme] if doubtful or term.role == "except"], folded)
        return [hit for theme in sorted(hits, key=self._order.__getitem__) for hit in counted(hits[theme])]

    def _look_at(self, word: str) -> tuple[str, ...]:
        """Return the gates that a word of a text opens."""
        return tuple(gate for part in _WORD.findall(fold(word)) for gate in self._gates_of(part))

    def _gates_of(self, part: str) -> Iterator[str]:
        longest = LONGEST_PROCLITIC if part[0] in _PROCLITIC_STARTS else 0
        for start in range(min(longest, len(part) - 1) + 1):
            near = self._starts.get(part[start : start + 2])
            if near and part[:start] in self._proclitics:
                for gate in near:
                    if part.startswith(gate, start):
                        rest = part[start + len(gate) :]
                        if rest in _ENDINGS or rest.startswith("ها"):
                            yield gate


class _Memory(dict[str, tuple[str, ...]]):
    """What a function said of each word, asked once."""

    def __init__(self, ask: Callable[[str], tuple[str, ...]]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, word: str) -> tuple[str, ...]:
        if len(self) > WORDS_KEPT:
            self.clear()
        self[word] = self._ask(word)
        return self[word]


def _search(terms: Iterable[_Term], folded: str) -> Iterator[Hit]:
    for theme, role, term, pattern, stems in terms:
        if all(stem in folded for stem in stems):
            for found in pattern.finditer(folded):
                yield Hit(*found.span(), theme, role, term)


def counted(hits: list[Hit]) -> list[Hit]:
    """Return the hits of one theme in one text that are evidence, by place; the longest of those that overlap."""
    barred = [(hit.start, hit.end) for hit in hits if hit.role == "except"]
    near = any(hit.role == "context" for hit in hits)
    best: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start, hit.role, hit.term)):
        if hit.role not in FOUND or (hit.role == "ambiguous" and not near):
            continue
        if not any(hit.start < end and start < hit.end for start, end in barred):
            best.append(hit)
            barred.append((hit.start, hit.end))
    return sorted(best)


@lru_cache(maxsize=10_000)
def term_pattern(term: str, lang: str) -> re.Pattern[str]:
    """Return what finds a term in folded text.

    Spaces and half-spaces inside a term may be written either way. It has no repeat inside a repeat, so the time it
    takes grows with the text and no faster.
    """
    words = term.split()
    rule = _arabic_word if lang == "ar" else _persian_word
    body = r"\s+".join(rule(word, last=place == len(words) - 1) for place, word in enumerate(words))
    return re.compile(rf"(?<!\w){body}(?!\w)")


def _arabic_word(word: str, *, last: bool) -> str:
    stem = fold(word)
    has_article = stem.startswith("ال") and len(stem) > 4
    before = _BEFORE_ARTICLE if has_article else _BEFORE
    stem = stem[2:] if has_article else stem
    if word.endswith("ة") and len(stem) > 1:
        return rf"{before}{re.escape(stem[:-1])}(?:ه|ت(?:{_PRONOUN}|ین|ان|ی))" if last else before + re.escape(stem)
    accusative = "" if has_article or stem[-1] in "اه" else "ا"
    after = f"(?:{_PRONOUN}{'|' + accusative if accusative else ''})?" if last else accusative and "ا?"
    return before + re.escape(stem) + (after if stem[-1].isalpha() else "")


def _persian_word(word: str, *, last: bool) -> str:
    body = r"\s?".join(map(re.escape, filter(None, map(fold, word.split(ZWNJ)))))
    if not body[-1].isalpha():
        return body
    if len(fold(word)) < 5:  # short words become other words too easily: ریاض, ریاضی
        return rf"{body}(?:{_PLURAL})?"
    return rf"{body}(?:{_PLURAL}|ی|یی|\s?ای|ش|اش|شان|مان|ست|ات)?" if last else rf"{body}(?:{_PLURAL}|ی)?"


def _stems(term: str, lang: str) -> tuple[str, ...]:
    """Return how each word of a term begins, in folded letters and without an article."""
    parts = [next(filter(None, map(fold, word.split(ZWNJ)))) for word in term.split()]
    if lang != "ar":
        return tuple(parts)
    return tuple(_bare(part)[:-1] if _bare(part).endswith("ه") else _bare(part) for part in parts)


def _gates(term: str, lang: str) -> list[str]:
    """Return the words one of which stands, inflected, in every text that has the term: those of its last word, or of
    its longest one where the last is short.

    A Persian word with a half-space inside is written as one word, or as several of which the longest is taken.
    """
    words = [word for word in term.split() if _WORD.search(fold(word))]
    word = words[-1] if len(fold(words[-1])) > 3 else max(words, key=lambda word: len(fold(word)))
    if lang == "ar":
        bare = _bare(_WORD.findall(fold(word))[0])
        return [bare, f"{bare[:-1]}ت"] if word.endswith("ة") and len(bare) > 1 else [bare]
    parts = [part for part in map(fold, word.split(ZWNJ)) if part]
    if len(parts) < 3:
        return sorted({_WORD.findall(part)[0] for part in ("".join(parts), max(parts, key=len))})
    return ["".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _bare(stem: str) -> str:
    return stem[2:] if stem.startswith("ال") and len(stem) > 4 else stem
