"""Repeated lines of an outlet are boilerplate, whatever they say; what articles say is not."""

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topiclib.corpus.passages import make_passages, segment_documents
from topiclib.corpus.rules import (
    CorpusRules,
    combine_counts,
    common_boilerplate,
    count_lines,
    describe_repetition,
    learn_rules,
    repeated_line_topics,
)
from topiclib.text.line_kinds import is_furniture, is_list_item, line_key

SUBJECTS = {
    "fa": ["آب دریاچه", "نرخ سود بانکی", "لیگ فوتبال", "برداشت گندم", "راه آهن شرق", "موزه تازه شهر", "بهای مسکن"],
    "ar": ["مياه البحيرة", "سعر الفائدة", "دوري الكرة", "حصاد القمح", "سكة الحديد", "متحف المدينة", "أسعار السكن"],
}
SENTENCE = {
    "fa": "{} در هفته گذشته موضوع سخن کارشناسان استان بود.",
    "ar": "كان {} حديث خبراء المحافظة في الأسبوع الماضي.",
}


def articles(n: int, *, lang: str = "fa", before: tuple = (), after: tuple = (), source: str = "الف") -> pd.DataFrame:
    """N articles with the same lines before and after the text; {} in a line is a number that changes."""
    texts = []
    for i in range(n):
        body = [SENTENCE[lang].format(SUBJECTS[lang][(i + k) % 7] + f" {chr(0x0628 + i % 20)}") for k in (0, 3)]
        texts.append("\n".join(line.format(1000 + i) for line in (*before, *body, *after)))
    ids = [f"{source}-{lang}-{i}" for i in range(n)]
    return pd.DataFrame({"doc_id": ids, "text": texts, "source": source, "dropped": ""})


REPEATED = [
    ("fa", "کوی دوستی، خانه سوم، پایگاه پرنیان"),
    ("fa", "شماره پرونده در پرنیان: {}"),
    ("fa", "🆔 پرنیان را به دوستان خود بشناسانید"),
    ("fa", "چهارشنبه ۹ فروردین ۱۴۰۲ ساعت {} در پرنیان"),
    ("ar", "زاوية يكتبها كل يوم أهل الدار"),
    ("ar", "الملف {} من دفتر الدار"),
    ("ar", "هذه الصفحة من دفتر الدار، ولا تعبر إلا عن رأي أصحابها."),
]


@pytest.mark.parametrize(("lang", "line"), REPEATED)
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_line_that_the_articles_of_an_outlet_share_is_boilerplate(lang, line, place):
    with_line = make_passages(articles(8, lang=lang, **{place: (line,)}), keep="all")
    without = make_passages(articles(8, lang=lang))
    assert with_line[with_line["modeled"]]["text"].tolist() == without["text"].tolist()
    assert (with_line["kind"] == "boilerplate").sum() == 8


@pytest.mark.parametrize("lang", ["fa", "ar"])
def test_a_repeated_line_of_posts_without_line_breaks_is_boilerplate(lang):
    documents = articles(8, lang=lang, after=("🆔 @parnian", "✅ پرنیان را بخوانید 👇"))
    flat = documents.assign(text=documents["text"].str.replace("\n", " "))
    passages = make_passages(flat)
    assert passages["text"].tolist() == make_passages(articles(8, lang=lang))["text"].str.replace("\n", " ").tolist()
    assert all(not flat["text"][i][row.start : row.end].startswith(" ") for i, row in passages.iterrows())


def test_a_repeated_line_in_the_middle_does_not_cut_the_article():
    documents = articles(8)
    lines = documents["text"].str.split("\n")
    plain = make_passages(documents)["text"].tolist()
    cut = documents.assign(text=lines.str[0] + "\nپرنیان با شماست\n" + lines.str[1])
    passages = make_passages(cut)
    assert passages["text"].tolist() == plain
    assert passages["doc_id"].is_unique


def test_titles_that_repeat_are_boilerplate_and_others_are_not():
    documents = articles(10).assign(title=["خوانده‌ها و شنیده‌ها"] * 9 + ["باران تند در شرق"])
    passages = make_passages(documents, keep="all")
    assert (passages["kind"] == "boilerplate").sum() == 9
    assert passages["text"].iloc[-1].startswith("باران تند در شرق\n")


@pytest.mark.parametrize("title", ["nan", "NaN", "None", "null", "N/A", "undefined", "Link"])
def test_a_title_that_says_that_there_is_none_is_left_out(title):
    passages = make_passages(articles(1).assign(title=title), keep="all")
    assert passages["kind"].tolist() == ["boilerplate", "body"]
    long = articles(1).assign(text=" ".join(["واژه"] * 200), title=title)
    assert make_passages(long)["text"].str.split().str.len().tolist() == [120, 80]


