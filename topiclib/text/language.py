"""Identify the language of a text by its letters, its function words and, in close calls, dictionaries."""

import re
from typing import Literal

from topiclib.text.half_spaces import vocabularies
from topiclib.text.stopwords import WORD_LISTS

Lang = Literal["fa", "ar", "other"]

# Letters that neither language has: Urdu, Pashto, Sindhi, Sorani, Uyghur. Not ڤ and ڨ, as Arabic spells foreign names.
_OTHER_LANGUAGE_LETTERS = re.compile("[ٹڈڑںےۓہۂټډړږښڼېۍڅځګۀڀٿٺڃڄڇڊڌڍڏڙڦڪڱڳڻ۾۽ەێۆڕڵۇۈۋڭ]")
_OTHER_SCRIPTS = re.compile("[A-Za-zÀ-ʯͰ-ֿ\u0700-\u1fff\u3040-\ud7ff]+")
_WORD = re.compile("[ء-غف-يٱ-ۓەۥۦ]+")
_DIACRITICS = re.compile("[\u064b-\u0652\u0670ـ]")

# Azerbaijani in Arabic script has no letters of its own: it is recognized by these words and the endings below.
_FUNCTION_WORDS = {
    **dict.fromkeys(WORD_LISTS["azerbaijani"], "azb"),
    **dict.fromkeys(WORD_LISTS["arabic"] - WORD_LISTS["persian"], "ar"),
    **dict.fromkeys(WORD_LISTS["persian"] - WORD_LISTS["arabic"], "fa"),
}

_DEFINITE_ARTICLES = (" ال", " وال", " بال", " لل")

_AZERBAIJANI_SHAPE = re.compile(
    r"(?:\w{2,}(?:لری|لاری|لرین|لارین|لرینی|لارینی|لرینه|لارینا|لردن|لاردان|سینده|سیندا|یندن|یندان|سینین|نینین"
    r"|میشدیر|موشدور|میش|دیلر|یبلار|یبلر|ئدیر|ئدیلیر|ییر|ییب|ماق|مک|لیق|لیک|جاق|جک|سین)"
    r"|\w*(?:ئی|ئت|ئد|ئل|ئر|ئچ|ؤز|ؤر|ؤی|ؤن|ؤل|وْ)\w*|\w+(?:لار|لر|ده|دا|دیر))"
)


def identify_language(text: str) -> Lang:
    """Identify the language of a text as Persian (including Dari), Arabic or other.

    Parameters
    ----------
    text
        Text of any length; only the first 5,000 characters are read.

    Returns
    -------
    {"fa", "ar", "other"}
        "other" for Urdu, Sorani, Pashto, Sindhi, Uyghur, Azerbaijani, other scripts, and text without letters. Letters
        of the other language's keyboard (ي and ك in Persian, ی and ک in Arabic) do not matter.
    """
    text = _DIACRITICS.sub("", text[:5000]).replace("ي", "ی").replace("ى", "ی").replace("ك", "ک")
    words = _WORD.findall(text)
    letters = sum(map(len, words))
    if letters < 2 or 3 * letters < sum(map(len, _OTHER_SCRIPTS.findall(text))):
        return "other"
    if len(_OTHER_LANGUAGE_LETTERS.findall(text)) > 0.02 * letters:
        return "other"
    persian = 0.7 * sum(map(text.count, "پچژگ"))
    arabic = 0.7 * sum(map(text.count, "ةأإؤ"))
    hints = [_FUNCTION_WORDS.get(word) for word in words]
    persian += hints.count("fa")
    arabic += hints.count("ar") + 0.8 * sum(map(f" {text}".count, _DEFINITE_ARTICLES))
    azerbaijani = float(hints.count("azb"))
    if persian + arabic < 0.4 * len(words):  # otherwise names with such endings would count
        known_persian, known_arabic = vocabularies()
        unknown = [word for word in words if word not in known_persian and word not in known_arabic]
        azerbaijani += 0.7 * len(list(filter(_AZERBAIJANI_SHAPE.fullmatch, unknown)))
    if azerbaijani > max(1, persian, arabic) and azerbaijani > 0.1 * len(words):
        return "other"
    # Close calls only: one text in two hundred, and one in eight below 50 characters (docs/DECISIONS.md, "Text").
    if abs(persian - arabic) < 0.15 * (persian + arabic) + 1:
        more_persian, more_arabic = _count_dictionary_words(words[:200])
        persian, arabic = persian + more_persian, arabic + more_arabic
    return "fa" if persian > arabic else "ar"


def _count_dictionary_words(words: list[str]) -> tuple[int, int]:
    """Count the words that only the Persian dictionary has, and those that only the Arabic one has."""
    persian, arabic = vocabularies()
    return (
        sum(word in persian and word not in arabic for word in words),
        sum(word in arabic and word not in persian for word in words),
    )
