"""A corpus in parts: which files, or rows of them, are a part, and the folder that keeps what is made of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from topiclib.corpus.readers import FILE_SUFFIXES, find_files
from topiclib.runs.dask.workspace import _open

PARTITION_BYTES = 8_000_000
"""Text of a part: what a worker holds at once is some twenty times as much."""


class FileSpan(NamedTuple):
    """A file, or rows of one: `span` is bytes of a .jsonl, row groups of a .parquet; `name` gives an article its id;
    `stamp` changes when the file does.
    """

    url: str
    name: str
    size: int
    stamp: str
    span: tuple[int, int] | None = None


def partition_files(
    paths: Sequence[str | Path], *, exclude: str | Path | None = None, size: int = PARTITION_BYTES
) -> list[list[FileSpan]]:
    """Return the files below some paths or addresses, in reading order, in parts of about so many bytes of text.

    Small files go into a part together; a .jsonl or .parquet that is larger is cut between its rows.
    """
    parts: list[list[FileSpan]] = [[]]
    for piece in (piece for path in paths for file in _iter_files(path, exclude) for piece in _split_file(file, size)):
        if parts[-1] and sum(other.size for other in parts[-1]) + piece.size > size:
            parts.append([])
        parts[-1].append(piece)
    return parts


def _iter_files(path: str | Path, besides: str | Path | None) -> Iterator[FileSpan]:
    if "://" not in str(path):
        for file, root in find_files(Path(path), exclude=besides):
            facts = file.stat()
            name = file.relative_to(root).as_posix()
            yield FileSpan(str(file.absolute()), name, facts.st_size, str(facts.st_mtime_ns))
        return
    fs, top = _open(str(path))
    top = top.rstrip("/")
    found = sorted(fs.find(top, detail=True).items())
    if not found:
        raise FileNotFoundError(f"{path} does not exist: give an address of a folder or file, such as s3://news/2020")
    start = top.rpartition("/")[0] if [name for name, _ in found] == [top] else top
    for name, facts in found:
        inner = name.removeprefix(start).lstrip("/")
        if inner.lower().endswith(FILE_SUFFIXES) and not any(part.startswith(".") for part in inner.split("/")):
            stamp = next((str(facts[key]) for key in ("ETag", "LastModified", "mtime") if key in facts), "")
            yield FileSpan(fs.unstrip_protocol(name), inner, facts["size"], stamp)


def _split_file(piece: FileSpan, size: int) -> Iterator[FileSpan]:
    fs, path = _open(piece.url)
    kind = piece.name.lower().rpartition(".")[2]
    if kind == "parquet":
        import pyarrow.parquet as pq

        with fs.open(path, "rb") as file:
            try:
                facts = pq.ParquetFile(file).metadata
            except (ValueError, OSError):  # who reads it says what is wrong with it
                yield piece
                return
            sizes = [facts.row_group(i).total_byte_size for i in range(facts.num_row_groups)]
        start = 0
        for stop in range(1, len(sizes) + 1):
            if stop == len(sizes) or sum(sizes[start : stop + 1]) > size:
                yield piece._replace(size=sum(sizes[start:stop]), span=(start, stop))
                start = stop
    elif kind == "jsonl" and piece.size > size and b"\0" not in fs.cat_file(path, end=200):
        bounds = np.linspace(0, piece.size, -(-piece.size // size) + 1).astype(int).tolist()
        for start, stop in pairwise(bounds):
            yield piece._replace(size=stop - start, span=(start, stop))
    else:
        yield piece


def fetch_files(pieces: Sequence[FileSpan], folder: Path) -> Iterator[tuple[Path, Path]]:
    """Yield local files and their roots; what is remote or cut is put into the folder first."""
    for number, piece in enumerate(pieces):
        fs, path = _open(piece.url)
        if piece.span is None and "://" not in piece.url:
            yield Path(path), Path(path[: -len(piece.name)])
            continue
        file = folder / str(number) / piece.name
        file.parent.mkdir(parents=True)
        with fs.open(path, "rb") as source:
            if piece.span is None:
                file.write_bytes(source.read())
            elif piece.name.lower().endswith(".parquet"):
                import pyarrow.parquet as pq

                pq.write_table(pq.ParquetFile(source).read_row_groups(range(*piece.span)), file)
            else:
                file.write_bytes(_read_lines_between(source, *piece.span))
        if file.stat().st_size:
            yield file, folder / str(number)


def _read_lines_between(source: Any, start: int, stop: int) -> bytes:
    """Read the lines that begin between two bytes."""
    if start:
        source.seek(start - 1)
        source.readline()
    data = source.read(max(0, stop - source.tell())) if source.tell() < stop else b""
    return data if not data or data.endswith(b"\n") else data + source.readline()


def format_file_names(pieces: Sequence[FileSpan]) -> str:
    """Name the files of a part."""
    return ", ".join(dict.fromkeys(piece.url for piece in pieces[:3])) + (", ..." if len(pieces) > 3 else "")
