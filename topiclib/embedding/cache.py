"""None"""

import hashlib
import os
import sqlite3
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

CACHE_FILE_NAME = "vectors.sqlite"

SQLITE_SUFFIXES = (".sqlite", ".sqlite3", ".db")

CREATE_TABLE = """CREATE TABLE IF NOT EXISTS vectors (
    encoder TEXT NOT NULL, text BLOB NOT NULL, vector BLOB NOT NULL, checksum BLOB NOT NULL,
    PRIMARY KEY (encoder, text))"""

SQLITE_APPLICATION_ID = 0x746F7069  # in the header, for `file` and for us: "topi"

KEYS_PER_QUERY = 500

LOCK_TIMEOUT_SECONDS = 60.0

CORRUPTION_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}

DATABASE_ERRORS = (sqlite3.DatabaseError, UnicodeDecodeError)  # the latter: a message that quotes damaged text

Result = TypeVar("Result")


def cache_info(cache: str | Path | None = None) -> dict[str, Any]:
    """Return what the cache holds: `path`, `bytes` on disk, and `encoders`, passages by encoder identity."""
    path = resolve_cache_path(cache)
    if not path.exists():
        return {"path": path, "bytes": 0, "encoders": {}}
    with closing(VectorCache(path)) as store:
        encoders = store.count()
    size = sum(file.stat().st_size for file in _database_files(path) if file.exists())
    return {"path": path, "bytes": size, "encoders": encoders}


def cache_clear(cache: str | Path | None = None, *, encoder: str | None = None) -> int:
    """Remove all vectors, or those of one encoder identity, and return how many there were."""
    path = resolve_cache_path(cache)
    if not path.exists():
        return 0
    with closing(VectorCache(path)) as store:
        return store.clear(encoder)


def resolve_cache_path(cache: str | Path | None) -> Path:
    """Return the file that `cache` means: a file itself, in a folder `vectors.sqlite`, None: in the user's folder."""
    if cache is None:
        import platformdirs

        return platformdirs.user_cache_path("topiclib") / CACHE_FILE_NAME
    path = Path(cache)
    return path / CACHE_FILE_NAME if path.is_dir() or not path.suffix else path


class VectorCache:
    """Keep vectors in an SQLite file, and set a damaged file aside.

    Every method does its work again on a new file where it finds this one damaged: what was in it is embedded anew.
    """

    def __init__(self, cache: str | Path | None = None):
        self.path = resolve_cache_path(cache)
        self._open()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def read(self, encoder: str, rows: dict[bytes, int], vectors: np.ndarray) -> set[int]:
        """Fill in the sound vectors of `rows` (key -> row of `vectors`), and return the rows that were filled."""
        return self._attempt(lambda: self._read(encoder, rows, vectors))

    def write(self, encoder: str, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        """Write one vector a key, all or none."""
        values = [row.tobytes() for row in vectors.astype("<f4")]
        new = [
            (encoder, key, value, _row_checksum(encoder, key, value)) for key, value in zip(keys, values, strict=True)
        ]
        self._attempt(lambda: self._write("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", new))

    def count(self) -> dict[str, int]:
        """Return how many vectors there are by encoder identity."""
        query = "SELECT encoder, COUNT(*) FROM vectors GROUP BY encoder ORDER BY encoder"
        return self._attempt(lambda: dict(self._connection.execute(query).fetchall()))

    def clear(self, encoder: str | None) -> int:
        """Remove the vectors of one encoder, or all, give the space back, and return how many there were."""
        counts = self.count()
        condition, values = ("", ()) if encoder is None else (" WHERE encoder = ?", (encoder,))
        self._attempt(lambda: self._write("DELETE FROM vectors" + condition, [values]))
        self._attempt(lambda: self._connection.execute("VACUUM"))
        self._attempt(lambda: self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        return sum(counts.values()) if encoder is None else counts.get(encoder, 0)

    def _read(self, encoder: str, rows: dict[bytes, int], vectors: np.ndarray) -> set[int]:
        keys, found = list(rows), set()
        for start in range(0, len(keys), KEYS_PER_QUERY):
            some = keys[start : start + KEYS_PER_QUERY]
            marks = ",".join("?" * len(some))
            query = f"SELECT text, vector, checksum FROM vectors WHERE encoder = ? AND text IN ({marks})"
            for key, value, check in self._connection.execute(query, (encoder, *some)):
                if key in rows and len(value) == 4 * vectors.shape[1] and check == _row_checksum(encoder, key, value):
                    vectors[rows[key]] = np.frombuffer(value, "<f4")
                    found.add(rows[key])
        return found

    def _write(self, statement: str, values: Sequence[tuple]) -> None:
        with self._connection:  # commits, or rolls back
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(statement, values)

    def _attempt(self, action: Callable[[], Result]) -> Result:
        try:
            return action()
        except DATABASE_ERRORS as error:
            if not _is_corruption(error):
                raise OSError(
                    f"The cache {self.path} cannot be used ({error}): is the disk full? Another: cache= (--cache)"
                ) from error
            self._connection.close()
            self._set_aside(str(error))
            self._open()
            return action()

    def _open(self) -> None:
        try:
            self._connect()
        except DATABASE_ERRORS as error:
            if not _is_corruption(error):
                raise OSError(
                    f"The cache {self.path} cannot be opened ({error}): is the disk full, or yours to write "
                    "on? Name another with cache= (--cache)"
                ) from error
            self._set_aside(str(error))
            self._connect()

    def _connect(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._inode = self.path.stat().st_ino if self.path.exists() else None
        connection = sqlite3.connect(self.path, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None)
        try:
            connection.text_factory = lambda text: text.decode("utf-8", "replace")  # a damaged name is no crash
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            if tables and "vectors" not in tables and application != SQLITE_APPLICATION_ID:
                names = ", ".join(sorted(tables))
                raise ValueError(f"{self.path} is a database of something else (tables {names}): name another cache")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may lose the last batches, a kill does not
            connection.execute(f"PRAGMA application_id = {SQLITE_APPLICATION_ID}")
            connection.execute(CREATE_TABLE)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self._inode = self.path.stat().st_ino

    def _set_aside(self, reason: str) -> None:
        """Rename the damaged file, unless another process has done so already."""
        if self._inode is None or not self.path.exists() or self.path.stat().st_ino != self._inode:
            return
        with self.path.open("rb") as file:
            start = file.read(16)
        if not start.startswith(b"SQLite format") and self.path.suffix not in SQLITE_SUFFIXES:
            raise ValueError(f"{self.path} is no SQLite file: name another cache, a folder or a file ending in .sqlite")
        aside = f"{self.path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
        for file_path in _database_files(self.path):
            with suppress(FileNotFoundError):
                file_path.rename(file_path.with_name(file_path.name.replace(self.path.name, aside, 1)))
        warnings.warn(
            f"The cache {self.path} is damaged ({reason}): it was set aside as {aside} and a new one is begun, into "
            "which passages are embedded anew. The old file may be deleted.",
            stacklevel=2,
        )


def _database_files(path: Path) -> list[Path]:
    return [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")]


def _is_corruption(error: Exception) -> bool:
    return (
        isinstance(error, UnicodeDecodeError)
        or (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in CORRUPTION_CODES
    )


def _text_key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _row_checksum(encoder: str, key: bytes, value: bytes) -> bytes:
    return hashlib.blake2b(key + value, digest_size=8, key=hashlib.sha256(encoder.encode()).digest()).digest()
