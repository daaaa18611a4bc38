"""Periods on an axis: months and quarters as whole numbers, with few, readable ticks."""

import re

import numpy as np
import pandas as pd

from topiclib.draw.localization import Locale

_PERIOD = re.compile(r"(\d{4})-(?:(0[1-9]|1[0-2])(?:-\d{2})?|[Qq]([1-4]))$")


def month_number(period: str) -> float:
    """Return a period as a count of months: a month or day ("2023-04") its month, a quarter ("2023-Q2") its first.

    NaN stands for whatever has no month: "", "2023".
    """
    found = _PERIOD.match(str(period))
    if not found:
        return np.nan
    year, month, quarter = found.groups()
    return int(year) * 12 + (int(month) - 1 if month else (int(quarter) - 1) * 3)


def month_numbers(periods: pd.Series) -> pd.Series:
    """Return each period as a count of months, NaN where it has none."""
    return periods.map(month_number).astype(float)


def to_quarters(timeline: pd.DataFrame) -> pd.DataFrame:
    """Return a timeline of months (column `month`) as one of quarters: shares weighted by n, without intervals."""
    keys = ["kind", "key", "by", "level", "month"]
    rows = timeline.assign(month=timeline["month"] // 3 * 3, total=timeline["share"] * timeline["n"])
    sums = rows.groupby(keys, as_index=False)[["n", "total"]].sum()
    return sums.assign(share=sums["total"] / sums["n"].where(sums["n"] > 0), low=np.nan, high=np.nan)


def month_ticks(first: float, last: float, says: Locale) -> tuple[list[float], list[str]]:
    """Return at most about eight ticks from one month to another: a year alone in January, else year and month."""
    step = next((step for step in (1, 2, 3, 6, 12, 24, 60, 120) if (last - first) / step <= 8), 240)
    ticks = [float(month) for month in range(int(first), int(last) + 1) if month % step == 0]
    return ticks, [_tick_label(int(tick), says, years_only=step >= 12) for tick in ticks]


def _tick_label(month: int, says: Locale, *, years_only: bool) -> str:
    year = says.number(month // 12, "d")
    return year if years_only else f"{year}-{says.number(month % 12 + 1, '02d')}"


def consecutive_runs(positions: np.ndarray, step: float) -> list[np.ndarray]:
    """Return the indices of sorted places, cut into stretches in which no place is missing."""
    if not len(positions):
        return []
    return np.split(np.arange(len(positions)), np.flatnonzero(np.diff(positions) > step) + 1)
