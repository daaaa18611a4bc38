"""Dot plot: the share of each theme by outlet."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib.draw import layout, outlet_axis, style
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.labels import text_extent, wrap_text
from topiclib.draw.localization import Locale

MIN_PANEL_WIDTH = 13  # ems

# An outlet with two articles has an interval across the whole axis, beside which all shares would look equal: intervals
# are clipped at this multiple of the largest share.
MAX_INTERVAL_REACH = 3.0


@reads(shares="kind key by level n share low high", documents="")
def theme_shares(
    run: FigureData, *, themes: str | Iterable[str] | None = None, by: str = "source", group: str = "lang"
) -> np.ndarray:
    """Draw a dot for the share of each theme in each outlet, with an interval if the table has one; a panel per theme.

    Outlets are grouped, by default by language: since each outlet has one language, the differences between outlets of
    a language show how much a difference between the languages means.

    Parameters
    ----------
    by, group
        Rows of `shares` by `by` are drawn as dots, those by `group` as hollow diamonds (only these if there are no
        outlets). Each level of `by` is in the group that is most common in these two columns of `documents`.
    """
    (shares, documents), locale = run.tables, run.locale
    months = _time_window_note(run.manifest.get("period") or {}, locale)
    both, keys = run.select_themes(shares[(shares["kind"] == "theme") & shares["by"].isin([by, group])], themes)
    if both.empty:
        return np.array([run.empty(after=months)])
    outlet_shares, group_shares = both[both["by"] != group], both[both["by"] == group]
    if outlet_shares.empty:
        rows = outlet_axis.group_rows(group_shares["level"])
    else:
        rows = outlet_axis.order_rows(outlet_shares, outlet_axis.most_common_groups(documents, by, group), by="level")
    # As many panels side by side as fit, in rows as equal as possible.
    n_rows = -(-len(keys) // max(2, round(layout.figure_width_in_ems() / MIN_PANEL_WIDTH)))
    n_columns = -(-len(keys) // n_rows)
    label_width = max(text_extent(text)[0] for text in outlet_axis.row_labels(rows, locale))
    panel_width = (layout.figure_width() * 72 - label_width - layout.font_size(3)) / n_columns - layout.font_size(1)
    # Less than the panel width, since the titles are measured in normal weight and drawn in bold.
    titles = [style.isolate(wrap_text(run.theme_label(key), panel_width * 0.93)) for key in keys]
    n_lines = (len(rows) + max(title.count("\n") for title in titles)) * 1.12 + 4
    height = n_rows * layout.lines_to_inches(n_lines) + layout.lines_to_inches(1.5)
    axes = run.panels(len(keys), n_columns, height, gap=0.05, sharex=True)
    largest, longest = float(both["share"].max()), float(np.nanmax([*both["high"], 0.01]))
    limit = max(largest, min(longest, MAX_INTERVAL_REACH * largest), 0.01) * 1.06
    for ax, key, panel_title in zip(axes, keys, titles, strict=True):
        outlets, groups = (table[table["key"] == key] for table in (outlet_shares, group_shares))
        _draw_theme(ax, outlets, groups, rows, limit)
        ax.set_title(panel_title, size=layout.font_size(), weight=600, pad=layout.font_size(0.6))
        ax.set(xlim=(-limit * 0.04, limit))
        layout.set_percent_ticks(ax, limit, locale, count=2)
        ax.tick_params(labelbottom=True)
    for first in range(0, len(keys), n_columns):
        outlet_axis.label_rows(axes[first], rows, locale)
        _label_n_articles(axes[first : first + n_columns][-1], both, rows, locale)
    bounded = both["low"].notna()
    notes = {"interval": bounded.any(), "clipped": longest > limit, "no_interval": not bounded.all()}
    texts = [locale.text(key) for key, applies in notes.items() if applies]
    run.put_note(axes[0], locale.text("share_of_text"), *texts, after=months)
    return axes


def _time_window_note(window: Mapping[str, str], locale: Locale) -> str:
    """Return the note on the months that the shares cover."""
    key = {"overlap": "months_overlap", "asked": "months_requested"}.get(window.get("why", ""), "")
    ends = {end: locale.format_month(window.get(end) or "") for end in ("first", "last")}
    months = locale.text(key, **ends) if key and window.get("first") else ""
    return locale.text("no_common_month") if window.get("why") == "apart" else months


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
    for y, text in zip([-1, *outlet_axis.row_positions(rows)], [locale.text("n"), *texts], strict=True):
        layout.annotate(ax, text, (1.04, y), margin, coords=ax.get_yaxis_transform(), **column)
