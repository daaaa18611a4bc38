"""Estimate the directions that `embedding.wccn` down-weights: how sentences of one document differ in TICO-19 (CC0).

python benchmarks/crosslingual_focus.py --data DIR --out focus_e5_small.npy
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd

DIRECTIONS = 64
SHRINKAGE = 2.0
"""Times the mean eigenvalue, added to each. Both were chosen on the even half (docs/decisions/08-projection.md)."""


def within_documents(vectors: np.ndarray, documents: pd.Series) -> np.ndarray:
    """Return the covariance (d, d) of vector minus mean of its document, over documents of at least three."""
    table = pd.DataFrame(vectors).groupby(documents.to_numpy())
    size = table.transform("size").to_numpy()[:, None]
    centered = (vectors - table.transform("mean").to_numpy()) * np.sqrt(size / np.maximum(size - 1, 1))
    centered = centered[size[:, 0] >= 3]
    return centered.T @ centered / len(centered)


def directions(covariance: np.ndarray) -> np.ndarray:
    """Return B (64, d) of `topiclib.embedding.wccn.apply_wccn`, strongest last, each with a positive largest entry."""
    values, vectors = np.linalg.eigh(covariance)
    scale = 1 / np.sqrt(values + SHRINKAGE * values.mean())
    weaken = 1 - scale[-DIRECTIONS:] / scale[:-DIRECTIONS].mean()
    rows = (vectors[:, -DIRECTIONS:] * np.sqrt(np.maximum(weaken, 0))).T
    signs = np.sign(rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)])
    return (rows * signs[:, None]).astype(np.float16)


def main() -> None:
    """Embed TICO-19's Persian and Arabic sides and write the directions."""
    from topiclib import embed
    from topiclib.text import clean, normalize

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=None, help="folder of the embedding cache")
    arguments = parser.parse_args()
    lines = (arguments.data / "tico19_fa_ar_en.jsonl").read_text(encoding="utf-8").splitlines()
    rows = pd.DataFrame([json.loads(line) for line in lines])
    rows = rows[rows["lang"].isin(["fa", "ar"])].reset_index(drop=True)
    rows["text"] = [normalize(clean(text), lang) for text, lang in zip(rows["text"], rows["lang"], strict=True)]
    vectors = embed(rows, cache=arguments.cache)
    found = directions(within_documents(vectors, rows["doc_id"] + " " + rows["lang"]))
    np.save(arguments.out, found, allow_pickle=False)
    print(f"{len(rows)} sentences of {rows['doc_id'].nunique()} documents: {found.shape} to {arguments.out}")


if __name__ == "__main__":
    main()
