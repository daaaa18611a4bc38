"""Are a topic's words of a language a subject in that language, and do topics have words of their own?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import combinations

import numpy as np
import pandas as pd


def coherence(
    keywords: pd.DataFrame, bags_by_language: dict[str, Iterable[Collection[str]]], *, n_words: int = 10
) -> pd.DataFrame:
    """Score how often the top words of a topic stand together in documents of their own language.

    Parameters
    ----------
    keywords
        ``topic``, ``lang``, ``rank`` (from 1), ``word``.
    documents
        Per language the documents (or passages), each a collection of words cut and folded like the keywords.
    words
        Keywords taken for each topic and language.

    Returns
    -------
    pandas.DataFrame
        ``topic``, ``lang``, ``npmi`` in -1..1: the mean over word pairs; -1 for a pair that never meets, NaN where
        fewer than two keywords occur in the documents.

    Notes
    -----
    NPMI(v, w) = log(p(v, w) / (p(v) p(w))) / -log p(v, w), p as the part of the documents; 1 where v and w are in every
    document. Source: Bouma 2009, "Normalized (pointwise) mutual information in collocation extraction"; Lau, Newman and
    Baldwin 2014, "Machine reading tea leaves".
    """
    rows = []
    for lang, group in keywords[keywords["rank"] <= n_words].groupby("lang", sort=True):
        wanted = set(group["word"])
        bags = [wanted.intersection(document) for document in bags_by_language.get(str(lang), ())]
        where: dict[str, set[int]] = {word: set() for word in wanted}
        for position, bag in enumerate(bags):
            for word in bag:
                where[word].add(position)
        for topic, chosen in group.groupby("topic", sort=True):
            known = [word for word in dict.fromkeys(chosen["word"]) if where[word]]
            values = [_npmi(where[v], where[w], len(bags)) for v, w in combinations(known, 2)]
            rows.append((topic, lang, float(np.mean(values)) if values else float("nan")))
    return pd.DataFrame(rows, columns=["topic", "lang", "npmi"]).sort_values(["topic", "lang"], ignore_index=True)


def diversity(keywords: pd.DataFrame, *, n_words: int = 10) -> pd.DataFrame:
    """Return, for each language, the part of all topics' top words that are different: ``lang``, ``diversity`` (0..1).

    Notes
    -----
    Unique words over words, among the first ``words`` ranks of all topics of that language.
    Source: Dieng, Ruiz and Blei 2020, "Topic modeling in embedding spaces".
    """
    top = keywords[keywords["rank"] <= n_words]
    rows = [(lang, group["word"].nunique() / len(group)) for lang, group in top.groupby("lang", sort=True)]
    return pd.DataFrame(rows, columns=["lang", "diversity"])


def _npmi(first: set[int], second: set[int], documents: int) -> float:
    """Return the normalized pointwise mutual information of two words from the documents that they are in."""
    together = len(first & second)
    if together == 0:
        return -1.0
    if together == documents:
        return 1.0
    joint = together / documents
    return float(np.log(joint * documents * documents / (len(first) * len(second))) / -np.log(joint))
