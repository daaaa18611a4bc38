"""Remove markup, boilerplate and stray punctuation from web text, and repair broken encodings.

Each rule answers something seen in real articles, and clean text is returned unchanged. Each rule runs only if the text
contains its characters, so that a clean passage takes a few microseconds.
"""

import re

from topiclib.text.normalize import fold

_ARABIC = "ء-يٱ-ۓ"

# Whole lines that a site adds to its articles: disclaimers, privacy notices, sign-offs, links to other articles.
_BOILERPLATE = re.compile(
    r"\s*(?:"
    r"(?:تنويه|تنویه|إخلاء مسؤولية|سلب مسئولیت)\s*:.*"
    r"|.*(?:[Pp]rivacy [Pp]olicy|[Cc]ookie [Pp]olicy|سياسة الخصوصية|سیاست حفظ حریم).*"
    r"|انتها[یي] پ[یي]ام.{0,20}"
    r"|(?:[اإ]قرأ أيض[اًا]{1,2}|[اإ]قرأ المزيد|المزيد من الأخبار|(?:جميع )?الحقوق محفوظة|حقوق النشر محفوظة).{0,120}"
    r"|(?:بیشتر بخوانید|همچنین بخوانید|مطالب مرتبط|(?:کلیه|تمامی|همه) حقوق (?:این|مادی|محفوظ)).{0,120}"
    r"|(?:Read more|Click here|Share this|Advertisement|All rights reserved|Follow us).{0,80}"
    r")\s*"
)

# A literal from each alternative above: `in` is much faster than the pattern, which then runs on few lines.
_BOILERPLATE_HINTS = (
    "تنويه", "تنویه", "مسؤولية", "مسئولیت", "olicy", "الخصوصية", "حریم", "انتها", "قرأ", "المزيد", "محفوظ",
    "بخوانید", "مرتبط", "حقوق", "Read more", "Click here", "Share this", "Advert", "rights", "Follow",
)  # fmt: skip

_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>\n]{0,500})?/?>")
_BROKEN_TAG = re.compile(
    r"\b(?:img|a|iframe|video|source|script)\s(?:\s?[a-z-]{2,20}=(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'))+\s?/?>?"
)
_STRAY_BRACKET = re.compile(rf"(?m)^[ \t]*<(?=[{_ARABIC}][^>\n]*$)")
_ENTITY = re.compile(
    r"&(?:#\d{1,6}|#x[0-9a-fA-F]{1,5}|nbsp|amp|quot|lt|gt|apos|laquo|raquo|ldquo|rdquo|ndash|mdash|hellip|zwnj|[rl]lm);"
)
_URL = re.compile(r"\(?(?:https?://|www\.)[^\s<>«»\"،()]{1,500}\)?")
_TITLE_SEPARATOR = re.compile(r"\s+(?:[-–—|•·»]|::)\s+")
# In folded letters, as in "عنوان | خبرگزاری نمونه".
_SITE = re.compile(
    "(?:خبرگزاری|پایگاه|روزنامه|هفته ?نامه|ماهنامه|وب ?سایت|سایت|شبکه خبر|باشگاه خبرنگاران|اخبار|وکاله|صحیفه|جریده"
    r"|مجله|موقع|قناه|شبکه(?= ال)|بوابه|منصه)\b"
)
_PUNCTUATION_LINE = re.compile(r"(?m)^[ \t]*[-–—,،.;؛:•*|_/\\<>]+[ \t]*$")
_SIGN_OFF = re.compile(r"\s{0,9}\bانتها[یي] پ[یي]ام[\s/.]{0,9}$")
_MISSING_SPACE = re.compile(rf"[.؟!؛](?=[{_ARABIC}]{{2}})(?<=[{_ARABIC}]{{2}}.)")

# UTF-8 read as Windows-1252 or Latin-1.
_MOJIBAKE = re.compile("(?:[ØÙÛÚ][\u0080-\u00bf\u0152-\u2122]){2}|â€[\u0080-\u2122]")
_LATIN_LETTER = re.compile("[À-ÿ]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


def is_boilerplate(line: str) -> bool:
    """Return whether a line is a disclaimer, a privacy notice, a sign-off or similar."""
    return (
        len(line) < 400
        and any(hint in line for hint in _BOILERPLATE_HINTS)
        and _BOILERPLATE.fullmatch(line) is not None
    )


def clean(text: str) -> str:
    """Remove the residue of a web page from a text or a part of one.

    Returns
    -------
    str
        The text without markup, URLs, boilerplate lines, control characters and lines of punctuation. A space missing
        after punctuation is restored, and text decoded with the wrong encoding is repaired.
    """
    if "Ø" in text or "Ù" in text or "Û" in text or "Ç" in text or "â€" in text:
        text = _fix_encoding(text)
    text = _CONTROL.sub("", text)
    if "<" in text or '="' in text or "='" in text:
        text = _STRAY_BRACKET.sub("", _BROKEN_TAG.sub(" ", _TAG.sub(" ", text)))
    if "&" in text:
        import html

        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    if "http" in text or "www." in text:
        text = _URL.sub("", text)
    if any(hint in text for hint in _BOILERPLATE_HINTS):
        text = "\n".join(line for line in text.split("\n") if not is_boilerplate(line))
        text = _SIGN_OFF.sub("", text)
    if "\n" in text or len(text) < 20:  # a short text may be a single line of punctuation
        text = _PUNCTUATION_LINE.sub("", text)
    return _MISSING_SPACE.sub(r"\g<0> ", text)


def remove_site_name(title: str, text: str) -> str:
    """Remove the name of the site from the title of a page: "عنوان | خبرگزاری نمونه".

    Up to five words at either end are taken for the name if they begin like one, or if `text`, the body of the page,
    begins with the remaining title, of three words or more.
    """
    separators = list(_TITLE_SEPARATOR.finditer(title))
    if not separators:
        return title
    last, first = separators[-1], separators[0]
    body = fold(text.lstrip()[: 2 * len(title)])
    for headline, name in (title[: last.start()], title[last.end() :]), (title[first.end() :], title[: first.start()]):
        if len(headline.split()) < 3 or len(name.split()) > 5:
            continue
        if body.startswith(fold(headline)) or _SITE.match(fold(name)):
            return remove_site_name(headline, text)
    return title


def _fix_encoding(text: str) -> str:
    """Undo the two common decoding errors, UTF-8 or Windows-1256 read as Windows-1252, where they are certain."""
    if _MOJIBAKE.search(text):
        import ftfy

        return ftfy.fix_encoding(text)
    # Accented letters are a minority in any Latin script, but nearly all of Arabic read as Windows-1252.
    if len(_LATIN_LETTER.findall(text)) > 0.6 * sum(map(str.isalpha, text)):
        try:
            return text.encode("cp1252").decode("cp1256")
        except UnicodeError:
            return text
    return text
