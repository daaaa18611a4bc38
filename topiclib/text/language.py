"""Which of the two languages a text is in, or neither: a rule on letters and function words."""

import re
from typing import Literal

Lang = Literal["fa", "ar", "other"]

# Letters that neither language writes: Urdu, Pashto, Sindhi, Sorani, Uyghur.
_FOREIGN = re.compile("[ٹڈڑںےۓہۂټډړږښڼېۍڅځګۀڀٿٺڃڄڇڊڌڍڏڙڦڪڱڳڻ۾۽ەێۆڕڵڤۇۈۋڭ]")
_SCRIPT = re.compile("[ء-غف-يٱ-ۓەۥۦ]")
_OTHER_LETTERS = re.compile(r"[^\W\d_\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufefc]")
_WORD = re.compile("[ء-غف-يٱ-ۓەۥۦ]+")
_PERSIAN_LETTERS = re.compile("[پچژگ]")
_ARABIC_LETTERS = re.compile("[ةأإؤ]")
_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "أ": "ا", "إ": "ا"})

_PERSIAN = frozenset(
    "از در به که با این را است برای آن می شد شود کرد تا بر یک خود شده بود هم نیز باید دارد ها های کند کرده اند وی او گفت ما"
    " پس هر اما اگر دیگر یا کنند بین سال خواهد نمی همه پیش ای نیست هستند بودند داشت باشد ایران روز کشور دو چه چند".split()
)
_ARABIC = frozenset(
    "فی من علی الی ان عن التی الذی هذا هذه مع کان ما لا بین بعد قد لم هو هی کما ذلک کل او ثم حتی عند الا انه انها منذ قبل"
    " وقد وفی ولا وهو وهی خلال کانت الذین حول غیر لن فقد ولم بها به له لها فیها منها عام یوم حیث".split()
)
_SHARED = _PERSIAN & _ARABIC
_AZERBAIJANI = frozenset(
    "بیر بو ایله اوچون دیر اولان اولدو اولوب ائدیب ائدن ائتدی سونرا گؤره کیمی داها چوخ آنجاق اونون بونون اونلار ایلده ده دا ایدی"
    " طرفیندن آراسیندا وار یوخ ائدیر اولور اولاراق لر لار نین قدر هر بیری اؤز بؤیوک".split()
)


def identify(text: str) -> Lang:
    """Name the language of a text: Persian (Dari counts), Arabic, or any other.

    Parameters
    ----------
    text
        Any length; of a very long one the first 20,000 characters are read.

    Returns
    -------
    "fa", "ar" or "other"
        "other" for Urdu, Sorani, Pashto, Sindhi, Uyghur, Azerbaijani, for other scripts, and where there is no letter.
    """
    text = text[:20_000]
    letters = len(_SCRIPT.findall(text))
    if letters < 2 or letters < len(_OTHER_LETTERS.findall(text)):
        return "other"
    if len(_FOREIGN.findall(text)) > 0.02 * letters:
        return "other"
    words = _WORD.findall(text.translate(_LETTERS))
    persian = arabic = azerbaijani = 0.0
    for word in words:
        if word in _AZERBAIJANI:
            azerbaijani += 1
        if word in _SHARED:
            continue
        if word in _PERSIAN:
            persian += 1
        elif word in _ARABIC:
            arabic += 1
        elif word[:2] == "ال" or word[:3] in ("وال", "بال", "لل"):
            arabic += 0.8
    if azerbaijani > persian and azerbaijani > 0.1 * len(words):
        return "other"
    persian += 0.7 * len(_PERSIAN_LETTERS.findall(text))
    arabic += 0.7 * len(_ARABIC_LETTERS.findall(text))
    if persian == arabic:
        persian += text.count("ی") + text.count("ک")
        arabic += text.count("ي") + text.count("ك") + text.count("ى")
    return "fa" if persian > arabic else "ar"
