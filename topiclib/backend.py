"""What BERTopic reads words with, where it is given topics as words: guided, zero-shot, KeyBERT-inspired."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topiclib.align import Alignment
from topiclib.text import identify

if TYPE_CHECKING:
    from bertopic.backend import BaseEmbedder

    from topiclib.encoders import Encoder


def aligned_backend(alignment: Alignment, *, encoder: str | Path | Encoder = "e5-small") -> BaseEmbedder:
    """Return an embedding model for BERTopic whose vectors lie among the aligned ones.

    Words embedded as they come would lie in their own language's region, far from every aligned passage.

    Parameters
    ----------
    alignment
        As `fit_alignment` returned it for the corpus.
    encoder
        The corpus's encoder: its name, or itself.

    Returns
    -------
    bertopic.backend.BaseEmbedder
        For `fit(..., embedding_model=...)`. The language of a text is told from its letters and words; a text in none
        of the alignment's languages gets the mean of what it would be in each.
    """
    from bertopic.backend import BaseEmbedder

    from topiclib.encoders import encoder as find_encoder

    model = find_encoder(encoder) if isinstance(encoder, str | Path) else encoder

    class AlignedBackend(BaseEmbedder):
        def embed(self, documents: Any, verbose: bool = False) -> np.ndarray:
            texts = [str(text) for text in documents]
            rows, lang = model.encode(texts), [str(identify(text)) for text in texts]
            known = np.array([code in alignment.languages for code in lang])
            first = [code if is_known else alignment.languages[0] for code, is_known in zip(lang, known, strict=True)]
            out = alignment.apply(rows, first)
            if not known.all():
                doubtful = rows[~known]
                mean = sum(alignment.apply(doubtful, [code] * len(doubtful)) for code in alignment.languages)
                out[~known] = mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)
            return out

    return AlignedBackend()
