"""Fit a BERTopic model to passages and their aligned vectors.

topiclib does not wrap BERTopic: it passes its own sub-models and returns the fitted `bertopic.BERTopic`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.embedding.wccn import apply_wccn
from topiclib.text import analyze
from topiclib.topics.cluster_model import Reduction, TopicClusterer, count_distinct
from topiclib.topics.communities import LeidenClustering
from topiclib.topics.recipe import Recipe
from topiclib.topics.sampling import balanced_sample, sample_if_large
from topiclib.topics.umap_layout import MIN_PASSAGES_FOR_GRAPH, reduce_with_umap

if TYPE_CHECKING:
    from bertopic import BERTopic
    from sklearn.preprocessing import FunctionTransformer

    from topiclib.embedding.alignment import Alignment
    from topiclib.themes import Theme

# Sets k of the k-means that replaces other clusterings in corpora too small for a neighbor graph.
PASSAGES_PER_KMEANS_TOPIC = 8


def fit(
    passages: pd.DataFrame, aligned: np.ndarray, recipe: Recipe | None = None, *, cluster_model: Any = None,
    themes: Mapping[str, Theme] | None = None, mode: str = "zeroshot", alignment: Alignment | None = None,
    **options: Any,
) -> BERTopic:  # fmt: skip
    """Fit BERTopic to passages and their aligned vectors.

    Parameters
    ----------
    passages
        Needs the column `text`, with at least two different words that are not stop words; with `balance="outlet"` also
        `lang` and `source`. Of more than 50,000 passages, topics
        are found in a sample of 50,000, spread evenly over those of `lang`, `source` and `period` that are columns; the
        others get the topic with the nearest centroid.
    aligned
        (n, d) unit rows, row i for passages.iloc[i]. Not changed.
    recipe
        Default: `Recipe()`.
    cluster_model
        Anything with `fit` and `labels_` (-1: outlier) in place of the recipe's clustering: HDBSCAN, k-means, ... As in
        BERTopic it gets UMAP coordinates; only `topiclib.topics.communities.LeidenClustering` gets the projected
        vectors themselves.
    themes, mode, alignment
        Themes (`read_themes()`) to pass to BERTopic as topics; `alignment` is the one that gave `aligned`. "zeroshot":
        a passage whose cosine to a theme's description is at least .15 (`zeroshot_min_similarity`) is in a topic with
        the theme's name; the others are clustered. "guided": passages closer to a theme's core terms than to the mean
        of all are moved towards them, then all are clustered; `topic_themes` tells which topics match which theme.

        Both modes are for exploration: what occurs beside a theme, which terms it lacks. They assign a passage to at
        most one theme, and fill an absent theme with whatever is closest. To measure themes use the lexicon
        (`topiclib.themes`): it agrees far better with labels (`benchmarks/themes.py`), and shows its evidence.
    **options
        Further arguments of `bertopic.BERTopic`: representation_model, seed_topic_list, zeroshot_topic_list, ... The
        last two need an `embedding_model` (`topiclib.topics.seeding.aligned_backend`). A `umap_model` takes the place
        of UMAP.

    Returns
    -------
    BERTopic
        `model.topics_[i]` is the topic of passages.iloc[i]; topics are numbered from the largest, -1 for outliers.
        `model.umap_model` is `make_projection(recipe)`; UMAP runs in `model.hdbscan_model`, on the passages that are
        clustered, so that `model.transform` assigns new passages to the topic with the nearest centroid.

    References
    ----------
    Grootendorst 2022, BERTopic (arXiv 2203.05794). McInnes et al. 2018, UMAP. Campello et al. 2013, HDBSCAN.
    """
    recipe = recipe or Recipe()
    vectors = check_vectors(schema.require_modeled(passages, caller="fit"), aligned)
    schema.require_columns(passages, ["text"], caller="fit")
    from bertopic import BERTopic
    from sklearn.feature_extraction.text import CountVectorizer

    texts = passages["text"].tolist()
    words: set[str] = set()
    for text in texts:
        words.update(analyze(text))
        if len(words) > 1:
            break
    else:  # BERTopic needs at least two different words to describe topics with
        n_words = f"only one word ({words.pop()})" if words else "no word"
        raise ValueError(
            f"{n_words} in {len(texts)} passages besides stop words and numbers: expected two or more; check the text"
        )
    if themes is not None:
        from topiclib.topics.seeding import theme_options

        options = {**theme_options(themes, alignment, mode=mode, encoder=recipe.encoder), **options}
    for name in ("seed_topic_list", "zeroshot_topic_list"):
        if options.get(name) and options.get("embedding_model") is None:
            how = "embedding_model=topiclib.topics.seeding.aligned_backend(alignment)"
            raise ValueError(f"{name} needs an embedding model that maps words to aligned vectors: pass {how}")
    clusterer = _build_clusterer(
        passages, vectors, recipe, cluster_model=cluster_model, umap_model=options.pop("umap_model", None)
    )
    defaults = {
        "language": "multilingual",  # "english" deletes every letter of Arabic script
        "umap_model": make_projection(recipe),
        "hdbscan_model": clusterer,
        "vectorizer_model": CountVectorizer(analyzer=analyze),
        "calculate_probabilities": False,
    }
    model = BERTopic(**{**defaults, **options})
    # BERTopic changes the embeddings in place when topics are guided. Otherwise no copy: 75 MB for 50,000 passages.
    embeddings = vectors.copy() if options.get("seed_topic_list") else vectors
    with pd.option_context("mode.chained_assignment", None):  # a warning of BERTopic's own zero-shot code
        return model.fit(texts, embeddings=embeddings)


def cluster_passages(passages: pd.DataFrame, aligned: np.ndarray, recipe: Recipe | None = None) -> np.ndarray:
    """Return the topics (n,) that `fit` finds, numbered in no order and without keywords: for many refits."""
    recipe = recipe or Recipe()
    vectors = check_vectors(passages, aligned)
    return _build_clusterer(passages, vectors, recipe).fit(make_projection(recipe).transform(vectors)).labels_


def check_vectors(passages: pd.DataFrame, vectors: np.ndarray) -> np.ndarray:
    """Return the vectors as float32; raise ValueError if they are not finite, or do not match passages row by row."""
    vectors = np.asarray(vectors, dtype=np.float32)
    if len(passages) == 0:
        raise ValueError("no passages to fit: the corpus has no Persian or Arabic text that is modeled")
    if vectors.ndim != 2 or len(vectors) != len(passages):
        raise ValueError(
            f"vectors has shape {vectors.shape} but passages has {len(passages)} rows: embed the passages that you fit"
        )
    if n_invalid := int((~np.isfinite(vectors)).any(axis=1).sum()):
        raise ValueError(f"vectors has {n_invalid} rows that are not finite: embed them again")
    return vectors


def make_projection(recipe: Recipe) -> FunctionTransformer:
    """Return the transformer of aligned vectors to those in which topics are found and have centroids.

    It is BERTopic's `umap_model`, applies `topiclib.embedding.wccn.apply_wccn`, and needs no fitting:
    `make_projection(recipe).transform(aligned)` are the vectors by which new passages are assigned to topics.
    """
    from sklearn.preprocessing import FunctionTransformer

    return FunctionTransformer(apply_wccn, kw_args={"encoder": recipe.encoder})


def _build_clusterer(
    passages: pd.DataFrame, vectors: np.ndarray, recipe: Recipe, *, cluster_model: Any = None, umap_model: Any = None
) -> TopicClusterer:
    """Return BERTopic's `hdbscan_model`, unfitted."""
    n, n_distinct = len(vectors), count_distinct(vectors)
    too_small = n_distinct < MIN_PASSAGES_FOR_GRAPH
    estimator = cluster_model or _build_cluster_model(n, n_distinct, recipe)
    reduction: Reduction | None = None
    if umap_model is not None and not too_small:
        reduction = f"{type(umap_model).__name__}, passed to the fit,", partial(_reduce_with_model, umap_model)
    elif not (too_small or isinstance(estimator, LeidenClustering)):
        settings: dict[str, Any] = {"n_components": min(recipe.n_components, vectors.shape[1]), "seed": recipe.seed}
        reduction = "UMAP", partial(reduce_with_umap, n_neighbors=recipe.n_neighbors, min_dist=0.0, **settings)
    as_given = cluster_model or too_small  # neither drop nor merge the clusters of k-means or of the user's own model
    return TopicClusterer(
        estimator, reduction=reduction, n_topics=recipe.n_topics, outliers=recipe.outliers, n_rows=n,
        min_topic_size=1 if as_given else recipe.min_topic_size_for(n),
        sample_positions=_sample_positions(passages, recipe),
        lang=None if as_given or "lang" not in passages else passages["lang"],
    )  # fmt: skip


