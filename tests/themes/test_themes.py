"""Themes in both languages, with the false friends that real news contains."""

from __future__ import annotations

import importlib
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topiclib.text import fold
from topiclib.themes import match_themes, read_themes, score_themes, scoring
from topiclib.themes.matching import Hit, TermMatcher, select_evidence
from topiclib.themes.patterns import term_pattern

THEMES = read_themes()
MATCHERS = {lang: TermMatcher(THEMES, lang) for lang in ("fa", "ar")}


def themes_about(text: str, lang: str) -> dict[str, set[str]]:
    frame = pd.DataFrame({"passage_id": ["p"], "lang": [lang], "text": [text]})
    hits = match_themes(frame, THEMES)
    for row in hits.itertuples():
        assert text[row.start : row.end].strip() == text[row.start : row.end]
    about = score_themes(hits, frame, THEMES)
    return {theme: set(hits[hits["theme"] == theme]["term"]) for theme in about[about["about"]]["theme"]}


@pytest.mark.parametrize(
    ("text", "lang", "themes"),
    [
        ("مذاکرات احیای برجام از سر گرفته شد", "fa", {"jcpoa"}),
        ("سطح غنی سازی به شصت درصد رسید", "fa", {"jcpoa"}),
        ("سطح غنیسازی به شصت درصد رسید", "fa", {"jcpoa"}),
        ("تحریم‌های تازه علیه بانک‌ها وضع شد", "fa", {"sanctions"}),
        ("تحريم هاي تازه وضع شد", "fa", {"sanctions"}),
        ("پهپادهای شاهد ۱۳۶ در آسمان دیده شد", "fa", {"drones"}),
        ("دالان زنگه‌زور و مرز ارمنستان", "fa", {"caucasus"}),
        ("وبالاتفاق النووي انتهت المحادثات", "ar", {"jcpoa"}),
        ("للعقوبات أثر في المصارف", "ar", {"sanctions"}),
        ("أسقطت الدفاعات طائرات مسيّرة فوق المدينة", "ar", {"drones"}),
        ("حلّقت طائرات من دون طيار", "ar", {"drones"}),
        ("وفي كاراباخ وأذربيجان هدوء", "ar", {"caucasus"}),
        ("طالبت طهران برفع الحظر عن توريد السلاح", "ar", {"sanctions"}),
        ("وقالت الرئاسة الأذرية في بيان", "ar", {"caucasus"}),
        # false friends
        ("قررت البلدية رفع الحظر عن الألعاب", "ar", set()),
        ("فرض حظر التجول في دمشق بعد القصف", "ar", set()),
        ("او ۱۰۵+۱ امتیاز گرفت", "fa", set()),
        ("شهر ریاضی‌دانان و درون خانه", "fa", set()),
        ("تفسیر سوره تحریم منتشر شد", "fa", set()),
        ("در آستانه سال نو", "fa", set()),
        ("استان آذربایجان شرقی برفی شد", "fa", set()),
        ("هم قادرون على الفوز", "ar", set()),
        ("خرجت مسيرات احتجاجية في العاصمة", "ar", set()),
        ("عدل قانون العقوبات المحلي", "ar", set()),
        ("حظر التجول مستمر", "ar", set()),
        ("سخرت الفرقة مسيرات التلاميذ في الشارع", "ar", set()),
        ("خبر من قناة المسيرة عن صواريخ", "ar", set()),
        ("عقوبات على النادي بعد الشغب في الملعب", "ar", set()),
        ("فرضت واشنطن عقوبات على مصرفين", "ar", {"sanctions"}),
        ("مسئولان ورزش از تحریم المپیک گفتند", "fa", set()),
        ("هشدار درباره تحريم انتخابات", "fa", set()),
        ("درس ریاضی و ریاضیات در مدرسه", "fa", set()),
        ("كيف نصل إلى السوق", "ar", set()),
        ("هواپیمای اوکراینی و حمله موشکی", "fa", set()),
        ("وقع الجيش خسائر قرب كييف", "ar", {"ukraine_war"}),
        ("معاهده منع گسترش را روسیه امضا کرد", "fa", set()),
        ("وقعت موسكو معاهدة للحد من الأسلحة الاستراتيجية", "ar", set()),
        ("لاوروف: معاهده به زودی امضا می‌شود", "fa", {"treaty"}),
        ("قراصنة قرب سواحل الصومال", "ar", set()),
        ("قراصنة اخترقوا بيانات الوزارة على الإنترنت", "ar", {"cyber"}),
        ("برنامه هستهای و برنامه‌ی هسته‌ای", "fa", {"jcpoa"}),
        ("اتفاقا نوويا جديدا", "ar", {"jcpoa"}),
        ("روند آستانه درباره سوریه", "fa", {"syria"}),
        ("از سرگیری روابط ایران و عربستان", "fa", {"saudi_iran"}),
        ("الأنباء عن الاتّفـاق النَّوويّ", "ar", {"jcpoa"}),
    ],
)
def test_themes_of_a_sentence(text, lang, themes):
    assert set(themes_about(text, lang)) == themes


