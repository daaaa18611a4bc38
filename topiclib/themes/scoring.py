"""Score passages for themes by the terms found in them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.themes.theme_file import Theme

# Fitted by logistic regression on the half of the sample's gold labels whose ids have an even SHA-256.
# `benchmarks/calibration.py` repeats the fit, fails if the result differs, and tests it on the other half.
INTERCEPT = -3.99
CORE_COEF = 5.21
SUPPORTING_COEF = 2.42


def score_themes(matches: pd.DataFrame, passages: pd.DataFrame, themes: Mapping[str, Theme]) -> pd.DataFrame:
    """Return table `themes`: a score for each passage and theme with a term of the theme in the passage.

    The score is 1 / (1 + exp(-(a + b·core + c·supporting))), where core and supporting count the distinct terms of each
    role (a matched ambiguous term counts as core). It estimates which share of such passages is about the theme, not
    how strongly, and is calibrated on the bundled *synthetic* sample only: on another corpus it ranks passages, and
    has to be validated by people (`topiclib themes sample`). A passage is *about* a theme from a score of .5, that is
    one core term or two supporting ones; below, the theme is mentioned in passing.
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
