"""The names of outlets: one for all spellings, and the columns that a table of outlets adds."""

import re
import warnings
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import pandas as pd

from topiclib import schema
from topiclib.corpus.columns import outlet_of_address, rename_columns, to_text_column
from topiclib.corpus.readers import read_table_file
from topiclib.schema import plural
from topiclib.text import fold

# With fewer articles, as many outlets as articles may be no accident.
MIN_ARTICLES_FOR_WARNING = 10


@lru_cache(4096)
def outlet_key(name: str) -> str:
    """Return what the spellings of an outlet's name share, or of its address, without spaces, hyphens and quotes."""
    return re.sub(r"[\s_\-«»\"'’]+", "", fold(outlet_of_address(name) or name))


def unify_outlet_names(names: Iterable[str]) -> list[str]:
    """Return the outlet of each article in its most common spelling, or the earliest of equally common ones."""
    names = [" ".join(name.split()) for name in names]
    shown: dict[str, str] = {}
    for name, _ in Counter(names).most_common():
        shown.setdefault(outlet_key(name), name)
    n_named, n_outlets = sum(map(bool, names)), len(shown.keys() - {""})
    if n_named >= MIN_ARTICLES_FOR_WARNING and n_outlets > 0.9 * n_named:
        expected = "column source should name the newspaper, agency or channel, not the article or its author"
        warnings.warn(f"{n_named} articles have {n_outlets} outlets: {expected}", stacklevel=2)
    return [shown[outlet_key(name)] for name in names]


def join_sources(documents: pd.DataFrame, file: Path) -> pd.DataFrame:
    """Add the columns of a table of outlets to documents, joined by `source`; columns they have already are kept."""
    outlets = read_joined_table(file, "a table of outlets with a column source")
    schema.require_columns(outlets, ["source"], caller=str(file))
    names = to_text_column(outlets["source"])
    outlets = outlets.set_axis(names.map(outlet_key))
    check_unique(outlets.index, file, "outlet", names)
    keys = documents["source"].map(outlet_key)
    if missing := sorted(set(documents["source"][~keys.isin(outlets.index) & (keys != "")])):
        examples = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        outlets_are = plural(len(missing), "outlet")
        warnings.warn(f"{file} has no row for {outlets_are} ({examples}): add one for each", stacklevel=2)
    return join_columns(documents, outlets[outlets.columns.difference(documents.columns, sort=False)], keys)


def join_columns(documents: pd.DataFrame, table: pd.DataFrame, keys: pd.Series) -> pd.DataFrame:
    """Add the columns of a table, whose index holds the key of each document; its empty cells replace none."""
    out = documents.copy(deep=False)
    for column in table:
        cells = keys.map(to_text_column(table[column]).set_axis(table.index)).fillna("")
        out[column] = cells.where(cells != "", out.get(column, ""))
    return out


def read_joined_table(file: Path, expected: str) -> pd.DataFrame:
    """Read a table that is joined to the documents, with its columns renamed."""
    if not file.exists():
        raise FileNotFoundError(f"{file} does not exist: expected {expected}")
    return rename_columns(read_table_file(file))


def check_unique(keys: pd.Index, file: Path, noun: str, names: Iterable[str] | None = None) -> None:
    """Raise ValueError, with the name that is shown for it, if a key of a joined table is in two rows."""
    shown = pd.Series(keys if names is None else names)[keys.duplicated()]
    if len(shown):
        name = repr(shown.iloc[0]) if shown.iloc[0] else "without a name"
        raise ValueError(f"{file} has the {noun} {name} in two rows: keep one row per {noun}")
