"""Is the measurement sound: a planted difference found again, the languages mixed, the contrasts stable."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import layout as page
from topiclib.draw import style
from topiclib.draw.labels import text_extent
from topiclib.draw.localization import Locale, as_locale

MIN_WIDE_EMS = 45  # text sizes; below this the panels stand one above the other


@style.ensure_style()
def validity(
    recovery: pd.DataFrame,
    mixing: pd.DataFrame,
    sensitivity: pd.DataFrame,
    *,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    lang: str | Locale = "en",
    title: str | None = None,
    note: str = "",
    top: int = 20,
) -> np.ndarray:
    """Draw what speaks for the measurement: differences recovered, languages mixed, contrasts stable.

    Parameters
    ----------
    recovery
        As `measure.share_recovery` returns it: planted, recovered (between two languages), recovered_within (one).
    mixing
        One row a measure and stage: measure ("same_language": part of a passage's neighbors that have its language;
        "one_language": part of the passages in one-language topics), stage ("before", "after"), value, chance.
    sensitivity
        As `measure.sensitivity` returns it: contrast, n_settings, n_missing, median, min, max, sign_agreement; with kind
        and key, as in a run, topics and themes are named in the figure's language. Those that no setting has are not
        drawn.
    labels
        Names of the themes by key and language, such as `manifest["themes"]`.
    top
        At most so many contrasts, those with the largest median difference first.

    Returns
    -------
    numpy.ndarray
        Three Axes; one where all three tables are empty.
    """
    schema.require_columns(recovery, ("planted", "recovered", "recovered_within"), caller="validity")
    schema.require_columns(mixing, ("measure", "stage", "value", "chance"), caller="validity")
    needed = ("contrast", "n_settings", "n_missing", "median", "min", "max", "sign_agreement")
    schema.require_columns(sensitivity, needed, caller="validity")
    says = as_locale(lang)
    if recovery.empty and mixing.empty and sensitivity.empty:
        return page.empty_figure(says, title=title, note=note)
    across = page.figure_width_in_ems() > MIN_WIDE_EMS
    there = sensitivity[sensitivity["median"].notna()]
    largest = there.sort_values("median", key=lambda values: -values.abs(), kind="stable").head(top)
    largest = largest.assign(name=[_difference_label(row, labels or {}, says) for _, row in largest.iterrows()])
    height = max(12, len(largest)) * 1.05
    figure = page.new_figure(page.lines_to_inches(height + 7 if across else height + 42), gap=0.06)
    axes = figure.subplots(1, 3, width_ratios=[1.2, 0.9, 1]) if across else figure.subplots(3, 1)
    panels = ((_draw_recovery, recovery), (_draw_mixing, mixing), (_draw_sensitivity, largest))
    for ax, (draw, table) in zip(axes, panels, strict=True):
        if table.empty:
            page.mark_empty(ax, says)
        else:
            draw(ax, table, says)
    page.put_suptitle(axes[0], title)
    page.put_note(axes[0], says.part("some_contrasts", len(largest), len(there)), note)
    return axes


def _difference_label(row: pd.Series, labels: Mapping[str, Mapping[str, str]], says: Locale) -> str:
    kind = row.get("kind")
    if kind == "topic":
        return says.say("topic", topic=int(row["key"]))
    return says.name(labels, row["key"]) if kind == "theme" else style.isolate(str(row["contrast"]))


def _draw_recovery(ax: Axes, recovery: pd.DataFrame, says: Locale) -> None:
    """Draw each draw's recovered difference over the planted one: between languages filled, within one hollow."""
    values = recovery[["planted", "recovered", "recovered_within"]].to_numpy()
    reach = float(np.nanmax(np.abs(values))) * 1.12 or 1.0
    low = min(0.0, float(np.nanmin(values))) * 1.12 - 0.04
    ax.plot([low, reach], [low, reach], color=style.FAINT_COLOR, lw=0.8, zorder=0)
    marks: dict[str, Any] = {"ls": "none", "marker": "o", "ms": page.font_size(0.5)}
    apart = 0.012 * reach
    hollow: dict[str, Any] = {"mfc": "white", "color": style.MUTED_COLOR}
    ax.plot(recovery["planted"] - apart, recovery["recovered_within"], label=says.say("control"), **hollow, **marks)
    ax.plot(
        recovery["planted"] + apart,
        recovery["recovered"],
        label=says.say("both"),
        color=style.SEQUENTIAL_COLORS[-2],
        **marks,
    )
    ax.set(xlim=(low, reach), ylim=(low, reach))
    for axis in ("x", "y"):
        page.set_percent_ticks(ax, reach, says, low=low, axis=axis)
    ax.set(xlabel=says.say("planted"), ylabel=says.say("recovered"), aspect="equal")
    colors = [style.MUTED_COLOR, style.SEQUENTIAL_COLORS[-2]]
    look: dict[str, Any] = {"handlelength": 0.8, "handletextpad": 0.4, "borderpad": 0.2, "borderaxespad": 0}
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), labelcolor=colors, labelspacing=0.3, **look)
    ax.set_anchor("N")


