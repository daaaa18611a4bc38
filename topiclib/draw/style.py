"""How every figure looks: fonts, palette, right-to-left text, the rc context (its words: `draw/strings.csv`).

Importing this module changes nothing of matplotlib. `context()` sets the style and puts everything back. The fonts
come from installed packages and are registered, when a figure is first drawn, under names of our own: a system font
of the same family can neither shadow them nor be shadowed by them, and a figure can still be shown after the context
has ended.
"""

import dataclasses
import functools
import importlib.resources
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import matplotlib.style
from matplotlib import font_manager
from matplotlib.colors import to_rgb

from topiclib.draw import style as fonts

FONT_WEIGHTS = (400, 500, 600, 700)

FIGURE_WIDTHS = {"column": 3.4, "page": 7.1, "slide": 11.0}  # inches: 86 mm, 180 mm, a 16:9 slide

FONT_SIZES = {"column": 7.0, "page": 8.0, "slide": 14.0}  # points

# Okabe and Ito's blue and vermilion, a little darker so that text in them is legible (contrast over 4.5 on white).
LANGUAGE_COLORS = {"fa": "#0A64A4", "ar": "#B8480A"}

# Paul Tol's "muted" set, ordered so that neighbors differ in lightness too; the ninth is grey.
THEME_COLORS = ("#332288", "#CC6677", "#117733", "#88CCEE", "#882255", "#999933", "#AA4499", "#44AA99", "#6B6B6B")

TEXT_COLOR, MUTED_COLOR, FAINT_COLOR, GRID_COLOR, EMPTY_COLOR = "#1E1E1E", "#5C5C5C", "#B4B4B4", "#E7E7E7", "#F3F3F3"

SIDE_COLORS = ("#5B2A86", "#0B6E5B")  # any two sides that are not the languages

MIN_CONTRAST = 4.5  # the contrast that text needs

SEQUENTIAL_COLORS = ("#FFFFFF", "#DCE9E4", "#A9CDC1", "#6BA99A", "#2F7F76", "#0B5351")

_RIGHT_TO_LEFT_ISOLATE, _LEFT_TO_RIGHT_ISOLATE, _END_ISOLATE = "\u2067", "\u2066", "\u2069"

_BIDI_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")


def _alias(font: str) -> str:
    return f"topiclib {font}"


@functools.cache
def register_fonts() -> None:
    """Make the packaged fonts known to matplotlib under names of our own ("topiclib sans"), once a process.

    Raises
    ------
    ModuleNotFoundError
        If a font package is not installed.
    """
    folders = {font: fonts.font_folder(font) for font in fonts.FONT_PACKAGES}
    # DejaVu Sans comes with matplotlib: for the letters of scholarly Latin (ḥ ṣ ʿ) that Plex lacks.
    folders["latin"] = Path(mpl.get_data_path()) / "fonts" / "ttf"
    for font, folder in folders.items():
        pattern = "DejaVuSans[.-]*ttf" if font == "latin" else "*.ttf"
        entries = [
            font_manager.ttfFontProperty(font_manager.get_font(str(path))) for path in sorted(folder.glob(pattern))
        ]
        upright = {entry.weight: entry for entry in entries if entry.style == "normal" and entry.stretch == "normal"}
        for weight in FONT_WEIGHTS:
            nearest = upright[min(upright, key=lambda there, wanted=weight: (abs(there - wanted), -there))]  # type: ignore[misc]
            named = dataclasses.replace(nearest, name=_alias(font), weight=weight)
            font_manager.fontManager.ttflist.insert(0, named)


