"""Measure other multilingual topic methods on the corpora and by the measures of benchmarks/crosslingual.py.

    python benchmarks/crosslingual_peers.py --data ../shared/data [--half odd] [--seeds 5] [--peers harmony,rectr]
                                            [--out FILE] [--plot FILE.png] [--read FILE]

Every peer gets the same vectors; a peer that ends in our cut (all but rectr and the two KeyNMF) gets our focus too, so
that what differs is what it does about the language. One line of JSON a row, then a table. `--read` makes table and
plot of lines written before. Turftopic and harmonypy are installed by hand (harmonypy, and igraph that Turftopic
needs, are GPL: compared with, never depended on):

    pip install turftopic harmonypy

per language     one cut a language; the topics' centroids, in the space of the vectors as they come, matched one to
                 one (Hungarian, cosine). The surplus topics of the language with more of them stay one-language topics.
translated       the English sides of SIB-200 and NTREX as a perfect translation; the news has none.
keynmf           Turftopic's KeyNMF (Kristensen-McLachlan et al. 2024), 8 topics, words by our analyzer, a passage's
                 topic its largest; "keynmf, terms matched": with cross_lingual=True, its threshold of .9.
rectr            Chan et al. 2020: left singular vectors (100) of the rows; those before the first on which an analysis
                 of variance finds no language (p > .05) are dropped, 2k + 1 kept; Gaussian mixture, k = 8.
balanced k-nn    BBKNN (Polanski et al. 2020): ten neighbors in each language, then our graph and Leiden.
harmony          Korsunsky et al. 2019, harmonypy with its defaults, on the vectors.
pair directions  the eight strongest directions of fa - ar of translation pairs (TICO-19, 1,000) projected out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import crosslingual
import numpy as np
import pandas as pd
from crosslingual_corpora import PLANTED, Corpus, Sources, read
from scores import nmi, pair_f1

from topiclib import embed
from topiclib import evaluate as measure
from topiclib.embedding.wccn import apply_wccn
from topiclib.text import analyze
from topiclib.topics.assignment import compute_centroids, nearest_centroid
from topiclib.topics.communities import N_NEIGHBORS, _best_partition, _shared_neighbor_graph

K, DIRECTIONS, PAIRS = 8, 8, 1000
DRAWS = 4
"""Times that a seed plants each difference."""
NEEDS = {"keynmf": "turftopic", "keynmf, terms matched": "turftopic", "harmony": "harmonypy"}


def unit(rows: np.ndarray) -> np.ndarray:
    """Scale rows to unit length."""
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)).astype(np.float32)


class Peers:
    """Each peer takes a corpus and a seed and returns the topics."""

    def __init__(self, sources: Sources) -> None:
        self.sources, self._words, self._kept = sources, {}, {}
        self.all: dict[str, Callable[[Corpus, int], np.ndarray]] = {
            "topiclib": lambda corpus, seed: crosslingual_find(corpus, "ours", seed)[0],
            "own means": lambda corpus, seed: crosslingual_find(corpus, "own means, communities", seed)[0],
            "nothing": lambda corpus, seed: crosslingual.communities(corpus.vectors, seed),
            "per language": self.per_language,
            "translated": self.translated,
            "keynmf": self.keynmf,
            "keynmf, terms matched": lambda corpus, seed: self.keynmf(corpus, seed, matched=True),
            "rectr": self.rectr,
            "balanced k-nn": self.balanced,
            "harmony": self.harmony,
            "pair directions": self.pair_directions,
        }

    def per_language(self, corpus: Corpus, seed: int) -> np.ndarray:
        """Cluster each language alone and match the centroids."""
        from scipy.optimize import linear_sum_assignment

        found = np.zeros(len(corpus.vectors), dtype=int)
        known: list[np.ndarray] = []
        for code in np.unique(corpus.lang):
            here = corpus.lang == code
            topics = crosslingual.communities(corpus.vectors[here], seed)
            _, means = compute_centroids(corpus.vectors[here], topics)
            if known:
                ours, theirs = linear_sum_assignment(-(known[0] @ means.T))
                into = dict(zip(theirs.tolist(), ours.tolist(), strict=True))
                surplus = [topic for topic in range(len(means)) if topic not in into]
                into |= {topic: len(known[0]) + place for place, topic in enumerate(surplus)}
                topics = np.array([into[topic] for topic in topics.tolist()])
            known.append(means)
            found[here] = topics
        return found

    def translated(self, corpus: Corpus, seed: int) -> np.ndarray:
        """Cluster the English of each passage."""
        if "english" not in self._kept:
            files = ("sib200_fa_ar_en.traindev", "ntrex_segments_fa_ar_en.dev")
            rows = pd.concat([read(self.sources.data, name) for name in files])
            rows = rows[rows["lang"] == "en"].reset_index(drop=True)
            vectors = embed(rows, cache=self.sources.cache, progress=False)
            self._kept["english"] = dict(zip(rows["pair_id"], vectors, strict=True))
        english = self._kept["english"]
        return crosslingual.communities(np.stack([english[pair] for pair in corpus.passages["passage_id"]]), seed)

    def keynmf(self, corpus: Corpus, seed: int, *, matched: bool = False) -> np.ndarray:
        """Fit KeyNMF on the passages and their vectors."""
        import warnings

        warnings.filterwarnings("ignore", message="JAX not found")
        from sklearn.feature_extraction.text import CountVectorizer
        from turftopic import KeyNMF
        from turftopic.encoders.base import ExternalEncoder

        words = self._words

        class Reader(ExternalEncoder):
            def encode(self, sentences):
                new = [word for word in dict.fromkeys(sentences) if word not in words]
                if new:
                    frame = pd.DataFrame({"text": new, "lang": "fa"})
                    words.update(zip(new, embed(frame, progress=False), strict=True))
                return np.stack([words[word] for word in sentences])

        model = KeyNMF(
            K,
            encoder=Reader(),
            vectorizer=CountVectorizer(analyzer=analyze, min_df=2),
            random_state=seed,
            cross_lingual=matched,
        )
        return model.fit_transform(corpus.passages["text"].tolist(), embeddings=corpus.vectors).argmax(axis=1)

    def rectr(self, corpus: Corpus, seed: int) -> np.ndarray:
        """Drop the leading singular vectors that encode the language, and fit a Gaussian mixture on the next 2k + 1."""
        from scipy.stats import f_oneway
        from sklearn.mixture import GaussianMixture

        left = np.linalg.svd(corpus.vectors.astype(float), full_matrices=False)[0][:, :100] * len(corpus.vectors) ** 0.5
        codes, first = np.unique(corpus.lang), 0
        if len(codes) > 1:
            p = f_oneway(*(left[corpus.lang == code] for code in codes)).pvalue
            first = int(np.argmax(p > 0.05)) if (p > 0.05).any() else 0
        chosen = left[:, first : first + 2 * K + 1]
        return GaussianMixture(K, random_state=seed, n_init=1, init_params="random_from_data").fit_predict(chosen)

    def balanced(self, corpus: Corpus, seed: int) -> np.ndarray:
        """Cluster a graph of equally many neighbors in each language; small communities go to the nearest centroid."""
        rows = apply_wccn(corpus.vectors)
        cosines = rows @ rows.T
        np.fill_diagonal(cosines, -2)
        codes = np.unique(corpus.lang)
        near = [np.arange(len(rows))[:, None]]
        for code in codes:
            here = np.flatnonzero(corpus.lang == code)
            best = np.argsort(-cosines[:, here], axis=1, kind="stable")[:, : N_NEIGHBORS // len(codes)]
            near.append(here[best])
        labels = _best_partition(_shared_neighbor_graph(np.hstack(near).astype(np.int32)), 1.0, seed=seed)
        small = np.bincount(labels)[labels] < 5
        labels[small] = nearest_centroid(rows[small], *compute_centroids(rows, np.where(small, -1, labels)))[0]
        return labels

    def harmony(self, corpus: Corpus, seed: int) -> np.ndarray:
        """Integrate the languages as batches, and cluster."""
        if len(np.unique(corpus.lang)) < 2:
            return crosslingual.communities(corpus.vectors, seed)
        import harmonypy

        meta = pd.DataFrame({"lang": corpus.lang})
        done = harmonypy.run_harmony(corpus.vectors.astype(np.float64), meta, "lang", random_state=seed, verbose=False)
        rows = np.asarray(done.Z_corr)
        rows = rows if rows.shape == corpus.vectors.shape else rows.T
        return crosslingual.communities(unit(rows), seed)

    def pair_directions(self, corpus: Corpus, seed: int) -> np.ndarray:
        """Project out the directions in which translation pairs differ most, and cluster."""
        if "directions" not in self._kept:
            rows = read(self.sources.data, "tico19_fa_ar_en")
            key = next(name for name in ("pair_id", "id") if name in rows)
            sides = [rows[rows["lang"] == code].set_index(key)["text"] for code in ("fa", "ar")]
            pairs = pd.concat(sides, axis=1, join="inner", keys=["fa", "ar"]).iloc[:PAIRS]
            both = [
                embed(pd.DataFrame({"text": pairs[code].tolist(), "lang": code}), progress=False)
                for code in ("fa", "ar")
            ]
            self._kept["directions"] = np.linalg.svd(both[0] - both[1], full_matrices=False)[2][:DIRECTIONS]
        out = self._kept["directions"]
        return crosslingual.communities(unit(corpus.vectors - (corpus.vectors @ out.T) @ out), seed)


crosslingual_find = crosslingual.find


def sentences(sources: Sources, find: Callable, seed: int) -> dict[str, float]:
    """Measure SIB as `crosslingual.sentences` does, without the translations, which not every peer can assign."""
    corpus, skewed = sources.sentences(seed), sources.sentences(seed, imbalanced=True)
    topics, other = find(corpus, seed), find(skewed, seed)
    return {
        "SIB pair F1": pair_f1(topics, corpus.passages["label"], corpus.lang),
        "SIB NMI": nmi(topics, corpus.passages["label"]),
        "SIB topics": len(np.unique(topics)),
        "SIB in one-language topics": measure.one_language_share(topics, corpus.lang)["share"],
        "SIB imbalanced pair F1": pair_f1(other, skewed.passages["label"], skewed.lang),
    }


def documents(sources: Sources, find: Callable, seed: int) -> dict[str, float]:
    """Measure NTREX, non-parallel: topics against the documents that the sentences come from."""
    corpus = sources.documents(seed)
    topics, labels = find(corpus, seed), corpus.passages["label"]
    return {
        "NTREX pair F1": pair_f1(topics, labels, corpus.lang),
        "NTREX NMI": nmi(topics, labels),
        "NTREX topics": len(np.unique(topics)),
        "NTREX in one-language topics": measure.one_language_share(topics, corpus.lang)["share"],
    }


def planted(sources: Sources, find: Callable, seed: int) -> dict[str, float]:
    """Return what a peer recovers of a planted gap of .70, between languages and in Persian alone, and of none."""
    labels, gaps = sources.sib()[2]["label"].to_numpy(), []
    for draw in range(seed * DRAWS, (seed + 1) * DRAWS):
        rows, side = measure.sample_planted_difference(labels, PLANTED, seed=draw)
        level, level_side = measure.sample_planted_difference(labels, PLANTED, subject_share=0.5, seed=draw)
        found = []
        for chosen, sides, persian in ((rows, side, False), (rows, side, True), (level, level_side, False)):
            topics = np.asarray(find(sources.from_sides(chosen, sides, persian_only=persian), seed))
            found.append(measure.recovered_difference(topics, labels[chosen], sides, PLANTED))
        gaps.append(found)
    return dict(zip(("gap", "gap in Persian alone", "false gap"), np.mean(gaps, axis=0).tolist(), strict=True))


def measured(peers: Peers, name: str, seeds: int, *, ntrex_only: bool = False) -> dict[str, list[float]]:
    """Return every measure of a peer, one value per seed."""
    sources, find = peers.sources, peers.all[name]
    if ntrex_only:
        found = pd.DataFrame([documents(sources, find, seed) for seed in range(seeds)], dtype=float)
        return {row: found[row].tolist() for row in found}
    # The measures of benchmarks/crosslingual.py look for `find` there: they get the peer's.
    crosslingual.find = lambda corpus, pipeline, seed: (np.asarray(find(corpus, seed)), corpus.vectors)
    parts = [crosslingual.one_language, lambda sources, name, seed: planted(sources, find, seed)]
    parts += [] if name == "translated" else [crosslingual.news, crosslingual.theme]
    values: dict[str, list[float]] = {}
    for seed in range(seeds):
        found = sentences(sources, find, seed) | documents(sources, find, seed)
        for part in parts:
            found |= part(sources, name, seed)
        for row, value in found.items():
            values.setdefault(row, []).append(float(value))
    values.pop("news same-language neighbors", None)
    values["share recovery"] = [float(np.mean(values["gap"]) / np.mean(values["gap in Persian alone"]))]
    return values


def table(rows: pd.DataFrame) -> str:
    """Return mean and spread of every row and peer as text."""
    rows = rows.drop_duplicates(["peer", "row"], keep="last")
    text = [f"{mean:.3f} ± {spread:.3f}" for mean, spread in zip(rows["mean"], rows["spread"], strict=True)]
    wide = rows.assign(value=text).pivot_table(index="peer", columns="row", values="value", aggfunc="first", sort=False)
    return "\n\n".join(wide.iloc[:, start : start + 6].fillna("–").to_string() for start in range(0, wide.shape[1], 6))


def plot(rows: pd.DataFrame, path: Path) -> None:
    """Draw a panel per measure and a dot per peer, with its spread over seeds."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    shown = ["share recovery", "false gap", "SIB pair F1", "SIB NMI", "SIB imbalanced pair F1", "news pair F1"]
    shown += ["news NMI", "news in one-language topics", "JCPOA cosine", "JCPOA purity"]
    rows = rows.drop_duplicates(["peer", "row"], keep="last")
    names, shown = list(dict.fromkeys(rows["peer"])), [name for name in shown if (rows["row"] == name).any()]
    wide, high = min(5, len(shown)), -(-len(shown) // 5)
    size = (3 * wide, high * (0.7 + 0.27 * len(names)))
    figure, axes = plt.subplots(high, wide, figsize=size, sharey=True, layout="constrained", squeeze=False)
    for ax, measure_name in zip(axes.flat, shown, strict=False):
        of = rows[rows["row"] == measure_name].set_index("peer").reindex(names)
        colors = ["C3" if name == "topiclib" else "0.25" for name in names]
        ax.errorbar(of["mean"], range(len(names)), xerr=of["spread"], fmt="none", ecolor="0.7")
        ax.scatter(of["mean"], range(len(names)), c=colors, zorder=3)
        ax.set_title(measure_name, fontsize=10)
        ax.grid(axis="y", color="0.92")
        ax.set_yticks(range(len(names)), names)
        ax.tick_params(axis="y", length=0)
        ax.margins(x=0.12)
        ax.spines[["top", "right", "left"]].set_visible(False)
    axes.flat[0].invert_yaxis()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Run every peer that is installed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--half", choices=["even", "odd", "all"], default="odd")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--peers", default="", help="separated by semicolons; default: all")
    parser.add_argument("--ntrex", action="store_true", help="measure NTREX alone")
    parser.add_argument("--cache", type=Path, default=None, help="folder of the embedding cache")
    parser.add_argument("--out", type=Path, default=None, help="file for the JSON lines, added to")
    parser.add_argument("--plot", type=Path, default=None, help="a PNG")
    parser.add_argument("--read", type=Path, default=None, help="JSON lines written before: nothing is run")
    arguments = parser.parse_args()
    rows = []
    if arguments.read:
        rows = [json.loads(line) for line in arguments.read.read_text(encoding="utf-8").splitlines()]
    else:
        peers = Peers(Sources(arguments.data, half=arguments.half, cache=arguments.cache))
        for name in [one.strip() for one in arguments.peers.split(";") if one.strip()] or list(peers.all):
            if name in NEEDS and importlib.util.find_spec(NEEDS[name]) is None:
                print(f"# {name} is left out: pip install {NEEDS[name]}", flush=True)
                continue
            for row, several in measured(peers, name, arguments.seeds, ntrex_only=arguments.ntrex).items():
                facts = {"peer": name, "row": row, "mean": np.mean(several), "spread": np.std(several)}
                rows.append({**facts, "half": arguments.half, "seeds": arguments.seeds})
                print(json.dumps(rows[-1]), flush=True)
                if arguments.out:
                    with arguments.out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(rows[-1]) + "\n")
    print(table(pd.DataFrame(rows)))
    if arguments.plot:
        plot(pd.DataFrame(rows), arguments.plot)


if __name__ == "__main__":
    main()
