"""Parse dates in the forms that Persian and Arabic news outlets, spreadsheets and programs write."""

import datetime
import re
import tomllib
from pathlib import Path

from topiclib.text.letters import WESTERN_DIGITS, ZWNJ

# Digits and letters are unified; half-spaces, direction marks, tatweel and diacritics are removed.
_LETTERS = WESTERN_DIGITS | str.maketrans(
    dict(zip("يىئكأإآؤةۀ", "یییکاااوهه", strict=True))
    | dict.fromkeys(f"{ZWNJ}\u200e\u200fـ\u0670" + "".join(map(chr, range(0x64B, 0x653))))
)

# Their numbers from 1, by name.
JALALI_MONTHS, GREGORIAN_MONTHS = (
    {name.replace("_", " ").translate(_LETTERS): n for row in rows for n, name in enumerate(row.split(), 1)}
    for rows in tomllib.loads(Path(__file__).with_name("months.toml").read_text("utf-8")).values()
)
_MONTH = "|".join(sorted({*JALALI_MONTHS, *GREGORIAN_MONTHS}, key=len, reverse=True))

_GAP = r"[\s,،.\-/()]*"
_ORDINAL = r"(?:st|nd|rd|th|ا?م)?"
_NAMED = re.compile(
    rf"(?:(?<!\d)(?P<year_before>\d{{4}}){_GAP})?"
    rf"(?:(?<!\d)(?P<day_before>\d{{1,2}}){_ORDINAL}{_GAP}(?:(?:من|of)\s+)?)?"
    rf"(?<![^\W\d])(?P<month>{_MONTH})(?:\s*ماه)?(?![^\W\d])(?:{_GAP}(?:{_MONTH})(?![^\W\d]))?"  # مارس/آذار
    rf"(?:{_GAP}(?P<day_after>\d{{1,2}}){_ORDINAL}(?!\d))?"
    rf"(?:{_GAP}(?:(?:سنه|عام|لعام|سال)\s*)?(?P<year_after>\d{{4}}|'?\d{{2}})(?!\d))?"
)

# Removed before a date is read, so that a lunar year is not taken for a solar one: ه is lunar, but ه.ش is solar.
_HIJRI_MARK = r"\s*(?:هجریه?\s*قمریه?|قمری|ه\s*\.?\s*ق|ق|ah|(?:هجریه?|ه)(?!\s*\.?\s*[شخ]))(?![^\W\d])\.?"
_HIJRI_MONTH = (
    r"(?:محرم|صفر|رجب|شعبان|رمضان|شوال|(?:ربیع|جمادی)\s*(?:ال)?(?:اولی?|ثانیه?|اخره?|دوم)"
    r"|ذ[ویا]?\s*(?:ال)?(?:قعده|حجه)"
    r"|muharram|safar|rajab|sha'?ban|rama[dz]h?an|shawwal|(?:rabi|jumada|dhu)[\w' -]*?(?:awwal|i+|thani|akhir|da|jja))"
    r"(?:\s*(?:المبارک|المعظم|الکریم|المکرم|الحرام|المظفر|المرجب|الخیر))?"
)
_HIJRI_GAP = r"[\s,،/\-]*(?:(?:من\s+)?(?:سنه|عام|لعام|سال)\s*)?"
_HIJRI = re.compile(
    rf"(?:(?<!\d)\d{{1,2}}{_ORDINAL}[\s/\-]*(?:من\s+)?)?(?<![^\W\d]){_HIJRI_MONTH}(?![^\W\d])"
    rf"(?:{_HIJRI_GAP}(?:\d{{1,2}}[\s,،]+)?1[34]\d\d(?![/.\-]?\d))?(?:{_HIJRI_MARK})?"
    rf"|(?<!\d)\d{{1,4}}[/.\-]\d{{1,2}}[/.\-]\d{{1,4}}{_HIJRI_MARK}"
)

