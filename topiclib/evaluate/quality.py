"""Check a run: language mixing before and after alignment, recovery of planted differences, sensitivity to settings.

The passages are aligned and clustered many times, but embedded only once, and no keywords are extracted.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.embedding.alignment import ALIGNMENT_METHODS, align, fit_alignment
from topiclib.evaluate.language_mixing import mixing
from topiclib.evaluate.sensitivity import refit_differences, sensitivity
from topiclib.evaluate.share_recovery import (
    detection_limits,
    sample_planted_difference,
    share_differences,
    share_recovery,
)
from topiclib.progress import progress_bar
from topiclib.topics.fit import check_vectors, cluster_passages
from topiclib.topics.recipe import Recipe
from topiclib.topics.umap_layout import MIN_PASSAGES_FOR_GRAPH

QUALITY_TABLES = ("mixing", "recovery", "sensitivity")

N_SEEDS = 10

# Samples for each language that gets the larger share: with a difference of .70 planted, where the first side has
# `SUBJECT_SHARE` on the subject and the second the rest; and with none, for the detection limits, which with twice as
# many samples are 6 % smaller and exceeded as often (docs/decisions/15-validity.md).
N_RESAMPLES, SUBJECT_SHARE = 4, 0.85
N_NULL_RESAMPLES = 5

GRANULARITY_FACTOR = 1.5  # of n_topics or the resolution; min_topic_size is divided by it


def quality(
    passages: pd.DataFrame, vectors: np.ndarray, themes: pd.DataFrame, recipe: Recipe | None = None, *,
    topics: Sequence[int] | None = None, progress: bool = True,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Measure language mixing, recovery of planted share differences, and sensitivity of the differences to settings.

    Parameters
    ----------
    passages
        n rows with `passage_id`, `doc_id`, `lang`, and what `fit` needs.
    vectors
        (n, d), row i for passages.iloc[i], as `embed` returns them: not yet aligned.
    themes
        `passage_id`, `theme`, `about`, `score`, as in the run.
    recipe
        Default: `Recipe()`.
    topics
        (n,) topics of the run, such as `model.topics_`; None: fitted with the recipe.
    progress
        Whether to show progress bars.

    Returns
    -------
    dict
        `mixing`: `evaluate.mixing` of the vectors without alignment ("before") and with it ("after").
        `recovery`: `evaluate.share_recovery`. The subject is "about any theme", which is decided by terms, not by
        vectors, if .70 is planted, with the larger share in Persian, then in Arabic (column `larger_in`); if 0 is
        planted, "about one of these themes", a random half of them in each sample.
        `sensitivity`: of `evaluate.refit_differences`, Persian minus Arabic, over 3 alignments x 10 seeds x 2
        granularities (the recipe's and a finer one) x outliers assigned and kept; `limit`: `detection_limits` of the
        topics, from the samples in which nothing is planted (NaN for themes, or without such samples).
        All are empty with one language or fewer than 60 passages; `recovery` also if the smaller of its samples has
        fewer than 60.

    Raises
    ------
    ValueError
        If vectors and passages do not match.
    """
    recipe = recipe or Recipe()
    vectors = check_vectors(schema.require_modeled(passages, caller="quality"), vectors)
    lang = passages["lang"].to_numpy(dtype=object)
    known = lang[np.isin(lang, schema.LANGUAGES)]
    if len(set(known)) < 2 or len(known) < MIN_PASSAGES_FOR_GRAPH:
        return {name: schema.empty_table(name) for name in QUALITY_TABLES}
    by_method = {method: align(passages, vectors, method=method) for method in ALIGNMENT_METHODS}
    aligned, unaligned = by_method[recipe.alignment], by_method["none"]
    after = np.asarray(cluster_passages(passages, aligned, recipe) if topics is None else topics, dtype=int)
    ids, themes = passages["passage_id"], themes[themes["about"].astype(bool)]
    best = themes.sort_values("score", kind="stable").drop_duplicates("passage_id", keep="last")
    labels = ids.map(best.set_index("passage_id")["theme"]).fillna("").to_numpy(dtype=object)
    about = {str(theme): ids.isin(rows["passage_id"]).to_numpy() for theme, rows in themes.groupby("theme")}
    before = cluster_passages(passages, unaligned, dataclasses.replace(recipe, outliers="assign"))
    tables = {
        "mixing": mixing({"before": (unaligned, before), "after": (aligned, after)}, lang),
        "sensitivity": _sensitivity(passages, by_method, about, recipe, after, progress=progress),
        # Last, since its subsets evict the neighbors of all passages from the cache.
        "recovery": planted_samples(passages, vectors, labels, recipe, progress=progress),
    }
    of_both = np.isin(lang, schema.LANGUAGES)
    shares = share_differences(after[of_both], lang[of_both], passages["doc_id"][of_both])
    limits = detection_limits(tables["recovery"], shares["share"], shares["error"])
    keys = tables["sensitivity"]["key"].where(tables["sensitivity"]["kind"] == "topic")
    tables["sensitivity"]["limit"] = limits.rename(str).reindex(keys).to_numpy()
    return {name: schema.conform(tables[name], name) for name in QUALITY_TABLES}


