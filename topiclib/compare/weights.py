"""What an article counts: once, or so that outlets count alike, or so that months do."""

from __future__ import annotations

import numpy as np
import pandas as pd

from topiclib import schema

RULES = ("article", "outlet", "month")


def article_weights(facts: pd.DataFrame, levels: pd.Series, *, weights: str = "article") -> np.ndarray:
    """Return a weight for each article.

    Parameters
    ----------
    facts
        One row an article: `source`, `date`, and the column of weights where one is named.
    levels
        The level (language, outlet, country, ...) of each article, in the order of `facts`.
    weights
        "article": each counts once. "outlet": each outlet of a level counts alike. "month": in each level, months
        weigh as they do in all articles that have a month (articles without one get none). Else a column of sampling
        weights.

    Raises
    ------
    ValueError
        If it is no rule and no column, or a weight is missing, negative or no number.
    """
    if weights == "article":
        return np.ones(len(facts))
    if weights == "outlet":
        return 1 / facts.groupby([levels.to_numpy(), facts["source"].to_numpy()])["source"].transform("size").to_numpy()
    if weights == "month":
        months = facts["date"].astype("object").str.slice(0, 7)
        known = (months.str.len() == 7).to_numpy()
        everywhere = months[known].value_counts(normalize=True)
        inside = pd.Series(1.0, index=facts.index)[known].groupby([levels[known], months[known]]).transform("sum")
        out = np.zeros(len(facts))
        out[known] = months[known].map(everywhere).to_numpy() / inside.to_numpy()
        return out
    if weights not in facts.columns:
        raise ValueError(f"weights is {weights!r}: expected {', '.join(RULES)}, or a column of the documents")
    values = pd.to_numeric(facts[weights], errors="coerce").to_numpy(dtype=float)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError(f"the column {weights!r} has a weight that is missing or negative: expected numbers from 0 on")
    return values


def overlap_window(documents: pd.DataFrame, *, by: str = "lang", fewest: int = 1) -> tuple[str, str] | None:
    """Return the first and the last month ("2023-04") between which every level of a column has articles.

    A level's span runs from its first to its last month with at least `fewest` articles; the window is what all spans
    have in common, or None where that is nothing: then the levels cannot be compared at one time.
    """
    schema.require(documents, ["date", by], door="overlap_window")
    used = documents[documents["dropped"] == ""] if "dropped" in documents else documents
    months = used["date"].astype("object").str.slice(0, 7)
    named = used[by].astype("object").fillna("").astype(str)
    known = (months.str.len() == 7) & (named != "")
    counts = months[known].groupby([named[known], months[known]]).size()
    counts = counts[counts >= fewest]
    spans = [group.index.get_level_values(1) for _, group in counts.groupby(level=0)]
    if not spans or len(spans) < named[named != ""].nunique():
        return None
    start, end = max(min(span) for span in spans), min(max(span) for span in spans)
    return (start, end) if start <= end else None
