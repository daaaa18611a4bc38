"""Tokenization: whole words without stop words, and one lemma for all forms."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topiclib.text import analyze, clean, identify_language, normalize, tokenize, tokens
from topiclib.text.letters import WordCache
from topiclib.text.tokens import shown_words, word_family


@pytest.mark.parametrize(
    ("text", "lemmas"),
    [
        ("تحریم‌های آمریکا", ["تحریم", "آمریکا"]),
        ("مذاکرات هسته‌ای", ["مذاکره", "هسته‌ای"]),
        ("برجام و کوبا و کشورهای قفقاز", ["برجام", "کوبا", "کشور", "قفقاز"]),
        ("او می‌گوید که این را نمی‌دانیم", []),
        ("در سال ۱۴۰۲ و 2023 گفت", []),
        ("وزیر کشورمان", ["وزیر", "کشور"]),
        ("العلاقات والعقوبات الأميركية", ["علاقة", "عقوبة", "أميركي"]),
        ("واليمن في اليمن ولليمن", ["اليمن", "اليمن", "اليمن"]),
        ("لأذربيجان وأرمينيا وكوبا وكاراباخ", ["أذربيجان", "أرمينيا", "كوبا", "كاراباخ"]),
        ("وزير البنك والكلب", ["وزير", "بنك", "كلب"]),
        ("وأضاف أنه قال إنها ولكنهم ليسوا", []),
        ("الجُمْهُورِيَّة", ["جمهورية"]),
        ("أمير عبد اللهيان", ["أمير", "عبد اللهيان"]),
        ("the JCPOA and Covid", ["jcpoa", "covid"]),
        ("Élysée", ["élysée"]),
        ("نشد نکرد", []),
        ("اک", []),  # the lemma has one letter
        ("كريستيانو بالحل", ["كريستيانو"]),  # its ك is not the proclitic "like"
        ("", []),
    ],
)
def test_lemmas(text: str, lemmas: list[str]) -> None:
    assert analyze(text) == lemmas


@pytest.mark.parametrize(
    ("standard", "variant"),
    [
        ("البرنامج النووي", "البرنامج النووى"),
        ("الأمم المتحدة", "الامم المتحده"),
        ("قوات الأسد", "قوات الاسد"),
        ("قال إن إسرائيل", "قال ان اسرائيل"),
        ("الحكومة السعودية", "الحكومه السعوديه"),
        ("رئيس سوري", "رئيس سورى"),
        ("لاعب تونسي في النادي", "لاعب تونسى فى النادى"),
        ("ولاية أوروبا وأفريقيا", "ولايه اوروبا وافريقيا"),
        ("الإعلام والأمن والإسلام", "الاعلام والامن والاسلام"),
        ("في مسؤول ومسؤولون", "في مسئول ومسئولون"),
        ("القرآن الكريم", "ٱلقران الكريم"),
        ("الشركة والمدينة في شركة ومدينة", "الشركه والمدينه فى شركه ومدينه"),
        ("انتخابات رئاسية", "إنتخابات رئاسيه"),
        ("الشركة الدستوريه للحوثي", "الشركه الدستورية للحوثى"),  # not in the dictionary
    ],
)
def test_all_spellings_of_an_arabic_word_have_one_lemma(standard: str, variant: str) -> None:
    assert analyze(variant) == analyze(standard) != []


def test_words_that_differ_by_one_mark_stay_apart() -> None:
    assert analyze("الإمام أمام") == ["إمام"]
    assert analyze("في كتابه كتابة") == ["كتاب", "كتب"]
    assert analyze("في قوى قوي") == ["قوى", "قوي"]


@pytest.mark.parametrize(
    ("text", "lemmas"),
    [
        ("في منتخبنا", ["منتخب"]),
        ("لالتزاماتها والتزاماتهم بالتزامهم", ["التزام", "التزام", "التزام"]),
        ("قال إن والدة ووالدته ووكالات في العاصمة", ["والدة", "والدة", "عاصمة"]),  # وكالة is a stop word
        ("زيارته وزيارتها في قراره", ["زيارة", "زيارة", "قرار"]),
        ("في أبنائهم ومستواهم", ["أبن"]),  # مستوى is a stop word
        ("شاركها", []),
        ("تهز وتضرب ويغرد سيغرد لتضرب", []),
        ("إننا نحتاج ونقول ونستطيع", []),
        ("النظام ونظام نتائج نقابة", ["نظام", "نظام", "نتيجة", "نقابة"]),  # no verbs
        ("شاركت أطلقوا استهدف فاز ارتفعت", []),
        ("التحالف تعاون تقرير يمين تراث تجاري", ["تحالف", "تعاون", "تقرير", "يمين", "تراث", "تجاري"]),  # no verbs
        ("الدعم والرفع وقتل", ["دعم", "رفع", "قتل"]),
        ("قال بايدن في واتساب", ["بايدن", "واتساب"]),
        ("والقرار لقرار بالقرار", ["قرار", "قرار", "قرار"]),
    ],
)
def test_arabic_pronouns_verbs_and_prefixes(text: str, lemmas: list[str]) -> None:
    assert analyze(text) == lemmas


@pytest.mark.parametrize(
    ("forms", "shown"),
    [
        ({"بايدن": {"بايدن": 9}, "وبايدن": {"وبايدن": 2}, "لبايدن": {"لبايدن": 1}}, "بايدن بايدن بايدن"),
        ({"واتساب": {"واتساب": 9}, "اتساب": {"اتساب": 1}}, "واتساب اتساب"),  # rarer without its letter
        ({"لندن": {"لندن": 9}, "بلندن": {"بلندن": 3}}, "لندن لندن"),
        ({"بنك": {"بنك": 3}, "نك": {"نك": 5}}, "بنك نك"),  # بنك is in the dictionary
        ({"نسي": {"فالنسيا": 7}}, "فالنسيا"),
        ({"سيسي": {"السيسي": 7, "والسيسي": 9, "سيسي": 2}}, "السيسي"),
        ({"سوري": {"سوري": 2, "سورية": 3}}, "سورية"),
    ],
)
def test_what_one_word_does_not_show_is_decided_from_the_counts(forms: dict, shown: str) -> None:
    assert list(shown_words(forms, "ar").values()) == shown.split()


def test_persian_words_have_no_arabic_prefixes() -> None:
    assert shown_words({"وزیر": {"وزیر": 1}, "زیر": {"زیر": 9}}, "fa") == {"وزیر": "وزیر", "زیر": "زیر"}


@pytest.mark.parametrize(
    "words",
    ["روسيا روسي روسية", "إيران إيراني إيرانية", "السعودية سعودي", "ایران ایرانی", "روسیه روسی", "عملي عملية"],
)
def test_a_name_and_its_adjectives_are_one_family(words: str) -> None:
    assert len({word_family(word) for word in words.split()}) == 1


def test_words_of_one_root_are_different_families() -> None:
    words = ["سياسة", "سياسي", "مدرسة", "مدرس", "عمل", "عملة", "باز", "بازی", "دولة", "دولي"]
    assert len({word_family(word) for word in words}) == len(words)


def test_surface_forms_have_no_proclitics() -> None:
    assert tokenize("لأذربيجان وللعقوبات همکاری‌های") == [
        ("أذربيجان", "أذربيجان"),
        ("عقوبة", "عقوبات"),
        ("همکاری", "همکاری‌های"),
    ]


@pytest.mark.parametrize("word", ["التركى", "والمصرى", "الرئيسى", "الوطنى", "الدولى"])
def test_surface_forms_have_a_yeh_with_dots(word: str) -> None:
    ((lemma, surface),) = tokenize(f"في {word}")
    assert lemma == surface and surface.endswith("ي")


def test_an_ambiguous_word_is_read_in_the_language_before_it() -> None:
    assert analyze("الخارجية مناطق") == ["خارجي", "منطقة"]
    assert analyze("کشور مناطق") == ["کشور", "منطقه"]
    joined = analyze("کشور مناطق الخارجية مناطق")
    assert joined == ["کشور", "منطقه", "خارجي", "منطقة"]


def test_the_analyzer_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(analyze)) is analyze


@settings(max_examples=100)
@given(st.text(alphabet="ابپتكکيیوهةلنسم\u200c\u064b ۱a.،", max_size=80))
def test_tokens_are_words(text: str) -> None:
    for lemma, surface in tokenize(text):
        assert len(lemma) > 1
        assert surface
        assert not any(char.isdigit() for char in lemma)
    assert analyze(text) == [lemma for lemma, _ in tokenize(text)]


STOP = {
    "از", "در", "به", "که", "با", "این", "را", "است", "برای", "آن", "می", "شد",
    "کرد", "في", "من", "على", "إلى", "أن", "عن", "التي", "الذي", "هذا", "مع", "كان",
}  # fmt: skip
NAMES = {
    "000": {"برجام", "ایران", "روسیه", "لاوروف", "آذربایجان", "قفقاز"},
    "001": {"برجام", "استرالیا", "اوکراین"},
    "002": {"إيران", "القوقاز", "اليمن", "السعودية", "لافروف"},
    "003": {"کوبا", "ونزوئلا", "هسته‌ای", "تحریم", "خارجه"},
    "004": {"كاراباخ", "أذربيجان", "أرمينيا", "نووي"},
}


def test_real_articles_give_whole_words(articles: dict[str, str]) -> None:
    for name, text in articles.items():
        lemmas = analyze(normalize(clean(text), identify_language(text)))
        assert NAMES[name] <= set(lemmas)
        assert not STOP & set(lemmas)
        assert not any("وزیرامور" in lemma or lemma.startswith("می\u200c") for lemma in lemmas)


def test_the_cache_is_bounded_and_changes_no_result(monkeypatch) -> None:
    text = "تحریم‌ها علیه ایران و العقوبات على إيران " + "آ" * 80 + " مذاکرات هسته‌ای"
    before = tokens.tokenize(text)
    assert all(len(form) < 60 for _, form in before)
    monkeypatch.setattr(tokens, "_CACHE", WordCache(tokens._make_word, 300))
    tokens.tokenize(" ".join(f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(600)))
    assert tokens.tokenize(text) == before == tokens.tokenize(text)
    assert 0 < len(tokens._CACHE) <= 300
    assert "آ" * 80 not in tokens._CACHE
