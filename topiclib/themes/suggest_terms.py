"""Suggest further terms for a theme, from the passages about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.text import fold, tokenize

MIN_PASSAGES = 3  # passages about the theme in which a suggested word occurs
MIN_Z = 1.96  # significant at the 5 % level, without a correction for the number of words


def suggest_terms(tables: Mapping[str, pd.DataFrame], theme: str, *, n: int = 20) -> pd.DataFrame:
    """Suggest words that are more frequent in passages about a theme than in others, and not yet terms of it.

    Needs the tables `passages`, `themes` and `matches`; gives at most `n` words per language.

    Returns
    -------
    DataFrame
        Columns lang, word, inside and outside (number of passages with the word), z (log odds ratio divided by its
        standard error), by descending z within a language; empty if no passage is about the theme.
    """
    passages = tables["passages"]
    passages = passages[passages["modeled"]] if "modeled" in passages else passages
    about = set(tables["themes"].query("theme == @theme and about")["passage_id"])
    matched = tables["matches"].query("theme == @theme").merge(tables["passages"][["passage_id", "text"]])
    forms = [row.text[row.start : row.end] for row in matched.itertuples()]  # with suffixes: تحریم‌های
    known = {fold(word) for term in {*matched["term"], *forms} for word in [term, *term.split()]}
    rows = []
    for lang in schema.LANGUAGES:
        subset = passages[passages["lang"] == lang]
        inside = subset["passage_id"].isin(about).to_numpy()
        counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())  # outside, inside
        for text, is_about in zip(subset["text"], inside, strict=True):
            counts[int(is_about)].update({surface for _, surface in tokenize(text)})
        sizes = len(subset) - inside.sum(), inside.sum()
        for word, n_inside in counts[1].items():
            if n_inside >= MIN_PASSAGES and fold(word) not in known:
                n_with = counts[0][word], n_inside
                # Half a passage is added to each count, so that a word that never occurs outside has a finite ratio.
                log_odds = [np.log((n_with[i] + 0.5) / (sizes[i] - n_with[i] + 0.5)) for i in (0, 1)]
                z = (log_odds[1] - log_odds[0]) / np.sqrt(1 / (n_with[1] + 0.5) + 1 / (n_with[0] + 0.5))
                if z > MIN_Z:
                    rows.append((lang, word, n_with[1], n_with[0], float(z)))
    table = pd.DataFrame(rows, columns=["lang", "word", "inside", "outside", "z"])
    table = table.sort_values(["lang", "z", "word"], ascending=[False, False, True])
    return table.groupby("lang", sort=False).head(n).reset_index(drop=True)
