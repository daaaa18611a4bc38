"""What BERTopic reads words with, where it is given topics as words: guided, zero-shot, KeyBERT-inspired.

Themes handed to BERTopic so are one vector each, the mean of both languages: a list with a Persian and an Arabic entry
of one theme would make two topics of it, one a language.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topiclib import schema
from topiclib.embedding.alignment import Alignment
from topiclib.embedding.wccn import apply_wccn
from topiclib.text import analyze, identify_language

if TYPE_CHECKING:
    from bertopic import BERTopic
    from bertopic.backend import BaseEmbedder

    from topiclib.embedding.encoder import Encoder
    from topiclib.themes import Theme

THEME_MODES = ("zeroshot", "guided")

# Cosines to a description are low among aligned vectors; BERTopic's own .7 takes no passage at all. Chosen on the even
# ids of the sample's gold and of press articles (`benchmarks/themes.py`), where no limit suits both.
MIN_THEME_SIMILARITY = 0.15


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
        of the alignment's languages gets the mean of what it would be in each. Rows in its `named` (by text) are
        returned as they are.
    """
    from bertopic.backend import BaseEmbedder

    from topiclib.embedding.registry import encoder as find_encoder

    model = find_encoder(encoder) if isinstance(encoder, str | Path) else encoder

    class AlignedBackend(BaseEmbedder):
        def __init__(self) -> None:
            super().__init__()
            self.named: dict[str, np.ndarray] = {}

        def embed(self, documents: Any, verbose: bool = False) -> np.ndarray:
            texts = [str(text) for text in documents]
            if texts and all(text in self.named for text in texts):
                return np.stack([self.named[text] for text in texts])
            rows, lang = model.encode(texts), [str(identify_language(text)) for text in texts]
            known = np.array([code in alignment.languages for code in lang])
            first = [code if is_known else alignment.languages[0] for code, is_known in zip(lang, known, strict=True)]
            out = alignment.apply(rows, first)
            if not known.all():
                doubtful = rows[~known]
                mean = sum(alignment.apply(doubtful, [code] * len(doubtful)) for code in alignment.languages)
                out[~known] = mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)
            return out

    return AlignedBackend()


def theme_options(
    themes: Mapping[str, Theme],
    alignment: Alignment | None,
    *,
    mode: str = "zeroshot",
    encoder: str | Path | Encoder = "e5-small",
) -> dict[str, Any]:
    """Return the arguments with which BERTopic is given themes as topics.

    Parameters
    ----------
    themes
        As `read_themes` returns them.
    alignment
        As `fit_alignment` returned it for the corpus.
    mode
        "zeroshot": a theme is its descriptions (where it has none, its labels). "guided": its core terms.
    encoder
        The corpus's encoder.

    Returns
    -------
    dict
        For `bertopic.BERTopic`: embedding_model, and zeroshot_topic_list (the themes' keys) with
        zeroshot_min_similarity, or seed_topic_list.

    Raises
    ------
    ValueError
        If there is no theme or no alignment, or the mode is unknown.
    """
    if mode not in THEME_MODES:
        raise ValueError(f"mode is {mode!r}: expected {' or '.join(map(repr, THEME_MODES))}")
    if not themes or alignment is None:
        raise ValueError(
            f"themes={'...' if themes else themes!r} and alignment={'...' if alignment else None}: BERTopic needs both"
            " (read_themes(), fit_alignment(...)) to place themes among the passages"
        )
    texts = {key: _theme_texts(theme) if mode == "zeroshot" else _seed_texts(theme) for key, theme in themes.items()}
    seeds = {key: list(dict.fromkeys(word for text in texts[key] for word in analyze(text))) for key in themes}
    reader: Any = aligned_backend(alignment, encoder=encoder)
    rows = np.stack([reader.embed(some).mean(axis=0) for some in texts.values()])
    # BERTopic takes cosines to vectors that are not focused. Focusing is symmetric, so that these, focused twice, have
    # with them the products that both would have, focused once.
    rows = apply_wccn(apply_wccn(rows, encoder=str(encoder)), encoder=str(encoder))
    names = list(themes) if mode == "zeroshot" else [" ".join(words) for words in seeds.values()]
    reader.named, reader.themes = dict(zip(names, rows, strict=True)), list(themes)
    if mode == "zeroshot":
        given = {"zeroshot_topic_list": names, "zeroshot_min_similarity": MIN_THEME_SIMILARITY}
    else:
        given = {"seed_topic_list": list(seeds.values())}
    return {"embedding_model": reader, **given}


def topic_themes(model: BERTopic, aligned: np.ndarray) -> dict[int, str]:
    """Return the theme of each topic that has one, of a model that was given themes.

    In zero-shot mode it is the theme that took the topic's passages. Guided topics do not say what drew them: a topic
    belongs to the theme whose core terms are nearest to its centroid, from a cosine of .15 on; a theme may so have
    several topics, or none.

    Parameters
    ----------
    model
        As `fit(..., themes=...)` returned it.
    aligned
        The (n, d) rows that it was fitted on.

    Raises
    ------
    ValueError
        If the model was not given themes.
    """
    from topiclib.topics.centroids import compute_centroids, nearest_centroid

    reader: Any = model.embedding_model
    if not hasattr(reader, "themes"):
        raise ValueError("the model was not given themes: fit(..., themes=read_themes(), alignment=alignment)")
    if model.zeroshot_topic_list:
        return {topic: label for topic, label in model.topic_labels_.items() if label in reader.named}
    topics, means = compute_centroids(aligned, np.asarray(model.topics_))
    best, cosine = nearest_centroid(means, np.array(reader.themes), np.stack(list(reader.named.values())))
    near = zip(topics.tolist(), best.tolist(), cosine, strict=True)
    return {topic: theme for topic, theme, likeness in near if likeness >= MIN_THEME_SIMILARITY}


def _theme_texts(theme: Theme) -> list[str]:
    found = [theme.description.get(lang) or theme.label.get(lang) for lang in schema.LANGUAGES]
    return [text for text in found if text] or [theme.label["en"]]


def _seed_texts(theme: Theme) -> list[str]:
    return ["، ".join(roles["core"] or roles["ambiguous"]) for roles in theme.terms.values() if any(roles.values())]
