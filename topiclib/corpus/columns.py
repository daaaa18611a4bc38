"""The columns of an input table: which names they may have, and how their cells are read."""

import json
import re
import tomllib
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.schema import plural
from topiclib.text import fold, identify_language
from topiclib.text.dates import JALALI_BEFORE, date_readings, gregorian_month, parse_date
from topiclib.text.stopwords import is_language_code

_FILE = Path(__file__).with_name("column_names.toml")
COLUMN_NAMES = tomllib.loads(_FILE.read_text("utf-8"))
COLUMN_ALIASES = {column: names.split() for column, names in COLUMN_NAMES["columns"].items()}


@lru_cache(4096)
def _column_key(name: str) -> str:
    """Return what the spellings of a column name share: "Full Text", "fullText" and "full_text" are one name."""
    return re.sub(r"[\W_]+", "", fold(name[:100]))


_BEFORE, _AFTER = ("|".join(map(_column_key, words.split())) for words in COLUMN_NAMES["fillers"].values())


# Columns of the year, month and day, where no column holds the whole date.
_DATE_PARTS = [set(map(_column_key, names.split())) for names in COLUMN_NAMES["date_parts"].values()]


@lru_cache(4096)
def _bare_key(name: str) -> str:
    """Return the key of a column name without the words around it that do not change what it means."""
    key = re.sub(rf"^(?:{_BEFORE})*(?:ال)?(?=..)", "", _column_key(name))
    return re.sub(rf"(?<=..)(?:(?:ال)?(?:{_AFTER}))+$", "", key)


_ALIAS_KEYS = {column: tuple(map(_column_key, aliases)) for column, aliases in COLUMN_ALIASES.items()}

# How R, SQL, pandas and spreadsheets write a missing cell (in a text they may be words), and a missing date.
_MISSING = COLUMN_NAMES["missing"]["cells"].split()
_MISSING_DATES = COLUMN_NAMES["missing"]["dates"].split()

# Of a cell that is an object: the keys under which its text may stand, and how deep objects may lie in each other.
_NESTED_TEXT_KEYS = COLUMN_NAMES["nested"]["text"].split()
MAX_DEPTH = 20

MAX_ID_LENGTH = 1_000

# Columns that may name the outlet where `source` is an address, best first (source-hostname is trafilatura's).
_NAME_COLUMNS = ("source_hostname", "sitename", "site_name", "source_name", *COLUMN_ALIASES["source"], "hostname")

_ADDRESS = re.compile(
    r"\s*(?:[a-z]+://|www\.|(?=[\w.-]+\.[a-z]{2,}/))(?:[^\s/@]*@)?(?:www\.)?([^\s/:?#]+)", re.IGNORECASE
)
_ACCOUNT = re.compile(r"//(?:www\.)?(?:t\.me|twitter\.com|x\.com|facebook\.com|instagram\.com)/(?:s/)?([\w.]+)")

# Compared after folding. A code of up to three letters counts only as the first word of a cell, since others are
# countries (es-AR).
_LANGUAGES = {fold(name): lang for lang, names in COLUMN_NAMES["languages"].items() for name in names.split()}


