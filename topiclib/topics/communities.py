"""Topics as communities of a graph of neighbors: how the aligned space is cut without squeezing it first.

Passages that share many of their nearest neighbors hang together; a community of that graph is a topic. No passage is
an outlier, the number of topics comes out of the graph, and nothing is reduced to a few dimensions before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from topiclib.embedding.wccn import apply_wccn
from topiclib.topics.centroids import compute_centroids, nearest_centroid
from topiclib.topics.neighbors import NeighborCache, parallel_map

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

N_NEIGHBORS = 20

N_STARTS, N_ITERATIONS = 6, 3
"""Of Leiden: the best of six starts, each three rounds long, each round begun from what the last one found."""

N_SMOOTHING_NEIGHBORS = 15
"""Neighbors whose mean is mixed, half and half, into a row before rows are given to the nearest centroid."""

N_REASSIGN = 5

MIN_TOPIC_SIZE = 5


class LeidenClustering:
    """A cluster model for BERTopic: pass it as `hdbscan_model`, with `BaseDimensionalityReduction()` as `umap_model`.

    Attributes
    ----------
    labels_
        After `fit`: the topic of each row, 0 the largest; -1 only with `outliers="keep"`.
    probabilities_
        After `fit`: the part of each row's 20 nearest that is in its topic, 0..1.

    Notes
    -----
    1. `apply_wccn` takes the sentence's part out of the aligned rows, for an encoder whose part is known.
    2. Graph: each row and its 20 nearest (exact, cosine); weight of an edge = shared neighbors / neighbors of either.
    3. Leiden, from six starts, in threads; the partition with the highest modularity stays. A seed changes only the
       order of visits; the same seed gives the same partition on however many cores.
    4. Communities of fewer than `least` rows go to the nearest centroid; then, five times, every row does, each row
       averaged with the mean of its 15 nearest, so that topics are what `place` will find again.
    5. With `outliers="keep"` a row is in no topic if less than half of its 20 nearest are in its own.

    Source: Levine et al. 2015, "Data-driven phenotypic dissection of AML" (PhenoGraph: the graph); Traag, Waltman and
    van Eck 2019, "From Louvain to Leiden"; 4 is Lloyd's algorithm started from the communities.
    """

    def __init__(
        self, *, seed: int = 0, min_topic_size: int = MIN_TOPIC_SIZE, resolution: float = 1.0, encoder: str | None = "e5-small",
        outliers: str = "assign", near: NeighborCache | None = None,
    ) -> None:  # fmt: skip
        self.seed, self.least, self.resolution, self.encoder = seed, min_topic_size, resolution, encoder
        self.outliers, self._near = outliers, near or NeighborCache()

    def fit(self, aligned: np.ndarray, y: object = None) -> LeidenClustering:
        """Find the communities of the aligned rows, (n, d) and of unit length, which are left as they are."""
        rows = apply_wccn(aligned, encoder=self.encoder)
        near, distances = self._near.of(rows, min(N_NEIGHBORS + 1, len(rows)))
        labels = self._near.once(
            rows,
            ("partition", self.resolution, self.seed),
            lambda: _best_partition(_shared_neighbor_graph(near), self.resolution, seed=self.seed),
        )
        labels = _renumber_by_size(labels)
        if (labels == 0).sum() < self.least:  # not even the largest is large enough: one topic
            labels = np.zeros(len(rows), dtype=int)
        sizes = np.bincount(labels)
        sizes[0] = max(sizes[0], self.least)
        topics, means = compute_centroids(rows, np.where(sizes[labels] < self.least, -1, labels))
        labels = np.where(np.isin(labels, topics), labels, nearest_centroid(rows, topics, means)[0])
        smooth = _smooth_vectors(rows, near[:, 1:], 1 - distances[:, 1:])
        for _ in range(N_REASSIGN):
            labels = nearest_centroid(smooth, *compute_centroids(smooth, labels))[0]
        labels = _renumber_by_size(labels)
        self.probabilities_ = (labels[near[:, 1:]] == labels[:, None]).mean(axis=1) if len(rows) > 1 else np.ones(1)
        self.labels_ = np.where(self.probabilities_ < 0.5, -1, labels) if self.outliers == "keep" else labels
        self.topics_, self.means_ = compute_centroids(rows, labels)
        return self

    def predict(self, aligned: np.ndarray) -> np.ndarray:
        """Return the topic with the nearest centroid for each aligned row."""
        return nearest_centroid(apply_wccn(aligned, encoder=self.encoder), self.topics_, self.means_)[0]


def _shared_neighbor_graph(neighbors: np.ndarray) -> csr_matrix:
    """Return the graph (n, n) of neighbors, weighted by the Jaccard overlap of their neighborhoods.

    `near` is (n, k + 1), each row's neighbors with the row itself among them.
    """
    from scipy.sparse import csr_matrix

    n, k = neighbors.shape
    own = csr_matrix(
        (np.ones(neighbors.size, dtype=np.float32), (np.repeat(np.arange(n), k), neighbors.ravel())), (n, n)
    )
    first, second = (own + own.T).nonzero()
    shared = np.empty(len(first), dtype=np.float32)
    for start in range(0, len(first), 100_000):  # a block at a time: memory stays flat
        part = slice(start, start + 100_000)
        shared[part] = np.asarray(own[first[part]].multiply(own[second[part]]).sum(axis=1)).ravel()
    weight = shared / (2 * k - shared)
    kept = (first != second) & (weight > 0)
    return csr_matrix((weight[kept], (first[kept], second[kept])), (n, n))


def _best_partition(graph: csr_matrix, resolution: float, *, seed: int) -> np.ndarray:
    """Run Leiden from several orders of visits and keep the partition with the highest modularity."""
    from graspologic_native import leiden_csr

    n = graph.shape[0]
    if graph.nnz == 0:
        return np.zeros(n, dtype=int)
    rows, columns, weights = graph.indptr.astype(np.int64), graph.indices.astype(np.int32), graph.data.astype(float)

    def start(state: int) -> tuple[float, dict[int, int]]:
        return leiden_csr(rows, columns, weights, n, resolution=resolution, iterations=N_ITERATIONS, seed=int(state))

    states = np.random.SeedSequence(seed).generate_state(N_STARTS)
    with parallel_map(N_STARTS) as each:  # it lets other threads work; of equals the first start is taken
        found = max(each(start, states), key=lambda found: found[0])[1]
    return np.array([found[row] for row in range(n)])


def _smooth_vectors(rows: np.ndarray, neighbors: np.ndarray, cosines: np.ndarray) -> np.ndarray:
    """Return unit rows half themselves and half the mean of their nearest, weighted by cosine."""
    neighbors, weight = neighbors[:, :N_SMOOTHING_NEIGHBORS], np.maximum(cosines[:, :N_SMOOTHING_NEIGHBORS], 0)
    smooth = np.empty_like(rows)  # in place from here on: of 50,000 rows each copy is 75 MB
    for row, (weights, others) in enumerate(zip(weight, neighbors, strict=True)):
        smooth[row] = weights @ rows[others]
    smooth /= np.maximum(np.linalg.norm(smooth, axis=1, keepdims=True), 1e-12)
    smooth += rows
    smooth /= np.maximum(np.linalg.norm(smooth, axis=1, keepdims=True), 1e-12)
    return smooth


def _renumber_by_size(labels: np.ndarray) -> np.ndarray:
    """Number topics from the largest, ties by the first row that has them."""
    _, first, index, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(sizes), dtype=int)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    return rank[index]
