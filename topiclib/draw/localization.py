"""Texts and numbers of the figures in English, Persian and Arabic (`strings.csv`)."""

import csv
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from topiclib import schema
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
    """Language of a figure: `code` (en, fa, ar) selects texts and month names, `digits` the digits.

    `digits` is western, persian or arabic (default: those of the language). `strings` overrides texts by key.
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
    def start_side(self) -> Literal["left", "right"]:
        """The side on which a line of this language starts."""
        return "left" if self.code == "en" else "right"

    def text(self, key: str, **values: object) -> str:
        """Return a text of `strings.csv`, formatted and isolated; int values get the digits of the locale."""
        template = self.strings.get(key) or STRINGS[key][self.code]
        shown = {name: self.format_number(value) if isinstance(value, int) else value for name, value in values.items()}
        return style.isolate(template.format(**shown), self.code)

    def shown_of_total(self, key: str, shown: int, total: int) -> str:
        """Return the text for `shown` of `total` items, "" if all are shown."""
        return self.text(key, shown=shown, total=total) if shown < total else ""

    def text_or_key(self, key: str) -> str:
        """Return the text for a value such as a language code, or the value itself if there is none."""
        return self.text(key) if key in STRINGS else style.isolate(key)

    def format_number(self, value: float, spec: str = ",.0f") -> str:
        """Format a number with the digits of the locale; `spec` is a Python format spec."""
        digits = self.digits or DIGITS_BY_LANGUAGE[self.code]
        text = format(value, spec).replace("-", "\u2212").translate(_DIGIT_TABLES[digits])
        # The isolate puts the percent sign left of an Arabic number, and the minus sign right of it, as is usual.
        return style.isolate(text, "ar") if digits == "arabic" and not text.isdigit() else text

    def format_month(self, month: str) -> str:
        """Return a month such as "2020-04" unchanged in English, with the name of the month otherwise."""
        # Bidi reordering would show "2020-04" as "04-2020" within a right-to-left line.
        if self.code == "en" or not month:
            return month
        year, number = map(int, month.split("-"))
        return f"{STRINGS['months'][self.code].split()[number - 1]} {self.format_number(year, 'd')}"

    def format_percent(self, share: float) -> str:
        """Format a share or a difference in whole percent, with one decimal below 1 %."""
        # Adding 0.0 turns -0.0, which would be written with a minus sign, into 0.0.
        return self.format_number(share + 0.0, ".1%" if 0 < abs(share) < 0.00995 else ".0%")

    def topic_label(self, topic: Mapping[Hashable, Any], lang: str = "") -> str:
        """Return `schema.topic_label`, by default in this language and with its digits."""
        label = schema.topic_label(topic, lang or self.code, number=self.format_number(int(topic["topic"]), "d"))
        return style.isolate(label, lang or ("" if self.code == "en" else self.code))

    def theme_label(self, labels: Mapping[str, Mapping[str, str]], key: str) -> str:
        """Return the label of a theme in this language, else in English, else its key."""
        label = labels.get(key, {})
        return style.isolate(label.get(self.code) or label.get("en") or key)


def as_locale(lang: str | Locale) -> Locale:
    """Return a `Locale` unchanged, or the one for a language code."""
    return lang if isinstance(lang, Locale) else Locale(lang)
