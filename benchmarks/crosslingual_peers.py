"""Measure other methods against topiclib on the corpora and by the measures of benchmarks/crosslingual.py.

    python benchmarks/crosslingual_peers.py --data ../shared/data [--out FILE] [--read FILE] [--plot FILE.png]

One line of JSON a value, to `--out` as they come; then a table, as Markdown, and the figure: difference kept against
language left. `--read` makes both of lines written before. Communities have 50 draws, UMAP and HDBSCAN five, as have
InfoCTM and ZeroShotTM. It takes about half an hour of one core.

All get the same vectors. Methods that return vectors are centered alike (the mean of all rows is subtracted), scaled to
unit length, and end in the same steps: projection, then communities or UMAP and HDBSCAN; topics that only language
parts are merged. Fitted without labels or translations unless noted. By the formulas of the papers:

LEACE            Belrose et al. 2023: x - a (b'x) / (a'b), with a the covariance of vector and language, b = C^-1 a. The
                 covariance C of the vectors is shrunk (Ledoit and Wolf), as there are about as many rows as columns.
INLP             Ravfogel et al. 2020: the direction of a logistic regression for the language is projected out, again
                 and again, until it is right for at most 55 % of a fifth of the rows that is held out.
LIR              Yang et al. 2021: the first right singular vectors of each language's rows, without centering,
                 are projected out of its rows; 1 or 10 of them.
LSAR             Xie et al. 2022: the subspace of the languages' means, after what they share, is projected out. Of two
                 languages that is the direction of their difference.
SVD removal      Chang et al. 2025, SVD-LR: of the right singular vectors of all rows, the one along which the languages
                 differ most is projected out. (Read from the abstract and summaries: the paper could not be opened.)
Procrustes       Artetxe et al. 2016, on 1,000 pairs of sentences (TICO-19): their mean is subtracted in each language,
                 and Arabic is turned onto Persian by an orthogonal matrix. Needs translations.
Harmony          Korsunsky et al. 2019, harmonypy with its defaults.
BBKNN            Polanski et al. 2020: ten neighbors in each language, then our graph and Leiden.
rectr            Chan et al. 2020: left singular vectors (100) of the rows; those before the first on which an analysis
                 of variance finds no language (p > .05) are dropped, 2k + 1 kept; Gaussian mixture, k = 8.
per language     one cut a language; centroids of the raw vectors matched one to one (Hungarian, cosine). The surplus
                 topics of the language with more of them stay one-language topics.
translated       the English sides of SIB-200 as a perfect translation; the news has none.
InfoCTM          Wu et al. 2023 (topica), k = 8, words by our analyzer; the dictionary is the words that both languages
                 write alike. Within one language, of which the sides are the two "languages", that is every word.
ZeroShotTM       Bianchi et al. 2021 (topica), k = 8, fitted on the Persian passages, applied to the Arabic ones.

harmonypy is GPL: compared with, never depended on. It and topica are installed by hand: pip install harmonypy topica
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from crosslingual import ALIGNMENTS, Apply, Pipeline, arguments_of, collect, communities, markdown, unit
from crosslingual_corpora import Corpus, prepared, read

from topiclib import embed
from topiclib.embedding.wccn import apply_wccn
from topiclib.text import analyze, fold
from topiclib.topics.assignment import compute_centroids, nearest_centroid
from topiclib.topics.communities import N_NEIGHBORS, _best_partition, _shared_neighbor_graph
from topiclib.topics.keywords import extract_keywords

K, PAIRS = 8, 1000
NEEDS = {"Harmony": "harmonypy", "InfoCTM": "topica", "ZeroShotTM": "topica"}


def topics_of(vectors: np.ndarray, seed: int) -> np.ndarray:
    """Cluster vectors that need no alignment: center, project, find communities."""
    return communities(apply_wccn(unit(vectors - vectors.mean(axis=0))), seed)


def centered(erase: Callable[[Corpus], Apply]) -> Callable[[Corpus], Apply]:
    """Subtract the mean of the corpus's rows after `erase`, and scale to unit length."""

    def align(corpus: Corpus) -> Apply:
        erased = erase(corpus)
        mean = erased(corpus.vectors, corpus.lang).mean(axis=0)
        return lambda vectors, lang: unit(erased(vectors, lang) - mean)

    return align