def test_only_terms_of_the_passage_language_match():
    assert themes_about("العقوبات الأميركية", "fa") == {}


def score(text: str, lang: str, theme: str) -> float:
    frame = pd.DataFrame({"passage_id": ["p"], "lang": [lang], "text": [text]})
    table = score_themes(match_themes(frame, THEMES), frame, THEMES).set_index("theme")["score"]
    return float(table.get(theme, 0.0))


def test_a_lone_supporting_term_does_not_suffice():
    assert 0 < score("تهران: آژانس گفت", "fa", "jcpoa") < 0.5 <= score("تهران: آژانس در وین گفت", "fa", "jcpoa")


FILLER = "این گزارش دربارهٔ بازار و هوا و راه‌ها و کشت گندم در روستاهای دور است. "


@pytest.mark.parametrize(
    ("more", "less"),
    [
        (f"برجام. برجام. {FILLER}", f"برجام. {FILLER}"),  # named more often
        (f"برجام در وین. {FILLER}", f"برجام در شهر. {FILLER}"),  # with a supporting term
        (f"برجام مهم است. {FILLER}", f"{FILLER}برجام مهم است."),  # at the start, not the end
        (f"از برجام می‌گفت {FILLER}", f"نفت، برجام، گندم {FILLER}"),  # not in a list
        (f"برجام {FILLER}", f"برجام {FILLER * 4}"),  # in a short passage
        (f"برجام {FILLER}", f"برجام و جام جهانی و قرعه‌کشی {FILLER}"),  # without a context against
    ],
)
def test_what_raises_the_score(more, less):
    assert score(more, "fa", "jcpoa") > score(less, "fa", "jcpoa") > 0


def test_classes_of_scores():
    scores = pd.Series([0.9, 0.5, 0.49, scoring.OTHER_SENSE, 0.01])
    assert scoring.classify_scores(scores).tolist() == ["about"] * 2 + ["in passing"] * 2 + ["other sense"]


@pytest.mark.parametrize(
    ("text", "lang", "terms"),
    [
        ("عاد الرسام إلى فيينا ومعه الضمانات", "ar", {}),
        ("بحث وزراء الخليج وواشنطن التعاون الاستراتيجي والشراكة الاستراتيجية", "ar", {}),
        ("زارت بكين وفود من طوكيو", "ar", {}),
        ("آژانس بین‌المللی انرژی اتمی و آژانس‌های مسافری", "fa", {}),
        ("در پکن گفته شد", "fa", {}),
        ("دخل المفتشون نطنز وفيينا تنتظر طهران", "ar", {"jcpoa": {"المفتشون", "نطنز", "فيينا"}}),
        ("برجام در وین", "fa", {"jcpoa": {"برجام", "وین"}}),
        ("أطفال سوريون", "ar", {"syria": {"سوري"}}),
    ],
)
def test_supporting_terms_need_context_or_a_core_term(text, lang, terms):
    hits = match_themes(pd.DataFrame({"passage_id": ["p"], "lang": [lang], "text": [text]}), THEMES)
    assert {theme: set(rows["term"]) for theme, rows in hits.groupby("theme")} == terms


