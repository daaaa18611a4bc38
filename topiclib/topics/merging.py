"""Merge, drop and reduce topics."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from topiclib.topics.assignment import compute_centroids

# Rate of a topic's rarer language relative to the other. Below the first the topic is one-sided; from the second on it
# is shared, and shows how close two languages are within a topic.
MAX_ONE_SIDED_RATIO, MIN_SHARED_RATIO = 0.25, 0.5

# Passages of one language that a topic needs for a centroid in that language.
MIN_PASSAGES_FOR_CENTROID = 3


def merge_across_languages(vectors: np.ndarray, labels: np.ndarray, lang: Sequence[str]) -> np.ndarray:
    """Merge pairs of topics that cover the same subject, one in each language.

    Alignment removes what a language adds to *all* passages. What it adds to one subject alone remains, and in a large
    corpus with many topics it can split that subject into a Persian and an Arabic topic.

    Parameters
    ----------
    vectors, labels, lang
        (n, d) unit rows in which topics have their centroids, (n,) topics (-1: outliers), and n language codes.

    Returns
    -------
    numpy.ndarray
        (n,) topics, numbered from 0 in the order of the old numbers; -1 stays.

    Notes
    -----
    For languages f and g, c_f(t) is the centroid of the passages of topic t in f. Topics a and b are merged when

    1. a leans to f and b to g, and one of them is one-sided: its rarer language's rate (share of that language's
       passages) is below a quarter of the other's;
    2. c_g(b) is the closest to c_f(a) among the other topics' centroids in g, and c_f(a) the closest to c_g(b) in f;
    3. their cosine is closer to that between the two languages within a shared topic (median of cos(c_f(t), c_g(t)))
       than to that between a shared topic and the closest other one (median of the higher of its two).

    The closest pair is merged first, until there is none. A subject that only one language covers has no such partner.
    Without shared topics there is nothing to compare with, and nothing is merged. Deterministic.

    References
    ----------
    Haghverdi et al. 2018, "Batch effects in single-cell RNA-sequencing data are corrected by matching mutual nearest
    neighbors": the same between cells.
    """
    vectors, labels, codes = np.asarray(vectors), np.asarray(labels).copy(), np.asarray(list(lang), dtype=str)
    while (pair := _next_pair_to_merge(vectors, labels, codes)) is not None:
        labels[labels == pair[1]] = pair[0]
    topics, index = np.unique(labels, return_inverse=True)
    return index - int(topics[0] == -1) if len(topics) else labels


def _next_pair_to_merge(vectors: np.ndarray, labels: np.ndarray, codes: np.ndarray) -> tuple[int, int] | None:
    """Return the closest pair of topics that passes the three tests, or None."""
    topics = np.unique(labels[labels >= 0])
    languages = [code for code in np.unique(codes) if (codes == code).sum() >= MIN_PASSAGES_FOR_CENTROID]
    candidates = []
    for pair in combinations(languages, 2):
        (first, first_rate), (second, second_rate) = (
            _language_centroids(vectors, labels, codes == code, topics) for code in pair
        )
        cosines = first @ second.T
        rate_ratio = np.minimum(first_rate, second_rate) / np.maximum(np.maximum(first_rate, second_rate), 1e-12)
        cross_cosines = np.where(np.eye(len(topics), dtype=bool), -1.0, cosines)  # between different topics
        shared = rate_ratio >= MIN_SHARED_RATIO
        if len(topics) < 2 or not shared.any():
            continue
        within_topic_cosine = np.median(np.diag(cosines)[shared])
        closest_other = np.maximum(cross_cosines.max(axis=0), cross_cosines.max(axis=1))
        min_cosine = (within_topic_cosine + np.median(closest_other[shared])) / 2
        for a, b in enumerate(cross_cosines.argmax(axis=1)):
            mutual = cross_cosines[:, b].argmax() == a
            opposite = first_rate[a] > second_rate[a] and first_rate[b] < second_rate[b]
            one_sided = min(rate_ratio[a], rate_ratio[b]) < MAX_ONE_SIDED_RATIO
            if mutual and opposite and one_sided and cross_cosines[a, b] >= min_cosine:
                candidates.append((float(cross_cosines[a, b]), int(topics[a]), int(topics[b])))
    return max(candidates)[1:] if candidates else None


def _language_centroids(
    vectors: np.ndarray, labels: np.ndarray, in_language: np.ndarray, topics: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return each topic's centroid (k, d) and rate (k,) in one language; zeros where it has too few passages."""
    centroids = np.zeros((len(topics), vectors.shape[1]))
    counts = np.zeros(len(topics))
    for i, topic in enumerate(topics):
        members = vectors[in_language & (labels == topic)]
        counts[i] = len(members)
        if len(members) >= MIN_PASSAGES_FOR_CENTROID:
            mean = members.mean(axis=0, dtype=float)
            centroids[i] = mean / max(float(np.linalg.norm(mean)), 1e-12)
    return centroids, counts / max(1.0, counts.sum())


def drop_small_topics(labels: np.ndarray, min_size: int) -> np.ndarray:
    """Set labels with fewer than `min_size` rows to -1; if all are smaller, the largest stay."""
    labels = np.asarray(labels)
    topics, sizes = np.unique(labels[labels >= 0], return_counts=True)
    large = topics[sizes >= min(min_size, sizes.max(initial=0))]
    return np.where(np.isin(labels, large), labels, -1)


def reduce_topics(vectors: np.ndarray, labels: np.ndarray, *, n_topics: int) -> np.ndarray:
    """Merge topics with close centroids (average linkage, cosine) down to `n_topics`; outliers stay."""
    topics, centroids = compute_centroids(vectors, labels)
    if len(topics) <= n_topics:
        return labels
    from sklearn.cluster import AgglomerativeClustering

    merged = AgglomerativeClustering(n_topics, metric="cosine", linkage="average").fit_predict(centroids)
    new_label = dict(zip(topics.tolist(), merged.tolist(), strict=True))
    return np.array([new_label.get(label, -1) for label in labels.tolist()])
