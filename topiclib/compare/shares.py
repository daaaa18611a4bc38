"""Shares by outlet, language and time, with an interval only where one is honest.

The unit that is counted is the article: a share is the mean, over articles, of the share of each article's passages.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.compare.intervals import FEWEST_OUTLETS, LEAST_WORTH, Estimate, cluster_estimate, outlet_estimate, worth
from topiclib.corpus.time_window import ALL, OVERLAP, Period, Window, months, settle, within


def memberships(passages: pd.DataFrame, labels: pd.DataFrame, *, voices: Collection[str] | None = None) -> pd.DataFrame:
    """Return which part of each article's passages belongs to each key.

    Parameters
    ----------
    passages
        `passage_id`, `doc_id`: every passage that counts, also those without a label.
    labels
        `passage_id`, `key`: the topic of each passage, or the themes that it is about.
    voices
        The voices that count, such as ["own"]: without what is quoted or relayed; needs the column `voice`. None: all.

    Returns
    -------
    DataFrame
        (articles, keys): index doc_id, columns the sorted keys, values from 0 to 1.
    """
    if voices is not None:
        schema.require(passages, ["voice"], door="memberships by voice")
        passages = passages[passages["voice"].isin(voices)]
        labels = labels[labels["passage_id"].isin(passages["passage_id"])]
    sizes = passages.groupby("doc_id", sort=True).size()
    if labels.empty:
        return pd.DataFrame(index=sizes.index)
    docs = labels["passage_id"].map(passages.set_index("passage_id")["doc_id"])
    counts = pd.crosstab(docs, labels["key"]).reindex(sizes.index, fill_value=0)
    return counts.div(sizes, axis=0)


def tie_reprints(documents: pd.DataFrame, passages: pd.DataFrame) -> pd.DataFrame:
    """Return the documents with `reprint_of`: the article that most of an article's passages repeat, or itself.

    Parameters
    ----------
    documents, passages
        `doc_id`; `passage_id`, `doc_id`, `reprint_of` (the passage that each repeats, or ""), as `make_passages` gives.
    """
    schema.require(passages, ["passage_id", "doc_id", "reprint_of"], door="tie_reprints")
    article = passages.set_index("passage_id")["doc_id"]
    first = passages["reprint_of"].map(article).fillna(passages["doc_id"]).rename("reprint_of")
    counts = first.groupby([passages["doc_id"], first]).size().rename("n").reset_index()
    most = counts.sort_values(["n", "reprint_of"], ascending=[False, True]).drop_duplicates("doc_id")
    mapped = documents["doc_id"].map(most.set_index("doc_id")["reprint_of"])
    return documents.assign(reprint_of=mapped.fillna(documents["doc_id"]))


def shares(
    values: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    kind: str,
    by: str = "source",
    weights: str = "article",
    period: Period = OVERLAP,
) -> pd.DataFrame:
    """Return the mean share of each key at each level of a column of the documents.

    The 95 % interval of a level with at least five outlets takes outlets as what was drawn, and with them their days
    and articles (`cluster_estimate`). An outlet, or a part of one (its sections), has one over stretches of its days
    (`outlet_estimate`). There is no interval (NaN) for a language, or another column that is a property of outlets
    (country, owner), with one to four outlets, with unknown ones, or with some so large that all together are worth
    fewer than three equal ones (Kish): nobody can tell a language or a country from those few newsrooms.
    `no_interval` says which and why; with weights="outlet" no outlet is larger than another.

    Parameters
    ----------
    values
        (articles, keys), as `memberships` returns it.
    documents
        Needs `doc_id`, `source` and the column named by `by`; where it has `reprint_of` (`tie_reprints`), reprints of
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
    used = documents[documents["doc_id"].isin(values.index)]
    window = settle(used, period)
    rows = [
        (kind, key, by, level, n, found.share, found.low, found.high)
        for level, key, n, found in estimates(values, documents, by=by, weights=weights, window=window)
    ]
    frame = pd.DataFrame(rows, columns=list(schema.table("shares").columns))
    return schema.conform(frame.sort_values(["key", "level"], kind="stable"), "shares")


def estimates(
    values: pd.DataFrame, documents: pd.DataFrame, *, by: str, weights: str, window: Window
) -> Iterator[tuple[str, str, int, Estimate]]:
    """Yield level, key, number of articles and estimate, level by level."""
    schema.require(documents, ["doc_id", "source", by], door=f"shares by {by}")
    facts = documents.set_index("doc_id").reindex(values.index)
    numbers = values.to_numpy(dtype=float)
    for level, rows, mass, of_outlets in _levels(facts, by, weights, window):
        estimate = _estimator(facts.iloc[rows], mass, of_outlets)
        for column, key in enumerate(values.columns):
            yield level, key, len(rows), estimate(numbers[rows, column])


