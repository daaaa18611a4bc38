"""Neighbors on several cores at once: the same bits as on one."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from topiclib.topics import neighbors as room
from topiclib.topics.neighbors import exact_neighbors


def threads_of_blas() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def rows_with_doubles(n: int, *, kinds: int) -> np.ndarray:
    random = np.random.default_rng(0)
    rows = random.normal(size=(kinds, 48)).astype(np.float32)[random.integers(0, kinds, n)]
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("kinds", [40, 900, 10**6])
def test_the_same_bits_on_any_number_of_cores(kinds, monkeypatch):
    monkeypatch.setattr(room, "TILE_SIZE", 64)  # 23 spans, 276 tiles: many that could overtake one another
    rows, found = rows_with_doubles(1500, kinds=kinds), []
    for threads in (1, 2, 3):
        with threadpool_limits(threads, user_api="blas"):
            found.append(exact_neighbors(rows, 21))
            assert threads_of_blas() == {threads}, "as it was before"
    (indices, distances), *others = found
    for other, cosines in others:
        assert np.array_equal(indices, other)
        assert distances.tobytes() == cosines.tobytes()
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, 2)
    first = np.argsort(-cosines.astype(float).round(5), axis=1, kind="stable")[:, :21]  # doubles: the first rows
    if kinds == 40:
        assert np.array_equal(indices, first)


def test_what_fails_in_a_thread_is_raised_and_blas_is_given_back(monkeypatch):
    def fails(*told):
        raise MemoryError("no room for a tile")

    monkeypatch.setattr(room, "TILE_SIZE", 64)
    monkeypatch.setattr(room, "_process_tile", fails)
    with threadpool_limits(2, user_api="blas"):
        with pytest.raises(MemoryError, match="no room for a tile"):
            exact_neighbors(rows_with_doubles(500, kinds=50), 5)
        assert threads_of_blas() == {2}
