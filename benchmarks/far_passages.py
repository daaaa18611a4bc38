"""Of passages held out from a run, how many does `topiclib fit --extend` call far from every topic? It should be 5 %.

    python benchmarks/far_passages.py RUN [RUN ...]

Ten times, 70 % of the articles of a run give the centroids and the threshold, and the passages of the others are
compared with them. "own article": the threshold if each passage is also compared with centroids to which its own
article contributes. The vectors come from the cache, or are computed again.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

import topiclib as tl
from topiclib.runs.extend import FAR_QUANTILE, far_thresholds
from topiclib.runs.pipeline import fitted_passages, nearest_topics
from topiclib.topics.assignment import compute_centroids, nearest_centroid


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", metavar="RUN")
    parser.add_argument("--cache")
    options = parser.parse_args()
    print(f"{'run':<30} passages    far  own article")
    for path in options.runs:
        run = tl.open_run(path)
        passages, topics = fitted_passages(run), run.assignments["topic_found"].to_numpy()
        _, space = nearest_topics(run, passages, cache=options.cache, progress=False)
        articles, far = passages["doc_id"].unique(), []
        for seed in range(10):
            chosen = np.random.default_rng(seed).random(len(articles)) < 0.7
            fitted = passages["doc_id"].isin(articles[chosen]).to_numpy()
            _, similarity = nearest_centroid(space, *compute_centroids(space[fitted], topics[fitted]))
            in_sample = pd.Series(similarity[fitted]).groupby(passages["lang"][fitted].to_numpy())
            thresholds = far_thresholds(passages[fitted], topics[fitted], space[fitted])
            held_out, lang = similarity[~fitted], passages["lang"][~fitted]
            rules = (thresholds, in_sample.quantile(FAR_QUANTILE).to_dict())
            far.append([(held_out < lang.map(rule)).mean() for rule in rules])
        ours, own = np.mean(far, axis=0)
        print(f"{run.path.name:<30} {len(passages):>8}  {ours:>5.1%}  {own:>11.1%}")


if __name__ == "__main__":
    main()
