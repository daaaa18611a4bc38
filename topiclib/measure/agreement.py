"""Do topics agree with labels, with themselves from another seed, and with the translations of their passages?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd


def pair_f1(
    topics: Iterable[int], labels: Iterable[str], lang: Iterable[str], *, languages: tuple[str, str] = ("fa", "ar")
) -> dict[str, float]:
    """Score the pairs of one passage in each language: same topic against same label.

    Parameters
    ----------
    topics, labels, lang
        n topic numbers, n labels, n languages. Outliers (-1) are in no topic: none of their pairs counts as found.
    languages
        The two that make a pair.

    Returns
    -------
    dict
        ``precision``, ``recall``, ``f1`` in 0..1; nought where there is no pair to find or none is found.

    Notes
    -----
    With n_l(t, c) passages of language l in topic t with label c: found = sum_t n_fa(t) n_ar(t), true = sum_c n_fa(c)
    n_ar(c), both = sum_tc n_fa(t, c) n_ar(t, c); f1 = 2 both / (found + true).
    Source: pair counting F-measure (Manning, Raghavan and Schütze 2008, 16.3), here over cross-lingual pairs only.
    """
    found, truth, codes = _arrays(topics, labels, lang)
    tables = []
    for code in languages:
        inside = (codes == code) & (found >= 0)
        table = pd.crosstab(found[inside], truth[inside])
        tables.append(table)
    index = tables[0].index.union(tables[1].index)
    columns = tables[0].columns.union(tables[1].columns)
    first, second = (t.reindex(index=index, columns=columns, fill_value=0).to_numpy(dtype=float) for t in tables)
    both = float((first * second).sum())
    pairs_found = float((first.sum(axis=1) * second.sum(axis=1)).sum())
    names = np.unique(truth)
    pairs_true = float(
        sum(
            ((truth == name) & (codes == languages[0])).sum() * ((truth == name) & (codes == languages[1])).sum()
            for name in names
        )
    )
    precision = both / pairs_found if pairs_found else 0.0
    recall = both / pairs_true if pairs_true else 0.0
    f1 = 2 * both / (pairs_found + pairs_true) if pairs_found + pairs_true else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}


def topic_label_scores(topics: Iterable[int], labels: Iterable[str]) -> dict[str, float]:
    """Return how much topics and labels say about each other: ``nmi`` and ``ari``; outliers count as one group.

    Notes
    -----
    NMI = I(T; C) / ((H(T) + H(C)) / 2); ARI = (RI - E RI) / (max RI - E RI).
    Source: Strehl and Ghosh 2002, "Cluster ensembles"; Hubert and Arabie 1985, "Comparing partitions".
    """
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    found, truth = _arrays(topics, labels)
    return {
        "nmi": float(normalized_mutual_info_score(truth.astype(str), found)),
        "ari": float(adjusted_rand_score(truth.astype(str), found)),
    }


def agreement(topics: Iterable[int], placed: Iterable[int]) -> dict[str, float]:
    """Say how often a passage and its translation (or its copy in another run) have the same topic.

    Parameters
    ----------
    topics, placed
        n topic numbers of the passages and n of their translations, in the same order and of the same model.

    Returns
    -------
    dict
        ``share`` of equal ones, ``chance`` = sum_t p(t) q(t), ``kappa`` = (share - chance) / (1 - chance), NaN where
        chance is 1, and ``topics``, the number used: a few big topics agree easily.

    Notes
    -----
    Source: Cohen 1960, "A coefficient of agreement for nominal scales".
    """
    first, second = (np.asarray(list(values), dtype=int) for values in (topics, placed))
    if len(first) != len(second) or not len(first):
        raise ValueError(f"{len(first)} topics and {len(second)} placed ones: expected as many of each, at least one.")
    share = float((first == second).mean())
    chance = float(sum((first == topic).mean() * (second == topic).mean() for topic in np.unique(first)))
    kappa = (share - chance) / (1 - chance) if chance < 1 else float("nan")
    return {"share": share, "chance": chance, "kappa": kappa, "topics": float(len(np.unique(first)))}


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


def _arrays(topics: Iterable[int], *others: Iterable) -> list[np.ndarray]:
    """Return topics as int and the others as object arrays, after checking that the lengths are equal."""
    arrays = [np.asarray(list(topics), dtype=int), *(np.asarray(list(values), dtype=object) for values in others)]
    if len({len(values) for values in arrays}) > 1:
        raise ValueError(f"lengths are {[len(values) for values in arrays]}: expected one value a passage in each.")
    return arrays
