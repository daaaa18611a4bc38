"""Find topics as Leiden communities of the nearest-neighbor graph, without dimensionality reduction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from topiclib.topics.assignment import assign_outliers, compute_centroids, nearest_centroid
from topiclib.topics.merging import drop_small_topics
from topiclib.topics.neighbors import memoize, nearest_neighbors, parallel_map

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

N_NEIGHBORS, N_SMOOTHING_NEIGHBORS, MIN_TOPIC_SIZE = 20, 15, 5

# At equal cost, iterations raise the modularity more than starts do, and partitions of different seeds agree better
# (docs/decisions/09-clustering.md).
N_STARTS, N_ITERATIONS = 6, 3

# Leiden's borders follow the graph, but new passages are assigned by centroid. Five rounds of reassignment bring
# both into line; twenty measured no better.
N_REASSIGN = 5


class LeidenClustering:
    """A cluster model for BERTopic: pass it as `hdbscan_model`, with `make_projection(Recipe())` as `umap_model`.

    Parameters
    ----------
    seed, min_topic_size, resolution, outliers
        As in `Recipe`. The seed changes only the order in which Leiden visits the rows.

    Attributes
    ----------
    labels_
        (n,) topics, numbered from the largest; -1 only with `outliers="keep"`.
    probabilities_
        (n,) share of each row's 20 nearest neighbors in its topic, 0..1.
    classes_, centroids_
        The distinct topics, and their centroids (k, d) of unit length.
    steps_
        What step 3 did: the number of rows in small communities, and of those that reassignment moved.

    Notes
    -----
    1. Graph: each row and its 20 nearest neighbors (exact, cosine), weighted by the Jaccard overlap of neighborhoods
       (PhenoGraph [1]_).
    2. Leiden [2]_ from six starts, of which the highest modularity is taken; the same on any number of cores.
    3. Rows of small communities get the topic with the nearest centroid. Then, five times, all rows do, each averaged
       with the mean of its 15 nearest neighbors: Lloyd's algorithm started from the communities.
    4. With `outliers="keep"`, a row is an outlier if fewer than half of its 20 nearest neighbors share its topic.

    References
    ----------
    .. [1] Levine et al. 2015, "Data-driven phenotypic dissection of AML".
    .. [2] Traag, Waltman and van Eck 2019, "From Louvain to Leiden".
    """

    def __init__(
        self, *, seed: int = 0, min_topic_size: int = MIN_TOPIC_SIZE, resolution: float = 1.0, outliers: str = "assign"
    ) -> None:
        self.seed, self.min_topic_size, self.resolution, self.outliers = seed, min_topic_size, resolution, outliers

    def fit(self, vectors: np.ndarray, y: object = None) -> LeidenClustering:
        """Cluster unit vectors (n, d), which are not changed."""
        neighbors, distances = nearest_neighbors(vectors, min(N_NEIGHBORS + 1, len(vectors)))

        def find_partition() -> tuple[np.ndarray]:
            return (_best_partition(_shared_neighbor_graph(neighbors), self.resolution, seed=self.seed),)

        (partition,) = memoize(vectors, ("partition", self.resolution, self.seed), find_partition)
        labels = _renumber_by_size(partition)
        if (labels == 0).sum() < self.min_topic_size:  # even the largest community is too small: one topic
            labels = np.zeros(len(vectors), dtype=int)
        labels = drop_small_topics(labels, self.min_topic_size)
        in_small = labels < 0
        before = labels = assign_outliers(vectors, labels, in_small)
        others = neighbors[:, 1:]
        smoothed = _smooth_vectors(vectors, others, 1 - distances[:, 1:])
        for _ in range(N_REASSIGN):
            labels = nearest_centroid(smoothed, *compute_centroids(smoothed, labels))[0]
        self.steps_ = {"n_in_small_communities": int(in_small.sum()), "n_reassigned": int((labels != before).sum())}
        labels = _renumber_by_size(labels)
        self.probabilities_ = (labels[others] == labels[:, None]).mean(axis=1) if len(vectors) > 1 else np.ones(1)
        self.labels_ = np.where(self.probabilities_ < 0.5, -1, labels) if self.outliers == "keep" else labels
        self.classes_, self.centroids_ = compute_centroids(vectors, labels)
        return self

    def predict(self, vectors: np.ndarray) -> np.ndarray:
        """Return the topic with the nearest centroid for each vector."""
        return nearest_centroid(vectors, self.classes_, self.centroids_)[0]


def _shared_neighbor_graph(neighbors: np.ndarray) -> csr_matrix:
    """Return the graph (n, n) of neighbors, (n, k + 1) with the row itself, weighted by Jaccard overlap."""
    from scipy.sparse import csr_matrix

    # Overlap, not cosine: it does not depend on how dense a region is (docs/decisions/09-clustering.md).
    n, k = neighbors.shape
    ones = np.ones(neighbors.size, dtype=np.float32)
    adjacency = csr_matrix((ones, (np.repeat(np.arange(n), k), neighbors.ravel())), (n, n))
    rows, columns = (adjacency + adjacency.T).nonzero()
    shared = np.empty(len(rows), dtype=np.float32)
    for start in range(0, len(rows), 100_000):  # in blocks, so that memory does not grow with the edges
        edges = slice(start, start + 100_000)
        shared[edges] = np.asarray(adjacency[rows[edges]].multiply(adjacency[columns[edges]]).sum(axis=1)).ravel()
    weights = shared / (2 * k - shared)
    used = (rows != columns) & (weights > 0)
    return csr_matrix((weights[used], (rows[used], columns[used])), (n, n))


def _best_partition(graph: csr_matrix, resolution: float, *, seed: int) -> np.ndarray:
    """Run Leiden from several random starts and return the partition with the highest modularity."""
    from graspologic_native import leiden_csr

    n = graph.shape[0]
    if graph.nnz == 0:
        return np.zeros(n, dtype=int)
    rows, columns, weights = graph.indptr.astype(np.int64), graph.indices.astype(np.int32), graph.data.astype(float)

    def run_leiden(start: int) -> tuple[float, dict[int, int]]:
        return leiden_csr(rows, columns, weights, n, resolution=resolution, iterations=N_ITERATIONS, seed=int(start))

    starts = np.random.SeedSequence(seed).generate_state(N_STARTS)
    # leiden_csr releases the GIL. max() takes the first of equally good starts, whichever finishes first.
    with parallel_map(N_STARTS) as run:
        partition = max(run(run_leiden, starts), key=lambda result: result[0])[1]
    return np.array([partition[row] for row in range(n)])


def _smooth_vectors(vectors: np.ndarray, neighbors: np.ndarray, cosines: np.ndarray) -> np.ndarray:
    """Average each unit vector with the cosine-weighted mean of its nearest neighbors; both count half."""
    neighbors, weights = neighbors[:, :N_SMOOTHING_NEIGHBORS], np.maximum(cosines[:, :N_SMOOTHING_NEIGHBORS], 0)
    smoothed = np.empty_like(vectors)  # in place from here on: each copy of 50,000 rows takes 75 MB
    for i, (row_weights, row_neighbors) in enumerate(zip(weights, neighbors, strict=True)):
        smoothed[i] = row_weights @ vectors[row_neighbors]
    smoothed /= np.maximum(np.linalg.norm(smoothed, axis=1, keepdims=True), 1e-12)
    smoothed += vectors
    smoothed /= np.maximum(np.linalg.norm(smoothed, axis=1, keepdims=True), 1e-12)
    return smoothed


def _renumber_by_size(labels: np.ndarray) -> np.ndarray:
    """Number topics from the largest, ties by their first row."""
    _, first, index, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(sizes), dtype=int)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    return rank[index]
