"""Short posts: one passage each, however they are laid out, so that outlets that cut differently can be compared."""

import re

import pandas as pd
import pytest

from topiclib import compare
from topiclib.corpus.passages import make_passages
from topiclib.corpus.rules import NO_RULES
from topiclib.themes import match_themes, read_themes, score_themes

TOPIC = {  # on a theme (sanctions), and on none
    "fa": (
        "وزیر اقتصاد گفت تحریم‌های تازه آمریکا فروش نفت را دشوار می‌کند هنوز.",
        "برداشت گندم در استان از هفته آینده آغاز خواهد گردید.",
    ),
    "ar": (
        "قال الوزير إن العقوبات الأميركية الجديدة صعبت بيع النفط.",
        "يبدأ حصاد القمح في المحافظة من الأسبوع المقبل.",
    ),
}
MORE = {
    "fa": (
        "به گفته او بودجه سال آینده نیز بررسی گردید.",
        "کشاورزان از قیمت‌ها گلایه‌مند هستند هنوز.",
        "گزارش نهایی هفته بعد آماده خواهد بود امروز.",
    ),
    "ar": ("وأضاف أن موازنة العام المقبل قيد الدرس.", "ويشكو المزارعون من الأسعار.", "وسيصدر التقرير بعد أسبوع."),
}
LAYOUTS = {
    "one line": lambda lines: " ".join(lines),
    "lines": lambda lines: "\n".join(lines),
    "blank lines": lambda lines: "\n\n".join(lines),
    "bullets": lambda lines: "\n".join(f"• {line}" for line in lines),
    "emoji": lambda lines: "\n".join(f"🔹{line}" for line in lines),
    "dashes": lambda lines: "\n".join(f"– {line}" for line in lines),
    "numbers": lambda lines: "\n".join(f"{i}. {line}" for i, line in enumerate(lines, 1)),
    "no full stops": lambda lines: "\n".join(line.rstrip(".") for line in lines),
    "emoji lines between": lambda lines: "\n🔻🔻🔻\n".join(lines),
    "signature": lambda lines: "\n".join([*lines, "", "🆔 @parniyan_news", "Link"]),
    "signature in the middle": lambda lines: "\n".join([lines[0], "@parniyan_news", *lines[1:]]),
    "address": lambda lines: "\n".join([*lines, "https://t.me/parniyan_news/1234"]),
    "furniture": lambda lines: "\n".join(["کد خبر: 1234", "شارك", *lines, "۲ دقیقه مطالعه", "Share"]),
}


def posts(lang: str, layout, source: str, n: int = 40) -> pd.DataFrame:
    """Posts of four sentences, every fourth of which has one on the theme."""
    rows = []
    for i in range(n):
        lines = [TOPIC[lang][0 if i % 4 == 0 else 1], *MORE[lang]]
        rows.append(layout([lines[(i + k) % 4] for k in range(4)]))
    ids = [f"{source}-{i}" for i in range(n)]
    return pd.DataFrame(
        {"doc_id": ids, "text": rows, "source": source, "lang": lang, "date": "2024-05-01", "dropped": ""}
    )


@pytest.mark.parametrize("lang", ["fa", "ar"])
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_a_post_is_one_passage(lang, layout):
    # One post at a time: the sentences of these posts repeat, those of real ones do not.
    for i in range(4):
        post = posts(lang, layout, "کانال", 4).iloc[[i]]
        passages = make_passages(post)
        assert len(passages) == 1
        words = set(re.findall(r"\w+", passages["text"].iloc[0]))
        assert {word for line in MORE[lang] for word in re.findall(r"\w+", line)} <= words
        assert not words & {"parniyan_news", "Link", "Share", "خبر", "شارك"}


def test_a_bullet_is_not_a_word():
    items = [f"🔹 وزیر {i} روز پیش درباره نشست تازه شورا سخن گفت." for i in range(12)]
    words = 12 * 10
    passages = make_passages(pd.DataFrame({"text": ["\n".join(items)]}), max_words=words)
    assert len(passages) == 1


@pytest.mark.parametrize("lang", ["fa", "ar"])
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_outlets_that_cut_differently_have_the_same_shares_of_themes(lang, layout):
    themes = {"sanctions": read_themes()["sanctions"]}
    documents = pd.concat([posts(lang, LAYOUTS["one line"], "الف"), posts(lang, layout, "ب")], ignore_index=True)
    # The posts repeat each other as real ones do not: nothing is learned from them, and their reprints count.
    passages = make_passages(documents, keep="all", rules=NO_RULES).query("kind == 'body'")
    about = (
        score_themes(match_themes(passages, themes), passages, themes).query("about").rename(columns={"theme": "key"})
    )
    shares = compare.shares(compare.compute_article_shares(passages, about), documents, kind="theme").set_index("level")
    assert shares["share"].tolist() == [0.25, 0.25]
    assert shares["any_share"].tolist() == [0.25, 0.25]


def test_the_share_of_articles_with_a_theme_does_not_depend_on_their_passages():
    passages = pd.DataFrame({"passage_id": list("abcdef"), "doc_id": list("111123")})
    labels = pd.DataFrame({"passage_id": ["a", "e"], "key": "t"})
    documents = pd.DataFrame({"doc_id": list("123"), "source": "الف", "date": "2024-05-01", "lang": "fa"})
    row = compare.shares(compare.compute_article_shares(passages, labels), documents, kind="theme").iloc[0]
    assert row["share"] == pytest.approx((1 / 4 + 1) / 3) and row["any_share"] == pytest.approx(2 / 3)
    assert pd.isna(row[["low", "any_low", "any_high"]]).all()  # three articles are too few for an interval


@pytest.mark.parametrize("bullet", ["•", "🔹", "–", "*", "✅", "1."])
def test_the_items_of_a_list_are_one_paragraph(bullet):
    item = " ".join(["برداشت گندم در استان آغاز گردید"] * 5) + "."  # 30 words: two would end a paragraph's passage
    text = "\n".join([f"{item} {item}", *[f"{bullet} {item}"] * 4])
    assert len(make_passages(pd.DataFrame({"text": [text]}))["text"].iloc[0].split()) > 90


def test_furniture_within_a_long_article_does_not_change_its_passages():
    paragraph = " ".join(["برداشت گندم در استان از هفته آینده آغاز خواهد گردید."] * 3)
    plain = "\n".join([paragraph] * 8)
    with_furniture = "\n".join(x for _ in range(8) for x in (paragraph, "کد خبر: 12", "Link", "انتهای پیام"))
    cut = [
        make_passages(pd.DataFrame({"text": [text]}))["text"].str.split().tolist() for text in (plain, with_furniture)
    ]
    assert cut[0] == cut[1]
