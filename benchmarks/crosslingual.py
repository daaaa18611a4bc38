"""Measure whether topics follow language, and whether real differences survive: JSON lines, then a table.

    python benchmarks/crosslingual.py --data ../shared/data [--half odd] [--draws 20] [--pipelines ours,plain]

`--half even` is for choosing, `odd` (the default) for reporting, `all` for both. Fars and SaudiNewsNet are measured
with about 1,000 articles a half. Every pipeline gets the same vectors. "true offset" is no pipeline but the ceiling of
the share recovery: the difference of the languages read off the translations of the very passages.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from crosslingual_corpora import ONE_LANGUAGE, PLANTED, Corpus, Sources
from scores import colocation, nmi, pair_f1

from topiclib import Alignment, fit_alignment
from topiclib import evaluate as measure
from topiclib.embedding.wccn import apply_wccn
from topiclib.topics.assignment import compute_centroids, nearest_centroid
from topiclib.topics.communities import LeidenClustering
from topiclib.topics.merging import merge_across_languages

Cut = Callable[[np.ndarray, int], np.ndarray]


def density(vectors: np.ndarray, seed: int, *, least: int = 10, merged: int | None = None) -> np.ndarray:
    """Cluster as BERTopic does by default: UMAP to 5 dimensions and HDBSCAN; outliers to the nearest centroid."""
    from hdbscan import HDBSCAN

    from topiclib.topics.cluster_model import TopicClusterer
    from topiclib.topics.umap_layout import make_umap, quiet_umap

    with quiet_umap():
        reduced = make_umap(vectors, 15, seed=seed, n_components=5, min_dist=0.0).fit_transform(vectors)
    base = HDBSCAN(min_cluster_size=least, core_dist_n_jobs=1)
    return TopicClusterer(base, vectors, n_topics=merged, outliers="assign").fit(reduced).labels_


def communities(vectors: np.ndarray, seed: int, *, project: bool = True) -> np.ndarray:
    """Cluster into communities."""
    return LeidenClustering(seed=seed).fit(apply_wccn(vectors) if project else vectors).labels_


def eight(vectors: np.ndarray, seed: int) -> np.ndarray:
    """Cluster into communities as with `n_topics=8`: finer until there are eight, then the nearest merged."""
    from topiclib.topics.cluster_model import TopicClusterer

    clusterer = TopicClusterer(LeidenClustering(seed=seed), n_topics=8, min_topic_size=5)
    return clusterer.fit(apply_wccn(vectors)).labels_


PIPELINES: dict[str, tuple[str, Cut]] = {
    "plain": ("none", density),
    "own means": ("means", density),
    "balanced": ("balanced", density),
    "balanced, merged to 8": ("balanced", lambda vectors, seed: density(vectors, seed, least=5, merged=8)),
    "own means, communities": ("means", communities),
    "true offset": ("translations", communities),
    "ours, no focus": ("balanced", lambda vectors, seed: communities(vectors, seed, project=False)),
    "ours, not united": ("balanced", communities),
    "ours, no words": ("balanced", communities),
    "ours, n_topics=8": ("balanced", eight),  # not united: nothing is joined on these corpora
    "ours": ("balanced", communities),
}


UNITED = {"ours", "ours, no words", "ours, no focus"}
NOT_UNITED = {"own means, communities", "true offset", "ours, not united", "ours, n_topics=8"}
FOCUSED = UNITED - {"ours, no focus"} | NOT_UNITED


def fitted(corpus: Corpus, pipeline: str) -> Alignment:
    """Return the alignment of a corpus."""
    method = PIPELINES[pipeline][0]
    if method != "translations":
        use_text = pipeline != "ours, no words"
        return fit_alignment(corpus.passages, corpus.vectors, method=method, use_text=use_text)
    persian = (corpus.lang == "fa")[:, None]
    sides = [np.where(persian == here, corpus.vectors, corpus.translations) for here in (False, True)]
    return Alignment(("ar", "fa"), np.stack([side.mean(axis=0) for side in sides]))


def find(corpus: Corpus, pipeline: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the topics of a corpus and its aligned vectors."""
    one = len(np.unique(corpus.lang)) == 1
    aligned = corpus.vectors if one else fitted(corpus, pipeline).apply(corpus.vectors, corpus.lang)
    topics = np.asarray(PIPELINES[pipeline][1](aligned, seed))
    if pipeline in UNITED:
        topics = merge_across_languages(apply_wccn(aligned) if pipeline in FOCUSED else aligned, topics, corpus.lang)
    return topics, aligned