_TIME = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?!\d)")
_YEAR_FIRST = re.compile(
    r"(?<!\d)(\d{4})[/.\-](\d{1,2})(?:[/.\-](\d{1,2}))?(?!\d)"
    # 20230329, alone or with a time: 20230329105000
    r"|(?<!\d)(1[34]\d\d|19\d\d|20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)?(?!\d)"
)
_MONTH_AND_YEAR = re.compile(r"(?<![\d/.\-])(\d{1,2})[/.\-](1[34]\d\d|19\d\d|20\d\d)(?![/.\-]?\d)")
_YEAR_LAST = re.compile(r"(?<![\d/.\-])(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?![/.\-]?\d)")
_YEAR = re.compile(r"(?<!\d)(1[234]\d\d|19\d\d|20\d\d)(?!\d)")
_SPACED = re.compile(r"(?<=\d)\s*([/.\-])\s*(\d{1,2})\s*\1\s*(?=\d)")  # 1402 / 01 / 09
_NUMBER = re.compile(r"(?:/date\()?(\d{5,19})(?:\.\d*|[+-]\d{4})?(?:\)/)?")  # ASP.NET writes /Date(1680075000000)/
_YEAR_AND_MONTH = re.compile(r"(1[34]\d\d|19\d\d|20\d\d)(0[1-9]|1[0-2])")

# Years from here to 1500 are taken as Hijri: the Jalali calendar reaches 1420 only in 2041.
JALALI_BEFORE = "1500"  # an ISO month before it is Jalali
_HIJRI_MIN_YEAR = 1420

# A number is an Excel serial (1954 to 2064), or seconds since 1970 (1980 to 2100) or a fraction of them.
_EXCEL_SERIALS = range(20_000, 60_000)
_EPOCH_SECONDS = range(315_532_800, 4_102_444_800)


def parse_date(text: str, *, order: str = "") -> str:
    """Parse a date into ISO format, adding no precision that it does not have.

    Parameters
    ----------
    text
        A date as an outlet prints it: ۱۴۰۲/۰۱/۰۹, ۹ فروردین ۱۴۰۲, 25 كانون الثاني 2021, 12 جويلية 2016, 2023-03; or as
        programs store it: seconds or milliseconds since 1970 (in UTC), an Excel serial, 20230329105000. Only the first
        200 characters are read.
    order
        "dmy", "mdy" or "ymd": the order to prefer for a date such as 03/04/2023 (see `date_readings`). Default: day
        first, or year first where a year of two digits is written in Persian digits.

    Returns
    -------
    str
        "2023-03-29", "2023-03" or "2023"; "" for Hijri dates, relative dates (امروز) and dates without a year. A Jalali
        year or month without a day stays Jalali ("1402", "1402-07"), since it overlaps two Gregorian ones.
    """
    raw, text = text, _simplify(text)
    if number := _NUMBER.fullmatch(text):
        text = _parse_number(number[1]) or number[1]
    dates = _unambiguous_dates(text)
    if not any(len(date) == 10 for date in dates):
        readings = date_readings(raw)
        dates += [readings.get(order) or next(iter(readings.values()), "")]
    dates += [_format_iso(int(year), 0, 0) for year in _YEAR.findall(text)]
    return max(dates, key=len, default="")


def date_readings(text: str) -> dict[str, str]:
    """Return the ISO dates that a date of three numbers may mean, by order ("dmy", "mdy", "ymd"), the default first.

    "03/04/2023" has two, "13/04/2023" one; "ymd" is possible only for years of two digits. Empty for all other dates.
    """
    simple = _simplify(text)
    matches = _YEAR_LAST.finditer(simple) if not _unambiguous_dates(simple) else ()  # of two, the first may be Hijri
    return next((readings for match in matches if (readings := _readings_of(match, text))), {})


