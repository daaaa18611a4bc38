"""Terms proposed for a theme, for the user to accept or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.text import fold, tokenize

MIN_PASSAGES = 3  # passages of the theme that a proposed word must stand in

MIN_Z = 1.96


def suggest_terms(tables: Mapping[str, pd.DataFrame], theme: str, *, n: int = 20) -> pd.DataFrame:
    """Propose words that passages about a theme have more often than others, and that are no terms of it yet.

    Parameters
    ----------
    tables
        Of a run: `passages`, `themes`, `matches`.

    Returns
    -------
    DataFrame
        lang, word, inside and outside (passages that have it), z (log-odds over its standard error), best first; at
        most n a language. Empty where no passage is about the theme.
    """
    passages = tables["passages"]
    passages = passages[passages["modeled"]] if "modeled" in passages else passages
    about = set(tables["themes"].query("theme == @theme and about")["passage_id"])
    matched = tables["matches"].query("theme == @theme").merge(tables["passages"][["passage_id", "text"]])
    written = [row.text[row.start : row.end] for row in matched.itertuples()]  # with suffixes: تحریم‌های
    known = {fold(word) for term in {*matched["term"], *written} for word in [term, *term.split()]}
    rows = []
    for lang in schema.LANGUAGES:
        part = passages[passages["lang"] == lang]
        inside = part["passage_id"].isin(about).to_numpy()
        counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        for text, on in zip(part["text"], inside, strict=True):
            counts[int(on)].update({surface for _, surface in tokenize(text)})
        sizes = len(part) - inside.sum(), inside.sum()
        for word, hits in counts[1].items():
            if hits >= MIN_PASSAGES and fold(word) not in known:
                rest = counts[0][word]
                odds = [np.log((y + 0.5) / (size - y + 0.5)) for y, size in zip((rest, hits), sizes, strict=True)]
                z = (odds[1] - odds[0]) / np.sqrt(1 / (hits + 0.5) + 1 / (rest + 0.5))
                if z > MIN_Z:
                    rows.append((lang, word, hits, rest, float(z)))
    frame = pd.DataFrame(rows, columns=["lang", "word", "inside", "outside", "z"])
    ordered = frame.sort_values(["lang", "z", "word"], ascending=[False, False, True])
    return ordered.groupby("lang", sort=False).head(n).reset_index(drop=True)
