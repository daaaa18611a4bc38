"""Heatmap: the share of each theme in each topic."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import layout, style
from topiclib.draw.labels import shorten
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
    """Draw the share of each topic's passages that is about each theme, with topic labels in both languages.

    Parameters
    ----------
    topics
        Table `topics`: topic, size, label_fa, label_ar.
    assignments
        Table `assignments`: passage_id, topic.
    themes
        Table `themes`: passage_id, theme, about.
    labels
        Theme labels, {key: {"en": .., "fa": .., "ar": ..}}, in the order of the columns.
    top
        Largest number of topics, the largest first; the note gives the total.

    Returns
    -------
    Axes
        One row per topic, one column per theme.
    """
    schema.require_columns(topics, ("topic", "size", "label_fa", "label_ar"), caller="topics_by_theme")
    schema.require_columns(assignments, ("passage_id", "topic"), caller="topics_by_theme")
    schema.require_columns(themes, ("passage_id", "theme", "about"), caller="topics_by_theme")
    locale, names = as_locale(lang), labels or {}
    ordered = layout.sort_topics(topics)
    shown = ordered.head(top)
    keys = layout.order_themes(themes["theme"], names)
    ax = layout.axes_or_new(ax, layout.lines_to_inches(1.4 * max(len(shown), 3) + 5), title)
    if shown.empty or not keys:
        return layout.mark_empty(ax, locale, note)
    shares = _theme_shares_by_topic(assignments, themes[themes["about"]])
    shares = shares.reindex(index=shown["topic"], columns=keys, fill_value=0.0)
    layout.draw_heatmap(ax, shares.to_numpy(), locale.format_percent)
    right = ax.secondary_yaxis("right")
    for axis, code in ((ax, "fa"), (right, "ar")):
        texts = [style.isolate(shorten(text, 32)) for text in shown[f"label_{code}"]]
        axis.set_yticks(np.arange(len(shown)), texts, va="center", color=style.LANGUAGE_COLORS[code])
    right.spines[:].set_visible(False)
    slant: dict[str, Any] = {"rotation": 35, "ha": "left", "rotation_mode": "anchor"} if len(keys) > 5 else {}
    texts = [locale.theme_label(names, key) for key in keys]
    ax.set_xticks(np.arange(len(keys)), texts, color=style.TEXT_COLOR, **slant)
    ax.tick_params(axis="x", top=False, bottom=False, labeltop=True, labelbottom=False)
    layout.put_note(
        ax, locale.text("share_of_topic"), locale.shown_of_total("topics_shown", len(shown), len(ordered)), note
    )
    return ax


def _theme_shares_by_topic(assignments: pd.DataFrame, about: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each topic's passages (rows) that is about each theme (columns)."""
    sizes = assignments.groupby("topic").size()
    pairs = assignments.merge(about[["passage_id", "theme"]], on="passage_id")
    counts = pairs.groupby(["topic", "theme"]).size().unstack("theme", fill_value=0)
    return counts.reindex(sizes.index, fill_value=0).div(sizes, axis=0)
