"""What every figure is drawn with: the tables that it declares, labels, language, panels, title, legend and notes."""

import functools
import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import layout, style
from topiclib.draw.labels import wrap_text
from topiclib.draw.localization import Locale

Drawn = TypeVar("Drawn")

# A language with fewer is not drawn as one: two Quran verses in a Persian corpus say nothing about Arabic.
MIN_PASSAGES = 20


@dataclass(frozen=True)
class FigureData:
    """What a figure gets: the tables that it declares, in that order, the run's manifest, language and title."""

    tables: tuple[pd.DataFrame, ...]
    manifest: Mapping[str, Any]
    locale: Locale
    title: str | None
    name: str = "nothing"

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

    def languages(self, passages: pd.DataFrame) -> list[str]:
        """Return the languages with at least `MIN_PASSAGES` passages; if none has so many, all that have any."""
        sizes = passages["lang"].value_counts().reindex(schema.LANGUAGES, fill_value=0)
        limit = MIN_PASSAGES if sizes.max() >= MIN_PASSAGES else min(sizes.max(), 1)
        return [code for code in schema.LANGUAGES if sizes[code] >= limit]

    def rare_languages(self, passages: pd.DataFrame) -> str:
        """Return a note on the languages that have too few passages to be drawn as one."""
        sizes = passages["lang"].value_counts()
        rare = [code for code in schema.LANGUAGES if code in sizes and code not in self.languages(passages)]
        texts = [self.locale.text("passages_of", language=self.locale.text(code), n=int(sizes[code])) for code in rare]
        return self.locale.text("rare", languages=" ".join(texts), limit=MIN_PASSAGES) if rare else ""

    def axes(self, ax: Axes | None) -> Axes:
        """Return `ax`, with the title, or the Axes of a new figure."""
        if ax is None:
            return layout.new_figure().add_subplot()
        if self.title:
            side: Any = "right" if style.text_direction(self.title) == "rtl" else "left"
            width = ax.get_window_extent().width / ax.figure.dpi * 72
            ax.set_title(style.isolate(wrap_text(self.title, width, scale=1.1)), loc=side, pad=layout.font_size(0.9))
        return ax

    def panels(self, n_panels: int, n_columns: int, *, gap: float = 0.02, **options: Any) -> np.ndarray:
        """Return the Axes of a new figure, row by row; `options` are those of `Figure.subplots`."""
        figure = layout.new_figure(gap=gap)
        grid = figure.subplots(-(-n_panels // n_columns), n_columns, squeeze=False, **options).ravel()
        for ax in grid[n_panels:]:
            ax.remove()
        return grid[:n_panels]

    def empty(self, ax: Axes | None = None, *notes: str) -> Axes:
        """Return an Axes, by default that of a new figure, with the text "Nothing to show" and the note."""
        ax = layout.mark_empty(self.axes(ax), self.locale)
        return self.finish(ax, layout.lines_to_inches(8), notes, alt=self.locale.text("nothing"))

    def finish(
        self, axes: Any, height: float, notes: Iterable[str] = (), *, alt: str,
        legend: Sequence[Artist] = (), key: Iterable[str] = (),
    ) -> Any:  # fmt: skip
        """Add title, legend, key and note to the figure of these Axes, with caption and alt text, and return the Axes.

        `height` is that of all panels, in inches. In a figure of the user's own, legend and note are added below, and
        its size is unchanged.
        """
        synthetic = self.locale.text("synthetic") if self.manifest.get("synthetic") else ""
        note = "  ·  ".join(filter(None, [*notes, synthetic]))
        name = self.locale.text(self.name)
        ax = np.ravel(axes)[0]
        figure = ax.get_figure(root=True)
        if isinstance(figure, layout.Page):
            figure.caption = ". ".join(filter(None, [self.title or name, note.replace("  ·  ", ". ")]))
            figure.alt = f"{name}. {alt}"
            right = style.text_direction(self.title or note or name) == "rtl"
            figure.fit(height, title=self.title or "", legend=legend, key=key, note=note, right=right)
        else:
            if legend:
                ax.legend(handles=legend, loc="upper left", bbox_to_anchor=(0, -0.02), ncols=2, borderaxespad=0)
            wrapped = wrap_text("  ·  ".join([*key, note]), figure.get_figwidth() * 72 * 0.98, scale=0.8)
            figure.supxlabel(style.isolate(wrapped), x=0.005, ha="left", **layout.muted())
        return axes


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
            with nullcontext() if style.is_set() else style.context():
                axes = draw(FigureData(tables, manifest, Locale(lang), title, draw.__name__), **options)
                if style.is_gray():
                    style.make_gray(np.ravel(np.asarray(axes, dtype=object))[0].get_figure(root=True))
                return axes

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
