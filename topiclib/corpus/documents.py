"""Files of any usual kind to the documents table.

One article is one row. What cannot be used stays in the table with the reason in `dropped`, so that nothing is lost
on the way.
"""

import hashlib
import json
import os
import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from topiclib import schema
from topiclib.corpus.readers import find_files, read_html, read_table_file, read_text_file
from topiclib.text import fold, identify_language, parse_date

# The first name that a table has is taken. Columns of other names are kept as they are.
COLUMN_ALIASES = {
    "doc_id": ("doc_id", "id", "docid", "article_id", "uid"),
    "title": ("title", "headline", "عنوان", "تیتر"),
    "text": ("text", "body", "content", "article", "article_text", "full_text", "fulltext", "متن", "نص", "النص"),
    "lang": ("lang", "language", "زبان", "لغة", "اللغة"),
    "date": ("date", "published", "published_at", "publish_date", "publication_date", "pub_date", "pubdate", "datetime",
             "تاریخ", "تاريخ", "التاريخ"),
    "source": ("source", "outlet", "newspaper", "publisher", "media", "منبع", "رسانه", "مصدر", "المصدر"),
    "section": ("section", "category", "rubric", "بخش", "قسم", "القسم"),
    "url": ("url", "link", "href"),
}  # fmt: skip

MAX_ID_LENGTH = 1_000

_WORD_SEPARATORS = re.compile(r"[\s\u200c-]+")  # "Full Text" is full_text

LANGUAGE_ALIASES = {
    "fa": ["fa", "fas", "per", "pes", "prs", "farsi", "persian", "dari", "فارسی"],
    "ar": ["ar", "ara", "arb", "arabic", "عربي", "عربی", "العربية"],
}


