"""Line plot: the share of each theme over time, above the number of articles."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib.draw import layout, style, time_axis
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.localization import Locale

MIN_ARTICLES_PER_MONTH = 5  # median; if it is lower, freq="auto" draws quarters

Event = tuple[str, str]  # date ("2023-04" or "2023-04-17"), label


@reads(timeline="kind key by level period n share low high")
def theme_timeline(
    run: FigureData,
    *,
    themes: str | Iterable[str] | None = None,
    by: str = "lang",
    freq: str = "auto",
    events: Iterable[Event] = (),
) -> np.ndarray:
    """Draw the share of each theme by month or quarter, one panel per theme, and below the number of articles.

    Lines are broken at periods without articles; bands are intervals. Rows of `timeline` whose period is neither a
    month nor a quarter ("2023", "") are not drawn.

    Parameters
    ----------
    by
        Grouping whose levels are the lines.
    freq
        month, quarter, or auto: quarters if the median month has fewer than five articles. A quarter's share is the
        mean of its months weighted by number of articles, without an interval.
    events
        (date, label) pairs to mark in all panels.
    """
    (timeline,), locale = run.tables, run.locale
    rows = timeline[(timeline["kind"] == "theme") & (timeline["by"] == by)]
    rows = rows.assign(month=time_axis.month_numbers(rows["period"])).dropna(subset="month")
    rows, keys = run.select_themes(rows, themes)
    if rows.empty:
        return np.array([run.empty()])
    rows, months_per_bin = _resample(rows.sort_values(["key", "level", "month"]), freq)
    colors = layout.level_colors(rows["level"])
    ratios = [1] * len(keys) + [0.55]
    axes = run.panels(
        len(ratios), 1, layout.lines_to_inches(5.6 * len(keys) + 6), gap=0.03, sharex=True, height_ratios=ratios
    )
    top = float(np.nanmax([*rows["share"], *rows["high"], 0.01])) * 1.05
    for ax, key in zip(axes, keys, strict=False):
        _draw_theme(ax, rows[rows["key"] == key], colors, months_per_bin)
        ax.set(ylim=(0, top))
        ax.grid(axis="y")
        layout.set_percent_ticks(ax, top, locale, count=3, axis="y")
        ax.tick_params(axis="x", length=0)
        ax.set_title(run.theme_label(key), loc=locale.start_side, size=layout.font_size(), pad=layout.font_size(0.3))
    _draw_article_counts(axes[-1], rows, colors, months_per_bin, locale)
    _mark_events(axes, list(events))
    run.put_note(axes[0], locale.text("gaps_of_quarters" if months_per_bin == 3 else "gaps"))
    return axes


def _resample(rows: pd.DataFrame, freq: str) -> tuple[pd.DataFrame, int]:
    """Return the rows by month or quarter, and the number of months in a period."""
    if freq not in ("auto", "month", "quarter"):
        raise ValueError(f"freq is {freq!r}: expected one of auto, month, quarter")
    if rows["period"].str.contains("Q").all():
        return rows, 3
    if freq == "month" or (freq == "auto" and rows["n"].median() >= MIN_ARTICLES_PER_MONTH):
        return rows, 1
    return time_axis.to_quarters(rows), 3


def _draw_theme(ax: Axes, rows: pd.DataFrame, colors: Mapping[str, str], months_per_bin: int) -> None:
    """Draw a line with dots and a band for each level, broken at missing periods."""
    for level, periods in rows.groupby("level"):
        periods = periods[periods["share"].notna() & (periods["n"] > 0)]
        x, share, low, high = (periods[name].to_numpy() for name in ("month", "share", "low", "high"))
        for run in time_axis.consecutive_runs(x, months_per_bin):
            color = colors[str(level)]
            ax.fill_between(x[run], low[run], high[run], color=color, alpha=0.13, lw=0)
            ax.plot(x[run], share[run], color=color, marker="o", ms=layout.font_size(0.3), clip_on=False)
    ax.spines["left"].set_visible(False)


def _draw_article_counts(ax: Axes, rows: pd.DataFrame, colors: Mapping[str, str], width: int, locale: Locale) -> None:
    """Draw the number of articles by period as stacked bars, with a legend of the levels."""
    # The themes of a level have the same articles, so their n are not summed.
    counts = rows.groupby(["level", "month"])["n"].max().unstack("level", fill_value=0).sort_index()
    bottom = np.zeros(len(counts))
    for level, color in colors.items():
        heights = counts[level].to_numpy(dtype=float)
        look: dict[str, Any] = {"color": color, "alpha": 0.75, "lw": 0, "label": locale.text_or_key(level)}
        ax.bar(counts.index, heights, width=0.8 * width, bottom=bottom, **look)
        bottom += heights
    top = float(bottom.max())
    ax.set(ylim=(0, top * 1.08), yticks=[0, top])
    ax.set_yticklabels([locale.format_number(0), locale.format_number(top)], color=style.MUTED_COLOR)
    ax.set_xticks(*time_axis.month_ticks(counts.index.min(), counts.index.max(), locale))
    ax.set_title(
        locale.text("articles"), loc=locale.start_side, **layout.muted(1, weight=400, pad=layout.font_size(0.3))
    )
    ax.spines["left"].set_visible(False)
    loc: Any
    loc, corner = ("lower right", 1.0) if locale.start_side == "left" else ("lower left", 0.0)
    marks: dict[str, Any] = {"handlelength": 0.8, "handletextpad": 0.4, "borderpad": 0, "labelcolor": "linecolor"}
    ax.legend(loc=loc, bbox_to_anchor=(corner, 1.0), ncols=4, borderaxespad=0.2, **marks)


def _mark_events(axes: Iterable[Axes], events: list[Event]) -> None:
    """Draw a line through all panels at each event, and its label above the first one, alternating in two rows."""
    first, *_ = panels = list(axes)
    for i, (date, label) in enumerate(sorted(events)):
        x = time_axis.month_number(date)
        if np.isnan(x):
            raise ValueError(f'event {label!r} has the date {date!r}: expected a month or a day, such as "2023-04"')
        if len(date) == 10:
            x += (int(date[8:]) - 1) / 31
        for ax in panels:
            ax.axvline(x, color=style.MUTED_COLOR, lw=0.6, ls=(0, (2, 2)), zorder=1)
        offset = (layout.font_size(0.2), layout.font_size(1.6 + 1.25 * (i % 2)))
        label = style.isolate(label)
        layout.annotate(first, label, (x, 1), offset, coords=first.get_xaxis_transform(), **layout.muted())
