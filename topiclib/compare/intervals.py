"""Confidence intervals for shares of articles that are clustered by outlet or by day.

`benchmarks/intervals.py` prints the coverage of each method. With five to ten outlets the percentile bootstrap over
outlets covers about 80 % at a nominal 95 %; the intervals used here cover 93 to 97 % on nearly all simulated corpora.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

# One to four newsrooms do not show how newsrooms differ.
MIN_OUTLETS = 5

# Kish's effective number. Three leave two degrees of freedom (t = 4.3): below, an interval is too wide to be of use.
MIN_EFFECTIVE_OUTLETS = 3.0

# Fewest and most blocks of an outlet's days. More blocks give intervals too narrow where news runs on for days.
TIME_BLOCK_RANGE = (3, 8)

# With fewer articles, Wilson's interval. In simulations of 7 and 10 days, 16 kept coverage better than two per block.
MIN_ARTICLES_FOR_TIME_BLOCKS = 16

# Effective number of blocks over number of blocks. If it is lower, a few days have most of the articles.
MIN_EFFECTIVE_BLOCK_RATIO = 0.625

Z95 = 1.959964  # normal quantile of a two-sided 95 % interval

# Fewest articles with the rarer outcome to estimate an intraclass correlation from: with a single one, alone on its
# day, the estimate would be 1.
MIN_EVENTS = 5

# The correlation within a day is assumed to be at least this. Where one day has most of the articles, 95 % intervals
# cover 89 to 97 % with this floor, and 45 to 87 % if articles are taken as independent.
MIN_INTRACLASS_CORRELATION = 0.05

MIN_P_VALUE = 1e-12


class Estimate(NamedTuple):
    """A weighted mean share with its standard error, degrees of freedom and 95 % interval, the effective number of
    clusters (Kish; inf without clusters), and the effective number of articles (Wilson's interval only, else NaN).
    """

    share: float
    std_error: float
    degrees_of_freedom: float
    low: float
    high: float
    effective_clusters: float = float("inf")
    effective_n: float = float("nan")


def cluster_estimate(
    values: np.ndarray, clusters: np.ndarray, *,
    weights: np.ndarray | None = None, reprint_groups: np.ndarray | None = None,
) -> Estimate:  # fmt: skip
    """Estimate a mean share of articles sampled in clusters: outlets, or blocks of one outlet's days.

    Parameters
    ----------
    values
        (articles,) in [0, 1].
    clusters
        (articles,) names of the clusters, at least two different ones.
    weights
        (articles,) positive; None: each article counts once.
    reprint_groups
        (articles,) names of texts, the same for reprints of one; their covariance across clusters adds to the variance.

    Notes
    -----
    The variance is that of the delete-one-cluster jackknife (CR3), corrected for its bias with unequal clusters [1]_.
    The degrees of freedom come from Kish's effective number of clusters [2]_. The covariance of reprints follows
    two-way clustering [3]_. The interval is computed on the logit scale, so it stays within [0, 1] and is asymmetric
    [4]_. If the clusters do not differ, it is Wilson's (`wilson_estimate`).

    References
    ----------
    .. [1] Bell and McCaffrey 2002, Survey Methodology 28 (jackknife and CR2).
    .. [2] Kish 1965, Survey Sampling, 8.2.
    .. [3] Cameron, Gelbach and Miller 2011, JBES 29.
    .. [4] Korn and Graubard 1998, Survey Methodology 24.
    """
    w = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    _, codes = np.unique(clusters, return_inverse=True)
    if (k := int(codes.max()) + 1) < 2:
        raise ValueError(f"{k} cluster: an interval over clusters needs at least two")
    fraction, means, mean_variance, between, _ = _variance_components(values, w, codes)
    share = float(fraction @ means)
    leverage = (k - 1) / k * (fraction / (1 - fraction)) ** 2
    variance = float(leverage @ (means - share) ** 2)
    n_effective = _kish(fraction)
    # A jackknife variance of 0 would claim certainty, and at 0 or 1 there is no logit.
    if variance < 1e-12 or not 0 < share < 1:
        wilson = wilson_estimate(values, clusters, weights=w)
        return wilson._replace(std_error=0.0, degrees_of_freedom=k - 1, effective_clusters=n_effective)
    # CR3 is too large where clusters are unequal. As CR2 does, divide by its expectation over the true variance, here
    # under the fitted variance components: E (mean_i - share)^2 = v_i (1 - 2 f_i) + sum_j f_j^2 v_j.
    v = between + mean_variance
    expected = fraction**2 @ v
    variance *= expected / (leverage @ (v * (1 - 2 * fraction) + expected)) if expected > 0 else 1.0
    if reprint_groups is not None:
        # Of pairs of articles in one group, those in different clusters: all pairs, minus those in one cluster.
        influence, groups = w * (values - share) / w.sum(), np.unique(reprint_groups, return_inverse=True)[1]
        pairs = np.unique(groups * k + codes, return_inverse=True)[1]
        variance += max(0.0, _sum_of_squares(groups, influence) - _sum_of_squares(pairs, influence))
    # The mean of two effective numbers, less one: of all articles, and of those with the rarer outcome, so that neither
    # a large outlet among small ones nor a theme that one outlet has passes for many clusters. The second would be too
    # small where an outlet has three such articles: the sampling variance is taken off.
    n_rarer = _kish(fraction * (means if share < 0.5 else 1 - means), fraction**2 @ mean_variance)
    dof = max(1.0, (n_effective + min(k, n_rarer)) / 2 - 1)
    estimate = Estimate(share, variance**0.5, dof, np.nan, np.nan, n_effective)
    low, high = _interval(estimate, dof, 0.025)
    return estimate._replace(low=low, high=high)


def wilson_estimate(
    values: np.ndarray, clusters: np.ndarray | None = None, *, weights: np.ndarray | None = None
) -> Estimate:
    """Estimate a mean share with Wilson's interval for the effective number of articles.

    The number of articles is divided by Kish's design effect of the clusters (days). Without clusters, articles are
    taken as independent. A share within [0, 1] varies no more than a yes or no, so the interval is conservative for it.

    References
    ----------
    Wilson 1927, JASA 22; Kish 1965, Survey Sampling, 5.4 (design effect).
    """
    w = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    n = float(w.sum() ** 2 / (w**2).sum())
    if clusters is not None:
        _, codes = np.unique(clusters, return_inverse=True)
        fraction, _, _, between, within = _variance_components(values, w, codes)
        estimable = between > 0 and min(values.sum(), len(values) - values.sum()) >= MIN_EVENTS
        correlation = between / (between + within) if estimable else 0.0
        n /= 1 + max(0.0, n / _kish(fraction) - 1) * max(MIN_INTRACLASS_CORRELATION, correlation)
    share = float(w @ values / w.sum())
    low, high = wilson_interval(min(1.0, max(0.0, share)), n)
    std_error = float((share * (1 - share) / n) ** 0.5) if 0 < share < 1 else 0.0
    return Estimate(share, std_error, max(1.0, n - 1), float(low), float(high), effective_n=n)


def single_outlet_estimate(
    values: np.ndarray, days: np.ndarray | None, *,
    weights: np.ndarray | None = None, reprint_groups: np.ndarray | None = None,
) -> Estimate:  # fmt: skip
    """Estimate the share of one outlet from blocks of its days.

    `days` (articles,) are day numbers; None if unknown. News runs on from day to day, so single days are not
    independent, while long blocks (`time_blocks`) nearly are. With few blocks the interval is wide: two weeks do not
    show how weeks differ. With fewer than 16 articles, with most of them in a few days, or without days, the interval
    is Wilson's (`wilson_estimate`).

    References
    ----------
    Ibragimov and Müller 2010, Journal of Business & Economic Statistics 28 (few large groups).
    """
    w = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    if days is not None and len(days) >= MIN_ARTICLES_FOR_TIME_BLOCKS:
        k, blocks = time_blocks(days)
        if effective_clusters(blocks, w) > max(2.0, MIN_EFFECTIVE_BLOCK_RATIO * k):
            return cluster_estimate(values, blocks, weights=w, reprint_groups=reprint_groups)
    return wilson_estimate(values, days, weights=w)


def time_blocks(days: np.ndarray) -> tuple[int, np.ndarray]:
    """Split days (articles,), as numbers, into blocks of about equally many articles; a day is never split.

    Return the number k of blocks (20 days from first to last: 3, 60: 5, from 155 on: 8) and each article's block; with
    fewer than k days some are empty.
    """
    # The fewer days, the fewer blocks, so that they stay long. Of the rules tried, days ** .4 kept the coverage in most
    # simulated settings (115 of 128 held out; always eight blocks: 105).
    k = round(float(np.clip((np.ptp(days) + 1) ** 0.4, *TIME_BLOCK_RANGE)))
    _, codes, counts = np.unique(days, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    return k, np.minimum(k - 1, (k * middle / counts.sum()).astype(int))[codes]


def effective_clusters(clusters: np.ndarray, weights: np.ndarray) -> float:
    """Return Kish's effective number of clusters: that many clusters of equal weight have the same variance."""
    return _kish(np.bincount(np.unique(clusters, return_inverse=True)[1], weights))


def _kish(cluster_weights: np.ndarray, sampling_variance: float = 0.0) -> float:
    """Return the effective number of clusters; `sampling_variance` is subtracted from the sum of squares."""
    squares = float((cluster_weights**2).sum()) - sampling_variance
    return float(cluster_weights.sum() ** 2 / squares) if squares > 0 else float("inf")


def _variance_components(
    values: np.ndarray, w: np.ndarray, codes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, float]:
    """Return each cluster's fraction of the weight, mean and its sampling variance; variance between and within."""
    mass = np.bincount(codes, w)
    fraction, means, n, k = mass / mass.sum(), np.bincount(codes, w * values) / mass, len(values), len(mass)
    within = float(((values - means[codes]) ** 2).sum() / (n - k)) if n > k else 0.0
    mean_variance = within * np.bincount(codes, w**2) / mass**2
    rest = fraction * (1 - fraction)
    excess = fraction @ (means - fraction @ means) ** 2 - rest @ mean_variance
    return fraction, means, mean_variance, max(0.0, float(excess / rest.sum())) if k > 1 else 0.0, within


def _sum_of_squares(codes: np.ndarray, values: np.ndarray) -> float:
    """Return the sum of the squared sums of each group's values."""
    return float((np.bincount(codes, values) ** 2).sum())


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

    The interval combines the limits of both sides (MOVER, Newcombe's method 10 generalized), so it is as asymmetric as
    they are. p is the level at which it would touch 0, so that the two never contradict each other; NaN if neither side
    has any variance and they are equal.

    References
    ----------
    Newcombe 1998, Statistics in Medicine 17; Zou and Donner 2008, Statistics in Medicine 27 (MOVER); Welch 1947,
    Biometrika 34 (degrees of freedom); Johnson 1978, JASA 73 (t for skewed data).
    """
    from scipy.optimize import brentq

    difference, sides = first.share - second.share, (first, second)
    if np.isnan([first.low, second.low]).any():
        return difference, np.nan, np.nan, np.nan
    # Welch-Satterthwaite with the outlets' own degrees of freedom. Those of the estimates also fall where few outlets
    # have the rarer outcome; with them, intervals between similar sides are too wide.
    dof = [
        max(1.0, side.effective_clusters - 1) if np.isfinite(side.effective_clusters) else side.degrees_of_freedom
        for side in sides
    ]
    denominator = sum(side.std_error**4 / k for side, k in zip(sides, dof, strict=True))
    welch = (first.std_error**2 + second.std_error**2) ** 2 / denominator if denominator > 0 else np.inf

    def limits(tail: float) -> tuple[float, float]:
        (low_1, high_1), (low_2, high_2) = (_one_sided_limits(side, welch, tail) for side in sides)
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


def _one_sided_limits(side: Estimate, welch: float, tail: float) -> tuple[float, float]:
    """Return one side's limits: the one nearer to 0 or 1 with Welch's degrees of freedom, the other with fewer."""
    # A theme that one outlet has is not better known because the other side has many outlets: at most one degree more
    # than the side's own was never too narrow in simulated pairs. An interval misses a rare share if the estimate is
    # too low, so only the limit away from the nearer of 0 and 1 is at risk.
    nearer = _interval(side, welch, tail)
    other = _interval(side, min(welch, side.degrees_of_freedom + 1), tail)
    return (nearer[0], other[1]) if side.share <= 0.5 else (other[0], nearer[1])
