"""The words that topics are described by: c-TF-IDF keys, free of language.

A key stands for all forms of a word (its lemma); a surface form is what was met, without the proclitics of Arabic.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from topiclib.text.half_spaces import arabic_lemmas, persian_dictionary
from topiclib.text.letters import ZWNJ
from topiclib.text.stopwords import PROPER_NAMES, stop_words

MAX_TOKEN_LENGTH = 60
"""Letters from which on a token is no word."""

MAX_CACHED_TOKENS = 300_000

Token = tuple[str, str]  # (key, surface); ("", "") for a word that says nothing

_NO_TOKEN: Token = ("", "")

# A word goes on through half-spaces.
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
    """What a token may be: in a text of either language, and which of them its letters give away ("" for none)."""

    lang: str
    persian: Token
    arabic: Token


def tokenize(text: str) -> list[Token]:
    """List the words of a text that can describe a topic.

    Stop words of both languages, finite verbs of Persian, numbers and single letters are left out. A word that both
    languages could write is read in the language of the word before it, so a text may change its language on the way.

    Parameters
    ----------
    text
        Normalized text, in either language or both.

    Returns
    -------
    list of (key, surface)
        In the order of the text.
    """
    text = _DIACRITICS.sub("", text)
    if " عبد " in text:
        text = text.replace(" عبد ", f" عبد{ZWNJ}")
    words = list(map(_CACHE.__getitem__, _TOKEN.findall(text)))
    language = next((word.lang for word in words if word.lang), "fa")
    pairs = []
    for lang, persian, arabic in words:
        language = lang or language
        pair = arabic if language == "ar" else persian
        if pair is not _NO_TOKEN:
            pairs.append(pair)
    return pairs


def analyze(text: str) -> list[str]:
    """List the keys of a text's words: the `analyzer` of BERTopic's CountVectorizer.

    It needs no language, since BERTopic joins the documents of a topic, of both languages, into one.
    """
    return [key for key, _ in tokenize(text)]


def commonest_form(counts: Mapping[str, int]) -> str:
    """Return the form that a word has most often; of several the first in the alphabet, whatever order they came in."""
    return min(counts, key=lambda form: (-counts[form], form))


class _ReadingCache(dict[str, _Readings]):
    """What was said of the tokens met so far: `functools.lru_cache` would take twice the time to remember it."""

    def __missing__(self, token: str) -> _Readings:
        if len(token) >= MAX_TOKEN_LENGTH:
            return _Readings("", _NO_TOKEN, _NO_TOKEN)
        if len(self) >= MAX_CACHED_TOKENS:
            self.clear()
        return self.setdefault(token, _read_token(token))


_CACHE = _ReadingCache()


def _read_token(token: str) -> _Readings:
    word = token.strip(ZWNJ)
    if word.startswith("عبد" + ZWNJ):  # عبد goes with the name after it
        word = word.replace(ZWNJ, " ")
        return _Readings("", (word, word), (word, word))
    if len(word) < 2:
        return _Readings("", _NO_TOKEN, _NO_TOKEN)
    if word[0].isascii() or not "\u0600" <= word[0] <= "\u06ff":
        lower = word.lower()
        pair = _NO_TOKEN if len(lower) < 3 or lower in stop_words("en") else (lower, word)
        return _Readings("", pair, pair)
    if _PERSIAN_LETTER.search(word):
        return _Readings("fa", _read_persian(word), _NO_TOKEN)
    if _ARABIC_LETTER.search(word):
        pair = _read_arabic(word)
        return _Readings("ar", pair, pair)
    return _Readings("", _read_persian(word), _read_arabic(word))


def _read_persian(word: str) -> Token:
    """Read a Persian word: the dictionary's lemma of the form, or else of its stem."""
    if word in PROPER_NAMES:
        return word, word
    plain = word.replace(ZWNJ, "")
    if plain in stop_words("fa") or _PERSIAN_VERB.match(word):
        return _NO_TOKEN
    stem = _PERSIAN_SUFFIX.sub("", word) if ZWNJ in word else word
    lemmas = persian_dictionary().lemmas
    key = lemmas.get(word) or lemmas.get(plain) or lemmas.get(stem)
    if not key:
        shorter = _PERSIAN_ENDING.sub("", stem)
        key = lemmas.get(shorter, stem) if len(shorter) > 3 else stem
    if stem in PROPER_NAMES:
        key = stem
    if len(key) < 2 or key.replace(ZWNJ, "") in stop_words("fa") or stem.replace(ZWNJ, "") in stop_words("fa"):
        return _NO_TOKEN
    return key, word


def _read_arabic(word: str) -> Token:
    """Read an Arabic word: the first reading, with fewer and fewer proclitics, that is a name or in the dictionary."""
    bare = _ARTICLE.sub("", word)
    after_and, short = _CONJUNCTION.sub("", word), _PROCLITIC.sub("", word)
    whole = "ال" + bare if bare != word else short
    if _is_stop_word(word) or (bare != word and (whole in stop_words("ar") or bare in stop_words("ar"))):
        return _NO_TOKEN
    for name in (word, whole, bare, after_and, short):
        if name in PROPER_NAMES:
            return name, name
    lemmas = arabic_lemmas()
    for form in dict.fromkeys((word, bare, after_and, short)):
        lemma = lemmas.get(form)
        if lemma and len(form) > 2:
            surface = form if lemma.startswith(("ال", "إل", "أل")) else _ARTICLE.sub("", form)
            return _NO_TOKEN if lemma in stop_words("ar") or _is_stop_word(form) or len(lemma) < 2 else (lemma, surface)
    if short != word and short[0] in "أإآ" and len(short) > 3:
        return short, short
    return (bare, bare) if len(bare) > 2 else _NO_TOKEN


def _is_stop_word(word: str) -> bool:
    """Say whether a word is a stop word, alone or with a proclitic and a pronoun on it (ولكنها, لأنه)."""
    stop = stop_words("ar")
    if word in stop or arabic_lemmas().get(word) == word:
        return word in stop
    shorter = {word, _CONJUNCTION.sub("", word), _PROCLITIC.sub("", word)}
    return any(form in stop or _ENCLITIC.sub("", form) in stop for form in shorter)
