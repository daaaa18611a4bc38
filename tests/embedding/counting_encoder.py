"""A fake encoder for the tests of the cache."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np


class CountingEncoder:
    """Make a random vector from the hash of each text; record the texts, and log their number before each call."""

    def __init__(self, identity: str = "counting/1", *, seconds: float = 0.0, log: Path | None = None):
        self.identity, self.dim = identity, 384
        self.seconds, self.log, self.asked = seconds, log, []  # type: ignore[var-annotated]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(f"{len(self.asked)}\n")
        self.asked += texts
        time.sleep(self.seconds * len(texts))
        return vectors_of(texts)


def vector_of(text: str) -> np.ndarray:
    seed = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8]
    vector = np.random.default_rng(int.from_bytes(seed, "little")).standard_normal(384)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def vectors_of(texts: Sequence[str]) -> np.ndarray:
    return np.array([vector_of(text) for text in texts], np.float32).reshape(-1, 384)
