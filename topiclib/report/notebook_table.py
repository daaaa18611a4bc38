"""Show a table right to left in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

MAX_UNWRAPPED_CHARS = 30  # long enough for a date or an outlet's name, which should not be broken


def show(frame: pd.DataFrame, columns: Sequence[str] | None = None, *, percent: Sequence[str] = ()) -> Styler:
    """Style a table with Persian or Arabic text for a notebook: right to left, long texts wrapped, without its index.

    Parameters
    ----------
    columns
        Columns to show, in this order from right to left. None shows all.
    percent
        Columns of shares, shown as whole percentages.

    Returns
    -------
    Styler
        Text is escaped. Further Styler methods can be chained, such as `.background_gradient()` or `.bar()`.
    """
    frame = frame if columns is None else frame[list(columns)]
    styler = frame.reset_index(drop=True).style.hide(axis="index").format(precision=2, escape="html")
    styler = styler.format("{:.0%}", subset=list(percent), na_rep="–") if percent else styler
    header = [{"selector": "th", "props": "text-align: right; vertical-align: bottom"}]
    cells = {"text-align": "right", "white-space": "pre-line", "vertical-align": "top"}
    styler = styler.set_table_attributes('dir="rtl"').set_table_styles(header).set_properties(**cells)
    # In right-to-left text a browser would put the minus sign after the number.
    styler = styler.set_properties(subset=list(frame.select_dtypes("number").columns), direction="ltr")
    short = [name for name in frame if frame[name].astype(str).str.len().max() <= MAX_UNWRAPPED_CHARS]
    return styler.set_properties(subset=short, **{"white-space": "nowrap"})
