"""Theme terms in passages: whole words after folding, with proclitics and suffixes, as spans of the text.

Few passages hold a term. So every distinct word of the corpus is looked at once, and a passage is folded and searched
only for the terms all of whose words may stand in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from itertools import islice
from operator import or_
from typing import NamedTuple

import pandas as pd

from topiclib import schema
from topiclib.text import fold, fold_with_offsets
from topiclib.text.letters import ZWNJ
from topiclib.themes.patterns import (
    _ENDINGS,
    _PROCLITICS,
    _WORD,
    MAX_PROCLITIC_LENGTH,
    TermPattern,
    _content_words,
    term_pattern,
)
from topiclib.themes.theme_file import EVIDENCE_ROLES, Theme

MAX_CACHED_WORDS = 500_000  # distinct words remembered before the memory of them starts again


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
    pattern: TermPattern
    needs: tuple[int, ...]  # for each of its words, the gates one of which every text with the term opens


def match_themes(passages: pd.DataFrame, themes: Mapping[str, Theme]) -> pd.DataFrame:
    """Find the themes' terms in the passages, each passage in its own language.

    An ambiguous term is found only where a word of its theme's context stands in the same passage, a supporting one of
    a theme that has a context only beside such a word or a core term; a term inside an excepted phrase, or inside a
    longer term of its theme, is not found.

    Returns
    -------
    DataFrame
        Table `matches`, in the order of the passages; start and end point into the passage's text.
    """
    schema.require_columns(passages, ["passage_id", "lang", "text"], caller="match")
    finders = {lang: TermMatcher(themes, lang) for lang in schema.LANGUAGES}
    rows = []
    for passage_id, lang, text in zip(passages["passage_id"], passages["lang"], passages["text"], strict=True):
        if lang in finders and (hits := finders[lang].find(text)):
            offsets = fold_with_offsets(text)[1]
            rows += [(passage_id, hit.theme, hit.term, offsets[hit.start], offsets[hit.end - 1] + 1) for hit in hits]
    if not rows:
        return schema.empty_table("matches")
    return schema.conform(pd.DataFrame(rows, columns=list(schema.get_table("matches").columns)), "matches")


class TermMatcher:
    """What finds the terms of all themes in texts of one language.

    A gate is a word as it begins in a term, a bit in a number: a text's words open some, and a term can stand only in
    a text that opens one for each word of the term.
    """

    def __init__(self, themes: Mapping[str, Theme], lang: str) -> None:
        self._order = {key: place for place, key in enumerate(themes)}
        self._proclitic_starts = frozenset("وفبکلا") if lang == "ar" else frozenset()
        self._bits: dict[str, int] = {}
        self._starts: set[str] = set()
        self._evidence: dict[int, list[_Term]] = defaultdict(list)  # by the gates of the word that is looked for first
        self._beside: dict[tuple[str, str], list[_Term]] = defaultdict(list)  # by theme and role: context, except
        for key, theme in themes.items():
            for role, terms in theme.terms[lang].items():
                for term in terms:
                    needs = {
                        word: tuple(map(self._gate, _prefilter_words(word, lang))) for word in _content_words(term)
                    }
                    made = _Term(key, role, term, term_pattern(term, lang), tuple(map(sum, needs.values())))
                    if role in EVIDENCE_ROLES:
                        for gate in needs[_anchor_word(term)]:
                            self._evidence[gate].append(made)
                    else:
                        self._beside[key, role].append(made)
        self._first, self._longest = sum(self._evidence), max(map(len, self._bits), default=0)
        self._opened = _WordCache(self._look_at).__getitem__

    def find(self, text: str) -> list[Hit]:
        """Return the hits that count, by theme and place."""
        opened = reduce(or_, filter(None, map(self._opened, text.split())), 0)
        if not opened & self._first or not (candidates := self._candidates(opened)):
            return []
        folded = fold(text)
        out: list[Hit] = []
        for theme in sorted(candidates, key=self._order.__getitem__):
            if hits := list(_search(candidates[theme], folded)):
                hits += _search(self._possible(theme, "except", opened), folded)
                bound = bool(self._beside[theme, "context"])
                if bound and any(hit.role != "core" for hit in hits):
                    hits += islice(_search(self._possible(theme, "context", opened), folded), 1)
                out += select_evidence(hits, needs_context=bound)
        return out

    def _candidates(self, opened: int) -> dict[str, list[_Term]]:
        """Return, by theme, the terms that may stand in a text and count."""
        found: dict[str, dict[str, _Term]] = defaultdict(dict)
        first = opened & self._first
        while first:
            gate = first & -first
            first ^= gate
            for term in self._evidence[gate]:
                if all(need & opened for need in term.needs):
                    found[term.theme][term.term] = term
        for theme, terms in list(found.items()):
            doubtful = self._beside[theme, "context"] and all(term.role != "core" for term in terms.values())
            if doubtful and not self._possible(theme, "context", opened):
                del found[theme]
        return {theme: list(terms.values()) for theme, terms in found.items()}

    def _possible(self, theme: str, role: str, opened: int) -> list[_Term]:
        return [term for term in self._beside[theme, role] if all(need & opened for need in term.needs)]

    def _gate(self, word: str) -> int:
        """Return the bit of a gate."""
        self._starts |= {(word + ending)[:3] for ending in (("", "ها", *_ENDINGS) if len(word) < 3 else ("",))}
        return self._bits.setdefault(word, 1 << len(self._bits))

    def _look_at(self, word: str) -> int:
        """Return the gates that a word of a text opens."""
        opened, folded = 0, fold(word)
        for part in (folded,) if folded.isalnum() else _WORD.findall(folded):
            if part[:3] in self._starts:
                opened |= self._at(part, 0)
            if part[0] in self._proclitic_starts:
                for start in range(1, min(MAX_PROCLITIC_LENGTH, len(part) - 1) + 1):
                    if part[start : start + 3] in self._starts and part[:start] in _PROCLITICS:
                        opened |= self._at(part, start)
        return opened

    def _at(self, part: str, start: int) -> int:
        opened = 0
        for end in range(min(len(part), start + self._longest), start, -1):
            bit = self._bits.get(part[start:end])
            if bit and (part[end:] in _ENDINGS or part.startswith("ها", end)):
                opened |= bit
        return opened


class _WordCache(dict[str, int]):
    """What a function said of each word, asked once."""

    def __init__(self, compute: Callable[[str], int]) -> None:
        super().__init__()
        self._ask = compute

    def __missing__(self, word: str) -> int:
        if len(self) > MAX_CACHED_WORDS:
            self.clear()
        self[word] = self._ask(word)
        return self[word]


def _search(terms: Iterable[_Term], folded: str) -> Iterator[Hit]:
    for theme, role, term, pattern, _ in terms:
        for start, end in pattern.spans(folded):
            yield Hit(start, end, theme, role, term)


def select_evidence(hits: list[Hit], *, needs_context: bool) -> list[Hit]:
    """Return the hits of one theme in one text that are evidence, by place; the longest of those that overlap.

    Of a theme that is bound to a context nothing but core terms counts without it; with a core term supporting ones do.
    """
    barred = [(hit.start, hit.end) for hit in hits if hit.role == "except"]
    near = not needs_context or any(hit.role == "context" for hit in hits)
    best: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start, hit.role, hit.term)):
        if hit.role not in EVIDENCE_ROLES or (hit.role == "ambiguous" and not near):
            continue
        if not any(hit.start < end and start < hit.end for start, end in barred):
            best.append(hit)
            barred.append((hit.start, hit.end))
    return sorted(best) if near or any(hit.role == "core" for hit in best) else []


def _anchor_word(term: str) -> str:
    """Return the word by which a term is looked for: the last, by which terms differ most, or the longest."""
    words = _content_words(term)
    return words[-1] if len(fold(words[-1])) > 3 else max(words, key=lambda word: len(fold(word)))


def _prefilter_words(word: str, lang: str) -> list[str]:
    """Return the words one of which stands, inflected, in every text that has a word of a term.

    A Persian word with a half-space inside is written as one word, or as several of which the longest is taken.
    """
    if lang == "ar":
        stem = _WORD.findall(fold(word))[0]
        bare = stem[2:] if stem.startswith("ال") and len(stem) > 4 else stem
        return [bare, f"{bare[:-1]}ت"] if word.endswith("ة") and len(bare) > 1 else [bare]
    parts = [part for part in map(fold, word.split(ZWNJ)) if part]
    if len(parts) < 3:
        return sorted({_WORD.findall(part)[0] for part in ("".join(parts), max(parts, key=len))})
    return ["".join(parts[:end]) for end in range(1, len(parts) + 1)]
