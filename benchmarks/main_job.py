"""The main job on the labelled news, beside plain BERTopic on the same passages and vectors.

python benchmarks/main_job.py --data ../shared/data
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

import topiclib as tl
from topiclib.measure import one_language_share


def main() -> int:
    """Print one JSON line a method: topics, outliers, and what is in topics of one language (95 % or more)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder with the labelled news")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    file = options.data / "labelled_news_fa_ar.dev.jsonl"
    if not file.is_file():
        print(f"{file} is missing: name the folder that has it with --data", file=sys.stderr)
        return 2
    documents = tl.read_documents(file)
    passages = tl.make_passages(documents)
    vectors = tl.embed(passages)
    aligned = tl.align(vectors, passages["lang"])
    kept = tl.Recipe(seed=options.seed, outliers="keep")
    methods = {
        "plain BERTopic": lambda: plain(passages, vectors, options.seed),
        "topiclib, not aligned": lambda: tl.fit(passages, vectors, tl.Recipe(seed=options.seed)).topics_,
        "topiclib, outliers kept": lambda: tl.fit(passages, aligned, kept).topics_,
        "topiclib": lambda: tl.fit(passages, aligned, tl.Recipe(seed=options.seed)).topics_,
    }
    for name, find in methods.items():
        start = time.perf_counter()
        topics = np.asarray(find())
        print(
            json.dumps({"method": name, **numbers(topics, passages), "seconds": round(time.perf_counter() - start, 1)})
        )
    return 0


def plain(passages: pd.DataFrame, vectors: np.ndarray, seed: int) -> list[int]:
    """Fit BERTopic as its own guide does for several languages: its defaults, with a seed."""
    from bertopic import BERTopic
    from umap import UMAP

    umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    return BERTopic(language="multilingual", umap_model=umap).fit(passages["text"].tolist(), vectors.copy()).topics_


def numbers(topics: np.ndarray, passages: pd.DataFrame) -> dict[str, float]:
    """Return the counts; a document's topic is that of most of its passages that have one."""
    rows = pd.DataFrame({"doc": passages["doc_id"], "lang": passages["lang"], "topic": topics})[topics >= 0]
    main_topic = rows.groupby("doc")["topic"].agg(lambda found: found.mode().iloc[0])
    lang = passages.groupby("doc_id")["lang"].agg(lambda found: found.mode().iloc[0])
    of_documents = one_language_share(main_topic, lang[main_topic.index])
    of_passages = one_language_share(topics, passages["lang"])
    return {
        "passages": len(topics),
        "topics": len(set(topics[topics >= 0])),
        "outliers": round(float((topics < 0).mean()), 3),
        "passages_in_one_language_topics": round(of_passages["share"], 3),
        "documents_in_one_language_topics": round(of_documents["share"], 3),
    }


if __name__ == "__main__":
    sys.exit(main())
