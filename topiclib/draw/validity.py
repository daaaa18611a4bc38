"""Is the measurement sound: a planted difference found again, the languages mixed, the contrasts stable."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import layout as page
from topiclib.draw import style
from topiclib.draw.labels import extent
from topiclib.draw.localization import Language, language

NARROW = 45  # text sizes; below this the panels stand one above the other


@style.in_style()
def validity(
    recovery: pd.DataFrame,
    mixing: pd.DataFrame,
    sensitivity: pd.DataFrame,
    *,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    lang: str | Language = "en",
    title: str | None = None,
    note: str = "",
    top: int = 20,
) -> np.ndarray:
    """Draw what speaks for the measurement: differences recovered, languages mixed, contrasts stable.

    Parameters
    ----------
    recovery
        As `measure.share_recovery` returns it: planted, gap (between two languages), control (within one).
    mixing
        One row a measure and stage: measure ("same_language": part of a passage's neighbours that have its language;
        "one_language": part of the passages in one-language topics), stage ("before", "after"), value, chance.
    sensitivity
        As `measure.sensitivity` returns it: contrast, settings, missing, median, low, high, sign_agreement; with kind
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
    schema.require(recovery, ("planted", "gap", "control"), door="validity")
    schema.require(mixing, ("measure", "stage", "value", "chance"), door="validity")
    needed = ("contrast", "settings", "missing", "median", "low", "high", "sign_agreement")
    schema.require(sensitivity, needed, door="validity")
    says = language(lang)
    if recovery.empty and mixing.empty and sensitivity.empty:
        return page.empty_page(says, title=title, note=note)
    across = page.ems() > NARROW
    there = sensitivity[sensitivity["median"].notna()]
    largest = there.sort_values("median", key=lambda values: -values.abs(), kind="stable").head(top)
    largest = largest.assign(name=[_name(row, labels or {}, says) for _, row in largest.iterrows()])
    height = max(12, len(largest)) * 1.05
    figure = page.new_page(page.lines(height + 7 if across else height + 42), gap=0.06)
    axes = figure.subplots(1, 3, width_ratios=[1.2, 0.9, 1]) if across else figure.subplots(3, 1)
    panels = ((_draw_recovery, recovery), (_draw_mixing, mixing), (_draw_sensitivity, largest))
    for ax, (draw, table) in zip(axes, panels, strict=True):
        if table.empty:
            page.nothing(ax, says)
        else:
            draw(ax, table, says)
    page.put_title_over_all(axes[0], title)
    page.put_note(axes[0], says.part("some_contrasts", len(largest), len(there)), note)
    return axes


def _name(row: pd.Series, labels: Mapping[str, Mapping[str, str]], says: Language) -> str:
    kind = row.get("kind")
    if kind == "topic":
        return says.say("topic", topic=int(row["key"]))
    return says.name(labels, row["key"]) if kind == "theme" else style.isolate(str(row["contrast"]))


def _draw_recovery(ax: Axes, recovery: pd.DataFrame, says: Language) -> None:
    """Draw each draw's recovered difference over the planted one: between languages filled, within one hollow."""
    values = recovery[["planted", "gap", "control"]].to_numpy()
    reach = float(np.nanmax(np.abs(values))) * 1.12 or 1.0
    low = min(0.0, float(np.nanmin(values))) * 1.12 - 0.04
    ax.plot([low, reach], [low, reach], color=style.FAINT, lw=0.8, zorder=0)
    marks: dict[str, Any] = {"ls": "none", "marker": "o", "ms": page.points(0.5)}
    apart = 0.012 * reach
    hollow: dict[str, Any] = {"mfc": "white", "color": style.SOFT}
    ax.plot(recovery["planted"] - apart, recovery["control"], label=says.say("control"), **hollow, **marks)
    ax.plot(recovery["planted"] + apart, recovery["gap"], label=says.say("both"), color=style.SEQUENCE[-2], **marks)
    ax.set(xlim=(low, reach), ylim=(low, reach))
    for axis in ("x", "y"):
        page.percent_ticks(ax, reach, says, low=low, axis=axis)
    ax.set(xlabel=says.say("planted"), ylabel=says.say("recovered"), aspect="equal")
    colours = [style.SOFT, style.SEQUENCE[-2]]
    look: dict[str, Any] = {"handlelength": 0.8, "handletextpad": 0.4, "borderpad": 0.2, "borderaxespad": 0}
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), labelcolor=colours, labelspacing=0.3, **look)
    ax.set_anchor("N")


