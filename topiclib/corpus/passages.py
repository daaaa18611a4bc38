"""Segment documents into passages, clean them, detect kind, language and voice, and mark reprints."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import pandas as pd

from topiclib import schema
from topiclib.corpus.reprints import find_reprints
from topiclib.text import DEFAULT_LEXICON, Lexicon, clean, detect_voice, fold, identify_language, normalize
from topiclib.text.clean import remove_site_name
from topiclib.text.line_kinds import TextSpan, iter_lines
from topiclib.text.sentences import split_sentences

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
    text = document["text"]
    title = remove_site_name(document["title"].strip(), text)
    if document["lang"] == "fa":  # only the whole document shows whether half-spaces were lost
        lexicon = lexicon.for_document(clean(text))
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


def split_passages(text: str, lang: str, max_words: int = 120) -> list[TextSpan]:
    """Split a text at sentence boundaries into passages of at most `max_words` words.

    The end of a paragraph ends a passage of at least a third of `max_words`; shorter paragraphs are joined. A heading
    stays with the first sentence below it, even beyond `max_words`. A sentence of more words is split at spaces.

    Parameters
    ----------
    text
        The text as decoded, which the spans refer to.
    lang : {"fa", "ar", "other"}
        Language of the text, for its sentence boundaries.
    max_words
        Maximum number of words, at least 1.

    Returns
    -------
    list of TextSpan
        In text order, not empty, not overlapping. `kind` is body, title, heading (one without text below it), caption,
        byline or boilerplate.

    Raises
    ------
    ValueError
        If `max_words` is less than 1.
    """
    if max_words < 1:
        raise ValueError(f"max_words is {max_words}: expected at least 1, such as the default 120")
    return list(_pack_sentences(text, lang, max_words))


def _pack_sentences(text: str, lang: str, max_words: int) -> Iterator[TextSpan]:
    """Yield titles, captions and the like as they are, and the sentences between them packed into passages."""
    buffer: list[tuple[int, int, int]] = []  # start, end and number of words of each sentence
    heading = False  # the buffer is a heading without text so far

    def flush() -> Iterator[TextSpan]:
        if buffer:
            yield TextSpan(buffer[0][0], buffer[-1][1], "heading" if heading else "body")
            buffer.clear()

    for start, end, kind in iter_lines(text):
        if kind != "body":
            yield from flush()
        if kind not in ("body", "heading"):
            yield TextSpan(start, end, kind)
            continue
        for sentence_start, sentence_end, words in _iter_sentences(text[start:end], lang, max_words):
            if not heading and words + sum(count for _, _, count in buffer) > max_words:
                yield from flush()
            buffer.append((start + sentence_start, start + sentence_end, words))
            heading = kind == "heading"
        if not heading and 3 * sum(count for _, _, count in buffer) >= max_words:
            yield from flush()
    yield from flush()


def _iter_sentences(line: str, lang: str, max_words: int) -> Iterator[tuple[int, int, int]]:
    """Yield the sentences of a line with their numbers of words, and those that are too long in chunks."""
    for start, end in split_sentences(line, lang):
        words = len(line[start:end].split())
        if words <= max_words:
            yield start, end, words
            continue
        spans = [match.span() for match in re.finditer(r"\S+", line[start:end])]
        for i in range(0, words, max_words):
            chunk = spans[i : i + max_words]
            yield start + chunk[0][0], start + chunk[-1][1], len(chunk)
