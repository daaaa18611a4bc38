"""Properties of every alignment, and the real differences that "balanced" keeps and "means" removes."""

import importlib
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topiclib.embedding.alignment import ALIGNMENT_METHODS, Alignment, align, fit_alignment


def corpus(counts: dict[str, list[int]], *, seed: int = 0, dimensions: int = 24) -> tuple:
    """Make rows = common + language + subject + noise, scaled as an encoder's, counts[language][subject] of each.

    Returns the unit rows, their languages and their subjects.
    """
    random = np.random.default_rng(seed)
    common = 4 * random.normal(size=dimensions)
    subjects = {s: common + 0.8 * random.normal(size=dimensions) for s in range(len(next(iter(counts.values()))))}
    rows, lang, subject = [], [], []
    for position, (code, numbers) in enumerate(counts.items()):
        offset = np.random.default_rng(100 + position).normal(size=dimensions)
        for s, n in enumerate(numbers):
            rows.append(subjects[s] + offset + 0.25 * random.normal(size=(n, dimensions)))
            lang += [code] * n
            subject += [s] * n
    rows = np.concatenate(rows)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32), lang, np.array(subject)


def frame(lang) -> pd.DataFrame:
    """Return passages with these languages and the same text."""
    return pd.DataFrame({"lang": list(lang), "text": "خبر"})


def gap(rows, lang, subject, which) -> float:
    """Return the distance between the languages' means of one subject."""
    lang = np.array(lang)
    return float(
        np.linalg.norm(
            rows[(lang == "fa") & (subject == which)].mean(0) - rows[(lang == "ar") & (subject == which)].mean(0)
        )
    )


@pytest.mark.parametrize("method", ALIGNMENT_METHODS)
def test_rows_are_unit_float32_and_the_input_is_not_modified(method):
    rows, lang, _ = corpus({"fa": [40, 40], "ar": [40, 40]})
    before = rows.copy()
    result = align(frame(lang), rows, method=method)
    assert result.dtype == np.float32 and result.shape == rows.shape
    assert np.allclose(np.linalg.norm(result, axis=1), 1, atol=1e-5)
    assert np.array_equal(rows, before)
    assert not np.shares_memory(result, rows)


def test_offsets_are_reproducible():
    rows, lang, _ = corpus({"fa": [60, 20, 50], "ar": [20, 60, 50]})
    assert np.array_equal(fit_alignment(frame(lang), rows).offsets, fit_alignment(frame(lang), rows).offsets)


def test_languages_overlap_within_subjects_of_unequal_size():
    rows, lang, subject = corpus({"fa": [170, 30, 100], "ar": [30, 170, 100]})
    widest = {
        method: max(gap(align(frame(lang), rows, method=method), lang, subject, s) for s in range(3))
        for method in ("means", "balanced")
    }
    assert widest["balanced"] < 0.3 < widest["means"] / 2


def test_alternating_languages_are_both_sampled(monkeypatch):
    rows, lang, subject = corpus({"fa": [170, 30, 100], "ar": [30, 170, 100]})
    turns = np.argsort(np.concatenate([np.arange(300), np.arange(300)]), kind="stable")
    rows, lang, subject = rows[turns], [lang[i] for i in turns], subject[turns]
    assert lang[:4] == ["fa", "ar"] * 2
    monkeypatch.setattr(importlib.import_module("topiclib.embedding.alignment"), "MAX_SAMPLE_SIZE", 300)
    assert max(gap(align(frame(lang), rows), lang, subject, s) for s in range(3)) < 0.3


def test_a_subject_of_one_language_stays_separate():
    rows, lang, subject = corpus({"fa": [60, 60, 60, 60, 0], "ar": [60, 60, 60, 0, 60]})
    aligned = align(frame(lang), rows)
    centers = np.stack([aligned[subject == s].mean(0) for s in range(5)])
    nearest = np.argmax(aligned @ (centers / np.linalg.norm(centers, axis=1, keepdims=True)).T, axis=1)
    assert (nearest == subject).mean() > 0.97
    assert gap(aligned, lang, subject, 0) < 0.3


@pytest.mark.parametrize("lang", [["fa"] * 50, ["ar"] * 50, ["fa"] * 49 + ["ar"], ["fa"] * 48 + ["ar"] * 2])
def test_one_language_is_unchanged(lang):
    rows, _, _ = corpus({"fa": [25, 25]})
    alignment = fit_alignment(frame(lang), rows)
    assert not alignment.offsets.any()
    assert np.array_equal(alignment.apply(rows, lang), rows)


