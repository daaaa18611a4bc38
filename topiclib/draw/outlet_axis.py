"""Outlets as rows of a figure: grouped, for example by language, the largest first, each group under its name."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import layout, style
from topiclib.draw.localization import Locale

Row = tuple[str, str | None]  # group and outlet; None for the row of the group itself


def most_common_groups(documents: pd.DataFrame, by: str, group: str) -> Mapping[str, str]:
    """Return the most common group of each level of the column `by`; of tied groups the first in order.

    Articles without a level ("") are ignored, since they can belong to several groups.
    """
    schema.require_columns(documents, (by, group), caller="table documents")
    counts = documents[documents[by] != ""].groupby([by, group]).size().reset_index(name="n")
    counts = counts.sort_values([by, "n", group], ascending=[True, False, True]).drop_duplicates(by)
    return dict(zip(counts[by], counts[group], strict=True))


def order_rows(table: pd.DataFrame, groups: Mapping[str, str], *, by: str) -> list[Row]:
    """Return the rows from top to bottom: each group, then its levels by the largest `n`; levels without group last."""
    sizes = table.groupby(by)["n"].max()
    levels = sorted(sizes.index, key=lambda level: (-sizes[level], level))
    rows: list[Row] = []
    for name, _ in group_rows({groups.get(level, "") for level in levels} - {""}):
        rows.append((name, None))
        rows += [(name, level) for level in levels if groups.get(level) == name]
    return rows + [("", level) for level in levels if not groups.get(level)]


def group_rows(groups: Iterable[str]) -> list[Row]:
    """Return the rows of the groups themselves, languages first."""
    return [(group, None) for group in layout.order_known_first(groups, schema.LANGUAGES)]


def row_positions(rows: list[Row]) -> np.ndarray:
    """Return the y of each row, with half a row of space above each group but the first."""
    starts_group = [level is None and i > 0 for i, (_, level) in enumerate(rows)]
    return np.arange(len(rows)) + 0.5 * np.cumsum(starts_group)


def row_labels(rows: list[Row], locale: Locale) -> list[str]:
    """Return the label of each row."""
    unknown = locale.text("unknown")
    return [locale.text_or_key(group) if level is None else style.isolate(level) or unknown for group, level in rows]


def label_rows(ax: Axes, rows: list[Row], locale: Locale) -> None:
    """Label the y axis with the outlets, and in bold the groups above them."""
    ax.set_yticks(row_positions(rows), row_labels(rows, locale), va="center")
    for label, (group, level) in zip(ax.get_yticklabels(), rows, strict=True):
        if level is None:
            label.set(color=style.LANGUAGE_COLORS.get(group, style.TEXT_COLOR), weight=600)
