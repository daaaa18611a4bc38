"""How many articles each outlet has in each month: what can be compared over time, and what cannot."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import layout as page
from topiclib.draw import outlet_axis as outlets
from topiclib.draw import style
from topiclib.draw import time_axis as months
from topiclib.draw.localization import Locale, as_locale

MAX_MONTHS_WITH_NUMBERS = 14  # up to so many months the cells carry their numbers


@style.ensure_style()
def coverage(
    coverage: pd.DataFrame,
    documents: pd.DataFrame | None = None,
    *,
    group: str = "lang",
    lang: str | Locale = "en",
    title: str | None = None,
    note: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the number of articles of each outlet in each month, outlets in groups; those without a month apart.

    Parameters
    ----------
    coverage
        Table `coverage`: source, period, n. Whatever is no month ("", "2023") counts as without a month.
    documents
        Table `documents` with the columns source and `group`. Without it there is one group.

    Returns
    -------
    Axes
        One row an outlet, one column a month, and last the articles without one.
    """
    schema.require_columns(coverage, ("source", "period", "n"), caller="coverage")
    says = as_locale(lang)
    rows = coverage.assign(month=months.month_numbers(coverage["period"]))
    totals = rows.groupby("source", as_index=False)["n"].sum()
    lines = outlets.order_rows(totals, outlets.most_common_groups(documents, "source", group), by="source")
    ax = page.axes_or_new(ax, page.lines_to_inches(1.15 * max(len(lines), 3) + 5), title)
    if rows.empty:
        return page.mark_empty(ax, says, note)
    counts = rows.fillna({"month": np.inf}).groupby(["source", "month"])["n"].sum().unstack("month")
    _draw_cells(ax, counts, lines, says)
    outlets.label_rows(ax, lines, says)
    _label_months(ax, counts.columns, says)
    page.put_note(ax, says.say("articles_by_month", n=int(np.nanmax(counts.to_numpy()))), note)
    return ax


def _draw_cells(ax: Axes, counts: pd.DataFrame, lines: list[outlets.Row], says: Locale) -> None:
    """Draw a square for each outlet and month, the darker the more articles, none where there is none."""
    heights = dict(zip(lines, outlets.row_positions(lines), strict=True))
    most, places = float(np.nanmax(counts.to_numpy())), _month_positions(counts.columns)
    numbered = len(counts.columns) <= MAX_MONTHS_WITH_NUMBERS
    for group, source in lines:
        height = heights[group, source]
        if source is None:
            continue
        row = counts.loc[source].to_numpy(dtype=float)
        ax.barh(height, places[-1] - places[0] + 0.9, height=0.86, left=places[0] - 0.45, color=style.EMPTY_COLOR, lw=0)
        there = np.isfinite(row) & (row > 0)
        shades = page.sequential_colors(row[there] / most * 0.85 + 0.15)
        ax.bar(places[there], 0.86, width=0.9, bottom=height - 0.43, color=shades, lw=0)
        for place, n, shade in zip(places[there], row[there], shades, strict=True) if numbered else ():
            ink = style.text_color_on(shade)
            ax.text(place, height, says.number(n), ha="center", va="center", size=page.font_size(0.75), color=ink)
    ax.set(xlim=(places[0] - 0.7, places[-1] + 0.7), ylim=(max(heights.values()) + 0.6, -0.6))
    ax.spines[:].set_visible(False)


def _month_positions(columns: pd.Index) -> np.ndarray:
    """Return the x of each month, a count of months; articles without one stand a little after the last."""
    known = columns[np.isfinite(columns)]
    return np.where(np.isfinite(columns), columns, (known.max() if len(known) else 0) + 2.5)


def _label_months(ax: Axes, columns: pd.Index, says: Locale) -> None:
    places: list[float] = []
    texts: list[str] = []
    known = columns[np.isfinite(columns)]
    if len(known):
        places, texts = months.month_ticks(known.min(), known.max(), says)
    if len(known) < len(columns):
        places, texts = [*places, _month_positions(columns)[-1]], [*texts, says.say("no_date")]
    ax.set_xticks(places, texts)
    ax.tick_params(axis="x", length=0)
