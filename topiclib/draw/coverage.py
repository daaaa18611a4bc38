"""Number of articles by outlet and month, to check before any comparison over time."""

import numpy as np
from matplotlib.axes import Axes

from topiclib.draw import layout, outlet_axis, time_axis
from topiclib.draw.figure_data import FigureData, reads

MIN_CELL = 2.2  # points; with narrower cells, months become quarters and then years
LABEL_PART = 0.36  # largest part of the width that the names of outlets take


@reads(optional="passages", coverage="source period n", documents="source", passages="lang")
def coverage(run: FigureData, *, group: str = "lang", ax: Axes | None = None) -> Axes:
    """Draw a heatmap of the number of articles: one row per outlet, one column per month, undated articles in the last.

    A period that is not a month, such as "" or "2023", counts as undated. Where months do not fit into the width, a
    column is a quarter or a year; outlets that do not fit on the page are in one row, "others".

    Parameters
    ----------
    group
        Column of `documents` by which outlets are grouped.
    """
    (table, documents, passages), locale = run.tables, run.locale
    months = table.assign(month=time_axis.month_numbers(table["period"]))
    if months.empty:
        return run.empty(ax)
    groups = outlet_axis.most_common_groups(documents, "source", group)
    groups = {source: name for source, name in groups.items() if group != "lang" or name in run.languages(passages)}
    totals = months.groupby("source", as_index=False)["n"].sum()
    kept = outlet_axis.merge_others(totals, layout.page_lines() / 1.2 - 4, by="source")
    others = set(totals["source"]) - set(kept["source"])
    months["source"] = months["source"].where(~months["source"].isin(others), outlet_axis.OTHERS)
    rows = outlet_axis.order_rows(kept, groups, by="source")
    lines = layout.page_lines() / 1.2 / len(rows)
    labels, label_width, n_lines = outlet_axis.fit_row_labels(
        rows, locale, LABEL_PART, max_lines=lines, n_others=len(others)
    )
    width = layout.page_width() - label_width - layout.font_size(1.5)
    span = months["month"].max() - months["month"].min() + 1
    step = next((step for step in (1, 3, 12) if not span > step * width / MIN_CELL), 12)
    months["month"] = (months["month"] // step * step).fillna(np.inf)
    counts = months.groupby(["source", "month"])["n"].sum().unstack("month")
    # Every month from the first to the last has a column, and undated articles one a little after them.
    dated = counts.columns[np.isfinite(counts.columns)]
    columns = np.arange(dated.min(), dated.max() + 1, step) if len(dated) else np.array([])
    ticks, names = time_axis.month_ticks(dated.min(), dated.max(), locale) if len(dated) else ([], [])
    x = columns
    if len(dated) < len(counts.columns):
        x = np.append(columns, columns[-1] + 2.5 * step if len(columns) else 0.0)
        columns = np.append(columns, np.inf)
        ticks, names = [*ticks, x[-1]], [*names, locale.text("no_date")]
    ax = run.axes(ax)
    values = counts.reindex(index=[level or "" for _, level in rows], columns=columns).to_numpy(dtype=float)
    is_outlet = np.array([level is not None for _, level in rows])
    positions = outlet_axis.row_positions(rows)
    layout.draw_heatmap(ax, values[is_outlet], x, positions[is_outlet], label=locale.format_number, width=width)
    ax.set_ylim(positions[-1] + 0.6, -0.6)
    outlet_axis.label_rows(ax, rows, labels)
    ax.set_xticks(ticks, names)
    ax.tick_params(axis="x", length=0)
    largest, total = int(np.nanmax(counts.to_numpy())), int(table["n"].sum())
    note = locale.text({1: "articles_by_month", 3: "articles_by_quarter", 12: "articles_by_year"}[step], n=largest)
    alt = locale.text("alt_coverage", n=total, outlets=len(totals))
    return run.finish(
        ax, layout.lines_to_inches(1.15 * n_lines * len(rows) + 1), [note, run.rare_languages(passages)], alt=alt
    )
