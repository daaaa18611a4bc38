"""Map of the passages in two dimensions, with topic labels in both languages."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.transforms import ScaledTranslation

from topiclib import schema
from topiclib.draw import layout, style
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.labels import Box, place_labels, text_extent, wrap_text
from topiclib.draw.localization import Locale

LABEL_SCALE = 0.92  # relative to the text size
NUMBER_SCALE = 0.8
MAX_LABELED_PART = 0.4  # of the map; topics beyond it, and those without free space, have a number with a key
MIN_LEADER_LENGTH = 3.0  # ems; a label farther from its topic gets a leader line
MAX_VECTOR_DOTS = 2000  # more dots are rasterized, since SVG and PDF files would become too large
N_LAYERS = 8


@reads(points="passage_id x y topic", topics="topic size label_fa label_ar", passages="passage_id lang")
def topic_map(run: FigureData, *, top: int = 60, ax: Axes | None = None) -> Axes:
    """Draw the passages in two dimensions, colored by language, with the topics' names, else words in both languages.

    For exploration only, as the figure says: near points are similar, but other distances mean nothing, and the axes
    have no ticks. Topics for which there is no space have a number, with a key below the map.

    Parameters
    ----------
    top
        Largest number of topics to label, the largest first; the note gives the total.
    """
    (points, topics, passages), locale = run.tables, run.locale
    if points.empty:
        return run.empty(ax)
    ax = run.axes(ax)
    languages = points["passage_id"].map(passages.set_index("passage_id")["lang"]).fillna("")
    shown = run.languages(passages)
    size = _draw_dots(ax, points, languages.where(languages.isin(shown), ""))
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.margins(0.06)
    legend: list[Artist] = []
    for code in shown:
        text = locale.text("passages_of", language=locale.text(code), n=int((languages == code).sum()))
        look: dict[str, Any] = {"marker": style.LANGUAGE_MARKERS[code], "color": style.LANGUAGE_COLORS[code], "lw": 0}
        legend.append(Line2D([], [], label=text, ms=max(size**0.5, layout.font_size(0.5)), mew=0, **look))
    if text := locale.without_topic(topics):
        legend.append(Line2D([], [], label=text, marker="o", color=style.FAINT_COLOR, ms=layout.font_size(0.5), lw=0))
    notes = [locale.text("exploratory"), run.rare_languages(passages)]
    n_topics = points.loc[points["topic"] != schema.OUTLIER_TOPIC, "topic"].nunique()
    alt = locale.text("alt_topic_map", n=len(points), topics=n_topics)
    height = layout.page_width() / 72 * (0.66 if layout.is_wide() else 0.9)
    # Positions of labels depend on the size of the map, which the key below it does not change.
    run.finish(ax, height, notes, alt=alt, legend=legend)
    key, n_labeled = _draw_labels(ax, points, topics, top, locale)
    labeled = locale.shown_of_total("labeled", n_labeled, n_topics)
    return run.finish(ax, height, [*notes, labeled], alt=alt, legend=legend, key=key)


def _draw_dots(ax: Axes, points: pd.DataFrame, languages: pd.Series) -> float:
    """Draw outliers faint and below the others; return the area of a dot in square points."""
    # Smaller dots for more points, within limits, and in proportion to the width of the figure.
    scale = (layout.page_width() / 72 / style.FIGURE_WIDTHS["page"]) ** 2
    size = float(np.clip(9000 / len(points), 1.5, 22)) * scale
    clustered = (points["topic"] != schema.OUTLIER_TOPIC).to_numpy()
    xy = points[["x", "y"]].to_numpy()
    look: dict[str, Any] = {"lw": 0, "rasterized": len(points) > MAX_VECTOR_DOTS}
    ax.scatter(xy[~clustered, 0], xy[~clustered, 1], s=size * 0.6, c=style.FAINT_COLOR, alpha=0.5, **look)
    # In layers, so that neither language lies on top of the other.
    for layer in range(N_LAYERS):
        in_layer = clustered & (np.arange(len(points)) % N_LAYERS == layer)
        for code in (*schema.LANGUAGES, ""):
            if len(chosen := xy[in_layer & (languages == code).to_numpy()]):
                color, marker = style.LANGUAGE_COLORS.get(code, style.FAINT_COLOR), style.LANGUAGE_MARKERS.get(code)
                ax.scatter(chosen[:, 0], chosen[:, 1], s=size, c=color, marker=marker, alpha=0.55, **look)
    return size


def _draw_labels(
    ax: Axes, points: pd.DataFrame, topics: pd.DataFrame, top: int, locale: Locale
) -> tuple[list[str], int]:
    """Label the largest topics, with numbers where there is no space; return the key and the number of labeled ones."""
    medians = points[points["topic"] != schema.OUTLIER_TOPIC].groupby("topic")[["x", "y"]].median()
    shown = layout.sort_topics(topics[topics["topic"].isin(medians.index)]).head(top)
    if shown.empty:
        return [], 0
    map_box = np.array(ax.get_position().transformed(ax.figure.transFigure).extents) * 72 / ax.figure.dpi
    max_width = (map_box[2] - map_box[0]) * 0.45
    texts = [_label_lines(row, locale, max_width) for _, row in shown.iterrows()]
    numbers = [[(locale.topic_number(row), style.TEXT_COLOR)] for _, row in shown.iterrows()]
    to_points = 72 / ax.figure.dpi
    anchors = medians.loc[shown["topic"]].to_numpy()
    anchor_points = ax.transData.transform(anchors) * to_points
    options: dict[str, Any] = {
        "bounds": tuple(map_box), "avoid": ax.transData.transform(points[["x", "y"]].to_numpy()) * to_points,
        "max_distance": layout.font_size(9),
    }  # fmt: skip
    sizes = _sizes(texts, LABEL_SCALE)
    fits = sizes.prod(axis=1).cumsum() <= MAX_LABELED_PART * np.prod(map_box[2:] - map_box[:2])
    boxes = place_labels(anchor_points[fits], sizes[fits], **options) + [None] * int((~fits).sum())
    rest = [i for i, box in enumerate(boxes) if box is None]
    number_sizes = _sizes([numbers[i] for i in rest], NUMBER_SCALE)
    taken = [box for box in boxes if box]
    small = place_labels(anchor_points[rest], number_sizes, taken=taken, **options) if rest else []
    placed = {**{i: (box, texts[i], LABEL_SCALE) for i, box in enumerate(boxes) if box},
              **{i: (box, numbers[i], NUMBER_SCALE) for i, box in zip(rest, small, strict=True) if box}}  # fmt: skip
    for i, (box, lines, scale) in placed.items():
        offset = np.array(box) - np.tile(anchor_points[i], 2)
        _draw_label(ax, lines, tuple(anchors[i]), tuple(offset), scale)
    rows = [shown.iloc[i] for i in sorted(set(rest) & set(placed))]
    room = layout.page_width() * (0.48 if len(rows) > 6 else 1)
    key = [wrap_text(locale.topic_label(row), room / 0.8 - layout.font_size(3), max_lines=1) for row in rows]
    return [style.isolate(text) for text in key], len(placed)


def _sizes(texts: list[list[tuple[str, str]]], scale: float) -> np.ndarray:
    """Return the size of each label: its lines one above the other, with padding."""
    padding, sizes = layout.font_size(0.4), []
    for lines in texts:
        widths, heights = zip(*[text_extent(text, scale=scale, weight=500) for text, _ in lines], strict=True)
        sizes.append((max(widths) + padding, sum(heights) + padding / 4))
    return np.array(sizes).reshape(-1, 2)


def _label_lines(topic: pd.Series, locale: Locale, width: float) -> list[tuple[str, str]]:
    """Return the lines of a label with their colors: the name, or the words of each language, number first."""
    number = locale.topic_number(topic)
    if name := locale.topic_name(topic):
        lines = [(name, "")]
    else:
        words = [(topic[f"label_{code}"], code) for code in schema.LANGUAGES if topic[f"label_{code}"]]
        lines = [(f"{number} · {text}" if i == 0 else text, code) for i, (text, code) in enumerate(words)]
    return [
        (style.isolate(wrapped, code), style.LANGUAGE_COLORS.get(code, style.TEXT_COLOR))
        for line, code in lines or [(number, "")]
        for wrapped in wrap_text(line, width, scale=LABEL_SCALE, weight=500, max_lines=1 if code else 2).split("\n")
    ]


def _draw_label(ax: Axes, lines: list[tuple[str, str]], anchor: tuple[float, float], offset: Box, scale: float) -> None:
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
        look = {"color": color, "size": layout.font_size(scale), "weight": 500}
        layout.annotate(ax, text, anchor, center, ha="center", va="center", **look)
