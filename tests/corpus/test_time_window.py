"""The time window of a comparison: by default and as requested."""

from __future__ import annotations

import pandas as pd
import pytest

from topiclib.compare import levels_without_interval, shares
from topiclib.corpus.time_window import month_of, parse_period, resolve_time_window, summarize_time_window
from topiclib.topics.recipe import Recipe


def corpus(**dates: list[str]) -> pd.DataFrame:
    rows = [(f"{lang}{i}", lang, lang, date, "") for lang, months in dates.items() for i, date in enumerate(months)]
    return pd.DataFrame(rows, columns=["doc_id", "source", "lang", "date", "dropped"])


FA = ["2022-01-05", "2022-12", "2023-06"]
AR = ["2022-11-02", "2023-02-01", "2024-01-01"]


def test_the_default_window_is_the_overlap_of_both_languages():
    summary = summarize_time_window(corpus(fa=FA, ar=[*AR, "2023"], other=["1999-01-01"]))
    assert summary == {"asked": "overlap", "first": "2022-11", "last": "2023-06", "why": "overlap", "side": "",
                     "counted": 4, "outside": 2, "undated": 1}  # fmt: skip


@pytest.mark.parametrize(
    ("dates", "why", "side"),
    [
        ({"fa": FA}, "one side", ""),
        ({"fa": ["", ""], "ar": ["2023", ""]}, "no dates", ""),
        ({"fa": FA, "ar": ["", "2022-11-02", "2023"]}, "few dates", "ar"),
        ({"fa": FA, "ar": ["2025-01-01"]}, "apart", ""),
        ({"fa": [*FA, ""], "ar": ["2022-01-30", "2023-06-30"]}, "covered", ""),
    ],
)
def test_all_articles_count_if_there_is_no_overlap_or_it_excludes_none(dates, why, side):
    documents = corpus(**dates)
    window = resolve_time_window(documents)
    assert (window.first, window.why, window.side) == ("", why, side)
    assert summarize_time_window(documents)["counted"] == len(documents)


def test_jalali_months_count_in_the_gregorian_month_with_most_of_their_days():
    documents = corpus(fa=["1402-01", "1402-12", "1402", ""], ar=["2023-04-02", "2024-03", "2024-05"])
    assert month_of(documents).tolist() == ["2023-04", "2024-03", "", "", "2023-04", "2024-03", "2024-05"]
    summary = summarize_time_window(documents.iloc[[0, 1, 4, 5, 6]])
    assert (summary["first"], summary["last"], summary["counted"]) == ("2023-04", "2024-03", 4)


def test_a_frame_without_dates_or_languages_has_no_window():
    documents = corpus(fa=FA, ar=AR)
    assert (
        resolve_time_window(documents.drop(columns="date")).why
        == resolve_time_window(documents.drop(columns="lang")).why
        == "no dates"
    )


def test_shares_use_the_articles_of_the_window():
    documents = corpus(fa=FA, ar=AR)
    values = pd.DataFrame({"x": [1.0, 0, 0, 0, 1, 1]}, index=documents["doc_id"])
    tables = {
        period: shares(values, documents, kind="theme", by="lang", period=period).set_index("level")
        for period in ("overlap", "all", ("2024-01", "2024-01"), "2022-01/2022-11")
    }
    assert tables["overlap"]["n"].to_dict() == {"ar": 2, "fa": 2}
    assert tables["overlap"]["share"].to_dict() == {"ar": 0.5, "fa": 0.0}
    assert tables["all"]["n"].to_dict() == {"ar": 3, "fa": 3}
    assert tables["2024-01", "2024-01"]["n"].to_dict() == {"ar": 1}
    assert tables["2022-01/2022-11"]["n"].to_dict() == {"ar": 1, "fa": 1}


@pytest.mark.parametrize("period", ["ever", "2023", "2023-13/2024-01", ("2023-01",), "2024-01/2023-01", 7])
def test_an_invalid_period_raises(period):
    with pytest.raises((ValueError, TypeError), match=r"period|iterable"):
        parse_period(period)


@pytest.mark.parametrize(
    ("period", "gregorian"),
    [
        ("1402-01/1402-05", ("2023-03", "2023-08")),
        (("1399-12", "1399-12"), ("2021-02", "2021-03")),
        ("1402-10/2024-03", ("2023-12", "2024-03")),
    ],
)
def test_jalali_months_become_gregorian_ones_with_a_warning(period, gregorian):
    with pytest.warns(UserWarning, match="is Jalali: articles are counted by month of"):
        assert parse_period(period) == gregorian
    with pytest.warns(UserWarning, match="is Jalali"):
        assert Recipe(period=period).period == "/".join(gregorian)


def test_a_period_without_articles_raises():
    with pytest.raises(ValueError, match=r"2010-01/2010-05: those of .* are 2022-01 to 2024-01"):
        summarize_time_window(corpus(fa=FA, ar=AR), "2010-01/2010-05")


def test_a_recipe_stores_the_period_as_a_string():
    assert Recipe(period=None).period == "all"
    assert Recipe(period=("2020-01", "2020-06")).period == "2020-01/2020-06"
    with pytest.raises(ValueError, match="expected 'overlap', 'all'"):
        Recipe(period="ever")


def test_reasons_for_levels_without_an_interval():
    rows = [(f"{s}{i}", s, lang) for s, lang, n in
            [("a", "fa", 5), ("", "ku", 3), ("b", "ar", 60), *[(f"c{i}", "ar", 2) for i in range(5)]]
            for i in range(n)]  # fmt: skip
    table = levels_without_interval(pd.DataFrame(rows, columns=["doc_id", "source", "lang"])).set_index("level")[
        "reason"
    ]
    assert table["fa"] == "fewer than 5 outlets"
    assert table["ku"] == "the outlet of some articles is unknown"
    assert table["ar"] == "b has 86% of the articles: 1.4 effective outlets, fewer than 3"
