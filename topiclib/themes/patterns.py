"""Terms of a theme file to regular expressions, with the inflections of both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from topiclib.text import fold
from topiclib.text.letters import ZWNJ

_WORD = re.compile(r"\w+")

# In folded letters. Before an Arabic word: conjunction, preposition and article, or those of a word with its article.
_PARTICLES = [a + b for a in ("", "و", "ف") for b in ("", "ب", "ک", "ل")]

_WITH_ARTICLE = frozenset([*(bare + "ال" for bare in _PARTICLES if bare[-1:] != "ل"), "لل", "ولل", "فلل"])

_PROCLITICS = frozenset([*_PARTICLES, *(bare + "ال" for bare in _PARTICLES), *_WITH_ARTICLE])

_PRONOUN = "ها|هم|هما|ه|نا"

_ENDINGS = frozenset(f"|{_PRONOUN}|ا|ین|ان|ی|یی|ای|ش|اش|شان|مان|ست|ات".split("|"))

MAX_PROCLITIC_LENGTH = max(map(len, _PROCLITICS))

_PLURAL = r"\s?ها(?:ی|یی|ست|یش|یشان|یمان)?"


class TermPattern(NamedTuple):
    """What finds a term in folded text: all of it but what may be written before its first word.

    So it begins with letters, for which `re` looks ten times faster than for an optional proclitic.
    """

    body: re.Pattern[str]
    before: frozenset[str]

    def spans(self, folded: str) -> Iterator[tuple[int, int]]:
        """Yield where the term stands, with its proclitics."""
        place = 0
        while found := self.body.search(folded, place):
            start = end = found.start()
            while start and end - start <= MAX_PROCLITIC_LENGTH and _WORD.match(folded[start - 1]):
                start -= 1
            whole = folded[start:end] in self.before
            if whole:
                yield start, found.end()
            place = found.end() if whole else end + 1


@lru_cache(maxsize=10_000)
def term_pattern(term: str, lang: str) -> TermPattern:
    """Return what finds a term in folded text.

    Spaces and half-spaces inside a term may be written either way. It has no repeat inside a repeat, so the time it
    takes grows with the text and no faster.
    """
    words = term.split()
    rule = _arabic_word_pattern if lang == "ar" else _persian_word_pattern
    before, parts = zip(*(rule(word, last=place == len(words) - 1) for place, word in enumerate(words)), strict=True)
    body = parts[0] + "".join(
        rf"\s+{_alternation(some)}{part}" for some, part in zip(before[1:], parts[1:], strict=True)
    )
    return TermPattern(re.compile(rf"{body}(?!\w)"), before[0])


def _alternation(before: frozenset[str]) -> str:
    return f"(?:{'|'.join(sorted(before, key=len, reverse=True))})"


def _arabic_word_pattern(word: str, *, last: bool) -> tuple[frozenset[str], str]:
    """Return what may be written before a word of a term, and the pattern of the word."""
    stem = fold(word)
    has_article = stem.startswith("ال") and len(stem) > 4
    before = _WITH_ARTICLE if has_article else _PROCLITICS
    stem = stem[2:] if has_article else stem
    if word.endswith("ة") and len(stem) > 1:
        return before, rf"{re.escape(stem[:-1])}(?:ه|ت(?:{_PRONOUN}|ین|ان|ی))" if last else re.escape(stem)
    accusative = "" if has_article or stem[-1] in "اه" else "ا"
    after = f"(?:{_PRONOUN}{'|' + accusative if accusative else ''})?" if last else accusative and "ا?"
    return before, re.escape(stem) + (after if stem[-1].isalpha() else "")


def _persian_word_pattern(word: str, *, last: bool) -> tuple[frozenset[str], str]:
    before = frozenset([""])
    body = r"\s?".join(map(re.escape, filter(None, map(fold, word.split(ZWNJ)))))
    if not body[-1].isalpha():
        return before, body
    if len(fold(word)) < 5:  # short words become other words too easily: ریاض, ریاضی
        return before, rf"{body}(?:{_PLURAL})?"
    after = rf"(?:{_PLURAL}|ی|یی|\s?ای|ش|اش|شان|مان|ست|ات)?" if last else rf"(?:{_PLURAL}|ی)?"
    return before, body + after


def _content_words(term: str) -> list[str]:
    """Return the words of a term that have a letter or a digit."""
    return [word for word in term.split() if _WORD.search(fold(word))]
