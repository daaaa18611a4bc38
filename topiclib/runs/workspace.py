"""A folder, on any file system, for the results of the stages of a run, so that none is computed twice.

A result is stored under the key of its stage, a hash of all that decides it (`topiclib.runs.spec.workspace_keys`). A
killed run therefore continues after its last complete result, and a run with another theme file repeats only the stages
that depend on it.
"""

import io
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from topiclib import atomic, schema
from topiclib.embedding.cache import resolve_cache_path

# Results of earlier runs that are kept beside the cache of vectors; beyond that, the least recently used are removed.
MAX_CACHE_BYTES = 2_000_000_000


@dataclass(frozen=True)
class Workspace:
    """A folder or fsspec URL that holds DataFrames (Parquet) and arrays (npy), each written completely or not at all.

    `keys` are stage keys by the first part of a name: with {"vectors": "1f0c"}, vectors/0 is stored as vectors/1f0c/0.
    """

    url: str
    keys: Mapping[str, str] = field(default_factory=dict)

    def locate(self, name: str) -> str:
        """Return the URL of a result, without a suffix."""
        folder, _, rest = name.partition("/")
        return f"{self.url}/{folder}/{self.keys[folder]}/{rest}" if folder in self.keys else f"{self.url}/{name}"

    def exists(self, name: str) -> bool:
        """Return whether there is a file of this name, which includes the suffix."""
        fs, path = open_url(self.locate(name))
        return fs.exists(path)

    def read(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        """Read a DataFrame."""
        fs, path = open_url(f"{self.locate(name)}.parquet")
        with fs.open(path, "rb") as file:
            return schema.text_as_objects(pd.read_parquet(file, columns=columns))

    def read_partitions(self, name: str, n_partitions: int, columns: list[str] | None = None) -> pd.DataFrame:
        """Read the DataFrames of all partitions as one."""
        frames = [self.read(f"{name}/{i}", columns) for i in range(n_partitions)]
        return pd.concat(frames, ignore_index=True)

    def get_or_make(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Read a DataFrame, or make and write it if it does not exist or is damaged."""
        with suppress(OSError, ValueError):
            return self.read(name)
        frame = make().reset_index(drop=True)
        self._write(f"{name}.parquet", lambda file: frame.to_parquet(file, index=False, compression="zstd"))
        return frame

    def get_or_make_with_warnings(self, name: str, make: Callable[[], pd.DataFrame]) -> tuple[pd.DataFrame, list[str]]:
        """Read or make a DataFrame with the warnings given when it was made: what is reused still has to give them."""

        def make_and_record() -> pd.DataFrame:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", UserWarning)
                frame = make()
            messages = [str(warning.message) for warning in caught if issubclass(warning.category, UserWarning)]
            self.get_or_make(f"{name}.warnings", lambda: pd.DataFrame({"message": messages}, dtype="object"))
            return frame

        return self.get_or_make(name, make_and_record), self.read(f"{name}.warnings")["message"].tolist()

    def make_missing(
        self, names: Sequence[str], partition: int, make: Callable[[], Mapping[str, pd.DataFrame]]
    ) -> None:
        """Make and write the DataFrames of a partition if one of them does not exist."""
        if not all(self.exists(f"{name}/{partition}.parquet") for name in names):
            for name, frame in make().items():
                self.get_or_make(f"{name}/{partition}", frame.copy)

    def read_array(self, name: str) -> np.ndarray:
        """Read an array."""
        fs, path = open_url(f"{self.locate(name)}.npy")
        return np.load(io.BytesIO(fs.cat_file(path)), allow_pickle=False)

    def get_or_make_array(self, name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Read an array, or make and write it if it does not exist or is damaged."""
        with suppress(OSError, ValueError):
            return self.read_array(name)
        array = make()
        self._write(f"{name}.npy", lambda file: np.save(file, array, allow_pickle=False))
        return array

    def mark_done(self, folder: str) -> None:
        """Write an empty file `done` to a folder."""
        self._write(f"{folder}/done", lambda file: None)

    def clear(self) -> None:
        """Remove the results under `keys`."""
        for folder, key in self.keys.items():
            fs, path = open_url(f"{self.url}/{folder}/{key}")
            if fs.exists(path):
                fs.rm(path, recursive=True)

    def list_kept(self) -> list[tuple[float, int, Path]]:
        """Return last use, bytes and folder of each result, least recently used first; for a local workspace."""
        kept = []
        for folder in Path(self.url).glob("*/" + 16 * "[0-9a-f]"):  # not a user's files in a folder of this name
            with suppress(OSError):  # another process may remove it at the same time
                kept.append((folder.stat().st_mtime, sum(file.stat().st_size for file in folder.iterdir()), folder))
        return sorted(kept)

    def prune(self, max_bytes: int = MAX_CACHE_BYTES) -> int:
        """Remove results, the least recently used first, down to `max_bytes`; none under `keys`. Return their bytes."""
        used = {Path(self.url) / folder / key for folder, key in self.keys.items()}
        for folder in used:
            with suppress(OSError):
                os.utime(folder)
        kept, removed = self.list_kept(), 0
        excess = sum(size for _, size, _ in kept) - max_bytes
        for _, size, folder in kept:
            if removed < excess and folder not in used:
                shutil.rmtree(folder, ignore_errors=True)
                removed += 0 if folder.exists() else size
        return removed

    def has_buckets(self, name: str) -> bool:
        """Return whether `write_buckets` has written under this name."""
        return self.exists(f"{name}.npy")  # the offsets, which are written last

    def write_buckets(self, name: str, frame: pd.DataFrame, bucket: np.ndarray, n_buckets: int) -> None:
        """Write a DataFrame as `n_buckets` Parquet tables in one file; `bucket` (n,) is the bucket of each row."""
        order = np.argsort(bucket, kind="stable")
        ends: list[int] = []

        def write(file: io.BytesIO) -> None:
            for rows in np.split(order, np.searchsorted(bucket[order], np.arange(1, n_buckets))):
                file.write(frame.iloc[rows].to_parquet(index=False, compression="zstd"))
                ends.append(file.tell())

        self._write(f"{name}.buckets", write)
        self.get_or_make_array(name, lambda: np.array([0, *ends]))

    def read_bucket(self, names: Sequence[str], bucket: int) -> pd.DataFrame:
        """Read one bucket of each of several bucketed DataFrames, as one."""
        frames = []
        for name in names:
            fs, path = open_url(f"{self.locate(name)}.buckets")
            start, end = self.read_array(name)[bucket : bucket + 2].tolist()
            frames.append(schema.text_as_objects(pd.read_parquet(io.BytesIO(fs.cat_file(path, start=start, end=end)))))
        return pd.concat(frames, ignore_index=True)

    def _write(self, name: str, write: Callable[[Any], Any]) -> None:
        buffer = io.BytesIO()
        write(buffer)
        fs, path = open_url(self.locate(name))
        if (fs.protocol if isinstance(fs.protocol, str) else fs.protocol[0]) == "file":
            try:
                atomic.write_file(Path(path), buffer.getvalue())
            except OSError as error:
                hint = "check disk space and permissions; existing runs are unchanged"
                raise OSError(f"cannot write {path} ({error.strerror or error}): {hint}") from error
            return
        staging = f"{path}.{uuid.uuid4().hex}.new"
        fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        fs.pipe_file(staging, buffer.getvalue())
        fs.mv(staging, path)


@dataclass(frozen=True)
class Memory(Workspace):
    """DataFrames of one partition in memory, by name, which the steps read like those of any workspace."""

    url: str = ""
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)

    def read(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        frame = self.frames[name.removesuffix("/0")]
        return frame if columns is None else frame[columns].copy()

    def make_missing(
        self, names: Sequence[str], partition: int, make: Callable[[], Mapping[str, pd.DataFrame]]
    ) -> None:
        self.frames.update(make())


@contextmanager
def open_workspace(url: str | Path | None, cache: str | Path | None, keys: Mapping[str, str]) -> Iterator[Workspace]:
    """Yield the workspace at `url`; None: the one of `kept_stages`, or if that is not writable, a temporary one."""
    if url is not None:
        yield Workspace(str(url) if "://" in str(url) else str(Path(url).absolute()), keys)
        return
    work = kept_stages(cache, keys)
    folder = Path(work.url)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(folder)
    except OSError:
        message = f"no permission to write to {folder}: the stages of this run are not kept for the next one"
        warnings.warn(f"{message}; choose another cache with cache= (--cache)", stacklevel=2)
        with tempfile.TemporaryDirectory() as temporary:
            yield Workspace(temporary, keys)
        return
    yield work
    work.prune()


def kept_stages(cache: str | Path | None, keys: Mapping[str, str] | None = None) -> Workspace:
    """Return the workspace that runs share unless another is given: the folder `stages` beside the cache of vectors."""
    return Workspace(str(resolve_cache_path(cache).absolute().parent / "stages"), keys or {})


def open_url(url: str) -> tuple[Any, str]:
    """Return the file system of a path or URL, and the path in it."""
    from fsspec.core import url_to_fs

    return url_to_fs(url, use_listings_cache=False)  # a cached listing would miss what other workers have written
