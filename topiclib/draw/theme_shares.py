"""The share of each theme by outlet."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import labels as labelling
from topiclib.draw import layout as page
from topiclib.draw import outlet_axis as outlets
from topiclib.draw import style
from topiclib.draw.localization import Language, language

PANEL = 13  # the least width of a panel, in text sizes

ROOM = 3.0  # how far lines may reach, as a multiple of the largest share


@style.in_style()
def theme_shares(
    shares: pd.DataFrame,
    documents: pd.DataFrame | None = None,
    *,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    by: str = "source",
    group: str = "lang",
    lang: str | Language = "en",
    title: str | None = None,
    note: str = "",
) -> np.ndarray:
    """Draw a dot for the share of each theme in each outlet, with its interval where the table has one.

    Outlets stand in groups, by language unless told otherwise: language is a property of outlets, so the eye should
    see how far outlets of one language differ before it compares the languages.

    Parameters
    ----------
    shares
        Table `shares`: kind, key, by, level, n, share, low, high; the rows of kind "theme" with this `by` are drawn,
        and, as hollow diamonds, those whose `by` is `group` (alone where there is no outlet).
    documents
        Table `documents` with the columns `by` and `group`: says which group a level belongs to (its commonest).
        Without it there is one group.
    labels
        Names of the themes, {key: {"en": .., "fa": .., "ar": ..}}; their order is the order of the panels.

    Returns
    -------
    numpy.ndarray
        One Axes a theme, in the order of the themes.
    """
    schema.require(shares, ("kind", "key", "by", "level", "n", "share", "low", "high"), door="theme_shares")
    says, names = language(lang), labels or {}
    rows = shares[(shares["kind"] == "theme") & (shares["by"] == by)]
    whole = shares[(shares["kind"] == "theme") & (shares["by"] == group)]
    both = pd.concat([rows, whole])
    if both.empty:
        return page.empty_page(says, title=title, note=note)
    themes = page.theme_order(both["key"], names)
    if rows.empty:  # no outlet is known: the groups alone
        order = outlets.alone(whole["level"])
    else:
        order = outlets.order(rows, outlets.groups_of(documents, by, group), by="level")
    across = _across(len(themes))
    names_wide = max(labelling.extent(text)[0] for text in outlets.names(order, says))
    room = (page.width() * 72 - names_wide - page.points(3)) / across - page.points(1)
    heads = [style.isolate(labelling.wrap(says.name(names, theme), room * 0.93)) for theme in themes]  # in bold
    rows_high = len(order) + max(head.count("\n") for head in heads)
    height = -(-len(themes) // across) * page.lines(rows_high * 1.12 + 4) + page.lines(1.5)
    axes = page.panels(len(themes), across, height=height, gap=0.05, sharex=True)
    # An outlet of two articles has a line across everything: lines are cut before they make the dots unreadable.
    longest = float(np.nanmax([*both["high"], 0.01]))
    limit = max(float(both["share"].max()), min(longest, ROOM * float(both["share"].max())), 0.01) * 1.06
    for ax, theme, head in zip(axes, themes, heads, strict=True):
        _draw_theme(ax, rows[rows["key"] == theme], whole[whole["key"] == theme], order, limit)
        ax.set_title(head, size=page.points(), weight=600, pad=page.points(0.6))
        ax.set(xlim=(-limit * 0.04, limit))
        page.percent_ticks(ax, limit, says, count=2)
        ax.tick_params(labelbottom=True)
    for first in range(0, len(themes), across):
        outlets.name_rows(axes[first], order, says)
        _print_n(axes[first : first + across][-1], both, order, says)
    page.put_title(axes[0], title)
    known = both["low"].notna()
    facts = {"interval": known.any(), "cut": longest > limit, "no_interval": not known.all()}
    page.put_note(axes[0], says.say("share_of_text"), *(says.say(key) for key, true in facts.items() if true), note)
    return axes


def _across(themes: int) -> int:
    """Return how many panels stand side by side, in rows as even as can be."""
    most = max(2, round(page.ems() / PANEL))
    return -(-themes // -(-themes // most))


def _draw_theme(ax: Axes, rows: pd.DataFrame, whole: pd.DataFrame, order: list[outlets.Line], limit: float) -> None:
    """Draw the dots of one theme, and a hollow diamond on the line of each group; lines end at the limit."""
    facts, groups, heights = rows.set_index("level"), whole.set_index("level"), outlets.heights(order)
    for place, (group, level) in zip(heights, order, strict=True):
        colour = style.LANGUAGE_COLOURS.get(group, style.SOFT)
        table, name = (groups, group) if level is None else (facts, level)
        if name not in table.index:
            continue
        fact = table.loc[name]
        if np.isfinite(fact["low"]) and np.isfinite(fact["high"]):
            ends = [fact["low"], min(fact["high"], limit)]
            ax.plot(ends, [place, place], color=colour, alpha=0.45, solid_capstyle="butt")
            if fact["high"] > limit:
                ax.plot(limit, place, marker=">", ms=page.points(0.4), color=colour, alpha=0.45, mew=0, clip_on=False)
        mark: dict[str, Any] = {"marker": "o"} if level is not None else {"marker": "D", "mfc": "white", "mew": 1}
        ax.plot(fact["share"], place, color=colour, ls="none", ms=page.points(0.5), clip_on=False, **mark)
    ax.set(ylim=(heights[-1] + 0.6, -0.6), yticks=[])
    ax.hlines(heights, 0, 1, transform=ax.get_yaxis_transform(), color=style.RULE, lw=0.5, zorder=0)
    ax.axvline(0, color=style.FAINT, lw=0.6, zorder=0)
    ax.spines[["left", "bottom"]].set_visible(False)


def _print_n(ax: Axes, rows: pd.DataFrame, order: list[outlets.Line], says: Language) -> None:
    """Print the number of articles of each line at the right of a panel; two numbers where the themes differ in it."""
    counts = rows.groupby("level")["n"].agg(["min", "max"])
    texts = []
    for group, level in order:
        name = group if level is None else level
        low, high = counts.loc[name] if name in counts.index else (0, 0)
        texts.append(says.number(high) if low == high else f"{says.number(low)}–{says.number(high)}")
    column: dict[str, Any] = {"size": page.points(0.85), "color": style.SOFT, "va": "center", "ha": "right"}
    margin = (page.points(0.85) * 0.62 * max(map(len, texts)), 0)
    for height, text in zip([-1, *outlets.heights(order)], [says.say("n"), *texts], strict=True):
        page.put_text(ax, text, (1.04, height), margin, of=ax.get_yaxis_transform(), **column)
