"""Embed passages, through a cache on disk: no passage is ever embedded twice.

The cache is one SQLite file. A row is found by the encoder's identity and the SHA-256 of the exact text, and carries
a checksum of all three; a row that fails it is not there. Every batch is one transaction, so that a kill loses the
batch in flight and nothing else, and several processes may share the file.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from topiclib.embedding.cache import VectorCache, _text_key
from topiclib.embedding.encoder import Encoder, check_texts
from topiclib.embedding.registry import encoder as find_encoder

TARGET_BATCH_SECONDS = 2.0  # about what a kill may cost

MIN_BATCH_SIZE, MAX_BATCH_SIZE = 32, 4096


def embed(
    passages: Any, *, encoder: str | Path | Encoder = "e5-small", cache: str | Path | None = None, progress: bool = True
) -> np.ndarray:
    """Embed the texts of a table.

    Parameters
    ----------
    passages
        Any frame with a column `text`. Equal texts are embedded once.
    encoder
        A name for `topiclib.encoder`, or an encoder.
    cache
        A folder or an SQLite file; None: the user's cache folder. What is there already is not embedded again.
    progress
        Show a bar with passages per second and the time left.

    Returns
    -------
    numpy.ndarray
        float32 (n, d), unit rows; row i belongs to passages.iloc[i].

    Raises
    ------
    ValueError
        `passages` has no column `text`; the encoder gave rows of another number, length or norm than it promised;
        `cache` is a file of something else.
    TypeError
        A text is no string.
    OSError
        The cache cannot be opened or written.
    """
    texts = _check_texts_column(passages)
    model = find_encoder(encoder) if isinstance(encoder, (str, Path)) else encoder
    rows: dict[bytes, int] = {}
    places = [rows.setdefault(key, len(rows)) for key in map(_text_key, texts)]
    first = {row: text for text, row in zip(reversed(texts), reversed(places), strict=True)}
    vectors = np.empty((len(rows), model.dim), np.float32)
    with closing(VectorCache(cache)) as store:
        found = store.read(model.identity, rows, vectors)
        missing = [(key, row) for key, row in rows.items() if row not in found]
        for batch, new in _encode_in_batches(model, [first[row] for _, row in missing], len(rows), progress=progress):
            keys = [key for key, _ in missing[batch]]
            vectors[[row for _, row in missing[batch]]] = new
            store.write(model.identity, keys, new)
    return vectors[places]


def _check_texts_column(passages: Any) -> list[str]:
    columns = list(getattr(passages, "columns", []))
    if "text" not in columns:
        what = f"has the columns {columns}" if columns else f"is a {type(passages).__name__}"
        raise ValueError(f"passages {what}: expected a table with a column 'text'")
    texts = list(passages["text"])
    check_texts(texts)
    return texts


def _encode_in_batches(
    model: Encoder, texts: Sequence[str], total: int, *, progress: bool
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield (the part of `texts`, its vectors) in batches of about two seconds; the bar counts what was stored."""
    from tqdm.auto import tqdm

    size, start = MIN_BATCH_SIZE, 0
    hidden = not progress or not texts
    with tqdm(total=total, initial=total - len(texts), desc="embed", unit=" passages", disable=hidden) as bar:
        while start < len(texts):
            batch = slice(start, min(start + size, len(texts)))
            began = time.perf_counter()
            vectors = _encode_checked(model, texts[batch])
            seconds = time.perf_counter() - began
            yield batch, vectors
            bar.update(batch.stop - start)
            start = batch.stop
            if seconds < TARGET_BATCH_SECONDS / 2:
                size = min(2 * size, MAX_BATCH_SIZE)
            elif seconds > TARGET_BATCH_SECONDS:
                size = max(size // 2, MIN_BATCH_SIZE)


def _encode_checked(model: Encoder, texts: Sequence[str]) -> np.ndarray:
    vectors = np.asarray(model.encode(texts), np.float32)
    expected = (len(texts), model.dim)
    if vectors.shape != expected:
        raise ValueError(f"{model.identity} gave an array of shape {vectors.shape}: expected {expected}")
    norms = np.linalg.norm(vectors, axis=1)
    wrong = np.flatnonzero(~(np.abs(norms - 1) < 1e-3))  # NaN is wrong too
    if len(wrong):
        norm, text = norms[wrong[0]], texts[wrong[0]][:60]
        raise ValueError(f"{model.identity} gave a vector of norm {norm:.3g} for {text!r}: expected 1")
    return vectors
