"""Measures computed a second time, on cases that exercise every part of their formulas."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from topiclib import evaluate

pytestmark = pytest.mark.filterwarnings(
    "error::RuntimeWarning"
)  # 0/0 is a NaN in the result, without a warning of numpy


def test_npmi_of_words_that_co_occur_sometimes():
    """The words v and w are in 3 and 2 of 5 documents, both in 1: log((1/5) / (3/5 * 2/5)) / -log(1/5)."""
    documents = {"fa": [["v", "x"], ["v", "w"], ["v"], ["w", "x"], ["x"]]}
    keywords = pd.DataFrame([(0, "fa", 1, "v"), (0, "fa", 2, "w"), (0, "fa", 11, "x")],
                            columns=["topic", "lang", "rank", "word"])  # fmt: skip
    expected = math.log(0.2 / (0.6 * 0.4)) / -math.log(0.2)
    assert evaluate.coherence(keywords, documents)["npmi"].tolist() == pytest.approx([expected])
    three = evaluate.coherence(keywords, documents, n_words=11)["npmi"]  # v and x as v and w; w and x by their own
    assert three.tolist() == pytest.approx([(expected + math.log(0.2 / 0.36) / -math.log(0.2) + expected) / 3])
    assert evaluate.coherence(keywords, {"fa": [["v", "w"]] * 3})["npmi"].tolist() == [1]
    assert evaluate.diversity(pd.concat([keywords, keywords.assign(topic=1)]))["diversity"].tolist() == [0.5]


def test_neighbors_are_exact_beyond_the_first_block():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(1100, 4)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    lang = np.where(rows[:, 0] + 0.4 * rng.normal(size=1100) > 0.3, "fa", "ar")
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -2)
    nearest = np.argsort(-cosines, axis=1)
    for count in (5, 600):
        found = evaluate.neighbor_mixing(rows, lang, n_neighbors=count)
        assert found["same"] == pytest.approx((lang[nearest[:, :count]] == lang[:, None]).mean(), abs=1e-3)
    n = [(lang == code).sum() for code in ("fa", "ar")]
    assert found["chance"] == pytest.approx(sum(k * (k - 1) for k in n) / (1100 * 1099))
    assert evaluate.neighbor_mixing(np.eye(2), ["fa", "ar"]) == {"same": 0, "chance": 0}
    few = evaluate.neighbor_mixing(np.eye(3), ["fa", "fa", "ar"])  # of three passages two are all the others
    assert few == {"same": pytest.approx(1 / 3), "chance": pytest.approx(1 / 3)}


def test_a_topic_of_one_language_may_have_one_passage_in_twenty_of_another():
    nineteen, eighteen = ["fa"] * 19 + ["ar"], ["fa"] * 18 + ["ar"]
    assert evaluate.one_language_share([0] * 20, nineteen)["share"] == 1
    assert evaluate.one_language_share([0] * 19, eighteen)["share"] == 0
    assert evaluate.one_language_share([0] * 19, eighteen, purity=0.9)["share"] == 1
    pairs = evaluate.one_language_share(np.repeat(np.arange(300), 2), ["fa", "ar"] * 300, n_permutations=40)
    assert pairs["share"] == 0 and pairs["chance"] == pytest.approx(299 / 599, abs=0.02)
    assert evaluate.one_language_share([-1, -1], ["fa", "ar"])["share"] != 0  # NaN: no topic


def test_entropy_of_three_languages():
    table = evaluate.language_split([4, 4, 4, 4, 4, 9], ["fa", "fa", "ar", "ps", "ps", "ps"])
    assert table["share"].tolist() == pytest.approx([0.2, 0.4, 0.4, 0, 0, 1])  # ar, fa, ps of each
    assert table["entropy"].iloc[-1] == 0  # one passage
    assert table["entropy"].iloc[0] == pytest.approx(-(0.2 * math.log2(0.2) + 0.8 * math.log2(0.4)))


def test_overlaps_of_a_topic_over_partitions():
    """Ten passages, two of them exchanged: 8 of 12; unchanged: 1."""
    first = [0] * 10 + [1] * 10
    other = [3] * 8 + [4] * 2 + [3] * 2 + [4] * 8
    table = evaluate.best_jaccard(first, [other, first])
    assert table["mean_jaccard"].tolist() == pytest.approx([(8 / 12 + 1) / 2] * 2)
    assert table["min_jaccard"].tolist() == pytest.approx([8 / 12] * 2)
    assert table["size"].tolist() == [10, 10]
    dissolved = evaluate.best_jaccard([0, 0, -1], [[-1, -1, 2]])
    assert dissolved["mean_jaccard"].tolist() == [0] and dissolved["topic"].tolist() == [0]


def test_three_partitions_have_three_pairs():
    """Two equal partitions and one independent of them: 1, and twice the index of independent halves."""
    across = evaluate.pairwise_ari([[0, 0, 1, 1], [0, 1, 0, 1]])["mean"]
    found = evaluate.pairwise_ari([[0, 0, 1, 1], [5, 5, 2, 2], [0, 1, 0, 1]])
    assert across == pytest.approx(-0.5)
    assert found == pytest.approx({"mean": (1 + 2 * across) / 3, "min": across})


def test_sides_are_as_large_as_the_labels_allow():
    labels = ["on"] * 70 + ["off"] * 170
    rows, side = evaluate.sample_planted_difference(labels, {"on"}, subject_share=0.6, seed=1)
    on = rows < 70
    assert [int((on & (side == s)).sum()) for s in (0, 1)] == [42, 28]
    assert [int((~on & (side == s)).sum()) for s in (0, 1)] == [28, 42]
    assert (np.diff(rows) > 0).all()
    again, _ = evaluate.sample_planted_difference(labels, {"on"}, subject_share=0.6, seed=1)
    other, _ = evaluate.sample_planted_difference(labels, {"on"}, subject_share=0.6, seed=2)
    assert (rows == again).all() and (rows != other).any()
    few, side = evaluate.sample_planted_difference(labels, {"on"}, subject_share=0.75, max_side_size=20)
    assert len(few) == 40 and int(((few < 70) & (side == 0)).sum()) == 15
    lang = ["fa"] * 35 + ["ar"] * 35 + ["fa"] * 20 + ["ar"] * 150  # 20 Persian ones off it limit the size
    rows, side = evaluate.sample_planted_difference(labels, {"on"}, subject_share=0.6, lang=lang)
    assert (side == 0).sum() == (side == 1).sum() == 50
    assert evaluate.sample_planted_difference(["a", "a", "b", "b"], {"a"}, subject_share=0.5)[0].tolist() == [
        0,
        1,
        2,
        3,
    ]
    arabic_first, side = evaluate.sample_planted_difference(
        labels, {"on"}, subject_share=0.6, lang=lang, languages=("ar", "fa")
    )
    assert len(arabic_first) == 66  # twenty Persian ones off it are three fifths of 33
    assert all(lang[row] == ("ar", "fa")[one] for row, one in zip(arabic_first, side, strict=True))


def test_control_sides_are_as_large_as_the_labels_allow():
    labels = np.array((["on"] * 40 + ["off"] * 60) * 2)
    sizes = []

    def note(rows: np.ndarray, side: np.ndarray) -> np.ndarray:
        sizes.append(len(rows))
        return (labels[rows] == "on").astype(int)

    evaluate.share_recovery(
        note, note, labels, subject_labels={"on"}, subject_share=0.6, n_resamples=1, lang=["fa"] * 100 + ["ar"] * 100
    )
    assert sizes == [132, 80]  # as many as the labels allow: within one language both sides share them
    few = ["fa"] * 100 + ["ar"] * 12 + ["x"] * 28 + ["ar"] * 30 + ["x"] * 30
    evaluate.share_recovery(note, note, labels, subject_labels={"on"}, subject_share=0.6, n_resamples=1, lang=few)
    assert sizes[2] == sizes[3] == 60  # twelve Arabic ones on the subject are two fifths of thirty


def test_diversity_uses_ten_words_a_topic_and_sorts_languages():
    words = [(0, lang, rank, f"{lang}{rank}") for lang in ("fa", "ar") for rank in range(1, 12)]
    table = pd.DataFrame(words, columns=["topic", "lang", "rank", "word"])
    table.loc[table["rank"] == 10, "word"] = "same"
    table.loc[table["rank"] == 9, "word"] = "same"
    found = evaluate.diversity(table)
    assert found["lang"].tolist() == ["ar", "fa"] and found["diversity"].tolist() == [0.9, 0.9]
    tenth = {"fa": [["same", "fa1"], ["fa1"]], "ar": []}
    assert (
        evaluate.coherence(table.drop(index=table.index[(table["rank"] == 9)]), tenth).set_index("lang")["npmi"]["fa"]
        > -1
    )


def test_recovered_difference_judges_by_topics_and_leaves_outliers_out():
    """Topic 0 is on the subject by two of three; side 0 has two of its three passages there, side 1 one of two."""
    topics, labels, side = [0, 0, 0, 1, 1, -1], list("aabbba"), [0, 0, 1, 0, 1, 1]
    assert evaluate.recovered_difference(topics, labels, side, {"a"}) == pytest.approx(2 / 3 - 1 / 2)
    assert math.isnan(evaluate.recovered_difference(topics[:2], labels[:2], side[:2], {"a"}))


def test_resamples_have_consecutive_seeds():
    labels = np.array(["on"] * 40 + ["off"] * 60)
    seen: list[list[int]] = []

    def note(rows: np.ndarray, side: np.ndarray) -> np.ndarray:
        seen.append(rows.tolist())
        return (labels[rows] == "on").astype(int)

    table = evaluate.share_recovery(
        note, note, labels, subject_labels={"on"}, subject_share=0.75, n_resamples=3, seed=5
    )
    assert table["resample"].tolist() == [5, 6, 7] and table["planted"].tolist() == [0.5] * 3
    assert seen[0::2] == [
        evaluate.sample_planted_difference(labels, {"on"}, subject_share=0.75, seed=s)[0].tolist() for s in (5, 6, 7)
    ]
    by_default = evaluate.share_recovery(note, note, labels, subject_labels={"on"})
    assert by_default["resample"].tolist() == list(range(8)) and by_default["planted"].tolist() == pytest.approx(
        [0.7] * 8
    )


def test_the_interval_of_alpha_resamples_units():
    """A unit sampled twice counts as two units."""
    ratings = [[1, 2], [1, 1], [2, 2], [2, 1], [2, 3], [1, 1], [3, 3], [3, 2], [1, 1], [2, 2], [3, 1], [2, 2]]
    found = evaluate.krippendorff_alpha(ratings, n_resamples=200, seed=4)
    times = np.random.default_rng(4).multinomial(12, np.full(12, 1 / 12), size=200)
    alphas = [
        evaluate.krippendorff_alpha(np.repeat(ratings, n, axis=0).tolist(), n_resamples=1)["alpha"] for n in times
    ]
    assert (found["low"], found["high"]) == pytest.approx(tuple(np.nanpercentile(alphas, [2.5, 97.5])))
    assert evaluate.krippendorff_alpha(ratings) == evaluate.krippendorff_alpha(ratings, n_resamples=1000, seed=0)
