"""Themes that occur together in passages, and the topics that carry them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

_THEME_TOPIC_COLUMNS = ["theme", "topic", "n", "size", "part_of_topic", "part_of_theme"]

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
        low, high = _jackknife_lift_interval(sums)
        note = "" if np.isfinite(low) else "no passage has both" if not both else "all with both are in one article"
        rows.append((first, second, len(x), int(both), expected, both / expected, low, high, note))
    return pd.DataFrame(rows, columns=_COOCCURRENCE_COLUMNS)


def theme_topic_table(assignments: pd.DataFrame, themes: pd.DataFrame, *, min_passages: int = 3) -> pd.DataFrame:
    """Return table theme x topic: how many passages of each topic are about each theme.

    Parameters
    ----------
    assignments, themes
        Tables of a run; only passages `about` a theme are counted.
    min_passages
        Topics with fewer passages about a theme are left out.

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
    return rows[_THEME_TOPIC_COLUMNS].reset_index(drop=True)


def _jackknife_lift_interval(article_sums: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of a lift; NaN if the lift without some article is 0 or undefined."""
    from scipy.stats import t

    totals = article_sums.sum(axis=1)
    rest = totals[:, None] - article_sums
    k = rest.shape[1]
    if k < 2 or not (rest[:3] > 0).all():
        return np.nan, np.nan
    logs = np.log(rest[0]) + np.log(rest[3]) - np.log(rest[1]) - np.log(rest[2])
    std_error = np.sqrt((k - 1) / k * ((logs - logs.mean()) ** 2).sum())
    center, half = np.log(totals[0] * totals[3] / (totals[1] * totals[2])), t.ppf(0.975, k - 1) * std_error
    return float(np.exp(center - half)), float(np.exp(center + half))
