"""Run UMAP on precomputed neighbors."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from topiclib.topics.neighbors import MIN_CACHED_NEIGHBORS, nearest_neighbors

# With fewer distinct passages density and neighborhoods mean little: no UMAP, no graph, no quality tables.
MIN_PASSAGES_FOR_GRAPH = 60


def project_2d(aligned: np.ndarray, *, seed: int = 0, n_neighbors: int = 15) -> np.ndarray:
    """Project aligned vectors to two dimensions (n, 2), for display only: do not measure distances in it.

    By UMAP; for fewer than 60 vectors, the first two principal components.
    """
    vectors = np.asarray(aligned, dtype=np.float32)
    if len(vectors) < MIN_PASSAGES_FOR_GRAPH:
        left, scale, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
        projected = (left * scale)[:, :2]
        return np.pad(projected, ((0, 0), (0, 2 - projected.shape[1])))  # zeros, for a single vector
    return reduce_with_umap(vectors, n_neighbors=n_neighbors, seed=seed, n_components=2, min_dist=0.1)


def reduce_with_umap(vectors: np.ndarray, *, n_neighbors: int, seed: int, **settings: Any) -> np.ndarray:
    """Reduce vectors (n, d) with UMAP, whose neighbors are the exact ones."""
    from umap import UMAP

    k = min(n_neighbors, len(vectors) - 1)
    # UMAP writes into the arrays, hence the copies. It drops surplus columns itself.
    neighbors = nearest_neighbors(vectors, max(k, min(MIN_CACHED_NEIGHBORS, len(vectors))))
    umap = UMAP(
        n_neighbors=k,
        metric="cosine",
        random_state=seed,
        n_jobs=1,
        precomputed_knn=tuple(array.copy() for array in neighbors),
        force_approximation_algorithm=True,  # otherwise UMAP ignores precomputed neighbors of fewer than 4,096 rows
        **settings,
    )
    with warnings.catch_warnings():  # that it cannot transform new rows: they get the nearest centroid
        warnings.filterwarnings("ignore", message="precomputed_knn")
        return umap.fit_transform(vectors)
