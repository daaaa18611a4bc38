"""A folder on any file system that keeps the intermediate results of each partition."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from topiclib import atomic


@dataclass(frozen=True)
class Workspace:
    """A folder on any file system of fsspec that keeps frames (Parquet) and arrays (npy). What is there is whole:
    everything is written aside and renamed.
    """

    url: str

    def has(self, name: str) -> bool:
        """Tell whether something was kept under this name."""
        fs, path = _open(f"{self.url}/{name}")
        return fs.exists(path)

    def read(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        """Read a frame."""
        fs, path = _open(f"{self.url}/{name}.parquet")
        with fs.open(path, "rb") as file:
            return pd.read_parquet(file, columns=columns)

    def keep(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Return the frame that is kept, or make it and keep it."""
        if self.has(f"{name}.parquet"):
            return self.read(name)
        frame = make().reset_index(drop=True)
        self._write(f"{name}.parquet", lambda file: frame.to_parquet(file, index=False, compression="zstd"))
        return frame

    def read_array(self, name: str) -> np.ndarray:
        """Read an array."""
        fs, path = _open(f"{self.url}/{name}.npy")
        return np.load(io.BytesIO(fs.cat_file(path)), allow_pickle=False)

    def keep_array(self, name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Return the array that is kept, or make it and keep it."""
        if self.has(f"{name}.npy"):
            return self.read_array(name)
        array = make()
        self._write(f"{name}.npy", lambda file: np.save(file, array, allow_pickle=False))
        return array

    def has_pieces(self, name: str) -> bool:
        """Tell whether pieces were kept under this name."""
        return self.has(f"{name}.npy")  # where each ends, written last

    def keep_pieces(self, name: str, frame: pd.DataFrame, bucket: np.ndarray, n_buckets: int) -> None:
        """Keep a frame in n pieces of one file; `into` tells the piece of each row."""
        order = np.argsort(bucket, kind="stable")
        ends: list[int] = []

        def write(file: io.BytesIO) -> None:
            for rows in np.split(order, np.searchsorted(bucket[order], np.arange(1, n_buckets))):
                file.write(frame.iloc[rows].to_parquet(index=False, compression="zstd"))
                ends.append(file.tell())

        self._write(f"{name}.pieces", write)
        self.keep_array(name, lambda: np.array([0, *ends]))

    def read_pieces(self, names: Sequence[str], bucket: int) -> pd.DataFrame:
        """Read one piece of each of some frames that were kept in pieces, as one frame."""
        frames = []
        for name in names:
            fs, path = _open(f"{self.url}/{name}.pieces")
            start, end = self.read_array(name)[bucket : bucket + 2].tolist()
            frames.append(pd.read_parquet(io.BytesIO(fs.cat_file(path, start=start, end=end))))
        return pd.concat(frames, ignore_index=True)

    def _write(self, name: str, write: Callable[[Any], Any]) -> None:
        buffer = io.BytesIO()
        write(buffer)
        fs, path = _open(f"{self.url}/{name}")
        if (fs.protocol if isinstance(fs.protocol, str) else fs.protocol[0]) == "file":
            atomic.write_file(Path(path), buffer.getvalue())
            return
        aside = f"{path}.{uuid.uuid4().hex}.new"
        fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        fs.pipe_file(aside, buffer.getvalue())
        fs.mv(aside, path)


def _open(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    return url_to_fs(url, use_listings_cache=False)  # a list of a folder misses what other workers have written since
