"""Tokenize Persian and Arabic text into lemmas for c-TF-IDF.

A lemma stands for all forms of a word; a surface form is the word as written, without Arabic proclitics.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from topiclib.text.half_spaces import arabic_lemmas, persian_dictionary
from topiclib.text.letters import ZWNJ
from topiclib.text.stopwords import PROPER_NAMES, stop_words

MAX_TOKEN_LENGTH = 60  # a token of this length or more is not a word
MAX_CACHED_TOKENS = 300_000

Token = tuple[str, str]  # (lemma, surface)

_NO_TOKEN: Token = ("", "")  # a word that cannot describe a topic

# Half-spaces are part of a word.
_TOKEN = re.compile(f"[A-Za-zÀ-ɏء-غف-يٱ-ۓە{ZWNJ}]+")
_DIACRITICS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0640]")
_PERSIAN_LETTER = re.compile("[پچژگکی]")
_ARABIC_LETTER = re.compile("[يكةىإ]|^(?:[وف]?[بكل]?ال|أ|لل|وأ|بأ|لأ)")

_PERSIAN_SUFFIX = re.compile(f"{ZWNJ}(?:ها.*|ای|ام|ات|اش|اند|ایم|اید|است|شان|تان|مان|تر|ترین|ی)$")
_PERSIAN_VERB = re.compile(f"(?:بر|در|باز|فرا|فرو|وا)?ن?می{ZWNJ}")
_PERSIAN_ENDING = re.compile("(?:هایی|های|ها|مان|شان|تان|ی)$")

_ARTICLE = re.compile("^[وف]?(?:[بك]?ال|لل)(?=..)")
_CONJUNCTION = re.compile("^[وف](?=..)")
_PROCLITIC = re.compile("^(?:[وف][بلكس]?|[بلكس])(?=..)")
_ENCLITIC = re.compile("(?<=..)(?:ها|هم|هما|هن|نا|كم|ه|ي|ك)$")


class _Readings(NamedTuple):
    """A word as a token of each language, and its language if the letters decide it (else "")."""

    lang: str
    persian: Token
    arabic: Token


def tokenize(text: str) -> list[Token]:
    """Return the words of a text that can describe a topic, with their lemmas.

    Stop words of both languages, Persian verbs with می, numbers and single letters are left out. A word that either
    language may have is read in the language of the last word that only one has, so a text may switch languages.

    Parameters
    ----------
    text
        Normalized text, in either language or both.

    Returns
    -------
    list of (lemma, surface)
        In text order.
    """
    text = _DIACRITICS.sub("", text)
    if " عبد " in text:  # the first half of a name (عبد الله), of which both halves are one word
        text = text.replace(" عبد ", f" عبد{ZWNJ}")
    words = list(map(_CACHE.__getitem__, _TOKEN.findall(text)))
    current = next((word.lang for word in words if word.lang), "fa")
    tokens = []
    for lang, persian, arabic in words:
        current = lang or current
        token = arabic if current == "ar" else persian
        if token is not _NO_TOKEN:
            tokens.append(token)
    return tokens


def analyze(text: str) -> list[str]:
    """Return the lemmas of a text: the `analyzer` of BERTopic's CountVectorizer.

    It takes no language, since BERTopic joins a topic's documents, of both languages, into one.
    """
    return [lemma for lemma, _ in tokenize(text)]


def commonest_form(counts: Mapping[str, int]) -> str:
    """Return the most frequent form of a word; ties go to the first in code point order."""
    return min(counts, key=lambda form: (-counts[form], form))


class _ReadingCache(dict[str, _Readings]):
    """A cache of `_read_token`; `functools.lru_cache` takes twice as long."""

    def __missing__(self, token: str) -> _Readings:
        if len(token) >= MAX_TOKEN_LENGTH:
            return _Readings("", _NO_TOKEN, _NO_TOKEN)
        if len(self) >= MAX_CACHED_TOKENS:
            self.clear()
        return self.setdefault(token, _read_token(token))


_CACHE = _ReadingCache()


def _read_token(token: str) -> _Readings:
    word = token.strip(ZWNJ)
    if word.startswith("عبد" + ZWNJ):
        word = word.replace(ZWNJ, " ")
        return _Readings("", (word, word), (word, word))
    if len(word) < 2:
        return _Readings("", _NO_TOKEN, _NO_TOKEN)
    if word[0].isascii() or not "\u0600" <= word[0] <= "\u06ff":
        lower = word.lower()
        reading = _NO_TOKEN if len(lower) < 3 or lower in stop_words("en") else (lower, word)
        return _Readings("", reading, reading)
    if _PERSIAN_LETTER.search(word):
        return _Readings("fa", _read_persian(word), _NO_TOKEN)
    if _ARABIC_LETTER.search(word):
        reading = _read_arabic(word)
        return _Readings("ar", reading, reading)
    return _Readings("", _read_persian(word), _read_arabic(word))


def _read_persian(word: str) -> Token:
    """Look up a Persian word, or else its stem, in the dictionary."""
    if word in PROPER_NAMES:
        return word, word
    plain, stop = word.replace(ZWNJ, ""), stop_words("fa")
    if plain in stop or _PERSIAN_VERB.match(word):
        return _NO_TOKEN
    stem = _PERSIAN_SUFFIX.sub("", word) if ZWNJ in word else word
    lemmas = persian_dictionary().lemmas
    lemma = lemmas.get(word) or lemmas.get(plain) or lemmas.get(stem)
    if not lemma:
        shorter = _PERSIAN_ENDING.sub("", stem)
        lemma = lemmas.get(shorter, stem) if len(shorter) > 3 else stem
    if stem in PROPER_NAMES:
        lemma = stem
    if len(lemma) < 2 or lemma.replace(ZWNJ, "") in stop or stem.replace(ZWNJ, "") in stop:
        return _NO_TOKEN
    return lemma, word


def _read_arabic(word: str) -> Token:
    """Look up an Arabic word with fewer and fewer proclitics, until it is a name or in the dictionary."""
    bare, after_and, short = _ARTICLE.sub("", word), _CONJUNCTION.sub("", word), _PROCLITIC.sub("", word)
    with_article, stop = "ال" + bare if bare != word else short, stop_words("ar")
    if _is_stop_word(word) or (bare != word and (with_article in stop or bare in stop)):
        return _NO_TOKEN
    for name in (word, with_article, bare, after_and, short):
        if name in PROPER_NAMES:
            return name, name
    for form in dict.fromkeys((word, bare, after_and, short)):
        lemma = arabic_lemmas().get(form)
        if lemma and len(form) > 2:
            surface = form if lemma.startswith(("ال", "إل", "أل")) else _ARTICLE.sub("", form)
            return _NO_TOKEN if lemma in stop or _is_stop_word(form) or len(lemma) < 2 else (lemma, surface)
    if short != word and short[0] in "أإآ" and len(short) > 3:
        return short, short
    return (bare, bare) if len(bare) > 2 else _NO_TOKEN


def _is_stop_word(word: str) -> bool:
    """Return whether an Arabic word is a stop word, with or without proclitics and pronouns (ولكنها, لأنه)."""
    stop = stop_words("ar")
    if word in stop or arabic_lemmas().get(word) == word:
        return word in stop
    shorter = {word, _CONJUNCTION.sub("", word), _PROCLITIC.sub("", word)}
    return any(form in stop or _ENCLITIC.sub("", form) in stop for form in shorter)
