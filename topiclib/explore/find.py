"""Find passages by themes and words, and words in their context."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.corpus.time_window import TimeWindowSpec, in_time_window, resolve_time_window
from topiclib.text import fold, fold_with_offsets

if TYPE_CHECKING:
    from topiclib.runs.pipeline import Run

FOUND_COLUMNS = ["passage_id", "doc_id", "lang", "source", "date", "title", "topic", "themes", "text"]
SORTS = ("after", "before", "date")

_TOKENS = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"|,-][^\s"|,]*))|(\|)')


class Clause(NamedTuple):
    """A part of a query: a text passes if one of the patterns occurs in it; with `without`, if none does."""

    patterns: list[re.Pattern[str]]
    without: bool


def parse_query(query: str) -> list[Clause]:
    """Return the clauses of a query, all of which a folded text must pass. `search.js` has the same rules.

    Words are separated by spaces or commas; "two words" in quotes are a phrase, a | b is either, and -a is without.
    A word also matches inside a longer one, and a space in a phrase matches a space, a half-space or nothing.
    """
    clauses: list[Clause] = []
    either = False
    for minus, phrase, word, bar in _TOKENS.findall(fold(query)):
        words = (phrase or word).split()
        if bar:
            either = bool(clauses)
        elif words:
            pattern = re.compile(r"\s*".join(map(re.escape, words)))
            if either and not minus:
                clauses[-1].patterns.append(pattern)
            else:
                clauses.append(Clause([pattern], bool(minus)))
            either = False
    return clauses


def matches_query(clauses: Sequence[Clause], folded: str) -> bool:
    """Return whether a folded text passes all clauses."""
    return all(any(p.search(folded) for p in clause.patterns) != clause.without for clause in clauses)


def find(
    run: Run | Mapping[str, pd.DataFrame], *, themes: str | Sequence[str] = (), topics: int | Sequence[int] = (),
    text: str = "", lang: str | None = None, source: str | Sequence[str] = (), period: TimeWindowSpec = "all",
    either: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Find the passages that are about themes, in topics, or contain words.

    Parameters
    ----------
    run
        A run, or its tables.
    themes, topics
        Keys of themes and numbers of topics. A passage must be about all the themes, and in one of the topics.
    text
        Words that must occur in the passage or its article's title, in any spelling: `word word` (both),
        `"two words"` (a phrase), `a | b` (either), `-word` (without). A word is also found inside a longer one.
    lang : {"fa", "ar"}, optional
        Language of the passages.
    source
        One or more outlets.
    period
        "all", or months such as "2015-07/2016-01".
    either
        One of the themes or topics is enough.

    Returns
    -------
    DataFrame
        passage_id, doc_id, lang, source, date, title, topic (-1: none), themes (keys, separated by spaces), text; by
        date, then in the order of the article.

    Examples
    --------
    >>> find(run, themes=["drones", "sanctions"], lang="fa")  # doctest: +SKIP
    """
    tables = _tables_of(run)
    keys, topics, sources = _as_list(themes), _as_list(topics), _as_list(source)
    rows = _passages_with_sources(tables)
    _require_known("theme", keys, _known_themes(run, tables))
    _require_known("topic", topics, [schema.OUTLIER_TOPIC, *tables["topics"]["topic"]])
    _require_known("source", sources, tables["documents"]["source"].unique())
    _require_known("lang", [lang] if lang else [], schema.LANGUAGES)

    about = tables["themes"][tables["themes"]["about"]].sort_values("theme")
    rows["themes"] = rows["passage_id"].map(about.groupby("passage_id")["theme"].agg(" ".join)).fillna("")
    conditions = [[key in found.split() for found in rows["themes"]] for key in keys]
    conditions += [rows["topic"].isin(topics)] if topics else []
    if conditions:
        rows = rows[np.any(conditions, axis=0) if either else np.all(conditions, axis=0)]
    if lang:
        rows = rows[rows["lang"] == lang]
    if sources:
        rows = rows[rows["source"].isin(sources)]
    window = resolve_time_window(tables["documents"], period)
    rows = rows[rows["doc_id"].isin(tables["documents"]["doc_id"][in_time_window(tables["documents"], window)])]
    if clauses := parse_query(text):
        searched = zip(rows["title"], rows["text"], strict=True)
        rows = rows[[matches_query(clauses, fold(f"{title}\n{body}")) for title, body in searched]]
    return rows.sort_values(["date", "doc_id", "position"])[FOUND_COLUMNS].reset_index(drop=True)


