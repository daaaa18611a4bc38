"""The share of each theme by outlet."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import labels as labeling
from topiclib.draw import layout as page
from topiclib.draw import outlet_axis as outlets
from topiclib.draw import style
from topiclib.draw.localization import Locale, as_locale

MIN_PANEL_WIDTH = 13  # the least width of a panel, in text sizes

MAX_INTERVAL_REACH = 3.0  # how far lines may reach, as a multiple of the largest share


@style.ensure_style()
def theme_shares(
    shares: pd.DataFrame,
    documents: pd.DataFrame | None = None,
    *,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    by: str = "source",
    group: str = "lang",
    lang: str | Locale = "en",
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
    schema.require_columns(shares, ("kind", "key", "by", "level", "n", "share", "low", "high"), caller="theme_shares")
    says, names = as_locale(lang), labels or {}
    rows = shares[(shares["kind"] == "theme") & (shares["by"] == by)]
    whole = shares[(shares["kind"] == "theme") & (shares["by"] == group)]
    both = pd.concat([rows, whole])
    if both.empty:
        return page.empty_figure(says, title=title, note=note)
    themes = page.order_themes(both["key"], names)
    if rows.empty:  # no outlet is known: the groups alone
        order = outlets.group_rows(whole["level"])
    else:
        order = outlets.order_rows(rows, outlets.most_common_groups(documents, by, group), by="level")
    across = _n_panel_columns(len(themes))
    names_wide = max(labeling.text_extent(text)[0] for text in outlets.row_labels(order, says))
    room = (page.figure_width() * 72 - names_wide - page.font_size(3)) / across - page.font_size(1)
    heads = [style.isolate(labeling.wrap_text(says.name(names, theme), room * 0.93)) for theme in themes]  # in bold
    rows_high = len(order) + max(head.count("\n") for head in heads)
    height = -(-len(themes) // across) * page.lines_to_inches(rows_high * 1.12 + 4) + page.lines_to_inches(1.5)
    axes = page.panels(len(themes), across, height=height, gap=0.05, sharex=True)
    # An outlet of two articles has a line across everything: lines are cut before they make the dots unreadable.
    longest = float(np.nanmax([*both["high"], 0.01]))
    limit = max(float(both["share"].max()), min(longest, MAX_INTERVAL_REACH * float(both["share"].max())), 0.01) * 1.06
    for ax, theme, head in zip(axes, themes, heads, strict=True):
        _draw_theme(ax, rows[rows["key"] == theme], whole[whole["key"] == theme], order, limit)
        ax.set_title(head, size=page.font_size(), weight=600, pad=page.font_size(0.6))
        ax.set(xlim=(-limit * 0.04, limit))
        page.set_percent_ticks(ax, limit, says, count=2)
        ax.tick_params(labelbottom=True)
    for first in range(0, len(themes), across):
        outlets.label_rows(axes[first], order, says)
        _label_n_articles(axes[first : first + across][-1], both, order, says)
    page.put_title(axes[0], title)
    known = both["low"].notna()
    facts = {"interval": known.any(), "cut": longest > limit, "no_interval": not known.all()}
    page.put_note(axes[0], says.say("share_of_text"), *(says.say(key) for key, true in facts.items() if true), note)
    return axes


def _n_panel_columns(themes: int) -> int:
    """Return how many panels stand side by side, in rows as even as can be."""
    most = max(2, round(page.figure_width_in_ems() / MIN_PANEL_WIDTH))
    return -(-themes // -(-themes // most))


def _draw_theme(ax: Axes, rows: pd.DataFrame, whole: pd.DataFrame, order: list[outlets.Row], limit: float) -> None:
    """Draw the dots of one theme, and a hollow diamond on the line of each group; lines end at the limit."""
    facts, groups, heights = rows.set_index("level"), whole.set_index("level"), outlets.row_positions(order)
    for place, (group, level) in zip(heights, order, strict=True):
        color = style.LANGUAGE_COLORS.get(group, style.MUTED_COLOR)
        table, name = (groups, group) if level is None else (facts, level)
        if name not in table.index:
            continue
        fact = table.loc[name]
        if np.isfinite(fact["low"]) and np.isfinite(fact["high"]):
            ends = [fact["low"], min(fact["high"], limit)]
            ax.plot(ends, [place, place], color=color, alpha=0.45, solid_capstyle="butt")
            if fact["high"] > limit:
                ax.plot(limit, place, marker=">", ms=page.font_size(0.4), color=color, alpha=0.45, mew=0, clip_on=False)
        mark: dict[str, Any] = {"marker": "o"} if level is not None else {"marker": "D", "mfc": "white", "mew": 1}
        ax.plot(fact["share"], place, color=color, ls="none", ms=page.font_size(0.5), clip_on=False, **mark)
    ax.set(ylim=(heights[-1] + 0.6, -0.6), yticks=[])
    ax.hlines(heights, 0, 1, transform=ax.get_yaxis_transform(), color=style.GRID_COLOR, lw=0.5, zorder=0)
    ax.axvline(0, color=style.FAINT_COLOR, lw=0.6, zorder=0)
    ax.spines[["left", "bottom"]].set_visible(False)


def _label_n_articles(ax: Axes, rows: pd.DataFrame, order: list[outlets.Row], says: Locale) -> None:
    """Print the number of articles of each line at the right of a panel; two numbers where the themes differ in it."""
    counts = rows.groupby("level")["n"].agg(["min", "max"])
    texts = []
    for group, level in order:
        name = group if level is None else level
        low, high = counts.loc[name] if name in counts.index else (0, 0)
        texts.append(says.number(high) if low == high else f"{says.number(low)}–{says.number(high)}")
    column: dict[str, Any] = {"size": page.font_size(0.85), "color": style.MUTED_COLOR, "va": "center", "ha": "right"}
    margin = (page.font_size(0.85) * 0.62 * max(map(len, texts)), 0)
    for height, text in zip([-1, *outlets.row_positions(order)], [says.say("n"), *texts], strict=True):
        page.annotate(ax, text, (1.04, height), margin, coords=ax.get_yaxis_transform(), **column)
