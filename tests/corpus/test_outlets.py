"""Outlets: one spelling for each, hosts in place of addresses, and the table of outlets."""

import warnings

import pandas as pd
import pytest

from topiclib.corpus.documents import read_documents, to_documents
from topiclib.corpus.outlets import outlet_key, unify_outlet_names

SPELLINGS = ["خبرگزاری فارس", "خبرگزاري فارس", "خبرگزاری فارس ", "خبرگزاری\u200cفارس", "خبرگزاری  فارس"]


def articles(**columns: list) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    return pd.DataFrame({"text": [f"متن شماره {i} درباره بازار" for i in range(n)], **columns})


@pytest.mark.parametrize(
    "names",
    [
        SPELLINGS,
        ["الأهرام", "الاهرام", "الأهرام "],
        ["جريدة الحياة", "جريده الحياه"],
        ["BBC Arabic", "bbc arabic"],
        ["Al-Jazeera", "Al Jazeera", "al jazeera"],
        ["«كيهان»", "کیهان"],
    ],
)
def test_spellings_of_an_outlet_become_the_most_common_one(names: list[str]) -> None:
    common = names[1]
    documents = to_documents(articles(source=[*names, common, common, common]))
    assert documents["source"].unique().tolist() == [common]


def test_different_outlets_stay_apart_and_missing_ones_empty() -> None:
    assert unify_outlet_names(["کیهان", "کیهان لندن", "", " "]) == ["کیهان", "کیهان لندن", "", ""]
    assert outlet_key("\u200c") == ""


def test_the_same_article_under_two_spellings_of_its_outlet_is_a_duplicate() -> None:
    documents = to_documents(pd.DataFrame({"text": ["متن بلند"] * 2, "source": SPELLINGS[:2]}))
    assert documents["dropped"].tolist() == ["", "duplicate"]


@pytest.mark.parametrize(
    ("source", "outlet", "is_address"),
    [
        ("https://www.example.org/fa/12", "example.org", True),
        ("http://News.Example.org:8080/a?b=c", "news.example.org", True),
        ("www.example.org", "example.org", True),
        ("example.org/fa/12", "example.org", True),
        ("example.org", "example.org", False),
        ("روزنامه ما", "روزنامه ما", False),
        ("A/B news", "A/B news", False),
    ],
)
def test_an_address_gives_its_host(source: str, outlet: str, is_address: bool) -> None:
    documents = to_documents(articles(source=[source]))
    assert documents["source"].tolist() == [outlet]
    assert documents["url"].tolist() == [source if is_address else ""]


def test_the_column_that_names_the_outlet_is_better_than_a_host() -> None:
    table = articles(source=["https://example.org/1", "https://example.org/2", "نمونه"], url=["x", "", ""])
    table["source-hostname"], table["hostname"] = ["نمونه", "", "دیگر"], "example.org"
    documents = to_documents(table)
    assert documents["source"].tolist() == ["نمونه", "example.org", "نمونه"]
    assert documents["url"].tolist() == ["x", "https://example.org/2", ""]


def test_as_many_outlets_as_articles_are_reported() -> None:
    with pytest.warns(UserWarning, match="12 articles have 12 outlets"):
        to_documents(articles(source=[f"نویسنده {i}" for i in range(12)]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        to_documents(articles(source=[f"outlet {i % 3}" for i in range(12)]))
        to_documents(articles(source=["a", "b", "c"]))
        to_documents(articles(title=[""] * 12))


def test_a_table_of_outlets_is_joined_in_any_spelling_and_missing_rows_are_reported(tmp_path) -> None:
    corpus, outlets = tmp_path / "a.csv", tmp_path / "outlets.csv"
    articles(source=[*SPELLINGS, "ایرنا", "ایسنا", ""], owner=["x"] * 8).to_csv(corpus, index=False)
    outlets.write_text("source,country,owner\nخبرگزاري‌فارس,ایران,y\nديگر,,\n", encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hosts = tmp_path / "hosts.csv"
        hosts.write_text("source,country,owner\nhttps://www.example.org/,x,\n", encoding="utf-8")
        articles(source=["http://example.org/1", "www.example.org"]).to_csv(tmp_path / "b.csv", index=False)
        assert read_documents(tmp_path / "b.csv", sources=hosts)["country"].tolist() == ["x", "x"]
    with pytest.warns(UserWarning, match=r"outlets.csv has no row for 2 outlets \(ایرنا, ایسنا\)"):
        documents = read_documents(corpus, sources=outlets)
    assert documents["country"].tolist() == ["ایران"] * 5 + [""] * 3
    assert set(documents["owner"]) == {"x"}


def test_an_outlet_with_two_rows_in_two_spellings_raises(tmp_path) -> None:
    corpus, outlets = tmp_path / "a.csv", tmp_path / "outlets.csv"
    articles(source=SPELLINGS).to_csv(corpus, index=False)
    outlets.write_text("source,country\nخبرگزاري فارس,IR\nخبرگزاری فارس,IQ\n", encoding="utf-8")
    with pytest.raises(ValueError, match="in two rows"):
        read_documents(corpus, sources=outlets)


def test_numbers_of_a_table_of_outlets_are_text_as_in_any_other_table(tmp_path) -> None:
    articles(source=["a", "b"]).to_csv(tmp_path / "a.csv", index=False)
    pd.DataFrame({"source": ["a"], "founded": [1934]}).to_excel(tmp_path / "outlets.xlsx", index=False)
    with pytest.warns(UserWarning, match="no row for 1 outlet"):
        documents = read_documents(tmp_path / "a.csv", sources=tmp_path / "outlets.xlsx")
    assert documents["founded"].tolist() == ["1934", ""]
    documents.to_parquet(tmp_path / "documents.parquet")  # which takes no cells of mixed types
