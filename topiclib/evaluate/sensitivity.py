"""Sensitivity of differences between two sides to the settings by which topics are found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.evaluate.agreement import MIN_MATCH_JACCARD, topic_overlaps


def refit_differences(
    topics: Iterable[int], reference: Iterable[int], side: Iterable[str], *, sides: tuple[str, str] = ("fa", "ar"),
    articles: Iterable[str] | None = None, about: Mapping[str, Iterable[bool]] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return the difference between two sides in the share of each topic and theme, according to one refit.

    Parameters
    ----------
    topics
        n topic numbers of the refit. Outliers (-1) count as passages of their article, but belong to no topic.
    reference
        n topic numbers of the run whose differences are checked; they name the rows.
    side
        n sides, such as languages or outlets; passages of other sides than `sides` are left out of the shares.
    sides
        Differences are the first minus the second.
    articles
        n article ids; None: each passage is an article.
    about
        For each theme, n booleans: whether the passage is about it.

    Returns
    -------
    pandas.DataFrame
        `kind` ("topic" or "theme"), `key` (topic number or theme, as text), `value` in -1..1: NaN if the topic has no
        match in this refit or a side has no passage.

    Notes
    -----
    With w(a, t) the share of article a's passages in topic t, share(t | s) is the mean of w(a, t) over the articles of
    side s, as in table `shares`. The difference of a topic is share(m | first) - share(m | second), where m is the
    refit's topic of highest Jaccard overlap with it, if above .5. The difference of a theme needs no match: it is the
    sum over t of p(theme | t) (share(t | first) - share(t | second)), with p over all passages of t. It shrinks where
    topics mix the theme with other subjects.

    References
    ----------
    Hennig 2007, "Cluster-wise assessment of cluster stability" (the .5).
    """
    refit, run = (np.asarray(list(values), dtype=int) for values in (topics, reference))
    passage_side = np.asarray(list(side), dtype=object).astype(str)
    article = np.arange(len(refit)) if articles is None else np.asarray(list(articles), dtype=object)
    lengths = [len(refit), len(run), len(passage_side), len(article)]
    if len(set(lengths)) > 1:
        raise ValueError(f"topics, reference, side and articles have lengths {lengths}: expected equal lengths")
    difference = _differences_by_topic(refit, passage_side, sides, article)
    rows: list[tuple[str, str, float]] = []
    for topic, overlaps in topic_overlaps(run, refit).iterrows():
        matched = overlaps.max() > MIN_MATCH_JACCARD
        rows.append(("topic", str(topic), difference[overlaps.idxmax()] if matched else float("nan")))
    for theme, flags in (about or {}).items():
        is_about = np.asarray(list(flags), dtype=bool)
        if len(is_about) != len(refit):
            raise ValueError(
                f"about[{theme!r}] has {len(is_about)} values for {len(refit)} passages: expected one each"
            )
        value = sum(is_about[refit == topic].mean() * difference[topic] for topic in difference)
        rows.append(("theme", theme, float(value)))
    return pd.DataFrame(rows, columns=["kind", "key", "value"])


def sensitivity(differences: pd.DataFrame) -> pd.DataFrame:
    """Summarize each difference over the settings under which it was computed.

    Parameters
    ----------
    differences
        One row per difference and setting: `contrast` (the name of the difference) and `value`; NaN values are counted
        and left out.

    Returns
    -------
    pandas.DataFrame
        `contrast`, `n_settings` (with a value), `n_missing` (without), `median`, `min`, `max` (extremes over settings,
        not an interval), `sign_agreement` (share of the settings with a value whose sign is that of the median; a
        median of 0 agrees with 0 only).

    References
    ----------
    Steegen et al. 2016, "Increasing transparency through a multiverse analysis".
    """
    schema.require_columns(differences, ["contrast", "value"], caller="sensitivity")
    rows = []
    for name, group in differences.groupby("contrast", sort=True):
        values = group["value"].dropna().to_numpy(dtype=float)
        summary = [float("nan")] * 4
        if len(values):
            median = np.median(values)
            summary = [median, values.min(), values.max(), (np.sign(values) == np.sign(median)).mean()]
        rows.append((name, len(values), len(group) - len(values), *map(float, summary)))
    return pd.DataFrame(rows, columns=["contrast", "n_settings", "n_missing", "median", "min", "max", "sign_agreement"])


def _differences_by_topic(
    topics: np.ndarray, passage_side: np.ndarray, sides: tuple[str, str], article: np.ndarray
) -> dict[int, float]:
    """Return share(t | first) - share(t | second) of each topic; NaN if a side has no passage."""
    # Not crosstab: it takes five times as long, and `quality` does this for 120 settings.
    by_article = pd.get_dummies(topics).groupby([passage_side, article.astype(str)]).mean()
    first, second = by_article.groupby(level=0).mean().reindex(list(sides)).to_numpy()
    return {int(topic): value for topic, value in zip(by_article, (first - second).tolist(), strict=True) if topic >= 0}
