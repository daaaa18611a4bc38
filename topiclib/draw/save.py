"""Write a figure to files, the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib import _text_helpers
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from topiclib import style

FORMATS = ("png", "svg", "pdf")
# What would tell when, and by which version, a file was written.
_NO_DATES: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
# Not ZWNJ: it belongs to the spelling of a word.
_UNPRINTED = frozenset("\u200d\u200e\u200f\u061c\u2066\u2067\u2068\u2069")


def save(figure: Figure | Axes | np.ndarray, path: str | Path, *, formats: Iterable[str] = FORMATS) -> list[Path]:
    """Write a figure as `path` with each format's suffix, and return the files written.

    An Axes, or an array of them, stands for its figure.

    The bytes depend on the figure and on the installed versions, and on nothing else: not on the time, the process, the
    locale or the user's matplotlibrc. SVG holds text as outlines, for a reader without the fonts. PDF holds text as
    text, which can be searched for: see `_glyph_by_glyph`.

    Raises
    ------
    ValueError
        If a format is not png, svg or pdf.
    """
    whole = (
        figure if isinstance(figure, Figure) else np.ravel(np.asarray(figure, dtype=object))[0].get_figure(root=True)
    )
    written = []
    for form in formats:
        if form not in FORMATS:
            raise ValueError(f"format is {form!r}: expected one of {', '.join(FORMATS)}")
        target = Path(f"{path}.{form}")
        with style.context(), _glyph_by_glyph() if form == "pdf" else nullcontext():
            whole.savefig(target, format=form, metadata=_NO_DATES[form])
        written.append(target)
    return written


class _Face:
    """A font as the PDF backend names it; no two are equal, so that each glyph is placed by its own position."""

    def __init__(self, font: Any) -> None:
        self.fname, self.face_index = font.fname, font.face_index


@contextmanager
def _glyph_by_glyph() -> Iterator[None]:
    """While a PDF is written, place each glyph by its own position, and leave the marks of direction out of the text.

    matplotlib 3.11 writes a line as runs, a new one wherever the embedded font changes (each form of an Arabic letter
    but one is in a second part of the font), and adds the kern before a run to a position that contains it already.
    Next to a ZWNJ, an isolate or a diacritic that kern is a whole space: letters are set apart, and a search finds no
    word that has one. The pictures (PNG, SVG) do not have the defect, and are not touched.

    What a search still misses, depending on the reader: lam-alef in a reader that turns ligatures round, words with
    written vowels, and (Chromium's reader) ZWNJ, where the word is found without it.
    """
    layout = _text_helpers.layout

    def placed(*arguments: Any, **options: Any) -> Iterator[SimpleNamespace]:
        for glyph in layout(*arguments, **options):
            if glyph.char not in _UNPRINTED:
                yield SimpleNamespace(
                    ft_object=_Face(glyph.ft_object),
                    char=glyph.char,
                    glyph_index=glyph.glyph_index,
                    x=glyph.x,
                    y=glyph.y,
                    prev_kern=0.0,
                )

    _text_helpers.layout = placed  # type: ignore[assignment]
    try:
        yield
    finally:
        _text_helpers.layout = layout
