"""Documents to passages: split, clean, name the language, kind and voice of each, and keep a reprint only once."""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Literal

import pandas as pd

from topiclib import schema
from topiclib.text import DEFAULT, Lexicon, clean, fold, identify, normalize, split, voice

MODELLED_KINDS = ("body", "title", "heading")
CONTAINED = 0.6  # of a passage's three-word runs, the part that another document must hold for it to be a reprint

_SPACED_AFFIX = re.compile(r"(?<!\w)(ن?می) (?=\w)| (?=(?:ها|های|هایی|ای|تر|ترین)(?!\w))")
_WORD = re.compile(r"\w+")


def make_passages(
    documents: pd.DataFrame,
    *,
    max_words: int = 120,
    keep: Literal["modelled", "all"] = "modelled",
    lexicon: Lexicon = DEFAULT,
) -> pd.DataFrame:
    """Split documents into passages, the rows that are embedded and fitted.

    Parameters
    ----------
    documents
        Any frame with a column `text`; `doc_id`, `title`, `lang`, `date` and `dropped` are used where they are there. Rows with a reason in
        `dropped` give no passage.
    max_words
        The most words that a passage of several sentences may have.
    keep
        "modelled" returns the rows that are modelled; "all" also captions, bylines, boilerplate, reprints and other languages.
    lexicon
        Persian forms for the repair of lost half-spaces.

    Returns
    -------
    DataFrame
        Table `passages` (see `topiclib.schema`), in the order of `documents` and then of the text. `text` is cleaned and normalised;
        `start` and `end` point into the document's own text, both -1 where a title stands only in the column `title`.

    Raises
    ------
    ValueError
        If `text` is missing, `keep` is unknown, or two documents share an id.
    """
    schema.require(documents, ["text"], door="make_passages")
    if keep not in ("modelled", "all"):
        raise ValueError(f"keep is {keep!r}: expected 'modelled' or 'all'.")
    rows: list[dict[str, object]] = []
    dates: dict[str, str] = {}
    for document in _documents(documents):
        dates[document["doc_id"]] = document["date"]
        rows.extend(_rows(document, max_words, lexicon))
    if not rows:
        return schema.empty("passages")
    for row, kept in _reprints(rows, dates).items():
        rows[row]["reprint_of"] = rows[kept]["passage_id"]
        rows[kept]["reprints"] += 1  # type: ignore[operator]
    for row in rows:
        row["modelled"] = bool(
            row["kind"] in MODELLED_KINDS and row["lang"] in schema.LANGUAGES and not row["reprint_of"] and row["text"]
        )
    passages = schema.conform(pd.DataFrame(rows), "passages")
    return passages if keep == "all" else passages[passages["modelled"]].reset_index(drop=True)


def _documents(frame: pd.DataFrame) -> Iterator[dict[str, str]]:
    """Yield the documents that are used, with every optional column filled in."""
    columns = {name: frame[name].tolist() if name in frame else [""] * len(frame) for name in
               ("doc_id", "title", "text", "lang", "date", "dropped")}  # fmt: skip
    seen = set()
    for number, values in enumerate(zip(*columns.values(), strict=True)):
        document = {name: "" if pd.isna(value) else str(value) for name, value in zip(columns, values, strict=True)}
        document["doc_id"] = document["doc_id"] or f"row-{number + 1}"
        if document["doc_id"] in seen:
            raise ValueError(f"two documents have the doc_id {document['doc_id']!r}: make doc_id unique, or leave the column out.")
        seen.add(document["doc_id"])
        if not document["dropped"]:
            document["lang"] = document["lang"] or identify(document["text"])
            yield document


def _rows(document: dict[str, str], max_words: int, lexicon: Lexicon) -> Iterator[dict[str, object]]:
    """Yield a document's passages, its title first."""
    text, title = document["text"], document["title"].strip()
    pieces = [(piece.start, piece.end, piece.kind, text[piece.start : piece.end]) for piece in split(text, document["lang"], max_words)]
    if title and not fold(text.lstrip()[: len(title) + 8]).startswith(fold(title)):
        pieces.insert(0, (-1, -1, "title", title))
    for position, (start, end, kind, raw) in enumerate(pieces):
        cleaned = clean(raw)
        lang = identify(cleaned) if document["lang"] not in schema.LANGUAGES or len(cleaned.split()) > 5 else document["lang"]
        prepared = normalize(cleaned, lang, lexicon)
        yield {
            "passage_id": f"{document['doc_id']}#{position}", "doc_id": document["doc_id"], "position": position, "kind": kind,
            "voice": voice(prepared), "lang": lang, "text": prepared, "start": start, "end": end, "reprints": 0, "reprint_of": "",
        }  # fmt: skip


def _shingles(text: str) -> set[int]:
    """Return the three-word runs of a folded text as numbers; half-spaces that became spaces do not matter."""
    words = _WORD.findall(_SPACED_AFFIX.sub(lambda match: match[1] or "", fold(text)))
    return {zlib.crc32(" ".join(words[i : i + 3]).encode("utf-8", "replace")) for i in range(max(1, len(words) - 2))}


def _reprints(rows: list[dict[str, object]], dates: dict[str, str]) -> dict[int, int]:
    """Map each row that is a reprint to the row that is kept.

    The longest version of a text is kept, the earliest of equally long ones: so a version that was cut short is found whichever came
    first. A passage is a reprint when another document holds `CONTAINED` of its three-word runs, wherever that document was cut
    into passages; it points to the passage that shares the most. Titles and scraps follow the rest of their document.
    """
    shingles = [_shingles(str(row["text"])) if row["text"] else set() for row in rows]
    of_document: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        of_document[str(row["doc_id"])].append(index)
    size = {doc_id: sum(len(shingles[index]) for index in indexes) for doc_id, indexes in of_document.items()}
    kept_at: dict[int, list[int]] = {}  # three-word run -> the kept rows that hold it
    reprints: dict[int, int] = {}
    for doc_id in sorted(of_document, key=lambda name: (-size[name], dates[name] or "9999", name)):
        found: dict[int, int] = {}
        for index in of_document[doc_id]:
            shared = Counter(row for run in shingles[index] for row in kept_at.get(run, ()))
            by_document: Counter[object] = Counter()
            for row, count in shared.items():
                by_document[rows[row]["doc_id"]] += count
            if len(shingles[index]) >= 6 and by_document:
                best, count = by_document.most_common(1)[0]
                if count >= CONTAINED * len(shingles[index]):
                    found[index] = max((row for row in shared if rows[row]["doc_id"] == best), key=lambda row: shared[row])
            elif found and shared and max(shared.values()) >= CONTAINED * len(shingles[index]):
                found[index] = max(shared, key=lambda row: shared[row])
        reprints.update(found)
        for index in of_document[doc_id]:
            if index not in found:
                for run in shingles[index]:
                    kept_at.setdefault(run, []).append(index)
    return reprints
