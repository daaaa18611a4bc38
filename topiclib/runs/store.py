"""The run folder: tables (Parquet), arrays (npy), and a manifest with the settings, versions and checksums.

A run is written to a temporary folder and renamed, so that a killed process leaves the previous run unchanged.
Nothing is ever unpickled.
"""

import hashlib
import json
import os
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
from topiclib.themes.theme_file import THEME_FILE
from topiclib.topics.curation_file import CURATION_FILE

MANIFEST_FILE = "manifest.json"
FORMAT_VERSION = 4
ARRAY_NAMES = ("centroids", "offsets")
TEXT_FILES = (THEME_FILE, CURATION_FILE)

_DECISION = {
    "topic": (int, str),
    "action": str,
    "name": {"*": str},
    "parts": [int],
    "reason": str,
    "*": (str, int, float),
}
_FILES = [{"name": str, "bytes": int, "sha256": str}]
# Expected types of the manifest's entries, checked by `read_manifest`.
MANIFEST_SCHEMA = {
    "recipe": {"*": (str, int, float, type(None)), "encoder": str, "period": str, "resolution": (int, float)},
    "files": {"*": str}, "versions": {"*": str}, "themes_applied": {"versions": {"*": str}, "left_out": [str]},
    "curation": {"decisions": [_DECISION], "not_applied": [_DECISION], "left_out": [str], "words": {"*": [str]}},
    "corpus_decisions": {"*": [str]}, "curation_file": _FILES,
    "themes": {"*": {"*": str}}, "descriptions": {"*": {"*": str}},
    "inputs": _FILES, "sources": _FILES, "theme_file": _FILES, "counts": {"*": int}, "topic_ids": [int], "encoder": str,
    "alignment": {"languages": [str], "method": str, "uses_words": bool}, "topic_steps": {"*": (str, int, float)},
    "extensions": [{"inputs": _FILES, "counts": {"*": int}, "far_similarity": {"*": float}, "versions": {"*": str}}],
    "platform": str, "cache_key": str, "lexicon_sha256": str,
    "synthetic": bool, "stages": [{"stage": str, "seconds": (int, float), "peak_memory_mb": int}],
}  # fmt: skip

TableSource: TypeAlias = pd.DataFrame | Callable[[], Iterator[pd.DataFrame]]


def write_run(
    out: str | Path, tables: Mapping[str, TableSource], arrays: Mapping[str, np.ndarray], manifest: Mapping[str, Any],
    *, kept: Iterable[Path] = (),
) -> Path:  # fmt: skip
    """Write a complete run folder or nothing; an existing run is replaced at the end.

    A table may be a function that yields it in chunks. Entries of the manifest that are called like one of `TEXT_FILES`
    are written to a file of this name instead. `kept` are files of any run, to be copied as they are.
    """
    out = check_output_folder(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{out.name}.new-{os.getpid()}-"
    try:
        with tempfile.TemporaryDirectory(prefix=prefix, dir=out.parent, ignore_cleanup_errors=True) as folder:
            staging = Path(folder)
            for name, table in tables.items():
                _write_table(table, name, staging / f"{name}.parquet")
            for name, array in arrays.items():
                np.save(staging / f"{name}.npy", np.asarray(array, dtype=np.float32), allow_pickle=False)
            for file in kept:
                shutil.copyfile(file, staging / file.name)
            entries = dict(manifest)
            for name in entries.keys() & set(TEXT_FILES):
                (staging / name).write_bytes(entries.pop(name).encode())
            files = {file.name: hash_file(file) for file in sorted(staging.iterdir())}
            content = serialize_manifest({"format": FORMAT_VERSION, **entries, "files": files})
            (staging / MANIFEST_FILE).write_bytes(content)
            staging.chmod(0o755)  # the temporary folder can be read by its owner only
            replace_folder(staging, out)
    except OSError as error:  # Arrow has its own words for a full disk
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OSError(f"cannot write {out} ({reason}): the previous contents are unchanged") from error
    return out


def rewrite_run(
    path: Path, out: Path, tables: Mapping[str, TableSource], arrays: Mapping[str, np.ndarray],
    entries: Mapping[str, Any], *, left_out: Iterable[str] = (),
) -> Path:  # fmt: skip
    """Write a run folder like that at `path`, which `out` may be: with new tables, arrays, entries; without others.

    The entries need another cache key, so that `topiclib fit` does not take the new run for its own.
    """
    manifest = read_manifest(path)
    replaced = {*(f"{name}.parquet" for name in (*tables, *left_out)), *(f"{name}.npy" for name in arrays), *entries}
    kept = [path / name for name in manifest["files"] if name not in replaced]
    body = {key: value for key, value in manifest.items() if key not in ("format", "files", "checksum")}
    return write_run(out, tables, arrays, {**body, **entries}, kept=kept)


def _write_table(table: TableSource, name: str, file: Path) -> None:
    if isinstance(table, pd.DataFrame):
        schema.conform(table, name).to_parquet(file, index=False, compression="zstd")
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    def chunks() -> Iterator[pa.Table]:
        for frame in table():
            yield pa.Table.from_pandas(schema.conform(frame, name), preserve_index=False)

    # The user's columns may differ between chunks: a column without one type everywhere is written as text.
    types: dict[str, set[pa.DataType]] = {}
    for chunk in chunks():
        for field in chunk.schema:
            types.setdefault(field.name, set()).add(field.type)
    fields = [(key, kinds.pop() if len(kinds) == 1 else pa.string()) for key, kinds in types.items()]
    unified = pa.schema([(key, pa.string() if pa.types.is_null(kind) else kind) for key, kind in fields])
    with pq.ParquetWriter(file, unified, compression="zstd") as writer:
        for chunk in chunks():
            names = set(chunk.column_names)
            columns = [chunk[f.name].cast(f.type) if f.name in names else pa.nulls(len(chunk), f.type) for f in unified]
            writer.write_table(pa.table(columns, schema=unified))


def check_output_folder(out: str | Path) -> Path:
    """Return the resolved path of a folder if a run may be written there: a new or empty one, or an existing run."""
    out = Path(os.path.realpath(out))  # of a link, replace the target: a rename cannot cross file systems
    recover_folder(out)
    if out.exists() and not out.is_dir():
        raise FileExistsError(f"{out} is a file: --out expects a new folder, or the folder of an existing run")
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST_FILE).is_file():
        raise FileExistsError(f"{out} contains other files and is not a run folder: choose a new or empty folder")
    parent = next(folder for folder in out.parents if folder.is_dir())
    if not os.access(parent, os.W_OK | os.X_OK):  # fail before the long computation
        raise PermissionError(f"no permission to write in {parent}: choose another folder for the run")
    return out


