"""UMAP with neighbors that were found beforehand."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from topiclib.topics.neighbors import NeighborCache

# Below this many passages a density has nothing to be estimated from.
MIN_PASSAGES_FOR_GRAPH = 60


def project_2d(
    aligned: np.ndarray, *, seed: int = 0, n_neighbors: int = 15, near: NeighborCache | None = None
) -> np.ndarray:
    """Return a two-dimensional layout (n, 2) of the aligned vectors, for looking at; distances in it are not to be
    measured.
    """
    vectors = np.asarray(aligned, dtype=np.float32)
    if len(vectors) < MIN_PASSAGES_FOR_GRAPH:
        centered = vectors - vectors.mean(axis=0)
        left, scale, _ = np.linalg.svd(centered, full_matrices=False)
        flat = np.zeros((len(vectors), 2), dtype=np.float32)
        width = min(2, len(scale))
        flat[:, :width] = left[:, :width] * scale[:width]
        return flat
    model = make_umap(vectors, n_neighbors, seed=seed, near=near, n_components=2, min_dist=0.1)
    with quiet_umap():
        return model.fit_transform(vectors)


def make_umap(
    vectors: np.ndarray, n_neighbors: int, *, seed: int, near: NeighborCache | None = None, **settings: Any
) -> Any:
    """Return an unfitted UMAP that has its neighbors already."""
    from umap import UMAP

    k = min(n_neighbors, len(vectors) - 1)
    return UMAP(
        n_neighbors=k,
        metric="cosine",
        random_state=seed,
        n_jobs=1,
        precomputed_knn=(near or NeighborCache()).of(vectors, k),
        force_approximation_algorithm=True,  # otherwise UMAP looks for the neighbors of a small corpus again
        **settings,
    )


@contextmanager
def quiet_umap() -> Iterator[None]:
    """Silence UMAP's word that it cannot transform new rows: they are placed by centroids (`topiclib.place`)."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="precomputed_knn")
        yield
