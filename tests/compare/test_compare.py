"""Shares, their intervals, timeline and coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from topiclib.compare import compute_article_shares, coverage, shares, timeline, wilson_interval


def corpus(outlets: dict[str, int], lang: str = "fa") -> pd.DataFrame:
    rows = [(f"{name}{i}", name, lang, f"2023-0{1 + i % 2}-05") for name, n in outlets.items() for i in range(n)]
    return pd.DataFrame(rows, columns=["doc_id", "source", "lang", "date"])


def test_article_shares_are_fractions_of_the_articles_passages():
    passages = pd.DataFrame({"passage_id": list("abcd"), "doc_id": ["1", "1", "2", "3"]})
    labels = pd.DataFrame({"passage_id": ["a", "c"], "key": ["x", "x"]})
    assert compute_article_shares(passages, labels)["x"].to_dict() == {"1": 0.5, "2": 1.0, "3": 0.0}
    assert compute_article_shares(passages, labels[:0]).shape == (3, 0)


@pytest.mark.parametrize("by", ["lang", "country"])
@pytest.mark.parametrize(("n", "has_interval"), [(1, False), (2, False), (4, False), (5, True), (8, True)])
def test_no_interval_for_a_language_or_country_of_fewer_than_five_outlets(n, has_interval, by):
    documents = corpus({f"o{i}": 6 for i in range(n)}).assign(country="IR")
    values = pd.DataFrame({"x": np.linspace(0, 1, len(documents))}, index=documents["doc_id"])
    row = shares(values, documents, kind="theme", by=by).iloc[0]
    assert np.isfinite(row["low"]) == has_interval
    if has_interval:
        assert row["low"] <= row["share"] <= row["high"]


def test_sections_of_one_outlet_have_intervals_but_its_languages_have_none():
    documents = corpus({"a": 120}).assign(section=["x", "y", "y"] * 40, lang=["fa", "ar", "ar"] * 40)
    documents["date"] = [f"2023-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(120)]
    values = pd.DataFrame({"x": np.linspace(0, 1, 120)}, index=documents["doc_id"])
    assert shares(values, documents, kind="theme", by="section")["low"].notna().all()
    assert shares(values, documents, kind="theme", by="lang")["low"].isna().all()


def test_unknown_outlets_give_no_interval():
    documents = corpus({"": 8})
    values = pd.DataFrame({"x": 0.5}, index=documents["doc_id"])
    assert np.isnan(shares(values, documents, kind="theme", by="lang")["low"].iloc[0])
    assert len(shares(values, documents, kind="theme", by="source")) == 0


def test_wilsons_interval_at_0_and_1_is_not_a_point():
    low, high = wilson_interval(np.array([0.0, 1.0]), 8)
    assert low[0] == 0
    assert 0.3 < high[0] < 0.35
    assert high[1] == 1
    assert low[1] < 0.7


def test_with_enough_outlets_the_interval_is_over_outlets():
    """Outlets with shares of 0 or 1: the interval must be wide, however many articles there are."""
    documents = corpus({f"o{i}": 50 for i in range(6)})
    values = pd.DataFrame({"x": [float(int(s[1:]) % 2) for s in documents["source"]]}, index=documents["doc_id"])
    row = shares(values, documents, kind="theme", by="lang").iloc[0]
    assert row["high"] - row["low"] > 0.5


def test_a_month_without_articles_has_no_row():
    documents = corpus({"a": 4})
    documents.loc[0, "date"] = "2023"
    lines = timeline(pd.DataFrame({"x": 1.0}, index=documents["doc_id"]), documents, kind="theme")
    assert lines[["period", "n"]].to_numpy().tolist() == [["2023-01", 1], ["2023-02", 2]]


def test_coverage_counts_articles_without_a_month():
    documents = corpus({"a": 3}).assign(dropped=["", "", "empty"])
    documents.loc[0, "date"] = ""
    assert coverage(documents).to_numpy().tolist() == [["a", "", 1], ["a", "2023-02", 1]]


def outlet(days: list[str], values: list[float]) -> pd.Series:
    documents = pd.DataFrame(
        {"doc_id": [str(i) for i in range(len(days))], "source": "one", "lang": "fa", "date": days}
    )
    frame = pd.DataFrame({"jcpoa": values}, index=documents["doc_id"])
    return shares(frame, documents, kind="theme", by="source").iloc[0]


def test_an_outlets_interval_is_wider_if_days_are_autocorrelated():
    """The same daily shares in two orders: runs of forty days, and alternating."""
    days = [f"2024-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(160) for _ in range(4)]
    runs, mixed = ([float(i // 40 % 2 == 0) for i in range(160)], [float(i % 2) for i in range(160)])
    wide, narrow = (outlet(days, [x for x in by_day for _ in range(4)]) for by_day in (runs, mixed))
    assert wide["share"] == narrow["share"] == 0.5
    assert wide["high"] - wide["low"] > 4 * (narrow["high"] - narrow["low"])


def test_a_language_dominated_by_one_outlet_has_no_interval():
    documents = corpus({"large": 300, **{f"o{i}": 40 for i in range(5)}})
    values = pd.DataFrame({"x": np.linspace(0, 1, len(documents))}, index=documents["doc_id"])
    assert np.isnan(shares(values, documents, kind="theme", by="lang")["low"].iloc[0])
    # With equal weights the large outlet is one of six.
    assert shares(values, documents, kind="theme", by="lang", weights="outlet")["low"].notna().all()
