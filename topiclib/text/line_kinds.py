"""Tell the kinds of lines apart: title, heading, caption, byline, boilerplate, body."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from topiclib.text.clean import is_boilerplate
from topiclib.text.sentences import append_span

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


def iter_lines(text: str) -> Iterator[TextSpan]:
    """Yield the lines of a text with their kinds; separate a photo caption from text that follows on its line."""
    spans: list[tuple[int, int]] = []
    for match in re.finditer(r"[^\n]+", text):
        append_span(spans, text, match.start(), match.end())
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