def without(directions: np.ndarray) -> Apply:
    """Project the rows of `directions`, which are orthonormal, out."""
    return lambda vectors, lang: vectors - (vectors @ directions.T) @ directions


def language_difference(corpus: Corpus, rows: np.ndarray) -> np.ndarray:
    """Return the mean row of Persian minus that of Arabic."""
    return rows[corpus.lang == "fa"].mean(axis=0) - rows[corpus.lang == "ar"].mean(axis=0)


def leace(corpus: Corpus) -> Apply:
    from sklearn.covariance import LedoitWolf

    covariance = LedoitWolf().fit(corpus.vectors).covariance_
    a = language_difference(corpus, corpus.vectors)  # the covariance with the language, up to a factor that cancels
    b = np.linalg.solve(covariance, a)
    mean = corpus.vectors.mean(axis=0)
    return lambda vectors, lang: vectors - np.outer((vectors - mean) @ b / (a @ b), a)


def inlp(corpus: Corpus) -> Apply:
    from sklearn.linear_model import LogisticRegression

    held_out = np.random.default_rng(0).permutation(len(corpus.lang)) < len(corpus.lang) / 5
    directions = np.empty((0, corpus.vectors.shape[1]))
    for _ in range(35):
        rows = without(directions)(corpus.vectors, corpus.lang)
        probe = LogisticRegression(C=100, max_iter=1000).fit(rows[~held_out], corpus.lang[~held_out])
        if probe.score(rows[held_out], corpus.lang[held_out]) <= 0.55:
            break
        directions = np.linalg.qr(np.vstack([directions, probe.coef_]).T)[0].T
    return without(directions)


def lir(n_components: int) -> Callable[[Corpus], Apply]:
    def erase(corpus: Corpus) -> Apply:
        found = {
            code: without(np.linalg.svd(corpus.vectors[corpus.lang == code], full_matrices=False)[2][:n_components])
            for code in np.unique(corpus.lang)
        }

        def apply(vectors: np.ndarray, lang: np.ndarray) -> np.ndarray:
            rows = np.empty_like(vectors)
            for code, project in found.items():
                rows[lang == code] = project(vectors[lang == code], lang)
            return rows

        return apply

    return erase


def lsar(corpus: Corpus) -> Apply:
    return without(unit(language_difference(corpus, corpus.vectors)[None]))


def svd_removal(corpus: Corpus) -> Apply:
    directions = np.linalg.svd(corpus.vectors, full_matrices=False)[2]
    differences = language_difference(corpus, corpus.vectors @ directions.T)
    return without(directions[[np.abs(differences).argmax()]])


def harmony(corpus: Corpus) -> Apply:
    import harmonypy

    def apply(vectors: np.ndarray, lang: np.ndarray) -> np.ndarray:
        rows = np.asarray(vectors, dtype=np.float64)
        if vectors is not corpus.vectors:  # other rows: corrected together with the corpus's, as it has no transform
            rows, lang = np.vstack([corpus.vectors, rows]), np.concatenate([corpus.lang, lang])
        frame = pd.DataFrame({"lang": lang})
        done = np.asarray(harmonypy.run_harmony(rows, frame, "lang", verbose=False, ncores=1).Z_corr)
        return (done if done.shape == rows.shape else done.T)[-len(vectors) :]

    return apply


def per_language(corpus: Corpus, seed: int) -> np.ndarray:
    from scipy.optimize import linear_sum_assignment

    found = np.zeros(len(corpus.vectors), dtype=int)
    known: np.ndarray | None = None
    for code in np.unique(corpus.lang):
        here = corpus.lang == code
        topics = topics_of(corpus.vectors[here], seed)
        _, means = compute_centroids(corpus.vectors[here], topics)
        if known is not None:
            ours, theirs = linear_sum_assignment(-(known @ means.T))
            into = dict(zip(theirs.tolist(), ours.tolist(), strict=True))
            surplus = [topic for topic in range(len(means)) if topic not in into]
            into |= {topic: len(known) + place for place, topic in enumerate(surplus)}
            topics = np.array([into[topic] for topic in topics.tolist()])
        known = means
        found[here] = topics
    return found


