"""What an encoder is, and what it may be given."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np


@runtime_checkable
class Encoder(Protocol):
    """Turn texts into unit vectors: `embed` takes every object that has these three.

    `identity` names all that a vector depends on but its text: encoders with the same identity share cached vectors.
    """

    @property
    def identity(self) -> str:
        """Name the model, its weights and its settings."""
        ...

    @property
    def dim(self) -> int:
        """Give the length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 unit rows (n, dim), row i for texts[i]."""
        ...


def check_texts(texts: Sequence[str]) -> None:
    """Raise TypeError unless `texts` holds strings and is not itself one."""
    if isinstance(texts, str):
        raise TypeError(f"texts is one string ({texts[:40]!r}): expected a list of strings")
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"Row {row} holds {text!r} ({type(text).__name__}): expected text, with '' for none")
