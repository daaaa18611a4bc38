"""Segment documents into passages, clean them, detect kind, language and voice, and mark reprints."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, Literal

import pandas as pd

from topiclib import schema
from topiclib.corpus.columns import iter_cells
from topiclib.corpus.reprints import find_reprints
from topiclib.corpus.rules import NO_RULES, CorpusRules, learn_rules
from topiclib.text import DEFAULT_LEXICON, Lexicon, clean, detect_voice, fold, identify_language, normalize
from topiclib.text.clean import remove_site_name
from topiclib.text.language import identify_clean
from topiclib.text.line_kinds import TextSpan, is_furniture, is_list_item, iter_lines
from topiclib.text.paragraphs import restore_paragraphs
from topiclib.text.sentences import split_sentences

MODELED_KINDS = ("body", "title")

# Fewer words are too few to identify a language by.
MIN_WORDS_TO_IDENTIFY = 6

_NON_ASCII_LETTER = re.compile(r"[^\W\d_\x00-\x7f]")
_ENCODED = re.compile(r"&(?:amp;)?#|\\u")


def make_passages(
    documents: pd.DataFrame, *, max_words: int = 120, keep: Literal["modeled", "all"] = "modeled",
    lexicon: Lexicon = DEFAULT_LEXICON, rules: CorpusRules | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Segment documents into passages, the rows that are embedded and clustered.

    Parameters
    ----------
    documents
        Any frame with a column `text`; `doc_id` (unique), `title`, `lang`, `date`, `source` and `dropped` are optional.
        Documents with a reason in `dropped` are skipped.
    max_words
        Maximum number of words in a passage (see `split_passages`).
    keep
        "modeled" returns the passages to model; "all" also captions, bylines, boilerplate, reprints and other
        languages.
    lexicon
        Persian word forms for restoring lost half-spaces.
    rules
        The boilerplate of the corpus (see `topiclib.corpus.rules.learn_rules`); None: learned from these documents.

    Returns
    -------
    DataFrame
        Table `passages` (see `topiclib.schema`), in the order of `documents` and of their text. `text` is cleaned and
        normalized; `start` and `end` are offsets in the document's `text`, both -1 for a title from column `title`.
        Rows that are not modeled (captions, boilerplate) may lie within the offsets of a passage, whose text leaves
        them out. `n_reprints` is the number of reprints of this passage; `reprint_of` the passage it reprints.
    """
    schema.require_columns(documents, ["text"], caller="make_passages")
    if keep not in ("modeled", "all"):
        raise ValueError(f"keep is {keep!r}: expected 'modeled' or 'all'")
    rules = learn_rules(documents) if rules is None else rules
    passages = segment_documents(documents, max_words=max_words, lexicon=lexicon, rules=rules)
    passages = mark_reprints(passages.drop(columns="date"), find_reprints(passages))
    return passages if keep == "all" else passages[passages["modeled"]].reset_index(drop=True)


def segment_documents(
    documents: pd.DataFrame, *, max_words: int = 120, lexicon: Lexicon = DEFAULT_LEXICON, rules: CorpusRules = NO_RULES
) -> pd.DataFrame:
    """Return table `passages` before reprints are marked, with the `date` of each document as an extra column."""
    rows = [
        {**row, "date": document["date"]}
        for document in _iter_documents(documents)
        for row in _iter_passages(document, max_words, lexicon, rules.lines_of(document["source"]))
    ]
    frame = pd.DataFrame(rows, columns=[*schema.get_table("passages").columns, "date"])
    frame = frame.assign(modeled=False, n_reprints=0, reprint_of="")
    return schema.conform(frame, "passages").assign(date=frame["date"])


def mark_reprints(passages: pd.DataFrame, reprint_of: Mapping[str, str]) -> pd.DataFrame:
    """Fill `n_reprints`, `reprint_of` and `modeled` of passages, given what `find_reprints` found in them or more."""
    ids = passages["passage_id"]
    original = ids.map(reprint_of).fillna("").astype("object")
    is_content = passages["kind"].isin(MODELED_KINDS) & (passages["text"] != "")
    return passages.assign(
        n_reprints=ids.map(Counter(reprint_of.values())).fillna(0).astype("int64"),
        reprint_of=original,
        modeled=is_content & passages["lang"].isin(schema.LANGUAGES) & (original == ""),
    )


