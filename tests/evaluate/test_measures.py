"""Each measure on cases computed by hand, at its extremes, and its invariances."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topiclib import evaluate
from topiclib.evaluate.share_recovery import share_differences

LANG = ["fa", "fa", "ar", "ar"]
assignments = st.lists(st.tuples(st.integers(-1, 3), st.sampled_from(["fa", "ar"])), min_size=2, max_size=40)


@settings(max_examples=40)
@given(assignments)
def test_shares_sum_to_1_and_values_stay_in_range(rows):
    topics, lang = zip(*rows, strict=True)
    table = evaluate.language_split(topics, lang)
    assert list(table.columns) == ["topic", "lang", "share", "entropy"]
    assert np.allclose(table.groupby("topic")["share"].sum(), 1)
    assert table["entropy"].between(-1e-9, 1 + 1e-9).all()
    result = evaluate.one_language_share(topics, lang, n_permutations=3)
    assert all(math.isnan(value) or 0 <= value <= 1 for value in result.values())


@pytest.mark.parametrize(
    ("topics", "share"), [([0, 0, 1, 1], 1.0), ([0, 1, 0, 1], 0.0), ([0, 1, 0, -1], 1 / 3), ([0, 0, 0, 0], 0.0)]
)
def test_one_language_share(topics, share):
    assert evaluate.one_language_share(topics, LANG)["share"] == pytest.approx(share)


def test_chance_of_one_language_topics_is_0_for_large_topics_and_1_for_single_passages():
    lang = ["fa", "ar"] * 50
    assert evaluate.one_language_share([0] * 50 + [1] * 50, lang)["chance"] == 0
    assert evaluate.one_language_share(range(100), lang)["chance"] == 1


def test_entropy_of_a_topic():
    table = evaluate.language_split([0, 1, 0, 1, 1, 1], ["fa", "fa", "ar", "ar", "ar", "ar"])
    assert table.loc[table["topic"] == 0, "entropy"].tolist() == [1, 1]
    assert table.loc[table["topic"] == 1, "entropy"].iloc[0] == pytest.approx(0.8113, abs=1e-4)


def test_neighbors_of_mixed_and_separate_languages():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 8)).astype(np.float32)
    lang = np.array(["fa", "ar"] * 200)
    mixed = evaluate.neighbor_mixing(rows / np.linalg.norm(rows, axis=1, keepdims=True), lang)
    assert mixed["same"] == pytest.approx(mixed["chance"], abs=0.03)
    rows += np.where(lang == "fa", 20, -20)[:, None]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert evaluate.neighbor_mixing(rows, lang)["same"] == 1


@pytest.mark.parametrize("share", [0.5, 0.6, 0.85])
def test_perfect_topics_recover_the_planted_difference(share):
    labels = ["sports"] * 70 + ["health"] * 50 + ["travel"] * 160
    rows, side = evaluate.sample_planted_difference(labels, {"sports", "health"}, subject_share=share, seed=3)
    assert len(set(rows)) == len(rows) == 240 and (side == 0).sum() == 120
    names = np.array(labels)[rows]
    perfect = np.unique(names, return_inverse=True)[1]
    assert evaluate.recovered_difference(perfect, names, side, {"sports", "health"}) == pytest.approx(
        2 * share - 1, abs=0.02
    )
    assert evaluate.recovered_difference(np.zeros(len(rows)), names, side, {"sports", "health"}) == 0


def test_recovery_of_perfect_topics_and_of_topics_that_are_languages():
    labels = np.array(["sports"] * 60 + ["travel"] * 60)
    perfect = lambda rows, side: np.unique(labels[rows], return_inverse=True)[1]  # noqa: E731
    table = evaluate.share_recovery(perfect, perfect, labels, subject_labels={"sports"}, n_resamples=2)
    assert table["recovered"].mean() == table["recovered_within"].mean() == pytest.approx(0.7)
    languages = evaluate.share_recovery(
        lambda rows, side: side, perfect, labels, subject_labels={"sports"}, n_resamples=2
    )
    assert (languages["recovered"] > languages["planted"]).all()


def test_detection_limit_is_a_prediction_interval_of_the_standardized_difference():
    """Ten samples with |z| = .2: t_10(.975) = 2.228; a topic with a share of .10 has sqrt(.1 .9) = .3."""
    recovery = pd.DataFrame({"planted": [0.0] * 10 + [0.7], "recovered": [0.1, -0.1] * 5 + [0.6], "share": 0.5})
    share, error = pd.Series([0.1, 0.5, 0.0], index=[4, 7, 9]), pd.Series([0.0, 0.0, 0.0], index=[4, 7, 9])
    limits = evaluate.detection_limits(recovery, share, error)
    assert limits.to_dict() == pytest.approx({4: 2.228139 * 0.2 * 0.3, 7: 2.228139 * 0.2 * 0.5, 9: 0.0})
    assert evaluate.detection_limits(recovery, share, error + 0.08)[4] == pytest.approx(2.228139 * 0.1)
    not_found = pd.concat([recovery, recovery.assign(planted=0.0, share=[0.0, 1.0] * 5 + [np.nan])])
    assert evaluate.detection_limits(not_found, share, error).to_dict() == pytest.approx(limits.to_dict())
    assert evaluate.detection_limits(recovery.iloc[6:], share, error).isna().all()
    assert evaluate.detection_limits(recovery.assign(recovered=0.45), share, error)[7] == 1


def test_share_differences_count_articles_not_passages():
    """Three articles of two passages a language; in Persian one topic has an article of its own."""
    table = share_differences([0, 0, 1, 1, 1, 1] + [0, 1] * 3, ["fa"] * 6 + ["ar"] * 6, list("aabbccddeeff"))
    assert table["share"].tolist() == pytest.approx([5 / 12, 7 / 12])
    assert table["difference"].tolist() == pytest.approx([-1 / 6, 1 / 6])
    # Deviations of the Persian articles: 2 - 2/3, -2/3, -2/3; the Arabic ones have none.
    assert table["error"].tolist() == pytest.approx([(3 / 2 * (16 + 4 + 4) / 9 / 36) ** 0.5] * 2)
    one_article = share_differences([0, 1, -1], ["fa", "fa", "ar"], ["a", "b", "c"])
    assert one_article.index.tolist() == [0, 1] and one_article["error"].isna().all()


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.02, 0.3), st.floats(0.05, 0.95))
def test_detection_limit_grows_with_the_spread_and_with_shares_near_one_half(seed, spread, share):
    random = np.random.default_rng(seed)
    recovery = pd.DataFrame({"planted": 0.0, "recovered": random.normal(0, spread, 20), "share": 0.5})
    limit = evaluate.detection_limits(recovery, pd.Series([share, 1 - share, 0.5]), pd.Series(0.02, range(3)))
    assert limit[0] == pytest.approx(limit[1]) and limit[0] <= limit[2] <= 1
    wider = recovery.assign(recovered=1.5 * recovery["recovered"])
    assert (evaluate.detection_limits(wider, pd.Series([share]), pd.Series([0.02])) >= limit[:1]).all()


def test_five_of_a_hundred_new_differences_exceed_the_detection_limit():
    random = np.random.default_rng(0)
    exceeded = []
    for _ in range(2000):
        z = random.normal(0, 0.25, 21)
        recovery = pd.DataFrame({"planted": 0.0, "recovered": z[:20] / 2, "share": 0.5})
        limit = evaluate.detection_limits(recovery, pd.Series([0.2]), pd.Series([0.0])).iloc[0]
        exceeded.append(abs(z[20]) * 0.4 > limit)
    assert np.mean(exceeded) == pytest.approx(0.05, abs=0.015)


def test_overlap_of_renamed_and_dissolved_topics():
    first = [0] * 10 + [1] * 10 + [-1] * 2
    renamed = [5] * 10 + [3] * 10 + [-1] * 2
    assert evaluate.pairwise_ari([first, renamed])["min"] == pytest.approx(1)
    assert evaluate.best_jaccard(first, [renamed])["mean_jaccard"].tolist() == [1, 1]
    halves = [0] * 5 + [1] * 5 + [2] * 10 + [-1] * 2
    assert evaluate.best_jaccard(first, [renamed, halves])["min_jaccard"].tolist() == [0.5, 1]
    subsample = [-2] * 5 + [1] * 5 + [2] * 10 + [-1] * 2
    assert evaluate.best_jaccard(first, [subsample])["mean_jaccard"].tolist() == [1, 1]


def test_coherence_of_words_that_co_occur_and_that_do_not():
    keywords = pd.DataFrame(
        [(0, "fa", 1, "نفت"), (0, "fa", 2, "گاز"), (1, "fa", 1, "نفت"), (1, "fa", 2, "شعر"), (0, "ar", 1, "نفط")],
        columns=["topic", "lang", "rank", "word"],
    )
    documents = {"fa": [["نفت", "گاز"], ["نفت", "گاز"], ["شعر"], ["شعر", "باران"]], "ar": [["نفط"]]}
    table = evaluate.coherence(keywords, documents).set_index(["topic", "lang"])["npmi"]
    assert table[0, "fa"] == pytest.approx(1) and table[1, "fa"] == -1 and math.isnan(table[0, "ar"])
    shares = evaluate.diversity(keywords).set_index("lang")["diversity"]
    assert shares["fa"] == 0.75 and shares["ar"] == 1


def test_sensitivity_has_range_and_sign_agreement():
    table = pd.DataFrame({"contrast": ["a"] * 4 + ["b"], "value": [0.1, 0.2, -0.1, np.nan, 0.3], "seed": range(5)})
    first = evaluate.sensitivity(table).iloc[0]
    assert (first["n_settings"], first["n_missing"], first["median"]) == (3, 1, 0.1)
    assert first["sign_agreement"] == pytest.approx(2 / 3) and first["min"] == -0.1
    none = evaluate.sensitivity(table.assign(value=np.nan)).iloc[0]
    assert (none["n_settings"], none["n_missing"]) == (0, 4) and math.isnan(none["median"])


def test_differences_are_of_the_matched_topic_and_over_articles():
    run, side = [0] * 6 + [1] * 6, ["fa"] * 4 + ["ar"] * 8
    article = ["a", "a", "a", "b", *"cdefghij"]
    renamed = [7] * 6 + [3] * 6
    table = evaluate.refit_differences(renamed, run, side, articles=article).set_index("key")["value"]
    assert table["0"] == pytest.approx(1 - 2 / 8) and table["1"] == pytest.approx(0 - 6 / 8)
    moved = [7] * 3 + [
        3
    ] * 9  # b moved: half of the Persian articles are in 0; 1 matches a topic of nine, six of them its own
    table = evaluate.refit_differences(moved, run, side, articles=article).set_index("key")["value"]
    assert math.isnan(table["0"]) and table["1"] == pytest.approx(1 / 2 - 1)
    halves = [0, 0, 0, 1, 1, 1] + [2] * 6
    assert math.isnan(evaluate.refit_differences(halves, run, side).set_index("key")["value"]["0"])


def test_outliers_count_as_passages_but_belong_to_no_topic():
    run, side = [0, 0, 0, 1, 1, 1], ["fa", "fa", "ar", "fa", "ar", "ar"]
    table = evaluate.refit_differences([0, 0, 0, 1, -1, 1], run, side).set_index("key")["value"]
    assert table["0"] == pytest.approx(2 / 3 - 1 / 3) and table["1"] == pytest.approx(1 / 3 - 1 / 3)


def test_a_themes_difference_needs_no_match_and_shrinks_where_topics_mix():
    side, theme = ["fa", "fa", "ar", "ar"], {"jcpoa": [True, True, False, False]}

    def difference(topics):
        return evaluate.refit_differences(topics, [0, 0, 1, 1], side, about=theme).set_index("key")["value"]["jcpoa"]

    assert difference([4, 4, 5, 5]) == 1 and difference([4, 4, 4, 4]) == 0
    assert difference([4, 4, 4, 5]) == pytest.approx(2 / 3 * 0.5)
    alone = evaluate.refit_differences([0, 0], [0, 0], ["fa", "fa"]).set_index("key")["value"]
    assert math.isnan(alone["0"])


def test_a_difference_is_planted_between_languages_of_a_corpus_that_is_not_parallel():
    lang = np.array(["fa"] * 200 + ["ar"] * 150)
    labels = np.array((["on"] * 80 + ["off"] * 120) + (["on"] * 30 + ["off"] * 120))
    rows, side = evaluate.sample_planted_difference(labels, {"on"}, subject_share=0.8, lang=lang)
    assert (lang[rows] == np.where(side == 0, "fa", "ar")).all() and len(set(rows)) == len(rows) == 200
    assert (labels[rows] == "on")[side == 0].mean() == 0.8 and (labels[rows] == "on")[side == 1].mean() == 0.2
    perfect = lambda rows, side: (labels[rows] == "on").astype(int)  # noqa: E731
    table = evaluate.share_recovery(
        perfect, perfect, labels, subject_labels={"on"}, subject_share=0.8, n_resamples=2, lang=lang
    )
    assert table["recovered"].tolist() == pytest.approx([0.6, 0.6]) and table[
        "recovered_within"
    ].tolist() == pytest.approx([0.6, 0.6])


def test_mixing_has_a_row_for_each_measure_and_stage():
    rows = np.eye(2, dtype=np.float32)[[0, 0, 0, 1, 1, 1]]
    lang = ["fa"] * 3 + ["ar"] * 3
    table = evaluate.mixing({"before": (rows, [0, 0, 0, 1, 1, 1]), "after": (rows[[0] * 6], [0] * 6)}, lang)
    before, after = (table[table["stage"] == stage].set_index("measure")["value"] for stage in ("before", "after"))
    assert before["one_language"] == 1 and after["one_language"] == 0
    assert table.columns.tolist() == ["measure", "stage", "value", "chance"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: evaluate.language_split([0, 1], ["fa"]), "2 topics and 1 languages"),
        (lambda: evaluate.neighbor_mixing(np.eye(2), ["fa"]), "2 vectors and 1"),
        (lambda: evaluate.pairwise_ari([[0, 1]]), "at least two"),
        (lambda: evaluate.sample_planted_difference(["a", "b"], {"c"}), "two on the subject and two off it"),
        (lambda: evaluate.sample_planted_difference(["a"] * 4, {"a"}, subject_share=1.0), "between 0 and 1"),
        (lambda: evaluate.sample_planted_difference(["a", "b"] * 20, {"a"}, subject_share=1.2), "between 0 and 1"),
        (lambda: evaluate.refit_differences([0], [0, 1], ["fa"]), "have lengths"),
        (lambda: evaluate.refit_differences([0], [0], ["fa"], about={"x": [True, True]}), "2 values for 1"),
        (lambda: evaluate.sensitivity(pd.DataFrame({"value": [1]})), "needs the column contrast"),
    ],
)
def test_wrong_input_is_an_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()
