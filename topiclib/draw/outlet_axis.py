"""Outlets as lines of a figure: grouped (by language, say), the largest first, each group under its own name."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import style
from topiclib.draw.localization import Locale

Row = tuple[str, str | None]  # group, outlet; no outlet: the group's own line


def most_common_groups(documents: pd.DataFrame | None, by: str, group: str) -> Mapping[str, str]:
    """Return the commonest group of each level; of equally common ones the first in the alphabet.

    Articles whose level is not known ("") are in none: they may be of any.
    """
    if documents is None or not {by, group} <= set(documents.columns):
        return {}
    counts = documents[documents[by] != ""].groupby([by, group]).size().reset_index(name="n")
    counts = counts.sort_values([by, "n", group], ascending=[True, False, True]).drop_duplicates(by)
    return dict(zip(counts[by], counts[group], strict=True))


def order_rows(rows: pd.DataFrame, groups: Mapping[str, str], *, by: str) -> list[Row]:
    """Return (group, level) from top to bottom, level None for a group's own line; large outlets first in each."""
    sizes = rows.groupby(by)["n"].max()
    levels = sorted(sizes.index, key=lambda level: (-sizes[level], level))
    found = {groups.get(level, "") for level in levels}
    ranked = [code for code in (*schema.LANGUAGES, *sorted(found - {*schema.LANGUAGES, ""}), "") if code in found]
    lines: list[Row] = []
    for name in ranked:
        if name:
            lines.append((name, None))
        lines += [(name, level) for level in levels if groups.get(level, "") == name]
    return lines


def group_rows(groups: Iterable[str]) -> list[Row]:
    """Return the lines of groups without outlets."""
    found = set(groups)
    return [(code, None) for code in (*schema.LANGUAGES, *sorted(found - {*schema.LANGUAGES})) if code in found]


def row_positions(lines: list[Row]) -> np.ndarray:
    """Return the y of each line, with half a line of air above each group but the first."""
    opens_group = [level is None and place > 0 for place, (_, level) in enumerate(lines)]
    return np.arange(len(lines)) + 0.5 * np.cumsum(opens_group)


def row_labels(lines: list[Row], says: Locale) -> list[str]:
    """Return what each line is called."""
    return [
        says.known(group) if level is None else style.isolate(level) or says.say("unknown") for group, level in lines
    ]


def label_rows(ax: Axes, lines: list[Row], says: Locale) -> None:
    """Write the outlets left of a panel, the groups in bold above their outlets."""
    ax.set_yticks(row_positions(lines), row_labels(lines, says), va="center")
    for label, (group, level) in zip(ax.get_yticklabels(), lines, strict=True):
        if level is None:
            label.set(color=style.LANGUAGE_COLORS.get(group, style.TEXT_COLOR), weight=600)
