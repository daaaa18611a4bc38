"""Is the measurement sound? Contrasts under other settings, planted differences found again, languages mixed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from topiclib import measure, schema
from topiclib.align import align
from topiclib.fit import Recipe, check_vectors, find_topics, topic_space
from topiclib.neighbours import Neighbours

SEEDS = 10
ALIGNMENTS = ("balanced", "means", "none")
GRANULARITIES = (1.0, 1.5)
OUTLIERS = ("assign", "keep")
PLANTED = (0.5, 0.65, 0.85)
FEWEST_PLANTED = 40
"""Passages of the first language that a theme needs on and off it; of the second, half as many on it."""


def sensitivity(
    passages: pd.DataFrame,
    vectors: np.ndarray,
    recipe: Recipe | None = None,
    *,
    topics: Sequence[int] | None = None,
    about: Mapping[str, Sequence[bool]] | None = None,
    names: Mapping[str, str] | None = None,
    by: str = "lang",
    sides: tuple[str, str] = ("fa", "ar"),
    alignments: Sequence[str] = ALIGNMENTS,
    seeds: int = SEEDS,
    granularities: Sequence[float] = GRANULARITIES,
    outliers: Sequence[str] = OUTLIERS,
) -> pd.DataFrame:
    """Find the topics again under every combination of settings and see which contrasts between two sides hold.

    Parameters
    ----------
    passages
        Needs `doc_id`, `lang` and the column named by `by`.
    vectors
        (n, d), as `embed` returns them, row i for passages.iloc[i]: not aligned.
    recipe
        The run's. Its own settings are among those tried.
    topics
        (n,) the run's, such as `model.topics_`; None: found with the recipe.
    about
        For each theme, n truth values: is the passage on it? A theme that no passage is on is left out.
    names
        How a topic or theme is called in the table, by "3" or "jcpoa"; others are "topic 3" and the theme itself.
    by, sides
        The column and the two of its values that are compared; a contrast is the first minus the second.
    alignments, seeds, granularities, outliers
        What is varied. A granularity multiplies the recipe's resolution, its number of topics where it names one, and
        with "hdbscan" divides the least size of a topic. The default is 3 x 10 x 2 x 2 = 120 settings.

    Returns
    -------
    DataFrame
        Table `sensitivity`: `contrast` (the name), `settings` (in how many it had a value), `missing`, `median`, `low`,
        `high`, `sign_agreement`. A topic that a setting dissolves has no value there: without alignment most are.

    Notes
    -----
    Formulas: `topiclib.measure.topic_contrasts` and `topiclib.measure.sensitivity`. The neighbours are found once an
    alignment.
    """
    recipe = recipe or Recipe()
    schema.require(passages, ["doc_id", "lang", by], door="sensitivity")
    vectors, lang = check_vectors(passages, vectors), passages["lang"].tolist()
    if topics is None:
        topics = find_topics(passages, align(vectors, lang, method=recipe.alignment), recipe).tolist()
    about = {theme: marks for theme, marks in (about or {}).items() if np.any(marks)}
    parts = []
    for method in alignments:
        aligned, near = align(vectors, lang, method=method), Neighbours()
        for setting in _settings(recipe, seeds, granularities, outliers):
            found = find_topics(passages, aligned, setting, near=near)
            parts.append(
                measure.topic_contrasts(
                    found, topics, passages[by], sides=sides, articles=passages["doc_id"], about=about
                )
            )
    table = pd.concat(parts, ignore_index=True)
    plain = table["key"].where(table["kind"] == "theme", "topic " + table["key"])
    table["contrast"] = table["key"].map(dict(names or {})).fillna(plain)
    return measure.sensitivity(table)


def recovery(
    passages: pd.DataFrame,
    vectors: np.ndarray,
    recipe: Recipe | None = None,
    *,
    about: Mapping[str, Sequence[bool]],
    languages: tuple[str, str] = ("fa", "ar"),
    shares: Sequence[float] = PLANTED,
    draws: int = 3,
) -> pd.DataFrame:
    """Plant differences of known size in the corpus, by its themes, and see how much of them comes back.

    Parameters
    ----------
    passages, vectors, recipe
        As in `sensitivity`.
    about
        For each theme, n truth values. Themes are found by their terms and so know nothing of vectors. One with fewer
        than 40 passages of the first language on it or off it, or 20 on it and 40 off it of the second, is left out.
    languages
        The two between which a difference is planted; the control is planted within the first.
    shares
        Parts of the first side that are on the theme; .5 plants nothing.
    draws
        Times that each is drawn.

    Returns
    -------
    DataFrame
        Table `recovery`: `theme`, `draw`, `planted`, `gap` (between the languages), `control` (within the first).
        Aligned and fitted anew in every draw. Without a theme that is frequent enough it has no row.

    Notes
    -----
    Formula and source: `topiclib.measure.share_recovery`. A topic is on the theme where most of its passages are.
    """
    recipe = recipe or Recipe()
    vectors, lang = check_vectors(passages, vectors), passages["lang"].to_numpy()

    def find(rows: np.ndarray, side: np.ndarray) -> np.ndarray:
        aligned = align(vectors[rows], lang[rows].tolist(), method=recipe.alignment)
        return find_topics(passages.iloc[rows], aligned, recipe)

    parts = [pd.DataFrame({name: pd.Series(dtype=float) for name in ("theme", "draw", "planted", "gap", "control")})]
    for theme, marks in about.items():
        on = np.where(np.asarray(marks, dtype=bool), "on", "off")
        has = [((lang == code) & (on == kind)).sum() for code in languages for kind in ("on", "off")]
        if min(has[0], has[1], 2 * has[2], has[3]) < FEWEST_PLANTED:
            continue
        for share in shares:
            found = measure.share_recovery(
                find, find, on, inside={"on"}, share=share, draws=draws, lang=lang, languages=languages
            )
            parts.append(found.assign(theme=theme))
    filled = [part for part in parts[1:] if len(part)] or parts
    return pd.concat(filled, ignore_index=True)[["theme", "draw", "planted", "gap", "control"]]


def mixing(
    passages: pd.DataFrame,
    vectors: np.ndarray,
    recipe: Recipe | None = None,
    *,
    topics: Sequence[int] | None = None,
) -> pd.DataFrame:
    """Tell how far neighbours and topics know the language, as the vectors come and once they are aligned.

    Parameters
    ----------
    passages, vectors, recipe, topics
        As in `sensitivity`.

    Returns
    -------
    DataFrame
        Table `mixing`, as `topiclib.measure.mixing` returns it: `measure`, `stage` ("before", "after"), `value`,
        `chance`.
    """
    recipe = recipe or Recipe()
    vectors, lang = check_vectors(passages, vectors), passages["lang"].tolist()
    stages = {}
    for stage, method in (("before", "none"), ("after", recipe.alignment)):
        aligned = align(vectors, lang, method=method)
        given = topics if stage == "after" else None
        found = find_topics(passages, aligned, recipe).tolist() if given is None else given
        stages[stage] = (topic_space(aligned, recipe), found)
    return measure.mixing(stages, lang)


def _settings(recipe: Recipe, seeds: int, granularities: Sequence[float], outliers: Sequence[str]) -> Iterator[Recipe]:
    """Yield the recipe with each combination of seed, granularity and what becomes of outliers."""
    for seed in range(seeds):
        for finer in granularities:
            for fate in outliers:
                changes: dict[str, Any] = {
                    "seed": (recipe.seed + seed) % 2**32,
                    "outliers": fate,
                    "resolution": recipe.resolution * finer,
                    "n_topics": recipe.n_topics and max(1, round(recipe.n_topics * finer)),
                    "min_topic_size": recipe.min_topic_size,
                }
                if recipe.clustering == "hdbscan" and recipe.min_topic_size:
                    changes["min_topic_size"] = max(2, round(recipe.min_topic_size / finer))
                yield dataclasses.replace(recipe, **changes)
