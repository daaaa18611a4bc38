"""Shares by outlet, language and month, with 95 % intervals where the data support one.

The unit is the article: a share is the mean, over articles, of the share of each article's passages.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.compare.intervals import (
    MIN_EFFECTIVE_OUTLETS,
    MIN_OUTLETS,
    Estimate,
    cluster_estimate,
    effective_clusters,
    single_outlet_estimate,
)
from topiclib.corpus.time_window import (
    ALL,
    OVERLAP,
    TimeWindow,
    TimeWindowSpec,
    in_time_window,
    month_of,
    resolve_time_window,
)


def compute_article_shares(
    passages: pd.DataFrame, labels: pd.DataFrame, *, voices: Collection[str] | None = None
) -> pd.DataFrame:
    """Return, for each article, the share of its passages in each topic or about each theme.

    Parameters
    ----------
    passages
        `passage_id`, `doc_id` of all passages, also those without a label.
    labels
        `passage_id`, `key`: the topic of each passage, or the themes that it is about.
    voices
        Voices of the passages to use, such as ["own"] to exclude quoted and relayed speech; needs the column `voice`.
        None: all passages.

    Returns
    -------
    DataFrame
        (articles, keys): index doc_id, columns the sorted keys, values from 0 to 1.
    """
    if voices is not None:
        schema.require_columns(passages, ["voice"], caller="compute_article_shares by voice")
        passages = passages[passages["voice"].isin(voices)]
        labels = labels[labels["passage_id"].isin(passages["passage_id"])]
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
    For a level with at least five outlets, the outlets are the clusters of the 95 % interval (`cluster_estimate`). For
    one outlet, or a section of it, blocks of its days are (`single_outlet_estimate`). A language, or a
    level of another column that is a property of outlets (country, owner), has no interval (NaN) with one to four
    outlets, with unknown ones, or with fewer than three effective outlets (Kish): so few newsrooms do not represent a
    language or country. `levels_without_interval` lists them with the reason. weights="outlet" makes outlets equal.
    """
    used = documents[documents["doc_id"].isin(article_shares.index)]
    window = resolve_time_window(used, period)
    frame = _share_table(article_shares, documents, kind, by, weights, window)
    has_any = _share_table((article_shares > 0).astype(float), documents, kind, by, weights, window)
    frame[["any_share", "any_low", "any_high"]] = has_any[["share", "low", "high"]]
    return schema.conform(frame, "shares")


def _share_table(
    article_shares: pd.DataFrame, documents: pd.DataFrame, kind: str, by: str, weights: str, window: TimeWindow
) -> pd.DataFrame:
    """Return the first columns of table `shares`."""
    rows = [
        (kind, key, by, level, n, estimate.share, estimate.low, estimate.high)
        for level, key, n, estimate in estimate_shares(article_shares, documents, by=by, weights=weights, window=window)
    ]
    frame = pd.DataFrame(rows, columns=["kind", "key", "by", "level", "n", "share", "low", "high"])
    return frame.sort_values(["key", "level"], kind="stable", ignore_index=True)


def estimate_shares(
    article_shares: pd.DataFrame, documents: pd.DataFrame, *, by: str, weights: str, window: TimeWindow
) -> Iterator[tuple[str, str, int, Estimate]]:
    """Yield level, key, number of articles and estimate, level by level."""
    schema.require_columns(documents, ["doc_id", "source", by], caller=f"shares by {by}")
    documents = documents.set_index("doc_id").reindex(article_shares.index)
    values = article_shares.to_numpy(dtype=float)
    for level, rows, w, outlets_nested in _iter_levels(documents, by, weights, window):
        estimate = _make_estimator(documents.iloc[rows], w, outlets_nested)
        for column, key in enumerate(article_shares.columns):
            yield level, key, len(rows), estimate(values[rows, column])


def levels_without_interval(
    documents: pd.DataFrame, *, by: str = "lang", weights: str = "article", period: TimeWindowSpec = OVERLAP
) -> pd.DataFrame:
    """Return the levels for which `shares` gives no interval: level, reason. Parameters as for `shares`."""
    schema.require_columns(documents, ["doc_id", "source", by], caller=f"levels_without_interval by {by}")
    used = documents[documents["dropped"] == ""] if "dropped" in documents else documents
    outlets = used["source"].fillna("").to_numpy(dtype=object)
    rows = []
    for level, selected, w, outlets_nested in _iter_levels(used, by, weights, resolve_time_window(used, period)):
        if reason := _reason_for_no_interval(outlets[selected], w, outlets_nested):
            rows.append((level, reason))
    return pd.DataFrame(rows, columns=["level", "reason"])


