"""Estimates computed a second time from the formulas of their docstrings and sources."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from topiclib.compare import cluster_estimate, differences, shares, theme_cooccurrence, timeline, word_contrasts
from topiclib.compare.intervals import choose_clusters, difference_interval, time_blocks, wilson_interval


def test_log_odds_follow_the_formula():
    """Thirty words on the left, twenty on the right, so a_0 is 20."""
    left = ["نان صلح جنگ"] * 7 + ["نان نان نان"] * 3
    right = ["صلح جنگ صلح جنگ"] * 5
    uses = {"نان": (16, 0), "صلح": (7, 10), "جنگ": (7, 10)}
    ids = [f"p{i}" for i in range(len(left + right))]
    passages = pd.DataFrame({"passage_id": ids, "doc_id": ids, "lang": "fa", "text": left + right})
    labels = pd.DataFrame({"passage_id": ids, "key": "k"})
    sides = pd.Series(["a"] * len(left) + ["b"] * len(right), index=ids)
    table = word_contrasts(passages, labels, sides)
    assert table["word"].iloc[0] == "نان"  # largest z, though last in the alphabet
    for row in table.itertuples():
        y, n = uses[row.word], (30, 20)
        prior = 20 * sum(y) / 50
        odds = [math.log((y[i] + prior) / (n[i] + 20 - y[i] - prior)) for i in (0, 1)]
        error = math.sqrt(1 / (y[0] + prior) + 1 / (y[1] + prior))
        assert (row.n_left, row.n_right) == y
        assert row.log_odds == pytest.approx(odds[1] - odds[0])
        assert row.z == pytest.approx((odds[1] - odds[0]) / error)
    assert table["z"].abs().is_monotonic_decreasing


def test_a_word_is_shown_in_its_most_frequent_form():
    ids = [f"p{i}" for i in range(8)]
    text = ["کتاب‌ها کتاب‌ها کتاب"] * 4 + ["کتاب‌ها صلح صلح"] * 4
    passages = pd.DataFrame({"passage_id": ids, "doc_id": ids, "lang": "fa", "text": text})
    sides = pd.Series(list("aaaabbbb"), index=ids)
    table = word_contrasts(passages, pd.DataFrame({"passage_id": ids, "key": "k"}), sides)
    assert set(table["word"]) == {"کتاب‌ها", "صلح"}
    assert table.set_index("word").loc["کتاب‌ها", ["n_left", "n_right"]].tolist() == [12, 4]


def test_the_interval_of_a_lift_is_the_jackknife_over_articles():
    """Six articles of unequal length; each is left out in turn."""
    marks = {"d0": "bb-", "d1": "aba", "d2": "b--x", "d3": "xb-", "d4": "-ax", "d5": "xxb--a"}  # x: both themes
    rows = [(f"{doc}{i}", doc, mark) for doc, all_marks in marks.items() for i, mark in enumerate(all_marks)]
    passages = pd.DataFrame([row[:2] for row in rows], columns=["passage_id", "doc_id"])
    about = [(p, theme) for p, _, mark in rows for theme in {"x": "ab", "-": ""}.get(mark, mark)]
    themes = pd.DataFrame(about, columns=["passage_id", "theme"]).assign(about=True)

    def log_lift(without: str) -> float:
        rest = [mark for _, doc, mark in rows if doc != without]
        both, a, b = (sum(mark in themes for mark in rest) for themes in ("x", "ax", "bx"))
        return math.log(both * len(rest) / (a * b))

    logs = np.array([log_lift(doc) for doc in marks])
    half = t.ppf(0.975, 5) * math.sqrt(5 / 6 * ((logs - logs.mean()) ** 2).sum())
    row = theme_cooccurrence(themes, passages).iloc[0]
    assert row["lift"] == pytest.approx(math.exp(log_lift("none")))
    assert row["low"] == pytest.approx(math.exp(log_lift("none") - half))
    assert row["high"] == pytest.approx(math.exp(log_lift("none") + half))


def articles(n: int, hits: int, source: str, date: str = "") -> pd.DataFrame:
    return pd.DataFrame({"doc_id": [f"{source}{i}" for i in range(n)], "source": source, "lang": "fa", "date": date,
                         "x": [1.0] * hits + [0.0] * (n - hits)})  # fmt: skip


def test_dates_of_a_month_suffice_for_the_time_window():
    documents = pd.concat([articles(9, 3, "a", "2020-01"), articles(9, 3, "b", "2023-01")], ignore_index=True)
    with pytest.raises(ValueError, match="have a month in common"):
        differences(documents.set_index("doc_id")[["x"]], documents, kind="theme", by="source")


def test_estimates_of_a_share_and_of_its_complement_mirror_each_other():
    random = np.random.default_rng(2)
    values, clusters = random.random(80) ** 3, np.repeat(np.arange(8), [3, 4, 5, 6, 9, 13, 18, 22])
    rare, common = cluster_estimate(values, clusters), cluster_estimate(1 - values, clusters)
    assert rare.share < 0.5 < common.share
    assert common.degrees_of_freedom == pytest.approx(rare.degrees_of_freedom) and common.std_error == pytest.approx(
        rare.std_error
    )
    assert (1 - common.high, 1 - common.low) == (pytest.approx(rare.low), pytest.approx(rare.high))


def test_without_variance_between_clusters_the_correlation_is_assumed():
    """100 articles in 5 outlets of 20: 100 / (1 + .05 * 19)."""
    found = cluster_estimate(np.tile([0.0, 1.0, 0.0, 0.0], 25), np.repeat(np.arange(5), 20))
    assert (found.low, found.high) == pytest.approx(
        [float(x[0]) for x in wilson_interval(np.array([0.25]), 100 / 1.95)]
    )
    assert found.degrees_of_freedom == pytest.approx(4)


def test_wilsons_interval_equals_that_of_statsmodels():
    """10 of 40 gives 14.2 % to 40.2 %; the interval contains the share, also at 0 and 1."""
    low, high = wilson_interval(np.array([0.25, 0.0, 1.0]), 40)
    assert (low[0], high[0]) == (pytest.approx(0.14187, abs=1e-5), pytest.approx(0.40193, abs=1e-5))
    assert low[1] == 0 and high[2] == 1 and high[1] == pytest.approx(1 - low[2]) == pytest.approx(0.08762, abs=1e-5)


def test_swapping_sides_mirrors_the_interval_of_a_difference():
    first, second = (cluster_estimate(np.tile([1.0] * k + [0.0] * (10 - k), 6) * np.repeat([1, 1, 1, 1, 0, 1], 10),
                                      np.repeat(np.arange(6), 10)) for k in (1, 6))  # fmt: skip
    gap, low, high, p = difference_interval(first, second)
    back = difference_interval(second, first)
    assert back == pytest.approx((-gap, -high, -low, p))
    assert low < gap < high and gap == pytest.approx(first.share - second.share) and 0 < p < 0.05


def test_a_timeline_without_a_month_is_an_empty_table():
    documents = articles(5, 2, "a")
    found = timeline(documents.set_index("doc_id")[["x"]], documents, kind="theme")
    assert found.empty and {"period", "share", "low", "high"} <= set(found.columns)


def test_the_prior_has_at_most_500_words():
    ids = [f"p{i}" for i in range(40)]
    text = ["صلح صلح صلح " + "نان " * 37] * 20 + ["صلح " + "نان " * 39] * 20
    passages = pd.DataFrame({"passage_id": ids, "doc_id": ids, "lang": "fa", "text": text})
    sides = pd.Series(["a"] * 20 + ["b"] * 20, index=ids)
    table = word_contrasts(passages, pd.DataFrame({"passage_id": ids, "key": "k"}), sides).set_index("word")
    prior = 500 * 80 / 1600
    odds = [math.log((y + prior) / (800 + 500 - y - prior)) for y in (60, 20)]
    assert table.loc["صلح", "log_odds"] == pytest.approx(odds[1] - odds[0])


def test_the_interval_of_a_share_is_the_jackknife_on_the_logit_scale():
    """Clusters are left out one at a time; Kish's effective number of clusters minus one degrees of freedom."""
    random = np.random.default_rng(3)
    sizes = np.array([3, 5, 8, 13, 21, 9])
    clusters, values = np.repeat(np.arange(6), sizes), random.random(sizes.sum()) ** 2
    found = cluster_estimate(values, clusters)
    without = np.array([values[clusters != i].mean() for i in range(6)])
    assert found.std_error == pytest.approx(math.sqrt(5 / 6 * ((without - values.mean()) ** 2).sum()))
    assert found.degrees_of_freedom == pytest.approx(sizes.sum() ** 2 / (sizes**2).sum() - 1)
    p, dof = found.share, found.degrees_of_freedom
    half = t.ppf(0.975, dof) * found.std_error / (p * (1 - p))
    ends = [1 / (1 + math.exp(-(math.log(p / (1 - p)) + sign * half))) for sign in (-1, 1)]
    assert (found.low, found.high) == pytest.approx(ends)


