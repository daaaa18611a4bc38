"""Thresholds of the text rules, each tested on both sides."""

from __future__ import annotations

import pytest

from topiclib.corpus.passages import split_passages
from topiclib.text import identify_language, parse_date, tokenize
from topiclib.text.line_kinds import iter_lines
from topiclib.text.quoted_speech import detect_voice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1199", ""),
        ("1200", "1200"),
        ("1199/01/05", ""),
        ("1200/01/05", "1821-03-25"),
        ("1419", "1419"),
        ("1420", ""),  # from here to 1500 a year may be Hijri
        ("1500/03/03", ""),
        ("1501/03/03", "1501-03-03"),
        ("2100/03/03", "2100-03-03"),
        ("2101/03/03", ""),
        ("2023/12/01", "2023-12-01"),
        ("2023/13/01", "2023"),
        ("2023/01", "2023-01"),
        ("2023/00/05", "2023"),
        ("03.02.2023", "2023-02-03"),
        ("يناير 7, 2023", "2023-01-07"),
        ("7 يناير 2023", "2023-01-07"),
        (" " + "." * 195 + "2023", "2023"),  # 200 characters are read
        (" " + "." * 196 + "2023", ""),
    ],
)
def test_date_thresholds(text: str, expected: str) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "own"),
        ("«" + "باران تند و سرد می‌بارد" + "» " + "د" * 20, "quoted"),  # 25 characters of 46
        ("«" + "باران تند و سرد می‌بارد" + "» " + "د" * 24, "quoted"),  # 25 of 50: exactly half
        ("«" + "باران تند و سرد می‌بارد" + "» " + "د" * 25, "own"),
        ("«الف ب پ» د", "own"),  # three words are a title, not speech
        ("وی گفت که باران می‌بارد. " + "باد" * 5, "relayed"),
        ("وی گفت که باران می‌بارد." + "د" * 24, "relayed"),  # 24 of 48: exactly half
        ("وی گفت که باران می‌بارد." + "د" * 25, "own"),
        ("وی گفت که باران می‌بارد. " + "باد می‌وزد و برف می‌بارد و هوا سرد است " * 2, "own"),
    ],
)
def test_voice_thresholds(text: str, expected: str) -> None:
    assert detect_voice(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("و", "other"),  # one letter
        ("abc پنج", "fa"),
        ("abcdefghi پنج", "fa"),  # nine letters of another script to three
        ("abcdefghij پنج", "other"),
        ("این خبر در روزنامه آمد " + "ٹ", "other"),  # more than one Urdu letter in fifty
        ("این خبر در روزنامه آمد " * 4 + "ٹ", "fa"),
        ("إرثا", "ar"),
        ("سؤالی", "fa"),  # a letter that is rare in Persian, and one that Arabic lacks
        ("شد وجذب بين حلفاء", "ar"),  # one word that may be Persian is not enough: the dictionaries decide
        ("چوجوقلار مکتبدن ائولرینه قاییدیر", "other"),
        ("الحزب الحاكم شد الحبل نحو بر الامان الموعود", "ar"),  # definite articles outweigh two Persian words
        ("اوشاقلار مکتبدن ائولرینه قاییدیر", "other"),  # Azerbaijani by its endings alone
        ("تیم فوتبال اوشاقلار پیروز شد", "fa"),  # a name with such an ending in a Persian sentence
        ("این را کتابلاری باخیشلاری یازیلاری", "fa"),  # two Persian words of five
    ],
)
def test_language_thresholds(text: str, expected: str) -> None:
    assert identify_language(text) == expected


def passage_texts(text: str, max_words: int) -> list[str]:
    return [text[span.start : span.end] for span in split_passages(text, "fa", max_words)]


def test_a_passage_has_at_most_max_words() -> None:
    four = "این نان تازه است."
    assert passage_texts(f"{four} {four} {four}", 8) == [f"{four} {four}", four]
    assert passage_texts(f"{four} {four} {four}", 7) == [four] * 3
    assert passage_texts(f"{four} {four}", 1) == ["این", "نان", "تازه", "است."] * 2
    with pytest.raises(ValueError, match="max_words is 0"):
        split_passages(four, "fa", 0)


def test_a_sentence_that_is_too_long_is_split_between_words() -> None:
    text = "پیش از آن. " + " ".join(f"واژه{i}" for i in range(10)) + "."
    assert passage_texts(text, 4) == [
        "پیش از آن.",
        "واژه0 واژه1 واژه2 واژه3",
        "واژه4 واژه5 واژه6 واژه7",
        "واژه8 واژه9.",
    ]


def test_a_paragraph_with_a_third_of_max_words_ends_a_passage() -> None:
    four = "این نان تازه است."
    assert passage_texts("\n".join([four] * 4), 12) == [four] * 4
    assert passage_texts("\n".join([four] * 4), 13) == [f"{four}\n{four}"] * 2


def test_a_text_of_max_words_is_one_passage() -> None:
    four = "این نان تازه است."
    assert passage_texts("\n".join([four] * 3), 12) == ["\n".join([four] * 3)]
    assert len(passage_texts("\n".join([four] * 3), 11)) == 3


def test_less_than_a_twelfth_of_max_words_joins_its_neighbor() -> None:
    long, two = " ".join(["نان"] * 29) + ".", "نان تازه."
    assert passage_texts(f"{long}\n{long}\n{two}", 30) == [long, long, two]
    assert passage_texts(f"{long}\n{long}\n{two}", 36) == [long, f"{long}\n{two}"]
    assert passage_texts(f"{two}\n{long}\n{long}", 36) == [f"{two}\n{long}", long]


