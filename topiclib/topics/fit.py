"""A recipe, passages and aligned vectors to a real BERTopic model.

topiclib never wraps BERTopic: it chooses what goes in (neighbors found once, a cluster model that knows what to do
with outliers and with corpora of any size, a vectorizer that reads both languages) and returns the fitted
`bertopic.BERTopic`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.embedding.wccn import apply_wccn
from topiclib.text import analyze
from topiclib.topics.cluster_model import TopicClusterer, UmapThenCluster
from topiclib.topics.communities import LeidenClustering
from topiclib.topics.neighbors import NeighborCache
from topiclib.topics.recipe import Recipe
from topiclib.topics.sampling import balanced_sample, sample_if_large
from topiclib.topics.umap_layout import MIN_PASSAGES_FOR_GRAPH, make_umap, quiet_umap

if TYPE_CHECKING:
    from bertopic import BERTopic

    from topiclib.embedding.alignment import Alignment
    from topiclib.themes import Theme

PASSAGES_PER_KMEANS_TOPIC = 8


def fit(
    passages: pd.DataFrame,
    aligned: np.ndarray,
    recipe: Recipe | None = None,
    *,
    cluster_model: Any = None,
    near: NeighborCache | None = None,
    themes: Mapping[str, Theme] | None = None,
    mode: str = "zeroshot",
    alignment: Alignment | None = None,
    **options: Any,
) -> BERTopic:
    """Fit BERTopic on passages and their aligned vectors.

    Parameters
    ----------
    passages
        Needs the column `text`; with `balance="outlet"` also `lang` and `source`. Of more than 50,000 passages the
        topics are found in 50,000, spread evenly over `lang`, `source` and `period` where those are there, and the
        others given to the nearest centroid.
    aligned
        (n, d) unit rows, row i for passages.iloc[i]. Left as it is.
    recipe
        Default: `Recipe()`.
    cluster_model
        Anything with `fit` and `labels_` (-1: none) in place of the recipe's clustering: HDBSCAN, k-means, ... It is
        given UMAP's coordinates, as in BERTopic; `topiclib.topics.communities.LeidenClustering` the aligned vectors.
        Of a sample (a large or a balanced corpus) UMAP lays out the sample alone.
    near
        Neighbors found before, to be found once for several calls on the same vectors.
    themes, mode, alignment
        Themes (`read_themes()`) that BERTopic is given as topics; `alignment` is what gave `aligned`. "zeroshot": a
        passage whose cosine to a theme's description is at least .15 (`zeroshot_min_similarity`) is in a topic of the
        theme's name, the others are clustered. "guided": passages nearer to a theme's core terms than to the mean of
        all are drawn towards them, then all are clustered; `topic_themes` says which topics came of
        which theme. Either gives a passage to one theme at most, and where a theme is absent fills it with what is
        nearest. To measure a theme take the lexicon (`topiclib.themes`): it agrees far better with labels
        (`benchmarks/themes.py`), and every find can be checked by its words. These modes are for looking around: what
        stands beside a theme, which words it lacks.
    **options
        More of `bertopic.BERTopic`'s own arguments: representation_model, seed_topic_list, zeroshot_topic_list, ...
        Topics given as words need an `embedding_model` (`topiclib.topics.seeding.aligned_backend`).

    Returns
    -------
    BERTopic
        `model.topics_[i]` is the topic of passages.iloc[i]; topics are numbered from the largest, -1 are outliers.

    Raises
    ------
    ValueError
        If there is no passage, the numbers of rows differ, a vector is not finite, or no passage has a word that
        counts; if topics are given as words, and no `embedding_model` to read them; if themes are given and no
        alignment, or zero-shot topics to a clustering that needs UMAP.

    Source: Grootendorst 2022, BERTopic (arXiv 2203.05794); of the clusterings: `communities`; McInnes et al.
    2018, UMAP; Campello et al. 2013, HDBSCAN.
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
    else:  # BERTopic needs two words to tell topics by
        left = f"only one word that counts ({words.pop()})" if words else "no word that counts"
        raise ValueError(f"{left} is left in {len(texts)} passages (only stop words, numbers, signs): nothing to fit")
    if themes is not None:
        from topiclib.topics.seeding import theme_options

        options = {**theme_options(themes, alignment, mode=mode, encoder=recipe.encoder), **options}
    for name in ("seed_topic_list", "zeroshot_topic_list"):
        if options.get(name) and options.get("embedding_model") is None:
            raise ValueError(
                f"{name} needs a reader of its words: embedding_model=topics.seeding.aligned_backend(alignment)"
            )
    reduction, clusters = build_submodels(passages, vectors, recipe, cluster_model=cluster_model, near=near)
    by_umap = hasattr(reduction, "precomputed_knn") or isinstance(clusters.base, UmapThenCluster)
    if options.get("zeroshot_topic_list") and by_umap and "umap_model" not in options:
        raise ValueError("zero-shot topics need clustering='communities': UMAP cannot place the passages left over")
    settings = {
        "language": "multilingual",  # "english" deletes every letter of Arabic script
        "umap_model": reduction,
        "hdbscan_model": clusters,
        "vectorizer_model": CountVectorizer(analyzer=analyze),
        "calculate_probabilities": False,
    }
    model = BERTopic(**{**settings, **options})
    with quiet_umap(), pd.option_context("mode.chained_assignment", None):  # BERTopic's zero-shot mode warns of itself
        guided = bool(options.get("seed_topic_list"))  # writes into what it is given; of a large corpus a copy is much
        model.fit(texts, embeddings=vectors.copy() if guided else vectors)
    return model


