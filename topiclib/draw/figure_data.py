"""What every figure is drawn with: the tables that it declares, labels, language, title, panels and note."""

import functools
import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import layout, style
from topiclib.draw.labels import wrap_text
from topiclib.draw.localization import Locale

Drawn = TypeVar("Drawn")


@dataclass(frozen=True)
class FigureData:
    """What a figure gets: the tables that it declares, in that order, the run's manifest, language and title."""

    tables: tuple[pd.DataFrame, ...]
    manifest: Mapping[str, Any]
    locale: Locale
    title: str | None

    @property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """Theme labels, {key: {"en": .., "fa": .., "ar": ..}}; without a manifest none."""
        return self.manifest.get("themes") or {}

    def theme_label(self, key: str) -> str:
        """Return the label of a theme in the figure's language, else in English, else its key."""
        label = self.labels.get(key, {})
        return style.isolate(label.get(self.locale.code) or label.get("en") or key)

    def select_themes(
        self, rows: pd.DataFrame, themes: str | Iterable[str] | None, column: str = "key"
    ) -> tuple[pd.DataFrame, list[str]]:
        """Return the rows of the given themes (None: all), and those of the themes that have rows, in order.

        The order is that of `themes`; by default labeled themes come first, in the order of the labels.
        """
        present = set(rows[column])
        known = layout.order_known_first({*self.labels, *present}, self.labels)
        keys = known if themes is None else [themes] if isinstance(themes, str) else list(dict.fromkeys(themes))
        for key in keys:
            if key not in known:
                raise ValueError(f"no theme is called {key!r}: expected one of {', '.join(known) or 'none'}")
            if themes is not None and key not in present:
                warnings.warn(f"no data on the theme {key}: it is not shown", stacklevel=4)
        return rows[rows[column].isin(keys)], [key for key in keys if key in present]

    def axes(self, ax: Axes | None, height: float) -> Axes:
        """Return `ax`, or the Axes of a new figure `height` inches high, with the title."""
        ax = ax if ax is not None else layout.new_figure(height).add_subplot()
        if self.title:
            side = "right" if style.text_direction(self.title) == "rtl" else "left"
            ax.set_title(style.isolate(self.title), loc=side, pad=layout.font_size(0.9))  # type: ignore[arg-type]
        return ax

    def panels(self, n_panels: int, n_columns: int, height: float, *, gap: float = 0.02, **options: Any) -> np.ndarray:
        """Return the Axes of a new figure, row by row, under the title; `options` are those of `Figure.subplots`."""
        figure = layout.new_figure(height, gap=gap)
        grid = figure.subplots(-(-n_panels // n_columns), n_columns, squeeze=False, **options).ravel()
        for ax in grid[n_panels:]:
            ax.remove()
        if self.title:
            figure.suptitle(style.isolate(self.title), weight=600)
        return grid[:n_panels]

    def empty(self, ax: Axes | None = None, *, after: str = "") -> Axes:
        """Return an Axes, by default that of a small new figure, with the text "Nothing to show" and the note."""
        ax = layout.mark_empty(self.axes(None, layout.lines_to_inches(8)) if ax is None else ax, self.locale)
        self.put_note(ax, after=after)
        return ax

    def put_note(self, ax: Axes, *parts: str, after: str = "") -> None:
        """Write the nonempty parts of a note below the panels, with that on a synthetic sample before `after`."""
        synthetic = self.locale.text("synthetic") if self.manifest.get("synthetic") else ""
        text = "  ·  ".join(filter(None, [*parts, synthetic, after]))
        if text:
            right = style.text_direction(text) == "rtl"
            x, side = (0.995, "right") if right else (0.005, "left")
            wrapped = wrap_text(text, layout.figure_width() * 72 * 0.98, scale=0.8)
            look = layout.muted(x=x, ha=side, linespacing=1.0)
            ax.figure.supxlabel(style.isolate(wrapped, "fa" if right else ""), **look)


def reads(optional: str = "", **columns: str) -> Callable[[Callable[..., Drawn]], Callable[..., Drawn]]:
    """Declare the tables that a figure reads, and the columns that it needs of each.

    The decorated function takes a run or a mapping of tables, and also `lang` and `title`; it gets `FigureData`. The
    style is set while it draws. Its attributes `tables` and `optional` have the names of the tables; those named in
    `optional` are empty where a run does not have them.
    """

    def decorate(draw: Callable[..., Drawn]) -> Callable[..., Drawn]:
        @functools.wraps(draw)
        def draw_run(run: Any, *, lang: str = "en", title: str | None = None, **options: Any) -> Drawn:
            tables, manifest = _read(run, columns, optional, caller=draw.__name__)
            is_set = str(mpl.rcParams["font.family"][0]).startswith("topiclib ")
            with nullcontext() if is_set else style.context():
                return draw(FigureData(tables, manifest, Locale(lang), title), **options)

        common = inspect.signature(draw_run, follow_wrapped=False).parameters
        own = list(inspect.signature(draw).parameters.values())[1:]
        signature = inspect.Signature([common["run"], *own, common["lang"], common["title"]])
        names = {"tables": tuple(name for name in columns if name not in optional.split())}
        vars(draw_run).update(names, optional=tuple(optional.split()), __signature__=signature)
        return draw_run

    return decorate


def tables_and_manifest(run: Any, *, caller: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the tables of a run and its manifest, {} if a mapping of tables has none."""
    is_mapping = isinstance(run, Mapping)
    tables = run if is_mapping else getattr(run, "tables", None)
    manifest = run.get("manifest") or {} if is_mapping else getattr(run, "manifest", None)
    if not isinstance(tables, Mapping) or not isinstance(manifest, Mapping):
        expected = "a run, as tl.open_run(folder) returns, or a mapping of tables, as tl.tabulate returns"
        raise TypeError(f"{caller} takes {expected}, but got {type(run).__name__}")
    return tables, manifest


def _read(
    run: Any, columns: Mapping[str, str], optional: str, *, caller: str
) -> tuple[tuple[pd.DataFrame, ...], Mapping[str, Any]]:
    """Return the tables that a figure declares, in that order, and the manifest."""
    tables, manifest = tables_and_manifest(run, caller=caller)
    tables = {name: schema.empty_table(name) for name in optional.split()} | dict(tables)
    if missing := [name for name in columns if name not in tables]:
        remedy = "pass the run, or all tables of tl.tabulate"
        if any(schema.get_table(name).description.startswith("optional") for name in missing):
            remedy = "fit with --quality, in Python with Recipe(quality=True)"
        raise ValueError(f"{caller} cannot be drawn without the table {', '.join(missing)}: {remedy}")
    for name, names in columns.items():
        schema.require_columns(tables[name], names.split(), caller=f"{caller} (table {name})")
    return tuple(tables[name] for name in columns), manifest
