"""Turn the clusters of any estimator into topics: drop small ones, merge down to a target number, assign outliers.

BERTopic's own `reduce_topics` and `reduce_outliers` run after the fit and know neither languages nor samples. Inside
the cluster model, keywords, topic sizes and representative passages are computed once, from the final topics.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from topiclib.topics.assignment import assign_outliers, compute_centroids, nearest_centroid
from topiclib.topics.merging import drop_small_topics, merge_across_languages, reduce_topics
from topiclib.topics.umap_layout import MIN_PASSAGES_FOR_GRAPH

# The clustering chooses the number of topics, so more topics are reached by a finer clustering. Six steps of 1.5 raise
# the resolution 11-fold; where that is not enough, there are fewer topics than requested.
RESOLUTION_STEP, MAX_RESOLUTION_STEPS = 1.5, 6


Reduction = tuple[str, Callable[[np.ndarray], np.ndarray]]


class TopicClusterer:
    """Wrap a clustering estimator as BERTopic's cluster model, and post-process its clusters.

    It gets the projected vectors (n, d) of `topiclib.topics.fit.make_projection`, in which topics have their centroids.

    Parameters
    ----------
    estimator
        Anything with `fit` and `labels_` (-1: outlier). One with `resolution` is fitted again with a higher one while
        it finds fewer than `n_topics`.
    reduction
        Name and function of vectors to the coordinates that `estimator` is fitted on, such as UMAP's; None: it is
        fitted on the vectors themselves. Distances between coordinates mean little beyond a neighborhood, so that
        centroids are not computed in them. Fewer than 60 distinct vectors are one topic.
    n_topics
        Topics with the closest centroids are merged down to this number. None: no merging.
    min_topic_size
        Passages of smaller topics become outliers.
    outliers
        "assign": an outlier gets the topic with the nearest centroid, by cosine. "keep": it stays -1.
    sample_positions
        Positions of the rows that the estimator is fitted on; the others get the topic with the nearest centroid.
        None: all rows.
    lang
        If given, n language codes: pairs of topics that cover one subject, one in each language, are merged
        (`topiclib.topics.merging`).
    n_rows
        n, if BERTopic may pass fewer rows to `fit`: with zero-shot topics it passes those that match none of them, and
        does not say which. `sample_positions` and `lang` are not used then. None: `fit` gets all rows.

    Attributes
    ----------
    labels_
        (n,) topics.
    classes_, centroids_
        The distinct topics, and their centroids (k, d) of unit length.
    fit_positions
        The positions (or a slice) of the rows that the estimator is fitted on.
    steps_
        What each step did: names of `reduction` and `algorithm`, its `resolution`, `min_cluster_size` and `min_samples`
        (0: none) and its own `steps_`, `n_clusters` that it found, how many of them were too small (`n_dropped`), were
        merged across languages (`n_merged`; `merging` is 0 if that was not tried) or to reach `n_topics` (`n_reduced`),
        each with the passages of the smaller ones (`n_passages_merged`, `n_passages_reduced`), and how many passages
        then got the topic with the nearest centroid (`n_outliers_assigned`, and `n_outside_sample`).
    """

    def __init__(
        self, estimator: Any, *, reduction: Reduction | None = None, n_topics: int | None = None,
        min_topic_size: int = 1, outliers: str = "assign", sample_positions: np.ndarray | None = None,
        lang: Sequence[str] | None = None, n_rows: int | None = None,
    ) -> None:  # fmt: skip
        self.estimator, self.n_topics, self.n_rows = estimator, n_topics, n_rows
        self.min_topic_size, self.outliers = min_topic_size, outliers
        self.fit_positions = slice(None) if sample_positions is None else sample_positions
        self._reduction, self._lang = reduction, None if lang is None else np.asarray(list(lang), dtype=str)

    def fit(self, vectors: np.ndarray, y: Any = None) -> TopicClusterer:
        """Cluster the projected vectors, (n, d)."""
        all_rows = self.n_rows is None or self.n_rows == len(vectors)
        positions = self.fit_positions if all_rows else slice(None)
        lang = self._lang[positions] if all_rows and self._lang is not None else None
        fitted = vectors[positions]  # once: with a sample this is a copy, 75 MB for 50,000 rows
        found = self._fit_until_n_topics(fitted, lang)
        if (found < 0).all():  # no centroid to assign to: one topic
            found = np.zeros(len(fitted), dtype=int)
        labels = np.full(len(vectors), -1)
        reduced_topics = found if self.n_topics is None else reduce_topics(fitted, found, n_topics=self.n_topics)
        labels[positions] = reduced_topics
        unassigned = labels < 0
        if self.outliers == "keep":  # rows outside the sample are no outliers: they get a topic all the same
            unassigned[positions] = False
        n_outside = len(vectors) - len(fitted)
        self.steps_ |= {
            "n_reduced": _n_topics(found) - _n_topics(labels),
            "n_passages_reduced": _n_moved(found, reduced_topics),
            "n_outliers_assigned": int(unassigned.sum()) - n_outside,
            "n_outside_sample": n_outside,
        }
        self.labels_ = labels = assign_outliers(vectors, labels, unassigned)
        self.classes_, self.centroids_ = compute_centroids(vectors, labels)
        return self

    def _fit_until_n_topics(self, vectors: np.ndarray, lang: np.ndarray | None) -> np.ndarray:
        """Fit the estimator, raising its resolution while it finds fewer than `n_topics` topics."""
        estimator, features = self.estimator, vectors
        # Zero-shot topics may leave too few passages for coordinates, or for k-means.
        few = self._reduction is not None and count_distinct(vectors) < MIN_PASSAGES_FOR_GRAPH
        few |= len(vectors) < (getattr(estimator, "n_clusters", 0) or 0)
        if self._reduction is not None and not few:
            features = self._reduction[1](vectors)
        labels = self._fit_once(estimator, None if few else features, vectors, lang)
        for _ in range(MAX_RESOLUTION_STEPS if hasattr(estimator, "resolution") and not few else 0):
            if _n_topics(labels) >= (self.n_topics or 0):
                break
            estimator = copy.copy(estimator)
            estimator.resolution *= RESOLUTION_STEP
            labels = self._fit_once(estimator, features, vectors, lang)
        return labels

    def _fit_once(
        self, estimator: Any, features: np.ndarray | None, vectors: np.ndarray, lang: np.ndarray | None
    ) -> np.ndarray:
        """Fit the estimator, drop small topics, and merge topics that differ only by language; None: one topic."""
        found = np.zeros(len(vectors), dtype=int) if features is None else estimator.fit(features).labels_
        large = drop_small_topics(found, self.min_topic_size)
        labels = large if lang is None else merge_across_languages(vectors, large, lang.tolist())
        self.steps_ = {
            "reduction": self._reduction[0] if self._reduction else "",
            "algorithm": type(estimator).__name__,
            "resolution": float(getattr(estimator, "resolution", 0)),
            **{name: getattr(estimator, name, 0) or 0 for name in ("min_cluster_size", "min_samples")},
            **getattr(estimator, "steps_", {}),
            "n_clusters": _n_topics(found),
            "n_dropped": _n_topics(found) - _n_topics(large),
            "merging": int(lang is not None),
            "n_merged": _n_topics(large) - _n_topics(labels),
            "n_passages_merged": _n_moved(large, labels),
        }
        return labels

    def predict(self, vectors: np.ndarray) -> np.ndarray:
        """Return the topic with the nearest centroid for each projected vector."""
        return nearest_centroid(vectors, self.classes_, self.centroids_)[0]


def count_distinct(vectors: np.ndarray) -> int:
    """Return the number of distinct rows: duplicates do not make a graph denser."""
    return len({hash(row.tobytes()) for row in vectors})


def _n_topics(labels: np.ndarray) -> int:
    return len(np.unique(labels[labels >= 0]))


def _n_moved(before: np.ndarray, after: np.ndarray) -> int:
    """Return the number of rows in topics that were merged into a larger one."""
    pairs, sizes = np.unique(np.stack([after, before])[:, before >= 0], axis=1, return_counts=True)
    return int(sizes.sum() - sum(sizes[pairs[0] == topic].max() for topic in np.unique(pairs[0])))
