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

# Value of column `period` for two sides that have no month in common.
NO_COMMON_MONTH = "none"


def differences(
    article_shares: pd.DataFrame, documents: pd.DataFrame, *,
    kind: str, by: str = "lang", weights: str = "article", period: TimeWindowSpec = OVERLAP,
    sensitivity: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return the difference of shares (a minus b) with its interval, for each key and pair of levels.

    Parameters
    ----------
    article_shares, documents, kind, by, weights
        As for `shares`. No outlet may be on both sides: they would not be independent.
    period
        "overlap": for each pair, the months in which both sides have articles (by language as in `shares`); "all"; or
        a first and last month.
    sensitivity
        Table of this name, of a run with `--quality`, for column `limit`.

    Returns
    -------
    DataFrame
        kind, key, by, side_a, side_b, n_a, n_b, period ("2020-04 to 2024-11", "2020-04", "all"; "none" if the two
        have no month in common, and so no difference), difference, low, high (95 %), p, q: p adjusted over all rows by
        Benjamini-Hochberg (of the rows with q up to .05, about one in twenty at most is a false discovery). low, high,
        p and q are NaN if a side has no interval. limit: for topics by language, the largest difference that the method
        would make without a real one (`evaluate.detection_limits`); NaN if it is unknown, and for themes, whose shares
        do not pass through the alignment: their error comes from coded passages (`topiclib themes score`), if any.

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
    n_levels = used.groupby("source")[by].nunique().drop("", errors="ignore")
    if by != "source" and (n_levels > 1).any():
        raise ValueError(f"the outlet {n_levels.idxmax()!r} has several values of {by}: the sides are not independent")
    # Pairs are grouped by time window, so that each level is estimated only once per window.
    pairs: dict[TimeWindow, list[tuple[str, str]]] = {}
    for pair in combinations(sorted(side[side != ""].unique()), 2):
        both = used[side.loc[used["doc_id"]].isin(pair).to_numpy()]
        pairs.setdefault(resolve_time_window(both, period, by=by), []).append(pair)
    rows: list[tuple] = []
    for window, compared in pairs.items():
        rows += _pair_differences(article_shares, used, compared, kind=kind, by=by, weights=weights, window=window)
    order = {key: place for place, key in enumerate(article_shares.columns)}
    rows.sort(key=lambda row: (order[row[1]], row[3], row[4]))
    columns = "kind key by side_a side_b n_a n_b period difference low high p"
    frame = pd.DataFrame(rows, columns=columns.split())
    if len(frame) and (frame["period"] == NO_COMMON_MONTH).all():
        raise ValueError(
            f"no two levels of {by} have a month in common, so a difference could be due to time alone:"
            " pass period='all' (--period all) to compare all articles"
        )
    frame["q"] = p = frame["p"].astype(float)
    frame.loc[p.notna(), "q"] = false_discovery_control(p.dropna())
    of_kind = None if sensitivity is None or by != "lang" else sensitivity[sensitivity["kind"] == kind]
    frame["limit"] = (
        np.nan if of_kind is None else of_kind.set_index("key")["limit"].reindex(frame["key"].astype(str)).to_numpy()
    )
    return frame


def _pair_differences(
    article_shares: pd.DataFrame, documents: pd.DataFrame, pairs: list[tuple[str, str]], *,
    kind: str, by: str, weights: str, window: TimeWindow,
) -> Iterator[tuple]:  # fmt: skip
    """Yield a row, without q, for each key and pair; all pairs have the same time window."""
    levels = {level for pair in pairs for level in pair}
    documents = documents[documents[by].astype(str).isin(levels)]
    selected = article_shares[article_shares.index.isin(documents["doc_id"])]
    estimates = {}
    if window.why != "apart":
        for level, key, n, estimate, _ in estimate_shares(selected, documents, by=by, weights=weights, window=window):
            estimates[level, key] = n, estimate
    name = " to ".join(dict.fromkeys(window[:2])) or "all"
    for key in article_shares.columns:
        for a, b in pairs:
            if (a, key) in estimates and (b, key) in estimates:
                (n_a, first), (n_b, second) = estimates[a, key], estimates[b, key]
                yield (kind, key, by, a, b, n_a, n_b, name, *difference_interval(first, second))
            else:  # also if a side has no article within the window
                yield (kind, key, by, a, b, 0, 0, NO_COMMON_MONTH, np.nan, np.nan, np.nan, np.nan)
