"""Cache of drawn figures: a hash of the inputs of each file, so that unchanged figures are not redrawn."""

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

CACHE_FILE = "figures.json"

# Packages whose version can change the bytes of a figure: drawing, fonts, text shaping, compression.
RENDERING_PACKAGES = (
    "matplotlib", "fontpkg-ibm-plex-sans-arabic", "fontpkg-amiri", "fonttools", "numpy", "pandas", "pillow",
)  # fmt: skip


def figure_cache_key(
    manifest: Mapping[str, Any], tables: Iterable[str], *, options: Iterable[str], script: str = ""
) -> str:
    """Return a hash of all inputs of a figure, or "" if the manifest has no hash of one of its `tables`.

    `options` are further settings, such as language and size; `script` is the source of the figure's script, if any.
    """
    files = manifest.get("files", {})
    hashes = [files.get(f"{table}.parquet", "") for table in tables]
    if not all(hashes):
        return ""
    package = Path(__file__).parent
    sources = sorted(file for file in package.iterdir() if file.suffix in (".py", ".csv", ".mplstyle"))
    inputs = [
        *hashes,
        json.dumps([manifest.get(entry) for entry in ("themes", "synthetic", "period")], ensure_ascii=False),
        *options,
        script,
        *(f"{name} {importlib.metadata.version(name)}" for name in RENDERING_PACKAGES),
        *(source.read_text(encoding="utf-8") for source in sources),
    ]
    return hashlib.sha256("\0".join(inputs).encode()).hexdigest()


def is_up_to_date(out: Path, files: Iterable[Path], key: str) -> bool:
    """Return whether all files exist, unmodified since they were drawn with this key."""
    record = _read(out)
    return bool(key) and all(path.is_file() and record.get(path.name) == f"{key} {_hash(path)}" for path in files)


def record_figures(out: Path, files: Iterable[Path], key: str) -> None:
    """Record the key with which the files were drawn."""
    record = _read(out) | {path.name: f"{key} {_hash(path)}" for path in files}
    (out / CACHE_FILE).write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _read(out: Path) -> dict[str, str]:
    """Return the record, empty if it is missing or damaged: the figures are then redrawn."""
    try:
        record = json.loads((out / CACHE_FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
