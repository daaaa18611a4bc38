"""A recipe, passages and aligned vectors to a real BERTopic model.

topiclib never wraps BERTopic: it chooses what goes in (neighbours found once, a cluster model that knows what to do
with outliers and with corpora of any size, a vectorizer that reads both languages) and returns the fitted
`bertopic.BERTopic`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.clusters import Clusters
from topiclib.neighbours import FEWEST_FOR_DENSITY, quiet_umap, umap_layout
from topiclib.text import analyze

if TYPE_CHECKING:
    from bertopic import BERTopic

PASSAGES_A_TOPIC = 8


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a result; saved with every run.

    Parameters
    ----------
    seed
        The one source of randomness.
    min_topic_size
        The fewest passages that make a topic. None: half the square root of their number, at least 5.
    n_topics
        How many topics at most: the nearest are merged until so many are left. None: as many as are found.
    n_neighbors, n_components
        UMAP's: how many neighbours each passage has, and how many dimensions are left for the clustering.
    encoder
        What `topiclib.encoder` takes: "e5-small", a sentence-transformers model, or a folder.
    alignment
        How the language is taken out of the vectors (`topiclib.align`): "balanced", "means" or "none".
    outliers
        "assign": a passage in no cluster goes to the topic with the nearest centroid. "keep": it stays in topic -1.
    max_words
        The longest passage, in words.
    """

    seed: int = 0
    min_topic_size: int | None = None
    n_topics: int | None = None
    n_neighbors: int = 15
    n_components: int = 5
    encoder: str = "e5-small"
    alignment: str = "balanced"
    outliers: str = "assign"
    max_words: int = 120

    def __post_init__(self) -> None:
        bounds = {"seed": 0, "min_topic_size": 2, "n_topics": 1, "n_neighbors": 2, "n_components": 2, "max_words": 10}
        for name, least in bounds.items():
            value = getattr(self, name)
            if value is None and name in ("min_topic_size", "n_topics"):
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"{name} is {value!r}: expected a whole number, {least} or more")
        if self.seed >= 2**32:
            raise ValueError(f"seed is {self.seed}: expected less than 2 to the power of 32")
        if self.outliers not in ("assign", "keep"):
            raise ValueError(f'outliers is {self.outliers!r}: expected "assign" or "keep"')

    def topic_size(self, n: int) -> int:
        """Return the fewest passages that make a topic among n."""
        return self.min_topic_size or max(5, round(n**0.5 / 2))


def fit(
    passages: pd.DataFrame,
    aligned: np.ndarray,
    recipe: Recipe | None = None,
    *,
    cluster_model: Any = None,
    **options: Any,
) -> BERTopic:
    """Fit BERTopic on passages and their aligned vectors.

    Parameters
    ----------
    passages
        Needs the column `text`.
    aligned
        (n, d) unit rows, row i for passages.iloc[i]. Left as it is.
    recipe
        Default: `Recipe()`.
    cluster_model
        Anything with `fit` and `labels_` (-1: none), in place of HDBSCAN: k-means, scikit-network's Leiden, ...
    **options
        More of `bertopic.BERTopic`'s own arguments: representation_model, seed_topic_list, zeroshot_topic_list, ...

    Returns
    -------
    BERTopic
        `model.topics_[i]` is the topic of passages.iloc[i]; topics are numbered from the largest, -1 are outliers.

    Raises
    ------
    ValueError
        If there is no passage, the numbers of rows differ, a vector is not finite, or no passage has a word that
        counts.

    Source: Grootendorst 2022, BERTopic (arXiv 2203.05794); McInnes et al. 2018, UMAP; Campello et al. 2013, HDBSCAN.
    """
    recipe = recipe or Recipe()
    vectors = check_vectors(schema.modelled(passages, door="fit"), aligned)
    schema.require(passages, ["text"], door="fit")
    from bertopic import BERTopic
    from sklearn.feature_extraction.text import CountVectorizer

    texts = passages["text"].tolist()
    if not any(analyze(text) for text in texts):
        raise ValueError(
            f"no word that counts is left in {len(texts)} passages (only stop words, numbers, signs): nothing to fit"
        )
    settings = {
        "language": "multilingual",  # "english" deletes every letter of Arabic script
        "umap_model": _reduction(vectors, recipe),
        "hdbscan_model": Clusters(
            cluster_model or _cluster_model(len(texts), recipe),
            vectors,
            n_topics=recipe.n_topics,
            outliers=recipe.outliers,
        ),
        "vectorizer_model": CountVectorizer(analyzer=analyze),
        "calculate_probabilities": False,
    }
    model = BERTopic(**{**settings, **options})
    with quiet_umap():
        model.fit(texts, embeddings=vectors.copy())  # guided mode writes into what it is given
    return model


def check_vectors(passages: pd.DataFrame, vectors: np.ndarray) -> np.ndarray:
    """Return the vectors as float32 when they fit the passages, row for row.

    Raises
    ------
    ValueError
        If there is none, the numbers of rows differ, or a value is not finite.
    """
    vectors = np.asarray(vectors, dtype=np.float32)
    if len(passages) == 0:
        raise ValueError("there is no passage to fit: the corpus has no Persian or Arabic text that is modelled")
    if vectors.ndim != 2 or len(vectors) != len(passages):
        raise ValueError(
            f"vectors has shape {vectors.shape} but passages has {len(passages)} rows: embed the passages that you fit"
        )
    if not np.isfinite(vectors).all():
        raise ValueError(
            f"vectors has {int((~np.isfinite(vectors)).any(axis=1).sum())} rows that are not finite: embed them again"
        )
    return vectors


def _reduction(vectors: np.ndarray, recipe: Recipe) -> Any:
    if len(vectors) < FEWEST_FOR_DENSITY:
        from bertopic.dimensionality import BaseDimensionalityReduction

        return BaseDimensionalityReduction()
    components = min(recipe.n_components, vectors.shape[1])
    return umap_layout(vectors, recipe.n_neighbors, seed=recipe.seed, n_components=components, min_dist=0.0)


def _cluster_model(n: int, recipe: Recipe) -> Any:
    if n < FEWEST_FOR_DENSITY:
        from sklearn.cluster import KMeans

        return KMeans(n_clusters=max(1, n // PASSAGES_A_TOPIC), random_state=recipe.seed, n_init=10)
    from hdbscan import HDBSCAN

    size = min(recipe.topic_size(n), n)
    return HDBSCAN(min_cluster_size=size, min_samples=min(5, size), metric="euclidean", core_dist_n_jobs=1)
