"""Comparing without being fooled: by outlet first, with an interval only where one is honest, over a shared period."""

from __future__ import annotations

from topiclib.compare.contrasts import OVERLAP, benjamini_hochberg, carriers, differences, lift, word_contrasts
from topiclib.compare.intervals import (
    FEWEST_OUTLETS,
    Estimate,
    cluster_estimate,
    difference_interval,
    outlet_estimate,
    wilson,
    wilson_estimate,
)
from topiclib.compare.shares import coverage, memberships, shares, tie_reprints, timeline
from topiclib.compare.weights import article_weights, overlap_window

__all__ = [
    "FEWEST_OUTLETS",
    "OVERLAP",
    "Estimate",
    "article_weights",
    "benjamini_hochberg",
    "carriers",
    "cluster_estimate",
    "coverage",
    "difference_interval",
    "differences",
    "lift",
    "memberships",
    "outlet_estimate",
    "overlap_window",
    "shares",
    "tie_reprints",
    "timeline",
    "wilson",
    "wilson_estimate",
    "word_contrasts",
]
