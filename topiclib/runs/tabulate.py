"""Tabulate a fitted BERTopic model, or the themes of its passages, from DataFrames in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from topiclib import compare, schema
from topiclib.corpus.time_window import OVERLAP, TimeWindowSpec
from topiclib.runs import combine, steps, tables
from topiclib.runs.executor import Executor
from topiclib.runs.workspace import Memory
from topiclib.themes import Theme, read_themes
from topiclib.topics.assignment import compute_centroids
from topiclib.topics.custom_words import NO_CUSTOM_WORDS, CustomWords
from topiclib.topics.fit import check_vectors, make_projection
from topiclib.topics.recipe import Recipe

if TYPE_CHECKING:
    from bertopic import BERTopic


_HERE = Executor(None, [[]])  # this process, one partition
_NO_REMOTE_TOPICS = pd.Series(index=pd.Index([], dtype="object"), dtype="int64")  # all passages are here


def tabulate(
    model: BERTopic, documents: pd.DataFrame, passages: pd.DataFrame, aligned: np.ndarray,
    *, themes: Mapping[str, Theme] | None = None, recipe: Recipe | None = None,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Return the results of a fitted model as tidy tables.

    Parameters
    ----------
    model
        As `fit` returned it: `model.topics_[i]` belongs to the i-th modeled passage.
    documents, passages
        The tables of these names. Passages that are not modeled (captions, reprints, other languages) may be included;
        reprints then get the topic of the passage that they repeat.
    aligned
        (n, d) unit rows, one per modeled passage, in the same order.
    themes
        As `read_themes` returns them; None: the themes that ship with topiclib.
    recipe
        The settings with which the model was fitted. Its `encoder` decides the projection in which topics have
        centroids, its `period` which articles table `shares` counts, its `seed` the layout in table `points`. Default:
        `Recipe()`.

    Returns
    -------
    dict
        The tables of `topiclib.schema.TABLES` by name, except `flow` and the optional ones.

    Raises
    ------
    ValueError
        If the numbers of modeled passages, vectors and topics differ.
    """
    documents, passages = schema.conform(documents, "documents"), schema.conform(passages, "passages")
    rows = passages[passages["modeled"]].reset_index(drop=True)
    recipe = recipe or Recipe()
    space = make_projection(recipe).transform(check_vectors(rows, aligned))
    topics = np.asarray(model.topics_)
    of_topics = tabulate_topics(documents, passages, topics, space, period=recipe.period)
    of_themes = tabulate_themes(documents, passages, read_themes() if themes is None else themes, period=recipe.period)
    out = {"documents": documents, "passages": passages, "coverage": compare.coverage(documents)}
    in_fit = getattr(model.hdbscan_model, "fit_positions", slice(None))
    out["points"] = tables.make_points(rows.iloc[in_fit], topics[in_fit], space[in_fit], seed=recipe.seed)
    return {name: schema.conform(frame, name) for name, frame in {**out, **join_kinds(of_topics, of_themes)}.items()}


def join_kinds(of_topics: Mapping[str, pd.DataFrame], of_themes: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables of topics and those of themes, with the rows of both in the tables that they share."""
    both = {name: pd.concat([of_topics[name], of_themes[name]], ignore_index=True) for name in combine.SHARED_TABLES}
    return {**of_topics, **of_themes, **both}


def tabulate_topics(
    documents: pd.DataFrame, passages: pd.DataFrame, topics: np.ndarray, space: np.ndarray,
    *, centroids: tables.Centroids | None = None, period: TimeWindowSpec = OVERLAP,
    words: CustomWords = NO_CUSTOM_WORDS,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Return the tables of topics, and the rows of topics of `quotes`, `shares` and `timeline`; needs no model.

    `topics` and `space` (n, d) are of the modeled passages; None as `centroids`: those of these passages.
    """
    work = Memory(frames={"documents": documents, "passages": passages})
    rows = steps.read_modeled_passages(work, 0)
    if len(topics) != len(rows):
        raise ValueError(
            f"the model has {len(topics)} topics_ but passages has {len(rows)} modeled rows: pass the fitted passages"
        )
    centroids = centroids or compute_centroids(space, topics)
    work.frames["assignments"] = tables.make_assignments(rows, topics, space, centroids)
    candidates = steps.tabulate_topics(
        work, 0, _NO_REMOTE_TOPICS, read_space=lambda *_: space, centroids=centroids,
        topics=sorted(set(topics.tolist())), words=words,
    )  # fmt: skip
    out = combine.topic_tables(work, _HERE, [candidates], centroids=centroids, period=period, words=words)
    return {name: work.frames[name] for name in ("assignments", "document_topics")} | out


def tabulate_themes(
    documents: pd.DataFrame, passages: pd.DataFrame, themes: Mapping[str, Theme], *, period: TimeWindowSpec = OVERLAP,
    words: CustomWords = NO_CUSTOM_WORDS,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Return the tables of themes, and the rows of themes of `quotes`, `shares` and `timeline`; needs no vectors."""
    reprints = steps.link_reprints(documents, tables.counted_passages(passages), _NO_REMOTE_TOPICS)
    work = Memory(frames={"documents": documents, "passages": passages, "reprint_articles": reprints})
    quotes = steps.tabulate_themes(work, 0, themes=themes)
    out = combine.theme_tables(work, _HERE, [quotes], themes=themes, period=period, words=words)
    return {name: work.frames[name] for name in ("matches", "themes")} | out
