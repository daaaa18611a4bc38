"""Each passage's nearest others, found once and exactly, and the UMAP layouts that start from them."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

# Below this many passages a density has nothing to be estimated from.
FEWEST_FOR_DENSITY = 60
LARGEST_GROUP = 64
BLOCK_BYTES = 80_000_000
USUAL = 21
"""How many neighbours are found at least, the row itself among them: what every room of topiclib asks for."""


class Neighbours:
    """Neighbours that are found once: asked again about the same rows, it answers from memory.

    Give one to several calls of `fit` (seeds, numbers of topics) and to `layout`, and the product of all rows with all
    rows, most of the time of a fit, is done once. Rows are known by the hash of their values, so that an answer never
    belongs to other rows.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}
        self._cut: dict[tuple, np.ndarray] = {}

    def of(self, vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return what `neighbours(vectors, k)` returns."""
        key = _hash(vectors)
        if key not in self._known or self._known[key][0].shape[1] < k:
            self._known[key] = neighbours(vectors, max(k, min(USUAL, len(vectors))))
        indices, distances = self._known[key]
        return indices[:, :k], distances[:, :k]

    def once(self, vectors: np.ndarray, question: tuple, answer: Callable[[], np.ndarray]) -> np.ndarray:
        """Return what `answer` returns, such as a partition of these rows; the same question again, from memory."""
        key = (_hash(vectors), *question)
        if key not in self._cut:
            self._cut[key] = answer()
        return self._cut[key].copy()


def _hash(vectors: np.ndarray) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(vectors).data, digest_size=16).digest() + str(vectors.shape).encode()


def neighbours(vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Find each row's k nearest rows by cosine, itself first.

    Parameters
    ----------
    vectors
        (n, d) float32 unit rows.
    k
        At most n.

    Returns
    -------
    indices, distances
        (n, k) int32 and (n, k) float32 (1 - cosine), nearest first; among equals the first row. Exact at every n and
        the same every time; time grows with n² d, memory with n k.

    Notes
    -----
    Sorting all cosines of a row takes longer than finding them. The columns are dealt into groups, and the k-th largest
    of the groups' maxima is a bound that k cosines reach: only those few that do are sorted.
    """
    n = len(vectors)
    indices = np.empty((n, k), dtype=np.int32)
    distances = np.empty((n, k), dtype=np.float32)
    group = max(1, min(LARGEST_GROUP, n // (4 * k)))
    groups = n // group
    block = max(1, min(n, BLOCK_BYTES // (4 * n)))
    space = np.empty((block, n), dtype=np.float32)
    for start in range(0, n, block):
        rows = vectors[start : start + block]
        cosines = np.matmul(rows, vectors.T, out=space[: len(rows)])
        own = np.arange(len(rows))
        cosines[own, own + start] = 2  # itself, also among its doubles
        maxima = cosines[:, : groups * group].reshape(len(rows), group, groups).max(axis=1)
        bounds = np.partition(maxima, groups - k, axis=1)[:, groups - k]
        for i, (row, bound) in enumerate(zip(cosines, bounds, strict=True), start=start):
            reached = np.flatnonzero(row >= bound)
            indices[i] = reached[np.argsort(-row[reached], kind="stable")[:k]]
            distances[i] = row[indices[i]]
    return indices, np.clip(1 - distances, 0, None)


def layout(aligned: np.ndarray, *, seed: int = 0, n_neighbors: int = 15, near: Neighbours | None = None) -> np.ndarray:
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
    model = umap_layout(vectors, n_neighbors, seed=seed, near=near, n_components=2, min_dist=0.1)
    with quiet_umap():
        return model.fit_transform(vectors)


def umap_layout(
    vectors: np.ndarray, n_neighbors: int, *, seed: int, near: Neighbours | None = None, **settings: Any
) -> Any:
    """Return an unfitted UMAP that has its neighbours already."""
    from umap import UMAP

    k = min(n_neighbors, len(vectors) - 1)
    return UMAP(
        n_neighbors=k,
        metric="cosine",
        random_state=seed,
        n_jobs=1,
        precomputed_knn=(near or Neighbours()).of(vectors, k),
        force_approximation_algorithm=True,  # otherwise UMAP looks for the neighbours of a small corpus again
        **settings,
    )


@contextmanager
def quiet_umap() -> Iterator[None]:
    """Silence UMAP's word that it cannot transform new rows: they are placed by centroids (`topiclib.place`)."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="precomputed_knn")
        yield
