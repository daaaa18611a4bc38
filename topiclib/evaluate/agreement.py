"""Do two partitions of the same passages agree, as a whole and topic by topic?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd


def pairwise_ari(partitions: Sequence[Iterable[int]]) -> dict[str, float]:
    """Return the mean and the least adjusted Rand index over all pairs of runs (seeds, bootstraps) of one corpus.

    Parameters
    ----------
    runs
        At least two label vectors of equal length; -1 in a label vector is one group.

    Notes
    -----
    Source: Hubert and Arabie 1985; clusterings of perturbed data compared in pairs: Ben-Hur, Elisseeff and Guyon 2002,
    "A stability based method for discovering structure in clustered data".
    """
    from sklearn.metrics import adjusted_rand_score

    if len(partitions) < 2:
        raise ValueError(f"{len(partitions)} runs: expected at least two to compare.")
    values = [adjusted_rand_score(list(a), list(b)) for a, b in combinations(partitions, 2)]
    return {"mean": float(np.mean(values)), "min": float(np.min(values))}


def best_jaccard(topics: Iterable[int], partitions: Sequence[Iterable[int]]) -> pd.DataFrame:
    """Find, for each topic, the best Jaccard overlap that each other run offers.

    Parameters
    ----------
    topics
        n topic numbers of the run to judge; -1 is left out.
    runs
        Label vectors of other runs over the same passages. For a bootstrap give the passages that were not drawn the
        topic -2: they are left out of that comparison.

    Returns
    -------
    pandas.DataFrame
        ``topic``, ``size``, ``jaccard`` (mean over runs of the best), ``least``. Below .5 a topic is dissolved.

    Notes
    -----
    Jaccard = |A and B| / |A or B|. Source: Hennig 2007, "Cluster-wise assessment of cluster stability".
    """
    reference = np.asarray(list(topics), dtype=int)
    known, sizes = np.unique(reference[reference >= 0], return_counts=True)
    best: list[list[float]] = []
    for run in partitions:
        other = np.asarray(list(run), dtype=int)
        drawn = other != -2
        overlaps = topic_overlaps(reference[drawn], other[drawn])
        best.append(overlaps.max(axis=1).reindex(known).fillna(0.0).tolist())
    values = list(zip(*best, strict=True))  # by topic
    return pd.DataFrame(
        {
            "topic": known,
            "size": sizes,
            "mean_jaccard": list(map(np.mean, values)),
            "min_jaccard": list(map(min, values)),
        }
    )


def topic_overlaps(topics: np.ndarray, others: np.ndarray) -> pd.DataFrame:
    """Return the Jaccard overlap of each topic (rows) with each topic of another partition of the same passages
    (columns): |A and B| / |A or B|. -1 is no topic.
    """
    both = pd.crosstab(topics, others)
    either = np.add.outer(both.sum(axis=1).to_numpy(), both.sum(axis=0).to_numpy()) - both
    return (both / either).loc[both.index >= 0, both.columns >= 0]
