"""A folder, on any file system, with the intermediate results of each partition."""

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
    """A folder or fsspec URL that holds DataFrames (Parquet) and arrays (npy).

    Files are written under a temporary name and renamed: what exists is complete, so a killed run can be resumed.
    """

    url: str

    def exists(self, name: str) -> bool:
        """Return whether there is a file of this name."""
        fs, path = _open(f"{self.url}/{name}")
        return fs.exists(path)

    def read(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        """Read a DataFrame."""
        fs, path = _open(f"{self.url}/{name}.parquet")
        with fs.open(path, "rb") as file:
            return pd.read_parquet(file, columns=columns)

    def read_partitions(self, name: str, n_partitions: int, columns: list[str] | None = None) -> pd.DataFrame:
        """Read the DataFrames of all partitions as one."""
        frames = [self.read(f"{name}/{i}", columns) for i in range(n_partitions)]
        return pd.concat(frames, ignore_index=True)

    def get_or_make(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Read a DataFrame, or make and write it if it does not exist."""
        if self.exists(f"{name}.parquet"):
            return self.read(name)
        frame = make().reset_index(drop=True)
        self._write(f"{name}.parquet", lambda file: frame.to_parquet(file, index=False, compression="zstd"))
        return frame

    def read_array(self, name: str) -> np.ndarray:
        """Read an array."""
        fs, path = _open(f"{self.url}/{name}.npy")
        return np.load(io.BytesIO(fs.cat_file(path)), allow_pickle=False)

    def get_or_make_array(self, name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Read an array, or make and write it if it does not exist."""
        if self.exists(f"{name}.npy"):
            return self.read_array(name)
        array = make()
        self._write(f"{name}.npy", lambda file: np.save(file, array, allow_pickle=False))
        return array

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
            fs, path = _open(f"{self.url}/{name}.buckets")
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
        staging = f"{path}.{uuid.uuid4().hex}.new"
        fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        fs.pipe_file(staging, buffer.getvalue())
        fs.mv(staging, path)


def _open(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    return url_to_fs(url, use_listings_cache=False)  # a cached listing would miss what other workers have written
