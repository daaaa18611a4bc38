"""Find passages by themes and words, and words in their context."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.corpus.time_window import TimeWindowSpec, in_time_window, resolve_time_window
from topiclib.runs import store
from topiclib.text import fold, fold_with_offsets

if TYPE_CHECKING:
    from topiclib.runs.pipeline import Run

FOUND_COLUMNS = ["passage_id", "doc_id", "lang", "source", "date", "title", "topic", "themes", "text"]
SORTS = ("after", "before", "date")

_TOKENS = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"|,-][^\s"|,]*))|(\|)')


class Clause(NamedTuple):
    """A part of a query. A text passes if one of the patterns occurs in it or, where `without` is set, if none does."""

    patterns: list[re.Pattern[str]]
    without: bool


def parse_query(query: str) -> list[Clause]:
    """Return the clauses of a query. A folded text matches if it passes all of them; `search.js` has the same rules.

    Words are separated by spaces or commas, and all must occur. `"two words"` is a phrase; `a | b` matches either word;
    `-a` excludes texts with that word, and `-a | b` texts with either.
    A word also matches inside a longer one, and a space in a phrase matches a space, a half-space or nothing.
    """
    clauses: list[Clause] = []
    either = False
    for minus, phrase, word, bar in _TOKENS.findall(fold(query)):
        words = (phrase or word).split()
        if bar:
            either = bool(clauses)
        elif words:
            pattern = _phrase_pattern(words)
            if either and not minus:
                clauses[-1].patterns.append(pattern)
            else:
                clauses.append(Clause([pattern], bool(minus)))
            either = False
    return clauses


def _phrase_pattern(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"\s*".join(map(re.escape, words)))


def matches_query(clauses: Sequence[Clause], folded: str) -> bool:
    """Return whether a folded text passes all clauses."""
    return all(any(p.search(folded) for p in clause.patterns) != clause.without for clause in clauses)


def find(
    run: Run | str | Path | Mapping[str, pd.DataFrame], *, themes: str | Sequence[str] = (),
    topics: int | Sequence[int] = (),
    text: str = "", lang: str | None = None, source: str | Sequence[str] = (), period: TimeWindowSpec = "all",
    either: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Find the passages that are about themes, in topics, or contain words.

    Parameters
    ----------
    run
        Result of `run` or `open_run`, a run folder, or a mapping of table names to tables.
    themes, topics
        Keys of themes and numbers of topics (-1: no topic). A passage must be about all the themes and in one of the
        topics, unless `either` is set.
    text
        Words that must occur in the passage or in the title of its article, in any spelling: `word word` (both),
        `"two words"` (a phrase), `a | b` (either), `-word` (without). A word is also found inside a longer one.
    lang : {"fa", "ar"}, optional
        Language of the passages.
    source
        One or more outlets.
    period
        "all", or a first and last month, such as "2015-07/2016-01".
    either
        Whether one of the themes or topics is enough.

    Returns
    -------
    DataFrame
        passage_id, doc_id, lang, source, date, title, topic (-1: none), themes (keys, separated by spaces), text.
        Rows are sorted by date, then by article and by position in the article.

    Raises
    ------
    ValueError
        If the run has no such theme, topic, outlet or language, or `text` has no word.

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
    if text:
        if not (clauses := parse_query(text)):
            raise ValueError(f"text is {text!r}: expected at least one word")
        searched = zip(rows["title"], rows["text"], strict=True)
        rows = rows[[matches_query(clauses, fold(f"{title}\n{body}")) for title, body in searched]]
    return rows.sort_values(["date", "doc_id", "position"])[FOUND_COLUMNS].reset_index(drop=True)


def concordance(
    run: Run | str | Path | Mapping[str, pd.DataFrame], text: str = "", *, theme: str | None = None, width: int = 8,
    lang: str | None = None, sort: str = "after",
) -> pd.DataFrame:  # fmt: skip
    """List each occurrence of a word, a phrase or a theme's terms with the words around it (keyword in context).

    Parameters
    ----------
    run
        Result of `run` or `open_run`, a run folder, or a mapping of table names to tables.
    text
        A word or phrase, in any spelling; `a | b` lists both. It is also found inside longer words. Give either `text`
        or `theme`.
    theme
        Key of a theme, whose terms are listed as they were found, in both languages.
    width
        Number of words shown before and after the keyword.
    lang : {"fa", "ar"}, optional
        Language of the passages.
    sort : {"after", "before", "date"}
        Sort by the words after the keyword, by those before it (the nearest first), or by date.

    Returns
    -------
    DataFrame
        before, keyword, after, lang, source, date, doc_id, passage_id, start, end (character offsets in the passage).

    Raises
    ------
    ValueError
        If neither or both of `text` and `theme` are given, `width` is below 1, or a value is unknown.
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
        phrases = [part.replace('"', " ").split() for part in fold(text).split("|")]
        if not (patterns := [_phrase_pattern(words) for words in phrases if words]):
            raise ValueError(f"text is {text!r}: expected a word or phrase")
        found = [(passage_id, *span)
                 for passage_id, body in zip(rows["passage_id"], rows["text"], strict=True)
                 for span in _spans(patterns, body)]  # fmt: skip
        spans = pd.DataFrame(found, columns=["passage_id", "start", "end"])
    lines = spans.merge(rows, on="passage_id", suffixes=("", "_in_document"))
    before, keyword, after = [], [], []
    for body, start, end in zip(lines["text"], lines["start"], lines["end"], strict=True):
        # The keyword takes in the rest of its first and last word, so that a prefix or suffix is not shown as a word.
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
    return store.read_tables(run) if isinstance(run, str | Path) else getattr(run, "tables", run)


def _passages_with_sources(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the passages with outlet, date, title and topic; a reprint has the topic of the passage it repeats."""
    topics = tables["assignments"].set_index("passage_id")["topic"]
    documents = tables["documents"][["doc_id", "source", "date", "title"]]
    rows = tables["passages"].merge(documents, on="doc_id", how="left")
    first = rows["reprint_of"].where(rows["reprint_of"] != "", rows["passage_id"])
    return rows.assign(topic=first.map(topics).fillna(schema.OUTLIER_TOPIC).astype(int))


def _as_list(value: Any) -> list:
    return [value] if isinstance(value, str) or np.ndim(value) == 0 else list(value)


def _known_themes(run: Any, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the themes of a run, including those without a passage, which only the manifest lists."""
    manifest: Mapping[str, Any] = (
        store.read_manifest(run) if isinstance(run, str | Path) else getattr(run, "manifest", {})
    )
    return list(manifest.get("themes") or tables["themes"]["theme"].unique())


def _require_known(name: str, values: Sequence[Any], known: Iterable[Any]) -> None:
    """Raise ValueError for the first value that is not among the known ones."""
    expected = list(known)
    for value in values:
        if value not in expected:
            raise ValueError(f"{name} is {value!r}: expected one of {', '.join(map(str, expected))}")
