"""Measure how often the detection limit of `--quality` is exceeded without a real difference, and what is recovered.

    python benchmarks/detection.py --data ../shared/data [--half odd] [--corpora 3] [--settings sib-200,news-600]

A setting is a source and a number of passages. Each corpus of a setting has nothing planted: SIB and NTREX give each
sentence to one language at random, so that no topic has a real difference; of the news every section has as many
passages in both languages, so that the sections have none, but single topics within a section may. For each corpus,
`topiclib.evaluate.quality.planted_samples` runs as in `--quality`; the themes are a random half of the labels of the
source (subjects, documents, sections), and passages with another label have none. Printed are

exceeded          share of the topics, and of random halves of the labels, whose difference is above its limit (.05)
limit             mean limit of the topics, scaled to a share of .10
recovered         mean and standard deviation of a planted .70, over that within one language, and of a planted 0;
                  with "4:1" three quarters of the Arabic passages are left out first
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
from crosslingual_corpora import Sources, in_half, read

from topiclib import Recipe, align, embed, make_passages
from topiclib.corpus.documents import to_documents
from topiclib.evaluate import detection_limits
from topiclib.evaluate.quality import planted_samples
from topiclib.evaluate.share_recovery import share_differences
from topiclib.topics.fit import cluster_passages

SETTINGS = (
    "sib-400", "ntrex-450", "sib-200", "ntrex-200", "news-600", "news-200", "news-1200", "news-600 4:1",
)  # fmt: skip
"""Written down before the odd half was run; it has no more: 398 and about 450 sentences, 1,300 passages of news."""

N_GROUPS = 5
"""Random halves of the labels for each corpus."""


def all_news(sources: Sources) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the modeled passages of the labelled news, with the section of their article, and their vectors."""
    rows = read(sources.data, "labelled_news_fa_ar.dev")
    rows = rows[[in_half(value, sources.half) for value in rows["id"]]].rename(columns={"id": "doc_id"})
    passages = make_passages(to_documents(rows.reset_index(drop=True)))
    passages = passages[passages["modeled"]].reset_index(drop=True)
    passages["label"] = passages["doc_id"].map(rows.set_index("doc_id")["label"])
    return passages, embed(passages, cache=sources.cache, progress=False)


def balanced_news(passages: pd.DataFrame, n: int, seed: int) -> np.ndarray:
    """Return rows of about n passages, of every section as many in both languages."""
    rng = np.random.default_rng(seed)
    sections = list(passages.groupby("label").groups)
    rows = [
        [
            rng.permutation(np.flatnonzero((passages["label"] == name) & (passages["lang"] == lang)))
            for lang in ("fa", "ar")
        ]
        for name in sections
    ]
    sizes = np.array([min(map(len, pair)) for pair in rows])
    fraction = min(1.0, n / 2 / sizes.sum())
    return np.sort(
        np.concatenate(
            [side[: round(size * fraction)] for pair, size in zip(rows, sizes, strict=True) for side in pair]
        )
    )


