"""Write a figure to PNG, SVG, PDF and TIFF, with the same bytes every time."""

import itertools
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import _text_helpers
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import LoadFlags

from topiclib.draw import layout, style

FORMATS = ("png", "svg", "pdf")
ALL_FORMATS = (*FORMATS, "tiff")

# None removes an entry: the date and the version of matplotlib would differ between runs.
_REPRODUCIBLE_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}

# Left out of the text of a PDF, so that a search finds the word. ZWNJ is not: it is part of the spelling.
_INVISIBLE = frozenset("\u200d\u200e\u200f\u061c\u2066\u2067\u2068\u2069")


def save(figure: Figure | Axes | np.ndarray, path: str | Path, *, formats: Iterable[str] = FORMATS) -> list[Path]:
    """Write a figure, or the figure of Axes, to `path` plus the suffix of each format; return the files.

    Beside a figure of this package, its caption and its alt text (for those who cannot see it) are written, in its
    language, as `path` plus ".caption.txt" and ".alt.txt".

    The bytes depend only on the figure and the installed versions, not on the time, the process, the locale or the
    user's matplotlibrc. SVG has text as outlines, so that no fonts are needed; PDF has text that can be searched.
    Not thread-safe: matplotlib is patched while a PDF is written.
    """
    artist = figure if isinstance(figure, Figure) else np.ravel(np.asarray(figure, dtype=object))[0]
    root = artist.get_figure(root=True)
    files = {form: Path(f"{path}.{form}") for form in formats}
    for form in files:
        if form not in ALL_FORMATS:
            raise ValueError(f"format is {form!r}: expected one of {', '.join(ALL_FORMATS)}")
    with nullcontext() if style.is_set() else style.context(), _frozen_layout(root):
        is_raster = any(artist.get_rasterized() for artist in root.findobj())
        for form, file in files.items():
            options: dict[str, Any] = {"metadata": _REPRODUCIBLE_METADATA.get(form)}
            if form == "tiff":
                options["pil_kwargs"] = {"compression": "tiff_lzw"}
            # A map with very many points is an image, which without compression would take megabytes.
            with (
                _searchable_pdf_text() if form == "pdf" else nullcontext(),
                mpl.rc_context({"pdf.compression": 6 * is_raster}),
            ):
                root.savefig(file, format=form, **options)
    if isinstance(root, layout.Page) and root.caption:
        for name in ("caption", "alt"):
            text = style.without_controls(getattr(root, name))
            (described := Path(f"{path}.{name}.txt")).write_text(text + "\n", encoding="utf-8")
            files[name] = described
    return list(files.values())


@contextmanager
def _frozen_layout(figure: Figure) -> Iterator[None]:
    """Run the layout once and switch the layout engine off, so that all formats have the same layout."""
    layout.run_layout(figure)
    engine = figure.get_layout_engine()
    figure.set_layout_engine("none")
    for ax in figure.axes:
        # The solver's result differs in the last digits from one process to another, and with it the ids in an SVG.
        ax.set_position(np.round(ax.get_position(original=True).bounds, 6))
        ax.set_in_layout(True)  # again, when the figure is shown later
    try:
        yield
    finally:
        figure.set_layout_engine(engine)


class _UniqueFont:
    """The attributes of a font that the PDF backend reads, in an object that is equal only to itself."""

    # The backend starts a new text position only where (font, subset) differs from those of the previous glyph. Objects
    # compared by identity always differ, so each glyph is placed at its own x, and prev_kern, which x already
    # contains, is not added again.
    def __init__(self, font: Any) -> None:
        self.fname, self.face_index = font.fname, font.face_index


@contextmanager
def _searchable_pdf_text() -> Iterator[None]:
    """Patch matplotlib's text layout while a PDF is written, so that Arabic-script text can be searched and copied."""
    # matplotlib 3.11 writes a line as runs, and starts a run wherever the embedded font subset changes (all forms of an
    # Arabic letter but one are in a second subset). It adds the kerning before a run to a position that already
    # contains it. Next to a ZWNJ, an isolate or a diacritic this is as wide as a space, so that a word is split and not
    # found. PDF readers also disagree on the order of the letters of a ligature.
    #
    # With the patch poppler and MuPDF find whole words, also with lam-alef and ZWNJ, but not with vowel marks.
    # Chromium finds a word with ZWNJ only if it is typed without, and no word with lam-alef or another ligature.
    #
    # There is no public hook between text shaping and the PDF backend. The function patched here is private: if a
    # release moves it, the tests of searchable text fail.
    original = _text_helpers.layout

    def layout_by_glyph(*arguments: Any, **options: Any) -> Iterator[SimpleNamespace]:
        # Glyphs of one shaping cluster have the same `char`: all letters of a ligature, or a letter with its marks.
        for text, glyphs in itertools.groupby(original(*arguments, **options), key=lambda glyph: glyph.char):
            if text not in _INVISIBLE:
                for glyph, index, char, x in _place_letters(text, list(glyphs)):
                    font = _UniqueFont(glyph.ft_object)
                    yield SimpleNamespace(ft_object=font, char=char, glyph_index=index, x=x, y=glyph.y, prev_kern=0.0)

    _text_helpers.layout = layout_by_glyph  # type: ignore[assignment]
    try:
        yield
    finally:
        _text_helpers.layout = original


def _place_letters(text: str, glyphs: list[Any]) -> Iterator[tuple[Any, int, str, float]]:
    """Yield (glyph, glyph index, letters, x) so that the letters of a cluster are in visual order."""
    decomposed = unicodedata.normalize("NFD", text) if len(text) == 1 else text
    right_to_left = unicodedata.bidirectional(decomposed[0]) in ("R", "AL")
    # A letter with marks, shaped as several glyphs: each gets its own character, the last one what is left.
    if 1 < len(glyphs) <= len(decomposed) and any(map(unicodedata.combining, decomposed)):
        chars = [*decomposed[: len(glyphs) - 1], decomposed[len(glyphs) - 1 :]]
        for glyph, char in zip(glyphs, reversed(chars) if right_to_left else chars, strict=True):
            yield glyph, glyph.glyph_index, char, glyph.x
    elif text == "\u200c":
        yield from ((glyph, _blank_glyph(glyph.ft_object), text, glyph.x) for glyph in glyphs)
    elif len(text) == 1:
        yield from ((glyph, glyph.glyph_index, text, glyph.x) for glyph in glyphs)
    else:
        # A ligature. A reader sorts letters by position: the leftmost one stays with the glyph, the others get blank
        # glyphs just inside its right edge, a hundredth of its width apart, in visual order.
        for glyph in glyphs:
            width = _advance_width(glyph)
            for i, char in enumerate(text[::-1] if right_to_left else text):
                index = glyph.glyph_index if i == 0 else _blank_glyph(glyph.ft_object)
                yield glyph, index, char, glyph.x + (width * (0.98 + 0.01 * i) if i else 0)


def _blank_glyph(font: Any) -> int:
    """Return the index of an invisible glyph, preferably one without width."""
    return font.get_char_index(0) or font.get_char_index(0x200B) or font.get_char_index(ord(" "))


def _advance_width(glyph: Any) -> float:
    """Return the advance width of a glyph in points."""
    return glyph.ft_object.load_glyph(glyph.glyph_index, flags=LoadFlags.NO_HINTING).linearHoriAdvance / 65536
