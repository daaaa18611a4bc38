"""Language identification: both languages, both keyboards, and other languages."""

import pytest

from topiclib.text import identify_language
from topiclib.text.language import is_reversed

PERSIAN = "وزیر امور خارجه گفت که مذاکرات هسته‌ای با آمریکا ادامه دارد و تحریم‌ها باید برداشته شود."
ARABIC = "قال وزير الخارجية إن المفاوضات النووية مع الولايات المتحدة مستمرة ويجب رفع العقوبات."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PERSIAN, "fa"),
        (ARABIC, "ar"),
        (PERSIAN.translate(str.maketrans("یک", "يك")), "fa"),
        (ARABIC.translate(str.maketrans("يك", "یک")), "ar"),
        (PERSIAN.replace("\u200c", ""), "fa"),
        (PERSIAN.encode().decode("cp1256"), "fa"),
        (ARABIC.encode().decode("cp1256"), "ar"),
        ("ڤيروس جديد", "ar"),
        ("ڤيديو: لحظة وصول الوفد", "ar"),
        ("وقفة احتجاجية في ڨفصة", "ar"),
        ("ڤیدیۆ: سەرۆک گەیشتە هەولێر", "other"),
        ("وزیر خارجه افغانستان امروز با همتای خود دیدار می‌کند.", "fa"),  # Dari
        ("وزیر اعظم نے کہا ہے کہ مذاکرات جاری رہیں گے اور پابندیاں ہٹائی جائیں گی۔", "other"),  # Urdu
        ("وەزیری دەرەوە وتی گفتوگۆکان بەردەوام دەبن و سزاکان هەڵدەگیرێن.", "other"),  # Sorani
        ("د بهرنیو چارو وزیر وویل چې خبرې به دوام ومومي او بندیزونه به لرې شي.", "other"),  # Pashto
        ("پرڏيهي وزير چيو ته ڳالهيون جاري رهنديون ۽ پابنديون هٽايون وينديون.", "other"),  # Sindhi
        ("تاشقى ئىشلار مىنىستىرى سۆھبەتنىڭ داۋاملىشىدىغانلىقىنى ئېيتتى.", "other"),  # Uyghur
        (
            "ائشیک ایشلری باخانی دئدی کی دانیشیقلار داوام ائدیر و بو ایل ایکی اؤلکه آراسیندا اولاجاق.",
            "other",
        ),  # Azerbaijani
        ("The foreign minister said that talks would go on.", "other"),
        ("Министр сказал, что переговоры продолжатся.", "other"),
        ("", "other"),
        ("۱۲۳ ۴۵۶ ...", "other"),
        ("م", "other"),
        ("تحریم نفت ایران", "fa"),
        ("العقوبات على إيران", "ar"),
        ("رئیس جمهور ایران", "fa"),  # words that both languages have: the keyboard decides
        ("عید شما مبارک", "fa"),
        ("انتخابات مجلس النواب", "ar"),
        ("وزیر آمد.\n(function(d,s){var js=d.getElementsByTagName(s)[0];}(document,'script','jssdk'));", "fa"),
        ("هنرمندانی از نیویورک: Janet Jackson, Shawn Mendes, Cardi B", "fa"),
    ],
)
def test_languages_are_identified(text: str, expected: str) -> None:
    assert identify_language(text) == expected


def test_a_sentence_after_a_speech_verb_is_identified() -> None:
    assert (identify_language(f"او گفت: {PERSIAN}"), identify_language(ARABIC)) == ("fa", "ar")


def test_diacritics_and_tatweel_do_not_matter() -> None:
    assert identify_language("هَذَا يَجْعَلُ اسْتِخْدَامَ الجُمْهُورِيَّةِ مُمْكِنًا فِي الـعـالم") == "ar"


@pytest.mark.parametrize("text", [PERSIAN, ARABIC])
def test_reversed_letters_are_recognized(text: str) -> None:
    assert is_reversed(text[::-1])
    assert not is_reversed(text)
    assert identify_language(text[::-1]) == identify_language(text)


@pytest.mark.parametrize("name", ["ntrex_segments_fa_ar_en.dev", "tico19_fa_ar_en"])
def test_real_sentences_are_not_taken_for_reversed(name: str, corpus) -> None:
    rows = [row["text"] for row in corpus(name) if row["lang"] in ("fa", "ar")]
    assert [text for text in rows if is_reversed(text)] == []
    long = [text for text in rows if text.count(" ") > 9]
    assert sum(is_reversed(text[::-1]) for text in long) > 0.9 * len(long)
