"""Every figure of a run: which tables each one reads, and all of them drawn at once."""

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from topiclib.draw import layout as page
from topiclib.draw import style
from topiclib.draw.coverage import coverage
from topiclib.draw.figure_cache import figure_cache_key, is_up_to_date, record_figures
from topiclib.draw.language_balance import language_balance
from topiclib.draw.localization import DIGITS_BY_LANGUAGE, Locale, as_locale
from topiclib.draw.save import FORMATS, save
from topiclib.draw.theme_shares import theme_shares
from topiclib.draw.theme_timeline import theme_timeline
from topiclib.draw.theme_words import theme_words
from topiclib.draw.topic_map import topic_map
from topiclib.draw.topic_words import topic_words
from topiclib.draw.topics_by_theme import topics_by_theme
from topiclib.draw.validity import validity

Manifest = Mapping[str, Any]


@dataclass(frozen=True)
class FigureSpec:
    """One figure: its function, the tables that it takes (as parameters of the same names), whether it names themes."""

    draw: Callable[..., Any]
    tables: tuple[str, ...]
    names_themes: bool = False


FIGURES: dict[str, FigureSpec] = {
    "topic_map": FigureSpec(topic_map, ("points", "topics", "passages")),
    "language_balance": FigureSpec(language_balance, ("topics", "keywords")),
    "theme_shares": FigureSpec(theme_shares, ("shares", "documents"), names_themes=True),
    "theme_timeline": FigureSpec(theme_timeline, ("timeline",), names_themes=True),
    "coverage": FigureSpec(coverage, ("coverage", "documents")),
    "topic_words": FigureSpec(topic_words, ("keywords", "topics")),
    "topics_by_theme": FigureSpec(topics_by_theme, ("topics", "assignments", "themes"), names_themes=True),
    "theme_words": FigureSpec(theme_words, ("contrasts",), names_themes=True),
    "validity": FigureSpec(validity, ("recovery", "mixing", "sensitivity"), names_themes=True),
}


def synthetic_note(manifest: Manifest, lang: str | Locale = "en") -> str:
    """Return the note that a figure of a synthetic sample carries, and "" for any other run."""
    return as_locale(lang).say("synthetic") if manifest.get("synthetic") else ""


def time_window_note(manifest: Manifest, lang: str | Locale = "en") -> str:
    """Return the note of a figure of shares: that of the sample, and which months the shares are of."""
    says, period = as_locale(lang), manifest.get("period") or {}
    key = {"overlap": "period", "asked": "period_asked"}.get(period.get("why", ""), "")
    ends = {end: says.month(period.get(end) or "") for end in ("first", "last")}
    months = says.say(key, **ends) if key and period.get("first") else ""
    apart = says.say("no_common_month") if period.get("why") == "apart" else ""
    return page.join_note(synthetic_note(manifest, says), months, apart)


def draw_figure(
    name: str, tables: Mapping[str, pd.DataFrame], manifest: Manifest, *, lang: str | Locale = "en"
) -> Figure:
    """Draw one figure of a run by name, in the style that is set.

    Raises
    ------
    ValueError
        If there is no such figure, or a table that it reads is missing.
    """
    entry = _figure_spec(name)
    missing = [table for table in entry.tables if table not in tables]
    if missing:
        raise ValueError(
            f"figure {name} reads the table {', '.join(missing)}, which this run does not have: draw another one"
        )
    options: dict[str, Any] = {
        "lang": lang,
        "note": (time_window_note if "shares" in entry.tables else synthetic_note)(manifest, lang),
    }
    if entry.names_themes:
        options["labels"] = manifest.get("themes", {})
    axes = entry.draw(**{table: tables[table] for table in entry.tables}, **options)
    return np.ravel(axes)[0].get_figure(root=True)


def draw_all(
    tables: Mapping[str, pd.DataFrame],
    manifest: Manifest,
    *,
    out: str | Path,
    formats: Iterable[str] = FORMATS,
    lang: str | Locale = "en",
    names: Iterable[str] = (),
    size: str = "page",
) -> dict[str, list[Path]]:
    """Draw the figures of a run into a folder; those that are there already, from the same tables, are left.

    Parameters
    ----------
    tables
        Named tables, as `store.read_tables` returns them.
    manifest
        As `store.read_manifest` returns it: `themes` (labels) and `synthetic` are read.
    out
        Folder for the files, made if need be.
    only
        Names of figures; none means all for which the tables are there.
    size
        One of `style.FIGURE_WIDTHS`.

    Returns
    -------
    dict
        The files of each figure, by name.

    Raises
    ------
    ValueError
        If a name, format, language or size is unknown, or a figure that was asked for by name lacks a table.
    """
    chosen = list(names) or [name for name, entry in FIGURES.items() if set(entry.tables) <= set(tables)]
    entries = {name: _figure_spec(name) for name in chosen}  # a wrong name is known before anything is drawn
    out, formats, says = Path(out), list(formats), as_locale(lang)
    out.mkdir(parents=True, exist_ok=True)
    drawn = {}
    for name, entry in entries.items():
        files = [out / f"{name}.{form}" for form in formats]
        key = figure_cache_key(manifest, entry.tables, options=[repr(says), size])
        if not is_up_to_date(out, files, key):
            with style.context(size):
                figure = draw_figure(name, tables, manifest, lang=says)
                save(figure, out / name, formats=formats)
            plt.close(figure)
            record_figures(out, files, key)
        drawn[name] = files
    return drawn


def run_figure_script(make: Callable[..., object]) -> None:
    """Run a figure script from the command line: call its `make(run, out, formats=..., lang=...)`."""
    parser = argparse.ArgumentParser(description=make.__doc__)
    parser.add_argument("run", type=Path, help="a run folder")
    parser.add_argument("--out", type=Path, default=Path("."), help="folder for the files (default: here)")
    parser.add_argument("--format", default=",".join(FORMATS), help=f"default: {','.join(FORMATS)}")
    parser.add_argument(
        "--lang",
        default="en",
        choices=list(DIGITS_BY_LANGUAGE),
        help="language of the figure's own words (default: en)",
    )
    typed = parser.parse_args()
    typed.out.mkdir(parents=True, exist_ok=True)
    make(typed.run, typed.out, formats=typed.format.split(","), lang=typed.lang)


def _figure_spec(name: str) -> FigureSpec:
    if name not in FIGURES:
        raise ValueError(f"no figure is called {name!r}: expected one of {', '.join(FIGURES)}")
    return FIGURES[name]
