"""Split a text into sentences and passages, as spans of the text."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from topiclib.text.clean import is_boilerplate

_LETTER = "[ء-ۓA-Za-z]"

# Where a sentence may end: at a full stop with closing marks, at a line break, at a full stop without a space, between
# two quotations, and between a quotation and a usual continuation ("he said"). The search skips to the leading class.
_SENTENCE_END = {
    lang: re.compile(
        r"[.!?؟…\n»\"”](?:"
        r"(?<=[.!?؟…])[.!?؟…]{0,8}" + closing + r"(?=\s|$)"
        r"|(?<=\n)\n*"
        r"|(?<=[.؟!])(?=[ء-ۓ]{2})"
        r"|(?<=\S[»\"”])(?=\s{1,9}[«\"“]\S)"
        r"|(?<=\S[»\"”])(?=\s{1,9}" + continuation + r"\s))"
    )
    for lang, closing, continuation in (
        ("fa", r"(?:[\"'»”’)\]]| [\"»”](?=\s)){0,6}", "(?:وی|او|ایشان)"),
        ("ar", r"[\"'»”’)\]]{0,6}", "و(?:أضاف|قال|أكد|تابع|أشار|أوضح|ختم|اختتم|زاد|أردف|شدد)ت?"),
    )
}

# Before dots that do not end a sentence: «و ...» (and so on), ا... (Allah in Persian names), an omission (...).
_NOT_AN_END = re.compile(r"(?:(?:^|[\s\u200c»\"])(?:و ?|ا)|[(\[«“:،,] ?)$")

# Before a full stop that does not end a sentence: initials, abbreviations, the number of a list item.
_ABBREVIATION = re.compile(
    rf"(?:^|[\s(«“\"./])(?:{_LETTER}|ه\.ش|د\.ک|Mr|Mrs|Dr|No|vs|St|Inc|آر|إس|اس|إم|إن|إل|جيه?|دي|بي|سي|كيه?)$"
    r"|^\s*\d{1,2}$"
)

# A photo credit at the end of a caption: (أسوشييتد برس), (AFP).
_PHOTO_CREDIT = re.compile(
    r"[^\n.]{10,200}?\((?:أسوشيي?تد برس|أ ?ف ?ب|فرانس برس|رويترز|الأناضول|غيتي|گتی|رویترز|AFP|AP|EPA|Reuters"
    r"|Getty[^)]{0,15})\)"
)
_CAPTION = re.compile(
    r"\((?:چپ|راست|وسط|عکس[^)]{0,20}|تصویر[^)]{0,20}|يسار|يمين|أرشيف|أرشيفية|صورة[^)]{0,20}|[^)]{0,12}Getty[^)]{0,12})\)"
    r"|^(?:عکس|تصویر|صورة)\s*:"
)
_BYLINE = re.compile(r"(?:كتب|كتبت|بقلم|نویسنده|نويسنده|مترجم|خبرنگار|إعداد|المصدر|منبع)\s*[:/]\s*\S.{0,60}$")
_PERSIAN_VERB_LAST = re.compile(
    r"\b(?:شد|شدند|کرد|کردند|است|بود|بودند|دارد|دارند|داد|دادند|گفت|رفت|هستند|شده‌اند|ن?می\u200c?\w{2,})$"
)
_DIGIT = re.compile(r"\d")


class TextSpan(NamedTuple):
    """A span of a text, `text[start:end]`, and its kind."""

    start: int
    end: int
    kind: str


def split_sentences(text: str, lang: str) -> list[tuple[int, int]]:
    """Split a text into sentences, by the Arabic rules for "ar" and by the Persian rules for any other language.

    A sentence ends at a full stop, question mark or exclamation mark, including closing quotation marks and brackets,
    or at a line break. Initials, abbreviations, decimal points and dots inside words do not end it.

    Returns
    -------
    list of (start, end)
        Non-empty spans of `text`, in order, without surrounding space.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.get(lang, _SENTENCE_END["fa"]).finditer(text):
        if match[0][0] in ".…" and _is_not_sentence_end(text[max(start, match.start() - 8) : match.start()], match[0]):
            continue
        _append_span(spans, text, start, match.end())
        start = match.end()
    _append_span(spans, text, start, len(text))
    return spans


def _is_not_sentence_end(before: str, dots: str) -> bool:
    """Return whether dots do not end the sentence, judged by the text before them."""
    if dots.startswith(("..", "…")) or before.endswith("."):
        return _NOT_AN_END.search(before.rstrip(".")) is not None
    return _ABBREVIATION.search(before) is not None


def _append_span(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Append a span without surrounding space, unless it is empty; lone punctuation extends the span before it."""
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    end -= len(part) - len(part.rstrip())
    if start >= end:
        return
    if spans and not any(map(str.isalnum, text[start:end])) and "\n" not in text[spans[-1][1] : start]:
        spans[-1] = (spans[-1][0], end)
    else:
        spans.append((start, end))


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

    for start, end, kind in _iter_lines(text):
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


def _iter_lines(text: str) -> Iterator[TextSpan]:
    """Yield the lines of a text with their kinds; separate a photo caption from text that follows on its line."""
    spans: list[tuple[int, int]] = []
    for match in re.finditer(r"[^\n]+", text):
        _append_span(spans, text, match.start(), match.end())
    kind = ""
    for i, (start, end) in enumerate(spans):
        credit = _PHOTO_CREDIT.match(text, start, min(end, start + 250)) if "(" in text[start : start + 250] else None
        if credit and credit.end() < end:
            yield TextSpan(start, credit.end(), "caption")
            start = credit.end() + len(text[credit.end() : end]) - len(text[credit.end() : end].lstrip())
        following = text[slice(*spans[i + 1])] if i + 1 < len(spans) else ""
        kind = _classify_line(text[start:end], "start" if i == 0 else kind, following)
        yield TextSpan(start, end, kind)


def _classify_line(line: str, before: str, following: str) -> str:
    """Classify a line by its words, its ending, the previous line's kind ("start": none) and the following line."""
    if is_boilerplate(line) or not any(map(str.isalpha, line[:2000])):
        return "boilerplate"
    if len(line) > 250:
        return "body"
    if _BYLINE.match(line):
        return "byline"
    words = len(line.split())
    if _CAPTION.search(line) and words <= 30:
        return "caption"
    if before == "start" and following and 3 <= words <= 25 and line[-1] not in ".،:؛,":
        return "title"
    if line[-1] in '.!?؟…:؛»"”،,':
        return "body"
    if before == "title" and 2 <= words <= 4 and len(following.split()) > 12 and not _DIGIT.search(line):
        return "byline"
    if before != "start" and following and 5 <= words <= 25 and _PERSIAN_VERB_LAST.search(line):
        return "caption"
    return "heading" if following and words <= 12 and line[0] not in "-•*–" else "body"
