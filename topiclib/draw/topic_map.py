"""Map of the passages in two dimensions, with topic labels in both languages."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.transforms import ScaledTranslation

from topiclib import schema
from topiclib.draw import layout, style
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.labels import Box, place_labels, shorten, text_extent
from topiclib.draw.localization import Locale

LABEL_SCALE = 0.92  # relative to the text size
MIN_LEADER_LENGTH = 3.0  # ems; a label farther from its topic gets a leader line
MAX_VECTOR_DOTS = 2000  # more dots are rasterized, since SVG and PDF files would become too large


@reads(points="passage_id x y topic", topics="topic size label_fa label_ar", passages="passage_id lang")
def topic_map(run: FigureData, *, top: int = 40, ax: Axes | None = None) -> Axes:
    """Draw the passages in two dimensions, colored by language, with the topics' names, else words in both languages.

    For exploration only, as the figure says: near points are similar, but other distances mean nothing, and the axes
    have no ticks.

    Parameters
    ----------
    top
        Largest number of topics to label, the largest first; fewer if there is no free space, as the note then says.
    """
    (points, topics, passages), locale = run.tables, run.locale
    ax = run.axes(ax, layout.figure_width() * (0.66 if layout.is_wide() else 0.9))
    if points.empty:
        return run.empty(ax)
    languages = points["passage_id"].map(passages.set_index("passage_id")["lang"]).fillna("")
    _draw_dots(ax, points, languages)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.margins(0.06)
    for code in schema.LANGUAGES:
        if n := int((languages == code).sum()):
            text = locale.text("passages_of", language=locale.text(code), n=n)
            ax.scatter([], [], s=layout.font_size(2.2), color=style.LANGUAGE_COLORS[code], lw=0, label=text)
    if text := locale.without_topic(topics):
        ax.scatter([], [], s=layout.font_size(2.2), color=style.FAINT_COLOR, lw=0, label=text)
    marks = {"handlelength": 1, "handletextpad": 0.3, "borderpad": 0}
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, labelcolor="linecolor", **marks)
    # The note comes first, since the space that it takes changes the positions of the labels; then it is replaced.
    run.put_note(ax, locale.text("exploratory"))
    labeled = locale.shown_of_total("labeled", *_draw_labels(ax, points, topics, top, locale))
    run.put_note(ax, locale.text("exploratory"), labeled)
    return ax


def _draw_dots(ax: Axes, points: pd.DataFrame, languages: pd.Series) -> None:
    """Draw outliers faint and below the others."""
    # Smaller dots for more points, within limits, and in proportion to the width of the figure.
    size = float(np.clip(9000 / len(points), 1.5, 22)) * (layout.figure_width() / style.FIGURE_WIDTHS["page"]) ** 2
    clustered = (points["topic"] != schema.OUTLIER_TOPIC).to_numpy()
    colors = languages.map(style.LANGUAGE_COLORS).fillna(style.FAINT_COLOR).to_numpy()
    xy = points[["x", "y"]].to_numpy()
    look: dict[str, Any] = {"lw": 0, "rasterized": len(points) > MAX_VECTOR_DOTS}
    ax.scatter(xy[~clustered, 0], xy[~clustered, 1], s=size * 0.6, c=style.FAINT_COLOR, alpha=0.5, **look)
    # In one call, so that neither language lies on top of the other.
    ax.scatter(xy[clustered, 0], xy[clustered, 1], s=size, c=list(colors[clustered]), alpha=0.55, **look)


def _draw_labels(ax: Axes, points: pd.DataFrame, topics: pd.DataFrame, top: int, locale: Locale) -> tuple[int, int]:
    """Label the largest topics where there is space; return the numbers of labeled topics and of all topics."""
    medians = points[points["topic"] != schema.OUTLIER_TOPIC].groupby("topic")[["x", "y"]].median()
    on_map = layout.sort_topics(topics[topics["topic"].isin(medians.index)])
    shown = on_map.head(top)
    if shown.empty:
        return 0, len(on_map)
    texts = [_label_lines(row, locale) for _, row in shown.iterrows()]
    # The size of the lines one above the other, with padding.
    padding, sizes = layout.font_size(0.4), []
    for lines in texts:
        widths, heights = zip(*[text_extent(text, scale=LABEL_SCALE, weight=500) for text, _ in lines], strict=True)
        sizes.append((max(widths) + padding, sum(heights) + padding / 4))
    anchors = medians.loc[shown["topic"]].to_numpy()
    # Positions are final only after the layout, which gives legend and note their space.
    layout.run_layout(ax.get_figure(root=True))  # type: ignore[arg-type]
    to_points = 72 / ax.figure.dpi
    anchor_points = ax.transData.transform(anchors) * to_points
    boxes = place_labels(
        anchor_points,
        np.array(sizes),
        tuple(np.array(ax.bbox.extents) * to_points),
        avoid=ax.transData.transform(points[["x", "y"]].to_numpy()) * to_points,
        max_distance=layout.font_size(9),
    )
    for lines, anchor, anchor_point, box in zip(texts, anchors, anchor_points, boxes, strict=True):
        if box:
            _draw_label(ax, lines, tuple(anchor), tuple(np.array(box) - np.tile(anchor_point, 2)))
    return sum(box is not None for box in boxes), len(on_map)


def _label_lines(topic: pd.Series, locale: Locale) -> list[tuple[str, str]]:
    """Return the lines of a label with their colors: the name, or the words of each language, number first."""
    if name := locale.topic_name(topic.map(lambda value: shorten(value, 44))):
        return [(name, style.TEXT_COLOR)]
    words = [(code, shorten(topic[f"label_{code}"], 30)) for code in schema.LANGUAGES if topic[f"label_{code}"]]
    number = locale.topic_number(topic)
    lines = [" · ".join([*([number] if i == 0 else []), text]) for i, (_, text) in enumerate(words)]
    return [
        (style.isolate(line, code), style.LANGUAGE_COLORS[code]) for line, (code, _) in zip(lines, words, strict=True)
    ] or [(number, style.TEXT_COLOR)]


def _draw_label(ax: Axes, lines: list[tuple[str, str]], anchor: tuple[float, float], offset: Box) -> None:
    """Write the label of a topic into a box, in points from its anchor, with a leader line if that is far."""
    left, bottom, right, top = offset
    edge = (float(np.clip(0, left, right)), float(np.clip(0, bottom, top)))
    if np.hypot(*edge) > layout.font_size(MIN_LEADER_LENGTH):
        line = {"arrowstyle": "-", "lw": 0.6, "color": style.MUTED_COLOR, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", anchor, xytext=edge, textcoords="offset points", arrowprops=line)
    # One box behind all lines, since a box behind each would cover the descenders of the upper one.
    inches = ax.figure.dpi_scale_trans + ScaledTranslation(*anchor, ax.transData)  # type: ignore
    box = Rectangle((left / 72, bottom / 72), (right - left) / 72, (top - bottom) / 72, transform=inches, clip_on=False)
    ax.add_artist(box).set(facecolor="white", alpha=0.78, linewidth=0, zorder=2.2)
    for i, (text, color) in enumerate(lines):
        center = ((left + right) / 2, top - (top - bottom) * (i + 0.5) / len(lines))
        look = {"color": color, "size": layout.font_size(LABEL_SCALE), "weight": 500}
        layout.annotate(ax, text, anchor, center, ha="center", va="center", **look)
