"""Find the terms of themes in passages, as whole words with proclitics and suffixes.

Few passages contain a term, so a prefilter comes first: each word of a term has a bit, each word of a text sets the
bits of the term words that it may contain, and a text is folded and searched only for terms whose words all have a bit
set. The bits of each distinct word of the corpus are computed once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from itertools import islice
from operator import or_
from typing import NamedTuple

import pandas as pd

from topiclib import schema
from topiclib.text import fold, fold_with_offsets
from topiclib.text.letters import ZWNJ, WordCache
from topiclib.themes import patterns
from topiclib.themes.patterns import TermPattern, content_words, term_pattern
from topiclib.themes.theme_file import EVIDENCE_ROLES, Theme

MAX_CACHED_WORDS = 500_000  # a cache with more is emptied


class Hit(NamedTuple):
    """A span of folded text that matches a term."""

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
    required_bits: tuple[int, ...]  # for each word of the term: a text that matches sets at least one of these bits


def match_themes(passages: pd.DataFrame, themes: Mapping[str, Theme]) -> pd.DataFrame:
    """Find the terms of themes in passages, each in the language of the passage.

    An ambiguous term counts only in a passage with a context word of its theme. A supporting term of a theme that has
    context words counts only in a passage with one of them or a core term. A term inside an excepted phrase, or inside
    a longer term of its theme, does not count.

    Returns
    -------
    DataFrame
        Table `matches`, in the order of the passages; start and end are offsets in the passage's text.
    """
    schema.require_columns(passages, ["passage_id", "lang", "text"], caller="match_themes")
    matchers = {lang: TermMatcher(themes, lang) for lang in schema.LANGUAGES}
    rows = []
    for passage_id, lang, text in zip(passages["passage_id"], passages["lang"], passages["text"], strict=True):
        if lang in matchers and (hits := matchers[lang].find(text)):
            offsets = fold_with_offsets(text)[1]
            rows += [(passage_id, hit.theme, hit.term, offsets[hit.start], offsets[hit.end - 1] + 1) for hit in hits]
    if not rows:
        return schema.empty_table("matches")
    return schema.conform(pd.DataFrame(rows, columns=list(schema.get_table("matches").columns)), "matches")


class TermMatcher:
    """Find the terms of all themes in texts of one language."""

    def __init__(self, themes: Mapping[str, Theme], lang: str) -> None:
        self._order = {key: i for i, key in enumerate(themes)}
        self._proclitic_starts = frozenset("وفبکلا") if lang == "ar" else frozenset()
        self._bits: dict[str, int] = {}
        self._starts: set[str] = set()
        self._evidence: dict[int, list[_Term]] = defaultdict(list)  # by the bits of the anchor word
        self._other_terms: dict[tuple[str, str], list[_Term]] = defaultdict(
            list
        )  # by theme and role (context, except, against)
        for key, theme in themes.items():
            for role, terms in {**theme.terms[lang], "against": theme.terms_against(lang)}.items():
                for term in terms:
                    bits = {w: [self._prefilter_bit(p) for p in _prefilter_words(w, lang)] for w in content_words(term)}
                    entry = _Term(key, role, term, term_pattern(term, lang), tuple(map(sum, bits.values())))
                    if role in EVIDENCE_ROLES:
                        for bit in bits[_anchor_word(term)]:
                            self._evidence[bit].append(entry)
                    else:
                        self._other_terms[key, role].append(entry)
        self._evidence_bits, self._longest = sum(self._evidence), max(map(len, self._bits), default=0)
        self._bits_of = WordCache(self._word_bits, MAX_CACHED_WORDS).__getitem__

    def find(self, text: str) -> list[Hit]:
        """Return the hits that count, in order of theme and position."""
        text_bits = self._text_bits(text)
        if not text_bits & self._evidence_bits or not (candidates := self._candidates(text_bits)):
            return []
        folded = fold(text)
        evidence: list[Hit] = []
        for theme in sorted(candidates, key=self._order.__getitem__):
            if hits := list(_search(candidates[theme], folded)):
                hits += _search(self._possible_terms(theme, "except", text_bits), folded)
                needs_context = bool(self._other_terms[theme, "context"])
                if needs_context and any(hit.role != "core" for hit in hits):
                    hits += islice(_search(self._possible_terms(theme, "context", text_bits), folded), 1)
                evidence += select_evidence(hits, needs_context=needs_context)
        return evidence

    def count_against(self, text: str, theme: str) -> int:
        """Return how many terms of the contexts against a theme a text has."""
        text_bits, folded = self._text_bits(text), fold(text)
        return len({hit.term for hit in _search(self._possible_terms(theme, "against", text_bits), folded)})

    def _text_bits(self, text: str) -> int:
        return reduce(or_, filter(None, map(self._bits_of, text.split())), 0)

    def _candidates(self, text_bits: int) -> dict[str, list[_Term]]:
        """Return, by theme, the terms of evidence that a text may contain and that could count in it."""
        candidates: dict[str, dict[str, _Term]] = defaultdict(dict)
        remaining = text_bits & self._evidence_bits
        while remaining:
            bit = remaining & -remaining
            remaining ^= bit
            for term in self._evidence[bit]:
                if all(bits & text_bits for bits in term.required_bits):
                    candidates[term.theme][term.term] = term
        for theme, terms in list(candidates.items()):
            needs_context = self._other_terms[theme, "context"] and all(term.role != "core" for term in terms.values())
            if needs_context and not self._possible_terms(theme, "context", text_bits):
                del candidates[theme]
        return {theme: list(terms.values()) for theme, terms in candidates.items()}

    def _possible_terms(self, theme: str, role: str, text_bits: int) -> list[_Term]:
        """Return the context or except terms of a theme that a text may contain."""
        return [term for term in self._other_terms[theme, role] if all(bits & text_bits for bits in term.required_bits)]

    def _prefilter_bit(self, word: str) -> int:
        """Return the bit of a prefilter word, new if need be, and register how the word may start in a text."""
        self._starts |= {(word + ending)[:3] for ending in (("", "ها", *patterns.ENDINGS) if len(word) < 3 else ("",))}
        return self._bits.setdefault(word, 1 << len(self._bits))

    def _word_bits(self, word: str) -> int:
        """Return the bits that a word of a text sets."""
        bits, folded = 0, fold(word)
        for part in (folded,) if folded.isalnum() else patterns.WORD.findall(folded):
            if part[:3] in self._starts:
                bits |= self._word_bits_from(part, 0)
            if part[0] in self._proclitic_starts:
                for start in range(1, min(patterns.MAX_PROCLITIC_LENGTH, len(part) - 1) + 1):
                    if part[start : start + 3] in self._starts and part[:start] in patterns.PROCLITICS:
                        bits |= self._word_bits_from(part, start)
        return bits

    def _word_bits_from(self, word: str, start: int) -> int:
        """Return the bits of the prefilter words that begin at `start` and have a known ending."""
        bits = 0
        for end in range(min(len(word), start + self._longest), start, -1):
            bit = self._bits.get(word[start:end])
            if bit and (word[end:] in patterns.ENDINGS or word.startswith("ها", end)):
                bits |= bit
        return bits


def _search(terms: Iterable[_Term], folded: str) -> Iterator[Hit]:
    """Yield the hits of terms in a folded text."""
    for theme, role, term, pattern, _ in terms:
        for start, end in pattern.find_spans(folded):
            yield Hit(start, end, theme, role, term)


def select_evidence(hits: list[Hit], *, needs_context: bool) -> list[Hit]:
    """Select the hits of one theme in one text that count as evidence; of overlapping hits the longest.

    If the theme needs a context that the text lacks, only core terms count, and supporting terms together with one.
    """
    taken = [(hit.start, hit.end) for hit in hits if hit.role == "except"]
    has_context = not needs_context or any(hit.role == "context" for hit in hits)
    best: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start, hit.role, hit.term)):
        if hit.role not in EVIDENCE_ROLES or (hit.role == "ambiguous" and not has_context):
            continue
        if not any(hit.start < end and start < hit.end for start, end in taken):
            best.append(hit)
            taken.append((hit.start, hit.end))
    return sorted(best) if has_context or any(hit.role == "core" for hit in best) else []


def _anchor_word(term: str) -> str:
    """Return the word by which a term is looked up: the last, in which terms differ most, or if short the longest."""
    words = content_words(term)
    return words[-1] if len(fold(words[-1])) > 3 else max(words, key=lambda word: len(fold(word)))


def _prefilter_words(word: str, lang: str) -> list[str]:
    """Return words of which one, possibly inflected, is in every text that contains a given word of a term.

    A Persian word with a half-space may be written as one word or as several; of these the longest is taken.
    """
    if lang == "ar":
        stem = patterns.WORD.findall(fold(word))[0]
        bare = stem[2:] if stem.startswith("ال") and len(stem) > 4 else stem
        in_teh = bare.endswith("ه") and len(bare) > 1
        return [bare, f"{bare[:-1]}ت", f"{bare[:-1]}ات"] if in_teh else [bare]
    parts = [part for part in map(fold, word.split(ZWNJ)) if part]
    if len(parts) < 3:
        return sorted({patterns.WORD.findall(part)[0] for part in ("".join(parts), max(parts, key=len))})
    return ["".join(parts[:end]) for end in range(1, len(parts) + 1)]
