"""Tokenize Persian and Arabic text into lemmas for c-TF-IDF.

A lemma stands for all forms and spellings of a word; a surface form is the word as written, without Arabic proclitics.
What a single word does not show (بايدن is a name, لندن in بلندن another) is decided from the counts of a corpus.
"""

import functools
import re
from collections import Counter
from collections.abc import Mapping

from topiclib.text.arabic_words import ARTICLE, NO_TOKEN, PREFIXES, TEH_OR_HEH, Token, is_known, read_arabic
from topiclib.text.half_spaces import persian_dictionary
from topiclib.text.letters import MAX_CACHED_LENGTH, ZWNJ, WordCache
from topiclib.text.stopwords import PROPER_NAMES, stop_words

MAX_CACHED_TOKENS = 300_000

# Half-spaces are part of a word.
_TOKEN = re.compile(f"[A-Za-zÀ-ɏء-غف-يٱ-ۓە{ZWNJ}]+")
_DIACRITICS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0640]")
_PERSIAN_LETTER = re.compile("[پچژگکی]")
_ARABIC_LETTER = re.compile("[يكةىإ]|^(?:[وف]?[بكل]?ال|أ|لل|وأ|بأ|لأ)")

_PERSIAN_SUFFIX = re.compile(f"{ZWNJ}(?:ها.*|ای|ام|ات|اش|اند|ایم|اید|است|شان|تان|مان|تر|ترین|ی)$")
_PERSIAN_VERB = re.compile(f"(?:بر|در|باز|فرا|فرو|وا)?ن?می{ZWNJ}")
_PERSIAN_ENDING = re.compile("(?:هایی|های|ها|مان|شان|تان|ی)$")

_NAME_ARTICLE = re.compile("^ال(?=...)")
_NAME_ENDING = re.compile("(?<=...)(?:يات|ية|يون|يين|يا|يه|ي|ا|یایی|ایی|یان|یه|یها|ی)$")
_FEMININE_ADJECTIVE = re.compile("(..ي)ة$")
_FINAL_HEH = re.compile(r"(?<=\w\w)ه(?!\w)")
_HEH_FOR_TEH = re.compile(r"(?<!\w)[وف]?[بك]?ال[ء-ي]{2,}[^ا]ه(?!\w)")


class _Word:
    """A word as a token of each language, read when it is first needed, and its language if the letters decide it."""

    def __init__(self, word: str, lang: str = "", token: Token | None = None) -> None:
        self.word, self.lang, self.token = word, lang, token

    @functools.cached_property
    def arabic(self) -> Token:
        return self.token or read_arabic(self.word)

    @functools.cached_property
    def persian(self) -> Token:
        return self.token or _read_persian(self.word.replace(TEH_OR_HEH, "ه"))


def tokenize(text: str) -> list[Token]:
    """Return the words of a text that can describe a topic, with their lemmas.

    Stop words of both languages, Persian verbs with می, numbers and single letters are left out. A word that either
    language may have is read in the language of the last word that only one has, so a text, which is normalized, may
    switch languages.

    Returns
    -------
    list of (lemma, surface)
        In text order.
    """
    text = _DIACRITICS.sub("", text)
    if " عبد " in text:  # the first half of a name (عبد الله), of which both halves are one word
        text = text.replace(" عبد ", f" عبد{ZWNJ}")
    if "ة" not in text and ("ي" in text or "ى" in text) and _HEH_FOR_TEH.search(text):
        text = _FINAL_HEH.sub(TEH_OR_HEH, text)  # شركه is شركة here, and not شرك with a pronoun
    words = list(map(_CACHE.__getitem__, _TOKEN.findall(text)))
    current = next((word.lang for word in words if word.lang), "fa")
    tokens = []
    for word in words:
        current = word.lang or current
        token = word.arabic if current == "ar" else word.persian
        if token is not NO_TOKEN:
            tokens.append(token)
    return tokens


