"""Time axis: periods as numbers (months since year 0), coarser periods, and ticks."""

import calendar
import re

import numpy as np
import pandas as pd

from topiclib.draw import outlet_axis
from topiclib.draw.localization import Locale

_PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(/.*)?)?|-?[Qq]([1-4]))?$")

WEEK = 7 / 30.4369  # in months
STEPS = {"week": WEEK, "month": 1.0, "quarter": 3.0, "year": 12.0}  # length of a period in months


def month_number(period: str) -> float:
    """Return the start of a day or week ("2023-04-17"), month ("2023-04") or quarter ("2023-Q2") as a number.

    Months are counted from year 0, days are fractions; other periods ("", "2023") give NaN.
    """
    match = _PERIOD.match(str(period))
    if not match or not (match[2] or match[5]):
        return np.nan
    year, month, day, _, quarter = match.groups()
    start = int(year) * 12 + (int(month) - 1 if month else (int(quarter) - 1) * 3)
    return start + (int(day) - 1) / calendar.monthrange(int(year), int(month))[1] if day else start


def month_numbers(periods: pd.Series) -> pd.Series:
    """Return the month number of each period, NaN if it has none."""
    return periods.map({period: month_number(period) for period in periods.unique()}).astype(float)


def frequency(periods: pd.Series) -> str:
    """Return of which kind the periods of a table are: week, month, quarter or year."""
    first = next((match for match in map(_PERIOD.match, map(str, periods)) if match), None)
    if not first or (first[2] and not first[4]):
        return "month"
    return "week" if first[4] else "quarter" if first[5] else "year"


def period_starts(periods: pd.Series) -> pd.Series:
    """Return the month number of each period; of years too, if all periods are years."""
    if len(periods) and frequency(periods) == "year":
        return pd.to_numeric(periods, errors="coerce") * 12
    return month_numbers(periods)


def coarsen(timeline: pd.DataFrame, step: float) -> pd.DataFrame:
    """Aggregate a timeline (column `month`) to periods of `step` months: shares weighted by n, without intervals."""
    return outlet_axis.pool(timeline.assign(month=timeline["month"] // step * step), ["key", "level", "month"])


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
    return np.split(np.arange(len(positions)), np.flatnonzero(np.diff(positions) > step * 1.2) + 1)
