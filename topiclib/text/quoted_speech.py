"""Classify who speaks in a passage: its author, a quoted person, or a source whose words are reported."""

import re
from typing import Literal

from topiclib.text.stopwords import any_word

Voice = Literal["own", "quoted", "relayed"]

# Shorter quotations are titles or single words. The upper bound keeps the search linear if a mark is never closed.
_QUOTED = re.compile(r"«([^«»\n]{15,2000})»|\"([^\"\n]{15,2000})\"|[“”]([^“”\n]{15,2000})[“”]")
_SENTENCE = re.compile(r"[^.!؟?\n]+[.!؟?\n]*")
_SPEECH_VERB = re.compile(
    rf"\b(?=\w)(?:{any_word('persian_reporting')}\b[^.]{{0,40}}?(?:\bکه\b|:|،)"
    rf"|[وف]?{any_word('arabic_reporting')}[ًة]?\b[^.]{{0,80}}?(?:\bأن|\bإن|:|إلى))"
    r"|به گفتهٔ?ی? |از قول |به نقل از |وفقا? ل|بحسب |حسب ما "
)


def detect_voice(text: str) -> Voice:
    """Classify a passage as a quotation, reported speech or its author's own words.

    It is "quoted" if quotations of at least four words make up half of its characters or more, else "relayed" if
    sentences with a reporting verb do, else "own".
    """
    total = len(text)
    quoted = sum(len(match[0]) for match in _QUOTED.finditer(text) if match[0].count(" ") >= 3)
    if total and quoted >= total / 2:
        return "quoted"
    relayed = sum(len(match[0]) for match in _SENTENCE.finditer(text) if _SPEECH_VERB.search(match[0]))
    return "relayed" if total and relayed >= total / 2 else "own"
