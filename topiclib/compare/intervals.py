"""Intervals of a share when articles come in outlets or days: what a percentile bootstrap promises, and these keep.

`benchmarks/intervals.py` prints how often each method covers the truth. With five to ten outlets the percentile
bootstrap of outlets covers about 80 % where it says 95 %; the interval used here 93 to 97 % on nearly all corpora.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

FEWEST_OUTLETS = 5
Z95 = 1.959964
LIKENESS = 0.05  # correlation of articles of one outlet that is taken for granted where none of them differs


class Estimate(NamedTuple):
    """A weighted mean share, its standard error, the degrees of freedom of that, and its 95 % interval."""

    share: float
    error: float
    freedom: float
    low: float
    high: float


def cluster_estimate(
    values: np.ndarray, clusters: np.ndarray, *, weights: np.ndarray | None = None, texts: np.ndarray | None = None
) -> Estimate:
    """Estimate a mean share whose articles are drawn in clusters (outlets, or days of one outlet).

    The variance is the jackknife's, each cluster left out in turn (CR3). The degrees of freedom are one less than
    Kish's effective number of clusters: the mean of that of all articles and of that of those which have what is rarer,
    so that neither one large outlet among small ones, nor a theme that one outlet has, passes for many. The interval is
    taken on the logit scale, so it stays within [0, 1] and is wide on the open side. Where no cluster differs there is
    no variance to see: then it is Wilson's, for the number of articles that as many independent ones would be worth at
    a correlation of .05.

    Parameters
    ----------
    values
        (articles,) in [0, 1].
    clusters
        (articles,) names of the clusters, at least two different ones.
    weights
        (articles,) positive; None: each article counts once.
    texts
        (articles,) names: articles of one name are reprints of one text, which ties their clusters: what they have in
        common across clusters is added to the variance. None: no two are.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        If there are fewer than two clusters.

    Source: Bell and McCaffrey 2002, Survey Methodology 28 (jackknife and CR2); Kish 1965, Survey Sampling, 8.2
    (effective number); Cameron, Gelbach and Miller 2011, JBES 29 (two ways of clustering); Korn and Graubard 1998,
    Survey Methodology 24 (intervals of proportions in surveys).
    """
    w = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    _, codes = np.unique(clusters, return_inverse=True)
    mass = np.bincount(codes, w)
    k = len(mass)
    if k < 2:
        raise ValueError(f"{k} cluster: an interval over clusters needs at least two")
    means = np.bincount(codes, w * values) / mass
    part = mass / mass.sum()
    share = float(part @ means)
    without = (share - part * means) / (1 - part)  # the share of the others
    variance = float((k - 1) / k * ((without - share) ** 2).sum())
    if variance < 1e-12 or not 0 < share < 1:
        size = len(values) / (1 + LIKENESS * max(0.0, len(values) / k - 1))
        low, high = wilson(np.array([share]), size)
        return Estimate(share, 0.0, k - 1, float(low[0]), float(high[0]))
    if texts is not None:
        variance += _tied(w * (values - share) / w.sum(), codes, texts)
    rarer = part * (means if share < 0.5 else 1 - means)
    freedom = max(1.0, (_effective(part) + _effective(rarer)) / 2 - 1)
    return Estimate(share, variance**0.5, freedom, *_logit_interval(share, variance**0.5, freedom))


def _effective(parts: np.ndarray) -> float:
    """Return how many equal parts the parts are worth."""
    return float(parts.sum() ** 2 / (parts**2).sum())


def _tied(parts: np.ndarray, codes: np.ndarray, texts: np.ndarray) -> float:
    """Return what the reprints of each text add to the variance between clusters, not below nought."""
    _, names = np.unique(texts, return_inverse=True)
    inside = pd.Series(parts).groupby([names, codes]).sum()
    return max(0.0, float((inside.groupby(level=0).sum() ** 2).sum() - (inside**2).sum()))


def _logit_interval(share: float, error: float, freedom: float) -> tuple[float, float]:
    from scipy.stats import t

    centre, half = np.log(share / (1 - share)), t.ppf(0.975, freedom) * error / (share * (1 - share))
    low, high = 1 / (1 + np.exp(-np.clip([centre - half, centre + half], -500, 500)))
    return float(low), float(high)


def wilson(share: np.ndarray, n: float) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's 95 % interval of a mean of n independent values within [0, 1].

    Source: Wilson 1927, JASA 22.
    """
    centre = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    return np.clip(np.minimum(centre - half, share), 0, 1), np.clip(np.maximum(centre + half, share), 0, 1)


def difference_interval(first: Estimate, second: Estimate) -> tuple[float, float, float, float]:
    """Return first minus second, its 95 % interval and the p-value of no difference, for independent estimates.

    The intervals of both, taken with Welch's degrees of freedom, are put together (MOVER), so that the result is as
    uneven as they are; the p-value is Welch's. Without any variance there is no p-value (NaN).

    Source: Zou and Donner 2008, Statistics in Medicine 27; Newcombe 1998, Statistics in Medicine 17; Welch 1947,
    Biometrika 34.
    """
    from scipy.stats import t

    gap, sides = first.share - second.share, [first, second]
    variance, p = first.error**2 + second.error**2, float("nan")
    if variance > 0:
        freedom = variance**2 / sum(side.error**4 / side.freedom for side in sides if side.error > 0)
        p = float(2 * t.sf(abs(gap) / variance**0.5, freedom))
        sides = [_with_freedom(side, freedom) for side in sides]
    one, two = sides
    low = gap - np.hypot(one.share - one.low, two.high - two.share)
    high = gap + np.hypot(one.high - one.share, two.share - two.low)
    return gap, float(low), float(high), p


def _with_freedom(estimate: Estimate, freedom: float) -> Estimate:
    if not estimate.error > 0:
        return estimate
    low, high = _logit_interval(estimate.share, estimate.error, freedom)
    return estimate._replace(low=low, high=high)
