"""Words that both languages write tell subjects apart where vectors cannot, and only where they are uneven."""

import string

import numpy as np
import pytest
from test_alignment import corpus
from threadpoolctl import threadpool_limits

from topiclib.embedding.alignment import fit_alignment
from topiclib.embedding.shared_words import MIN_PASSAGES, _shared_word_matrix, refine_with_shared_words

SUBJECTS = 4


def told(subject: np.ndarray, lang: list[str], *, even: bool = False, seed: int = 0) -> list[str]:
    """Write six made words a passage: of twenty that its subject likes, or of any, and one that only Arabic likes."""
    random = np.random.default_rng(seed)
    words = np.array([f"word{a}{b}" for a in string.ascii_lowercase[:SUBJECTS] for b in string.ascii_lowercase[:20]])
    texts = []
    for s, code in zip(subject, lang, strict=True):
        own = words if even else words[s * 20 : (s + 1) * 20]
        texts.append(" ".join([*random.choice(own, 6), "likedword" if code == "ar" and random.random() < 0.15 else ""]))
    return texts


def planted(seed: int = 0) -> tuple:
    """Make two languages that differ in what they write about, in vectors whose subjects run into each other."""
    rows, lang, subject = corpus({"fa": [120, 120, 25, 25], "ar": [25, 25, 120, 120]}, seed=seed, dimensions=40)
    noise = np.random.default_rng(seed).normal(size=rows.shape)
    rows = rows + 0.11 * noise
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), lang, subject


def error(offsets: np.ndarray, rows: np.ndarray, lang: list[str], subject: np.ndarray) -> float:
    """Return the part of the planted difference that is in the offsets' difference: 0 none, 1 all."""
    persian = np.array(lang) == "fa"
    here, there = (
        np.stack([rows[side & (subject == s)].mean(axis=0) for s in range(SUBJECTS)]) for side in (persian, ~persian)
    )
    true = (here - there).mean(axis=0)
    contrast = rows[persian].mean(axis=0) - rows[~persian].mean(axis=0) - true
    return float((offsets[1] - offsets[0] - true) @ contrast / (contrast @ contrast))


def test_words_keep_more_of_a_planted_difference():
    rows, lang, subject = planted()
    without, refined = (fit_alignment(rows, lang, texts=texts).offsets for texts in (None, told(subject, lang)))
    assert error(without, rows, lang, subject) > 0.5 and abs(error(refined, rows, lang, subject)) < 0.1


def test_words_that_say_nothing_of_a_subject_do_no_harm():
    rows, lang, subject = planted()
    even = fit_alignment(rows, lang, texts=told(subject, lang, even=True)).offsets
    assert abs(error(even, rows, lang, subject)) < abs(error(fit_alignment(rows, lang).offsets, rows, lang, subject))


def test_twice_the_same_and_the_input_is_left_alone():
    rows, lang, subject = planted()
    texts, before, start = told(subject, lang), rows.copy(), np.zeros((2, 40), dtype=np.float32)
    index = (np.array(lang) == "fa").astype(int)
    first, second = (refine_with_shared_words(start, rows, index, texts) for _ in range(2))
    assert np.array_equal(first, second) and first.dtype == np.float32 and not start.any()
    assert np.array_equal(rows, before)


def test_the_number_of_threads_changes_no_bit():
    counts = {"fa": [150, 150, 60, 60], "ar": [60, 60, 150, 150]}
    rows, lang, subject = corpus(counts, dimensions=384)
    index, texts, start = (np.array(lang) == "fa").astype(int), told(subject, lang), np.zeros((2, 384), np.float32)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append(refine_with_shared_words(start, rows, index, texts))
    assert np.array_equal(*found)


@pytest.mark.parametrize("what", ["no shared word", "few passages", "no text"])
def test_without_enough_to_go_by_nothing_is_refined(what):
    rows, lang, subject = planted()
    texts = told(subject, lang)
    if what == "no shared word":
        texts = [text if code == "fa" else "خبر" for text, code in zip(texts, lang, strict=True)]
    if what == "no text":
        texts = [""] * len(texts)
    kept = (
        np.arange(len(rows)) if what != "few passages" else np.linspace(0, len(rows) - 1, MIN_PASSAGES - 1).astype(int)
    )
    rows, lang, texts = rows[kept], [lang[i] for i in kept], [texts[i] for i in kept]
    assert np.array_equal(fit_alignment(rows, lang, texts=texts).offsets, fit_alignment(rows, lang).offsets)


def test_three_languages_and_one_of_two_passages():
    rows, lang, subject = corpus(
        {"fa": [60, 60, 20, 20], "ar": [20, 20, 60, 60], "ku": [40, 40, 40, 40], "ps": [1, 0, 1, 0]}
    )
    found = fit_alignment(rows, lang, texts=told(subject, lang))
    assert found.languages == ("ar", "fa", "ku", "ps") and np.isfinite(found.offsets).all()
    assert not np.array_equal(found.offsets[0], fit_alignment(rows, lang).offsets[0])
    assert np.array_equal(found.offsets[3], fit_alignment(rows, lang).offsets[3])


def test_words_of_both_languages_are_found_in_their_spellings():
    texts = ["حکومت مجلس روزنامه"] + ["خبر"] * 9 + ["الحكومة والمجلس صحيفة"] + ["كتاب"] * 9
    shared = _shared_word_matrix(texts, np.repeat([0, 1], 10))
    assert shared.shape == (20, 2)  # what one side alone has is left out, and what more than a fifth of it have
    assert shared[[0, 10]].toarray().tolist() == [[1, 1], [1, 1]] and shared.sum() == 4


def test_other_texts_than_vectors_are_named():
    rows, lang, _ = planted()
    with pytest.raises(ValueError, match="texts has 1 rows but vectors has 580"):
        fit_alignment(rows, lang, texts=["one"])
