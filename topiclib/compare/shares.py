"""Shares by outlet, language and month, with 95 % intervals where the data support one.

The unit is the article: a share is the mean, over articles, of the share of each article's passages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.compare.intervals import Estimate, choose_clusters, cluster_estimate
from topiclib.corpus.time_window import (
    OVERLAP,
    TimeWindow,
    TimeWindowSpec,
    in_time_window,
    month_of,
    resolve_time_window,
)

# Names of periods, and of their frequencies in pandas; a week is named by its last day.
PERIODS = {"week": "W-SUN", "week-saturday": "W-FRI", "month": "M", "quarter": "Q", "year": "Y"}


def compute_article_shares(passages: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Return, for each article, the share of its passages in each topic or about each theme.

    Parameters
    ----------
    passages
        `passage_id`, `doc_id` of all passages to count, also those without a label.
    labels
        `passage_id`, `key`: the topic of each passage, or the themes that it is about.

    Returns
    -------
    DataFrame
        (articles, keys): index doc_id, columns the sorted keys, values from 0 to 1.
    """
    sizes = passages.groupby("doc_id", sort=True).size()
    if labels.empty:
        return pd.DataFrame(index=sizes.index)
    docs = labels["passage_id"].map(passages.set_index("passage_id")["doc_id"])
    counts = pd.crosstab(docs, labels["key"]).reindex(sizes.index, fill_value=0)
    return counts.div(sizes, axis=0)


def link_article_reprints(documents: pd.DataFrame, passages: pd.DataFrame) -> pd.DataFrame:
    """Return the documents with `reprint_of`: the article that most of an article's passages repeat, or itself.

    `documents` needs `doc_id`; `passages` needs `passage_id`, `doc_id` and `reprint_of` (the passage that each repeats,
    or ""), as `make_passages` returns them.
    """
    schema.require_columns(passages, ["passage_id", "doc_id", "reprint_of"], caller="link_article_reprints")
    article = passages.set_index("passage_id")["doc_id"]
    first = passages["reprint_of"].map(article).fillna(passages["doc_id"]).rename("reprint_of")
    counts = first.groupby([passages["doc_id"], first]).size().rename("n").reset_index()
    most = counts.sort_values(["n", "reprint_of"], ascending=[False, True]).drop_duplicates("doc_id")
    mapped = documents["doc_id"].map(most.set_index("doc_id")["reprint_of"])
    return documents.assign(reprint_of=mapped.fillna(documents["doc_id"]))


def shares(
    article_shares: pd.DataFrame, documents: pd.DataFrame, *,
    kind: str, by: str = "source", weights: str = "article", period: TimeWindowSpec = OVERLAP,
) -> pd.DataFrame:  # fmt: skip
    """Return the mean share of each key at each level of a column of the documents.

    Parameters
    ----------
    article_shares
        (articles, keys), as `compute_article_shares` returns it.
    documents
        Needs `doc_id`, `source` and the column named by `by`. With `reprint_of` (`link_article_reprints`), reprints of
        one text at several outlets are not taken as independent.
    kind
        "topic" or "theme", for column `kind` of the table.
    by
        The column whose values are the levels. Articles whose level is "" are left out.
    weights
        "article", "outlet", "month", or a column of sampling weights; see `article_weights`.
    period
        "overlap": the months in which both languages have articles, or all articles if there is no such period
        (`resolve_time_window`); "all"; or a first and last month, ("2015-07", "2016-01"), which leaves out articles
        without a month.

    Returns
    -------
    DataFrame
        Table `shares`, by key and level. `share` is the mean share of an article's passages; `any_share` is the share
        of the articles with at least one such passage, which does not depend on how articles are cut into passages.

    Notes
    -----
    The clusters of the 95 % interval (`cluster_estimate`) are the outlets of a level with at least five, and blocks of
    days (`time_blocks`) for one outlet or a section of it. There is none (NaN) where it could say nothing: for a
    language, or a level of another column that is a property of outlets (country, owner), with one to four outlets or
    unknown ones; for one outlet with fewer than 16 articles or 23 days, or with articles whose day is unknown; with
    fewer than three effective clusters (Kish). `levels_without_interval` lists the reasons. weights="outlet" makes
    outlets equal.
    """
    used = documents[documents["doc_id"].isin(article_shares.index)]
    window = resolve_time_window(used, period)
    frame = _share_table(article_shares, documents, kind, by, weights, window)
    has_any = _share_table((article_shares > 0).astype(float), documents, kind, by, weights, window)
    frame[["any_share", "any_low", "any_high"]] = has_any[["share", "low", "high"]]
    return schema.conform(frame, "shares")