def rectr(corpus: Corpus, seed: int) -> np.ndarray:
    from scipy.stats import f_oneway
    from sklearn.mixture import GaussianMixture

    left = np.linalg.svd(corpus.vectors.astype(float), full_matrices=False)[0][:, :100] * len(corpus.vectors) ** 0.5
    codes, first = np.unique(corpus.lang), 0
    if len(codes) > 1:
        p = f_oneway(*(left[corpus.lang == code] for code in codes)).pvalue
        first = int(np.argmax(p > 0.05)) if (p > 0.05).any() else 0
    chosen = left[:, first : first + 2 * K + 1]
    return GaussianMixture(K, random_state=seed, n_init=1, init_params="random_from_data").fit_predict(chosen)


def bbknn(corpus: Corpus, seed: int) -> np.ndarray:
    rows = apply_wccn(unit(corpus.vectors - corpus.vectors.mean(axis=0)))
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


def words_of(corpus: Corpus, sides: np.ndarray) -> list[list[str]]:
    """Return the words of each passage that at least two passages of its side have."""
    words = [list(analyze(text)) for text in corpus.passages["text"]]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for side, found in zip(sides, words, strict=True):
        counts[side].update(set(found))
    return [[word for word in found if counts[side][word] > 1] for side, found in zip(sides, words, strict=True)]


def info_ctm(corpus: Corpus, seed: int) -> np.ndarray:
    import topica

    sides = corpus.lang if len(np.unique(corpus.lang)) > 1 else corpus.side.astype(str)
    rows = [np.flatnonzero(sides == side) for side in np.unique(sides)]
    words = words_of(corpus, sides)
    documents = [[words[row] for row in of] for of in rows]
    alike = defaultdict(list)
    for word in sorted({word for document in documents[1] for word in document}):
        alike[fold(word)].append(word)
    first = sorted({word for document in documents[0] for word in document})
    dictionary = [(word, other) for word in first for other in alike[fold(word)]]
    model = topica.InfoCTM(K, seed=seed)
    model.fit(*documents, dictionary=dictionary, iters=500)
    topics = np.zeros(len(sides), dtype=int)
    for of, side in zip(rows, "ab", strict=True):
        topics[of] = np.asarray(model.doc_topic(side)).argmax(axis=1)
    return topics


def zero_shot_tm(corpus: Corpus, seed: int) -> np.ndarray:
    import topica

    words, vectors = words_of(corpus, corpus.lang), corpus.vectors.astype(float)
    train = np.flatnonzero(corpus.lang == max(corpus.lang))  # Persian, where there is any
    model = topica.ZeroShotTM(K, seed=seed)
    model.fit([words[row] for row in train], vectors[train])
    return np.asarray(model.transform(words, vectors)).argmax(axis=1)


NEURAL = {"InfoCTM": info_ctm, "ZeroShotTM": zero_shot_tm}


