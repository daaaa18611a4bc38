"""The numbers that say how far a result can be trusted. Everything takes fitted labels or a callable, never a model."""

from __future__ import annotations

from topiclib.measure.agreement import best_matches, pairwise_ari
from topiclib.measure.contrast import sensitivity, topic_contrasts
from topiclib.measure.reliability import krippendorff_alpha
from topiclib.measure.shares import plant_shares, share_gap, share_recovery
from topiclib.measure.split import language_split, mixing, neighbour_mixing, one_language_share
from topiclib.measure.words import coherence, diversity

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
