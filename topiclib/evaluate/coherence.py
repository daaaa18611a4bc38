"""Coherence of topic keywords within each language, and their diversity over topics."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import combinations

import numpy as np
import pandas as pd


def coherence(
    keywords: pd.DataFrame, bags_by_language: dict[str, Iterable[Collection[str]]], *, n_words: int = 10
) -> pd.DataFrame:
    """Return the NPMI coherence of each topic's top words in documents of their own language.

    Parameters
    ----------
    keywords
        `topic`, `lang`, `rank` (from 1), `word`.
    bags_by_language
        For each language its documents (or passages), each a collection of words tokenized like the keywords.
    n_words
        Number of keywords for each topic and language.

    Returns
    -------
    pandas.DataFrame
        `topic`, `lang`, `npmi` in -1..1: the mean over word pairs, with -1 for pairs that never co-occur; NaN if fewer
        than two keywords occur in the documents.

    Notes
    -----
    NPMI(v, w) = log(p(v, w) / (p(v) p(w))) / -log p(v, w), where p is a share of the documents; 1 if v and w are in
    every document.

    References
    ----------
    Bouma 2009, "Normalized (pointwise) mutual information in collocation extraction"; Lau, Newman and Baldwin 2014,
    "Machine reading tea leaves".
    """
    rows = []
    for lang, group in keywords[keywords["rank"] <= n_words].groupby("lang", sort=True):
        positions: dict[str, set[int]] = {word: set() for word in group["word"]}
        bags = list(bags_by_language.get(str(lang), ()))
        for position, bag in enumerate(bags):
            for word in positions.keys() & bag:
                positions[word].add(position)
        for topic, rows_of_topic in group.groupby("topic", sort=True):
            words = [word for word in dict.fromkeys(rows_of_topic["word"]) if positions[word]]
            values = [_npmi(positions[v], positions[w], len(bags)) for v, w in combinations(words, 2)]
            rows.append((topic, lang, float(np.mean(values)) if values else float("nan")))
    return pd.DataFrame(rows, columns=["topic", "lang", "npmi"]).sort_values(["topic", "lang"], ignore_index=True)


def diversity(keywords: pd.DataFrame, *, n_words: int = 10) -> pd.DataFrame:
    """Return `lang` and `diversity` (0..1): unique words over words, among the first `n_words` ranks of all topics.

    References
    ----------
    Dieng, Ruiz and Blei 2020, "Topic modeling in embedding spaces".
    """
    top = keywords[keywords["rank"] <= n_words]
    rows = [(lang, group["word"].nunique() / len(group)) for lang, group in top.groupby("lang", sort=True)]
    return pd.DataFrame(rows, columns=["lang", "diversity"])


def _npmi(first: set[int], second: set[int], n: int) -> float:
    """Return the normalized pointwise mutual information of two words, by the positions of their documents out of n."""
    n_both = len(first & second)
    if n_both in (0, n):
        return 1.0 if n_both else -1.0
    joint = n_both / n
    return float(np.log(joint * n * n / (len(first) * len(second))) / -np.log(joint))
