"""Mirrored bars: the words that distinguish two sides, by theme and language."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.draw import layout, style
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.topic_words import Word, draw_mirrored_words

N_COLUMNS = 2
SIGNIFICANT_Z = 1.96  # two-sided, at 5 %


@reads(contrasts="key lang left right word z")
def theme_words(run: FigureData, *, themes: str | Iterable[str] | None = None, words: int = 10) -> np.ndarray:
    """Draw the words that two sides use most differently on each theme, one panel per theme, language and sides.

    z is the weighted log-odds divided by its standard error, negative for words of the left side
    (`compare.word_contrasts`).

    Parameters
    ----------
    words
        Largest number of words per side.
    """
    (contrasts,), locale = run.tables, run.locale
    contrasts, keys = run.select_themes(contrasts.dropna(subset="z"), themes)
    if contrasts.empty:
        return np.array([run.empty()])
    language_order = {code: i for i, code in enumerate(schema.LANGUAGES)}
    panels = sorted(
        contrasts.groupby(["key", "lang", "left", "right"]),
        key=lambda item: (keys.index(item[0][0]), language_order.get(item[0][1], 9), item[0]),
    )
    scale = float(contrasts["z"].abs().max()) or 1.0
    sides = [_strongest_words(rows, words, scale) for _, rows in panels]
    n_words = [max(map(len, both)) for both in sides]
    n_lines = [max(2, *n_words[start : start + N_COLUMNS]) for start in range(0, len(n_words), N_COLUMNS)]
    height = layout.lines_to_inches(sum(n_lines) * 1.08 + len(n_lines) * 3.4 + 2)
    axes = run.panels(len(panels), N_COLUMNS, height, gap=0.04, height_ratios=n_lines)
    for i, (ax, ((key, code, left, right), _)) in enumerate(zip(axes, panels, strict=True)):
        ax.axvspan(-SIGNIFICANT_Z / scale, SIGNIFICANT_Z / scale, color=style.EMPTY_COLOR, lw=0, zorder=0)
        draw_mirrored_words(ax, *sides[i], colors=style.SIDE_COLORS, rows=n_lines[i // N_COLUMNS])
        panel_title = f"{run.theme_label(key)}  ·  {locale.text_or_key(code)}"
        ax.set_title(style.isolate(panel_title), size=layout.font_size(), pad=layout.font_size(1.8))
        for side, align, name in ((-1, "right", left), (1, "left", right)):
            offset = (layout.font_size(0.35) * side, layout.font_size(0.4))
            look = layout.muted(0.85, ha=align, va="bottom")
            layout.annotate(ax, style.isolate(name), (0, 1), offset, coords=ax.get_xaxis_transform(), **look)
    run.put_note(axes[0], locale.text("log_odds"))
    return axes


def _strongest_words(rows: pd.DataFrame, words: int, scale: float) -> list[list[Word]]:
    """Return the words with the largest |z| of the left and of the right side, with |z| / scale."""
    ordered = rows.sort_values(["z", "word"])
    sides = (ordered[ordered["z"] < 0], ordered[ordered["z"] > 0].iloc[::-1])
    return [[(str(w), abs(float(z)) / scale) for w, z in side[["word", "z"]].head(words).to_numpy()] for side in sides]
