"""Recovery of planted differences: whether the pipeline keeps a real difference in subjects and invents none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

import numpy as np
import pandas as pd

# With fewer samples in which nothing is planted, a detection limit says little: t is 2.8 with four, 2.2 with ten.
MIN_NULL_SAMPLES = 5


def sample_planted_difference(
    labels: Iterable[str], subject_labels: Collection[str], *, subject_share: float = 0.85, seed: int = 0,
    lang: Iterable[str] | None = None, languages: tuple[str, str] = ("fa", "ar"), max_side_size: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Sample two sides of a corpus whose shares of a subject differ by a known amount.

    Parameters
    ----------
    labels
        n labels of the items to sample from. An item is on one side at most, so that in parallel text no sentence
        meets its translation.
    subject_labels
        The labels that make the subject.
    subject_share
        Share of side 0 that is on the subject; side 1 has 1 - subject_share. The difference is 2 subject_share - 1.
    seed
        Random seed.
    lang
        n languages: side 0 is sampled from the first of `languages`, side 1 from the second; the same one twice plants
        the difference within it. None: any item can be on either side.
    max_side_size
        Largest size of a side.

    Returns
    -------
    rows, side
        Sorted positions, and 0 or 1 for each. The sides have equal size, the largest that the labels allow.

    Raises
    ------
    ValueError
        If `subject_share` is not between 0 and 1, or there are too few items on or off the subject.
    """
    if not 0 < subject_share < 1:
        raise ValueError(f"subject_share is {subject_share}: expected a number between 0 and 1")
    on_subject = np.isin(np.asarray(list(labels), dtype=object).astype(str), list(subject_labels))
    codes = np.full(len(on_subject), "") if lang is None else np.asarray(list(lang), dtype=object).astype(str)
    first, second = ("", "") if lang is None else languages
    strata = {
        (code, on): np.flatnonzero((codes == code) & (on_subject == on)) for code in (first, second) for on in (1, 0)
    }
    if first == second:  # both sides together use as many items on the subject as off it
        size = min(map(len, strata.values()))
    else:
        off_share = 1 - subject_share
        needed = {(first, 1): subject_share, (first, 0): off_share, (second, 1): off_share, (second, 0): subject_share}
        size = min(int(len(strata[key]) / share) for key, share in needed.items())
    size = size if max_side_size is None else min(size, max_side_size)
    larger = round(subject_share * size)
    if size < 2 or not all(map(len, strata.values())):
        counts = f"{on_subject.sum()} of {len(on_subject)} labels are in {sorted(subject_labels)}"
        raise ValueError(f"{counts}: expected at least two on the subject and two off it")
    rng = np.random.default_rng(seed)
    rows, side = [], []
    for on, n_first in ((1, larger), (0, size - larger)):
        if first == second:
            sample = rng.permutation(strata[first, on])[:size]
        else:
            quotas = ((first, n_first), (second, size - n_first))
            sample = np.concatenate([rng.permutation(strata[code, on])[:n] for code, n in quotas])
        rows.append(sample)
        side.append((np.arange(len(sample)) >= n_first).astype(int))
    order = np.argsort(np.concatenate(rows))
    return np.concatenate(rows)[order], np.concatenate(side)[order]


def recovered_difference(
    topics: Iterable[int], labels: Iterable[str], side: Iterable[int], subject_labels: Collection[str]
) -> float:
    """Return the difference between sides 0 and 1 in the share on the subject, judged by their topics.

    Parameters
    ----------
    topics, labels, side
        n topic numbers, n labels, n times 0 or 1. Outliers (-1) are left out.
    subject_labels
        The labels that make the subject; a topic is on it if the most frequent label of its passages is one of them.

    Returns
    -------
    float
        p(topic on the subject | side 0) - p(topic on the subject | side 1), in -1..1; NaN if a side has only outliers.
    """
    first, second = _shares_on_subject(topics, labels, side, subject_labels)
    return first - second


def _shares_on_subject(
    topics: Iterable[int], labels: Iterable[str], side: Iterable[int], subject_labels: Collection[str]
) -> tuple[float, float]:
    """Return the share of each side that is in topics on the subject."""
    topics, sides = np.asarray(list(topics), dtype=int), np.asarray(list(side), dtype=int)
    names = np.asarray(list(labels), dtype=object).astype(str)
    on_subject = np.zeros(len(topics), dtype=bool)
    for topic in np.unique(topics[topics >= 0]):
        values, counts = np.unique(names[topics == topic], return_counts=True)
        on_subject[topics == topic] = values[counts.argmax()] in subject_labels
    first, second = (on_subject[(topics >= 0) & (sides == value)] for value in (0, 1))
    if not len(first) or not len(second):
        return float("nan"), float("nan")
    return float(first.mean()), float(second.mean())


