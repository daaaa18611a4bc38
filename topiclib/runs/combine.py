"""Combine what the steps wrote for each partition into the tables of the whole corpus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.corpus.time_window import TimeWindowSpec
from topiclib.runs import steps
from topiclib.runs.executor import Executor
from topiclib.runs.tables import GROUPINGS, Centroids, make_theme_quotes, make_topic_quotes, make_topics
from topiclib.runs.workspace import Workspace
from topiclib.themes import Theme
from topiclib.topics.custom_words import CustomWords
from topiclib.topics.keywords import ARTICLE_COUNT_KEYS, WORD_COUNT_KEYS, rank_keywords
from topiclib.topics.language_split import language_split_from_counts

# Topics or themes per comparison task, which holds the share of each in every article of the corpus.
KEYS_PER_TASK = 8
# Partitions per task that sums counts: a task holds one sum, and the sums of all tasks are added at the end.
PARTITIONS_PER_SUM = 32
FLOW_STEPS = ("found", "dropped", "articles", "passages", "left out", "modeled", "words", "words left out")
# Tables with a row per article or passage, written to the run folder partition by partition.
PARTITIONED_TABLES = ("documents", "passages", "assignments", "document_topics", "matches", "themes")
# Tables with rows of topics, then rows of themes.
SHARED_TABLES = ("quotes", "shares", "timeline")
# What `topic_tables` returns.
DESCRIPTION_TABLES = ("keywords", "topics", "topic_languages", *SHARED_TABLES)


def document_tables(work: Workspace, executor: Executor) -> dict[str, Any]:
    """Return tables `coverage` and `flow`, and functions that yield the `PARTITIONED_TABLES` in chunks."""
    n = len(executor.partitions)
    chunks = {name: partial(map, work.read, [f"{name}/{i}" for i in range(n)]) for name in PARTITIONED_TABLES}
    flow = _sum_counts(work, executor, "flow", ["step", "source", "lang", "reason"])
    flow = flow.sort_values("step", key=lambda step: step.map(FLOW_STEPS.index), kind="stable")
    return {**chunks, "coverage": _sum_counts(work, executor, "coverage", ["source", "period"]), "flow": flow}


def topic_tables(
    work: Workspace, executor: Executor, candidates: Sequence[tuple[pd.DataFrame, np.ndarray]], *,
    centroids: Centroids, period: TimeWindowSpec, words: CustomWords,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Return `DESCRIPTION_TABLES`; `candidates` for quotes are the results of `steps.tabulate_topics`."""
    total = partial(_sum_counts, work, executor)
    keywords = rank_keywords(total("word_counts", WORD_COUNT_KEYS), total("article_counts", ARTICLE_COUNT_KEYS), words)
    sizes = total("topic_sizes", ["topic", "lang"])
    sizes = sizes.pivot(index="topic", columns="lang", values="n").fillna(0).astype(int)
    rows, vectors = zip(*candidates, strict=True)
    passages = pd.concat(rows, ignore_index=True)
    quotes = make_topic_quotes(passages, passages["topic"].to_numpy(), np.concatenate(vectors), centroids=centroids)
    shares, timeline = _compare_in_batches(work, executor, "topic", list(map(str, sizes.index)), period)
    return {
        "keywords": keywords, "topics": make_topics(sizes, keywords),
        "topic_languages": language_split_from_counts(sizes), "quotes": quotes, "shares": shares, "timeline": timeline,
    }  # fmt: skip


def theme_tables(
    work: Workspace, executor: Executor, candidates: Sequence[pd.DataFrame], *,
    themes: Mapping[str, Theme], period: TimeWindowSpec, words: CustomWords,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Return `SHARED_TABLES` and `contrasts`; `candidates` for quotes are the results of `steps.tabulate_themes`."""
    best = pd.concat(candidates, ignore_index=True).rename(columns={"key": "theme"}).assign(about=True)
    passages = best[["passage_id", "doc_id", "lang"]].drop_duplicates().assign(kind="body")
    quotes = make_theme_quotes(passages, best[["passage_id", "theme", "about", "score"]])
    shares, timeline = _compare_in_batches(work, executor, "theme", list(themes), period)
    contrast = partial(steps.contrast_partitions, work, len(executor.partitions), words)
    contrasts = pd.concat(executor.map("contrast", contrast, sorted(themes)), ignore_index=True)
    return {"quotes": quotes, "shares": shares, "timeline": timeline, "contrasts": contrasts}


def _sum_counts(work: Workspace, executor: Executor, name: str, by: list[str]) -> pd.DataFrame:
    """Return the sums of column `n` over all partitions, sorted by the other columns."""
    n = len(executor.partitions)
    spans = [range(n)[start : start + PARTITIONS_PER_SUM] for start in range(0, n, PARTITIONS_PER_SUM)]
    sums = pd.concat(executor.map("sum", partial(steps.sum_counts, work, name, by), spans), ignore_index=True)
    return sums.groupby(by)["n"].sum().reset_index()


def _compare_in_batches(
    work: Workspace, executor: Executor, kind: str, keys: list[str], period: TimeWindowSpec
) -> list[pd.DataFrame]:
    """Return the rows of one kind of tables `shares` and `timeline`, computed for `KEYS_PER_TASK` keys at a time."""
    if not keys:
        return [schema.empty_table("shares"), schema.empty_table("timeline")]
    batches = [keys[i : i + KEYS_PER_TASK] for i in range(0, len(keys), KEYS_PER_TASK)]
    compare = partial(steps.compare_partitions, work, len(executor.partitions), period, kind)
    frames = zip(*executor.map("compare", compare, batches), strict=True)
    shares, timeline = (pd.concat(parts, ignore_index=True) for parts in frames)

    def order(values: pd.Series) -> pd.Series:
        return values.map(GROUPINGS.index) if values.name == "by" else values

    return [
        frame.sort_values(columns, key=order, ignore_index=True)
        for frame, columns in ((shares, ["by", "key", "level"]), (timeline, ["by", "period", "key", "level"]))
    ]
