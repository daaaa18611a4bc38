"""Partition a corpus: group small files, split large ones, and fetch the files of a partition."""

import math
import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from topiclib.corpus.readers import FILE_SUFFIXES, are_several_folders, describe_unread_files, find_files
from topiclib.runs.workspace import open_url

# Bytes of text per partition on Dask; a worker needs about twenty times as much memory.
PARTITION_BYTES = 8_000_000


class FileSpan(NamedTuple):
    """A file, or a `span` of it: a range of bytes of a .jsonl or .ndjson, or of row groups of a .parquet.

    The ids of articles are made from `name`; `version` (modification time or ETag) changes when the file does.
    """

    url: str
    name: str
    size: int
    version: str
    span: tuple[int, int] | None = None


Partition: TypeAlias = list[FileSpan] | pd.DataFrame


def partition_files(
    paths: Sequence[str | Path], *, exclude: Sequence[str | Path | None] = (), size: float = PARTITION_BYTES
) -> list[list[FileSpan]]:
    """Return the files under paths or URLs, in reading order, in partitions of about `size` bytes of text.

    Small files share a partition; a large .jsonl, .ndjson or .parquet is split between its rows.
    """
    if not paths:
        raise ValueError("no path was given: expected one or more files or folders")
    partitions: list[list[FileSpan]] = [[]]
    several = are_several_folders(paths)
    files = (file for path in paths for file in _iter_files(path, exclude, several))
    for span in (span for file in files for span in _split_file(file, size)):
        if partitions[-1] and sum(other.size for other in partitions[-1]) + span.size > size:
            partitions.append([])
        partitions[-1].append(span)
    return partitions


def _iter_files(path: str | Path, exclude: Sequence[str | Path | None], one_of_several: bool) -> Iterator[FileSpan]:
    if "://" not in str(path):
        for file, folder in find_files(Path(path), exclude=exclude, one_of_several=one_of_several):
            stat = file.stat()
            name = file.relative_to(folder).as_posix()
            yield FileSpan(str(file.absolute()), name, stat.st_size, str(stat.st_mtime_ns))
        return
    fs, top = open_url(str(path))
    top = top.rstrip("/")
    files = sorted(fs.find(top, detail=True).items())
    if not files:
        raise FileNotFoundError(f"{path} does not exist: expected the URL of a folder or file, such as s3://news/2020")
    is_flat = one_of_several and all(name.rpartition("/")[0] == top for name, _ in files)
    root = top.rpartition("/")[0] if is_flat or [name for name, _ in files] == [top] else top
    if unread := describe_unread_files([url for url, _ in files]):
        warnings.warn(f"{path} has {unread}", stacklevel=2)
    for url, info in files:
        name = url.removeprefix(root).lstrip("/")
        if name.lower().endswith(FILE_SUFFIXES) and not any(step.startswith(".") for step in name.split("/")):
            version = next((str(info[key]) for key in ("ETag", "LastModified", "mtime") if key in info), "")
            yield FileSpan(fs.unstrip_protocol(url), name, info["size"], version)


def _split_file(file: FileSpan, size: float) -> Iterator[FileSpan]:
    fs, path = open_url(file.url)
    kind = file.name.lower().rpartition(".")[2] if size < math.inf else ""
    if kind == "parquet":
        import pyarrow.parquet as pq

        with fs.open(path, "rb") as stream:
            try:
                metadata = pq.ParquetFile(stream).metadata
            except (ValueError, OSError):  # `read_partition` reports what is wrong with it
                yield file
                return
            sizes = [metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups)]
        start = 0
        for stop in range(1, len(sizes) + 1):
            if stop == len(sizes) or sum(sizes[start : stop + 1]) > size:
                yield file._replace(size=sum(sizes[start:stop]), span=(start, stop))
                start = stop
    # A NUL byte at the start means UTF-16 or UTF-32, where lines cannot be found by bytes.
    elif kind in ("jsonl", "ndjson") and file.size > size and b"\0" not in fs.cat_file(path, end=200):
        bounds = np.linspace(0, file.size, math.ceil(file.size / size) + 1).astype(int).tolist()
        for start, stop in pairwise(bounds):
            yield file._replace(size=stop - start, span=(start, stop))
    else:
        yield file


def fetch_files(spans: Sequence[FileSpan], folder: Path) -> Iterator[tuple[Path, Path]]:
    """Yield local files and their roots; remote files, and ranges of files, are copied into the folder first."""
    from fsspec.utils import read_block

    for i, span in enumerate(spans):
        fs, path = open_url(span.url)
        if span.span is None and "://" not in span.url:
            yield Path(path), Path(path[: -len(span.name)])
            continue
        file = folder / str(i) / span.name
        file.parent.mkdir(parents=True)
        with fs.open(path, "rb") as source:
            if span.span is None:
                file.write_bytes(source.read())
            elif span.name.lower().endswith(".parquet"):
                import pyarrow.parquet as pq

                pq.write_table(pq.ParquetFile(source).read_row_groups(range(*span.span)), file)
            else:
                start, stop = span.span
                file.write_bytes(read_block(source, start, stop - start, delimiter=b"\n"))  # whole lines
        if file.stat().st_size:
            yield file, folder / str(i)


def format_file_names(spans: Sequence[FileSpan]) -> str:
    """Return the first file names of a partition, for messages."""
    return ", ".join(dict.fromkeys(span.url for span in spans[:3])) + (", ..." if len(spans) > 3 else "")
