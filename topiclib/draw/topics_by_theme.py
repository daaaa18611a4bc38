"""Heatmap: the share of each theme in each topic."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib.draw import layout
from topiclib.draw.figure_data import FigureData, reads

LABEL_PART = 0.42  # largest part of the width that the labels of topics take
MIN_CELL = 1.6  # ems


@reads(topics="topic size label_fa label_ar", assignments="passage_id topic", themes="passage_id theme about")
def topics_by_theme(
    run: FigureData, *, themes: str | Iterable[str] | None = None, top: int = 30, ax: Axes | None = None
) -> Axes:
    """Draw the share of each topic's passages (rows) that is about each theme (columns).

    A theme without a passage has no column. Where not all fit, the themes with the most passages are shown.

    Parameters
    ----------
    top
        Largest number of topics, the largest first; the note gives the total.
    """
    (topics, assignments, found), locale = run.tables, run.locale
    found, keys = run.select_themes(found[found["about"].astype(bool)], themes, column="theme")
    ordered = layout.sort_topics(topics)
    shown = ordered.head(min(top, int(layout.page_lines(14) / 1.15)))
    if shown.empty or not keys:
        return run.empty(ax)
    texts = [locale.topic_label(topic) for _, topic in shown.iterrows()]
    lines = layout.page_lines(14) / 1.15 / len(shown)
    labels, label_width, n_lines = layout.fit_labels(texts, LABEL_PART, max_lines=lines)
    width = layout.page_width() - label_width - layout.font_size(1.5)
    largest = found["theme"].value_counts().index[: max(1, int(width / layout.font_size(MIN_CELL)))]
    columns = [key for key in keys if key in largest]
    about = assignments.merge(found[["passage_id", "theme"]], on="passage_id")
    counts = pd.crosstab(about["topic"], about["theme"]).reindex(index=shown["topic"], columns=columns, fill_value=0)
    shares = counts.div(assignments["topic"].value_counts(), axis=0).reindex(shown["topic"]).fillna(0.0)
    ax = run.axes(ax)
    x, y = np.arange(len(columns), dtype=float), np.arange(len(shown), dtype=float)
    layout.draw_heatmap(ax, shares.to_numpy(), x, y, label=locale.format_percent, width=width)
    ax.set_yticks(y, labels, va="center")
    layout.label_columns(ax, x, [run.theme_label(key) for key in columns], width / len(columns))
    n_shown = locale.shown_of_total("topics_shown", len(shown), len(ordered))
    n_themes = locale.shown_of_total("themes_shown", len(columns), len(keys))
    topic, theme = shares.stack().idxmax()
    alt = locale.text(
        "alt_topics_by_theme", topics=len(shown), themes=len(columns), theme=run.theme_label(theme),
        topic=locale.format_number(int(topic), "d"), share=locale.format_percent(shares.to_numpy().max()),
    )  # fmt: skip
    notes = [locale.text("share_of_topic"), n_shown, n_themes, locale.without_topic(topics)]
    return run.finish(ax, layout.lines_to_inches(1.3 * n_lines * len(shown)), notes, alt=alt)
