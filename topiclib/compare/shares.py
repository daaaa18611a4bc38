"""Shares by outlet, language and time, with an interval only where one is honest.

The unit that is counted is the article: a share is the mean, over articles, of the share of each article's passages.
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
    """Return which part of each article's passages belongs to each key.

    Parameters
    ----------
    passages
        `passage_id`, `doc_id`: every passage that counts, also those without a label.
    labels
        `passage_id`, `key`: the topic of each passage, or the themes that it is about.
    voices
        The voices that count, such as ["own"]: without what is quoted or relayed; needs the column `detect_voice`. None: all.

    Returns
    -------
    DataFrame
        (articles, keys): index doc_id, columns the sorted keys, values from 0 to 1.
    """
    if voices is not None:
        schema.require_columns(passages, ["voice"], caller="memberships by voice")
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

    Parameters
    ----------
    documents, passages
        `doc_id`; `passage_id`, `doc_id`, `reprint_of` (the passage that each repeats, or ""), as `make_passages` gives.
    """
    schema.require_columns(passages, ["passage_id", "doc_id", "reprint_of"], caller="tie_reprints")
    article = passages.set_index("passage_id")["doc_id"]
    first = passages["reprint_of"].map(article).fillna(passages["doc_id"]).rename("reprint_of")
    counts = first.groupby([passages["doc_id"], first]).size().rename("n").reset_index()
    most = counts.sort_values(["n", "reprint_of"], ascending=[False, True]).drop_duplicates("doc_id")
    mapped = documents["doc_id"].map(most.set_index("doc_id")["reprint_of"])
    return documents.assign(reprint_of=mapped.fillna(documents["doc_id"]))


def shares(
    article_shares: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    kind: str,
    by: str = "source",
    weights: str = "article",
    period: TimeWindowSpec = OVERLAP,
) -> pd.DataFrame:
    """Return the mean share of each key at each level of a column of the documents.

    The 95 % interval of a level with at least five outlets takes outlets as what was drawn, and with them their days
    and articles (`cluster_estimate`). An outlet, or a part of one (its sections), has one over stretches of its days
    (`single_outlet_estimate`). There is no interval (NaN) for a language, or another column that is a property of outlets
    (country, owner), with one to four outlets, with unknown ones, or with some so large that all together are worth
    fewer than three equal ones (Kish): nobody can tell a language or a country from those few newsrooms.
    `levels_without_interval` says which and why; with weights="outlet" no outlet is larger than another.

    Parameters
    ----------
    values
        (articles, keys), as `compute_article_shares` returns it.
    documents
        Needs `doc_id`, `source` and the column named by `by`; where it has `reprint_of` (`link_article_reprints`), reprints of
        one text at several outlets are taken together in the interval.
    weights
        "article", "outlet", "month", or a column of sampling weights; see `article_weights`.
    period
        "overlap": the months in which both languages have articles, all articles where that cannot be told
        (`settle`); "all"; or a first and last month, ("2015-07", "2016-01"). An article without a month
        is in no window.

    Returns
    -------
    DataFrame
        Table `shares`, by key and level. Articles whose level is "" are left out.
    """
    used = documents[documents["doc_id"].isin(article_shares.index)]
    window = resolve_time_window(used, period)
    rows = [
        (kind, key, by, level, n, found.share, found.low, found.high)
        for level, key, n, found in estimate_shares(article_shares, documents, by=by, weights=weights, window=window)
    ]
    frame = pd.DataFrame(rows, columns=list(schema.get_table("shares").columns))
    return schema.conform(frame.sort_values(["key", "level"], kind="stable"), "shares")


def estimate_shares(
    article_shares: pd.DataFrame, documents: pd.DataFrame, *, by: str, weights: str, window: TimeWindow
) -> Iterator[tuple[str, str, int, Estimate]]:
    """Yield level, key, number of articles and estimate, level by level."""
    schema.require_columns(documents, ["doc_id", "source", by], caller=f"shares by {by}")
    facts = documents.set_index("doc_id").reindex(article_shares.index)
    numbers = article_shares.to_numpy(dtype=float)
    for level, rows, mass, of_outlets in _iter_levels(facts, by, weights, window):
        estimate = _make_estimator(facts.iloc[rows], mass, of_outlets)
        for column, key in enumerate(article_shares.columns):
            yield level, key, len(rows), estimate(numbers[rows, column])


def levels_without_interval(
    documents: pd.DataFrame, *, by: str = "lang", weights: str = "article", period: TimeWindowSpec = OVERLAP
) -> pd.DataFrame:
    """Return the levels of a column for which `shares` gives no interval: level, reason. Parameters as for `shares`."""
    schema.require_columns(documents, ["doc_id", "source", by], caller=f"no_interval by {by}")
    used = documents[documents["dropped"] == ""] if "dropped" in documents else documents
    rows = [
        (level, why)
        for level, chosen, mass, of_outlets in _iter_levels(used, by, weights, resolve_time_window(used, period))
        if (
            why := _reason_for_no_interval(
                used["source"].iloc[chosen].fillna("").to_numpy(dtype=object), mass, of_outlets
            )
        )
    ]
    return pd.DataFrame(rows, columns=["level", "reason"])


