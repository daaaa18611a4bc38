"""The interface of an encoder."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np


@runtime_checkable
class Encoder(Protocol):
    """Turn texts into unit vectors. `embed` accepts any object with these three members."""

    @property
    def identity(self) -> str:
        """Model, weights and settings: encoders with the same identity share cached vectors."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 unit rows (n, dim), row i for texts[i]."""


def check_texts(texts: Sequence[str]) -> None:
    """Raise TypeError unless `texts` is a sequence of strings, and not a single string."""
    if isinstance(texts, str):
        raise TypeError(f"texts is one string ({texts[:40]!r}): expected a list of strings")
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"Row {row} holds {text!r} ({type(text).__name__}): expected a string ('' for no text)")