def read_manifest(path: str | Path) -> dict[str, Any]:
    """Read a run's manifest; ValueError if it is damaged or in another format version."""
    file = Path(path) / MANIFEST_FILE
    if not file.is_file():
        with suppress(OSError):
            recover_folder(Path(os.path.realpath(path)))  # the process was killed between two renames
    if not file.is_file():
        what = f"{path} is not a run folder (no {MANIFEST_FILE})"
        raise FileNotFoundError(f"{what}: make one with `topiclib fit CORPUS --out {path}`")
    try:
        manifest = json.loads(file.read_bytes())
        if manifest["format"] != FORMAT_VERSION:
            version = manifest["format"]
            raise ValueError(f"{file} has format {version}, expected {FORMAT_VERSION}: fit the corpus again")
        if (entry := _find_mismatch(manifest, MANIFEST_SCHEMA)) is not None or "files" not in manifest:
            raise ValueError(f"{file} is damaged (at {entry or 'files'}): fit the corpus again")
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{file} is damaged ({type(error).__name__}): fit the corpus again") from error
    return manifest


def read_table(path: str | Path, name: str) -> pd.DataFrame:
    """Read one table of a run; KeyError, FileNotFoundError or ValueError if it is unknown, missing or damaged."""
    table = schema.get_table(name)
    file = Path(path) / f"{name}.parquet"
    read_manifest(path)  # first, so that a run of another format is not called damaged
    if not file.is_file():
        options = {"stability": " with --stability 5", "candidates": ", and extend the run (fit --extend)"}
        option = options.get(name, " with --quality") if table.description.startswith("optional") else ""
        raise FileNotFoundError(f"{path} has no table {name} ({file.name} is missing): fit the corpus again{option}")
    try:
        frame = read_parquet(file)
        if frame.columns.has_duplicates:
            raise ValueError(f"duplicate column {frame.columns[frame.columns.duplicated()][0]}")
        frame = schema.conform(frame, name)
        for column, dtype in table.columns.items():
            if dtype == "str" and pd.api.types.infer_dtype(frame[column]) not in ("string", "empty"):
                raise ValueError(f"column {column} contains values that are not text")
        return frame
    except (OSError, ValueError, TypeError, KeyError, NotImplementedError, MemoryError) as error:
        raise ValueError(f"{file} is damaged: {str(error).splitlines()[0]}") from error


def read_tables(path: str | Path) -> dict[str, pd.DataFrame]:
    """Read all tables of a run, by name."""
    return {name: read_table(path, name) for name in table_names(read_manifest(path))}


def table_names(manifest: Mapping[str, Any]) -> list[str]:
    """Return the names of a run's tables."""
    return [name for name in schema.TABLES if f"{name}.parquet" in manifest.get("files", ())]


def read_array(path: str | Path, name: str) -> np.ndarray:
    """Read array "centroids" or "offsets" of a run."""
    file = Path(path) / f"{name}.npy"
    if not file.is_file():
        raise FileNotFoundError(f"{path} has no {file.name}: fit the corpus again")
    try:
        return np.load(file, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(f"{file} is damaged: {str(error).splitlines()[0]}") from error


def hash_file(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_values(values: Any) -> str:
    """Return the SHA-256 of JSON values, regardless of the order of keys."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def describe_files(files: Iterable[Path], names: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Return name (default: without folders), size in bytes and SHA-256 of each file."""
    files = list(files)
    readable = [os.fsencode(name).decode("utf-8", "replace") for name in names or (file.name for file in files)]
    named = zip(readable, files, strict=True)
    return [{"name": name, "bytes": file.stat().st_size, "sha256": hash_file(file)} for name, file in named]


def _find_mismatch(value: Any, expected: Any, path: str = "") -> str | None:
    """Return the path of the first entry that does not have its expected type; None if all have."""
    if isinstance(expected, (type, tuple)):
        return None if isinstance(value, expected) else path
    if not isinstance(value, type(expected)):
        return path
    for key, item in enumerate(value) if isinstance(value, list) else value.items():
        item_type = expected[0] if isinstance(expected, list) else expected.get(key, expected.get("*", object))
        if (mismatch := _find_mismatch(item, item_type, f"{path} {key}".strip())) is not None:
            return mismatch
    return None


def serialize_manifest(manifest: Mapping[str, Any]) -> bytes:
    """Serialize a manifest with a checksum of itself, so that a changed byte is detected."""
    text = json.dumps({**manifest, "checksum": hash_values(dict(manifest))}, indent=1, ensure_ascii=False)
    return (text + "\n").encode()
