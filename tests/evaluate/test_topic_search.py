"""Comparing recipes, and stability of topics under refits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from topiclib import schema
from topiclib.evaluate.stability import stability
from topiclib.evaluate.topic_search import search_topics
from topiclib.topics.fit import cluster_passages
from topiclib.topics.recipe import Recipe


@pytest.fixture(scope="module")
def corpus() -> tuple[pd.DataFrame, np.ndarray]:
    """Three subjects of sixty passages: two compact clusters, and one of random vectors."""
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], 60)
    rows = np.eye(12)[truth] + 0.1 * rng.normal(size=(180, 12))
    rows[truth == 2] = rng.normal(size=(60, 12))
    words = ["مذاکرات وین برجام", "فوتبال ورزشگاه تیم", "باران هوا سیل"]
    passages = pd.DataFrame({"text": [words[t] for t in truth], "lang": "fa"})
    return passages, (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_a_search_has_one_row_a_recipe(corpus):
    recipes = [Recipe(n_topics=n, encoder="none") for n in (2, 3, 5)]
    found = search_topics(*corpus, recipes, n_seeds=2)
    assert found["n_topics"].tolist() == found["topics"].tolist() == [2, 3, 5]
    assert found["npmi_fa"].notna().all()
    assert found["npmi_ar"].isna().all()
    assert found["one_language"].eq(1).all()
    assert "resolution" not in found
    assert search_topics(*corpus, recipes[:1], n_seeds=1)["ari"].isna().all()


def test_a_compact_topic_is_stable_and_a_random_one_is_not(corpus):
    passages, rows = corpus
    recipe = Recipe(encoder="none")
    topics = cluster_passages(passages, rows, recipe)
    table = stability(passages, rows, recipe, n_refits=3, topics=topics)
    pd.testing.assert_frame_equal(table, schema.conform(table, "stability"))
    assert table["kind"].value_counts().eq(len(set(topics.tolist()))).all()
    compact, cloud = topics[0], np.argmin(np.bincount(topics))  # the smallest topic is of random vectors
    assert (topics[:60] == compact).all()
    overlap = table.query("kind == 'subsample'").set_index("topic")["mean_jaccard"]
    assert overlap[compact] > 0.9 > overlap[cloud]
    assert table["ari"].between(0, 1).all()
    assert (table["min_jaccard"] <= table["mean_jaccard"]).all()


def test_too_few_refits_or_passages_are_an_error(corpus):
    passages, rows = corpus
    with pytest.raises(ValueError, match="n_refits is 0"):
        stability(passages, rows, n_refits=0)
    with pytest.raises(ValueError, match="9 passages"):
        stability(passages[:9], rows[:9])