def standardize_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Rename, convert and fill columns; ids may still be missing or repeated, and duplicates are not marked."""
    out = rename_columns(frame).reset_index(drop=True)
    schema.require_columns(out, ["text"], caller="documents")
    required = list(schema.get_table("documents").columns)
    for column in out.columns.union(required, sort=False):
        cells = out[column] if column in out else [""] * len(out)
        if column in required or out[column].dtype.kind == "O":  # Parquet cannot store cells of mixed types
            text = to_text_column(map(_join_strings if column in COLUMN_ALIASES else _to_json, cells))
            # pandas compares strings only up to a NUL: "x\0a" and "x\0b" would be one key. The text keeps its own.
            out[column] = text if column == "text" else text.str.replace("\0", "", regex=False)
    for column in set(COLUMN_ALIASES) - {"doc_id", "text"}:
        out[column] = out[column].where(~out[column].str.strip().str.lower().isin(_MISSING), "")
    out["doc_id"] = _truncate_ids(out["doc_id"])
    out["date"] = _parse_dates(out["date"], out["source"])
    out["lang"] = [_resolve_language(name, text) for name, text in zip(out["lang"], out["text"], strict=True)]
    out = _name_outlets(out)
    empty = (out["text"].str.strip() == "") & (out["dropped"] == "")
    out.loc[empty, "dropped"] = "empty"
    return out


def rename_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Rename aliases to the columns of table `documents`, and make all column names unique strings.

    `attrs["read_as"]` of the result maps the names of the columns that were used to those of `documents`.
    """
    names = [to_text(column).replace("\0", "") for column in frame.columns]
    frame = frame.set_axis(make_unique(names, placeholder="column"), axis=1)
    exact, bare = ([*zip(map(key, names), frame, strict=True)] for key in (_column_key, _bare_key))
    read_as: dict[str, str] = {}
    parts = [next((name for key, name in exact if key in keys), "") for keys in _DATE_PARTS]
    if parts[0] and not has_column(frame, "date"):
        given = [name for name in parts if name]
        frame["date"] = ["-".join(filter(None, row)) for row in iter_cells(frame, *given)]
        read_as |= dict.fromkeys(given, "date")
    for column, keys in _ALIAS_KEYS.items():
        found = [name for named in (exact, bare) for alias in keys for key, name in named if key == alias]
        first, *others = dict.fromkeys([column] * (column in frame) + found) or [""]
        if not first:
            continue
        read_as[first] = column
        for other in others if column != "doc_id" else []:  # later aliases fill the empty cells of the first
            is_missing = frame[first].isna()
            if frame.loc[is_missing, other].notna().any():
                frame[first] = frame[first].where(~is_missing, frame[other])
                read_as[other] = column
        frame = frame.rename(columns={first: column})
    if "source" not in frame and {"text", "url"} <= set(frame):
        addresses = to_text_column(frame["url"])
        frame["source"] = addresses.where(addresses.str.match(_ADDRESS)).set_axis(frame.index)
    frame.attrs["read_as"] = read_as
    return frame


def describe_columns(given: Iterable[object], renamed: pd.DataFrame) -> str:
    """Return which columns were read under another name, and which are not used; "" if that is plain from the names."""
    read_as = renamed.attrs["read_as"]
    missing = [column for column in ("date", "source") if column not in renamed]
    is_host = "source" in renamed and "source" not in {*given, *read_as.values()}
    named = [name for name in map(to_text, given) if not re.match(r"Unnamed: |column-\d|$", name)]
    unused = [name for name in named if name not in {*read_as, *COLUMN_ALIASES, "dropped"}]
    is_plain = all(new == "doc_id" or _column_key(old) == new for old, new in read_as.items())
    if is_plain and not is_host and not (missing and unused):
        return ""
    parts = [f"{old} read as {new}" for old, new in read_as.items() if old != new]
    parts += ["source is the host of url"] if is_host else []
    parts += [f"no {' or '.join(missing)} found"] if missing else []
    parts += [f"not used: {', '.join(unused[:20])}{', ...' if len(unused) > 20 else ''}"] if unused else []
    return "; ".join(parts)


def has_column(names: Iterable[object], column: str) -> bool:
    """Return whether one of the names is that of a column, or an alias of it."""
    return any(key(str(name)) in _ALIAS_KEYS[column] for name in names for key in (_column_key, _bare_key))


def count_columns(names: Iterable[object]) -> int:
    """Return how many columns are among the names, 0 if the text is not."""
    names = [name for name in names if name is not None]
    return sum(has_column(names, column) for column in COLUMN_ALIASES) if has_column(names, "text") else 0


def _parse_dates(cells: pd.Series, outlets: pd.Series) -> list[str]:
    """Parse a column of dates; each outlet, or else the whole column, decides if 03/04/2023 is in March or April."""
    pairs = list(zip(cells, outlets, strict=True))
    readings = {cell: date_readings(cell) for cell in set(cells) if cell}
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for cell, outlet in pairs:
        votes[outlet].update([*readings.get(cell, {})])
    whole = _decide_order(sum(votes.values(), Counter()))
    order_of = {outlet: _decide_order(counts) or whole for outlet, counts in votes.items()}
    parsed = {(cell, outlet): parse_date(cell, order=order_of[outlet]) for cell, outlet in dict.fromkeys(pairs)}
    parsed |= {pair: "" for pair, date in parsed.items() if date in _MISSING_DATES}
    unread: list[str] = []
    doubtful: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for cell, outlet in pairs:
        date, order, possible = parsed[cell, outlet], order_of[outlet], readings.get(cell, {})
        if cell and not date:
            unread.append(cell)
            continue
        if not order and len(set(possible.values())) > 1:
            problem = "date may", "dates may", "have the day or the month first, and no other date decides"
        elif order and possible and order not in possible:
            problem = "date has", "dates have", "another order than the other dates of the outlet"
        elif len(date) == 4 and sum(map(str.isdecimal, cell)) > 4:
            problem = "date has", "dates have", "a month or day that could not be read"
        elif len(date) == 7 and date < JALALI_BEFORE:
            problem = "date has", "dates have", "a Jalali month without a day, counted in one Gregorian month"
            date = gregorian_month(date)
        else:
            continue
        doubtful[problem].append(f"{cell[:60]!r} was read as {date}")
    if unread:
        example = Counter(unread).most_common(1)[0][0][:60]
        n_given = plural(sum(map(bool, cells)), "date")
        warnings.warn(f"{len(unread):,} of {n_given} could not be read, such as {example!r}", stacklevel=2)
    for (one, many, what), examples in doubtful.items():
        warnings.warn(f"{plural(len(examples), one, many)} {what}: {examples[0]}", stacklevel=2)
    return [parsed[pair] for pair in pairs]


