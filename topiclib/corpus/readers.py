"""Files to frames: which files there are, what bytes mean, how a table is read. What the columns mean is for
`corpus`.
"""

import io
import json
import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from topiclib.text.letters import ZWNJ

FILE_SUFFIXES = (".txt", ".html", ".htm", ".csv", ".tsv", ".jsonl", ".parquet")

# trafilatura drops every half-space (می‌رود comes out as میرود), so a sign that no news uses takes its place meanwhile.
_ZWNJ_FORMS = re.compile(f"{ZWNJ}|&zwnj;|&#8204;|&#x200c;", re.IGNORECASE)

_ZWNJ_PLACEHOLDER = "\ua66e"

BYTE_ORDER_MARKS = (  # of UTF-32 before those of UTF-16, which they begin with
    (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip

MAX_ROWS = 20_000_000

MAX_UNPACKED_BYTES, MAX_UNPACK_RATIO = (
    500_000_000,
    100,
)  # a Parquet file may unpack to so much and so many times its size

ROWS_PER_BATCH = 256  # few, since a row may be a whole book

MIN_CELL_BYTES = 8  # of any cell at least, also of those that a file does not spell out

MAX_CELLS, MAX_CELLS_PER_BYTE = 10_000_000, 0.1  # a table may have so many, or so many for each byte of its file

MAX_ARTICLE_BYTES = 100_000_000  # bytes of a .txt or .html, which is one

_UNNAMED_INDEX = re.compile(r"__index_level_\d+__")


def find_files(path: Path, *, exclude: str | Path | None = None) -> Iterator[tuple[Path, Path]]:
    """Yield each file to read below a path with the folder that its id is counted from, sorted by name.

    Raises
    ------
    FileNotFoundError
        If the path does not exist, or it is a folder without any file of a kind that is read.
    ValueError
        If it is a file of another kind.
    """
    if not path.exists():
        raise FileNotFoundError(
            f"{path} does not exist: give a folder of .txt files, or a {', '.join(FILE_SUFFIXES)} file"
        )
    if path.is_file():
        if path.suffix.lower() not in FILE_SUFFIXES:
            raise ValueError(
                f"{path} is a {path.suffix or 'file without ending'}: expected one of {', '.join(FILE_SUFFIXES)}"
            )
        yield path, path.parent
        return
    if not path.is_dir():
        raise ValueError(f"{path} is neither a file nor a folder: give a folder of .txt files, or one file of articles")
    aside = None if exclude is None else Path(exclude).resolve()
    found = [file for file in sorted(_iter_files(path)) if file.resolve() != aside]
    if not found:
        raise FileNotFoundError(
            f"{path} has no {', '.join(FILE_SUFFIXES)} file in it: put the articles there, one a .txt file or one a table row"
        )
    yield from ((file, path) for file in found)


def _iter_files(path: Path) -> Iterator[Path]:
    """Yield the files that are read, hidden ones left out. A folder that may not be opened is an error: what is in it
    would be missing without a word.
    """

    def stop(error: OSError) -> None:
        raise error

    for folder, below, files in os.walk(path, onerror=stop):  # links to folders are not followed: a loop of them ends
        below[:] = [name for name in below if not name.startswith(".")]
        for file in (Path(folder) / name for name in files if not name.startswith(".")):
            if file.suffix.lower() in FILE_SUFFIXES and file.is_file():
                yield file


def read_table_file(file: Path) -> pd.DataFrame:
    """Read a table file; cells of .csv and .tsv stay text.

    Raises
    ------
    ValueError
        If it is damaged, empty or no text; the message names the file.
    """
    kind = file.suffix.lower()
    try:
        if kind == ".parquet":
            frame = read_parquet(file)
            _check_cell_count(len(frame), len(frame.columns), file.stat().st_size)
            return frame
        text = decode(file.read_bytes(), name=str(file))
        if not text.strip():
            raise ValueError("it is empty")
        if kind == ".jsonl":
            return _read_jsonl(text)
        return _read_delimited(text, "\t" if kind == ".tsv" else _guess_delimiter(text))
    except (ValueError, OSError, pd.errors.ParserError) as error:
        message = str(error).splitlines()[0]
        if str(file) not in message:
            message = f"{file} cannot be read as {kind[1:]}: {message}"
        raise ValueError(message) from error


def _check_cell_count(rows: int, columns: int, size: int) -> None:
    """Raise ValueError where a table has far more cells than a file of its size can fill: nearly all are empty."""
    if rows * columns > max(MAX_CELLS, MAX_CELLS_PER_BYTE * size):
        raise ValueError(f"{rows:,} rows with {columns:,} columns, nearly all cells empty: keep the columns you need")


def _guess_delimiter(text: str) -> str:
    """Return what parts the cells of a .csv: a comma, or where its first line has none, what spreadsheets write."""
    head = text.lstrip().partition("\n")[0]
    return next((sign for sign in ",;\t" if sign in head), ",")


def _read_delimited(text: str, delimiter: str) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            # Only an empty cell is missing: "NA" and "null" are words.
            return pd.read_csv(
                io.StringIO(text), sep=delimiter, dtype=str, keep_default_na=False, na_values=[""], index_col=False
            )
        except pd.errors.ParserWarning as error:
            raise ValueError("its rows have more cells than its first line has names") from error


def read_parquet(file: Path) -> pd.DataFrame:
    """Read the columns of a Parquet file as they are.

    What the file tells pandas about itself is not believed (an index is a column), and one that unpacks to far more
    than its size is given up before it fills the memory.

    Raises
    ------
    ValueError, OSError
        If it is damaged, has more than `MAX_ROWS` rows, or unpacks without measure.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as stored:
        facts = stored.metadata
        if facts.num_rows > MAX_ROWS:
            raise ValueError(f"it has {facts.num_rows:,} rows, more than the {MAX_ROWS:,} that are read")
        most = MAX_UNPACKED_BYTES + MAX_UNPACK_RATIO * file.stat().st_size
        size = sum(facts.row_group(i).total_byte_size for i in range(facts.num_row_groups))
        batches, spelt = [], 0  # bytes when all repeats are spelt out
        for batch in stored.iter_batches(batch_size=ROWS_PER_BATCH) if size <= most else ():
            spelt += sum(map(_expanded_size, batch.columns))
            if spelt > most:
                break
            batches.append(batch)
        if max(size, spelt) > most:
            raise ValueError(f"it unpacks to more than {most / 1e6:,.0f} MB, far more than its size: not read")
        table = pa.Table.from_batches(batches, schema=stored.schema_arrow)
    unnamed = [name for name in table.column_names if _UNNAMED_INDEX.fullmatch(name)]
    return table.drop_columns(unnamed).to_pandas(ignore_metadata=True)


def _expanded_size(column: Any) -> int:
    """Return the bytes of a column when every value is written out, also those of a dictionary."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = column.dictionary if pa.types.is_dictionary(column.type) else None
    if values is None or not (pa.types.is_large_string(values.type) or pa.types.is_string(values.type)):
        spelt = column.nbytes
    else:
        spelt = pc.sum(pc.binary_length(values).take(column.indices)).as_py() or 0
    return max(spelt, MIN_CELL_BYTES * len(column))


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
        needed = f'{file} is a web page: install the reader with pip install "topiclib[html]"'
        raise ModuleNotFoundError(needed) from error
    source = _ZWNJ_FORMS.sub(_ZWNJ_PLACEHOLDER, read_text_file(file))
    page: Any = bare_extraction(source, include_comments=False, with_metadata=True)
    if page is None or not page.text:
        raise ValueError(f"{file} has no article that could be found in the page: save its text as .txt")
    found = {"title": page.title, "text": page.text, "date": page.date, "source": page.sitename, "url": page.url}
    return {name: (value or "").replace(_ZWNJ_PLACEHOLDER, ZWNJ) for name, value in found.items()}


def _read_jsonl(text: str) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    names: set[str] = set()
    # Not splitlines(): U+2028 and U+0085 may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:  # ValueError also for a number of thousands of digits
            raise ValueError(f'line {number} is no JSON: expected one object a line, as {{"text": "..."}}') from error
        if not isinstance(row, dict):
            raise ValueError(f"line {number} is {type(row).__name__}: expected an object with a text")
        rows.append(row)
        names.update(row)
    _check_cell_count(len(rows), len(names), len(text))
    return pd.DataFrame(rows)


def read_text_file(file: Path) -> str:
    """Read a file that is one article.

    Raises
    ------
    ValueError
        If it is larger than any article, or no text; the message names it.
    """
    size = file.stat().st_size
    if size > MAX_ARTICLE_BYTES:  # known before it is read: a file with a hole in it may be larger than the memory
        most = f"one article, {MAX_ARTICLE_BYTES / 1e6:,.0f} MB at most"
        raise ValueError(f"{file} has {size / 1e6:,.0f} MB: a {file.suffix} file is {most}; put many into a .jsonl")
    return decode(file.read_bytes(), name=str(file))


def decode(data: bytes, *, name: str) -> str:
    """Decode a file's bytes: UTF-8, UTF-16 (with a mark or without), Windows-1256 and the like.

    Raises
    ------
    ValueError
        If the bytes are no text; the message names the file.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode_or_raise(data, encoding, name)
    if b"\0" not in data:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return _decode_damaged_utf8(data, name) or _decode_guessed(data, name)
    return _decode_or_raise(data, _detect_utf16(data, name), name)


def _decode_or_raise(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        broken = f"{name} begins as {encoding} but breaks at byte {error.start}: save it as UTF-8 again"
        raise ValueError(broken) from error


def _decode_damaged_utf8(data: bytes, name: str) -> str:
    """Return UTF-8 text in which a few bytes are broken, U+FFFD in their places, with a warning; "" if it is not."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    # In another encoding every letter beyond ASCII is broken; here nearly none is.
    if 50 * broken > sum(char > "\x7f" for char in text):
        return ""
    line = text.partition("\ufffd")[0].count("\n") + 1
    warnings.warn(f"{name} has {broken} bytes that are no UTF-8, the first in line {line}: left out", stacklevel=2)
    return text


def _detect_utf16(data: bytes, name: str) -> str:
    """Tell UTF-16 without a mark from binary: half of its bytes are high bytes, few in kind (00 and 06 for Arabic
    script).
    """
    for encoding, high in (("utf-16-le", data[1:4000:2]), ("utf-16-be", data[0:4000:2])):
        usual = sum(byte in (0x00, 0x06, 0x20, 0xFB, 0xFE) for byte in high)
        if usual > 0.95 * len(high) and b"\0\0" not in data[:4000]:
            return encoding
    raise ValueError(f"{name} is not text (it holds NUL bytes): expected UTF-8 text")


def _decode_guessed(data: bytes, name: str) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:200_000], cp_isolation=["cp1256", "iso8859_6", "cp1252", "mac_arabic"]).best()
    if best is None:
        raise ValueError(f"{name} is not text in any encoding that is known here: expected UTF-8")
    text = data.decode(best.encoding, "replace")
    # cp1256 gives every byte a letter, so random bytes decode too: text is mostly letters and spaces.
    if sum(char.isalpha() or char.isspace() for char in text[:4000]) < 0.7 * len(text[:4000]):
        raise ValueError(f"{name} is not text (unreadable bytes): expected UTF-8 text")
    return text
