"""Comparing without being fooled: by outlet first, with an interval only where one is honest, over a shared period."""

from __future__ import annotations

from topiclib.compare.contrasts import carriers, differences, lift, word_contrasts
from topiclib.compare.intervals import (
    FEWEST_OUTLETS,
    Estimate,
    cluster_estimate,
    difference_interval,
    outlet_estimate,
    wilson,
    wilson_estimate,
)
from topiclib.compare.shares import coverage, memberships, no_interval, shares, tie_reprints, timeline
from topiclib.compare.weights import article_weights
from topiclib.period import ALL, OVERLAP

__all__ = [
    "ALL",
    "FEWEST_OUTLETS",
    "OVERLAP",
    "Estimate",
    "article_weights",
    "carriers",
    "cluster_estimate",
    "coverage",
    "difference_interval",
    "differences",
    "lift",
    "memberships",
    "no_interval",
    "outlet_estimate",
    "shares",
    "tie_reprints",
    "timeline",
    "wilson",
    "wilson_estimate",
    "word_contrasts",
]
