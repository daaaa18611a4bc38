"""Two sides set against each other: differences of shares, words that set them apart, themes that go together."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from topiclib import schema

MAX_PRIOR_WORDS = 500.0  # the most pseudo-words in the prior; its shape is the use of words by both sides

MIN_WORD_COUNT = 5

_WORD_CONTRAST_COLUMNS = ["key", "lang", "by", "left", "right", "word", "n_left", "n_right", "log_odds", "z"]


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
            rows += [(key, lang, by, left, right, *row) for row in _weighted_log_odds(part, left, right)]
    frame = pd.DataFrame(rows, columns=_WORD_CONTRAST_COLUMNS)
    # Two lemmas may share their commonest form: the stronger one, which comes first, stands for both.
    return schema.conform(frame.drop_duplicates(list(schema.get_table("contrasts").key)), "contrasts")


def _weighted_log_odds(passages: pd.DataFrame, left: str, right: str) -> list[tuple]:
    from topiclib.text.tokens import commonest_form, tokenize

    counts: dict[str, Counter[str]] = {left: Counter(), right: Counter()}
    forms: dict[str, Counter[str]] = {}
    for text, side in zip(passages["text"], passages["side"], strict=True):
        for word, surface in tokenize(text) if side in counts else ():
            counts[side][word] += 1
            forms.setdefault(word, Counter())[surface] += 1
    both = counts[left] + counts[right]
    words = [word for word, n in both.items() if n >= MIN_WORD_COUNT]
    if not words:
        return []
    y = np.array([[counts[side][word] for word in words] for side in (left, right)], dtype=float)
    n = np.array([[counts[side].total()] for side in (left, right)], dtype=float)
    strength = min(MAX_PRIOR_WORDS, float(n.min()))
    prior = strength * np.array([both[word] for word in words]) / both.total()
    odds = np.log((y + prior) / (n + strength - y - prior))
    gap = odds[1] - odds[0]
    z = gap / np.sqrt((1 / (y + prior)).sum(axis=0))
    strongest_first = sorted(range(len(words)), key=lambda i: (-abs(z[i]), words[i]))
    return [
        (commonest_form(forms[words[i]]), int(y[0, i]), int(y[1, i]), float(gap[i]), float(z[i]))
        for i in strongest_first
    ]
