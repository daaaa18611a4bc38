"""Dirt that comes with text from the web: markup remnants, boilerplate, broken encoding, lone punctuation.

Few rules, each for something that was seen in real articles. Clean text comes through unchanged.
"""

import re

# What the file of an article carries that its author did not write. Each pattern is matched against a whole line.
_BOILERPLATE = re.compile(
    r"\s*(?:"
    r"(?:تنويه|تنویه)\s*:.*"
    r"|.*\b[Pp]rivacy [Pp]olicy\b.*"
    r"|.{0,30}انتها[یي] پ[یي]ام.{0,20}"
    r"|(?:اقرأ أيض[اًا]+|اقرأ المزيد|المزيد من الأخبار|جميع الحقوق محفوظة|حقوق النشر محفوظة).{0,120}"
    r"|(?:بیشتر بخوانید|کلیه حقوق|تمامی حقوق|همه حقوق).{0,120}"
    r"|(?:Read more|Click here|Share this|Advertisement|All rights reserved).{0,80}"
    r")\s*"
)
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>\n]{0,500})?/?>")
_BROKEN_TAG = re.compile(r"\b(?:img|a|iframe|video|source|script)\s(?:[a-z-]{2,20}=(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}')\s*)+/?>?")
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-fA-F]{1,5}|[a-zA-Z]{2,8});")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>«»\"،]{1,500}")
_LONE = re.compile(r"(?m)^[ \t]*[-–—,،.;؛:•*|_/\\<>]+[ \t]*$")
_END_OF_MESSAGE = re.compile(r"\s*انتها[یي] پ[یي]ام\s*[/.]*\s*$")
_MISSING_SPACE = re.compile(r"(?<=[ء-ي ی ک گ چ پ ژ])([.؟!؛])(?=[ء-يپچژگکی]{2})")
_OPENING = re.compile(r"(?m)^\s*<(?=[ء-يپچژگکی])")
_MOJIBAKE = re.compile("[ØÙÛÚ][\u0080-\u00bf\u0152-\u2122]|â€")
_DATELINE = re.compile(
    r"(?m)^\s*(?:به گزارش[^،:\n]{2,60}[،:]|خبرگزاری [^:\n]{2,30}:|[^\s،:(\n]{2,20} ?[(/-] ?[^\s:)\n]{2,20}[)]? ?[-–:—])\s*"
)
_NUL = str.maketrans(dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127, *range(0xD800, 0xE000)]))


def is_boilerplate(line: str) -> bool:
    """Say whether a line is a disclaimer, a privacy notice, a sign-off or the like."""
    return len(line) < 400 and _BOILERPLATE.fullmatch(line) is not None


def clean(text: str, *, datelines: bool = False) -> str:
    """Remove what the web left in a text; change nothing else.

    Parameters
    ----------
    text
        A text, or a part of one.
    datelines
        True also removes an agency's opening formula (به گزارش خبرگزاری ...،).

    Returns
    -------
    str
        The text without markup remnants, addresses, boilerplate lines, control characters and lone punctuation.
    """
    text = text.translate(_NUL)
    if _MOJIBAKE.search(text):
        import ftfy

        text = ftfy.fix_encoding(text)
    if "<" in text or "=" in text:
        text = _OPENING.sub("", _BROKEN_TAG.sub(" ", _TAG.sub(" ", text)))
    if "&" in text:
        import html

        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    if "http" in text or "www." in text:
        text = _ADDRESS.sub("", text)
    if "\n" in text or len(text) < 400:
        text = "\n".join(line for line in text.split("\n") if not is_boilerplate(line))
    text = _END_OF_MESSAGE.sub("", text)
    text = _LONE.sub("", text)
    text = _MISSING_SPACE.sub(r"\1 ", text)
    return _DATELINE.sub("", text) if datelines else text