def exclude_passages(
    passages: pd.DataFrame, documents: pd.DataFrame, ids: Collection[str], languages: Collection[str]
) -> pd.DataFrame:
    """Leave passages out of the model and the shares: those with these ids, their reprints, and other languages."""
    excluded = passages["passage_id"].isin(ids) | passages["reprint_of"].isin(ids)
    if languages:  # also all of an article in another language: one quotation would count as a whole article
        others = documents["doc_id"][~documents["lang"].isin(languages)]
        excluded |= ~passages["lang"].isin(languages) | passages["doc_id"].isin(others)
    reprint_of = passages["reprint_of"].mask(excluded, "")
    return passages.assign(modeled=passages["modeled"] & ~excluded, reprint_of=reprint_of)


def add_outlet_and_month(passages: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Add the outlet (`source`) and the month (`period`) of each passage's article."""
    ids, articles = passages["doc_id"], documents.set_index("doc_id")
    return passages.assign(source=ids.map(articles["source"]), period=ids.map(articles["date"].str.slice(0, 7)))


def _iter_documents(frame: pd.DataFrame) -> Iterator[dict[str, str]]:
    """Yield the documents that are not dropped, with missing optional columns filled in."""
    names = ("doc_id", "title", "text", "lang", "date", "source", "dropped")
    seen = set()
    for row, cells in enumerate(iter_cells(frame, *names)):
        document = dict(zip(names, cells, strict=True))
        document["doc_id"] = document["doc_id"] or f"row-{row + 1}"
        if document["doc_id"] in seen:
            raise ValueError(f"two documents have the doc_id {document['doc_id']!r}: make doc_id unique, or drop it")
        seen.add(document["doc_id"])
        if not document["dropped"]:
            document["lang"] = document["lang"] or identify_language(document["text"])
            yield document


def _iter_passages(
    document: dict[str, str], max_words: int, lexicon: Lexicon, repeated: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a document's passages, its title first."""
    text = restore_paragraphs(document["text"])
    title = remove_site_name(document["title"].strip(), text, document["source"])
    spans = split_passages(text, document["lang"], max_words, repeated)
    # No title row if the text begins with the title, spelled perhaps with diacritics, which fold removes.
    if title and not fold(text.lstrip()[: 2 * len(title) + 8]).startswith(fold(title)):
        furniture = is_furniture(title, repeated) or _is_latin_scrap(title, document["lang"])
        kind = "boilerplate" if furniture else "title"
        spans.insert(0, TextSpan(-1, -1, kind))
    raw_texts = [title if span.start < 0 else _text_of(text, spans, i) for i, span in enumerate(spans)]
    content = [i for i, span in enumerate(spans) if span.kind in MODELED_KINDS]
    if len(content) == 2 and content[0] == 0 and spans[0].start < 0:
        i = content[1]
        joined = f"{title}\n{raw_texts[i]}"
        if count_words(joined) <= max_words:  # a short article is one passage
            raw_texts[i] = joined
            del spans[0], raw_texts[0]
    # clean would leave nothing of boilerplate to read
    texts = [raw if span.kind == "boilerplate" else clean(raw) for span, raw in zip(spans, raw_texts, strict=True)]
    langs = [_identify_passage(cleaned, document["lang"]) for cleaned in texts]
    texts = [normalize(cleaned, lang, None) for cleaned, lang in zip(texts, langs, strict=True)]
    # Only the whole document shows whether half-spaces were lost. Normalized texts have no empty lines.
    persian = "\n\n".join(passage for passage, lang in zip(texts, langs, strict=True) if lang == "fa")
    repaired = iter(lexicon.repair(persian).split("\n\n"))
    for position, (span, lang, normalized) in enumerate(zip(spans, langs, texts, strict=True)):
        normalized = next(repaired) if lang == "fa" else normalized
        ids = {"passage_id": f"{document['doc_id']}#{position}", "doc_id": document["doc_id"], "position": position}
        yield {**ids, "voice": detect_voice(normalized), "lang": lang, "text": normalized, **span._asdict()}


def _identify_passage(text: str, lang: str) -> str:
    """Return the language of a clean passage; a short one has that of its document."""
    is_short = lang in schema.LANGUAGES and len(text.split(None, MIN_WORDS_TO_IDENTIFY)) < MIN_WORDS_TO_IDENTIFY
    return lang if is_short else identify_clean(text)


def _text_of(text: str, spans: Sequence[TextSpan], i: int) -> str:
    """Return the text of a span without the spans that lie within it, which follow it."""
    start, end, _ = spans[i]
    parts = []
    for inner in takewhile(lambda other: other.start < end, spans[i + 1 :]):
        parts.append(text[start : inner.start].strip())
        start = inner.end
    return "\n".join([*parts, text[start:end].lstrip() if parts else text[start:end]])


def split_passages(text: str, lang: str, max_words: int = 120, repeated: Collection[str] = ()) -> list[TextSpan]:
    """Split a text at sentence boundaries into passages of at most `max_words` words.

    A text of at most `max_words` words is one passage. In a longer one, the end of a paragraph ends a passage of at
    least a third of `max_words`; shorter paragraphs, and the items of a list, are joined. A heading stays with the
    first sentence below it, even beyond `max_words`. Less than a twelfth of `max_words` is no passage: it joins the one
    before it, or else the text after it. A sentence of more words is split at spaces.

    The spans are in text order. Captions, bylines, boilerplate and lines in Latin script have spans of their own but do
    not end a passage: they may lie within its span, and are no part of it. No spans overlap otherwise. `repeated` holds
    the `line_key` of lines that are boilerplate because the articles of an outlet share them.
    """
    if max_words < 1:
        raise ValueError(f"max_words is {max_words}: expected at least 1, such as the default 120")
    content, left_out = _split_off_furniture(text, lang, repeated)
    if repeated and not content:  # a text of nothing but repeated lines
        content, left_out = _split_off_furniture(text, lang, ())
    if not content:  # a caption without an article is a post
        content = [span for span in left_out if span.kind in ("caption", "byline")]
        left_out = [span for span in left_out if span not in content]
    if sum(count_words(text[start:end]) for start, end, _ in content) > max_words:
        passages = _pack_sentences(text, content, lang, max_words)
    else:
        passages = [TextSpan(content[0].start, content[-1].end, "body")] if content else []
    return sorted([*passages, *left_out], key=lambda span: (span.start, -span.end))


def _split_off_furniture(text: str, lang: str, repeated: Collection[str]) -> tuple[list[TextSpan], list[TextSpan]]:
    """Return the lines that passages consist of, and the others: captions, boilerplate, lines in Latin letters."""
    content, left_out = [], []
    for span in iter_lines(text, repeated):
        line = text[span.start : span.end]
        if span.kind not in ("body", "title", "heading"):
            left_out.append(span)
        elif not _is_latin(line, lang):
            content.append(span)
        else:
            left_out.append(span._replace(kind="boilerplate" if _is_latin_scrap(line, lang) else "body"))
    return content, left_out


def _is_latin(line: str, lang: str) -> bool:
    """Return whether a line in a Persian or Arabic text has ASCII letters alone, and no letter that is encoded."""
    return lang in schema.LANGUAGES and not _NON_ASCII_LETTER.search(line) and not _ENCODED.search(line)


def _is_latin_scrap(line: str, lang: str) -> bool:
    """Return whether a line is a name, an address, a label ("Link", "LOAD-DATE: ...") in Latin letters."""
    return len(line.split()) < MIN_WORDS_TO_IDENTIFY and _is_latin(line, lang)


def _pack_sentences(text: str, lines: Sequence[TextSpan], lang: str, max_words: int) -> list[TextSpan]:
    """Return the title as it is, and the sentences of the other lines packed into passages."""
    passages: list[TextSpan] = []
    buffer: list[tuple[int, int]] = []  # sentences
    n_words, heading = 0, False  # of the buffer; whether it ends with a heading, which stays with the sentence below

    def flush() -> None:
        nonlocal n_words
        if n_words >= max(1, max_words // 12):
            passages.append(TextSpan(buffer[0][0], buffer[-1][1], "body"))
        elif buffer and passages and passages[-1].kind == "body":
            passages[-1] = passages[-1]._replace(end=buffer[-1][1])
        else:
            return
        buffer.clear()
        n_words = 0

    for start, end, kind in lines:
        if kind == "title":
            passages.append(TextSpan(start, end, kind))
            continue
        if not heading and (kind == "heading" or (3 * n_words >= max_words and not is_list_item(text[start:end]))):
            flush()
        for sentence_start, sentence_end, words in _iter_sentences(text[start:end], lang, max_words):
            if words + n_words > max_words and (not heading or kind == "heading"):
                flush()
            buffer.append((start + sentence_start, start + sentence_end))
            n_words, heading = n_words + words, kind == "heading"
    flush()
    if buffer:  # few words, and no passage before them
        passages.append(TextSpan(buffer[0][0], buffer[-1][1], "body"))
    return passages


def count_words(text: str) -> int:
    """Return the number of words, without bullets, dashes and emoji."""
    return len(re.findall(r"\w\S*", text))


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
