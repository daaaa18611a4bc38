"""Exact nearest neighbors by cosine, cached."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

Arrays = tuple[np.ndarray, ...]

# Rows and columns of a tile, at least: 768 x 768 float32 cosines (2.4 MB) stay in the processor's cache; the same
# product in long blocks takes twice the time.
TILE_SIZE = 768

# An unused slot: sorts after every real key.
EMPTY_KEY = np.iinfo(np.int64).max

# Neighbors, the row itself included, that are computed even when fewer are requested: clustering needs 21, UMAP 15, and
# whichever comes second reuses the search.
MIN_CACHED_NEIGHBORS = 21

# A run needs three searches (one for each alignment that `quality` compares) and, for each seed, up to seven
# partitions (one for each resolution tried to reach `n_topics`), which `outliers="keep"` then reuses. Topics are found
# in 50,000 passages at most, so a search takes up to 8 MB. Keys are hashes: the vectors themselves are not stored.
MAX_CACHED_RESULTS = 12

_results: OrderedDict[tuple, Arrays] = OrderedDict()
_lock = threading.Lock()


def nearest_neighbors(vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what `exact_neighbors` returns, read-only, from the cache if these vectors were searched recently."""
    k_cached = max(k, min(MIN_CACHED_NEIGHBORS, len(vectors)))
    indices, distances = memoize(vectors, ("neighbors", k_cached), lambda: exact_neighbors(vectors, k_cached))
    return indices[:, :k], distances[:, :k]


def memoize(vectors: np.ndarray, key: tuple, compute: Callable[[], Arrays]) -> Arrays:
    """Return `compute()`, read-only, or what a recent call with equal vectors and an equal key returned."""
    digest = hashlib.blake2b(np.ascontiguousarray(vectors).data, digest_size=16).digest()
    key = (digest, vectors.shape, *key)
    # The lock is not held during a computation. Threads that miss together all compute, and store equal arrays.
    with _lock:
        if key in _results:
            _results.move_to_end(key)
            return _results[key]
    arrays = compute()
    for array in arrays:
        array.setflags(write=False)
    with _lock:
        _results[key] = arrays
        while len(_results) > MAX_CACHED_RESULTS:
            _results.popitem(last=False)
    return arrays


def clear_cache() -> None:
    """Empty the cache of neighbors and partitions."""
    with _lock:
        _results.clear()


