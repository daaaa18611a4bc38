"""What a figure says in its own words, in English, Persian and Arabic (`strings.csv`), and its numbers."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from topiclib.draw import style

DIGITS_BY_LANGUAGE = {"en": "western", "fa": "persian", "ar": "arabic"}

_DIGIT_TABLES = {
    "western": {},
    "persian": str.maketrans("0123456789.,%", "۰۱۲۳۴۵۶۷۸۹٫٬٪"),
    "arabic": str.maketrans("0123456789.,%", "٠١٢٣٤٥٦٧٨٩٫٬٪"),
}

with Path(__file__).with_name("strings.csv").open(encoding="utf-8", newline="") as _file:
    STRINGS = {row.pop("key"): row for row in csv.DictReader(_file)}  # {key: {"en": .., "fa": .., "ar": ..}}


@dataclass(frozen=True)
class Locale:
    """The language of a figure's own words: labels from the string table, numbers in its digits.

    `strings` overrides single entries of the table by key.
    """

    code: str = "en"
    digits: str = ""
    strings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in DIGITS_BY_LANGUAGE:
            raise ValueError(f"lang is {self.code!r}: expected one of {', '.join(DIGITS_BY_LANGUAGE)}")
        if self.digits and self.digits not in _DIGIT_TABLES:
            raise ValueError(f"digits is {self.digits!r}: expected one of {', '.join(_DIGIT_TABLES)}")

    @property
    def start(self) -> Literal["left", "right"]:
        """The side where a line of this language begins: "left" or "right"."""
        return "left" if self.code == "en" else "right"

    def say(self, key: str, **values: object) -> str:
        """Return an entry of the string table, filled in and isolated; whole numbers get this language's digits."""
        template = self.strings.get(key) or STRINGS[key][self.code]
        shown = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return style.isolate(template.format(**shown), self.code)

    def part(self, key: str, shown: int, total: int) -> str:
        """Return an entry that says how many of all are shown, and "" where all are."""
        return self.say(key, shown=shown, total=total) if shown < total else ""

    def known(self, key: str) -> str:
        """Return the table's entry for a value such as a language's code, or the value itself where it has none."""
        return self.say(key) if key in STRINGS else style.isolate(key)

    def number(self, value: float, spec: str = ",.0f") -> str:
        """Return a number in this language's digits, in a format of Python's mini-language."""
        digits = self.digits or DIGITS_BY_LANGUAGE[self.code]
        text = format(value, spec).replace("-", "\u2212").translate(_DIGIT_TABLES[digits])
        # In Arabic the percent sign stands at the left of its number and the minus at the right.
        return style.isolate(text, "ar") if digits == "arabic" and not text.isdigit() else text

    def month(self, month: str) -> str:
        """Return a month such as "2020-04" as it is in English, by its name otherwise: digits and a hyphen would turn
        round within a line from right to left.
        """
        if self.code == "en" or not month:
            return month
        year, number = map(int, month.split("-"))
        return f"{STRINGS['months'][self.code].split()[number - 1]} {self.number(year, 'd')}"

    def percent(self, share: float) -> str:
        """Return a share or a difference as whole percents, with one decimal where it is below 1 %."""
        return self.number(share + 0.0, ".1%" if 0 < abs(share) < 0.00995 else ".0%")

    def name(self, labels: Mapping[str, Mapping[str, str]], key: str) -> str:
        """Return the label of a theme in this language, or its key where it has none."""
        return style.isolate(labels.get(key, {}).get(self.code) or key)


def as_locale(lang: str | Locale) -> Locale:
    """Return the `Locale` that a draw function was given, made from its code where need be."""
    return lang if isinstance(lang, Locale) else Locale(lang)
