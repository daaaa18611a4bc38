"""Pass words and themes to BERTopic: an embedding backend for aligned vectors, zero-shot and guided themes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topiclib import schema
from topiclib.embedding.alignment import Alignment
from topiclib.embedding.wccn import apply_wccn
from topiclib.text import analyze, identify_language
from topiclib.topics.assignment import compute_centroids, nearest_centroid

if TYPE_CHECKING:
    from bertopic import BERTopic
    from bertopic.backend import BaseEmbedder

    from topiclib.embedding.encoder import Encoder
    from topiclib.themes import Theme

THEME_MODES = ("zeroshot", "guided")

# Aligned vectors have low cosines to a description: BERTopic's default of .7 matches no passage. Chosen on the even ids
# of the sample's gold labels and of press articles (`benchmarks/themes.py`); no threshold suits both.
MIN_THEME_SIMILARITY = 0.15


def aligned_backend(alignment: Alignment, *, encoder: str | Path | Encoder = "e5-small") -> BaseEmbedder:
    """Return an embedding backend for BERTopic that maps words to aligned vectors.

    Without alignment the vector of a word would lie in the region of its language, far from all passages.

    Parameters
    ----------
    alignment, encoder
        Those of the corpus; the encoder or its name.

    Returns
    -------
    bertopic.backend.BaseEmbedder
        For `fit(..., embedding_model=...)`. The language of a text is identified; a text in none of the alignment's
        languages gets the mean of its vectors in all of them. Texts in its `fixed_vectors` get the vector given there.
    """
    from bertopic.backend import BaseEmbedder

    from topiclib.embedding.registry import encoder as find_encoder

    model = find_encoder(encoder)

    class AlignedBackend(BaseEmbedder):
        def __init__(self) -> None:
            super().__init__()
            self.fixed_vectors: dict[str, np.ndarray] = {}

        def embed(self, documents: Any, verbose: bool = False) -> np.ndarray:
            texts = [str(text) for text in documents]
            if texts and all(text in self.fixed_vectors for text in texts):
                return np.stack([self.fixed_vectors[text] for text in texts])
            vectors, lang = model.encode(texts), np.array([str(identify_language(text)) for text in texts])
            other = ~np.isin(lang, alignment.languages)
            aligned = alignment.apply(vectors, np.where(other, alignment.languages[0], lang).tolist())
            if other.any():
                mean = sum(alignment.apply(vectors[other], [code] * other.sum()) for code in alignment.languages)
                aligned[other] = mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)
            return aligned

    return AlignedBackend()


def theme_options(
    themes: Mapping[str, Theme], alignment: Alignment | None, *, mode: str = "zeroshot",
    encoder: str | Path | Encoder = "e5-small",
) -> dict[str, Any]:  # fmt: skip
    """Return the arguments that pass themes to BERTopic as topics.

    Each theme is one vector, the mean of both languages: a Persian and an Arabic entry would make two topics of it.

    Parameters
    ----------
    themes
        As `read_themes` returns them.
    alignment, encoder
        Those of the corpus; the encoder or its name.
    mode
        "zeroshot" uses a theme's descriptions (its labels where there are none), "guided" its core terms.

    Returns
    -------
    dict
        For `bertopic.BERTopic`: embedding_model, and zeroshot_topic_list (the themes' keys) with
        zeroshot_min_similarity, or seed_topic_list.
    """
    if mode not in THEME_MODES:
        raise ValueError(f"mode is {mode!r}: expected {' or '.join(map(repr, THEME_MODES))}")
    if not themes or alignment is None:
        given = f"themes={'...' if themes else themes!r} and alignment={'...' if alignment else None}"
        raise ValueError(
            f"{given}: BERTopic needs both (read_themes(), fit_alignment(...)) to match themes with passages"
        )
    zeroshot = mode == "zeroshot"
    texts = {key: _theme_texts(theme) if zeroshot else _seed_texts(theme) for key, theme in themes.items()}
    seeds = [list(dict.fromkeys(word for text in texts[key] for word in analyze(text))) for key in themes]
    backend: Any = aligned_backend(alignment, encoder=encoder)
    vectors = np.stack([backend.embed(theme_texts).mean(axis=0) for theme_texts in texts.values()])
    # BERTopic computes cosines to vectors without WCCN. WCCN is a symmetric map: applied twice here, it gives the
    # products that it would give if applied once on both sides.
    vectors = apply_wccn(apply_wccn(vectors, encoder=str(encoder)), encoder=str(encoder))
    names = list(themes) if zeroshot else [" ".join(words) for words in seeds]
    backend.fixed_vectors, backend.theme_keys = dict(zip(names, vectors, strict=True)), list(themes)
    topics = {"zeroshot_topic_list": names, "zeroshot_min_similarity": MIN_THEME_SIMILARITY}
    return {"embedding_model": backend, **(topics if zeroshot else {"seed_topic_list": seeds})}


def topic_themes(model: BERTopic, aligned: np.ndarray) -> dict[int, str]:
    """Return the theme of each topic that has one, for a model fitted with themes.

    In zero-shot mode it is the theme that the topic's passages matched. BERTopic does not say which seeds a guided
    topic follows: it gets the theme whose core terms are closest to its centroid, if the cosine is at least .15. A
    theme may have several such topics, or none.

    Parameters
    ----------
    model, aligned
        As `fit(..., themes=...)` returned it, and the (n, d) vectors that it was fitted on.
    """
    backend: Any = model.embedding_model
    if not hasattr(backend, "theme_keys"):
        raise ValueError("the model was fitted without themes: fit(..., themes=read_themes(), alignment=alignment)")
    if model.zeroshot_topic_list:
        return {topic: label for topic, label in model.topic_labels_.items() if label in backend.fixed_vectors}
    topics, centroids = compute_centroids(aligned, np.asarray(model.topics_))
    theme_vectors = np.stack(list(backend.fixed_vectors.values()))
    closest, cosines = nearest_centroid(centroids, np.array(backend.theme_keys), theme_vectors)
    matches = zip(topics.tolist(), closest.tolist(), cosines, strict=True)
    return {topic: theme for topic, theme, cosine in matches if cosine >= MIN_THEME_SIMILARITY}


def _theme_texts(theme: Theme) -> list[str]:
    texts = [theme.description.get(lang) or theme.label.get(lang) for lang in schema.LANGUAGES]
    return [text for text in texts if text] or [theme.label["en"]]


def _seed_texts(theme: Theme) -> list[str]:
    return ["، ".join(roles["core"] or roles["ambiguous"]) for roles in theme.terms.values() if any(roles.values())]
