"""The settings of a run."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Literal, get_args, get_origin, get_type_hints

# This module imports no NumPy or pandas until a recipe is made: the command line reads its fields before it shows help.


@dataclass(frozen=True)
class Recipe:
    """The settings of a run that can change its results; saved with every run.

    Parameters
    ----------
    seed
        The only source of randomness.
    min_topic_size
        Minimum number of passages in a topic. None: 5; with "hdbscan" half the square root of the number of passages,
        at least 5.
    n_topics
        Target number of topics: the resolution is raised until at least so many are found, then topics with the closest
        centroids are merged. None: as many as the clustering finds.
    clustering
        "communities": Leiden communities of the nearest-neighbor graph of the aligned vectors. "hdbscan": BERTopic's
        usual UMAP and HDBSCAN.
    resolution
        Of the communities: above 1 more and smaller topics, below 1 fewer and larger ones.
    n_neighbors, n_components
        UMAP's, for "hdbscan": neighbors of each passage, and dimensions to cluster in.
    encoder
        "e5-small", or anything else that `topiclib.encoder` takes. With "e5-small" within-class covariance
        normalization (`topiclib.embedding.wccn`) is applied before communities are found. Pass an encoder
        object to `topiclib.run`, which records its identity here.
    alignment
        How language is removed from the vectors (`topiclib.align`): "balanced", "means" or "none".
    outliers
        "assign": an outlier gets the topic with the nearest centroid. "keep": it stays in topic -1. With "communities",
        a passage is an outlier if fewer than half of its 20 nearest neighbors share its topic.
    balance
        "outlet": topics are found in a sample in which no outlet, and no language, has more passages than the others
        together (`topiclib.topics.sampling`); the remaining passages are assigned to the nearest centroid. "none":
        topics are found in all passages.
    max_words
        Maximum length of a passage, in words.
    period
        The articles whose shares are computed: "overlap", those of the months in which both languages have articles;
        "all"; or months such as "2015-07/2016-01". Topics are found in all articles.
    stability
        Number of refits with other seeds, and of refits to subsamples, for table `stability`. 0: none.
    quality
        Whether the run is checked, for the tables `mixing`, `recovery` and `sensitivity` (`topiclib.quality`).
    """

    seed: int = 0
    min_topic_size: int | None = None
    n_topics: int | None = None
    clustering: Literal["communities", "hdbscan"] = "communities"
    resolution: float = 1.0
    n_neighbors: int = 15
    n_components: int = 5
    encoder: str = "e5-small"
    alignment: Literal["balanced", "means", "none"] = "balanced"
    outliers: Literal["assign", "keep"] = "assign"
    balance: Literal["none", "outlet"] = "none"
    max_words: int = 120
    period: str = "overlap"
    stability: int = 0
    quality: bool = False

    def __post_init__(self) -> None:
        from topiclib.corpus.time_window import parse_period

        minima = {"seed": 0, "min_topic_size": 2, "n_topics": 1, "n_neighbors": 2, "n_components": 2}
        for name, minimum in {**minima, "max_words": 10, "stability": 0}.items():
            value = getattr(self, name)
            if value is None and name in ("min_topic_size", "n_topics"):
                continue
            if isinstance(value, bool) or not isinstance(value, Integral) or value < minimum:
                raise ValueError(f"{name} is {value!r}: expected a whole number, {minimum} or more")
            object.__setattr__(self, name, int(value))  # NumPy's integers cannot be saved as JSON
        if self.seed >= 2**32:
            raise ValueError(f"seed is {self.seed}: expected less than 2 to the power of 32")
        if isinstance(self.resolution, bool) or not isinstance(self.resolution, Real) or not 0 < self.resolution < 1000:
            raise ValueError(f"resolution is {self.resolution!r}: expected a number above 0, such as 1.5")
        object.__setattr__(self, "resolution", float(self.resolution))
        if not isinstance(self.quality, bool):
            raise ValueError(f"quality is {self.quality!r}: expected True or False")
        if not isinstance(self.encoder, str):
            given = f"encoder is {type(self.encoder)}, but a recipe records names"
            raise TypeError(f"{given}: pass an encoder object to tl.run(..., encoder=...)")
        period = parse_period(self.period)  # two months are stored as text, because recipes are saved as JSON
        object.__setattr__(self, "period", period if isinstance(period, str) else "/".join(period))
        for name, kind in get_type_hints(Recipe).items():
            if get_origin(kind) is Literal and getattr(self, name) not in get_args(kind):
                expected = " or ".join(map(repr, get_args(kind)))
                raise ValueError(f"{name} is {getattr(self, name)!r}: expected {expected}")

    def min_topic_size_for(self, n: int) -> int:
        """Return the minimum size of a topic among n passages."""
        from topiclib.topics.communities import MIN_TOPIC_SIZE

        default = MIN_TOPIC_SIZE if self.clustering == "communities" else max(5, round(n**0.5 / 2))
        return self.min_topic_size or default