def make_corpus(sources: Sources, news: tuple, setting: str, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a corpus with nothing planted."""
    source, n = setting.split()[0].split("-")
    if source == "news":
        rows = balanced_news(news[0], int(n), seed)
        passages, vectors = news[0].iloc[rows].reset_index(drop=True), news[1][rows]
    else:
        pairs = sources.parallel("SIB" if source == "sib" else "NTREX")
        rng = np.random.default_rng(seed)
        rows = np.sort(rng.permutation(len(pairs[2]))[: int(n)])
        corpus = sources.from_sides(pairs, rng.permutation(len(rows)) < len(rows) // 2, rows)
        passages, vectors = corpus.passages, corpus.vectors
        if source == "sib":
            passages["doc_id"] = passages["pair_id"]  # each sentence is from an article of its own
    if setting.endswith("4:1"):
        arabic = np.flatnonzero(passages["lang"] == "ar")
        left_out = np.random.default_rng(seed).permutation(arabic)[len(arabic) // 4 :]
        kept = ~np.isin(np.arange(len(passages)), left_out)
        passages, vectors = passages[kept].reset_index(drop=True), vectors[kept]
    return passages, vectors


def measure(passages: pd.DataFrame, vectors: np.ndarray, seed: int) -> dict:
    """Return exceedances of one corpus, and what its samples recover."""
    recipe = Recipe(seed=seed)
    labels = passages["label"].astype(str).to_numpy(dtype=object)
    names = np.random.default_rng(seed).permutation(np.unique(labels.astype(str)))
    themes = np.where(np.isin(labels, names[: len(names) // 2]), labels, "")
    recovery = planted_samples(passages, vectors, themes, recipe)
    if recovery.empty:
        return {}
    topics = cluster_passages(passages, align(passages, vectors), recipe)
    of_both = passages["lang"], passages["doc_id"]
    by_topic = share_differences(topics, *of_both)
    limits = detection_limits(recovery, by_topic["share"], by_topic["error"])
    rng, groups = np.random.default_rng(seed + 1000), []
    for _ in range(N_GROUPS):
        on = np.isin(labels, rng.permutation(names)[: len(names) // 2])
        mostly = pd.Series(on).groupby(topics).transform("mean").to_numpy() > 0.5
        groups.append(share_differences(mostly, *of_both).iloc[-1:])
    by_group = pd.concat(groups, ignore_index=True)
    by_group = by_group[by_group["share"].between(0, 1, inclusive="neither")]
    planted, none = (recovery[recovery["planted"].round(2) == value] for value in (0.7, 0))
    return {
        "topics": (by_topic["difference"].abs() > limits).tolist(),
        "groups": (
            by_group["difference"].abs() > detection_limits(recovery, by_group["share"], by_group["error"])
        ).tolist(),
        "limit": float((limits / np.sqrt(by_topic["share"] * (1 - by_topic["share"]))).mean() * 0.3),
        "largest": float(by_topic["difference"].abs().max()),
        "planted": planted["recovered"].tolist(),
        "within": planted["recovered_within"].tolist(),
        "none": none["recovered"].tolist(),
        "none within": none["recovered_within"].tolist(),
    }


def main() -> None:
    """Print a row for each setting."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--half", default="odd", choices=["even", "odd", "all"])
    parser.add_argument("--corpora", type=int, default=3, help="corpora of each setting")
    parser.add_argument("--settings", default=",".join(SETTINGS))
    parser.add_argument("--cache", type=Path, default=None, help="folder of the embedding cache")
    parser.add_argument("--out", type=Path, help="append a line of JSON for each setting")
    arguments = parser.parse_args()
    sources = Sources(arguments.data, half=arguments.half, cache=arguments.cache)
    settings = arguments.settings.split(",")
    news = all_news(sources) if any(setting.startswith("news") for setting in settings) else ()
    for setting in settings:
        start, found = time.perf_counter(), []
        for seed in range(arguments.corpora):
            passages, vectors = make_corpus(sources, news, setting, seed)
            found.append(measure(passages, vectors, seed))
        found = [row for row in found if row]
        if not found:
            print(f"{setting}: too few passages")
            continue
        joined = {name: np.concatenate([np.atleast_1d(row[name]) for row in found]) for name in found[0]}
        within = joined["within"].mean()
        row = {
            "setting": setting, "half": arguments.half, "passages": len(passages), "corpora": len(found),
            "topics": len(joined["topics"]), "topics exceeded": joined["topics"].mean(),
            "groups": len(joined["groups"]), "groups exceeded": joined["groups"].mean(),
            "limit at .10": joined["limit"].mean(), "largest difference": joined["largest"].mean(),
            "recovered": joined["planted"].mean() / within, "spread": joined["planted"].std() / within,
            "of none": joined["none"].mean(), "spread of none": joined["none"].std(),
            "of none, one language": joined["none within"].std(), "seconds": time.perf_counter() - start,
        }  # fmt: skip
        line = json.dumps({name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()})
        print(line, flush=True)
        if arguments.out:
            with arguments.out.open("a", encoding="utf-8") as file:
                file.write(line + "\n")


if __name__ == "__main__":
    main()
