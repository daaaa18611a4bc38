"""Tokenize Persian and Arabic text into lemmas for c-TF-IDF.

A lemma stands for all forms and spellings of a word; a surface form is the word as written, without Arabic proclitics.
What a single word does not show (بايدن is a name, لندن in بلندن another) is decided from the counts of a corpus.
"""

import functools
import re
from collections import Counter
from collections.abc import Iterable, Mapping
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
_PRONOUN = re.compile("(?<=...)(?:هما|ها|هم|هن|نا|كم|ه)$")
# A noun may end otherwise before a pronoun: زيارتها is زيارة, أبنائه is أبناء, مستواه is مستوى.
_NOUN_ENDINGS = (("", ""), ("ت", "ة"), ("ائ", "اء"), ("اؤ", "اء"), ("ا", "ى"))
_NAME_ARTICLE = re.compile("^ال(?=...)")
_NAME_ENDING = re.compile("(?<=...)(?:يات|ية|يون|يين|يا|يه|ي|ا|یایی|ایی|یان|یه|یها|ی)$")
_FEMININE_ADJECTIVE = re.compile("(..ي)ة$")
_PREFIXES = "وفبلكس"
_FINAL_HEH = re.compile(r"(?<=\w\w)ه(?!\w)")
_HEH_FOR_TEH = re.compile(r"(?<!\w)[وف]?[بك]?ال[ء-ي]{2,}[^ا]ه(?!\w)")

# Spellings of one word: hamza, dots of yeh and teh marbuta are often left out.
_SPELLING = str.maketrans({**dict.fromkeys("أإآٱ", "ا"), "ى": "ي", "ؤ": "و", "ئ": "ي", "ء": "", "ة": "ه"})
_UNDOTTED_KEY = str.maketrans({**dict.fromkeys("أإآٱ", "ا"), "ى": "ي"})


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
    if "ة" not in text and ("ي" in text or "ى" in text) and _HEH_FOR_TEH.search(text):  # شركه is شركة here, and not شرك with a pronoun
        text = _FINAL_HEH.sub("ۃ", text)
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