def test_passages_have_120_words_by_default() -> None:
    sentence = "این نان تازه است."
    spans = split_passages(" ".join([sentence] * 31), "fa")
    assert [len(" ".join([sentence] * 31)[span.start : span.end].split()) for span in spans] == [124]
    spans = split_passages(" ".join([sentence] * 33), "fa")
    assert [len(" ".join([sentence] * 33)[span.start : span.end].split()) for span in spans] == [120, 12]


def test_titles_bylines_and_bodies_are_distinguished() -> None:
    body = "این نان تازه است و آن نان دیگر کهنه است و بوی بدی می‌دهد."
    text = f"نان تازه در شهر\nعلی رضایی\n{body}"
    assert [span.kind for span in iter_lines(text)] == ["title", "byline", "body"]
    assert [span.kind for span in iter_lines(f"نان تازه در شهر\nعلی رضایی ۱۲\n{body}")][1] != "byline"
    assert [span.kind for span in iter_lines(f"نان تازه در شهر.\n{body}")] == ["body", "body"]
    assert [span.kind for span in iter_lines(f"نان تازه\n{body}")] == ["heading", "body"]
    # Not a name: the article speaks of it again.
    assert [span.kind for span in iter_lines(f"نان تازه در شهر\nنان کهنه\n{body}")] == ["title", "heading", "body"]


@pytest.mark.parametrize("caption", ["رئيس الوزراء في المؤتمر أمس (رويترز)", "رئيس الوزراء في المؤتمر (AFP)"])
@pytest.mark.parametrize("space", [" ", "   "])
@pytest.mark.parametrize("before", ["", "قال الوزير إن الخبز وصل إلى المدن كلها صباح اليوم. " * 4 + "\n"])
def test_a_photo_caption_is_separated_from_the_text_after_it(caption: str, space: str, before: str) -> None:
    body = "قال الوزير إن الخبز وصل إلى المدينة اليوم."
    text = f"{before}{caption}{space}{body}"
    spans = [(span.kind, text[span.start : span.end]) for span in iter_lines(text)]
    assert spans[-2:] == [("caption", caption), ("body", body)]


NEWS = "این نان تازه است و آن نان دیگر کهنه است و بوی بدی می‌دهد."  # 14 words


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("نان " * 29 + "(چپ)", "caption"),
        ("نان " * 30 + "(چپ)", "body"),
        ("نان تازه (چپ) و نان کهنه (راست).", "body"),  # a sentence, by its full stop
        ("حزب کار (چپ) در انتخابات", "heading"),
        ("عکس: نان تازه", "caption"),
        ("صورة: خبز طازج", "caption"),
        ("نان تازه (عکس: آرشیو)", "caption"),
        ("خبز طازج (صورة أرشيفية)", "caption"),
        ("نان تازه در شهر", "heading"),
        ("نان تازه امروز پخته شد", "heading"),  # neither its length nor its verb is a sign of a photo
        ("نان " * 24 + "شد", "body"),
    ],
)
def test_a_line_between_paragraphs_is_a_caption_by_its_words(line: str, kind: str) -> None:
    assert [span.kind for span in iter_lines(f"{NEWS * 4}\n{line}\n{NEWS * 4}")][1] == kind


@pytest.mark.parametrize("line", ["نان تازه ما در شهر", "خبز طازج لنا في المدينة"])
def test_lines_without_full_stops_are_not_headings(line: str) -> None:
    """A heading has a paragraph below it."""
    kinds = [span.kind for span in iter_lines("\n".join([NEWS[:-1], *[line] * 4]))]
    assert kinds == ["title", *["body"] * 4]


@pytest.mark.parametrize(
    "text",
    [
        "ذكرت وكالة الأنباء (رويترز) أن الخبز وصل إلى المدينة اليوم.",
        "موسكو 5 آذار مارس (رويترز) - قال الوزير إن الخبز وصل.",
        "به نوشته خبرگزاری (رویترز) نان به شهر رسید.",
    ],
)
def test_an_agency_named_in_a_sentence_is_no_photo_credit(text: str) -> None:
    assert [span.kind for span in split_passages(text, "ar")] == ["body"]


def test_headings_have_at_most_12_words_and_titles_250_characters() -> None:
    twelve = "نان تازه در شهر ما از این پس هر روز صبح هست"
    assert passage_texts(f"{NEWS}\n{twelve}\n{NEWS}", 14) == [NEWS, f"{twelve}\n{NEWS}"]
    assert passage_texts(f"{NEWS}\n{twelve} و\n{NEWS}", 14) == [NEWS, f"{twelve} و", NEWS]
    title = ("ن" * 9 + " ") * 25
    assert [next(iter_lines(f"{title[:-1]}{more}\n{NEWS}")).kind for more in ("ن", "نن")] == ["title", "body"]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("والخبز", [("خبز", "خبز")]),
        ("x ab abc", [("abc", "abc")]),  # Latin words of two letters are left out
        ("۷ ب نان", [("نان", "نان")]),
        ("a" * 59, [("a" * 59, "a" * 59)]),
        ("a" * 60, []),
    ],
)
def test_token_thresholds(text: str, pairs: list) -> None:
    assert tokenize(text) == pairs
