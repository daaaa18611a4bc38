"""Remove markup, boilerplate and stray punctuation from web text, and repair broken encodings.

Each rule answers something seen in real articles, and clean text is returned unchanged. Each rule runs only if the text
contains its characters, so that a clean passage takes a few microseconds.
"""

import html
import re
import tomllib
from contextlib import suppress
from pathlib import Path

from topiclib.text.half_spaces import separate_words
from topiclib.text.letters import ZWNJ
from topiclib.text.normalize import fold

_ARABIC = "ء-يٱ-ۓ"

MAX_BOILERPLATE = 400  # a line of so many characters is a paragraph of the article

_FILE = Path(__file__).with_name("boilerplate.toml")
_LINES = tomllib.loads(_FILE.read_text("utf-8"))["lines"]
_BOILERPLATE = re.compile(rf"\s*(?:{'|'.join(line['pattern'] for line in _LINES)})\s*")
_BOILERPLATE_LITERALS = tuple(dict.fromkeys(literal for line in _LINES for literal in line["literals"]))

# What a reader of the page does not see: comments (of WordPress, say), scripts, styles. None contains its own start.
INVISIBLE = re.compile(r"<!--(?:(?!<!--).)*?-->|<(script|style)\b(?:(?!<\1).)*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>\n]{0,500})?/?>")
_BROKEN_TAG = re.compile(
    r"\b(?:img|a|iframe|video|source|script)\s(?:\s?[a-z-]{2,20}=(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'))+\s?/?>?"
)
_STRAY_BRACKET = re.compile(rf"(?m)^[ \t]*<(?=[{_ARABIC}][^>\n]*$)")
_SHORTCODE = re.compile(  # of WordPress and of forums
    r"\[(?:/[a-z][\w-]{0,30}|[a-z][\w-]{0,30}\s[^\[\]\n=]{0,80}=[^\[\]\n]{0,500}"
    r"|gallery|embed|caption|audio|video|quote|code|url|img|[biu]|[a-z]+_[a-z_]+)\s*/?\]"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8}\d{0,2});")
_ESCAPE = re.compile(r"\\{1,4}(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([nrt])(?![a-z])|([\"'/]))|_x000[dD]_")

# In an address an Arabic letter follows a mark (/ایران) or another one; after a Latin letter it begins a glued word.
_REST = rf"(?:[^\s<>«»\"،(){_ARABIC}]|(?<![A-Za-z0-9])[{_ARABIC}]){{0,500}}"
_DOMAINS = "com|org|net|info|gov|edu|news|tv|me|io|co|ir|af|iq|sy|lb|ae|sa|eg|qa|ye|jo|ps|tr|uk|ru"
_ADDRESS = re.compile(
    rf"\(?(?:https?://|www\.){_REST}\)?"
    r"|(?:\bRT )?(?<![A-Za-z0-9.+_-])[A-Za-z0-9.+_-]{0,64}@[A-Za-z](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_]):?"  # @name
    rf"|(?<![A-Za-z0-9.-])(?:[A-Za-z0-9-]{{1,63}}\.){{1,8}}(?:{_DOMAINS})(?![A-Za-z0-9-])(?:/{_REST})?"
)
_HASHTAG = re.compile(rf"[#＃](\w+(?:[{ZWNJ}\u200b·・-]\w+)*)")
_HASHTAG_SEPARATOR = re.compile(rf"[_\u200b·・-]+(?=[{_ARABIC}])|(?<=[{_ARABIC}])[_\u200b·・-]+")
_UNDERSCORE = re.compile(rf"_+(?=[{_ARABIC}])|(?<=[{_ARABIC}])_+")
_LATIN = re.compile("[A-Za-z]")
_ARABIC_LETTER = re.compile(f"[{_ARABIC}]")
# A letter or digit glued to Arabic letters before or after it (group 1).
_GLUED = re.compile(rf"[A-Za-z](?:(?<=[{_ARABIC}].)|(?=[{_ARABIC}])())")
_GLUED_DIGIT = re.compile(rf"[0-9۰-۹٠-٩](?:(?<=[{_ARABIC}]{{3}}.)|(?<=[{_ARABIC}]{{2}}\u200c.)|(?=[{_ARABIC}]{{3}})())")
_TITLE_SEPARATOR = re.compile(r"\s+(?:[-–—|•·»:]|::)\s+|\|")
# In folded letters, as in "عنوان | خبرگزاری نمونه".
_SITE_NAME = re.compile(
    "(?:خبرگزاری|پایگاه|روزنامه|هفته ?نامه|ماهنامه|وب ?سایت|سایت|شبکه خبر|باشگاه خبرنگاران|اخبار|وکاله|صحیفه|جریده"
    r"|مجله|موقع|قناه|شبکه(?= ال)|بوابه|منصه)\b"
)
_PUNCTUATION_LINE = re.compile(r"(?m)^[ \t]*[-–—,،.;؛:•*|_/\\<>]+[ \t]*$")
_SIGN_OFF = re.compile(r"\s{0,9}\bانتها[یي] پ[یي]ام[\s/.]{0,9}$")
_MISSING_SPACE = re.compile(rf"[.؟!؛](?=[{_ARABIC}]{{2}})(?<=[{_ARABIC}]{{2}}.)")

