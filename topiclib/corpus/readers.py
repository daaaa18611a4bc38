"""Find input files, decode them and read them into DataFrames, whose columns `documents` interprets."""

import csv
import gzip
import io
import json
import os
import re
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from topiclib import schema
from topiclib.corpus.columns import count_columns, has_column, make_unique, to_text
from topiclib.schema import plural
from topiclib.text import fold
from topiclib.text.letters import ZWNJ
from topiclib.text.stopwords import stop_words

ARTICLE_SUFFIXES = (".txt", ".html", ".htm", ".docx")
TEXT_SUFFIXES = (".txt", ".html", ".htm", ".csv", ".tsv", ".json", ".jsonl", ".ndjson")
FILE_SUFFIXES = (*TEXT_SUFFIXES, *(f"{suffix}.gz" for suffix in TEXT_SUFFIXES), ".parquet", ".xlsx", ".docx")

# What to do with common files of other types.
ADVICE = {
    ".xlsm": "it may hold macros: save it as .xlsx", ".docm": "it may hold macros: save it as .docx",
    ".xls": "save it as .xlsx", ".doc": "save it as .docx", ".rtf": "save it as .docx", ".odt": "save it as .docx",
    ".pdf": "save its text as .txt", ".zip": "unpack it", ".xml": "convert it to .jsonl or .csv",
}  # fmt: skip

# trafilatura drops half-spaces (می‌رود becomes میرود): while it runs, a character that no news uses stands for them.
_ZWNJ_FORMS = re.compile(f"{ZWNJ}|&zwnj;|&#8204;|&#x200c;", re.IGNORECASE)
_ZWNJ_PLACEHOLDER = "\ua66e"

# UTF-32 comes first: its little-endian mark begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip

ONE_BYTE_ENCODINGS = ("cp1256", "iso8859_6", "mac_arabic", "cp720")
MAX_LATIN_SHARE = 0.3  # of the bytes of a text in cp1252 that are not ASCII

# Limits on Parquet and .gz files, since 500 million rows of one value fit into a few kB. A file may unpack to the sum
# of MAX_UNPACKED_BYTES and MAX_UNPACK_RATIO times its size.
MAX_ROWS = 20_000_000
MAX_UNPACKED_BYTES = 500_000_000
MAX_UNPACK_RATIO = 100
ROWS_PER_BATCH = 256  # few, since a row may hold a whole book
MIN_CELL_BYTES = 8  # null and dictionary-encoded cells take memory too

# A table may have MAX_CELLS cells, or MAX_CELLS_PER_BYTE for each byte of its file if that is more.
MAX_CELLS = 10_000_000
MAX_CELLS_PER_BYTE = 0.1

# The same for .xlsx and .docx, whose XML takes ten times as much memory once it is parsed.
MAX_OFFICE_BYTES = 50_000_000
MAX_OFFICE_RATIO = 20

HEADER_ROWS = 10  # of a sheet, in which its header is looked for: a title may stand above it
MAX_ARTICLE_BYTES = 100_000_000  # of a .txt or .html file, which is one article
HIDDEN = (".", "~$")  # the latter are the lock files of Word and Excel
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_UNNAMED_INDEX = re.compile(r"__index_level_\d+__")


def find_files(
    path: Path, *, exclude: Iterable[str | Path | None] = (), one_of_several: bool = False
) -> Iterator[tuple[Path, Path]]:
    """Yield the files to read at a path, sorted by name, each with the folder that its id is relative to."""
    suffixes = ", ".join((*TEXT_SUFFIXES, *FILE_SUFFIXES[-3:]))
    expected = f"expected a folder, or a file of type {suffixes}"
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist: {expected}")
    if path.is_file():
        if not path.name.lower().endswith(FILE_SUFFIXES):
            raise ValueError(f"{path} has the suffix {path.suffix!r}: {ADVICE.get(path.suffix.lower(), expected)}")
        yield path, path.parent
        return
    if not path.is_dir():
        raise ValueError(f"{path} is neither a file nor a folder: {expected}")
    excluded = {Path(file).resolve() for file in exclude if file is not None}
    files = [file for file in sorted(_iter_files(path)) if file.resolve() not in excluded]
    readable = [file for file in files if file.name.lower().endswith(FILE_SUFFIXES)]
    unread = describe_unread_files([file.name for file in files])
    if not readable:
        but = f", but {unread}" if unread else ""
        raise FileNotFoundError(f"{path} has no {suffixes} file{but}: expected one article per .txt file or table row")
    if unread:
        warnings.warn(f"{path} has {unread}", stacklevel=1)  # once, though a run looks for the files twice
    # Of several folders, one without subfolders is that of an outlet: its name is part of the ids.
    root = path.parent if one_of_several and all(file.parent == path for file in readable) else path
    yield from ((file, root) for file in readable)


