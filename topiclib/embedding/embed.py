"""Embed passages, reusing the vectors that the cache on disk already has."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.embedding.cache import VectorCache, text_key
from topiclib.embedding.encoder import Encoder, check_texts
from topiclib.embedding.registry import encoder as find_encoder
from topiclib.progress import progress_bar

TARGET_BATCH_SECONDS = 2.0  # the work that a killed process loses
MIN_BATCH_SIZE, MAX_BATCH_SIZE = 32, 4096


def embed(
    passages: pd.DataFrame, *, encoder: str | Path | Encoder = "e5-small", cache: str | Path | None = None,
    progress: bool = True,
) -> np.ndarray:  # fmt: skip
    """Embed the texts of a table, or read their vectors from the cache.

    Parameters
    ----------
    passages
        Any DataFrame with a column `text`. Equal texts are embedded once.
    encoder
        A name for `topiclib.encoder`, or any object with `encode`, `dim` and `identity`.
    cache
        A folder or an SQLite file; None: the user's cache folder. A text whose vector it holds is not embedded again.
        Where it may not be written, new vectors are not kept, with a warning.
    progress
        Show a progress bar with passages per second and the time left.

    Returns
    -------
    numpy.ndarray
        float32 (n, d), unit rows; row i belongs to passages.iloc[i].
    """
    schema.require_columns(passages, ["text"], caller="embed")
    check_texts(texts := passages["text"].tolist())
    model = find_encoder(encoder)
    rows: dict[bytes, int] = {}
    inverse = [rows.setdefault(text_key(text), len(rows)) for text in texts]
    text_of_row = dict(zip(inverse, texts, strict=True))
    vectors = np.empty((len(rows), model.dim), np.float32)
    with closing(VectorCache(cache)) as store:
        cached = store.read(model.identity, rows, vectors)
        missing = [(key, row) for key, row in rows.items() if row not in cached]
        new_texts = [text_of_row[row] for _, row in missing]
        for batch, new in _encode_in_batches(model, new_texts, len(rows), progress=progress):
            vectors[[row for _, row in missing[batch]]] = new
            store.write(model.identity, [key for key, _ in missing[batch]], new)
    return vectors[inverse]


def _encode_in_batches(
    model: Encoder, texts: Sequence[str], total: int, *, progress: bool
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield slices of `texts` and their vectors, in batches of about two seconds; the bar begins at the cached ones."""
    size, start = MIN_BATCH_SIZE, 0
    initial, shown = total - len(texts), progress and bool(texts)
    with progress_bar(total=total, initial=initial, desc="embed", unit=" passages", progress=shown) as bar:
        while start < len(texts):
            batch = slice(start, min(start + size, len(texts)))
            started = time.perf_counter()
            vectors = _encode_checked(model, texts[batch])
            seconds = time.perf_counter() - started
            yield batch, vectors
            bar.update(batch.stop - start)
            start = batch.stop
            factor = 2 if seconds < TARGET_BATCH_SECONDS / 2 else 0.5 if seconds > TARGET_BATCH_SECONDS else 1
            size = min(max(int(size * factor), MIN_BATCH_SIZE), MAX_BATCH_SIZE)


def _encode_checked(model: Encoder, texts: Sequence[str]) -> np.ndarray:
    vectors = np.asarray(model.encode(texts), np.float32)
    expected = (len(texts), model.dim)
    if vectors.shape != expected:
        raise ValueError(f"{model.identity} returned an array of shape {vectors.shape}: expected {expected}")
    norms = np.linalg.norm(vectors, axis=1)
    invalid = np.flatnonzero(~(np.abs(norms - 1) < 1e-3))  # negated, so that NaN is invalid too
    if len(invalid):
        norm, text = norms[invalid[0]], texts[invalid[0]][:60]
        raise ValueError(f"{model.identity} returned a vector of norm {norm:.3g} for {text!r}: expected 1")
    return vectors
