"""Review a theme in a run: what each term decides, and passages without a term that are close in meaning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.runs.pipeline import Run, aligned_vectors, fitted_passages, open_run
from topiclib.themes.scoring import find_deciding_terms
from topiclib.themes.theme_file import EVIDENCE_ROLES, THEME_FILE, read_themes

N_EXAMPLES = 3
CONTEXT_CHARS = 60  # on either side of a term in an example


def review_theme(run: Run | str | Path, theme: str, *, n_candidates: int = 0, seed: int = 0) -> pd.DataFrame:
    """Show for each term of a theme what it decides in a run, and passages that the terms may miss.

    Parameters
    ----------
    run
        A run, or its folder.
    theme
        Key of the theme.
    n_candidates
        Number of candidates to show per language: the passages without a term whose vectors are nearest to the mean of
        the passages about the theme. Vectors that are not in the cache are computed again.
    seed
        Seed for drawing the examples.

    Returns
    -------
    DataFrame
        lang, role, term, n (passages with the term), decides (passages about the theme in which it is the only term),
        examples (a list of up to three, drawn at random and shown in context, from the passages that the term decides
        or, if it decides none, from all that have it). A row with the role "candidate" has no term and one passage as
        its example.

    Raises
    ------
    ValueError
        If the run has no such theme, or `n_candidates` is negative.
    """
    if n_candidates < 0:
        raise ValueError(f"n_candidates is {n_candidates}: expected 0 or more")
    run = open_run(run) if isinstance(run, str | Path) else run
    themes = read_themes(run.path / THEME_FILE)
    if theme not in themes:
        raise ValueError(f"{run.path} has no theme {theme!r}: expected one of {', '.join(themes)}")
    passages = run.tables["passages"]
    matches = run.tables["matches"].query("theme == @theme")
    lang = passages.set_index("passage_id")["lang"]
    deciding = find_deciding_terms(run.tables, theme)
    text = passages.set_index("passage_id")["text"]
    rng = np.random.default_rng(seed)
    rows = []
    for code in schema.LANGUAGES:
        hits = matches[matches["passage_id"].map(lang) == code]
        for role in EVIDENCE_ROLES:
            for term in themes[theme].terms[code][role]:
                found = hits[hits["term"] == term].drop_duplicates("passage_id")
                decided = found[found["passage_id"].map(deciding) == term]
                shown = decided if len(decided) else found
                shown = shown.iloc[rng.permutation(len(shown))[:N_EXAMPLES]]
                examples = [_in_context(text[row.passage_id], row.start, row.end) for row in shown.itertuples()]
                rows.append((code, role, term, len(found), len(decided), examples))
    if n_candidates:
        rows += [(code, "candidate", "", 1, 0, [example]) for code, example in _candidates(run, theme, n_candidates)]
    table = pd.DataFrame(rows, columns=["lang", "role", "term", "n", "decides", "examples"])
    order = table.assign(candidate=table["role"] == "candidate", ar=table["lang"] == "ar")
    index = order.sort_values(["ar", "candidate", "decides", "n"], ascending=[True, True, False, False], kind="stable")
    return table.loc[index.index].reset_index(drop=True)


def _in_context(text: str, start: int, end: int) -> str:
    """Return a term with the text around it."""
    before, after = max(0, start - CONTEXT_CHARS), min(len(text), end + CONTEXT_CHARS)
    cut = f"{'…' if before else ''}{text[before:start]}[{text[start:end]}]{text[end:after]}"
    return " ".join(f"{cut}{'…' if after < len(text) else ''}".split())


def _candidates(run: Run, theme: str, n: int) -> list[tuple[str, str]]:
    """Return language and text of the passages without a term that are nearest to the mean of those about a theme."""
    passages = fitted_passages(run)
    vectors, _ = aligned_vectors(run, passages, progress=False)
    scores = run.tables["themes"].query("theme == @theme")
    about = passages["passage_id"].isin(scores.loc[scores["about"], "passage_id"]).to_numpy()
    if not about.any():
        return []
    similarity = pd.Series(vectors @ vectors[about].mean(axis=0), index=passages.index)
    rest = passages[~passages["passage_id"].isin(scores["passage_id"])].assign(similarity=similarity)
    nearest = rest.sort_values("similarity", ascending=False, kind="stable").groupby("lang").head(n)
    return [(row.lang, " ".join(row.text.split())[:400]) for row in nearest.itertuples()]
