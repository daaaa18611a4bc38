"""Assign passages to topics: topic centroids, the nearest one, and what happens to outliers."""

from __future__ import annotations

import numpy as np


def compute_centroids(vectors: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the topics in ascending order, without -1, and their mean vectors (k, d), scaled to unit length."""
    labels = np.asarray(labels)
    topics = np.unique(labels[labels >= 0])
    means = np.array([vectors[labels == topic].mean(axis=0) for topic in topics], dtype=np.float32)
    means = means.reshape(len(topics), vectors.shape[1])  # also without topics
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    return topics, means


def nearest_centroid(vectors: np.ndarray, topics: np.ndarray, centroids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each unit vector the topic with the nearest centroid, and the cosine to it."""
    cosines = vectors @ centroids.T
    best = cosines.argmax(axis=1)
    return topics[best], cosines[np.arange(len(vectors)), best]


def assign_outliers(vectors: np.ndarray, labels: np.ndarray, outliers: np.ndarray) -> np.ndarray:
    """Return the labels, with the topic of the nearest centroid for the rows where `outliers` (n,) is True."""
    labels = labels.copy()
    labels[outliers] = nearest_centroid(vectors[outliers], *compute_centroids(vectors, labels))[0]
    return labels
