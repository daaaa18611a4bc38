"""Read the TOML files that users write: themes, and decisions about topics."""

import tomllib
from pathlib import Path
from typing import Any


def read_toml(path: Path, expected: str) -> dict[str, Any]:
    """Return the content of a file; the error of one that cannot be read is one line.

    Raises
    ------
    FileNotFoundError
        If there is no such file; the message names what was `expected`.
    ValueError
        If the file is not UTF-8 or not valid TOML.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise FileNotFoundError(f"{path} {what}: expected {expected}")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 text: save it as UTF-8 in your editor") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(f"{path} is not valid TOML: {error}") from error
