"""Keywords: one word for all its spellings, no signatures of outlets, one word of a family; by summed counts."""

import numpy as np
import pandas as pd
import pytest

from topiclib.topics.keywords import (
    ARTICLE_COUNT_KEYS,
    WORD_COUNT_KEYS,
    count_words,
    extract_keywords,
    rank_keywords,
)


def passages(texts: list[str], lang: str = "ar", **columns: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    frame = pd.DataFrame({"text": texts, "lang": lang, "doc_id": [f"d{i}" for i in range(len(texts))], **columns})
    return frame, np.zeros(len(texts), int)


def words(frame: pd.DataFrame, topics: np.ndarray) -> list[str]:
    return extract_keywords(frame, topics)["word"].tolist()


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["النووي الإيراني", "النووى الايرانى", "النووي"], {"نووي", "إيراني"}),
        (["قال بايدن اليوم", "لبايدن وبايدن", "بايدن"], {"بايدن"}),
        (["رسائل واتساب", "على واتساب", "واتساب وواتساب"], {"رسائل", "واتساب"}),
        (["رئيس سورى", "رئيس سوري", "سوري"], {"رئيس", "سوري"}),
        (["روسيا في الحرب", "الروسية روسيا", "روسي روسيا"], {"روسيا", "حرب"}),
        (["تضرب العاصفة البلاد", "يغرد في العاصفة"], {"عاصفة", "بلاد"}),
    ],
)
def test_a_word_is_shown_once_and_spelled_right(texts: list[str], expected: set[str]) -> None:
    shown = words(*passages(texts))
    assert set(shown) == expected
    assert len(shown) == len(expected)


def newsroom(n: int = 30) -> pd.DataFrame:
    """Return articles of two outlets; the first signs 29 of its 30 articles, both write about بازار."""
    rows = [("به گزارش باشگاه خبرنگاران، " if i else "") + f"بازار طلا و نفت {'سود' * (i % 2)}" for i in range(n)]
    frame, _ = passages(rows + ["بازار طلا در باشگاه"] * 3 + ["بازار طلا"] * (n - 3), lang="fa")
    return frame.assign(source=["الف"] * n + ["ب"] * n)


def test_the_signature_of_an_outlet_is_no_keyword() -> None:
    frame = newsroom()
    topics = np.arange(len(frame)) % 2
    assert "باشگاه" in words(frame.drop(columns="source"), topics)
    shown = words(frame, topics)
    assert "باشگاه" not in shown
    assert "نفت" not in shown  # in all articles of one outlet too
    assert {"بازار", "طلا"} <= set(shown)  # in those of both


def test_a_subject_of_fewer_articles_is_no_signature() -> None:
    frame = newsroom()
    frame.loc[:5, "text"] = "بازار طلا"
    assert "باشگاه" in words(frame, np.arange(len(frame)) % 2)
    assert "باشگاه" in words(newsroom(19), np.arange(38) % 2)


def test_counts_of_partitions_add_up_to_those_of_the_corpus() -> None:
    frame, topics = newsroom(), np.arange(60) % 3
    counts = [count_words(frame.iloc[part], topics[part]) for part in (slice(0, 25), slice(25, 60))]
    summed = [
        pd.concat(tables).groupby(keys, as_index=False)["n"].sum()
        for tables, keys in zip(zip(*counts, strict=True), (WORD_COUNT_KEYS, ARTICLE_COUNT_KEYS), strict=True)
    ]
    whole = extract_keywords(frame, topics).reset_index(drop=True)
    pd.testing.assert_frame_equal(rank_keywords(*summed).reset_index(drop=True), whole)


def test_no_words_give_an_empty_table() -> None:
    assert words(*passages(["في من", "إلى"])) == []
    assert extract_keywords(passages(["في"])[0].iloc[:0], np.zeros(0, int)).empty
