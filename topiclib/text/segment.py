"""Sentences and passages, as spans of the text that they were found in."""

import re
from typing import NamedTuple

from .clean import is_boilerplate

_LETTER = "[ء-ۓA-Za-z]"
# Where a sentence may end: a full stop with what closes after it, a line break, a full stop that lost its space, one quotation after
# another, and after a quotation the words by which each language goes on. The leading class lets the search skip all else.
_ENDS = {
    lang: re.compile(
        r"[.!?؟…\n»\"”](?:"
        r"(?<=[.!?؟…])[.!?؟…]*" + closing + r"(?=\s|$)"
        r"|(?<=\n)\n*"
        r"|(?<=[.؟!])(?=[ء-ۓ]{2})"
        r"|(?<=\S[»\"”])(?=\s+[«\"“]\S)"
        r"|(?<=\S[»\"”])(?=\s+" + going_on + r"\s))"
    )
    for lang, closing, going_on in (
        ("fa", r"(?:[\"'»”’)\]]+| [\"»”](?=\s))*", "(?:وی|او|ایشان)"),
        ("ar", r"[\"'»”’)\]]*", "و(?:أضاف|قال|أكد|تابع|أشار|أوضح|ختم|اختتم|زاد|أردف|شدد)ت?"),
    )
}
# Initials and short forms: what stands before a full stop that ends nothing.
_ABBREVIATION = re.compile(rf"(?:^|[\s(«\"./])(?:{_LETTER}|ه\.ش|د\.ک|Mr|Mrs|Dr|No|vs|St|Inc|آر|إس|إم|إن|إل|جي|دي|بي|سي)$")


class Piece(NamedTuple):
    """A part of a text: `text[start:end]`, and what kind of part it is."""

    start: int
    end: int
    kind: str


def sentences(text: str, lang: str) -> list[tuple[int, int]]:
    """Find the sentences of a text.

    A sentence ends at a full stop, a question or exclamation mark, with the quotation marks and brackets that close after it, or
    at a line break. Initials, abbreviations, decimal points and dots inside words do not end one.

    Returns
    -------
    list of (start, end)
        Spans of `text` without the space around them, in order, none empty.
    """
    spans = []
    start = 0
    for match in _ENDS.get(lang, _ENDS["fa"]).finditer(text):
        if match[0].startswith(".") and _ABBREVIATION.search(text[max(0, match.start() - 8) : match.start()]):
            continue
        _add(spans, text, start, match.end())
        start = match.end()
    _add(spans, text, start, len(text))
    return spans


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    end -= len(part) - len(part.rstrip())
    if start < end:
        spans.append((start, end))


def split(text: str, lang: str, max_words: int = 120) -> list[Piece]:
    """Split a text into passages of at most `max_words` words that end where sentences end.

    A paragraph ends a passage once it has a third of `max_words`; shorter ones are joined. A heading stays with what it
    heads. A sentence that is longer than `max_words` is a passage of its own.

    Returns
    -------
    list of Piece
        In the order of the text; `text[piece.start:piece.end]` is the passage as it stands in the source.
    """
    if max_words < 1:
        raise ValueError(f"max_words is {max_words}: expected at least 1.")
    lines = _lines(text)
    pieces: list[Piece] = []
    start = end = words = 0

    def close() -> None:
        nonlocal words
        if words:
            pieces.append(Piece(start, end, "body"))
        words = 0

    for position, (line_start, line_end) in enumerate(lines):
        kind = _kind(text, lines, position)
        if kind not in ("body", "heading"):
            close()
            pieces.append(Piece(line_start, line_end, kind))
            continue
        if kind == "heading":
            close()
        for sentence_start, sentence_end in sentences(text[line_start:line_end], lang):
            count = len(text[line_start + sentence_start : line_start + sentence_end].split())
            if words and words + count > max_words:
                close()
            if not words:
                start = line_start + sentence_start
            words += count
            end = line_start + sentence_end
        if kind == "body" and words >= max_words / 3:
            close()
    close()
    return pieces


def _lines(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for match in re.finditer(r"[^\n]+", text):
        _add(spans, text, match.start(), match.end())
    return spans


def _kind(text: str, lines: list[tuple[int, int]], position: int) -> str:
    start, end = lines[position]
    line = text[start:end]
    if is_boilerplate(line) or not any(letter.isalpha() for letter in line):
        return "boilerplate"
    words = len(line.split())
    if line[-1] in ".!?؟…:؛»\"”)،" or words > 18:
        return "body"
    if position == 0 and len(lines) > 1 and words > 3:
        return "title"
    if position <= 2 and words <= 4 and position + 1 < len(lines):
        return "byline"
    if position + 1 < len(lines) and words <= 12:
        return "heading"
    return "body"
