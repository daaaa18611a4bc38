"""Passages: the table, reprints, and the five seed articles."""

import textwrap
import time
import unicodedata

import pandas as pd
import pytest

from topiclib import schema
from topiclib.corpus.documents import to_documents
from topiclib.corpus.flow import count_flow
from topiclib.corpus.passages import make_passages
from topiclib.text import fold
from topiclib.themes import match_themes, read_themes

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
    title = "لافروف يلتقي نظيره الإيراني"
    text = " ".join([ARABIC] * 4)
    first = make_passages(frame(text).assign(title=title)).iloc[0]
    assert (first["kind"], first["start"], first["end"]) == ("title", -1, -1)
    kinds = make_passages(frame(f"{title}\n{text}").assign(title=title))["kind"].tolist()
    assert kinds == ["title", "body", "body"]


def test_the_title_of_a_short_article_is_part_of_its_one_passage() -> None:
    title = "لافروف يلتقي نظيره الإيراني"
    in_column, in_text = frame(ARABIC).assign(title=title), frame(f"{title}\n{ARABIC}")
    one, same = make_passages(in_column), make_passages(in_text)
    assert one["text"].tolist() == same["text"].tolist()
    assert ARABIC[one["start"][0] : one["end"][0]] == ARABIC


@pytest.mark.parametrize("site", ["{} - خبرگزاری نمونه", "سایت نمونه | {}", "{} » نمونه"])
def test_a_title_with_the_name_of_the_site_is_the_headline(site: str) -> None:
    headline = "نرخ سود بانکی بالا رفت"
    documents = frame(f"{headline}\n{PERSIAN}\n{OTHER_PERSIAN}").assign(title=site.format(headline))
    assert make_passages(documents)["kind"].tolist().count("title") == 1
    assert "نمونه" not in " ".join(make_passages(documents)["text"])


@pytest.mark.parametrize(("text", "lang"), [(PERSIAN, "fa"), (ARABIC, "ar")])
def test_reversed_letters_are_left_out_with_their_reason(text: str, lang: str) -> None:
    lines = [line[::-1] for line in textwrap.wrap(text.replace("\n", " "), 60)]
    documents = to_documents(frame("\n".join(lines)))
    passages = make_passages(documents, keep="all")
    assert documents["lang"].tolist() == [lang]
    assert set(passages["kind"]) == {"reversed"} and not passages["modeled"].any()
    flow = count_flow(documents, passages).set_index(["step", "reason"])["n"]
    assert flow["words left out", "reversed letters"] == len(text.split())
    mixed = make_passages(frame(f"{text}\n{lines[0]}\n{text}"), keep="all")
    assert mixed["kind"].tolist().count("reversed") == 1


WRITTEN_AS = {
    "presentation forms": lambda text: "".join(PRESENTATION_FORMS.get(letter, letter) for letter in text),
    "numeric references": lambda text: "".join(letter if letter == " " else f"&#{ord(letter)};" for letter in text),
    "escapes": lambda text: text.encode("unicode_escape").decode(),
    "mojibake": lambda text: text.encode().decode("latin-1"),
    "heh of another keyboard": lambda text: text.replace("ه", "ہ"),
    "heh with yeh above": lambda text: text.replace("ه ", "ۀ "),
    "after markup": lambda text: "<div class='article-body main-column'>" * 90 + text,
    "after an address": lambda text: f"https://example.org/{'news-' * 30} {text}",
}
PRESENTATION_FORMS = {
    normal: chr(code) for code in range(0xFE80, 0xFEF5) if len(normal := unicodedata.normalize("NFKC", chr(code))) == 1
}


@pytest.mark.parametrize("written", WRITTEN_AS.values(), ids=WRITTEN_AS.keys())
@pytest.mark.parametrize(("text", "lang"), [(OTHER_PERSIAN, "fa"), (ARABIC, "ar")])
def test_articles_and_passages_have_one_language_however_written(text: str, lang: str, written) -> None:
    documents = to_documents(frame(written(text)))
    passages = make_passages(documents, keep="all")
    assert documents["lang"].tolist() == passages["lang"].tolist() == [lang]
    assert passages["modeled"].all()
    assert fold(passages["text"].iloc[0]) == fold(text)


