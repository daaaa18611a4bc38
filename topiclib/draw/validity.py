"""Three quality checks of a run: recovery of planted differences, language mixing, sensitivity to settings."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib.draw import layout, style
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.labels import shorten, text_extent
from topiclib.draw.localization import Locale

NAME_PART = {True: 0.16, False: 0.4}  # largest part of a wide or narrow figure that names of topics and themes take


@reads(
    recovery="planted recovered recovered_within",
    mixing="measure stage value chance",
    sensitivity="kind key n_settings n_missing median min max sign_agreement limit",
    topics="topic",
)
def validity(run: FigureData, *, themes: str | Iterable[str] | None = None, top: int = 20) -> np.ndarray:
    """Draw the three quality checks of a run, one panel for each table (a single one if all tables are empty).

    The tables are `recovery` (recovered: between the languages, recovered_within: in one language), `mixing`
    (same_language: share of a passage's neighbors in its own language; one_language: share of the passages in
    monolingual topics) and `sensitivity` (rows without a median are not drawn; gray: the detection limit of a topic).

    Parameters
    ----------
    themes
        Themes whose differences are drawn. Default: those of all themes and topics.
    top
        Largest number of differences, those with the largest absolute median first.
    """
    (recovery, mixing, sensitivity, topics), locale = run.tables, run.locale
    if recovery.empty and mixing.empty and sensitivity.empty:
        return np.array([run.empty()])
    differences = sensitivity[sensitivity["median"].notna()]
    if themes is not None:
        differences, _ = run.select_themes(differences[differences["kind"] == "theme"], themes)
    largest = differences.sort_values("median", key=lambda values: -values.abs(), kind="stable").head(top)
    names = [_difference_label(row, run, topics) for _, row in largest.iterrows()]
    lines = max(12, len(largest)) * 1.15
    if layout.is_wide():
        axes, height = run.panels(3, 3, gap=0.06, width_ratios=[1.2, 0.9, 1]), lines
    else:  # the panels are stacked
        heights = [16, 10, lines]
        axes, height = run.panels(3, 1, gap=0.06, height_ratios=heights), sum(heights)
    largest = largest.assign(name=layout.fit_labels(names, NAME_PART[layout.is_wide()], max_lines=1)[0])
    panels = ((_draw_recovery, recovery), (_draw_mixing, mixing), (_draw_sensitivity, largest))
    for ax, (draw, table) in zip(axes, panels, strict=True):
        if table.empty:
            layout.mark_empty(ax, locale)
        else:
            draw(ax, table, locale)
    n_shown = locale.shown_of_total("differences_shown", len(largest), len(differences))
    band = locale.text("limit_of_difference") if largest["limit"].notna().any() else ""
    few = largest["n_settings"] < largest["n_missing"]
    hollow = locale.text("hollow_differences") if few.any() else ""
    alt = locale.text("alt_validity", n=len(largest))
    return run.finish(axes, layout.lines_to_inches(height), [n_shown, band, hollow], alt=alt)


def _difference_label(row: pd.Series, run: FigureData, topics: pd.DataFrame) -> str:
    if row["kind"] != "topic":
        return run.theme_label(row["key"])
    rows = topics[topics["topic"] == int(row["key"])].to_dict("records")
    return shorten(run.locale.topic_label(rows[0] if rows else {"topic": row["key"]}), 40)


def _draw_recovery(ax: Axes, recovery: pd.DataFrame, locale: Locale) -> None:
    """Plot the recovered against the planted difference: filled between the languages, hollow within one."""
    values = recovery[["planted", "recovered", "recovered_within"]].to_numpy()
    reach = float(np.nanmax(np.abs(values))) * 1.12 or 1.0
    low = min(0.0, float(np.nanmin(values))) * 1.12 - 0.04
    ax.plot([low, reach], [low, reach], color=style.FAINT_COLOR, lw=0.8, zorder=0)
    marks: dict[str, Any] = {"ls": "none", "marker": "o", "ms": layout.font_size(0.5)}
    color = style.SEQUENTIAL_COLORS[-2]
    shift = 0.012 * reach  # so that the two kinds of dots do not cover each other
    hollow: dict[str, Any] = {"mfc": "white", "color": style.MUTED_COLOR}
    ax.plot(recovery["planted"] - shift, recovery["recovered_within"], label=locale.text("control"), **hollow, **marks)
    ax.plot(recovery["planted"] + shift, recovery["recovered"], label=locale.text("both"), color=color, **marks)
    ax.set(xlim=(low, reach), ylim=(low, reach))
    for axis in ("x", "y"):
        layout.set_percent_ticks(ax, reach, locale, low=low, axis=axis)
    ax.set(xlabel=locale.text("planted"), ylabel=locale.text("recovered"), aspect="equal")
    look: dict[str, Any] = {"handlelength": 0.8, "handletextpad": 0.4, "borderpad": 0.2, "borderaxespad": 0}
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), labelcolor=[style.MUTED_COLOR, color], labelspacing=0.3, **look)
    ax.set_anchor("N")


def _draw_mixing(ax: Axes, mixing: pd.DataFrame, locale: Locale) -> None:
    """Draw each measure before and after alignment, with its value expected by chance."""
    stages = ("before", "after")
    labels = []
    for i, (measure, rows) in enumerate(mixing.groupby("measure", sort=True)):
        by_stage = rows.set_index("stage").reindex(stages)
        color = (style.SEQUENTIAL_COLORS[-2], style.SIDE_COLORS[0], style.MUTED_COLOR)[i % 3]
        ax.plot([0, 1], by_stage["value"], color=color, marker="o", ms=layout.font_size(0.5))
        ax.plot([0, 1], by_stage["chance"], color=color, lw=0.8, ls=(0, (2, 2)))
        labels.append((float(by_stage["value"].max()), locale.text_or_key(str(measure)), color))
        chance = float(by_stage["chance"].iloc[-1])
        if np.isfinite(chance):
            look: dict[str, Any] = {"va": "center", "size": layout.font_size(0.8), "color": color}
            layout.annotate(ax, locale.text("chance"), (1, chance), (layout.font_size(0.6), 0), **look)
    # Above the panel, in the order of the lines, since beside the lines there is no space.
    for i, (_, label, color) in enumerate(sorted(labels, reverse=True)):
        offset = (0, layout.font_size(0.4 + 1.35 * (len(labels) - 1 - i)))
        layout.annotate(ax, label, (0, 1), offset, coords="axes fraction", color=color, va="bottom")
    ax.set(xlim=(-0.12, 1.12), ylim=(-0.03, 1.05))
    ax.set_xticks([0, 1], [locale.text(stage) for stage in stages])
    layout.set_percent_ticks(ax, 1.0, locale, count=4, axis="y")


def _draw_sensitivity(ax: Axes, differences: pd.DataFrame, locale: Locale) -> None:
    """Draw the median and the range of each difference over the settings under which it was found.

    Right of the panel: the share of these settings with the sign of the median, and the share of all settings in which
    the topic is found (hollow dot: in less than half).
    """
    y, color = np.arange(len(differences)), style.SEQUENTIAL_COLORS[-2]
    ax.axvline(0, color=style.FAINT_COLOR, lw=0.8)
    limit = differences["limit"].to_numpy(dtype=float)
    ax.barh(y, 2 * limit, left=-limit, height=0.86, color=style.FAINT_COLOR, alpha=0.5, lw=0)
    ax.hlines(y, differences["min"], differences["max"], color=color, alpha=0.45, lw=layout.font_size(0.25))
    found = differences["n_settings"] / (differences["n_settings"] + differences["n_missing"])
    for mask, face_color in ((found >= 0.5, color), (found < 0.5, "white")):
        look: dict[str, Any] = {"ls": "none", "marker": "o", "ms": layout.font_size(0.5), "mfc": face_color}
        ax.plot(differences["median"][mask], y[mask], color=color, **look)
    columns = {"same_sign": differences["sign_agreement"]} | ({"found": found} if (found < 1).any() else {})
    look = layout.muted(ha="right")
    right = 0.0
    for key, shares in columns.items():
        header = locale.text(key)
        right += text_extent(header, scale=0.8)[0] + layout.font_size(0.9)
        layout.annotate(ax, header, (1, 1), (right, layout.font_size(0.2)), coords="axes fraction", va="bottom", **look)
        for row, text in zip(y, map(locale.format_percent, shares), strict=True):
            coords = ax.get_yaxis_transform()
            layout.annotate(ax, text, (1, float(row)), (right, 0), coords=coords, va="center", **look)
    ax.set_yticks(y, differences["name"], va="center")
    ax.set(ylim=(len(differences) - 0.4, -0.6), xlabel=locale.text("settings"))
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    low, high = np.nanmin([*differences["min"], *-limit, 0.0]), np.nanmax([*differences["max"], *limit, 0.0])
    layout.set_percent_ticks(ax, float(high), locale, low=float(low))
