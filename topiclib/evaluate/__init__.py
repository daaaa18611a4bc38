"""The numbers that say how far a result can be trusted. Everything takes fitted labels or a callable, never a model."""

from __future__ import annotations

from topiclib.evaluate.agreement import best_matches, pairwise_ari
from topiclib.evaluate.coherence import coherence, diversity
from topiclib.evaluate.krippendorff import krippendorff_alpha
from topiclib.evaluate.language_mixing import mixing, neighbour_mixing, one_language_share
from topiclib.evaluate.sensitivity import sensitivity, topic_contrasts
from topiclib.evaluate.share_recovery import plant_shares, share_gap, share_recovery
from topiclib.topics.language_split import language_split

__all__ = [
    "best_matches",
    "coherence",
    "diversity",
    "krippendorff_alpha",
    "language_split",
    "mixing",
    "neighbour_mixing",
    "one_language_share",
    "pairwise_ari",
    "plant_shares",
    "sensitivity",
    "share_gap",
    "share_recovery",
    "topic_contrasts",
]
