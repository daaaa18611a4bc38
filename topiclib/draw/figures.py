"""The figures of a run: which tables each of them reads; draw one or all of them."""

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from topiclib.draw import layout, style
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
    """A figure: its function, the tables it takes (parameters of the same names), whether it has `labels`."""

    draw: Callable[..., Any]
    tables: tuple[str, ...]
    takes_theme_labels: bool = False


FIGURES: dict[str, FigureSpec] = {
    "topic_map": FigureSpec(topic_map, ("points", "topics", "passages")),
    "language_balance": FigureSpec(language_balance, ("topics", "keywords")),
    "theme_shares": FigureSpec(theme_shares, ("shares", "documents"), takes_theme_labels=True),
    "theme_timeline": FigureSpec(theme_timeline, ("timeline",), takes_theme_labels=True),
    "coverage": FigureSpec(coverage, ("coverage", "documents")),
    "topic_words": FigureSpec(topic_words, ("keywords", "topics")),
    "topics_by_theme": FigureSpec(topics_by_theme, ("topics", "assignments", "themes"), takes_theme_labels=True),
    "theme_words": FigureSpec(theme_words, ("contrasts",), takes_theme_labels=True),
    "validity": FigureSpec(validity, ("recovery", "mixing", "sensitivity"), takes_theme_labels=True),
}


def synthetic_note(manifest: Manifest, lang: str | Locale = "en") -> str:
    """Return the note for figures of a synthetic sample, "" for other runs."""
    return as_locale(lang).text("synthetic") if manifest.get("synthetic") else ""


def time_window_note(manifest: Manifest, lang: str | Locale = "en") -> str:
    """Return the note for figures of shares: the months that the shares cover, and `synthetic_note`."""
    locale, window = as_locale(lang), manifest.get("period") or {}
    key = {"overlap": "months_overlap", "asked": "months_requested"}.get(window.get("why", ""), "")
    ends = {end: locale.format_month(window.get(end) or "") for end in ("first", "last")}
    months = locale.text(key, **ends) if key and window.get("first") else ""
    no_common_month = locale.text("no_common_month") if window.get("why") == "apart" else ""
    return layout.join_note(synthetic_note(manifest, locale), months, no_common_month)


def draw_figure(
    name: str, tables: Mapping[str, pd.DataFrame], manifest: Manifest, *, lang: str | Locale = "en"
) -> Figure:
    """Draw one figure of a run by name, in the current style.

    Raises
    ------
    ValueError
        If the name is unknown, or a table that the figure reads is missing.
    """
    spec = _figure_spec(name)
    missing = [table for table in spec.tables if table not in tables]
    if missing:
        raise ValueError(f"figure {name} reads the table {', '.join(missing)}, which this run lacks: draw another")
    note = (time_window_note if "shares" in spec.tables else synthetic_note)(manifest, lang)
    options = {"labels": manifest.get("themes", {})} if spec.takes_theme_labels else {}
    axes = spec.draw(**{table: tables[table] for table in spec.tables}, lang=lang, note=note, **options)
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
    """Draw the figures of a run and write them to a folder; files that are up to date are not redrawn.

    Parameters
    ----------
    tables
        Tables by name, as returned by `store.read_tables`.
    manifest
        As returned by `store.read_manifest`: `themes` (labels), `synthetic`, `period` and `files` are read.
    out
        Output folder, created if missing.
    names
        Names of figures. Default: all whose tables are present.
    size
        One of `style.FIGURE_WIDTHS`.

    Returns
    -------
    dict
        Lists of files by figure name.

    Raises
    ------
    ValueError
        If a name, format, language or size is unknown, or a requested figure lacks a table.
    """
    names = list(names) or [name for name, spec in FIGURES.items() if set(spec.tables) <= set(tables)]
    specs = {name: _figure_spec(name) for name in names}  # raises for an unknown name before anything is drawn
    out, formats, locale = Path(out), list(formats), as_locale(lang)
    out.mkdir(parents=True, exist_ok=True)
    files_of = {}
    for name, spec in specs.items():
        files = [out / f"{name}.{form}" for form in formats]
        key = figure_cache_key(manifest, spec.tables, options=[repr(locale), size])
        if not is_up_to_date(out, files, key):
            with style.context(size):
                figure = draw_figure(name, tables, manifest, lang=locale)
                save(figure, out / name, formats=formats)
            plt.close(figure)
            record_figures(out, files, key)
        files_of[name] = files
    return files_of


def run_figure_script(make: Callable[..., object]) -> None:
    """Run a figure script from the command line: call its `make(run, out, formats=..., lang=...)`."""
    parser = argparse.ArgumentParser(description=make.__doc__)
    parser.add_argument("run", type=Path, help="a run folder")
    parser.add_argument("--out", type=Path, default=Path("."), help="output folder (default: .)")
    parser.add_argument("--format", default=",".join(FORMATS), help=f"default: {','.join(FORMATS)}")
    languages = list(DIGITS_BY_LANGUAGE)
    parser.add_argument("--lang", default="en", choices=languages, help="language of the figure (default: en)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        make(options.run, options.out, formats=options.format.split(","), lang=options.lang)
    except (ValueError, OSError) as error:  # no run folder, or one without the tables of this figure
        parser.exit(2, f"{parser.prog}: {error}\n")


def _figure_spec(name: str) -> FigureSpec:
    if name not in FIGURES:
        raise ValueError(f"no figure is called {name!r}: expected one of {', '.join(FIGURES)}")
    return FIGURES[name]