def test_three_languages_and_one_passage_of_a_fourth():
    rows, lang, subject = corpus({"fa": [60, 30, 60], "ar": [30, 60, 60], "ps": [20, 20, 60], "ckb": [1, 0, 0]})
    aligned = align(frame(lang), rows)
    assert np.isfinite(aligned).all()
    centers = {
        code: np.stack([aligned[(np.array(lang) == code) & (subject == s)].mean(0) for s in range(3)])
        for code in ("fa", "ar", "ps")
    }
    assert np.linalg.norm(centers["fa"] - centers["ar"], axis=1).max() < 0.35
    assert np.linalg.norm(centers["fa"] - centers["ps"], axis=1).max() < 0.35


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from(["fa", "ar", "other"]), min_size=1, max_size=30),
    st.sampled_from(ALIGNMENT_METHODS),
    st.integers(0, 5),
)
def test_any_small_corpus_gives_finite_unit_rows(lang, method, seed):
    rows = np.random.default_rng(seed).normal(size=(len(lang), 6)).astype(np.float32)
    result = align(frame(lang), rows, method=method)
    assert np.allclose(np.linalg.norm(result, axis=1), 1, atol=1e-5)


def test_identical_passages_keep_a_direction():
    rows = np.tile(np.array([[0.6, 0.8]], dtype=np.float32), (8, 1))
    assert np.allclose(np.linalg.norm(align(frame(["fa", "ar"] * 4), rows), axis=1), 1)


def test_round_trip_to_disk(tmp_path):
    rows, lang, _ = corpus({"fa": [40, 40], "ar": [40, 40]})
    alignment = fit_alignment(frame(lang), rows)
    offsets, metadata = alignment.to_arrays()
    np.save(tmp_path / "offsets.npy", offsets, allow_pickle=False)
    loaded = Alignment.from_arrays(np.load(tmp_path / "offsets.npy"), json.loads(json.dumps(metadata)))
    assert np.array_equal(loaded.apply(rows, lang), alignment.apply(rows, lang))
    assert loaded.method == "balanced" and loaded.languages == ("ar", "fa")


ROWS = np.eye(4, dtype=np.float32)


@pytest.mark.parametrize(
    ("vectors", "lang", "method", "message"),
    [
        (ROWS, ["fa"] * 3, "balanced", "4 rows for 3 passages"),
        (np.where(ROWS == 1, np.nan, ROWS), ["fa"] * 4, "balanced", "4 rows of vectors are zero, NaN"),
        (np.vstack([ROWS[:3], np.zeros(4)]), ["fa"] * 4, "none", "first at row 3"),
        (ROWS[0], ["fa"], "balanced", "shape"),
        (ROWS[:0], [], "balanced", "at least one row"),
        (ROWS, ["fa", "ar", "fa", "ar"], "harmony", "expected one of"),
        (ROWS, ["fa", "ar", None, "ar"], "balanced", "contains (None|nan)"),
        (ROWS, ["fa", "ar", "", "ar"], "balanced", "language codes"),
    ],
)
def test_invalid_input_raises(vectors, lang, method, message):
    with pytest.raises(ValueError, match=message):
        fit_alignment(frame(lang), vectors, method=method)


def test_the_vectors_first_raise_one_line():
    with pytest.raises(TypeError, match=r"^align\(passages, vectors\) needs a pandas DataFrame, but got ndarray$"):
        align(ROWS, frame(["fa", "ar"] * 2)["lang"])


def test_a_frame_without_language_or_text_raises():
    passages = frame(["fa", "ar"] * 2)
    with pytest.raises(ValueError, match="needs the column lang, but the frame has: text"):
        align(passages[["text"]], ROWS)
    with pytest.raises(ValueError, match="without use_text=False needs the column text, but the frame has: lang"):
        align(passages[["lang"]], ROWS)
    for options in ({"use_text": False}, {"method": "means"}):
        assert np.array_equal(align(passages[["lang"]], ROWS, **options), align(passages, ROWS, **options))
    with pytest.raises(TypeError, match=r"Row 1 holds (None|nan)"):
        align(passages.assign(text=["خبر", None, "", ""]), ROWS)


def test_apply_rejects_an_unknown_language_and_a_wrong_dimension():
    alignment = fit_alignment(frame(["fa", "ar"] * 2), ROWS)
    with pytest.raises(ValueError, match=r"\['ps'\]"):
        alignment.apply(ROWS, ["fa", "ar", "ps", "fa"])
    with pytest.raises(ValueError, match="2 dimensions"):
        alignment.apply(ROWS[:, :2] + 1, ["fa", "ar"] * 2)
    with pytest.raises(ValueError, match="npy and the JSON"):
        Alignment.from_arrays(np.zeros((3, 2)), {"languages": ["fa"], "method": "means"})


def test_importing_the_alignment_does_not_import_scikit_learn():
    code = "import sys, topiclib.embedding.alignment; print('sklearn' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "False"
