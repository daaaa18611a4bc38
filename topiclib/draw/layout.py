"""The page that a figure stands on: its size, its title and note, the empty page, ticks in percent."""

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from topiclib import schema
from topiclib.draw import labels as labeling
from topiclib.draw import style
from topiclib.draw.localization import Locale


def font_size(scale: float = 1.0) -> float:
    """Return the style's text size in points, times a scale."""
    return float(mpl.rcParams["font.size"]) * scale


def figure_width() -> float:
    """Return the width in inches of a figure in this style."""
    return float(mpl.rcParams["figure.figsize"][0])


def figure_width_in_ems() -> float:
    """Return the width of a figure as a number of text sizes: what decides how many panels fit side by side."""
    return figure_width() * 72 / font_size()


def lines_to_inches(n_lines: float) -> float:
    """Return the height in inches of so many lines of text."""
    return n_lines * font_size() * 1.45 / 72


def new_figure(height: float, *, gap: float = 0.02) -> Figure:
    """Return a new figure of the style's width, so many inches high; constrained layout keeps all text inside.

    `gap` is the space between panels, as a part of a panel. It is made through pyplot, so that a notebook shows it.
    """
    figure = plt.figure(figsize=(figure_width(), height))
    pad = font_size(0.5) / 72
    figure.set_layout_engine("constrained", w_pad=pad, h_pad=pad, wspace=gap, hspace=gap)
    return figure


def run_layout(figure: Figure) -> None:
    """Lay a figure out, the same whatever backend and screen the user has: all then know how large they are."""
    figure.savefig(io.BytesIO(), format="raw", dpi="figure")


def axes_or_new(ax: Axes | None, height: float, title: str | None) -> Axes:
    """Return the caller's Axes, or the only Axes of a new page, with its title."""
    ax = ax if ax is not None else new_figure(height).add_subplot()
    put_title(ax, title)
    return ax


def panels(count: int, n_columns: int, *, height: float, gap: float = 0.02, **options: Any) -> np.ndarray:
    """Return so many Axes of a new page, row by row, so many side by side; options are those of `Figure.subplots`."""
    grid = new_figure(height, gap=gap).subplots(-(-count // n_columns), n_columns, squeeze=False, **options).ravel()
    for ax in grid[count:]:
        ax.remove()
    return grid[:count]


def put_title(ax: Axes, text: str | None) -> None:
    """Write a title where a line of its direction begins: Persian and Arabic titles stand at the right."""
    if text:
        side = "right" if style.text_direction(text) == "rtl" else "left"
        ax.set_title(style.isolate(text), loc=side, pad=font_size(0.9))  # type: ignore[arg-type]


def put_suptitle(ax: Axes, text: str | None) -> None:
    """Write a title in the middle above all panels of the figure that an Axes is in."""
    if text:
        ax.figure.suptitle(style.isolate(text), weight=600)


def put_note(ax: Axes, *parts: str) -> None:
    """Write the parts of a note that have any text under everything else, at the side where their language begins."""
    text = join_note(*parts)
    if text:
        right = style.text_direction(text) == "rtl"
        x, side = (0.995, "right") if right else (0.005, "left")
        wrapped = style.isolate(labeling.wrap_text(text, figure_width() * 72 * 0.98, scale=0.8), "fa" if right else "")
        ax.figure.supxlabel(wrapped, x=x, ha=side, fontsize=font_size(0.8), color=style.MUTED_COLOR, linespacing=1.0)


def join_note(*parts: str) -> str:
    """Join the parts of a note that have any text."""
    return "  ·  ".join(filter(None, parts))


def annotate(
    ax: Axes, text: str, at: tuple[float, float], offset: tuple[float, float], *, coords: Any = "data", **look: Any
) -> None:
    """Write a text so many points right of and above a place, which is in the coordinates `of` (those of the data)."""
    ax.annotate(text, at, xycoords=coords, xytext=offset, textcoords="offset points", **look)


def mark_empty(ax: Axes, says: Locale, note: str = "") -> Axes:
    """Turn the Axes into a quiet page that says that there is nothing to show, and return it."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, says.say("nothing"), transform=ax.transAxes, ha="center", va="center", color=style.MUTED_COLOR)
    put_note(ax, note)
    return ax


def empty_figure(says: Locale, *, title: str | None, note: str) -> np.ndarray:
    """Return a small page that says that there is nothing to show: for figures of several panels, one Axes."""
    return np.array([mark_empty(axes_or_new(None, lines_to_inches(8), title), says, note)])


def sort_topics(topics: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of table `topics`, outliers left out, the largest topic first."""
    known = topics[topics["topic"] != schema.OUTLIER_TOPIC]
    return known.sort_values(["size", "topic"], ascending=[False, True], ignore_index=True)


def order_themes(keys: Iterable[str], labels: Mapping[str, object]) -> list[str]:
    """Return the themes that there are: those with a label in the order of the labels, then the rest by name."""
    there = set(keys)
    return [key for key in labels if key in there] + sorted(there - set(labels))


def level_colors(levels: Iterable[str]) -> dict[str, str]:
    """Return a color for each level, languages first: that of the language, else the next of the palette."""
    there = set(map(str, levels))
    names = [code for code in style.LANGUAGE_COLORS if code in there] + sorted(there - set(style.LANGUAGE_COLORS))
    others = style.theme_colors([name for name in names if name not in style.LANGUAGE_COLORS])
    return {name: style.LANGUAGE_COLORS.get(name) or others[name] for name in names}


def sequential_colors(values: np.ndarray) -> np.ndarray:
    """Return a color (r, g, b, a) for each value of 0 to 1, white to dark green."""
    return LinearSegmentedColormap.from_list("topiclib", style.SEQUENTIAL_COLORS)(values)


def draw_heatmap(ax: Axes, values: np.ndarray, format_value: Callable[[float], str]) -> None:
    """Draw a matrix of shares as squares, the darkest the largest, each with its value unless that is 0."""
    most = float(values.max()) or 1.0
    rows, columns = values.shape
    for row in range(rows):
        colors = sequential_colors(values[row] / most)
        ax.bar(range(columns), 0.94, width=0.97, bottom=row - 0.47, color=colors, lw=0)
        for column in np.flatnonzero(values[row]):
            ink = style.text_color_on(colors[column])
            text = format_value(float(values[row, column]))
            ax.text(float(column), row, text, ha="center", va="center", size=font_size(0.8), color=ink)
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))
    ax.spines[:].set_visible(False)


def _multiples(step: float, low: float, top: float) -> np.ndarray:
    return step * np.arange(np.ceil(low / step - 1e-9), np.floor(top / step + 1e-9) + 1)


def set_percent_ticks(ax: Axes, top: float, says: Locale, *, low: float = 0.0, count: int = 3, axis: str = "x") -> None:
    """Give an axis round ticks, about `count` from `low` to `top` (shares; 0 is one of them), written as percents."""
    steps = np.array([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0])
    place = int(np.searchsorted(steps, (top - low) / (count + 0.5)).clip(0, len(steps) - 1))
    ticks = _multiples(steps[place], low, top)
    if len(ticks) < 2 and place > 0:  # one alone is no scale: of -19 to 18 % the tens, since the twenties are outside
        ticks = _multiples(steps[place - 1], low, top)
    ax.set(**{f"{axis}ticks": ticks, f"{axis}ticklabels": [says.percent(tick) for tick in ticks]})
