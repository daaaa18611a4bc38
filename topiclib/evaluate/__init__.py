"""Measures of how far a result can be trusted. Those exported here take labels, vectors or a callable, not a model."""

from __future__ import annotations

from topiclib.evaluate.agreement import best_jaccard, pairwise_ari
from topiclib.evaluate.coherence import coherence, diversity
from topiclib.evaluate.krippendorff import krippendorff_alpha
from topiclib.evaluate.language_mixing import mixing, neighbor_mixing, one_language_share
from topiclib.evaluate.sensitivity import refit_differences, sensitivity
from topiclib.evaluate.share_recovery import (
    detection_limits,
    recovered_difference,
    sample_planted_difference,
    share_recovery,
)
from topiclib.topics.language_split import language_split

__all__ = [
    "best_jaccard", "coherence", "detection_limits", "diversity", "krippendorff_alpha", "language_split", "mixing",
    "neighbor_mixing", "one_language_share", "pairwise_ari", "recovered_difference", "refit_differences",
    "sample_planted_difference", "sensitivity", "share_recovery",
]  # fmt: skip
