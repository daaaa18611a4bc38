"""Words that distinguish two sides: weighted log-odds with an informative prior."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.topics.custom_words import NO_CUSTOM_WORDS, CustomWords

# Largest number of pseudo-words in the prior, which has the word frequencies of both sides together.
MAX_PRIOR_WORDS = 500.0

MIN_WORD_COUNT = 5


def word_contrasts(
    passages: pd.DataFrame, labels: pd.DataFrame, sides: pd.Series, *, by: str = "source",
    words: CustomWords = NO_CUSTOM_WORDS,
) -> pd.DataFrame:  # fmt: skip
    """Return the words that distinguish two sides in their passages on each key, within one language.

    Parameters
    ----------
    passages
        `passage_id`, `doc_id`, `lang`, `text`.
    labels
        `passage_id`, `key`: the themes (or topics) of the passages.
    sides
        Side of each article, indexed by doc_id. For each language and key, the two with the most passages are compared,
        in alphabetical order.
    by
        What the sides are, for column `by` of the table.
    words
        Stop words and protected names of the corpus.

    Returns
    -------
    DataFrame
        Table `contrasts`: words used at least five times, by decreasing absolute z (negative for the left side's).

    Notes
    -----
    For word w with y uses among n words on a side, and prior a_w = a_0 times its share in both sides (a_0: 500 words,
    or as many as the shorter side has), log_odds = ln((y_r + a_w) / (n_r + a_0 - y_r - a_w)) minus the same on the
    left; z = log_odds / sqrt(1 / (y_r + a_w) + 1 / (y_l + a_w)).

    References
    ----------
    Monroe, Colaresi and Quinn 2008, "Fightin' Words", Political Analysis 16.
    """
    rows = []
    joined = labels[["passage_id", "key"]].merge(passages[["passage_id", "doc_id", "lang", "text"]], on="passage_id")
    joined["side"] = joined["doc_id"].map(sides).fillna("").astype(str)
    for (key, lang), group in joined[joined["side"] != ""].groupby(["key", "lang"], sort=True):
        sizes = group["side"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        if len(sizes) > 1:
            left, right = sorted(sizes.index[:2])
            rows += [(key, lang, by, left, right, *row) for row in _weighted_log_odds(group, left, right, lang, words)]
    return schema.conform(pd.DataFrame(rows, columns=list(schema.get_table("contrasts").columns)), "contrasts")


def _weighted_log_odds(passages: pd.DataFrame, left: str, right: str, lang: str, custom: CustomWords) -> list[tuple]:
    """Return word, n_left, n_right, log_odds and z, by decreasing absolute z."""
    lemmas: dict[str, Counter[str]] = {left: Counter(), right: Counter()}
    forms: dict[str, Counter[str]] = {}
    for text, side in zip(passages["text"], passages["side"], strict=True):
        for word, surface in custom.tokenize(text, lang) if side in lemmas else ():
            lemmas[side][word] += 1
            forms.setdefault(word, Counter())[surface] += 1
    shown_as = custom.shown_words(forms, lang)
    stopped = custom.find_stopped(forms, shown_as)
    counts: dict[str, Counter[str]] = {left: Counter(), right: Counter()}
    for side, lemma_counts in lemmas.items():
        for word, count in lemma_counts.items():
            if shown_as[word] not in stopped:
                counts[side][shown_as[word]] += count
    both = counts[left] + counts[right]
    words = [word for word, n in both.items() if n >= MIN_WORD_COUNT]
    if not words:
        return []
    y = np.array([[counts[side][word] for word in words] for side in (left, right)], dtype=float)
    n = np.array([[counts[side].total()] for side in (left, right)], dtype=float)
    prior_size = min(MAX_PRIOR_WORDS, float(n.min()))
    prior = prior_size * np.array([both[word] for word in words]) / both.total()
    log_odds_by_side = np.log((y + prior) / (n + prior_size - y - prior))
    log_odds = log_odds_by_side[1] - log_odds_by_side[0]
    z = log_odds / np.sqrt((1 / (y + prior)).sum(axis=0))
    strongest_first = sorted(range(len(words)), key=lambda i: (-abs(z[i]), words[i]))
    return [(words[i], int(y[0, i]), int(y[1, i]), float(log_odds[i]), float(z[i])) for i in strongest_first]
