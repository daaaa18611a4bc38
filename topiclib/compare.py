"""Shares by outlet, language and time, with an interval only where one is honest.

The unit that is counted is the article: a share is the mean, over articles, of the share of each article's passages.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from topiclib import schema

Z95 = 1.959964
FEWEST_OUTLETS = 5
DRAWS = 1000


def memberships(passages: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Return which part of each article's passages belongs to each key.

    Parameters
    ----------
    passages
        `passage_id`, `doc_id`: every passage that counts, also those without a label.
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


def shares(
    values: pd.DataFrame, documents: pd.DataFrame, *, kind: str, by: str = "source", seed: int = 0
) -> pd.DataFrame:
    """Return the mean share of each key at each level of a column of the documents.

    The 95 % interval is Wilson's where a level is one outlet (its articles are the sample; conservative, since a
    share within [0, 1] varies no more than a yes or no), and by resampling outlets, then articles within them, where
    a level has at least five. With two to four outlets there is none (NaN): nobody can tell the language or the
    country from those few newsrooms.

    Parameters
    ----------
    values
        (articles, keys), as `memberships` returns it.
    documents
        Needs `doc_id`, `source` and the column named by `by`.

    Returns
    -------
    DataFrame
        Table `shares`, by key and level. Articles whose level is "" are left out.

    Source: Wilson 1927, JASA 22; Field and Welsh 2007, JRSS B 69 (cluster bootstrap).
    """
    rows = []
    for level, part, outlets in _groups(values, documents, by):
        rows += [
            (kind, key, by, level, len(part), *row)
            for key, row in zip(part, _summary(part, outlets, seed), strict=True)
        ]
    frame = pd.DataFrame(rows, columns=list(schema.table("shares").columns))
    return schema.conform(frame.sort_values(["key", "level"], kind="stable"), "shares")


def timeline(
    values: pd.DataFrame, documents: pd.DataFrame, *, kind: str, by: str = "source", seed: int = 0
) -> pd.DataFrame:
    """Return the shares of each month: table `timeline`. Articles without a month are left out; a month without
    articles has no row.
    """
    schema.require(documents, ["doc_id", "date"], door="timeline")
    months = documents.set_index("doc_id")["date"].str.slice(0, 7).reindex(values.index)
    parts = [schema.empty("timeline")]
    for period in sorted(month for month in months.dropna().unique() if len(month) == 7):
        parts.append(shares(values[months == period], documents, kind=kind, by=by, seed=seed).assign(period=period))
    filled = [part for part in parts if len(part)]
    return schema.conform(pd.concat(filled, ignore_index=True), "timeline") if filled else parts[0]


def coverage(documents: pd.DataFrame) -> pd.DataFrame:
    """Return how many articles each outlet has in each month: table `coverage`. Period "" counts those without a
    month.
    """
    used = documents[documents["dropped"] == ""] if "dropped" in documents else documents
    months = used["date"].str.slice(0, 7).where(used["date"].str.len() >= 7, "")
    counts = used.groupby([used["source"], months.rename("period")]).size().rename("n").reset_index()
    return schema.conform(counts, "coverage")


def _groups(values: pd.DataFrame, documents: pd.DataFrame, by: str):
    schema.require(documents, ["doc_id", "source", by], door=f"shares by {by}")
    facts = documents.set_index("doc_id").reindex(values.index)
    levels = facts[by].astype("object").where(facts[by].notna(), "").astype(str)
    for level in sorted(set(levels) - {""}):
        chosen = (levels == level).to_numpy()
        yield level, values[chosen], facts["source"].fillna("").to_numpy()[chosen]


def _summary(part: pd.DataFrame, outlets: np.ndarray, seed: int) -> np.ndarray:
    """Return (keys, 3): share, low, high."""
    x = part.to_numpy(dtype=float)
    means = x.mean(axis=0)
    names, codes = np.unique(outlets, return_inverse=True)
    if "" in names:  # articles of unknown outlets: nobody knows how many newsrooms they are
        low = high = np.full(len(means), np.nan)
    elif len(names) == 1:
        low, high = wilson(means, len(x))
    elif len(names) >= FEWEST_OUTLETS:
        low, high = _resample_outlets(x, codes, seed)
    else:
        low = high = np.full(len(means), np.nan)
    return np.stack([means, low, high], axis=1)


def wilson(share: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's 95 % interval of a mean of n values within [0, 1]."""
    centre = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    return np.clip(np.minimum(centre - half, share), 0, 1), np.clip(np.maximum(centre + half, share), 0, 1)


def _resample_outlets(x: np.ndarray, codes: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle 95 % of the mean over articles when outlets are drawn, and then articles within each."""
    random = np.random.default_rng(seed)
    k = codes.max() + 1
    outlets = random.multinomial(k, np.full(k, 1 / k), size=DRAWS)
    sums, sizes = np.zeros((DRAWS, x.shape[1])), np.zeros(DRAWS)
    for outlet in range(k):
        rows = x[codes == outlet]
        articles = random.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=DRAWS)
        sums += outlets[:, [outlet]] * (articles @ rows)
        sizes += outlets[:, outlet] * len(rows)
    low, high = np.percentile(sums / sizes[:, None], [2.5, 97.5], axis=0)
    return low, high
