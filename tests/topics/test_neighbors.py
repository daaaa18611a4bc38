"""Exact neighbors: correct at every size, equal on any number of cores, cached."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from topiclib.topics import neighbors as module
from topiclib.topics.communities import LeidenClustering
from topiclib.topics.neighbors import clear_cache, exact_neighbors, memoize, nearest_neighbors
from topiclib.topics.umap_layout import project_2d


def blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def vectors_with_duplicates(n: int, *, n_distinct: int, seed: int = 0, d: int = 48) -> np.ndarray:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n_distinct, d)).astype(np.float32)[rng.integers(0, n_distinct, n)]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 300), st.integers(1, 20), st.integers(1, 60), st.integers(0, 9))
def test_neighbors_are_exact_at_every_size(n, k, n_distinct, seed):
    vectors, k = vectors_with_duplicates(n, n_distinct=n_distinct, seed=seed, d=8), min(k, n)
    indices, distances = exact_neighbors(vectors, k)
    assert np.array_equal(indices[:, 0], np.arange(n))
    assert all(len(set(row)) == k for row in indices.tolist())
    exact = 1 - vectors.astype(float) @ vectors.T.astype(float)
    np.fill_diagonal(exact, -9)
    sorted_distances = np.sort(exact, axis=1)[:, :k]
    assert np.allclose(np.take_along_axis(exact, indices, axis=1), sorted_distances, atol=1e-6)
    assert np.allclose(distances[:, 1:], np.clip(sorted_distances[:, 1:], 0, None), atol=1e-6)


@pytest.mark.parametrize("n_distinct", [40, 900, 10**6])
def test_results_are_equal_to_the_bit_on_any_number_of_cores(n_distinct, monkeypatch):
    monkeypatch.setattr(module, "TILE_SIZE", 64)  # 23 spans, 276 tiles: many that could finish out of order
    vectors, results = vectors_with_duplicates(1500, n_distinct=n_distinct), []
    for threads in (1, 2, 3):
        with threadpool_limits(threads, user_api="blas"):
            results.append(exact_neighbors(vectors, 21))
            assert blas_threads() == {threads}, "the limit of BLAS is not restored"
    (indices, distances), *others = results
    for other_indices, other_distances in others:
        assert np.array_equal(indices, other_indices)
        assert distances.tobytes() == other_distances.tobytes()
    if n_distinct == 40:  # ties go to the first rows
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, 2)
        assert np.array_equal(indices, np.argsort(-cosines.astype(float).round(5), axis=1, kind="stable")[:, :21])


def test_an_error_in_a_thread_is_raised_and_blas_restored(monkeypatch):
    def fail(*args):
        raise MemoryError("no memory for a tile")

    monkeypatch.setattr(module, "TILE_SIZE", 64)
    monkeypatch.setattr(module, "_process_tile", fail)
    with threadpool_limits(2, user_api="blas"):
        with pytest.raises(MemoryError, match="no memory for a tile"):
            exact_neighbors(vectors_with_duplicates(500, n_distinct=50), 5)
        assert blas_threads() == {2}


def test_equal_vectors_are_searched_once():
    vectors = vectors_with_duplicates(80, n_distinct=80)
    clear_cache()
    first = nearest_neighbors(vectors, 21)
    second = nearest_neighbors(vectors.copy(), 5)
    assert all(np.shares_memory(a, b) for a, b in zip(first, second, strict=True))
    for k in (1, 5, 21, 40, 80):
        for cached, exact in zip(nearest_neighbors(vectors, k), exact_neighbors(vectors, k), strict=True):
            assert np.array_equal(cached, exact)
    reversed_rows = vectors[::-1].copy()
    assert np.array_equal(nearest_neighbors(reversed_rows, 5)[0], exact_neighbors(reversed_rows, 5)[0])


def test_cached_results_cannot_be_changed():
    vectors = vectors_with_duplicates(80, n_distinct=80)
    for array in (*nearest_neighbors(vectors, 5), *memoize(vectors, ("a",), lambda: (np.arange(3),))):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0


def test_umap_leaves_the_cached_neighbors_unchanged():
    vectors = vectors_with_duplicates(40, n_distinct=40)
    vectors = np.vstack([vectors, -vectors])  # distance 2: UMAP marks such neighbors as disconnected, in place
    before = [array.copy() for array in nearest_neighbors(vectors, 80)]
    project_2d(vectors, n_neighbors=79)
    for array, expected in zip(nearest_neighbors(vectors, 80), before, strict=True):
        assert np.array_equal(array, expected)


def test_partitions_are_cached_by_vectors_and_key():
    vectors = np.eye(3, dtype=np.float32)
    clear_cache()
    assert memoize(vectors, ("a",), lambda: (np.arange(3),))[0].tolist() == [0, 1, 2]
    assert memoize(vectors, ("a",), lambda: (np.zeros(3),))[0].tolist() == [0, 1, 2]
    assert memoize(vectors[:2], ("a",), lambda: (np.zeros(2),))[0].tolist() == [0, 0], "other vectors"
    assert memoize(vectors, ("b",), lambda: (np.zeros(3),))[0].tolist() == [0, 0, 0], "another key"
    clear_cache()
    assert memoize(vectors, ("a",), lambda: (np.zeros(3),))[0].tolist() == [0, 0, 0], "an empty cache"


def test_the_cache_is_bounded_and_forgets_the_least_recently_used():
    corpora = [vectors_with_duplicates(30, n_distinct=30, seed=seed) for seed in range(module.MAX_CACHED_RESULTS + 1)]
    clear_cache()
    searches = [nearest_neighbors(vectors, 5)[0] for vectors in corpora[:-1]]
    nearest_neighbors(corpora[0], 5)
    nearest_neighbors(corpora[-1], 5)
    assert len(module._results) == module.MAX_CACHED_RESULTS
    assert np.shares_memory(nearest_neighbors(corpora[0], 5)[0], searches[0])
    assert not np.shares_memory(nearest_neighbors(corpora[1], 5)[0], searches[1])
    for key in range(20):
        memoize(corpora[0], (key,), lambda: (np.zeros(3),))
    assert len(module._results) == module.MAX_CACHED_RESULTS


def test_a_cached_partition_gives_the_same_topics():
    vectors = vectors_with_duplicates(300, n_distinct=200, d=6)
    for outliers in ("assign", "keep"):
        cached = LeidenClustering(outliers=outliers).fit(vectors).labels_
        clear_cache()
        assert np.array_equal(LeidenClustering(outliers=outliers).fit(vectors).labels_, cached)
