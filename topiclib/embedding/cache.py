"""Cache vectors in one SQLite file, which several processes may share.

The key of a row is the encoder's identity and the SHA-256 of the exact text (column `text`). A row also has a checksum
of key and vector, and is treated as missing if it does not match. Each batch is one transaction, so that a killed
process loses the batch in progress and nothing else.
"""

import errno
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
SQLITE_APPLICATION_ID = 0x746F7069  # "topi"; marks the file as ours, in its header
KEYS_PER_QUERY = 500  # SQLite before 3.32 allows at most 999 parameters
LOCK_TIMEOUT_SECONDS = 60.0

# Not "locked", "full" or "read-only": such files are intact. A damaged table definition gives ERROR.
CORRUPTION_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
NOT_WRITABLE_CODES = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
DATABASE_ERRORS = (sqlite3.DatabaseError, UnicodeDecodeError)  # the latter: SQLite's message quotes damaged text

Result = TypeVar("Result")


def cache_info(cache: str | Path | None = None) -> dict[str, Any]:
    """Return `path`, `bytes` on disk and `encoders`, the number of vectors by encoder identity."""
    path = resolve_cache_path(cache)
    if not path.exists():
        return {"path": path, "bytes": 0, "encoders": {}}
    with closing(VectorCache(path)) as store:
        encoders = store.count()
    size = sum(file.stat().st_size for file in _database_files(path) if file.exists())
    return {"path": path, "bytes": size, "encoders": encoders}


def cache_clear(cache: str | Path | None = None, *, encoder: str | None = None) -> int:
    """Remove all vectors, or those of one encoder identity, and return their number."""
    path = resolve_cache_path(cache)
    if not path.exists():
        return 0
    with closing(VectorCache(path)) as store:
        return store.clear(encoder)


def resolve_cache_path(cache: str | Path | None) -> Path:
    """Return the cache file: `cache` itself, or `vectors.sqlite` in that folder; None: in the user's cache folder."""
    if cache is None:
        import platformdirs

        return platformdirs.user_cache_path("topiclib") / CACHE_FILE_NAME
    path = Path(cache)
    return path / CACHE_FILE_NAME if path.is_dir() or not path.suffix else path


