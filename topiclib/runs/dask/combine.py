"""What only all parts together tell, in Dask DataFrames: what was counted, added up to tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from topiclib.runs.dask import steps as stages
from topiclib.runs.dask.executor import Executor
from topiclib.runs.dask.workspace import Workspace
from topiclib.runs.tables import make_theme_quotes, make_topic_quotes, make_topics
from topiclib.themes import Theme
from topiclib.topics.keywords import ARTICLE_COUNT_KEYS, WORD_COUNT_KEYS, rank_keywords
from topiclib.topics.language_split import language_split_from_counts

KEYS_PER_TASK = 8
"""Topics or themes whose shares one task compares: it holds a number for each of them and each article."""

FLOW_STEPS = ("found", "dropped", "articles", "passages", "left out", "modeled")

PARTITIONED_TABLES = ("documents", "passages", "assignments", "document_topics", "matches", "themes")
"""Tables with a row for each article or passage: they stay in parts until they are written."""

SAMPLE_TABLES = ("points", "stability", "mixing", "recovery", "sensitivity")
"""Tables of the sample in which topics were found; all but the first where the recipe asks for them."""


def aggregate(
    work: Workspace,
    workers: Executor,
    quote_candidates: Sequence,
    *,
    model: stages.CentroidModel,
    themes: Mapping[str, Theme],
    period: str,
) -> dict[str, Any]:
    """Return the tables of the whole, as `store.write_run` takes them, of what `tabulate_partition` wrote and returned."""
    n = len(workers.parts)
    total = partial(_sum_counts, work, workers)
    out: dict[str, Any] = {name: partial(_iter_partitions, work, name, n) for name in PARTITIONED_TABLES}
    out["keywords"] = rank_keywords(total("uses", WORD_COUNT_KEYS), total("holders", ARTICLE_COUNT_KEYS))
    sizes = total("sizes", ["topic", "lang"]).pivot(index="topic", columns="lang", values="n").fillna(0).astype(int)
    out["topics"], out["topic_languages"] = make_topics(sizes, out["keywords"]), language_split_from_counts(sizes)
    out["coverage"] = total("coverage", ["source", "period"])
    steps = total("flow", ["step", "source", "reason"])
    out["flow"] = steps.sort_values("step", key=lambda step: step.map(FLOW_STEPS.index), kind="stable")
    out["quotes"] = _merge_quotes(quote_candidates, model)
    out["shares"], out["timeline"] = _compare_in_batches(
        work, workers, {"topic": list(map(str, sizes.index)), "theme": [*themes]}, period
    )
    contrasts = workers.each("contrast", partial(stages.contrast_partitions, work, n), list(themes))
    out["contrasts"] = pd.concat(contrasts, ignore_index=True)
    return out | {name: work.read(f"fit/{name}") for name in SAMPLE_TABLES if work.has(f"fit/{name}.parquet")}


def _sum_counts(work: Workspace, workers: Executor, name: str, by: list[str]) -> pd.DataFrame:
    frame = workers.frame(partial(stages.read_counts, work, name), range(len(workers.parts)))
    return workers.result(frame.groupby(by)["n"].sum()).reset_index().sort_values(by, ignore_index=True)


def _iter_partitions(work: Workspace, name: str, parts: int) -> Iterator[pd.DataFrame]:
    for part in range(parts):
        yield work.read(f"{name}/{part}")


def _merge_quotes(quotable: Sequence, model: stages.CentroidModel) -> pd.DataFrame:
    """Choose among what each part would quote."""
    rows, vectors, named = ([some[i] for some in quotable] for i in range(3))
    near, quoted = pd.concat(rows, ignore_index=True), pd.concat(named, ignore_index=True)
    of_topics = make_topic_quotes(near, near["topic"].to_numpy(), np.concatenate(vectors), centroids=model[1:])
    best = quoted.rename(columns={"key": "theme"}).assign(about=True)
    facts = best[["passage_id", "doc_id", "lang"]].drop_duplicates().assign(kind="body")
    of_themes = make_theme_quotes(facts, best[["passage_id", "theme", "about", "score"]])
    return pd.concat([of_topics, of_themes], ignore_index=True)


def _compare_in_batches(
    work: Workspace, workers: Executor, keys: Mapping[str, list[str]], period: str
) -> Iterator[pd.DataFrame]:
    """Return `shares` and `timeline`, a few keys at a time."""
    starts = [(kind, i) for kind, of in keys.items() for i in range(0, len(of), KEYS_PER_TASK)]
    kinds, some = [kind for kind, _ in starts], [keys[kind][i : i + KEYS_PER_TASK] for kind, i in starts]
    pairs = workers.each("compare", partial(stages.compare_partitions, work, len(workers.parts), period), kinds, some)
    return (pd.concat(frames, ignore_index=True) for frames in zip(*pairs, strict=True))
