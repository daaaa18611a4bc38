"""Themes that occur together in passages, and the topics that carry them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

_COOCCURRENCE_COLUMNS = ["first", "second", "n", "both", "expected", "lift", "low", "high", "note"]


def theme_cooccurrence(themes: pd.DataFrame, passages: pd.DataFrame, *, min_passages: int = 5) -> pd.DataFrame:
    """Return the lift of each pair of themes: how much more often they share a passage than under independence.

    Parameters
    ----------
    themes
        Table `themes`; only rows with `about` are used.
    passages
        `passage_id`, `doc_id` of all passages to be counted.
    min_passages
        Pairs whose rarer theme has fewer passages are left out.

    Returns
    -------
    DataFrame
        first, second, n (passages), both (passages), expected (passages, under independence), lift, low, high (95 %),
        note: why there is no interval (then low and high are NaN), or "".

    Notes
    -----
    lift = P(both) / (P(first) P(second)). The interval is the jackknife over articles of the logarithm of the lift.

    References
    ----------
    Brin, Motwani and Silverstein 1997 (lift); Efron and Stein 1981, Annals of Statistics 9 (jackknife).
    """
    from scipy.stats import t

    doc_ids = passages.set_index("passage_id")["doc_id"]
    about = themes[themes["about"] & themes["passage_id"].isin(doc_ids.index)]
    is_about = pd.crosstab(about["passage_id"], about["theme"]).clip(upper=1).reindex(doc_ids.index, fill_value=0)
    article_codes = pd.factorize(doc_ids)[0]
    rows = []
    for first, second in combinations(is_about.columns, 2):
        x, y = is_about[first].to_numpy(), is_about[second].to_numpy()
        if min(x.sum(), y.sum()) < min_passages:
            continue
        sums = np.stack([np.bincount(article_codes, v) for v in (x * y, x, y, np.ones(len(x)))])
        both, n_first, n_second, n = sums.sum(axis=1)
        expected = n_first * n_second / n
        # The jackknife leaves out one article at a time; a lift of 0 without it has no logarithm.
        low = high = np.nan
        rest, k = sums.sum(axis=1, keepdims=True) - sums, sums.shape[1]
        if k > 1 and (rest[:3] > 0).all():
            logs = np.log(rest[0] * rest[3] / (rest[1] * rest[2]))
            half = t.ppf(0.975, k - 1) * np.sqrt((k - 1) * logs.var())
            low, high = both / expected * np.exp([-half, half])
        note = "" if np.isfinite(low) else "no passage has both" if not both else "all with both are in one article"
        rows.append((first, second, len(x), int(both), expected, both / expected, low, high, note))
    return pd.DataFrame(rows, columns=_COOCCURRENCE_COLUMNS)


def theme_topic_table(assignments: pd.DataFrame, themes: pd.DataFrame, *, min_passages: int = 3) -> pd.DataFrame:
    """Return how many passages of each topic are about each theme; fewer than `min_passages` are left out.

    Returns
    -------
    DataFrame
        theme, topic, n (passages of the topic about the theme), size (of the topic), part_of_topic (n / size),
        part_of_theme (n / all passages about the theme that are in a topic); by theme, largest n first.
    """
    about = themes.loc[themes["about"], ["passage_id", "theme"]].merge(assignments[["passage_id", "topic"]])
    rows = about.groupby(["theme", "topic"]).size().rename("n").reset_index()
    rows["size"] = rows["topic"].map(assignments["topic"].value_counts())
    rows["part_of_topic"] = rows["n"] / rows["size"]
    rows["part_of_theme"] = rows["n"] / rows.groupby("theme")["n"].transform("sum")
    rows = rows[rows["n"] >= min_passages].sort_values(["theme", "n", "topic"], ascending=[True, False, True])
    return rows.reset_index(drop=True)
