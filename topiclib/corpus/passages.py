"""Documents to passages: split, clean, name the language, kind and voice of each, and keep a reprint only once."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import pandas as pd

from topiclib import schema
from topiclib.corpus.reprints import find_reprints
from topiclib.text import (
    DEFAULT_LEXICON,
    Lexicon,
    TextSpan,
    clean,
    detect_voice,
    fold,
    identify_language,
    normalize,
    split_passages,
)

MODELED_KINDS = ("body", "title", "heading")


def make_passages(
    documents: pd.DataFrame,
    *,
    max_words: int = 120,
    keep: Literal["modeled", "all"] = "modeled",
    lexicon: Lexicon = DEFAULT_LEXICON,
) -> pd.DataFrame:
    """Split documents into passages, the rows that are embedded and fitted.

    Parameters
    ----------
    documents
        Any frame with a column `text`; `doc_id`, `title`, `lang`, `date` and `dropped` are used where they are there.
        Rows with a reason in `dropped` give no passage.
    max_words
        The most words that a passage may have.
    keep
        "modeled" returns the rows that are modeled; "all" also captions, bylines, boilerplate, reprints and other
        languages.
    lexicon
        Persian forms for the repair of lost half-spaces.

    Returns
    -------
    DataFrame
        Table `passages` (see `topiclib.schema`), in the order of `documents` and then of the text. `text` is cleaned
        and normalized; `start` and `end` point into the document's own text, both -1 where a title stands only in the
        column `title`. `n_reprints` counts the passages elsewhere that repeat this one; `reprint_of` names the one kept.

    Raises
    ------
    ValueError
        If `text` is missing, `keep` is unknown, or two documents share an id.
    """
    schema.require_columns(documents, ["text"], caller="make_passages")
    if keep not in ("modeled", "all"):
        raise ValueError(f"keep is {keep!r}: expected 'modeled' or 'all'.")
    passages = segment_documents(documents, max_words=max_words, lexicon=lexicon)
    passages = mark_reprints(passages.drop(columns="date"), find_reprints(passages))
    return passages if keep == "all" else passages[passages["modeled"]].reset_index(drop=True)


def segment_documents(
    documents: pd.DataFrame, *, max_words: int = 120, lexicon: Lexicon = DEFAULT_LEXICON
) -> pd.DataFrame:
    """Split documents into passages that know nothing of each other: table `passages` with no reprint in it, and with
    the `date` of their documents.
    """
    rows = [
        {**row, "date": document["date"]}
        for document in _iter_documents(documents)
        for row in _iter_passages(document, max_words, lexicon)
    ]
    if not rows:
        return schema.empty_table("passages").assign(date=pd.Series(dtype="object"))
    frame = pd.DataFrame(rows)
    return schema.conform(frame.assign(modeled=False), "passages").assign(date=frame["date"])


def mark_reprints(passages: pd.DataFrame, kept: Mapping[str, str]) -> pd.DataFrame:
    """Write into cut passages which of them are reprints and which are modeled.

    Parameters
    ----------
    passages
        Table `passages`, or some rows of it.
    kept
        What `find_reprints` found, in these rows or in more.
    """
    times = Counter(kept.values())
    reprint_of = passages["passage_id"].map(kept).fillna("").astype("object")
    fits = passages["kind"].isin(MODELED_KINDS) & passages["lang"].isin(schema.LANGUAGES) & (passages["text"] != "")
    return passages.assign(
        n_reprints=passages["passage_id"].map(times).fillna(0).astype("int64"),
        reprint_of=reprint_of,
        modeled=fits & (reprint_of == ""),
    )


def add_outlet_and_month(passages: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Return the passages with the outlet (`source`) and the month (`period`) of their articles."""
    of = documents.set_index("doc_id")
    return passages.assign(
        source=passages["doc_id"].map(of["source"]), period=passages["doc_id"].map(of["date"].str.slice(0, 7))
    )


def _iter_documents(frame: pd.DataFrame) -> Iterator[dict[str, str]]:
    """Yield the documents that are used, with every optional column filled in."""
    names = ("doc_id", "title", "text", "lang", "date", "dropped")
    columns = {name: frame[name].tolist() if name in frame else [""] * len(frame) for name in names}
    seen = set()
    for number, values in enumerate(zip(*columns.values(), strict=True)):
        document = {name: "" if pd.isna(value) else str(value) for name, value in zip(columns, values, strict=True)}
        document["doc_id"] = document["doc_id"] or f"row-{number + 1}"
        if document["doc_id"] in seen:
            raise ValueError(
                f"two documents have the doc_id {document['doc_id']!r}: make doc_id unique, or leave the column out."
            )
        seen.add(document["doc_id"])
        if not document["dropped"]:
            document["lang"] = document["lang"] or identify_language(document["text"])
            yield document


def _iter_passages(document: dict[str, str], max_words: int, lexicon: Lexicon) -> Iterator[dict[str, Any]]:
    """Yield a document's passages, its title first."""
    text, title = document["text"], document["title"].strip()
    pieces = split_passages(text, document["lang"], max_words)
    if title and not fold(text.lstrip()[: 2 * len(title) + 8]).startswith(fold(title)):
        pieces.insert(0, TextSpan(-1, -1, "title"))
    for position, piece in enumerate(pieces):
        raw = title if piece.start < 0 else text[piece.start : piece.end]
        cleaned = raw if piece.kind == "boilerplate" else clean(raw)
        # A few words say little of their language, unlike the document that they stand in.
        doubtful = document["lang"] in schema.LANGUAGES and len(cleaned.split()) < 6
        lang = document["lang"] if doubtful else identify_language(cleaned)
        prepared = normalize(cleaned, lang, lexicon)
        yield {
            "passage_id": f"{document['doc_id']}#{position}",
            "doc_id": document["doc_id"],
            "position": position,
            "kind": piece.kind,
            "voice": detect_voice(prepared),
            "lang": lang,
            "text": prepared,
            "start": piece.start,
            "end": piece.end,
            "n_reprints": 0,
            "reprint_of": "",
        }
