"""What the default run finds in the bundled sample, and how much of the planned difference comes back.

python benchmarks/sample.py
"""

import csv
import json
from pathlib import Path

import numpy as np

import topiclib as tl
from topiclib.measure import neighbour_mixing, one_language_share, share_gap

SIDES = {"sanctions, caucasus": {"sanctions", "caucasus"}, "syria, saudi": {"syria", "saudi"}}
SEEDS = 5


def main() -> None:
    """Print one JSON line a seed and one with mean and spread."""
    with (Path(tl.__file__).parent / "sample" / "plan.csv").open(encoding="utf-8") as stream:
        subject_of = {row["id"]: row["subject"] for row in csv.DictReader(stream)}
    passages = tl.make_passages(tl.load_sample())
    subjects = passages["doc_id"].map(subject_of).to_numpy()
    side = (passages["lang"] == "ar").to_numpy().astype(int)
    vectors = tl.embed(passages)
    aligned = tl.align(vectors, passages["lang"])
    rows = []
    for seed in range(SEEDS):
        topics = np.asarray(tl.fit(passages, aligned, tl.Recipe(seed=seed)).topics_)
        alone = one_language_share(topics, passages["lang"])["share"]
        rows.append({"topics": len(set(topics)), "in one-language topics": alone})
        for name, inside in SIDES.items():
            planned = share_gap(np.unique(subjects, return_inverse=True)[1], subjects, side, inside)
            rows[-1][f"recovery: {name}"] = share_gap(topics, subjects, side, inside) / planned
        show(rows[-1], seed=seed)
    for name, of in (("mean", np.mean), ("spread", np.std)):
        show({key: of([row[key] for row in rows]) for key in rows[0]}, over=f"{name} of {SEEDS} seeds")
    for name, space in (("as they come", vectors), ("aligned", aligned)):
        show(neighbour_mixing(space, passages["lang"]), neighbours=name)


def show(row: dict, **what: object) -> None:
    """Print a row as JSON."""
    print(json.dumps({**what, **{key: round(float(value), 3) for key, value in row.items()}}, ensure_ascii=False))


if __name__ == "__main__":
    main()
