"""Classify lines: title, heading, caption, byline, boilerplate, reversed letters, body.

A line is left out only for a clear sign, such as a photo credit or a name that does not recur. Its length is no such
sign, since people write posts of short lines, nor is its last word, since only Persian puts verbs last.
"""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from topiclib.text.clean import clean, is_boilerplate
from topiclib.text.dates import GREGORIAN_MONTHS, JALALI_MONTHS
from topiclib.text.language import decompose_forms, is_reversed, may_be_reversed
from topiclib.text.normalize import fold
from topiclib.text.sentences import append_span
from topiclib.text.stopwords import WORD_LISTS

# A longer line is a paragraph. (What outlets repeat in four real corpora has up to 60 characters.)
MAX_LINE_LENGTH = 120

# What sites print around an article, for corpora too small to show that it is repeated: labels with any value after a
# colon, and whole lines. A word that has another meaning (شارك: "share", "took part") is a whole line only.
_LABEL, _WHOLE_LINE = (
    re.compile("|".join(fold(entry).replace("_", " ").replace("*", ".{0,60}") for entry in sorted(WORD_LISTS[name])))
    for name in ("furniture_labels", "furniture_lines")
)

_WORD = re.compile(r"[^\W\d_]+")
_DATE_WORDS = {fold(word) for word in WORD_LISTS["weekdays_and_lunar_months"]} | {
    word for month in [*JALALI_MONTHS, *GREGORIAN_MONTHS] for word in fold(month).split()
}

# A bullet, dash, emoji or number at the start of a line, after direction marks.
_ITEM = re.compile(
    r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*"
    r"(?:[^\w\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff«»\"“”‘’'()\[\]#@&<>…./\\]|\d{1,2}(?:\ufe0f?\u20e3|[.)\-–]\s))"
)

# A photo credit at the end of a caption: (أسوشييتد برس), (AFP). Not where a sentence goes on after it, nor where the
# word before it is "agency", nor in a dateline (موسكو (رويترز) - قال).
_PHOTO_CREDIT = re.compile(
    r"[^\n.]{10,200}?(?<!وكالة )(?<!أنباء )(?<!الأنباء )(?<!خبرگزاری )"
    r"\((?:أسوشيي?تد برس|آسوشیتدپرس|أ ?ف ?ب|فرانس[ \u200c]?[بپ]رس|رويترز|رویترز|الأناضول|آناتولی|غيتي|گتی"
    r"|AFP|AP|EPA|Reuters|Getty[^)]{0,15})\)(?!\s*[-–—،,.:؛])"
)
_PHOTO = re.compile(
    r"(?:عکس|تصویر|صورة|الصورة)\s*:|[^\n]*\((?:عکس|تصویر|(?:ال)?صورة|أرشيف|آرشیو|Getty)[^)]{0,20}\)\W*$"
)
# Where a person stands in a photo, but not a party on the left.
_POSITION = re.compile(r"(?!.*(?:حزب|أحزاب|احزاب|جناح|جریان|تيار|ائتلاف)).*\((?:چپ|راست|وسط|يسار|يمين|الوسط)\)")
# A question is one of an interview.
_BYLINE = re.compile(
    r"(?:كتب|كتبت|بقلم|إعداد|ترجمة|المراسلة?|المصدر|نویسنده|نويسنده|مترجم|ترجمه|خبرنگار|منبع)"
    r"\s*[:/]\s*\S[^؟?!]{0,60}$"
)

_DIGIT = re.compile(r"\d")


class TextSpan(NamedTuple):
    """A span of a text, `text[start:end]`, and its kind."""

    start: int
    end: int
    kind: str


def line_spans(text: str) -> list[tuple[int, int]]:
    """Return the lines of a text as spans without surrounding space; empty lines are left out."""
    spans: list[tuple[int, int]] = []
    for match in re.finditer(r"[^\n]+", text):
        append_span(spans, text, match.start(), match.end())
    return spans


def line_key(line: str) -> str:
    """Return the folded words of a line, without numbers and names of months and weekdays: what repetitions share."""
    return " ".join(word for word in _WORD.findall(fold(line)) if word not in _DATE_WORDS)


def is_list_item(line: str) -> bool:
    """Return whether a line begins with a bullet, dash, emoji or number."""
    return _ITEM.match(line) is not None


def is_furniture(line: str, repeated: Collection[str] = ()) -> bool:
    """Return whether a short line is of the site or channel: known as such, a date, or its `line_key` in `repeated`."""
    if len(line) > MAX_LINE_LENGTH:
        return False
    key, label, colon = line_key(line), *line.partition(":")[:2]
    if not key:
        return _DIGIT.search(line) is not None  # آب alone is a month, or water
    if key in repeated or _WHOLE_LINE.fullmatch(key):
        return True
    return bool(colon) and _LABEL.fullmatch(line_key(label)) is not None


def is_apart(line: str) -> bool:
    """Return whether a line is known to be no part of a paragraph: furniture, a notice, a caption, a byline."""
    return is_furniture(line) or is_boilerplate(line) or _is_caption(line) or _BYLINE.match(line) is not None


def iter_lines(text: str, repeated: Collection[str] = ()) -> Iterator[TextSpan]:
    """Yield the lines of a text with their kinds (`repeated`: as `is_furniture` takes it), and captions in a line."""
    spans, before = line_spans(text), "start"
    decomposed = decompose_forms(text)
    unusual = decomposed != text or "&#" in text or "&amp;#" in text
    suspect = may_be_reversed(decomposed)
    within_reversed = suspect and is_reversed(text)
    for i, (start, end) in enumerate(spans):
        line = clean(decompose_forms(text[start:end])) if unusual else text[start:end]
        if is_furniture(line, repeated):
            yield TextSpan(start, end, "boilerplate")
            continue
        if suspect and is_reversed(line, within_reversed=within_reversed):
            yield TextSpan(start, end, "reversed")
            continue
        credit = _PHOTO_CREDIT.match(text, start, min(end, start + 250)) if "(" in text[start : start + 250] else None
        if credit and credit.end() < end and text[credit.end() : end].split(None, 1)[0] not in WORD_LISTS["never_last"]:
            yield TextSpan(start, credit.end(), "caption")
            start = credit.end() + len(text[credit.end() : end]) - len(text[credit.end() : end].lstrip())
        following = text[slice(*spans[i + 1])] if i + 1 < len(spans) else ""
        before = _classify_line(line if unusual else text[start:end], before, following)
        # A name after the title is the author's if the article does not speak of it again; else it is a heading.
        if before == "byline?":
            words = text[start:end].split()
            before = "byline" if all(text.count(word) == 1 for word in words if len(word) > 2) else "heading"
        yield TextSpan(start, end, before)


def _is_caption(line: str) -> bool:
    if ("(" not in line and ":" not in line[:8]) or len(line.split()) > 30:
        return False
    return bool(_PHOTO.match(line)) or (line[-1] != "." and _POSITION.match(line) is not None)


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
    if _is_caption(line):
        return "caption"
    item = is_list_item(line)
    if before == "start" and following and 3 <= words <= 25 and line[-1] not in ".،:؛," and not item:
        return "title"
    # A heading and a byline have a paragraph below them, not another such line.
    if ends or not (len(following.split(None, 12)) > 12 or following.endswith((".", "؟", "!", "»"))) or item:
        return "body"
    if before == "title" and 2 <= words <= 4 and ":" not in line and not _DIGIT.search(line):
        return "byline?"
    return "heading" if words <= 12 else "body"
