"""Differences, word contrasts and theme co-occurrence on corpora with a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from topiclib.compare import (
    article_weights,
    cluster_estimate,
    compute_article_shares,
    difference_interval,
    differences,
    link_article_reprints,
    shares,
    theme_cooccurrence,
    theme_topic_table,
    word_contrasts,
)


def newsroom(n_outlets: int, n: int, share: dict[str, float], seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    random = np.random.default_rng(seed)
    rows, values = [], []
    for lang, mean in share.items():
        for outlet in range(n_outlets):
            outlet_share = random.beta(mean * 30, (1 - mean) * 30)
            for i in range(n):
                day = f"2023-{1 + i % 6:02}-{1 + i % 28:02}"
                rows.append((f"{lang}{outlet}-{i}", f"{lang}{outlet}", lang, day))
                values.append(float(random.random() < outlet_share))
    documents = pd.DataFrame(rows, columns=["doc_id", "source", "lang", "date"])
    return documents, pd.DataFrame({"x": values}, index=documents["doc_id"])


def test_q_adjusts_all_p_values_by_benjamini_hochberg():
    documents, values = newsroom(8, 60, {"ar": 0.1, "fa": 0.3})
    two_outlets = newsroom(2, 60, {"ps": 0.2})  # no interval, and so no p
    documents, values = pd.concat([documents, two_outlets[0]]), pd.concat([values, two_outlets[1]])
    values["y"] = np.random.default_rng(1).random(len(values)) < 0.2
    table = differences(values.astype(float), documents, kind="theme")
    small, large = sorted(table["p"].dropna())
    assert len(table) == 6 and table["q"].isna().sum() == 4
    assert sorted(table["q"].dropna()) == pytest.approx([min(2 * small, large), large]) and small < large


def test_only_a_real_difference_is_significant():
    documents, values = newsroom(8, 60, {"ar": 0.1, "fa": 0.4})
    row = differences(values, documents, kind="theme").iloc[0]
    assert (row["side_a"], row["side_b"]) == ("ar", "fa")
    assert row["low"] < row["difference"] < row["high"] < 0
    assert row["p"] == row["q"] < 0.01
    documents, values = newsroom(8, 60, {"ar": 0.2, "fa": 0.2}, seed=3)
    row = differences(values, documents, kind="theme").iloc[0]
    assert row["low"] < 0 < row["high"]


def test_detection_limits_are_those_of_topics_between_languages():
    documents, values = newsroom(6, 40, {"ar": 0.1, "fa": 0.4})
    values = values.rename(columns={"x": 3})
    known = pd.DataFrame({"kind": ["topic", "theme"], "key": ["3", "3"], "limit": [0.07, np.nan]})
    row = differences(values, documents, kind="topic", sensitivity=known).iloc[0]
    assert row["limit"] == 0.07 and abs(row["difference"]) > row["limit"]
    assert differences(values, documents, kind="theme", sensitivity=known)["limit"].isna().all()
    assert differences(values, documents, kind="topic")["limit"].isna().all()
    by_outlet = differences(values, documents, kind="topic", by="source", period="all", sensitivity=known)
    assert by_outlet["limit"].isna().all()


def test_a_difference_between_four_outlets_a_side_has_no_interval():
    documents, values = newsroom(4, 30, {"ar": 0.1, "fa": 0.5})
    row = differences(values, documents, kind="theme").iloc[0]
    assert np.isnan(row[["low", "high", "p", "q"]].astype(float)).all()
    assert abs(row["difference"]) > 0.2


def test_an_outlet_on_two_sides_is_an_error():
    documents, values = newsroom(5, 6, {"ar": 0.1, "fa": 0.5})
    with pytest.raises(ValueError, match="not independent"):
        differences(values, documents.assign(source="one"), kind="theme")


def test_sides_without_a_common_month_are_an_error():
    documents, values = newsroom(5, 6, {"ar": 0.1, "fa": 0.5})
    documents["date"] = np.where(documents["lang"] == "ar", "2020-01-01", "2024-01-01")
    with pytest.raises(ValueError, match="month in common"):
        differences(values, documents, kind="theme")
    assert len(differences(values, documents, kind="theme", period="all")) == 1


def test_each_pair_is_compared_over_its_common_months():
    documents, values = newsroom(3, 12, {"fa": 0.3})
    start = {"fa0": "2020-01", "fa1": "2020-04", "fa2": "2022-01"}
    documents["date"] = [f"{start[s][:5]}{int(start[s][5:]) + i % 6:02}-05" for i, s in enumerate(documents["source"])]
    table = differences(values, documents, kind="theme", by="source").set_index(["side_a", "side_b"])
    assert table["period"].tolist() == ["2020-04 to 2020-06", "none", "none"]
    assert table[["n_a", "n_b"]].to_numpy().tolist() == [[6, 6], [0, 0], [0, 0]]
    assert table["difference"].notna().tolist() == [True, False, False]


def test_weights_by_hand():
    documents = pd.DataFrame(
        {"source": list("aab"), "date": ["2023-01-01", "2023-01-02", "2023-02-01"], "w": [1, 2, 3]}
    )
    level = pd.Series(["fa"] * 3)
    assert article_weights(documents, level, weights="outlet").tolist() == [0.5, 0.5, 1.0]
    month = article_weights(documents, level, weights="month")
    assert np.allclose(month, 1 / 3)
    assert article_weights(documents, level, weights="w").tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="expected article, outlet, month"):
        article_weights(documents, level, weights="nobody")
    with pytest.raises(ValueError, match="missing or negative"):
        article_weights(documents.assign(w=[1, None, 2]), level, weights="w")


def test_months_are_standardized():
    """The sides have the same share in each month, and unequal numbers of articles by month."""
    documents = pd.DataFrame(
        [
            (f"{lang}{i}", lang, lang, "2023-01-01" if i < january else "2023-02-01")
            for lang, january in (("fa", 8), ("ar", 2))
            for i in range(10)
        ],
        columns=["doc_id", "source", "lang", "date"],
    )
    values = pd.DataFrame(
        {"x": (documents["date"] == "2023-01-01").astype(float).to_numpy()}, index=documents["doc_id"]
    )
    plain = shares(values, documents, kind="theme", by="lang")["share"]
    standard = shares(values, documents, kind="theme", by="lang", weights="month")["share"]
    assert plain.tolist() == [0.2, 0.8]  # ar, fa
    assert np.allclose(standard, 0.5)


def test_with_equal_clusters_the_variance_is_that_of_the_means():
    """With clusters of equal size the jackknife variance is that of the means over their number."""
    random = np.random.default_rng(0)
    values, clusters = random.random(60) * 0.8, np.repeat(np.arange(6), 10)
    found = cluster_estimate(values, clusters)
    means = values.reshape(6, 10).mean(axis=1)
    assert np.isclose(found.std_error, means.std(ddof=1) / 6**0.5)
    hits = means / means.max()
    chance = values.reshape(6, 10).var(axis=1, ddof=1).mean() / 10 / means.max() ** 2
    kish = min(6, hits.sum() ** 2 / ((hits**2).sum() - 6 * chance))
    assert np.isclose(found.degrees_of_freedom, (6 + kish) / 2 - 1)  # effective number of all articles, and of hits
    assert found.low < found.share < found.high


def test_one_large_outlet_leaves_few_degrees_of_freedom():
    """One of five outlets has nine tenths of the articles."""
    values = np.random.default_rng(0).random(200)
    found = cluster_estimate(values, np.repeat(np.arange(5), [180, 5, 5, 5, 5]))
    assert found.degrees_of_freedom == 1
    assert found.high - found.low > 0.1


def test_the_jackknife_variance_is_at_least_the_true_one_with_unequal_outlets():
    """Independent articles; one outlet is five times as large as the others."""
    random, clusters = np.random.default_rng(1), np.repeat(np.arange(6), [100, 20, 20, 20, 20, 20])
    errors = [cluster_estimate((random.random(200) < 0.4).astype(float), clusters).std_error for _ in range(400)]
    assert 1 < np.mean(np.square(errors)) / (0.4 * 0.6 / 200) < 1.6


def test_the_interval_excludes_0_if_p_is_below_05():
    clusters = np.repeat(np.arange(6), 10)
    one, two = (cluster_estimate(np.random.default_rng(s).random(60) * top, clusters) for s, top in ((0, 0.7), (1, 1)))
    low, high, p = difference_interval(one, two)[1:]
    assert (low > 0 or high < 0) == (p < 0.05)
    assert difference_interval(one, one)[3] == pytest.approx(1)
    assert difference_interval(two, one)[3] == pytest.approx(p)


def test_a_side_with_one_relevant_outlet_keeps_its_few_degrees_of_freedom():
    """Welch's degrees of freedom alone would make the interval too narrow."""
    one = cluster_estimate(np.repeat([0.9, 0, 0, 0, 0], 20), np.repeat(np.arange(5), 20))
    many = cluster_estimate(np.random.default_rng(0).random(600) * 0.4, np.repeat(np.arange(30), 20))
    low, high = difference_interval(one, many)[1:3]
    assert high - low > 0.5 * (one.high - one.low)


