"""The words of topics: whole, without stop words, one key for all forms."""

import importlib
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topiclib.text import analyze, clean, identify_language, normalize, tokenize

words = importlib.import_module("topiclib.text.tokens")  # the module: the package has a function of its name


@pytest.mark.parametrize(
    ("text", "keys"),
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
        ("اک", []),  # its lemma is one letter
        ("كريستيانو بالحل", ["كريستيانو"]),  # its ك is no "like"
        ("", []),
    ],
)
def test_keys(text: str, keys: list[str]) -> None:
    assert analyze(text) == keys


def test_surface_forms_come_without_proclitics() -> None:
    assert tokenize("لأذربيجان وللعقوبات همکاری‌های") == [
        ("أذربيجان", "أذربيجان"),
        ("عقوبة", "عقوبات"),
        ("همکاری", "همکاری‌های"),
    ]


def test_a_word_of_both_languages_is_read_as_its_neighbors() -> None:
    assert analyze("الخارجية مناطق") == ["خارجي", "منطقة"]
    assert analyze("کشور مناطق") == ["کشور", "منطقه"]
    joined = analyze("کشور مناطق الخارجية مناطق")
    assert joined == ["کشور", "منطقه", "خارجي", "منطقة"]


def test_it_can_be_pickled_for_the_vectorizer() -> None:
    assert pickle.loads(pickle.dumps(analyze)) is analyze


@settings(max_examples=100)
@given(st.text(alphabet="ابپتكکيیوهةلنسم\u200c\u064b ۱a.،", max_size=80))
def test_tokens_are_words(text: str) -> None:
    for key, surface in tokenize(text):
        assert len(key) > 1
        assert surface
        assert not any(char.isdigit() for char in key)
    assert analyze(text) == [key for key, _ in tokenize(text)]


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


def test_the_seeds_give_whole_words(articles: dict[str, str]) -> None:
    for name, text in articles.items():
        keys = analyze(normalize(clean(text), identify_language(text)))
        assert NAMES[name] <= set(keys)
        assert not STOP & set(keys)
        assert not any("وزیرامور" in key or key.startswith("می\u200c") for key in keys)


def test_what_is_remembered_of_words_is_bounded_and_changes_nothing(monkeypatch) -> None:
    text = "تحریم‌ها علیه ایران و العقوبات على إيران " + "آ" * 80 + " مذاکرات هسته‌ای"
    before = words.tokenize(text)
    assert all(len(form) < 60 for _, form in before)
    monkeypatch.setattr(words, "MAX_CACHED_TOKENS", 300)
    words._CACHE.clear()
    words.tokenize(" ".join(f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(600)))
    assert words.tokenize(text) == before == words.tokenize(text)
    assert 0 < len(words._CACHE) <= 300
    assert "آ" * 80 not in words._CACHE
