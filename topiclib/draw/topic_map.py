"""The map of topics: every passage a dot, every topic named in both languages."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.transforms import ScaledTranslation

from topiclib import schema
from topiclib.draw import labels as labeling
from topiclib.draw import layout as page
from topiclib.draw import style
from topiclib.draw.localization import Locale, as_locale

LABEL_SCALE = 0.92  # size of the names, as a part of the text size

MIN_LEADER_LENGTH = 3.0  # from this far (in text sizes) a line leads from a name to the middle of its topic

MIN_WIDE_EMS = 45  # text sizes; below this the map is nearly square

MAX_VECTOR_DOTS = 2000  # from here on dots are stored as a picture within the PDF and SVG, which would grow too large


@style.ensure_style()
def topic_map(
    points: pd.DataFrame,
    topics: pd.DataFrame | None = None,
    passages: pd.DataFrame | None = None,
    *,
    lang: str | Locale = "en",
    title: str | None = None,
    note: str = "",
    top: int = 40,
    ax: Axes | None = None,
) -> Axes:
    """Draw the two-dimensional layout of the passages, colored by language, its topics named in Persian and Arabic.

    For exploring only, and the figure says so: the layout keeps neighbors near, and little else.

    Parameters
    ----------
    points
        Table `points`: passage_id, x, y, topic.
    topics
        Table `topics`: topic, size, label_fa, label_ar. Without it no topic is named.
    passages
        Table `passages`: passage_id, lang. Without it all dots are grey.
    top
        At most so many topics are named, the largest first; those for which no free place is left are counted in the
        note.

    Returns
    -------
    Axes
        One Axes without ticks: the two directions mean nothing.
    """
    schema.require_columns(points, ("passage_id", "x", "y", "topic"), caller="topic_map")
    says = as_locale(lang)
    ax = page.axes_or_new(ax, page.figure_width() * (0.66 if page.figure_width_in_ems() > MIN_WIDE_EMS else 0.9), title)
    if points.empty:
        return page.mark_empty(ax, says, note)
    by_language = _point_languages(points, passages)
    _draw_dots(ax, points, by_language)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.margins(0.06)
    _draw_legend(ax, by_language, says)
    page.put_note(ax, says.say("exploratory"), note)
    if topics is not None:
        labeled = says.part("labeled", *_draw_labels(ax, points, topics, top))
        page.put_note(ax, says.say("exploratory"), labeled, note)
    return ax


def _point_languages(points: pd.DataFrame, passages: pd.DataFrame | None) -> pd.Series:
    """Return the language of each point, "" where it is not known."""
    if passages is None:
        return pd.Series("", index=points.index)
    schema.require_columns(passages, ("passage_id", "lang"), caller="topic_map")
    return points["passage_id"].map(passages.set_index("passage_id")["lang"]).fillna("")


def _draw_dots(ax: Axes, points: pd.DataFrame, by_language: pd.Series) -> None:
    """Draw outliers faint and below, the rest in one call, so that neither language lies on top of the other."""
    size = float(np.clip(9000 / len(points), 1.5, 22)) * (page.figure_width() / style.FIGURE_WIDTHS["page"]) ** 2
    inside = (points["topic"] != schema.OUTLIER_TOPIC).to_numpy()
    colors = by_language.map(style.LANGUAGE_COLORS).fillna(style.FAINT_COLOR).to_numpy()
    xy = points[["x", "y"]].to_numpy()
    look: dict[str, Any] = {"lw": 0, "rasterized": len(points) > MAX_VECTOR_DOTS}
    ax.scatter(xy[~inside, 0], xy[~inside, 1], s=size * 0.6, c=style.FAINT_COLOR, alpha=0.5, **look)
    ax.scatter(xy[inside, 0], xy[inside, 1], s=size, c=list(colors[inside]), alpha=0.55, **look)


def _draw_labels(ax: Axes, points: pd.DataFrame, topics: pd.DataFrame, top: int) -> tuple[int, int]:
    """Name the largest topics where there is room; return how many were named, of how many."""
    schema.require_columns(topics, ("topic", "size", "label_fa", "label_ar"), caller="topic_map")
    middles = points[points["topic"] != schema.OUTLIER_TOPIC].groupby("topic")[["x", "y"]].median()
    known = topics[topics["topic"].isin(middles.index)].sort_values(["size", "topic"], ascending=[False, True])
    shown = known.head(top)
    if shown.empty:
        return 0, len(known)
    texts = [[labeling.shorten(row[f"label_{code}"], 30) for code in schema.LANGUAGES] for _, row in shown.iterrows()]
    anchors = middles.loc[shown["topic"]].to_numpy()
    page.run_layout(ax.get_figure(root=True))  # type: ignore[arg-type]  # key and note take their room
    to_points = 72 / ax.figure.dpi
    places = labeling.place_labels(
        ax.transData.transform(anchors) * to_points,
        _label_sizes(texts),
        tuple(np.array(ax.bbox.extents) * to_points),
        avoid=ax.transData.transform(points[["x", "y"]].to_numpy()) * to_points,
        max_distance=page.font_size(9),
    )
    for pair, anchor, box in zip(texts, anchors, places, strict=True):
        if box:
            middle = ax.transData.transform(anchor) * to_points
            _draw_label(ax, pair, tuple(anchor), tuple(np.array(box) - np.tile(middle, 2)))
    return sum(box is not None for box in places), len(known)


def _label_sizes(texts: list[list[str]]) -> np.ndarray:
    """Return width and height in points of each pair of names, one above the other, with a little air."""
    air, sizes = page.font_size(0.4), []
    for pair in texts:
        boxes = [labeling.text_extent(style.isolate(text), scale=LABEL_SCALE, weight=500) for text in pair if text]
        widest = max((width for width, _ in boxes), default=0.0)
        sizes.append((widest + air, sum(height for _, height in boxes) + air / 4))
    return np.array(sizes)


def _draw_label(ax: Axes, pair: list[str], anchor: tuple[float, float], offset: labeling.Box) -> None:
    """Write one topic's names into a box given in points from its middle, with a thin line to that where it is far."""
    left, bottom, right, top = offset
    edge = (float(np.clip(0, left, right)), float(np.clip(0, bottom, top)))
    if np.hypot(*edge) > page.font_size(MIN_LEADER_LENGTH):
        line = {"arrowstyle": "-", "lw": 0.6, "color": style.MUTED_COLOR, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", anchor, xytext=edge, textcoords="offset points", arrowprops=line)
    # One box behind both names: a box behind each would cut the descenders of the upper one.
    inches = ax.figure.dpi_scale_trans + ScaledTranslation(*anchor, ax.transData)  # type: ignore
    box = Rectangle((left / 72, bottom / 72), (right - left) / 72, (top - bottom) / 72, transform=inches, clip_on=False)
    ax.add_artist(box).set(facecolor="white", alpha=0.78, linewidth=0, zorder=2.2)
    written = [(code, text) for code, text in zip(schema.LANGUAGES, pair, strict=True) if text]
    for place, (code, text) in enumerate(written):
        middle = ((left + right) / 2, top - (top - bottom) * (place + 0.5) / len(written))
        look: dict[str, Any] = {
            "color": style.LANGUAGE_COLORS[code],
            "size": page.font_size(LABEL_SCALE),
            "weight": 500,
        }
        page.annotate(ax, style.isolate(text, code), anchor, middle, ha="center", va="center", **look)


def _draw_legend(ax: Axes, by_language: pd.Series, says: Locale) -> None:
    """Say which color is which language, and how many passages each has."""
    codes = [code for code in schema.LANGUAGES if (by_language == code).any()]
    for code in codes:
        count = int((by_language == code).sum())
        text = says.say("passages_of", language=says.say(code), n=count)
        ax.scatter([], [], s=page.font_size(2.2), color=style.LANGUAGE_COLORS[code], lw=0, label=text)
    if codes:
        marks = {"handlelength": 1, "handletextpad": 0.3, "borderpad": 0}
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, labelcolor="linecolor", **marks)
