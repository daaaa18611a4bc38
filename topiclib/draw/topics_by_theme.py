"""Heatmap: the share of each theme in each topic."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib.draw import layout, style
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.labels import shorten


@reads(topics="topic size label_fa label_ar", assignments="passage_id topic", themes="passage_id theme about")
def topics_by_theme(
    run: FigureData, *, themes: str | Iterable[str] | None = None, top: int = 30, ax: Axes | None = None
) -> Axes:
    """Draw the share of each topic's passages (rows) that is about each theme (columns).

    A topic without a name in this language has its Persian words at the left; Arabic words are at the right.

    Parameters
    ----------
    top
        Largest number of topics, the largest first; the note gives the total.
    """
    (topics, assignments, found), locale = run.tables, run.locale
    ordered = layout.sort_topics(topics)
    shown = ordered.head(top)
    found, keys = run.select_themes(found, themes, column="theme")
    ax = run.axes(ax, layout.lines_to_inches(1.4 * max(len(shown), 3) + 5))
    if shown.empty or not keys:
        return run.empty(ax)
    about = assignments.merge(found.loc[found["about"], ["passage_id", "theme"]], on="passage_id")
    counts = pd.crosstab(about["topic"], about["theme"]).reindex(index=shown["topic"], columns=keys, fill_value=0)
    shares = counts.div(assignments["topic"].value_counts(), axis=0).reindex(shown["topic"]).fillna(0.0)
    largest = float(shares.to_numpy().max()) or 1.0
    for row, values in enumerate(shares.to_numpy()):
        texts = [locale.format_percent(share) if share else "" for share in values]
        layout.draw_cells(ax, np.arange(len(keys)), row, values / largest, texts, size=(0.97, 0.94), scale=0.8)
    ax.set(xlim=(-0.5, len(keys) - 0.5), ylim=(len(shown) - 0.5, -0.5))
    ax.spines[:].set_visible(False)
    right = ax.secondary_yaxis("right")
    short = shown.map(lambda value: shorten(value, 32) if isinstance(value, str) else value)
    names = [locale.topic_name(topic) for _, topic in short.iterrows()]
    left = [name or locale.topic_label(topic, "fa") for name, (_, topic) in zip(names, short.iterrows(), strict=True)]
    ax.set_yticks(np.arange(len(shown)), left, va="center")
    for tick, name in zip(ax.get_yticklabels(), names, strict=True):
        tick.set_color(style.TEXT_COLOR if name else style.LANGUAGE_COLORS["fa"])
    texts = list(map(style.isolate, short["label_ar"]))
    right.set_yticks(np.arange(len(shown)), texts, va="center", color=style.LANGUAGE_COLORS["ar"])
    right.spines[:].set_visible(False)
    slant: dict[str, Any] = {"rotation": 35, "ha": "left", "rotation_mode": "anchor"} if len(keys) > 5 else {}
    texts = [run.theme_label(key) for key in keys]
    ax.set_xticks(np.arange(len(keys)), texts, color=style.TEXT_COLOR, **slant)
    ax.tick_params(axis="x", top=False, bottom=False, labeltop=True, labelbottom=False)
    n_shown = locale.shown_of_total("topics_shown", len(shown), len(ordered))
    run.put_note(ax, locale.text("share_of_topic"), n_shown, locale.without_topic(topics))
    return ax
