"""Normalization: cases for each rule in both languages, and properties that hold for any text."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from topiclib.text import Lexicon, fold, fold_with_offsets, half_spaces, normalize

Z = "\u200c"
LETTERS = "ابپتجچحدذرزژسشعفقکكگلمنوهیيىةءآأإؤئۀ"
ALPHABET = LETTERS + ' ـ\u200c\u200f\u202e\u064b\u0651\u0654\u0653 \n\t.،؛؟!«»"“”()-–۱٢3aBéﻻﷲﭖ\x00\ud800ہھە'
texts = st.text(alphabet=ALPHABET, max_size=60) | st.text(max_size=30)


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("علي كريمي", "fa", "علی کریمی"),
        ("علی کریمی", "ar", "علي كريمي"),
        ("الى مستشفى", "ar", "الى مستشفى"),
        ("حتى", "fa", "حتی"),
        ("إلى", "ar", "إلى"),
        ("جمهورية", "ar", "جمهورية"),
        ("تحــــریم", "fa", "تحریم"),
        ("الجُمْهُورِيَّة", "ar", "الجمهورية"),
        ("خانهٔ", "fa", "خانه"),
        ("خانۀ", "fa", "خانه"),
        ("\u202bمتن\u202c\u200f", "fa", "متن"),
        ("\u202eabc", "other", "abc"),
        ("ﺳﻼﻡ", "ar", "سلام"),
        ("ﭘﯿﻚ ﻋﻠﻲ", "fa", "پیک علی"),
        ("m² … №", "other", "m² … №"),
        ("﴿آية﴾", "ar", "﴿آية﴾"),
        ("a\u00a0b   c", "other", "a b c"),
        ("یک \n\n\n  دو", "fa", "یک\nدو"),
        ("“قال”", "ar", '"قال"'),
        ("«گفت»", "fa", "«گفت»"),
        ("مسا\u0654له", "fa", "مسأله"),
        ("۱۴۰۲ و 2023", "fa", "۱۴۰۲ و 2023"),
        (f"می{Z}{Z}رود", "fa", f"می{Z}رود"),
        (f"کتاب{Z} ها{Z}.", "fa", "کتاب ها."),
        ("متن\x00\ud800 تمام", "fa", "متن تمام"),
        ("", "fa", ""),
    ],
)
def test_letters(text: str, lang: str, expected: str) -> None:
    assert normalize(text, lang, None) == expected


@pytest.mark.parametrize(
    ("unspaced", "expected"),
    [
        ("میگوید", "می_گوید"),
        ("نمیدانیم", "نمی_دانیم"),
        ("میکردند", "می_کردند"),
        ("برمیگردد", "برمی_گردد"),
        ("همکاریهای", "همکاری_های"),
        ("تحریمهایی", "تحریم_هایی"),
        ("پهپادهایی", "پهپادهایی"),  # د does not join: no half-space is missing
        ("روبهرو", "روبه_رو"),
        ("بنبست", "بن_بست"),
        ("گفتوگو", "گفت_وگو"),
        ("گفتوگوی", "گفت_وگوی"),
        ("هستهای", "هسته_ای"),
        ("منطقهای", "منطقه_ای"),
        ("رسیدهاند", "رسیده_اند"),
        ("بینالمللی", "بین_المللی"),
        ("سریعتر", "سریع_تر"),
        ("بهطور", "به_طور"),
        ("سرمایهگذاری", "سرمایه_گذاری"),
        ("نظامیاش", "نظامی_اش"),
        ("وهمکاریهای", "و همکاری_های"),
        ("وزیرامورخارجه", "وزیر امور خارجه"),
        ("هسته ای", "هسته_ای"),
        ("بین المللی", "بین_المللی"),
        ("آیت الله", "آیت_الله"),
        ("افسانه ای", "افسانه_ای"),
        ("خانه ای", "خانه ای"),  # "a house": no half-space is missing
        ("میچرخانند", "می_چرخانند"),  # not in the dictionary, but with the ending of a verb
        ("میشناسد", "می_شناسد"),
        ("بیکیفیت", "بی_کیفیت"),
        ("وخسرو", "وخسرو"),  # not رو as a suffix: خس is not a word
        ("دموکراتیکتر", "دموکراتیک_تر"),
        ("گرمترینها", "گرم_ترین_ها"),
        ("نقشهای", "نقش_های"),  # roles, not a map; professional, not letters: the dictionary decides
        ("حرفهای", "حرفه_ای"),
        ("تازهای", "تازه_ای"),
        ("زنهای", "زن_های"),
        ("بندهای", "بندهای"),
        ("تیرهای", "تیرهای"),
        ("سفرهای", "سفرهای"),
        ("بردهای", "بردهای"),
        ("کتابنویس", "کتاب_نویس"),
    ],
)
def test_missing_half_spaces_are_restored(unspaced: str, expected: str) -> None:
    document = "مردم میگویند که {} و گروههای دیگر نمیدانند"  # has lost its half-spaces
    repaired = normalize(document.format(unspaced), "fa")
    assert repaired == f"مردم می_گویند که {expected} و گروه_های دیگر نمی_دانند".replace("_", Z)


def test_arabic_words_are_never_repaired() -> None:
    assert normalize("ميدان بنبست همكاريهاي", "ar") == "ميدان بنبست همكاريهاي"


def test_a_lexicon_learns_from_a_corpus() -> None:
    texts = [f"زیست{Z}بوم تالاب", f"زیست{Z}بوم جنگل", f"یک{Z}بار"]
    learned = Lexicon.from_texts(texts)
    assert normalize("زیستبوم", "fa") == "زیستبوم"
    assert normalize("زیستبوم", "fa", learned) == f"زیست{Z}بوم"
    assert learned.digest == Lexicon.from_texts(reversed(texts)).digest != Lexicon().digest == ""


def test_the_cache_is_bounded_and_changes_no_result(monkeypatch) -> None:
    monkeypatch.setattr(half_spaces, "MAX_CACHED_WORDS", 300)
    bounded, largest = Lexicon(), 0
    for first in LETTERS:
        bounded.repair("تهران میگوید")
        for second in LETTERS:
            text = f"{first}گوشش{second} می{second}{first}ند"
            assert bounded.repair(text) == Lexicon().repair(text)
            largest = max(largest, len(bounded._readings))
    assert 290 < largest <= 310


def test_an_unknown_language_raises() -> None:
    with pytest.raises(ValueError, match="'en'"):
        normalize("text", "en")


@settings(max_examples=150)
@example("3 \u200c", "fa")
@given(texts, st.sampled_from(["fa", "ar", "other"]))
def test_normalizing_twice_changes_nothing(text: str, lang: str) -> None:
    once = normalize(text, lang)
    assert normalize(once, lang) == once


@settings(max_examples=150)
@given(texts, st.sampled_from(["fa", "ar", "other"]))
def test_no_letter_is_added_or_removed(text: str, lang: str) -> None:
    assert re.sub(r"\s", "", fold(normalize(text, lang))) == re.sub(r"\s", "", fold(text))


@settings(max_examples=100)
@given(texts)
def test_offsets_point_to_the_source_characters(text: str) -> None:
    folded, offsets = fold_with_offsets(text)
    assert folded == fold(text)
    assert len(offsets) == len(folded)
    assert list(offsets) == sorted(offsets)
    assert all(char in fold(text[place]) for char, place in zip(folded, offsets, strict=True))
    assert fold(folded) == folded
    assert fold(text * 201) == folded * 201  # long texts take a faster way


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("تحریم", "تحريم"),
        ("می‌رود", "میرود"),
        ("إيران", "ایران"),
        ("اتفاقية", "اتفاقيه"),
        ("مسؤول", "مسوول"),
        ("۱۴۰۲", "1402"),
        ("٢٠٢٣", "2023"),
        ("JCPOA", "jcpoa"),
        ("“برجام”", "«برجام»"),
        ("الجُمْهُورِيَّة", "الجمهورية"),
        ("ﭐﻟﻜﺘﺎﺏ", "الكتاب"),
    ],
)
def test_spellings_fold_to_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)
