"""Contrasts under other settings, planted differences, mixing: on a made corpus whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from topiclib import measure, validity
from topiclib.fit import Recipe


@pytest.fixture(scope="module")
def corpus() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Three subjects in two languages, which the raw rows tell apart first; Persian has 60 % of the first subject."""
    random = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], 100)
    lang = np.where(np.arange(300) % 100 < np.array([60, 50, 40])[truth], "fa", "ar")
    rows = np.eye(16)[truth] + 0.08 * random.normal(size=(300, 16))
    rows[:, 8] += np.where(lang == "fa", 1.5, -1.5)
    passages = pd.DataFrame({"text": "نفت", "lang": lang, "doc_id": [f"d{i // 2}" for i in range(300)]})
    return passages, (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), truth


def test_contrasts_hold_over_settings_and_dissolve_without_alignment(corpus):
    passages, vectors, truth = corpus
    settings = {"seeds": 1, "about": {"jcpoa": truth == 0, "nobody": truth > 2}, "names": {"0": "نفت"}}
    table = validity.sensitivity(passages, vectors, Recipe(encoder="none"), topics=truth, **settings)
    assert table.columns.tolist() == list(measure.sensitivity(pd.DataFrame(columns=["contrast", "value"])).columns)
    found = table.set_index("contrast")
    assert sorted(found.index) == ["jcpoa", "topic 1", "topic 2", "نفت"]
    assert (found["settings"] + found["missing"]).eq(3 * 2 * 2).all()
    assert found.loc["topic 1", "missing"] >= 4, "without alignment a topic is a subject of one language"
    assert found.loc["نفت", ["median", "sign_agreement"]].tolist() == pytest.approx([2 / 15, 1.0], abs=0.02)
    assert found.loc["topic 1", "median"] == pytest.approx(0, abs=0.03)
    assert found.loc["jcpoa", "high"] <= 0.15


def test_sides_may_be_outlets_and_settings_follow_the_recipe(corpus):
    passages, vectors, truth = corpus
    passages = passages.assign(source=np.where(truth == 0, "north", "south"))
    few = {"alignments": ["means"], "seeds": 1, "outliers": ["keep"], "granularities": [1.0]}
    recipe, sides = Recipe(encoder="none"), ("north", "south")
    table = validity.sensitivity(passages, vectors, recipe, topics=truth, by="source", sides=sides, **few)
    assert table.set_index("contrast").loc["topic 0", "median"] == pytest.approx(1, abs=0.1)
    recipe = Recipe(clustering="hdbscan", min_topic_size=12, n_topics=8, seed=3)
    tried = list(validity._settings(recipe, 2, (1.0, 1.5), ("assign",)))
    assert [(r.seed, r.min_topic_size, r.n_topics) for r in tried] == [(3, 12, 8), (3, 8, 12), (4, 12, 8), (4, 8, 12)]


def test_a_planted_difference_comes_back_and_a_rare_theme_is_left_out(corpus):
    passages, vectors, truth = corpus
    about = {"oil": truth == 0, "rare": np.arange(300) < 5}
    table = validity.recovery(passages, vectors, Recipe(encoder="none"), about=about, shares=(0.5, 0.8), draws=2)
    assert set(table["theme"]) == {"oil"}
    means = table.groupby("planted")[["gap", "control"]].mean()
    assert means.to_numpy() == pytest.approx(np.array([[0, 0], [0.6, 0.6]]), abs=0.1)
    nothing = validity.recovery(passages, vectors, about={"rare": about["rare"]})
    assert nothing.empty and nothing.columns.tolist() == table.columns.tolist()


def test_mixing_is_told_before_and_after(corpus):
    passages, vectors, _ = corpus
    table = validity.mixing(passages, vectors, Recipe(encoder="none")).set_index(["measure", "stage"])["value"]
    assert table["one_language", "before"] == 1 and table["one_language", "after"] == 0
    assert table["same_language", "before"] > 0.95 > table["same_language", "after"] + 0.2
