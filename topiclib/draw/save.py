"""Write a figure to files, the same bytes every time."""

import itertools
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib import _text_helpers
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import LoadFlags

from topiclib.draw import layout as page
from topiclib.draw import style

FORMATS = ("png", "svg", "pdf")

# What would tell when, and by which version, a file was written.
_REPRODUCIBLE_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}

# Not ZWNJ: it belongs to the spelling of a word.
_INVISIBLE = frozenset("\u200d\u200e\u200f\u061c\u2066\u2067\u2068\u2069")


def save(figure: Figure | Axes | np.ndarray, path: str | Path, *, formats: Iterable[str] = FORMATS) -> list[Path]:
    """Write a figure as `path` with each format's suffix, and return the files written.

    An Axes, or an array of them, stands for its figure.

    The bytes depend on the figure and on the installed versions, and on nothing else: not on the time, the process, the
    locale or the user's matplotlibrc. SVG holds text as outlines, for a reader without the fonts. PDF holds text as
    text, which can be searched for.

    Raises
    ------
    ValueError
        If a format is not png, svg or pdf.
    """
    given = figure if isinstance(figure, Figure) else np.ravel(np.asarray(figure, dtype=object))[0]
    whole = given.get_figure(root=True)
    chosen, written = list(formats), []
    for form in chosen:
        if form not in FORMATS:
            raise ValueError(f"format is {form!r}: expected one of {', '.join(FORMATS)}")
    with style.context(), _frozen_layout(whole):
        for form in chosen:
            target = Path(f"{path}.{form}")
            with _searchable_pdf_text() if form == "pdf" else nullcontext():
                whole.savefig(target, format=form, metadata=_REPRODUCIBLE_METADATA[form])
            written.append(target)
    return written


@contextmanager
def _frozen_layout(figure: Figure) -> Iterator[None]:
    """Lay the figure out once, for all formats alike."""
    page.run_layout(figure)
    engine = figure.get_layout_engine()
    figure.set_layout_engine("none")
    try:
        yield
    finally:
        figure.set_layout_engine(engine)


class _UniqueFont:
    """A font as the PDF backend names it; no two are equal, so that each glyph is placed by its own position."""

    def __init__(self, font: Any) -> None:
        self.fname, self.face_index = font.fname, font.face_index


@contextmanager
def _searchable_pdf_text() -> Iterator[None]:
    """While a PDF is written, place each glyph by its own position, its letters in the order in which they are read.

    matplotlib 3.11 writes a line as runs, a new one wherever the embedded font changes (each form of an Arabic letter
    but one is in a second part of the font), and adds the kern before a run to a position that contains it already.
    Next to a ZWNJ, an isolate or a diacritic that kern is a whole space: letters are set apart, and a search finds no
    word that has one. Readers also disagree on which letter of a ligature comes first. PNG and SVG are not touched.

    With this, poppler and MuPDF find whole words, lam-alef and ZWNJ included, but none with written vowels. Chromium's
    reader finds a word with a ZWNJ only without it, and none with lam-alef or another ligature.
    """
    layout = _text_helpers.layout

    def placed(*arguments: Any, **options: Any) -> Iterator[SimpleNamespace]:
        for cluster, group in itertools.groupby(layout(*arguments, **options), key=lambda glyph: glyph.char):
            if cluster not in _INVISIBLE:
                for glyph, index, letters, x in _place_letters(cluster, list(group)):
                    where = {"x": x, "y": glyph.y, "prev_kern": 0.0}
                    yield SimpleNamespace(
                        ft_object=_UniqueFont(glyph.ft_object), char=letters, glyph_index=index, **where
                    )

    _text_helpers.layout = placed  # type: ignore[assignment]
    try:
        yield
    finally:
        _text_helpers.layout = layout


def _place_letters(text: str, glyphs: list[Any]) -> Iterator[tuple[Any, int, str, float]]:
    """Yield (glyph, its index, its letters, its x) for a cluster's glyphs, and blanks for a ligature's other letters.

    A ligature keeps the letter at its left; the others stand on blanks at its right edge, so that a reader, which goes
    by position, finds all in their order. A letter with marks is as many glyphs, each of which gets its own.
    """
    parts = unicodedata.normalize("NFD", text) if len(text) == 1 else text
    right_to_left = unicodedata.bidirectional(parts[0]) in ("R", "AL")
    if 1 < len(glyphs) <= len(parts) and any(map(unicodedata.combining, parts)):
        marks = [*parts[: len(glyphs) - 1], parts[len(glyphs) - 1 :]]
        for glyph, letters in zip(glyphs, reversed(marks) if right_to_left else marks, strict=True):
            yield glyph, glyph.glyph_index, letters, glyph.x
    elif text == "\u200c":
        yield from ((glyph, _blank_glyph(glyph.ft_object), text, glyph.x) for glyph in glyphs)
    elif len(text) == 1:
        yield from ((glyph, glyph.glyph_index, text, glyph.x) for glyph in glyphs)
    else:
        shown = text[::-1] if right_to_left else text
        for glyph in glyphs:
            font, width = glyph.ft_object, _advance_width(glyph)
            for place, letter in enumerate(shown):
                index = glyph.glyph_index if place == 0 else _blank_glyph(font)
                yield glyph, index, letter, glyph.x + (width * (0.98 + 0.01 * place) if place else 0)


def _blank_glyph(font: Any) -> int:
    """Return the index of an invisible glyph, one without a width if the font has it."""
    return font.get_char_index(0) or font.get_char_index(0x200B) or font.get_char_index(ord(" "))


def _advance_width(glyph: Any) -> float:
    """Return the width of a glyph in points."""
    return glyph.ft_object.load_glyph(glyph.glyph_index, flags=LoadFlags.NO_HINTING).linearHoriAdvance / 65536
