"""Texts and numbers of the figures in English, Persian and Arabic (`strings.csv`)."""

import csv
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from topiclib import schema
from topiclib.draw import style

_DIGITS = {
    "en": {},
    "fa": str.maketrans("0123456789.,%", "۰۱۲۳۴۵۶۷۸۹٫٬٪"),
    "ar": str.maketrans("0123456789.,%", "٠١٢٣٤٥٦٧٨٩٫٬٪"),
}

with Path(__file__).with_name("strings.csv").open(encoding="utf-8", newline="") as _file:
    STRINGS = {row.pop("key"): row for row in csv.DictReader(_file)}  # {key: {"en": .., "fa": .., "ar": ..}}


@dataclass(frozen=True)
class Locale:
    """Language of a figure (en, fa, ar): its texts, month names and digits."""

    code: str = "en"

    def __post_init__(self) -> None:
        if self.code not in _DIGITS:
            raise ValueError(f"lang is {self.code!r}: expected one of {', '.join(_DIGITS)}")

    @property
    def start_side(self) -> Literal["left", "right"]:
        """The side on which a line of this language starts."""
        return "left" if self.code == "en" else "right"

    def text(self, key: str, **values: object) -> str:
        """Return a text of `strings.csv`, of n = 1 that of KEY_one if there is one; numbers have its digits."""
        key = f"{key}_one" if values.get("n") == 1 and f"{key}_one" in STRINGS else key
        shown = {name: self.format_number(value) if isinstance(value, int) else value for name, value in values.items()}
        return style.isolate(STRINGS[key][self.code].format(**shown), self.code)

    def shown_of_total(self, key: str, shown: int, total: int) -> str:
        """Return the text for `shown` of `total` items, "" if all are shown."""
        return self.text(key, shown=shown, total=total) if shown < total else ""

    def text_or_key(self, key: str) -> str:
        """Return the text for a value such as a language code, or the value itself if there is none."""
        return self.text(key) if key in STRINGS else style.isolate(key)

    def format_number(self, value: float, spec: str = ",.0f") -> str:
        """Format a number with the digits of the locale; `spec` is a Python format spec."""
        text = format(value, spec).replace("-", "\u2212").translate(_DIGITS[self.code])
        # The isolate puts the percent sign left of an Arabic number, and the minus sign right of it, as is usual.
        return style.isolate(text, "ar") if self.code == "ar" and not text.isdigit() else text

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
        label = schema.topic_label(topic, lang or self.code, number=self.topic_number(topic))
        return style.isolate(label, lang or ("" if self.code == "en" else self.code))

    def topic_name(self, topic: Mapping[Hashable, Any]) -> str:
        """Return number and name of a topic, "" if it has no name in this language."""
        return self.topic_label(topic) if topic.get(f"name_{self.code}") else ""

    def without_topic(self, topics: pd.DataFrame) -> str:
        """Return the text for the number of passages without a topic, such as those of dropped topics; "" if none."""
        n = int(topics.loc[topics["topic"] == schema.OUTLIER_TOPIC, "size"].sum()) if "size" in topics else 0
        return self.text("without_topic", n=n) if n else ""

    def topic_number(self, topic: Mapping[Hashable, Any]) -> str:
        """Return the number of a topic."""
        return self.format_number(int(topic["topic"]), "d")
