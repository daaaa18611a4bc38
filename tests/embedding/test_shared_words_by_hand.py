"""The mixture of `shared_words` against an independent implementation, and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from test_alignment import corpus
from test_shared_words import make_texts

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
    """Make rows of three languages whose subjects overlap; the second of four languages is absent."""
    rows, lang, subject = corpus({"fa": [30, 20, 5], "ar": [5, 20, 30], "ku": [9, 9, 9]}, dimensions=8)
    rows = rows + 0.1 * np.random.default_rng(2).normal(size=rows.shape)
    return (
        rows.astype(np.float32),
        np.array([{"fa": 0, "ar": 2, "ku": 3}[code] for code in lang]),
        make_texts(subject, lang),
    )


def fit_by_hand(
    coordinates: np.ndarray, index: np.ndarray, words: np.ndarray, start: np.ndarray, *, seed: int
) -> np.ndarray:
    """Fit the model in the notes of `refine_with_shared_words`, by densities and one regression per iteration."""
    (n, dimensions), languages, subjects, n_iter = coordinates.shape, len(start), SMALL["N_SUBJECTS"], SMALL["N_ITER"]
    cells = KMeans(subjects, n_init=1, random_state=seed).fit(coordinates - start[index])
    offsets, centers = start, cells.cluster_centers_
    residuals = coordinates - start[index] - centers[cells.labels_]
    variance = np.mean(residuals**2)
    has = np.stack([words[index == one].mean(axis=0) for one in range(languages)])
    share, log_rate_ratio = np.full((languages, subjects), 1 / subjects), np.zeros((subjects, words.shape[1]))
    for iteration in range(n_iter):
        temperature = 4 - 6 * iteration / n_iter if 2 * iteration < n_iter else 1
        density = np.empty((n, subjects))
        for i, language in enumerate(index):
            for s in range(subjects):
                away = coordinates[i] - offsets[language] - centers[s]
                log_ratio = log_rate_ratio[s, words[i] > 0].sum()
                density[i, s] = np.exp((log_ratio - away @ away / (2 * variance)) / temperature) * share[language, s]
        responsibilities = density / density.sum(axis=1, keepdims=True)
        for language in range(languages):
            share[language] = responsibilities[index == language].sum(axis=0) + SMALL[
                "N_SUBJECTS"
            ] / 2 * responsibilities.mean(axis=0)
            share[language] /= share[language].sum()
        for s in range(subjects):
            expected = sum(responsibilities[index == one, s].sum() * has[one] for one in range(languages))
            log_rate_ratio[s] = np.log((responsibilities[:, s] @ words + 0.5) / (expected + 0.5))
        design = np.array(
            [[*np.eye(languages)[index[i]], *np.eye(subjects)[s]] for i in range(n) for s in range(subjects)]
        )
        weight = np.sqrt(responsibilities.ravel())[:, None]
        found = np.linalg.lstsq(weight * design, weight * np.repeat(coordinates, subjects, axis=0), rcond=None)[0]
        middle = found[:languages].mean(axis=0)
        offsets, centers = found[:languages] - middle, found[languages:] + middle
        away = coordinates[:, None] - offsets[index][:, None] - centers
        variance = (responsibilities[:, :, None] * away**2).sum() / (n * dimensions)
    return offsets


@pytest.mark.usefixtures("small")
def test_mixture_agrees_with_densities_and_regressions():
    rows, index, texts = three_languages()
    index = np.unique(index, return_inverse=True)[1]
    words, start = _shared_word_matrix(texts, index), np.random.default_rng(0).normal(size=(3, 8)) / 20
    for seed in (0, 1):
        found = _fit_mixture(rows.astype(float), index, words, start, seed=seed)
        expected = fit_by_hand(rows.astype(float), index, words.toarray(), start, seed=seed)
        assert np.allclose(found - found.mean(axis=0), expected, atol=1e-6)  # equal up to a common shift


@pytest.mark.usefixtures("small")
def test_offsets_outside_the_components_are_the_means():
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
    moved = np.mean(
        [fit_by_hand((rows - center) @ most, at, words.toarray(), begin, seed=seed) for seed in (0, 1)], axis=0
    )
    expected = means - (means - center) @ most @ most.T + moved @ most.T
    apart = found[present] - expected
    assert np.allclose(apart - apart.mean(axis=0), 0, atol=1e-4) and np.allclose(
        apart, apart @ most @ most.T, atol=1e-4
    )
    assert np.linalg.norm(apart.mean(axis=0)) < 0.1 < np.linalg.norm(center)  # the overall mean hardly moves
    assert found.dtype == np.float32 and np.array_equal(found[1], start[1])


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("passages", "words", "refined"), [(60, 5, True), (59, 5, False), (60, 4, False)])
def test_minimum_of_passages_and_words(passages: int, words: int, refined: bool):
    rows, start = np.random.default_rng(0).normal(size=(passages, 8)).astype(np.float32), np.zeros((2, 8), np.float32)
    texts = [f"word{'abcdef'[i // 2 % 6]}" for i in range(passages)]
    texts = [text if text[-1] in "abcdef"[:words] else "" for text in texts]
    found = refine_with_shared_words(start, rows, np.arange(passages) % 2, texts)
    assert (found is not start) == refined and found.any() == refined


def test_the_notes_of_fit_alignment_have_the_limits():
    assert f"from {MIN_PASSAGES} passages and {MIN_SHARED_WORDS} shared words on" in fit_alignment.__doc__


def test_a_word_in_a_fifth_of_a_languages_passages_is_excluded():
    texts = ["worda wordb"] + ["worda"] * 3 + [""] * 16 + ["worda wordb"] * 3 + [""] * 16
    shared = _shared_word_matrix(texts, np.repeat([0, 1], [20, 19]))
    assert shared.shape == (39, 1) and shared.toarray().ravel().nonzero()[0].tolist() == [0, 20, 21, 22]
    texts[3] = ""
    assert _shared_word_matrix(texts, np.repeat([0, 1], [20, 19])).shape == (39, 2)


@pytest.mark.usefixtures("small")
@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_identical_passages_have_an_offset():
    """Without variation within a language, its offset is its mean."""
    rows = np.tile(np.eye(8, dtype=np.float32)[:2], (40, 1))
    texts = [f"word{'abcdef'[i // 2 % 6]}" for i in range(80)]
    found = refine_with_shared_words(np.zeros((2, 8), np.float32), rows, np.arange(80) % 2, texts)
    assert np.allclose(found[0] - found[1], rows[0] - rows[1])