def timeline(
    article_shares: pd.DataFrame, documents: pd.DataFrame, *, kind: str, by: str = "source", freq: str = "month"
) -> pd.DataFrame:
    """Return table `timeline`: shares by period, with intervals. Empty periods have no row.

    `freq` is week (from Monday), week-saturday, month, quarter or year. Articles without a date are left out, by week
    also those whose day is unknown.
    """
    schema.require_columns(documents, ["doc_id", "date"], caller="timeline")
    if freq not in PERIODS:
        raise ValueError(f"freq is {freq!r}: expected one of {', '.join(PERIODS)}")
    table = _share_table(article_shares, documents, kind, by, "article", TimeWindow("", "", "asked"), freq=freq)
    return schema.conform(table, "timeline")


def _periods_of(documents: pd.DataFrame, freq: str) -> pd.Series:
    """Return the period of each document as pandas writes it ("2023-04", "2023Q2", "2023-04-17/2023-04-23"), or ""."""
    if freq == "month":
        return month_of(documents)
    dates = _days_of(documents) if freq.startswith("week") else pd.to_datetime(month_of(documents), errors="coerce")
    return dates.dt.to_period(PERIODS[freq]).astype("object").astype(str).replace("NaT", "")


def _days_of(documents: pd.DataFrame) -> pd.Series:
    """Return the day of each document, NaT where it is unknown."""
    dates = documents["date"].fillna("").astype(str).str.slice(0, 10)
    return pd.to_datetime(dates, format="%Y-%m-%d", errors="coerce")


def _share_table(
    article_shares: pd.DataFrame, documents: pd.DataFrame, kind: str, by: str, weights: str, window: TimeWindow, *,
    freq: str = "",
) -> pd.DataFrame:  # fmt: skip
    """Return the columns that tables `shares` and `timeline` have in common, and column `period`."""
    estimates = estimate_shares(article_shares, documents, by=by, weights=weights, window=window, freq=freq)
    rows = [
        (kind, key, by, level, period, n, estimate.share, estimate.low, estimate.high)
        for level, key, n, estimate, period in estimates
    ]
    frame = pd.DataFrame(rows, columns=["kind", "key", "by", "level", "period", "n", "share", "low", "high"])
    return frame.sort_values(["period", "key", "level"], kind="stable", ignore_index=True)


def estimate_shares(
    article_shares: pd.DataFrame, documents: pd.DataFrame, *,
    by: str, weights: str, window: TimeWindow, freq: str = "",
) -> Iterator[tuple[str, str, int, Estimate, str]]:  # fmt: skip
    """Yield level, key, number of articles, estimate and period ("" without `freq`), level by level."""
    schema.require_columns(documents, ["doc_id", "source", by], caller=f"shares by {by}")
    values = article_shares.to_numpy(dtype=float)
    documents = documents.set_index("doc_id").reindex(article_shares.index)
    for group in _iter_groups(documents, by, weights, window, freq=freq):
        known: dict[bytes, Estimate] = {}  # in most months, most keys have no passage: equal values are estimated once
        for key, x in zip(article_shares.columns, values[group.rows].T.copy(), strict=True):
            if (content := x.tobytes()) not in known:
                known[content] = group.estimate(x)
            yield group.level, key, len(group.rows), known[content], group.period


def levels_without_interval(
    documents: pd.DataFrame, *, by: str = "lang", weights: str = "article", period: TimeWindowSpec = OVERLAP
) -> pd.DataFrame:
    """Return the levels for which `shares` gives no interval: level, reason. Parameters as for `shares`."""
    schema.require_columns(documents, ["doc_id", "source", by], caller=f"levels_without_interval by {by}")
    used = documents[documents["dropped"] == ""] if "dropped" in documents else documents
    groups = _iter_groups(used, by, weights, resolve_time_window(used, period))
    rows = [(group.level, group.reason) for group in groups if group.reason]
    return pd.DataFrame(rows, columns=["level", "reason"])


