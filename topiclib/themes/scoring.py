"""Matches to scores."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from topiclib import schema
from topiclib.themes.file import Theme

SUPPORTING_WEIGHT = 0.5


def score(matches: pd.DataFrame, passages: pd.DataFrame, themes: Mapping[str, Theme]) -> pd.DataFrame:
    """Score each passage for each theme that has a term in it."""
    if matches.empty:
        return schema.empty("themes")
    langs = passages.set_index("passage_id")["lang"]
    distinct = matches[["passage_id", "theme", "term"]].drop_duplicates()
    weights = [
        SUPPORTING_WEIGHT if term in themes[theme].terms[langs[passage]]["supporting"] else 1.0
        for passage, theme, term in distinct.itertuples(index=False)
    ]
    total = distinct.assign(weight=weights).groupby(["passage_id", "theme"], sort=False)["weight"].sum().reset_index()
    total["score"] = 1 - 0.5 ** total["weight"]
    return schema.conform(total.assign(about=total["score"] >= 0.5), "themes")
