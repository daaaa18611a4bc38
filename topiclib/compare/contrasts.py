"""Two sides set against each other: differences of shares, words that set them apart, themes that go together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.compare.intervals import difference_interval
from topiclib.compare.shares import estimates
from topiclib.period import OVERLAP, Period, Window, settle

APART = "none"  # the period of two sides that have no month in common
PRIOR_WORDS = 500.0  # the most pseudo-words in the prior; its shape is the use of words by both sides
FEWEST_USES = 5

_DIFFERENCES = ["kind", "key", "by", "side_a", "side_b", "n_a", "n_b", "period", "difference", "low", "high", "p", "q"]
_WORDS = ["key", "lang", "by", "left", "right", "word", "n_left", "n_right", "log_odds", "z"]
_CARRIERS = ["theme", "topic", "n", "size", "part_of_topic", "part_of_theme"]
_LIFT = ["first", "second", "n", "both", "expected", "lift", "low", "high", "note"]


def differences(
    values: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    kind: str,
    by: str = "lang",
    weights: str = "article",
    period: Period = OVERLAP,
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

    schema.require(documents, ["doc_id", "source", "date", by], door="differences")
    used = documents[documents["doc_id"].isin(values.index)]
    side = used.set_index("doc_id")[by].astype("object").fillna("").astype(str)
    used = used[(side != "").to_numpy()]
    shared = used.groupby("source")[by].nunique()
    if by != "source" and (shared.drop("", errors="ignore") > 1).any():
        raise ValueError(f"the outlet {shared.idxmax()!r} has several values of {by}: the sides are not independent")
    pairs: dict[Window, list[tuple[str, str]]] = {}
    for pair in combinations(sorted(side[side != ""].unique()), 2):
        both = used[side.loc[used["doc_id"]].isin(pair).to_numpy()]
        pairs.setdefault(settle(both, period, by=by), []).append(pair)
    rows: list[tuple] = []
    for window, some in pairs.items():
        rows += _pairs(values, used, some, (kind, by, weights, window))
    if rows and all(row[_DIFFERENCES.index("period")] == APART for row in rows):
        raise ValueError(
            f"no two levels of {by} have a month in common: a difference would be one of time;"
            " period='all' (--period all) takes all articles all the same"
        )
    order = {key: place for place, key in enumerate(values.columns)}
    rows.sort(key=lambda row: (order[row[1]], row[3], row[4]))
    frame = pd.DataFrame(rows, columns=_DIFFERENCES[:-1])
    frame["q"] = p = frame["p"].astype(float)
    frame.loc[p.notna(), "q"] = false_discovery_control(p.dropna())
    return frame


def _pairs(
    values: pd.DataFrame, documents: pd.DataFrame, pairs: list[tuple[str, str]], asked: tuple[str, str, str, Window]
) -> Iterator[tuple]:
    """Yield the differences of the pairs of sides that are compared over the same months."""
    kind, by, weights, window = asked
    levels = {level for pair in pairs for level in pair}
    some = documents[documents[by].astype(str).isin(levels)]
    inside = values[values.index.isin(some["doc_id"])]
    found = {}
    if window.why != "apart":
        told = estimates(inside, some, by=by, weights=weights, window=window)
        found = {(level, key): (n, estimate) for level, key, n, estimate in told}
    name = " to ".join(dict.fromkeys(window[:2])) or "all"
    for key in values.columns:
        for a, b in pairs:
            if (a, key) in found and (b, key) in found:
                (n_a, first), (n_b, second) = found[a, key], found[b, key]
                yield (kind, key, by, a, b, n_a, n_b, name, *difference_interval(first, second))
            else:  # also where one of them has no article in the months between the first and the last
                yield (kind, key, by, a, b, 0, 0, APART, np.nan, np.nan, np.nan, np.nan)


def word_contrasts(
    passages: pd.DataFrame, labels: pd.DataFrame, sides: pd.Series, *, by: str = "source"
) -> pd.DataFrame:
    """Return the words that set two sides apart on each key, within one language: weighted log-odds with a prior.

    For word w with y uses among n words on a side and prior a_w (its share in both sides, times a_0 = 500 words, or as
    many as the shorter side has),
    log_odds = ln((y_r + a_w) / (n_r + a_0 - y_r - a_w)) - the same on the left; z = log_odds / its standard error
    sqrt(1 / (y_r + a_w) + 1 / (y_l + a_w)). Below 0 the word is the left side's.

    Parameters
    ----------
    passages
        `passage_id`, `doc_id`, `lang`, `text`.
    labels
        `passage_id`, `key`: the themes (or topics) of the passages.
    sides
        The side of each article, indexed by doc_id: the two with most passages are compared in each language and key.
    by
        What the sides are, for the table.

    Returns
    -------
    DataFrame
        Table `contrasts`: key, lang, by, left, right, word, n_left, n_right, log_odds, z; words used at least five
        times, strongest first.

    Source: Monroe, Colaresi and Quinn 2008, "Fightin' Words", Political Analysis 16.
    """
    rows = []
    joined = labels[["passage_id", "key"]].merge(passages[["passage_id", "doc_id", "lang", "text"]], on="passage_id")
    joined["side"] = joined["doc_id"].map(sides).fillna("").astype(str)
    for (key, lang), part in joined[joined["side"] != ""].groupby(["key", "lang"], sort=True):
        sizes = part["side"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        if len(sizes) > 1:
            left, right = sorted(sizes.index[:2])
            rows += [(key, lang, by, left, right, *row) for row in _log_odds(part, left, right)]
    frame = pd.DataFrame(rows, columns=_WORDS)
    # Two lemmas may share their commonest form: the stronger one, which comes first, stands for both.
    return schema.conform(frame.drop_duplicates(list(schema.table("contrasts").key)), "contrasts")


def _log_odds(part: pd.DataFrame, left: str, right: str) -> list[tuple]:
    from topiclib.text.words import commonest_form, tokens

    counts: dict[str, Counter[str]] = {left: Counter(), right: Counter()}
    forms: dict[str, Counter[str]] = {}
    for text, side in zip(part["text"], part["side"], strict=True):
        for word, surface in tokens(text) if side in counts else ():
            counts[side][word] += 1
            forms.setdefault(word, Counter())[surface] += 1
    both = counts[left] + counts[right]
    words = [word for word, n in both.items() if n >= FEWEST_USES]
    if not words:
        return []
    y = np.array([[counts[side][word] for word in words] for side in (left, right)], dtype=float)
    n = np.array([[counts[side].total()] for side in (left, right)], dtype=float)
    strength = min(PRIOR_WORDS, float(n.min()))
    prior = strength * np.array([both[word] for word in words]) / both.total()
    odds = np.log((y + prior) / (n + strength - y - prior))
    gap = odds[1] - odds[0]
    z = gap / np.sqrt((1 / (y + prior)).sum(axis=0))
    strongest_first = sorted(range(len(words)), key=lambda i: (-abs(z[i]), words[i]))
    return [
        (commonest_form(forms[words[i]]), int(y[0, i]), int(y[1, i]), float(gap[i]), float(z[i]))
        for i in strongest_first
    ]


def lift(themes: pd.DataFrame, passages: pd.DataFrame, *, fewest: int = 5) -> pd.DataFrame:
    """Return how much more often two themes stand in one passage than if they had nothing to do with each other.

    lift = P(both) / (P(first) P(second)); the interval takes articles as what was drawn: the log of the lift by the
    jackknife over articles.

    Parameters
    ----------
    themes
        Table `themes`; rows with `about` count.
    passages
        `passage_id`, `doc_id`: every passage that counts.
    fewest
        Pairs whose rarer theme has fewer passages are left out.

    Returns
    -------
    DataFrame
        first, second, n (passages), both, expected (passages, under independence), lift, low, high (95 %), note: why
        there is no interval (then low and high are NaN), or "".

    Source: Brin, Motwani and Silverstein 1997 (lift); Efron and Stein 1981, Annals of Statistics 9 (jackknife).
    """
    columns = passages.set_index("passage_id")["doc_id"]
    about = themes[themes["about"] & themes["passage_id"].isin(columns.index)]
    marks = pd.crosstab(about["passage_id"], about["theme"]).clip(upper=1).reindex(columns.index, fill_value=0)
    docs = pd.factorize(columns)[0]
    rows = []
    for first, second in combinations(marks.columns, 2):
        x, y = marks[first].to_numpy(), marks[second].to_numpy()
        if min(x.sum(), y.sum()) < fewest:
            continue
        sums = np.stack([np.bincount(docs, v) for v in (x * y, x, y, np.ones(len(x)))])
        whole = sums.sum(axis=1)
        expected = whole[1] * whole[2] / whole[3]
        low, high = _jackknife(sums, whole)
        note = "" if np.isfinite(low) else "no passage has both" if not whole[0] else "all with both are in one article"
        rows.append((first, second, len(x), int(whole[0]), expected, whole[0] / expected, low, high, note))
    return pd.DataFrame(rows, columns=_LIFT)


def carriers(assignments: pd.DataFrame, themes: pd.DataFrame, *, fewest: int = 3) -> pd.DataFrame:
    """Return which topics carry which themes.

    Parameters
    ----------
    assignments, themes
        Tables of a run. Passages `about` a theme count.
    fewest
        Topics with fewer passages about a theme are left out.

    Returns
    -------
    DataFrame
        theme, topic, n (passages of the topic about the theme), size (of the topic), part_of_topic (n / size),
        part_of_theme (n / all passages about the theme that are in a topic); by theme, the greatest part of it first.
    """
    about = themes.loc[themes["about"], ["passage_id", "theme"]].merge(assignments[["passage_id", "topic"]])
    rows = about.groupby(["theme", "topic"]).size().rename("n").reset_index()
    rows["size"] = rows["topic"].map(assignments["topic"].value_counts())
    rows["part_of_topic"] = rows["n"] / rows["size"]
    rows["part_of_theme"] = rows["n"] / rows.groupby("theme")["n"].transform("sum")
    rows = rows[rows["n"] >= fewest].sort_values(["theme", "n", "topic"], ascending=[True, False, True])
    return rows[_CARRIERS].reset_index(drop=True)


def _jackknife(sums: np.ndarray, whole: np.ndarray) -> tuple[float, float]:
    from scipy.stats import t

    rest = whole[:, None] - sums
    k = rest.shape[1]
    if k < 2 or not (rest[:3] > 0).all():
        return np.nan, np.nan
    logs = np.log(rest[0]) + np.log(rest[3]) - np.log(rest[1]) - np.log(rest[2])
    error = np.sqrt((k - 1) / k * ((logs - logs.mean()) ** 2).sum())
    centre, half = np.log(whole[0] * whole[3] / (whole[1] * whole[2])), t.ppf(0.975, k - 1) * error
    return float(np.exp(centre - half)), float(np.exp(centre + half))
