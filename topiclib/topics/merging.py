"""Make one topic of two that tell of the same subject, one in each language.

An alignment takes out what a language adds to *all* passages. What it adds at one subject alone stays, and in a large
corpus, cut finely, it can be enough to part a subject into a Persian and an Arabic topic.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from topiclib.topics.centroids import compute_centroids

MAX_ONE_SIDED_RATIO = 0.25
"""A topic is one side's if the other language's passages are in it less than a quarter as often."""

MIN_SHARED_RATIO = 0.5
"""A topic is shared if they are in it at least half as often: the yardstick of how alike two languages' halves are."""

MIN_PASSAGES_FOR_CENTROID = 3
"""Passages of a language that a topic needs before they have a center."""


def merge_across_languages(rows: np.ndarray, labels: np.ndarray, lang: Sequence[str]) -> np.ndarray:
    """Join topics of one language each whose centers are as near as the two languages' halves of one topic.

    Parameters
    ----------
    rows
        (n, d) unit rows: the space in which topics have their centroids.
    labels
        (n,) topics, -1 in none. Left as they are.
    lang
        n language codes, row order as in ``rows``.

    Returns
    -------
    numpy.ndarray
        (n,) topics, numbered from 0 in the order of the old numbers; -1 stays.

    Notes
    -----
    For languages f and g, c_f(t) is the center of topic t's passages in f. Topics a and b are joined when
    1. a leans to f and b to g, and one of them is one side's (`MAX_ONE_SIDED_RATIO`; of the parts of each language's passages);
    2. c_g(b) is the nearest to c_f(a) among the other topics' centers in g, and c_f(a) the nearest to c_g(b) in f;
    3. their cosine is nearer to what the halves of a shared topic have, the median of cos(c_f(t), c_g(t)), than to what
       a shared topic has with the nearest other one, the median of the higher of its two.
    The nearest pair first, until there is none. A subject that one language alone has finds no such partner. Where no
    topic is shared there is no yardstick, and nothing is joined. No random choice.

    Source: mutual nearest neighbors across batches (Haghverdi et al. 2018, "Batch effects in single-cell
    RNA-sequencing data are corrected by matching mutual nearest neighbors"), here of topics.
    """
    rows, labels, codes = np.asarray(rows), np.asarray(labels).copy(), np.asarray(list(lang), dtype=str)
    while (pair := _next_pair_to_merge(rows, labels, codes)) is not None:
        labels[labels == pair[1]] = pair[0]
    topics, index = np.unique(labels, return_inverse=True)
    return index - int(topics[0] == -1) if len(topics) else labels


def _next_pair_to_merge(rows: np.ndarray, labels: np.ndarray, codes: np.ndarray) -> tuple[int, int] | None:
    """Return the two topics to be joined next, or None."""
    topics = np.unique(labels[labels >= 0])
    languages = [code for code in np.unique(codes) if (codes == code).sum() >= MIN_PASSAGES_FOR_CENTROID]
    found = []
    for first, second in combinations(languages, 2):
        (centers, rate), (others, other_rate) = (
            _language_centroids(rows, labels, codes == code, topics) for code in (first, second)
        )
        cosines = centers @ others.T
        both = np.minimum(rate, other_rate) / np.maximum(np.maximum(rate, other_rate), 1e-12)
        apart = np.where(np.eye(len(topics), dtype=bool), -1.0, cosines)
        shared = both >= MIN_SHARED_RATIO
        if len(topics) < 2 or not shared.any():
            continue
        own = np.median(np.diag(cosines)[shared])
        strangers = np.median(np.maximum(apart.max(axis=0), apart.max(axis=1))[shared])
        for a, b in enumerate(apart.argmax(axis=1)):
            mutual = apart[:, b].argmax() == a and rate[a] > other_rate[a] and rate[b] < other_rate[b]
            if mutual and min(both[a], both[b]) < MAX_ONE_SIDED_RATIO and apart[a, b] >= (own + strangers) / 2:
                found.append((float(apart[a, b]), int(topics[a]), int(topics[b])))
    return max(found)[1:] if found else None


def _language_centroids(
    rows: np.ndarray, labels: np.ndarray, in_language: np.ndarray, topics: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return each topic's center (k, d) in one language, noughts where it has too few, and the part in it (k,)."""
    centers = np.zeros((len(topics), rows.shape[1]))
    counts = np.zeros(len(topics))
    for position, topic in enumerate(topics):
        chosen = rows[in_language & (labels == topic)]
        counts[position] = len(chosen)
        if len(chosen) >= MIN_PASSAGES_FOR_CENTROID:
            mean = chosen.mean(axis=0, dtype=float)
            centers[position] = mean / max(float(np.linalg.norm(mean)), 1e-12)
    return centers, counts / max(1.0, counts.sum())


def drop_small_topics(labels: np.ndarray, min_size: int) -> np.ndarray:
    """Return the labels with -1 in place of those that fewer than `least` rows have; if all do, the largest stays."""
    labels = np.asarray(labels)
    topics, sizes = np.unique(labels[labels >= 0], return_counts=True)
    large = topics[sizes >= min(min_size, sizes.max(initial=0))]
    return np.where(np.isin(labels, large), labels, -1)


def reduce_topics(vectors: np.ndarray, labels: np.ndarray, *, n_topics: int) -> np.ndarray:
    """Merge the topics with the nearest centroids (average linkage, cosine) until n_topics are left; outliers stay."""
    topics, means = compute_centroids(vectors, labels)
    if len(topics) <= n_topics:
        return labels
    from sklearn.cluster import AgglomerativeClustering

    joined = AgglomerativeClustering(n_topics, metric="cosine", linkage="average").fit_predict(means)
    into = dict(zip(topics.tolist(), joined.tolist(), strict=True))
    return np.array([into.get(label, -1) for label in labels.tolist()])
