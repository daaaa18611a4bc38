"""Compare recipes, such as numbers of topics: a table to choose from, since no score knows the research question."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.evaluate.agreement import pairwise_ari
from topiclib.evaluate.coherence import coherence, diversity
from topiclib.evaluate.language_mixing import one_language_share
from topiclib.text import tokenize
from topiclib.topics.fit import check_vectors, cluster_passages
from topiclib.topics.keywords import extract_keywords
from topiclib.topics.recipe import Recipe

RESOLUTIONS = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)


def search_topics(
    passages: pd.DataFrame, aligned: np.ndarray, recipes: Sequence[Recipe] | None = None, *, n_seeds: int = 3
) -> pd.DataFrame:
    """Fit topics with several recipes and return scores of each; read the keywords too before you choose.

    Parameters
    ----------
    passages, aligned
        n passages with `text` and `lang`, and their (n, d) unit rows.
    recipes
        Default: `Recipe` with resolutions from 0.5 to 4.
    n_seeds
        Number of fits of each recipe, for `ari`; with 1, `ari` is NaN.

    Returns
    -------
    DataFrame
        One row per recipe, in their order: the recipe fields that differ; `topics`, `smallest`, `largest` (number and
        sizes); `npmi_fa`, `npmi_ar` (mean `coherence`); `diversity_fa`, `diversity_ar`; `one_language` (share of
        passages in topics of one language); all of the first seed; `ari`, the mean between seeds. NaN if undefined.

    Notes
    -----
    Coherence rises with many small topics and falls if they overlap; `ari` falls if topics are split at random. Look
    for a knee in several columns at once.
    """
    schema.require_columns(passages, ["text", "lang"], caller="search_topics")
    vectors = check_vectors(passages, aligned)
    recipes = [Recipe(resolution=value) for value in RESOLUTIONS] if recipes is None else list(recipes)
    bags = {
        lang: [[word for _, word in tokenize(text)] for text in group["text"]]
        for lang, group in passages[passages["lang"].isin(schema.LANGUAGES)].groupby("lang")
    }
    rows = []
    for recipe in recipes:
        with_seeds = [dataclasses.replace(recipe, seed=(recipe.seed + i) % 2**32) for i in range(n_seeds)]
        partitions = [cluster_passages(passages, vectors, other) for other in with_seeds]
        ari = pairwise_ari(partitions)["mean"] if n_seeds > 1 else float("nan")
        rows.append({**_varying_fields(recipe, recipes), **_score_topics(passages, partitions[0], bags), "ari": ari})
    return pd.DataFrame(rows)


def _varying_fields(recipe: Recipe, recipes: Sequence[Recipe]) -> dict[str, object]:
    values = [dataclasses.asdict(other) for other in recipes]
    return {name: value for name, value in dataclasses.asdict(recipe).items() if len({v[name] for v in values}) > 1}


def _score_topics(passages: pd.DataFrame, topics: np.ndarray, bags: dict) -> dict[str, float]:
    keywords = extract_keywords(passages, topics)
    npmi = coherence(keywords, bags).groupby("lang")["npmi"].mean()
    unique_share = diversity(keywords).set_index("lang")["diversity"]
    sizes = np.unique(topics[topics >= 0], return_counts=True)[1]
    return {
        "topics": len(sizes), "smallest": int(sizes.min()), "largest": int(sizes.max()),
        **npmi.reindex(list(schema.LANGUAGES)).add_prefix("npmi_"),
        **unique_share.reindex(list(schema.LANGUAGES)).add_prefix("diversity_"),
        "one_language": one_language_share(topics, passages["lang"])["share"],
    }  # fmt: skip
