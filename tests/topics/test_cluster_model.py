"""What becomes of clusters: targets, small ones, outliers, balanced samples, neighbors that are found once."""

from __future__ import annotations

import functools
import importlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import topiclib as tl
from topiclib.topics.cluster_model import TopicClusterer
from topiclib.topics.communities import LeidenClustering
from topiclib.topics.fit import build_submodels, cluster_passages
from topiclib.topics.merging import drop_small_topics
from topiclib.topics.neighbors import NeighborCache, exact_neighbors
from topiclib.topics.recipe import Recipe
from topiclib.topics.sampling import MIN_PASSAGES_KEPT, balanced_sample, sample_if_large
from topiclib.topics.umap_layout import project_2d


def rows_of(sizes: list[int], *, spread: float = 0.2, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows around one direction a subject, in 24 dimensions, and their subjects."""
    truth = np.repeat(np.arange(len(sizes)), sizes)
    rows = np.eye(24)[truth] + spread * np.random.default_rng(seed).normal(size=(len(truth), 24))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), truth


def frame(n: int, **columns) -> pd.DataFrame:
    return pd.DataFrame({"text": ["مذاکرات وین"] * n, **columns})


@pytest.mark.parametrize("n_topics", [1, 2, 3, 5, 8])
def test_a_wished_number_of_topics_is_reached_from_both_sides(n_topics):
    rows, _ = rows_of([40, 40, 40, 40])
    topics = cluster_passages(frame(160), rows, Recipe(n_topics=n_topics, encoder="none"))
    assert len(set(topics.tolist())) == n_topics


def test_a_higher_resolution_finds_more():
    rows, _ = rows_of([60, 60], spread=0.4)
    few, many = (len(set(cluster_passages(frame(120), rows, Recipe(resolution=r)).tolist())) for r in (0.3, 4))
    assert few < many


@pytest.mark.parametrize("clustering", ["communities", "hdbscan"])
def test_no_topic_is_smaller_than_asked(clustering):
    rows, _ = rows_of([50, 30, 12])
    topics = cluster_passages(frame(92), rows, Recipe(min_topic_size=20, clustering=clustering))
    assert topics.min() >= 0
    assert min(np.bincount(topics)[np.unique(topics)]) >= 20


def test_small_topics_are_dissolved_but_never_all():
    assert drop_small_topics(np.array([0, 0, 0, 1, 1, 2]), 2).tolist() == [0, 0, 0, 1, 1, -1]
    assert drop_small_topics(np.array([0, 0, 1, -1]), 9).tolist() == [0, 0, -1, -1]
    assert drop_small_topics(np.array([-1, -1]), 2).tolist() == [-1, -1]


def test_kept_outliers_are_those_whose_neighbors_are_elsewhere():
    rows, _ = rows_of([60, 60])
    between = rows[:8] + rows[60:68]
    rows = np.vstack([rows, between / np.linalg.norm(between, axis=1, keepdims=True)]).astype(np.float32)
    kept = LeidenClustering(outliers="keep").fit(rows)
    assigned = LeidenClustering().fit(rows)
    assert assigned.labels_.min() == 0
    assert np.array_equal(kept.labels_ == -1, assigned.probabilities_ < 0.5)
    assert np.array_equal(kept.labels_[kept.labels_ >= 0], assigned.labels_[kept.labels_ >= 0])


def test_those_left_out_of_the_sample_get_the_nearest_topic():
    rows, truth = rows_of([50, 50, 30])
    sample = np.arange(0, 130, 2)
    clusters = TopicClusterer(LeidenClustering(encoder=None), rows, sample_positions=sample).fit(rows)
    pairs = set(zip(clusters.labels_.tolist(), truth.tolist(), strict=True))
    assert len(pairs) == 3


def test_one_big_outlet_does_not_own_the_topics():
    """Outlet a writes 3000 passages on 6 subjects, b and c 100 on three others; asked for 4 topics, they have room."""
    rows, truth = rows_of([500] * 6 + [60, 60, 80], spread=0.1)
    source = np.where(truth < 6, "a", np.where(np.arange(len(truth)) % 2 == 0, "b", "c"))
    passages = frame(len(rows), lang="fa", source=source)
    sample = balanced_sample(passages)
    counts = pd.Series(source[sample]).value_counts()
    assert counts["a"] == 200
    assert counts["b"] + counts["c"] == 200
    topics = cluster_passages(passages, rows, Recipe(n_topics=9, balance="outlet", encoder="none"))
    assert len(topics) == len(rows)
    assert len(set(zip(topics.tolist(), truth.tolist(), strict=True))) == 9


def test_umap_is_given_the_sample_alone_where_there_is_one(monkeypatch):
    fitting = importlib.import_module("topiclib.topics.fit")
    monkeypatch.setattr(fitting, "sample_if_large", functools.partial(sample_if_large, max_size=200))
    rows, truth = rows_of([300, 300, 300], spread=0.1)
    recipe = Recipe(clustering="hdbscan", encoder="none")
    model = tl.fit(frame(len(rows), passage_id=np.arange(len(rows)).astype(str)), rows, recipe)
    assert len(model.hdbscan_model.base.labels_) == 200
    assert model.umap_model.transform(rows) is rows, "all rows are laid out"
    topics = np.asarray(model.topics_)
    assert len(set(zip(topics.tolist(), truth.tolist(), strict=True))) == 3
    assert model.transform(["x"] * 3, rows[[0, 300, 600]])[0] == topics[[0, 300, 600]].tolist()
    with pytest.raises(ValueError, match="zero-shot topics need"):
        tl.fit(frame(len(rows)), rows, recipe, zeroshot_topic_list=["x"], embedding_model=object())


def test_balance_says_which_column_it_misses():
    rows, _ = rows_of([70])
    with pytest.raises(ValueError, match=r"balance.* needs the column lang, source"):
        cluster_passages(frame(70), rows, Recipe(balance="outlet"))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["fa", "ar"]), st.sampled_from("abc"), st.integers(1, 900)), min_size=1))
def test_balanced_samples_keep_their_promise(groups):
    lang = np.repeat([g[0] for g in groups], [g[2] for g in groups])
    source = np.repeat([g[1] for g in groups], [g[2] for g in groups])
    passages = pd.DataFrame({"lang": lang, "source": source})
    drawn = balanced_sample(passages, seed=3)
    assert (np.diff(drawn) > 0).all()
    assert np.array_equal(drawn, balanced_sample(passages, seed=3))
    by_lang = passages.iloc[drawn].groupby("lang").size()
    assert set(by_lang.index) == set(lang)
    if len(by_lang) == 2:
        assert by_lang.max() <= max(MIN_PASSAGES_KEPT, by_lang.min() + 1)
    for _, part in passages.iloc[drawn].groupby("lang"):
        outlets = part.groupby("source").size()
        if len(outlets) > 1:
            assert outlets.max() <= max(MIN_PASSAGES_KEPT, outlets.sum() - outlets.max() + 1)  # halves of an odd number


def test_neighbors_are_found_once_for_all_seeds_and_the_map():
    rows, _ = rows_of([40, 40])
    near = NeighborCache()
    for seed in range(3):
        recipe = Recipe(seed=seed, encoder="none")
        _, clusters = build_submodels(frame(80), rows, recipe, near=near)
        clusters.fit(rows)
        if seed == 0:
            first, _ = near.of(rows, 21)
        assert np.array_equal(clusters.labels_, cluster_passages(frame(80), rows, recipe)), (
            "as with neighbors of its own"
        )
    assert np.array_equal(project_2d(rows, near=near), project_2d(rows))
    assert np.shares_memory(near.of(rows, 5)[0], first)
    others = rows[::-1].copy()
    assert np.array_equal(near.of(others, 5)[0], exact_neighbors(others, 5)[0]), "other rows have other neighbors"


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 300), st.integers(1, 20), st.integers(1, 60), st.integers(0, 9))
def test_neighbors_are_exact_at_every_size(n, k, kinds, seed):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(kinds, 8))[random.integers(0, kinds, n)]  # many doubles
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    k = min(k, n)
    indices, distances = exact_neighbors(rows, k)
    assert np.array_equal(indices[:, 0], np.arange(n))
    assert all(len(set(row)) == k for row in indices.tolist())
    full = 1 - rows.astype(float) @ rows.T.astype(float)
    np.fill_diagonal(full, -9)
    assert np.allclose(distances[:, 1:], np.clip(np.sort(full, axis=1)[:, 1:k], 0, None), atol=1e-6)
