"""Restore the paragraphs of a text whose lines are not paragraphs, without moving any of its characters.

PDF, OCR, e-mail and news databases break lines at a width. Exports write a line break as the two characters backslash
and n, and HTML as a tag. Each of these is replaced by as many characters, so that offsets into the restored text are
offsets into the text as decoded.
"""

import re
from itertools import pairwise

from topiclib.text.clean import INVISIBLE
from topiclib.text.letters import ZWNJ
from topiclib.text.line_kinds import is_apart
from topiclib.text.stopwords import WORD_LISTS

MAX_WRAP_WIDTH = 130  # lines are not broken at a width above this number of characters

_LINE_BREAK = re.compile(
    r"\r\n?|[\x0b\x0c\u2028\u2029]|\\{1,4}r?(?:\\{1,4})?n(?![a-z])|</?(?:p|div|br|li|h[1-6]|tr|blockquote)\b[^<>\n]{0,500}>",
    re.IGNORECASE,
)
# Tables and tweets have posts on one line: a bullet or an emoji before a word was at the start of one.
_BULLET = "•\u25a0-\u25ff\u2600-\u27bf\u2b00-\u2bff\U0001f170-\U0001f1e5\U0001f200-\U0001f251\U0001f300-\U0001faff"
_SPACE_BEFORE_BULLET = re.compile(rf"(?<=[^\s{_BULLET}\ufe0f]) (?=[{_BULLET}]\ufe0f? ?(?:[^\W\d_]|[@#«]))")
_BREAK_HINTS = ("\r", "\\", "<", "\x0b", "\x0c", "\u2028", "\u2029")

_MARGIN = "> \t\r"  # what e-mail puts before a quoted line
_ENDING = re.compile(r"[.!?؟…:][»\"”')\]]{0,3}$")
_SENTENCE_END_INSIDE = re.compile(r"\w[.!?؟…][»\"”')\]]{0,3}\s+\S")


def restore_paragraphs(text: str) -> str:
    """Return a text of the same length with one line for each paragraph.

    Lines are joined only where the text as a whole is broken at a width: most lines are about as long as the longest,
    few are much longer, and sentences go on from line to line. Hidden parts of a web page (scripts, comments) become
    spaces.
    """
    if any(hint in text for hint in _BREAK_HINTS):
        text = INVISIBLE.sub(lambda match: " " * len(match[0]), text)
        text = _LINE_BREAK.sub(lambda match: "\n".rjust(len(match[0])), text)
    if "\n" not in text:
        return _SPACE_BEFORE_BULLET.sub("\n", text)
    return _join_lines(text) if len(text) <= MAX_WRAP_WIDTH * (text.count("\n") + 1) else text


def _join_lines(text: str) -> str:
    spans, position = [], 0
    for line in text.split("\n"):
        if inner := line.strip(_MARGIN):
            start = position + line.index(inner)
            spans.append((start, start + len(inner)))
        position += len(line) + 1
    lines = [text[start:end] for start, end in spans]
    blank = [text.count("\n", end, start) > 1 for (_, end), (start, _) in pairwise(spans)]
    if blank.count(False) < 0.2 * len(blank):  # a blank line after each line says nothing of paragraphs
        blank = [False] * len(blank)
    places = [place for place, is_blank in enumerate(blank) if not is_blank and _may_continue(lines[place + 1])]
    if not places or not (full := _full_lines(lines, places)):
        return text
    pieces, done = [], 0
    for place in places:
        line, (end, start) = lines[place], (spans[place][1], spans[place + 1][0])
        if (place in full or _is_open(line)) and not is_apart(lines[place + 1]):
            pieces += [text[done:end], (ZWNJ if line.endswith(ZWNJ) else " ") * (start - end)]
            done = start
    return "".join([*pieces, text[done:]])


def _full_lines(lines: list[str], places: list[int]) -> set[int]:
    """Return which of the given lines end because the next word did not fit; none unless the text shows a width."""
    width = sorted(len(lines[place]) for place in places)[int(0.8 * len(places))]
    full = {place for place in places if len(lines[place]) + len(lines[place + 1].split(None, 1)[0]) >= 0.85 * width}
    unended = {place for place in places if not _ENDING.search(lines[place])}
    # Sentences go on from line to line: they end inside a line, it ends in a preposition, or the next line ends them.
    inside = sum(_SENTENCE_END_INSIDE.search(lines[place]) is not None or _is_open(lines[place]) for place in full)
    before_end = sum(place in unended and lines[place + 1].endswith((".", "؟")) for place in full)
    is_wrapped = (
        20 <= width <= MAX_WRAP_WIDTH
        and len(full & unended) >= 0.5 * max(len(unended), len(full))
        and sum(len(line) > 1.25 * width for line in lines) <= 0.1 * len(lines)
        and (inside >= max(1, 0.15 * len(full)) or before_end >= max(2, 0.25 * len(full)))
    )
    return full if is_wrapped else set()


def _may_continue(line: str) -> bool:
    """Return whether a line may continue the one before: it does not begin with a bullet or a dash."""
    return line[0].isalnum() or line[0] in "«»\"“”'([،؛."


def _is_open(line: str) -> bool:
    """Return whether a line ends in a word after which no sentence ends, such as a preposition."""
    return line.endswith(("،", ZWNJ)) or line.rsplit(None, 1)[-1] in WORD_LISTS["never_last"]
