"""Measure what each step contributes: whether topics follow the language, and whether real differences survive.

    python benchmarks/crosslingual.py --data ../shared/data [--half odd] [--draws 8] [--umap-draws 4] [--out FILE]

Every combination of an alignment (none, own means, balanced, balanced with words), the projection, the merging across
languages, and a cut (communities, UMAP and HDBSCAN), on the same vectors. "true offset" is no method but a ceiling: the
difference of the languages from translations of the very passages, or from means with equal shares of the labels. One
line of JSON a value, to `--out` as they come; then a table, as Markdown. `--read FILE` prints the table of such lines.
`--half even` is for choosing, `odd` for reporting. It takes about ten minutes of one core.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from crosslingual_corpora import N_GROUPINGS, Corpus, Sources
from scores import colocation, nmi, pair_f1

from topiclib import Alignment, fit_alignment
from topiclib import evaluate as measure
from topiclib.embedding.wccn import apply_wccn
from topiclib.topics.communities import LeidenClustering
from topiclib.topics.fit import cluster_passages
from topiclib.topics.merging import merge_across_languages
from topiclib.topics.recipe import Recipe

Apply = Callable[[np.ndarray, np.ndarray], np.ndarray]
PLANTED_CORPORA = ("SIB", "NTREX", "news")
CORPORA = (*PLANTED_CORPORA, "SIB imbalanced", "Fars + SNN")


def unit(rows: np.ndarray) -> np.ndarray:
    """Scale rows to unit length."""
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)).astype(np.float32)


def communities(vectors: np.ndarray, seed: int) -> np.ndarray:
    """Cluster into communities."""
    return LeidenClustering(seed=seed).fit(vectors).labels_


def density(vectors: np.ndarray, seed: int) -> np.ndarray:
    """Cluster as `Recipe(clustering="hdbscan")` does, without its projection and its merging across languages."""
    recipe = Recipe(clustering="hdbscan", encoder="none", seed=seed)
    return cluster_passages(pd.DataFrame(index=range(len(vectors))), vectors, recipe)


CUTS = {"communities": communities, "UMAP + HDBSCAN": density}


def aligned_by(method: str, *, use_text: bool = False) -> Callable[[Corpus], Apply]:
    """Return the function that fits one of topiclib's alignments on a corpus."""
    return lambda corpus: fit_alignment(corpus.passages, corpus.vectors, method=method, use_text=use_text).apply


def true_offset(corpus: Corpus) -> Apply:
    """Subtract the true mean of each language."""
    return Alignment(("ar", "fa"), corpus.offsets.astype(np.float32)).apply


ALIGNMENTS = {
    "none": aligned_by("none"),
    "own means": aligned_by("means"),
    "balanced": aligned_by("balanced"),
    "balanced, words": aligned_by("balanced", use_text=True),
    "true offset": true_offset,
}


@dataclass(frozen=True)
class Pipeline:
    """What is done about the language, and then; or a method that finds its topics by itself.

    `align` takes a corpus and returns a function of vectors and languages; `topics` takes a corpus and a seed.
    `needs` is an attribute that a corpus must have.
    """

    align: Callable[[Corpus], Apply] | None = None
    cut: str = "communities"
    project: bool = True
    merge: bool = True
    topics: Callable[[Corpus, int], np.ndarray] | None = None
    needs: str = ""

    def suits(self, corpus: Corpus) -> bool:
        """Return whether a corpus has what the method needs: `offsets` or `translations`."""
        return not self.needs or getattr(corpus, self.needs) is not None

    def apply(self, corpus: Corpus, *, translations: bool = False, project: bool = True) -> np.ndarray:
        """Return the rows of a corpus, or of the translations of its passages, without the language."""

        def rows() -> np.ndarray:
            if len(np.unique(corpus.lang)) == 1:  # centered, as the rows of two languages are
                return unit(corpus.vectors - corpus.vectors.mean(axis=0))
            fitted = corpus.keep(("fit", self.align), lambda: self.align(corpus))
            here = (corpus.translations, corpus.other_lang) if translations else (corpus.vectors, corpus.lang)
            return fitted(*here)

        found = corpus.keep(("rows", self.align, translations), rows)
        return apply_wccn(found) if project and self.project else found

    def find(self, corpus: Corpus, seed: int) -> np.ndarray:
        """Return the topics of a corpus."""
        if self.topics:
            return corpus.keep((self.topics, seed), lambda: np.asarray(self.topics(corpus, seed)))
        one = len(np.unique(corpus.lang)) == 1
        key = (None if one else self.align, self.cut, self.project, seed)
        topics = corpus.keep(key, lambda: np.asarray(CUTS[self.cut](self.apply(corpus), seed)))
        return merge_across_languages(self.apply(corpus), topics, corpus.lang) if self.merge else topics