def planted_samples(
    passages: pd.DataFrame, vectors: np.ndarray, labels: np.ndarray, recipe: Recipe, *, progress: bool = False
) -> pd.DataFrame:
    """Return table `recovery`: samples in which a difference is planted, and samples in which none is.

    `labels` (n,) are the themes of the passages, "" for those without one. Empty if too few of them have one or none.
    """
    lang = passages["lang"].to_numpy(dtype=object)
    themes = np.setdiff1d(np.unique(labels.astype(str)), "")
    rng = np.random.default_rng(recipe.seed)

    def cluster_subset(rows: np.ndarray, side: np.ndarray) -> np.ndarray:
        subset = passages.iloc[rows].reset_index(drop=True)
        alignment = fit_alignment(subset, vectors[rows], method=recipe.alignment)
        if len(alignment.languages) == 1 and recipe.alignment != "none":
            # An alignment leaves one language as it is. Rows that are not centered are clustered worse, so that the
            # control would be too low beside two languages, whose alignment centers them.
            alignment = dataclasses.replace(alignment, offsets=vectors[rows].mean(axis=0, keepdims=True))
        return cluster_passages(subset, alignment.apply(vectors[rows], subset["lang"]), recipe)

    tables = []
    first, second = schema.LANGUAGES
    plans = [(SUBJECT_SHARE, i) for i in range(2 * N_RESAMPLES)] + [(0.5, i) for i in range(2 * N_NULL_RESAMPLES)]
    for share, i in progress_bar(plans, progress=progress, desc="share recovery", leave=False):
        languages = (first, second) if i % 2 == 0 else (second, first)
        options = {"subject_share": share, "seed": recipe.seed + i // 2, "lang": lang, "languages": languages}
        half = rng.permutation(themes)[: (len(themes) + 1) // 2]
        subjects = [themes] if share == SUBJECT_SHARE else [half, themes]  # all themes, if half of them are too rare
        on_subject = [np.where(np.isin(labels, subject), "on", "off") for subject in subjects]
        large = [on for on in on_subject if _smallest_sample_size(on, **options) >= MIN_PASSAGES_FOR_GRAPH]
        if not large:
            return schema.empty_table("recovery")
        options |= {"subject_labels": ["on"], "n_resamples": 1}
        table = share_recovery(cluster_subset, cluster_subset, large[0], **options)
        tables.append(table.assign(larger_in=languages[0]))
    return pd.concat(tables, ignore_index=True)


def _smallest_sample_size(labels: np.ndarray, *, languages: tuple[str, str], **options: Any) -> int:
    """Return the size of the smaller of two samples: between the languages, and within the first."""
    try:
        return min(
            len(sample_planted_difference(labels, ["on"], languages=pair, **options)[0])
            for pair in (languages, (languages[0], languages[0]))
        )
    except ValueError:  # a language has no passage on the subject, or none off it
        return 0


def _sensitivity(
    passages: pd.DataFrame, by_method: Mapping[str, np.ndarray], about: Mapping[str, np.ndarray], recipe: Recipe,
    topics: np.ndarray, *, progress: bool,
) -> pd.DataFrame:  # fmt: skip
    """Compute every difference under every setting, and summarize."""
    settings = list(itertools.product(by_method, _varied_recipes(recipe, len(passages))))
    tables = []
    for method, other in progress_bar(settings, progress=progress, desc="sensitivity", leave=False):
        refit = cluster_passages(passages, by_method[method], other)
        tables.append(refit_differences(refit, topics, passages["lang"], articles=passages["doc_id"], about=about))
    table = pd.concat(tables, ignore_index=True)
    table["contrast"] = table["kind"] + " " + table["key"]
    names = table.drop_duplicates("contrast")[["contrast", "kind", "key"]]
    return names.merge(sensitivity(table), on="contrast")


def _varied_recipes(recipe: Recipe, n: int) -> Iterator[Recipe]:
    """Yield the recipe with other seeds, with more topics, and with outliers assigned and kept."""
    finer: dict[str, Any]
    if recipe.n_topics is not None:
        finer = {"n_topics": round(GRANULARITY_FACTOR * recipe.n_topics)}
    elif recipe.clustering == "communities":
        finer = {"resolution": GRANULARITY_FACTOR * recipe.resolution}
    else:
        finer = {"min_topic_size": max(2, round(recipe.min_topic_size_for(n) / GRANULARITY_FACTOR))}
    for i, size, outliers in itertools.product(range(N_SEEDS), ({}, finer), ("assign", "keep")):
        yield dataclasses.replace(recipe, seed=(recipe.seed + i) % 2**32, outliers=outliers, **size)
