"""The mixture of `shared_words` fitted a second time, passage by passage, and the limits it works between."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from test_alignment import corpus
from test_shared_words import told

from topiclib.embedding.alignment import fit_alignment
from topiclib.embedding.shared_words import (
    MIN_PASSAGES,
    MIN_SHARED_WORDS,
    _fit_mixture,
    _shared_word_matrix,
    refine_with_shared_words,
)

SMALL = {"N_SUBJECTS": 3, "N_COMPONENTS": 5, "N_STARTS": 2, "N_ITER": 9, "MIN_SHARED_WORDS": 5, "MIN_PASSAGES": 60}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SMALL.items():
        monkeypatch.setattr(f"topiclib.embedding.shared_words.{name}", value)


def three_languages() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Make rows of three languages whose subjects run into each other, and the second of four languages absent."""
    rows, lang, subject = corpus({"fa": [30, 20, 5], "ar": [5, 20, 30], "ku": [9, 9, 9]}, dimensions=8)
    rows = rows + 0.1 * np.random.default_rng(2).normal(size=rows.shape)
    return rows.astype(np.float32), np.array([{"fa": 0, "ar": 2, "ku": 3}[code] for code in lang]), told(subject, lang)


def fitted(places: np.ndarray, index: np.ndarray, words: np.ndarray, start: np.ndarray, *, seed: int) -> np.ndarray:
    """Fit what the notes of `refine_with_shared_words` say, by densities and one regression a turn."""
    (n, dimensions), languages, subjects, turns = places.shape, len(start), SMALL["N_SUBJECTS"], SMALL["N_ITER"]
    cells = KMeans(subjects, n_init=1, random_state=seed).fit(places - start[index])
    offsets, centers = start, cells.cluster_centers_
    residuals = places - start[index] - centers[cells.labels_]
    variance = np.mean(residuals**2)
    has = np.stack([words[index == one].mean(axis=0) for one in range(languages)])
    share, lift = np.full((languages, subjects), 1 / subjects), np.zeros((subjects, words.shape[1]))
    for turn in range(turns):
        heat = 4 - 6 * turn / turns if 2 * turn < turns else 1
        density = np.empty((n, subjects))
        for i, language in enumerate(index):
            for s in range(subjects):
                away = places[i] - offsets[language] - centers[s]
                told_by_words = lift[s, words[i] > 0].sum()
                density[i, s] = np.exp((told_by_words - away @ away / (2 * variance)) / heat) * share[language, s]
        member = density / density.sum(axis=1, keepdims=True)
        for language in range(languages):
            share[language] = member[index == language].sum(axis=0) + SMALL["N_SUBJECTS"] / 2 * member.mean(axis=0)
            share[language] /= share[language].sum()
        for s in range(subjects):
            expected = sum(member[index == one, s].sum() * has[one] for one in range(languages))
            lift[s] = np.log((member[:, s] @ words + 0.5) / (expected + 0.5))
        design = np.array(
            [[*np.eye(languages)[index[i]], *np.eye(subjects)[s]] for i in range(n) for s in range(subjects)]
        )
        weight = np.sqrt(member.ravel())[:, None]
        found = np.linalg.lstsq(weight * design, weight * np.repeat(places, subjects, axis=0), rcond=None)[0]
        middle = found[:languages].mean(axis=0)
        offsets, centers = found[:languages] - middle, found[languages:] + middle
        away = places[:, None] - offsets[index][:, None] - centers
        variance = (member[:, :, None] * away**2).sum() / (n * dimensions)
    return offsets


@pytest.mark.usefixtures("small")
def test_the_mixture_is_that_of_densities_and_regressions():
    rows, index, texts = three_languages()
    index = np.unique(index, return_inverse=True)[1]
    words, start = _shared_word_matrix(texts, index), np.random.default_rng(0).normal(size=(3, 8)) / 20
    for seed in (0, 1):
        found = _fit_mixture(rows.astype(float), index, words, start, seed=seed)
        expected = fitted(rows.astype(float), index, words.toarray(), start, seed=seed)
        assert np.allclose(found - found.mean(axis=0), expected, atol=1e-6)  # what all share is no language's


@pytest.mark.usefixtures("small")
def test_an_offset_is_the_languages_mean_but_where_passages_vary_most():
    rows, index, texts = three_languages()
    start = (np.random.default_rng(0).normal(size=(4, 8)) / 20).astype(np.float32)
    found = refine_with_shared_words(start, rows, index, texts)
    present = [0, 2, 3]
    rows = rows.astype(float)
    means = np.stack([rows[index == one].mean(axis=0) for one in present])
    inside = np.concatenate([rows[index == one] - mean for one, mean in zip(present, means, strict=True)])
    most = np.linalg.svd(inside, full_matrices=False)[2][:5].T
    center, at, words = (
        means.mean(axis=0),
        np.searchsorted(present, index),
        _shared_word_matrix(texts, np.searchsorted(present, index)),
    )
    begin = (start[present] - start[present].mean(axis=0)) @ most
    moved = np.mean([fitted((rows - center) @ most, at, words.toarray(), begin, seed=seed) for seed in (0, 1)], axis=0)
    expected = means - (means - center) @ most @ most.T + moved @ most.T
    apart = found[present] - expected
    assert np.allclose(apart - apart.mean(axis=0), 0, atol=1e-4) and np.allclose(
        apart, apart @ most @ most.T, atol=1e-4
    )
    assert (
        np.linalg.norm(apart.mean(axis=0)) < 0.1 < np.linalg.norm(center)
    )  # the middle of all stays about where it was
    assert found.dtype == np.float32 and np.array_equal(found[1], start[1])


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("passages", "words", "refined"), [(60, 5, True), (59, 5, False), (60, 4, False)])
def test_from_how_many_passages_and_words_on(passages: int, words: int, refined: bool):
    rows, start = np.random.default_rng(0).normal(size=(passages, 8)).astype(np.float32), np.zeros((2, 8), np.float32)
    texts = [f"word{'abcdef'[i // 2 % 6]}" for i in range(passages)]
    texts = [text if text[-1] in "abcdef"[:words] else "" for text in texts]
    found = refine_with_shared_words(start, rows, np.arange(passages) % 2, texts)
    assert (found is not start) == refined and found.any() == refined


def test_the_notes_of_fit_alignment_name_the_same_limits():
    assert f"from {MIN_PASSAGES} passages and {MIN_SHARED_WORDS} shared words on" in fit_alignment.__doc__


def test_a_word_of_a_fifth_of_a_languages_passages_is_common():
    texts = ["worda wordb"] + ["worda"] * 3 + [""] * 16 + ["worda wordb"] * 3 + [""] * 16
    shared = _shared_word_matrix(texts, np.repeat([0, 1], [20, 19]))
    assert shared.shape == (39, 1) and shared.toarray().ravel().nonzero()[0].tolist() == [0, 20, 21, 22]
    texts[3] = ""
    assert _shared_word_matrix(texts, np.repeat([0, 1], [20, 19])).shape == (39, 2)


@pytest.mark.usefixtures("small")
@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_passages_that_are_all_alike_have_an_offset_too():
    """Nothing varies within a language: what it adds is its mean."""
    rows = np.tile(np.eye(8, dtype=np.float32)[:2], (40, 1))
    texts = [f"word{'abcdef'[i // 2 % 6]}" for i in range(80)]
    found = refine_with_shared_words(np.zeros((2, 8), np.float32), rows, np.arange(80) % 2, texts)
    assert np.allclose(found[0] - found[1], rows[0] - rows[1])
