"""The evidence of a theme: passages with where they come from, as a table or as Markdown."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from topiclib import schema

MAX_CHARS = 400  # characters shown of a passage

_DOCUMENT_COLUMNS = ["doc_id", "title", "date", "source", "url"]

_COLUMNS = ["theme", "lang", *_DOCUMENT_COLUMNS, "passage_id", "start", "end", "score", "terms", "text"]


def find_theme_quotes(run: Any, theme: str, lang: str, *, n: int = 10, max_chars: int = MAX_CHARS) -> pd.DataFrame:
    """Return the passages with the highest scores of a theme in one language, at most one an article.

    Parameters
    ----------
    run
        What `run` or `open_run` returned, or its tables by name.
    longest
        The most characters of a text that are shown; cut at a word, with an ellipsis.

    Returns
    -------
    DataFrame
        theme, lang, doc_id, title, date, source, url, passage_id, start, end (of the passage in the document's text),
        score, terms, text.
        No row where the theme is not in the corpus.

    Raises
    ------
    ValueError
        If lang is neither fa nor ar, or n is not positive.
    """
    if lang not in schema.LANGUAGES or n < 1:
        raise ValueError(f"lang is {lang!r} and n {n}: expected {' or '.join(schema.LANGUAGES)}, and at least one")
    tables: Mapping[str, pd.DataFrame] = getattr(run, "tables", run)
    about = tables["themes"].query("theme == @theme and about")
    rows = about.merge(tables["passages"].query("lang == @lang"), on="passage_id")
    terms = tables["matches"].query("theme == @theme").groupby("passage_id")["term"].agg(_join_terms)
    rows = rows.assign(terms=rows["passage_id"].map(terms).fillna(""), text=[_cut(t, max_chars) for t in rows["text"]])
    facts = tables["documents"][_DOCUMENT_COLUMNS]
    rows = rows.sort_values(["score", "passage_id"], ascending=[False, True]).drop_duplicates("doc_id").head(n)
    return rows.merge(facts, on="doc_id", how="left")[_COLUMNS].reset_index(drop=True)


def to_markdown(quotes: pd.DataFrame) -> str:
    """Return quotes as Markdown: each a right-to-left block quotation with its source under it.

    An empty table says so in one line.
    """
    if quotes.empty:
        return "No passage of this theme was found.\n"
    blocks = []
    for row in quotes.itertuples():
        source = " · ".join(filter(None, [row.source, row.date, row.title, row.doc_id]))
        blocks.append(
            f'<blockquote dir="rtl" lang="{row.lang}">\n\n{_escape_markdown(row.text)}\n\n</blockquote>\n\n'
            f"{_escape_markdown(source)} (characters {row.start}–{row.end}; score {row.score:.2f}; terms: {_escape_markdown(row.terms)})\n"
        )
    return "\n".join(blocks)


def _escape_markdown(text: str) -> str:
    """Keep a text from being read as HTML or Markdown."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{letter}" if letter in "\\`*_[]#|" else letter for letter in text)


def _join_terms(terms: pd.Series) -> str:
    return "، ".join(dict.fromkeys(terms))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"
