"""Sentences, and passages with their kinds, as exact spans of the source."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topiclib.corpus.passages import split_passages
from topiclib.text import detect_voice, split_sentences

texts = st.text(alphabet='اب تمنی.؟!،:"«»()\n –-12a', max_size=200)
BODY_FA = "وزیر خارجه روسیه روز چهارشنبه در دیدار با همتای ایرانی خود ابراز امیدواری کرد که اختلاف دو کشور حل شود."
BODY_AR = (
    "أكد وزير الخارجية الإيراني أن المباحثات مع نظيره الروسي تناولت المجالات السياسية "
    "والدفاعية والاقتصادية بين البلدين."
)


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("او رفت. او آمد؟ بله!", "fa", ["او رفت.", "او آمد؟", "بله!"]),
        ("ذهب الوزير. وعاد أمس.", "ar", ["ذهب الوزير.", "وعاد أمس."]),
        ("قيمتها 4.8 مليار دولار. انتهى", "ar", ["قيمتها 4.8 مليار دولار.", "انتهى"]),
        ("سایت bbc.com خبر داد. تمام", "fa", ["سایت bbc.com خبر داد.", "تمام"]),
        ("گفت: «می‌آیم.» او رفت.", "fa", ["گفت: «می‌آیم.»", "او رفت."]),
        ('قال: "سنعود." ثم ذهب.', "ar", ['قال: "سنعود."', "ثم ذهب."]),
        ("سفر کرد.وزیر گفت", "fa", ["سفر کرد.", "وزیر گفت"]),
        ("یک\nدو\n\nسه", "fa", ["یک", "دو", "سه"]),
        ("م. احمدی آمد.", "fa", ["م. احمدی آمد."]),
        ("«ما می‌مانیم» «آنها می‌روند»", "fa", ["«ما می‌مانیم»", "«آنها می‌روند»"]),
        ('وقال "نحن باقون" وأضاف أنهم ذاهبون.', "ar", ['وقال "نحن باقون"', "وأضاف أنهم ذاهبون."]),
        ("صبر کن... بعد برو.", "fa", ["صبر کن...", "بعد برو."]),
        ("موسیقی، نقاشی و ... آموزش داده شد. تمام", "fa", ["موسیقی، نقاشی و ... آموزش داده شد.", "تمام"]),
        ("«خبر»، «گزارش»و...چاپ شد. تمام", "fa", ["«خبر»، «گزارش»و...چاپ شد.", "تمام"]),
        ("فضل ا... کریمی آمد. تمام", "fa", ["فضل ا... کریمی آمد.", "تمام"]),
        ("كل الأسهم (...) تراجعت أمس. انتهى", "ar", ["كل الأسهم (...) تراجعت أمس.", "انتهى"]),
        ("أعلنت جيه. إل.إل نتائجها. انتهى", "ar", ["أعلنت جيه. إل.إل نتائجها.", "انتهى"]),
        ("۱. خدمات مشتری. ۲. فروش.", "fa", ["۱. خدمات مشتری.", "۲. فروش."]),
        ("ماذا حدث؟ .. ثم لماذا؟", "ar", ["ماذا حدث؟ ..", "ثم لماذا؟"]),
        ("ذهب الوزير. ماذا حدث؟ .. ثم لماذا؟", "ar", ["ذهب الوزير.", "ماذا حدث؟ ..", "ثم لماذا؟"]),
        ("", "fa", []),
        ("  \n ", "ar", []),
    ],
)
def test_sentences(text: str, lang: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in split_sentences(text, lang)] == expected


def kinds(text: str, lang: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in split_passages(text, lang, 120)]


@pytest.mark.parametrize(
    ("lines", "lang", "expected"),
    [
        (["لاوروف در تهران با وزیر خارجه دیدار کرد", BODY_FA * 6], "fa", ["title", "body"]),
        (["لاوروف در تهران با وزیر خارجه دیدار کرد", BODY_FA], "fa", ["body"]),  # a short article is one passage
        (["لافروف يلتقي نظيره في موسكو", "صابر غل عنبري", BODY_AR * 9], "ar", ["title", "byline", "body", "body"]),
        ([BODY_FA * 4, "در آستانه امضای معاهده", BODY_FA * 4], "fa", ["body", "body"]),
        ([BODY_FA, "حسین احمدی (چپ) صبح چهارشنبه به مسکو رفت", BODY_FA], "fa", ["body", "caption"]),
        ([BODY_FA, "بخشی از دیدار وزرای خارجه برگزار شد", BODY_FA], "fa", ["body"]),
        (["دیدار وزیران در تالار بزرگ شهر (رویترز) " + BODY_FA, BODY_FA], "fa", ["caption", "body"]),
        (["لافروف خلال مؤتمر صحافي في موسكو (رويترز) " + BODY_AR, BODY_AR], "ar", ["caption", "body"]),
        ([BODY_AR, "تنويه: المقالات تمثل رأي كتابها", "–"], "ar", ["body", "boilerplate", "boilerplate"]),
        ([BODY_FA, "انتهای پیام"], "fa", ["body", "boilerplate"]),
        ([BODY_AR, "المصدر: وكالات"], "ar", ["body", "byline"]),
        # The same signs in both languages.
        ([BODY_FA, "(عکس از رویترز)"], "fa", ["body", "caption"]),
        ([BODY_AR, "(الصورة من رويترز)"], "ar", ["body", "caption"]),
        ([BODY_FA, "خبرنگار: مریم احمدی", "ترجمه: م. احمدی"], "fa", ["body", "byline", "byline"]),
        ([BODY_AR, "المراسلة: مريم أحمدي", "ترجمة: م. أحمدي"], "ar", ["body", "byline", "byline"]),
        (["خبرنگار: چرا استعفا دادید؟", "وزیر: بودجه نرسید", "خبرنگار: پس چه می‌کنید؟"], "fa", ["body"]),
        (["المراسل: لماذا استقلت؟", "الوزير: لم تصل الميزانية", "المراسل: ماذا ستفعل؟"], "ar", ["body"]),
        # A caption without an article is a post.
        (["عکس: راهپیمایی در تهران"], "fa", ["body"]),
        (["صورة: مسيرة في طهران"], "ar", ["body"]),
        (["منبع: رویترز", "انتهای پیام"], "fa", ["body", "boilerplate"]),
    ],
)
def test_kinds(lines: list[str], lang: str, expected: list[str]) -> None:
    assert [kind for kind, _ in kinds("\n".join(lines), lang)] == expected


def test_a_heading_stays_with_the_text_below_it() -> None:
    text = "\n".join([BODY_FA * 5, "در آستانه امضای معاهده", BODY_FA * 2])
    assert kinds(text, "fa")[-1] == ("body", f"در آستانه امضای معاهده\n{BODY_FA * 2}")


def test_passages_end_at_sentence_boundaries() -> None:
    text = " ".join([BODY_FA] * 20)
    spans = split_passages(text, "fa", 50)
    assert all(text[span.end - 1] == "." for span in spans)
    assert max(len(text[span.start : span.end].split()) for span in spans) <= 50


def test_a_sentence_that_is_too_long_is_split_at_spaces() -> None:
    text = "واژه " * 100
    assert [len(text[start:end].split()) for start, end, _ in split_passages(text, "fa", 30)] == [30, 30, 30, 10]


def test_max_words_of_0_raises() -> None:
    with pytest.raises(ValueError, match="max_words is 0"):
        split_passages("متن", "fa", 0)


@settings(max_examples=150)
@given(texts, st.sampled_from(["fa", "ar", "other"]))
def test_sentences_cover_the_text_once(text: str, lang: str) -> None:
    check_cover(text, split_sentences(text, lang))


@settings(max_examples=300)
@given(texts, st.sampled_from(["fa", "ar", "other"]), st.integers(1, 12))
def test_passages_cover_the_text_once(text: str, lang: str, max_words: int) -> None:
    """Passages do not overlap, nor do the lines left out, which lie between passages or within one."""
    spans = split_passages(text, lang, max_words, repeated={"اب"})
    assert spans == sorted(spans, key=lambda span: span.start)
    outer = [span for i, span in enumerate(spans) if not any(s.start < span.end <= s.end for s in spans[:i])]
    inner = [span for span in spans if span not in outer]
    check_cover(text, [(span.start, span.end) for span in outer])
    assert all(last.end <= span.start for last, span in pairwise(inner))
    assert not any(span.kind == "title" for span in inner)


def check_cover(text: str, spans: list[tuple[int, int]]) -> None:
    ends = [0, *(end for _, end in spans)]
    assert all(last <= start < end for last, (start, end) in zip(ends, spans, strict=False))
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)
    assert "".join("".join(text[start:end] for start, end in spans).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وزیر گفت: «همکاری‌های ما علیه هیچ طرفی نخواهد بود و این را بارها گفته‌ایم.»", "quoted"),
        ('قال إن "استمرار التوترات في هذه المنطقة لن يصب في مصلحة أحد على الإطلاق".', "quoted"),
        ("وزیر خارجه روسیه گفت که با طرف ایرانی در این باره صحبت کرده است.", "relayed"),
        ("وأضاف الوزير الروسي أنه بحث مع نظيره القضية الفلسطينية.", "relayed"),
        ("نزدیکی ایران و روسیه در دو دهه اخیر افزایش یافته است.", "own"),
        ("وصف الهجوم بأنه «إرهابي» وسط مخاوف غربية متزايدة من التعاون.", "own"),
        ("", "own"),
    ],
)
def test_voice(text: str, expected: str) -> None:
    assert detect_voice(text) == expected
