"""Quote passages about a theme with their sources, as a table, Markdown or plain text."""

import textwrap
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.text import split_sentences

MAX_CHARS = 400
CANDIDATES = 3  # passages among which outlets take turns, times the number asked for
NO_QUOTES = "No passage about this theme was found.\n"
TEXT_WIDTH = 76  # with its indentation, 80 columns of a terminal

DOCUMENT_COLUMNS = ["doc_id", "title", "date", "source", "url"]


def find_theme_quotes(
    run: Any, theme: str, lang: str, *, n: int = 10, max_chars: int = MAX_CHARS, rejected: Collection[str] = ()
) -> pd.DataFrame:
    """Return n passages of one language with high scores for a theme, one per article and spread over outlets.

    Of the three times n passages with the highest scores, the best of each outlet come first, then the second best.

    Parameters
    ----------
    run
        Result of `run` or `open_run`, or its tables by name.
    theme
        Key of the theme.
    lang : {"fa", "ar"}
        Language of the passages.
    max_chars
        Longer texts are cut after a sentence, or between words if the first is longer, and get an ellipsis.
    rejected
        Ids of passages that are not quoted, such as those that a coder called not about the theme.

    Returns
    -------
    DataFrame
        Columns theme, lang, doc_id, title, date, source, url, passage_id, start, end (of the passage in the document's
        text), score, terms, text; empty if no passage is about the theme.
    """
    if lang not in schema.LANGUAGES or n < 1:
        raise ValueError(
            f"lang is {lang!r}, n is {n}: expected lang {' or '.join(schema.LANGUAGES)} and n of at least 1"
        )
    tables: Mapping[str, pd.DataFrame] = getattr(run, "tables", run)
    columns = ["theme", "lang", *DOCUMENT_COLUMNS, "passage_id", "start", "end", "score", "terms", "text"]
    about = tables["themes"].query("theme == @theme and about")
    rows = about.merge(tables["passages"].query("lang == @lang"), on="passage_id")
    matches = tables["matches"].query("theme == @theme").drop_duplicates(["passage_id", "term"])
    terms = matches.groupby("passage_id")["term"].agg("، ".join)
    rows = rows[~rows["passage_id"].isin(list(rejected))]
    rows = rows.merge(tables["documents"][DOCUMENT_COLUMNS], on="doc_id", how="left")
    # Equal scores: the passage that is nearest to the start of its article.
    rows = rows.sort_values(["score", "start", "passage_id"], ascending=[False, True, True]).drop_duplicates("doc_id")
    rows = rows.head(CANDIDATES * n)
    rows = rows.iloc[np.argsort(rows.groupby("source").cumcount().to_numpy(), kind="stable")].head(n)
    texts = [_shorten(text, lang, max_chars) for text in rows["text"]]
    return rows.assign(terms=rows["passage_id"].map(terms).fillna(""), text=texts)[columns].reset_index(drop=True)


def to_markdown(quotes: pd.DataFrame) -> str:
    """Format quotes as Markdown: right-to-left block quotations, each followed by its source."""
    blocks = []
    for row in quotes.itertuples():
        text, terms = _escape_markdown(row.text), _escape_markdown(row.terms)
        source = _escape_markdown(" · ".join(filter(None, [row.source, row.date, row.title, row.doc_id])))
        blocks.append(
            f'<blockquote dir="rtl" lang="{row.lang}">\n\n{text}\n\n</blockquote>\n\n'
            f"{source} ({_position(row)}; score {row.score:.2f}; terms: {terms})\n"
        )
    return "\n".join(blocks) or NO_QUOTES


def to_text(quotes: pd.DataFrame) -> str:
    """Format quotes as plain text; right-to-left words get lines of their own: most terminals reorder mixed lines."""
    blocks = []
    for row in quotes.itertuples():
        position = f"score {row.score:.2f}, {_position(row)} of {row.doc_id}"
        head = " · ".join(filter(None, [row.lang, row.date, position]))
        text = textwrap.indent(textwrap.fill(row.text, TEXT_WIDTH, break_on_hyphens=False), "    ")
        terms = row.terms and f"terms:\n{row.terms}"
        blocks.append("\n".join(filter(None, [head, row.source, row.title, text, terms])) + "\n")
    return "\n".join(blocks) or NO_QUOTES


def _position(row: Any) -> str:
    """Return the place of a passage in its article; a title is no part of the text and has no offsets."""
    return "title" if row.start < 0 else f"characters {row.start}–{row.end}"


def _escape_markdown(text: str) -> str:
    """Escape the markup characters of HTML and Markdown."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{letter}" if letter in "\\`*_[]#|" else letter for letter in text)


def _shorten(text: str, lang: str, max_chars: int) -> str:
    if len(text) <= max_chars:
        return text
    ends = [end for _, end in split_sentences(text, lang) if end <= max_chars]
    return f"{text[: ends[-1]] if ends else text[:max_chars].rsplit(' ', 1)[0]} …"