def from_data(data: Path, cache: Path | None) -> tuple[Callable, Callable]:
    """Return the two methods that need translations: Procrustes, and the English side as a translation."""
    kept: dict[str, object] = {}

    def procrustes(corpus: Corpus) -> Apply:
        if "turn" not in kept:
            rows = read(data, "tico19_fa_ar_en")
            order = sorted(rows["pair_id"].unique(), key=lambda pair: hashlib.sha256(pair.encode()).hexdigest())
            rows = rows[(rows["lang"] != "en") & rows["pair_id"].isin(order[:PAIRS])].sort_values(["lang", "pair_id"])
            rows, vectors = prepared(rows, cache)
            sides = {code: vectors[(rows["lang"] == code).to_numpy()] for code in ("fa", "ar")}
            means = {code: side.mean(axis=0) for code, side in sides.items()}
            u, _, v = np.linalg.svd((sides["ar"] - means["ar"]).T @ (sides["fa"] - means["fa"]))
            kept["turn"] = (means, u @ v)
        means, turn = kept["turn"]

        def apply(vectors: np.ndarray, lang: np.ndarray) -> np.ndarray:
            persian = (lang == "fa")[:, None]
            return np.where(persian, vectors - means["fa"], (vectors - means["ar"]) @ turn)

        return apply

    def translated(corpus: Corpus, seed: int) -> np.ndarray:
        if "english" not in kept:
            rows = read(data, "sib200_fa_ar_en.traindev")
            rows = rows[rows["lang"] == "en"].reset_index(drop=True)
            kept["english"] = dict(zip(rows["pair_id"], embed(rows, cache=cache, progress=False), strict=True))
        english = kept["english"]
        return topics_of(np.stack([english[pair] for pair in corpus.passages["pair_id"]]), seed)

    return procrustes, translated


def peers(data: Path, cache: Path | None) -> dict[str, Pipeline]:
    """Return every method that is installed, with each cut that it can have."""
    procrustes, translated = from_data(data, cache)
    vectors = {"topiclib": ALIGNMENTS["balanced, words"], "topiclib, no words": ALIGNMENTS["balanced"]}
    vectors |= {name: ALIGNMENTS[name] for name in ("true offset", "own means")}
    erased = {"LEACE": leace, "INLP": inlp, "LIR, 1": lir(1), "LIR, 10": lir(10), "LSAR": lsar}
    erased |= {"SVD removal": svd_removal, "Harmony": harmony, "Procrustes": procrustes}
    erased["nothing"] = lambda corpus: lambda vectors, lang: vectors
    vectors |= {name: centered(erase) for name, erase in erased.items()}
    topics = {"per language": per_language, "BBKNN": bbknn, "rectr": rectr, "translated": translated}
    needs = {"true offset": "offsets", "translated": "translations"}
    found = {}
    for name, align in vectors.items():
        true = {"needs": needs.get(name, ""), "merge": name != "true offset"}
        found[name] = Pipeline(align, **true)
        found[f"{name}, UMAP"] = Pipeline(align, cut="UMAP + HDBSCAN", **true)
    found["plain BERTopic"] = Pipeline(ALIGNMENTS["none"], cut="UMAP + HDBSCAN", project=False, merge=False)
    found |= {name: Pipeline(topics=find, needs=needs.get(name, "")) for name, find in topics.items()}
    # Their fits take 10 to 40 seconds: as few draws as with UMAP.
    found |= {name: Pipeline(topics=find, cut="UMAP + HDBSCAN", project=False) for name, find in NEURAL.items()}
    missing = {name: package for name, package in NEEDS.items() if importlib.util.find_spec(package) is None}
    for name, package in missing.items():
        print(f"# {name} is left out: pip install {package}", flush=True)
    return {name: one for name, one in found.items() if name.removesuffix(", UMAP") not in missing}


def uniqueness(pipeline: Pipeline, corpus: Corpus, topics: np.ndarray) -> dict[str, float]:
    """Return the topic uniqueness (Nan et al. 2019): the mean over keywords of 1 / the number of topics with it."""
    words = extract_keywords(corpus.passages, topics)
    return {"uniqueness": float((1 / words.groupby(["lang", "word"])["topic"].transform("nunique")).mean())}


