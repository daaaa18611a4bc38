"""Read files, or any DataFrame, into table `documents`: one row per article.

Articles that cannot be used stay in the table, with the reason in `dropped`.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from topiclib import schema
from topiclib.corpus.columns import COLUMN_ALIASES, _rename_columns, make_unique, standardize_columns
from topiclib.corpus.outlets import join_sources, unify_outlet_names
from topiclib.corpus.readers import find_files, read_html, read_table_file, read_text_file
from topiclib.text import fold


def read_documents(
    paths: str | Path | Sequence[str | Path], *, sources: str | Path | None = None, skip_bad: bool = False
) -> pd.DataFrame:
    """Read articles from files and folders into table `documents`.

    Folders are searched recursively for .txt, .html, .csv, .tsv, .jsonl and .parquet files, in the order of their
    names; hidden files and files of other types are ignored. A .txt or .html file is one article, whose id is its path
    in the folder without the suffix. In a table each row is an article; its columns may have any name in
    `COLUMN_ALIASES`, and other columns are kept.

    Parameters
    ----------
    paths
        One or more files or folders.
    sources
        A table (.csv, .tsv, .jsonl, .parquet) of outlets, with a column `source` and any others (country, owner,
        medium, ...), joined to the documents by `source`, however the name is spelled.
    skip_bad
        Keep an unreadable file as a row with the error in `dropped`, and raise an error only if all are unreadable.

    Returns
    -------
    DataFrame
        Table `documents` (see `topiclib.schema`), one row per article in reading order, with unique `doc_id`. `text`
        is as decoded. `source` has one spelling for each outlet, and its host where it was an address. `lang` comes
        from the table, or else from `topiclib.text.identify_language`. `date` is ISO, as precise as given. `dropped` is
        "" or the reason why the article is not used: empty, duplicate (same outlet, same text), unreadable.

    Raises
    ------
    FileNotFoundError
        If a path does not exist, or a folder has no file of a supported type.
    ValueError
        If a file is binary, damaged or of another type, or a table has no text column.
    """
    paths = [paths] if isinstance(paths, str | Path) else paths
    files = [found for path in paths for found in find_files(Path(path), exclude=sources)]
    if not files:
        raise ValueError("no path was given: expected one or more files or folders")
    documents = to_documents(read_files(files, skip_bad=skip_bad))
    if len(documents) and documents["dropped"].str.startswith("unreadable").all():
        raise ValueError(f"none of the {len(files)} files could be read; the first: {documents['dropped'].iloc[0]}")
    return documents if sources is None else join_sources(documents, Path(sources))


def read_files(files: Iterable[tuple[Path, Path]], *, skip_bad: bool = False) -> pd.DataFrame:
    """Read files into one frame, with columns renamed to those of table `documents` and cells not yet converted.

    Parameters
    ----------
    files
        Pairs of a file and the folder that its id is relative to, as `find_files` yields them.
    skip_bad
        As in `read_documents`.
    """
    frames = []
    for file, root in files:
        try:
            frames.append(_read_file(file, root))
        except (ValueError, OSError) as error:
            if not skip_bad:
                raise
            row = {"doc_id": _file_id(file, root), "text": "", "dropped": f"unreadable: {error}"}
            frames.append(pd.DataFrame([row]))
    return pd.concat(frames, ignore_index=True)


def _read_file(file: Path, root: Path) -> pd.DataFrame:
    if file.suffix.lower() == ".txt":
        return pd.DataFrame([{"doc_id": _file_id(file, root), "text": read_text_file(file)}])
    if file.suffix.lower() in (".html", ".htm"):
        return pd.DataFrame([{"doc_id": _file_id(file, root), **read_html(file)}])
    frame = read_table_file(file)
    renamed = _rename_columns(frame)
    if "text" not in renamed:
        present = ", ".join(str(column)[:30] for column in frame.columns[:12]) or "none"
        expected = ", ".join(COLUMN_ALIASES["text"][1:6])
        raise ValueError(f"{file} has no text column (its columns: {present}): name it text, or one of {expected}")
    return renamed.map(_to_scalar)


def _file_id(file: Path, root: Path) -> str:
    """Return the relative path without its suffix, decoded as UTF-8 in any locale."""
    return os.fsencode(file.relative_to(root).with_suffix("").as_posix()).decode("utf-8", "replace")


def _to_scalar(cell: object) -> object:
    """Return a list or dict, such as an article's keywords, as JSON; any other cell as it is."""
    return json.dumps(cell, ensure_ascii=False) if isinstance(cell, list | dict) else cell


def to_documents(frame: pd.DataFrame) -> pd.DataFrame:
    """Convert any frame with a `text` column to table `documents`: standardize columns and outlets, mark duplicates.

    Raises
    ------
    ValueError
        If there is no text column under any of its names.
    """
    out = standardize_columns(frame)
    out["source"] = unify_outlet_names(out["source"])
    out["doc_id"], out["dropped"] = resolve_duplicates(out.assign(text=hash_texts(out["text"])))
    return schema.conform(out, "documents")


def hash_texts(texts: Iterable[str]) -> list[str]:
    """Return the SHA-256 of each text after folding: articles with equal hashes have the same text."""
    return [hashlib.sha256(fold(text).encode("utf-8", "replace")).hexdigest() for text in texts]


def resolve_duplicates(articles: pd.DataFrame) -> tuple[list[str], pd.Series]:
    """Return unique ids, and `dropped` with duplicates marked, for the articles of a whole corpus.

    Parameters
    ----------
    articles
        Columns `doc_id`, `source`, `dropped`, and `text` as `hash_texts` returns it.
    """
    dropped = articles["dropped"].copy()
    is_duplicate = articles[dropped == ""].duplicated(["source", "text"])
    dropped[is_duplicate.index[is_duplicate]] = "duplicate"
    return make_unique(articles["doc_id"]), dropped
