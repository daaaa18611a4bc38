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
    codes, values = pd.factorize(table.to_numpy().ravel())  # -1: no value
    counts = (codes.reshape(table.shape)[:, :, None] == np.arange(len(values))).sum(axis=1)
    counts = counts[counts.sum(axis=1) >= 2]
    if not len(counts):
        raise ValueError("no unit has values of two coders: alpha needs units coded at least twice")
    n = len(counts)
    distances = 1 - np.eye(len(values))
    if level_of_measurement == "interval":
        distances = np.subtract.outer(values.astype(float), values.astype(float)) ** 2
    disagreement = np.einsum("uv,uw,vw->u", counts, counts, distances) / (counts.sum(axis=1) - 1)
    resamples = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=n_resamples)
    times = np.vstack([np.ones(n), resamples])  # how often each unit counts: the sample itself, then the resamples
    total = times @ counts
    expected = ((total @ distances) * total).sum(axis=1) / (total.sum(axis=1) - 1)
    alpha, *resampled = 1 - times @ disagreement / np.where(expected > 0, expected, np.nan)
    defined = [value for value in resampled if not np.isnan(value)]
    low, high = np.percentile(defined, [2.5, 97.5]) if defined else (np.nan, np.nan)
    return {"alpha": float(alpha), "low": float(low), "high": float(high), "units": n, "coders": table.shape[1]}
