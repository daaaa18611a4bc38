"""The languages of each topic's passages."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd


def language_split(topics: Iterable[int], lang: Iterable[str]) -> pd.DataFrame:
    """Count the languages of each topic.

    Parameters
    ----------
    topics, lang
        n topic numbers and n language codes, in the same order. Outliers are given as topic -1, like any other.

    Returns
    -------
    pandas.DataFrame
        One row a topic and language of the corpus: ``topic``, ``lang``, ``share`` (of the topic's passages; 0 where it
        has none), ``entropy`` (of the topic's languages, in bits; the same in each of its rows), sorted.

    Notes
    -----
    Entropy = -sum_l p(l | t) log2 p(l | t): 0 for a topic of one language, 1 for two halves. It is to be read against
    the entropy of the corpus, which is that of one topic with all passages.
    Source: Shannon 1948; as a measure of batch mixing: Büttner et al. 2019, "A test metric for assessing single-cell
    RNA-seq batch correction".
    """
    return language_split_from_counts(count_languages(topics, lang))


def count_languages(topics: Iterable[int], lang: Iterable[str]) -> pd.DataFrame:
    """Return the passages of each topic (index, with -1) in each language (columns)."""
    found, codes = _check_lengths(topics, lang)
    return pd.crosstab(pd.Series(found, name="topic"), pd.Series(codes, name="lang"))


def language_split_from_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Return what `language_split` returns, of what `count_languages` counted."""
    table = counts.div(counts.sum(axis=1), axis=0).assign(entropy=_entropy(counts.to_numpy())).reset_index()
    table = table.melt(["topic", "entropy"], var_name="lang", value_name="share")
    return table[["topic", "lang", "share", "entropy"]].sort_values(["topic", "lang"], ignore_index=True)


def _check_lengths(topics: Iterable[int], lang: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return topics as int and languages as str, after checking that the lengths fit."""
    found = np.asarray(list(topics), dtype=int)
    codes = np.asarray(list(lang), dtype=object).astype(str)
    if len(found) != len(codes):
        raise ValueError(f"{len(found)} topics and {len(codes)} languages: expected one language a topic number.")
    return found, codes


def _entropy(counts: np.ndarray) -> np.ndarray:
    """Return the entropy of each row of counts, in bits."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return -(shares * np.log2(np.where(shares > 0, shares, 1))).sum(axis=1)