def test_reprints_are_not_independent():
    """Five outlets with the same articles would otherwise seem to agree independently."""
    values, outlets = np.tile([1.0] + [0.0] * 9, 5), np.repeat(list("abcde"), 10)
    values[-1] = 1.0
    groups = np.tile(np.arange(10).astype(str), 5)
    plain, grouped = cluster_estimate(values, outlets), cluster_estimate(values, outlets, reprint_groups=groups)
    assert grouped.share == plain.share
    assert grouped.std_error > 2 * plain.std_error
    no_reprints = cluster_estimate(values, outlets, reprint_groups=np.arange(50).astype(str))
    assert np.isclose(no_reprints.std_error, plain.std_error)


def test_articles_are_linked_to_the_article_that_they_mostly_repeat():
    passages = pd.DataFrame(
        {
            "passage_id": ["a0", "a1", "b0", "b1", "c0", "c1", "c2"],
            "doc_id": list("aabbccc"),
            "reprint_of": ["", "", "a0", "a1", "a0", "", ""],
        }
    )
    documents = pd.DataFrame({"doc_id": list("abc")})
    assert link_article_reprints(documents, passages)["reprint_of"].tolist() == ["a", "a", "c"]


def test_equal_clusters_still_have_an_interval():
    found = cluster_estimate(np.tile([0.0, 1.0], 20), np.repeat(np.arange(5), 8))
    assert found.high - found.low > 0.2


