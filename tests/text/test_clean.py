"""`clean` removes web remnants and leaves clean text unchanged."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topiclib.text import clean
from topiclib.text.clean import remove_site_name

ARABIC = "قال الوزير إن المفاوضات النووية مستمرة"
PERSIAN = "گفت که مذاکرات هسته‌ای ادامه دارد"


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ('بين إيران وروسيا.img src="https://www.example.org/a.jpeg" alt="" />', "بين إيران وروسيا. "),
        ("<p>متن</p>", " متن "),
        ('<a href="x">پیوند</a> متن', " پیوند  متن"),
        ("<لافروف وعبد اللهيان", "لافروف وعبد اللهيان"),
        (
            "متن\nتنويه: جميع المقالات المنشورة تمثل رأي كتابها فقط\n,\nRead our Privacy Policy by clicking here",
            "متن\n",
        ),
        ("خبر تمام شد.\nانتهای پیام", "خبر تمام شد."),
        ("خبر تمام شد. انتهاي پيام/", "خبر تمام شد."),
        ("متن\nاقرأ أيضا: خبر آخر", "متن"),
        ("متن\nبیشتر بخوانید: خبر دیگر", "متن"),
        ("نص\n–", "نص\n"),
        ("سفر کرد.وزیر خارجه", "سفر کرد. وزیر خارجه"),
        ("المباراة.وقال", "المباراة. وقال"),
        ("متن &amp; متن&zwnj;ها &laquo;x&raquo;", "متن & متن\u200cها «x»"),
        ("نشانی https://example.org/a?b=1 است", "نشانی  است"),
        (ARABIC.encode().decode("latin-1"), ARABIC),
        (PERSIAN.encode().decode("latin-1"), PERSIAN),
        (ARABIC.encode("cp1256").decode("cp1252"), ARABIC),
        ("متن\x00 تمام\ud800", "متن تمام"),
        ("انتهای پیام", ""),
    ],
)
def test_web_remnants_are_removed(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "mentions a > b and c < d",
        "نسبت 5 < 6 و 7 > 3 است.",
        "قيمته 4.8 مليار دولار",
        "سایت bbc.com و نشانی a@b.ir",
        "AT&T و R&D",
        "Ça va très bien à l'école",
        "به گزارش خبرگزاری فارس، وزیر گفت.",
        "او درباره حقوق بشر و حریم خصوصی گفت.",
        "پیام او به انتها رسید.",
        "- یک\n- دو",
        "Their Privacy Policy is what the court talked about. " * 8,  # a paragraph, not a notice
        "",
    ],
)
def test_clean_text_is_unchanged(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("name", ["ntrex_segments_fa_ar_en.dev", "sib200_fa_ar_en.traindev"])
def test_clean_corpora_are_unchanged(name: str, corpus) -> None:
    changed = [row["id"] for row in corpus(name) if clean(row["text"]) != row["text"]]
    assert changed == []


@settings(max_examples=100)
@given(st.text(alphabet="اب تگ<>=\"'/&;.\n–img src=", max_size=60))
def test_nothing_but_spaces_is_added(text: str) -> None:
    assert len(clean(text).replace(" ", "")) <= len(text)


@pytest.mark.parametrize(
    ("title", "text", "headline"),
    [
        ("قیمت نان ثابت ماند | خبرگزاری نمونه", "", "قیمت نان ثابت ماند"),
        ("خبرگزاری نمونه - قیمت نان ثابت ماند", "", "قیمت نان ثابت ماند"),
        ("استقرار أسعار الخبز – وكالة المثال للأنباء", "", "استقرار أسعار الخبز"),
        ("استقرار أسعار الخبز | المثال نت", "إستقرار أسعار الخبز في الأسواق", "استقرار أسعار الخبز"),
        ("قیمت نان ثابت ماند | اقتصاد | خبرگزاری نمونه", "قیمت نان ثابت ماند\nدولت گفت", "قیمت نان ثابت ماند"),
        ("قیمت نان ثابت ماند | نمونه", "دولت گفت", "قیمت نان ثابت ماند | نمونه"),
        ("خبرگزاری نمونه - تهران", "", "خبرگزاری نمونه - تهران"),
        ("قطار تهران - مشهد حرکت کرد", "قطار تهران به راه افتاد", "قطار تهران - مشهد حرکت کرد"),
        ("بازی ایران - ژاپن", "بازی ایران و ژاپن", "بازی ایران - ژاپن"),
        ("", "", ""),
    ],
)
def test_the_name_of_the_site_is_removed_from_a_title(title: str, text: str, headline: str) -> None:
    assert remove_site_name(title, text) == headline
