"""Matches to scores: how likely people would say that a passage is about a theme, given the terms in it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.themes.theme_file import Theme

# Log-odds fitted by logistic regression on the half of the sample's gold whose ids have an even SHA-256
# (`benchmarks/calibration.py` fits them again, tests them on the other half, and fails where these are not they).
INTERCEPT = -3.99

CORE_COEF = 5.21

SUPPORTING_COEF = 2.42


def score_themes(matches: pd.DataFrame, passages: pd.DataFrame, themes: Mapping[str, Theme]) -> pd.DataFrame:
    """Score each passage for each theme that has a term in it.

    The score is 1 / (1 + exp(-(a + b·core + c·supporting))), where core and supporting count the distinct terms of
    each role (an ambiguous term that was found counts as core): the part of such passages of the bundled *synthetic*
    sample that its writers meant to be about the theme. It says how often, there, not how strongly; on another corpus
    it ranks, and has to be checked by people (`topiclib themes sample`). A passage is *about* a theme from .5 on: one
    core term, or two supporting ones; else it is named in passing. A passage without any term has no row.

    Returns
    -------
    DataFrame
        Table `themes`: a row for each passage and theme with at least one match.
    """
    if matches.empty:
        return schema.empty_table("themes")
    langs = passages.set_index("passage_id")["lang"]
    distinct = matches[["passage_id", "theme", "term"]].drop_duplicates()
    weights = [
        SUPPORTING_COEF if term in themes[theme].terms[langs[passage]]["supporting"] else CORE_COEF
        for passage, theme, term in distinct.itertuples(index=False)
    ]
    total = distinct.assign(weight=weights).groupby(["passage_id", "theme"], sort=False)["weight"].sum().reset_index()
    total["score"] = 1 / (1 + np.exp(-(INTERCEPT + total["weight"])))
    return schema.conform(total.assign(about=total["score"] >= 0.5), "themes")
