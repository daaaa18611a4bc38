"""The share of each theme over time, above a strip that shows how many articles there are at all."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import layout as page
from topiclib.draw import style
from topiclib.draw import time_axis as months
from topiclib.draw.localization import Locale, as_locale

MIN_ARTICLES_PER_MONTH = 5  # with fewer articles than this in a usual month, quarters are drawn

Event = tuple[str, str]  # date ("2023-04" or "2023-04-17"), label


@style.ensure_style()
def theme_timeline(
    timeline: pd.DataFrame,
    *,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    by: str = "lang",
    freq: str = "auto",
    events: Iterable[Event] = (),
    lang: str | Locale = "en",
    title: str | None = None,
    note: str = "",
) -> np.ndarray:
    """Draw the share of each theme by month or quarter, one panel a theme, over the number of articles.

    A line never runs through a period without articles. Bands are the intervals of the table.

    Parameters
    ----------
    timeline
        Table `timeline`: kind, key, by, level, period, n, share, low, high; the rows of kind "theme" with this `by`.
        Periods without a month ("2023", "") are left out.
    labels
        Names of the themes, {key: {"en": .., "fa": .., "ar": ..}}; their order is the order of the panels.
    by
        What the lines stand for.
    period
        month, quarter, or auto: quarters where half of the months have fewer than five articles. Quarters are put
        together from the months, by their articles, and have no intervals.
    events
        Dates to mark in all panels, with a label each.

    Returns
    -------
    numpy.ndarray
        One Axes a theme, in the order of the themes, and last the strip.
    """
    schema.require_columns(timeline, schema.TABLES["timeline"].columns, caller="theme_timeline")
    says, names = as_locale(lang), labels or {}
    rows = timeline[(timeline["kind"] == "theme") & (timeline["by"] == by)]
    rows = rows.assign(month=months.month_numbers(rows["period"])).dropna(subset="month")
    if rows.empty:
        return page.empty_figure(says, title=title, note=note)
    themes = page.order_themes(rows["key"], names)
    rows, step = _resample(rows.sort_values(["key", "level", "month"]), freq)
    colors = page.level_colors(rows["level"])
    figure = page.new_figure(page.lines_to_inches(5.6 * len(themes) + 6), gap=0.03)
    axes = figure.subplots(len(themes) + 1, 1, sharex=True, height_ratios=[1] * len(themes) + [0.55])
    top = float(np.nanmax([*rows["share"], *rows["high"], 0.01])) * 1.05
    for ax, theme in zip(axes, themes, strict=False):
        _draw_theme(ax, rows[rows["key"] == theme], colors, step)
        ax.set(ylim=(0, top))
        ax.grid(axis="y")
        page.set_percent_ticks(ax, top, says, count=3, axis="y")
        ax.tick_params(axis="x", length=0)
        ax.set_title(says.name(names, theme), loc=says.start, size=page.font_size(), pad=page.font_size(0.3))
    _draw_article_counts(axes[-1], rows, colors, step, says)
    _mark_events(axes, list(events))
    page.put_suptitle(axes[0], title)
    page.put_note(axes[0], says.say("gaps_of_quarters" if step == 3 else "gaps"), note)
    return axes


def _resample(rows: pd.DataFrame, freq: str) -> tuple[pd.DataFrame, int]:
    """Return the rows by month or by quarter, and how many months such a period has."""
    if freq not in ("auto", "month", "quarter"):
        raise ValueError(f"period is {freq!r}: expected one of auto, month, quarter")
    if rows["period"].str.contains("Q").all():
        return rows, 3
    if freq == "month" or (freq == "auto" and rows["n"].median() >= MIN_ARTICLES_PER_MONTH):
        return rows, 1
    return months.to_quarters(rows), 3


def _draw_theme(ax: Axes, rows: pd.DataFrame, colors: Mapping[str, str], step: int) -> None:
    """Draw a line, its dots and its band for each level, broken where periods are missing."""
    for level, part in rows.groupby("level"):
        known = part[part["share"].notna() & (part["n"] > 0)]
        x, share, low, high = (known[name].to_numpy() for name in ("month", "share", "low", "high"))
        for stretch in months.consecutive_runs(x, step):
            color = colors[str(level)]
            ax.fill_between(x[stretch], low[stretch], high[stretch], color=color, alpha=0.13, lw=0)
            ax.plot(x[stretch], share[stretch], color=color, marker="o", ms=page.font_size(0.3), clip_on=False)
    ax.spines["left"].set_visible(False)


def _draw_article_counts(ax: Axes, rows: pd.DataFrame, colors: Mapping[str, str], step: int, says: Locale) -> None:
    """Draw the articles of each period as bars, the levels on top of each other, and say which color is which."""
    counts = rows.groupby(["level", "month"])["n"].max().unstack("level", fill_value=0).sort_index()
    counts = counts[list(colors)]
    floor = np.zeros(len(counts))
    for level in counts.columns:
        bars = counts[level].to_numpy(dtype=float)
        look: dict[str, Any] = {"color": colors[str(level)], "alpha": 0.75, "lw": 0, "label": says.known(str(level))}
        ax.bar(counts.index, bars, width=0.8 * step, bottom=floor, **look)
        floor += bars
    top = float(floor.max())
    ax.set(ylim=(0, top * 1.08), yticks=[0, top])
    ax.set_yticklabels([says.number(0), says.number(top)], color=style.MUTED_COLOR)
    ax.set_xticks(*months.month_ticks(counts.index.min(), counts.index.max(), says))
    head: dict[str, Any] = {
        "size": page.font_size(),
        "color": style.MUTED_COLOR,
        "weight": 400,
        "pad": page.font_size(0.3),
    }
    ax.set_title(says.say("articles"), loc=says.start, **head)
    ax.spines["left"].set_visible(False)
    other, corner = ("right", 1.0) if says.start == "left" else ("left", 0.0)
    marks: dict[str, Any] = {"handlelength": 0.8, "handletextpad": 0.4, "borderpad": 0, "labelcolor": "linecolor"}
    place: Any = f"lower {other}"
    ax.legend(loc=place, bbox_to_anchor=(corner, 1.0), ncols=4, borderaxespad=0.2, **marks)


def _mark_events(axes: Iterable[Axes], events: list[Event]) -> None:
    """Draw a thin line through all panels at each event, and its label above the first one, in two rows by turns."""
    panels = list(axes)
    for row, (date, label) in enumerate(sorted(events)):
        place = months.month_number(date)
        if np.isnan(place):
            raise ValueError(f'the event {label!r} has the date {date!r}: expected a month or a day, such as "2023-04"')
        if len(date) == 10:
            place += (int(date[8:]) - 1) / 31
        for ax in panels:
            ax.axvline(place, color=style.MUTED_COLOR, lw=0.6, ls=(0, (2, 2)), zorder=1)
        lift = (page.font_size(0.2), page.font_size(1.6 + 1.25 * (row % 2)))
        look: dict[str, Any] = {
            "coords": panels[0].get_xaxis_transform(),
            "size": page.font_size(0.8),
            "color": style.MUTED_COLOR,
        }
        page.annotate(panels[0], style.isolate(label), (place, 1), lift, **look)