def are_several_folders(paths: Iterable[str | Path]) -> bool:
    """Return whether more than one of the paths or URLs is a folder, by its name."""
    return sum(not str(path).lower().endswith(FILE_SUFFIXES) for path in paths) > 1


def describe_unread_files(names: Iterable[str]) -> str:
    """Return the number of files of types that are not read, with the types, or ""."""
    others = [name.lower() for name in names if not name.lower().endswith(FILE_SUFFIXES)]
    suffixes = ("".join(re.findall(r"\.[a-z0-9]{1,8}(?=(?:\.gz)?$)|\.gz$", name)) for name in others)  # .tar.gz
    counts = Counter(suffix or "no suffix" for suffix in suffixes).most_common()
    types = [f"{suffix} {n}" + (f": {ADVICE[suffix]}" if suffix in ADVICE else "") for suffix, n in counts[:8]]
    what = plural(len(others), "file of a kind that is", "files of kinds that are")
    return f"{what} not read ({'; '.join(types)}{'; ...' if len(counts) > 8 else ''})" if others else ""


def _iter_files(path: Path) -> Iterator[Path]:
    """Yield the files in a folder and its subfolders, hidden ones excluded; links to folders may be a loop."""

    def raise_error(error: OSError) -> None:  # os.walk would skip a folder without permission silently
        raise error

    for folder, subfolders, files in os.walk(path, onerror=raise_error):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        paths = (Path(folder) / name for name in files if not name.startswith(HIDDEN))
        yield from filter(Path.is_file, paths)


def file_type(name: str) -> str:
    """Return the suffix of a file without that of its compression: ".jsonl" of "a.JSONL.gz"."""
    return os.path.splitext(name.lower().removesuffix(".gz"))[1]


def read_table_file(file: Path) -> pd.DataFrame:
    """Read a file with one article (or outlet) per row; cells of .csv and .tsv stay strings."""
    kind = file_type(file.name)
    try:
        if kind == ".parquet":
            frame = read_parquet(file)
            _check_cell_count(len(frame), len(frame.columns), file.stat().st_size)
            return frame
        if kind == ".xlsx":
            return _read_workbook(file)
        text = decode(_read_bytes(file), name=str(file))
        if not text.strip():
            raise ValueError("it is empty")
        if kind not in (".json", ".jsonl", ".ndjson") and not (kind == ".txt" and text.lstrip().startswith("{")):
            return _read_delimited(text, file)
        rows = _read_json(text) if kind == ".json" else _read_jsonl(text)
        _check_cell_count(len(rows), len({name for row in rows for name in row}), len(text))
        return pd.DataFrame(rows)
    except (ValueError, OSError) as error:
        message = (str(error) or type(error).__name__).splitlines()[0]
        if str(file) not in message:
            message = f"{file} cannot be read as {kind[1:]}: {message}"
        raise (NoArticlesError if isinstance(error, NoArticlesError) else ValueError)(message) from error


