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
from topiclib.topics.fit import check_vectors, find_topics
from topiclib.topics.neighbors import Neighbours
from topiclib.topics.recipe import Recipe
from topiclib.topics.umap_layout import FEWEST_FOR_DENSITY

TABLES = ("mixing", "recovery", "sensitivity")

ALIGNMENTS = ("balanced", "means", "none")

SEEDS = 10

DRAWS = 4
"""Resamplings for each planted difference and each language that has more of the subject."""

SHARES = (0.5, 0.85)
"""Parts of the first side that are on the subject: no difference, and one of .70."""

FINER = 1.5


def quality(
    passages: pd.DataFrame,
    vectors: np.ndarray,
    themes: pd.DataFrame,
    recipe: Recipe | None = None,
    *,
    topics: Sequence[int] | None = None,
    near: Neighbours | None = None,
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
    near
        Neighbours found before.
    progress
        Show a bar.

    Returns
    -------
    dict
        `mixing`: as `measure.mixing` has it, in the vectors as they are ("before") and aligned ("after").
        `recovery`: as `measure.share_recovery` has it. The subject is "about any theme", which terms decide and no
        vector; planted are 0 and .70, with more of it first in Persian, then in Arabic (column `more`).
        `sensitivity`: `measure.topic_contrasts` of Persian minus Arabic over 3 alignments x 10 seeds x 2 granularities
        (the recipe's and half as many topics again) x outliers assigned and kept.
        A table is empty where its question cannot be asked: all of a corpus of one language or fewer than 60 passages,
        `recovery` where the smaller draw would have fewer than 60.

    Raises
    ------
    ValueError
        If vectors and passages do not fit.

    Source: of each number, the function that is named.
    """
    recipe, near = recipe or Recipe(), near or Neighbours()
    rows = check_vectors(schema.modelled(passages, door="quality"), vectors)
    lang = passages["lang"].to_numpy(dtype=object)
    there = np.isin(lang, schema.LANGUAGES)
    if len(set(lang[there])) < 2 or there.sum() < FEWEST_FOR_DENSITY:
        return {name: schema.empty(name) for name in TABLES}
    texts = passages["text"].tolist()
    spaces = {method: align(rows, lang, method=method, texts=texts) for method in ALIGNMENTS}
    aligned = spaces[recipe.alignment]
    cut = find_topics(passages, aligned, recipe, near=near) if topics is None else np.asarray(topics, dtype=int)
    told = themes[themes["about"].astype(bool)]
    themed = passages["passage_id"].isin(told["passage_id"]).to_numpy()
    about = {
        str(theme): passages["passage_id"].isin(ids).to_numpy() for theme, ids in told.groupby("theme")["passage_id"]
    }
    raw = find_topics(passages, spaces["none"], dataclasses.replace(recipe, outliers="assign"), near=near)
    stages = {"before": (spaces["none"], raw), "after": (aligned, cut)}
    found = {
        "mixing": measure.mixing(stages, lang),
        "recovery": _recovery(passages, rows, themed, recipe, progress=progress),
        "sensitivity": _sensitivity(passages, spaces, about, recipe, cut, near, progress=progress),
    }
    return {name: schema.conform(found[name], name) for name in TABLES}


def _recovery(
    passages: pd.DataFrame, vectors: np.ndarray, themed: np.ndarray, recipe: Recipe, *, progress: bool
) -> pd.DataFrame:
    """Plant differences in what is about any theme, with more of it in one language, then in the other."""
    labels = np.where(themed, "themed", "other")
    lang = passages["lang"].to_numpy(dtype=object)

    def refound(rows: np.ndarray, side: np.ndarray) -> np.ndarray:
        part = passages.iloc[rows].reset_index(drop=True)
        aligned = align(vectors[rows], lang[rows], method=recipe.alignment, texts=part["text"])
        return find_topics(part, aligned, recipe)

    parts = [schema.empty("recovery")]
    first, second = schema.LANGUAGES
    ways = list(itertools.product(SHARES, enumerate([(first, second), (second, first)])))
    for share, (i, languages) in _bar(ways, "planting", progress):
        options = {"share": share, "seed": recipe.seed + i * DRAWS, "lang": lang, "languages": languages}
        if _drawn(labels, **options) < FEWEST_FOR_DENSITY:
            return schema.empty("recovery")
        table = measure.share_recovery(refound, refound, labels, inside=["themed"], draws=DRAWS, **options)
        parts.append(table.assign(more=languages[0]))
    return pd.concat(parts[1:], ignore_index=True)


def _drawn(labels: np.ndarray, *, languages: tuple[str, str], **options: Any) -> int:
    """Return how many passages a draw would have, the smaller of the planted one and its control."""
    try:
        both = [
            len(measure.plant_shares(labels, ["themed"], languages=pair, **options)[0])
            for pair in (languages, (languages[0], languages[0]))
        ]
    except ValueError:  # a language has no passage on the subject, or none off it
        return 0
    return min(both)


def _sensitivity(
    passages: pd.DataFrame, spaces: Mapping[str, np.ndarray], about: Mapping[str, np.ndarray], recipe: Recipe,
    topics: np.ndarray, near: Neighbours, *, progress: bool,
) -> pd.DataFrame:  # fmt: skip
    """Take every contrast under every setting, and summarise."""
    settings = list(itertools.product(spaces, _recipes(recipe, len(passages))))
    taken = []
    for method, other in _bar(settings, "refitting", progress):
        found = find_topics(passages, spaces[method], other, near=near)
        taken.append(measure.topic_contrasts(found, topics, passages["lang"], articles=passages["doc_id"], about=about))
    table = pd.concat(taken, ignore_index=True)
    names = table["kind"] + " " + table["key"]
    kinds = table.assign(contrast=names).drop_duplicates("contrast")[["contrast", "kind", "key"]]
    return kinds.merge(measure.sensitivity(table.assign(contrast=names)), on="contrast")


def _recipes(recipe: Recipe, n: int) -> Iterator[Recipe]:
    """Yield the recipe with other seeds, finer, and with outliers given a topic and left without."""
    finer: dict[str, Any]
    if recipe.n_topics is not None:
        finer = {"n_topics": round(FINER * recipe.n_topics)}
    elif recipe.clustering == "communities":
        finer = {"resolution": FINER * recipe.resolution}
    else:
        finer = {"min_topic_size": max(2, round(recipe.topic_size(n) / FINER))}
    for i, size, outliers in itertools.product(range(SEEDS), ({}, finer), ("assign", "keep")):
        yield dataclasses.replace(recipe, seed=(recipe.seed + i) % 2**32, outliers=outliers, **size)


def _bar(items: Sequence, what: str, progress: bool) -> Iterator:
    from tqdm.auto import tqdm

    return iter(tqdm(items, desc=what, disable=not progress, leave=False))