class VectorCache:
    """Store vectors in an SQLite file.

    A method that finds the file damaged renames it, and runs again on a new, empty file. Where it may not be written
    (no writable home, a shared cache), what it holds is used and new vectors are not kept, with a warning.
    """

    def __init__(self, cache: str | Path | None = None):
        self.path = resolve_cache_path(cache)
        self._is_writable = True
        try:
            self._open()
        except OSError as error:
            code = getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF
            may_not_write = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) or code in NOT_WRITABLE_CODES
            if not may_not_write or os.path.isdir(self.path):
                raise
            self._open_read_only(error.__cause__ or error)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def read(self, encoder: str, rows: dict[bytes, int], vectors: np.ndarray) -> set[int]:
        """Fill `vectors` with those stored for `rows` (key -> row of `vectors`); return the rows that were filled."""
        return self._retry_on_corruption(lambda: self._read(encoder, rows, vectors))

    def write(self, encoder: str, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        """Write one vector for each key, all or none."""
        if not self._is_writable:
            return
        pairs = zip(keys, (row.tobytes() for row in vectors.astype("<f4")), strict=True)
        new = [(encoder, key, value, _row_checksum(encoder, key, value)) for key, value in pairs]
        self._retry_on_corruption(lambda: self._write("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", new))

    def count(self) -> dict[str, int]:
        """Return the number of vectors by encoder identity."""
        query = "SELECT encoder, COUNT(*) FROM vectors GROUP BY encoder ORDER BY encoder"
        return self._retry_on_corruption(lambda: dict(self._connection.execute(query).fetchall()))

    def clear(self, encoder: str | None) -> int:
        """Remove the vectors of one encoder, or all, free the disk space, and return their number."""
        counts = self.count()
        condition, values = ("", ()) if encoder is None else (" WHERE encoder = ?", (encoder,))
        self._retry_on_corruption(lambda: self._write("DELETE FROM vectors" + condition, [values]))
        self._retry_on_corruption(lambda: self._connection.execute("VACUUM"))
        self._retry_on_corruption(lambda: self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        return sum(counts.values()) if encoder is None else counts.get(encoder, 0)

    def _read(self, encoder: str, rows: dict[bytes, int], vectors: np.ndarray) -> set[int]:
        keys, found = list(rows), set()
        for start in range(0, len(keys), KEYS_PER_QUERY):
            chunk = keys[start : start + KEYS_PER_QUERY]
            marks = ",".join("?" * len(chunk))
            query = f"SELECT text, vector, checksum FROM vectors WHERE encoder = ? AND text IN ({marks})"
            for key, value, digest in self._connection.execute(query, (encoder, *chunk)):
                if key in rows and len(value) == 4 * vectors.shape[1] and digest == _row_checksum(encoder, key, value):
                    vectors[rows[key]] = np.frombuffer(value, "<f4")
                    found.add(rows[key])
        return found

    def _write(self, statement: str, values: Sequence[tuple]) -> None:
        with self._connection:  # commits, or rolls back
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(statement, values)

    def _retry_on_corruption(self, action: Callable[[], Result]) -> Result:
        try:
            return action()
        except DATABASE_ERRORS as error:
            self._connection.close()
            self._quarantine(error)
            self._open()
            return action()

    def _open(self) -> None:
        try:
            self._connect()
        except DATABASE_ERRORS as error:
            self._quarantine(error)
            self._connect()

    def _connect(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._inode = self.path.stat().st_ino if self.path.exists() else None  # another process may rename it
        connection = sqlite3.connect(self.path, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None)
        try:
            connection.text_factory = lambda text: text.decode("utf-8", "replace")  # a damaged name raises nothing
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            if tables and "vectors" not in tables and application != SQLITE_APPLICATION_ID:
                names = ", ".join(sorted(tables))
                raise ValueError(f"{self.path} is not a topiclib cache (tables {names}): choose another cache")
            _use_write_ahead_log(connection)
            connection.execute("PRAGMA synchronous = NORMAL")  # only a power cut can lose the last batches
            connection.execute(f"PRAGMA application_id = {SQLITE_APPLICATION_ID}")
            connection.execute(CREATE_TABLE)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self._inode = self.path.stat().st_ino

    def _open_read_only(self, error: BaseException) -> None:
        """Open the file as it is, or an empty database in memory if it is missing."""
        self._is_writable = False
        try:
            self._connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
            self._connection.execute("SELECT 1 FROM vectors LIMIT 1")
        except DATABASE_ERRORS:
            self._connection = sqlite3.connect(":memory:")
            self._connection.execute(CREATE_TABLE)
        reason = f"the cache {self.path} cannot be written ({getattr(error, 'strerror', None) or error})"
        warnings.warn(f"{reason}: new vectors are not kept; choose another with cache= (--cache)", stacklevel=2)

    def _quarantine(self, error: Exception) -> None:
        """Rename the damaged file, unless another process already has; raise OSError if the error is not damage."""
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF  # the low byte is the primary code
        if code not in CORRUPTION_CODES and not isinstance(error, UnicodeDecodeError):
            hint = "check disk space and permissions, or choose another with cache= (--cache)"
            raise OSError(f"The cache {self.path} cannot be used ({error}): {hint}") from error
        if self._inode is None or not self.path.exists() or self.path.stat().st_ino != self._inode:
            return
        with self.path.open("rb") as file:
            header = file.read(16)
        # A user's file, passed by mistake (cache="articles.csv"), is not renamed.
        if not header.startswith(b"SQLite format") and self.path.suffix not in SQLITE_SUFFIXES:
            raise ValueError(f"{self.path} is not an SQLite file: choose a folder or a file ending in .sqlite")
        new_name = f"{self.path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
        for file_path in _database_files(self.path):
            with suppress(FileNotFoundError):
                file_path.rename(file_path.with_name(file_path.name.replace(self.path.name, new_name, 1)))
        warnings.warn(
            f"The cache {self.path} is damaged ({error}): it was renamed to {new_name}, which may be deleted; "
            "its passages are embedded again, into a new cache",
            stacklevel=2,
        )


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Set the journal mode. SQLite's own timeout does not hold for it while another process writes to a new file."""
    deadline = time.monotonic() + LOCK_TIMEOUT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _database_files(path: Path) -> list[Path]:
    return [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")]


def text_key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _row_checksum(encoder: str, key: bytes, value: bytes) -> bytes:
    return hashlib.blake2b(key + value, digest_size=8, key=hashlib.sha256(encoder.encode()).digest()).digest()