def read_documents(
    paths: str | Path | Sequence[str | Path], *, sources: str | Path | None = None, skip_bad: bool = False
) -> pd.DataFrame:
    """Read articles from folders and files into the documents table.

    A folder is searched to any depth for .txt, .csv, .tsv, .jsonl and .parquet files, in the order of their names;
    hidden files and other kinds are left alone. A .txt file is one article whose id is its path without the ending. A
    row of a table is one article; its columns may have any of the names in `COLUMN_ALIASES`, and columns of other names are
    kept.

    Parameters
    ----------
    paths
        A folder, a file, or several of them.
    sources
        A table (.csv, .tsv, .jsonl, .parquet) with a column `source` and whatever is known of each outlet (country,
        owner, medium, ...), joined to the documents by `source`.
    skip_bad
        Report a file that cannot be read among good ones in `dropped`, instead of raising.

    Returns
    -------
    DataFrame
        Table `documents` (see `topiclib.schema`), one row an article in reading order, `doc_id` unique. `text` is as
        decoded. `lang` is what the table says, or else what `topiclib.text.identify_language` finds. `date` is ISO, as far as
        it is known. `dropped` is "" or why the article is not used: empty, duplicate (same outlet, same text),
        unreadable.

    Raises
    ------
    FileNotFoundError
        If a path does not exist, or a folder has no file of a kind that is read.
    ValueError
        If a file is binary, damaged, of another kind, or a table has no text column; the message names the file.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    files = [(file, root) for path in given for file, root in find_files(Path(path), exclude=sources)]
    if not files:
        raise ValueError("no path was given: expected a folder, a file, or several of them")
    documents = to_documents(read_files(files, skip_bad=skip_bad))
    if len(documents) and documents["dropped"].str.startswith("unreadable").all():
        raise ValueError(f"none of the {len(files)} files could be read; the first: {documents['dropped'].iloc[0]}")
    return documents if sources is None else join_sources(documents, Path(sources))


def read_files(files: Iterable[tuple[Path, Path]], *, skip_bad: bool = False) -> pd.DataFrame:
    """Return the articles of files as they stand there, columns by their names of the documents table.

    Parameters
    ----------
    files
        Each with the folder that its id is counted from, as `find_files` yields them.
    skip_bad
        As `read_documents` takes it.
    """
    parts = []
    for file, root in files:
        try:
            parts.append(_read_file(file, root))
        except (ValueError, OSError) as error:
            if not skip_bad:
                raise
            unread = {"doc_id": _file_id(file, root), "text": "", "dropped": f"unreadable: {error}"}
            parts.append(pd.DataFrame([unread]))
    return pd.concat(parts, ignore_index=True)


def to_documents(frame: pd.DataFrame) -> pd.DataFrame:
    """Return any frame with a `text` column as the documents table: names, languages, dates, ids and reasons filled in.

    Raises
    ------
    ValueError
        If there is no text column under any of its names.
    """
    out = standardize_columns(frame)
    out["doc_id"], out["dropped"] = resolve_duplicates(out.assign(text=hash_texts(out["text"])))
    return schema.conform(out, "documents")


def standardize_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Return any frame with a `text` column as documents that know nothing of each other: ids may be missing or there
    twice, and no article is a duplicate yet.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"documents needs a pandas DataFrame with a column text, but got {type(frame).__name__}")
    out = _rename_columns(frame).reset_index(drop=True)
    schema.require_columns(out, ["text"], caller="documents")
    for column in schema.get_table("documents").columns:
        out[column] = to_text_column(out[column] if column in out else [""] * len(out))
    for column in out.columns.difference(list(schema.get_table("documents").columns)):
        if out[column].dtype == object:  # mixed cells cannot be stored
            out[column] = to_text_column(out[column])
    # pandas compares strings up to a NUL, so "x\0a" and "x\0b" would be one key. Only the text keeps its own.
    for column in (name for name in out.columns if name != "text" and out[name].dtype == object):
        out[column] = to_text_column(value.replace("\0", "") for value in out[column])
    out["doc_id"] = _truncate_ids(out["doc_id"])
    out["date"] = [parse_date(value) if value else "" for value in out["date"]]
    out["lang"] = [_resolve_language(name, text) for name, text in zip(out["lang"], out["text"], strict=True)]
    empty = (out["text"].str.strip() == "") & (out["dropped"] == "")
    out.loc[empty, "dropped"] = "empty"
    return out


def _truncate_ids(ids: pd.Series) -> pd.Series:
    """Cut ids that are no names, such as whole texts: each passage of an article carries its id."""
    long = ids[ids.str.len() > MAX_ID_LENGTH]
    if len(long):
        start = " ".join(long.iloc[0][:30].split())
        warnings.warn(f"{len(long)} ids have over {MAX_ID_LENGTH} letters ({start!r}...): cut there", stacklevel=2)
    return ids.str.slice(0, MAX_ID_LENGTH)


def hash_texts(texts: Iterable[str]) -> list[str]:
    """Return by which articles of one text are known: the SHA-256 of each folded text."""
    return [hashlib.sha256(fold(text).encode("utf-8", "replace")).hexdigest() for text in texts]


def resolve_duplicates(articles: pd.DataFrame) -> tuple[list[str], pd.Series]:
    """Return ids that are unique, and `dropped` with the duplicates in it, of all articles of a corpus.

    Parameters
    ----------
    articles
        Needs `doc_id`, `source`, `dropped`, and `text` as `hash_texts` returns it.
    """
    dropped = articles["dropped"].copy()
    again = articles[dropped == ""].duplicated(["source", "text"])
    dropped[again.index[again]] = "duplicate"
    return make_unique(articles["doc_id"]), dropped


def _rename_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the names of the documents table, and every other column under a name of its own."""
    columns = (to_text(column).replace("\0", "") for column in frame.columns)
    frame = frame.set_axis(make_unique(columns, placeholder="column"), axis=1)
    by_lower = {_WORD_SEPARATORS.sub("_", column.strip().lower()): column for column in reversed(list(frame.columns))}
    names = {}
    for column, aliases in COLUMN_ALIASES.items():
        there = next((by_lower[alias] for alias in aliases if alias in by_lower), None)
        if there is not None and column not in frame:
            names[there] = column
    return frame.rename(columns=names)


