"""Do decisions about topics find their topics in another fit, and does none go to another topic?

Five sixths of the labelled news are fitted, and ten topics, drawn at random, get a decision. The same articles are
fitted with another seed, and all articles (20 % more) with a third; this is repeated for 20 seeds. The right topic is
the one with the largest overlap (Jaccard) on all passages that both fits have, provided that it is at least .5; where
no topic has that, the right answer is to list the decision as not applied. The number of passages that a file remembers
of a topic, and the threshold, are chosen on the odd seeds and reported on the even ones.

    python benchmarks/curation.py --data ../shared/data
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import topiclib as tl
from topiclib.evaluate.agreement import topic_overlaps
from topiclib.topics.curation import Curated, find_topics, restate
from topiclib.topics.curation_file import Curation
from topiclib.topics.fit import cluster_passages

N_DECISIONS, SAME_TOPIC = 10, 0.5
REMEMBERED, THRESHOLDS = (20, 40, 100, 200), (0.4, 0.45, 0.5, 0.55, 0.6)


def judge(first: tuple[pd.DataFrame, np.ndarray], everything: tuple[pd.DataFrame, np.ndarray], seed: int) -> list[dict]:
    """Return a row for each decision, refit and setting: found right, wrong, listed though there was a right topic."""
    rng = np.random.default_rng(seed)

    def fit(of_rows: pd.DataFrame, aligned: np.ndarray, fit_seed: int) -> np.ndarray:
        return cluster_passages(of_rows, aligned, tl.Recipe(seed=fit_seed))

    topics, ids = fit(*first, seed), first[0]["passage_id"].tolist()
    remembered = restate(Curation(), Curated(topics, topics), ids, topics, {})
    chosen = rng.permutation(list(remembered.topics))[:N_DECISIONS].tolist()
    rows = []
    refits = {
        "same articles": (*first, seed + 1000),
        "20 % more articles": (*everything, seed + 2000),
    }
    for refit, (of_refit, aligned, refit_seed) in refits.items():
        others, other_ids = fit(of_refit, aligned, refit_seed), of_refit["passage_id"].tolist()
        overlaps = topic_overlaps(topics, pd.Series(others, index=other_ids).reindex(ids).to_numpy())
        for n in REMEMBERED:
            decisions = [replace(d, passages=d.passages[:n]) for d in remembered.topics.values()]
            for threshold in THRESHOLDS:
                found, _ = find_topics(decisions, len(topics), other_ids, others, min_overlap=threshold)
                for topic in chosen:
                    best, overlap = overlaps.loc[topic].idxmax(), overlaps.loc[topic].max()
                    answer = found.get(topic, (None, 0))[0]
                    is_there = overlap >= SAME_TOPIC
                    rows.append(
                        {"seed": seed, "refit": refit, "remembered": n, "threshold": threshold, "there": is_there}
                        | {"right": is_there and answer == best}
                        | {"another": answer is not None and answer != best}
                        | {"wrong": answer is not None and not (is_there and answer == best)}
                    )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled_news_fa_ar.dev.jsonl")
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args()
    documents = tl.read_documents(options.data / "labelled_news_fa_ar.dev.jsonl")
    passages = tl.make_passages(documents).query("modeled").reset_index(drop=True)
    vectors = tl.embed(passages)
    doc_ids = np.array(sorted(set(passages["doc_id"])))
    drawn = np.random.default_rng(0).choice(doc_ids, round(len(doc_ids) / 1.2), replace=False)
    in_first = passages["doc_id"].isin(drawn).to_numpy()
    first_passages = passages[in_first].reset_index(drop=True)
    first = (first_passages, tl.align(first_passages, vectors[in_first]))
    everything = (passages, tl.align(passages, vectors))
    rows = []
    for seed in range(1, options.seeds + 1):
        rows += judge(first, everything, seed)
        print(f"seed {seed} of {options.seeds}", flush=True)
    table = pd.DataFrame(rows)
    by = ["refit", "remembered", "threshold"]
    for half, name in ((1, "odd seeds: to choose"), (0, "even seeds: to report")):
        of_half = table[table["seed"] % 2 == half].groupby(by)[["there", "right", "wrong", "another"]].sum()
        of_half["n"] = table[table["seed"] % 2 == half].groupby(by).size()
        of_half["right of those there"] = (of_half["right"] / of_half["there"]).round(3)
        print(f"\n{name} ({len(passages)} passages)\n{of_half.to_string()}")


if __name__ == "__main__":
    main()