def test_hashtags_count_for_themes() -> None:
    documents = frame("#برجام_نه", "#الاتفاق_النووي", "رأی به برجام2", "وین\\nبرجام ادامه دارد")
    passages = make_passages(documents.assign(lang=["fa", "ar", "fa", "fa"]))
    matches = match_themes(passages, read_themes())
    assert set(matches["passage_id"]) == set(passages["passage_id"]) and set(matches["theme"]) == {"jcpoa"}


FURNITURE = {
    "wages": ("تمامی حقوق این کارگران باید پرداخت شود", "جميع حقوق هؤلاء العمال يجب أن تدفع"),
    "a sentence": ("نمایندگان در جلسه یارانه نان را بررسی کردند", "بحث النواب في جلسة أمس دعم الخبز في المدن"),
    "photo": ("عکس: دیدار وزیران در تهران", "صورة: لقاء الوزراء في طهران"),
    "photo credit": ("دیدار وزیران در تالار شهر (رویترز)", "لقاء الوزراء في قاعة المدينة (رويترز)"),
    "copyright": ("کلیه حقوق مادی و معنوی این سایت محفوظ است", "جميع الحقوق محفوظة لموقع الأخبار"),
    "more to read": ("بیشتر بخوانید: خبر دیگر روز", "اقرأ أيضا: خبر آخر من اليوم"),
    "heading": ("در آستانه امضای معاهده", "على أعتاب توقيع المعاهدة"),
    "hashtags": ("#برجام_نه #تحریم @kanal t.me/kanal", "#الاتفاق_النووي #العقوبات @qanat t.me/qanat"),
    "privacy": ("سیاست حفظ حریم خصوصی این شرکت نقد شد", "سياسة الخصوصية لهذه الشركة انتقدت أمس"),
}


@pytest.mark.parametrize("name", FURNITURE)
@pytest.mark.parametrize("layout", ["lines", "wrapped", "without full stops"])
def test_the_same_furniture_takes_the_same_share_of_words_in_both_languages(name: str, layout: str, corpus) -> None:
    """The NTREX documents are translations: what is left out of them differs by less than a point."""
    documents: dict[tuple[str, str], list[str]] = {}
    for row in corpus("ntrex_segments_fa_ar_en.dev"):
        documents.setdefault((row["lang"], row["doc_id"]), []).append(row["text"].strip())
    kept = {}
    for lang, line in zip(("fa", "ar"), FURNITURE[name], strict=True):
        texts, own_words = [], 0
        for segments in [segments for key, segments in documents.items() if key[0] == lang][::3]:
            if layout == "without full stops":
                segments = [segment.rstrip(".؟!") for segment in segments]
            own_words += sum(len(segment.split()) for segment in segments)
            lines = [piece for i, segment in enumerate(segments) for piece in ([segment, line] if i % 3 else [segment])]
            texts.append(
                "\n".join("\n".join(textwrap.wrap(each, 68)) if layout == "wrapped" else each for each in lines)
            )
        passages = make_passages(frame(*texts), keep="all")
        passages = passages[passages["reprint_of"] == ""]
        lost = sum(len(set(text.split()) - set(line.split())) for text in passages.loc[~passages["modeled"], "text"])
        kept[lang] = 1 - lost / own_words
    assert abs(kept["fa"] - kept["ar"]) < 0.01
    assert min(kept.values()) > 0.99


@pytest.mark.parametrize("n_words", range(108, 126))
@pytest.mark.parametrize("column", [True, False])
def test_no_word_of_an_article_is_lost_around_the_length_of_a_short_one(n_words: int, column: bool) -> None:
    title, text = "خبر تازه از شهر ما", " ".join(f"واژه{i}" for i in range(n_words)) + "."
    documents = frame(text).assign(title=title) if column else frame(f"{title}\n{text}")
    passages = make_passages(documents)
    # A space is put between letters and digits.
    assert "".join(fold(" ".join(passages["text"])).split()) == "".join(fold(f"{title} {text}").split())
    assert (len(passages) == 1) == (n_words + 5 <= 120)


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