def test_a_supporting_term_of_a_theme_without_context_counts_alone(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(f"[a]\n{LABEL}[a.fa]\ncore = ['باران']\nsupporting = ['ابر']\n", encoding="utf-8")
    frame = pd.DataFrame({"passage_id": ["p"], "lang": ["fa"], "text": ["ابر آمد"]})
    assert match_themes(frame, read_themes(file))["term"].tolist() == ["ابر"]


def test_the_coefficients_are_those_fitted_to_the_labels(monkeypatch):
    """If this fails, the terms have changed: run the fit and update the constants."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    calibration = importlib.import_module("calibration")
    data = Path(__file__).parents[3] / "shared" / "data"
    if not data.is_dir():
        pytest.skip("the labeled passages are not part of the project")
    table = calibration.evidence_table(*calibration.labeled_passages(data))
    fitted = calibration.fit(table[table["even"]])
    shipped = {"intercept": scoring.INTERCEPT, **scoring.COEFFICIENTS}
    assert fitted == pytest.approx(shipped, abs=calibration.CLOSE)


@pytest.mark.parametrize("max_words", [30, 120, 1000])
def test_gold_labels_follow_the_passages_however_they_are_cut(monkeypatch, max_words):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    calibration = importlib.import_module("calibration")
    file = Path(calibration.tl.__file__).parent / "corpus" / "sample" / "gold.jsonl"
    labels = pd.read_json(file, lines=True).rename(columns={"id": "doc_id"})
    documents = calibration.tl.load_sample()
    passages = calibration.tl.make_passages(documents, max_words=max_words, keep="all").query("start >= 0")
    found = calibration.match_labels(passages, labels)
    assert len(found.drop_duplicates(["doc_id", "paragraph"])) == len(labels)  # no label is lost
    assert set(found["passage_id"]) == set(passages["passage_id"])  # and no passage is without one
    text = found["doc_id"].map(documents.set_index("doc_id")["text"])
    for whole, row in zip(text, found.itertuples(), strict=True):
        both = whole[max(row.start, row.start_label) : min(row.end, row.end_label)]
        assert 2 * len(both) >= min(row.end - row.start, row.end_label - row.start_label)


def test_spans_refer_to_the_text_of_the_passage():
    text = "گفت که غنی‌سازی ادامه دارد"
    hit = match_themes(pd.DataFrame({"passage_id": ["p"], "lang": ["fa"], "text": [text]}), THEMES).iloc[0]
    assert text[hit["start"] : hit["end"]] == "غنی‌سازی"


def test_no_match_gives_empty_tables():
    frame = pd.DataFrame({"passage_id": ["p"], "lang": ["fa"], "text": ["باران بارید"]})
    hits = match_themes(frame, THEMES)
    assert len(hits) == 0
    assert len(score_themes(hits, frame, THEMES)) == 0


@pytest.mark.parametrize("key", list(THEMES))
@pytest.mark.parametrize("lang", ["fa", "ar"])
def test_every_bundled_term_matches_itself(key, lang):
    roles = THEMES[key].terms[lang]
    for role in ("core", "ambiguous", "supporting"):
        for term in roles[role]:
            context = roles["context"][0] if role != "core" and roles["context"] else ""
            plain = term.replace(" … ", " ")
            frame = pd.DataFrame({"passage_id": ["p"], "lang": [lang], "text": [f"و {plain} ، {context}"]})
            assert key in set(match_themes(frame, {key: THEMES[key]})["theme"]), f"{term} ({fold(term)})"


LABEL = 'label = { en = "X" }\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[a\n", "not valid TOML"),
        ("", "has no theme"),
        ("a = 1\n", "theme a is int"),
        (f"[a]\n{LABEL}color = 1\n[a.fa]\ncore = ['x']", "unknown key 'color'"),
        (f"[a]\n{LABEL}[a.fa]\ncore = ['']", "core: expected a list of terms, none of them empty"),
        (f"[a]\n{LABEL}[a.fa]\nwords = ['x']", "expected lists named core, supporting, ambiguous, context, except"),
        (f"[a]\n{LABEL}fa = ['x']", r"a, fa is \['x'\]: expected .*, such as fa\.core = \["),
        (f"[a]\n{LABEL}", "no core or ambiguous term"),
        (f"[a]\n{LABEL}[a.fa]\ncore = ['x', 'X']", "twice"),
        (f"[a]\n{LABEL}[a.fa]\ncore = ['x']\nexcept = ['x']", "twice"),
        (f"[a]\n{LABEL}[a.fa]\ncore = ['(x+)+']", "expected plain words, not a pattern"),
        (f"[a]\n{LABEL}[a.fa]\ncore = ['x*']", "plain words"),
        (f"[a]\n{LABEL}[a.fa]\ncore = ['+']", "never be found"),
        (f"[a]\n{LABEL}[a.fa]\nambiguous = ['x']", "context"),
        ("[a]\nlabel = { de = 'X' }\n[a.fa]\ncore = ['x']", "label is"),
        (f"[a]\n{LABEL}notes = 3\n[a.fa]\ncore = ['x']", "notes is int"),
        ("[a]\n[a.fa]\ncore = ['x']", "no English label"),
        (f"[a]\n{LABEL}[a.fa]\ncore = ['كي']\n[b]\n{LABEL}[b.fa]\ncore = ['کی']", "in the themes a and b"),
    ],
)
def test_invalid_theme_files_raise_with_the_reason(tmp_path, text, words):
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=words) as caught:
        read_themes(file)
    assert "mine.toml" in str(caught.value)


def test_a_missing_theme_file():
    with pytest.raises(FileNotFoundError, match="does not exist"):
        read_themes("nowhere.toml")


WORDS = [
    "برجام",
    "غنی\u200cسازی",
    "هسته",
    "ای",
    "ایران",
    "در",
    "آستانه",
    "سوریه",
    "،",
    "بدون",
    "سرنشین",
    "ها",
    "۵+۱",
    "پهپاد",
]


AR_WORDS = ["ال", "وال", "للاتفاق", "النووي", "نوويا", "عقوبات", "وبالعقوبات", "إيران", "مسيرات", "طائرات", "من", "دون",
            "طيار", "قره", "باغ", "مع", "العلاقات", "السعودية", "5+1", "حظر",
            "التجول", "-", "الأزمة", "سورية"]  # fmt: skip


@given(
    st.one_of(
        st.tuples(st.just("fa"), st.lists(st.sampled_from(WORDS), max_size=12)),
        st.tuples(st.just("ar"), st.lists(st.sampled_from(AR_WORDS), max_size=12)),
    ),
    st.sampled_from([" ", "\u200c", "  ", "\n"]),
)
def test_the_prefilter_loses_no_hit(case, space):
    """Searching for all terms, without the prefilter, finds the same hits."""
    lang, text = case[0], space.join(case[1])
    folded = fold(text)
    hits = MATCHERS[lang].find(text)
    for key, theme in THEMES.items():
        all_hits = [
            Hit(start, end, key, role, term)
            for role, terms in theme.terms[lang].items()
            for term in terms
            for start, end in term_pattern(term, lang).find_spans(folded)
        ]
        assert [hit for hit in hits if hit.theme == key] == select_evidence(
            all_hits, needs_context=bool(theme.terms[lang]["context"])
        )


def test_a_term_of_one_letter_matches_with_its_plural(tmp_path):
    """The term is shorter than the three letters by which words are looked up."""
    file = tmp_path / "mine.toml"
    file.write_text("[a]\nlabel = { en = 'X' }\n[a.fa]\ncore = ['ط']\n", encoding="utf-8")
    frame = pd.DataFrame({"passage_id": list("pqr"), "lang": "fa", "text": ["گفت ط", "طهای تازه", "طلا"]})
    assert match_themes(frame, read_themes(file))["passage_id"].tolist() == ["p", "q"]


@given(st.text(alphabet="ابتسینوهالمکرد \u200c+5تحریمعقوبت", max_size=200))
def test_spans_are_within_the_text(text):
    for lang in ("fa", "ar"):
        frame = pd.DataFrame({"passage_id": ["p"], "lang": [lang], "text": [text]})
        for row in match_themes(frame, THEMES).itertuples():
            assert 0 <= row.start < row.end <= len(text)


def test_matching_a_long_text_takes_linear_time():
    frame = pd.DataFrame({"passage_id": ["p"], "lang": ["ar"], "text": ["وبالوبال" * 20_000 + " النووي" * 2_000]})
    assert len(match_themes(frame, THEMES)) == 0
