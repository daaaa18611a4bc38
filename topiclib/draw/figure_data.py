"""What every figure is drawn from: the tables that it declares, the labels of the themes, and the note of a sample."""

import functools
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import pandas as pd

from topiclib import schema
from topiclib.draw import layout, style
from topiclib.draw.localization import Locale

Options = ParamSpec("Options")
Drawn = TypeVar("Drawn")


class Run(Protocol):
    """Anything with tables and a manifest, such as `topiclib.Run`."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]: ...
    @property
    def manifest(self) -> Mapping[str, Any]: ...


RunOrTables = Run | Mapping[str, Any]
_Draw = Callable[Concatenate["FigureData", Options], Drawn]
_DrawRun = Callable[Concatenate[RunOrTables, Options], Drawn]


@dataclass(frozen=True)
class FigureData:
    """What a figure reads of a run: the tables that it declares, in that order, and the manifest."""

    tables: tuple[pd.DataFrame, ...]
    manifest: Mapping[str, Any]

    @property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """Theme labels, {key: {"en": .., "fa": .., "ar": ..}}; without a manifest none."""
        return self.manifest.get("themes") or {}

    def note(self, locale: Locale) -> str:
        """Return the note for figures of a synthetic sample, "" for other runs."""
        return locale.text("synthetic") if self.manifest.get("synthetic") else ""

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


def reads(optional: str = "", **columns: str) -> Callable[[_Draw[Options, Drawn]], _DrawRun[Options, Drawn]]:
    """Declare the tables that a figure reads, and the columns that it needs of each.

    The decorated function takes a run or a mapping of tables; it gets `FigureData`, and its attribute `tables` has the
    names of the tables. The style is set while it draws. The tables named in `optional` are empty where a run does not
    have them; their names are the attribute `optional`.
    """

    def decorate(draw: _Draw[Options, Drawn]) -> _DrawRun[Options, Drawn]:
        @functools.wraps(draw)
        def draw_run(run: RunOrTables, *args: Options.args, **options: Options.kwargs) -> Drawn:
            with style.ensure_style():
                return draw(_read(run, columns, optional, caller=draw.__name__), *args, **options)

        draw.__annotations__["run"] = RunOrTables  # shown by `help`
        draw_run.tables = tuple(name for name in columns if name not in optional.split())  # type: ignore[attr-defined]
        draw_run.optional = tuple(optional.split())  # type: ignore[attr-defined]
        return draw_run

    return decorate


def tables_and_manifest(run: RunOrTables, *, caller: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the tables of a run and its manifest, {} if a mapping of tables has none."""
    given: Any = run
    is_mapping = isinstance(given, Mapping)
    tables = given if is_mapping else getattr(given, "tables", None)
    manifest = given.get("manifest") or {} if is_mapping else getattr(given, "manifest", None)
    if not isinstance(tables, Mapping) or not isinstance(manifest, Mapping):
        expected = "a run, as tl.open_run(folder) returns, or a mapping of tables, as tl.tabulate returns"
        raise TypeError(f"{caller} takes {expected}, but got {type(run).__name__}")
    return tables, manifest


def _read(run: RunOrTables, columns: Mapping[str, str], optional: str, *, caller: str) -> FigureData:
    tables, manifest = tables_and_manifest(run, caller=caller)
    tables = {name: schema.empty_table(name) for name in optional.split()} | dict(tables)
    if missing := [name for name in columns if name not in tables]:
        remedy = "pass the run, or all tables of tl.tabulate"
        if any(schema.get_table(name).description.startswith("optional") for name in missing):
            remedy = "fit with --quality, in Python with Recipe(quality=True)"
        raise ValueError(f"{caller} cannot be drawn without the table {', '.join(missing)}: {remedy}")
    for name, names in columns.items():
        schema.require_columns(tables[name], names.split(), caller=f"{caller} (table {name})")
    return FigureData(tuple(tables[name] for name in columns), manifest)