def test_a_share_of_0_still_has_an_interval():
    found = cluster_estimate(np.zeros(100), np.repeat(np.arange(5), 20))
    assert found.low == 0
    assert 0.03 < found.high < 0.2
    gap, low, high, p = difference_interval(found, found)
    assert gap == 0
    assert low < 0 < high
    assert np.isnan(p)


def test_article_shares_by_voice():
    passages = pd.DataFrame({"passage_id": list("abc"), "doc_id": ["1", "1", "2"], "voice": ["own", "quoted", "own"]})
    labels = pd.DataFrame({"passage_id": ["b"], "key": ["x"]})
    assert compute_article_shares(passages, labels)["x"].tolist() == [0.5, 0]
    assert compute_article_shares(passages[passages["voice"] == "own"], labels).shape == (2, 0)


def test_word_contrasts_between_outlets():
    passages = pd.DataFrame(
        {
            "passage_id": [f"p{i}" for i in range(20)],
            "doc_id": [f"d{i}" for i in range(20)],
            "lang": "fa",
            "text": ["مذاکره بانک سیاست"] * 10 + ["تهدید بانک سیاست"] * 10,
        }
    )
    labels = pd.DataFrame({"passage_id": passages["passage_id"], "key": "sanctions"})
    sides = pd.Series(["a"] * 10 + ["b"] * 10, index=passages["doc_id"])
    table = word_contrasts(passages, labels, sides).set_index("word")
    assert table.loc["مذاکره", "z"] < -1.5
    assert table.loc["تهدید", "z"] > 1.5
    assert abs(table.loc["بانک", "z"]) < 0.2
    assert set(table["left"]) == {"a"}


def test_theme_cooccurrence():
    passages = pd.DataFrame({"passage_id": [f"p{i}" for i in range(100)], "doc_id": [f"d{i // 2}" for i in range(100)]})
    rows = [(f"p{i}", "a") for i in range(0, 40)] + [(f"p{i}", "b") for i in range(10, 50)]
    rows += [(f"p{i}", "c") for i in range(50, 90)]
    themes = pd.DataFrame(rows, columns=["passage_id", "theme"]).assign(about=True)
    table = theme_cooccurrence(themes, passages).set_index(["first", "second"])
    assert table.loc[("a", "b"), ["both", "expected"]].tolist() == [30, 16]
    assert table.loc[("a", "b"), "low"] > 1
    assert table.loc[("a", "c"), "lift"] == 0
    assert np.isnan(table.loc[("a", "c"), "low"])
    assert table["note"].tolist() == ["", "no passage has both", "no passage has both"]
    alone = theme_cooccurrence(themes, passages.assign(doc_id=["d0"] * 100)).set_index(["first", "second"])
    assert alone.loc[("a", "b"), "note"] == "all with both are in one article"
    assert np.isnan(alone.loc[("a", "b"), "high"])


def test_theme_topic_table():
    topics = pd.DataFrame({"passage_id": [f"p{i}" for i in range(10)], "topic": [0] * 6 + [1] * 4})
    themes = pd.DataFrame({"passage_id": ["p0", "p1", "p2", "p6", "p7"], "theme": "a", "about": [True] * 4 + [False]})
    table = theme_topic_table(topics, themes, min_passages=1)
    assert table[["topic", "n", "size"]].to_numpy().tolist() == [[0, 3, 6], [1, 1, 4]]
    assert table["part_of_topic"].tolist() == [0.5, 0.25]
    assert table["part_of_theme"].tolist() == [0.75, 0.25]
    assert len(theme_topic_table(topics, themes)) == 1
    assert theme_topic_table(topics, themes[:0]).empty


def test_spelling_distinguishes_no_outlets():
    """The same words, with hamza, teh marbuta and dotted yeh in one outlet and without in the other."""
    texts = [
        "الأمم المتحدة تدين الحكومة السورية والنووي الإيراني",
        "الامم المتحده تدين الحكومه السوريه والنووى الايرانى",
    ]
    passages = pd.DataFrame(
        {"passage_id": [f"p{i}" for i in range(40)], "doc_id": [f"d{i}" for i in range(40)], "lang": "ar"}
    ).assign(text=[texts[i % 2] for i in range(40)])
    labels = passages[["passage_id"]].assign(key="x")
    sides = pd.Series(["ab"[i % 2] for i in range(40)], index=passages["doc_id"])
    table = word_contrasts(passages, labels, sides)
    assert {"سورية", "نووي"} <= set(table["word"])
    assert (table["n_left"] == 20).all() and (table["n_right"] == 20).all()
    assert np.allclose(table["log_odds"], 0)
