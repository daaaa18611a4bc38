"""Files to frames: which files there are, what bytes mean, how a table is read. What the columns mean is for
`corpus`.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

KINDS = (".txt", ".html", ".htm", ".csv", ".tsv", ".jsonl", ".parquet")

# trafilatura drops every half-space (می‌رود comes out as میرود), so a sign that no news uses takes its place meanwhile.
_HALF_SPACE = re.compile("\u200c|&zwnj;|&#8204;|&#x200c;", re.IGNORECASE)
_STAND_IN = "\ua66e"


def find_files(path: Path, *, besides: str | Path | None = None) -> Iterator[tuple[Path, Path]]:
    """Yield each file to read below a path with the folder that its id is counted from, sorted by name.

    Raises
    ------
    FileNotFoundError
        If the path does not exist, or it is a folder without any file of a kind that is read.
    ValueError
        If it is a file of another kind.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist: give a folder of .txt files, or a {', '.join(KINDS)} file")
    if path.is_file():
        if path.suffix.lower() not in KINDS:
            raise ValueError(f"{path} is a {path.suffix or 'file without ending'}: expected one of {', '.join(KINDS)}")
        yield path, path.parent
        return
    aside = None if besides is None else Path(besides).resolve()
    # os.walk inside rglob does not follow links to folders, so a loop of links ends.
    found = [
        file
        for file in sorted(path.rglob("*"))
        if file.suffix.lower() in KINDS
        and file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
        and file.resolve() != aside
    ]
    if not found:
        raise FileNotFoundError(
            f"{path} has no {', '.join(KINDS)} file in it: put the articles there, one a .txt file or one a table row"
        )
    yield from ((file, path) for file in found)


def read_table(file: Path) -> pd.DataFrame:
    """Read a table file; cells of .csv and .tsv stay text.

    Raises
    ------
    ValueError
        If it is damaged, empty or no text; the message names the file.
    """
    kind = file.suffix.lower()
    try:
        if kind == ".parquet":
            return pd.read_parquet(file)
        text = decode(file.read_bytes(), name=str(file))
        if not text.strip():
            raise ValueError("it is empty")
        if kind == ".jsonl":
            return _read_lines(text)
        # Only an empty cell is missing: "NA" and "null" are words.
        return pd.read_csv(
            io.StringIO(text), sep="\t" if kind == ".tsv" else ",", dtype=str, keep_default_na=False, na_values=[""]
        )
    except (ValueError, OSError, pd.errors.ParserError) as error:
        message = str(error).splitlines()[0]
        raise ValueError(
            message if str(file) in message else f"{file} cannot be read as {kind[1:]}: {message}"
        ) from error


def read_html(file: Path) -> dict[str, str]:
    """Read the article out of a saved web page: title, text, date, source and url, as far as the page tells.

    Raises
    ------
    ModuleNotFoundError
        If the extra [html] is not installed.
    ValueError
        If the page has no article that can be found.
    """
    try:
        from trafilatura import bare_extraction
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f'{file} is a web page: install the reader with pip install "topiclib[html]"'
        ) from error
    source = _HALF_SPACE.sub(_STAND_IN, decode(file.read_bytes(), name=str(file)))
    page: Any = bare_extraction(source, include_comments=False, with_metadata=True)
    if page is None or not page.text:
        raise ValueError(f"{file} has no article that could be found in the page: save its text as .txt")
    found = {"title": page.title, "text": page.text, "date": page.date, "source": page.sitename, "url": page.url}
    return {name: (value or "").replace(_STAND_IN, "\u200c") for name, value in found.items()}


def _read_lines(text: str) -> pd.DataFrame:
    rows = []
    # Not splitlines(): U+2028 and U+0085 may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(f"line {number} is no JSON ({type(error).__name__})") from error
        if not isinstance(row, dict):
            raise ValueError(f"line {number} is {type(row).__name__}: expected an object with a text")
        rows.append(row)
    return pd.DataFrame(rows)


def decode(data: bytes, *, name: str) -> str:
    """Decode a file's bytes: UTF-8, UTF-16 (with a mark or without), Windows-1256 and the like.

    Raises
    ------
    ValueError
        If the bytes are no text; the message names the file.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decode(data, encoding, name)
    if b"\0" not in data:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return _guess(data, name)
    return _decode(data, _utf16(data, name), name)


def _decode(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{name} begins as {encoding} but breaks at byte {error.start}: save it as UTF-8 again"
        ) from error


def _utf16(data: bytes, name: str) -> str:
    """Tell UTF-16 without a mark from binary: half of its bytes are high bytes, few in kind (00 and 06 for Arabic
    script).
    """
    for encoding, high in (("utf-16-le", data[1:4000:2]), ("utf-16-be", data[0:4000:2])):
        if high and sum(byte in (0x00, 0x06, 0x20, 0xFB, 0xFE) for byte in high) / len(high) > 0.95:
            return encoding
    raise ValueError(f"{name} is not text (it holds NUL bytes): expected UTF-8 text")


def _guess(data: bytes, name: str) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:200_000], cp_isolation=["cp1256", "iso8859_6", "cp1252", "mac_arabic"]).best()
    if best is None:
        raise ValueError(f"{name} is not text in any encoding that is known here: expected UTF-8")
    text = data.decode(best.encoding, "replace")
    # cp1256 gives every byte a letter, so random bytes decode too: text is mostly letters and spaces.
    if sum(char.isalpha() or char.isspace() for char in text[:4000]) < 0.7 * len(text[:4000]):
        raise ValueError(f"{name} is not text (unreadable bytes): expected UTF-8 text")
    return text
