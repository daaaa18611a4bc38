"""Each passage's nearest others, found once and exactly, and the UMAP layouts that start from them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import pairwise

import numpy as np

TILE_SIZE = 768
"""Rows and columns, at least, whose cosines are computed at once: 2.4 MB of them."""

EMPTY_KEY = np.iinfo(np.int64).max

MIN_CACHED_NEIGHBORS = 21
"""How many neighbors are found at least, the row itself among them: what every room of topiclib asks for."""


class NeighborCache:
    """Neighbors that are found once: asked again about the same rows, it answers from memory.

    Give one to several calls of `fit` (seeds, numbers of topics) and to `project_2d`, and the product of all rows with all
    rows, most of the time of a fit, is done once. Rows are known by the hash of their values, so that an answer never
    belongs to other rows.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}
        self._cut: dict[tuple, np.ndarray] = {}

    def of(self, vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return what `exact_neighbors(vectors, k)` returns."""
        key = _hash_vectors(vectors)
        if key not in self._known or self._known[key][0].shape[1] < k:
            self._known[key] = exact_neighbors(vectors, max(k, min(MIN_CACHED_NEIGHBORS, len(vectors))))
        indices, distances = self._known[key]
        return indices[:, :k], distances[:, :k]

    def once(self, vectors: np.ndarray, question: tuple, compute: Callable[[], np.ndarray]) -> np.ndarray:
        """Return what `answer` returns, such as a partition of these rows; the same question again, from memory."""
        key = (_hash_vectors(vectors), *question)
        if key not in self._cut:
            self._cut[key] = compute()
        return self._cut[key].copy()


def _hash_vectors(vectors: np.ndarray) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(vectors).data, digest_size=16).digest() + str(vectors.shape).encode()


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
        (n, k) int32 and (n, k) float32 (1 - cosine), nearest first; among equals the first row. Exact at every n and
        the same every time, to the bit, on however many cores; time grows with n² d, memory with n k.

    Notes
    -----
    Cosines are computed in tiles that stay in the processor's cache, each pair once: a tile tells the rows of its
    columns as well. A row remembers its k best so far, and of a later tile only the few cosines above the least of them
    are looked at. Tiles come in the order of their columns for every row, so a later equal never replaces an earlier.
    As many tiles at once as BLAS may use threads in this process, each in one thread: the tiles of the same rows, which
    are of different columns, so that no two write to the same place.
    """
    n = len(vectors)
    best = np.full((n, k), EMPTY_KEY)
    least = np.full(n, -np.inf, dtype=np.float32)
    # Of equal sides, for BLAS may round the cosines of a narrow last tile in another way: doubles would not be equal.
    bounds = np.linspace(0, n, max(1, n // max(TILE_SIZE, k)) + 1).astype(int).tolist()
    spans = [slice(*span) for span in pairwise(bounds)]
    with parallel_map(len(spans) - 1) as each:
        for position, some in enumerate(spans):
            meet = partial(_process_tile, vectors, best, least, some)
            for others, found in zip(spans[position:], each(meet, spans[position:]), strict=True):
                _merge_candidates(found, best[some], least[some], column_offset=others.start)
    return (best & 0xFFFFFFFF).astype(np.int32), np.clip(
        1 + _sortable_int_to_float((best >> 32).astype(np.int32)), 0, None
    )


@contextmanager
def parallel_map(n_tasks: int) -> Iterator[Callable[..., Iterator]]:
    """Give a `map` that works in as many threads as BLAS had, which is held to one: results in order all the same."""
    from threadpoolctl import ThreadpoolController

    blas = ThreadpoolController().select(user_api="blas")
    threads = min(n_tasks, max((library.num_threads for library in blas.lib_controllers), default=1))
    with blas.limit(limits=1):
        if threads < 2:
            yield map
        else:
            with ThreadPoolExecutor(threads) as pool:
                yield pool.map


def _process_tile(
    vectors: np.ndarray, best_keys: np.ndarray, thresholds: np.ndarray, rows: slice, columns: slice
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tell the other rows of some rows, and return what `_candidates` finds for these, to be kept in the order of columns.

    Their least may be a tile or two behind, with several at work: then a few more are found, and left out when kept.
    """
    tile = vectors[rows] @ vectors[columns].T
    if rows == columns:
        np.fill_diagonal(tile, 2)  # itself first, also among its doubles
    else:
        _merge_candidates(
            _candidates(tile.T, thresholds[columns], best_keys.shape[1]),
            best_keys[columns],
            thresholds[columns],
            column_offset=rows.start,
        )
    return _candidates(tile, thresholds[rows], best_keys.shape[1])


def _candidates(tile: np.ndarray, thresholds: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return row, column and cosine, by row, of what is above the least of a row's k best so far."""
    if np.isneginf(
        thresholds[0]
    ):  # nothing is known yet: of groups of columns, the k-th largest maximum is reached by k
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


def _merge_candidates(
    candidates: tuple[np.ndarray, np.ndarray, np.ndarray],
    best_keys: np.ndarray,
    thresholds: np.ndarray,
    *,
    column_offset: int,
) -> None:
    """Bring what was found into `best`, and the least of a row's best into `least`.

    `best` holds a column below the bits of the cosine, negated, in one integer: so sorting numbers sorts by cosine, and
    then by column. Column 0 of the tile is `first` of all columns.
    """
    row, column, cosine = candidates
    if not len(row):
        return
    k = best_keys.shape[1]
    keys = _float_to_sortable_int(0 - cosine).astype(np.int64) << 32 | (column + column_offset)
    counts = np.bincount(row, minlength=len(best_keys))
    some = np.flatnonzero(counts)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    both = np.full((len(some), k + counts.max()), EMPTY_KEY)
    both[:, :k] = best_keys[some]
    both[np.repeat(np.arange(len(some)), counts[some]), k + place] = keys
    both.sort(axis=1)
    best_keys[some] = both[:, :k]
    thresholds[some] = np.maximum(thresholds[some], -_sortable_int_to_float((both[:, k - 1] >> 32).astype(np.int32)))


def _float_to_sortable_int(values: np.ndarray) -> np.ndarray:
    """Return float32 as int32 of the same order; `_sortable_int_to_float` is the way back."""
    bits = values.view(np.int32)
    return bits ^ ((bits >> 31) & 0x7FFFFFFF)


def _sortable_int_to_float(bits: np.ndarray) -> np.ndarray:
    return (bits ^ ((bits >> 31) & 0x7FFFFFFF)).view(np.float32)
