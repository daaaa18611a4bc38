"""What is done with the sample of a corpus in parts: drawn, its topics found once, measured."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from topiclib import balance
from topiclib.align import Alignment, fit_alignment
from topiclib.clusters import centroids
from topiclib.fit import Recipe, fit, topic_space
from topiclib.neighbours import Neighbours
from topiclib.parts import Work
from topiclib.quality import TABLES, quality
from topiclib.stability import stability
from topiclib.stages import Model, modelled
from topiclib.tables import points


def draw_part(work: Work, part: int, *, quota: pd.Series, recipe: Recipe) -> None:
    """Write the drawn passages of a part, by `part` and `row`, and their vectors."""
    rows = modelled(work, part)
    drawn = balance.draw(rows, quota, seed=recipe.seed)
    work.keep_array(f"drawn/{part}", lambda: work.read_array(f"vectors/{part}")[drawn])
    work.keep(f"drawn/{part}", lambda: rows.iloc[drawn].assign(part=part, row=drawn))


def fit_sample(work: Work, parts: int, *, quota: pd.Series, recipe: Recipe) -> None:
    """Find the topics in what was drawn of all parts; write them, their centroids, the alignment and the map."""
    if work.has("fit/topics.parquet"):
        return
    rows, vectors = _sample(work, parts, quota=quota, recipe=recipe)
    near = Neighbours()
    lang, options = rows["lang"].tolist(), {"texts": rows["text"].tolist()}
    alignment = fit_alignment(vectors, lang, method=recipe.alignment, **options)
    aligned = alignment.apply(vectors, lang)
    model = fit(rows, aligned, recipe, near=near)
    topics, space = np.asarray(model.topics_), topic_space(aligned, recipe)
    known, means = centroids(space, topics)
    drawn = model.hdbscan_model.drawn
    work.keep("fit/points", lambda: points(rows.iloc[drawn], topics[drawn], space[drawn], near, seed=recipe.seed))
    if recipe.stability:
        again = stability(rows, aligned, recipe, n=recipe.stability, topics=model.topics_, near=near)
        work.keep("fit/stability", lambda: again)
    work.keep("fit/languages", lambda: pd.DataFrame({"lang": alignment.languages}))
    for name, array in (("offsets", alignment.offsets), ("centroids", means), ("known", known)):
        work.keep_array(f"fit/{name}", partial(np.asarray, array))
    work.keep("fit/topics", lambda: rows[["part", "row"]].assign(topic=topics))


def read_model(work: Work, recipe: Recipe) -> Model:
    """Read what `fit_sample` wrote."""
    languages = work.read("fit/languages")["lang"].tolist()
    offsets, means, known = (work.read_array(f"fit/{name}") for name in ("offsets", "centroids", "known"))
    facts = {"languages": languages, "method": recipe.alignment}
    return Alignment.from_arrays(offsets, facts), known, means


def measure_sample(work: Work, parts: int, *, quota: pd.Series, recipe: Recipe) -> None:
    """Write what `quality` finds in the sample, after its themes were told."""
    if all(work.has(f"fit/{name}.parquet") for name in TABLES):
        return
    rows, vectors = _sample(work, parts, quota=quota, recipe=recipe)
    themes = pd.concat([work.read(f"themes/{part}") for part in range(parts)], ignore_index=True)
    themes = themes[themes["passage_id"].isin(rows["passage_id"])].reset_index(drop=True)
    topics = work.read("fit/topics")["topic"].to_numpy()
    for name, table in quality(rows, vectors, themes, recipe, topics=topics, progress=False).items():
        work.keep(f"fit/{name}", table.copy)


def _sample(work: Work, parts: int, *, quota: pd.Series, recipe: Recipe) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the passages that are drawn of what was drawn of all parts, and their vectors."""
    rows = pd.concat([work.read(f"drawn/{part}") for part in range(parts)], ignore_index=True)
    vectors = np.concatenate([work.read_array(f"drawn/{part}") for part in range(parts)])
    drawn = balance.draw(rows, quota, seed=recipe.seed)
    return rows.iloc[drawn].reset_index(drop=True), vectors[drawn]
