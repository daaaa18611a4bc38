"""Which topics carry which themes: a heat map."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import labels as labeling
from topiclib.draw import layout as page
from topiclib.draw import style
from topiclib.draw.localization import Locale, as_locale


@style.ensure_style()
def topics_by_theme(
    topics: pd.DataFrame,
    assignments: pd.DataFrame,
    themes: pd.DataFrame,
    *,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    lang: str | Locale = "en",
    title: str | None = None,
    note: str = "",
    top: int = 30,
    ax: Axes | None = None,
) -> Axes:
    """Draw the part of each topic's passages that is about each theme, the topics named in both languages.

    Parameters
    ----------
    topics
        Table `topics`: topic, size, label_fa, label_ar.
    assignments
        Table `assignments`: passage_id, topic.
    themes
        Table `themes`: passage_id, theme, about.
    labels
        Names of the themes, {key: {"en": .., "fa": .., "ar": ..}}; their order is the order of the columns.
    top
        At most so many topics, the largest first; the note says of how many.

    Returns
    -------
    Axes
        One row a topic, one column a theme.
    """
    schema.require_columns(topics, ("topic", "size", "label_fa", "label_ar"), caller="topics_by_theme")
    schema.require_columns(assignments, ("passage_id", "topic"), caller="topics_by_theme")
    schema.require_columns(themes, ("passage_id", "theme", "about"), caller="topics_by_theme")
    says, names = as_locale(lang), labels or {}
    known = page.sort_topics(topics)
    shown = known.head(top)
    order = page.order_themes(themes["theme"], names)
    ax = page.axes_or_new(ax, page.lines_to_inches(1.4 * max(len(shown), 3) + 5), title)
    if shown.empty or not order:
        return page.mark_empty(ax, says, note)
    parts = _theme_shares_by_topic(assignments, themes[themes["about"]]).reindex(
        index=shown["topic"], columns=order, fill_value=0.0
    )
    page.draw_heatmap(ax, parts.to_numpy(), says.percent)
    ax.set_yticks(
        np.arange(len(shown)), _topic_labels(shown["label_fa"]), va="center", color=style.LANGUAGE_COLORS["fa"]
    )
    twin = ax.secondary_yaxis("right")
    twin.set_yticks(
        np.arange(len(shown)), _topic_labels(shown["label_ar"]), va="center", color=style.LANGUAGE_COLORS["ar"]
    )
    twin.spines[:].set_visible(False)
    slant: dict[str, Any] = {"rotation": 35, "ha": "left", "rotation_mode": "anchor"} if len(order) > 5 else {}
    ax.set_xticks(np.arange(len(order)), [says.name(names, key) for key in order], color=style.TEXT_COLOR, **slant)
    ax.tick_params(axis="x", top=False, bottom=False, labeltop=True, labelbottom=False)
    page.put_note(ax, says.say("share_of_topic"), says.part("some_of", len(shown), len(known)), note)
    return ax


def _theme_shares_by_topic(assignments: pd.DataFrame, about: pd.DataFrame) -> pd.DataFrame:
    """Return the part of each topic's passages (rows) that is about each theme (columns)."""
    sizes = assignments.groupby("topic").size()
    both = assignments.merge(about[["passage_id", "theme"]], on="passage_id")
    counts = both.groupby(["topic", "theme"]).size().unstack("theme", fill_value=0)
    return counts.reindex(sizes.index, fill_value=0).div(sizes, axis=0)


def _topic_labels(texts: pd.Series) -> list[str]:
    return [style.isolate(labeling.shorten(text, 32)) for text in texts]