def plot(found: pd.DataFrame, path: Path) -> None:
    """Draw the difference kept against the language left, a dot a method, with the spread of the first over groupings.

    Communities only. Methods that return topics are beside it. What keeps more than can be shown is at the upper edge,
    with its number.
    """
    import matplotlib.pyplot as plt
    from sklearn.isotonic import isotonic_regression

    from topiclib.draw import style

    rows = found[(found["corpus"] == "SIB") & ~found["pipeline"].str.endswith(("UMAP", "BERTopic", *NEURAL))]
    wide = rows.pivot_table(index="pipeline", columns="row", values=["mean", "spread"], sort=False)
    dots = pd.DataFrame({"x": wide["mean", "language left"], "y": wide["mean", "kept"], "e": wide["spread", "kept"]})
    dots, highest, gap = dots.dropna(subset="y").sort_values("y"), 1.6, 0.062
    with style.context("page"):
        figure, axes = plt.subplots(1, 2, figsize=(7.1, 4.4), width_ratios=(3.4, 1), sharey=True, layout="constrained")
        of_axes = (dots.dropna(subset="x"), dots[dots["x"].isna()].fillna({"x": 0.1}))
        for ax, of, (left, right) in zip(axes, of_axes, ((0.5, 1.13), (0, 1)), strict=True):
            ax.set_xlim(left, right)
            high = of["y"] > highest
            texts = [f"{name} ({y:.1f})" if up else name for name, y, up in zip(of.index, of["y"], high, strict=True)]
            of = of.assign(text=texts, y=of["y"].clip(upper=highest), e=of["e"].where(~high))
            ax.axhline(1, color=style.FAINT_COLOR, linewidth=0.8, zorder=0)
            ax.errorbar(of["x"], of["y"], of["e"], fmt="none", color=style.GRID_COLOR, linewidth=1.5, zorder=0.5)
            # Dots that are near in x have their labels in one column to the right, moved apart as little as possible.
            columns = (of["x"].sort_values().diff() > 0.035).cumsum()
            for _, near in of.groupby(columns):
                steps = gap * np.arange(len(near))
                heights = isotonic_regression((near["y"] - steps).to_numpy()) + steps
                for (name, dot), height in zip(near.iterrows(), heights, strict=True):
                    ours = str(name).startswith("topiclib")
                    look = {"color": style.SIDE_COLORS[0] if ours else style.TEXT_COLOR, "weight": 600 if ours else 400}
                    line = {"arrowstyle": "-", "lw": 0.5, "color": style.FAINT_COLOR, "shrinkA": 1, "shrinkB": 2}
                    at = (near["x"].max() + 0.03 * (right - left), height)
                    look |= {"bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.5}}
                    ax.annotate(dot["text"], dot[["x", "y"]], at, va="center", arrowprops=line, zorder=2, **look)
                    ax.plot(dot["x"], dot["y"], "o", ms=4.5, color=look["color"] if ours else style.MUTED_COLOR)
        axes[0].set(ylim=(0, highest + 0.08), xticks=[0.5, 0.6, 0.7, 0.8, 0.9, 1])
        axes[0].set_xlabel("Language left (accuracy of a linear probe; chance 0.5)")
        axes[0].set_ylabel("Difference kept (1: as within one language)")
        axes[1].set(xticks=[], xlabel="Topics only, no vectors")
        figure.savefig(path, dpi=130)
        plt.close(figure)


def main() -> None:
    """Run every method that is installed."""
    parser = arguments_of(__doc__, draws=50, umap_draws=5, seeds=3)
    parser.set_defaults(corpora="SIB/SIB imbalanced/news", planted="SIB")
    parser.add_argument("--plot", type=Path, default=None, help="a PNG")
    arguments = parser.parse_args()
    found = collect(arguments, peers(arguments.data, arguments.cache), more=uniqueness)
    columns = {
        "kept of one language": ("kept", "SIB", "spread"),
        "of true offset": ("kept of true", "SIB", "mean"),
        "false gap": ("false gap", "SIB", "spread"),
        "language left": ("language left", "SIB", "mean"),
        "Recall@1": ("Recall@1", "SIB", "mean"),
        "SIB / imbalanced / news pair F1": ("pair F1", "SIB/SIB imbalanced/news", "mean"),
        "SIB / news NMI": ("NMI", "SIB/news", "mean"),
        "SIB / news uniqueness": ("uniqueness", "SIB/news", "mean"),
        "news in one-language topics": ("one language", "news", "mean"),
    }
    print(markdown(found, columns))
    if arguments.plot:
        plot(found, arguments.plot)


if __name__ == "__main__":
    main()
