"""Cells of any kind to text, and names to names that are unique."""

from collections.abc import Iterable

import pandas as pd


def texts(values: Iterable[object]) -> pd.Series:
    """Return any cells as text."""
    return pd.Series([text_of(value) for value in values], dtype="object")


def text_of(value: object) -> str:
    """Return a cell as text: "" where missing, a whole number without ".0", U+FFFD for a lone surrogate."""
    if value is None or (isinstance(value, float) and value != value) or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if 1 <= value.year <= 9999 else ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text


def unique(names: Iterable[str], *, missing: str = "row") -> list[str]:
    """Number the missing names, and tell apart those that are the same: "x", "x~2", "x~3"."""
    taken: set[str] = set()
    turns: dict[str, int] = {}  # the last number of each, so that a million of one name take no time
    out = []
    for row, given in enumerate(names):
        base = " ".join(given.split()) or f"{missing}-{row + 1}"
        name = base
        while name in taken:
            turns[base] = turns.get(base, 1) + 1
            name = f"{base}~{turns[base]}"
        taken.add(name)
        out.append(name)
    return out
