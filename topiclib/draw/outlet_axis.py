"""Outlets as rows of a figure: grouped, for example by language, the largest first, each group under its name."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import layout, style
from topiclib.draw.localization import Locale

Row = tuple[str, str | None]  # group and outlet; None for the row of the group itself

OTHERS = "\0others"  # the level of all outlets beyond those that a figure holds


def most_common_groups(documents: pd.DataFrame, by: str, group: str) -> Mapping[str, str]:
    """Return the most common group of each level of the column `by`; of tied groups the first in order.

    Articles without a level ("") are ignored, since they can belong to several groups.
    """
    schema.require_columns(documents, (by, group), caller="table documents")
    counts = documents[documents[by] != ""].groupby([by, group]).size().reset_index(name="n")
    counts = counts.sort_values([by, "n", group], ascending=[True, False, True]).drop_duplicates(by)
    return dict(zip(counts[by], counts[group], strict=True))


def merge_others(table: pd.DataFrame, keep: float, *, by: str = "level", keys: Sequence[str] = ()) -> pd.DataFrame:
    """Return the rows of the `keep` largest levels, and those of all others as one level, `OTHERS`.

    Its `n` is their sum, and its share the mean weighted by `n`, which is the share of all their articles, without an
    interval. `keys` are the columns that distinguish the rows of a level.
    """
    largest = table.groupby(by)["n"].max().sort_values(ascending=False, kind="stable")
    if len(largest) <= max(keep, 2):
        return table
    others = ~table[by].isin(largest.index[: max(int(keep) - 1, 1)])
    return pd.concat([table[~others], pool(table[others].assign(**{by: OTHERS}), [by, *keys])], ignore_index=True)


def pool(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return one row for all with the same keys: the sum of n and, if there are shares, their mean weighted by n."""
    rows = rows.assign(total=rows["share"] * rows["n"] if "share" in rows else 0)
    sums = rows.groupby(list(keys), as_index=False, sort=False)[["n", "total"]].sum()
    return sums.assign(share=sums["total"] / sums["n"].where(sums["n"] > 0), low=np.nan, high=np.nan)


def order_rows(table: pd.DataFrame, groups: Mapping[str, str], *, by: str) -> list[Row]:
    """Return the rows from top to bottom: each group, then its levels by the largest `n`; levels without group last."""
    sizes = table.groupby(by)["n"].max()
    levels = sorted(sizes.index, key=lambda level: (level == OTHERS, -sizes[level], level))
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
    starts_group = [i > 0 and (level is None or rows[i - 1][0] != group) for i, (group, level) in enumerate(rows)]
    return np.arange(len(rows)) + 0.5 * np.cumsum(starts_group)


def level_label(level: str, locale: Locale, n_others: int = 0) -> str:
    """Return the label of an outlet or another level."""
    if level == OTHERS:
        return locale.text("others", n=n_others)
    return locale.text_or_key(level) if level else locale.text("unknown")


def fit_row_labels(
    rows: list[Row], locale: Locale, part: float, *, max_lines: float = 2, n_others: int = 0
) -> tuple[list[str], float, int]:
    """Return the labels of the rows, their width in points, and the lines of the longest (`layout.fit_labels`)."""
    texts = [level_label(group if level is None else level, locale, n_others) for group, level in rows]
    return layout.fit_labels(texts, part, max_lines=max_lines)


def label_rows(ax: Axes, rows: list[Row], labels: Sequence[str]) -> None:
    """Label the y axis with the outlets, and in bold the groups above them."""
    ax.set_yticks(row_positions(rows), labels, va="center")
    for label, (group, level) in zip(ax.get_yticklabels(), rows, strict=True):
        if level is None:
            label.set(color=style.LANGUAGE_COLORS.get(group, style.TEXT_COLOR), weight=600)