def sentences(sources: Sources, pipeline: str, seed: int) -> dict[str, float]:
    """Measure SIB, non-parallel: topics against labels, and where translations fall when placed as `place` does."""
    corpus = sources.sentences(seed)
    topics, aligned = find(corpus, pipeline, seed)
    labels = corpus.passages["label"]
    other = fitted(corpus, pipeline).apply(corpus.translations, corpus.translated_lang)
    if pipeline in FOCUSED:
        aligned, other = apply_wccn(aligned), apply_wccn(other)
    placed = nearest_centroid(other, *compute_centroids(aligned, topics))[0]
    skewed = sources.sentences(seed, imbalanced=True)
    skewed_topics, _ = find(skewed, pipeline, seed)
    return {
        "SIB pair F1": pair_f1(topics, labels, corpus.lang),
        "SIB NMI": nmi(topics, labels),
        "SIB topics": len(np.unique(topics)),
        "SIB translations agree": float((topics == placed).mean()),
        "SIB imbalanced pair F1": pair_f1(skewed_topics, skewed.passages["label"], skewed.lang),
    }


def one_language(sources: Sources, pipeline: str, seed: int) -> dict[str, float]:
    """Measure Persian SIB alone, all of it."""
    count = len(sources.sib()[2])
    side = np.arange(count) % 2
    corpus = sources.from_sides(np.arange(count), side, persian_only=True)
    topics, _ = find(corpus, pipeline, seed)
    halves = np.where(side == 0, "fa", "ar")
    return {
        "Persian alone pair F1": pair_f1(topics, corpus.passages["label"], halves),
        "Persian alone NMI": nmi(topics, corpus.passages["label"]),
    }


def news(sources: Sources, pipeline: str, seed: int) -> dict[str, float]:
    """Measure the labelled news, also with a section that Persian alone has."""
    corpus = sources.news()
    topics, aligned = find(corpus, pipeline, seed)
    labels = corpus.passages["label"]
    planted = []
    for section in ONE_LANGUAGE:
        fewer = sources.news(without=section)
        found, _ = find(fewer, pipeline, seed)
        inside = found[(fewer.passages["label"] == section).to_numpy()]
        planted += [(fewer.lang[found == topic] == "ar").mean() for topic in inside]
    return {
        "news in one-language topics": measure.one_language_share(topics, corpus.lang)["share"],
        "news pair F1": pair_f1(topics, labels, corpus.lang),
        "news NMI": nmi(topics, labels),
        "news topics": len(np.unique(topics)),
        "news same-language neighbors": measure.neighbor_mixing(aligned, corpus.lang)["same"],
        "Arabic in a Persian section's topics": float(np.mean(planted)),
    }


def theme(sources: Sources, pipeline: str, seed: int) -> dict[str, float]:
    """Measure whether passages on the JCPOA share topics in Fars and SaudiNewsNet."""
    corpus = sources.jcpoa()
    topics, _ = find(corpus, pipeline, seed)
    found = colocation(topics, corpus.passages["about"], corpus.lang)
    return {f"JCPOA {name}": value for name, value in found.items()} | {"JCPOA topics": len(np.unique(topics))}


