"""Encode with the bundled multilingual-e5-small: no hub, no torch, no network."""

import os
import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import numpy as np

from topiclib.encoders.e5_file import FILE_SHA256, SIZES, E5File, dequantise, read_file
from topiclib.encoders.e5_graph import RECIPE, build_graph

PREFIX = "query: "
SPACES = re.compile(" {2,}")


class BundledE5:
    def __init__(self):
        self.identity = f"e5-small/{FILE_SHA256[:12]}/{RECIPE}"
        self.dim = SIZES["hidden"]

    @cached_property
    def _file(self):
        return read_file()

    @cached_property
    def _positions(self):
        return self._file.tensors["emb.pos"].reshape(-1, self.dim) + self._file.tensors["emb.type"][: self.dim]

    @cached_property
    def _words(self):
        return self._file.tensors["emb.word"].reshape(SIZES["words"], -1)

    @cached_property
    def _tokenizer(self):
        from tokenizers import Tokenizer, models, pre_tokenizers

        vocabulary = list(zip(self._file.pieces, self._file.scores.tolist(), strict=True))
        tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=self._file.unknown, byte_fallback=False))
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
        return tokenizer

    @cached_property
    def _session(self):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(build_graph(self._file), options, providers=["CPUExecutionProvider"])

    def encode(self, texts):
        self._session, self._tokenizer, self._words, self._positions
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            rows = list(pool.map(self._one, texts))
        return np.array(rows, np.float32).reshape(-1, self.dim)

    def _one(self, text):
        ids = self._tokenizer.encode(SPACES.sub(" ", (PREFIX + text).translate(self._file.normal)), add_special_tokens=False).ids
        total = 0
        for s in range(0, max(len(ids), 1), 510):
            w = ids[s:s + 510]
            x = dequantise(self._words[[0, *w, 2]]) + self._positions[: len(w) + 2]
            total = total + len(w) * self._session.run(None, {"embedded": x[None]})[0][0]
        return total / np.linalg.norm(total)
