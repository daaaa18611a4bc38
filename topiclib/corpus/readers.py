"""Find input files, decode them and read them into DataFrames, whose columns `documents` interprets."""

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

# trafilatura drops half-spaces (می‌رود becomes میرود): while it runs, a character that no news uses stands for them.
_ZWNJ_FORMS = re.compile(f"{ZWNJ}|&zwnj;|&#8204;|&#x200c;", re.IGNORECASE)

_ZWNJ_PLACEHOLDER = "\ua66e"

# UTF-32 comes first: its little-endian mark begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip

# Limits on Parquet files, since 500 million rows of one value fit into a few kB. A file may unpack to the sum of
# MAX_UNPACKED_BYTES and MAX_UNPACK_RATIO times its size.
MAX_ROWS = 20_000_000
MAX_UNPACKED_BYTES = 500_000_000
MAX_UNPACK_RATIO = 100

# Few rows at a time, since one may hold a whole book.
ROWS_PER_BATCH = 256

# At least this for each cell, so that null and dictionary-encoded cells count too.
MIN_CELL_BYTES = 8

# A table may have MAX_CELLS cells, or MAX_CELLS_PER_BYTE for each byte of its file if that is more.
MAX_CELLS = 10_000_000
MAX_CELLS_PER_BYTE = 0.1

# Maximum size of a .txt or .html file, which is one article.
MAX_ARTICLE_BYTES = 100_000_000

_UNNAMED_INDEX = re.compile(r"__index_level_\d+__")


def find_files(path: Path, *, exclude: str | Path | None = None) -> Iterator[tuple[Path, Path]]:
    """Yield the files to read at a path, sorted by name, each with the folder that its id is relative to.

    Raises
    ------
    FileNotFoundError
        If the path does not exist, or is a folder without a file of a supported type.
    ValueError
        If it is a file of another type.
    """
    suffixes = ", ".join(FILE_SUFFIXES)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist: expected a folder, or a file of type {suffixes}")
    if path.is_file():
        if path.suffix.lower() not in FILE_SUFFIXES:
            raise ValueError(f"{path} has the suffix {path.suffix!r}: expected one of {suffixes}")
        yield path, path.parent
        return
    if not path.is_dir():
        raise ValueError(f"{path} is neither a file nor a folder: expected a folder, or a file of type {suffixes}")
    excluded = None if exclude is None else Path(exclude).resolve()
    files = [file for file in sorted(_iter_files(path)) if file.resolve() != excluded]
    if not files:
        raise FileNotFoundError(f"{path} has no {suffixes} file: expected one article per .txt file or table row")
    yield from ((file, path) for file in files)


def _iter_files(path: Path) -> Iterator[Path]:
    """Yield the files of supported types in a folder and its subfolders, hidden ones excluded."""

    # os.walk would skip a folder without permission silently. It does not follow links to folders, which may be a loop.
    def raise_error(error: OSError) -> None:
        raise error

    for folder, subfolders, files in os.walk(path, onerror=raise_error):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for file in (Path(folder) / name for name in files if not name.startswith(".")):
            if file.suffix.lower() in FILE_SUFFIXES and file.is_file():
                yield file


def read_table_file(file: Path) -> pd.DataFrame:
    """Read a .csv, .tsv, .jsonl or .parquet file; cells of .csv and .tsv stay strings.

    Raises
    ------
    ValueError
        If it is damaged, empty or not text.
    """
    suffix = file.suffix.lower()
    try:
        if suffix == ".parquet":
            frame = read_parquet(file)
            _check_cell_count(len(frame), len(frame.columns), file.stat().st_size)
            return frame
        text = decode(file.read_bytes(), name=str(file))
        if not text.strip():
            raise ValueError("it is empty")
        if suffix == ".jsonl":
            return _read_jsonl(text)
        return _read_delimited(text, "\t" if suffix == ".tsv" else _guess_delimiter(text))
    except (ValueError, OSError, pd.errors.ParserError) as error:
        message = str(error).splitlines()[0]
        if str(file) not in message:
            message = f"{file} cannot be read as {suffix[1:]}: {message}"
        raise ValueError(message) from error


def _check_cell_count(rows: int, columns: int, size: int) -> None:
    """Raise ValueError if a table has far more cells than a file of its size can fill."""
    if rows * columns > max(MAX_CELLS, MAX_CELLS_PER_BYTE * size):
        raise ValueError(f"{rows:,} rows with {columns:,} columns, nearly all cells empty: keep the columns you need")


def _guess_delimiter(text: str) -> str:
    """Return a comma, or the semicolon or tab that spreadsheets write if the header has no comma."""
    header = text.lstrip().partition("\n")[0]
    return next((delimiter for delimiter in ",;\t" if delimiter in header), ",")


def _read_delimited(text: str, delimiter: str) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            # Only empty cells are missing: "NA" and "null" may be words of the text.
            return pd.read_csv(
                io.StringIO(text), sep=delimiter, dtype=str, keep_default_na=False, na_values=[""], index_col=False
            )
        except pd.errors.ParserWarning as error:
            raise ValueError("some rows have more cells than the header") from error


