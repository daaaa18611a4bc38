"""Letters, marks, spaces and lost half-spaces: the form of a text that is embedded, shown and matched.

Nothing here guesses at meaning. Letters go by tables of `str.translate`, one per language, because a table that is
right for Persian is wrong for Arabic; lost half-spaces go by a `Lexicon`, because no rule on letters can tell them.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import compress, count

from topiclib.text.half_spaces import DEFAULT_LEXICON, Lexicon
from topiclib.text.letters import ZWNJ

_DIACRITICS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff"

_INVISIBLE = "\u0640\u200b\u200d\u200e\u200f\u061c\u202a-\u202e\u2060-\u2069\ufeff\u00ad\ufffc\ufffd"

_LETTER = r"[^\W\d_]"

_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"

_REMOVED = re.compile(f"[{_DIACRITICS}{_INVISIBLE}{_CONTROLS}]")

_TO_PERSIAN = {"ي": "ی", "ى": "ی", "ك": "ک", "ە": "ه", "ہ": "ه", "ھ": "ه", "ۀ": "ه"}

_TO_ARABIC = {"ی": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه"}

_QUOTES = {"“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "‘": "'", "’": "'", "‚": "'", "‹": "«", "›": "»"}

_FOLD_MAP = {
    **dict.fromkeys("أإآٱٲٳا", "ا"), **dict.fromkeys("ىيیئېۍے", "ی"), **dict.fromkeys("كکڪ", "ک"),
    **dict.fromkeys("ةهۀۃہەھ", "ه"), "ؤ": "و", "ء": "", ZWNJ: "", **_QUOTES, "«": '"', "»": '"', "٪": "%", "،": ",",
    "؛": ";", "؟": "?", "٫": ".", "٬": ",",
}  # fmt: skip


class _TranslationTable(dict[int, str]):
    """A table for `str.translate` that works out each character once, when it is first met."""

    def __init__(self, letters: dict[str, str], *, fold: bool = False) -> None:
        super().__init__({ord(letter): target for letter, target in letters.items()})
        self._fold = fold

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if _REMOVED.match(letter):
            target = ""
        elif self._fold:
            target = self._folded(letter)
        elif 0xFB50 <= code <= 0xFDFF or 0xFE70 <= code <= 0xFEFC:  # presentation forms of Arabic letters
            target = self._plain(unicodedata.normalize("NFKC", letter), letter)
        elif letter != "\n" and letter.isspace():
            target = " "
        else:
            target = letter
        self[code] = target
        return target

    def _folded(self, letter: str) -> str:
        if letter.isspace():
            return " "
        if letter.isdecimal():
            return str(unicodedata.decimal(letter))
        plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", letter).lower())
        plain = "".join(part for part in plain if not unicodedata.combining(part))
        return self._plain(plain, letter)

    def _plain(self, plain: str, letter: str) -> str:
        return "".join(part if part == letter else self[ord(part)] for part in plain)


_TRANSLATIONS = {
    "fa": _TranslationTable({**_TO_PERSIAN, **_QUOTES}),
    "ar": _TranslationTable({**_TO_ARABIC, **_QUOTES}),
    "other": _TranslationTable(_QUOTES),
}

# Few passages hold any other character than these, once keyboard and marks are set right: the rest need no table.
_COMMON = " \\na-zA-Z0-9.،؛:؟!?()«»\"'/%٪\\[\\]–-"

_KEYBOARD_FIXES = {"fa": (("ي", "ی"), ("ك", "ک"), ("ى", "ی")), "ar": (("ی", "ي"), ("ک", "ك")), "other": ()}

_NEEDS_TRANSLATION = {
    "fa": re.compile(f"[^{ZWNJ}ء-غف-هوآپچژکگی۰-۹{_COMMON}]"),
    "ar": re.compile(f"[^ء-غف-يآ٠-٩{_COMMON}]"),
    "other": re.compile(f"[^{_COMMON}]"),
}

_FOLD_TABLE = _TranslationTable(_FOLD_MAP, fold=True)

_COMPOSED = {
    "ا\u0653": "آ", "ا\u0654": "أ", "ا\u0655": "إ", "و\u0654": "ؤ",
    "ي\u0654": "ئ", "ی\u0654": "ئ", "ى\u0654": "ئ",
}  # fmt: skip

_DECOMPOSED = re.compile("[اويیى][\u0653-\u0655]")

_SPACES = re.compile(r" {2,}| ?\n[ \n]*")

# Half-spaces, and as group 1 the one of them that joins two letters.
_HALF_SPACES = re.compile(rf"{ZWNJ}(?:(?<={_LETTER}{ZWNJ}){ZWNJ}*(?={_LETTER})()|{ZWNJ}*)")


def normalize(text: str, lang: str, lexicon: Lexicon | None = DEFAULT_LEXICON) -> str:
    """Write a text in the one orthography of its language.

    Letters of the other language's keyboard, tatweel, diacritics, invisible marks, presentation forms, quotation marks
    and spaces are made one; in Persian the half-spaces (ZWNJ) that were lost are put back where the lexicon knows.
    Letters that carry meaning stay: alef forms, hamza, teh marbuta, digits. Running it twice changes nothing.

    Parameters
    ----------
    text
        Any text; line breaks are kept, runs of blank lines become one break.
    lang
        "fa", "ar" or "other"; "other" gets no change of letters.
    lexicon
        The forms that lost half-spaces are repaired by; None leaves the words as they are.

    Raises
    ------
    ValueError
        If `lang` is none of the three.
    """
    if lang not in _TRANSLATIONS:
        raise ValueError(f"lang is {lang!r}: expected 'fa', 'ar' or 'other', as identify() returns it.")
    if "\u0654" in text or "\u0653" in text or "\u0655" in text:
        text = _DECOMPOSED.sub(lambda match: _COMPOSED.get(match[0], match[0]), text)
    for letter, target in _KEYBOARD_FIXES[lang]:
        text = text.replace(letter, target)
    text = _REMOVED.sub("", text)
    if _NEEDS_TRANSLATION[lang].search(text):
        text = text.translate(_TRANSLATIONS[lang])
    if ZWNJ in text:
        text = _HALF_SPACES.sub(lambda match: "" if match[1] is None else ZWNJ, text)
    text = text.strip()  # after the half-spaces, which may have stood between spaces
    if "  " in text or "\n" in text:
        text = _SPACES.sub(lambda match: "\n" if "\n" in match[0] else " ", text)
    if lang == "fa" and lexicon is not None:
        text = lexicon.repair(text)
    return text


def fold(text: str) -> str:
    """Take orthography out of a text, for comparing and matching only.

    Persian and Arabic letters become one, hamza and alef forms, teh marbuta, diacritics, half-spaces, digits' script,
    quotation marks and case disappear. What is left is never shown.
    """
    return text.translate(_FOLD_TABLE)


def fold_with_offsets(text: str) -> tuple[str, Sequence[int]]:
    """Fold a text and say where each folded character came from.

    Returns
    -------
    folded, offsets
        `folded` equals `fold(text)`; `offsets[i]` is the index in `text` of the character that became `folded[i]`, in
        rising order.
    """
    pieces = list(map(_FOLD_TABLE.__getitem__, map(ord, text)))
    folded, offsets = "".join(pieces), list(compress(count(), pieces))
    if len(offsets) != len(folded):  # a ligature became several letters
        offsets = [index for index, piece in enumerate(pieces) for _ in piece]
    return folded, offsets
