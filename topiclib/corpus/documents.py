"""Read files, or any DataFrame, into table `documents`: one row per article.

Articles that cannot be used stay in the table, with the reason in `dropped`.
"""

import hashlib
import os
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from topiclib import schema
from topiclib.corpus import readers
from topiclib.corpus.columns import (
    COLUMN_ALIASES,
    COLUMN_NAMES,
    describe_columns,
    has_language_name,
    make_unique,
    rename_columns,
    standardize_columns,
    to_text_column,
)  # fmt: skip
from topiclib.corpus.outlets import check_unique, join_columns, join_sources, read_joined_table, unify_outlet_names
from topiclib.schema import plural
from topiclib.text import fold, parse_date
from topiclib.text.letters import WESTERN_DIGITS

# Lines that end or number the articles of an export, which is not one article although it is one file.
_EXPORT_LINES = {
    "Nexis": r"(?:Document|Dokument)?\s*\d+ (?:of|de|von|sur) \d+ DOCUMENTS?|End of Document",
    "Factiva": r"(?:AN\s+)?Document [A-Z0-9]{4,}\d{8}e[a-z0-9]{5,12}",
    "ProQuest": r"Document \d+ of \d+",
    "a TREC collection": r"<DOC>|\.DID\b.*",
}

# Names of the column by which a table of articles is joined, without spaces and signs, and folders that name no outlet.
_METADATA_KEYS = {re.sub(r"[\W_]+", "", fold(name)) for name in COLUMN_NAMES["paths"]["keys"].split()}
_CONTAINERS = {fold(name) for name in COLUMN_NAMES["paths"]["folders"].split()}

# A date in a file name (2023-03-29, 14020109, 09-01-1402, but not 03-04-2023, which may be in March or April), also
# with a time; folders that are a date or a part of one (2023/03); and an outlet with a date (irna-1402-01).
_DATE_IN_NAME = re.compile(
    r"(?<!\d)((?:1[34]|19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\2(?:[0-2]\d|3[01])"
    r"|(?:[0-2]\d|3[01])[-_.](?:0[1-9]|1[0-2])[-_.]1[34]\d\d|(?:1[3-9]|2\d|3[01])[-_.](?:0[1-9]|1[0-2])[-_.]20\d\d)"
    r"(?:\d{4}|\d{6})?(?!\d)"
)
_DATE_FOLDER = re.compile(r"(?:(.+?)[-_. ])??(\d{1,4}(?:[-_.]\d{1,2}){0,2}|(?:1[34]|20)\d\d[-_.]?\d\d)")
_DATE_IN_WORDS = re.compile(r"(\d*\W*[^\W\d]+(?:\s[^\W\d]+)?[\W\d]*)")  # 29 مارس 2023


