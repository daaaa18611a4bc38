"""Agreement between partitions of the same passages, overall and topic by topic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

# Label of the passages that a subsample leaves out.
NOT_SAMPLED = -2


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
    best: list[list[float]] = []
    for partition in partitions:
        other = np.asarray(list(partition), dtype=int)
        sampled = other != NOT_SAMPLED
        overlaps = topic_overlaps(reference[sampled], other[sampled])
        best.append(overlaps.max(axis=1).reindex(ids).fillna(0.0).tolist())
    values = list(zip(*best, strict=True))  # by topic
    return pd.DataFrame(
        {
            "topic": ids,
            "size": sizes,
            "mean_jaccard": list(map(np.mean, values)),
            "min_jaccard": list(map(min, values)),
        }
    )


def topic_overlaps(topics: np.ndarray, others: np.ndarray) -> pd.DataFrame:
    """Return the Jaccard overlap, |A and B| / |A or B|, of each topic (rows) with each of `others` (columns), no -1."""
    intersection = pd.crosstab(topics, others)
    sizes, other_sizes = intersection.sum(axis=1).to_numpy(), intersection.sum(axis=0).to_numpy()
    union = np.add.outer(sizes, other_sizes) - intersection
    return (intersection / union).loc[intersection.index >= 0, intersection.columns >= 0]