def shown_words(forms: Mapping[str, Mapping[str, int]], lang: str) -> dict[str, str]:
    """Return the word that each lemma of a corpus is shown as; lemmas shown alike are one word.

    A lemma is shown in its most frequent form, ties in code point order. In Arabic, a form with a prefix counts as the
    form without it, and an unknown word as the one without its first letter, if the corpus has that one as often.

    Parameters
    ----------
    forms
        The number of occurrences of each form, by lemma.
    lang
        Language of the words.
    """
    shown, sizes = {}, Counter()
    for lemma, counts in forms.items():
        merged = Counter(counts)
        for form in sorted(counts, key=len, reverse=True) if lang == "ar" and len(merged) > 1 else ():
            for shorter in (form[1:], "ال" + form[2:], _ARTICLE.sub("", form)):
                if form[0] in _PREFIXES and shorter in merged and form in merged and shorter != form:
                    merged[shorter] += merged.pop(form)
        shown[lemma] = min(merged, key=lambda form: (-merged[form], form))
        sizes[lemma] = sum(counts.values())
    if lang == "ar":
        for lemma in sorted(forms, key=len):  # the shorter first: وبايدن is shown as بايدن is
            shorter = lemma[1:]
            if lemma[0] in _PREFIXES and sizes[shorter] >= sizes[lemma] and not _is_known(lemma):
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
        word = word.replace(ZWNJ, " ").replace("ۃ", "ه")
        return _Readings("", (word, word), (word, word))
    if len(word) < 2:
        return _Readings("", _NO_TOKEN, _NO_TOKEN)
    if word[0].isascii() or not "\u0600" <= word[0] <= "\u06ff":
        lower = word.lower()
        reading = _NO_TOKEN if len(lower) < 3 or lower in stop_words("en") else (lower, word)
        return _Readings("", reading, reading)
    persian = word.replace("ۃ", "ه")
    if _PERSIAN_LETTER.search(word):
        return _Readings("fa", _read_persian(persian), _NO_TOKEN)
    arabic = _read_arabic(persian)
    if persian != word and not _is_stop_word(persian):
        with_teh = _read_arabic(word[:-1] + "ة")
        arabic = with_teh if with_teh is _NO_TOKEN or _is_known(with_teh[0]) else arabic
    if _ARABIC_LETTER.search(word):
        return _Readings("ar", arabic, arabic)
    return _Readings("", _read_persian(persian), arabic)


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
    """Look up an Arabic word with fewer and fewer proclitics, then without its pronoun."""
    bare, after_and, short = _ARTICLE.sub("", word), _CONJUNCTION.sub("", word), _PROCLITIC.sub("", word)
    has_article, stop = bare != word, stop_words("ar")
    with_article = "ال" + bare if has_article else short
    if _is_stop_word(word) or (has_article and (with_article in stop or bare in stop)):
        return _NO_TOKEN
    for form in (word, with_article, bare, after_and, short):
        if (name := _respell(form)) in PROPER_NAMES:
            return name, name
    forms = dict.fromkeys((word, bare, after_and, short))
    stem = _without_pronoun([word]) if word.endswith("ه") and word not in arabic_lemmas() and not has_article else ""
    if _is_noun(stem):
        return _read_known(stem)  # كتابه is "his book", though كتابة may be written so
    for form in forms:
        # A letter is cut off only before a noun: ايدن is a verb, so بايدن is a name.
        known = _respell(form)
        if has_article and form.endswith("ى") and not _is_noun(known):
            known = _respell(f"{form[:-1]}ي")  # النادى is النادي: نادى is a verb
        if has_article and form == word and not known.startswith("ال"):
            continue  # اليمين is يمين, not أليمين
        if len(form) > 2 and known in arabic_lemmas() and (form in (word, bare) or _is_noun(known)):
            token = _read_known(known)
            is_doubtful = has_article and word[0] in "فك" and token is not _NO_TOKEN  # فالنسيا
            return (token[0], word) if is_doubtful else token
    if not has_article and (stem := _without_pronoun(forms)):
        return _read_known(stem)
    if short != word and short[0] in "أإآ" and len(short) > 3:
        bare = word = short
    bare = word if len(bare) < 3 and bare not in arabic_lemmas() else bare  # والتر is a name
    return (_spelling_key(bare), word) if len(bare) > 2 else _NO_TOKEN


def _without_pronoun(forms: Iterable[str]) -> str:
    """Return the first form of the dictionary that one of these forms is with a pronoun (منتخبنا), or ""."""
    for form in forms:
        stem = _PRONOUN.sub("", form)
        for ending, full in _NOUN_ENDINGS if stem != form else ():
            known = _respell(stem.removesuffix(ending) + full) if stem.endswith(ending) else ""
            if len(known) > 2 and known in arabic_lemmas() and (_is_noun(known) or _is_verb(known)):
                return known
    return ""


def _read_known(form: str) -> Token:
    """Return the token of a form that is in the dictionary; finite verbs describe no topic."""
    lemma = arabic_lemmas()[form]
    if _is_verb(form) or _is_stop_word(form) or lemma in stop_words("ar") or len(lemma) < 2:
        return _NO_TOKEN
    lemma = _respell(lemma)
    return lemma, form if lemma.startswith(("ال", "إل", "أل")) else _ARTICLE.sub("", form)


def _is_known(word: str) -> bool:
    return word in PROPER_NAMES or word in arabic_lemmas()


@functools.lru_cache(MAX_CACHED_TOKENS)
def _respell(word: str) -> str:
    """Return the usual spelling of a word in which hamza, dots or teh marbuta may be missing."""
    spellings = _spellings().get(word.translate(_SPELLING), word).split()
    if spellings == [word]:
        return word
    usual = min(spellings, key=_spelling_rank)
    if word not in spellings:
        return usual if usual in PROPER_NAMES or usual in stop_words("ar") or _is_noun(usual) else word
    # Two words may differ in this alone (على and علي, آمن and أمن): only what is missing is added.
    if len(word) != len(usual) or (word[0] == "ا" and _is_lemma(word) and not _is_lemma(usual)):
        return word
    if word.endswith("ى") and usual.endswith("ي") and (not _is_lemma(word) or usual in stop_words("ar")):
        word = f"{word[:-1]}ي"
    return usual if all(a == b or a in "اه" for a, b in zip(word, usual, strict=True)) else word


