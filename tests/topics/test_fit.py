"""Fitting: any size of corpus, the real BERTopic, nothing of the user's touched."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from corpora import few_articles

from topiclib.topics.centroids import compute_centroids, nearest_centroid
from topiclib.topics.cluster_model import TopicClusterer
from topiclib.topics.fit import fit
from topiclib.topics.merging import reduce_topics
from topiclib.topics.neighbors import exact_neighbors
from topiclib.topics.recipe import Recipe
from topiclib.topics.umap_layout import project_2d


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def blobs(n: int, k: int, *, seed: int = 0, d: int = 16, spread: float = 0.15) -> tuple[np.ndarray, np.ndarray]:
    """N unit rows around k directions, and the direction of each."""
    random = np.random.default_rng(seed)
    labels = np.arange(n) % k
    return unit(np.eye(d)[labels] + spread * random.normal(size=(n, d))), labels


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
    assert any("\u0600" <= word[0] <= "\u06ff" for word in words), "the letters of Arabic script were deleted"


def test_no_passage_is_refused():
    with pytest.raises(ValueError, match="no passage to fit"):
        fit(few_articles(0), np.zeros((0, 4)))


def test_only_stop_words_are_refused():
    with pytest.raises(ValueError, match="no word that counts"):
        fit(pd.DataFrame({"text": ["و از به", "12 34"]}), blobs(2, 2)[0])


@pytest.mark.parametrize(
    ("vectors", "words"),
    [(np.zeros((5, 4)), r"\(5, 4\) but passages has 6 rows"), (np.full((6, 4), np.nan), "6 rows that are not finite")],
)
def test_vectors_that_do_not_fit_are_refused(vectors, words):
    with pytest.raises(ValueError, match=words):
        fit(few_articles(6), vectors)


@pytest.mark.parametrize("clustering", ["communities", "hdbscan"])
@pytest.mark.parametrize("n", [30, 70])
def test_vectors_and_passages_are_left_as_they_were(n, clustering):
    passages, (vectors, _) = few_articles(n), blobs(n, 3)
    before, frame = vectors.copy(), passages.copy()
    fit(passages, vectors, Recipe(clustering=clustering))
    assert np.array_equal(vectors, before)
    pd.testing.assert_frame_equal(passages, frame)


@pytest.mark.parametrize("clustering", ["communities", "hdbscan"])
@pytest.mark.parametrize("n", [2, 8, 59, 60, 61, 90])
def test_a_corpus_of_one_passage_said_again_and_again_is_one_topic(n, clustering):
    passages = pd.concat([few_articles(1)] * n, ignore_index=True)
    vectors = np.repeat(blobs(1, 1)[0], n, axis=0)
    assert set(fit(passages, vectors, Recipe(clustering=clustering)).topics_) == {0}


@pytest.mark.parametrize("languages", [["fa"], ["fa", "ar"], ["fa", "ar", "ckb"]])
def test_any_number_of_languages(languages):
    from topiclib.embedding.alignment import align

    rows, truth = blobs(90, 3)
    lang = [languages[i // 3 % len(languages)] for i in range(90)]
    apart = np.array([languages.index(code) for code in lang])
    vectors = unit(rows + 2 * np.eye(16)[apart + 10])
    topics = np.array(fit(few_articles(90), align(vectors, lang)).topics_)
    assert len(set(zip(topics.tolist(), truth.tolist(), strict=True))) == len(set(topics.tolist())) == 3


def test_topics_are_numbered_from_the_largest():
    labels = np.array([0] * 5 + [1] * 15 + [2] * 10)
    vectors = unit(np.eye(8)[labels] + 0.02 * np.random.default_rng(1).normal(size=(30, 8)))
    model = fit(few_articles(30), vectors, cluster_model=Given(labels))
    assert [model.topics_[i] for i in (0, 5, 20)] == [2, 0, 1]


class Given:
    """A cluster model that was decided beforehand."""

    def __init__(self, labels):
        self.labels_ = np.asarray(labels)

    def fit(self, rows):
        return self


def test_outliers_go_to_the_nearest_centroid_or_stay():
    vectors, truth = blobs(24, 3)
    labels = np.where(np.arange(24) < 6, -1, truth)
    kept = TopicClusterer(Given(labels), vectors, n_topics=None, outliers="keep").fit(vectors)
    assigned = TopicClusterer(Given(labels), vectors, n_topics=None, outliers="assign").fit(vectors)
    assert (kept.labels_[:6] == -1).all()
    assert np.array_equal(assigned.labels_, truth)
    assert np.array_equal(assigned.predict(vectors), truth)


def test_a_corpus_in_which_nothing_stands_out_is_one_topic():
    vectors, _ = blobs(9, 2)
    assert (
        TopicClusterer(Given([-1] * 9), vectors, n_topics=None, outliers="assign").fit(vectors).labels_.tolist()
        == [0] * 9
    )


def test_merging_joins_the_nearest_topics_and_leaves_outliers():
    base = unit(np.array([[1, 0, 0], [1, 0.2, 0], [0, 0, 1]], dtype=float))
    vectors, labels = np.repeat(base, 4, axis=0), np.repeat([0, 1, 2], 4)
    labels[0] = -1
    merged = reduce_topics(vectors, labels, n_topics=2)
    assert merged[0] == -1
    assert merged[1] == merged[4] != merged[8]
    assert np.array_equal(reduce_topics(vectors, labels, n_topics=3), labels)


def test_nearest_returns_topic_and_cosine():
    topics, means = compute_centroids(*blobs(30, 3))
    found, cosine = nearest_centroid(means, topics, means)
    assert found.tolist() == [0, 1, 2]
    assert np.allclose(cosine, 1, atol=1e-5)


@pytest.mark.parametrize(("n", "k"), [(5, 4), (200, 15)])
def test_neighbors_are_those_of_the_full_sort(n, k):
    vectors = blobs(n, 5, spread=0.6)[0]
    vectors[1] = vectors[0]  # a double must not take the row's own place
    indices, distances = exact_neighbors(vectors, k)
    full = 1 - vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    np.fill_diagonal(full, -1)
    assert np.array_equal(indices[:, 0], np.arange(n))
    expected = np.sort(full, axis=1)[:, :k]
    expected[:, 0] = 0
    assert np.allclose(
        np.take_along_axis(np.clip(full, 0, None), indices, axis=1), np.clip(expected, 0, None), atol=1e-6
    )
    assert (np.diff(distances, axis=1) >= -1e-6).all()


@pytest.mark.parametrize("n", [1, 2, 3, 30])
def test_small_layouts(n):
    flat = project_2d(blobs(n, 3)[0])
    assert flat.shape == (n, 2)
    assert np.isfinite(flat).all()


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
def test_a_recipe_refuses_what_cannot_be(name, value):
    with pytest.raises(ValueError, match=name):
        Recipe(**{name: value})


def test_size_of_topics_by_density_follows_the_corpus():
    by_density = Recipe(clustering="hdbscan")
    assert [by_density.topic_size(n) for n in (20, 400, 10_000)] == [5, 10, 50]
    assert [Recipe().topic_size(n) for n in (20, 10_000)] == [5, 5]
    assert Recipe(min_topic_size=7).topic_size(10_000) == 7
