"""Do coders agree beyond chance?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd


def krippendorff_alpha(
    ratings: pd.DataFrame | Sequence[Sequence[Any]],
    *,
    level_of_measurement: Literal["nominal", "interval"] = "nominal",
    n_resamples: int = 1000,
    seed: int = 0,
) -> dict[str, float]:
    """Return Krippendorff's alpha with a 95 % interval.

    Parameters
    ----------
    ratings
        (units, coders): one row a unit; None, NaN and "" where a coder gave no value. Units with fewer than two
        values do not count.
    level
        "nominal": values are equal or not. "interval": numbers, whose squared difference counts.
    draws, seed
        For the interval: units are drawn with replacement.

    Returns
    -------
    dict
        ``alpha`` (1: always agreed, 0: as by chance; NaN where all values are the same, since then nothing varies to
        agree about), ``low``, ``high``, ``units`` that count, ``coders``.

    Raises
    ------
    ValueError
        If no unit has two values, or level is unknown.

    Notes
    -----
    alpha = 1 - D_o / D_e, disagreement observed over that expected when values are paired at random.
    Source: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"; bootstrap over units: Zapf et al. 2016, BMC
    Medical Research Methodology 16.
    """
    if level_of_measurement not in ("nominal", "interval"):
        raise ValueError(f"level is {level_of_measurement!r}: expected 'nominal' or 'interval'")
    table = pd.DataFrame(ratings).astype("object")
    table = table.where(table.notna() & (table != ""), None)
    values = sorted({value for value in table.to_numpy().ravel() if value is not None}, key=str)
    place = {value: i for i, value in enumerate(values)}
    counts = np.zeros((len(table), len(values)))
    for unit, row in enumerate(table.itertuples(index=False)):
        for value in row:
            if value is not None:
                counts[unit, place[value]] += 1
    counts = counts[counts.sum(axis=1) >= 2]
    if not len(counts):
        raise ValueError("no unit has values of two coders: alpha needs units that were coded at least twice")
    gap = _squared_distances(values, level_of_measurement)
    each = counts.sum(axis=1)
    pairs = np.einsum("uv,uw,vw->u", counts, counts, gap) / (each - 1)
    random = np.random.default_rng(seed)
    drawn = random.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=n_resamples)
    known = [value for value in (_alpha(times, counts, pairs, gap) for times in drawn) if not np.isnan(value)]
    low, high = np.percentile(known, [2.5, 97.5]) if known else (np.nan, np.nan)
    return {
        "alpha": _alpha(np.ones(len(counts)), counts, pairs, gap),
        "low": float(low),
        "high": float(high),
        "units": len(counts),
        "coders": table.shape[1],
    }


def _squared_distances(values: list[Any], level: str) -> np.ndarray:
    if level == "nominal":
        return 1 - np.eye(len(values))
    numbers = np.array(values, dtype=float)
    return (numbers[:, None] - numbers[None, :]) ** 2


def _alpha(times: np.ndarray, counts: np.ndarray, pairs: np.ndarray, gap: np.ndarray) -> float:
    total = times @ counts
    expected = total @ gap @ total / (total.sum() - 1)
    return float(1 - times @ pairs / expected) if expected > 0 else float("nan")