def recall(pipeline: Pipeline, corpus: Corpus) -> float:
    """Return Recall@1, both ways: how often the nearest passage of the other language is the translation."""
    here, there = pipeline.apply(corpus), pipeline.apply(corpus, translations=True)
    persian = (corpus.lang == "fa")[:, None]
    cosines = np.where(persian, here, there) @ np.where(persian, there, here).T
    right = np.arange(len(cosines))
    return float(np.mean([(cosines.argmax(axis=axis) == right).mean() for axis in (0, 1)]))


def language_left(pipeline: Pipeline, corpus: Corpus) -> float:
    """Return how often a linear classifier tells the language of rows that the method has not seen; chance: .5.

    The method is fitted on two thirds of the pairs, one side of each; of the last third, both sides are classified.
    Linear discriminant analysis with Ledoit and Wolf's shrinkage, cross-validated over pairs: no constant is chosen.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.model_selection import GroupKFold, cross_val_score

    held_out = np.random.default_rng(0).permutation(len(corpus.lang)) < len(corpus.lang) // 3
    apply = pipeline.align(corpus.subset(~held_out))
    lang = np.concatenate([corpus.lang[held_out], corpus.other_lang[held_out]])
    rows = apply(np.vstack([corpus.vectors[held_out], corpus.translations[held_out]]), lang).astype(float)
    probe = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    pairs = np.tile(np.arange(held_out.sum()), 2)
    return float(cross_val_score(probe, rows, lang, groups=pairs, cv=GroupKFold(5)).mean())


def measured(pipeline: Pipeline, corpus: Corpus, seed: int) -> dict[str, float]:
    """Return the measures of a corpus in which nothing is planted."""
    topics = pipeline.find(corpus, seed)
    values = {"one language": measure.one_language_share(topics, corpus.lang)["share"]}
    if "about" in corpus.passages:
        found = colocation(topics, corpus.passages["about"], corpus.lang)
        return values | {"co-location": found["cosine"], "purity": found["purity"]}
    labels = corpus.passages["label"]
    values |= {"pair F1": pair_f1(topics, labels, corpus.lang), "NMI": nmi(topics, labels)}
    if pipeline.align and corpus.translations is not None:
        key = (pipeline.align, pipeline.project)
        values["Recall@1"] = corpus.keep(("recall", *key), lambda: recall(pipeline, corpus))
        values["language left"] = corpus.keep(("probe", *key), lambda: language_left(pipeline, corpus))
    return values


def recovered(pipeline: Pipeline, corpora: dict[str, Corpus], seed: int) -> dict[str, float]:
    """Return what a pipeline recovers of the planted differences of a draw."""
    found = {}
    for kind, corpus in corpora.items():
        labels = corpus.passages["label"]
        topics = pipeline.find(corpus, seed)
        found[kind] = measure.recovered_difference(topics, labels, corpus.side, corpus.subject)
    return found


def run(
    pipelines: dict[str, Pipeline],
    sources: Sources,
    *,
    draws: dict[str, int],
    seeds: int,
    corpora: Iterable[str] = CORPORA,
    planted: Iterable[str] = PLANTED_CORPORA,
    more: Callable[[Pipeline, Corpus, np.ndarray], dict[str, float]] | None = None,
) -> Iterator[dict]:
    """Yield every value: pipeline, corpus, row (the measure), value, draw. `draws`: of each cut."""

    def values(name: str, corpus: str, draw: int, found: dict[str, float]) -> Iterator[dict]:
        for row, value in found.items():
            yield {"pipeline": name, "corpus": corpus, "row": row, "value": float(value), "draw": draw}

    for name in corpora:
        topics: dict[str, list[np.ndarray]] = {}
        for seed in range(seeds):
            corpus = sources.corpus(name, seed)
            for label, pipeline in pipelines.items():
                if pipeline.suits(corpus):
                    topics.setdefault(label, []).append(pipeline.find(corpus, seed))
                    yield from values(label, name, seed, measured(pipeline, corpus, seed))
                    if more:
                        yield from values(label, name, seed, more(pipeline, corpus, topics[label][-1]))
        for label, found in topics.items() if name in ("news", "Fars + SNN") and seeds > 1 else ():
            yield from values(label, name, 0, {"ARI": measure.pairwise_ari(found)["mean"]})
    for draw, name in product(range(max(draws.values())), planted):
        corpora_of_draw = sources.planted(name, draw)
        for label, pipeline in pipelines.items():
            if draw < draws[pipeline.cut] and pipeline.suits(corpora_of_draw["gap"]):
                yield from values(label, name, draw, recovered(pipeline, corpora_of_draw, draw))


def ratio(gaps: pd.Series, controls: pd.Series) -> dict[str, float]:
    """Return mean(gaps) / mean(controls), its standard error over draws (delta method), and its spread over groupings.

    Of the means, not the mean of the ratios: a draw's own gap in one language is small and noisy.
    """
    both = pd.concat({"gap": gaps, "control": controls}, axis=1).dropna()
    means = both.mean()
    value = means["gap"] / means["control"]
    residuals = both["gap"] - value * both["control"]
    groupings = both.groupby(both.index % N_GROUPINGS).mean()
    error = residuals.std() / len(both) ** 0.5 / means["control"]
    return {"mean": value, "error": error, "spread": (groupings["gap"] / groupings["control"]).std()}


def summarize(rows: pd.DataFrame, pipelines: dict[str, Pipeline]) -> pd.DataFrame:
    """Return mean, spread (standard deviation over draws or seeds) and standard error of each measure.

    "kept" is the planted gap over that within one language (mean of both), "kept of true" over that with the true
    offset, same cut; their spread is over groupings.
    """
    keys = ["pipeline", "corpus", "row"]
    found = rows.groupby(keys, sort=False)["value"].agg(mean="mean", spread="std", error="sem").reset_index()
    ceilings = {(one.cut, one.project): name for name, one in pipelines.items() if one.align is true_offset}
    gaps = {key: of.set_index("draw")["value"] for key, of in rows.groupby(keys, sort=False)}
    ratios = []
    for name, corpus, row in [key for key in gaps if key[2] == "gap"]:
        within = (gaps[name, corpus, "Persian alone"] + gaps[name, corpus, "Arabic alone"]) / 2
        ceiling = gaps.get((ceilings.get((pipelines[name].cut, pipelines[name].project)), corpus, "gap"))
        for title, control in (("kept", within), ("kept of true", ceiling)):
            if control is not None:
                facts = ratio(gaps[name, corpus, row], control)
                ratios.append({"pipeline": name, "corpus": corpus, "row": title, **facts})
    return pd.concat([found, pd.DataFrame(ratios)], ignore_index=True)


def number(value: float) -> str:
    """Return a number with two decimals and no leading zero."""
    return "–" if np.isnan(value) else f"{value:.2f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.2f}"


def markdown(found: pd.DataFrame, columns: dict[str, tuple[str, str, str]]) -> str:
    """Return a table: a line per pipeline; each column is a measure, its corpora ("SIB/news"), and what is shown of it.

    Shown is "mean", or also "spread" or "error" after it.
    """
    values = found.set_index(["pipeline", "corpus", "row"])
    lines = ["| | " + " | ".join(columns) + " |", "|-" * (len(columns) + 1) + "|"]
    for name in dict.fromkeys(found["pipeline"]):
        cells = []
        for row, corpora, shown in columns.values():
            parts = []
            for key in [(name, corpus, row) for corpus in corpora.split("/")]:
                facts = values.loc[key] if key in values.index else pd.Series(np.nan, values.columns)
                parts.append(number(facts["mean"]))
                if shown != "mean" and not np.isnan(facts["mean"]):
                    parts[-1] += f" ± {number(facts[shown])}"
            cells.append(" / ".join(parts))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def arguments_of(description: str, *, draws: int, umap_draws: int, seeds: int) -> argparse.ArgumentParser:
    """Return the options that this benchmark and crosslingual_peers.py have in common."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--half", choices=["even", "odd", "all"], default="odd")
    parser.add_argument("--draws", type=int, default=draws, help="planted corpora, for communities")
    parser.add_argument("--umap-draws", type=int, default=umap_draws, help="the same, for UMAP and HDBSCAN")
    parser.add_argument("--seeds", type=int, default=seeds)
    parser.add_argument("--cache", type=Path, default=None, help="folder of the embedding cache")
    parser.add_argument("--only", default="", help="parts of names of pipelines, with semicolons between")
    parser.add_argument("--corpora", default="/".join(CORPORA), help="nothing planted in these")
    parser.add_argument("--planted", default="/".join(PLANTED_CORPORA), help="a difference planted in these")
    parser.add_argument("--out", type=Path, default=None, help="file for the JSON lines, added to")
    parser.add_argument("--read", type=Path, default=None, help="JSON lines written before: nothing is run")
    return parser


