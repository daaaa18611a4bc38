"""Time axis: months and quarters as numbers (months since year 0), and their ticks."""

import re

import numpy as np
import pandas as pd

from topiclib.draw.localization import Locale

_PERIOD = re.compile(r"(\d{4})-(?:(0[1-9]|1[0-2])(?:-\d{2})?|[Qq]([1-4]))$")


def month_number(period: str) -> float:
    """Return the month of a day ("2023-04-17"), month ("2023-04") or quarter ("2023-Q2", its first) as a number.

    Months are counted from year 0; other periods ("", "2023") give NaN.
    """
    match = _PERIOD.match(str(period))
    if not match:
        return np.nan
    year, month, quarter = match.groups()
    return int(year) * 12 + (int(month) - 1 if month else (int(quarter) - 1) * 3)


def month_numbers(periods: pd.Series) -> pd.Series:
    """Return the month number of each period, NaN if it has none."""
    return periods.map(month_number).astype(float)


def to_quarters(timeline: pd.DataFrame) -> pd.DataFrame:
    """Aggregate a monthly timeline (column `month`) to quarters: shares weighted by n, without intervals."""
    keys = ["kind", "key", "by", "level", "month"]
    rows = timeline.assign(month=timeline["month"] // 3 * 3, total=timeline["share"] * timeline["n"])
    sums = rows.groupby(keys, as_index=False)[["n", "total"]].sum()
    return sums.assign(share=sums["total"] / sums["n"].where(sums["n"] > 0), low=np.nan, high=np.nan)


def month_ticks(first: float, last: float, locale: Locale) -> tuple[list[float], list[str]]:
    """Return positions and labels of about eight ticks or fewer: years if a year apart, else year and month."""
    step = next((step for step in (1, 2, 3, 6, 12, 24, 60, 120) if (last - first) / step <= 8), 240)
    labels = []
    for month in (ticks := [month for month in range(int(first), int(last) + 1) if month % step == 0]):
        year = locale.format_number(month // 12, "d")
        labels.append(year if step >= 12 else f"{year}-{locale.format_number(month % 12 + 1, '02d')}")
    return list(map(float, ticks)), labels


def consecutive_runs(positions: np.ndarray, step: float) -> list[np.ndarray]:
    """Split sorted positions wherever a step is larger than `step`, and return the indices of each run."""
    if not len(positions):
        return []
    return np.split(np.arange(len(positions)), np.flatnonzero(np.diff(positions) > step) + 1)
