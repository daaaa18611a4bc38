"""Mirrored bars: the words that distinguish two sides, by theme and language."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.draw import layout, style
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.labels import wrap_text
from topiclib.draw.topic_words import Word, draw_mirrored_words

MIN_PANEL_WIDTH = 16  # ems
SIGNIFICANT_Z = 1.96  # two-sided, at 5 %


@reads(contrasts="key lang left right word z")
def theme_words(run: FigureData, *, themes: str | Iterable[str] | None = None, words: int = 10) -> np.ndarray:
    """Draw the words that two sides use most differently on each theme, one panel per theme, language and sides.

    z is the weighted log-odds divided by its standard error, negative for words of the left side
    (`compare.word_contrasts`). Words with |z| below 1.96 are not drawn, nor panels without another. Where panels do not
    fit on the page, those with the largest |z| are shown, with fewer words.

    Parameters
    ----------
    words
        Largest number of words per side.
    """
    (contrasts,), locale = run.tables, run.locale
    contrasts, keys = run.select_themes(contrasts.dropna(subset="z"), themes)
    contrasts = contrasts[contrasts["z"].abs() >= SIGNIFICANT_Z]
    if contrasts.empty:
        return np.array([run.empty(None, locale.text("log_odds"))])
    language_order = {code: i for i, code in enumerate(schema.LANGUAGES)}
    found = sorted(
        contrasts.groupby(["key", "lang", "left", "right"]), key=lambda panel: -float(panel[1]["z"].abs().max())
    )
    most = max(1, int(layout.page_width() / layout.font_size(MIN_PANEL_WIDTH)))
    n_rows = min(-(-len(found) // most), int(layout.page_lines(4) / 8))
    words = max(3, min(words, int(layout.page_lines(4) / n_rows / 1.08 - 4)))
    panels = sorted(
        found[: n_rows * most],
        key=lambda panel: (keys.index(panel[0][0]), language_order.get(panel[0][1], 9), panel[0]),
    )
    scale = float(contrasts["z"].abs().max())
    sides = [_strongest_words(rows, words, scale) for _, rows in panels]
    n_columns = layout.n_columns(len(panels), MIN_PANEL_WIDTH)
    n_words = [max(map(len, both)) for both in sides]
    n_lines = [max(2, *n_words[start : start + n_columns]) for start in range(0, len(n_words), n_columns)]
    axes = run.panels(len(panels), n_columns, gap=0.04, height_ratios=n_lines)
    width = layout.page_width() / n_columns - layout.font_size(1.5)
    for i, (ax, ((key, code, left, right), _)) in enumerate(zip(axes, panels, strict=True)):
        draw_mirrored_words(ax, *sides[i], colors=style.SIDE_COLORS, rows=n_lines[i // n_columns], width=width / 2)
        names = [wrap_text(name, width / 2 - layout.font_size(0.5), scale=0.85, max_lines=2) for name in (left, right)]
        for side, align, name in ((-1, "right", names[0]), (1, "left", names[1])):
            offset = (layout.font_size(0.35) * side, layout.font_size(0.4))
            look = layout.muted(0.85, ha=align, va="bottom", linespacing=1.0)
            layout.annotate(ax, style.isolate(name), (0, 1), offset, coords=ax.get_xaxis_transform(), **look)
        title = wrap_text(f"{run.theme_label(key)}  ·  {locale.text_or_key(code)}", width, weight=600, max_lines=2)
        # Above the names of the sides, which may have two lines.
        pad = layout.font_size(0.8 + 1.3 * (1 + max(name.count("\n") for name in names)))
        ax.set_title(style.isolate(title), size=layout.font_size(), pad=pad)
    n_shown = locale.shown_of_total("panels_shown", len(panels), len(found))
    alt = locale.text("alt_theme_words", n=len(panels))
    return run.finish(axes, layout.lines_to_inches(sum(n_lines) * 1.08), [locale.text("log_odds"), n_shown], alt=alt)


def _strongest_words(rows: pd.DataFrame, words: int, scale: float) -> list[list[Word]]:
    """Return the words with the largest |z| of the left and of the right side, with |z| / scale."""
    ordered = rows.sort_values(["z", "word"])
    sides = (ordered[ordered["z"] < 0], ordered[ordered["z"] > 0].iloc[::-1])
    return [[(str(w), abs(float(z)) / scale) for w, z in side[["word", "z"]].head(words).to_numpy()] for side in sides]
