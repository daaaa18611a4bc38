"""The three tables that say how sound a run is, on a part of the sample: real vectors, real refits."""

from __future__ import annotations

import importlib

import pandas as pd
import pytest

import topiclib as tl
from topiclib import schema
from topiclib.runs import summary

room = importlib.import_module("topiclib.evaluate.quality")


@pytest.fixture(scope="module")
def part(sample_run):
    """About two thirds of the sample's passages, all of an article and as many of each language, with their vectors."""
    passages = sample_run.tables["passages"].query("modeled")
    left_out = sorted(set(passages["doc_id"]))[::3]
    chosen = passages[~passages["doc_id"].isin(left_out)].reset_index(drop=True)
    return chosen, tl.embed(chosen, progress=False), sample_run.tables["themes"]


@pytest.fixture(scope="module")
def told(part):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "N_SEEDS", 2)
        patch.setattr(room, "N_RESAMPLES", 1)
        return tl.quality(*part, progress=False)


def test_all_settings_are_gone_through(told):
    settings = told["sensitivity"][["n_settings", "n_missing"]].sum(axis=1)
    assert (settings == 3 * 2 * 2 * 2).all()
    assert set(told["sensitivity"]["kind"]) == {"topic", "theme"}
    found = told["sensitivity"].query("n_settings > 0")
    assert (found["min"] <= found["median"]).all() and (found["median"] <= found["max"]).all()


def test_alignment_mixes_the_languages_and_both_stages_are_told(told):
    value = told["mixing"].set_index(["measure", "stage"])["value"]
    assert value["same_language", "before"] > value["same_language", "after"] > 0.4
    assert value["one_language", "before"] > value["one_language", "after"]


def test_a_planted_difference_is_larger_than_none(told):
    gap = told["recovery"].groupby("planted")["recovered"].mean()
    assert list(gap.index) == pytest.approx([0, 0.7])
    assert gap.iloc[1] > gap.iloc[0]
    assert set(told["recovery"]["larger_in"]) == {"fa", "ar"}


def test_the_usual_numbers_of_settings_and_draws():
    recipes = list(room._varied_recipes(tl.Recipe(seed=4), 500))
    assert len(set(recipes)) == len(recipes) == 10 * 2 * 2
    assert {recipe.seed for recipe in recipes} == set(range(4, 14))
    assert {recipe.n_topics for recipe in room._varied_recipes(tl.Recipe(n_topics=8), 500)} == {8, 12}
    sizes = {recipe.min_topic_size_for(400) for recipe in room._varied_recipes(tl.Recipe(clustering="hdbscan"), 400)}
    assert sizes == {10, 7}


@pytest.mark.parametrize("lang", ["fa", "ar"])
def test_one_language_has_empty_tables_and_a_plain_word(lang, part, sample_run):
    passages, vectors, themes = part
    own = (passages["lang"] == lang).to_numpy()
    told = tl.quality(passages[own].reset_index(drop=True), vectors[own], themes, progress=False)
    assert all(
        told[name].empty and list(told[name]) == list(schema.TABLES[name].columns) for name in room.QUALITY_TABLES
    )
    lines = summary.caveats({**sample_run.tables, **told}, sample_run.manifest)
    assert any("not measured: that needs 60 passages" in line for line in lines)


def test_a_corpus_without_themes_has_no_recovery_and_says_so(part, sample_run, monkeypatch):
    monkeypatch.setattr(room, "N_SEEDS", 1)
    passages, vectors, themes = part
    told = tl.quality(passages, vectors, themes.iloc[:0], progress=False)
    assert told["recovery"].empty and len(told["mixing"]) == 4 and set(told["sensitivity"]["kind"]) == {"topic"}
    lines = summary.caveats({**sample_run.tables, **told}, sample_run.manifest)
    assert any("No difference could be planted" in line for line in lines)


def test_a_word_for_a_truth_value_is_refused():
    with pytest.raises(ValueError, match="quality is 'yes': expected True or False"):
        tl.Recipe(quality="yes")


def test_frames_and_vectors_that_do_not_fit_are_refused(part):
    with pytest.raises(ValueError, match="embed the passages that you fit"):
        tl.quality(part[0].iloc[:5], part[1], pd.DataFrame())
