"""The columns of an input table: which names they may have, and how their cells are read."""

import re
import warnings
from collections.abc import Iterable

import pandas as pd

from topiclib import schema
from topiclib.text import fold, identify_language, parse_date
from topiclib.text.stopwords import is_language_code

# If a table has several aliases of one column, the first in this list is renamed; the others keep their names.
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

# Columns that may name the outlet where `source` is an address, best first (source-hostname is trafilatura's).
_NAME_COLUMNS = ("source_hostname", "sitename", "site_name", "source_name", *COLUMN_ALIASES["source"], "hostname")

_ADDRESS = re.compile(
    r"\s*(?:[a-z]+://|www\.|(?=[\w.-]+\.[a-z]{2,}/))(?:[^\s/@]*@)?(?:www\.)?([^\s/:?#]+)", re.IGNORECASE
)

# By ISO 639, with varieties; compared after folding. A code of up to three letters counts only as the first word of a
# cell, since others are countries (es-AR).
LANGUAGE_ALIASES = {
    "fa": "fa fas per pes prs farsi parsi persian dari persisch persan فارسی پارسی دری",
    "ar": "ar ara arb arz apc apd ajp acm acw acx acq afb aeb arq ars ary ayl ayn ayp avl abv abh shu arabic arabe"
    " عربي عربية العربية",
}
_LANGUAGES = {fold(name): lang for lang, names in LANGUAGE_ALIASES.items() for name in names.split()}


def standardize_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Rename, convert and fill columns; ids may still be missing or repeated, and duplicates are not marked."""
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"documents needs a pandas DataFrame with a column text, but got {type(frame).__name__}")
    out = _rename_columns(frame).reset_index(drop=True)
    schema.require_columns(out, ["text"], caller="documents")
    required = list(schema.get_table("documents").columns)
    for column in out.columns.union(required, sort=False):
        cells = out[column] if column in out else [""] * len(out)
        if column in required or out[column].dtype == object:  # Parquet cannot store cells of mixed types
            text = to_text_column(cells)
            # pandas compares strings only up to a NUL: "x\0a" and "x\0b" would be one key. The text keeps its own.
            out[column] = text if column == "text" else text.str.replace("\0", "", regex=False)
    out["doc_id"] = _truncate_ids(out["doc_id"])
    out["date"] = [parse_date(value) if value else "" for value in out["date"]]
    out["lang"] = [_resolve_language(name, text) for name, text in zip(out["lang"], out["text"], strict=True)]
    out = _name_outlets(out)
    empty = (out["text"].str.strip() == "") & (out["dropped"] == "")
    out.loc[empty, "dropped"] = "empty"
    return out


def _rename_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Rename aliases to the columns of table `documents`, and make all column names unique strings."""
    columns = (to_text(column).replace("\0", "") for column in frame.columns)
    frame = frame.set_axis(make_unique(columns, placeholder="column"), axis=1)
    by_lower = {_WORD_SEPARATORS.sub("_", column.strip().lower()): column for column in reversed(list(frame.columns))}
    names = {}
    for column, aliases in COLUMN_ALIASES.items():
        match = next((by_lower[alias] for alias in aliases if alias in by_lower), None)
        if match is not None and column not in frame:
            names[match] = column
    return frame.rename(columns=names)


def _name_outlets(documents: pd.DataFrame) -> pd.DataFrame:
    """Replace a `source` that is an address by the column that names the outlet, or else by its host.

    The address goes to `url` where that is empty.
    """
    hosts = documents["source"].map(lambda source: match[1].lower() if (match := _ADDRESS.match(source)) else "")
    is_address = hosts != ""
    if not is_address.any():
        return documents
    names = hosts
    columns = {_WORD_SEPARATORS.sub("_", column.lower()): column for column in documents if column != "source"}
    for column in reversed([columns[name] for name in _NAME_COLUMNS if name in columns]):
        named = to_text_column(documents[column]).str.strip()
        names = named.where((named != "") & ~named.str.match(_ADDRESS), names)
    url = documents["source"].where(is_address & (documents["url"] == ""), documents["url"])
    return documents.assign(url=url, source=names.where(is_address, documents["source"]))


def to_text_column(values: Iterable[object]) -> pd.Series:
    """Convert cells of any type to strings."""
    return pd.Series([to_text(value) for value in values], dtype="object")


def to_text(value: object) -> str:
    """Convert a cell to a string: "" where missing, whole numbers without ".0", U+FFFD for a lone surrogate."""
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


def _truncate_ids(ids: pd.Series) -> pd.Series:
    """Truncate long ids (a whole text, say), because every passage repeats the id of its article."""
    long = ids[ids.str.len() > MAX_ID_LENGTH]
    if len(long):
        start = " ".join(long.iloc[0][:30].split())
        warnings.warn(f"{len(long)} ids have over {MAX_ID_LENGTH} characters ({start!r}...): truncated", stacklevel=2)
    return ids.str.slice(0, MAX_ID_LENGTH)


def _resolve_language(name: str, text: str) -> str:
    """Return the language that a cell names, or that of the text where it names none (und, NA, an unknown word)."""
    parts = (re.findall(r"[^\W\d_]+", part) for part in re.split(r"[,;|/+]", fold(name)))
    words = [word for part in parts for i, word in enumerate(part) if i == 0 or len(word) > 3]
    named = {_LANGUAGES[word] for word in words if word in _LANGUAGES}
    if len(named) == 1:
        return named.pop()
    names_another = not named and words and (words[0] == "other" or is_language_code(words[0]))
    return "other" if names_another else identify_language(text)


def make_unique(names: Iterable[str], *, placeholder: str = "row") -> list[str]:
    """Number missing names ("row-1") and repeated ones ("x", "x~2", "x~3"), and collapse spaces in them."""
    taken: set[str] = set()
    last_suffix: dict[str, int] = {}  # without it a million equal names would take quadratic time
    out = []
    for row, name in enumerate(names):
        base = unique = " ".join(name.split()) or f"{placeholder}-{row + 1}"
        while unique in taken:
            last_suffix[base] = last_suffix.get(base, 1) + 1
            unique = f"{base}~{last_suffix[base]}"
        taken.add(unique)
        out.append(unique)
    return out
