"""The methods that topiclib is compared with, on made-up vectors: each removes what its paper says."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import crosslingual_peers as peers
from crosslingual import ratio
from crosslingual_corpora import Corpus, grouping


@pytest.fixture
def corpus():
    """Two languages that differ by an offset, in a space with a common mean."""
    random = np.random.default_rng(0)
    lang = np.where(np.arange(240) % 2, "fa", "ar")
    vectors = random.normal(size=(240, 12)) + 4 * np.eye(12)[0] + (lang == "fa")[:, None] * 3 * np.eye(12)[1]
    return Corpus(pd.DataFrame({"lang": lang}), vectors)


@pytest.mark.parametrize("erase", [peers.leace, peers.lsar])
def test_means_of_the_languages_are_equal_afterwards(corpus, erase):
    rows = erase(corpus)(corpus.vectors, corpus.lang)
    assert np.abs(peers.language_difference(corpus, rows)).max() < 1e-5
    assert np.linalg.matrix_rank(rows - rows.mean(axis=0), tol=1e-3) == 11


@pytest.mark.parametrize("erase", [peers.leace, peers.inlp, peers.lsar, peers.svd_removal])
def test_no_linear_classifier_tells_the_language_of_new_rows(corpus, erase):
    new = corpus.vectors + np.random.default_rng(1).normal(scale=0.3, size=corpus.vectors.shape)
    before, after = (
        LogisticRegression()
        .fit(apply(corpus.vectors, corpus.lang), corpus.lang)
        .score(apply(new, corpus.lang), corpus.lang)
        for apply in (lambda rows, lang: rows, erase(corpus))
    )
    assert before > 0.85 and after < 0.75


def test_lir_leaves_nothing_along_the_components_of_a_language(corpus):
    rows = peers.lir(2)(corpus)(corpus.vectors, corpus.lang)
    for code in ("fa", "ar"):
        here = corpus.lang == code
        components = np.linalg.svd(corpus.vectors[here], full_matrices=False)[2][:2]
        assert np.abs(rows[here] @ components.T).max() < 1e-9


def test_centered_rows_have_mean_zero_before_they_are_scaled(corpus):
    rows = peers.centered(lambda corpus: lambda vectors, lang: vectors)(corpus)(corpus.vectors, corpus.lang)
    expected = corpus.vectors - corpus.vectors.mean(axis=0)
    assert np.allclose(rows, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-6)


def test_ratio_is_of_the_means_and_its_spread_over_groupings():
    gaps, controls = pd.Series([0.2, 0.6, 0.2]), pd.Series([0.4, 0.4, 0.2])
    found = ratio(gaps, controls)
    assert found["mean"] == pytest.approx(1.0) and found["spread"] == pytest.approx(np.std([0.5, 1.5, 1.0], ddof=1))


def test_groupings_differ_and_the_first_has_the_largest_corpora():
    labels = np.repeat(list("abcdefg"), [10, 10, 10, 10, 10, 10, 60])
    threes = [grouping(labels, number, halves=False) for number in range(10)]
    assert len(set(threes)) == 10 and "g" in threes[0]
    assert len(grouping(labels, 3, halves=True)) == 3
