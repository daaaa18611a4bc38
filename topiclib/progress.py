"""Progress on standard error: a line for each stage, and bars where someone watches them."""

import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any


def is_watched() -> bool:
    """Return whether standard error is a terminal or Jupyter: every step of a bar would be a line of a log file."""
    return "ipykernel" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())


def progress_bar(items: Iterable[Any] | None = None, *, progress: bool, **settings: Any) -> Any:
    """Return a bar of tqdm with these settings, which is hidden where nobody watches it."""
    from tqdm.auto import tqdm

    return tqdm(items, disable=not (progress and is_watched()), **settings)


@contextmanager
def progress_line(name: str, progress: bool) -> Iterator[list[str]]:
    """Print a name, and complete its line with what the block adds to the list; warnings get lines of their own.

    Where nobody watches, the line is printed at the end, so that an error stands alone.
    """
    end: list[str] = []
    if not progress or not is_watched():
        yield end
        if progress and end:
            print(name + "".join(end), file=sys.stderr, flush=True)
        return
    shown, is_open = warnings.showwarning, True

    def show_below(*message: Any, **options: Any) -> None:
        nonlocal is_open
        if is_open:
            print(file=sys.stderr)
        is_open = False
        shown(*message, **options)

    print(name, end="", file=sys.stderr, flush=True)
    warnings.showwarning = show_below
    try:
        yield end
    finally:
        warnings.showwarning = shown
        if end or is_open:
            again = f"\r{name}" if end else ""  # a bar has overwritten it
            print(again + "".join(end), file=sys.stderr, flush=True)