class _Group(NamedTuple):
    """The articles of a level, or of a level and month: their rows, why they get no interval, and an estimator."""

    level: str
    period: str
    rows: np.ndarray
    reason: str
    estimate: Callable[[np.ndarray], Estimate]


def _iter_groups(
    documents: pd.DataFrame, by: str, weights: str, window: TimeWindow, *, freq: str = ""
) -> Iterator[_Group]:
    """Yield the articles with a positive weight of each level, by period (those without one are left out) or not."""
    levels = documents[by].astype("object").fillna("").astype(str)
    periods = _periods_of(documents, freq) if freq else pd.Series("", index=documents.index)
    used = ((levels != "") & in_time_window(documents, window) & ((periods != "") | (not freq))).to_numpy()
    documents, levels, positions = documents[used], levels[used], np.flatnonzero(used)
    is_nested = by == "lang" or (by != "source" and bool((levels.groupby(documents["source"]).nunique() <= 1).all()))
    w = article_weights(documents, levels, weights=weights)
    outlets = documents["source"].fillna("").to_numpy(dtype=object)
    dates = _days_of(documents if "date" in documents else documents.assign(date=""))
    days = ((dates - pd.Timestamp(0)) / pd.Timedelta("1D")).to_numpy(dtype=float)
    reprint_of = pd.factorize(documents["reprint_of"])[0] if "reprint_of" in documents else None
    for (period, level), rows in sorted(levels.groupby([periods[used], levels]).indices.items()):
        if len(rows := rows[w[rows] > 0]):
            clusters, reason = choose_clusters(outlets[rows], days[rows], w[rows], is_nested=is_nested)
            originals = None if reprint_of is None else reprint_of[rows]
            estimate = _make_estimator(clusters, w[rows], originals, reason)
            yield _Group(level, period, positions[rows], reason, estimate)


def _make_estimator(
    clusters: np.ndarray, w: np.ndarray, reprint_of: np.ndarray | None, reason_for_no_interval: str
) -> Callable[[np.ndarray], Estimate]:
    """Return a function that estimates the share of a group from its articles' values."""
    if reason_for_no_interval:
        return lambda x: Estimate(float(x @ w / w.sum()), *[np.nan] * 4)
    return lambda x: cluster_estimate(x, clusters, weights=w, reprint_groups=reprint_of)


def coverage(documents: pd.DataFrame) -> pd.DataFrame:
    """Return table `coverage`: the number of articles by outlet and month; period is "" for those without a month."""
    used = documents[documents["dropped"] == ""] if "dropped" in documents else documents
    counts = used.groupby([used["source"], month_of(used).rename("period")]).size().rename("n").reset_index()
    return schema.conform(counts, "coverage")


def article_weights(documents: pd.DataFrame, levels: pd.Series, *, weights: str = "article") -> np.ndarray:
    """Return a weight for each article; `levels` are the language, outlet, country ... of each, in the same order.

    Parameters
    ----------
    weights
        "article": each article counts once. "outlet": the outlets of a level have equal weights. "month": months weigh
        in each level as they do in all articles that have a month (0 for articles without one). Otherwise a column of
        sampling weights, which must be numbers of at least 0.
    """
    if weights == "article":
        return np.ones(len(documents))
    if weights == "outlet":
        outlets = documents["source"]
        return 1 / outlets.groupby([levels.to_numpy(), outlets.to_numpy()]).transform("size").to_numpy()
    if weights == "month":
        month = month_of(documents)
        known = (month != "").to_numpy()
        everywhere = month[known].value_counts(normalize=True)
        in_level = pd.Series(1.0, index=documents.index)[known].groupby([levels[known], month[known]]).transform("sum")
        w = np.zeros(len(documents))
        w[known] = everywhere.reindex(month[known]).to_numpy() / in_level.to_numpy()
        return w
    if weights not in documents.columns:
        raise ValueError(f"weights is {weights!r}: expected article, outlet, month or a column of the documents")
    values = pd.to_numeric(documents[weights], errors="coerce").to_numpy(dtype=float)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError(f"column {weights!r} has weights that are missing or negative: expected numbers of at least 0")
    return values