def _readings_of(match: re.Match[str], text: str) -> dict[str, str]:
    a, b, c = (int(part) for part in match.groups())
    orders = {"dmy": (c, b, a), "mdy": (c, a, b)}
    if len(match[3]) == 2:
        pivot = 1900 if c > 68 else 2000  # as strptime's %y
        orders = {"dmy": (pivot + c, b, a), "mdy": (pivot + c, a, b)}
        short_jalali = 1300 if a >= 60 else 1400 if a < 10 else 2000
        first = {"ymd": (short_jalali + a, b, c)}
        orders = first | orders if re.search("[۰-۹]", text) else orders | first
    valid = {name: parts for name, parts in orders.items() if 1 <= parts[1] <= 12 and 1 <= parts[2] <= 31}
    return {name: iso for name, parts in valid.items() if (iso := _format_iso(*parts))}


def _simplify(text: str) -> str:
    """Unify letters and digits, and remove Hijri dates, times of day, underscores and spaces between numbers."""
    text = _HIJRI.sub(" ", text[:200].translate(_LETTERS).lower().replace("_", "-").strip())
    return _SPACED.sub(r"\1\2\1", _TIME.sub(" ", text)).strip()


def _unambiguous_dates(text: str) -> list[str]:
    """Return the dates in which the year comes first or the month has a name, in the order of the text."""
    dates = [(match.start(), _format_named(match, text)) for match in _NAMED.finditer(text)]
    for match in _YEAR_FIRST.finditer(text):
        parts = match.groups()[:3] if match[1] else match.groups()[3:]
        dates.append((match.start(), _format_iso(*(int(part or 0) for part in parts))))
    dates += [(m.start(), _format_iso(int(m[2]), int(m[1]), 0)) for m in _MONTH_AND_YEAR.finditer(text)]
    return [date for _, date in sorted(dates) if date]


def _format_named(match: re.Match[str], text: str) -> str:
    """Format a date whose month has a name; its year may stand elsewhere in the text, or have two digits."""
    day, after, name = match["day_before"], match["day_after"], match["month"]
    is_jalali = name in JALALI_MONTHS
    years = [year for year in (match["year_before"], match["year_after"], *_YEAR.findall(text)) if year]
    year = next((int(year) for year in years if _YEAR.fullmatch(year) and _format_iso(int(year), 0, 0)), 0)
    if not year:
        short = match["year_after"] or (after if day else None)
        if not short or len(short.strip("'")) != 2:
            return ""
        two_digits = int(short.strip("'"))
        newer, older, last = (1400, 1300, 19) if is_jalali else (2000, 1900, 68)
        year = two_digits + (newer if two_digits <= last else older)
    if is_jalali != (year < _HIJRI_MIN_YEAR):  # a month of another calendar
        return str(year)
    return _format_iso(year, (JALALI_MONTHS if is_jalali else GREGORIAN_MONTHS)[name], int(day or after or 0))


def _parse_number(digits: str) -> str:
    """Parse a number without separators: an Excel serial, a Unix time, or a year with its month; "" if it is none."""
    number = int(digits)
    if number in _EXCEL_SERIALS:
        return (datetime.date(1899, 12, 30) + datetime.timedelta(number)).isoformat()
    for unit in (1, 10**3, 10**6, 10**9):  # seconds to nanoseconds
        if number // unit in _EPOCH_SECONDS:
            return datetime.datetime.fromtimestamp(number // unit, datetime.UTC).date().isoformat()
    match = _YEAR_AND_MONTH.fullmatch(digits)
    return _format_iso(int(match[1]), int(match[2]), 0) if match else ""


def gregorian_month(month: str, *, day: int = 15) -> str:
    """Return the Gregorian month of a day of a Jalali month (of its last day if it has fewer); "" and others as is."""
    from persiantools.jdatetime import JalaliDate

    if not "" < month < JALALI_BEFORE:
        return month
    year, number = int(month[:4]), int(month[5:])
    return JalaliDate(year, number, min(day, JalaliDate.days_in_month(number, year))).to_gregorian().isoformat()[:7]


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
