"""Documents to passages: split, clean, name the language, kind and voice of each, and keep a reprint only once."""

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.text import DEFAULT, Lexicon, Piece, clean, fold, identify, normalize, split, voice

MODELLED_KINDS = ("body", "title", "heading")
CONTAINED = 0.6  # of a passage's three-word runs, the part that another document must hold for it to be a reprint
SCRAP = 15  # three-word runs: a passage with fewer, or a title, is no evidence of a reprint by itself
WHOLE = 0.9  # the same part, for a document that has no longer passage

Runs: TypeAlias = tuple[np.ndarray, int]  # of a passage: its three-word runs that others have too, and how many it has

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
        Any frame with a column `text`; `doc_id`, `title`, `lang`, `date` and `dropped` are used where they are there.
        Rows with a reason in `dropped` give no passage.
    max_words
        The most words that a passage may have.
    keep
        "modelled" returns the rows that are modelled; "all" also captions, bylines, boilerplate, reprints and other
        languages.
    lexicon
        Persian forms for the repair of lost half-spaces.

    Returns
    -------
    DataFrame
        Table `passages` (see `topiclib.schema`), in the order of `documents` and then of the text. `text` is cleaned
        and normalised; `start` and `end` point into the document's own text, both -1 where a title stands only in the
        column `title`. `reprints` counts the passages elsewhere that repeat this one; `reprint_of` names the one kept.

    Raises
    ------
    ValueError
        If `text` is missing, `keep` is unknown, or two documents share an id.
    """
    schema.require(documents, ["text"], door="make_passages")
    if keep not in ("modelled", "all"):
        raise ValueError(f"keep is {keep!r}: expected 'modelled' or 'all'.")
    passages = cut(documents, max_words=max_words, lexicon=lexicon)
    passages = mark(passages.drop(columns="date"), find_reprints(passages))
    return passages if keep == "all" else passages[passages["modelled"]].reset_index(drop=True)


def cut(documents: pd.DataFrame, *, max_words: int = 120, lexicon: Lexicon = DEFAULT) -> pd.DataFrame:
    """Split documents into passages that know nothing of each other: table `passages` with no reprint in it, and with
    the `date` of their documents.
    """
    rows = [
        {**row, "date": document["date"]}
        for document in _documents(documents)
        for row in _rows(document, max_words, lexicon)
    ]
    if not rows:
        return schema.empty("passages").assign(date=pd.Series(dtype="object"))
    frame = pd.DataFrame(rows)
    return schema.conform(frame.assign(modelled=False), "passages").assign(date=frame["date"])


def mark(passages: pd.DataFrame, kept: Mapping[str, str]) -> pd.DataFrame:
    """Write into cut passages which of them are reprints and which are modelled.

    Parameters
    ----------
    passages
        Table `passages`, or some rows of it.
    kept
        What `find_reprints` found, in these rows or in more.
    """
    times = Counter(kept.values())
    reprint_of = passages["passage_id"].map(kept).fillna("").astype("object")
    fits = passages["kind"].isin(MODELLED_KINDS) & passages["lang"].isin(schema.LANGUAGES) & (passages["text"] != "")
    return passages.assign(
        reprints=passages["passage_id"].map(times).fillna(0).astype("int64"),
        reprint_of=reprint_of,
        modelled=fits & (reprint_of == ""),
    )


def with_outlets(passages: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Return the passages with the outlet (`source`) and the month (`period`) of their articles."""
    of = documents.set_index("doc_id")
    return passages.assign(
        source=passages["doc_id"].map(of["source"]), period=passages["doc_id"].map(of["date"].str.slice(0, 7))
    )


def _documents(frame: pd.DataFrame) -> Iterator[dict[str, str]]:
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
            document["lang"] = document["lang"] or identify(document["text"])
            yield document


def _rows(document: dict[str, str], max_words: int, lexicon: Lexicon) -> Iterator[dict[str, Any]]:
    """Yield a document's passages, its title first."""
    text, title = document["text"], document["title"].strip()
    pieces = split(text, document["lang"], max_words)
    if title and not fold(text.lstrip()[: 2 * len(title) + 8]).startswith(fold(title)):
        pieces.insert(0, Piece(-1, -1, "title"))
    for position, piece in enumerate(pieces):
        raw = title if piece.start < 0 else text[piece.start : piece.end]
        cleaned = raw if piece.kind == "boilerplate" else clean(raw)
        # A few words say little of their language, unlike the document that they stand in.
        doubtful = document["lang"] in schema.LANGUAGES and len(cleaned.split()) < 6
        lang = document["lang"] if doubtful else identify(cleaned)
        prepared = normalize(cleaned, lang, lexicon)
        yield {
            "passage_id": f"{document['doc_id']}#{position}",
            "doc_id": document["doc_id"],
            "position": position,
            "kind": piece.kind,
            "voice": voice(prepared),
            "lang": lang,
            "text": prepared,
            "start": piece.start,
            "end": piece.end,
            "reprints": 0,
            "reprint_of": "",
        }


