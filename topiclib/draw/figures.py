"""The figures of a run by name; draw one or all of them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from topiclib.draw import style
from topiclib.draw.coverage import coverage
from topiclib.draw.figure_cache import figure_cache_key, is_up_to_date, record_figures
from topiclib.draw.figure_data import tables_and_manifest
from topiclib.draw.language_balance import language_balance
from topiclib.draw.localization import Locale
from topiclib.draw.save import FORMATS, save
from topiclib.draw.theme_shares import theme_shares
from topiclib.draw.theme_words import theme_words
from topiclib.draw.timeline import theme_timeline, topic_timeline
from topiclib.draw.topic_map import topic_map
from topiclib.draw.topic_words import topic_words
from topiclib.draw.topics_by_theme import topics_by_theme
from topiclib.draw.validity import validity

# The attribute `tables` of each figure has the names of the tables that it reads.
FIGURES: dict[str, Any] = {
    draw.__name__: draw
    for draw in (
        topic_map, language_balance, theme_shares, theme_timeline, topic_timeline, coverage, topic_words,
        topics_by_theme, theme_words, validity,
    )
}  # fmt: skip


def draw_figure(name: str, run: Any, *, lang: str = "en") -> Figure:
    """Draw one figure of a run by name, in the current style."""
    return np.ravel(_get_figure(name)(run, lang=lang))[0].get_figure(root=True)


def draw_all(
    run: Any,
    *,
    out: str | Path,
    formats: Iterable[str] = FORMATS,
    lang: str = "en",
    names: Iterable[str] = (),
    size: str = "page",
) -> dict[str, list[Path]]:
    """Draw the figures of a run into a folder, and return the files by figure; those up to date are not redrawn.

    Parameters
    ----------
    run
        A run, or a mapping of tables, whose figures are always redrawn: the hashes in a manifest may not be those of
        the tables in the mapping.
    out
        Output folder, created if missing.
    names
        Names of figures. Default: all whose tables are present.
    size
        One of `style.FIGURE_WIDTHS`.
    """
    tables, manifest = tables_and_manifest(run, caller="draw_all")
    names = list(names) or [name for name, draw in FIGURES.items() if set(draw.tables) <= set(tables)]
    figures = {name: _get_figure(name) for name in names}  # raises for an unknown name before anything is drawn
    out, formats, lang = Path(out), list(formats), Locale(lang).code  # raises for an unknown language
    out.mkdir(parents=True, exist_ok=True)
    files_of = {}
    for name, draw in figures.items():
        files = [out / f"{name}.{form}" for form in formats]
        hashed = {} if isinstance(run, Mapping) else manifest
        read = [*draw.tables, *(name for name in draw.optional if name in tables)]
        key = figure_cache_key(hashed, read, options=[lang, size])
        if not is_up_to_date(out, files, key):
            with style.context(size):
                figure = draw_figure(name, run, lang=lang)
                save(figure, out / name, formats=formats)
            plt.close(figure)
            record_figures(out, files, key)
        files_of[name] = files
    return files_of


def _get_figure(name: str) -> Any:
    if name not in FIGURES:
        raise ValueError(f"no figure is called {name!r}: expected one of {', '.join(FIGURES)}")
    return FIGURES[name]
