"""Tables as files for others: all of them, or a bundle of what may be published where the news may not."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

import topiclib
from topiclib import schema
from topiclib.runs import store

TABLE_FORMATS = ("csv", "parquet")

# What a spreadsheet takes for a formula or a command when a cell begins with it; also in full width.
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# The articles' own words, and columns that the user brought and nobody here knows, are not for publication.
PRIVATE_COLUMNS = ("text", "title")

README_TEMPLATE = """# {articles} articles in Persian and Arabic, their topics and themes

This bundle holds what topiclib {version} found, and none of the articles: no text, no titles, no vectors.
It has the ids, links, dates and outlets of the articles, the counts, and the tables that figures are drawn from.

- Whoever may read the articles (see `url` in documents.csv) can run topiclib with the recipe in manifest.json and
  compare its tables with these.
- `matches.csv` gives places in passages (start, end), which mean something only beside the text. Its terms are those of
  the theme file.
- `manifest.json` names the versions, the recipe and the hashes of what went in and came out.
- A cell that begins with a character which spreadsheets take for a formula has an apostrophe before it.
{synthetic}
| table | rows | what it holds |
|-|-|-|
{rows}
"""


def escape_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with an apostrophe before every text cell, and column name, that a spreadsheet would execute."""
    out = frame.rename(columns={name: _escape_cell(name) for name in frame.columns})
    for name in out.columns[[not pd.api.types.is_numeric_dtype(dtype) for dtype in out.dtypes]]:
        out[name] = out[name].map(_escape_cell)
    return out


def export_tables(run: str | Path, folder: str | Path, *, file_format: str = "csv") -> list[Path]:
    """Write every table of a run as a file, with the articles' text.

    Parameters
    ----------
    run
        A run folder.
    folder
        Made if need be; files of the same names in it are replaced.
    form
        "csv" (UTF-8 with a mark, so that spreadsheets read it right; formulas made harmless) or "parquet".

    Raises
    ------
    ValueError
        If the form is another.
    FileExistsError
        If the folder is a file, or the run folder itself.
    """
    if file_format not in TABLE_FORMATS:
        raise ValueError(f"form is {file_format!r}: expected one of {', '.join(TABLE_FORMATS)}")
    tables, folder = store.read_tables(run), Path(folder)
    if folder.is_file() or (folder / store.MANIFEST_FILE).is_file():
        raise FileExistsError(f"{folder} is a file or a run folder: the tables need a folder of their own")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in tables.items():
        file = folder / f"{name}.{file_format}"
        if file_format == "csv":
            file.write_bytes(_csv(frame))
        else:
            frame.to_parquet(file, index=False)
        written.append(file)
    return written


def write_bundle(run: str | Path, file: str | Path) -> Path:
    """Write what may be published of a run as one zip archive: ids, links, counts, tables without text or vectors.

    The same run gives the same bytes. Titles and the user's own columns stay behind too.

    Raises
    ------
    FileNotFoundError
        If the folder of the file is not there.
    """
    tables, manifest, file = store.read_tables(run), store.read_manifest(run), Path(file)
    if not file.parent.is_dir():
        raise FileNotFoundError(f"{file.parent} does not exist: make the folder that the bundle is to be written into")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _bundle_files(tables, manifest):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return file


def drop_private_columns(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table without the articles' words and without columns that the schema does not know."""
    known = [column for column in schema.get_table(name).columns if column not in PRIVATE_COLUMNS]
    out = frame[known].copy()
    if "url" in out:
        out["url"] = out["url"].where(out["url"].str.match(r"(?i)https?://"), "")
    return out


def _bundle_files(tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    rows = "\n".join(
        f"| {name}.csv | {len(frame)} | {schema.get_table(name).about} |" for name, frame in tables.items()
    )
    note = "\nThe articles are **synthetic**: the sample that comes with topiclib.\n"
    values = {"articles": manifest["counts"]["articles"], "version": topiclib.__version__}
    values["synthetic"] = note if manifest.get("synthetic") else ""
    yield "README.md", README_TEMPLATE.format(rows=rows, **values).encode()
    yield "manifest.json", json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False).encode()
    for name, frame in tables.items():
        yield f"{name}.csv", _csv(drop_private_columns(frame, name))


def _csv(frame: pd.DataFrame) -> bytes:
    return escape_formulas(frame).to_csv(index=False, lineterminator="\n").encode("utf-8-sig", "replace")


def _escape_cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_PREFIXES) else value
