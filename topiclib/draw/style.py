"""Style of the figures: fonts, colors, rc parameters, right-to-left text.

Importing this module does not change matplotlib; `context()` sets the style and restores the previous one, and calling
the module, as in `tl.style("column", grey=True)`, sets it for all figures that follow. The fonts come from installed
packages and are registered when a figure is first drawn, under names such as "topiclib sans": so they do not collide
with system fonts of the same family, and a figure can still be shown after the context.
"""

import dataclasses
import functools
import importlib.resources
import re
import sys
import types
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.style
from matplotlib import font_manager
from matplotlib.collections import Collection
from matplotlib.colors import to_rgb, to_rgba_array
from matplotlib.figure import Figure

STYLE_SHEET = Path(__file__).with_name("topiclib.mplstyle")

FONT_PACKAGES = {"sans": "fontpkg_ibm_plex_sans_arabic", "serif": "fontpkg_amiri"}

FONT_WEIGHTS = (400, 500, 600, 700)
FIGURE_WIDTHS = {"column": 3.4, "page": 7.1, "slide": 11.0}  # inches: 86 mm, 180 mm, a 16:9 slide
PAGE_HEIGHTS = {"column": 9.4, "page": 9.4, "slide": 6.2}  # inches; panels and rows are limited to what this holds
FONT_SIZES = {"column": 7.0, "page": 8.0, "slide": 14.0}  # points

# Okabe and Ito's blue and vermilion, darkened so that text in these colors has a contrast above 4.5 on white, and the
# blue further, so that they differ in grayscale too (CIE L* 31 and 49).
LANGUAGE_COLORS = {"fa": "#084C80", "ar": "#C24E0A"}

# Paul Tol's "muted" set, ordered so that adjacent colors differ in lightness too; the ninth is gray.
THEME_COLORS = ("#332288", "#CC6677", "#117733", "#88CCEE", "#882255", "#999933", "#AA4499", "#44AA99", "#6B6B6B")

TEXT_COLOR, MUTED_COLOR, FAINT_COLOR, GRID_COLOR, EMPTY_COLOR = "#1E1E1E", "#5C5C5C", "#B4B4B4", "#E7E7E7", "#F3F3F3"
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*", "<", ">")
LANGUAGE_MARKERS = dict(zip(LANGUAGE_COLORS, MARKERS, strict=False))
MAX_SERIES = 6  # lines in a panel; more cannot be told apart
SIDE_COLORS = ("#5B2A86", "#0B6E5B")  # for two sides other than the languages
SEQUENTIAL_COLORS = ("#FFFFFF", "#DCE9E4", "#A9CDC1", "#6BA99A", "#2F7F76", "#0B5351")

MIN_CONTRAST = 4.5  # of text with its background: WCAG 2.2, success criterion 1.4.3

_RIGHT_TO_LEFT_ISOLATE, _LEFT_TO_RIGHT_ISOLATE, _END_ISOLATE = "\u2067", "\u2066", "\u2069"
_BIDI_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")


@functools.cache
def register_fonts() -> None:
    """Register the fonts of the font packages with matplotlib ("topiclib sans", "topiclib serif"), once per process."""
    folders = {font: font_folder(font) for font in FONT_PACKAGES}
    # Plex lacks letters of transliteration (ḥ ṣ ʿ), so DejaVu Sans, which comes with matplotlib, is the fallback.
    folders["latin"] = Path(mpl.get_data_path()) / "fonts" / "ttf"
    for font, folder in folders.items():
        pattern = "DejaVuSans[.-]*ttf" if font == "latin" else "*.ttf"
        files = map(str, sorted(folder.glob(pattern)))
        entries = [font_manager.ttfFontProperty(font_manager.get_font(file)) for file in files]
        upright = {entry.weight: entry for entry in entries if entry.style == "normal" and entry.stretch == "normal"}
        for weight in FONT_WEIGHTS:
            # Amiri has only 400 and 700: the other weights get the nearest file, so that each has an exact match.
            nearest = upright[min(upright, key=lambda w, weight=weight: (abs(w - weight), -w))]  # type: ignore[misc]
            alias = dataclasses.replace(nearest, name=f"topiclib {font}", weight=weight)
            font_manager.fontManager.ttflist.insert(0, alias)


