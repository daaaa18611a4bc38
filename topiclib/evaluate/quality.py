"""Is a run sound? Three tables: what alignment did to this corpus, what it kept, and what hangs on a setting.

The passages are aligned and cut again and again; nothing is embedded again, and no topic's words are made.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from topiclib import evaluate as measure
from topiclib import schema
from topiclib.embedding.alignment import align
from topiclib.topics.fit import check_vectors, cluster_passages
from topiclib.topics.recipe import Recipe
from topiclib.topics.umap_layout import MIN_PASSAGES_FOR_GRAPH

QUALITY_TABLES = ("mixing", "recovery", "sensitivity")

ALIGNMENTS = ("balanced", "means", "none")

N_SEEDS = 10

N_RESAMPLES = 4
"""Resamplings for each planted difference and each language that has more of the subject."""

SUBJECT_SHARES = (0.5, 0.85)
"""Parts of the first side that are on the subject: no difference, and one of .70."""

GRANULARITY_FACTOR = 1.5


def quality(
    passages: pd.DataFrame,
    vectors: np.ndarray,
    themes: pd.DataFrame,
    recipe: Recipe | None = None,
    *,
    topics: Sequence[int] | None = None,
    progress: bool = True,
) -> dict[str, pd.DataFrame]:
    """Measure a corpus's languages mixed, a difference planted in it, and its contrasts under other settings.

    Parameters
    ----------
    passages
        n rows with `passage_id`, `doc_id`, `lang`, and what `fit` needs.
    vectors
        (n, d), row i for passages.iloc[i], as `embed` returns them: not aligned yet.
    themes
        As in the run: `passage_id`, `theme`, `about`.
    recipe
        Default: `Recipe()`.
    topics
        (n,) the run's topics, such as `model.topics_`; None: found with the recipe.
    progress
        Show a bar.

    Returns
    -------
    dict
        `mixing`: as `measure.mixing` has it, in the vectors as they are ("before") and aligned ("after").
        `recovery`: as `measure.share_recovery` has it. The subject is "about any theme", which terms decide and no
        vector; planted are 0 and .70, with more of it first in Persian, then in Arabic (column `larger_in`).
        `sensitivity`: `measure.refit_differences` of Persian minus Arabic over 3 alignments x 10 seeds x 2 granularities
        (the recipe's and half as many topics again) x outliers assigned and kept.
        A table is empty where its question cannot be asked: all of a corpus of one language or fewer than 60 passages,
        `recovery` where the smaller draw would have fewer than 60.

    Raises
    ------
    ValueError
        If vectors and passages do not fit.

    Source: of each number, the function that is named.
    """
    recipe = recipe or Recipe()
    rows = check_vectors(schema.require_modeled(passages, caller="quality"), vectors)
    lang = passages["lang"].to_numpy(dtype=object)
    there = np.isin(lang, schema.LANGUAGES)
    if len(set(lang[there])) < 2 or there.sum() < MIN_PASSAGES_FOR_GRAPH:
        return {name: schema.empty_table(name) for name in QUALITY_TABLES}
    texts = passages["text"].tolist()
    spaces = {method: align(rows, lang, method=method, texts=texts) for method in ALIGNMENTS}
    aligned = spaces[recipe.alignment]
    cut = cluster_passages(passages, aligned, recipe) if topics is None else np.asarray(topics, dtype=int)
    told = themes[themes["about"].astype(bool)]
    themed = passages["passage_id"].isin(told["passage_id"]).to_numpy()
    about = {
        str(theme): passages["passage_id"].isin(ids).to_numpy() for theme, ids in told.groupby("theme")["passage_id"]
    }
    raw = cluster_passages(passages, spaces["none"], dataclasses.replace(recipe, outliers="assign"))
    stages = {"before": (spaces["none"], raw), "after": (aligned, cut)}
    found = {
        "mixing": measure.mixing(stages, lang),
        "sensitivity": _sensitivity(passages, spaces, about, recipe, cut, progress=progress),
        # last: its subsets would evict the cached neighbors of all passages
        "recovery": _recovery(passages, rows, themed, recipe, progress=progress),
    }
    return {name: schema.conform(found[name], name) for name in QUALITY_TABLES}


def _recovery(
    passages: pd.DataFrame, vectors: np.ndarray, themed: np.ndarray, recipe: Recipe, *, progress: bool
) -> pd.DataFrame:
    """Plant differences in what is about any theme, with more of it in one language, then in the other."""
    labels = np.where(themed, "themed", "other")
    lang = passages["lang"].to_numpy(dtype=object)

    def refound(rows: np.ndarray, side: np.ndarray) -> np.ndarray:
        part = passages.iloc[rows].reset_index(drop=True)
        aligned = align(vectors[rows], lang[rows], method=recipe.alignment, texts=part["text"])
        return cluster_passages(part, aligned, recipe)

    parts = [schema.empty_table("recovery")]
    first, second = schema.LANGUAGES
    ways = list(itertools.product(SUBJECT_SHARES, enumerate([(first, second), (second, first)])))
    for share, (i, languages) in _progress(ways, "planting", progress):
        options = {"subject_share": share, "seed": recipe.seed + i * N_RESAMPLES, "lang": lang, "languages": languages}
        if _smallest_sample_size(labels, **options) < MIN_PASSAGES_FOR_GRAPH:
            return schema.empty_table("recovery")
        table = measure.share_recovery(
            refound, refound, labels, subject_labels=["themed"], n_resamples=N_RESAMPLES, **options
        )
        parts.append(table.assign(larger_in=languages[0]))
    return pd.concat(parts[1:], ignore_index=True)


def _smallest_sample_size(labels: np.ndarray, *, languages: tuple[str, str], **options: Any) -> int:
    """Return how many passages a draw would have, the smaller of the planted one and its control."""
    try:
        both = [
            len(measure.sample_planted_difference(labels, ["themed"], languages=pair, **options)[0])
            for pair in (languages, (languages[0], languages[0]))
        ]
    except ValueError:  # a language has no passage on the subject, or none off it
        return 0
    return min(both)


def _sensitivity(
    passages: pd.DataFrame, spaces: Mapping[str, np.ndarray], about: Mapping[str, np.ndarray], recipe: Recipe,
    topics: np.ndarray, *, progress: bool,
) -> pd.DataFrame:  # fmt: skip
    """Take every contrast under every setting, and summarize."""
    settings = list(itertools.product(spaces, _varied_recipes(recipe, len(passages))))
    taken = []
    for method, other in _progress(settings, "refitting", progress):
        found = cluster_passages(passages, spaces[method], other)
        taken.append(
            measure.refit_differences(found, topics, passages["lang"], articles=passages["doc_id"], about=about)
        )
    table = pd.concat(taken, ignore_index=True)
    names = table["kind"] + " " + table["key"]
    kinds = table.assign(contrast=names).drop_duplicates("contrast")[["contrast", "kind", "key"]]
    return kinds.merge(measure.sensitivity(table.assign(contrast=names)), on="contrast")


def _varied_recipes(recipe: Recipe, n: int) -> Iterator[Recipe]:
    """Yield the recipe with other seeds, finer, and with outliers given a topic and left without."""
    finer: dict[str, Any]
    if recipe.n_topics is not None:
        finer = {"n_topics": round(GRANULARITY_FACTOR * recipe.n_topics)}
    elif recipe.clustering == "communities":
        finer = {"resolution": GRANULARITY_FACTOR * recipe.resolution}
    else:
        finer = {"min_topic_size": max(2, round(recipe.min_topic_size_for(n) / GRANULARITY_FACTOR))}
    for i, size, outliers in itertools.product(range(N_SEEDS), ({}, finer), ("assign", "keep")):
        yield dataclasses.replace(recipe, seed=(recipe.seed + i) % 2**32, outliers=outliers, **size)


def _progress(items: Sequence, what: str, progress: bool) -> Iterator:
    from tqdm.auto import tqdm

    return iter(tqdm(items, desc=what, disable=not progress, leave=False))