def concordance(
    run: Run | Mapping[str, pd.DataFrame], text: str = "", *, theme: str | None = None, width: int = 8,
    lang: str | None = None, sort: str = "after",
) -> pd.DataFrame:  # fmt: skip
    """List each occurrence of a word, a phrase or a theme's terms with the words around it (keyword in context).

    Parameters
    ----------
    run
        A run, or its tables.
    text
        A word or phrase, in any spelling; `a | b` lists both. Either this or `theme`.
    theme
        Key of a theme: its terms as they were found, in both languages.
    width
        Number of words before and after.
    lang : {"fa", "ar"}, optional
        Language of the passages.
    sort : {"after", "before", "date"}
        Sort by the words after the keyword, by those before it (the nearest first), or by date.

    Returns
    -------
    DataFrame
        before, keyword, after, lang, source, date, doc_id, passage_id, start, end (character offsets in the passage).
    """
    tables = _tables_of(run)
    _require_known("sort", [sort], SORTS)
    _require_known("lang", [lang] if lang else [], schema.LANGUAGES)
    if bool(theme) == bool(text.strip()) or width < 1:
        raise ValueError(
            f"text is {text!r}, theme is {theme!r}, width is {width}: expected either a word or a theme, and a width "
            "of at least 1"
        )
    rows = _passages_with_sources(tables)
    rows = rows[rows["lang"] == lang] if lang else rows
    if theme:
        _require_known("theme", [theme], _known_themes(run, tables))
        spans = tables["matches"].query("theme == @theme")[["passage_id", "start", "end"]]
    else:
        patterns = [pattern for clause in parse_query(text) if not clause.without for pattern in clause.patterns]
        found = [(passage_id, *span)
                 for passage_id, body in zip(rows["passage_id"], rows["text"], strict=True)
                 for span in _spans(patterns, body)]  # fmt: skip
        spans = pd.DataFrame(found, columns=["passage_id", "start", "end"])
    lines = spans.merge(rows, on="passage_id", suffixes=("", "_in_document"))
    before, keyword, after = [], [], []
    for body, start, end in zip(lines["text"], lines["start"], lines["end"], strict=True):
        # With the rest of their words, so that a prefix or suffix is not read as a word of its own.
        left, right = re.findall(r"\S*$", body[:start])[0], re.findall(r"^\S*", body[end:])[0]
        before.append(" ".join(body[: start - len(left)].split()[-width:]))
        keyword.append(left + body[start:end] + right)
        after.append(" ".join(body[end + len(right) :].split()[:width]))
    lines = lines.assign(before=before, keyword=keyword, after=after)
    order = {
        "after": lines["after"].map(fold),
        "before": lines["before"].map(lambda words: " ".join(reversed(fold(words).split()))),
        "date": lines["date"],
    }[sort]
    lines = lines.assign(order=order).sort_values(["order", "date", "passage_id", "start"])
    columns = ["before", "keyword", "after", "lang", "source", "date", "doc_id", "passage_id", "start", "end"]
    return lines[columns].reset_index(drop=True)


def _spans(patterns: Sequence[re.Pattern[str]], text: str) -> list[tuple[int, int]]:
    """Return the spans of the patterns in a text, in order."""
    folded, offsets = fold_with_offsets(text)
    hits = {match.span() for pattern in patterns for match in pattern.finditer(folded)}
    return sorted((offsets[start], offsets[end - 1] + 1) for start, end in hits)


def _tables_of(run: Any) -> Mapping[str, pd.DataFrame]:
    return getattr(run, "tables", run)


def _passages_with_sources(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    topics = tables["assignments"].set_index("passage_id")["topic"]
    documents = tables["documents"][["doc_id", "source", "date", "title"]]
    rows = tables["passages"].merge(documents, on="doc_id", how="left")
    return rows.assign(topic=rows["passage_id"].map(topics).fillna(schema.OUTLIER_TOPIC).astype(int))


def _as_list(value: Any) -> list:
    return [value] if isinstance(value, str | int) else list(value)


def _known_themes(run: Any, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the themes of a run, also those that no passage is about; of tables alone, those that one is about."""
    manifest: Mapping[str, Any] = getattr(run, "manifest", {})
    return list(manifest.get("themes") or tables["themes"]["theme"].unique())


def _require_known(name: str, values: Sequence[Any], known: Iterable[Any]) -> None:
    """Raise ValueError for the first value that is not among the known ones."""
    expected = list(known)
    for value in values:
        if value not in expected:
            raise ValueError(f"{name} is {value!r}: expected one of {', '.join(map(str, expected))}")
