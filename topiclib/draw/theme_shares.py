"""Dot plot: the share of each theme by outlet."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib.draw import layout, outlet_axis, style
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.labels import wrap_text
from topiclib.draw.localization import Locale

MIN_PANEL_WIDTH = 13  # ems
LABEL_PART = 0.32  # largest part of the width that the names of outlets take
MIN_CELL = 1.6  # ems

# An outlet with two articles has an interval across the whole axis, beside which all shares would look equal: intervals
# are clipped at this multiple of the largest share.
MAX_INTERVAL_REACH = 3.0


@reads(optional="passages", shares="kind key by level n share low high", documents="", passages="lang")
def theme_shares(
    run: FigureData, *, themes: str | Iterable[str] | None = None, by: str = "source", group: str = "lang"
) -> np.ndarray:
    """Draw a dot for the share of each theme in each outlet, with an interval if the table has one; a panel per theme.

    Outlets are grouped, by default by language: since each outlet has one language, the differences between outlets of
    a language show how much a difference between the languages means. Outlets beyond what a page holds are in one row,
    "others", and where not all panels fit, the figure is a heatmap, without intervals. A theme that is nowhere is left
    out.

    Parameters
    ----------
    by, group
        Rows of `shares` by `by` are drawn as dots, those by `group` as hollow diamonds (only these if there are no
        outlets). Each level of `by` is in the group that is most common in these two columns of `documents`.
    """
    (shares, documents, passages), locale = run.tables, run.locale
    months = _time_window_note(run.manifest.get("period") or {}, locale)
    both, keys = run.select_themes(shares[(shares["kind"] == "theme") & shares["by"].isin([by, group])], themes)
    languages = run.languages(passages) if group == "lang" and len(passages) else list(both["level"])
    both = both[(both["by"] != group) | both["level"].isin(languages)]
    largest_of = both.groupby("key")["share"].max()
    keys = [key for key in keys if largest_of.get(key, 0) > 0]
    both = both[both["key"].isin(keys)]
    if both.empty:
        return np.array([run.empty(None, months)])
    outlet_shares, group_shares = both[both["by"] != group], both[both["by"] == group]
    n_outlets = outlet_shares["level"].nunique()
    if outlet_shares.empty:
        rows = outlet_axis.group_rows(group_shares["level"])
    else:
        outlet_shares = outlet_axis.merge_others(outlet_shares, layout.page_lines(12) / 1.15 - 3, keys=["key"])
        groups = outlet_axis.most_common_groups(documents, by, group)
        groups = {level: name for level, name in groups.items() if group != "lang" or name in languages}
        rows = outlet_axis.order_rows(outlet_shares, groups, by="level")
    n_others = n_outlets - outlet_shares["level"].nunique() + 1
    lines = layout.page_lines(12) / 1.15 / len(rows)
    labels, label_width, n_lines = outlet_axis.fit_row_labels(
        rows, locale, LABEL_PART, max_lines=lines, n_others=n_others
    )
    room = layout.page_width() - label_width - layout.font_size(3)
    n_columns = layout.n_columns(len(keys), MIN_PANEL_WIDTH)
    height = (outlet_axis.row_positions(rows)[-1] + 1.2) * n_lines * 1.12
    both = pd.concat([outlet_shares, group_shares])
    notes = [locale.text("share_of_text"), months, run.rare_languages(passages) if group == "lang" else ""]
    peak = both.loc[both["share"].idxmax()]
    alt = locale.text(
        "alt_theme_shares", themes=len(keys), outlets=n_outlets, theme=run.theme_label(peak["key"]),
        level=outlet_axis.level_label(peak["level"], locale, n_others), share=locale.format_percent(peak["share"]),
    )  # fmt: skip
    if -(-len(keys) // n_columns) * (height + 4) > layout.page_lines(4):
        return _draw_as_heatmap(run, both, keys, rows, labels, room, height, notes, alt)
    panel_width = room / n_columns - layout.font_size(1.5)
    titles = [style.isolate(wrap_text(run.theme_label(key), panel_width, weight=600, max_lines=3)) for key in keys]
    axes = run.panels(len(keys), n_columns, gap=0.05, sharex=True)
    largest, longest = float(both["share"].max()), float(np.nanmax([*both["high"], 0.01]))
    limit = max(largest, min(longest, MAX_INTERVAL_REACH * largest), 0.01) * 1.06
    for ax, key, panel_title in zip(axes, keys, titles, strict=True):
        outlets, of_groups = (table[table["key"] == key] for table in (outlet_shares, group_shares))
        _draw_theme(ax, outlets, of_groups, rows, limit)
        ax.set_title(panel_title, size=layout.font_size(), weight=600, pad=layout.font_size(0.6))
        ax.set(xlim=(-limit * 0.04, limit))
        layout.set_percent_ticks(ax, limit, locale, count=2)
        ax.tick_params(labelbottom=True)
    for first in range(0, len(keys), n_columns):
        outlet_axis.label_rows(axes[first], rows, labels)
        _label_n_articles(axes[first : first + n_columns][-1], both, rows, locale)
    bounded = both["low"].notna()
    keyed = {"interval": bounded.any(), "clipped": longest > limit, "no_interval": not bounded.all()}
    notes[1:1] = [locale.text(key) for key, applies in keyed.items() if applies]
    return run.finish(axes, layout.lines_to_inches(-(-len(keys) // n_columns) * height), notes, alt=alt)


def _time_window_note(window: Mapping[str, str], locale: Locale) -> str:
    """Return the note on the months that the shares cover."""
    key = {"overlap": "months_overlap", "asked": "months_requested"}.get(window.get("why", ""), "")
    ends = {end: locale.format_month(window.get(end) or "") for end in ("first", "last")}
    months = locale.text(key, **ends) if key and window.get("first") else ""
    return locale.text("no_common_month") if window.get("why") == "apart" else months


def _draw_as_heatmap(
    run: FigureData, both: pd.DataFrame, keys: list[str], rows: list[outlet_axis.Row], labels: list[str],
    width: float, height: float, notes: list[str], alt: str,
) -> np.ndarray:  # fmt: skip
    """Draw the shares as cells, outlets by themes: of those that do not fit, the largest."""
    table = both.pivot_table(index="level", columns="key", values="share", aggfunc="first")
    n_fit = max(1, int(width / layout.font_size(MIN_CELL)))
    largest = table.max().sort_values(ascending=False, kind="stable").index[:n_fit]
    columns = [key for key in keys if key in largest]
    values = table.reindex(index=[group if level is None else level for group, level in rows], columns=columns)
    ax = run.axes(None)
    x, y = np.arange(len(columns), dtype=float), outlet_axis.row_positions(rows)
    layout.draw_heatmap(ax, values.to_numpy(), x, y, label=run.locale.format_percent, width=width)
    outlet_axis.label_rows(ax, rows, labels)
    layout.label_columns(ax, x, [run.theme_label(key) for key in columns], width / len(columns))
    n_themes = run.locale.shown_of_total("themes_shown", len(columns), len(keys))
    return np.array([run.finish(ax, layout.lines_to_inches(height), [*notes, n_themes], alt=alt)])


def _draw_theme(
    ax: Axes, outlets: pd.DataFrame, groups: pd.DataFrame, rows: list[outlet_axis.Row], limit: float
) -> None:
    """Draw the shares of one theme: outlets as dots, groups as hollow diamonds, intervals up to `limit`."""
    outlets, groups, positions = outlets.set_index("level"), groups.set_index("level"), outlet_axis.row_positions(rows)
    for y, (group, level) in zip(positions, rows, strict=True):
        color = style.LANGUAGE_COLORS.get(group, style.MUTED_COLOR)
        table, name = (groups, group) if level is None else (outlets, level)
        if name not in table.index:
            continue
        share, low, high = table.loc[name, ["share", "low", "high"]]
        if np.isfinite(low) and np.isfinite(high):
            ax.plot([low, min(high, limit)], [y, y], color=color, alpha=0.45, solid_capstyle="butt")
            if high > limit:
                ax.plot(limit, y, marker=">", ms=layout.font_size(0.4), color=color, alpha=0.45, mew=0, clip_on=False)
        mark: dict[str, Any] = {"marker": "o"} if level is not None else {"marker": "D", "mfc": "white", "mew": 1}
        ax.plot(share, y, color=color, ls="none", ms=layout.font_size(0.5), clip_on=False, **mark)
    ax.set(ylim=(positions[-1] + 0.6, -0.6), yticks=[])
    ax.hlines(positions, 0, 1, transform=ax.get_yaxis_transform(), color=style.GRID_COLOR, lw=0.5, zorder=0)
    ax.axvline(0, color=style.FAINT_COLOR, lw=0.6, zorder=0)
    ax.spines[["left", "bottom"]].set_visible(False)


def _label_n_articles(ax: Axes, shares: pd.DataFrame, rows: list[outlet_axis.Row], locale: Locale) -> None:
    """Write the number of articles of each row right of a panel, as a range if the themes differ in it."""
    counts = shares.groupby("level")["n"].agg(["min", "max"])
    texts = []
    for group, level in rows:
        name = group if level is None else level
        low, high = counts.loc[name] if name in counts.index else (0, 0)
        first, last = locale.format_number(low), locale.format_number(high)
        texts.append(first if low == high else f"{first}–{last}")
    column = layout.muted(0.85, va="center", ha="right")
    margin = (layout.font_size(0.85) * 0.62 * max(map(len, texts)), 0)
    coords = ax.get_yaxis_transform()
    for y, text in zip(outlet_axis.row_positions(rows), texts, strict=True):
        layout.annotate(ax, text, (1.04, y), margin, coords=coords, **column)
    head = (margin[0], layout.font_size(0.2))
    layout.annotate(ax, locale.text("n"), (1.04, 1), head, coords="axes fraction", **column | {"va": "bottom"})
