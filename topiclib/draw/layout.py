"""The page of a figure (size, title, legend, key and note), and elements that several figures share."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from topiclib import schema
from topiclib.draw import style
from topiclib.draw.labels import text_extent, wrap_text
from topiclib.draw.localization import Locale

MIN_WIDE_EMS = 45
WRAPPED_PART = 0.95  # part of the width that lines of title and note fill: on a screen, hinting makes text wider


def font_size(scale: float = 1.0) -> float:
    """Return the text size of the style in points, times `scale`."""
    return float(mpl.rcParams["font.size"]) * scale


def page_width() -> float:
    """Return the width of a figure between its margins, in points."""
    return float(mpl.rcParams["figure.figsize"][0]) * 72 - font_size(1)


def page_lines(taken: float = 8) -> float:
    """Return the number of lines left on a page, after those `taken` by title, legend, tick labels and note."""
    return float(mpl.rcParams["figure.figsize"][1]) / lines_to_inches(1) - taken


def lines_to_inches(n_lines: float) -> float:
    """Return the height of `n_lines` lines of text in inches."""
    return n_lines * font_size() * 1.45 / 72


def is_wide() -> bool:
    """Return whether the page is wide enough for panels side by side and for a map that is much wider than high."""
    return page_width() > font_size(MIN_WIDE_EMS)


def n_columns(n_panels: int, ems: float) -> int:
    """Return the number of columns for panels at least `ems` wide, in rows as equal as possible."""
    n_rows = -(-n_panels // max(1, int(page_width() / font_size(ems))))
    return -(-n_panels // max(n_rows, 1)) or 1


def muted(scale: float = 0.8, **look: Any) -> dict[str, Any]:
    """Return keyword arguments for secondary text: gray, `scale` times the font size, and those of `look`."""
    return {"size": font_size(scale), "color": style.MUTED_COLOR, **look}


class Page(Figure):
    """A figure as wide as the style says, and as high as its panels, title, legend, key and note need.

    `caption` and `alt` describe it in its language; `save` writes them beside the figure.
    """

    caption = alt = ""

    def fit(
        self, height: float, *, title: str = "", legend: Sequence[Artist] = (), key: Iterable[str] = (),
        note: str = "", right: bool = False,
    ) -> None:  # fmt: skip
        """Write title and legend above the panels, key and note below, and make the figure high enough for all of them.

        Parameters
        ----------
        height
            Height of the panels in inches, without what is written around them.
        title, note
            Text above and below the panels.
        legend
            Handles of the legend.
        key
            Entries below the panels, such as numbers and the labels they stand for.
        right
            Whether to align all of them at the right.
        """
        for artist in (*self.texts, *self.legends):
            artist.remove()
        margin, side = font_size(0.5) / 72 / self.get_figwidth(), "right" if right else "left"
        x = 1 - margin if right else margin
        above: list[Any] = []
        below: list[Any] = []
        if title:
            wrapped = style.isolate(wrap_text(title, page_width() * WRAPPED_PART, scale=1.1, weight=600))
            above.append(self.text(x, 1, wrapped, ha=side, va="top", size=font_size(1.1), weight=600))
        if legend:
            above.append(self._add_legend(legend, side, handlelength=1.2, handletextpad=0.4))
        if entries := [Line2D([], [], ls="none", label=text) for text in key]:
            look = {"fontsize": font_size(0.8), "labelcolor": style.MUTED_COLOR, "labelspacing": 0.25}
            below.append(self._add_legend(entries, side, handlelength=0, handletextpad=0, **look))
        if note:
            wrapped = style.isolate(wrap_text(note, page_width() * WRAPPED_PART, scale=0.8), "fa" if right else "")
            below.append(self.text(x, 1, wrapped, ha=side, va="top", linespacing=1.15, **muted()))
        gap = font_size(0.6) / 72
        with agg_renderer(self) as renderer:
            heights = {artist: artist.get_window_extent(renderer).height / self.dpi for artist in (*above, *below)}
        top, bottom = (sum(heights[artist] + gap for artist in artists) for artists in (above, below))
        # At first too high, because constrained layout does nothing if the panels would collapse.
        total = round(height + top + bottom + 3.0, 3)
        for is_final in (False, True):
            self.set_figheight(total)
            engine: Any = self.get_layout_engine()
            engine.set(rect=(0, bottom / total, 1, 1 - (top + bottom) / total))
            if not is_final:
                run_layout(self)
                total = round(total + height - self._height_of_panels(), 3)
        for artists, y in ((above, total - gap), (below, bottom - gap / 2)):
            for artist in artists:
                if isinstance(artist, Text):
                    artist.set_y(y / total)
                else:
                    artist.set_bbox_to_anchor((x, y / total), self.transSubfigure)
                y -= heights[artist] + gap

    def _add_legend(self, handles: Sequence[Artist], side: str, **look: Any) -> Any:
        """Add a legend in as many columns as the width of the page holds."""
        width = max(text_extent(str(handle.get_label()))[0] for handle in handles) + font_size(3.2)
        columns = max(1, min(len(handles), int(page_width() / width)))
        look = {"loc": f"upper {side}", "borderpad": 0, "borderaxespad": 0, "columnspacing": 1.2, **look}
        return self.legend(handles=handles, ncols=columns, **look)

    def _height_of_panels(self) -> float:
        """Return the height of all rows of panels in inches; a panel with a fixed aspect counts with its whole cell."""
        panels = [(ax, ax.get_subplotspec()) for ax in self.axes]
        first = [ax.get_position(original=True) for ax, spec in panels if spec and spec.colspan.start == 0]
        return sum(box.height for box in first) * self.get_figheight()


def new_figure(*, gap: float = 0.02) -> Page:
    """Return a new figure with constrained layout; `gap` is the space between panels as a fraction of a panel."""
    # Through pyplot, so that a notebook shows it.
    figure: Any = plt.figure(FigureClass=Page)
    pad = font_size(0.5) / 72
    figure.set_layout_engine("constrained", w_pad=pad, h_pad=pad, wspace=gap, hspace=gap)
    return figure


@contextmanager
def agg_renderer(figure: Figure) -> Iterator[RendererAgg]:
    """Give a figure an Agg canvas in a `with` block, so that sizes do not depend on backend or screen."""
    canvas = figure.canvas
    try:
        yield FigureCanvasAgg(figure).get_renderer()
    finally:
        figure.set_canvas(canvas)


def run_layout(figure: Figure) -> None:
    """Run the layout engine of a figure once, and hide tick labels that would overlap."""
    with agg_renderer(figure) as renderer:
        if engine := figure.get_layout_engine():
            engine.execute(figure)
        for ax in figure.axes:
            _thin_tick_labels(ax, renderer)


def _thin_tick_labels(ax: Axes, renderer: RendererAgg) -> None:
    """Hide each tick label of the x axis that overlaps the next visible one."""
    left = np.inf
    for label in reversed(ax.get_xticklabels()):
        if label.get_visible() and label.get_text():
            box = label.get_window_extent(renderer)
            if box.x1 > left - font_size(0.3):
                label.set_visible(False)
            else:
                left = box.x0


def annotate(
    ax: Axes, text: str, at: tuple[float, float], offset: tuple[float, float], *, coords: Any = "data", **look: Any
) -> None:
    """Write a text `offset` points (right, up) away from the position `at`, given in the coordinates `coords`."""
    ax.annotate(text, at, xycoords=coords, xytext=offset, textcoords="offset points", **look)


def mark_empty(ax: Axes, locale: Locale) -> Axes:
    """Replace the content of an Axes by the text "Nothing to show", and return it."""
    ax.set(xticks=[], yticks=[])
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


def fit_labels(texts: Sequence[str], part: float, *, max_lines: float = 2) -> tuple[list[str], float, int]:
    """Return row labels wrapped to a part of the page's width, their width in points, and the most lines that one has.

    A label has at most two lines, or one if `max_lines` is below 2.
    """
    limit = page_width() * part
    wrapped = [wrap_text(text, limit, max_lines=2 if max_lines >= 2 else 1) for text in texts]
    width = max((text_extent(line)[0] for text in wrapped for line in text.split("\n")), default=0.0)
    return [style.isolate(text) for text in wrapped], width, max((text.count("\n") + 1 for text in wrapped), default=1)


def draw_heatmap(
    ax: Axes, values: np.ndarray, x: np.ndarray, y: np.ndarray, *, label: Callable[[float], str], width: float
) -> None:
    """Draw a cell for each value (rows by columns), darker for larger values, and write the values if they fit.

    `width` is the width of the Axes in points. NaN and 0 give an empty cell.
    """
    filled = np.isfinite(values) & (values > 0)
    largest = float(values[filled].max()) if filled.any() else 1.0
    step = float(np.diff(x).min()) if len(x) > 1 else 1.0
    # Levels start at 0.15, so that the smallest value is darker than an empty cell.
    levels = np.where(filled, 0.15 + 0.85 * np.where(filled, values, 0) / largest, 0)
    colors = LinearSegmentedColormap.from_list("topiclib", style.SEQUENTIAL_COLORS)(levels)
    colors[~filled] = mpl.colors.to_rgba(style.EMPTY_COLOR)
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (step * 0.46, 0.44)
    centers = np.stack(np.broadcast_arrays(x[None, :], y[:, None]), axis=-1)
    # Polygons rather than an image: they stay sharp in SVG and PDF, with a gap between the cells.
    corners: Any = (centers[:, :, None, :] + half).reshape(-1, 4, 2)
    cells = PolyCollection(corners, facecolors=colors.reshape(-1, 4), lw=0)
    ax.add_collection(cells, autolim=False)
    span = (x.max() - x.min() + step * 1.2) / step
    widest = max((text_extent(label(value), scale=0.75)[0] for value in np.unique(values[filled])), default=0)
    if widest < width / span * 0.9:
        for row, column in np.argwhere(filled):
            look: dict[str, Any] = {"size": font_size(0.75), "color": style.text_color_on(colors[row, column])}
            ax.text(x[column], y[row], label(values[row, column]), ha="center", va="center", **look)
    ax.set(xlim=(x.min() - step * 0.6, x.max() + step * 0.6), ylim=(y.max() + 0.6, y.min() - 0.6))
    ax.spines[:].set_visible(False)


def label_columns(ax: Axes, x: np.ndarray, texts: Sequence[str], cell: float) -> None:
    """Label the columns of a heat map, `cell` points wide each, above it; labels that do not fit are set upright."""
    longest = max((text_extent(word)[0] for text in texts for word in text.split()), default=0)
    upright = longest > cell * 0.95
    room, lines = (font_size(11), max(1, int(cell / font_size(1.45)))) if upright else (cell * 0.95, 3)
    wrapped = [style.isolate(wrap_text(text, room, max_lines=lines)) for text in texts]
    look: dict[str, Any] = {"rotation": 90} if upright else {}
    ax.set_xticks(x, wrapped, color=style.TEXT_COLOR, va="bottom", **look)
    ax.tick_params(axis="x", top=False, bottom=False, labeltop=True, labelbottom=False)


def _multiples(step: float, low: float, top: float) -> np.ndarray:
    # The tolerance keeps a limit that is a multiple up to rounding errors.
    return step * np.arange(np.ceil(low / step - 1e-9), np.floor(top / step + 1e-9) + 1)


def set_percent_ticks(
    ax: Axes, top: float, locale: Locale, *, low: float = 0.0, count: int = 3, axis: str = "x"
) -> None:
    """Set about `count` ticks at round shares from `low` to `top`, including 0, labeled in percent."""
    steps = np.array([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0])
    index = int(np.searchsorted(steps, (top - low) / (count + 0.5)).clip(0, len(steps) - 1))
    ticks = _multiples(steps[index], low, top)
    # A single tick gives no scale: from -19 to 18 %, the only multiple of 20 % is 0, so the step is 10 %.
    if len(ticks) < 2 and index > 0:
        ticks = _multiples(steps[index - 1], low, top)
    ax.set(**{f"{axis}ticks": ticks, f"{axis}ticklabels": [locale.format_percent(tick) for tick in ticks]})
