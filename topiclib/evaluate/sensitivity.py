"""Does a difference between two sides hold whichever way the topics are found?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from topiclib.evaluate.agreement import topic_overlaps

MIN_MATCH_JACCARD = 0.5
"""Above this overlap two partitions' topics can only be each other's match; at or below it a topic is dissolved."""


def refit_differences(
    topics: Iterable[int],
    reference: Iterable[int],
    side: Iterable[str],
    *,
    sides: tuple[str, str] = ("fa", "ar"),
    articles: Iterable[str] | None = None,
    about: Mapping[str, Iterable[bool]] | None = None,
) -> pd.DataFrame:
    """Return how much larger a share one side gives to each topic and theme, as one refit has it.

    Parameters
    ----------
    topics
        n topic numbers of the refit. Outliers (-1) count among an article's passages and to no topic.
    reference
        n topic numbers of the run whose contrasts are in question; they name the rows.
    side
        n sides, such as languages or outlets; passages of others than the two are left out of the shares.
    sides
        The first and the second: values are first minus second.
    articles
        n article ids; None: each passage counts alone.
    about
        For each theme, n truth values: is the passage on it?

    Returns
    -------
    pandas.DataFrame
        ``kind`` ("topic" or "theme"), ``key`` (topic number or theme, as text), ``value`` in -1..1: NaN where the topic
        has no match in this refit or a side has no passage.

    Notes
    -----
    With w(a, t) the part of article a's passages in topic t, share(t | s) is the mean of w(a, t) over the articles of
    side s (a passage's article and side), as in the table `shares`. A topic's contrast is share(m | first) -
    share(m | second), m being the refit's topic of highest Jaccard overlap with it, if that is above .5. A theme has no
    match to find: its contrast is what topics alone tell of it, the sum over t of p(theme | t) (share(t | first) -
    share(t | second)), with p over all passages of t; it is damped where topics mix the theme with other subjects.
    Source of the .5: Hennig 2007, "Cluster-wise assessment of cluster stability".
    """
    found, run = (np.asarray(list(values), dtype=int) for values in (topics, reference))
    of = np.asarray(list(side), dtype=object).astype(str)
    article = np.arange(len(found)) if articles is None else np.asarray(list(articles), dtype=object)
    if len({len(found), len(run), len(of), len(article)}) > 1:
        raise ValueError(
            f"lengths are {len(found)}, {len(run)}, {len(of)}, {len(article)}: expected one topic, reference topic, "
            "side and article a passage."
        )
    gap = _differences_by_topic(found, of, sides, article)
    rows: list[tuple[str, str, float]] = []
    for topic, overlaps in topic_overlaps(run, found).iterrows():
        matched = overlaps.max() > MIN_MATCH_JACCARD
        rows.append(("topic", str(topic), gap[overlaps.idxmax()] if matched else float("nan")))
    for theme, marks in (about or {}).items():
        on = np.asarray(list(marks), dtype=bool)
        if len(on) != len(found):
            raise ValueError(f"about[{theme!r}] has {len(on)} values for {len(found)} passages: expected one each.")
        rows.append(("theme", theme, float(sum(on[found == topic].mean() * gap[topic] for topic in gap))))
    return pd.DataFrame(rows, columns=["kind", "key", "value"])


def sensitivity(differences: pd.DataFrame) -> pd.DataFrame:
    """Summarise every contrast over the settings under which it was computed.

    Parameters
    ----------
    contrasts
        One row a contrast and setting: ``contrast`` (a name), ``value``, and any columns that name the setting
        (alignment, seed, granularity, outliers). NaN values are counted and left out.

    Returns
    -------
    pandas.DataFrame
        Per contrast: ``contrast``, ``settings`` (how many had a value), ``missing`` (how many had none), ``median``,
        ``low``, ``high`` (the extremes over all settings, not an interval), ``sign_agreement`` (part of the settings
        with a value whose sign is that of the median; a median of 0 agrees with 0 alone).

    Notes
    -----
    Source: multiverse analysis (Steegen et al. 2016, "Increasing transparency through a multiverse analysis").
    """
    lacking = {"contrast", "value"} - set(differences.columns)
    if lacking:
        raise ValueError(f"contrasts has columns {list(differences.columns)}, but lacks {sorted(lacking)}.")
    rows = []
    for name, group in differences.groupby("contrast", sort=True):
        values = group["value"].dropna().to_numpy(dtype=float)
        middle = float(np.median(values)) if len(values) else float("nan")
        agreed = float((np.sign(values) == np.sign(middle)).mean()) if len(values) else float("nan")
        low, high = (float(values.min()), float(values.max())) if len(values) else (float("nan"), float("nan"))
        rows.append((name, len(values), len(group) - len(values), middle, low, high, agreed))
    return pd.DataFrame(rows, columns=["contrast", "n_settings", "n_missing", "median", "min", "max", "sign_agreement"])


def _differences_by_topic(
    found: np.ndarray, of: np.ndarray, sides: tuple[str, str], article: np.ndarray
) -> dict[int, float]:
    """Return share(t | first) - share(t | second) of each topic; NaN where a side has no passage."""
    names, topic = np.unique(found, return_inverse=True)
    means = []
    for one in sides:
        rows = np.flatnonzero(of == one)
        _, index, sizes = np.unique(article[rows].astype(str), return_inverse=True, return_counts=True)
        weights = 1 / (sizes[index] * max(1, len(sizes)))
        share = np.bincount(topic[rows], weights=weights, minlength=len(names))
        means.append(share if len(rows) else np.full(len(names), np.nan))
    gaps = zip(names.tolist(), (means[0] - means[1]).tolist(), strict=True)
    return {name: gap for name, gap in gaps if name >= 0}
