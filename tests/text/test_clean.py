"""`clean` removes web remnants and leaves clean text unchanged."""

import re

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
        (ARABIC.encode().decode("cp1256"), ARABIC),
        (PERSIAN.encode().decode("cp1256"), PERSIAN),
        ("> متن\n>> نقل\n > > نقل", "متن\nنقل\nنقل"),
        ("برجام\u200c2 و کووید\u200c۱۹", "برجام\u200c 2 و کووید\u200c ۱۹"),
        ("RT @kanal: متن", " متن"),
        ("متن\x00 تمام\ud800", "متن تمام"),
        ("انتهای پیام", ""),
        ("رأی به #برجام_نه و #توافق", "رأی به  برجام نه و  توافق"),
        ("وسم #الاتفاق_النووي", "وسم  الاتفاق النووي"),
        ("#توافق\u200cهسته\u200cای", " توافق هسته\u200cای"),
        ("#توافق·هسته\u200cای", " توافق هسته\u200cای"),
        ("#توافق-هسته\u200cای_ایران", " توافق هسته\u200cای ایران"),
        ("#شوراي\u200cامنيت #تحریم\u200cها", " شوراي امنيت  تحریم\u200cها"),
        ("#گفت\u200cوگو #شهر\u200cها #نمی\u200cخواهیم", " گفت\u200cوگو  شهر\u200cها  نمی\u200cخواهیم"),
        ("#Covid-19 و #JCPOA_now", " Covid-19 و  JCPOA_now"),
        ("خبر_فوری: زلزله", "خبر فوری: زلزله"),
        ("وین\\nبرجام\\r\\nتحریم\\u200cها", "وین\nبرجام\n\nتحریم\u200cها"),
        ("\\u062e\\u0628\\u0631", "خبر"),
        ("متن_x000D_\nمتن", "متن\nمتن"),
        ('<!-- wp:paragraph {"a":1} --><p>متن</p><!-- /wp:paragraph -->', "  متن  "),
        ("<script>var a = 'خبر';\nif (a<b) {}</script>متن", " متن"),
        ('[caption id="x" width="3"]متن[/caption]', " متن "),
        ('[vc_row][vc_column width="1/2"]متن[/vc_column][/vc_row]', "  متن  "),
        ("با @kanal_fa و t.me/kanal و news.ir/1 و info@news.ir گفت", "با  و  و  و  گفت"),
        ("https://t.me/kanalخبر مهم", "خبر مهم"),
        ("https://example.org/wiki/ایران خبر", " خبر"),
        ("شرکتApple و Googleدر تهران", "شرکت Apple و Google در تهران"),
        ("برجام2 و 19کووید", "برجام 2 و 19 کووید"),
        ("&lt;p&gt;متن&lt;/p&gt;&amp;zwnj;", " متن \u200c"),
        ("&#1606;&#x627;&#1606;", "نان"),
        ("متن\nکلیه حقوق مادی و معنوی این سایت محفوظ است.", "متن"),
        ("متن\nتمامی حقوق محفوظ است ©", "متن"),
        ("نص\nجميع الحقوق محفوظة لموقع الأخبار 2023", "نص"),
        ("متن\n© ۱۴۰۲ سپیدار. تمامی حقوق برای این سایت محفوظ است.", "متن"),
        ("نص\n© 2023 السنديان. جميع الحقوق محفوظة.", "نص"),
        ("نص\nحقوق النشر محفوظة لصحيفة البلاد الجديدة، وتحظر إعادة النشر", "نص"),
        ("نص\nشاهد أيضا: الجفاف", "نص"),
        ("نص\nطالع أيضًا | الجفاف", "نص"),
        ("متن\nاین خبر را هم بخوانید: آب", "متن"),
        ("RT @farsnews: وزیر آمد", " وزیر آمد"),
        ("متن\n(function(d,s){var js=d.getElementsByTagName(s)[0];}(document,'script'));", "متن\n"),
        ("نص\n.vote ul { padding: 0; margin: 0; }\nنص\njQuery(document).ready(load);", "نص\n\nنص\n"),
        ("**تحریم** و __مجلس__", "تحریم و  مجلس "),
        ("نص\nسياسة الخصوصية | اتصل بنا", "نص"),
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
        "تمامی حقوق این کارگران باید تا پایان ماه پرداخت شود.",
        "همه حقوق این زمین به روستاییان رسید.",
        "کلیه حقوق کارکنان این خبرگزاری پرداخت شد.",
        "جميع حقوق العمال يجب أن تدفع قبل نهاية الشهر.",
        "جميع الحقوق محفوظة للعمال في الدستور الجديد كما قال الوزير.",
        "حقوق النشر محفوظة للمؤلف بموجب قانون أقره البرلمان أمس.",
        "المزيد من الأخبار السيئة في انتظار الأسواق.",
        "مطالب مرتبط با این پرونده به دادگاه رفت.",
        "سیاست حفظ حریم خصوصی این شرکت در مجلس نقد شد.",
        "سياسة الخصوصية في هذا التطبيق موضع جدل.",
        "[ادامه دارد] و [1] و نوع C# و a_b",
        "AT&T و R&D",
        "Ça va très bien à l'école",
        "تابع {x: 1} و f(x); است",
        "He smiled (as ever); they left. {sic}",
        "به گزارش خبرگزاری فارس، وزیر گفت.",
        "او درباره حقوق بشر و حریم خصوصی گفت.",
        "پیام او به انتها رسید.",
        "شاهد أيضا عشرات المشجعين المباراة.",
        "حقوق العمال محفوظة بنص القانون.",
        "- یک\n- دو",
        "Their Privacy Policy is what the court talked about. " * 8,  # a paragraph, not a notice
        "",
    ],
)
def test_clean_text_is_unchanged(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("name", ["ntrex_segments_fa_ar_en.dev", "sib200_fa_ar_en.traindev"])
def test_clean_corpora_lose_addresses_only(name: str, corpus) -> None:
    """Spaces may be added between scripts: these corpora have words such as Solidمفتوحة."""
    has_address = re.compile(r"@|\.com")
    rows = [row["text"] for row in corpus(name)]
    assert all(clean(text).replace(" ", "") == text.replace(" ", "") for text in rows if not has_address.search(text))
    assert sum(clean(text) != text for text in rows) < 0.02 * len(rows)


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


@pytest.mark.parametrize("title", ["نان ثابت ماند - نمونهٔ روز", "نمونه روز | نان ثابت ماند", "نان ثابت ماند"])
def test_the_outlet_is_removed_from_a_title(title: str) -> None:
    assert remove_site_name(title, "دولت گفت", "نمونه روز") == "نان ثابت ماند"
