"""Number of articles by outlet and month, to check before any comparison over time."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib.draw import layout, outlet_axis, style, time_axis
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.localization import Locale

# With more months the numbers would not fit into their cells.
MAX_MONTHS_WITH_NUMBERS = 14


@reads(coverage="source period n", documents="source")
def coverage(run: FigureData, *, group: str = "lang", ax: Axes | None = None) -> Axes:
    """Draw a heatmap of the number of articles: one row per outlet, one column per month, undated articles in the last.

    A period that is not a month, such as "" or "2023", counts as undated.

    Parameters
    ----------
    group
        Column of `documents` by which outlets are grouped.
    """
    (coverage, documents), locale = run.tables, run.locale
    months = coverage.assign(month=time_axis.month_numbers(coverage["period"]))
    totals = months.groupby("source", as_index=False)["n"].sum()
    rows = outlet_axis.order_rows(totals, outlet_axis.most_common_groups(documents, "source", group), by="source")
    ax = run.axes(ax, layout.lines_to_inches(1.15 * max(len(rows), 3) + 5))
    if months.empty:
        return run.empty(ax)
    counts = months.fillna({"month": np.inf}).groupby(["source", "month"])["n"].sum().unstack("month")
    _draw_cells(ax, counts, rows, locale)
    outlet_axis.label_rows(ax, rows, locale)
    dated = counts.columns[np.isfinite(counts.columns)]
    ticks, labels = time_axis.month_ticks(dated.min(), dated.max(), locale) if len(dated) else ([], [])
    if len(dated) < len(counts.columns):
        ticks, labels = [*ticks, _month_positions(counts.columns)[-1]], [*labels, locale.text("no_date")]
    ax.set_xticks(ticks, labels)
    ax.tick_params(axis="x", length=0)
    run.put_note(ax, locale.text("articles_by_month", n=int(np.nanmax(counts.to_numpy()))))
    return ax


def _draw_cells(ax: Axes, counts: pd.DataFrame, rows: list[outlet_axis.Row], locale: Locale) -> None:
    """Draw a cell for each outlet and month with articles, darker for more of them."""
    y_of = dict(zip(rows, outlet_axis.row_positions(rows), strict=True))
    max_n, x = float(np.nanmax(counts.to_numpy())), _month_positions(counts.columns)
    numbered = len(counts.columns) <= MAX_MONTHS_WITH_NUMBERS
    for group, source in rows:
        if source is None:
            continue
        y, n_articles = y_of[group, source], counts.loc[source].to_numpy(dtype=float)
        ax.barh(y, x[-1] - x[0] + 0.9, height=0.86, left=x[0] - 0.45, color=style.EMPTY_COLOR, lw=0)
        nonzero = np.isfinite(n_articles) & (n_articles > 0)
        texts = [locale.format_number(n) if numbered else "" for n in n_articles[nonzero]]
        # From 0.15 up, so that a single article is darker than an empty cell.
        levels = n_articles[nonzero] / max_n * 0.85 + 0.15
        layout.draw_cells(ax, x[nonzero], y, levels, texts, size=(0.9, 0.86), scale=0.75)
    ax.set(xlim=(x[0] - 0.7, x[-1] + 0.7), ylim=(max(y_of.values()) + 0.6, -0.6))
    ax.spines[:].set_visible(False)


def _month_positions(columns: pd.Index) -> np.ndarray:
    """Return the x of each month (its number), and of undated articles (inf) a little after the last month."""
    dated = columns[np.isfinite(columns)]
    return np.where(np.isfinite(columns), columns, (dated.max() if len(dated) else 0) + 2.5)
