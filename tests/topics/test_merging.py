"""Topics of one subject that only their language parts are joined; those of one side's own subject are not."""

import numpy as np
import pandas as pd
import pytest

from topiclib.topics.fit import cluster_passages
from topiclib.topics.merging import merge_across_languages
from topiclib.topics.recipe import Recipe

SUBJECTS = 8


def corpus(*, parted: float, alone: bool = False, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows, languages and subjects: eight subjects in both languages, the first `parted` by its language.

    With `alone`, subject 0 is Persian's and subject 1 Arabic's, and nothing else is.
    """
    random = np.random.default_rng(seed)
    centers = np.eye(SUBJECTS, 40)
    subjects = np.repeat(np.arange(SUBJECTS), 60)
    lang = np.where(random.random(len(subjects)) < 0.5, "fa", "ar")
    if alone:
        lang = np.where(subjects == 0, "fa", np.where(subjects == 1, "ar", lang))
    rows = centers[subjects] + random.normal(scale=0.04, size=(len(subjects), 40))
    rows[:, 30] += np.where(subjects == 0, np.where(lang == "fa", parted, -parted), 0)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), lang, subjects


def test_a_subject_parted_by_its_language_becomes_one_topic():
    rows, lang, subjects = corpus(parted=0.4)
    labels = np.where((subjects == 0) & (lang == "ar"), SUBJECTS, subjects)
    joined = merge_across_languages(rows, labels, lang)
    assert len(set(joined[subjects == 0])) == 1
    assert len(set(joined)) == SUBJECTS
    assert set(joined) == set(range(SUBJECTS))


def test_a_subject_that_one_language_alone_has_stays_alone():
    rows, lang, subjects = corpus(parted=0, alone=True)
    np.testing.assert_array_equal(merge_across_languages(rows, subjects, lang), subjects)


def test_two_shared_subjects_stay_two_however_near():
    rows, lang, subjects = corpus(parted=0)
    near = rows.copy()
    near[subjects == 1] += 2 * near[subjects == 0].mean(axis=0)
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    np.testing.assert_array_equal(merge_across_languages(near, subjects, lang), subjects)


@pytest.mark.parametrize("languages", [["fa"], ["fa", "ar"]])
def test_nothing_to_compare_changes_nothing(languages):
    rows, _, _ = corpus(parted=0.4)
    lang = np.resize(languages, len(rows))
    labels = np.where(lang == languages[0], 0, 1)  # two topics, the languages: no topic is shared
    np.testing.assert_array_equal(merge_across_languages(rows, labels, lang), labels)


def test_outliers_stay_and_the_input_is_left_as_it_was():
    rows, lang, subjects = corpus(parted=0.4)
    labels = np.where((subjects == 0) & (lang == "ar"), SUBJECTS, subjects)
    labels[::7] = -1
    before = labels.copy()
    joined = merge_across_languages(rows, labels, lang)
    np.testing.assert_array_equal(labels, before)
    np.testing.assert_array_equal(joined == -1, labels == -1)
    np.testing.assert_array_equal(merge_across_languages(rows, np.full(len(rows), -1), lang), -1)


def test_the_order_of_the_rows_does_not_matter():
    rows, lang, subjects = corpus(parted=0.4)
    labels = np.where((subjects == 0) & (lang == "ar"), SUBJECTS, subjects)
    order = np.random.default_rng(1).permutation(len(rows))
    np.testing.assert_array_equal(
        merge_across_languages(rows, labels, lang)[order],
        merge_across_languages(rows[order], labels[order], lang[order]),
    )


def test_three_languages_are_joined_two_by_two():
    rows, lang, subjects = corpus(parted=0.4)
    lang = np.where(np.arange(len(lang)) % 5 == 0, "ur", lang)
    labels = np.where((subjects == 0) & (lang == "ar"), SUBJECTS, subjects)
    assert len(set(merge_across_languages(rows, labels, lang)[subjects == 0])) == 1


@pytest.mark.parametrize("clustering", ["communities", "hdbscan"])
def test_a_fit_joins_what_language_parted(clustering):
    rows, lang, subjects = corpus(parted=0.5)
    passages = pd.DataFrame({"text": "x", "lang": lang})
    recipe = Recipe(clustering=clustering, encoder="other", resolution=2.0)
    apart = cluster_passages(passages.drop(columns="lang"), rows, recipe)
    together = cluster_passages(passages, rows, recipe)
    first = subjects == 0
    assert len(set(apart[first & (lang == "fa")]) & set(apart[first & (lang == "ar")])) == 0
    assert len(set(together[first])) == 1
    np.testing.assert_array_equal(together, cluster_passages(passages, rows, recipe))
