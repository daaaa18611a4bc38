"""Define the tables (columns, dtypes, keys), and check frames against them.

Every table is in long (tidy) form. `TABLES` lists them all; a run folder holds each as `NAME.parquet`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

LANGUAGES = ("fa", "ar")

PASSAGE_KINDS = ("body", "title", "caption", "byline", "boilerplate", "reversed")

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


def _define_table(description: str, columns: str, *, key: str, allow_extra: bool = False) -> Table:
    """Parse columns written as "name:dtype"; a name alone is a string column."""
    pairs = (item.partition(":") for item in columns.split())
    dtypes = {name: dtype or "str" for name, _, dtype in pairs}
    return Table(description, dtypes, tuple(key.split()), allow_extra)


TABLES: dict[str, Table] = {
    "documents": _define_table(
        "one row per article; `dropped`: why it is not used, empty if it is",
        "doc_id title text lang date source section url dropped",
        key="doc_id",
        allow_extra=True,
    ),
    "passages": _define_table(
        "one row per passage; start and end are character offsets in the document's text",
        "passage_id doc_id position:int kind voice lang text start:int end:int n_reprints:int reprint_of modeled:bool",
        key="passage_id",
    ),
    "assignments": _define_table(
        "the topic of each modeled passage (-1: none); similarity: cosine to the topic's centroid; topic_found: the "
        "topic before the decisions of a curation file",
        "passage_id topic:int similarity:float topic_found:int",
        key="passage_id",
    ),
    "document_topics": _define_table(
        "the share of each article's passages in each topic", "doc_id topic:int share:float", key="doc_id topic"
    ),
    "topics": _define_table(
        "size: passages; label: first keywords; name: given by a person, empty if none was; share_fa, share_ar: the "
        "share of all Persian or Arabic passages that is in the topic",
        "topic:int size:int name_en name_fa name_ar label_fa label_ar share_fa:float share_ar:float",
        key="topic",
    ),
    "keywords": _define_table(
        "the c-TF-IDF keywords of each topic, by language",
        "topic:int lang rank:int word weight:float",
        key="topic lang rank",
    ),
    "quotes": _define_table(
        "representative passages of each topic and theme",
        "kind key lang passage_id score:float",
        key="kind key lang passage_id",
    ),
    "themes": _define_table(
        "the themes found in each passage", "passage_id theme about:bool score:float", key="passage_id theme"
    ),
    "matches": _define_table(
        "theme terms found; start and end are character offsets in the passage's text",
        "passage_id theme term start:int end:int",
        key="passage_id theme start end",
    ),
    "shares": _define_table(
        "share: mean share of the passages of n articles; any_share: share of the articles with such a passage; each "
        "with a 95 % interval where the data support one (else missing)",
        "kind key by level n:int share:float low:float high:float any_share:float any_low:float any_high:float",
        key="kind key by level",
    ),
    "timeline": _define_table(
        "the shares by month",
        "kind key by level period n:int share:float low:float high:float",
        key="kind key by level period",
    ),
    "contrasts": _define_table(
        "words that distinguish two groups on a theme, within one language: weighted log-odds, negative for the left",
        "key lang by left right word n_left:int n_right:int log_odds:float z:float",
        key="key lang by left right word",
    ),
    "coverage": _define_table("number of articles by outlet and month", "source period n:int", key="source period"),
    "topic_languages": _define_table(
        "the languages of each topic's passages, and their entropy in bits",
        "topic:int lang share:float entropy:float",
        key="topic lang",
    ),
    "points": _define_table(
        "a two-dimensional layout of the passages (UMAP)", "passage_id x:float y:float topic:int", key="passage_id"
    ),
    "stability": _define_table(
        "optional: best Jaccard overlap with topics of other seeds or subsamples; ari: agreement of all topics",
        "kind topic:int size:int n:int mean_jaccard:float min_jaccard:float ari:float",
        key="kind topic",
    ),
    "mixing": _define_table(
        "optional: language mixing among nearest neighbors and within topics, before and after alignment",
        "measure stage value:float chance:float",
        key="measure stage",
    ),
    "recovery": _define_table(
        "optional: a difference planted in the corpus, as the topics recover it between languages and within one",
        "larger_in planted:float resample:int recovered:float recovered_within:float share:float",
        key="larger_in planted resample",
    ),
    "sensitivity": _define_table(
        "optional: Persian minus Arabic share over many settings (min, max: extremes; n_missing: no matching topic); "
        "limit: of a topic, the largest difference that the method would make without a real one",
        "contrast kind key n_settings:int n_missing:int median:float min:float max:float sign_agreement:float "
        "limit:float",
        key="contrast",
    ),
    "candidates": _define_table(
        "optional: passages of an extension that are far from every topic, candidates for a new one; "
        "similarity: cosine to the nearest centroid, in ascending order",
        "passage_id doc_id lang similarity:float text",
        key="passage_id",
    ),
    "flow": _define_table(
        "articles (found, dropped, articles), passages (passages, left out, modeled), words (words, words left out), "
        "by outlet, language of the article and reason",
        "step source lang reason n:int",
        key="step source lang reason",
    ),
}

_DTYPES = {"str": "object", "int": "int64", "float": "float64", "bool": "bool"}


def get_table(name: str) -> Table:
    """Return the definition of a table.

    Raises
    ------
    KeyError
        If there is no such table.
    """
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
    words = [topic.get(f"label_{code}") for code in (LANGUAGES if lang == "en" else [lang])]
    text = topic.get(f"name_{lang}") or join.join(filter(None, dict.fromkeys(words)))
    return " · ".join(filter(None, [number or str(topic["topic"]), text]))


def empty_table(name: str) -> pd.DataFrame:
    """Return a table without rows."""
    return pd.DataFrame({column: pd.Series(dtype=_DTYPES[dtype]) for column, dtype in get_table(name).columns.items()})


def conform(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Convert a frame to a table: order and cast its columns, replace missing text with "", reset the index.

    Raises
    ------
    ValueError
        If a column is missing or a key is not unique.
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


def require_columns(frame: pd.DataFrame, columns: Iterable[str], *, caller: str) -> None:
    """Check that a frame has the given columns; error messages begin with `caller`.

    Raises
    ------
    TypeError
        If `frame` is not a DataFrame.
    ValueError
        If a column is missing.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{caller} needs a pandas DataFrame, but got {type(frame).__name__}")
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        present = ", ".join(map(str, frame.columns[:12])) or "none"
        raise ValueError(f"{caller} needs the column {', '.join(missing)}, but the frame has: {present}")


def require_modeled(passages: pd.DataFrame, *, caller: str) -> pd.DataFrame:
    """Return the passages unchanged, provided that all of them are modeled.

    Raises
    ------
    ValueError
        If `modeled` is False for any of them.
    """
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
