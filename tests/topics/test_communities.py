"""Leiden communities: subjects are found, every passage has a topic, in corpora of any size."""

import numpy as np
import pytest

from topiclib.embedding.wccn import DIRECTION_FILES, apply_wccn
from topiclib.topics.assignment import compute_centroids, nearest_centroid
from topiclib.topics.communities import LeidenClustering
from topiclib.topics.neighbors import clear_cache


def subjects(sizes: list[int], *, dimensions: int = 32, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors around one direction per subject, shuffled, and their subjects."""
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    vectors = rng.normal(size=(len(sizes), dimensions))[truth] + 0.5 * rng.normal(size=(len(truth), dimensions))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), truth


def test_subjects_are_found_and_numbered_by_size():
    vectors, truth = subjects([120, 80, 60, 40])
    before = vectors.copy()
    model = LeidenClustering().fit(vectors)
    assert np.array_equal(model.labels_, truth)
    assert np.array_equal(model.predict(vectors), truth)
    assert np.array_equal(vectors, before)


def test_the_same_seed_gives_the_same_topics():
    vectors, _ = subjects([40, 40, 40], seed=1)
    noise = np.random.default_rng(0).normal(size=vectors.shape).astype(np.float32)
    vectors = (vectors + noise * 0.3) / np.linalg.norm(vectors + noise * 0.3, axis=1, keepdims=True)
    first = LeidenClustering(seed=4).fit(vectors).labels_
    clear_cache()
    assert np.array_equal(LeidenClustering(seed=4).fit(vectors).labels_, first)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 12, 25])
def test_small_corpora(count):
    vectors, _ = subjects([count], seed=count)
    labels = LeidenClustering().fit(vectors).labels_
    assert len(labels) == count and labels.min() == 0


def test_small_communities_join_the_nearest_topic():
    vectors, _ = subjects([60, 60, 3])
    labels = LeidenClustering(min_topic_size=5).fit(vectors).labels_
    assert set(labels) == {0, 1}


def test_identical_rows_are_one_topic():
    vectors = np.tile(np.eye(8, dtype=np.float32)[:1], (30, 1))
    assert len(LeidenClustering().fit(vectors).labels_) == 30


def test_labels_agree_with_nearest_centroids():
    vectors, _ = subjects([90, 70, 50])
    model = LeidenClustering().fit(vectors)
    assert (nearest_centroid(vectors, *compute_centroids(vectors, model.labels_))[0] == model.labels_).mean() > 0.99


def test_wccn_applies_to_one_encoder_only():
    vectors = np.random.default_rng(0).normal(size=(20, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    projected = apply_wccn(vectors)
    assert projected.dtype == np.float32 and np.allclose(np.linalg.norm(projected, axis=1), 1, atol=1e-5)
    assert not np.allclose(projected, vectors, atol=1e-3)
    # Directions are weakened, never reversed: every vector stays close to itself.
    assert (np.einsum("nd,nd->n", projected, vectors) > 0.9).all()
    assert apply_wccn(vectors, encoder="another") is vectors and apply_wccn(vectors[:, :100]).shape == (20, 100)
    assert list(DIRECTION_FILES) == ["e5-small"]


def test_refits_with_the_same_seed_are_equal():
    """Leiden's refinement uses a random stream of the whole process, which has to be seeded each time."""
    vectors = np.random.default_rng(5).normal(size=(900, 12))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    first = LeidenClustering(seed=3).fit(vectors).labels_
    clear_cache()
    assert np.array_equal(LeidenClustering(seed=3).fit(vectors).labels_, first)