# What e-mail puts before the lines that it quotes.
_QUOTE_MARKS = re.compile(r"(?m)^[ \t]*(?:>[ \t]*)+")
# UTF-8 read as Windows-1252 or Latin-1.
_MOJIBAKE = re.compile("(?:[ØÙÛÚ][\u0080-\u00bf\u0152-\u2122]){2}|â€[\u0080-\u2122]")
_LATIN_LETTER = re.compile("[À-ÿ]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


def is_boilerplate(line: str) -> bool:
    """Return whether a line is a disclaimer, a privacy notice, a sign-off or similar."""
    return len(line) < MAX_BOILERPLATE and _may_be_boilerplate(line) and _BOILERPLATE.fullmatch(line) is not None


def _is_code(line: str) -> bool:
    """Return whether a line without Persian or Arabic letters is one of a script or style whose tag is lost."""
    has_mark = any(mark in line.partition("{")[2] for mark in ";:(=") or line.rstrip().endswith(");")
    return has_mark and _ARABIC_LETTER.search(line) is None


def _may_be_boilerplate(text: str) -> bool:
    return any([literal in text for literal in _BOILERPLATE_LITERALS])  # noqa: C419 (a generator takes twice as long)


def clean(text: str) -> str:
    """Return a text, or a part of one, without markup, URLs, boilerplate, control characters and lines of punctuation.

    A space missing after punctuation is restored, and text decoded with the wrong encoding is repaired.
    """
    if "Ø" in text or "Ù" in text or "Û" in text or "Ç" in text or "â€" in text or "ط§" in text:
        text = _fix_encoding(text)
    if "&" in text:
        for _ in range(2):  # &amp;nbsp;
            text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    if "\\" in text or "_x000" in text:
        text = _ESCAPE.sub(_unescape, text)
    text = _CONTROL.sub("", text)
    if _LATIN.search(text):
        if "<" in text or '="' in text or "='" in text:
            text = _STRAY_BRACKET.sub("", _BROKEN_TAG.sub(" ", _TAG.sub(" ", INVISIBLE.sub(" ", text))))
        if "{" in text or ");" in text:
            text = "\n".join("" if _is_code(line) else line for line in text.split("\n"))
        if "[" in text:
            text = _SHORTCODE.sub(" ", text)
        text = _GLUED.sub(_space_out, _ADDRESS.sub("", text))
    elif "<" in text:
        text = _STRAY_BRACKET.sub("", text)
    if ">" in text:
        text = _QUOTE_MARKS.sub("", text)
    text = _GLUED_DIGIT.sub(_space_out, text)
    if "**" in text:  # bold in Markdown
        text = text.replace("**", "")
    if "_" in text or "#" in text or "＃" in text:
        text = _UNDERSCORE.sub(" ", _HASHTAG.sub(_read_hashtag, text))
    if ("\n" in text or len(text) < MAX_BOILERPLATE) and _may_be_boilerplate(text):
        text = "\n".join(line for line in text.split("\n") if not is_boilerplate(line))
    if "انتها" in text:
        text = _SIGN_OFF.sub("", text)
    if "\n" in text or len(text) < 20:  # a short text may be a single line of punctuation
        text = _PUNCTUATION_LINE.sub("", text)
    return _MISSING_SPACE.sub(r"\g<0> ", text)


def _read_hashtag(match: re.Match[str]) -> str:
    words = _HASHTAG_SEPARATOR.sub(" ", match[1])
    return f" {separate_words(words) if ZWNJ in words else words}"


def _space_out(match: re.Match[str]) -> str:
    return f" {match[0]}" if match[1] is None else f"{match[0]} "


def _unescape(match: re.Match[str]) -> str:
    """Return what a backslash escape stands for, and "" for the carriage return that Excel writes as _x000D_."""
    code, letter, mark = match[1] or match[2], match[3], match[4]
    if code:
        return chr(int(code, 16))
    return ("\t" if letter == "t" else "\n") if letter else mark or ""


def remove_site_name(title: str, text: str, source: str = "") -> str:
    """Remove the name of the site from the title of a page: "عنوان | خبرگزاری نمونه".

    Up to five words at either end are taken for the name if they begin like one or are the outlet (`source`), or if
    `text`, the body of the page, begins with the remaining title, of three words or more.
    """
    separators = list(_TITLE_SEPARATOR.finditer(title))
    if not separators:
        return title
    last, first = separators[-1], separators[0]
    body = fold(text.lstrip()[: 2 * len(title)])
    for headline, name in (title[: last.start()], title[last.end() :]), (title[first.end() :], title[: first.start()]):
        if len(headline.split()) < 3 or len(name.split()) > 5:
            continue
        is_source = source and fold(name).strip() == fold(source).strip()
        if is_source or body.startswith(fold(headline)) or _SITE_NAME.match(fold(name)):
            return remove_site_name(headline, text, source)
    return title


def _fix_encoding(text: str) -> str:
    """Undo the common decoding errors where they are certain: UTF-8 or Windows-1256 read as Windows-1252 or -1256."""
    with suppress(UnicodeError):
        if "ط§" in text:  # UTF-8 read as Windows-1256: this is ا
            return text.encode("cp1256").decode()
        if _MOJIBAKE.search(text):
            import ftfy

            return ftfy.fix_encoding(text)
        # Accented letters are a minority in any Latin script, but nearly all of Arabic read as Windows-1252.
        if len(_LATIN_LETTER.findall(text)) > 0.6 * sum(map(str.isalpha, text)):
            return text.encode("cp1252").decode("cp1256")
    return text
