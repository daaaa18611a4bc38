"""The tables: their columns, dtypes and keys, and what each door requires of a frame.

Every table is long and tidy, one fact a row. `QUALITY_TABLES` is the one list of them; the run folder holds each as
`NAME.parquet`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

LANGUAGES = ("fa", "ar")

PASSAGE_KINDS = ("body", "title", "heading", "caption", "byline", "boilerplate")

OUTLIER_TOPIC = -1


@dataclass(frozen=True)
class Table:
    """A table's meaning, columns (name to dtype: str, int, float, bool) and key columns; `open` ones keep the user's
    own columns.
    """

    about: str
    columns: dict[str, str]
    key: tuple[str, ...]
    open: bool = False


def _parse_columns(text: str) -> dict[str, str]:
    """Read "name:dtype name:dtype", where a name alone is a string column."""
    pairs = (item.partition(":") for item in text.split())
    return {name: dtype or "str" for name, _, dtype in pairs}


def _define_table(description: str, columns: str, *, key: str, allow_extra: bool = False) -> Table:
    return Table(description, _parse_columns(columns), tuple(key.split()), allow_extra)


TABLES: dict[str, Table] = {
    "documents": _define_table(
        "one article a row; `dropped` says why one was left out",
        "doc_id title text lang date source section url dropped",
        key="doc_id",
        allow_extra=True,
    ),
    "passages": _define_table(
        "one passage a row; start and end point into the document's text",
        "passage_id doc_id position:int kind voice lang text start:int end:int n_reprints:int reprint_of modeled:bool",
        key="passage_id",
    ),
    "assignments": _define_table(
        "the topic of each modeled passage (-1: none); similarity is the cosine to the topic's centroid",
        "passage_id topic:int similarity:float",
        key="passage_id",
    ),
    "document_topics": _define_table(
        "the share of an article's passages in each topic", "doc_id topic:int share:float", key="doc_id topic"
    ),
    "topics": _define_table(
        "size in passages; share_fa: of all Persian passages, the part in this topic",
        "topic:int size:int label_fa label_ar share_fa:float share_ar:float",
        key="topic",
    ),
    "keywords": _define_table(
        "c-TF-IDF words of a topic within one language",
        "topic:int lang rank:int word weight:float",
        key="topic lang rank",
    ),
    "quotes": _define_table(
        "passages that stand for a topic or theme",
        "kind key lang passage_id score:float",
        key="kind key lang passage_id",
    ),
    "themes": _define_table(
        "themes found in a passage", "passage_id theme about:bool score:float", key="passage_id theme"
    ),
    "matches": _define_table(
        "theme terms found; start and end point into the passage's text",
        "passage_id theme term start:int end:int",
        key="passage_id theme start end",
    ),
    "shares": _define_table(
        "mean share over n articles, with a 95 % interval where one is honest",
        "kind key by level n:int share:float low:float high:float",
        key="kind key by level",
    ),
    "timeline": _define_table(
        "shares by month",
        "kind key by level period n:int share:float low:float high:float",
        key="kind key by level period",
    ),
    "contrasts": _define_table(
        "words that set two sides apart on a theme, within one language: weighted log-odds; below 0 the left side's",
        "key lang by left right word n_left:int n_right:int log_odds:float z:float",
        key="key lang by left right word",
    ),
    "coverage": _define_table("articles of each outlet by month", "source period n:int", key="source period"),
    "topic_languages": _define_table(
        "the languages of a topic's passages; entropy in bits, of the topic",
        "topic:int lang share:float entropy:float",
        key="topic lang",
    ),
    "points": _define_table(
        "the two-dimensional layout, for exploring", "passage_id x:float y:float topic:int", key="passage_id"
    ),
    "stability": _define_table(
        "where asked for: a topic's best overlap with those of other seeds and subsamples; ari is of the whole",
        "kind topic:int size:int n:int mean_jaccard:float min_jaccard:float ari:float",
        key="kind topic",
    ),
    "mixing": _define_table(
        "where asked for: how far passages' neighbors and topics keep to one language, before and after alignment",
        "measure stage value:float chance:float",
        key="measure stage",
    ),
    "recovery": _define_table(
        "where asked for: a difference planted in this corpus, as recovered between languages and within one",
        "larger_in planted:float resample:int recovered:float recovered_within:float",
        key="larger_in planted resample",
    ),
    "sensitivity": _define_table(
        "where asked for: Persian minus Arabic share over many settings; n_missing: those with no match of the topic",
        "contrast kind key n_settings:int n_missing:int median:float min:float max:float sign_agreement:float",
        key="contrast",
    ),
    "flow": _define_table(
        "what went in, what was left out, and why", "step source reason n:int", key="step source reason"
    ),
}

_DTYPES = {"str": "object", "int": "int64", "float": "float64", "bool": "bool"}


def get_table(name: str) -> Table:
    """Return a table's definition.

    Raises
    ------
    KeyError
        If there is no such table; the message lists those that exist.
    """
    if name not in TABLES:
        raise KeyError(f"no table is called {name!r}: expected one of {', '.join(TABLES)}")
    return TABLES[name]


def empty_table(name: str) -> pd.DataFrame:
    """Return the table with its columns and no row."""
    return pd.DataFrame({column: pd.Series(dtype=_DTYPES[dtype]) for column, dtype in get_table(name).columns.items()})


def conform(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the frame as the named table: its columns in order, its dtypes, missing text as "", a fresh index.

    Raises
    ------
    ValueError
        If a column is missing or two rows share a key.
    """
    definition = get_table(name)
    require_columns(frame, definition.columns, caller=f"table {name}")
    extra = [column for column in frame.columns if column not in definition.columns] if definition.open else []
    out = frame[[*definition.columns, *extra]].reset_index(drop=True)
    for column, dtype in definition.columns.items():
        series = out[column]
        if dtype == "str":
            series = series.astype("object").where(series.notna(), "")
        out[column] = series.astype(_DTYPES[dtype])
    twice = out.duplicated(list(definition.key))
    if twice.any():
        row = out.loc[twice, list(definition.key)].iloc[0].to_dict()
        raise ValueError(
            f"table {name} has {int(twice.sum())} rows whose key is there already, such as {row}: keys must be unique"
        )
    return out


def require_columns(frame: pd.DataFrame, columns: Iterable[str], *, caller: str) -> None:
    """Check that a frame has the columns that a door needs.

    Raises
    ------
    TypeError
        If it is no DataFrame.
    ValueError
        If a column is missing; the message names those that are there.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{caller} needs a pandas DataFrame, but got {type(frame).__name__}")
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        have = ", ".join(map(str, frame.columns[:12])) or "none"
        raise ValueError(f"{caller} needs the column {', '.join(missing)}, but the frame has only: {have}")


def require_modeled(passages: pd.DataFrame, *, caller: str) -> pd.DataFrame:
    """Return the passages when all of them may be embedded and fitted.

    Raises
    ------
    ValueError
        If some are not (`require_modeled` is False): the message says how to select them.
    """
    if "modeled" in passages and not passages["modeled"].all():
        left_out = int((~passages["modeled"].astype(bool)).sum())
        raise ValueError(
            f"{caller} got {left_out} passages that are not modeled (captions, reprints, other languages): "
            "select passages[passages['modeled']] before you embed them"
        )
    return passages
