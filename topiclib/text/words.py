"""The words that topics are described by: c-TF-IDF keys, free of language."""

import functools
import re

from .lexicon import dictionary
from .stopwords import NEWS, PROTECTED

ZWNJ = "\u200c"
_TOKEN = re.compile(r"[^\W\d_]+(?:[\u200c\u064b-\u065f\u0670]+[^\W\d_]+)*[\u064b-\u0652]*")
_MARKS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0640]")
_PERSIAN_LETTER = re.compile("[پچژگکی]")
_ARABIC_LETTER = re.compile("[يكةىأإؤ]")
_SUFFIX = re.compile(f"{ZWNJ}(?:ها|های|هایی|هایم|هایت|هایش|هایمان|هایشان|ای|ام|اش|اند|تر|ترین|ی)$")
_PROCLITIC = re.compile("^(?:[وف]?(?:[بك]?ال|لل)|[وف][بلك]?|[بلك])(?=.{3})")


@functools.cache
def _arabic() -> dict[str, str]:
    from simplemma.strategies.dictionaries.dictionary_factory import DEFAULT_DICTIONARY_FACTORY

    return dict(DEFAULT_DICTIONARY_FACTORY.get_dictionary("ar").items())


@functools.cache
def _stop_words() -> frozenset[str]:
    import stopwordsiso

    words = {word.replace(ZWNJ, "") for word in stopwordsiso.stopwords(["fa", "ar", "en"])}
    return frozenset((words | NEWS) - PROTECTED)


@functools.lru_cache(maxsize=200_000)
def _read(token: str) -> tuple[str, str]:
    """Return the key and the surface form of a token; ("", "") for one that says nothing."""
    surface = _MARKS.sub("", token)
    if len(surface) < 2:
        return "", ""
    if surface.isascii():
        surface = surface.lower()
        return ("", "") if len(surface) < 3 or surface in _stop_words() else (surface, surface)
    if surface in PROTECTED:
        return surface, surface
    arabic = bool(_ARABIC_LETTER.search(surface)) or (surface.startswith("ال") and not _PERSIAN_LETTER.search(surface))
    key, surface = _read_arabic(surface) if arabic else _read_persian(surface)
    stop = _stop_words()
    if len(key) < 2 or key.replace(ZWNJ, "") in stop or surface.replace(ZWNJ, "") in stop or token.replace(ZWNJ, "") in stop:
        return "", ""
    return key, surface


def _read_persian(word: str) -> tuple[str, str]:
    lemmas = dictionary().lemmas
    stem = _SUFFIX.sub("", word)
    key = lemmas.get(word) or lemmas.get(stem) or stem
    return key, word


def _read_arabic(word: str) -> tuple[str, str]:
    lemmas = _arabic()
    for form in (word, _PROCLITIC.sub("", word)):
        if form in PROTECTED:
            return form, form
        if form in lemmas:
            return lemmas[form], form.removeprefix("ال")
    return form, form


def tokens(text: str) -> list[tuple[str, str]]:
    """List the words of a text that can describe a topic, each as (key, surface).

    The key is the lemma, one for all forms of a word; the surface is the form met, without proclitics. Stop words of both
    languages, numbers and single letters are left out.
    """
    return [pair for pair in map(_read, _TOKEN.findall(text)) if pair[0]]


def analyze(text: str) -> list[str]:
    """List the keys of a text's words: the `analyzer` of BERTopic's CountVectorizer.

    It needs no language, since BERTopic joins the documents of a topic, of both languages, into one.
    """
    return [key for key, _ in tokens(text)]
