"""Choose the time window of a comparison: by default the months in which all groups have articles."""

from __future__ import annotations

import re
import warnings
from typing import Any, NamedTuple, TypeAlias

import pandas as pd

from topiclib import schema
from topiclib.text.dates import JALALI_BEFORE, gregorian_month

OVERLAP, ALL = "overlap", "all"

TimeWindowSpec: TypeAlias = str | tuple[str, str] | None

# Share of each group's articles whose month must be known; with less, a time window would drop most of the group.
MIN_DATED_SHARE = 0.5

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class TimeWindow(NamedTuple):
    """The first and last month (both "": all articles) and the reason for the choice.

    `why` is "asked" or "overlap" (the months that all groups have); for all articles also "one side" (fewer than two
    groups), "no dates", "few dates" (of group `side`), "apart" (no month in common), "covered" (no article outside).
    """

    first: str
    last: str
    why: str
    side: str = ""


def parse_period(period: TimeWindowSpec) -> str | tuple[str, str]:
    """Return "overlap", "all" (also for None), or the first and last month of a pair or of "2015-07/2016-01".

    Jalali months (1402-01/1402-05) become the Gregorian months in which they begin and end, with a warning.
    """
    if period is None or period in (OVERLAP, ALL):
        return period or ALL
    months = tuple(period.split("/")) if isinstance(period, str) else tuple(period)
    if len(months) != 2 or not all(isinstance(month, str) and _MONTH.fullmatch(month) for month in months):
        raise ValueError(f"period is {period!r}: expected 'overlap', 'all', or months such as '2015-07/2016-01'")
    if months[0] > months[1]:
        raise ValueError(f"period is {period!r}: expected its first month not after its last")
    if months[0] < JALALI_BEFORE:
        gregorian = gregorian_month(months[0], day=1), gregorian_month(months[1], day=31)
        shown = "/".join(gregorian)
        warnings.warn(f"period {'/'.join(months)} is Jalali: articles are counted by month of {shown}", stacklevel=2)
        return gregorian
    return months


def resolve_time_window(documents: pd.DataFrame, period: TimeWindowSpec = OVERLAP, *, by: str = "lang") -> TimeWindow:
    """Return the time window of a comparison between groups of documents, the values of column `by`.

    "overlap" is the months in which all groups have articles, from the first to the last; all articles if there are
    none, if fewer than half of a group's articles have a month, or if no article lies outside. Other periods are as
    `parse_period` takes them. "" is no group, nor is "other" in column `lang`.
    """
    requested = parse_period(period)
    if requested != OVERLAP:
        return TimeWindow(*(("", "") if isinstance(requested, str) else requested), "asked")
    if "date" not in documents or by not in documents:
        return TimeWindow("", "", "no dates")
    group = documents[by].astype("object").fillna("").astype(str)
    is_grouped = (group != "") & ((by != "lang") | (group != "other"))
    group, month = group[is_grouped], month_of(documents).replace("", None)[is_grouped]
    months = month.groupby(group)
    if months.ngroups < 2:
        return TimeWindow("", "", "one side")
    dated_share = months.count() / months.size()
    if not dated_share.any():
        return TimeWindow("", "", "no dates")
    if dated_share.min() < MIN_DATED_SHARE:
        return TimeWindow("", "", "few dates", str(dated_share.idxmin()))
    dated = month.dropna()
    spans = dated.groupby(group[month.notna()]).agg(["min", "max"])
    first, last = spans["min"].max(), spans["max"].min()
    if first > last:
        return TimeWindow("", "", "apart")
    return TimeWindow("", "", "covered") if dated.between(first, last).all() else TimeWindow(first, last, "overlap")


def in_time_window(documents: pd.DataFrame, window: TimeWindow) -> pd.Series:
    """Return a boolean mask of the documents inside a time window; those without a month are outside any."""
    if not window.first:
        return pd.Series(True, index=documents.index)
    return month_of(documents).between(window.first, window.last)


def summarize_time_window(documents: pd.DataFrame, period: TimeWindowSpec = OVERLAP) -> dict[str, Any]:
    """Return the manifest entry on the time window: its choice, and the number of articles by their place in it."""
    used = documents[(documents["dropped"] == "") & documents["lang"].isin(schema.LANGUAGES)]
    window = resolve_time_window(used, period)
    inside = in_time_window(used, window)
    undated = int((~inside & (month_of(used) == "")).sum())
    requested = parse_period(period)
    if isinstance(requested, tuple) and len(used) and not inside.any():
        months = month_of(used).replace("", None).dropna()
        have = f"those of the articles are {months.min()} to {months.max()}" if len(months) else "no date is known"
        raise ValueError(f"no article lies in the period {'/'.join(requested)}: {have}")
    asked = requested if isinstance(requested, str) else "/".join(requested)
    counts = {"counted": int(inside.sum()), "outside": int((~inside).sum()) - undated, "undated": undated}
    return {"asked": asked, **window._asdict(), **counts}


def month_of(documents: pd.DataFrame) -> pd.Series:
    """Return the month ("2023-04") of each document, for a Jalali one (1402-01) that with most of its days, or ""."""
    month = documents["date"].astype("object").fillna("").astype(str).str.extract(r"^(.{7})", expand=False).fillna("")
    return month.map({jalali: gregorian_month(jalali, day=15) for jalali in month.unique()})