@contextmanager
def context(size: str = "page", *, font: str = "sans", grey: bool = False, dpi: float | None = None) -> Iterator[None]:
    """Set the style in a `with` block.

    Parameters
    ----------
    size
        Width and text size: column, page or slide.
    font
        sans or serif.
    grey
        Draw without color. Series differ in lightness and marker.
    dpi
        Resolution of PNG and TIFF, and of maps with very many points in SVG and PDF. Default: 220.

    All other parameters have matplotlib's defaults: the user's matplotlibrc has no effect. An unknown size or font
    raises ValueError, a font package that is not installed ModuleNotFoundError.
    """
    import matplotlib.pyplot as plt

    for value, allowed, what in ((size, FIGURE_WIDTHS, "size"), (font, FONT_PACKAGES, "font")):
        if value not in allowed:
            raise ValueError(f"{what} is {value!r}: expected one of {', '.join(allowed)}")
    if dpi is not None and not 30 <= dpi <= 2400:
        raise ValueError(f"dpi is {dpi}: expected 30 to 2400")
    register_fonts()
    # Loads the backend now. Loaded inside the context, its own settings (in a notebook: show figures automatically)
    # would be reset at the end of the context, and no later figure of the notebook would be shown.
    plt.draw_if_interactive()
    points = FONT_SIZES[size] * (1.15 if font == "serif" else 1.0)  # Arabic script is small in Amiri
    line = FONT_SIZES[size] / 8
    parameters = {
        # Plex or Amiri first, also for Latin; matplotlib takes from the second only the glyphs that the first lacks.
        "font.family": [f"topiclib {font}", "topiclib latin"],
        "font.size": points,
        "text.color": TEXT_COLOR,
        "figure.figsize": (FIGURE_WIDTHS[size], PAGE_HEIGHTS[size]),
        "axes.titlesize": points * 1.1,
        "axes.labelcolor": MUTED_COLOR,
        "axes.edgecolor": FAINT_COLOR,
        "axes.linewidth": 0.6 * line,
        "grid.color": GRID_COLOR,
        "grid.linewidth": 0.6 * line,
        "lines.linewidth": 1.2 * line,
        "xtick.labelsize": points * 0.9,
        "ytick.labelsize": points * 0.9,
        "xtick.color": FAINT_COLOR,
        "ytick.color": FAINT_COLOR,
        "xtick.labelcolor": MUTED_COLOR,
        "ytick.labelcolor": TEXT_COLOR,
        "xtick.major.size": 2.5 * line,
        "xtick.major.width": 0.6 * line,
        "image.cmap": "Greys" if grey else "viridis",  # `is_gray` reads it: rcParams has no entries of ours
    } | ({"savefig.dpi": dpi} if dpi else {})
    with mpl.style.context(["default", STYLE_SHEET, parameters]):
        yield


class _Style(types.ModuleType):
    """The type of this module, which makes it callable."""

    current = ExitStack()

    def __call__(self, size: str = "page", **options: Any) -> ExitStack:
        """Set the style until it is set again, or to the end of a `with` block; parameters as for `context`."""
        stack = ExitStack()
        self.current.close()
        stack.enter_context(context(size, **options))
        self.current = stack
        return stack


sys.modules[__name__].__class__ = _Style


def is_set() -> bool:
    """Return whether a style of this module is set."""
    return str(mpl.rcParams["font.family"][0]).startswith("topiclib ")


def is_gray() -> bool:
    """Return whether the style is without color."""
    return is_set() and mpl.rcParams["image.cmap"] == "Greys"


def make_gray(figure: Figure) -> None:
    """Replace every color of a figure by the gray of the same luminance."""
    for artist in figure.findobj():
        for name in ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor"):
            if hasattr(artist, f"set_{name}") and hasattr(artist, f"get_{name}"):
                colors = getattr(artist, f"get_{name}")()
                if not isinstance(colors, str) or colors not in ("none", "auto"):
                    rgba = to_rgba_array(colors)
                    rgba[:, :3] = (rgba[:, :3] @ [0.2126, 0.7152, 0.0722])[:, None]
                    getattr(artist, f"set_{name}")(rgba if isinstance(artist, Collection) else tuple(rgba[0]))


def series_looks(levels: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return color and marker of each level, up to nine: languages have their own."""
    points = float(mpl.rcParams["font.size"])
    others = ((c, m) for c, m in zip(THEME_COLORS, (*MARKERS[len(LANGUAGE_COLORS) :], "o"), strict=False))
    looks = {}
    for level in levels:
        color, marker = (LANGUAGE_COLORS[level], LANGUAGE_MARKERS[level]) if level in LANGUAGE_COLORS else next(others)
        looks[level] = {"color": color, "marker": marker, "ms": points * 0.4, "mew": points * 0.08}
    return looks


def text_direction(text: str) -> str:
    """Return "rtl" if the text has any letter of a right-to-left script, else "ltr"."""
    # Not by the first letter, as the bidi algorithm does: "COVID-19 در ایران" is a Persian line.
    return "rtl" if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text) else "ltr"


def isolate(text: str, lang: str = "") -> str:
    """Wrap each line in a bidi isolate of its direction, so that the text around it does not reorder it.

    Bidi controls in the text are removed. With `lang` fa or ar all lines are right-to-left, even those without such
    letters; left-to-right lines are wrapped only if `lang` is given. Idempotent; an empty line stays empty.
    """
    # Without an isolate the first letter decides, and "COVID-19 در ایران" is laid out left to right. A control that a
    # headline leaves open would reverse the rest of a label.
    lines = []
    for line in _BIDI_CONTROLS.sub("", str(text)).split("\n"):
        rtl = lang in ("fa", "ar") or text_direction(line) == "rtl"
        start = _RIGHT_TO_LEFT_ISOLATE if rtl else _LEFT_TO_RIGHT_ISOLATE
        lines.append(f"{start}{line}{_END_ISOLATE}" if line and (rtl or lang) else line)
    return "\n".join(lines)


def without_controls(text: str) -> str:
    """Return a text without bidi controls."""
    return _BIDI_CONTROLS.sub("", text)


def text_color_on(background: Sequence[float]) -> str:
    """Return the first of `TEXT_COLOR`, white and black with enough contrast on a color (r, g, b in [0, 1])."""
    luminance = _luminance(background)
    colors = (TEXT_COLOR, "white", "black")
    return next(color for color in colors if _contrast(luminance, _luminance(to_rgb(color))) >= MIN_CONTRAST)


def _luminance(color: Sequence[float]) -> float:
    """Return the relative luminance of WCAG 2.2; white or black has a contrast of 4.5 or more with any color."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def font_folder(font: str) -> Path:
    """Return the folder with the files of a font of `FONT_PACKAGES`."""
    return Path(str(importlib.resources.files(FONT_PACKAGES[font]) / "files"))