def analyze(text: str) -> list[str]:
    """Return the lemmas of a text, whose languages may be mixed: the `analyzer` of BERTopic's CountVectorizer."""
    return [lemma for lemma, _ in tokenize(text)]


def shown_words(forms: Mapping[str, Mapping[str, int]], lang: str) -> dict[str, str]:
    """Return the word that each lemma of a corpus is shown as; lemmas shown alike are one word.

    A lemma is shown in its most frequent form, ties in code point order. In Arabic, a form with a prefix counts as the
    form without it, and an unknown word as the one without its first letter, if the corpus has that one as often.
    `forms` has the number of occurrences of each form, by lemma.
    """
    shown: dict[str, str] = {}
    sizes: Counter[str] = Counter()
    for lemma, counts in forms.items():
        merged = Counter(counts)
        for form in sorted(counts, key=len, reverse=True) if lang == "ar" and len(merged) > 1 else ():
            for shorter in (form[1:], "ال" + form[2:], ARTICLE.sub("", form)):
                if form[0] in PREFIXES and shorter in merged and form in merged and shorter != form:
                    merged[shorter] += merged.pop(form)
        shown[lemma] = min(merged, key=lambda form: (-merged[form], form))
        sizes[lemma] = sum(counts.values())
    if lang == "ar":
        for lemma in sorted(forms, key=len):  # the shorter first: وبايدن is shown as بايدن is
            shorter = lemma[1:]
            if lemma[0] in PREFIXES and sizes[shorter] >= sizes[lemma] and not is_known(lemma):
                shown[lemma] = shown[shorter]
    return shown


def word_family(word: str) -> str:
    """Return what a name and its adjectives have in common (روسيا, روسي, روسية); of other words the word."""
    word = word.replace(ZWNJ, "")
    stem = _NAME_ENDING.sub("", _NAME_ARTICLE.sub("", word))
    return stem if stem in _name_stems() else _FEMININE_ADJECTIVE.sub(r"\1", word)


@functools.cache
def _name_stems() -> frozenset[str]:
    return frozenset(_NAME_ENDING.sub("", _NAME_ARTICLE.sub("", name)) for name in PROPER_NAMES)


def _make_word(token: str) -> _Word:
    word = token.strip(ZWNJ)
    if len(token) >= MAX_CACHED_LENGTH or len(word) < 2:
        return _Word("", token=NO_TOKEN)
    if word.startswith("عبد" + ZWNJ):
        word = word.replace(ZWNJ, " ").replace(TEH_OR_HEH, "ه")
        return _Word(word, token=(word, word))
    if not "\u0600" <= word[0] <= "\u06ff":
        lower = word.lower()
        return _Word(word, token=NO_TOKEN if len(lower) < 3 or lower in stop_words("en") else (lower, word))
    return _Word(word, "fa" if _PERSIAN_LETTER.search(word) else "ar" if _ARABIC_LETTER.search(word) else "")


_CACHE = WordCache(_make_word, MAX_CACHED_TOKENS)


def _read_persian(word: str) -> Token:
    """Look up a Persian word, or else its stem, in the dictionary."""
    if word in PROPER_NAMES:
        return word, word
    plain, stop = word.replace(ZWNJ, ""), stop_words("fa")
    if plain in stop or _PERSIAN_VERB.match(word):
        return NO_TOKEN
    stem = _PERSIAN_SUFFIX.sub("", word) if ZWNJ in word else word
    lemmas = persian_dictionary().lemmas
    lemma = lemmas.get(word) or lemmas.get(plain) or lemmas.get(stem)
    if not lemma:
        shorter = _PERSIAN_ENDING.sub("", stem)
        lemma = lemmas.get(shorter, stem) if len(shorter) > 3 else stem
    if stem in PROPER_NAMES:
        lemma = stem
    if len(lemma) < 2 or lemma.replace(ZWNJ, "") in stop or stem.replace(ZWNJ, "") in stop:
        return NO_TOKEN
    return lemma, word
