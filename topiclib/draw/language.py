"""What a figure says in its own words: the string table in English, Persian and Arabic, and its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from topiclib import style

DIGITS = {"en": "western", "fa": "persian", "ar": "arabic"}
_DIGIT_TABLES = {
    "western": {},
    "persian": str.maketrans("0123456789.,%", "۰۱۲۳۴۵۶۷۸۹٫٬٪"),
    "arabic": str.maketrans("0123456789.,%", "٠١٢٣٤٥٦٧٨٩٫٬٪"),
}

_MONTHS = {
    "fa": "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}

# key: English, Persian, Arabic
_TABLE = {
    "fa": ("Persian", "فارسی", "الفارسية"),
    "ar": ("Arabic", "عربی", "العربية"),
    "unknown": ("Unknown", "نامعلوم", "غير معروف"),
    "no_date": ("no date", "بی‌تاریخ", "بلا تاريخ"),
    "nothing": ("Nothing to show", "چیزی برای نمایش نیست", "لا شيء للعرض"),
    "synthetic": ("synthetic sample", "نمونهٔ ساختگی", "عيّنة مُختلَقة"),
    "n": ("n", "n", "n"),
    "articles": ("articles", "مقاله", "المقالات"),
    "some_of": (
        "{shown} of {total} topics, the largest",
        "{shown} موضوع از {total}، بزرگ‌ترین‌ها",
        "{shown} من {total} موضوعًا، الأكبر حجمًا",
    ),
    "labelled": (
        "{shown} of {total} topics labelled",
        "{shown} موضوع از {total} نام دارد",
        "سُمّي {shown} من {total} موضوعًا",
    ),
    "exploratory": (
        "Exploratory: near points are alike; the distance between far groups means nothing.",
        "تنها برای کاوش: نقطه‌های نزدیک به هم شبیه‌اند؛ فاصلهٔ گروه‌های دور معنایی ندارد.",
        "للاستكشاف فقط: النقاط المتقاربة متشابهة؛ أما المسافة بين المجموعات المتباعدة فلا معنى لها.",
    ),
    "passages_of": ("{language} passages ({n})", "بندهای {language} ({n})", "المقاطع {language} ({n})"),
    "share_of_language": ("share of {language} passages", "سهم از بندهای {language}", "الحصة من المقاطع {language}"),
    "topic": ("Topic {topic}", "موضوع {topic}", "الموضوع {topic}"),
    "passages": ("{n} passages", "{n} بند", "{n} مقطعًا"),
    "share_of_topic": (
        "Part of each topic’s passages that is about each theme",
        "سهم هر مضمون از بندهای هر موضوع",
        "حصة كل مضمون من مقاطع كل موضوع",
    ),
    "gaps": (
        "Lines break where a month has no articles",
        "خط در ماه‌های بی‌مقاله بریده است",
        "ينقطع الخط في الشهور التي لا مقالات فيها",
    ),
    "gaps_of_quarters": (
        "By quarter; lines break where one has no articles",
        "هر سه ماه؛ خط در سه‌ماهه‌های بی‌مقاله بریده است",
        "كل ثلاثة أشهر؛ ينقطع الخط حيث لا مقالات",
    ),
    "weights": (
        "Bars: weight of a word within its language, the first word full",
        "میله‌ها: وزن واژه در زبان خود، نسبت به نخستین واژه",
        "الأشرطة: وزن الكلمة في لغتها، نسبةً إلى الكلمة الأولى",
    ),
    "articles_by_month": (
        "Articles of each outlet by month; none to {n}, the darker, the more",
        "شمار مقاله‌های هر رسانه در هر ماه؛ از هیچ تا {n}، تیره‌تر یعنی بیشتر",
        "عدد مقالات كل وسيلة شهريًا؛ من لا شيء إلى {n}، الأغمق أكثر",
    ),
    "apart": (
        "Weighted log-odds (z): words beyond the grey band set the sides apart",
        "بخت لگاریتمی وزنی (z): واژه‌های بیرون از نوار خاکستری دو سو را از هم جدا می‌کنند",
        "لوغاريتم الأرجحية الموزون (z): الكلمات خارج الشريط الرمادي تميّز الجانبين",
    ),
    "planted": ("difference planted", "تفاوت کاشته", "الفرق المزروع"),
    "recovered": ("difference recovered", "تفاوت بازیافته", "الفرق المستعاد"),
    "control": ("one language", "یک زبان", "لغة واحدة"),
    "both": ("both languages", "دو زبان", "اللغتان"),
    "before": ("before", "پیش", "قبل"),
    "after": ("after alignment", "پس از هم‌ترازی", "بعد المحاذاة"),
    "chance": ("chance", "تصادف", "المصادفة"),
    "same_language": (
        "neighbours of the same language",
        "همسایگان هم‌زبان",
        "جيران من اللغة نفسها",
    ),
    "one_language": (
        "passages in one-language topics",
        "بندها در موضوع‌های تک‌زبانه",
        "مقاطع في مواضيع أحادية اللغة",
    ),
    "found": ("found", "یافته", "وُجد"),
    "some_contrasts": (
        "{shown} of {total} differences, the largest",
        "{shown} تفاوت از {total}، بزرگ‌ترین‌ها",
        "{shown} من {total} فرقًا، الأكبر",
    ),
    "same_sign": ("same sign", "هم‌علامت", "الإشارة نفسها"),
    "settings": (
        "Persian minus Arabic share:\nmedian and range over all settings",
        "سهم فارسی منهای سهم عربی:\nمیانه و دامنه در همهٔ تنظیم‌ها",
        "حصة الفارسية ناقص حصة العربية:\nالوسيط والمدى عبر كل الإعدادات",
    ),
    "share_of_text": (
        "Part of an outlet’s text about a theme, mean over n articles",
        "سهم هر مضمون از متن رسانه، میانگین n مقاله",
        "حصة كل مضمون من نص الوسيلة، متوسط n مقالًا",
    ),
    "interval": ("Lines: 95% intervals", "خط‌ها: بازهٔ ۹۵٪", "الخطوط: فترات ثقة ٩٥٪"),
    "cut": (
        "Arrowheads: lines that reach beyond the edge",
        "پیکان: خطی که از لبه می‌گذرد",
        "رأس السهم: خط يتجاوز الحافة",
    ),
    "no_interval": (
        "No line: too few outlets for an interval (fewer than five, or one with most articles)",
        "بی‌خط: رسانه‌ها برای بازه کم‌اند (کمتر از پنج، یا بیشتر مقاله‌ها از یکی)",
        "بلا خط: الوسائل أقل من أن تُحسب لها فترة (دون الخمس، أو لإحداها معظم المقالات)",
    ),
    "period": (
        "{first} to {last}, when both languages have articles",
        "از {first} تا {last}، که هر دو زبان مقاله دارند",
        "من {first} إلى {last}، حيث للّغتين مقالات",
    ),
    "period_asked": ("{first} to {last}", "از {first} تا {last}", "من {first} إلى {last}"),
    "no_common_month": (
        "The languages have no month in common: all articles",
        "دو زبان هیچ ماه مشترکی ندارند: همهٔ مقاله‌ها",
        "لا شهر مشترك بين اللغتين: كل المقالات",
    ),
}
STRINGS = {key: dict(zip(DIGITS, texts, strict=True)) for key, texts in _TABLE.items()}


@dataclass(frozen=True)
class Language:
    """The language of a figure's own words: labels from the string table, numbers in its digits.

    `strings` overrides single entries of the table by key.
    """

    code: str = "en"
    digits: str = ""
    strings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in DIGITS:
            raise ValueError(f"lang is {self.code!r}: expected one of {', '.join(DIGITS)}")
        if self.digits and self.digits not in _DIGIT_TABLES:
            raise ValueError(f"digits is {self.digits!r}: expected one of {', '.join(_DIGIT_TABLES)}")

    @property
    def start(self) -> Literal["left", "right"]:
        """The side where a line of this language begins: "left" or "right"."""
        return "left" if self.code == "en" else "right"

    def say(self, key: str, **values: object) -> str:
        """Return an entry of the string table, filled in and isolated; whole numbers get this language's digits."""
        template = self.strings.get(key) or STRINGS[key][self.code]
        shown = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return style.isolate(template.format(**shown), self.code)

    def known(self, key: str) -> str:
        """Return the table's entry for a value such as a language's code, or the value itself where it has none."""
        return self.say(key) if key in STRINGS else style.isolate(key)

    def number(self, value: float, form: str = ",.0f") -> str:
        """Return a number in this language's digits, in a format of Python's mini-language."""
        digits = self.digits or DIGITS[self.code]
        text = format(value, form).replace("-", "\u2212").translate(_DIGIT_TABLES[digits])
        # In Arabic the percent sign stands at the left of its number and the minus at the right.
        return style.isolate(text, "ar") if digits == "arabic" and not text.isdigit() else text

    def month(self, month: str) -> str:
        """Return a month such as "2020-04" as it is in English, by its name otherwise: digits and a hyphen would turn
        round within a line from right to left.
        """
        if self.code == "en" or not month:
            return month
        year, number = map(int, month.split("-"))
        return f"{_MONTHS[self.code].split()[number - 1]} {self.number(year, 'd')}"

    def percent(self, share: float) -> str:
        """Return a share or a difference as whole percents, with one decimal where it is below 1 %."""
        return self.number(share + 0.0, ".1%" if 0 < abs(share) < 0.00995 else ".0%")

    def name(self, labels: Mapping[str, Mapping[str, str]], key: str) -> str:
        """Return the label of a theme in this language, or its key where it has none."""
        return style.isolate(labels.get(key, {}).get(self.code) or key)


def language(lang: str | Language) -> Language:
    """Return the `Language` that a draw function was given, made from its code where need be."""
    return lang if isinstance(lang, Language) else Language(lang)
