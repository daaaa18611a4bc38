"""A table to look at in a notebook, right to left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

MAX_UNWRAPPED_CHARS = 30  # letters: a date or an outlet's name is not broken


def show(frame: pd.DataFrame, columns: Sequence[str] | None = None, *, percent: Sequence[str] = ()) -> Styler:
    """Return a table as a notebook shows it best where it has Persian or Arabic: right to left, long texts wrapped.

    Parameters
    ----------
    frame
        Any table; the index is not shown.
    columns
        Those to show, in their order; the first stands at the right. None: all.
    percent
        Columns that are shares, shown as whole percents.

    Returns
    -------
    Styler
        Shows itself at the end of a cell; nothing of a text is read as HTML. pandas' own methods go on from here:
        `.background_gradient()`, `.bar()`, ...
    """
    chosen = frame if columns is None else frame[list(columns)]
    shown = chosen.reset_index(drop=True).style.hide(axis="index").format(precision=2, escape="html")
    shown = shown.format("{:.0%}", subset=list(percent), na_rep="–") if percent else shown
    heads = [{"selector": "th", "props": "text-align: right; vertical-align: bottom"}]
    look = {"text-align": "right", "white-space": "pre-line", "vertical-align": "top"}
    shown = shown.set_table_attributes('dir="rtl"').set_table_styles(heads).set_properties(**look)
    numbers = chosen.select_dtypes("number").columns  # a minus stands before its number, also here
    short = [name for name in chosen if chosen[name].astype(str).str.len().max() <= MAX_UNWRAPPED_CHARS]
    shown = shown.set_properties(subset=list(numbers), direction="ltr")
    return shown.set_properties(subset=short, **{"white-space": "nowrap"})