def test_the_interval_of_a_difference_uses_welchs_degrees_of_freedom():
    """MOVER of two logit intervals."""
    sides = [cluster_estimate(np.repeat(x, 10), np.repeat(np.arange(len(x)), 10)) for x in
             ([0.1, 0.2, 0.3, 0.1, 0.2, 0.4], [0.5, 0.6, 0.8, 0.9, 0.4, 0.6, 0.7, 0.5])]  # fmt: skip
    welch = sum(side.std_error**2 for side in sides) ** 2 / sum(
        side.std_error**4 / side.degrees_of_freedom for side in sides
    )
    ends = []
    for side in sides:
        half = t.ppf(0.975, welch) * side.std_error / (side.share * (1 - side.share))
        logits = [math.log(side.share / (1 - side.share)) + sign * half for sign in (-1, 1)]
        ends.append([1 / (1 + math.exp(-logit)) for logit in logits])
    (first, second), gap = sides, sides[0].share - sides[1].share
    low = gap - math.hypot(first.share - ends[0][0], ends[1][1] - second.share)
    high = gap + math.hypot(ends[0][1] - first.share, second.share - ends[1][0])
    assert difference_interval(first, second)[:3] == pytest.approx((gap, low, high))


def test_articles_with_weight_0_are_left_out():
    documents = articles(60, 20, "a").assign(w=[1.0] * 40 + [0.0] * 20)
    values = documents.set_index("doc_id")[["x"]]
    row = shares(values, documents, kind="theme", by="source", weights="w").iloc[0]
    assert (row["n"], row["share"]) == (40, 0.5)


