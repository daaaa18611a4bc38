"""Confidence intervals for shares of articles that are clustered by outlet, or by day within one outlet.

`benchmarks/intervals.py` measures their coverage.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

# One to four newsrooms do not show how newsrooms differ.
MIN_OUTLETS = 5

# Kish's effective number. Three leave two degrees of freedom (t = 4.3); with fewer, an interval is too wide to use.
MIN_EFFECTIVE_CLUSTERS = 3.0

# Fewest and most blocks of an outlet's days. More blocks give intervals that are too narrow where stories run for days;
# three blocks (22 days or fewer) give intervals half the axis wide, which say nothing.
TIME_BLOCK_RANGE = (4, 8)
MIN_DAYS = 23
MIN_ARTICLES = 16

Z95 = 1.959964  # normal quantile of a two-sided 95 % interval

# Correlation of two articles in a cluster. Assumed where the clusters do not differ, so that it cannot be estimated.
ASSUMED_INTRACLASS_CORRELATION = 0.05

MIN_P_VALUE = 1e-12


class Estimate(NamedTuple):
    """A mean share, its standard error, degrees of freedom, 95 % interval, and effective n (NaN unless Wilson's)."""

    share: float
    std_error: float
    degrees_of_freedom: float
    low: float
    high: float
    effective_n: float = float("nan")


def choose_clusters(
    outlets: np.ndarray, days: np.ndarray, weights: np.ndarray, *, is_nested: bool = False
) -> tuple[np.ndarray, str]:
    """Return the cluster of each article and, if these clusters do not support an interval, the reason.

    The clusters are outlets or, if there is only one outlet, blocks of its days.

    Parameters
    ----------
    outlets, days, weights
        (articles,): name of the outlet ("" if unknown), number of the day (NaN if unknown), weight.
    is_nested
        Whether the level is a property of outlets, such as a language. A single outlet does not represent such a level.

    Returns
    -------
    clusters : ndarray
        (articles,) number of each article's cluster.
    reason : str
        Why there is no interval; "" if the clusters support one.
    """
    codes = np.unique(outlets, return_inverse=True)[1]
    n, n_outlets = len(outlets), int(codes.max()) + 1
    reason = ""
    if "" in outlets:
        reason = "the outlet of some articles is unknown"
    elif n == 1:
        reason = "a single article"
    elif (0 if is_nested else 1) < n_outlets < MIN_OUTLETS:
        reason = f"fewer than {MIN_OUTLETS} outlets"
    elif n_outlets == 1 and n < MIN_ARTICLES:
        reason = f"fewer than {MIN_ARTICLES} articles"
    elif n_outlets == 1 and np.isnan(days).any():
        reason = "the day of some articles is unknown"
    elif n_outlets == 1 and np.ptp(days) + 1 < MIN_DAYS:
        reason = f"articles of fewer than {MIN_DAYS} days"
    if reason:
        return codes, reason
    clusters, what = (codes, "outlets") if n_outlets > 1 else (time_blocks(days), "blocks of days")
    if (n_effective := effective_clusters(clusters, weights)) < MIN_EFFECTIVE_CLUSTERS:
        mass = np.bincount(clusters, weights) / weights.sum()
        largest = outlets[clusters == mass.argmax()][0] if n_outlets > 1 else "one block"
        few = f"{n_effective:.1f} effective {what}, fewer than {MIN_EFFECTIVE_CLUSTERS:.0f}"
        return clusters, f"{largest} has {mass.max():.0%} of the articles: {few}"
    return clusters, ""


def time_blocks(days: np.ndarray) -> np.ndarray:
    """Split the days (articles,) of an outlet into consecutive blocks of about equally many articles.

    Stories run for several days, so single days are not independent, while long blocks nearly are. The number of blocks
    is d ** 0.4, rounded, at least four and at most eight, where d is the number of days from first to last. A day is
    never split.

    References
    ----------
    Ibragimov and Müller 2010, Journal of Business & Economic Statistics 28 (few large groups).
    """
    k = round(float(np.clip((np.ptp(days) + 1) ** 0.4, *TIME_BLOCK_RANGE)))
    _, codes, counts = np.unique(days, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    return np.minimum(k - 1, (k * middle / counts.sum()).astype(int))[codes]


def effective_clusters(clusters: np.ndarray, weights: np.ndarray) -> float:
    """Return Kish's effective number of clusters: so many clusters of equal weight would give the same variance."""
    mass = np.bincount(np.unique(clusters, return_inverse=True)[1], weights)
    return float(mass.sum() ** 2 / (mass**2).sum())


def cluster_estimate(
    values: np.ndarray, clusters: np.ndarray, *,
    weights: np.ndarray | None = None, reprint_groups: np.ndarray | None = None,
) -> Estimate:  # fmt: skip
    """Estimate a mean share of articles sampled in clusters.

    Parameters
    ----------
    values
        (articles,) shares in [0, 1].
    clusters
        (articles,) names of the clusters, at least two different ones.
    weights
        (articles,) positive weights. By default, each article counts once.
    reprint_groups
        (articles,) names of texts; reprints of one text have the same name. The covariance of reprints across clusters
        is added to the variance.

    Returns
    -------
    Estimate
        The mean share with its 95 % interval.

    Raises
    ------
    ValueError
        If there are fewer than two clusters.

    Notes
    -----
    The variance is that of the delete-one-cluster jackknife, CR3 [1]_. The interval takes t with G* - 1 degrees of
    freedom, where G* is the effective number of clusters [2]_ (for a mean, Kish's). It is computed on the logit scale,
    so that it stays within [0, 1] [3]_. The covariance of reprints follows two-way clustering [4]_. If the clusters do
    not differ, the jackknife variance is zero, which would claim certainty. Wilson's interval [5]_ is given instead,
    with n divided by a design effect that assumes a correlation of .05 within clusters.

    References
    ----------
    .. [1] Bell and McCaffrey 2002, Survey Methodology 28; MacKinnon, Nielsen and Webb 2023, J. Econometrics 232.
    .. [2] Carter, Schnepel and Steigerwald 2017, Review of Economics and Statistics 99.
    .. [3] Korn and Graubard 1998, Survey Methodology 24; Dean and Pagano 2015, J. Surv. Stat. Methodol. 3.
    .. [4] Cameron, Gelbach and Miller 2011, JBES 29.
    .. [5] Wilson 1927, JASA 22.
    """
    w = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    codes = np.unique(clusters, return_inverse=True)[1]
    if (k := int(codes.max()) + 1) < 2:
        raise ValueError(f"{k} cluster: an interval over clusters needs at least two")
    fraction = np.bincount(codes, w) / w.sum()
    share = float(np.clip(w @ values / w.sum(), 0, 1))
    influence = w * (values - share) / w.sum()
    variance = float((k - 1) / k * ((np.bincount(codes, influence) / (1 - fraction)) ** 2).sum())
    dof = max(1.0, effective_clusters(codes, w) - 1)
    if variance < 1e-12 or not 0 < share < 1:
        n = float(w.sum() ** 2 / (w**2).sum())
        n /= 1 + max(0.0, n / (dof + 1) - 1) * ASSUMED_INTRACLASS_CORRELATION
        estimate = Estimate(share, (share * (1 - share) / n) ** 0.5, dof, np.nan, np.nan, n)
    else:
        if reprint_groups is not None:
            # Pairs of reprints in different clusters: all pairs of a group, minus those in the same cluster.
            groups = np.unique(reprint_groups, return_inverse=True)[1]
            pairs = np.unique(groups * k + codes, return_inverse=True)[1]
            of_groups, of_pairs = (float((np.bincount(c, influence) ** 2).sum()) for c in (groups, pairs))
            variance += max(0.0, of_groups - of_pairs)
        estimate = Estimate(share, variance**0.5, dof, np.nan, np.nan)
    low, high = _interval(estimate, dof, 0.025)
    return estimate._replace(low=low, high=high)


def _interval(estimate: Estimate, degrees_of_freedom: float, tail: float) -> tuple[float, float]:
    """Return the interval with probability `tail` on either side."""
    from scipy.special import expit, logit, ndtri, stdtrit

    share = estimate.share
    if not np.isnan(estimate.effective_n):
        low, high = wilson_interval(share, estimate.effective_n, z=-float(ndtri(tail)))
        return float(low), float(high)
    half = -stdtrit(degrees_of_freedom, tail) * estimate.std_error / (share * (1 - share))
    return float(expit(logit(share) - half)), float(expit(logit(share) + half))


def wilson_interval(share: ArrayLike, n: float, *, z: float = Z95) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's interval (JASA 22, 1927) of a mean of n independent values in [0, 1]; z sets the level (95 %)."""
    share = np.asarray(share)
    center = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.clip(np.minimum(center - half, share), 0, 1), np.clip(np.maximum(center + half, share), 0, 1)


def difference_interval(first: Estimate, second: Estimate) -> tuple[float, float, float, float]:
    """Return first minus second, its 95 % interval and the p-value of no difference, for independent estimates.

    The interval combines the limits of both sides (MOVER), each with Welch's degrees of freedom, so it is as asymmetric
    as they are. The p-value is the level at which the interval would touch 0, so that the two never contradict each
    other.

    Returns
    -------
    difference, low, high, p : float
        low, high and p are NaN if either estimate has no interval. p is also NaN if the estimates are equal and neither
        has any variance.

    References
    ----------
    Newcombe 1998, Statistics in Medicine 17; Zou and Donner 2008, Statistics in Medicine 27 (MOVER); Welch 1947,
    Biometrika 34 (degrees of freedom).
    """
    from scipy.optimize import brentq

    difference, sides = first.share - second.share, (first, second)
    if np.isnan([first.low, second.low]).any():
        return difference, np.nan, np.nan, np.nan
    denominator = sum(side.std_error**4 / side.degrees_of_freedom for side in sides)
    welch = (first.std_error**2 + second.std_error**2) ** 2 / denominator if denominator > 0 else np.inf

    def limits(tail: float) -> tuple[float, float]:
        (low_1, high_1), (low_2, high_2) = (_interval(side, welch, tail) for side in sides)
        return (
            difference - float(np.hypot(first.share - low_1, high_2 - second.share)),
            difference + float(np.hypot(high_1 - first.share, second.share - low_2)),
        )

    def distance_from_zero(log_tail: float) -> float:
        low, high = limits(float(np.exp(log_tail)))
        return max(low, -high)  # positive if 0 is outside

    low, high = limits(0.025)
    lowest, highest = np.log(MIN_P_VALUE / 2), np.log(0.5)
    if not (first.std_error or second.std_error or difference):
        p = np.nan
    elif distance_from_zero(lowest) >= 0:
        p = MIN_P_VALUE
    elif distance_from_zero(highest) <= 0:
        p = 1.0
    else:
        p = min(1.0, 2 * np.exp(brentq(distance_from_zero, lowest, highest, xtol=1e-6)))
    return difference, low, high, float(p)
