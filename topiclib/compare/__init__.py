"""Compare shares between outlets, languages and months, with 95 % intervals where the data support one."""

from __future__ import annotations

from topiclib.compare.contrasts import word_contrasts
from topiclib.compare.cooccurrence import theme_cooccurrence, theme_topic_table
from topiclib.compare.differences import differences
from topiclib.compare.intervals import (
    MIN_OUTLETS,
    Estimate,
    cluster_estimate,
    difference_interval,
    single_outlet_estimate,
    wilson_estimate,
    wilson_interval,
)
from topiclib.compare.shares import (
    article_weights,
    compute_article_shares,
    coverage,
    levels_without_interval,
    link_article_reprints,
    shares,
    timeline,
)
from topiclib.corpus.time_window import ALL, OVERLAP

__all__ = [
    "ALL", "MIN_OUTLETS", "OVERLAP", "Estimate", "article_weights", "cluster_estimate",
    "compute_article_shares", "coverage", "difference_interval", "differences", "levels_without_interval",
    "link_article_reprints", "shares", "single_outlet_estimate", "theme_cooccurrence", "theme_topic_table",
    "timeline", "wilson_estimate", "wilson_interval", "word_contrasts",
]  # fmt: skip