def _iter_levels(
    documents: pd.DataFrame, by: str, weights: str, window: TimeWindow
) -> Iterator[tuple[str, np.ndarray, np.ndarray, bool]]:
    """Yield each level, the rows of it that count, their weights, and whether levels are a property of outlets."""
    levels = documents[by].astype("object").where(documents[by].notna(), "").astype(str)
    used = (levels != "") & in_time_window(documents, window)
    places, documents, levels = np.flatnonzero(used.to_numpy()), documents[used], levels[used]
    of_outlets = by == "lang" or (by != "source" and bool((levels.groupby(documents["source"]).nunique() <= 1).all()))
    mass = article_weights(documents, levels, weights=weights)
    for level in sorted(set(levels)):
        chosen = (levels == level).to_numpy() & (mass > 0)
        if chosen.any():
            yield level, places[chosen], mass[chosen], of_outlets


def _make_estimator(documents: pd.DataFrame, mass: np.ndarray, of_outlets: bool) -> Callable[[np.ndarray], Estimate]:
    """Return what estimates the share of a level from its articles' values."""
    outlets = documents["source"].fillna("").to_numpy(dtype=object)
    texts = pd.factorize(documents["reprint_of"])[0] if "reprint_of" in documents else None
    if _reason_for_no_interval(outlets, mass, of_outlets):
        return lambda x: Estimate(float(x @ mass / mass.sum()), *[np.nan] * 4)
    if len(set(outlets)) > 1:
        codes = pd.factorize(outlets)[0]
        return lambda x: cluster_estimate(x, codes, weights=mass, reprint_groups=texts)
    days = _day_numbers(documents["date"]) if "date" in documents else None
    return lambda x: single_outlet_estimate(x, days, weights=mass, reprint_groups=texts)


def _day_numbers(dates: pd.Series) -> np.ndarray | None:
    """Return the dates as numbers of days; None where the day of one is not known."""
    days = pd.to_datetime(dates.fillna("").astype(str).str.slice(0, 10), format="%Y-%m-%d", errors="coerce").to_numpy()
    return None if np.isnat(days).any() else days.astype("datetime64[D]").astype(int)


def _reason_for_no_interval(outlets: np.ndarray, mass: np.ndarray, of_outlets: bool) -> str:
    """Say why the outlets of a level tell nothing of how far outlets differ; "" where they do."""
    n = len(set(outlets))
    if "" in outlets:
        return "the outlet of some articles is unknown"
    if (0 if of_outlets else 1) < n < MIN_OUTLETS:
        return f"fewer than {MIN_OUTLETS} outlets"
    if n > 1 and (equal := effective_clusters(outlets, mass)) < MIN_EFFECTIVE_OUTLETS:
        counts = pd.Series(mass).groupby(outlets).sum()
        return (
            f"{counts.idxmax()} has {counts.max() / counts.sum():.0%} of the articles: worth {equal:.1f} equal outlets"
        )
    return ""


def timeline(article_shares: pd.DataFrame, documents: pd.DataFrame, *, kind: str, by: str = "source") -> pd.DataFrame:
    """Return the shares of each month: table `timeline`. Articles without a month are left out; a month without
    articles has no row.
    """
    schema.require_columns(documents, ["doc_id", "date"], caller="timeline")
    month = month_of(documents.set_index("doc_id")).reindex(article_shares.index, fill_value="")
    parts = [schema.empty_table("timeline")]
    for period in sorted(set(month) - {""}):
        parts.append(
            shares(article_shares[month == period], documents, kind=kind, by=by, period=ALL).assign(period=period)
        )
    filled = [part for part in parts if len(part)]
    return schema.conform(pd.concat(filled, ignore_index=True), "timeline") if filled else parts[0]


def coverage(documents: pd.DataFrame) -> pd.DataFrame:
    """Return how many articles each outlet has in each month: table `coverage`. Period "" counts those without a
    month.
    """
    used = documents[documents["dropped"] == ""] if "dropped" in documents else documents
    counts = used.groupby([used["source"], month_of(used).rename("period")]).size().rename("n").reset_index()
    return schema.conform(counts, "coverage")


WEIGHTINGS = ("article", "outlet", "month")


def article_weights(documents: pd.DataFrame, levels: pd.Series, *, weights: str = "article") -> np.ndarray:
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
        return np.ones(len(documents))
    if weights == "outlet":
        return (
            1
            / documents.groupby([levels.to_numpy(), documents["source"].to_numpy()])["source"]
            .transform("size")
            .to_numpy()
        )
    if weights == "month":
        month = month_of(documents)
        known = (month != "").to_numpy()
        everywhere = month[known].value_counts(normalize=True)
        inside = pd.Series(1.0, index=documents.index)[known].groupby([levels[known], month[known]]).transform("sum")
        out = np.zeros(len(documents))
        out[known] = month[known].map(everywhere).to_numpy() / inside.to_numpy()
        return out
    if weights not in documents.columns:
        raise ValueError(f"weights is {weights!r}: expected {', '.join(WEIGHTINGS)}, or a column of the documents")
    values = pd.to_numeric(documents[weights], errors="coerce").to_numpy(dtype=float)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError(f"the column {weights!r} has a weight that is missing or negative: expected numbers from 0 on")
    return values
