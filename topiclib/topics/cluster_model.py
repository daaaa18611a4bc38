"""Clusters to topics: small ones dissolved, the rest merged to a wished number, outliers given the nearest one."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from topiclib.embedding.wccn import apply_wccn
from topiclib.topics.centroids import compute_centroids, nearest_centroid
from topiclib.topics.merging import drop_small_topics, merge_across_languages, reduce_topics
from topiclib.topics.neighbors import NeighborCache
from topiclib.topics.umap_layout import make_umap, quiet_umap

RESOLUTION_STEP = 1.5

MAX_RESOLUTION_STEPS = 6


class TopicClusterer:
    """A cluster model for BERTopic around another one, which says what becomes of its clusters.

    Parameters
    ----------
    base
        Anything with `fit` and `labels_` (-1: none). One with `resolution` is fitted again, finer, while it finds
        fewer than `n_topics`.
    vectors
        (n, d), where centroids are taken: the aligned vectors, not UMAP's coordinates, whose distances mean little
        beyond the neighborhood. None: the rows that `fit` is given.
    encoder
        If given, what `fit` gets are aligned vectors of this encoder: `apply_wccn` of them is clustered, and centroids are
        taken there.
    n_topics
        The topics with the nearest centroids are merged until so many are left. None: as many as are found.
    least
        A topic with fewer passages is dissolved: each of its passages is in no cluster.
    outliers
        "assign": a passage in no cluster gets the topic with the nearest centroid, by cosine; "keep": it stays -1.
    sample
        Positions of the rows that the base is fitted on; the others get the topic with the nearest centroid. None: all.
    lang
        If given, n language codes: topics of one subject, one in each language, are joined (`topiclib.topics.merging`).

    Attributes
    ----------
    labels_
        After `fit`: (n,) topics.
    near
        The neighbors that were found, for whoever needs them again (the map).
    """

    def __init__(
        self, estimator: Any, vectors: np.ndarray | None = None, *, encoder: str | None = None, n_topics: int | None = None,
        min_topic_size: int = 1, outliers: str = "assign", sample_positions: np.ndarray | None = None, near: NeighborCache | None = None,
        lang: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        self.base, self.encoder, self.n_topics, self.least, self.outliers = (
            estimator,
            encoder,
            n_topics,
            min_topic_size,
            outliers,
        )
        self.near = near or NeighborCache()
        self._vectors, self.sample = vectors, sample_positions
        self._lang = None if lang is None else np.asarray(list(lang), dtype=str)

    def fit(self, reduced: np.ndarray, y: Any = None) -> TopicClusterer:
        """Cluster the reduced rows, (n, n_components)."""
        space = self.space(reduced)
        rows = self.drawn if self._of_all(reduced) else slice(None)
        inside = space[rows]  # a copy where there is a sample: of 50,000 rows 75 MB, so once
        found = self._found(inside if self.encoder else reduced[rows], inside, rows)
        if (found < 0).all():  # nothing stands out from the rest
            found = np.zeros(len(inside), dtype=int)
        labels = np.full(len(reduced), -1)
        labels[rows] = found if self.n_topics is None else reduce_topics(inside, found, n_topics=self.n_topics)
        lost = labels < 0
        if self.outliers == "keep":
            lost[rows] = False
        labels[lost] = nearest_centroid(space[lost], *compute_centroids(space, labels))[0]
        self.labels_ = labels
        self.topics_, self._centroids = compute_centroids(space, labels)
        self._means = compute_centroids(reduced, labels, normalize=False)[1]
        return self

    def _found(self, features: np.ndarray, vectors: np.ndarray, rows: slice | np.ndarray) -> np.ndarray:
        """Fit the base on the rows that it is given, finer and finer while it finds too few topics; `inside` are they
        where centroids are taken.
        """
        base, wanted = self.base, self.n_topics or 0
        labels = self._cut(base, features, vectors, rows)
        for _ in range(MAX_RESOLUTION_STEPS if hasattr(base, "resolution") else 0):
            if len(np.unique(labels[labels >= 0])) >= wanted:
                break
            base = copy.copy(base)
            base.resolution *= RESOLUTION_STEP
            labels = self._cut(base, features, vectors, rows)
        return labels

    def _cut(self, base: Any, features: np.ndarray, vectors: np.ndarray, positions: slice | np.ndarray) -> np.ndarray:
        """Fit the base, dissolve what is too small, and join what language alone parts."""
        labels = drop_small_topics(base.fit(features).labels_, self.least)
        if self._lang is None or len(self._lang[positions]) != len(vectors):  # in zero-shot mode some rows are not here
            return labels
        return merge_across_languages(vectors, labels, self._lang[positions].tolist())

    @property
    def drawn(self) -> slice | np.ndarray:
        """Which rows topics are found among."""
        return slice(None) if self.sample is None else self.sample

    def space(self, reduced: np.ndarray) -> np.ndarray:
        """Return the rows among which centroids are taken, and strength and places told."""
        if self.encoder:
            return apply_wccn(reduced, encoder=self.encoder)
        return reduced if self._vectors is None or not self._of_all(reduced) else self._vectors

    def _of_all(self, reduced: np.ndarray) -> bool:
        """Tell whether these are all rows. In zero-shot mode BERTopic clusters only what no given topic took."""
        return self._vectors is not None and len(self._vectors) == len(reduced)

    def predict(self, reduced: np.ndarray) -> np.ndarray:
        """Return the topic with the nearest centroid for each reduced row."""
        if self.encoder:
            return nearest_centroid(self.space(reduced), self.topics_, self._centroids)[0]
        distances = ((reduced[:, None, :] - self._means[None]) ** 2).sum(axis=2)
        return self.topics_[distances.argmin(axis=1)]


class UmapThenCluster:
    """A cluster model that has the rows it is given laid out by UMAP first: of a large corpus the sample alone, since
    UMAP's neighbors of all would take time with the square of their number.

    Parameters
    ----------
    base
        Anything with `fit` and `labels_`.
    **settings
        As `make_umap` takes them.
    """

    def __init__(self, estimator: Any, **umap_settings: Any) -> None:
        self.base, self.settings = estimator, umap_settings

    def fit(self, rows: np.ndarray, y: Any = None) -> UmapThenCluster:
        """Cluster the rows, (n, d)."""
        with quiet_umap():
            self.labels_ = self.base.fit(make_umap(rows, **self.settings).fit_transform(rows)).labels_
        return self