def test_refrains_and_lines_of_few_articles_stay():
    refrain = "\n".join(["ای باران، ببار بر کویر", SENTENCE["fa"].format("شعر")] * 6)
    documents = articles(30)
    documents.loc[0, "text"] = refrain
    documents.loc[1:4, "text"] = "یادداشت پایان هفته\n" + documents["text"][1:5]  # a running title of four articles
    documents.loc[5:20, "text"] = "به گزارش پرنیان، " + documents["text"][5:21]  # not a line
    assert learn_rules(documents) == CorpusRules({})
    assert not (make_passages(documents, keep="all")["kind"] == "boilerplate").any()


@pytest.mark.parametrize(
    ("n", "repeats", "is_boilerplate"), [(20, 4, False), (20, 5, True), (200, 9, False), (200, 10, True)]
)
def test_a_line_needs_five_articles_and_five_percent_of_the_outlet(n, repeats, is_boilerplate):
    documents = pd.concat([articles(repeats, after=("پرنیان با شماست",)), articles(n).iloc[repeats:]])
    assert bool(learn_rules(documents).boilerplate) is is_boilerplate


def test_lines_are_counted_for_each_outlet():
    both = pd.concat([articles(30), articles(6, source="ب", after=("پرنیان با شماست",)), articles(4, source="پ")])
    both = pd.concat([both, articles(1, after=("پرنیان با شماست",)).assign(doc_id="once")])
    kinds = make_passages(both, keep="all").groupby("doc_id")["kind"].agg(set)
    assert all("boilerplate" in kinds[f"ب-fa-{i}"] for i in range(6))
    assert kinds["once"] == {"body"}


def test_spellings_of_an_outlet_and_of_a_line_count_as_one():
    lines = ["خبرهای يك شهر", "خبرهای یک شهر", "خبرهای  یک شهر!", "«خبرهای یک شهر»", "خبرهای یک شهر 12"]
    documents = articles(5)
    documents["text"] += "\n" + pd.Series(lines)
    documents["source"] = ["روزنامه یک", "روزنامه يك ", "روزنامه یک", "روزنامه\u00a0یک", "روزنامه يك"]
    assert learn_rules(documents).lines_of("روزنامه یک") == {line_key(lines[0]): 5}


def test_articles_of_one_line_are_not_boilerplate_even_if_they_differ_in_a_number_alone():
    documents = pd.DataFrame({"text": [f"بهای دلار در بازار امروز {i} تومان شد" for i in range(50)]})
    assert make_passages(documents)["doc_id"].nunique() == 50


def test_articles_of_repeated_lines_alone_keep_them():
    prices = pd.DataFrame({"text": [f"دلار امروز {i} تومان\nسکه امروز {i} تومان" for i in range(30)]})
    passages = make_passages(pd.concat([articles(30), prices.assign(source="الف")], ignore_index=True))
    assert passages["doc_id"].str.startswith("row-").sum() == 30


def test_rules_are_the_same_for_any_partition_of_the_corpus():
    corpus = pd.concat(
        [
            articles(40, after=("پرنیان با شماست",)),
            articles(9, lang="ar", source="ب", before=("دفتر الدار {}",)),
            articles(90, source="پ"),
        ]
    ).sample(frac=1, random_state=0)
    rules = learn_rules(corpus)
    assert set(rules.boilerplate) == {"الف", "ب"}
    whole = segment_documents(corpus, rules=rules).set_index("passage_id")
    for n in (2, 7, 50):
        parts = [corpus.iloc[i::n] for i in range(n)]
        assert combine_counts(map(count_lines, parts)) == rules
        cut = pd.concat([segment_documents(part, rules=rules) for part in parts]).set_index("passage_id")
        pd.testing.assert_frame_equal(cut.sort_index(), whole.sort_index())


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.lists(st.sampled_from("پتجچ"), max_size=3)), max_size=40),
    st.integers(1, 9),
)
def test_counts_of_partitions_combine_to_those_of_the_corpus(rows, n):
    documents = pd.DataFrame(
        {"source": [s for s, _ in rows], "text": ["\n".join(lines) for _, lines in rows]}, dtype="object"
    )
    whole = learn_rules(documents)
    assert combine_counts(count_lines(documents.iloc[i::n]) for i in range(n)) == whole
    for outlet, lines in whole.boilerplate.items():
        own = documents[documents["source"] == outlet]["text"].str.split("\n")
        for line, count in lines.items():
            assert count == sum(line in text and len(text) > 1 for text in own) >= max(5, 0.05 * len(own))


def test_rules_are_kept_as_json_and_apply_to_new_articles():
    rules = learn_rules(articles(8, after=("پرنیان با شماست",)))
    again = CorpusRules.from_dict(json.loads(json.dumps(rules.to_dict())))
    assert again == rules
    new = articles(1, after=("پرنیان با شماست",))
    assert make_passages(new, rules=again)["text"].tolist() == make_passages(articles(1))["text"].tolist()
    assert "پرنیان" in make_passages(new)["text"].iloc[0]  # one article alone does not show it


