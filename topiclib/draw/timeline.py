"""Line plots: the share of each theme or topic over time, above the number of articles."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from topiclib.draw import layout, outlet_axis, style, time_axis
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.labels import wrap_text

MIN_ARTICLES = 5  # periods with fewer have hollow points; freq="auto" needs it as the median
MIN_PANEL_WIDTH = 22  # ems
PANEL_LINES, COUNT_LINES = 4.5, 2.5  # heights, in lines of text
MAX_BAND = 2.0  # bands are cut off at this multiple of the largest share: a wider one would flatten the lines

Event = tuple[str, str]  # date ("2023-04" or "2023-04-17"), label


@reads(optional="passages", timeline="kind key by level period n share low high", passages="lang")
def theme_timeline(
    run: FigureData, *, themes: str | Iterable[str] | None = None, by: str = "lang",
    levels: Iterable[str] = (), freq: str = "auto", events: Iterable[Event] = (),
) -> np.ndarray:  # fmt: skip
    """Draw the share of each theme over time, one panel per theme, and the number of articles below the panels.

    Lines are broken at periods without articles. Bands are intervals. A point of fewer than five articles is hollow.
    Each panel has its own scale, which is set by the periods with five articles or more. If the page does not hold all
    themes, those with the lowest peaks are left out. A panel has at most six lines: if there are more levels, the
    smallest are combined as "others".

    Parameters
    ----------
    run
        A run, or a mapping of tables.
    themes
        Keys of the themes to show, in this order. By default, all.
    by
        Column whose values (levels) are the lines, such as "lang" or "source".
    levels
        The levels to show, such as two outlets. By default, all.
    freq : {"auto", "week", "month", "quarter", "year"}
        Length of a period. "auto" takes that of the table, or a longer one (at most a quarter) if the median period has
        fewer than five articles. The share of a longer period is the mean of the shares within it, weighted by
        number of articles, and has no interval. `compare.timeline(..., freq=...)` counts again: it gives longer periods
        an interval, and it is needed for shorter ones.
    events
        (date, label) pairs to mark in all panels, such as ("2023-04-17", "talks").

    Returns
    -------
    ndarray of Axes
        The panels, then the Axes with the numbers of articles.
    """
    timeline, passages = run.tables
    rows, keys = run.select_themes(timeline[timeline["kind"] == "theme"], themes)
    labels = {key: run.theme_label(key) for key in keys}
    return _draw_timeline(run, rows, labels, passages, by=by, levels=levels, freq=freq, events=events)


@reads(optional="passages", timeline="kind key by level period n share low high", topics="topic size", passages="lang")
def topic_timeline(
    run: FigureData, *, topics: Iterable[int] | None = None, top: int = 8, by: str = "lang",
    levels: Iterable[str] = (), freq: str = "auto", events: Iterable[Event] = (),
) -> np.ndarray:  # fmt: skip
    """Draw the share of each topic over time, one panel per topic, and the number of articles below the panels.

    Parameters
    ----------
    run
        A run, or a mapping of tables.
    topics
        Numbers of the topics to show, in this order. By default, the `top` largest.
    top
        How many topics to show if `topics` is not given.
    by, levels, freq, events
        As for `theme_timeline`.

    Returns
    -------
    ndarray of Axes
        The panels, then the Axes with the numbers of articles.
    """
    (timeline, table, passages), locale = run.tables, run.locale
    ordered = layout.sort_topics(table).set_index("topic", drop=False)
    if topics is not None and (missing := [topic for topic in topics if topic not in ordered.index]):
        raise ValueError(f"no topic is called {missing[0]}: expected some of {', '.join(map(str, ordered.index))}")
    shown = ordered.head(top) if topics is None else ordered.loc[list(topics)]
    labels = {str(topic): locale.topic_label(row) for topic, row in shown.iterrows()}
    rows = timeline[(timeline["kind"] == "topic") & timeline["key"].isin(labels)]
    options: dict[str, Any] = {"kind": "topic", "total": len(ordered) if topics is None else 0}
    return _draw_timeline(run, rows, labels, passages, by=by, levels=levels, freq=freq, events=events, **options)


def _draw_timeline(
    run: FigureData, rows: pd.DataFrame, labels: Mapping[str, str], passages: pd.DataFrame, *,
    by: str, levels: Iterable[str], freq: str, events: Iterable[Event], kind: str = "theme", total: int = 0,
) -> np.ndarray:  # fmt: skip
    """Draw a panel of lines for each label, and the number of articles below each column of panels."""
    locale, events, levels = run.locale, list(events), list(levels)
    rows = rows[rows["by"] == by]
    if unknown := set(levels) - set(rows["level"]):
        known = ", ".join(sorted(set(rows["level"])))
        raise ValueError(f"{run.name} has no {by} {sorted(unknown)[0]!r}: expected one of {known or 'none'}")
    rows = rows[rows["level"].isin(levels or (run.languages(passages) if by == "lang" else set(rows["level"])))]
    rows, step = _resample(rows.assign(month=time_axis.period_starts(rows["period"])).dropna(subset="month"), freq)
    if rows.empty:
        return np.array([run.empty()])
    n_levels = rows["level"].nunique()
    rows = outlet_axis.merge_others(rows, style.MAX_SERIES, keys=["key", "month"])
    rows = rows.sort_values(["key", "level", "month"])
    looks = style.series_looks(layout.order_known_first(rows["level"].unique(), style.LANGUAGE_COLORS))
    # A theme or topic that occurs nowhere gets no panel.
    largest = rows.groupby("key")["share"].max().sort_values(ascending=False, kind="stable")
    present = [key for key in labels if largest.get(key, 0) > 0]
    n_columns = layout.n_columns(len(present), MIN_PANEL_WIDTH) if len(present) > 3 else 1
    n_rows = int((layout.page_lines(12) - COUNT_LINES) / (PANEL_LINES + 2.2))
    kept = set(largest.index[largest.index.isin(present)][: n_rows * n_columns])
    keys = [key for key in present if key in kept]
    if not keys:
        return np.array([run.empty()])
    n_rows = -(-len(keys) // n_columns)
    ratios = [PANEL_LINES] * n_rows + [COUNT_LINES]
    grid = run.panels((n_rows + 1) * n_columns, n_columns, gap=0.03, sharex=True, height_ratios=ratios)
    axes, unused, counts = grid[: len(keys)], grid[len(keys) : -n_columns], grid[-n_columns:]
    for ax in unused:
        ax.set_axis_off()
    width = layout.page_width() / n_columns - layout.font_size(4)
    for ax, key in zip(axes, keys, strict=True):
        top = _draw_panel(ax, rows[rows["key"] == key], looks, step)
        layout.set_percent_ticks(ax, top, locale, count=3, axis="y")
        text = style.isolate(wrap_text(labels[key], width, weight=600, max_lines=2))
        ax.set_title(text, loc=locale.start_side, size=layout.font_size(), pad=layout.font_size(0.7))
    for ax in counts:
        _draw_article_counts(ax, rows, looks, step, run)
    marked = _mark_events([*axes, *counts], events, locale)
    names = {level: outlet_axis.level_label(level, locale, n_levels - style.MAX_SERIES + 1) for level in looks}
    shortened = {level: wrap_text(name, layout.page_width() * 0.8, max_lines=1) for level, name in names.items()}
    legend: list[Artist] = [
        Line2D([], [], label=style.isolate(shortened[level]), **look) for level, look in looks.items()
    ]
    hollow = ((rows["n"] < MIN_ARTICLES) & (rows["n"] > 0)).any()
    gaps = {1.0: "gaps", 3.0: "gaps_of_quarters", 12.0: "gaps_of_years"}
    notes = [
        locale.text(gaps.get(step, "gaps_of_weeks")),
        locale.text("hollow", n=MIN_ARTICLES) if hollow else "",
        locale.text("band") if rows["low"].notna().any() else "",
        locale.text("own_scale") if len(keys) > 1 else "",
        locale.shown_of_total(f"{kind}s_shown", len(keys), max(total, len(present))), marked,
        run.rare_languages(passages) if by == "lang" else "",
    ]  # fmt: skip
    peak = rows.loc[rows[rows["key"].isin(keys) & (rows["n"] >= min(MIN_ARTICLES, rows["n"].max()))]["share"].idxmax()]
    alt = locale.text(
        "alt_timeline", panels=len(keys), levels=(", " if locale.code == "en" else "، ").join(names.values()),
        shown=labels[peak["key"]], level=names[peak["level"]], share=locale.format_percent(peak["share"]),
        period=locale.format_month(f"{int(peak['month']) // 12}-{int(peak['month']) % 12 + 1:02d}"),
    )  # fmt: skip
    run.finish([*axes, *counts], layout.lines_to_inches(sum(ratios)), notes, alt=alt, legend=legend)
    return np.array([*axes, *counts])


def _resample(rows: pd.DataFrame, freq: str) -> tuple[pd.DataFrame, float]:
    """Return the rows by week, month, quarter or year, and the length of a period in months."""
    if freq not in ("auto", *time_axis.STEPS):
        raise ValueError(f"freq is {freq!r}: expected one of auto, {', '.join(time_axis.STEPS)}")
    given = time_axis.frequency(rows["period"])
    if freq == "auto":
        longer = [step for step in time_axis.STEPS.values() if step > time_axis.STEPS[given]]
        while rows["n"].median() < MIN_ARTICLES and longer and longer[0] < 12:
            given, rows = "", time_axis.coarsen(rows, step := longer.pop(0))
        return rows, time_axis.STEPS[given] if given else step
    step = time_axis.STEPS[freq]
    if len(rows) and step < time_axis.STEPS[given]:
        raise ValueError(
            f"freq is {freq!r}, but the table timeline is by {given}:"
            f" count it again with compare.timeline(..., freq={freq!r})"
        )
    return (rows if freq == given else time_axis.coarsen(rows, step)), step


def _draw_panel(ax: Axes, rows: pd.DataFrame, looks: Mapping[str, dict[str, Any]], step: float) -> float:
    """Draw a line with points and a band for each level, broken at missing periods; return the top of the scale."""
    rows = rows[rows["share"].notna() & (rows["n"] > 0)]
    many = rows["n"] >= MIN_ARTICLES
    # A single article must not set the scale to 100 %, unless most points are of as few.
    largest = float((rows[many] if many.mean() >= 0.5 else rows)["share"].max())
    top = (
        max(largest, min(float(rows["high"].max()), MAX_BAND * largest) if rows["high"].notna().any() else 0, 0.005)
        * 1.1
    )
    for level, periods in rows.groupby("level", sort=False):
        look = looks[str(level)]
        x, share, low, high, n = (periods[name].to_numpy() for name in ("month", "share", "low", "high", "n"))
        for run in time_axis.consecutive_runs(x, step):
            ax.fill_between(x[run], low[run], np.minimum(high[run], top), color=look["color"], alpha=0.13, lw=0)
            ax.plot(x[run], np.where(share[run] > top, np.nan, share[run]), **look | {"marker": ""})
        for few in (False, True):
            chosen = (n < MIN_ARTICLES) == few
            if not chosen.any():  # without points, the layout would take the corner of the page for their position
                continue
            # A share above the scale stands at its upper edge.
            marks = look | {"ls": "none", "mfc": "white" if few else look["color"], "clip_on": False}
            ax.plot(x[chosen], np.minimum(share[chosen], top), **marks)
    ax.set(ylim=(0, top))
    ax.grid(axis="y")
    ax.tick_params(axis="x", length=0)
    ax.spines["left"].set_visible(False)
    return top


def _draw_article_counts(
    ax: Axes, rows: pd.DataFrame, looks: Mapping[str, dict[str, Any]], step: float, run: FigureData
) -> None:
    """Draw the number of articles by period as stacked bars."""
    # All themes of a level have the same articles, so their n is not summed.
    counts = rows.groupby(["level", "month"])["n"].max().unstack("level", fill_value=0).sort_index()
    bottom = np.zeros(len(counts))
    for level, look in looks.items():
        heights = counts[level].to_numpy(dtype=float)
        ax.bar(counts.index, heights, width=0.8 * step, bottom=bottom, color=look["color"], alpha=0.75, lw=0)
        bottom += heights
    top = float(bottom.max())
    ax.set(ylim=(0, top * 1.08), yticks=[0, top])
    ax.set_yticklabels([run.locale.format_number(0), run.locale.format_number(top)], color=style.MUTED_COLOR)
    ax.set_xticks(*time_axis.month_ticks(counts.index.min(), counts.index.max(), run.locale))
    ax.tick_params(axis="x", labelbottom=True)
    title: dict[str, Any] = {"weight": 400, "pad": layout.font_size(0.3)}
    ax.set_title(run.locale.text("articles"), loc=run.locale.start_side, **layout.muted(1, **title))
    ax.spines["left"].set_visible(False)


def _mark_events(axes: Iterable[Axes], events: list[Event], locale: Any) -> str:
    """Draw a thin line through all panels at each event; return a note with their dates and labels."""
    texts = []
    for date, label in sorted(events):
        x = time_axis.month_number(date)
        if np.isnan(x):
            raise ValueError(f'event {label!r} has the date {date!r}: expected a month or a day, such as "2023-04"')
        for ax in axes:
            ax.axvline(x, color=style.MUTED_COLOR, lw=0.6, ls=(0, (2, 2)), zorder=1)
        texts.append(style.isolate(f"{date} {label}"))
    return locale.text("events", events="; ".join(texts)) if texts else ""