SITE = {
    "fa": ["سپیدار، دریچه‌ای رو به شهر", "این مطلب را برای دوستان خود بفرستید و نظرتان را پایین صفحه بنویسید",
           "سپیدار را در همه پیام‌رسان‌ها پیدا کنید و همراه ما بمانید", "پرونده‌های هفته را در برگه ویژه سپیدار بخوانید"],
    "ar": ["السنديان، نافذة على المدينة", "أرسل هذه المادة إلى أصدقائك واكتب رأيك في أسفل الصفحة",
           "تجدون السنديان في كل تطبيقات المراسلة فابقوا معنا دائما", "ملفات الأسبوع في صفحة السنديان الخاصة بالقراء"],
}  # fmt: skip
SHORT_TEXTS = {
    "fa": ["باران دیشب رودخانه را پر آب کرد و دو پل بسته شد.", "موزه تازه شهر با پنجاه تابلو باز شد.",
           "تیم والیبال بانوان در دیدار نهایی جام باشگاه‌ها پیروز شد.", "بهای گندم ده درصد پایین آمد."],
    "ar": ["فاضت مياه النهر بعد أمطار الليل وأغلق جسران في البلدة.", "افتتح متحف المدينة بخمسين لوحة.",
           "فاز فريق السيدات للكرة الطائرة بكأس الأندية في النهائي.", "تراجع سعر القمح عشرة في المئة."],
}  # fmt: skip


@pytest.mark.parametrize("lang", ["fa", "ar"])
@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize("place", ["before", "after", "around"])
def test_articles_that_share_only_the_lines_of_their_site_are_not_reprints(lang, n, place) -> None:
    before, after = {"before": (4, 0), "after": (0, 4), "around": (2, 2)}[place]
    texts = ["\n".join([*SITE[lang][:before], text, *SITE[lang][4 - after :]]) for text in SHORT_TEXTS[lang][:n]]
    assert make_passages(frame(*texts).assign(source="a"))["doc_id"].nunique() == n


@pytest.mark.parametrize("lang", ["fa", "ar"])
def test_a_post_that_an_outlet_publishes_again_is_a_reprint(lang) -> None:
    post = "\n".join([*SHORT_TEXTS[lang], *SITE[lang]])
    corrected = "\n".join([{"fa": "اصلاحیه:", "ar": "تصحيح:"}[lang], *SHORT_TEXTS[lang], *SITE[lang]])
    passages = make_passages(frame(post, corrected, "\n".join(SITE[lang])).assign(source="a"), keep="all")
    assert passages[passages["reprint_of"] != ""]["doc_id"].nunique() == 2


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
    assert {"title", "byline", "caption", "boilerplate"} <= set(passages["kind"])
    assert {"own", "quoted", "relayed"} == set(modeled["voice"])
    assert modeled["text"].str.split().str.len().max() <= 125  # normalization splits some run-together words
    assert (passages["reprint_of"] == "").all()


def test_a_headline_with_the_name_of_its_site_is_one_passage() -> None:
    body = f"وزیر خارجه به تهران رفت\n{PERSIAN}"
    pages = pd.DataFrame({"title": ["وزیر خارجه به تهران رفت - خبرگزاری نمونه"] * 2, "text": [body, PERSIAN]})
    for max_words in (120, 30):  # a short article, which is one passage with its title, and a longer one
        passages = make_passages(pages, keep="all", max_words=max_words)
        texts = passages.groupby("doc_id")["text"].agg("\n".join)
        assert texts.str.count("وزیر خارجه به تهران رفت").tolist() == [1, 1]
        assert not texts.str.contains("نمونه").any()
