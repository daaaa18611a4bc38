"""Clusters to topics: merged to a wished number, outliers given the nearest one, all by their centroids."""

from __future__ import annotations

from typing import Any

import numpy as np


class Clusters:
    """A cluster model for BERTopic that merges to a target number and gives outliers a topic.

    Both go by the cosine to the topics' centroids: `n_topics` at most are left (None: all), and outliers are given the
    nearest topic ("assign") or stay -1 ("keep").

    Centroids are means of the aligned vectors, not of UMAP's coordinates, whose distances mean little beyond the
    neighbourhood.
    """

    def __init__(self, base: Any, vectors: np.ndarray, *, n_topics: int | None, outliers: str) -> None:
        self.base, self.n_topics, self.outliers = base, n_topics, outliers
        self._vectors = vectors

    def fit(self, reduced: np.ndarray, y: Any = None) -> Clusters:
        """Cluster the reduced rows (n, n_components); `labels_` holds the result."""
        labels = np.asarray(self.base.fit(reduced).labels_)
        if (labels < 0).all():  # nothing stands out from the rest
            labels = np.zeros(len(reduced), dtype=int)
        # In zero-shot mode BERTopic clusters only what no given topic took.
        space = self._vectors if len(self._vectors) == len(reduced) else reduced
        if self.n_topics is not None:
            labels = merge_topics(space, labels, n_topics=self.n_topics)
        if self.outliers == "assign":
            topics, means = centroids(space, labels)
            lost = labels < 0
            labels = np.where(lost, nearest(space, topics, means)[0], labels)
        self.labels_ = labels
        self.topics_, self.means_ = centroids(reduced, labels, unit=False)
        return self

    def predict(self, reduced: np.ndarray) -> np.ndarray:
        """Return the label of the nearest cluster mean for each reduced row."""
        distances = ((reduced[:, None, :] - self.means_[None]) ** 2).sum(axis=2)
        return self.topics_[distances.argmin(axis=1)]


def centroids(vectors: np.ndarray, labels: np.ndarray, *, unit: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Return the topics in rising order, without -1, and their mean vectors (k, d), of unit length by default."""
    labels = np.asarray(labels)
    topics = np.unique(labels[labels >= 0])
    means = np.array([vectors[labels == topic].mean(axis=0) for topic in topics], dtype=np.float32).reshape(
        len(topics), vectors.shape[1]
    )
    if unit:
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    return topics, means


def nearest(vectors: np.ndarray, topics: np.ndarray, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each unit row the topic with the nearest centroid, and the cosine to it."""
    cosines = vectors @ means.T
    best = cosines.argmax(axis=1)
    return topics[best], cosines[np.arange(len(vectors)), best]


def merge_topics(vectors: np.ndarray, labels: np.ndarray, *, n_topics: int) -> np.ndarray:
    """Merge the topics with the nearest centroids (average linkage, cosine) until n_topics are left; outliers stay."""
    topics, means = centroids(vectors, labels)
    if len(topics) <= n_topics:
        return labels
    from sklearn.cluster import AgglomerativeClustering

    joined = AgglomerativeClustering(n_topics, metric="cosine", linkage="average").fit_predict(means)
    into = dict(zip(topics.tolist(), joined.tolist(), strict=True))
    return np.array([into.get(label, -1) for label in labels.tolist()])
