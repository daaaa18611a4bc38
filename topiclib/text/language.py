"""Identify the language of a text by its letters, its function words and, in close calls, dictionaries."""

import re
import unicodedata
from typing import Literal

from topiclib.text.clean import clean
from topiclib.text.half_spaces import vocabularies
from topiclib.text.letters import COMMON, ZWNJ
from topiclib.text.stopwords import WORD_LISTS

Lang = Literal["fa", "ar", "other"]

# Letters that neither language has: Urdu, Pashto, Sindhi, Sorani, Uyghur. Those for ه occur in both, typed with another
# keyboard, and count only where few function words are known. Not ڤ and ڨ: Arabic spells foreign names with them.
_OTHER_LANGUAGE_LETTERS = re.compile("[ہھەٹڈڑںےۓۂټډړږښڼېۍڅځګڀٿٺڃڄڇڊڌڍڏڙڦڪڱڳڻ۾۽ێۆڕڵۇۈۋڭ]")
_OTHER_SCRIPTS = re.compile("[A-Za-zÀ-ʯͰ-ֿ\u0700-\u1fff\u3040-\ud7ff]+")
_UNUSUAL = re.compile(f"[^ء-غف-ي٠-٩آپچژکگی۰-۹{ZWNJ}{COMMON.replace('a-zA-Z', '')}]+")  # all those above, for one
_WORD = re.compile("[ء-غف-يٱ-ۓەۥۦ]+")
_REMOVED = re.compile("[\u064b-\u0655\u0670ـ\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_PRESENTATION_FORMS = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]+")
_TO_HEH = str.maketrans("ہھە", "ههه")
_UNCLEAN = re.compile(r"[A-Za-zÀ-ÿ&<\\§]")  # if a text has none of these, `clean` changes no letter

# Azerbaijani in Arabic script has no letters of its own: it is recognized by these words and the endings below.
_FUNCTION_WORDS = {
    **dict.fromkeys(WORD_LISTS["azerbaijani"], "azb"),
    **dict.fromkeys(WORD_LISTS["arabic"] - WORD_LISTS["persian"], "ar"),
    **dict.fromkeys(WORD_LISTS["persian"] - WORD_LISTS["arabic"], "fa"),
}

# Function words read from their last letter, as in text whose letters are in visual order (from some PDF tools).
_REVERSED_WORDS = frozenset(word[::-1] for word in _FUNCTION_WORDS) - _FUNCTION_WORDS.keys()
_FREQUENT_REVERSED_WORDS = re.compile(" (?:ة|(?:رد|هک|هب|زا|ار|يف|یف|ىلع) )")

_DEFINITE_ARTICLES = (" ال", " وال", " بال", " لل")

_AZERBAIJANI_SHAPE = re.compile(
    r"(?:\w{2,}(?:لری|لاری|لرین|لارین|لرینی|لارینی|لرینه|لارینا|لردن|لاردان|سینده|سیندا|یندن|یندان|سینین|نینین"
    r"|میشدیر|موشدور|میش|دیلر|یبلار|یبلر|ئدیر|ئدیلیر|ییر|ییب|ماق|مک|لیق|لیک|جاق|جک|سین)"
    r"|\w*(?:ئی|ئت|ئد|ئل|ئر|ئچ|ؤز|ؤر|ؤی|ؤن|ؤل|وْ)\w*|\w+(?:لار|لر|ده|دا|دیر))"
)


def identify_language(text: str) -> Lang:
    """Identify the language of a text, by its first 2,000 characters, as Persian (including Dari), Arabic or other.

    Returns
    -------
    {"fa", "ar", "other"}
        "other" for Urdu, Sorani, Pashto, Sindhi, Uyghur, Azerbaijani, other scripts, and text without letters. Markup,
        broken encodings, presentation forms, reversed letters, and letters of the other language's keyboard (ي and ك
        in Persian, ی and ک in Arabic) do not matter.
    """
    start = text[:2000]
    if _UNCLEAN.search(start):
        start = clean(text) if "<" in start else clean(start)
    return identify_clean(start)


