"""What only all parts together tell, in Dask DataFrames: what was counted, added up to tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from topiclib.runs.dask import steps as stages
from topiclib.runs.dask.executor import Workers
from topiclib.runs.dask.workspace import Work
from topiclib.runs.tables import theme_quotes, topic_cards, topic_quotes
from topiclib.themes import Theme
from topiclib.topics.keywords import HOLDERS, USES, rank_words
from topiclib.topics.language_split import split_of

KEYS_A_TASK = 8
"""Topics or themes whose shares one task compares: it holds a number for each of them and each article."""

STEPS = ("found", "dropped", "articles", "passages", "left out", "modelled")

ROWS = ("documents", "passages", "assignments", "articles", "matches", "themes")
"""Tables with a row for each article or passage: they stay in parts until they are written."""

SAMPLED = ("points", "stability", "mixing", "recovery", "sensitivity")
"""Tables of the sample in which topics were found; all but the first where the recipe asks for them."""


def add_up(
    work: Work, workers: Workers, quotable: Sequence, *, model: stages.Model, themes: Mapping[str, Theme], period: str
) -> dict[str, Any]:
    """Return the tables of the whole, as `store.write_run` takes them, of what `tell_part` wrote and returned."""
    n = len(workers.parts)
    total = partial(_total, work, workers)
    out: dict[str, Any] = {name: partial(_stream, work, name, n) for name in ROWS}
    out["keywords"] = rank_words(total("uses", USES), total("holders", HOLDERS))
    sizes = total("sizes", ["topic", "lang"]).pivot(index="topic", columns="lang", values="n").fillna(0).astype(int)
    out["topics"], out["split"] = topic_cards(sizes, out["keywords"]), split_of(sizes)
    out["coverage"] = total("coverage", ["source", "period"])
    steps = total("flow", ["step", "source", "reason"])
    out["flow"] = steps.sort_values("step", key=lambda step: step.map(STEPS.index), kind="stable")
    out["quotes"] = _quotes(quotable, model)
    out["shares"], out["timeline"] = _compared(
        work, workers, {"topic": list(map(str, sizes.index)), "theme": [*themes]}, period
    )
    contrasts = workers.each("contrast", partial(stages.contrast_parts, work, n), list(themes))
    out["contrasts"] = pd.concat(contrasts, ignore_index=True)
    return out | {name: work.read(f"fit/{name}") for name in SAMPLED if work.has(f"fit/{name}.parquet")}


def _total(work: Work, workers: Workers, name: str, by: list[str]) -> pd.DataFrame:
    frame = workers.frame(partial(stages.read_sum, work, name), range(len(workers.parts)))
    return workers.result(frame.groupby(by)["n"].sum()).reset_index().sort_values(by, ignore_index=True)


def _stream(work: Work, name: str, parts: int) -> Iterator[pd.DataFrame]:
    for part in range(parts):
        yield work.read(f"{name}/{part}")


def _quotes(quotable: Sequence, model: stages.Model) -> pd.DataFrame:
    """Choose among what each part would quote."""
    rows, vectors, named = ([some[i] for some in quotable] for i in range(3))
    near, quoted = pd.concat(rows, ignore_index=True), pd.concat(named, ignore_index=True)
    of_topics = topic_quotes(near, near["topic"].to_numpy(), np.concatenate(vectors), means_of=model[1:])
    best = quoted.rename(columns={"key": "theme", "strength": "score"}).assign(about=True)
    facts = best[["passage_id", "doc_id", "lang"]].drop_duplicates().assign(kind="body")
    of_themes = theme_quotes(facts, best[["passage_id", "theme", "about", "score"]])
    return pd.concat([of_topics, of_themes], ignore_index=True)


def _compared(work: Work, workers: Workers, keys: Mapping[str, list[str]], period: str) -> Iterator[pd.DataFrame]:
    """Return `shares` and `timeline`, a few keys at a time."""
    starts = [(kind, i) for kind, of in keys.items() for i in range(0, len(of), KEYS_A_TASK)]
    kinds, some = [kind for kind, _ in starts], [keys[kind][i : i + KEYS_A_TASK] for kind, i in starts]
    pairs = workers.each("compare", partial(stages.compare_parts, work, len(workers.parts), period), kinds, some)
    return (pd.concat(frames, ignore_index=True) for frames in zip(*pairs, strict=True))
