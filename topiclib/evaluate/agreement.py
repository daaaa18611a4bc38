"""Agreement between partitions of the same passages, overall and topic by topic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

# Label of the passages that a subsample leaves out.
NOT_SAMPLED = -2

# Topics of at least this Jaccard similarity count as the same (Hennig 2007): below it, they differ in more passages
# than they share.
MIN_MATCH_JACCARD = 0.5
# For a reader in a terminal; a format string of the entries of `compare_topics`.
ARI = "agreement of the groupings {ari:.2f} (adjusted Rand index: 1 if they are the same, about 0 by chance)"


def pairwise_ari(partitions: Sequence[Iterable[int]]) -> dict[str, float]:
    """Return `mean` and `min` of the adjusted Rand index over all pairs of partitions (seeds, subsamples).

    Parameters
    ----------
    partitions
        At least two label vectors of equal length; outliers (-1) are one group.

    References
    ----------
    Hubert and Arabie 1985 (adjusted Rand index); Ben-Hur, Elisseeff and Guyon 2002, "A stability based method for
    discovering structure in clustered data" (pairs of perturbed clusterings).
    """
    from sklearn.metrics import adjusted_rand_score

    if len(partitions) < 2:
        raise ValueError(f"partitions has {len(partitions)} label vectors: expected at least two to compare")
    values = [adjusted_rand_score(list(a), list(b)) for a, b in combinations(partitions, 2)]
    return {"mean": float(np.mean(values)), "min": float(np.min(values))}


def best_jaccard(topics: Iterable[int], partitions: Sequence[Iterable[int]]) -> pd.DataFrame:
    """Return each topic's best Jaccard overlap with a topic of other partitions.

    Parameters
    ----------
    topics
        n topic numbers of the reference; outliers (-1) are left out.
    partitions
        Label vectors (n,) of other partitions of the same passages. Passages labeled `NOT_SAMPLED` (-2) are left out
        of that comparison.

    Returns
    -------
    pandas.DataFrame
        `topic`, `size`, `mean_jaccard` and `min_jaccard` (of the best overlaps, over the partitions). Below .5 a topic
        counts as dissolved.

    References
    ----------
    Hennig 2007, "Cluster-wise assessment of cluster stability".
    """
    reference = np.asarray(list(topics), dtype=int)
    ids, sizes = np.unique(reference[reference >= 0], return_counts=True)
    best = []
    for partition in partitions:
        other = np.asarray(list(partition), dtype=int)
        sampled = other != NOT_SAMPLED
        overlaps = topic_overlaps(reference[sampled], other[sampled])
        best.append(overlaps.max(axis=1).reindex(ids).fillna(0.0))
    mean, minimum = np.mean(best, axis=0), np.min(best, axis=0)
    return pd.DataFrame({"topic": ids, "size": sizes, "mean_jaccard": mean, "min_jaccard": minimum})


def topic_overlaps(topics: np.ndarray, others: np.ndarray) -> pd.DataFrame:
    """Return the Jaccard overlap, |A and B| / |A or B|, of each topic (rows) with each of `others` (columns), no -1."""
    intersection = pd.crosstab(topics, others)
    sizes, other_sizes = intersection.sum(axis=1).to_numpy(), intersection.sum(axis=0).to_numpy()
    union = np.add.outer(sizes, other_sizes) - intersection
    return (intersection / union).loc[intersection.index >= 0, intersection.columns >= 0]


def match_topics(overlaps: pd.DataFrame) -> pd.DataFrame:
    """Match topics one to one: as many pairs as possible that count as the same, and then the largest overlaps.

    Returns `topic`, `other` and `jaccard` of each pair that overlaps at all; `overlaps` is that of `topic_overlaps`.

    References
    ----------
    Kuhn 1955, "The Hungarian method for the assignment problem".
    """
    from scipy.optimize import linear_sum_assignment

    jaccard = overlaps.to_numpy()
    # The largest sum alone can leave out a pair of .5 for two of .3 each.
    rows, columns = linear_sum_assignment(-jaccard - len(jaccard) * (jaccard >= MIN_MATCH_JACCARD))
    pairs = {"topic": overlaps.index[rows], "other": overlaps.columns[columns], "jaccard": jaccard[rows, columns]}
    return pd.DataFrame(pairs).query("jaccard > 0").reset_index(drop=True)


def compare_topics(topics: np.ndarray, others: np.ndarray, lang: pd.Series) -> dict[str, Any]:
    """Match the topics (n,) of two fits of the same passages one to one, and measure their agreement.

    Returns
    -------
    dict
        ``n_topics`` and ``n_topics_refit``; ``n_matched``, the pairs that count as the same; ``ari``, the adjusted Rand
        index; ``same_topic_share``, the share of passages in the matched topic; ``max_share_change``, the largest
        change of a topic's share of a language's passages (0..1), and ``max_share_change_at``, its topic and language.
    """
    overlaps = topic_overlaps(topics, others)
    pairs = match_topics(overlaps)
    names = dict(zip(pairs["other"], pairs["topic"], strict=True))
    matched = np.array([-1 if topic < 0 else names.get(topic, -2) for topic in others])  # -2: a topic without a match
    before, after = (pd.crosstab(labels, lang.to_numpy(), normalize="columns") for labels in (topics, matched))
    change = (after.reindex(before.index, fill_value=0.0) - before).abs().stack()
    topic, language = change.idxmax()
    return {
        "n_topics": len(overlaps.index),
        "n_topics_refit": len(overlaps.columns),
        "n_matched": int((pairs["jaccard"] >= MIN_MATCH_JACCARD).sum()),
        "ari": pairwise_ari([topics, others])["mean"],
        "same_topic_share": float((topics == matched).mean()),
        "max_share_change": float(change.max()),
        "max_share_change_at": (int(topic), str(language)),
    }