@functools.cache
def _spellings() -> dict[str, str]:
    """Return all spellings of each known word, joined by spaces, by the word without hamza, dots and teh marbuta."""
    spellings: dict[str, str] = {}
    for word in dict.fromkeys([*PROPER_NAMES, *stop_words("ar"), *arabic_lemmas()]):
        key = word.translate(_SPELLING)
        spellings[key] = f"{spellings[key]} {word}" if key in spellings else word
    return spellings


def _spelling_rank(word: str) -> tuple:
    """Order the spellings of a word: names, stop words, nouns, lemmas; then the fewest marks, but not none."""
    known = word not in PROPER_NAMES, word not in stop_words("ar"), not _is_noun(word)
    bare = word.removeprefix("ال")
    marks = sum(letter in "أإآؤئء" for letter in bare)
    is_rare = (bare[:1] == "آ") != (bare[2:3] == "ا")  # آثار, but أمن
    return *known, not _is_lemma(word), bare[:1] == "ا", marks, is_rare, word


def _is_lemma(word: str) -> bool:
    """Return whether a word, without its article, is its own lemma."""
    return arabic_lemmas().get(word) == _ARTICLE.sub("", word)


def _spelling_key(word: str) -> str:
    """Return the lemma of an unknown word: one for all its spellings."""
    word = word.translate(_UNDOTTED_KEY)
    return f"{word[:-1]}ة" if word.endswith("ه") and len(word) > 3 else word


def _has_form(stem: str, *endings: str) -> bool:
    return any(stem + ending in arabic_lemmas() for ending in endings)


def _is_noun(form: str) -> bool:
    """Return whether a form of the dictionary may be a noun or adjective, by the other forms that it has."""
    if form not in arabic_lemmas() or form.endswith("ة"):
        return bool(form) and form.endswith("ة")
    lemma = arabic_lemmas().get(form, form)
    nouns = {form, lemma} if not form.endswith(("ن", "نا", "تم")) else {form}
    return not _is_verb(form) and any(
        "ال" + noun in arabic_lemmas() or _has_form(noun, "ان", "ين", "ون", "ات", "ة", "ية") for noun in nouns
    )


def _is_verb(form: str) -> bool:
    """Return whether a form of the dictionary can only be a finite verb (يغرد, تضرب, شاركت), by its other forms."""
    lemmas = arabic_lemmas()
    if form in PROPER_NAMES or "ال" + form in lemmas or _has_form(form, "ة", "ية"):
        return False
    if form[0] in "يت" and all(person + form[1:] in lemmas for person in "يتنأ"):
        return not _has_form(form, "ت" if form[0] == "ت" else "ي")  # تعاونت, يميني
    for ending in ("ت", "وا", ""):
        stem = form.removesuffix(ending)
        # Without an ending, short verbs (رفع) and those in ت (تعاون) may be nouns too, except hollow ones (فاز).
        if stem + ending == form and (ending or (form[0] != "ت" and (len(form) > 3 or form[1:2] == "ا"))):
            if len(stem) > 2 and stem in lemmas and _has_form(stem, "تا"):
                return not _has_form(stem, "ان", "ين", "ون", "ة", "ية")
    return False


def _is_stop_word(word: str) -> bool:
    """Return whether an Arabic word is a stop word, with or without proclitics and pronouns (ولكنها, لأنه)."""
    stop, spelling = stop_words("ar"), _respell(word)
    if word in stop or spelling in stop or arabic_lemmas().get(spelling) == spelling:
        return word in stop or spelling in stop
    shorter = {spelling, _CONJUNCTION.sub("", word), _PROCLITIC.sub("", word)}
    return any(_respell(form) in stop or _ENCLITIC.sub("", form) in stop for form in shorter)