def _draw_mixing(ax: Axes, mixing: pd.DataFrame, says: Language) -> None:
    """Draw each measure from before to after alignment, with the level that chance would give."""
    stages = ("before", "after")
    ends = []
    for place, (measure, rows) in enumerate(mixing.groupby("measure", sort=True)):
        by_stage = rows.set_index("stage").reindex(stages)
        colour = (style.SEQUENCE[-2], style.SIDES[0], style.SOFT)[place % 3]
        ax.plot([0, 1], by_stage["value"], color=colour, marker="o", ms=page.points(0.5))
        ax.plot([0, 1], by_stage["chance"], color=colour, lw=0.8, ls=(0, (2, 2)))
        ends.append((float(by_stage["value"].max()), says.known(str(measure)), colour))
        chance = float(by_stage["chance"].iloc[-1])
        if np.isfinite(chance):
            look: dict[str, Any] = {"va": "center", "size": page.points(0.8), "color": colour}
            page.put_text(ax, says.say("chance"), (1, chance), (page.points(0.6), 0), **look)
    for row, (_, name, colour) in enumerate(sorted(ends, reverse=True)):
        lift = (0, page.points(0.4 + 1.35 * (len(ends) - 1 - row)))
        page.put_text(ax, name, (0, 1), lift, of="axes fraction", color=colour, va="bottom")
    ax.set(xlim=(-0.12, 1.12), ylim=(-0.03, 1.05))
    ax.set_xticks([0, 1], [says.say(stage) for stage in stages])
    page.percent_ticks(ax, 1.0, says, count=4, axis="y")


def _draw_sensitivity(ax: Axes, contrasts: pd.DataFrame, says: Language) -> None:
    """Draw each contrast's median over all settings, and its whole range.

    At the right: in how many of the settings its topic is found (hollow: in fewer than half), and how many of those
    agree on the sign.
    """
    rows = np.arange(len(contrasts))
    ax.axvline(0, color=style.FAINT, lw=0.8)
    ax.hlines(rows, contrasts["low"], contrasts["high"], color=style.SEQUENCE[-2], alpha=0.45, lw=page.points(0.25))
    found = contrasts["settings"] / (contrasts["settings"] + contrasts["missing"])
    for some, inside in ((found >= 0.5, style.SEQUENCE[-2]), (found < 0.5, "white")):
        look: dict[str, Any] = {"marker": "o", "ms": page.points(0.5), "color": style.SEQUENCE[-2], "mfc": inside}
        ax.plot(contrasts["median"][some], rows[some], ls="none", **look)
    columns = {"same_sign": contrasts["sign_agreement"]} | ({"found": found} if (found < 1).any() else {})
    look = {"size": page.points(0.8), "color": style.SOFT, "ha": "right"}
    right = 0.0
    for name, parts in columns.items():
        head = says.say(name)
        right += extent(head, scale=0.8)[0] + page.points(0.9)
        page.put_text(ax, head, (1, 1), (right, page.points(0.2)), of="axes fraction", va="bottom", **look)
        for row, part in zip(rows, parts, strict=True):
            beside = ax.get_yaxis_transform()
            page.put_text(ax, says.percent(part), (1, float(row)), (right, 0), of=beside, va="center", **look)
    ax.set_yticks(rows, contrasts["name"], va="center")
    ax.set(ylim=(len(contrasts) - 0.4, -0.6), xlabel=says.say("settings"))
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    low, high = np.nanmin([*contrasts["low"], 0.0]), np.nanmax([*contrasts["high"], 0.0])
    page.percent_ticks(ax, float(high), says, low=float(low))
