"""Parts common to all figures: sizes, order of topics and themes, heatmap cells, percent ticks."""

import io
import itertools
from collections.abc import Iterable
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from topiclib import schema
from topiclib.draw import style
from topiclib.draw.localization import Locale

MIN_WIDE_EMS = 45


def font_size(scale: float = 1.0) -> float:
    """Return the text size of the style in points, times `scale`."""
    return float(mpl.rcParams["font.size"]) * scale


def figure_width() -> float:
    """Return the figure width of the style in inches."""
    return float(mpl.rcParams["figure.figsize"][0])


def figure_width_in_ems() -> float:
    """Return the figure width in ems (text sizes), which decides how many panels fit side by side."""
    return figure_width() * 72 / font_size()


def is_wide() -> bool:
    """Return whether panels fit side by side, and a map may be much wider than high."""
    return figure_width_in_ems() > MIN_WIDE_EMS


def muted(scale: float = 0.8, **look: Any) -> dict[str, Any]:
    """Return the look of a text beside the data: gray, its size times `scale`, and `look`."""
    return {"size": font_size(scale), "color": style.MUTED_COLOR, **look}


def lines_to_inches(n_lines: float) -> float:
    """Return the height of `n_lines` lines of text in inches."""
    return n_lines * font_size() * 1.45 / 72


def new_figure(height: float, *, gap: float = 0.02) -> Figure:
    """Return a new figure of the style's width, `height` inches high, with constrained layout.

    `gap` is the space between panels as a fraction of a panel.
    """
    # Through pyplot, so that a notebook shows it.
    figure = plt.figure(figsize=(figure_width(), height))
    pad = font_size(0.5) / 72
    figure.set_layout_engine("constrained", w_pad=pad, h_pad=pad, wspace=gap, hspace=gap)
    return figure


def run_layout(figure: Figure) -> None:
    """Run constrained layout with the Agg renderer, so that sizes do not depend on backend or screen."""
    figure.savefig(io.BytesIO(), format="raw", dpi="figure")


def annotate(
    ax: Axes, text: str, at: tuple[float, float], offset: tuple[float, float], *, coords: Any = "data", **look: Any
) -> None:
    """Write a text `offset` points (right, up) from the position `at`, which is in the coordinates `coords`."""
    ax.annotate(text, at, xycoords=coords, xytext=offset, textcoords="offset points", **look)


def mark_empty(ax: Axes, locale: Locale) -> Axes:
    """Replace the content of an Axes by the text "Nothing to show", and return it."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, locale.text("nothing"), transform=ax.transAxes, ha="center", va="center", color=style.MUTED_COLOR)
    return ax


def sort_topics(topics: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of table `topics` without the outlier topic, the largest topic first."""
    clusters = topics[topics["topic"] != schema.OUTLIER_TOPIC]
    return clusters.sort_values(["size", "topic"], ascending=[False, True], ignore_index=True)


def order_known_first(keys: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the distinct keys: those that are known in the order of `known`, then the others sorted."""
    unique, order = set(keys), list(known)
    return [key for key in order if key in unique] + sorted(unique - set(order))


def level_colors(levels: Iterable[str]) -> dict[str, str]:
    """Return a color for each level, languages first with their own colors, the others from the theme palette."""
    names = order_known_first(map(str, levels), style.LANGUAGE_COLORS)
    others = itertools.cycle(style.THEME_COLORS)
    return {name: style.LANGUAGE_COLORS.get(name) or next(others) for name in names}


def draw_cells(
    ax: Axes, x: np.ndarray, y: float, levels: np.ndarray, texts: Iterable[str], *, size: tuple[float, float],
    scale: float,
) -> None:  # fmt: skip
    """Draw a row of a heatmap: a cell of `size` for each level in [0, 1] (0: white), with a text if it is not ""."""
    colors = LinearSegmentedColormap.from_list("topiclib", style.SEQUENTIAL_COLORS)(levels)
    # Bars rather than an image: they stay sharp in SVG and PDF, with a gap between the cells.
    ax.bar(x, size[1], width=size[0], bottom=y - size[1] / 2, color=colors, lw=0)
    for cell_x, color, text in zip(x, colors, texts, strict=True):
        if text:
            ink = style.text_color_on(color)
            ax.text(float(cell_x), y, text, ha="center", va="center", size=font_size(scale), color=ink)


def _multiples(step: float, low: float, top: float) -> np.ndarray:
    # The tolerance keeps a limit that is a multiple up to rounding errors.
    return step * np.arange(np.ceil(low / step - 1e-9), np.floor(top / step + 1e-9) + 1)


def set_percent_ticks(
    ax: Axes, top: float, locale: Locale, *, low: float = 0.0, count: int = 3, axis: str = "x"
) -> None:
    """Set about `count` ticks at round shares from `low` to `top`, 0 among them, labeled in percent."""
    steps = np.array([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0])
    index = int(np.searchsorted(steps, (top - low) / (count + 0.5)).clip(0, len(steps) - 1))
    ticks = _multiples(steps[index], low, top)
    # A single tick gives no scale: from -19 to 18 %, multiples of 20 % are only 0, so 10 % is the step.
    if len(ticks) < 2 and index > 0:
        ticks = _multiples(steps[index - 1], low, top)
    ax.set(**{f"{axis}ticks": ticks, f"{axis}ticklabels": [locale.format_percent(tick) for tick in ticks]})
