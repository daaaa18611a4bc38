"""Comparing without being fooled: by outlet first, with an interval only where one is honest, over a shared period."""

from __future__ import annotations

from topiclib.compare.contrasts import word_contrasts
from topiclib.compare.cooccurrence import carriers, lift
from topiclib.compare.differences import differences
from topiclib.compare.intervals import (
    FEWEST_OUTLETS,
    Estimate,
    cluster_estimate,
    difference_interval,
    outlet_estimate,
    wilson,
    wilson_estimate,
)
from topiclib.compare.shares import article_weights, coverage, memberships, no_interval, shares, tie_reprints, timeline
from topiclib.corpus.time_window import ALL, OVERLAP

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
