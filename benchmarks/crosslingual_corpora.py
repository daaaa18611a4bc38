"""The corpora of benchmarks/crosslingual.py: real text from --data, one half of the ids."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

PLANTED = ("politics", "sports", "health")
ONE_LANGUAGE = ("sport", "culture", "technology")


@dataclass
class Corpus:
    """Passages (text, lang, label), their vectors, and those of the translations where there are any."""

    passages: pd.DataFrame
    vectors: np.ndarray
    translations: np.ndarray | None = None
    translated_lang: np.ndarray | None = None

    @property
    def lang(self) -> np.ndarray:
        """Return the language of each passage."""
        return self.passages["lang"].to_numpy()


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

    def sib(self) -> tuple[np.ndarray, np.ndarray, pd.DataFrame, pd.DataFrame]:
        """Return the vectors and rows of both sides of SIB-200, pair by pair."""
        return self.pairs("sib200_fa_ar_en.traindev", "pair_id")

    def pairs(self, name: str, half_by: str) -> tuple[np.ndarray, np.ndarray, pd.DataFrame, pd.DataFrame]:
        """Return the vectors and rows of both sides of a parallel file, pair by pair. `half_by`: the ids."""
        if name not in self._pairs:
            rows = read(self.data, name)
            rows = rows[rows["lang"] != "en"]
            rows = rows[[in_half(value, self.half) for value in rows[half_by]]]
            rows, vectors = prepared(rows.sort_values(["lang", "pair_id"]), self.cache)
            sides = [rows.index[rows["lang"] == code] for code in ("fa", "ar")]
            self._pairs[name] = (vectors[sides[0]], vectors[sides[1]], rows.loc[sides[0]], rows.loc[sides[1]])
        return self._pairs[name]

    def documents(self, seed: int) -> Corpus:
        """Take each NTREX sentence from one side only; its label is its document, and the half goes by documents."""
        pairs = self.pairs("ntrex_segments_fa_ar_en.dev", "doc_id")
        side = np.random.default_rng(seed).permutation(len(pairs[2])) < len(pairs[2]) // 2
        return self.from_sides(np.arange(len(pairs[2])), side.astype(int), pairs=pairs, label="doc_id")

    def sentences(self, seed: int, *, imbalanced: bool = False) -> Corpus:
        """Take each SIB pair from one side only: by halves, or three subjects 85 % in Persian, the others in Arabic."""
        rows = self.sib()[2]
        random = np.random.default_rng(seed)
        if imbalanced:
            side = random.random(len(rows)) >= np.where(rows["label"].isin(PLANTED), 0.85, 0.15)
        else:
            side = random.permutation(len(rows)) < len(rows) // 2
        return self.from_sides(np.arange(len(rows)), side.astype(int))

    def from_sides(
        self,
        chosen: np.ndarray,
        side: np.ndarray,
        *,
        persian_only: bool = False,
        pairs: tuple | None = None,
        label: str = "label",
    ) -> Corpus:
        """Take the chosen pairs (of SIB), side 0 in Persian and side 1 in Arabic (or all in Persian)."""
        persian, arabic, rows, other = pairs or self.sib()
        first = (side == 0) | persian_only
        passages = pd.DataFrame(
            {
                "passage_id": rows["pair_id"].to_numpy()[chosen],
                "text": np.where(first, rows["text"].to_numpy()[chosen], other["text"].to_numpy()[chosen]),
                "lang": np.where(first, "fa", "ar"),
                "label": rows[label].to_numpy()[chosen],
            }
        )
        here, there = persian[chosen], arabic[chosen]
        return Corpus(
            passages,
            np.where(first[:, None], here, there),
            np.where(first[:, None], there, here),
            np.where(first, "ar", "fa"),
        )

    def news(self, *, without: str = "") -> Corpus:
        """Return the labelled news; `without` names a section that is left out of the Arabic side."""
        corpus = self._from_files("news", [("labelled_news_fa_ar.dev", None)])
        kept = ((corpus.lang != "ar") | (corpus.passages["label"] != without)).to_numpy()
        return Corpus(corpus.passages[kept].reset_index(drop=True), corpus.vectors[kept])

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
