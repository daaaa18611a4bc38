"""What each figure in a folder was made from, so that what is unchanged is not drawn again."""

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

CACHE_FILE = "figures.json"

# Whatever else can change a picture: the drawing library, the fonts, what shapes and compresses.
RENDERING_PACKAGES = (
    "matplotlib",
    "fontpkg-ibm-plex-sans-arabic",
    "fontpkg-amiri",
    "fonttools",
    "numpy",
    "pandas",
    "pillow",
)


def figure_cache_key(
    manifest: Mapping[str, Any], tables: Iterable[str], *, options: Iterable[str], script: str = ""
) -> str:
    """Return the hash of everything that a figure is made from, or "" where the manifest has no hashes of its tables.

    Parameters
    ----------
    manifest
        Of the run: `files` (hashes by file name), `themes`, `synthetic`.
    tables
        Names of the tables that the figure reads.
    options
        How it is drawn: language, formats, size.
    script
        Text of the script that draws it, if it is not drawn by the library alone.
    """
    files = manifest.get("files", {})
    hashes = [files.get(f"{table}.parquet", "") for table in tables]
    if not all(hashes):
        return ""
    package = Path(__file__).parent
    sources = [package / "strings.csv", *sorted(package.glob("*.py"))]
    parts = [
        *hashes,
        json.dumps([manifest.get("themes", {}), bool(manifest.get("synthetic"))], ensure_ascii=False),
        *options,
        script,
        *(f"{name} {importlib.metadata.version(name)}" for name in RENDERING_PACKAGES),
        *(source.read_text(encoding="utf-8") for source in sources),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def is_up_to_date(out: Path, files: Iterable[Path], key: str) -> bool:
    """Return whether the files are in the folder, as they were written, from what this key stands for."""
    record = _read(out)
    return bool(key) and all(path.is_file() and record.get(path.name) == f"{key} {_hash(path)}" for path in files)


def record_figures(out: Path, files: Iterable[Path], key: str) -> None:
    """Note in the folder what the files were made from."""
    record = _read(out) | {path.name: f"{key} {_hash(path)}" for path in files}
    (out / CACHE_FILE).write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _read(out: Path) -> dict[str, str]:
    """Read the record; one that is missing or damaged is as good as none: the figures are drawn again."""
    try:
        record = json.loads((out / CACHE_FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