def read_documents(
    paths: str | Path | Sequence[str | Path], *, sources: str | Path | None = None,
    metadata: str | Path | None = None, skip_bad: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Read articles from files and folders into table `documents`.

    Folders are searched recursively, in the order of their names, hidden files excluded. A .txt, .docx or .html file is
    one article, whose id is its path in the folder without the suffix; the first folder of the path is its outlet,
    unless it is a date or a language, and a date in its name or folders is its date. Of several folders without
    subfolders, each is an outlet. In a table (.csv, .tsv, .xlsx,
    .json, .jsonl, .parquet) each row is an article; its columns may have any name in `COLUMN_ALIASES`, and other
    columns are kept. A .json file is a table if it holds an array of objects with a text, as Telegram's result.json.
    All but .docx, .xlsx and .parquet may be packed as .gz.

    Parameters
    ----------
    paths
        One or more files or folders.
    sources
        A table (of any type above) of outlets, with a column `source` and any others (country, owner, medium, ...),
        joined to the documents by `source`, however the name is spelled.
    metadata
        A table of articles, with a column `doc_id`, `path` or `file` and any others (title, date, source, ...), joined
        to the documents by their id or file name; its cells replace what a document has, unless they are empty.
    skip_bad
        Keep an unreadable file as a row with the error in `dropped`, and raise an error only if all are unreadable.

    Returns
    -------
    DataFrame
        Table `documents` (see `topiclib.schema`), one row per article in reading order, with unique `doc_id`. `text`
        is as decoded. `source` has one spelling for each outlet, and its host where it was an address. `lang` comes
        from the table, or else from `topiclib.text.identify_language`. `date` is ISO, as precise as given. `dropped` is
        "" or the reason why the article is not used: empty, duplicate (same outlet, same text), unreadable.

    Warns
    -----
    UserWarning
        Of files and columns that are not read, columns that were read under another name, dates that could not be read
        or may mean two days, and articles without a row in `metadata` or `sources`.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is nothing to read at a path, a file is not text or is damaged, or a table has no text column.
    """
    paths = [paths] if isinstance(paths, str | Path) else list(paths)
    options: dict[str, Any] = {"exclude": (sources, metadata), "one_of_several": readers.are_several_folders(paths)}
    files = [found for path in paths for found in readers.find_files(Path(path), **options)]
    if not files:
        raise ValueError("no path was given: expected one or more files or folders")
    documents = _to_documents(read_files(files, skip_bad=skip_bad, metadata=metadata))
    if len(documents) and documents["dropped"].str.startswith("unreadable").all():
        raise ValueError(f"none of the {len(files)} files could be read; the first: {documents['dropped'].iloc[0]}")
    return documents if sources is None else join_sources(documents, Path(sources))


def read_files(
    files: Iterable[tuple[Path, Path]], *, skip_bad: bool = False, metadata: str | Path | None = None
) -> pd.DataFrame:
    """Read the files that `find_files` yields into one frame with the columns of `documents`, its cells as they are."""
    frames = []
    files = list(files)
    files_by_columns: dict[str, list[str]] = {}
    for file, root in files:
        try:
            frames.append(_read_file(file, root))
            files_by_columns.setdefault(frames[-1].attrs.pop("columns", ""), []).append(file.name)
        except readers.NoArticlesError as error:
            if len(files) == 1:
                raise  # in a folder, a .json may hold anything
            warnings.warn(f"{error}: not read", stacklevel=2)
        except (ValueError, OSError) as error:
            if not skip_bad:
                raise
            row = {"doc_id": _file_id(file, root), "text": "", "dropped": f"unreadable: {error}"}
            frames.append(pd.DataFrame([row]))
    for columns, names in files_by_columns.items():
        if columns:
            others = f" and {plural(len(names) - 1, 'other file')}" if len(names) > 1 else ""
            warnings.warn(f"columns of {names[0]}{others}: {columns}", stacklevel=2)
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"text": []})
    return frame if metadata is None else _join_metadata(frame, Path(metadata))


def _read_file(file: Path, root: Path) -> pd.DataFrame:
    kind = readers.file_type(file.name)
    if kind not in readers.ARTICLE_SUFFIXES:
        return _read_articles_table(file)
    if kind in (".html", ".htm"):
        row = readers.read_html(file)
    else:
        row = {"text": readers.read_docx(file) if kind == ".docx" else readers.read_text_file(file)}
        if kind == ".txt" and readers.is_table(row["text"]):
            return _read_articles_table(file)
        for name, lines in _EXPORT_LINES.items():
            if (n := len(re.findall(rf"^\s*(?:{lines})\s*$", row["text"], re.MULTILINE | re.IGNORECASE))) > 1:
                split = "save one article per file, or a table with one per row"
                raise ValueError(f"{file} is an export of {n} articles from {name}, not one article: {split}")
    doc_id = _file_id(file, root)
    return pd.DataFrame([{"doc_id": doc_id, **_describe_path(doc_id), **{k: v for k, v in row.items() if v}}])


def _read_articles_table(file: Path) -> pd.DataFrame:
    frame = readers.read_table_file(file)
    renamed = rename_columns(frame)
    renamed.attrs = {"columns": describe_columns(frame.columns, renamed)}
    if "text" not in renamed:
        present = ", ".join(str(column)[:30] for column in frame.columns[:12]) or "none"
        expected = ", ".join(COLUMN_ALIASES["text"][1:6])
        raise ValueError(f"{file} has no text column (its columns: {present}): name it text, or one of {expected}")
    return renamed


def _file_id(file: Path, root: Path) -> str:
    """Return the relative path without its suffix, decoded as UTF-8 in any locale."""
    path = os.fsencode(file.relative_to(root).as_posix()).decode("utf-8", "replace")
    return os.path.splitext(re.sub(r"\.gz$", "", path, flags=re.IGNORECASE))[0]


def _describe_path(path: str) -> dict[str, str]:
    """Return what the path of an article tells: its outlet (the first folder that is no date or language), its date."""
    *folders, name = path.split("/")
    dates, outlets = [], []
    for folder in folders:
        dated = _DATE_FOLDER.fullmatch(folder)
        is_year = dated and (not dated[1] or re.match(r"1[34]\d\d|20\d\d", dated[2].translate(WESTERN_DIGITS)))
        outlet, date = (dated[1], dated[2]) if dated and is_year else (folder, "")
        dates += [date] if date else []
        outlets += [outlet] if outlet and not has_language_name(outlet) and fold(outlet) not in _CONTAINERS else []
    in_name = _DATE_IN_NAME.search(name.translate(WESTERN_DIGITS)) or _DATE_IN_WORDS.fullmatch(name)
    found = (parse_date(text) for text in (in_name[1] if in_name else "", "/".join(dates)))
    return {"source": next(iter(outlets), ""), "date": next((date for date in found if len(date) > 4), "")}


def _join_metadata(frame: pd.DataFrame, file: Path) -> pd.DataFrame:
    """Fill and add columns of documents from a table of articles, joined by id, path or file name."""
    table = read_joined_table(file, "a table of articles with a column doc_id or path")
    keys = [column for column in table if re.sub(r"[\W_]+", "", fold(column)) in _METADATA_KEYS]
    if not keys:
        present = ", ".join(map(str, table.columns[:12]))
        raise ValueError(f"{file} has no column doc_id, path or file (its columns: {present}): add one")
    table = table.set_axis(_path_keys(table[keys[-1]])).drop(columns=["doc_id", "text", "dropped"], errors="ignore")
    check_unique(table.index, file, "article")
    ids = _path_keys(frame.get("doc_id", [""] * len(frame)))
    rows = _match_paths(ids, table.index)
    if (missing := ids[rows == ""]).size:
        of_articles = f"{len(missing):,} of {plural(len(ids), 'article')}"
        warnings.warn(f"{file.name} has no row for {of_articles}, such as {missing.iloc[0]!r}", stacklevel=2)
    if n_unused := (~table.index.isin(rows)).sum():
        of_rows = f"{n_unused:,} of {plural(len(table), 'row')}"
        warnings.warn(f"{of_rows} of {file.name} match no article", stacklevel=2)
    return join_columns(frame, table, rows)


def _match_paths(ids: Iterable[str], keys: Iterable[str]) -> pd.Series:
    """Return for each id the equal key, or else the only one that ends alike, "" if there is none."""
    exact = set(keys)

    def ends(path: str) -> list[str]:  # the longest first; case, keyboards and zeros, which Excel removes, do not count
        parts = [part.lstrip("0") if part.isdecimal() else part for part in fold(path).split("/")]
        return ["/".join(parts[i:]) for i in range(len(parts))]

    n_ids = Counter(end for path in ids for end in ends(path))
    by_end: dict[str, list[str]] = {}
    for key in keys:
        for end in ends(key):
            by_end.setdefault(end, []).append(key)
    matched = []
    for path in ids:
        found = (by_end[end][0] for end in ends(path) if n_ids[end] == len(by_end.get(end, ())) == 1)
        matched.append(path if path in exact else next(found, ""))
    return pd.Series(matched, dtype="object")


def _path_keys(cells: Iterable[object]) -> pd.Series:
    """Return ids or paths in the form of the ids that are made from paths, or "row 3" if they are empty."""
    keys = []
    for row, cell in enumerate(to_text_column(cells)):
        path = cell.strip().replace("\\", "/").removeprefix("./").removesuffix(".gz")
        stem, suffix = os.path.splitext(path)
        keys.append((stem if suffix.lower() in readers.ARTICLE_SUFFIXES else path) or f"row {row}")
    return pd.Series(keys, dtype="object")


def to_documents(frame: pd.DataFrame) -> pd.DataFrame:
    """Convert any frame with a `text` column to table `documents`: standardize columns and outlets, mark duplicates."""
    return _to_documents(read_frame(frame))


def read_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Rename the columns of a DataFrame to those of table `documents`, and warn of those that are not used."""
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"documents needs a pandas DataFrame with a column text, but got {type(frame).__name__}")
    renamed = rename_columns(frame)
    if columns := describe_columns(frame.columns, renamed):
        warnings.warn(f"columns of the DataFrame: {columns}", stacklevel=2)
    return renamed


def _to_documents(frame: pd.DataFrame) -> pd.DataFrame:
    out = standardize_columns(frame)
    out["source"] = unify_outlet_names(out["source"])
    out["doc_id"], out["dropped"] = resolve_duplicates(out.assign(text=hash_texts(out["text"])))
    return schema.conform(out, "documents")


def hash_texts(texts: Iterable[str]) -> list[str]:
    """Return the SHA-256 of each text after folding: articles with equal hashes have the same text."""
    return [hashlib.sha256(fold(text).encode("utf-8", "replace")).hexdigest() for text in texts]


def resolve_duplicates(articles: pd.DataFrame) -> tuple[list[str], pd.Series]:
    """Return unique ids, and `dropped` with duplicates marked, for a corpus with `hash_texts` as its column `text`."""
    dropped = articles["dropped"].copy()
    is_duplicate = articles[dropped == ""].duplicated(["source", "text"])
    dropped[is_duplicate.index[is_duplicate]] = "duplicate"
    return make_unique(articles["doc_id"]), dropped
