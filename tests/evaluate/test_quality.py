"""The three quality tables, on a subset of the sample with real vectors and refits."""

from __future__ import annotations

import importlib

import numpy as np
import pandas as pd
import pytest

import topiclib as tl
from topiclib import report, schema
from topiclib.runs import summary

module = importlib.import_module("topiclib.evaluate.quality")


@pytest.fixture(scope="module")
def subset(sample_run):
    """About two thirds of the sample's passages, whole articles, equal numbers by language, with vectors and themes."""
    passages = sample_run.tables["passages"].query("modeled")
    left_out = sorted(set(passages["doc_id"]))[::3]
    chosen = passages[~passages["doc_id"].isin(left_out)].reset_index(drop=True)
    return chosen, tl.embed(chosen, progress=False), sample_run.tables["themes"]


@pytest.fixture(scope="module")
def tables(subset):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "N_SEEDS", 2)
        patch.setattr(module, "N_RESAMPLES", 1)
        patch.setattr(module, "N_NULL_RESAMPLES", 3)
        return tl.quality(*subset, progress=False)


def test_sensitivity_covers_all_settings(tables):
    settings = tables["sensitivity"][["n_settings", "n_missing"]].sum(axis=1)
    assert (settings == 3 * 2 * 2 * 2).all()
    assert set(tables["sensitivity"]["kind"]) == {"topic", "theme"}
    found = tables["sensitivity"].query("n_settings > 0")
    assert (found["min"] <= found["median"]).all() and (found["median"] <= found["max"]).all()


def test_alignment_mixes_the_languages(tables):
    value = tables["mixing"].set_index(["measure", "stage"])["value"]
    assert value["same_language", "before"] > value["same_language", "after"] > 0.4
    assert value["one_language", "before"] > value["one_language", "after"]


def test_recovery_is_larger_if_a_difference_is_planted(tables):
    recovered = tables["recovery"].groupby("planted")["recovered"].mean()
    assert list(recovered.index) == pytest.approx([0, 0.7])
    assert recovered.iloc[1] > recovered.iloc[0]
    assert set(tables["recovery"]["larger_in"]) == {"fa", "ar"}


def test_limits_of_topics_come_from_samples_in_which_nothing_is_planted(tables, sample_run):
    assert (tables["recovery"]["planted"] == 0).sum() == 6
    limits = tables["sensitivity"].set_index("kind")["limit"]
    assert limits["topic"].between(0, 1, inclusive="neither").all() and limits["theme"].isna().all()
    fitted = {**sample_run.tables, **tables}
    text = report.methods(fitted, sample_run.manifest)
    assert "in 6 samples of this corpus in which nothing was planted" in text
    assert "Shares of themes do not pass through the alignment" in text
    [line] = summary.describe_detection(fitted)
    n = sum(topics_within(fitted))
    assert line.startswith(f"For {n} of ") and "within the detection limit" in line
    assert line in summary.caveats(fitted, sample_run.manifest)
    few = {**fitted, "sensitivity": tables["sensitivity"].assign(limit=float("nan"))}
    assert summary.describe_detection(few) == [] and summary.describe_detection(sample_run.tables) == []
    assert any("too few of the samples" in line for line in summary.caveats(few, sample_run.manifest))
    assert "Not measured in this run: the detection limit" in report.methods(few, sample_run.manifest)


def test_a_control_in_one_language_is_centered_as_two_aligned_languages_are(subset, monkeypatch):
    # What all vectors have in common says nothing about topics: adding to it must change neither arm.
    monkeypatch.setattr(module, "N_RESAMPLES", 2)
    monkeypatch.setattr(module, "N_NULL_RESAMPLES", 1)
    passages, vectors, themes = subset
    about = set(themes[themes["about"]]["passage_id"])
    labels = np.where(passages["passage_id"].isin(about), "theme", "")
    shifted = vectors + 3 * vectors.mean(axis=0)
    found, again = (module.planted_samples(passages, each, labels, tl.Recipe()) for each in (vectors, shifted))
    columns = ["recovered", "recovered_within"]
    np.testing.assert_allclose(found[columns], again[columns], atol=0.01)


def topics_within(tables):
    """Yield for each topic that has a limit whether its difference is within it."""
    limits = tables["sensitivity"].query("kind == 'topic'").set_index("key")["limit"]
    for row in tables["topics"].itertuples():
        if str(row.topic) in limits:
            yield abs(row.share_fa - row.share_ar) <= limits[str(row.topic)]


def test_varied_recipes_have_all_seeds_and_granularities():
    recipes = list(module._varied_recipes(tl.Recipe(seed=4), 500))
    assert len(set(recipes)) == len(recipes) == 10 * 2 * 2
    assert {recipe.seed for recipe in recipes} == set(range(4, 14))
    assert {recipe.n_topics for recipe in module._varied_recipes(tl.Recipe(n_topics=8), 500)} == {8, 12}
    sizes = {recipe.min_topic_size_for(400) for recipe in module._varied_recipes(tl.Recipe(clustering="hdbscan"), 400)}
    assert sizes == {10, 7}


@pytest.mark.parametrize("lang", ["fa", "ar"])
def test_with_one_language_the_tables_are_empty_and_a_caveat_says_so(lang, subset, sample_run):
    passages, vectors, themes = subset
    selected = (passages["lang"] == lang).to_numpy()
    tables = tl.quality(passages[selected].reset_index(drop=True), vectors[selected], themes, progress=False)
    assert all(
        tables[name].empty and list(tables[name]) == list(schema.TABLES[name].columns) for name in module.QUALITY_TABLES
    )
    lines = summary.caveats({**sample_run.tables, **tables}, sample_run.manifest)
    assert any("not measured: it needs at least 60 passages" in line for line in lines)


def test_without_themes_recovery_is_empty_and_a_caveat_says_so(subset, sample_run, monkeypatch):
    monkeypatch.setattr(module, "N_SEEDS", 1)
    passages, vectors, themes = subset
    tables = tl.quality(passages, vectors, themes.iloc[:0], progress=False)
    assert tables["recovery"].empty and len(tables["mixing"]) == 4 and set(tables["sensitivity"]["kind"]) == {"topic"}
    lines = summary.caveats({**sample_run.tables, **tables}, sample_run.manifest)
    assert any("No difference could be planted" in line for line in lines)


def test_quality_must_be_a_boolean():
    with pytest.raises(ValueError, match="quality is 'yes': expected True or False"):
        tl.Recipe(quality="yes")


def test_frames_and_vectors_of_unequal_length_are_an_error(subset):
    with pytest.raises(ValueError, match="embed the passages that you fit"):
        tl.quality(subset[0].iloc[:5], subset[1], pd.DataFrame())