def _reduce_with_model(umap_model: Any, vectors: np.ndarray) -> np.ndarray:
    """Reduce vectors with a model as BERTopic expects it, which may have no `fit_transform`."""
    umap_model.fit(vectors)
    return umap_model.transform(vectors)


def _sample_positions(passages: pd.DataFrame, recipe: Recipe) -> np.ndarray | None:
    """Return the positions of the passages in which topics are found; None: all."""
    if recipe.balance == "none":
        return sample_if_large(passages, seed=recipe.seed)
    balanced = balanced_sample(passages, seed=recipe.seed)
    large = sample_if_large(passages.iloc[balanced], seed=recipe.seed)
    return balanced if large is None else balanced[large]


def _build_cluster_model(n: int, n_distinct: int, recipe: Recipe) -> Any:
    size = min(recipe.min_topic_size_for(n), n)
    if n_distinct < MIN_PASSAGES_FOR_GRAPH:
        from sklearn.cluster import KMeans

        k = recipe.n_topics or n // PASSAGES_PER_KMEANS_TOPIC
        return KMeans(n_clusters=max(1, min(k, n_distinct)), random_state=recipe.seed, n_init=10)
    if recipe.clustering == "communities":
        settings: dict[str, Any] = {"seed": recipe.seed, "resolution": recipe.resolution, "outliers": recipe.outliers}
        return LeidenClustering(min_topic_size=size, **settings)
    from hdbscan import HDBSCAN

    return HDBSCAN(min_cluster_size=size, min_samples=min(5, size), metric="euclidean", core_dist_n_jobs=1)
