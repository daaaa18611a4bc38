"""Refining the alignment with shared words: they separate subjects where vectors cannot."""

import string

import numpy as np
import pandas as pd
import pytest
from test_alignment import corpus
from threadpoolctl import threadpool_limits

from topiclib.embedding.alignment import fit_alignment
from topiclib.embedding.shared_words import MIN_PASSAGES, _shared_word_matrix, refine_with_shared_words

SUBJECTS = 4


def make_texts(subject: np.ndarray, lang: list[str], *, even: bool = False, seed: int = 0) -> list[str]:
    """Make six words per passage, of the twenty of its subject or of all, and one that only Arabic uses often."""
    random = np.random.default_rng(seed)
    words = np.array([f"word{a}{b}" for a in string.ascii_lowercase[:SUBJECTS] for b in string.ascii_lowercase[:20]])
    texts = []
    for s, code in zip(subject, lang, strict=True):
        vocabulary = words if even else words[s * 20 : (s + 1) * 20]
        texts.append(
            " ".join([*random.choice(vocabulary, 6), "likedword" if code == "ar" and random.random() < 0.15 else ""])
        )
    return texts


def fit(rows, lang, texts=None):
    """Fit an alignment with texts, or without."""
    return fit_alignment(pd.DataFrame({"lang": lang, "text": texts}), rows, use_text=texts is not None)


def planted(seed: int = 0) -> tuple:
    """Make two languages with different subject proportions, in vectors whose subjects overlap."""
    rows, lang, subject = corpus({"fa": [120, 120, 25, 25], "ar": [25, 25, 120, 120]}, seed=seed, dimensions=40)
    noise = np.random.default_rng(seed).normal(size=rows.shape)
    rows = rows + 0.11 * noise
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), lang, subject


def error(offsets: np.ndarray, rows: np.ndarray, lang: list[str], subject: np.ndarray) -> float:
    """Return the share of the planted difference that the offsets remove: 0 none, 1 all."""
    persian = np.array(lang) == "fa"
    here, there = (
        np.stack([rows[side & (subject == s)].mean(axis=0) for s in range(SUBJECTS)]) for side in (persian, ~persian)
    )
    true = (here - there).mean(axis=0)
    contrast = rows[persian].mean(axis=0) - rows[~persian].mean(axis=0) - true
    return float((offsets[1] - offsets[0] - true) @ contrast / (contrast @ contrast))


def test_words_keep_more_of_a_planted_difference():
    rows, lang, subject = planted()
    without, refined = (fit(rows, lang, texts).offsets for texts in (None, make_texts(subject, lang)))
    assert error(without, rows, lang, subject) > 0.5 and abs(error(refined, rows, lang, subject)) < 0.1


def test_uninformative_words_do_no_harm():
    rows, lang, subject = planted()
    even = fit(rows, lang, make_texts(subject, lang, even=True)).offsets
    assert abs(error(even, rows, lang, subject)) < abs(error(fit(rows, lang).offsets, rows, lang, subject))


def test_reproducible_and_the_input_is_not_modified():
    rows, lang, subject = planted()
    texts, before, start = make_texts(subject, lang), rows.copy(), np.zeros((2, 40), dtype=np.float32)
    index = (np.array(lang) == "fa").astype(int)
    first, second = (refine_with_shared_words(start, rows, index, texts) for _ in range(2))
    assert np.array_equal(first, second) and first.dtype == np.float32 and not start.any()
    assert np.array_equal(rows, before)


def test_the_number_of_threads_does_not_matter():
    counts = {"fa": [150, 150, 60, 60], "ar": [60, 60, 150, 150]}
    rows, lang, subject = corpus(counts, dimensions=384)
    index, texts, start = (
        (np.array(lang) == "fa").astype(int),
        make_texts(subject, lang),
        np.zeros((2, 384), np.float32),
    )
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append(refine_with_shared_words(start, rows, index, texts))
    assert np.array_equal(*found)


@pytest.mark.parametrize("what", ["no shared word", "few passages", "no text"])
def test_too_little_data_leaves_the_offsets(what):
    rows, lang, subject = planted()
    texts = make_texts(subject, lang)
    if what == "no shared word":
        texts = [text if code == "fa" else "خبر" for text, code in zip(texts, lang, strict=True)]
    if what == "no text":
        texts = [""] * len(texts)
    n = MIN_PASSAGES - 1 if what == "few passages" else len(rows)
    chosen = np.linspace(0, len(rows) - 1, n).astype(int)
    rows, lang, texts = rows[chosen], [lang[i] for i in chosen], [texts[i] for i in chosen]
    assert np.array_equal(fit(rows, lang, texts).offsets, fit(rows, lang).offsets)


def test_three_languages_and_one_of_two_passages():
    rows, lang, subject = corpus(
        {"fa": [60, 60, 20, 20], "ar": [20, 20, 60, 60], "ku": [40, 40, 40, 40], "ps": [1, 0, 1, 0]}
    )
    found = fit(rows, lang, make_texts(subject, lang))
    assert found.languages == ("ar", "fa", "ku", "ps") and np.isfinite(found.offsets).all()
    assert not np.array_equal(found.offsets[0], fit(rows, lang).offsets[0])
    assert np.array_equal(found.offsets[3], fit(rows, lang).offsets[3])


def test_shared_words_are_found_across_spellings():
    texts = ["حکومت مجلس روزنامه"] + ["خبر"] * 9 + ["الحكومة والمجلس صحيفة"] + ["كتاب"] * 9
    shared = _shared_word_matrix(texts, np.repeat([0, 1], 10))
    assert shared.shape == (20, 2)  # without words of one language, and those in a fifth of its passages
    assert shared[[0, 10]].toarray().tolist() == [[1, 1], [1, 1]] and shared.sum() == 4
