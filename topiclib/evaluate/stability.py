"""Stability of topics under other random seeds and on subsamples of the passages."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.evaluate.agreement import NOT_SAMPLED, best_jaccard, pairwise_ari
from topiclib.topics.fit import check_vectors, cluster_passages
from topiclib.topics.recipe import Recipe

# As in Ben-Hur, Elisseeff and Guyon (2002).
SUBSAMPLE_FRACTION = 0.8


def stability(
    passages: pd.DataFrame, aligned: np.ndarray, recipe: Recipe | None = None, *,
    n_refits: int = 10, topics: Sequence[int] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Refit the topics with other seeds and on subsamples of the passages, and compare them with the reference.

    Parameters
    ----------
    passages, aligned, recipe
        As `fit` takes them.
    n_refits
        Number of refits with other seeds, and as many again on subsamples (.8 of the passages).
    topics
        (n,) topics of the reference, such as `model.topics_`; None: fitted with the recipe.

    Returns
    -------
    DataFrame
        Table `stability`: for each `kind` ("seed", "subsample") and topic its `size`; `n`, the number of such refits;
        `mean_jaccard` and `min_jaccard` of its best overlap with a topic of each refit; and `ari`, the mean adjusted
        Rand index (the same in all rows of a kind) over all pairs of seeds, or of each subsample with `topics`.

    Notes
    -----
    A topic below .5 is mostly dissolved, one above .75 is stable; `ari` is near 1 if the topics are clearly separated.
    The alignment is not re-estimated.

    References
    ----------
    Hennig 2007, "Cluster-wise assessment of cluster stability"; Ben-Hur, Elisseeff and Guyon 2002, "A stability based
    method for discovering structure in clustered data".
    """
    recipe = recipe or Recipe()
    vectors = check_vectors(passages, aligned)
    n = len(vectors)
    if n_refits < 1 or n < 10:
        raise ValueError(f"n_refits is {n_refits} and there are {n} passages: expected at least 1 and at least 10")
    reference = np.asarray(cluster_passages(passages, vectors, recipe) if topics is None else topics, int)
    other_seeds = [dataclasses.replace(recipe, seed=(recipe.seed + i) % 2**32) for i in range(1, n_refits + 1)]
    by_seed = [cluster_passages(passages, vectors, other) for other in other_seeds]
    rng = np.random.default_rng(recipe.seed)
    by_subsample, ari = [], []
    for _ in range(n_refits):
        positions = np.sort(rng.permutation(n)[: round(SUBSAMPLE_FRACTION * n)])
        labels = np.full(n, NOT_SAMPLED)
        labels[positions] = cluster_passages(passages.iloc[positions], vectors[positions], recipe)
        by_subsample.append(labels)
        ari.append(pairwise_ari([reference[positions], labels[positions]])["mean"])
    tables = [
        best_jaccard(reference, by_seed).assign(kind="seed", ari=pairwise_ari([reference, *by_seed])["mean"]),
        best_jaccard(reference, by_subsample).assign(kind="subsample", ari=np.mean(ari)),
    ]
    return schema.conform(pd.concat(tables, ignore_index=True).assign(n=n_refits), "stability")
