"""Differences between the shares of two sides, with intervals and adjusted p-values."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.compare.intervals import difference_interval
from topiclib.compare.shares import estimate_shares
from topiclib.corpus.time_window import OVERLAP, TimeWindow, TimeWindowSpec, resolve_time_window

NO_COMMON_MONTH = "none"  # the period of two sides that have no month in common

_DIFFERENCE_COLUMNS = [
    "kind",
    "key",
    "by",
    "side_a",
    "side_b",
    "n_a",
    "n_b",
    "period",
    "difference",
    "low",
    "high",
    "p",
    "q",
]


def differences(
    article_shares: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    kind: str,
    by: str = "lang",
    weights: str = "article",
    period: TimeWindowSpec = OVERLAP,
) -> pd.DataFrame:
    """Return, for each key and pair of levels, the difference of their shares (a minus b) with its interval.

    Parameters
    ----------
    values, documents, kind, by, weights
        As for `shares`. No outlet may stand on both sides: they would not be independent.
    period
        "overlap": of each pair the months in which both sides have articles; "all"; or a first and last month. By
        language it is the same as in `shares`.

    Returns
    -------
    DataFrame
        kind, key, by, side_a, side_b, n_a, n_b, period ("2020-04 to 2024-11", "2020-04", "all"; "none" where the two
        have no month in common, and so no difference), difference, low, high (95 %), p, q: q is p after
        Benjamini-Hochberg over all rows, so that of the rows with q up to .05 about one in twenty is a false find. NaN
        where a side has no honest interval.

    Raises
    ------
    ValueError
        If an outlet is on two sides, or no two levels have a month in common.
    """
    from scipy.stats import false_discovery_control

    schema.require_columns(documents, ["doc_id", "source", "date", by], caller="differences")
    used = documents[documents["doc_id"].isin(article_shares.index)]
    side = used.set_index("doc_id")[by].astype("object").fillna("").astype(str)
    used = used[(side != "").to_numpy()]
    shared = used.groupby("source")[by].nunique()
    if by != "source" and (shared.drop("", errors="ignore") > 1).any():
        raise ValueError(f"the outlet {shared.idxmax()!r} has several values of {by}: the sides are not independent")
    pairs: dict[TimeWindow, list[tuple[str, str]]] = {}
    for pair in combinations(sorted(side[side != ""].unique()), 2):
        both = used[side.loc[used["doc_id"]].isin(pair).to_numpy()]
        pairs.setdefault(resolve_time_window(both, period, by=by), []).append(pair)
    rows: list[tuple] = []
    for window, some in pairs.items():
        rows += _pair_differences(article_shares, used, some, (kind, by, weights, window))
    if rows and all(row[_DIFFERENCE_COLUMNS.index("period")] == NO_COMMON_MONTH for row in rows):
        raise ValueError(
            f"no two levels of {by} have a month in common: a difference would be one of time;"
            " period='all' (--period all) takes all articles all the same"
        )
    order = {key: place for place, key in enumerate(article_shares.columns)}
    rows.sort(key=lambda row: (order[row[1]], row[3], row[4]))
    frame = pd.DataFrame(rows, columns=_DIFFERENCE_COLUMNS[:-1])
    frame["q"] = p = frame["p"].astype(float)
    frame.loc[p.notna(), "q"] = false_discovery_control(p.dropna())
    return frame


def _pair_differences(
    article_shares: pd.DataFrame,
    documents: pd.DataFrame,
    pairs: list[tuple[str, str]],
    asked: tuple[str, str, str, TimeWindow],
) -> Iterator[tuple]:
    """Yield the differences of the pairs of sides that are compared over the same months."""
    kind, by, weights, window = asked
    levels = {level for pair in pairs for level in pair}
    some = documents[documents[by].astype(str).isin(levels)]
    inside = article_shares[article_shares.index.isin(some["doc_id"])]
    found = {}
    if window.why != "apart":
        told = estimate_shares(inside, some, by=by, weights=weights, window=window)
        found = {(level, key): (n, estimate) for level, key, n, estimate in told}
    name = " to ".join(dict.fromkeys(window[:2])) or "all"
    for key in article_shares.columns:
        for a, b in pairs:
            if (a, key) in found and (b, key) in found:
                (n_a, first), (n_b, second) = found[a, key], found[b, key]
                yield (kind, key, by, a, b, n_a, n_b, name, *difference_interval(first, second))
            else:  # also where one of them has no article in the months between the first and the last
                yield (kind, key, by, a, b, 0, 0, NO_COMMON_MONTH, np.nan, np.nan, np.nan, np.nan)
