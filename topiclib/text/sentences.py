"""Split a text into sentences, as spans of the text."""

import re

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
        append_span(spans, text, start, match.end())
        start = match.end()
    append_span(spans, text, start, len(text))
    return spans


def _is_not_sentence_end(before: str, dots: str) -> bool:
    """Return whether dots do not end the sentence, judged by the text before them."""
    if dots.startswith(("..", "…")) or before.endswith("."):
        return _NOT_AN_END.search(before.rstrip(".")) is not None
    return _ABBREVIATION.search(before) is not None


def append_span(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
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
