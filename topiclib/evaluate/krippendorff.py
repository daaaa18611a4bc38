"""Agreement of coders: Krippendorff's alpha."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd


def krippendorff_alpha(
    ratings: pd.DataFrame | Sequence[Sequence[Any]], *,
    level_of_measurement: Literal["nominal", "interval"] = "nominal", n_resamples: int = 1000, seed: int = 0,
) -> dict[str, float]:  # fmt: skip
    """Return Krippendorff's alpha with a 95 % interval.

    Parameters
    ----------
    ratings
        (units, coders); None, NaN or "" if a coder gave no value. Units with fewer than two values are left out.
    level_of_measurement
        "nominal": values are equal or not. "interval": numbers, compared by their squared difference.
    n_resamples, seed
        Of the bootstrap over units for the interval.

    Returns
    -------
    dict
        `alpha` (1: perfect agreement, 0: no better than chance; NaN if all values are equal), `low`, `high`, `units`
        (with two values or more), `coders`.

    Raises
    ------
    ValueError
        If no unit has two values, or `level_of_measurement` is unknown.

    Notes
    -----
    alpha = 1 - D_o / D_e: observed disagreement over that expected if values are paired at random.

    References
    ----------
    Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"; Zapf et al. 2016, BMC Medical Research Methodology
    16 (bootstrap over units).
    """
    if level_of_measurement not in ("nominal", "interval"):
        raise ValueError(f"level_of_measurement is {level_of_measurement!r}: expected 'nominal' or 'interval'")
    table = pd.DataFrame(ratings).astype("object")
    table = table.where(table.notna() & (table != ""), None)
    values = sorted({value for value in table.to_numpy().ravel() if value is not None}, key=str)
    counts = np.zeros((len(table), len(values)))
    for column, value in enumerate(values):
        counts[:, column] = (table == value).sum(axis=1)
    counts = counts[counts.sum(axis=1) >= 2]
    if not len(counts):
        raise ValueError("no unit has values of two coders: alpha needs units coded at least twice")
    n = len(counts)
    distances = _squared_distances(values, level_of_measurement)
    disagreement = np.einsum("uv,uw,vw->u", counts, counts, distances) / (counts.sum(axis=1) - 1)
    resamples = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=n_resamples)
    alphas = [_alpha(times, counts, disagreement, distances) for times in resamples]
    alphas = [alpha for alpha in alphas if not np.isnan(alpha)]
    low, high = np.percentile(alphas, [2.5, 97.5]) if alphas else (np.nan, np.nan)
    return {
        "alpha": _alpha(np.ones(n), counts, disagreement, distances),
        "low": float(low),
        "high": float(high),
        "units": n,
        "coders": table.shape[1],
    }


def _squared_distances(values: list[Any], level: str) -> np.ndarray:
    if level == "nominal":
        return 1 - np.eye(len(values))
    numbers = np.array(values, dtype=float)
    return (numbers[:, None] - numbers[None, :]) ** 2


def _alpha(times: np.ndarray, counts: np.ndarray, disagreement: np.ndarray, distances: np.ndarray) -> float:
    """Return alpha of a resample, by the number of times that it has each unit."""
    total = times @ counts
    expected = total @ distances @ total / (total.sum() - 1)
    return float(1 - times @ disagreement / expected) if expected > 0 else float("nan")