def share_recovery(
    cluster: Callable[[np.ndarray, np.ndarray], Iterable[int]],
    cluster_control: Callable[[np.ndarray, np.ndarray], Iterable[int]],
    labels: Iterable[str], *,
    subject_labels: Collection[str], subject_share: float = 0.85, n_resamples: int = 8, seed: int = 0,
    lang: Iterable[str] | None = None, languages: tuple[str, str] = ("fa", "ar"),
) -> pd.DataFrame:  # fmt: skip
    """Plant a difference of known size between two languages, and measure how much of it the pipeline recovers.

    Parameters
    ----------
    cluster
        Function of rows and side (see `sample_planted_difference`), with side 0 in the first language and side 1 in the
        second, that aligns, clusters and returns the topic of each row.
    cluster_control
        The same with both sides in one language, which need no alignment: it shows what clustering alone loses. The
        vectors should be centered, as those of two aligned languages are: they are clustered better, so that a control
        without it is too low.
    labels, subject_labels, subject_share
        As in `sample_planted_difference`. A share of .5 plants no difference, so what is recovered is false.
    n_resamples
        Number of samples.
    seed
        Seed of the first sample; the others have seed + 1, seed + 2, ...
    lang, languages
        As in `sample_planted_difference`, for a corpus that is not parallel. The control is planted within the first of
        `languages`, with sides of the same size.

    Returns
    -------
    pandas.DataFrame
        One row per sample: `resample` (its seed), `planted` (2 subject_share - 1), `recovered`, `recovered_within` (one
        language), and `share`: of both sides, in topics on the subject. mean(recovered) / mean(recovered_within) is
        near 1 if alignment neither erases nor invents.

    References
    ----------
    Luecken et al. 2022, "Benchmarking atlas-level data integration in single-cell genomics" (spike-in data as positive
    controls of batch correction). rectr (Chan et al. 2020) has no such test.
    """
    names = np.asarray(list(labels), dtype=object).astype(str)
    codes = None if lang is None else list(lang)
    results = []
    for resample in range(seed, seed + n_resamples):
        options: dict[str, Any] = {"subject_share": subject_share, "seed": resample, "lang": codes}
        rows, side = sample_planted_difference(names, subject_labels, languages=languages, **options)
        first, second = _shares_on_subject(cluster(rows, side), names[rows], side, subject_labels)
        if codes is not None:
            options |= {"languages": (languages[0], languages[0]), "max_side_size": len(rows) // 2}
            rows, side = sample_planted_difference(names, subject_labels, **options)
        within = recovered_difference(cluster_control(rows, side), names[rows], side, subject_labels)
        results.append((resample, 2 * subject_share - 1, first - second, within, (first + second) / 2))
    return pd.DataFrame(results, columns=["resample", "planted", "recovered", "recovered_within", "share"])


def share_differences(topics: Iterable[int], side: Iterable[str], articles: Iterable[str]) -> pd.DataFrame:
    """Return `share` (mean of two sides), `difference` (second minus first, sorted) and its standard `error` by topic.

    Articles are sampled, and passages of one article are not independent (ratio estimator: Cochran 1977, "Sampling
    techniques", 2.11). `error` is NaN with one article on a side.
    """
    table = pd.get_dummies(pd.Series(list(topics), dtype=int), dtype=float)
    by_article = table.groupby([np.asarray(list(side), dtype=object), np.asarray(list(articles), dtype=object)])
    sums, sizes = by_article.sum(), by_article.size()
    shares, variances = [], []
    for name in sums.index.unique(level=0):
        share = sums.loc[name].sum() / sizes[name].sum()
        deviations = sums.loc[name] - np.outer(sizes[name], share)
        n = len(deviations)
        shares.append(share)
        variances.append((deviations**2).sum() / sizes[name].sum() ** 2 * (n / (n - 1) if n > 1 else np.nan))
    first, second = shares
    columns = {"share": (first + second) / 2, "difference": second - first, "error": sum(variances) ** 0.5}
    return pd.DataFrame(columns).drop(index=-1, errors="ignore").rename_axis("topic")


def detection_limits(recovery: pd.DataFrame, share: pd.Series, error: pd.Series) -> pd.Series:
    """Return the largest difference of each topic share that the method would make if the languages did not differ.

    Parameters
    ----------
    recovery
        As `share_recovery` returns it; the rows in which nothing was planted are read.
    share, error
        Share of each topic, the mean of both languages, and the standard error of its difference: of
        `share_differences`.

    Returns
    -------
    pandas.Series
        By topic, 0 to 1: without a real difference, 5 % of the differences between the languages exceed it. NaN if
        fewer than five samples show the subject.

    Notes
    -----
    A difference d of a share p is standardized as z = d / sqrt(p (1 - p)), which makes subjects of any size comparable
    (nearly Cohen's h). With n samples in which nothing is planted, whose z have mean 0 and root mean square s, the next
    one is within t_n(.975) s in 95 % of the cases: a prediction interval. These samples have equal shares of the
    subject in both languages, and so say what alignment and clustering do, but not that articles on single topics are
    sampled: hence the standard error e. The limit is t_n(.975) sqrt(s^2 p (1 - p) + e^2). The content of the two
    languages may differ otherwise within the samples, so that s is rather too large. Shares of themes do not pass
    through the alignment: it says nothing about them.

    References
    ----------
    Cohen 1988, "Statistical power analysis for the behavioral sciences", 6.2 (h); Hahn and Meeker 1991, "Statistical
    intervals", 4.8 (prediction interval).
    """
    from scipy.stats import t

    null = recovery[(recovery["planted"] == 0) & recovery["share"].between(0, 1, inclusive="neither")]
    z = null["recovered"] / np.sqrt(null["share"] * (1 - null["share"]))
    if len(z) < MIN_NULL_SAMPLES:
        return share * np.nan
    return (t.ppf(0.975, len(z)) * np.sqrt((z**2).mean() * share * (1 - share) + error**2)).clip(upper=1.0)