def exact_neighbors(vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Find each row's k nearest rows by cosine, itself first.

    Parameters
    ----------
    vectors
        (n, d) float32 unit rows.
    k
        At most n.

    Returns
    -------
    indices, distances
        (n, k) int32 and (n, k) float32 (1 - cosine), nearest first; ties in row order. Equal to the bit on any number
        of cores. Time grows with n² d, memory with n k.

    Notes
    -----
    Cosines are computed in tiles, each pair once: a tile serves its rows and its columns. Each row keeps its k best so
    far, and only cosines above the k-th of them are looked at. Tiles of the same rows run in parallel, one per thread
    of BLAS; their columns differ, so no two threads write to the same place.
    """
    # Own code, because equal input has to give equal topics, duplicates included: approximate search does not, and
    # faiss's IndexFlatIP took 21 s where this takes 12 s (50,000 rows) and adds a dependency of 66 MB.
    n = len(vectors)
    best_keys = np.full((n, k), EMPTY_KEY)
    thresholds = np.full(n, -np.inf, dtype=np.float32)
    # Equal sides: BLAS may round a narrow last tile differently, and duplicates would then have unequal cosines.
    bounds = np.linspace(0, n, max(1, n // max(TILE_SIZE, k)) + 1).astype(int).tolist()
    spans = [slice(*span) for span in pairwise(bounds)]
    with parallel_map(len(spans) - 1) as run:
        for i, rows in enumerate(spans):
            process = partial(_process_tile, vectors, best_keys, thresholds, rows)
            for columns, candidates in zip(spans[i:], run(process, spans[i:]), strict=True):
                _merge_candidates(candidates, best_keys[rows], thresholds[rows], columns.start)
    return (best_keys & 0xFFFFFFFF).astype(np.int32), np.clip(1 - _cosines(best_keys), 0, None)


@contextmanager
def parallel_map(n_tasks: int) -> Iterator[Callable[..., Iterator]]:
    """Yield a `map` that uses the threads of BLAS, with BLAS itself limited to one; results keep their order."""
    blas = _blas_libraries()
    threads = min(n_tasks, max((library.num_threads for library in blas.lib_controllers), default=1))
    with blas.limit(limits=1):
        if threads < 2:
            yield map
        else:
            with ThreadPoolExecutor(threads) as pool:
                yield pool.map


@cache
def _blas_libraries() -> ThreadpoolController:
    """Return the BLAS libraries; looking for them takes 20 ms, as long as the neighbors of 500 passages."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


def _process_tile(
    vectors: np.ndarray, best_keys: np.ndarray, thresholds: np.ndarray, rows: slice, columns: slice
) -> Arrays:
    """Merge a tile's candidates into the rows of its columns, and return those of its own rows.

    The caller merges the latter, in column order. Threads may see thresholds that are a tile or two old: then there are
    a few more candidates, which the merge drops.
    """
    tile = vectors[rows] @ vectors[columns].T
    k = best_keys.shape[1]
    if rows == columns:
        np.fill_diagonal(tile, 2)  # above any cosine: a row comes first among its own duplicates
    else:
        candidates = _candidates(tile.T, thresholds[columns], k)
        _merge_candidates(candidates, best_keys[columns], thresholds[columns], rows.start)
    return _candidates(tile, thresholds[rows], k)


def _candidates(tile: np.ndarray, thresholds: np.ndarray, k: int) -> Arrays:
    """Return row, column and cosine of the entries above their row's threshold, sorted by row."""
    if np.isneginf(thresholds[0]):
        # A row's first tile would be all candidates. Of the maxima of groups of columns, at least k cosines reach the
        # k-th largest: nothing below it can be among the k best.
        group = max(1, tile.shape[1] // (4 * k))
        groups = tile.shape[1] // group
        maxima = tile[:, : group * groups].reshape(len(tile), group, groups).max(axis=1)
        thresholds = np.nextafter(np.partition(maxima, groups - k, axis=1)[:, groups - k], np.float32(-np.inf))
    if tile.flags.c_contiguous:
        row, column = np.divmod(np.flatnonzero(tile > thresholds[:, None]), tile.shape[1])
    else:
        column, row = np.divmod(np.flatnonzero(thresholds < tile.T), len(tile))
        order = np.argsort(row, kind="stable")
        row, column = row[order], column[order]
    return row, column, tile[row, column]


def _merge_candidates(candidates: Arrays, best_keys: np.ndarray, thresholds: np.ndarray, column_offset: int) -> None:
    """Merge candidates into the k best keys of each row, in place, and raise the thresholds to the k-th best."""
    row, column, cosine = candidates
    if not len(row):
        return
    k = best_keys.shape[1]
    # One integer holds the negated cosine (upper half) and the column (lower half), so sorting orders by cosine and
    # then by column: ties go to the first row, whatever the order in which tiles are finished.
    keys = _sortable_bits((0 - cosine).view(np.int32)).astype(np.int64) << 32 | (column + column_offset)
    counts = np.bincount(row, minlength=len(best_keys))
    changed = np.flatnonzero(counts)
    position = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    merged = np.full((len(changed), k + counts.max()), EMPTY_KEY)
    merged[:, :k] = best_keys[changed]
    merged[np.repeat(np.arange(len(changed)), counts[changed]), k + position] = keys
    merged.sort(axis=1)
    best_keys[changed] = merged[:, :k]
    thresholds[changed] = np.maximum(thresholds[changed], _cosines(merged[:, k - 1]))


def _sortable_bits(bits: np.ndarray) -> np.ndarray:
    """Map the bits of float32, as int32, to integers in the same order; it is its own inverse."""
    return bits ^ ((bits >> 31) & 0x7FFFFFFF)


def _cosines(keys: np.ndarray) -> np.ndarray:
    return -_sortable_bits((keys >> 32).astype(np.int32)).view(np.float32)
