"""Fitting: corpora of any size, a real BERTopic, input left unchanged."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from corpora import few_articles

from topiclib.topics.assignment import compute_centroids, nearest_centroid
from topiclib.topics.cluster_model import TopicClusterer
from topiclib.topics.fit import fit
from topiclib.topics.merging import reduce_topics
from topiclib.topics.recipe import Recipe
from topiclib.topics.umap_layout import project_2d


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def blobs(n: int, k: int, *, seed: int = 0, d: int = 16, spread: float = 0.15) -> tuple[np.ndarray, np.ndarray]:
    """Return n unit vectors around k directions, and the direction of each."""
    labels = np.arange(n) % k
    return unit(np.eye(d)[labels] + spread * np.random.default_rng(seed).normal(size=(n, d))), labels


@pytest.mark.parametrize("n", range(1, 21))
def test_any_small_corpus_gives_a_real_bertopic(n):
    from bertopic import BERTopic

    passages = few_articles(n)
    vectors, _ = blobs(n, 2)
    model = fit(passages, vectors, Recipe(n_neighbors=3))
    assert isinstance(model, BERTopic)
    assert len(model.topics_) == n
    assert min(model.topics_) >= 0
    words = [word for topic in set(model.topics_) for word, _ in model.get_topic(topic) if word]
    assert words
    assert any("\u0600" <= word[0] <= "\u06ff" for word in words), "BERTopic deleted the letters of Arabic script"


def test_an_empty_corpus_is_an_error():
    with pytest.raises(ValueError, match="no passages to fit"):
        fit(few_articles(0), np.zeros((0, 4)))


def test_a_corpus_of_stop_words_is_an_error():
    with pytest.raises(ValueError, match="no word in 2 passages besides stop words"):
        fit(pd.DataFrame({"text": ["و از به", "12 34"]}), blobs(2, 2)[0])


@pytest.mark.parametrize(
    ("vectors", "message"),
    [(np.zeros((5, 4)), r"\(5, 4\) but passages has 6 rows"), (np.full((6, 4), np.nan), "6 rows that are not finite")],
)
def test_vectors_that_do_not_match_are_an_error(vectors, message):
    with pytest.raises(ValueError, match=message):
        fit(few_articles(6), vectors)


@pytest.mark.parametrize("clustering", ["communities", "hdbscan"])
@pytest.mark.parametrize("n", [30, 70])
def test_vectors_and_passages_are_not_changed(n, clustering):
    passages, (vectors, _) = few_articles(n), blobs(n, 3)
    before, frame = vectors.copy(), passages.copy()
    fit(passages, vectors, Recipe(clustering=clustering))
    assert np.array_equal(vectors, before)
    pd.testing.assert_frame_equal(passages, frame)


@pytest.mark.parametrize("clustering", ["communities", "hdbscan"])
@pytest.mark.parametrize("n", [2, 8, 59, 60, 61, 90])
def test_copies_of_one_passage_are_one_topic(n, clustering):
    passages = pd.concat([few_articles(1)] * n, ignore_index=True)
    vectors = np.repeat(blobs(1, 1)[0], n, axis=0)
    assert set(fit(passages, vectors, Recipe(clustering=clustering)).topics_) == {0}


@pytest.mark.parametrize("languages", [["fa"], ["fa", "ar"], ["fa", "ar", "ckb"]])
def test_any_number_of_languages(languages):
    from topiclib.embedding.alignment import align

    vectors, truth = blobs(90, 3)
    lang = [languages[i // 3 % len(languages)] for i in range(90)]
    offsets = 2 * np.eye(16)[[languages.index(code) + 10 for code in lang]]
    vectors = unit(vectors + offsets)
    topics = np.array(fit(few_articles(90), align(pd.DataFrame({"lang": lang}), vectors, use_text=False)).topics_)
    assert len(set(zip(topics.tolist(), truth.tolist(), strict=True))) == len(set(topics.tolist())) == 3


def test_topics_are_numbered_from_the_largest():
    labels = np.array([0] * 5 + [1] * 15 + [2] * 10)
    vectors = unit(np.eye(8)[labels] + 0.02 * np.random.default_rng(1).normal(size=(30, 8)))
    model = fit(few_articles(30), vectors, cluster_model=FixedLabels(labels))
    assert [model.topics_[i] for i in (0, 5, 20)] == [2, 0, 1]


class FixedLabels:
    """A cluster model that returns the labels it was made with."""

    def __init__(self, labels):
        self.labels_ = np.asarray(labels)

    def fit(self, vectors):
        return self


def test_outliers_are_assigned_or_kept():
    vectors, truth = blobs(24, 3)
    labels = np.where(np.arange(24) < 6, -1, truth)
    kept = TopicClusterer(FixedLabels(labels), outliers="keep").fit(vectors)
    assigned = TopicClusterer(FixedLabels(labels), outliers="assign").fit(vectors)
    assert (kept.labels_[:6] == -1).all()
    assert np.array_equal(assigned.labels_, truth)
    assert np.array_equal(assigned.predict(vectors), truth)


def test_a_corpus_of_outliers_is_one_topic():
    vectors, _ = blobs(9, 2)
    labels = TopicClusterer(FixedLabels([-1] * 9), outliers="assign").fit(vectors).labels_
    assert labels.tolist() == [0] * 9


def test_reduce_topics_merges_the_closest_and_leaves_outliers():
    directions = unit(np.array([[1, 0, 0], [1, 0.2, 0], [0, 0, 1]], dtype=float))
    vectors, labels = np.repeat(directions, 4, axis=0), np.repeat([0, 1, 2], 4)
    labels[0] = -1
    merged = reduce_topics(vectors, labels, n_topics=2)
    assert merged[0] == -1
    assert merged[1] == merged[4] != merged[8]
    assert np.array_equal(reduce_topics(vectors, labels, n_topics=3), labels)


def test_nearest_centroid_returns_topic_and_cosine():
    topics, centroids = compute_centroids(*blobs(30, 3))
    nearest, cosine = nearest_centroid(centroids, topics, centroids)
    assert nearest.tolist() == [0, 1, 2]
    assert np.allclose(cosine, 1, atol=1e-5)


@pytest.mark.parametrize("n", [1, 2, 3, 30])
def test_small_corpora_are_projected(n):
    projected = project_2d(blobs(n, 3)[0])
    assert projected.shape == (n, 2)
    assert np.isfinite(projected).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("seed", value) for value in (-1, 2**32, 1.5, True)),
        *(("min_topic_size", 1), ("n_topics", 0), ("n_neighbors", 1), ("max_words", 3), ("outliers", "drop")),
        *(
            ("resolution", 0),
            ("resolution", "1"),
            ("stability", -1),
            ("clustering", "k-means"),
            ("balance", "language"),
        ),
    ],
)
def test_invalid_settings_are_an_error(name, value):
    with pytest.raises(ValueError, match=name):
        Recipe(**{name: value})


def test_an_encoder_object_in_a_recipe_raises_one_line():
    with pytest.raises(TypeError, match=r"'object'>, but a recipe .* to tl\.run\(\.\.\., encoder=\.\.\.\)$"):
        Recipe(encoder=object())


def test_min_topic_size_grows_with_the_corpus_for_hdbscan_only():
    hdbscan = Recipe(clustering="hdbscan")
    assert [hdbscan.min_topic_size_for(n) for n in (20, 400, 10_000)] == [5, 10, 50]
    assert [Recipe().min_topic_size_for(n) for n in (20, 10_000)] == [5, 5]
    assert Recipe(min_topic_size=7).min_topic_size_for(10_000) == 7
