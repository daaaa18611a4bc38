"""Normalize spelling, for the text that is embedded, displayed and matched.

Letters are mapped by one `str.translate` table per language, because what is right for Persian is wrong for Arabic.
Missing half-spaces are restored by a `Lexicon`, because no rule on letters can.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import chain, compress, count

import numpy as np

from topiclib.text.half_spaces import DEFAULT_LEXICON, Lexicon
from topiclib.text.letters import COMMON, ZWNJ

_DIACRITICS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff"
_INVISIBLE = "\u0640\u200b\u200d\u200e\u200f\u061c\u202a-\u202e\u2060-\u2069\ufeff\u00ad\ufffc\ufffd"
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
_REMOVED = re.compile(f"[{_DIACRITICS}{_INVISIBLE}{_CONTROLS}]")

_LETTER = r"[^\W\d_]"

# Letters of other keyboards.
_LETTERS = {
    "fa": {"ي": "ی", "ى": "ی", "ك": "ک", "ە": "ه", "ہ": "ه", "ھ": "ه", "ۀ": "ه"},
    "ar": {"ی": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه"},
    "other": {},
}
_QUOTES = {"“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "‘": "'", "’": "'", "‚": "'", "‹": "«", "›": "»"}

_FOLD_MAP = {
    **dict.fromkeys("أإآٱٲٳا", "ا"), **dict.fromkeys("ىيیئېۍے", "ی"), **dict.fromkeys("كکڪ", "ک"),
    **dict.fromkeys("ةهۀۃہەھ", "ه"), "ؤ": "و", "ء": "", ZWNJ: "", **_QUOTES, **dict.fromkeys("«»‹›", '"'),
    "٪": "%", "،": ",", "؛": ";", "؟": "?", "٫": ".", "٬": ",",
}  # fmt: skip


class _TranslationTable(dict[int, str]):
    """A table for `str.translate` that computes each entry when it is first needed."""

    def __init__(self, letters: dict[str, str], *, fold: bool = False) -> None:
        super().__init__({ord(letter): target for letter, target in letters.items()})
        self._fold = fold

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if _REMOVED.match(letter):
            target = ""
        elif letter.isspace() and (self._fold or letter != "\n"):
            target = " "
        elif self._fold and letter.isdecimal():
            target = str(unicodedata.decimal(letter))
        elif self._fold or 0xFB50 <= code <= 0xFDFF or 0xFE70 <= code <= 0xFEFC:  # presentation forms of Arabic letters
            parts = unicodedata.normalize("NFKC", letter)
            if self._fold:
                decomposed = unicodedata.normalize("NFD", parts.lower())
                parts = "".join(part for part in decomposed if not unicodedata.combining(part))
            # A part equal to the letter would recurse without end.
            target = "".join(part if part == letter else self[ord(part)] for part in parts)
        else:
            target = letter
        self[code] = target
        return target


_TRANSLATIONS = {lang: _TranslationTable({**letters, **_QUOTES}) for lang, letters in _LETTERS.items()}

# Once the letters of `_LETTERS` are replaced, the tables change nothing but these characters.
_NEEDS_TRANSLATION = {
    "fa": re.compile(f"[^{ZWNJ}ء-غف-هوآپچژکگی۰-۹{COMMON}]"),
    "ar": re.compile(f"[^ء-غف-يآ٠-٩{COMMON}]"),
    "other": re.compile(f"[^{COMMON}]"),
}

_FOLD_TABLE = _TranslationTable(_FOLD_MAP, fold=True)

# Latin, Arabic, punctuation, presentation forms.
FOLDED_BLOCKS = (range(0x250), range(0x600, 0x900), range(0x2000, 0x2070), range(0xFB50, 0xFF00))
_OTHER = 0xFFFF  # in `_fold_codes`

_DECOMPOSED = re.compile("ا[\u0653-\u0655]|[ويیى]\u0654")

_SPACES = re.compile(" {2,}")

# Runs of half-spaces; group 1 matches if the run stands between two letters, where one is meant.
_HALF_SPACES = re.compile(rf"{ZWNJ}(?:(?<={_LETTER}{ZWNJ}){ZWNJ}*(?={_LETTER})()|{ZWNJ}*)")


def normalize(text: str, lang: str, lexicon: Lexicon | None = DEFAULT_LEXICON) -> str:
    """Normalize the spelling of a text.

    Letters of the other language's keyboard, tatweel, diacritics, invisible characters, presentation forms, quotation
    marks and spaces are unified; in Persian, missing half-spaces (ZWNJ) are restored. What carries meaning stays:
    alef forms, hamza, teh marbuta, digits. Normalization is idempotent.

    Parameters
    ----------
    text
        Any text. Line breaks are kept, several in a row as one.
    lang : {"fa", "ar", "other"}
        Language of the text; "other" leaves keyboard letters as they are.
    lexicon
        Word forms for restoring half-spaces; None: they are not restored.
    """
    if lang not in _TRANSLATIONS:
        raise ValueError(f"lang is {lang!r}: expected 'fa', 'ar' or 'other', as identify_language returns it")
    if "\u0654" in text or "\u0653" in text or "\u0655" in text:
        text = _DECOMPOSED.sub(_compose, text)
    for letter, target in _LETTERS[lang].items():
        text = text.replace(letter, target)
    if _NEEDS_TRANSLATION[lang].search(text):
        text = _REMOVED.sub("", text)
        if _NEEDS_TRANSLATION[lang].search(text):
            text = text.translate(_TRANSLATIONS[lang])
    if ZWNJ in text:
        text = _HALF_SPACES.sub(lambda match: "" if match[1] is None else ZWNJ, text)
    text = text.strip()  # only now: removing half-spaces may leave spaces at the ends
    if "\n" in text:
        text = "\n".join(filter(None, [line.strip() for line in text.split("\n")]))
    if "  " in text:
        text = _SPACES.sub(" ", text)
    if lang == "fa" and lexicon is not None:
        text = lexicon.repair(text)
    return text


def _compose(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", match[0].replace("ی", "ي").replace("ى", "ي"))


def fold(text: str) -> str:
    """Reduce a text to what its spelling variants share, for comparison and matching only.

    Persian and Arabic letters, alef forms, heh and teh marbuta, digits, punctuation and case are unified; hamza,
    diacritics and half-spaces are removed. The result is never displayed.
    """
    if len(text) > 200:  # five times as fast as `translate`, except for short strings
        codes = _fold_codes()[np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)]
        if codes.max() < _OTHER:
            return codes[codes > 0].tobytes().decode("utf-16-le")
    return text.translate(_FOLD_TABLE)


@cache
def _fold_codes() -> np.ndarray:
    """Return the folded code of each code: 0 if it is removed, `_OTHER` if it becomes several or is in no block."""
    codes = np.full(0x10000, _OTHER, dtype=np.uint16)
    for code in chain.from_iterable(FOLDED_BLOCKS):
        folded = _FOLD_TABLE[code]
        codes[code] = ord(folded) if len(folded) == 1 else _OTHER if folded else 0
    return codes


def fold_with_offsets(text: str) -> tuple[str, Sequence[int]]:
    """Fold a text and map each folded character to its source.

    Returns
    -------
    folded : str
        Equal to `fold(text)`.
    offsets : sequence of int
        `offsets[i]` is the index in `text` of the character that became `folded[i]`; never decreasing.
    """
    pieces = list(map(_FOLD_TABLE.__getitem__, map(ord, text)))
    folded, offsets = "".join(pieces), list(compress(count(), pieces))
    if len(offsets) != len(folded):  # a ligature became several letters
        offsets = [index for index, piece in enumerate(pieces) for _ in piece]
    return folded, offsets