def _iter_levels(
    documents: pd.DataFrame, by: str, weights: str, window: TimeWindow
) -> Iterator[tuple[str, np.ndarray, np.ndarray, bool]]:
    """Yield each level, positions and weights of its articles, and whether the level is a property of outlets."""
    levels = documents[by].astype("object").where(documents[by].notna(), "").astype(str)
    used = (levels != "") & in_time_window(documents, window)
    positions, documents, levels = np.flatnonzero(used.to_numpy()), documents[used], levels[used]
    nested = by == "lang" or (by != "source" and bool((levels.groupby(documents["source"]).nunique() <= 1).all()))
    w = article_weights(documents, levels, weights=weights)
    for level in sorted(set(levels)):
        selected = (levels == level).to_numpy() & (w > 0)
        if selected.any():
            yield level, positions[selected], w[selected], nested


def _make_estimator(documents: pd.DataFrame, w: np.ndarray, outlets_nested: bool) -> Callable[[np.ndarray], Estimate]:
    """Return a function that estimates the share of a level from its articles' values."""
    outlets = documents["source"].fillna("").to_numpy(dtype=object)
    reprint_groups = pd.factorize(documents["reprint_of"])[0] if "reprint_of" in documents else None
    if _reason_for_no_interval(outlets, w, outlets_nested):
        return lambda x: Estimate(float(x @ w / w.sum()), *[np.nan] * 4)
    if len(set(outlets)) > 1:
        codes = pd.factorize(outlets)[0]
        return lambda x: cluster_estimate(x, codes, weights=w, reprint_groups=reprint_groups)
    days = _day_numbers(documents["date"]) if "date" in documents else None
    return lambda x: single_outlet_estimate(x, days, weights=w, reprint_groups=reprint_groups)


def _day_numbers(dates: pd.Series) -> np.ndarray | None:
    """Return the dates as day numbers; None if the day of any is unknown."""
    days = pd.to_datetime(dates.fillna("").astype(str).str.slice(0, 10), format="%Y-%m-%d", errors="coerce").to_numpy()
    return None if np.isnat(days).any() else days.astype("datetime64[D]").astype(int)


def _reason_for_no_interval(outlets: np.ndarray, w: np.ndarray, outlets_nested: bool) -> str:
    """Return why a level gets no interval (outlets unknown, too few, or one dominates); "" if it gets one."""
    n = len(set(outlets))
    if "" in outlets:
        return "the outlet of some articles is unknown"
    # A single outlet, or a section of it, has an interval over days.
    if (0 if outlets_nested else 1) < n < MIN_OUTLETS:
        return f"fewer than {MIN_OUTLETS} outlets"
    if n > 1 and (n_effective := effective_clusters(outlets, w)) < MIN_EFFECTIVE_OUTLETS:
        fractions = pd.Series(w).groupby(outlets).sum() / w.sum()
        largest = f"{fractions.idxmax()} has {fractions.max():.0%} of the articles"
        return f"{largest}: {n_effective:.1f} effective outlets, fewer than {MIN_EFFECTIVE_OUTLETS:.0f}"
    return ""


def timeline(article_shares: pd.DataFrame, documents: pd.DataFrame, *, kind: str, by: str = "source") -> pd.DataFrame:
    """Return table `timeline`: shares by month. Articles without a month are left out; empty months have no row."""
    schema.require_columns(documents, ["doc_id", "date"], caller="timeline")
    month = month_of(documents.set_index("doc_id")).reindex(article_shares.index, fill_value="")
    tables, window = [], resolve_time_window(documents, ALL)
    for period in sorted(set(month) - {""}):
        table = _share_table(article_shares[month == period], documents, kind, by, "article", window)
        if len(table):
            tables.append(table.assign(period=period))
    return schema.conform(
        pd.concat(tables, ignore_index=True) if tables else schema.empty_table("timeline"), "timeline"
    )


def coverage(documents: pd.DataFrame) -> pd.DataFrame:
    """Return table `coverage`: the number of articles by outlet and month; period is "" for those without a month."""
    used = documents[documents["dropped"] == ""] if "dropped" in documents else documents
    counts = used.groupby([used["source"], month_of(used).rename("period")]).size().rename("n").reset_index()
    return schema.conform(counts, "coverage")


WEIGHTINGS = ("article", "outlet", "month")


def article_weights(documents: pd.DataFrame, levels: pd.Series, *, weights: str = "article") -> np.ndarray:
    """Return a weight for each article.

    Parameters
    ----------
    documents
        One row per article: `source`, `date`, and the column of weights if one is named.
    levels
        Level (language, outlet, country, ...) of each article, in the order of `documents`.
    weights
        "article": each article counts once. "outlet": the outlets of a level have equal weights. "month": months weigh
        in each level as they do in all articles that have a month (0 for articles without one). Otherwise a column of
        sampling weights.

    Raises
    ------
    ValueError
        If `weights` is none of these, or a weight is missing, negative or not a number.
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
        w[known] = month[known].map(everywhere).to_numpy() / in_level.to_numpy()
        return w
    if weights not in documents.columns:
        raise ValueError(f"weights is {weights!r}: expected {', '.join(WEIGHTINGS)} or a column of the documents")
    values = pd.to_numeric(documents[weights], errors="coerce").to_numpy(dtype=float)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError(f"column {weights!r} has weights that are missing or negative: expected numbers of at least 0")
    return values