def identify_clean(text: str) -> Lang:
    """Identify the language of a text that is clean (`topiclib.text.clean`)."""
    typed = text[:2000]
    text = _unify_letters(typed)
    words = _WORD.findall(text)
    hints = list(map(_FUNCTION_WORDS.get, words))
    if hints.count(None) > 0.9 * len(words) and is_reversed(text):
        text = text[::-1]
        words = _WORD.findall(text)
        hints = list(map(_FUNCTION_WORDS.get, words))
    letters = sum(map(len, words))
    unusual = "".join(_UNUSUAL.findall(text))
    if letters < 2 or 3 * letters < sum(map(len, _OTHER_SCRIPTS.findall(unusual))):
        return "other"
    foreign = _OTHER_LANGUAGE_LETTERS.findall(unusual)
    if len(foreign) > 0.02 * letters:
        words = [word.translate(_TO_HEH) for word in words]
        hints = list(map(_FUNCTION_WORDS.get, words))
        n_unknown = sum(word not in _FUNCTION_WORDS and not word.startswith("ال") for word in words)
        if sum(letter not in "ہھە" for letter in foreign) > 0.02 * letters or n_unknown > 0.78 * len(words):
            return "other"
    persian = 0.7 * sum(map(text.count, "پچژگ"))
    arabic = 0.7 * sum(map(text.count, "ةأإؤ"))
    persian += hints.count("fa")
    arabic += hints.count("ar") + 0.8 * sum(map(f" {text}".count, _DEFINITE_ARTICLES))
    azerbaijani = float(hints.count("azb"))
    if persian + arabic < 0.4 * len(words):  # otherwise names with such endings would count
        known_persian, known_arabic = vocabularies()
        unknown = set(words) - known_persian - known_arabic
        azerbaijani += 0.7 * sum(map(words.count, filter(_AZERBAIJANI_SHAPE.fullmatch, unknown)))
    if azerbaijani > max(1, persian, arabic) and azerbaijani > 0.1 * len(words):
        return "other"
    # Close calls only: one text in two hundred, and one in eight below 50 characters (docs/decisions/04-text.md).
    if abs(persian - arabic) < 0.15 * (persian + arabic) + 1:
        known_persian, known_arabic = vocabularies()
        persian += sum(word in known_persian and word not in known_arabic for word in words[:200])
        arabic += sum(word in known_arabic and word not in known_persian for word in words[:200])
        # Words of both languages alone, as in a headline: only now the keyboard, which may be that of the other one.
        persian += 0.5 * ("ی" in typed or "ک" in typed)
        arabic += 0.5 * ("ي" in typed or "ك" in typed)
    return "fa" if persian > arabic else "ar"


def decompose_forms(text: str) -> str:
    """Replace the presentation forms of Arabic letters, which PDF tools give, by the letters."""
    if not _PRESENTATION_FORMS.search(text, 0, 500):  # a text from such a tool is full of them
        return text
    return _PRESENTATION_FORMS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)


def _unify_letters(text: str) -> str:
    """Decompose presentation forms, remove diacritics and invisible characters, and write ی and ک on one keyboard."""
    if _UNUSUAL.search(text):
        text = _REMOVED.sub("", decompose_forms(text))
    return text.replace("ي", "ی").replace("ى", "ی").replace("ك", "ک").replace("ۀ", "ه")


def may_be_reversed(text: str) -> bool:
    """Return whether a text has a word of those that reversed text is full of: a quick test before `is_reversed`."""
    return _FREQUENT_REVERSED_WORDS.search(text) is not None


def is_reversed(text: str, *, within_reversed: bool = False) -> bool:
    """Return whether the letters of a text are in visual order, each line beginning with its last letter.

    A text is taken for reversed if it has at least two words that are function words read backwards, and more than
    twice as many as real ones; `within_reversed`, a line of a reversed text, unless its words show the contrary.
    """
    words = _WORD.findall(_unify_letters(text[:2000]))
    forward = sum(word in _FUNCTION_WORDS or word.startswith("ال") for word in words)
    backward = sum(word in _REVERSED_WORDS or word[0] == "ة" for word in words)
    if backward:  # of these, the reversed article, a real text may have some too (مثلا)
        backward += sum(word.endswith("لا") and len(word) > 3 for word in words)
    return backward >= 2 * forward if within_reversed else backward > max(1, 2 * forward)
