"""The words that set two sides apart, theme by theme, within one language."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.draw import layout as page
from topiclib.draw import style
from topiclib.draw.localization import Locale, as_locale
from topiclib.draw.topic_words import Word, draw_mirrored_words

N_COLUMNS = 2

SIGNIFICANT_Z = 1.96  # |z| up to which a word says nothing


@style.ensure_style()
def theme_words(
    contrasts: pd.DataFrame,
    *,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    lang: str | Locale = "en",
    title: str | None = None,
    note: str = "",
    words: int = 10,
) -> np.ndarray:
    """Draw the words that two sides use most differently on each theme: one panel a theme and language.

    Parameters
    ----------
    contrasts
        One row a word: key (theme), lang, left, right (names of the two sides), word, z (weighted log-odds over its
        standard error; below 0 the word is the left side's, above 0 the right side's).
    labels
        Names of the themes, {key: {"en": .., "fa": .., "ar": ..}}; their order is the order of the panels.
    words
        So many words a side.

    Returns
    -------
    numpy.ndarray
        One Axes a panel: theme, then language, then the two sides.

    Source: weighted log-odds with a prior, Monroe, Colaresi and Quinn 2008.
    """
    schema.require_columns(contrasts, ("key", "lang", "left", "right", "word", "z"), caller="theme_words")
    says, names = as_locale(lang), labels or {}
    known = contrasts.dropna(subset="z")
    if known.empty:
        return page.empty_figure(says, title=title, note=note)
    themes = page.order_themes(known["key"], names)
    tongues = {code: place for place, code in enumerate(schema.LANGUAGES)}
    panels = sorted(
        known.groupby(["key", "lang", "left", "right"]),
        key=lambda item: (themes.index(item[0][0]), tongues.get(item[0][1], 9), item[0]),
    )
    scale = float(known["z"].abs().max()) or 1.0
    sides = [_strongest_words(rows, words, scale) for _, rows in panels]
    most = [max(map(len, both)) for both in sides]
    tall = [max(2, *most[start : start + N_COLUMNS]) for start in range(0, len(most), N_COLUMNS)]
    height = page.lines_to_inches(sum(tall) * 1.08 + len(tall) * 3.4 + 2)
    axes = page.panels(len(panels), N_COLUMNS, height=height, gap=0.04, height_ratios=tall)
    for place, (ax, ((theme, code, left, right), _)) in enumerate(zip(axes, panels, strict=True)):
        ax.axvspan(-SIGNIFICANT_Z / scale, SIGNIFICANT_Z / scale, color=style.EMPTY_COLOR, lw=0, zorder=0)
        draw_mirrored_words(ax, *sides[place], colors=style.SIDE_COLORS, rows=tall[place // N_COLUMNS])
        head = f"{says.name(names, theme)}  ·  {says.known(code)}"
        ax.set_title(style.isolate(head), size=page.font_size(), pad=page.font_size(1.8))
        for side, align, name in ((-1, "right", left), (1, "left", right)):
            step = (page.font_size(0.35) * side, page.font_size(0.4))
            look = {"ha": align, "va": "bottom", "size": page.font_size(0.85), "color": style.MUTED_COLOR}
            page.annotate(ax, style.isolate(name), (0, 1), step, coords=ax.get_xaxis_transform(), **look)
    page.put_suptitle(axes[0], title)
    page.put_note(axes[0], says.say("apart"), note)
    return axes


def _strongest_words(rows: pd.DataFrame, words: int, scale: float) -> list[list[Word]]:
    """Return the strongest words of the left side and of the right, with |z| as a part of the scale."""
    ordered = rows.sort_values(["z", "word"])
    parts = (ordered[ordered["z"] < 0], ordered[ordered["z"] > 0].iloc[::-1])
    return [[(str(w), abs(float(z)) / scale) for w, z in part[["word", "z"]].head(words).to_numpy()] for part in parts]
