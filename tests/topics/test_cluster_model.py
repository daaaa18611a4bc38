"""From clusters to topics: target numbers, small topics, outliers, samples."""

from __future__ import annotations

import dataclasses
import functools
import importlib

import numpy as np
import pandas as pd
import pytest
from bertopic.backend import BaseEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

import topiclib as tl
from topiclib.topics.assignment import compute_centroids, nearest_centroid
from topiclib.topics.cluster_model import TopicClusterer
from topiclib.topics.communities import LeidenClustering
from topiclib.topics.fit import cluster_passages, make_projection
from topiclib.topics.merging import drop_small_topics
from topiclib.topics.recipe import Recipe
from topiclib.topics.sampling import MIN_PASSAGES_KEPT, balanced_sample, sample_if_large


def blobs(sizes: list[int], *, spread: float = 0.2, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors around one direction per subject, in 24 dimensions, and their subjects."""
    truth = np.repeat(np.arange(len(sizes)), sizes)
    vectors = np.eye(24)[truth] + spread * np.random.default_rng(seed).normal(size=(len(truth), 24))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), truth


def frame(n: int, **columns) -> pd.DataFrame:
    return pd.DataFrame({"text": ["مذاکرات وین"] * n, **columns})


@pytest.mark.parametrize("n_topics", [1, 2, 3, 5, 8])
def test_the_target_number_of_topics_is_reached_from_below_and_above(n_topics):
    vectors, _ = blobs([40, 40, 40, 40])
    topics = cluster_passages(frame(160), vectors, Recipe(n_topics=n_topics, encoder="none"))
    assert len(set(topics.tolist())) == n_topics


def test_a_higher_resolution_finds_more_topics():
    vectors, _ = blobs([60, 60], spread=0.4)
    few, many = (len(set(cluster_passages(frame(120), vectors, Recipe(resolution=r)).tolist())) for r in (0.3, 4))
    assert few < many


@pytest.mark.parametrize("clustering", ["communities", "hdbscan"])
def test_no_topic_is_smaller_than_min_topic_size(clustering):
    vectors, _ = blobs([50, 30, 12])
    topics = cluster_passages(frame(92), vectors, Recipe(min_topic_size=20, clustering=clustering))
    assert topics.min() >= 0
    assert min(np.bincount(topics)[np.unique(topics)]) >= 20


def test_small_topics_are_dropped_but_never_all():
    assert drop_small_topics(np.array([0, 0, 0, 1, 1, 2]), 2).tolist() == [0, 0, 0, 1, 1, -1]
    assert drop_small_topics(np.array([0, 0, 1, -1]), 9).tolist() == [0, 0, -1, -1]
    assert drop_small_topics(np.array([-1, -1]), 2).tolist() == [-1, -1]


def test_outliers_are_rows_whose_neighbors_have_other_topics():
    vectors, _ = blobs([60, 60])
    between = vectors[:8] + vectors[60:68]
    vectors = np.vstack([vectors, between / np.linalg.norm(between, axis=1, keepdims=True)]).astype(np.float32)
    keep = LeidenClustering(outliers="keep").fit(vectors)
    assign = LeidenClustering().fit(vectors)
    outlier = keep.labels_ == -1
    assert assign.labels_.min() == 0
    assert np.array_equal(outlier, assign.probabilities_ < 0.5)
    assert np.array_equal(keep.labels_[~outlier], assign.labels_[~outlier])


def test_rows_outside_the_sample_get_the_nearest_topic():
    vectors, truth = blobs([50, 50, 30])
    sample = np.arange(0, 130, 2)
    clusterer = TopicClusterer(LeidenClustering(), sample_positions=sample).fit(vectors)
    pairs = set(zip(clusterer.labels_.tolist(), truth.tolist(), strict=True))
    assert len(pairs) == 3


def test_one_large_outlet_does_not_dominate_the_topics():
    """Outlet a has 3000 passages on six subjects, b and c 200 on three others: all nine are found."""
    vectors, truth = blobs([500] * 6 + [60, 60, 80], spread=0.1)
    source = np.where(truth < 6, "a", np.where(np.arange(len(truth)) % 2 == 0, "b", "c"))
    passages = frame(len(vectors), lang="fa", source=source)
    sample = balanced_sample(passages)
    counts = pd.Series(source[sample]).value_counts()
    assert counts["a"] == 200
    assert counts["b"] + counts["c"] == 200
    topics = cluster_passages(passages, vectors, Recipe(n_topics=9, balance="outlet", encoder="none"))
    assert len(topics) == len(vectors)
    assert len(set(zip(topics.tolist(), truth.tolist(), strict=True))) == 9


def test_umap_is_fitted_on_the_sample_only(monkeypatch):
    module = importlib.import_module("topiclib.topics.fit")
    monkeypatch.setattr(module, "sample_if_large", functools.partial(sample_if_large, max_size=200))
    vectors, truth = blobs([300, 300, 300], spread=0.1)
    recipe = Recipe(clustering="hdbscan", encoder="none")
    model = tl.fit(frame(len(vectors), passage_id=np.arange(len(vectors)).astype(str)), vectors, recipe)
    assert len(model.hdbscan_model.estimator.labels_) == 200
    assert model.umap_model.transform(vectors) is vectors, "UMAP was fitted on all vectors"
    topics = np.asarray(model.topics_)
    assert len(set(zip(topics.tolist(), truth.tolist(), strict=True))) == 3
    assert model.transform(["x"] * 3, vectors[[0, 300, 600]])[0] == topics[[0, 300, 600]].tolist()


class FirstAxis(BaseEmbedder):
    """Gives every text the first axis."""

    def embed(self, documents, verbose=False):
        return np.eye(24, dtype=np.float32)[[0] * len(documents)]


def zero_shot(vectors: np.ndarray, recipe: Recipe, **options) -> np.ndarray:
    passages = pd.DataFrame({"text": [f"مذاکرات وین {'ابپتث'[i % 5] * 4}" for i in range(len(vectors))]})
    options = {"zeroshot_topic_list": ["x"], "embedding_model": FirstAxis(), "zeroshot_min_similarity": 0.8, **options}
    return np.asarray(tl.fit(passages, vectors, recipe, **options).topics_)


@pytest.mark.parametrize("outliers", ["assign", "keep"])
@pytest.mark.parametrize("clustering", ["communities", "hdbscan"])
@pytest.mark.parametrize("n_sample", [None, 60])
def test_rows_without_a_zero_shot_topic_are_clustered(monkeypatch, clustering, outliers, n_sample):
    if n_sample:
        module = importlib.import_module("topiclib.topics.fit")
        monkeypatch.setattr(module, "sample_if_large", functools.partial(sample_if_large, max_size=n_sample))
    vectors, truth = blobs([50, 60, 60], spread=0.04)
    topics = zero_shot(vectors, Recipe(clustering=clustering, encoder="none", outliers=outliers))
    assert len(set(zip(topics.tolist(), truth.tolist(), strict=True))) == len(set(topics.tolist())) == 3


@pytest.mark.parametrize("clustering", ["communities", "hdbscan"])
@pytest.mark.parametrize("n", [20, 59, 80])
@pytest.mark.parametrize("n_left", [0, 1, 2, 3, 6])
@pytest.mark.parametrize("n_topics", [None, 4])
def test_zero_shot_topics_may_leave_few_rows_or_none(n, n_left, clustering, n_topics):
    vectors, truth = blobs([n - n_left, *[1] * n_left], spread=0.02)
    topics = zero_shot(vectors, Recipe(clustering=clustering, n_topics=n_topics, encoder="none"))
    assert len(topics) == n
    assert set(topics[truth == 0]).isdisjoint(topics[truth > 0])


@pytest.mark.parametrize("n_clusters", [3, 70])
def test_zero_shot_topics_with_k_means(n_clusters):
    from sklearn.cluster import KMeans

    vectors, truth = blobs([50, 30, 35], spread=0.04)
    topics = zero_shot(vectors, Recipe(encoder="none"), cluster_model=KMeans(n_clusters, n_init=1, random_state=0))
    assert set(topics[truth == 0]).isdisjoint(topics[truth > 0])


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(), Recipe(encoder="none"), Recipe(balance="outlet"),
        Recipe(clustering="hdbscan"), Recipe(clustering="hdbscan", encoder="none", balance="outlet"),
    ],
)  # fmt: skip
def test_bertopic_assigns_new_rows_as_centroids_in_the_projection_do(recipe):
    rng = np.random.default_rng(0)
    vectors = np.eye(384)[rng.integers(3, size=150)] + 0.02 * rng.normal(size=(150, 384))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    passages = frame(150, passage_id=np.arange(150).astype(str), lang="fa", source="a")
    model = tl.fit(passages, vectors, recipe)
    projected = make_projection(recipe).transform(vectors)
    nearest = nearest_centroid(projected, *compute_centroids(projected, np.asarray(model.topics_)))[0]
    assert model.transform(["x"] * 150, vectors)[0] == nearest.tolist()
    assert np.array_equal(projected, vectors) == (recipe.encoder == "none")


class FirstColumns:
    """A reduction with no more than BERTopic asks for."""

    def fit(self, vectors, y=None):
        self.shape_ = vectors.shape
        return self

    def transform(self, vectors):
        return vectors[:, :4]


@pytest.mark.parametrize("recipe", [Recipe(), Recipe(clustering="hdbscan")])
def test_ones_own_reduction_gets_the_projected_vectors(recipe):
    vectors, truth = blobs([60, 60, 60], spread=0.1)
    vectors = np.pad(vectors, ((0, 0), (0, 360)))
    reduction = FirstColumns()
    passages = frame(180, passage_id=np.arange(180).astype(str))
    model = tl.fit(passages, vectors, dataclasses.replace(recipe, encoder="none"), umap_model=reduction)
    assert reduction.shape_ == vectors.shape
    assert len(set(zip(model.topics_, truth.tolist(), strict=True))) == 3
    assert model.transform(["x"] * 180, vectors)[0] == model.topics_


def test_ones_own_reduction_takes_the_place_of_umap_in_a_sample_too(monkeypatch):
    from hdbscan import HDBSCAN
    from sklearn.decomposition import PCA

    module = importlib.import_module("topiclib.topics.fit")
    monkeypatch.setattr(module, "sample_if_large", functools.partial(sample_if_large, max_size=90))
    vectors, truth = blobs([60, 60, 60], spread=0.1)
    cluster_model = HDBSCAN(min_cluster_size=10)
    passages = frame(180, passage_id=np.arange(180).astype(str))
    model = tl.fit(passages, vectors, cluster_model=cluster_model, umap_model=PCA(4, random_state=0))
    assert model.hdbscan_model.estimator is cluster_model
    assert len(cluster_model.labels_) == 90
    assert len(set(zip(model.topics_, truth.tolist(), strict=True))) == 3


def test_balance_names_the_missing_columns():
    vectors, _ = blobs([70])
    with pytest.raises(ValueError, match=r"balance.* needs the column lang, source"):
        cluster_passages(frame(70), vectors, Recipe(balance="outlet"))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["fa", "ar"]), st.sampled_from("abc"), st.integers(1, 900)), min_size=1))
def test_in_balanced_samples_nothing_exceeds_the_rest(groups):
    lang = np.repeat([g[0] for g in groups], [g[2] for g in groups])
    source = np.repeat([g[1] for g in groups], [g[2] for g in groups])
    passages = pd.DataFrame({"lang": lang, "source": source})
    sample = balanced_sample(passages, seed=3)
    assert (np.diff(sample) > 0).all()
    assert np.array_equal(sample, balanced_sample(passages, seed=3))
    by_lang = passages.iloc[sample].groupby("lang").size()
    assert set(by_lang.index) == set(lang)
    if len(by_lang) == 2:
        assert by_lang.max() <= max(MIN_PASSAGES_KEPT, by_lang.min() + 1)
    for _, one_language in passages.iloc[sample].groupby("lang"):
        outlets = one_language.groupby("source").size()
        if len(outlets) > 1:
            assert outlets.max() <= max(MIN_PASSAGES_KEPT, outlets.sum() - outlets.max() + 1)  # an odd number halved
