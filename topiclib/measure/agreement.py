"""Do two partitions of the same passages agree, as a whole and topic by topic?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd


def pairwise_ari(runs: Sequence[Iterable[int]]) -> dict[str, float]:
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

    if len(runs) < 2:
        raise ValueError(f"{len(runs)} runs: expected at least two to compare.")
    values = [adjusted_rand_score(list(a), list(b)) for a, b in combinations(runs, 2)]
    return {"mean": float(np.mean(values)), "least": float(np.min(values))}


def best_matches(topics: Iterable[int], runs: Sequence[Iterable[int]]) -> pd.DataFrame:
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
    rows = []
    for topic in np.unique(reference[reference >= 0]):
        best = []
        for run in runs:
            other = np.asarray(list(run), dtype=int)
            drawn = other != -2
            inside = (reference == topic) & drawn
            candidates = np.unique(other[inside & (other >= 0)])
            best.append(
                max(((inside & (other == c)).sum() / (inside | (other == c)).sum() for c in candidates), default=0.0)
            )
        rows.append((int(topic), int((reference == topic).sum()), float(np.mean(best)), float(np.min(best))))
    return pd.DataFrame(rows, columns=["topic", "size", "jaccard", "least"])