def _draw_mixing(ax: Axes, mixing: pd.DataFrame, says: Locale) -> None:
    """Draw each measure from before to after alignment, with the level that chance would give."""
    stages = ("before", "after")
    ends = []
    for place, (measure, rows) in enumerate(mixing.groupby("measure", sort=True)):
        by_stage = rows.set_index("stage").reindex(stages)
        color = (style.SEQUENTIAL_COLORS[-2], style.SIDE_COLORS[0], style.MUTED_COLOR)[place % 3]
        ax.plot([0, 1], by_stage["value"], color=color, marker="o", ms=page.font_size(0.5))
        ax.plot([0, 1], by_stage["chance"], color=color, lw=0.8, ls=(0, (2, 2)))
        ends.append((float(by_stage["value"].max()), says.known(str(measure)), color))
        chance = float(by_stage["chance"].iloc[-1])
        if np.isfinite(chance):
            look: dict[str, Any] = {"va": "center", "size": page.font_size(0.8), "color": color}
            page.annotate(ax, says.say("chance"), (1, chance), (page.font_size(0.6), 0), **look)
    for row, (_, name, color) in enumerate(sorted(ends, reverse=True)):
        lift = (0, page.font_size(0.4 + 1.35 * (len(ends) - 1 - row)))
        page.annotate(ax, name, (0, 1), lift, coords="axes fraction", color=color, va="bottom")
    ax.set(xlim=(-0.12, 1.12), ylim=(-0.03, 1.05))
    ax.set_xticks([0, 1], [says.say(stage) for stage in stages])
    page.set_percent_ticks(ax, 1.0, says, count=4, axis="y")


def _draw_sensitivity(ax: Axes, differences: pd.DataFrame, says: Locale) -> None:
    """Draw each contrast's median over all settings, and its whole range.

    At the right: in how many of the settings its topic is found (hollow: in fewer than half), and how many of those
    agree on the sign.
    """
    rows = np.arange(len(differences))
    ax.axvline(0, color=style.FAINT_COLOR, lw=0.8)
    ax.hlines(
        rows,
        differences["min"],
        differences["max"],
        color=style.SEQUENTIAL_COLORS[-2],
        alpha=0.45,
        lw=page.font_size(0.25),
    )
    found = differences["n_settings"] / (differences["n_settings"] + differences["n_missing"])
    for some, inside in ((found >= 0.5, style.SEQUENTIAL_COLORS[-2]), (found < 0.5, "white")):
        look: dict[str, Any] = {
            "marker": "o",
            "ms": page.font_size(0.5),
            "color": style.SEQUENTIAL_COLORS[-2],
            "mfc": inside,
        }
        ax.plot(differences["median"][some], rows[some], ls="none", **look)
    columns = {"same_sign": differences["sign_agreement"]} | ({"found": found} if (found < 1).any() else {})
    look = {"size": page.font_size(0.8), "color": style.MUTED_COLOR, "ha": "right"}
    right = 0.0
    for name, parts in columns.items():
        head = says.say(name)
        right += text_extent(head, scale=0.8)[0] + page.font_size(0.9)
        page.annotate(ax, head, (1, 1), (right, page.font_size(0.2)), coords="axes fraction", va="bottom", **look)
        for row, part in zip(rows, parts, strict=True):
            beside = ax.get_yaxis_transform()
            page.annotate(ax, says.percent(part), (1, float(row)), (right, 0), coords=beside, va="center", **look)
    ax.set_yticks(rows, differences["name"], va="center")
    ax.set(ylim=(len(differences) - 0.4, -0.6), xlabel=says.say("settings"))
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    low, high = np.nanmin([*differences["min"], 0.0]), np.nanmax([*differences["max"], 0.0])
    page.set_percent_ticks(ax, float(high), says, low=float(low))
