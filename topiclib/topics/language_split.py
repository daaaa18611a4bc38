"""Measure the language composition of topics."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd


def language_split(topics: Iterable[int], lang: Iterable[str]) -> pd.DataFrame:
    """Return the share of each language in each topic.

    Parameters
    ----------
    topics, lang
        n topic numbers and n language codes, in the same order. -1 (outliers) counts as a topic.

    Returns
    -------
    pandas.DataFrame
        One row per topic and language of the corpus, sorted: ``topic``, ``lang``, ``share`` (of the topic's passages; 0
        where it has none), ``entropy`` (of the topic's languages, in bits; the same in each of its rows).

    Notes
    -----
    Entropy = -sum_l p(l | t) log2 p(l | t) (Shannon 1948): 0 for a topic of one language, 1 for two equal halves.
    Compare it with the entropy of the corpus, that is of one topic with all passages. As a measure of batch mixing see
    Büttner et al. 2019, "A test metric for assessing single-cell RNA-seq batch correction".
    """
    return language_split_from_counts(count_languages(topics, lang))


def count_languages(topics: Iterable[int], lang: Iterable[str]) -> pd.DataFrame:
    """Return the number of passages by topic (index, with -1) and language (columns)."""
    numbers, codes = _check_lengths(topics, lang)
    return pd.crosstab(pd.Series(numbers, name="topic"), pd.Series(codes, name="lang"))


def language_split_from_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Return what `language_split` returns, from the counts of `count_languages`."""
    shares = counts.div(counts.sum(axis=1), axis=0)
    entropy = -(shares * np.log2(shares.where(shares > 0, 1))).sum(axis=1)
    table = shares.assign(entropy=entropy).reset_index()
    table = table.melt(["topic", "entropy"], var_name="lang", value_name="share")
    return table[["topic", "lang", "share", "entropy"]].sort_values(["topic", "lang"], ignore_index=True)


def _check_lengths(topics: Iterable[int], lang: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return topics as int and languages as str, after checking that there are equally many."""
    numbers = np.asarray(list(topics), dtype=int)
    codes = np.asarray(list(lang), dtype=object).astype(str)
    if len(numbers) != len(codes):
        raise ValueError(f"{len(numbers)} topics and {len(codes)} languages: expected one language per topic number")
    return numbers, codes
