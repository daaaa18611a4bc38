"""How many articles each outlet has in each month: what can be compared over time, and what cannot."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import layout as page
from topiclib.draw import outlet_axis as outlets
from topiclib.draw import style
from topiclib.draw import time_axis as months
from topiclib.draw.localization import Language, language

NUMBERED = 14  # up to so many months the cells carry their numbers


@style.in_style()
def coverage(
    coverage: pd.DataFrame,
    documents: pd.DataFrame | None = None,
    *,
    group: str = "lang",
    lang: str | Language = "en",
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
    schema.require(coverage, ("source", "period", "n"), door="coverage")
    says = language(lang)
    rows = coverage.assign(month=months.months(coverage["period"]))
    totals = rows.groupby("source", as_index=False)["n"].sum()
    lines = outlets.order(totals, outlets.groups_of(documents, "source", group), by="source")
    ax = page.own_axes(ax, page.lines(1.15 * max(len(lines), 3) + 5), title)
    if rows.empty:
        return page.nothing(ax, says, note)
    counts = rows.fillna({"month": np.inf}).groupby(["source", "month"])["n"].sum().unstack("month")
    _draw_cells(ax, counts, lines, says)
    outlets.name_rows(ax, lines, says)
    _name_months(ax, counts.columns, says)
    page.put_note(ax, says.say("articles_by_month", n=int(np.nanmax(counts.to_numpy()))), note)
    return ax


def _draw_cells(ax: Axes, counts: pd.DataFrame, lines: list[outlets.Line], says: Language) -> None:
    """Draw a square for each outlet and month, the darker the more articles, none where there is none."""
    heights = dict(zip(lines, outlets.heights(lines), strict=True))
    most, places = float(np.nanmax(counts.to_numpy())), _places(counts.columns)
    numbered = len(counts.columns) <= NUMBERED
    for group, source in lines:
        height = heights[group, source]
        if source is None:
            continue
        row = counts.loc[source].to_numpy(dtype=float)
        ax.barh(height, places[-1] - places[0] + 0.9, height=0.86, left=places[0] - 0.45, color=style.EMPTY, lw=0)
        there = np.isfinite(row) & (row > 0)
        shades = page.shades(row[there] / most * 0.85 + 0.15)
        ax.bar(places[there], 0.86, width=0.9, bottom=height - 0.43, color=shades, lw=0)
        for place, n, shade in zip(places[there], row[there], shades, strict=True) if numbered else ():
            ink = style.ink_on(shade)
            ax.text(place, height, says.number(n), ha="center", va="center", size=page.points(0.75), color=ink)
    ax.set(xlim=(places[0] - 0.7, places[-1] + 0.7), ylim=(max(heights.values()) + 0.6, -0.6))
    ax.spines[:].set_visible(False)


def _places(columns: pd.Index) -> np.ndarray:
    """Return the x of each month, a count of months; articles without one stand a little after the last."""
    known = columns[np.isfinite(columns)]
    return np.where(np.isfinite(columns), columns, (known.max() if len(known) else 0) + 2.5)


def _name_months(ax: Axes, columns: pd.Index, says: Language) -> None:
    places: list[float] = []
    texts: list[str] = []
    known = columns[np.isfinite(columns)]
    if len(known):
        places, texts = months.month_ticks(known.min(), known.max(), says)
    if len(known) < len(columns):
        places, texts = [*places, _places(columns)[-1]], [*texts, says.say("no_date")]
    ax.set_xticks(places, texts)
    ax.tick_params(axis="x", length=0)