@pytest.mark.parametrize(
    ("n", "days", "reason"),
    [
        (1, 1, "a single article"),
        (2, 1, "fewer than 16 articles"),
        (15, 400, "fewer than 16 articles"),
        (30, 14, "articles of fewer than 23 days"),
        (300, 22, "articles of fewer than 23 days"),
        (30, math.nan, "the day of some articles is unknown"),
        (16, 23, ""),
        (300, 400, ""),
    ],
)
def test_one_outlet_has_no_interval_that_says_nothing(n, days, reason):
    numbers = np.linspace(0, days - 1, n).round() if n > 1 else np.zeros(1)
    assert choose_clusters(np.full(n, "a", dtype=object), numbers, np.ones(n))[1] == reason


def test_one_day_with_most_of_an_outlets_articles_supports_no_interval():
    days = np.concatenate([np.zeros(80), np.arange(40)])
    reason = choose_clusters(np.full(120, "a", dtype=object), days, np.ones(120))[1]
    assert reason.startswith("one block has 6") and "effective blocks of days, fewer than 3" in reason


@pytest.mark.parametrize(("last", "k"), [(20, 4), (23, 4), (30, 4), (60, 5), (90, 6), (154, 7), (155, 8), (900, 8)])
def test_fewer_days_have_fewer_blocks(last, k):
    """round(days ** .4), by the days from the first to the last, however few of them have articles."""
    days = np.sort(np.concatenate([[1, last], np.random.default_rng(last).integers(1, last + 1, 158)])) + 19_000
    blocks = time_blocks(days)
    assert len(set(blocks)) == k and (np.diff(blocks) >= 0).all()
    assert all(len(set(blocks[days == day])) == 1 for day in days)
