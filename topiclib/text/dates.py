"""Parse dates in the forms that Persian and Arabic news outlets print."""

import datetime
import re

from topiclib.text.letters import WESTERN_DIGITS, ZWNJ

_LETTERS = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", **dict.fromkeys(f"{ZWNJ}\u200e\u200fـ")}
)


def _number_months(*rows: str) -> dict[str, int]:
    """Number the names of each row from 1; an underscore is a space."""
    return {
        name.replace("_", " ").translate(_LETTERS): month for row in rows for month, name in enumerate(row.split(), 1)
    }


_JALALI_MONTHS = {**_number_months("فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"), "امرداد": 5}

_GREGORIAN_MONTHS = _number_months(
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",  # Egypt, the Gulf
    "كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول",  # the Levant, Iraq
    "جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر",  # Tunisia, Algeria
    "يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر",  # Morocco
    "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
    "ژانویه فوریه مارس آپریل می ژوئن جولای آگوست سپتامبر اکتبر نوامبر دسامبر",
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
)

_MONTH_NAME = "|".join(sorted({*_JALALI_MONTHS, *_GREGORIAN_MONTHS}, key=len, reverse=True))

_NAMED_MONTH_DATE = re.compile(
    r"(?:(?<!\d)(\d{1,2})(?:st|nd|rd|th)?\s*(?:من\s+|of\s+|ام\s+)?)?"
    rf"(?<![^\W\d])({_MONTH_NAME})(?:\s*ماه)?(?![^\W\d])(?:\s*(\d{{1,2}})(?!\d))?"
)

# Removed before a date is read, so that a lunar year is not taken for a solar one.
_HIJRI = re.compile(
    r"(?:\d{1,2}\s*(?:من\s+)?)?"
    r"(?:محرم|صفر|ربیع|جمادی|رجب|شعبان|رمضان|شوال|ذ[وی] ?القعده|ذ[وی] ?الحجه|ذیقعده|ذیحجه)"
    r"(?: (?:ال)?(?:اول|ثانی|اولی|ثانیه|اخر|اخره))?\s*(?:سال\s*)?(?:\d{4})?\s*(?:هجری قمری|ه\.? ?ق|ه)?(?![^\W\d])"
)

_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[/.\-](\d{1,2})(?:[/.\-](\d{1,2}))?(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(1[34]\d\d|19\d\d|20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?!\d)")
_YEAR = re.compile(r"(?<!\d)(1[234]\d\d|19\d\d|20\d\d)(?!\d)")

# Years from here to 1500 are taken as Hijri: the Jalali calendar reaches 1420 only in 2041.
_HIJRI_MIN_YEAR = 1420


def parse_date(text: str) -> str:
    """Parse a date into ISO format, adding no precision that it does not have.

    Parameters
    ----------
    text
        A date as an outlet prints it: ۱۴۰۲/۰۱/۰۹, ۹ فروردین ۱۴۰۲, 25 كانون الثاني 2021, 12 جويلية 2016, 2023-03. Only
        the first 200 characters are read.

    Returns
    -------
    str
        "2023-03-29", "2023-03" or "2023"; "" for Hijri dates, relative dates (امروز) and dates without a year. A Jalali
        year or month without a day stays Jalali ("1402", "1402-07"), since it overlaps two Gregorian ones.
    """
    text = text[:200].translate(WESTERN_DIGITS).translate(_LETTERS).lower().strip()
    text = _HIJRI.sub(" ", text)
    if match := _YEAR_FIRST.search(text) or _COMPACT.search(text):
        return _format_iso(int(match[1]), int(match[2]), int(match[3] or 0))
    if match := _YEAR_LAST.search(text):
        return _format_iso(int(match[3]), int(match[2]), int(match[1]))
    year = _YEAR.search(text)
    if not year:
        return ""
    match = _NAMED_MONTH_DATE.search(text)
    if not match:
        return _format_iso(int(year[1]), 0, 0)
    month = _JALALI_MONTHS.get(match[2]) or _GREGORIAN_MONTHS[match[2]]
    return _format_iso(int(year[1]), month, int(match[1] or match[3] or 0))


def _format_iso(year: int, month: int, day: int) -> str:
    """Format a date without its impossible parts (a 13th month, a 30th of February); "" if the year is Hijri."""
    if _HIJRI_MIN_YEAR <= year <= 1500 or not 1200 <= year <= 2100:
        return ""
    if not 1 <= month <= 12:
        return str(year)
    try:
        if not day:
            return f"{year}-{month:02d}"
        if year < _HIJRI_MIN_YEAR:
            from persiantools.jdatetime import JalaliDate

            return JalaliDate(year, month, day).to_gregorian().isoformat()
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return f"{year}-{month:02d}"
