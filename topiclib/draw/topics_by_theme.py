"""Heatmap: the share of each theme in each topic."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib.draw import layout, style
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.labels import shorten
from topiclib.draw.localization import Locale, as_locale


@reads(topics="topic size label_fa label_ar", assignments="passage_id topic", themes="passage_id theme about")
def topics_by_theme(
    run: FigureData,
    *,
    themes: str | Iterable[str] | None = None,
    lang: str | Locale = "en",
    title: str | None = None,
    top: int = 30,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of each topic's passages that is about each theme, with the topics' names or words.

    A topic without a name in this language has its Persian words at the left; Arabic words are at the right.

    Reads the tables `topics`, `assignments` and `themes`.

    Parameters
    ----------
    top
        Largest number of topics, the largest first; the note gives the total.

    Returns
    -------
    Axes
        One row per topic, one column per theme.
    """
    (topics, assignments, found), locale = run.tables, as_locale(lang)
    ordered = layout.sort_topics(topics)
    shown = ordered.head(top)
    found, keys = run.select_themes(found, themes, column="theme")
    ax = layout.axes_or_new(ax, layout.lines_to_inches(1.4 * max(len(shown), 3) + 5), title)
    if shown.empty or not keys:
        return layout.mark_empty(ax, locale, run.note(locale))
    shares = _theme_shares_by_topic(assignments, found[found["about"]])
    shares = shares.reindex(index=shown["topic"], columns=keys, fill_value=0.0)
    largest = float(shares.to_numpy().max()) or 1.0
    for row, values in enumerate(shares.to_numpy()):
        texts = [locale.format_percent(share) if share else "" for share in values]
        layout.draw_cells(ax, np.arange(len(keys)), row, values / largest, texts, size=(0.97, 0.94), scale=0.8)
    ax.set(xlim=(-0.5, len(keys) - 0.5), ylim=(len(shown) - 0.5, -0.5))
    ax.spines[:].set_visible(False)
    right = ax.secondary_yaxis("right")
    named = [bool(row.get(f"name_{locale.code}")) for _, row in shown.iterrows()]
    short = shown.map(lambda value: shorten(value, 32) if isinstance(value, str) else value)
    left = [
        locale.topic_label(row, locale.code if is_named else "fa")
        for (_, row), is_named in zip(short.iterrows(), named, strict=True)
    ]
    ax.set_yticks(np.arange(len(shown)), left, va="center", color=style.LANGUAGE_COLORS["fa"])
    for tick, is_named in zip(ax.get_yticklabels(), named, strict=True):
        tick.set_color(style.TEXT_COLOR if is_named else style.LANGUAGE_COLORS["fa"])
    texts = list(map(style.isolate, short["label_ar"]))
    right.set_yticks(np.arange(len(shown)), texts, va="center", color=style.LANGUAGE_COLORS["ar"])
    right.spines[:].set_visible(False)
    slant: dict[str, Any] = {"rotation": 35, "ha": "left", "rotation_mode": "anchor"} if len(keys) > 5 else {}
    texts = [locale.theme_label(run.labels, key) for key in keys]
    ax.set_xticks(np.arange(len(keys)), texts, color=style.TEXT_COLOR, **slant)
    ax.tick_params(axis="x", top=False, bottom=False, labeltop=True, labelbottom=False)
    n_shown = locale.shown_of_total("topics_shown", len(shown), len(ordered))
    layout.put_note(ax, locale.text("share_of_topic"), n_shown, run.note(locale))
    return ax


def _theme_shares_by_topic(assignments: pd.DataFrame, about: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each topic's passages (rows) that is about each theme (columns)."""
    sizes = assignments.groupby("topic").size()
    pairs = assignments.merge(about[["passage_id", "theme"]], on="passage_id")
    counts = pairs.groupby(["topic", "theme"]).size().unstack("theme", fill_value=0)
    return counts.reindex(sizes.index, fill_value=0).div(sizes, axis=0)
