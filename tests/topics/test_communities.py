"""Communities: subjects are found, every passage has a topic, and any size of corpus is taken."""

import numpy as np
import pytest

from topiclib.embedding.wccn import DIRECTION_FILES, apply_wccn
from topiclib.topics.centroids import compute_centroids, nearest_centroid
from topiclib.topics.communities import LeidenClustering


def subjects(sizes: list[int], *, dimensions: int = 32, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Make unit rows around one direction a subject; return them shuffled, with their subjects."""
    random = np.random.default_rng(seed)
    truth = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    rows = random.normal(size=(len(sizes), dimensions))[truth] + 0.5 * random.normal(size=(len(truth), dimensions))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), truth


def test_subjects_are_found_and_numbered_by_size():
    rows, truth = subjects([120, 80, 60, 40])
    before = rows.copy()
    found = LeidenClustering(encoder=None).fit(rows)
    assert np.array_equal(found.labels_, truth)
    assert np.array_equal(found.predict(rows), truth)
    assert np.array_equal(rows, before)


def test_the_same_seed_gives_the_same_topics():
    rows, _ = subjects([40, 40, 40], seed=1)
    noise = np.random.default_rng(0).normal(size=rows.shape).astype(np.float32)
    rows = (rows + noise * 0.3) / np.linalg.norm(rows + noise * 0.3, axis=1, keepdims=True)
    assert np.array_equal(LeidenClustering(seed=4).fit(rows).labels_, LeidenClustering(seed=4).fit(rows).labels_)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 12, 25])
def test_small_corpora(count):
    rows, _ = subjects([count], seed=count)
    labels = LeidenClustering().fit(rows).labels_
    assert len(labels) == count and labels.min() == 0


def test_small_communities_join_the_nearest():
    rows, _ = subjects([60, 60, 3])
    labels = LeidenClustering(min_topic_size=5, encoder=None).fit(rows).labels_
    assert set(labels) == {0, 1}


def test_identical_rows_are_one_topic():
    rows = np.tile(np.eye(8, dtype=np.float32)[:1], (30, 1))
    assert len(LeidenClustering(encoder=None).fit(rows).labels_) == 30


def test_labels_are_those_that_placing_finds_again():
    rows, _ = subjects([90, 70, 50])
    found = LeidenClustering(encoder=None).fit(rows)
    assert (nearest_centroid(rows, *compute_centroids(rows, found.labels_))[0] == found.labels_).mean() > 0.99


def test_focus_knows_one_encoder_and_leaves_the_rest_alone():
    random = np.random.default_rng(0)
    rows = random.normal(size=(20, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    focused = apply_wccn(rows)
    assert focused.dtype == np.float32 and np.allclose(np.linalg.norm(focused, axis=1), 1, atol=1e-5)
    assert not np.allclose(focused, rows, atol=1e-3)
    # It weakens and never turns: every row keeps most of itself.
    assert (np.einsum("nd,nd->n", focused, rows) > 0.9).all()
    assert apply_wccn(rows, encoder="another") is rows and apply_wccn(rows[:, :100]).shape == (20, 100)
    assert list(DIRECTION_FILES) == ["e5-small"]


def test_the_same_seed_cuts_alike_however_often_it_was_asked_before():
    """Leiden's refinement draws from a stream that the whole process shares: it has to be set each time."""
    rows = np.random.default_rng(5).normal(size=(900, 12))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    first, second = (LeidenClustering(seed=3, encoder=None).fit(rows).labels_ for _ in range(2))
    assert np.array_equal(first, second)
