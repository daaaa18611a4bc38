"""The run folder: tables as Parquet, arrays as npy, and a manifest that says what made them and proves them whole.

A run is written aside and renamed into place: a killed run leaves the old one as it was. Nothing in it is ever
unpickled.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.atomic import recover_folder, replace_folder
from topiclib.corpus.readers import read_parquet

MANIFEST_FILE = "manifest.json"

FORMAT_VERSION = 2

ARRAY_NAMES = ("centroids", "offsets")

_FILES = [{"name": str, "bytes": int, "sha256": str}]

MANIFEST_SCHEMA = {
    "files": {"*": str}, "recipe": {"*": (str, int, float, type(None))}, "versions": {"*": str},
    "themes": {"*": {"*": str}}, "descriptions": {"*": {"*": str}},
    "inputs": _FILES, "sources": _FILES, "theme_file": _FILES, "found": {"*": int}, "topics": [int], "encoder": str,
    "alignment": {"languages": [str], "method": str}, "platform": str, "key": str, "lexicon": str, "synthetic": bool,
    "stages": [{"stage": str, "seconds": (int, float), "peak_memory_mb": int}],
}  # fmt: skip
"""What the values of a manifest are, where they are there: whoever reads one may rely on it."""

TableSource: TypeAlias = pd.DataFrame | Callable[[], Iterator[pd.DataFrame]]


def write_run(
    out: str | Path, tables: Mapping[str, TableSource], arrays: Mapping[str, np.ndarray], manifest: Mapping[str, Any]
) -> Path:
    """Write a run folder, whole or not at all; an older run in its place is replaced at the end.

    Parameters
    ----------
    out
        The folder. What is there already must be a run, or an empty folder.
    tables
        By name, as in `topiclib.schema.QUALITY_TABLES`: frames, or functions that return their parts one after the other.
    arrays
        By name: "centroids" (topics, d), "offsets" (languages, d).
    manifest
        Plain values; the hashes of what is written are added.

    Raises
    ------
    FileExistsError
        If the folder has something else in it.
    """
    out = check_output_folder(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write_folder(out, tables, arrays, manifest)
    except OSError as error:  # Arrow tells of a full disk in its own words
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OSError(f"{out} cannot be written ({reason}): what was there is as it was") from error
    return out


def _write_folder(
    out: Path, tables: Mapping[str, pd.DataFrame], arrays: Mapping[str, np.ndarray], manifest: Mapping[str, Any]
) -> None:
    aside = Path(tempfile.mkdtemp(prefix=f".{out.name}.new-{os.getpid()}-", dir=out.parent))
    try:
        hashes = {}
        for name, frame in tables.items():
            _write_table(frame, name, aside / f"{name}.parquet")
            hashes[f"{name}.parquet"] = hash_file(aside / f"{name}.parquet")
        for name, array in arrays.items():
            np.save(aside / f"{name}.npy", np.asarray(array, dtype=np.float32), allow_pickle=False)
            hashes[f"{name}.npy"] = hash_file(aside / f"{name}.npy")
        (aside / MANIFEST_FILE).write_bytes(
            _serialize_manifest({"format": FORMAT_VERSION, **manifest, "files": hashes})
        )
        aside.chmod(0o755)
        replace_folder(aside, out)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _write_table(table: TableSource, name: str, file: Path) -> None:
    if isinstance(table, pd.DataFrame):
        schema.conform(table, name).to_parquet(file, index=False, compression="zstd")
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    def parts() -> Iterator[pa.Table]:
        for frame in table():
            yield pa.Table.from_pandas(schema.conform(frame, name), preserve_index=False)

    fields: dict[str, set[pa.DataType]] = {}  # a column that is not of one type in all parts is text
    for part in parts():
        for field in part.schema:
            fields.setdefault(field.name, set()).add(field.type)
    whole = pa.schema([(key, kinds.pop() if len(kinds) == 1 else pa.string()) for key, kinds in fields.items()])
    whole = pa.schema([field if not pa.types.is_null(field.type) else (field.name, pa.string()) for field in whole])
    with pq.ParquetWriter(file, whole, compression="zstd") as writer:
        for part in parts():
            there = set(part.column_names)
            columns = [part[f.name].cast(f.type) if f.name in there else pa.nulls(len(part), f.type) for f in whole]
            writer.write_table(pa.table(columns, schema=whole))


def check_output_folder(out: str | Path) -> Path:
    """Return the folder as a path when a run may be written there.

    Raises
    ------
    FileExistsError
        If it is a file, or a folder with something in it that is no run.
    PermissionError
        If nothing may be written beside it.
    """
    out = Path(os.path.realpath(out))  # where a link leads: a run on another disk is replaced there
    recover_folder(out)
    if out.exists() and not out.is_dir():
        raise FileExistsError(f"{out} is a file: --out needs a folder, a new one or that of an older run")
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST_FILE).is_file():
        raise FileExistsError(
            f"{out} has files in it and is no run folder: choose another folder, so that nothing is overwritten"
        )
    above = next(folder for folder in out.parents if folder.is_dir())
    if not os.access(above, os.W_OK | os.X_OK):  # known before the work, not after it
        raise PermissionError(f"{above} may not be written in by you: choose another folder for the run")
    return out


def read_manifest(path: str | Path) -> dict[str, Any]:
    """Read a run's manifest.

    Raises
    ------
    FileNotFoundError, ValueError
        If the folder is no run, or its manifest is damaged or of another format.
    """
    file = Path(path) / MANIFEST_FILE
    if not file.is_file():
        with suppress(OSError):
            recover_folder(Path(os.path.realpath(path)))  # a kill between two renames left the run beside its place
    if not file.is_file():
        raise FileNotFoundError(
            f"{path} is no run folder (it has no {MANIFEST_FILE}): make one with `topiclib fit CORPUS --out {path}`"
        )
    try:
        manifest = json.loads(file.read_bytes())
        if manifest["format"] != FORMAT_VERSION:
            raise ValueError(
                f"{file} has format {manifest['format']}, this topiclib reads {FORMAT_VERSION}: fit the corpus again"
            )
        if (wrong := _find_mismatch(manifest, MANIFEST_SCHEMA)) is not None or "files" not in manifest:
            raise ValueError(f"{file} is damaged (at {wrong or 'files'}): fit the corpus again")
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{file} is damaged ({type(error).__name__}): fit the corpus again") from error
    return manifest


def read_table(path: str | Path, name: str) -> pd.DataFrame:
    """Read one table of a run.

    Raises
    ------
    KeyError, FileNotFoundError, ValueError
        If there is no table of that name, or its file is missing or damaged.
    """
    schema.get_table(name)
    file = Path(path) / f"{name}.parquet"
    if not file.is_file():
        read_manifest(path)
        raise FileNotFoundError(f"{path} has no table {name} ({file.name} is missing): fit the corpus again")
    try:
        frame = read_parquet(file)
        if frame.columns.has_duplicates:
            raise ValueError(f"it has the column {frame.columns[frame.columns.duplicated()][0]} twice")
        return _check_text_columns(schema.conform(frame, name), name)
    except (OSError, ValueError, TypeError, KeyError, NotImplementedError, MemoryError) as error:
        raise ValueError(f"{file} is damaged: {str(error).splitlines()[0]}") from error


def _check_text_columns(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    for column, dtype in schema.get_table(name).columns.items():
        if dtype == "str" and pd.api.types.infer_dtype(frame[column]) not in ("string", "empty"):
            raise ValueError(f"its column {column} holds something else than text")
    return frame


def read_tables(path: str | Path) -> dict[str, pd.DataFrame]:
    """Read all tables of a run, by name."""
    manifest = read_manifest(path)
    return {name: read_table(path, name) for name in schema.TABLES if f"{name}.parquet" in manifest["files"]}


def read_array(path: str | Path, name: str) -> np.ndarray:
    """Read "centroids" or "offsets" of a run."""
    if name not in ARRAY_NAMES:
        raise KeyError(f"no array is called {name!r}: expected one of {', '.join(ARRAY_NAMES)}")
    file = Path(path) / f"{name}.npy"
    if not file.is_file():
        raise FileNotFoundError(f"{path} has no {file.name}: fit the corpus again")
    try:
        return np.load(file, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(f"{file} is damaged: {str(error).splitlines()[0]}") from error


def verify_run(path: str | Path) -> list[str]:
    """Verify a run folder against its manifest, and return what is wrong, a line each; an empty list means that every
    byte is as written.
    """
    path = Path(path)
    manifest = read_manifest(path)
    wrong = []
    body = {key: value for key, value in manifest.items() if key != "seal"}
    if (path / MANIFEST_FILE).read_bytes() != _serialize_manifest(body):
        wrong.append(f"{MANIFEST_FILE} was changed after it was written")
    for name, expected in manifest["files"].items():
        known = re.fullmatch(r"(\w+)\.(parquet|npy)", name)
        if not known or known[1] not in (*schema.TABLES, *ARRAY_NAMES):
            wrong.append(f"{MANIFEST_FILE} names {name!r}, which is no file of a run")
        elif not (path / name).is_file():
            wrong.append(f"{name} is missing")
        elif (path / name).is_symlink():
            wrong.append(f"{name} is a link to another place")
        elif hash_file(path / name) != expected:
            wrong.append(f"{name} was changed after it was written")
    there = {file.name for file in path.iterdir() if file.suffix in (".parquet", ".npy")}
    extra = sorted(there - set(manifest["files"]))
    return wrong + [f"{name} is in the folder but not in {MANIFEST_FILE}" for name in extra]


def hash_file(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_values(values: Any) -> str:
    """Return the SHA-256 of plain values, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def describe_files(files: Iterable[Path]) -> list[dict[str, Any]]:
    """Return name, size in bytes and SHA-256 of each file."""
    named = [(os.fsencode(file.name).decode("utf-8", "replace"), file) for file in files]
    return [{"name": name, "bytes": file.stat().st_size, "sha256": hash_file(file)} for name, file in named]


def _find_mismatch(value: Any, shape: Any, at: str = "") -> str | None:
    """Return where a value is not of the shape that it should have; None: nowhere."""
    if isinstance(shape, (type, tuple)):
        return None if isinstance(value, shape) else at
    if not isinstance(value, type(shape)):
        return at
    inside = enumerate(value) if isinstance(value, list) else value.items()
    for key, part in inside:
        expected = shape[0] if isinstance(shape, list) else shape.get(key, shape.get("*", object))
        if (wrong := _find_mismatch(part, expected, f"{at} {key}".strip())) is not None:
            return wrong
    return None


def _serialize_manifest(manifest: Mapping[str, Any]) -> bytes:
    """Serialize a manifest with a seal over itself, so that a changed byte in it shows."""
    text = json.dumps({**manifest, "seal": hash_values(dict(manifest))}, indent=1, ensure_ascii=False)
    return (text + "\n").encode()