def _decide_order(votes: Counter[str]) -> str:
    """Return the order in which most dates can be read, "" if two orders are equal."""
    ranking = [*votes.most_common(2), ("", 0), ("", 0)]
    return ranking[0][0] if ranking[0][1] > ranking[1][1] else ""


def _join_strings(cell: object, depth: int = 0) -> object:
    """Return the text of a nested cell: Telegram's list of pieces, WordPress's {"rendered": ...}, {"$date": ...}."""
    cell = cell.tolist() if isinstance(cell, np.ndarray) else cell
    if not isinstance(cell, list | dict) or depth > MAX_DEPTH:
        return _to_json(cell)
    # The items of a list are pieces of a text if some are objects, and its paragraphs otherwise.
    between = "" if isinstance(cell, list) and any(isinstance(item, dict) for item in cell) else "\n"
    if isinstance(cell, dict):
        known = next((cell[key] for key in _NESTED_TEXT_KEYS if key in cell), None)
        cell = [known] if known is not None else [value for value in cell.values() if not isinstance(value, bool)]
    return between.join(to_text(_join_strings(item, depth + 1)) for item in cell)


def _to_json(cell: object) -> object:
    """Return a list or dict, such as an article's keywords, as JSON; any other cell as it is."""
    cell = cell.tolist() if isinstance(cell, np.ndarray) else cell
    return json.dumps(cell, ensure_ascii=False, default=str) if isinstance(cell, list | dict) else cell


def _name_outlets(documents: pd.DataFrame) -> pd.DataFrame:
    """Replace a `source` that is an address (kept in an empty `url`) by the outlet's name, account or host."""
    source, url = documents["source"], documents["url"]
    is_program = source.str.match(r"\s*<a ")  # X gives the program that sent a post
    is_address = source.str.match(_ADDRESS)
    names = source.mask(is_program, url).map(outlet_of_address)
    columns = {_column_key(column): column for column in documents if column != "source"}
    for column in reversed([columns[key] for key in map(_column_key, _NAME_COLUMNS) if key in columns]):
        named = documents[column].map(_name_in_cell)
        names = named.where(named != "", names)
    url = source.where(is_address & (url == ""), url)
    return documents.assign(url=url, source=names.where(is_address | is_program, source))


def outlet_of_address(address: str) -> str:
    """Return the account or else the host of an address, "" if it is none."""
    match = _ACCOUNT.search(address) or _ADDRESS.match(address)
    return match[1].lower() if match else ""


def _name_in_cell(cell: object) -> str:
    """Return the name in a cell, which may be an object in JSON; "" for a list or an address."""
    name = to_text(cell).strip()
    with suppress(ValueError, RecursionError):
        name = to_text(_join_strings(json.loads(name))) if name.startswith("{") else name
    return "" if name[:1] in ("[", "{") or _ADDRESS.match(name) else name


def to_text_column(values: Iterable[object]) -> pd.Series:
    """Convert cells of any type to strings."""
    return pd.Series([to_text(value) for value in values], dtype="object")


def iter_cells(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[str, ...]]:
    """Yield the cells of columns as strings, row by row; those of a missing column are ""."""
    return zip(*(to_text_column(frame.get(name, [""] * len(frame))) for name in columns), strict=True)


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
        text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text


def _truncate_ids(ids: pd.Series) -> pd.Series:
    """Truncate long ids (a whole text, say), because every passage repeats the id of its article."""
    if len(long := ids[ids.str.len() > MAX_ID_LENGTH]):
        start = " ".join(long.iloc[0][:30].split())
        ids_have = plural(len(long), "id has", "ids have")
        warnings.warn(f"{ids_have} over {MAX_ID_LENGTH} characters ({start!r}...): truncated", stacklevel=2)
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


def has_language_name(name: str) -> bool:
    """Return whether a name, of a folder say, is that of a language."""
    return fold(name).strip() in _LANGUAGES


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
