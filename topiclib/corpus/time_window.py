"""Which articles a comparison is of: those from the months in which all sides have some, unless told otherwise."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, TypeAlias

import pandas as pd

from topiclib import schema

OVERLAP, ALL = "overlap", "all"

TimeWindowSpec: TypeAlias = str | tuple[str, str] | None

MIN_DATED_SHARE = (
    0.5  # part of a side's articles whose month must be known before the others are left out for want of one
)

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class TimeWindow(NamedTuple):
    """The first and last month that count ("" both: all articles do), and why; the side that it is for, if any.

    `why`: "asked", "overlap" (the months that all sides have); and, where all articles count, "one side", "no dates",
    "few dates" (of `side`), "apart" (no month in common), "covered" (no article lies outside what all sides have).
    """

    first: str
    last: str
    why: str
    side: str = ""


def parse_period(period: TimeWindowSpec) -> str | tuple[str, str]:
    """Return "overlap", "all" or a first and last month, also of "2015-07/2016-01".

    Raises
    ------
    ValueError
        If it is none of these, or ends before it begins.
    """
    if period is None or period in (OVERLAP, ALL):
        return period or ALL
    months = tuple(period.split("/")) if isinstance(period, str) else tuple(period)
    if len(months) != 2 or not all(isinstance(month, str) and _MONTH.fullmatch(month) for month in months):
        raise ValueError(f"period is {period!r}: expected 'overlap', 'all', or months such as '2015-07/2016-01'")
    if months[0] > months[1]:
        raise ValueError(f"period is {period!r}: it ends before it begins")
    return months


def resolve_time_window(documents: pd.DataFrame, period: TimeWindowSpec = OVERLAP, *, by: str = "lang") -> TimeWindow:
    """Return the months that count among some documents.

    Parameters
    ----------
    documents
        `date` and the column `by`; without them, or without any date, all articles count.
    period
        "overlap": the months in which all sides have articles, from the first to the last; all articles where sides
        have no month in common, or one has a month for fewer than half of its articles, or no article lies outside.
        "all" or None; a first and a last month, as a pair or "2015-07/2016-01".
    by
        The column whose levels are the sides; "" and "other" are none.

    Raises
    ------
    ValueError
        If the period cannot be read.
    """
    asked = parse_period(period)
    if asked == ALL:
        return TimeWindow("", "", "asked")
    if isinstance(asked, tuple):
        return TimeWindow(*asked, "asked")
    if "date" not in documents or by not in documents:
        return TimeWindow("", "", "no dates")
    side, month = _side_of_document(documents, by), month_of(documents)
    month, side = month[side != ""], side[side != ""]
    if side.nunique() < 2:
        return TimeWindow("", "", "one side")
    known = month != ""
    if not known.any():
        return TimeWindow("", "", "no dates")
    parts = known.groupby(side).mean()
    if parts.min() < MIN_DATED_SHARE:
        return TimeWindow("", "", "few dates", str(parts.idxmin()))
    spans = month[known].groupby(side[known]).agg(["min", "max"])
    first, last = spans["min"].max(), spans["max"].min()
    if first > last:
        return TimeWindow("", "", "apart")
    outside = not month[known].between(first, last).all()
    return TimeWindow(first, last, "overlap") if outside else TimeWindow("", "", "covered")


def in_time_window(documents: pd.DataFrame, window: TimeWindow) -> pd.Series:
    """Tell which documents count: bool, as `documents` is indexed. One without a month is in no window."""
    if not window.first:
        return pd.Series(True, index=documents.index)
    return month_of(documents).between(window.first, window.last)


def summarize_time_window(documents: pd.DataFrame, period: TimeWindowSpec = OVERLAP) -> dict[str, Any]:
    """Return what a run says of the period of its shares: `asked`, `first`, `last`, `why`, `side`, and how many
    articles (Persian and Arabic, not dropped) are `counted`, `outside` of it, or `undated` and so left out.
    """
    used = documents[(documents["dropped"] == "") & documents["lang"].isin(schema.LANGUAGES)]
    window = resolve_time_window(used, period)
    inside = in_time_window(used, window)
    undated = int((~inside & (month_of(used) == "")).sum())
    asked = parse_period(period)
    return {
        "asked": asked if isinstance(asked, str) else "/".join(asked),
        **window._asdict(),
        "counted": int(inside.sum()),
        "outside": int((~inside).sum()) - undated,
        "undated": undated,
    }


def month_of(documents: pd.DataFrame) -> pd.Series:
    """Return the month ("2023-04") of each document, "" where it is not known."""
    month = documents["date"].astype("object").fillna("").astype(str).str.slice(0, 7)
    return month.where(month.str.len() == 7, "")


def _side_of_document(documents: pd.DataFrame, by: str) -> pd.Series:
    side = documents[by].astype("object").fillna("").astype(str)
    return side.where(side != "other", "") if by == "lang" else side