def _read_bytes(file: Path, max_bytes: int | None = None) -> bytes:
    """Return the bytes of a file, unpacked if it is a .gz."""
    if not file.name.lower().endswith(".gz"):
        return file.read_bytes()
    max_bytes = max_bytes or MAX_UNPACKED_BYTES + MAX_UNPACK_RATIO * file.stat().st_size
    try:
        with gzip.open(file) as stream:
            data = stream.read(max_bytes + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{file} is not a complete .gz file ({error})") from error
    if len(data) > max_bytes:
        raise ValueError(f"{file}: {_unpacked_message(max_bytes)}")
    return data


def _unpacked_message(max_bytes: int) -> str:
    return f"it unpacks to more than {max_bytes / 1e6:,.0f} MB: expected less for a file of its size"


def _check_cell_count(rows: int, columns: int, size: int) -> None:
    """Raise ValueError if a table has far more cells than a file of its size can fill."""
    if rows * columns > max(MAX_CELLS, MAX_CELLS_PER_BYTE * size):
        raise ValueError(f"{rows:,} rows with {columns:,} columns, nearly all cells empty: keep the columns you need")


def is_table(text: str) -> bool:
    """Return whether the text of a .txt is a table or lines of JSON: its first line names a text and other columns."""
    header = text.lstrip().partition("\n")[0]
    try:
        names = json.loads(header) if header.startswith("{") else header.split(_find_delimiter(header))
    except (ValueError, RecursionError):
        return False
    return count_columns(str(name).strip('" \r') for name in names) > isinstance(names, list)


def _find_delimiter(header: str) -> str:
    """Return the mark between the names of columns; R separates them by spaces, in quotes."""
    if re.fullmatch(r'"[^"]*"(?: "[^"]*")+\r?', header):
        return " "
    return max(",;\t|", key=re.sub('"[^"]*"', "", header).count)


def _read_delimited(text: str, file: Path) -> pd.DataFrame:
    text = text.lstrip("\ufeff\r\n")
    if declared := re.match(r'"?sep=(.)"?\r?\n', text):  # Excel's first line
        text = text[declared.end() :]
    header = re.split(r"[\r\n]", text, maxsplit=1)[0]
    delimiter = declared[1] if declared else _find_delimiter(header)
    if file_type(file.name) == ".tsv" and "\t" in header:
        delimiter = "\t"
    # Excel, R and pandas quote cells of a .tsv. Other programs do not: a quotation mark of the text would swallow rows.
    # So quotes count only where the lines have different numbers of tabs, which shows that some cells have line breaks.
    n_tabs = {line.count("\t") for line in re.split(r"\r\n|\r|\n", text) if line} if delimiter == "\t" else set()
    is_quoted = len(n_tabs) != 1 or n_tabs == {0}
    (_, names), *rows = _read_rows(text, delimiter, is_quoted)
    if rows and all(len(cells) == len(names) + 1 and cells[0].isdecimal() for _, cells in rows):
        names = ["", *names]  # R gives its column of row names no name
    width = len(names)
    if longer := [line for line, cells in rows if any(cells[width:])]:
        raise ValueError(f"the row on line {longer[0]} has more cells than the header")
    if shorter := [line for line, cells in rows if len(cells) < width]:
        _check_cell_count(len(shorter), width, len(text))
        rows_have = plural(len(shorter), "row has", "rows have")
        example = f"fewer cells than the header, such as that on line {shorter[0]}"
        warnings.warn(f"{file}: {rows_have} {example}: put cells with line breaks into quotation marks", stacklevel=2)
    table = [[cell or None for cell in cells[:width]] + [None] * (width - len(cells)) for _, cells in rows]
    frame = pd.DataFrame(table, columns=names, dtype="object")
    # Only empty cells are missing: "NA" and "null" may be words of the text.
    return frame.loc[:, [bool(name) or not frame.iloc[:, i].isna().all() for i, name in enumerate(names)]]


def _read_rows(text: str, delimiter: str, is_quoted: bool) -> list[tuple[int, list[str]]]:
    """Return the cells of each row that is not blank, with the line on which it begins."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(
        lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE, strict=True
    )
    limit = csv.field_size_limit(len(text) + 1)  # 128 kB by default
    rows, start = [], 1
    try:
        for cells in reader:
            if cells:
                rows.append((start, cells if is_quoted else [*map(_unquote, cells)]))
            start = reader.line_num + 1
    except csv.Error as error:  # a quoted cell goes on after its closing quotation mark
        line = f"the row from line {start} has a quotation mark that does not enclose a cell ({error})"
        raise ValueError(f"{line}: double the marks inside a cell, or save the table as .jsonl") from error
    finally:
        csv.field_size_limit(limit)
    return rows


def _unquote(cell: str) -> str:
    """Remove the quotes of a cell that was quoted as a whole."""
    return cell[1:-1].replace('""', '"') if re.fullmatch(r'"(?:[^"]|"")*"', cell) else cell


def read_parquet(file: Path) -> pd.DataFrame:
    """Read a Parquet file, unless it is a decompression bomb, ignoring pandas metadata: an index becomes a column."""
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
            raise ValueError(_unpacked_message(max_bytes))
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
    """Extract the article of a saved web page: title, text, date, source and url, "" where the page has none."""
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


def _load_json(text: str) -> Any:
    """Parse JSON, with U+FFFD for escaped lone surrogates, which pandas 3 cannot hold in text or in column names."""
    value = json.loads(text)
    return json.loads(to_text(json.dumps(value, ensure_ascii=False))) if _SURROGATE_ESCAPE.search(text) else value


def _read_jsonl(text: str) -> list[dict[str, Any]]:
    rows = []
    # Not splitlines(): JSON strings may contain U+2028 and U+0085.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = _load_json(line)
        except (ValueError, RecursionError) as error:  # ValueError also for numbers of thousands of digits
            expected = 'expected one object per line, such as {"text": "..."}'
            raise ValueError(f"line {number} is not JSON: {expected}") from error
        if not isinstance(row, dict):
            raise ValueError(f"line {number} is of type {type(row).__name__}: expected an object with a text")
        rows.append(row)
    return _find_articles(rows) or rows


def _read_json(text: str) -> list[dict[str, Any]]:
    try:
        rows = _find_articles(_load_json(text))
    except (ValueError, RecursionError) as error:
        if text.lstrip().startswith("{") and "\n" in text.strip():  # lines of JSON are often named .json
            return _read_jsonl(text)
        raise ValueError(f"it is not JSON ({str(error)[:80]})") from error
    if not rows:
        raise NoArticlesError("no article in it: expected an array of objects with a text, or an object that holds one")
    return rows


class NoArticlesError(ValueError):
    """A .json file, such as a program's settings, that holds no article."""


def _find_articles(value: Any, outlet: object = None, depth: int = 5) -> list[dict[str, Any]]:
    """Return the objects with a text in an array, or anywhere in an object: Telegram's chats, an API's answer."""
    if isinstance(value, dict):
        cells = list(value.values())
        if value.keys() >= {"columns", "data"} and has_column(value["columns"], "text"):  # pandas' orient="split"
            return pd.DataFrame(value["data"], columns=value["columns"]).to_dict("records")
        if has_column(value.keys() - {"message"}, "text"):  # "message" is an API's word for a status
            sizes = {len(cell) if isinstance(cell, list | dict) else -1 for cell in cells}
            # pandas writes an object with a list or object for each column.
            is_table = len({*map(type, cells)}) == 1 and len(sizes) == 1 and sizes != {-1}
            return pd.DataFrame(value).to_dict("records") if is_table else [value]
        outlet = value["name"] if isinstance(value.get("name"), str) else outlet  # of the rows that have none
        value = cells
    items = [item for item in value if isinstance(item, list | dict)] if isinstance(value, list) else []
    rows = [item for item in items if isinstance(item, dict)]
    names = {name for row in rows for name in row}
    if has_column(names, "text") and len(rows) == len(items):
        return rows if outlet is None or has_column(names, "source") else [{**row, "source": outlet} for row in rows]
    return [row for item in items for row in _find_articles(item, outlet, depth - 1)] if depth else []


def _read_workbook(file: Path) -> pd.DataFrame:
    """Read the sheets of an .xlsx that have a text column, or the first sheet if none has."""
    from openpyxl import load_workbook

    frames = []
    with _open_office_file(file) as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl's on styles
        try:
            for sheet in load_workbook(stream, read_only=True, data_only=True, keep_links=False).worksheets:
                sheet.reset_dimensions()  # what the file says of its size may be wrong
                rows = []
                for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
                    _check_cell_count(number, len(row), len(stream.getbuffer()))
                    if any(cell is not None for cell in row):
                        rows.append(row)
                # Of a header of two rows, with merged cells, the second names more columns.
                header = max(range(len(rows[:HEADER_ROWS])), key=lambda i: count_columns(rows[i]), default=0)
                frame = pd.DataFrame(rows[header:], dtype="object").dropna(axis=1, how="all")
                names = [to_text(name) for name in frame.iloc[0]] if len(frame) else []
                frames.append((sheet.title, frame.iloc[1:].set_axis(make_unique(names, placeholder="column"), axis=1)))
        except Exception as error:  # of a damaged file: KeyError, TypeError, BadZipFile, ParseError, ...
            raise ValueError(str(error) or type(error).__name__) from error
    with_text = [frame for _, frame in frames if has_column(frame, "text")]
    if not with_text:
        return frames[0][1]
    if unread := [title for title, frame in frames if len(frame) and not has_column(frame, "text")]:
        warnings.warn(f"{file} has sheets without a text column, not read: {', '.join(unread)}", stacklevel=2)
    return pd.concat(with_text, ignore_index=True)


def read_docx(file: Path) -> str:
    """Read a Word document: its paragraphs and the cells of its tables, one per line."""
    from docx import Document

    try:
        with _open_office_file(file) as stream:
            texts = []
            for block in Document(stream).iter_inner_content():
                cells = [block] if hasattr(block, "text") else [cell for row in block.rows for cell in row.cells]
                texts += [cell.text for cell in cells]
            return "\n".join(texts)
    except Exception as error:  # as in _read_workbook
        message = re.sub(r"'<_io.*?>'", "it", str(error)) or type(error).__name__
        raise ValueError(f"{file} cannot be read as docx: {message}") from error


def _open_office_file(file: Path) -> io.BytesIO:
    """Open an .xlsx or .docx, unless it has macros or XML entities or unpacks to far more than its size."""
    data = file.read_bytes()
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValueError("it is encrypted or of an old format: save it without a password in the present one")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            max_bytes = MAX_OFFICE_BYTES + MAX_OFFICE_RATIO * len(data)
            if sum(part.file_size for part in archive.infolist()) > max_bytes:  # zipfile reads no more than this
                raise ValueError(_unpacked_message(max_bytes))
            for part in archive.infolist():
                if "vbaproject" in part.filename.lower():
                    raise ValueError("it holds macros: save it without them")
                is_xml = part.filename.lower().endswith((".xml", ".rels"))
                if is_xml and b"<!DOCTYPE" in archive.read(part).replace(b"\0", b""):  # the zeros of UTF-16
                    raise ValueError("its XML has a document type, which may define entities: expected none")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise ValueError(f"it is not an Office file ({error})") from error
    return io.BytesIO(data)


def read_text_file(file: Path) -> str:
    """Read a file that holds one article, of at most `MAX_ARTICLE_BYTES`."""
    size = file.stat().st_size
    if size > MAX_ARTICLE_BYTES:  # before reading: a sparse file may be larger than memory
        expected = f"one article of at most {MAX_ARTICLE_BYTES / 1e6:,.0f} MB, or a .jsonl file of many"
        raise ValueError(f"{file} is {size / 1e6:,.0f} MB: expected {expected}")
    return decode(_read_bytes(file, MAX_ARTICLE_BYTES), name=str(file))


def decode(data: bytes, *, name: str) -> str:
    """Decode the bytes of the file `name`: UTF-8, UTF-16 (also without byte order mark), Windows-1256 and the like."""
    encoding = next((encoding for mark, encoding in BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in data:
        encoding = _detect_utf16(data, name)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            message = f"{name} starts as {encoding} but is invalid at byte {error.start}: save it as UTF-8"
            raise ValueError(message) from error
    text = data.decode("utf-8", "replace")
    n_invalid = text.count("\ufffd")
    # In another encoding nearly all letters beyond ASCII are invalid UTF-8.
    if 50 * n_invalid <= sum(char > "\x7f" for char in text):
        line = text.partition("\ufffd")[0].count("\n") + 1
        sequences = plural(n_invalid, "invalid UTF-8 sequence")
        warnings.warn(f"{name} has {sequences}, the first on line {line}: replaced", stacklevel=2)
        return text
    encoding = _guess_encoding(data)
    if not encoding and sum(byte > 0x7F for byte in data) > MAX_LATIN_SHARE * len(data):
        raise ValueError(f"{name} is not text in a known encoding: save it as UTF-8")
    return data.decode(encoding or "cp1252", "replace")


def _detect_utf16(data: bytes, name: str) -> str:
    """Return the encoding of UTF-16 without a byte order mark: nearly all high bytes are those of Arabic and Latin."""
    for encoding, high in (("utf-16-le", data[1:4000:2]), ("utf-16-be", data[0:4000:2])):
        n_expected = sum(byte in (0x00, 0x06, 0x20, 0xFB, 0xFE) for byte in high)
        if n_expected > 0.95 * len(high) and b"\0\0" not in data[:4000]:
            return encoding
    raise ValueError(f"{name} is not text (it contains NUL bytes): expected UTF-8 text")


def _guess_encoding(data: bytes) -> str:
    """Return the encoding of one byte per letter in which most words are frequent Persian or Arabic ones, or ""."""

    def score(encoding: str) -> int:
        text = data[:200_000].decode(encoding, "replace")
        n_invalid = sum(char == "\ufffd" or "\x7f" < char < "\xa0" for char in text)
        return sum(word in _frequent_words() for word in fold(text).split()) - n_invalid

    best = max(ONE_BYTE_ENCODINGS, key=score)
    return best if score(best) > 0 else ""


@cache
def _frequent_words() -> frozenset[str]:
    return frozenset(fold(word) for lang in schema.LANGUAGES for word in stop_words(lang) if len(word) > 1)
