"""Define the tables (columns, dtypes, keys), and check frames against them.

Every table is in long (tidy) form. `TABLES`, from `schema.toml`, lists them all; a run folder holds each as
`NAME.parquet`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

LANGUAGES = ("fa", "ar")

OUTLIER_TOPIC = -1


@dataclass(frozen=True)
class Table:
    """A table's description, columns (name to dtype: str, int, float, bool) and key columns.

    If `allow_extra`, a frame may also have columns of the user's own.
    """

    description: str
    columns: dict[str, str]
    key: tuple[str, ...]
    allow_extra: bool = False


def _define_table(definition: Mapping[str, Any]) -> Table:
    pairs = (item.partition(":") for item in definition["columns"].split())
    columns = {name: dtype or "str" for name, _, dtype in pairs}
    return Table(**{**definition, "columns": columns, "key": tuple(definition["key"].split())})


_DEFINITIONS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
TABLES = {name: _define_table(definition) for name, definition in _DEFINITIONS.items()}

_DTYPES = {"str": "object", "int": "int64", "float": "float64", "bool": "bool"}


def get_table(name: str) -> Table:
    """Return the definition of a table; KeyError if there is none of this name."""
    if name not in TABLES:
        raise KeyError(f"no table is called {name!r}: expected one of {', '.join(TABLES)}")
    return TABLES[name]


def topic_label(topic: Mapping[Hashable, Any], lang: str = "en", *, number: str = "", join: str = " | ") -> str:
    """Return number and name of a topic in a language ("3 · Karabakh and the corridor"), else number and words.

    Parameters
    ----------
    topic
        A row of table `topics`, as a mapping or Series.
    lang
        en, fa or ar. Words, of a topic that has no name in this language, are in fa or ar, but for en in both.
    number
        The number as it is to be shown; default: in Western digits.
    join
        Between the words of both languages.
    """
    words = {code: topic.get(f"label_{code}") for code in LANGUAGES}
    # A topic without words of the language has those of the other.
    chosen = [words[lang]] if words.get(lang) else words.values()
    text = topic.get(f"name_{lang}") or join.join(filter(None, dict.fromkeys(chosen)))
    return " · ".join(filter(None, [number or str(topic["topic"]), text]))


def empty_table(name: str) -> pd.DataFrame:
    """Return a table without rows."""
    return pd.DataFrame({column: pd.Series(dtype=_DTYPES[dtype]) for column, dtype in get_table(name).columns.items()})


def conform(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Convert a frame to a table: order and cast its columns, replace missing text with "", reset the index.

    ValueError if a column is missing or a key is not unique.
    """
    definition = get_table(name)
    require_columns(frame, definition.columns, caller=f"table {name}")
    extra = [column for column in frame.columns if column not in definition.columns] if definition.allow_extra else []
    out = frame[[*definition.columns, *extra]].reset_index(drop=True)
    for column, dtype in definition.columns.items():
        series = out[column]
        if dtype == "str":
            series = series.astype("object").where(series.notna(), "")
        out[column] = series.astype(_DTYPES[dtype])
    repeated = out.loc[out.duplicated(list(definition.key)), list(definition.key)]
    if len(repeated):
        first = repeated.iloc[0].to_dict()
        raise ValueError(f"table {name} has {len(repeated)} repeated keys, such as {first}: keys must be unique")
    return out


def text_as_objects(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with its columns of text as Python strings (dtype object), in pandas 3 too."""
    return frame.astype(dict.fromkeys(frame.columns[frame.dtypes == "str"], "object"))


def require_columns(frame: pd.DataFrame, columns: Iterable[str], *, caller: str) -> None:
    """Raise TypeError unless `frame` is a DataFrame, and ValueError if a column is missing, naming the caller."""
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{caller} needs a pandas DataFrame, but got {type(frame).__name__}")
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        present = ", ".join(map(str, frame.columns[:12])) or "none"
        raise ValueError(f"{caller} needs the column {', '.join(missing)}, but the frame has: {present}")


def require_modeled(passages: pd.DataFrame, *, caller: str) -> pd.DataFrame:
    """Return the passages unchanged; ValueError if `modeled` is False for any of them."""
    if "modeled" in passages and not passages["modeled"].all():
        left_out = int((~passages["modeled"].astype(bool)).sum())
        raise ValueError(
            f"{caller} got {left_out} passages that are not modeled (captions, reprints, other languages): "
            "select passages[passages['modeled']] first"
        )
    return passages


def plural(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun for a message: "1 date", "2 dates", or "2 dates have" with `many`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
