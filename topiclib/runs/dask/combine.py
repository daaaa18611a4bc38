"""Aggregate the results of the partitions into the tables of the whole corpus."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from topiclib.runs.dask import steps
from topiclib.runs.dask.executor import Executor
from topiclib.runs.dask.workspace import Workspace
from topiclib.runs.tables import make_theme_quotes, make_topic_quotes, make_topics
from topiclib.themes import Theme
from topiclib.topics.keywords import ARTICLE_COUNT_KEYS, WORD_COUNT_KEYS, rank_keywords
from topiclib.topics.language_split import language_split_from_counts

# Topics or themes per comparison task, which holds a share of each in each article of the corpus.
KEYS_PER_TASK = 8
FLOW_STEPS = ("found", "dropped", "articles", "passages", "left out", "modeled", "words", "words left out")
# Tables with a row per article or passage: they are written to the run folder partition by partition.
PARTITIONED_TABLES = ("documents", "passages", "assignments", "document_topics", "matches", "themes")
# Tables about the sample in which topics were found; all but the first exist only if the recipe asks for them.
SAMPLE_TABLES = ("points", "stability", "mixing", "recovery", "sensitivity")


def aggregate(
    work: Workspace, executor: Executor, quote_candidates: Sequence, *,
    model: steps.CentroidModel, themes: Mapping[str, Theme], period: str,
) -> dict[str, Any]:  # fmt: skip
    """Return the tables as `store.write_run` takes them; `quote_candidates` are the results of `tabulate_partition`."""
    n = len(executor.partitions)
    total = partial(_sum_counts, work, executor)
    files = {name: [f"{name}/{i}" for i in range(n)] for name in PARTITIONED_TABLES}
    out: dict[str, Any] = {name: partial(map, work.read, names) for name, names in files.items()}
    out["keywords"] = rank_keywords(total("word_counts", WORD_COUNT_KEYS), total("article_counts", ARTICLE_COUNT_KEYS))
    sizes = total("topic_sizes", ["topic", "lang"])
    sizes = sizes.pivot(index="topic", columns="lang", values="n").fillna(0).astype(int)
    out["topics"], out["topic_languages"] = make_topics(sizes, out["keywords"]), language_split_from_counts(sizes)
    out["coverage"] = total("coverage", ["source", "period"])
    flow = total("flow", ["step", "source", "lang", "reason"])
    out["flow"] = flow.sort_values("step", key=lambda step: step.map(FLOW_STEPS.index), kind="stable")
    out["quotes"] = _merge_quotes(quote_candidates, model)
    keys = {"topic": list(map(str, sizes.index)), "theme": list(themes)}
    out["shares"], out["timeline"] = _compare_in_batches(work, executor, keys, period)
    contrasts = executor.map("contrast", partial(steps.contrast_partitions, work, n), list(themes))
    out["contrasts"] = pd.concat(contrasts, ignore_index=True)
    return out | {name: work.read(f"fit/{name}") for name in SAMPLE_TABLES if work.exists(f"fit/{name}.parquet")}


def _sum_counts(work: Workspace, executor: Executor, name: str, by: list[str]) -> pd.DataFrame:
    frame = executor.to_dask(work.read, [f"{name}/{i}" for i in range(len(executor.partitions))])
    return executor.compute(frame.groupby(by)["n"].sum()).reset_index().sort_values(by, ignore_index=True)


def _merge_quotes(quote_candidates: Sequence, model: steps.CentroidModel) -> pd.DataFrame:
    """Choose the quotes of the corpus among the candidates of the partitions."""
    passages, vectors, theme_quotes = zip(*quote_candidates, strict=True)
    rows, best = pd.concat(passages, ignore_index=True), pd.concat(theme_quotes, ignore_index=True)
    of_topics = make_topic_quotes(rows, rows["topic"].to_numpy(), np.concatenate(vectors), centroids=model[1:])
    best = best.rename(columns={"key": "theme"}).assign(about=True)
    quoted = best[["passage_id", "doc_id", "lang"]].drop_duplicates().assign(kind="body")
    of_themes = make_theme_quotes(quoted, best[["passage_id", "theme", "about", "score"]])
    return pd.concat([of_topics, of_themes], ignore_index=True)


def _compare_in_batches(
    work: Workspace, executor: Executor, keys: Mapping[str, list[str]], period: str
) -> Iterator[pd.DataFrame]:
    """Return tables `shares` and `timeline`, computed for `KEYS_PER_TASK` keys at a time."""
    starts = [(kind, i) for kind, names in keys.items() for i in range(0, len(names), KEYS_PER_TASK)]
    batches = [keys[kind][i : i + KEYS_PER_TASK] for kind, i in starts]
    compare = partial(steps.compare_partitions, work, len(executor.partitions), period)
    results = executor.map("compare", compare, [kind for kind, _ in starts], batches)
    return (pd.concat(frames, ignore_index=True) for frames in zip(*results, strict=True))
