"""Regular expressions for the terms of a theme file, with the inflections of both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from topiclib.text import fold
from topiclib.text.letters import ZWNJ

WORD = re.compile(r"\w+")

# In folded letters: prefixes of an Arabic word (conjunction, preposition, article), and those that end in the article.
_PARTICLES = [a + b for a in ("", "و", "ف") for b in ("", "ب", "ک", "ل")]
_WITH_ARTICLE = frozenset([*(bare + "ال" for bare in _PARTICLES if bare[-1:] != "ل"), "لل", "ولل", "فلل"])
PROCLITICS = frozenset([*_PARTICLES, *(bare + "ال" for bare in _PARTICLES), *_WITH_ARTICLE])
MAX_PROCLITIC_LENGTH = max(map(len, PROCLITICS))

GAP = "…"  # in a term: up to `MAX_GAP` words may stand here
MAX_GAP = 2
MIN_INFLECTED = 4  # a shorter word with an ending is often another word: ضم, ضمان

# Arabic endings: pronouns; for words of four letters or more the accusative, plurals and duals; and what may follow the
# stem of a word in ة.
_PRONOUN = "ها|هم|هما|هن|ه|نا|کم"
_NUMBER = "ا|ات|ان|ین|ون"
_IN_TEH = rf"(?:ه(?:{_PRONOUN})?|ت(?:{_PRONOUN}|ین|ان|ی)?|ات(?:{_PRONOUN})?)"
# Persian plurals and possessives.
_PLURAL = r"\s?ها(?:ی|یی|ست|ی?م|ی?ت|ی?ش|ی?شان|ی?مان|ی?تان)?"
_PERSIAN = "ی|یی|ش|اش|شان|مان|تان|ست|ات|ان"
ENDINGS = frozenset(["", "ای", *f"{_PRONOUN}|{_NUMBER}|ی|{_PERSIAN}".split("|")])


class TermPattern(NamedTuple):
    """The pattern of a term in folded text, and the prefixes that its first word may have.

    Prefixes are checked separately, because `re` is ten times as fast if a pattern begins with a literal.
    """

    body: re.Pattern[str]
    prefixes: frozenset[str]

    def find_spans(self, folded: str) -> Iterator[tuple[int, int]]:
        """Yield the spans of the term, including proclitics."""
        position = 0
        while match := self.body.search(folded, position):
            start = end = match.start()
            while start and end - start <= MAX_PROCLITIC_LENGTH and WORD.match(folded[start - 1]):
                start -= 1
            is_term = folded[start:end] in self.prefixes
            if is_term:
                yield start, match.end()
            position = match.end() if is_term else end + 1


@lru_cache(maxsize=10_000)
def term_pattern(term: str, lang: str) -> TermPattern:
    """Return the pattern of a term in folded text, where a half-space may be written as a space or omitted.

    The pattern has no nested quantifiers, so matching takes time linear in the length of the text.
    """
    word_pattern = _arabic_word_pattern if lang == "ar" else _persian_word_pattern
    first, *others = term.split()
    prefixes, body = word_pattern(first)
    for word in others:
        if word == GAP:
            body += rf"(?:\s+\w+){{0,{MAX_GAP}}}"  # a space ends each word, so there is one way to match
            continue
        before, pattern = word_pattern(word)
        body += rf"\s+(?:{'|'.join(sorted(before, key=len, reverse=True))}){pattern}"
    return TermPattern(re.compile(rf"{body}(?!\w)"), prefixes)


def _arabic_word_pattern(word: str) -> tuple[frozenset[str], str]:
    """Return the prefixes that a word of a term may have, and its pattern."""
    stem = fold(word)
    has_article = stem.startswith("ال") and len(stem) > 4
    prefixes = _WITH_ARTICLE if has_article else PROCLITICS
    stem = stem[2:] if has_article else stem
    if stem.endswith("ه") and len(stem) > 1:  # ة, or a ه that may be written for it
        return prefixes, re.escape(stem[:-1]) + _IN_TEH
    endings = _PRONOUN if has_article or stem.endswith("ا") else rf"{_PRONOUN}|ا"
    if len(stem) >= MIN_INFLECTED:
        endings = rf"{_PRONOUN}|{_NUMBER}"
    return prefixes, re.escape(stem) + (f"(?:{endings})?" if stem[-1].isalpha() else "")


def _persian_word_pattern(word: str) -> tuple[frozenset[str], str]:
    """Return the prefixes that a word of a term may have (none), and its pattern."""
    prefixes = frozenset([""])
    body = r"\s?".join(map(re.escape, filter(None, map(fold, word.split(ZWNJ)))))
    if not body[-1].isalpha():
        return prefixes, body
    if len(fold(word)) < 5:  # a short word with an ending is often another word: ریاض, ریاضی
        return prefixes, rf"{body}(?:{_PLURAL})?"
    return prefixes, body + rf"(?:{_PLURAL}|\s?ای|{_PERSIAN})?"


def content_words(term: str) -> list[str]:
    """Return the words of a term that contain a letter or a digit."""
    return [word for word in term.split() if WORD.search(fold(word))]
