"""Scores of topics where the truth is known (labels, or the passages of a theme), for several benchmarks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

LANGUAGES = ["fa", "ar"]


def pair_f1(topics: Iterable[int], labels: Iterable[str], lang: Iterable[str]) -> float:
    """Return the F1 of the pairs of a Persian and an Arabic passage: same topic against same label.

    Outliers (-1) are in no topic: none of their pairs counts as found. 0 where there is no pair to find or none found.

    Source: pair counting F-measure (Manning, Raghavan and Schütze 2008, 16.3), here over cross-lingual pairs only.
    """
    passages = _frame(topic=topics, label=labels, lang=lang)
    inside = passages[passages["topic"] >= 0]

    def pairs(rows: pd.DataFrame, *same: str) -> int:
        counts = rows.groupby([*same, "lang"]).size().unstack(fill_value=0)
        return int(counts.reindex(columns=LANGUAGES, fill_value=0).prod(axis=1).sum())

    found_and_true = pairs(inside, "topic") + pairs(passages, "label")
    return 2 * pairs(inside, "topic", "label") / found_and_true if found_and_true else 0.0


def nmi(topics: Iterable[int], labels: Iterable[str]) -> float:
    """Return the normalized mutual information of topics and labels; outliers count as one group.

    Source: Strehl and Ghosh 2002, "Cluster ensembles".
    """
    from sklearn.metrics import normalized_mutual_info_score

    passages = _frame(topic=topics, label=labels)
    return float(normalized_mutual_info_score(passages["label"].astype(str), passages["topic"]))


def colocation(topics: Iterable[int], about: Iterable[bool], lang: Iterable[str]) -> dict[str, float]:
    """Measure whether passages on a theme share topics across languages, and how much of these topics is the theme.

    Parameters
    ----------
    topics, about, lang
        n topic numbers (-1 counts as a topic of its own), n truth values (is the passage on the theme?), n languages.

    Returns
    -------
    dict
        ``cosine``: of the two vectors p(topic | theme, language), 1 where the theme is spread over topics alike; it is
        also 1 where everything is one topic, so read ``purity``: the mean, over the theme's passages of both languages,
        of p(theme | the passage's topic), and ``base``: p(theme) in these languages, what purity is by chance. NaN
        where a language has no passage on the theme.

    Notes
    -----
    Source: cosine of count vectors (Salton and McGill 1983); purity as in Manning, Raghavan and Schütze 2008, 16.3.
    """
    passages = _frame(topic=topics, about=about, lang=lang)
    passages = passages[passages["lang"].isin(LANGUAGES)]
    base = float(passages["about"].mean())
    sizes = passages["topic"].value_counts()
    on = passages[passages["about"]].groupby(["topic", "lang"]).size().unstack(fill_value=0)
    first, second = (on.get(lang, pd.Series(0, on.index)).to_numpy() for lang in LANGUAGES)
    if not first.any() or not second.any():
        return {"cosine": float("nan"), "purity": float("nan"), "base": base}
    inside = first + second
    cosine = first @ second / np.sqrt((first @ first) * (second @ second))
    purity = (inside * inside / sizes[on.index].to_numpy()).sum() / inside.sum()
    return {"cosine": float(cosine), "purity": float(purity), "base": base}


def _frame(**columns: Iterable) -> pd.DataFrame:
    """Return the columns as a table, without their indices."""
    return pd.DataFrame({name: np.asarray(list(values)) for name, values in columns.items()})