def cluster_passages(
    passages: pd.DataFrame, aligned: np.ndarray, recipe: Recipe | None = None, *, near: NeighborCache | None = None
) -> np.ndarray:
    """Return the topics (n,) alone, as `fit` finds them but with no words and in no order: for refitting many times."""
    recipe = recipe or Recipe()
    vectors = check_vectors(passages, aligned)
    reduction, clusters = build_submodels(passages, vectors, recipe, near=near)
    with quiet_umap():
        rows = reduction.fit_transform(vectors) if hasattr(reduction, "fit_transform") else reduction.transform(vectors)
    return clusters.fit(rows).labels_


def check_vectors(passages: pd.DataFrame, vectors: np.ndarray) -> np.ndarray:
    """Return the vectors as float32 when they fit the passages, row for row.

    Raises
    ------
    ValueError
        If there is none, the numbers of rows differ, or a value is not finite.
    """
    vectors = np.asarray(vectors, dtype=np.float32)
    if len(passages) == 0:
        raise ValueError("there is no passage to fit: the corpus has no Persian or Arabic text that is modeled")
    if vectors.ndim != 2 or len(vectors) != len(passages):
        raise ValueError(
            f"vectors has shape {vectors.shape} but passages has {len(passages)} rows: embed the passages that you fit"
        )
    if not np.isfinite(vectors).all():
        raise ValueError(
            f"vectors has {int((~np.isfinite(vectors)).any(axis=1).sum())} rows that are not finite: embed them again"
        )
    return vectors


def centroid_space(aligned: np.ndarray, recipe: Recipe) -> np.ndarray:
    """Return the rows (n, d) in which a recipe's topics have their centroids: new passages are placed in it."""
    return apply_wccn(aligned, encoder=recipe.encoder) if recipe.clustering == "communities" else aligned


def build_submodels(
    passages: pd.DataFrame,
    vectors: np.ndarray,
    recipe: Recipe,
    *,
    cluster_model: Any = None,
    near: NeighborCache | None = None,
) -> tuple[Any, TopicClusterer]:
    """Return what BERTopic is given as `umap_model` and `hdbscan_model`, unfitted."""
    near = near or NeighborCache()
    n = len(vectors)
    different = len({hash(row.tobytes()) for row in vectors})  # a passage said again adds nothing that could be cut
    base = cluster_model or _build_cluster_model(n, different, recipe, near)
    sample = _sample_positions(passages, recipe)
    direct = different < MIN_PASSAGES_FOR_GRAPH or isinstance(base, LeidenClustering)
    components = min(recipe.n_components, vectors.shape[1])
    umap: dict[str, Any] = {"n_neighbors": recipe.n_neighbors, "seed": recipe.seed, "near": near}
    umap |= {"n_components": components, "min_dist": 0.0}
    if sample is not None and not direct:
        base, direct = UmapThenCluster(base, **umap), True
    clusters = TopicClusterer(
        base,
        vectors,
        encoder=None if cluster_model or recipe.clustering == "hdbscan" else recipe.encoder,
        near=near,
        n_topics=recipe.n_topics,
        min_topic_size=1 if cluster_model or different < MIN_PASSAGES_FOR_GRAPH else recipe.topic_size(n),
        outliers=recipe.outliers,
        sample_positions=sample,
        lang=None
        if cluster_model or different < MIN_PASSAGES_FOR_GRAPH or "lang" not in passages
        else passages["lang"],
    )
    if direct:
        from bertopic.dimensionality import BaseDimensionalityReduction

        return BaseDimensionalityReduction(), clusters
    return make_umap(vectors, **umap), clusters


def _sample_positions(passages: pd.DataFrame, recipe: Recipe) -> np.ndarray | None:
    """Return the positions of the passages among which topics are found; None: all."""
    if recipe.balance == "none":
        return sample_if_large(passages, seed=recipe.seed)
    rows = balanced_sample(passages, seed=recipe.seed)
    few = sample_if_large(passages.iloc[rows], seed=recipe.seed)
    return rows if few is None else rows[few]


def _build_cluster_model(n: int, n_distinct: int, recipe: Recipe, near: NeighborCache) -> Any:
    size = min(recipe.topic_size(n), n)
    if n_distinct < MIN_PASSAGES_FOR_GRAPH:
        from sklearn.cluster import KMeans

        k = recipe.n_topics or n // PASSAGES_PER_KMEANS_TOPIC
        return KMeans(n_clusters=max(1, min(k, n_distinct)), random_state=recipe.seed, n_init=10)
    if recipe.clustering == "communities":
        return LeidenClustering(
            seed=recipe.seed,
            min_topic_size=size,
            resolution=recipe.resolution,
            encoder=None,  # Clusters focuses
            outliers=recipe.outliers,
            near=near,
        )
    from hdbscan import HDBSCAN

    return HDBSCAN(min_cluster_size=size, min_samples=min(5, size), metric="euclidean", core_dist_n_jobs=1)
