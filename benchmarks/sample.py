"""Measure what the default run finds in the bundled sample, and how much of the planned difference it recovers.

The planned differences are small and the articles few, so one corpus is noisy: after the whole sample under five seeds,
30 draws of 64 of its 80 articles show how far a recovery moves with the articles alone.

python benchmarks/sample.py
"""

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd

import topiclib as tl
from topiclib.evaluate import neighbor_mixing, one_language_share, recovered_difference
from topiclib.topics.fit import cluster_passages

SIDES = {"sanctions, caucasus": {"sanctions", "caucasus"}, "syria, saudi": {"syria", "saudi"}}
SEEDS = 5
DRAWS = 30
ARTICLES = 64
"""Articles in a draw, of 80."""


def main() -> None:
    """Print one JSON line per seed and one with mean and spread."""
    with (Path(tl.__file__).parent / "corpus" / "sample" / "plan.csv").open(encoding="utf-8") as stream:
        subject_of = {row["id"]: row["subject"] for row in csv.DictReader(stream)}
    passages = tl.make_passages(tl.load_sample())
    subjects = passages["doc_id"].map(subject_of).to_numpy()
    side = (passages["lang"] == "ar").to_numpy().astype(int)
    vectors = tl.embed(passages)
    aligned = tl.align(passages, vectors)
    rows = []
    for seed in range(SEEDS):
        topics = np.asarray(tl.fit(passages, aligned, tl.Recipe(seed=seed)).topics_)
        alone = one_language_share(topics, passages["lang"])["share"]
        rows.append({"topics": len(set(topics)), "in one-language topics": alone})
        for name, (found, planned) in gaps(topics, subjects, side).items():
            rows[-1][f"recovery: {name}"] = found / planned
        show(rows[-1], seed=seed)
    for name, of in (("mean", np.mean), ("spread", np.std)):
        show({key: of([row[key] for row in rows]) for key in rows[0]}, over=f"{name} of {SEEDS} seeds")
    show_draws(passages, vectors, subjects)
    for name, space in (("as they come", vectors), ("aligned", aligned)):
        show(neighbor_mixing(space, passages["lang"]), neighbors=name)


def gaps(topics: np.ndarray, subjects: np.ndarray, side: np.ndarray) -> dict[str, tuple[float, float]]:
    """Return the gap found and the gap planned of each pair of subjects; the plan is topics that are the subjects."""
    plan = np.unique(subjects, return_inverse=True)[1]
    return {
        name: (recovered_difference(topics, subjects, side, inside), recovered_difference(plan, subjects, side, inside))
        for name, inside in SIDES.items()
    }


def show_draws(passages: pd.DataFrame, vectors: np.ndarray, subjects: np.ndarray) -> None:
    """Print the recovery over draws of articles: mean gap over mean planned gap, and the spread of the ratio."""
    articles = passages["doc_id"].unique()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in SIDES}
    topics = []
    for draw in range(DRAWS):
        drawn = np.random.default_rng(draw).choice(articles, size=ARTICLES, replace=False)
        keep = passages["doc_id"].isin(drawn).to_numpy()
        part = passages[keep].reset_index(drop=True)
        aligned = tl.align(part, vectors[keep])
        topics.append(cluster_passages(part, aligned, tl.Recipe(seed=draw)))
        side = (part["lang"] == "ar").to_numpy().astype(int)
        for name, pair in gaps(topics[-1], subjects[keep], side).items():
            found[name].append(pair)
    row = {"topics": np.mean([len(set(labels[labels >= 0])) for labels in topics])}
    for name, pairs in found.items():
        gap, planned = np.array(pairs).T
        row |= {f"gap: {name}": gap.mean(), f"planned: {name}": planned.mean()}
        row |= {f"recovery: {name}": gap.mean() / planned.mean(), f"spread: {name}": (gap / planned).std()}
    show(row, draws=DRAWS, articles=ARTICLES)


def show(row: dict, **what: object) -> None:
    """Print a row as JSON."""
    print(json.dumps({**what, **{key: round(float(value), 3) for key, value in row.items()}}, ensure_ascii=False))


if __name__ == "__main__":
    main()
