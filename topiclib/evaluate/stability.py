"""Do the topics come back from another seed, and from most of the passages?"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.evaluate.agreement import best_jaccard, pairwise_ari
from topiclib.topics.fit import check_vectors, cluster_passages
from topiclib.topics.recipe import Recipe

SUBSAMPLE_FRACTION = 0.8

NOT_SAMPLED = -2


def stability(
    passages: pd.DataFrame,
    aligned: np.ndarray,
    recipe: Recipe | None = None,
    *,
    n_refits: int = 10,
    topics: Sequence[int] | None = None,
) -> pd.DataFrame:
    """Find the topics again from n other seeds, and n times in four fifths of the passages.

    Parameters
    ----------
    passages, aligned, recipe
        As `fit` takes them.
    n
        Times of each.
    topics
        (n,) those to judge, such as `model.topics_`; None: found with the recipe.

    Returns
    -------
    DataFrame
        Table `stability`: for each kind ("seed", "subsample") and topic its size; `jaccard`, the mean over the n times
        of the best overlap that a found topic has with it; `least`, the worst; and `ari`, the mean adjusted Rand index
        of the whole, the same in each row of a kind: all pairs of seeds; each subsample against `topics`.

    Raises
    ------
    ValueError
        If n is less than 1, or there are fewer than ten passages.

    Notes
    -----
    A topic below .5 is dissolved more often than not, one above .75 comes back; a corpus that knows its topics has an
    `ari` near 1. The alignment is not estimated again.
    Source: Hennig 2007, "Cluster-wise assessment of cluster stability"; Ben-Hur, Elisseeff and Guyon 2002, "A stability
    based method for discovering structure in clustered data" (subsamples of .8).
    """
    recipe = recipe or Recipe()
    vectors = check_vectors(passages, aligned)
    if n_refits < 1 or len(vectors) < 10:
        raise ValueError(
            f"n is {n_refits} and there are {len(vectors)} passages: expected n of 1 or more, ten passages or more"
        )
    first = cluster_passages(passages, vectors, recipe) if topics is None else np.asarray(topics, dtype=int)
    again = [dataclasses.replace(recipe, seed=(recipe.seed + i) % 2**32) for i in range(1, n_refits + 1)]
    seeds = [cluster_passages(passages, vectors, other) for other in again]
    random = np.random.default_rng(recipe.seed)
    parts = [
        np.sort(random.permutation(len(vectors))[: round(SUBSAMPLE_FRACTION * len(vectors))]) for _ in range(n_refits)
    ]
    found = [cluster_passages(passages.iloc[part], vectors[part], recipe) for part in parts]
    against_all = [pairwise_ari([first[part], labels])["mean"] for part, labels in zip(parts, found, strict=True)]
    subsamples = [_scatter_labels(labels, part, len(vectors)) for part, labels in zip(parts, found, strict=True)]
    tables = [
        best_jaccard(first, seeds).assign(kind="seed", n=n_refits, ari=pairwise_ari([first, *seeds])["mean"]),
        best_jaccard(first, subsamples).assign(kind="subsample", n=n_refits, ari=np.mean(against_all)),
    ]
    return schema.conform(pd.concat(tables, ignore_index=True), "stability")


def _scatter_labels(labels: np.ndarray, positions: np.ndarray, n: int) -> np.ndarray:
    """Return the labels of a part at their places among all n rows."""
    whole = np.full(n, NOT_SAMPLED)
    whole[positions] = labels
    return whole