def rc_params(size: str = "page", font: str = "sans") -> dict[str, object]:
    """Return the rc parameters of the style, for one `size` (column, page, slide) and `font` (sans, serif).

    Raises
    ------
    ValueError
        If the size or the font is not one of those.
    """
    for value, allowed, what in ((size, FIGURE_WIDTHS, "size"), (font, fonts.FONT_PACKAGES, "font")):
        if value not in allowed:
            raise ValueError(f"{what} is {value!r}: expected one of {', '.join(allowed)}")
    points = FONT_SIZES[size] * (1.15 if font == "serif" else 1.0)  # Amiri draws Arabic script small
    line = FONT_SIZES[size] / 8
    return {
        "font.family": [_alias(font), _alias("latin")],
        "font.size": points,
        "text.parse_math": False,  # a $ sign in a headline is a $ sign; mathematics would also break the shaping
        "text.hinting": "none",
        "text.color": TEXT_COLOR,
        "figure.figsize": (FIGURE_WIDTHS[size], FIGURE_WIDTHS[size] * 0.62),
        "figure.dpi": 120,
        "savefig.dpi": 220,
        "svg.fonttype": "path",  # the reader's machine need not have the fonts
        "svg.hashsalt": "topiclib",
        "pdf.fonttype": 42,
        "pdf.compression": 0,  # zlib differs between builds of Python, and the bytes with it
        "axes.titlesize": points * 1.1,
        "axes.titleweight": 600,
        "axes.labelsize": points,
        "axes.labelcolor": MUTED_COLOR,
        "axes.edgecolor": FAINT_COLOR,
        "axes.linewidth": 0.6 * line,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
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
        "ytick.major.size": 0,
        "xtick.major.width": 0.6 * line,
        "legend.frameon": False,
    }


@contextmanager
def context(size: str = "page", *, font: str = "sans") -> Iterator[None]:
    """Set the style inside a `with` block.

    It starts from matplotlib's own defaults: a user's matplotlibrc does not leak in, nor the style out.

    Raises
    ------
    ValueError
        If the size or the font is not one of those of `rc_params`.
    """
    import matplotlib.pyplot as plt

    register_fonts()
    # Loads the backend now. Loaded inside, what it sets (a notebook's: that figures show by themselves) would be undone
    # with the style, and no later figure of the notebook would show.
    plt.draw_if_interactive()
    with mpl.style.context(["default", rc_params(size, font)]):
        yield


@contextmanager
def ensure_style() -> Iterator[None]:
    """Set the style unless it is set already; the decorator of every draw function."""
    if str(mpl.rcParams["font.family"][0]).startswith("topiclib "):
        yield
    else:
        with context():
            yield


def text_direction(text: str) -> str:
    """Return "rtl" if any letter of the text is of a right-to-left script, else "ltr".

    Any letter, not the first: "COVID-19 در ایران" is a Persian line that happens to begin in Latin.
    """
    return "rtl" if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text) else "ltr"


def isolate(text: str, lang: str = "") -> str:
    """Wrap each line in the isolate of its direction, so that it is laid out the same in any surroundings.

    Controls that are in the text already are dropped: a stray one would turn the rest of a label. `lang` fa or ar
    makes even a line without such letters right-to-left. Idempotent; an empty line stays empty.
    """
    lines = []
    for line in _BIDI_CONTROLS.sub("", str(text)).split("\n"):
        right = lang in ("fa", "ar") or text_direction(line) == "rtl"
        start = _RIGHT_TO_LEFT_ISOLATE if right else _LEFT_TO_RIGHT_ISOLATE
        lines.append(f"{start}{line}{_END_ISOLATE}" if line and (right or lang) else line)
    return "\n".join(lines)


def theme_colors(keys: Sequence[str]) -> dict[str, str]:
    """Return a color for each theme, by its place in `keys`; beyond nine themes the colors come round again."""
    return {key: THEME_COLORS[place % len(THEME_COLORS)] for place, key in enumerate(keys)}


def text_color_on(background: Sequence[float]) -> str:
    """Return the color of text that can be read on a color (r, g, b of 0 to 1): the ink, else white, else black.

    Their contrast is 4.5 or more, on any color: white and black cannot both fall short.

    Source: Web Content Accessibility Guidelines 2.2, success criterion 1.4.3 (relative luminance and contrast ratio).
    """
    behind = _luminance(background)
    return next(
        ink for ink in (TEXT_COLOR, "white", "black") if _contrast(behind, _luminance(to_rgb(ink))) >= MIN_CONTRAST
    )


def _luminance(color: Sequence[float]) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


FONT_PACKAGES = {"sans": "fontpkg_ibm_plex_sans_arabic", "serif": "fontpkg_amiri"}


def font_folder(font: str) -> Path:
    """Return the folder with a font's files.

    Raises
    ------
    ModuleNotFoundError
        If its package is not installed.
    """
    return Path(str(importlib.resources.files(FONT_PACKAGES[font]) / "files"))
