"""Show a table in a notebook, right to left if it has Persian or Arabic text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

_RTL = re.compile("[\u0600-\u06ff]")
MAX_UNWRAPPED_CHARS = 30  # long enough for a date or an outlet's name, which should not be broken


def show(frame: pd.DataFrame, columns: Sequence[str] | None = None, *, percent: Sequence[str] = ()) -> Styler:
    """Style a table for a notebook: long texts wrapped, without its index; right to left if it has Persian or Arabic.

    Parameters
    ----------
    columns
        Columns to show, in this order. None shows all.
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
    is_rtl = any(_RTL.search(str(cell)) for name in frame for cell in (name, *frame[name]))
    direction, side = ("rtl", "right") if is_rtl else ("ltr", "left")
    header = [{"selector": "th", "props": f"text-align: {side}; vertical-align: bottom"}]
    cells = {"text-align": side, "white-space": "pre-line", "vertical-align": "top"}
    styler = styler.set_table_attributes(f'dir="{direction}"').set_table_styles(header).set_properties(**cells)
    # In right-to-left text a browser would put the minus sign after the number.
    numbers = list(frame.select_dtypes("number").columns)
    styler = styler.set_properties(subset=numbers, **{"direction": "ltr", "text-align": "right"})
    short = [name for name in frame if frame[name].astype(str).str.len().max() <= MAX_UNWRAPPED_CHARS]
    return styler.set_properties(subset=short, **{"white-space": "nowrap"})
