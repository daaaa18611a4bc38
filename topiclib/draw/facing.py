"""Two columns of words back to back, each word on a bar that says how much it weighs."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from topiclib import style
from topiclib.draw import page

Word = tuple[str, float]


def facing_words(ax: Axes, left: Sequence[Word], right: Sequence[Word], *, colours: tuple[str, str], rows: int) -> None:
    """Write words outward from a middle line, over faint bars from it; the x axis runs from -1 to 1, lengths up to 1.

    Left words end and right words begin at the middle, whichever way their script runs. `rows` is the number of lines
    that the Axes has room for, so that panels of one figure agree.
    """
    for side, words, colour in ((-1, left, colours[0]), (1, right, colours[1])):
        places = np.arange(len(words))
        lengths = [min(max(length, 0.0), 1.0) for _, length in words]
        ax.barh(places, [side * length for length in lengths], height=0.78, color=colour, alpha=0.16, lw=0)
        for place, (word, _) in zip(places, words, strict=True):
            align = "left" if side > 0 else "right"
            near = (page.points(0.35) * side, 0)
            page.put_text(ax, style.isolate(word), (0, float(place)), near, ha=align, va="center", color=colour)
    ax.axvline(0, color=style.FAINT, lw=0.6)
    ax.set(xlim=(-1, 1), ylim=(rows - 0.4, -0.6), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
