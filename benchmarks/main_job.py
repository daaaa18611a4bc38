"""Compare a full run on real news articles with plain BERTopic on the same passages and vectors.

Two corpora: the labelled news, and Fars with 700 articles of SaudiNewsNet. Both report much on the JCPOA: is it
in topics of both languages?

python benchmarks/main_job.py --data ../shared/data
"""

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scores import colocation

import topiclib as tl
from topiclib.corpus.documents import to_documents
from topiclib.evaluate import one_language_share
from topiclib.themes import match_themes, score_themes

CORPORA: dict[str, dict[str, int | None]] = {
    "labelled news": {"labelled_news_fa_ar.dev": None},
    "Fars + SaudiNewsNet": {"fars_fa.dev": None, "saudinewsnet_ar.dev": 700},
}
LEAST = 20
"""Arabic passages on the JCPOA without which nothing is said of it."""


def main() -> int:
    """Print one JSON line per method: topics, outliers, and what is in topics of one language (95 % or more)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder with the test corpora")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for name, files in CORPORA.items():
        missing = [file for file in files if not (options.data / f"{file}.jsonl").is_file()]
        if missing:
            print(f"{missing[0]}.jsonl is missing: name the folder that has it with --data", file=sys.stderr)
            return 2
        documents = to_documents(pd.concat([articles(options.data, *file) for file in files.items()]))
        compare_methods(name, tl.make_passages(documents), options.seed)
    return 0


def articles(data: Path, name: str, most: int | None) -> pd.DataFrame:
    """Return at most the given number of articles of a file: the first by the SHA-256 of their ids."""
    rows = pd.read_json(data / f"{name}.jsonl", lines=True, dtype=False, convert_dates=False)
    order = rows["id"].map(lambda value: hashlib.sha256(f"order {value}".encode()).hexdigest())
    return rows.loc[order.sort_values().index[:most]].sort_index()[["id", "text", "source"]]


def compare_methods(corpus: str, passages: pd.DataFrame, seed: int) -> None:
    """Print a line per method."""
    vectors = tl.embed(passages)
    aligned = tl.align(passages, vectors)
    by_vectors = tl.align(passages, vectors, use_text=False)
    by_means = tl.align(passages, vectors, method="means")
    themes = tl.read_themes()
    found = score_themes(match_themes(passages, themes), passages, themes)
    about = passages["passage_id"].isin(found[found["about"] & (found["theme"] == "jcpoa")]["passage_id"])
    alone = passages.drop(columns="lang")
    recipe, density = tl.Recipe(seed=seed), tl.Recipe(seed=seed, clustering="hdbscan")
    methods = {
        "plain BERTopic": lambda: plain(passages, vectors, seed),
        "topiclib, not aligned": lambda: tl.fit(alone, vectors, recipe).topics_,
        "topiclib, topics not joined": lambda: tl.fit(alone, aligned, recipe).topics_,
        "own means, topics not joined": lambda: tl.fit(alone, by_means, recipe).topics_,
        "own means": lambda: tl.fit(passages, by_means, recipe).topics_,
        "topiclib, UMAP and HDBSCAN": lambda: tl.fit(passages, aligned, density).topics_,
        "topiclib, aligned without words": lambda: tl.fit(passages, by_vectors, recipe).topics_,
        "topiclib": lambda: tl.fit(passages, aligned, recipe).topics_,
    }
    for name, find in methods.items():
        start = time.perf_counter()
        topics = np.asarray(find())
        row = {"corpus": corpus, "method": name, **numbers(topics, passages)}
        if about[passages["lang"] == "ar"].sum() >= LEAST:
            met = colocation(topics, about, passages["lang"])
            row |= {"jcpoa_colocation": round(met["cosine"], 3), "jcpoa_purity": round(met["purity"], 3)}
        print(json.dumps({**row, "seconds": round(time.perf_counter() - start, 1)}), flush=True)


def plain(passages: pd.DataFrame, vectors: np.ndarray, seed: int) -> list[int]:
    """Fit BERTopic as its guide does for several languages: its defaults, with a seed."""
    from bertopic import BERTopic
    from umap import UMAP

    umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    return BERTopic(language="multilingual", umap_model=umap).fit(passages["text"].tolist(), vectors.copy()).topics_


def numbers(topics: np.ndarray, passages: pd.DataFrame) -> dict[str, float]:
    """Return the counts; a document's topic is the most frequent one of its passages."""
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
