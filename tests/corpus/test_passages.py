"""Passages: the table, reprints, and the five seed articles."""

import time

import pandas as pd
import pytest

from topiclib import schema
from topiclib.corpus.passages import make_passages
from topiclib.text import fold

PERSIAN = (
    "وزیر خارجه روسیه روز چهارشنبه در دیدار با همتای ایرانی خود ابراز امیدواری کرد که اختلاف ایران "
    "و جمهوری آذربایجان به زودی حل و فصل شود. دور تازه تنش میان تهران و باکو در پی حمله مسلحانه یک "
    "مهاجم به سفارت جمهوری آذربایجان در ایران آغاز شد.\n"
    "مذاکرات احیای برجام در سال گذشته به بن‌بست رسید و از آن زمان تحول مهمی در ارتباط با این "
    "مذاکرات رخ نداده است و تحریم‌های آمریکا علیه بخش‌های نفت و بانک همچنان برقرار مانده و صادرات "
    "کشور را محدود کرده است."
)
ARABIC = (
    "أكد وزير الخارجية الإيراني أن المباحثات مع نظيره الروسي تناولت المجالات السياسية والدفاعية "
    "والاقتصادية بين البلدين، وأعلن استعداد بلاده للتوسط لوقف الحرب في أوكرانيا وبذل مساعيها في هذا "
    "الاتجاه خلال الأسابيع المقبلة من دون شروط مسبقة."
)
OTHER_PERSIAN = (
    "تیم ملی فوتبال ایران در دیدار دوستانه امشب برابر تیم ازبکستان با نتیجه یک بر صفر به پیروزی "
    "رسید و سرمربی تیم پس از بازی از عملکرد مهاجمان جوان خود در نیمه دوم این مسابقه ابراز رضایت کرد "
    "و آنان را ستود."
)


def frame(*texts: str) -> pd.DataFrame:
    return pd.DataFrame({"text": texts})


def test_only_the_column_text_is_required() -> None:
    passages = make_passages(frame(PERSIAN, ARABIC))
    assert list(passages.columns) == list(schema.get_table("passages").columns)
    assert list(passages["doc_id"].unique()) == ["row-1", "row-2"]
    assert list(passages["lang"].unique()) == ["fa", "ar"]
    assert passages["modeled"].all()
    assert passages["passage_id"].is_unique


def test_start_and_end_are_offsets_in_the_documents_text() -> None:
    for row in make_passages(frame(PERSIAN, ARABIC), keep="all").itertuples():
        source = {"row-1": PERSIAN, "row-2": ARABIC}[row.doc_id]
        assert fold(source[row.start : row.end]).split() == fold(row.text).split()


def test_a_title_column_comes_first_unless_the_text_begins_with_it() -> None:
    documents = frame(ARABIC).assign(title="لافروف يلتقي نظيره الإيراني")
    first = make_passages(documents).iloc[0]
    assert (first["kind"], first["start"], first["end"]) == ("title", -1, -1)
    assert make_passages(frame(f"لافروف يلتقي نظيره الإيراني\n{ARABIC}").assign(title="لافروف يلتقي نظيره الإيراني"))[
        "kind"
    ].tolist() == ["title", "body"]


def test_other_languages_are_not_modeled() -> None:
    passages = make_passages(
        frame("The foreign minister said that the talks would go on for another week.", PERSIAN), keep="all"
    )
    assert passages.groupby("lang")["modeled"].all().to_dict() == {"fa": True, "other": False}
    assert "other" not in set(make_passages(frame("The minister said that talks go on.", PERSIAN))["lang"])


def test_an_arabic_paragraph_in_a_persian_article_is_arabic() -> None:
    passages = make_passages(frame(f"{PERSIAN}\n{ARABIC}\n{PERSIAN[:118]}"), keep="all")
    assert passages.loc[passages["text"].str.startswith("أكد"), "lang"].tolist() == ["ar"]


SPELLING = str.maketrans("یک", "يك")
REPRINTS = {
    "the same": PERSIAN,
    "re-spelled": PERSIAN.translate(SPELLING),
    "half-spaces lost": PERSIAN.replace("\u200c", " "),
    "one paragraph": PERSIAN.replace("\n", " "),
    "cut short": " ".join(PERSIAN.split(" ")[:50]),
    "framed": f"به گزارش خبرگزاری ما، {PERSIAN}\nانتهای پیام",
    "edited": " ".join(word for i, word in enumerate(PERSIAN.split(" ")) if i % 12),
}