def _resolve_language(name: str, text: str) -> str:
    if not name:
        return identify_language(text)
    lowered = name.strip().lower().replace("_", "-").split("-")[0]
    return next((code for code, names in LANGUAGE_ALIASES.items() if lowered in names), "other")


def _file_id(file: Path, root: Path) -> str:
    """Return a file's path below the folder without its ending, the same whatever the locale takes its bytes for."""
    return os.fsencode(file.relative_to(root).with_suffix("").as_posix()).decode("utf-8", "replace")


def _read_file(file: Path, root: Path) -> pd.DataFrame:
    if file.suffix.lower() == ".txt":
        return pd.DataFrame([{"doc_id": _file_id(file, root), "text": read_text_file(file)}])
    if file.suffix.lower() in (".html", ".htm"):
        return pd.DataFrame([{"doc_id": _file_id(file, root), **read_html(file)}])
    frame = read_table_file(file)
    named = _rename_columns(frame)
    if "text" not in named:
        have = ", ".join(str(column)[:30] for column in frame.columns[:12]) or "none"
        expected = ", ".join(COLUMN_ALIASES["text"][1:6])
        raise ValueError(f"{file} has no text column (its columns: {have}): name it text, or one of {expected}")
    return named.map(_to_scalar)


def _to_scalar(cell: object) -> object:
    """Return a list or dict (an article's keywords, say) as JSON: a table's cell holds one value."""
    return json.dumps(cell, ensure_ascii=False) if isinstance(cell, list | dict) else cell


def join_sources(documents: pd.DataFrame, file: Path) -> pd.DataFrame:
    """Return the documents with the further columns of a table of outlets, joined by `source`.

    Raises
    ------
    FileNotFoundError, ValueError
        If the table is missing, has no column `source`, or has an outlet twice.
    """
    if not file.exists():
        raise FileNotFoundError(
            f"{file} does not exist: --sources needs a table with the column source and what is known of each outlet"
        )
    outlets = _rename_columns(read_table_file(file))
    schema.require_columns(outlets, ["source"], caller=str(file))
    outlets = outlets.loc[:, [c for c in outlets if c == "source" or c not in documents.columns]]
    outlets["source"] = to_text_column(outlets["source"])
    twice = outlets["source"][outlets["source"].duplicated()]
    if len(twice):
        name = repr(twice.iloc[0]) if twice.iloc[0] else "without a name"
        raise ValueError(f"{file} has the outlet {name} in two rows: one row an outlet")
    joined = documents.merge(outlets, on="source", how="left")
    extra = [column for column in outlets if column != "source"]
    joined[extra] = joined[extra].astype("object").where(joined[extra].notna(), "")
    return joined


def to_text_column(values: Iterable[object]) -> pd.Series:
    """Return any cells as text."""
    return pd.Series([to_text(value) for value in values], dtype="object")


def to_text(value: object) -> str:
    """Return a cell as text: "" where missing, a whole number without ".0", U+FFFD for a lone surrogate."""
    if value is None or (isinstance(value, float) and value != value) or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if 1 <= value.year <= 9999 else ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text


def make_unique(names: Iterable[str], *, placeholder: str = "row") -> list[str]:
    """Number the missing names, and tell apart those that are the same: "x", "x~2", "x~3"."""
    taken: set[str] = set()
    turns: dict[str, int] = {}  # the last number of each, so that a million of one name take no time
    out = []
    for row, given in enumerate(names):
        base = " ".join(given.split()) or f"{placeholder}-{row + 1}"
        name = base
        while name in taken:
            turns[base] = turns.get(base, 1) + 1
            name = f"{base}~{turns[base]}"
        taken.add(name)
        out.append(name)
    return out
