"""Everything that decides a result."""

from __future__ import annotations

from dataclasses import dataclass

from topiclib.corpus.time_window import OVERLAP, parse_period
from topiclib.embedding.alignment import ALIGNMENT_METHODS
from topiclib.topics.communities import MIN_TOPIC_SIZE

CLUSTERINGS = ("communities", "hdbscan")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a result; saved with every run.

    Parameters
    ----------
    seed
        The one source of randomness.
    min_topic_size
        The fewest passages that make a topic. None: 5; with "hdbscan" half the square root of their number, at least 5.
    n_topics
        How many topics: the graph is cut finer until there are as many, then the nearest are merged until so many are
        left. None: as many as are found.
    clustering
        "communities": Leiden on the graph of neighbors of the aligned vectors (`communities`). "hdbscan":
        BERTopic's usual UMAP and HDBSCAN, for topics by density.
    resolution
        Of the communities: above 1 finer topics, below 1 coarser ones.
    n_neighbors, n_components
        UMAP's, for "hdbscan": how many neighbors each passage has, and how many dimensions are left to cluster in.
    encoder
        What the vectors are made with: "e5-small", or anything else that `topiclib.encoder` takes. Those of "e5-small"
        are focused before communities are found in them (`topiclib.embedding.wccn`).
    alignment
        How the language is taken out of the vectors (`topiclib.align`): "balanced", "means" or "none".
    outliers
        "assign": a passage in no cluster goes to the topic with the nearest centroid. "keep": it stays in topic -1.
        Among communities it is a passage with less than half of its 20 nearest in its own topic.
    balance
        "outlet": topics are found in a sample in which no outlet and no language has more than the others together
        (`topiclib.topics.sampling`), and the other passages placed by the nearest centroid. "none": in all passages.
    max_words
        The longest passage, in words.
    period
        The articles that shares are of: "overlap", those of the months in which both languages have articles; "all"; or
        months such as "2015-07/2016-01" (`topiclib.corpus.time_window`). Topics are found in all articles.
    stability
        How often a run finds its topics again, for the table `stability`; 0: not at all.
    quality
        Whether a run measures how sound it is, for the tables `mixing`, `recovery` and `sensitivity`
        (`topiclib.quality`).
    """

    seed: int = 0
    min_topic_size: int | None = None
    n_topics: int | None = None
    clustering: str = "communities"
    resolution: float = 1.0
    n_neighbors: int = 15
    n_components: int = 5
    encoder: str = "e5-small"
    alignment: str = "balanced"
    outliers: str = "assign"
    balance: str = "none"
    max_words: int = 120
    period: str = OVERLAP
    stability: int = 0
    quality: bool = False

    def __post_init__(self) -> None:
        bounds = {
            **{"seed": 0, "min_topic_size": 2, "n_topics": 1, "n_neighbors": 2, "n_components": 2},
            **{"max_words": 10, "stability": 0},
        }
        for name, least in bounds.items():
            value = getattr(self, name)
            if value is None and name in ("min_topic_size", "n_topics"):
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"{name} is {value!r}: expected a whole number, {least} or more")
        if self.seed >= 2**32:
            raise ValueError(f"seed is {self.seed}: expected less than 2 to the power of 32")
        if isinstance(self.resolution, bool | str) or not 0 < self.resolution < 1000:
            raise ValueError(f"resolution is {self.resolution!r}: expected a number above 0, such as 1.5")
        if not isinstance(self.quality, bool):
            raise ValueError(f"quality is {self.quality!r}: expected True or False")
        choices = {
            "alignment": ALIGNMENT_METHODS,
            "clustering": CLUSTERINGS,
            "outliers": ("assign", "keep"),
            "balance": ("none", "outlet"),
        }
        if not isinstance(self.period, str):
            object.__setattr__(self, "period", "/".join(parse_period(self.period)))
        parse_period(self.period)
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is {getattr(self, name)!r}: expected {' or '.join(map(repr, allowed))}")

    def topic_size(self, n: int) -> int:
        """Return the fewest passages that make a topic among n."""
        return self.min_topic_size or (
            MIN_TOPIC_SIZE if self.clustering == "communities" else max(5, round(n**0.5 / 2))
        )