@pytest.mark.parametrize("reprint", REPRINTS.values(), ids=REPRINTS.keys())
@pytest.mark.parametrize("first", [True, False])
def test_a_reprint_is_modeled_once(reprint: str, first: bool) -> None:
    texts = (reprint, PERSIAN, OTHER_PERSIAN) if first else (PERSIAN, OTHER_PERSIAN, reprint)
    passages = make_passages(frame(*texts), keep="all")
    passages = passages[passages["kind"] != "boilerplate"]
    reprints = passages[passages["reprint_of"] != ""]
    assert reprints["doc_id"].nunique() == 1
    assert len(reprints) == passages[passages["doc_id"].isin(reprints["doc_id"])].shape[0]
    assert not reprints["modeled"].any()
    assert passages["n_reprints"].sum() == len(reprints)
    assert set(reprints["reprint_of"]) <= set(passages["passage_id"])


def test_unrelated_articles_with_the_same_headline_are_not_reprints() -> None:
    texts = [f"أسعار الذهب اليوم في الأسواق\n{ARABIC}", f"أسعار الذهب اليوم في الأسواق\n{PERSIAN}", OTHER_PERSIAN]
    assert (make_passages(frame(*texts), keep="all")["reprint_of"] == "").all()


@pytest.mark.parametrize("form", ["lines that differ in a number", "the same title and footer"])
def test_shared_titles_and_formulas_do_not_make_time_quadratic(form) -> None:
    """4,000 lines that differ in a number once took 13 s. Eight times the articles should take about eight times as
    long, not sixty-four times.
    """

    def seconds(n: int) -> float:
        if form == "lines that differ in a number":
            lines = (f"بانک مرکزی امروز بهای دلار را در بازار آزاد تهران {i} تومان اعلام کرد" for i in range(n))
            documents = frame(*lines)
        else:
            texts = [" ".join(f"واژه{i}{k}" for k in range(30)) for i in range(n)]
            documents = frame(*(f"{text}.\n(عکس: آرشیو)" for text in texts)).assign(title="تیتر یک امروز")
        start = time.process_time()
        assert (make_passages(documents, keep="all")["reprint_of"] == "").all()
        return time.process_time() - start

    seconds(300)  # the first call reads word lists
    assert seconds(3200) < 24 * max(seconds(400) for _ in range(3))


def test_dropped_documents_have_no_passages() -> None:
    documents = frame(PERSIAN, ARABIC).assign(dropped=["duplicate", ""])
    assert set(make_passages(documents)["lang"]) == {"ar"}


def test_empty_documents_give_an_empty_table() -> None:
    assert make_passages(frame("", "   ", None)).empty
    assert make_passages(frame()).columns.tolist() == list(schema.get_table("passages").columns)


@pytest.mark.parametrize(
    ("documents", "options", "message"),
    [
        (pd.DataFrame({"body": ["x"]}), {}, "text"),
        (frame("x"), {"keep": "some"}, "'some'"),
        (frame("x"), {"max_words": 0}, "max_words is 0"),
        (frame("x", "y").assign(doc_id="a"), {}, "'a'"),
    ],
)
def test_invalid_input_raises(documents: pd.DataFrame, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_passages(documents, **options)


def test_passages_of_the_seed_articles(articles: dict[str, str]) -> None:
    documents = pd.DataFrame({"doc_id": list(articles), "text": list(articles.values())})
    passages = make_passages(documents, keep="all")
    assert passages.groupby("doc_id")["lang"].first().to_dict() == {
        "000": "fa", "001": "fa", "002": "ar", "003": "fa", "004": "ar"
    }  # fmt: skip
    modeled = passages[passages["modeled"]]
    assert not modeled["text"].str.contains("img src|تنويه|Privacy").any()
    assert {"title", "byline", "caption", "boilerplate", "heading"} <= set(passages["kind"])
    assert {"own", "quoted", "relayed"} == set(modeled["voice"])
    assert modeled["text"].str.split().str.len().max() <= 125  # normalization splits some run-together words
    assert (passages["reprint_of"] == "").all()


def test_a_headline_with_the_name_of_its_site_is_one_passage() -> None:
    body = f"وزیر خارجه به تهران رفت\n{PERSIAN}"
    pages = pd.DataFrame({"title": ["وزیر خارجه به تهران رفت - خبرگزاری نمونه"] * 2, "text": [body, PERSIAN]})
    passages = make_passages(pages, keep="all")
    titles = passages[passages["kind"] == "title"]
    assert titles["text"].tolist() == ["وزیر خارجه به تهران رفت"] * 2
    assert titles["doc_id"].tolist() == ["row-1", "row-2"]