def read_parquet(file: Path) -> pd.DataFrame:
    """Read a Parquet file, ignoring its pandas metadata: an index becomes a column.

    Raises
    ------
    ValueError, OSError
        If it is damaged, has more than `MAX_ROWS` rows, or unpacks to far more than its size (a decompression bomb).
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as stored:
        metadata = stored.metadata
        if metadata.num_rows > MAX_ROWS:
            raise ValueError(f"it has {metadata.num_rows:,} rows: expected at most {MAX_ROWS:,}")
        max_bytes = MAX_UNPACKED_BYTES + MAX_UNPACK_RATIO * file.stat().st_size
        # The size in the footer does not count repeats of dictionary-encoded values, and may be wrong.
        size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
        batches, expanded = [], 0
        for batch in stored.iter_batches(batch_size=ROWS_PER_BATCH) if size <= max_bytes else ():
            expanded += sum(map(_expanded_size, batch.columns))
            if expanded > max_bytes:
                break
            batches.append(batch)
        if max(size, expanded) > max_bytes:
            raise ValueError(f"it unpacks to more than {max_bytes / 1e6:,.0f} MB: expected less for a file of its size")
        table = pa.Table.from_batches(batches, schema=stored.schema_arrow)
    unnamed = [name for name in table.column_names if _UNNAMED_INDEX.fullmatch(name)]
    return table.drop_columns(unnamed).to_pandas(ignore_metadata=True)


def _expanded_size(column: Any) -> int:
    """Return the size of a column in bytes, with its dictionary expanded."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = column.dictionary if pa.types.is_dictionary(column.type) else None
    if values is None or not (pa.types.is_large_string(values.type) or pa.types.is_string(values.type)):
        size = column.nbytes
    else:
        size = pc.sum(pc.binary_length(values).take(column.indices)).as_py() or 0
    return max(size, MIN_CELL_BYTES * len(column))


def read_html(file: Path) -> dict[str, str]:
    """Extract the article of a saved web page: title, text, date, source and url, "" where the page has none.

    Raises
    ------
    ModuleNotFoundError
        If the extra [html] is not installed.
    ValueError
        If no article is found.
    """
    try:
        from trafilatura import bare_extraction
    except ModuleNotFoundError as error:
        message = f'{file} is a web page: install the reader with pip install "topiclib[html]"'
        raise ModuleNotFoundError(message) from error
    source = _ZWNJ_FORMS.sub(_ZWNJ_PLACEHOLDER, read_text_file(file))
    page: Any = bare_extraction(source, include_comments=False, with_metadata=True)
    if page is None or not page.text:
        raise ValueError(f"{file} is a web page in which no article was found: save its text as .txt")
    fields = {"title": page.title, "text": page.text, "date": page.date, "source": page.sitename, "url": page.url}
    return {name: (value or "").replace(_ZWNJ_PLACEHOLDER, ZWNJ) for name, value in fields.items()}


def _read_jsonl(text: str) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    names: set[str] = set()
    # Not splitlines(): JSON strings may contain U+2028 and U+0085.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:  # ValueError also for numbers of thousands of digits
            raise ValueError(
                f'line {number} is not JSON: expected one object per line, such as {{"text": "..."}}'
            ) from error
        if not isinstance(row, dict):
            raise ValueError(f"line {number} is of type {type(row).__name__}: expected an object with a text")
        rows.append(row)
        names.update(row)
    _check_cell_count(len(rows), len(names), len(text))
    return pd.DataFrame(rows)


def read_text_file(file: Path) -> str:
    """Read a file that holds one article.

    Raises
    ------
    ValueError
        If it is larger than `MAX_ARTICLE_BYTES`, or not text.
    """
    size = file.stat().st_size
    if size > MAX_ARTICLE_BYTES:  # before reading: a sparse file may be larger than memory
        expected = f"one article of at most {MAX_ARTICLE_BYTES / 1e6:,.0f} MB, or a .jsonl file of many"
        raise ValueError(f"{file} is {size / 1e6:,.0f} MB: expected {expected}")
    return decode(file.read_bytes(), name=str(file))


def decode(data: bytes, *, name: str) -> str:
    """Decode the bytes of a file: UTF-8, UTF-16 (with or without a byte order mark), Windows-1256 and the like.

    Raises
    ------
    ValueError
        If the bytes are not text.
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
        message = f"{name} starts as {encoding} but is invalid at byte {error.start}: save it as UTF-8"
        raise ValueError(message) from error


def _decode_damaged_utf8(data: bytes, name: str) -> str:
    """Replace a few invalid bytes with U+FFFD, with a warning; return "" if the text is not UTF-8 at all."""
    text = data.decode("utf-8", "replace")
    n_invalid = text.count("\ufffd")
    # In another encoding nearly all letters beyond ASCII are invalid UTF-8.
    if 50 * n_invalid > sum(char > "\x7f" for char in text):
        return ""
    line = text.partition("\ufffd")[0].count("\n") + 1
    warnings.warn(f"{name} has {n_invalid} invalid UTF-8 sequences, the first on line {line}: replaced", stacklevel=2)
    return text


def _detect_utf16(data: bytes, name: str) -> str:
    """Return the encoding of UTF-16 without a byte order mark: nearly all high bytes are those of Arabic and Latin."""
    for encoding, high in (("utf-16-le", data[1:4000:2]), ("utf-16-be", data[0:4000:2])):
        n_expected = sum(byte in (0x00, 0x06, 0x20, 0xFB, 0xFE) for byte in high)
        if n_expected > 0.95 * len(high) and b"\0\0" not in data[:4000]:
            return encoding
    raise ValueError(f"{name} is not text (it contains NUL bytes): expected UTF-8 text")


def _decode_guessed(data: bytes, name: str) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:200_000], cp_isolation=["cp1256", "iso8859_6", "cp1252", "mac_arabic"]).best()
    if best is None:
        raise ValueError(f"{name} is not text in a known encoding: expected UTF-8 text")
    text = data.decode(best.encoding, "replace")
    # cp1256 decodes any bytes, but binary data does not become mostly letters and spaces.
    if sum(char.isalpha() or char.isspace() for char in text[:4000]) < 0.7 * len(text[:4000]):
        raise ValueError(f"{name} is not text (unreadable bytes): expected UTF-8 text")
    return text
