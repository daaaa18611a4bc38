"""Each passage's nearest others, found once and exactly, and the UMAP layouts that start from them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

# Below this many passages a density has nothing to be estimated from.
FEWEST_FOR_DENSITY = 60


def neighbours(vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's k nearest rows by cosine, itself first: indices and distances, both (n, k). Exact, and the
    same every time.
    """
    n = len(vectors)
    indices = np.empty((n, k), dtype=np.int32)
    distances = np.empty((n, k), dtype=np.float32)
    block = max(1, 50_000_000 // n)
    for start in range(0, n, block):
        cosines = vectors[start : start + block] @ vectors.T
        rows = np.arange(len(cosines))
        cosines[rows, rows + start] = 2  # itself, also among its doubles
        some = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(cosines, some, axis=1), axis=1, kind="stable")
        indices[start : start + block] = np.take_along_axis(some, order, axis=1)
        found = np.take_along_axis(cosines, indices[start : start + block], axis=1)
        distances[start : start + block] = np.clip(1 - found, 0, None)
    return indices, distances


def layout(aligned: np.ndarray, *, seed: int = 0, n_neighbors: int = 15) -> np.ndarray:
    """Return a two-dimensional layout (n, 2) of the aligned vectors, for looking at; distances in it are not to be
    measured.
    """
    vectors = np.asarray(aligned, dtype=np.float32)
    if len(vectors) < FEWEST_FOR_DENSITY:
        centred = vectors - vectors.mean(axis=0)
        left, scale, _ = np.linalg.svd(centred, full_matrices=False)
        flat = np.zeros((len(vectors), 2), dtype=np.float32)
        width = min(2, len(scale))
        flat[:, :width] = left[:, :width] * scale[:width]
        return flat
    model = umap_layout(vectors, n_neighbors, seed=seed, n_components=2, min_dist=0.1)
    with quiet_umap():
        return model.fit_transform(vectors)


def umap_layout(vectors: np.ndarray, n_neighbors: int, *, seed: int, **settings: Any) -> Any:
    """Return an unfitted UMAP that has its neighbours already."""
    from umap import UMAP

    k = min(n_neighbors, len(vectors) - 1)
    return UMAP(
        n_neighbors=k,
        metric="cosine",
        random_state=seed,
        n_jobs=1,
        precomputed_knn=neighbours(vectors, k),
        force_approximation_algorithm=True,  # otherwise UMAP looks for the neighbours of a small corpus again
        **settings,
    )


@contextmanager
def quiet_umap() -> Iterator[None]:
    """Silence UMAP's word that it cannot transform new rows: they are placed by centroids (`topiclib.place`)."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="precomputed_knn")
        yield
