"""Tell the kinds of lines apart: title, heading, caption, byline, boilerplate, reversed letters, body.

A line that is left out needs a sign of what it is (a photo credit, a name that does not recur). Its length and its last
word are none: people write posts of such lines, and verbs come last in one language only.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from topiclib.text.clean import clean, is_boilerplate
from topiclib.text.language import decompose_forms, is_reversed, may_be_reversed
from topiclib.text.sentences import append_span
from topiclib.text.stopwords import WORD_LISTS

# A photo credit at the end of a caption: (أسوشييتد برس), (AFP). Not where a sentence goes on after it, nor where the
# word before it is "agency", nor in a dateline (موسكو (رويترز) - قال).
_PHOTO_CREDIT = re.compile(
    r"[^\n.]{10,200}?(?<!وكالة )(?<!أنباء )(?<!الأنباء )(?<!خبرگزاری )"
    r"\((?:أسوشيي?تد برس|آسوشیتدپرس|أ ?ف ?ب|فرانس[ \u200c]?[بپ]رس|رويترز|رویترز|الأناضول|آناتولی|غيتي|گتی"
    r"|AFP|AP|EPA|Reuters|Getty[^)]{0,15})\)(?!\s*[-–—،,.:؛])"
)
_PHOTO = re.compile(r"(?:عکس|تصویر|صورة|الصورة)\s*:|[^\n]*\((?:عکس|تصویر|صورة|أرشيف|آرشیو|Getty)[^)]{0,20}\)\W*$")
# Where a person stands in a photo, but not a party on the left.
_POSITION = re.compile(r"(?!.*(?:حزب|أحزاب|احزاب|جناح|جریان|تيار|ائتلاف)).*\((?:چپ|راست|وسط|يسار|يمين|الوسط)\)")
_BYLINE = re.compile(r"(?:كتب|كتبت|بقلم|نویسنده|نويسنده|مترجم|خبرنگار|إعداد|المصدر|منبع)\s*[:/]\s*\S.{0,60}$")

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
    decomposed = decompose_forms(text)
    unusual = decomposed != text or "&#" in text
    suspect = may_be_reversed(decomposed)
    within_reversed = suspect and is_reversed(text)
    kind = ""
    for i, (start, end) in enumerate(spans):
        credit = _PHOTO_CREDIT.match(text, start, min(end, start + 250)) if "(" in text[start : start + 250] else None
        if credit and credit.end() < end and text[credit.end() : end].split(None, 1)[0] not in WORD_LISTS["never_last"]:
            yield TextSpan(start, credit.end(), "caption")
            start = credit.end() + len(text[credit.end() : end]) - len(text[credit.end() : end].lstrip())
        following = text[slice(*spans[i + 1])] if i + 1 < len(spans) else ""
        line = text[start:end]
        if unusual:
            line = clean(decompose_forms(line)) or line
        if suspect and is_reversed(line, within_reversed=within_reversed):
            kind = "reversed"
        else:
            kind = _classify_line(line, "start" if i == 0 else kind, following)
        # A name after the title is the author's if the article does not speak of it again; else it is a heading.
        if kind == "byline?":
            kind = "byline" if all(text.count(word) == 1 for word in line.split() if len(word) > 2) else "heading"
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
    ends = line[-1] in '.!?؟…:؛»"”،,'
    if (
        words <= 30
        and ("(" in line or ":" in line[:8])
        and (_PHOTO.match(line) or (_POSITION.match(line) and line[-1] != "."))
    ):
        return "caption"
    if before == "start" and following and 3 <= words <= 25 and line[-1] not in ".،:؛,":
        return "title"
    # A heading and a byline have a paragraph below them, not another such line.
    if ends or not (len(following.split()) > 12 or following.endswith((".", "؟", "!", "»"))) or line[0] in "-•*–":
        return "body"
    if before == "title" and 2 <= words <= 4 and not _DIGIT.search(line):
        return "byline?"
    return "heading" if words <= 12 else "body"
