"""Paragraphs are restored where lines are broken at a width, and only there; no character moves."""

import json
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topiclib.text.paragraphs import restore_paragraphs

FA = (
    "پرستاران برای دریافت حقوق عقب‌افتاده در برابر دانشگاه علوم پزشکی گرد آمدند. لیگ فوتبال از هفته آینده با چهار"
    " دیدار در پایتخت دنبال می‌شود. باشگاه اعلام کرد که قرارداد مهاجم خارجی برای دو فصل دیگر تمدید شده است."
)
AR = (
    "قال وزير الاقتصاد في البرلمان إن ميزانية العام المقبل أقل اعتمادا على عائدات النفط. انخفض منسوب مياه البحيرة هذا"
    " الصيف مرة أخرى ويخشى المزارعون على بساتينهم في القرى المجاورة. بدأ مشروع جديد للري في ثلاث مناطق."
)


def wrap(text: str, width: int, separator: str = "\n") -> str:
    return separator.join(textwrap.wrap(text, width, break_on_hyphens=False))


@pytest.mark.parametrize("text", [FA, AR])
@pytest.mark.parametrize("width", [45, 60, 72, 90])
@pytest.mark.parametrize("separator", ["\n", "\r\n", "\n\n", "\n> ", " \n  "])
def test_wrapped_lines_are_joined(text: str, width: int, separator: str) -> None:
    restored = restore_paragraphs(wrap(text, width, separator))
    assert "\n" not in restored
    assert restored.split() == text.split()


def test_paragraphs_headings_and_lists_stay_apart() -> None:
    lines = ["خبر روز", "", wrap(FA, 60), "", wrap(FA, 60), "", "• نخست", "• دوم"]
    assert restore_paragraphs("\n".join(lines)).split("\n") == [
        "خبر روز",
        "",
        *[wrap(FA, 60, " "), ""] * 2,
        *lines[-2:],
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (FA, "سخنگوی وزارت (راست) و همتای روس"),
        (AR, "المتحدث (يمين) ونظيره الروسي"),
        (FA, "(عکس از رویترز)"),
        (AR, "(الصورة من رويترز)"),
        (FA, "تاریخ انتشار: ۱۲ تیر ۱۴۰۲ ساعت ۱۴:۳۵"),
        (AR, "اقرأ أيضا: تقرير آخر عن هذا الحدث"),
        (AR, "المصدر: وكالات"),
    ],
)
@pytest.mark.parametrize("place", [2, 4])
def test_captions_and_furniture_are_not_joined_with_wrapped_text(text: str, line: str, place: int) -> None:
    lines = textwrap.wrap(f"{text} {text}", 60)
    restored = restore_paragraphs("\n".join([*lines[:place], line, *lines[place:]]))
    assert line in restored.split("\n")
    assert restored.replace(line, "").split() == text.split() * 2


POSTS = {
    "Persian sentences without full stops": [
        "نمایندگان در جلسه دیروز یارانه نان را بررسی کردند",
        "وزیر اقتصاد از کاهش کسری بودجه در سال آینده خبر داد",
        "رئیس کمیسیون گفت که سهم آموزش و پرورش بیشتر شده است",
        "قیمت نان در شهرستان‌ها از هفته آینده تغییر نمی‌کند",
    ],
    "Arabic sentences without full stops": [
        "بحث النواب في جلسة أمس دعم الخبز في المدن",
        "أعلن وزير الاقتصاد خفض عجز الموازنة في العام المقبل",
        "قال رئيس اللجنة إن حصة التعليم أصبحت أكبر من السابق",
        "لن يتغير سعر الخبز في المحافظات من الأسبوع المقبل",
    ],
    "sentences with full stops": ["باران امروز در شمال کشور بارید.", "برف فردا در غرب کشور می‌بارد."] * 3,
    "a poem": ["شب سیاه گذشت و سپیده سر زد باز", "نسیم صبح به بام و به باغ پر زد باز"] * 4,
    "a title and a paragraph": ["دیدار وزیران در تهران", "وزیران دو کشور امروز در تهران با هم دیدار کردند."],
}


@pytest.mark.parametrize("lines", POSTS.values(), ids=POSTS.keys())
def test_lines_of_a_post_are_not_joined(lines: list[str]) -> None:
    assert restore_paragraphs("\n".join(lines)) == "\n".join(lines)


@pytest.mark.parametrize("name", ["fars_fa.dev", "isna_fa", "ant_ar.dev", "ntrex_docs_fa_ar_en.dev"])
def test_real_articles_are_unchanged(name: str, corpus) -> None:
    texts = [row["text"] for row in corpus(name)[:500] if row.get("lang") != "en"]
    assert [text for text in texts if restore_paragraphs(text).split("\n") != text.split("\n")] == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("یک\\nدو\\r\\nسه", ["یک", "دو", "سه"]),
        ("<p>یک</p><p class='x'>دو<br/>سه</p>", ["یک", "دو", "سه"]),
        ("یک\r\nدو\rسه", ["یک", "دو", "سه"]),
        ("یک <!-- پنهان --> <script>var x = 1;\nvar y;</script>دو", ["یک دو"]),
        (r"C:\new\table", [r"C:\new\table"]),
    ],
)
def test_other_line_breaks(text: str, lines: list[str]) -> None:
    restored = restore_paragraphs(text)
    assert [" ".join(line.split()) for line in restored.split("\n") if line.strip()] == lines


@settings(max_examples=200)
@given(st.lists(st.text(alphabet="اب تمن.؟:«»>- \r<p>/\\\\n12", max_size=50), max_size=12).map("\n".join))
def test_no_character_moves(text: str) -> None:
    restored = restore_paragraphs(text)
    assert len(restored) == len(text)
    assert all(new == old or new in " \n\u200c" for new, old in zip(restored, text, strict=True))


def test_offsets_of_passages_refer_to_the_text_as_decoded() -> None:
    import pandas as pd

    from topiclib.corpus.passages import make_passages

    raw = json.loads(json.dumps(wrap(FA, 60, "\r\n")))
    row = make_passages(pd.DataFrame({"text": [raw]})).iloc[0]
    assert raw[row["start"] : row["end"]].split() == row["text"].split() == FA.split()
