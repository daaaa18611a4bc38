"""Dates as Persian and Arabic news write them."""

import datetime
import re

_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "\u200c": None, "ـ": None})


def _names(*rows: str) -> dict[str, int]:
    return {name.replace("_", " ").translate(_LETTERS): month for row in rows for month, name in enumerate(row.split(), 1)}


_JALALI = _names("فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند")
_JALALI["امرداد"] = 5
_GREGORIAN = _names(
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول",
    "جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر",
    "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
)
_HIJRI = re.compile("محرم|صفر|ربیع|جمادی|رجب|شعبان|رمضان|شوال|ذو القعده|ذی القعده|ذو الحجه|ذی الحجه|هجری قمری|ه\\.? ?ق")
_NUMERIC = re.compile(r"(?<!\d)(\d{4})[/.\-](\d{1,2})(?:[/.\-](\d{1,2}))?(?!\d)")
_NUMERIC_LAST = re.compile(r"(?<!\d)(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?!\d)")
_YEAR = re.compile(r"(?<!\d)(1[2-5]\d\d|19\d\d|20\d\d)(?!\d)")
_MONTH = re.compile(
    r"(?:(?<!\d)(\d{1,2})\s*(?:من\s+)?)?(?<![^\W\d])("
    + "|".join(sorted({**_JALALI, **_GREGORIAN}, key=len, reverse=True))
    + r")(?:\s*ماه)?(?![^\W\d])(?:\s*(\d{1,2})(?!\d))?"
)
_RELATIVE = {"امروز": 0, "الیوم": 0, "دیروز": -1, "امس": -1, "فردا": 1, "غدا": 1, "پریروز": -2, "today": 0, "yesterday": -1}


def parse_date(text: str, reference: str | None = None) -> str:
    """Read a date and write it in ISO form, no more exactly than it was given.

    Parameters
    ----------
    text
        A date as an outlet prints it: ۱۴۰۲/۰۱/۰۹, ۹ فروردین ۱۴۰۲, 25 كانون الثاني 2021, 12 mars style names, 2023-03.
    reference
        An ISO date that relative words (امروز, أمس) and a missing year are read from; without it they stay unread.

    Returns
    -------
    str
        "2023-03-29", "2023-03", "2023", or "" where nothing can be read (Hijri dates among them). A Jalali year and month without a
        day are kept as "1402-07", since they are no one Gregorian month.
    """
    text = text.translate(_DIGITS).translate(_LETTERS).lower().strip()
    if not text or _HIJRI.search(text):
        return ""
    if match := _NUMERIC.search(text):
        return _iso(int(match[1]), int(match[2]), int(match[3] or 0))
    if match := _NUMERIC_LAST.search(text):
        return _iso(int(match[3]), int(match[2]), int(match[1]))
    year_match = _YEAR.search(text)
    year = int(year_match[1]) if year_match else 0
    if match := _MONTH.search(text):
        name = match[2]
        month = _JALALI.get(name) or _GREGORIAN[name]
        if not year and reference and name in _GREGORIAN:
            year = int(reference[:4])
        return _iso(year, month, int(match[1] or match[3] or 0)) if year else ""
    if year:
        return str(year)
    for word, days in _RELATIVE.items():
        if reference and len(reference) == 10 and re.search(rf"(?<!\w){word}(?!\w)", text):
            return (datetime.date.fromisoformat(reference) + datetime.timedelta(days=days)).isoformat()
    return ""


def _iso(year: int, month: int, day: int) -> str:
    if not 1 <= month <= 12:
        return f"{year:04d}"
    if not day:
        return f"{year:04d}-{month:02d}"
    try:
        if year < 1700:
            from persiantools.jdatetime import JalaliDate

            return JalaliDate(year, month, day).to_gregorian().isoformat()
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return f"{year:04d}-{month:02d}"
