"""Score passages for themes by the terms found in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.themes.matching import term_matchers
from topiclib.themes.theme_file import Theme

# Fitted by logistic regression (C 1) on the labeled news passages whose ids have an even SHA-256, with the intercept
# moved so that a passage is about a theme from a fitted probability of .3: a higher cut lowers F1 on the seed passages.
# `benchmarks/calibration.py` repeats the fit, fails if the result differs, and tests it on the other half.
INTERCEPT = 2.50
COEFFICIENTS = {"terms": 1.31, "supporting": 0.95, "position": -1.64, "listed": -1.27, "against": -1.07, "words": -0.34}
ABOUT, JUST_BELOW_ABOUT = 0.5, 0.49  # a passage is about the theme if its score is at least ABOUT
OTHER_SENSE = 0.1  # below this score, the terms most likely mean something else

_LIST_BEFORE, _LIST_AFTER = re.compile(r"[،,]\s*و?$"), re.compile(r"\s*(?:[،,]|و\w)")


def score_themes(matches: pd.DataFrame, passages: pd.DataFrame, themes: Mapping[str, Theme]) -> pd.DataFrame:
    """Return table `themes`: a score for each passage and theme with a term of the theme in the passage.

    The score is a logistic function of what `count_evidence` counts. It ranks passages and is not a probability: it was
    fitted on labels of other news than the corpus at hand, for which people have to validate it
    (`topiclib themes sample`). A passage with a score of at least `ABOUT` is *about* the theme; a single supporting
    term never suffices. Below `OTHER_SENSE` its terms most likely mean something else. Between the two, the theme is
    mentioned in passing.
    """
    if matches.empty:
        return schema.empty_table("themes")
    table = count_evidence(matches, passages, themes)
    log_odds = INTERCEPT + table[list(COEFFICIENTS)] @ pd.Series(COEFFICIENTS)
    score = 1 / (1 + np.exp(-log_odds))
    lone = (table["terms"] == 0) & (table["supporting"] <= 1)  # log2(1 + n): one supporting term and no other
    table["score"] = score.mask(lone, np.minimum(score, JUST_BELOW_ABOUT))
    return schema.conform(table.assign(about=table["score"] >= ABOUT), "themes")


def classify_scores(scores: pd.Series) -> pd.Series:
    """Return what each score says of its passage and theme: "about", "in passing" or "other sense"."""
    names = np.select([scores >= ABOUT, scores >= OTHER_SENSE], ["about", "in passing"], default="other sense")
    return pd.Series(names, index=scores.index)


def count_evidence(matches: pd.DataFrame, passages: pd.DataFrame, themes: Mapping[str, Theme]) -> pd.DataFrame:
    """Count what the score is computed from, for each passage and theme with a term of the theme in the passage.

    Returns
    -------
    DataFrame
        * passage_id, theme.
        * terms (occurrences of core and ambiguous terms), supporting (distinct supporting terms), against (distinct
          terms of the contexts against the theme), words (length of the passage): all as log2(1 + n).
        * position: of the first term in the passage, 0 (start) to 1 (end).
        * listed: share of the terms that are items of a list, beside a comma or before an "and".
    """
    found = passages[passages["passage_id"].isin(set(matches["passage_id"]))]
    texts = dict(zip(found["passage_id"], zip(found["lang"], found["text"], strict=True), strict=True))
    matchers = term_matchers(themes)
    hits: dict[tuple[str, str], list[tuple[str, int, int]]] = {}
    for passage, theme, *hit in matches[["passage_id", "theme", "term", "start", "end"]].itertuples(index=False):
        hits.setdefault((passage, theme), []).append(tuple(hit))
    rows = []
    for (passage, theme), terms in hits.items():
        lang, text = texts[passage]
        minor = set(themes[theme].terms[lang]["supporting"])
        n_minor = len({term for term, _, _ in terms if term in minor})
        n_terms = sum(term not in minor for term, _, _ in terms)
        listed = sum(_is_listed(text, start, end) for _, start, end in terms) / len(terms)
        against = matchers[lang].count_against(text, theme)
        position = min(start for _, start, _ in terms) / len(text)
        rows.append((passage, theme, n_terms, n_minor, against, len(text.split()), position, listed))
    counts = ["terms", "supporting", "against", "words"]
    table = pd.DataFrame(rows, columns=["passage_id", "theme", *counts, "position", "listed"])
    return table.assign(**np.log2(1 + table[counts]))


def find_deciding_terms(tables: Mapping[str, pd.DataFrame], theme: str) -> pd.Series:
    """Return the deciding term of each passage about a theme, by passage id.

    A term decides if it is the only core, ambiguous or supporting term of the theme that was found in the passage.
    Passages with several terms are left out.
    """
    about = tables["themes"].query("theme == @theme and about")["passage_id"]
    matches = tables["matches"].query("theme == @theme")
    terms = matches[matches["passage_id"].isin(about)].groupby("passage_id")["term"].agg(["nunique", "first"])
    return terms.loc[terms["nunique"] == 1, "first"]


def _is_listed(text: str, start: int, end: int) -> bool:
    """Return whether a term stands in an enumeration: beside a comma, or before a word joined by "and"."""
    return bool(_LIST_BEFORE.search(text[max(0, start - 4) : start]) or _LIST_AFTER.match(text[end : end + 4]))
