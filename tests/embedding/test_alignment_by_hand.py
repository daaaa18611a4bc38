"""The alignment against independent calculations."""

from __future__ import annotations

import importlib

import numpy as np
import pandas as pd
import pytest

from topiclib.embedding.alignment import Alignment, _language_effects, _systematic_sample, fit_alignment


def random_rows(n: int, dimensions: int = 5, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(n, dimensions)) + 2
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def fit(rows: np.ndarray, lang: list[str], method: str = "balanced") -> Alignment:
    return fit_alignment(pd.DataFrame({"lang": lang}), rows, method=method, use_text=False)


def test_language_effects_are_those_of_a_regression_on_subjects_and_languages():
    """Three languages, two partitions; subjects of one language and single passages must not count."""
    random = np.random.default_rng(3)
    rows, index = random.normal(size=(90, 4)), random.choice(3, size=90, p=[0.6, 0.3, 0.1])
    subjects = random.integers(0, 5, size=(2, 90))
    subjects[:, index == 2] %= 2
    subjects[0, :2] = 7  # two passages of a separate subject
    effects = _language_effects(rows, index, subjects, 3)
    design, values = [], []
    for p, partition in enumerate(subjects):
        for i in range(90):
            inside = partition == partition[i]
            enough = [lang for lang in range(3) if (inside & (index == lang)).sum() >= 2]
            if index[i] in enough and len(enough) > 1:
                design.append([*np.eye(3)[index[i]], *np.eye(20)[10 * p + partition[i]]])
                values.append(rows[i])
    assert 100 < len(design) < 180
    plain = np.linalg.lstsq(np.array(design), np.array(values), rcond=None)[0][:3]
    assert np.allclose(effects, plain - plain.mean(axis=0))
    assert np.allclose(effects.sum(axis=0), 0)


def test_no_language_effect_without_a_shared_subject():
    effects = _language_effects(random_rows(6), np.array([0, 0, 0, 1, 1, 1]), np.array([[0, 0, 0, 1, 1, 1]]), 2)
    assert not effects.any()


def test_a_row_equal_to_its_offset_keeps_its_direction():
    offsets = np.array([[0.6, 0.8], [0.0, 0.5]], dtype=np.float32)
    rows = np.array([[0.6, 0.8], [1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], dtype=np.float32)
    moved = Alignment(("ar", "fa"), offsets).apply(rows, ["ar", "ar", "fa", "fa"])
    expected = [[0.6, 0.8], np.array([0.4, -0.8]) / 0.8**0.5, np.array([0.6, 0.3]) / 0.45**0.5, [0, 1]]
    assert np.allclose(moved, expected)


def test_rows_are_scaled_to_unit_length_with_a_zero_offset():
    moved = Alignment(("fa",), np.zeros((1, 2), np.float32)).apply(np.array([[3.0, 4.0]]), ["fa"])
    assert np.allclose(moved, [[0.6, 0.8]])


@pytest.mark.parametrize(("persian", "arabic"), [(9, 6), (3, 3)])
def test_a_small_corpus_is_one_subject(persian: int, arabic: int):
    """At most fifteen passages, at least eight per cluster: offsets differ as the means do."""
    rows, lang = random_rows(persian + arabic), ["fa"] * persian + ["ar"] * arabic
    offsets = fit(rows, lang).offsets
    assert np.allclose(offsets[1] - offsets[0], rows[:persian].mean(axis=0) - rows[persian:].mean(axis=0), atol=1e-6)


def test_a_language_needs_three_passages():
    rows = random_rows(40)
    three = fit(rows, ["fa"] * 37 + ["ar"] * 3, method="means")
    assert np.allclose(three.offsets, [rows[37:].mean(axis=0), rows[:37].mean(axis=0)], atol=1e-6)
    two = fit(rows, ["fa"] * 20 + ["ar"] * 18 + ["ps"] * 2, method="means")
    assert two.languages == ("ar", "fa", "ps")
    assert np.allclose(two.offsets[2], rows.mean(axis=0), atol=1e-6)


def test_a_sample_is_everything_or_evenly_spaced_within_each_language(monkeypatch):
    index = np.array([0, 1] * 20 + [1] * 40)
    assert _systematic_sample(index).tolist() == list(range(80))
    monkeypatch.setattr(importlib.import_module("topiclib.embedding.alignment"), "MAX_SAMPLE_SIZE", 20)
    chosen = _systematic_sample(index)
    assert len(chosen) == 20 and (np.diff(chosen) > 0).all()
    assert np.bincount(index[chosen]).tolist() == [5, 15]
    assert chosen[0] == 0 and chosen[-1] == 79


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_the_message_has_the_first_bad_row(bad):
    rows = random_rows(8)
    rows[[3, 5]] = bad
    with pytest.raises(ValueError, match="2 rows of vectors are zero, NaN or infinite, the first at row 3:"):
        fit(rows, ["fa", "ar"] * 4)


@pytest.mark.parametrize("shape", [(2,), (1, 4), (3, 4), (2, 4, 1)])
def test_offsets_of_a_wrong_shape_raise(shape):
    with pytest.raises(ValueError, match=r"for 2 languages: expected one row per language"):
        Alignment.from_arrays(np.zeros(shape), {"languages": ["ar", "fa"], "method": "means"})