@pytest.mark.parametrize(
    "values", [{}, {"boilerplate": []}, {"boilerplate": {"a": ["x"]}}, {"boilerplate": {"a": {"x": "many"}}}]
)
def test_damaged_rules_are_refused_in_one_line(values):
    with pytest.raises(ValueError, match="corpus rules are damaged") as error:
        CorpusRules.from_dict(values)
    assert "\n" not in str(error.value)


def test_no_articles_have_no_rules():
    assert learn_rules(pd.DataFrame({"text": []})) == CorpusRules({})


def test_the_three_most_common_lines_of_each_outlet_are_reported():
    after = ("پرنیان با شماست", "کوی دوستی خانه سوم", "پرونده {}", "دفتر پرنیان")
    documents = articles(10, after=after)
    documents.loc[0, "text"] = documents["text"][0].removesuffix("\nدفتر پرنیان")
    found = common_boilerplate(documents, make_passages(documents, keep="all"))
    assert found["n"].tolist() == [10, 10, 10] and found["share"].tolist() == [1.0] * 3
    assert "دفتر پرنیان" not in found["line"].tolist()
    notes = describe_repetition(documents, make_passages(documents, keep="all"))
    assert len(notes) == 1 and "پرنیان با شماست (100% of the articles)" in notes[0]


def test_a_topic_of_one_repeated_line_is_reported():
    passages = pd.DataFrame(
        {"passage_id": list("abcdefg"), "text": [*["دفتر الدار 1", "دفتر الدار 2", "دفتر الدار"], *"بتثج"]}
    )
    assignments = pd.DataFrame({"passage_id": list("abcdefg"), "topic": [0, 0, 0, 0, 1, 1, -1], "similarity": 1.0})
    found = repeated_line_topics(passages, assignments)
    assert found.to_dict("records") == [{"topic": 0, "line": "دفتر الدار 1", "n": 3, "size": 4}]


FURNITURE = """
کد خبر: 8401 | شناسه مطلب : ۱۲ | تاریخ انتشار: ۱۴ مهر ۱۴۰۱ - ۰۹:۳۰ | زمان مطالعه: ۵ دقیقه | ۲ دقیقه مطالعه | نظر شما
اشتراک‌گذاری | اشتراک گذاری | برچسب‌ها: نان، آب | به کانال ما در بله بپیوندید | ۱۴ مهر ۱۴۰۱ | جمعه ۱۴ مهر | 10:50 | چاپ
شارك | طباعة | نسخ الرابط | آخر تحديث: الخميس 4 مايو 2023 | تاريخ النشر: 2023/5/4 | 3 دقائق قراءة | الأكثر قراءة
تابعونا على تلغرام | نستعمل ملفات تعريف الارتباط في هذا الموقع | موضوعات ذات صلة | الخميس 4 مايو 2023 | کپی لینک
بازدید: ۱۲۳۴ | مشاهدات: 4512 | نشر في: 12 مارس 2023 - 14:05 | به کانال تلگرام ما بپیوندید: | بدون عنوان | بلا عنوان
انتهى | // انتهى // | ما از کوکی‌ها برای بهبود تجربه شما استفاده می‌کنیم. | این سایت از کوکی استفاده می‌کند
يستخدم هذا الموقع ملفات تعريف الارتباط
"""
CONTENT = """
شارك الوزير في المؤتمر | طباعة الأوراق النقدية توقفت | نظر شما مردم مهم است | چاپ اسکناس تازه متوقف شد | آب
رئیس جمهور: کد خبر را نمی‌دانم | اشتراک آب گران شد | انتشار تاریخ بیهقی | الحفظ غير الفهم | بازدید وزیر از کارخانه
مه غلیظ | تابعنا باهتمام ما جرى | بازدید: رئیس جمهور به نیروگاه رفت | شارك: آلاف المتظاهرين ساروا في العاصمة
نشر في: صحيفة لندنية تقرير عن الصفقة | غرامة جديدة بسبب ملفات تعريف الارتباط | جریمه یک شرکت برای کوکی‌ها
"""
ITEMS = "🔹 نان|• نان|– نان|* نان|۱. نان|2) نان|3️⃣ نان|\u200f🔴نان|✅نان|\u202b- نان"
OTHER_LINES = "نان|«نان» تازه|#نان|(نان)|1.5 میلیون|۱۲ نان|@nan|\u200fنان|...و نان"


def entries(table: str) -> list[str]:
    return [entry.strip() for line in table.strip().split("\n") for entry in line.split("|")]


@pytest.mark.parametrize("line", entries(FURNITURE))
def test_known_furniture_needs_no_repetition(line):
    assert is_furniture(line)


@pytest.mark.parametrize("line", entries(CONTENT))
def test_sentences_with_the_words_of_furniture_are_none(line):
    assert not is_furniture(line)


def test_list_items_begin_with_a_bullet_an_emoji_or_a_number():
    assert all(map(is_list_item, ITEMS.split("|")))
    assert not any(map(is_list_item, OTHER_LINES.split("|")))
