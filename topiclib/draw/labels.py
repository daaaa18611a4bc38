"""Labels that fit: measure text before it is drawn, shorten or wrap it, and place labels without overlap."""

import bisect
import functools
import re
from collections.abc import Iterable

import matplotlib as mpl
import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from topiclib.draw import style

Box = tuple[float, float, float, float]  # left, bottom, right, top


@functools.lru_cache(maxsize=4096)
def _width(text: str, size: float, families: tuple[str, ...], weight: str | int) -> float:
    font = FontProperties(family=list(families), size=size, weight=weight)
    return float(text_to_path.get_text_width_height_descent(text, font, False)[0])


def text_extent(text: str, *, scale: float = 1.0, weight: str | int = "normal") -> tuple[float, float]:
    """Return the width and height in points of a line in the current font, independent of backend and resolution."""
    size = float(mpl.rcParams["font.size"]) * scale
    return _width(text, size, tuple(mpl.rcParams["font.family"]), weight), size * 1.35


def shorten(text: str, max_chars: int, *, ellipsis: str = "…", counted: bool = True) -> str:
    """Truncate a text between words to at most `max_chars` characters, with an ellipsis, which counts if `counted`."""
    text = " ".join(str(text).split())
    if len(text) <= max_chars:
        return text
    start = text[: max_chars - len(ellipsis) * counted]
    return (start.rsplit(" ", 1)[0] or start).rstrip("،,؛;") + ellipsis


def join_words_to_width(words: Iterable[str], width: float) -> str:
    """Join the first words, as many as fit into `width` points but at least one, with bidi isolates around them.

    The comma is that of the words' script. Without words the result is a dash.
    """
    line = ""
    for word in words:
        comma = "، " if style.text_direction(line + word) == "rtl" else ", "
        longer = f"{line}{comma}{word}" if line else word
        if line and text_extent(style.isolate(longer))[0] > width:
            break
        line = longer
    return style.isolate(line or "–")


def wrap_text(
    text: str, width: float, *, scale: float = 1.0, weight: str | int = "normal", max_lines: int | None = None
) -> str:
    """Break a text into lines of at most `width` points, the last of `max_lines` with an ellipsis, without isolates.

    Lines are broken between words, and within a word that is longer than a line.
    """

    def longest_start(letters: str, end: str = "") -> int:
        """Return how many letters fit into a line, with `end` after them."""
        return max(
            1, bisect.bisect_left(range(1, len(letters) + 1), True, key=lambda n: not fits_in(letters[:n] + end))
        )

    def fits_in(line: str) -> bool:
        return text_extent(style.isolate(line), scale=scale, weight=weight)[0] <= width

    lines = [""]
    # An isolate must not span lines: `style.isolate` wraps each line in its own.
    for word in re.sub("[\u2066-\u2069]", "", text).split(" "):
        if fits_in(longer := f"{lines[-1]} {word}" if lines[-1] else word):
            lines[-1] = longer
            continue
        while not fits_in(word):
            n = longest_start(word)
            lines, word = [*lines, word[:n]], word[n:]
        lines.append(word)
    lines = lines[not lines[0] :]
    if max_lines and len(lines) > max_lines:
        rest = " ".join(lines[max_lines - 1 :])
        lines[max_lines - 1 :] = [rest[: longest_start(rest[:200], "…")].rstrip(" ،,·|") + "…"]
    return "\n".join(lines)


def overlaps(box: Box, boxes: Iterable[Box]) -> bool:
    """Return whether a box overlaps one of the others."""
    left, bottom, right, top = box
    return any(left < b[2] and b[0] < right and bottom < b[3] and b[1] < top for b in boxes)


def place_labels(
    anchors: np.ndarray, sizes: np.ndarray, bounds: Box, *, avoid: np.ndarray, max_distance: float,
    taken: Iterable[Box] = (),
) -> list[Box | None]:  # fmt: skip
    """Return a box for each label near its anchor, inside `bounds`, or None if it would overlap another or one taken.

    Anchors (x, y), sizes (width, height) and the points to `avoid` are rows. Greedy and deterministic: labels are
    placed in the given order, most important first, and never moved again. Candidates are the anchor itself and points
    on ellipses around it, up to `max_distance`; the nearest that covers few points is taken.
    """
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    steps = np.vstack([np.zeros((1, 2)), *(radius * circle for radius in np.linspace(0.15, 1, 7) * max_distance)])
    placed: list[Box | None] = []
    for anchor, size in zip(anchors, sizes, strict=True):
        # Ellipses as wide and high as the label: a wide label has to move farther sideways than up, to be clear.
        offsets = steps * (0.4 + 0.6 * size / max(*size, 1e-9))
        # Moved inside rather than rejected, so that topics at the edge get a label too. The maximum is for a label that
        # is wider than the bounds: without it np.clip would get a maximum below its minimum.
        low = np.array(bounds[:2]) + size / 2
        centers = np.clip(anchor + offsets, low, np.maximum(bounds[2:] - size / 2, low))
        boxes = np.hstack([centers - size / 2, centers + size / 2])
        inside = (avoid > boxes[:, None, :2]) & (avoid < boxes[:, None, 2:])
        covered = np.count_nonzero(inside.all(axis=2), axis=1)
        # The second term is below 1.5 however many points are covered: in a dense map, where every candidate covers
        # many, the distance decides. Ten covered points cost as much as 0.75 of the largest distance.
        cost = np.hypot(*(centers - anchor).T) / max_distance + 1.5 * covered / (covered + 10)
        cost[[overlaps(box, [*taken, *filter(None, placed)]) for box in boxes]] = np.inf
        best = int(cost.argmin())
        placed.append(tuple(boxes[best].tolist()) if np.isfinite(cost[best]) else None)
    return placed
