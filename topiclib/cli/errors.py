"""Run a command; format its errors and warnings as one readable line."""

import os
import re
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

MAX_LINE_LENGTH = 480

INVISIBLE_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def run_command(command: Callable[..., int | None], *, traceback: bool = False, **values: Any) -> int:
    """Run a command and return its exit status: its own or 0, 2 for invalid input, 130 if it was interrupted."""
    try:
        with warnings.catch_warnings():
            warnings.showwarning = print_warning  # type: ignore[assignment]
            status = command(**values) or 0
            sys.stdout.flush()
            return status
    except BrokenPipeError:  # as with `| head`; the flush at exit must not raise it again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError, ModuleNotFoundError, KeyError, MemoryError) as error:
        if traceback:
            raise
        print(f"topiclib: {format_error(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("topiclib: interrupted; what was finished is kept, an older run is unchanged", file=sys.stderr)
        return 130


def print_warning(message: Any, category: type[Warning], filename: str, lineno: int, *_: Any) -> None:
    """Print a warning as one line, with its location unless it is addressed to the user."""
    location = "" if issubclass(category, UserWarning) else f" ({category.__name__}, {Path(filename).name}:{lineno})"
    print(f"topiclib: {format_error(message)}{location}", file=sys.stderr)


def format_error(error: Any) -> str:
    """Return an error as one line of visible characters: file names may contain any."""
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    if isinstance(error, OSError) and error.strerror and error.filename:
        text = f"{error.filename}: {error.strerror}"
    if isinstance(error, MemoryError):
        text = f"not enough memory ({text or 'no details'}): use fewer or shorter articles at once"
    line = INVISIBLE_CHARACTERS.sub(lambda match: ascii(match[0])[1:-1], " ".join(text.split()))
    if len(line) >= MAX_LINE_LENGTH:
        line = f"{line[: MAX_LINE_LENGTH - 100]} ... {line[-90:]}"
    return line or type(error).__name__