def shares(sources: Sources, pipeline: str, seeds: int, draws: int) -> dict[str, list[float]]:
    """Measure how much of a planted gap of .70, and of none, is recovered, against the same in one language alone.

    Each seed has draws of its own; what a draw gives in one language does not depend on the alignment: found once.
    """
    labels = sources.sib()[2]["label"].to_numpy()
    table: dict[str, list[float]] = {name: [] for name in ("gap", "false gap", *ALONE)}
    for draw in range(seeds * draws):
        rows, side = measure.sample_planted_difference(labels, PLANTED, seed=draw)
        level, level_side = measure.sample_planted_difference(labels, PLANTED, subject_share=0.5, seed=draw)
        for name, chosen, sides in (("gap", rows, side), ("false gap", level, level_side)):
            topics = find(sources.from_sides(chosen, sides), pipeline, draw // draws)[0]
            table[name].append(measure.recovered_difference(topics, labels[chosen], sides, PLANTED))
        for name, vectors in zip(ALONE, sources.sib()[:2], strict=True):
            cut = PIPELINES[pipeline][1]
            if (key := (sources.half, name, cut, draws, draw)) not in _ALONE:
                _ALONE[key] = measure.recovered_difference(
                    cut(vectors[rows], draw // draws), labels[rows], side, PLANTED
                )
            table[name].append(_ALONE[key])
    return table


ALONE = ("gap in Persian alone", "gap in Arabic alone")
_ALONE: dict[tuple, float] = {}


def ratio(gaps: np.ndarray, controls: np.ndarray) -> tuple[float, float]:
    """Return mean(gaps) / mean(controls) and its standard error over the draws (delta method).

    Of the means, not the mean of the ratios: a draw's own gap in one language is small and noisy. All draws are of the
    same sentences: the error is that of the draws, not of the choice of sentences.
    """
    value = float(np.mean(gaps) / np.mean(controls))
    residuals = np.asarray(gaps) - value * np.asarray(controls)
    return value, float(residuals.std(ddof=1) / np.sqrt(len(residuals)) / np.mean(controls))


def stability(sources: Sources, pipeline: str, seeds: int) -> dict[str, float]:
    """Measure the agreement of seeds on one corpus."""
    found = {}
    for name, corpus in (("SIB", sources.sentences(0)), ("news", sources.news()), ("JCPOA", sources.jcpoa())):
        runs = [find(corpus, pipeline, seed)[0] for seed in range(seeds)]
        found[f"{name} ARI between seeds"] = measure.pairwise_ari(runs)["mean"]
    return found


def recovered(values: dict[str, list[float]], planted: dict[str, list[float]]) -> dict[str, float]:
    """Add the rows of the planted shares to the values; return their standard errors over the draws, row by row."""
    errors = {}
    for name, several in planted.items():
        values[name] = [float(np.mean(several))]
        errors[name] = float(np.std(several, ddof=1) / np.sqrt(len(several)))
    gaps, persian, arabic = (np.array(planted[name]) for name in ("gap", *ALONE))
    for name, controls in (("share recovery", persian), ("share recovery, mean of both", (persian + arabic) / 2)):
        value, errors[name] = ratio(gaps, controls)
        values[name] = [value]
    return errors


def main() -> None:
    """Run every pipeline on every row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--half", choices=["even", "odd", "all"], default="odd")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--draws", type=int, default=20, help="planted corpora a seed, for the share recovery")
    parser.add_argument("--pipelines", default=",".join(PIPELINES).replace(", ", "; "))
    parser.add_argument("--cache", type=Path, default=None, help="folder of the embedding cache")
    parser.add_argument("--out", type=Path, default=None, help="file for the JSON lines, added to")
    arguments = parser.parse_args()
    sources = Sources(arguments.data, half=arguments.half, cache=arguments.cache)
    rows = []
    for pipeline in [name.replace("; ", ", ") for name in arguments.pipelines.split(",")]:
        start = time.perf_counter()
        values: dict[str, list[float]] = {}
        true = pipeline == "true offset"  # known only where every passage has a translation
        for seed in range(arguments.seeds):
            for part in (sentences,) if true else (sentences, one_language, news, theme):
                for name, value in part(sources, pipeline, seed).items():
                    values.setdefault(name, []).append(float(value))
        for name, value in (
            {} if true or arguments.seeds < 2 else stability(sources, pipeline, arguments.seeds)
        ).items():
            values[name] = [value]
        spreads = recovered(values, shares(sources, pipeline, arguments.seeds, arguments.draws))
        for name, several in values.items():
            spread = spreads.get(name, np.std(several))
            row = {"pipeline": pipeline, "row": name, "mean": np.mean(several), "spread": spread}
            rows.append({**row, "half": arguments.half, "seeds": arguments.seeds})
            line = json.dumps(rows[-1], ensure_ascii=False)
            print(line, flush=True)
            if arguments.out:
                with arguments.out.open("a", encoding="utf-8") as file:
                    file.write(line + "\n")
        print(f"# {pipeline}: {time.perf_counter() - start:.0f} s", flush=True)
    table = pd.DataFrame(rows)
    table["value"] = [f"{mean:.3f} ± {spread:.3f}" for mean, spread in zip(table["mean"], table["spread"], strict=True)]
    print(table.pivot_table(index="row", columns="pipeline", values="value", aggfunc="first", sort=False).to_string())


if __name__ == "__main__":
    main()
