"""Segment documents into passages, clean them, detect kind, language and voice, and mark reprints."""

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
    """Segment documents into passages, the rows that are embedded and clustered.

    Parameters
    ----------
    documents
        Any frame with a column `text`; `doc_id`, `title`, `lang`, `date` and `dropped` are optional. Documents with a
        reason in `dropped` are skipped.
    max_words
        Maximum number of words in a passage.
    keep
        "modeled" returns the passages to model; "all" also captions, bylines, boilerplate, reprints and other
        languages.
    lexicon
        Persian word forms for restoring lost half-spaces.

    Returns
    -------
    DataFrame
        Table `passages` (see `topiclib.schema`), in the order of `documents` and of their text. `text` is cleaned and
        normalized; `start` and `end` are offsets in the document's `text`, both -1 for a title from column `title`.
        `n_reprints` is the number of reprints of this passage; `reprint_of` is the id of the passage it reprints.

    Raises
    ------
    ValueError
        If `text` is missing, `keep` is invalid, or two documents have the same id.
    """
    schema.require_columns(documents, ["text"], caller="make_passages")
    if keep not in ("modeled", "all"):
        raise ValueError(f"keep is {keep!r}: expected 'modeled' or 'all'")
    passages = segment_documents(documents, max_words=max_words, lexicon=lexicon)
    passages = mark_reprints(passages.drop(columns="date"), find_reprints(passages))
    return passages if keep == "all" else passages[passages["modeled"]].reset_index(drop=True)


def segment_documents(
    documents: pd.DataFrame, *, max_words: int = 120, lexicon: Lexicon = DEFAULT_LEXICON
) -> pd.DataFrame:
    """Return table `passages` before reprints are marked, with the `date` of each document as an extra column."""
    rows = [
        {**row, "date": document["date"]}
        for document in _iter_documents(documents)
        for row in _iter_passages(document, max_words, lexicon)
    ]
    if not rows:
        return schema.empty_table("passages").assign(date=pd.Series(dtype="object"))
    frame = pd.DataFrame(rows)
    return schema.conform(frame.assign(modeled=False), "passages").assign(date=frame["date"])


def mark_reprints(passages: pd.DataFrame, reprint_of: Mapping[str, str]) -> pd.DataFrame:
    """Fill the columns `n_reprints`, `reprint_of` and `modeled` of segmented passages.

    Parameters
    ----------
    passages
        Table `passages`, or some of its rows.
    reprint_of
        The result of `find_reprints`, for these rows or more.
    """
    ids = passages["passage_id"]
    original = ids.map(reprint_of).fillna("").astype("object")
    is_content = passages["kind"].isin(MODELED_KINDS) & (passages["text"] != "")
    return passages.assign(
        n_reprints=ids.map(Counter(reprint_of.values())).fillna(0).astype("int64"),
        reprint_of=original,
        modeled=is_content & passages["lang"].isin(schema.LANGUAGES) & (original == ""),
    )


def add_outlet_and_month(passages: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Add the outlet (`source`) and the month (`period`) of each passage's article."""
    ids, articles = passages["doc_id"], documents.set_index("doc_id")
    return passages.assign(source=ids.map(articles["source"]), period=ids.map(articles["date"].str.slice(0, 7)))


def _iter_documents(frame: pd.DataFrame) -> Iterator[dict[str, str]]:
    """Yield the documents that are not dropped, with missing optional columns filled in."""
    names = ("doc_id", "title", "text", "lang", "date", "dropped")
    columns = {name: frame[name].tolist() if name in frame else [""] * len(frame) for name in names}
    seen = set()
    for row, values in enumerate(zip(*columns.values(), strict=True)):
        document = {name: "" if pd.isna(value) else str(value) for name, value in zip(columns, values, strict=True)}
        document["doc_id"] = document["doc_id"] or f"row-{row + 1}"
        if document["doc_id"] in seen:
            raise ValueError(f"two documents have the doc_id {document['doc_id']!r}: make doc_id unique, or drop it")
        seen.add(document["doc_id"])
        if not document["dropped"]:
            document["lang"] = document["lang"] or identify_language(document["text"])
            yield document


def _iter_passages(document: dict[str, str], max_words: int, lexicon: Lexicon) -> Iterator[dict[str, Any]]:
    """Yield the rows of a document's passages, its title first."""
    text, title = document["text"], document["title"].strip()
    spans = split_passages(text, document["lang"], max_words)
    # No title row if the text begins with the title, spelled perhaps with diacritics, which fold removes.
    if title and not fold(text.lstrip()[: 2 * len(title) + 8]).startswith(fold(title)):
        spans.insert(0, TextSpan(-1, -1, "title"))
    for position, span in enumerate(spans):
        raw = title if span.start < 0 else text[span.start : span.end]
        cleaned = raw if span.kind == "boilerplate" else clean(raw)  # clean would leave nothing of it to read
        # Fewer than six words are too few to identify a language by: use the document's.
        is_short = document["lang"] in schema.LANGUAGES and len(cleaned.split()) < 6
        lang = document["lang"] if is_short else identify_language(cleaned)
        normalized = normalize(cleaned, lang, lexicon)
        yield {
            "passage_id": f"{document['doc_id']}#{position}",
            "doc_id": document["doc_id"],
            "position": position,
            "kind": span.kind,
            "voice": detect_voice(normalized),
            "lang": lang,
            "text": normalized,
            "start": span.start,
            "end": span.end,
            "n_reprints": 0,
            "reprint_of": "",
        }