def shingle(text: str) -> set[int]:
    """Return the three-word runs of a folded text as numbers; half-spaces that became spaces do not matter."""
    words = _WORD.findall(_SPACED_AFFIX.sub(lambda match: match[1] or "", fold(text)))
    runs = zip(words, words[1:], words[2:], strict=False) if len(words) > 2 else [tuple(words)]
    return {zlib.crc32(" ".join(run).encode("utf-8", "replace")) for run in runs}


def find_reprints(passages: pd.DataFrame) -> dict[str, str]:
    """Return the id of each passage that is a reprint with the id of the one that is kept.

    The longest version of a text is kept, the earliest of equally long ones: so a version that was cut short is found
    whichever came first. A passage is a reprint when one other document holds `CONTAINED` of its three-word runs,
    wherever that document was cut into passages; it points to the passage there that shares the most. Titles and
    scraps, which many unrelated articles share, follow the rest of their document.

    Parameters
    ----------
    passages
        As `cut` returns them: `passage_id`, `doc_id`, `kind`, `text` and `date`.
    """
    runs = _repeated(passages["text"])
    ids, doc_ids, kinds = (passages[name].tolist() for name in ("passage_id", "doc_id", "kind"))
    dates = dict(zip(doc_ids, passages["date"], strict=True))
    of_document: dict[str, list[int]] = defaultdict(list)
    for index, doc_id in enumerate(doc_ids):
        of_document[doc_id].append(index)
    size = {doc_id: sum(runs[index][1] for index in indexes) for doc_id, indexes in of_document.items()}
    holders: dict[int, list[int]] = defaultdict(list)  # three-word run -> the kept rows that hold it
    reprints: dict[int, int] = {}
    for doc_id in sorted(of_document, key=lambda name: (-size[name], dates[name] or "9999", name)):
        own = of_document[doc_id]
        found = _found({index: runs[index] for index in own}, [kinds[index] for index in own], holders, doc_ids)
        reprints.update(found)
        for index in own:
            if index not in found:
                for run in runs[index][0].tolist():
                    holders[run].append(index)
    return {ids[index]: ids[kept] for index, kept in reprints.items()}


def _repeated(texts: Iterable[str]) -> list[Runs]:
    """Return for each text those of its three-word runs that another has too, in the order of `shingle`, and how many
    it has in all: what one text has alone proves nothing, and would be most of what is held.
    """
    every = [np.fromiter(shingle(text), np.uint32) for text in texts]
    _, which, times = np.unique(
        np.concatenate([np.zeros(0, np.uint32), *every]), return_inverse=True, return_counts=True
    )
    again = np.split((times > 1)[which], np.cumsum([len(runs) for runs in every])[:-1])
    return [(runs[some], len(runs)) for runs, some in zip(every, again, strict=False)]


def _found(
    passages: dict[int, Runs], kinds: list[str], holders: dict[int, list[int]], doc_ids: list[str]
) -> dict[int, int]:
    """Return those of a document's passages that are reprints, with the rows that they repeat.

    What cannot decide is not looked at: of a title that a hundred thousand articles share, each would go through all.
    """
    pairs = zip(passages.items(), kinds, strict=True)
    telling = [index for (index, (_, size)), kind in pairs if kind != "title" and size >= SCRAP]
    found = {index: _original(passages[index], holders, doc_ids) for index in telling}
    evidence = {doc_ids[kept] for kept, share in found.values() if share >= CONTAINED}
    if telling and not evidence:
        return {}
    for index in sorted(passages.keys() - found.keys(), key=lambda index: _times(passages[index], holders)):
        found[index] = _original(passages[index], holders, doc_ids, least=CONTAINED if telling else WHOLE)
        if not telling and found[index][1] < WHOLE:
            return {}  # a document of scraps alone, such as a line of breaking news, has to be there whole
    kept = {index: found[index][0] for index in passages if found[index][1] >= CONTAINED}
    return {index: row for index, row in kept.items() if not telling or doc_ids[row] in evidence}


def _times(runs: Runs, holders: dict[int, list[int]]) -> int:
    return sum(len(holders[run]) for run in runs[0].tolist() if run in holders)


def _original(
    runs: Runs, holders: dict[int, list[int]], doc_ids: list[str], *, least: float = CONTAINED
) -> tuple[int, float]:
    """Return the kept row that a passage repeats most of, and the part of it that this row's document holds; noughts
    where no document can hold the least part.
    """
    repeated, size = runs
    held = [holders[run] for run in repeated.tolist() if run in holders]
    if len(held) < least * size:
        return 0, 0.0
    by_document = Counter(doc_id for rows in held for doc_id in dict.fromkeys(doc_ids[row] for row in rows))
    best, count = by_document.most_common(1)[0]
    by_row = Counter(row for rows in held for row in rows if doc_ids[row] == best)
    return by_row.most_common(1)[0][0], count / size