def no_interval(
    documents: pd.DataFrame, *, by: str = "lang", weights: str = "article", period: Period = OVERLAP
) -> pd.DataFrame:
    """Return the levels of a column for which `shares` gives no interval: level, reason. Parameters as for `shares`."""
    schema.require(documents, ["doc_id", "source", by], door=f"no_interval by {by}")
    used = documents[documents["dropped"] == ""] if "dropped" in documents else documents
    rows = [
        (level, why)
        for level, chosen, mass, of_outlets in _levels(used, by, weights, settle(used, period))
        if (why := _no_interval(used["source"].iloc[chosen].fillna("").to_numpy(dtype=object), mass, of_outlets))
    ]
    return pd.DataFrame(rows, columns=["level", "reason"])


def _levels(
    facts: pd.DataFrame, by: str, weights: str, window: Window
) -> Iterator[tuple[str, np.ndarray, np.ndarray, bool]]:
    """Yield each level, the rows of it that count, their weights, and whether levels are a property of outlets."""
    levels = facts[by].astype("object").where(facts[by].notna(), "").astype(str)
    used = (levels != "") & within(facts, window)
    places, facts, levels = np.flatnonzero(used.to_numpy()), facts[used], levels[used]
    of_outlets = by == "lang" or (by != "source" and bool((levels.groupby(facts["source"]).nunique() <= 1).all()))
    mass = article_weights(facts, levels, weights=weights)
    for level in sorted(set(levels)):
        chosen = (levels == level).to_numpy() & (mass > 0)
        if chosen.any():
            yield level, places[chosen], mass[chosen], of_outlets


def _estimator(facts: pd.DataFrame, mass: np.ndarray, of_outlets: bool) -> Callable[[np.ndarray], Estimate]:
    """Return what estimates the share of a level from its articles' values."""
    outlets = facts["source"].fillna("").to_numpy(dtype=object)
    texts = pd.factorize(facts["reprint_of"])[0] if "reprint_of" in facts else None
    if _no_interval(outlets, mass, of_outlets):
        return lambda x: Estimate(float(x @ mass / mass.sum()), *[np.nan] * 4)
    if len(set(outlets)) > 1:
        codes = pd.factorize(outlets)[0]
        return lambda x: cluster_estimate(x, codes, weights=mass, texts=texts)
    days = _days(facts["date"]) if "date" in facts else None
    return lambda x: outlet_estimate(x, days, weights=mass, texts=texts)


def _days(dates: pd.Series) -> np.ndarray | None:
    """Return the dates as numbers of days; None where the day of one is not known."""
    days = pd.to_datetime(dates.fillna("").astype(str).str.slice(0, 10), format="%Y-%m-%d", errors="coerce").to_numpy()
    return None if np.isnat(days).any() else days.astype("datetime64[D]").astype(int)


def _no_interval(outlets: np.ndarray, mass: np.ndarray, of_outlets: bool) -> str:
    """Say why the outlets of a level tell nothing of how far outlets differ; "" where they do."""
    n = len(set(outlets))
    if "" in outlets:
        return "the outlet of some articles is unknown"
    if (0 if of_outlets else 1) < n < FEWEST_OUTLETS:
        return f"fewer than {FEWEST_OUTLETS} outlets"
    if n > 1 and (equal := worth(outlets, mass)) < LEAST_WORTH:
        counts = pd.Series(mass).groupby(outlets).sum()
        return (
            f"{counts.idxmax()} has {counts.max() / counts.sum():.0%} of the articles: worth {equal:.1f} equal outlets"
        )
    return ""


def timeline(values: pd.DataFrame, documents: pd.DataFrame, *, kind: str, by: str = "source") -> pd.DataFrame:
    """Return the shares of each month: table `timeline`. Articles without a month are left out; a month without
    articles has no row.
    """
    schema.require(documents, ["doc_id", "date"], door="timeline")
    month = months(documents.set_index("doc_id")).reindex(values.index, fill_value="")
    parts = [schema.empty("timeline")]
    for period in sorted(set(month) - {""}):
        parts.append(shares(values[month == period], documents, kind=kind, by=by, period=ALL).assign(period=period))
    filled = [part for part in parts if len(part)]
    return schema.conform(pd.concat(filled, ignore_index=True), "timeline") if filled else parts[0]


def coverage(documents: pd.DataFrame) -> pd.DataFrame:
    """Return how many articles each outlet has in each month: table `coverage`. Period "" counts those without a
    month.
    """
    used = documents[documents["dropped"] == ""] if "dropped" in documents else documents
    counts = used.groupby([used["source"], months(used).rename("period")]).size().rename("n").reset_index()
    return schema.conform(counts, "coverage")


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