def collect(arguments: argparse.Namespace, pipelines: dict[str, Pipeline], **more: Any) -> pd.DataFrame:
    """Run the pipelines, or read what was written before, and summarize."""
    wanted = [one.strip() for one in arguments.only.split(";") if one.strip()]
    pipelines = {name: one for name, one in pipelines.items() if not wanted or any(part in name for part in wanted)}
    if arguments.read:
        rows = [json.loads(line) for line in arguments.read.read_text(encoding="utf-8").splitlines()]
        return summarize(pd.DataFrame(rows), pipelines)
    rows = []
    sources = Sources(arguments.data, half=arguments.half, cache=arguments.cache)
    draws = {"communities": arguments.draws, "UMAP + HDBSCAN": arguments.umap_draws}
    of = {name: [one for one in getattr(arguments, name).split("/") if one] for name in ("corpora", "planted")}
    for row in run(pipelines, sources, draws=draws, seeds=arguments.seeds, **of, **more):
        rows.append(row)
        if arguments.out:
            with arguments.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return summarize(pd.DataFrame(rows), pipelines)


def ablation() -> dict[str, Pipeline]:
    """Return every combination."""
    found = {}
    for cut, project, (name, align), merge in product(CUTS, (True, False), ALIGNMENTS.items(), (True, False)):
        true = name == "true offset"
        if not (true and merge):
            parts = (name, "projected" * project, "merged" * merge, "UMAP" * (cut != "communities"))
            found[", ".join(filter(None, parts))] = Pipeline(align, cut, project, merge, needs="offsets" * true)
    return found


def main() -> None:
    """Run the ablation and print its table."""
    arguments = arguments_of(__doc__, draws=8, umap_draws=4, seeds=3).parse_args()
    found = collect(arguments, ablation())
    three = "SIB/NTREX/news"
    columns = {
        "kept, SIB / NTREX / news": ("kept", three, "mean"),
        "of true offset": ("kept of true", three, "mean"),
        "false gap, SIB": ("false gap", "SIB", "spread"),
        "one language, SIB / NTREX / news / Fars": ("one language", f"{three}/Fars + SNN", "mean"),
        "pair F1, SIB / imbalanced / NTREX / news": ("pair F1", "SIB/SIB imbalanced/NTREX/news", "mean"),
        "NMI, SIB / NTREX / news": ("NMI", three, "mean"),
        "Recall@1, SIB / NTREX": ("Recall@1", "SIB/NTREX", "mean"),
        "JCPOA co-location": ("co-location", "Fars + SNN", "mean"),
        "JCPOA purity": ("purity", "Fars + SNN", "mean"),
        "ARI, news / Fars": ("ARI", "news/Fars + SNN", "mean"),
    }
    print(markdown(found, columns))


if __name__ == "__main__":
    main()
