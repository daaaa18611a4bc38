"""What an article counts: once, or so that outlets count alike, or so that months do."""

from __future__ import annotations

import numpy as np
import pandas as pd

from topiclib.period import months

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
        month = months(facts)
        known = (month != "").to_numpy()
        everywhere = month[known].value_counts(normalize=True)
        inside = pd.Series(1.0, index=facts.index)[known].groupby([levels[known], month[known]]).transform("sum")
        out = np.zeros(len(facts))
        out[known] = month[known].map(everywhere).to_numpy() / inside.to_numpy()
        return out
    if weights not in facts.columns:
        raise ValueError(f"weights is {weights!r}: expected {', '.join(RULES)}, or a column of the documents")
    values = pd.to_numeric(facts[weights], errors="coerce").to_numpy(dtype=float)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError(f"the column {weights!r} has a weight that is missing or negative: expected numbers from 0 on")
    return values
