"""The corpora of benchmarks/crosslingual.py and crosslingual_peers.py: real text from --data, one half of the ids."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

PLANTED = ("politics", "sports", "health")
N_GROUPINGS = 10


@dataclass
class Corpus:
    """Passages (text, lang, label), their vectors, and those of the translations where there are any.

    `offsets` are the true means of Arabic and Persian over the same subjects. `side` and `subject` say what is planted.
    """

    passages: pd.DataFrame
    vectors: np.ndarray
    translations: np.ndarray | None = None
    offsets: np.ndarray | None = None
    side: np.ndarray | None = None
    subject: tuple[str, ...] = ()
    kept: dict[tuple, Any] = field(default_factory=dict)

    @property
    def lang(self) -> np.ndarray:
        """Return the language of each passage."""
        return self.passages["lang"].to_numpy()

    @property
    def other_lang(self) -> np.ndarray:
        """Return the language of each translation."""
        return np.where(self.lang == "fa", "ar", "fa")

    def subset(self, chosen: np.ndarray) -> Corpus:
        """Return some of the pairs of a parallel corpus, with their own true offsets."""
        here, there = self.vectors[chosen], self.translations[chosen]
        persian = (self.lang[chosen] == "fa")[:, None]
        offsets = [np.where(persian == own, here, there).mean(axis=0) for own in (False, True)]
        return Corpus(self.passages[chosen].reset_index(drop=True), here, there, np.stack(offsets))

    def keep(self, key: tuple, compute: Callable[[], Any]) -> Any:
        """Return what was computed for a key; compute it once."""
        if key not in self.kept:
            self.kept[key] = compute()
        return self.kept[key]


def in_half(identifier: str, half: str) -> bool:
    """Return whether an id is in the half: even SHA-256 for choices, odd for reporting."""
    return half == "all" or int(hashlib.sha256(identifier.encode()).hexdigest(), 16) % 2 == (half == "odd")


def read(data: Path, name: str) -> pd.DataFrame:
    """Read one JSON-lines file of the data folder, or exit and name the missing one."""
    path = data / f"{name}.jsonl"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: --data names a folder with the files of shared/data.")
    return pd.DataFrame([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])


def prepared(rows: pd.DataFrame, cache: Path | None) -> tuple[pd.DataFrame, np.ndarray]:
    """Clean and normalize the texts, truncate them to 90 words, and embed them."""
    from topiclib import embed
    from topiclib.text import clean, normalize

    rows = rows.reset_index(drop=True)
    texts = [normalize(clean(text[:1500]), lang) for text, lang in zip(rows["text"], rows["lang"], strict=True)]
    rows["text"] = [" ".join(text.split()[:90]) for text in texts]
    return rows, embed(rows, cache=cache, progress=False)


class Sources:
    """Each file prepared once, and the corpora sampled from it."""

    def __init__(self, data: Path, *, half: str, cache: Path | None) -> None:
        self.data, self.half, self.cache = data, half, cache
        self._pairs: dict[str, tuple[np.ndarray, np.ndarray, pd.DataFrame, pd.DataFrame]] = {}
        self._kept: dict[str, Corpus] = {}

    def pairs(self, name: str, half_by: str) -> tuple[np.ndarray, np.ndarray, pd.DataFrame, pd.DataFrame]:
        """Return the vectors and rows of both sides of a parallel file, pair by pair. `half_by`: the ids."""
        if name not in self._pairs:
            rows = read(self.data, name)
            rows = rows[rows["lang"] != "en"]
            rows = rows[[in_half(value, self.half) for value in rows[half_by]]]
            rows, vectors = prepared(rows.sort_values(["lang", "pair_id"]), self.cache)
            sides = [rows.index[rows["lang"] == code] for code in ("fa", "ar")]
            rows["label"] = rows["doc_id"] if "doc_id" in rows else rows["label"]
            self._pairs[name] = (vectors[sides[0]], vectors[sides[1]], rows.loc[sides[0]], rows.loc[sides[1]])
        return self._pairs[name]

    def corpus(self, name: str, seed: int) -> Corpus:
        """Return a corpus that is not parallel: each pair of SIB and NTREX from one side only, chosen by the seed."""
        if name in ("news", "Fars + SNN"):
            return self.news() if name == "news" else self.jcpoa()
        pairs = self.parallel(name)
        if name == "SIB imbalanced":  # three subjects 85 % in Persian, the others in Arabic
            share = np.where(pairs[2]["label"].isin(PLANTED), 0.85, 0.15)
            return self.from_sides(pairs, np.random.default_rng(seed).random(len(pairs[2])) < share)
        n = len(pairs[2])
        return self.from_sides(pairs, np.random.default_rng(seed).permutation(n) >= n // 2)

    def parallel(self, name: str) -> tuple[np.ndarray, np.ndarray, pd.DataFrame, pd.DataFrame]:
        """Return the vectors and rows of both sides of SIB-200, or of NTREX, whose labels are its documents."""
        if name == "NTREX":
            return self.pairs("ntrex_segments_fa_ar_en.dev", "doc_id")
        return self.pairs("sib200_fa_ar_en.traindev", "pair_id")

    def planted(self, name: str, draw: int) -> dict[str, Corpus]:
        """Plant a gap of .70 between the languages and within each, and none ("false gap").

        The subject is one of ten groupings, in turn: of labels into three and four (those with the largest corpora), or
        of NTREX's documents into halves. After a comma, `name` may have "200" (passages) or "4:1" (Persian to Arabic).
        """
        from topiclib.evaluate import sample_planted_difference

        name, _, variant = name.partition(", ")
        pairs = None if name == "news" else self.parallel(name)
        labels = (self.news().passages if pairs is None else pairs[2])["label"].to_numpy()
        lang = self.news().lang if pairs is None else None
        subject = grouping(labels, draw % N_GROUPINGS, halves=name == "NTREX")
        options: dict[str, Any] = {"seed": draw, "lang": lang}
        if variant == "200":
            options["max_side_size"] = 100
        rows, side = sample_planted_difference(labels, subject, **options)
        found = {"gap": (rows, side, side == 0)}
        level = sample_planted_difference(labels, subject, subject_share=0.5, **options)
        found["false gap"] = (*level, level[1] == 0)
        for code, key in (("fa", "Persian alone"), ("ar", "Arabic alone")):
            if lang is not None:
                options |= {"languages": (code, code), "max_side_size": len(found["gap"][0]) // 2}
                rows, side = sample_planted_difference(labels, subject, **options)
            found[key] = (rows, side, np.full(len(rows), code == "fa"))
        corpora = {}
        for key, (rows, side, persian) in found.items():
            if variant == "4:1":  # of side 1, every fourth passage on the subject and every fourth off it
                rank = pd.Series(rows).groupby([side, np.isin(labels[rows], subject)]).cumcount().to_numpy()
                fewer = (side == 0) | (rank % 4 == 0)
                rows, side, persian = rows[fewer], side[fewer], persian[fewer]
            corpus = self.from_sides(pairs, persian, rows) if pairs else self.news(rows)
            corpus.side, corpus.subject = side, subject
            corpora[key] = corpus
        return corpora

    def from_sides(self, pairs: tuple, persian: np.ndarray, chosen: np.ndarray | None = None) -> Corpus:
        """Take the chosen pairs (all by default), each in Persian or in Arabic."""
        fa, ar, rows, other = pairs
        chosen = np.arange(len(rows)) if chosen is None else chosen
        both = pd.concat([rows.iloc[chosen], other.iloc[chosen]], ignore_index=True)
        passages = both.iloc[np.arange(len(chosen)) + np.where(persian, 0, len(chosen))]
        here, there = fa[chosen], ar[chosen]
        return Corpus(
            passages.reset_index(drop=True),
            np.where(persian[:, None], here, there),
            np.where(persian[:, None], there, here),
            np.stack([there.mean(axis=0), here.mean(axis=0)]),
        )

    def news(self, rows: np.ndarray | None = None) -> Corpus:
        """Return the labelled news, or some rows; its true offsets are means with the same share of each label."""
        corpus = self._from_files("news", [("labelled_news_fa_ar.dev", None)])
        if corpus.offsets is None:
            means = pd.DataFrame(corpus.vectors).groupby([corpus.lang, corpus.passages["label"].to_numpy()]).mean()
            corpus.offsets = means.groupby(level=0).mean().loc[["ar", "fa"]].to_numpy(dtype=np.float32)
        if rows is None:
            return corpus
        return Corpus(corpus.passages.iloc[rows].reset_index(drop=True), corpus.vectors[rows], offsets=corpus.offsets)

    def jcpoa(self) -> Corpus:
        """Return Fars and 1,200 articles of SaudiNewsNet (the first by the SHA-256 of their ids)."""
        corpus = self._from_files("jcpoa", [("fars_fa.dev", None), ("saudinewsnet_ar.dev", 1200)])
        corpus.passages["about"] = ["jcpoa" in themes for themes in corpus.passages["themes"]]
        return corpus

    def _from_files(self, key: str, files: list[tuple[str, int | None]]) -> Corpus:
        if key not in self._kept:
            tables = []
            for name, most in files:
                rows = read(self.data, name)
                order = rows["id"].map(lambda value: hashlib.sha256(f"order {value}".encode()).hexdigest())
                rows = rows.loc[order.sort_values().index[:most].sort_values()]
                tables.append(rows[[in_half(value, self.half) for value in rows["id"]]])
            rows, vectors = prepared(pd.concat(tables, ignore_index=True), self.cache)
            self._kept[key] = Corpus(rows, vectors)
        return self._kept[key]


def grouping(labels: np.ndarray, number: int, *, halves: bool) -> tuple[str, ...]:
    """Return the labels that make the subject of a grouping."""
    names, counts = np.unique(labels, return_counts=True)
    if halves:
        return tuple(np.random.default_rng(number).permutation(names)[: len(names) // 2])
    size = dict(zip(names, counts, strict=True))
    threes = sorted(combinations(names, 3), key=lambda three: abs(sum(size[name] for name in three) * 2 - len(labels)))
    return threes[number]
