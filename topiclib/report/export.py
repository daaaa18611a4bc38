"""Export a run's tables: all of them, or a bundle that can be published even if the articles cannot."""

import io
import json
import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

import topiclib
from topiclib import schema
from topiclib.evaluate.theme_coding import without_rejected
from topiclib.report.templates import check_output_file, render
from topiclib.runs import store
from topiclib.themes.theme_file import THEME_FILE, format_themes, read_themes
from topiclib.topics.curation_file import CURATION_FILE, format_curation, read_curation

TABLE_FORMATS = ("csv", "parquet")

# A spreadsheet reads a cell that begins with one of these as a formula or command; some accept full-width signs too.
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# Limits of a sheet, and the characters that XML, and so an .xlsx file, cannot hold.
EXCEL_ROWS, EXCEL_CHARS = 1_048_576, 32_767
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# The articles' wording may be under copyright. The user's own columns may be too: the bundle leaves them out as well.
PRIVATE_COLUMNS = ("text", "title")


def escape_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before text cells and column names that a spreadsheet would run as a formula."""
    out = frame.rename(columns={name: _escape_cell(name) for name in frame.columns})
    for name in out.columns[[not pd.api.types.is_numeric_dtype(dtype) for dtype in out.dtypes]]:
        out[name] = out[name].map(_escape_cell)
    return out


def export_tables(run: str | Path, folder: str | Path, *, file_format: str = "csv") -> list[Path]:
    """Write every table of a run folder to a file, including the articles' text; return the files.

    Parameters
    ----------
    folder
        Created if it does not exist, and no run folder; files with the same names are replaced.
    file_format
        "csv" (UTF-8 with a byte order mark; formulas escaped) or "parquet".
    """
    if file_format not in TABLE_FORMATS:
        raise ValueError(f"file_format is {file_format!r}: expected one of {', '.join(TABLE_FORMATS)}")
    tables, folder = store.read_tables(run), Path(folder)
    if folder.is_file() or (folder / store.MANIFEST_FILE).is_file():
        raise FileExistsError(f"{folder} is a file or a run folder: export the tables to a folder of their own")
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.{file_format}" for name in tables]
    for file, frame in zip(files, tables.values(), strict=True):
        if file_format == "csv":
            file.write_bytes(format_csv(frame))
        else:
            frame.to_parquet(file, index=False)
    return files


def write_workbook(run: str | Path, file: str | Path) -> Path:
    """Write documents, passages, topics, themes and quotes of a run to one Excel file, a sheet each, right to left.

    Passages have their topic and themes, topics their keywords in both languages, quotes their text and source.
    Formulas are escaped, and control characters, which Excel cannot store, are left out. Texts of more than 32,767
    characters are cut, with a warning.

    Raises
    ------
    ValueError
        If a table has more rows than Excel can hold.
    """
    tables = store.read_tables(run)
    tables["quotes"] = without_rejected(tables["quotes"], run)
    file = check_output_file(file, "the workbook")
    sheets = {name: schema.text_as_objects(escape_formulas(sheet)) for name, sheet in _workbook_sheets(tables).items()}
    for name, sheet in sheets.items():
        if len(sheet) >= EXCEL_ROWS:
            raise ValueError(f"{name} has {len(sheet)} rows, but Excel holds {EXCEL_ROWS - 1}: use --tables csv")
        for column in sheet.select_dtypes(exclude=["number", "bool"]):
            sheet[column] = [NOT_IN_XML.sub("", cell) if isinstance(cell, str) else cell for cell in sheet[column]]
            if n := (sheet[column].str.len() > EXCEL_CHARS).sum():
                sheet[column] = sheet[column].str.slice(0, EXCEL_CHARS)
                warnings.warn(f"{name}: {n} of column {column} were cut at {EXCEL_CHARS} characters", stacklevel=2)
    content = io.BytesIO()
    with pd.ExcelWriter(content, engine="openpyxl") as writer:
        for name, sheet in sheets.items():
            sheet.to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, 0))
            writer.sheets[name].sheet_view.rightToLeft = True
    file.write_bytes(content.getvalue())
    return file


def _workbook_sheets(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the sheets of the workbook: tables joined so that each can be read by itself."""
    passages = tables["passages"].merge(tables["assignments"][["passage_id", "topic"]], on="passage_id", how="left")
    about = tables["themes"][tables["themes"]["about"]].groupby("passage_id")["theme"].agg(" ".join)
    passages["themes"] = passages["passage_id"].map(about).fillna("")
    words = tables["keywords"].sort_values("rank").groupby(["topic", "lang"])["word"].agg("، ".join).unstack("lang")
    sources = tables["documents"][["doc_id", "source", "date", "title", "url"]]
    quotes = tables["quotes"].merge(tables["passages"][["passage_id", "doc_id", "text"]], on="passage_id", how="left")
    return {
        "documents": tables["documents"],
        "passages": passages,
        "topics": tables["topics"].merge(words.add_prefix("keywords_"), left_on="topic", right_index=True, how="left"),
        "themes": tables["shares"][tables["shares"]["kind"] == "theme"],
        "quotes": quotes.merge(sources, on="doc_id", how="left"),
    }


def write_bundle(run: str | Path, file: str | Path) -> Path:
    """Write a zip archive that can be published: the tables and the manifest, without article text or vectors.

    Titles and the user's own columns are left out too. The same run gives the same bytes.
    """
    tables, manifest = store.read_tables(run), store.read_manifest(run)
    # Not the bytes of these files: in a run of somebody else one may be a link to any other.
    formats = {
        THEME_FILE: lambda file: format_themes(read_themes(file)),
        CURATION_FILE: lambda file: format_curation(read_curation(file)),
    }
    texts = {name: text(Path(run) / name) for name, text in formats.items() if (Path(run) / name).is_file()}
    file = check_output_file(file, "the bundle")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _bundle_files(tables, manifest, texts).items():
            # A fixed time and fixed permissions: the archive depends on its content alone.
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return file


def drop_private_columns(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table without titles, text and columns that are not in the schema."""
    out = frame[[column for column in schema.get_table(name).columns if column not in PRIVATE_COLUMNS]].copy()
    if "url" in out:
        out["url"] = out["url"].where(out["url"].str.match(r"(?i)https?://"), "")
    return out


def _bundle_files(
    tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any], texts: Mapping[str, str]
) -> dict[str, str | bytes]:
    """Return the content of each file in the bundle by name."""
    values = {"version": topiclib.__version__, "tables": tables, "manifest": manifest}
    descriptions = {name: schema.get_table(name).description for name in tables}
    return {
        "README.md": render("report/bundle.md.jinja", descriptions=descriptions, **values),
        "manifest.json": json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False),
        **texts,
        **{f"{name}.csv": format_csv(drop_private_columns(frame, name)) for name, frame in tables.items()},
    }


def format_csv(frame: pd.DataFrame) -> bytes:
    """Format a table as CSV with formulas escaped, in UTF-8 with a byte order mark, which Excel needs."""
    return escape_formulas(frame).to_csv(index=False, lineterminator="\n").encode("utf-8-sig", "replace")


def _escape_cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_PREFIXES) else value
