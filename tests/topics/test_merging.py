"""Topics of one subject, split by language, are merged; topics of different subjects are not."""

import numpy as np
import pandas as pd
import pytest

from topiclib.topics.fit import cluster_passages
from topiclib.topics.merging import merge_across_languages
from topiclib.topics.recipe import Recipe

SUBJECTS = 8


def corpus(*, offset: float, one_sided: bool = False, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return vectors, languages and subjects: eight subjects in both languages, the first split by `offset`.

    With `one_sided`, subject 0 occurs in Persian only and subject 1 in Arabic only.
    """
    rng = np.random.default_rng(seed)
    centers = np.eye(SUBJECTS, 40)
    subjects = np.repeat(np.arange(SUBJECTS), 60)
    lang = np.where(rng.random(len(subjects)) < 0.5, "fa", "ar")
    if one_sided:
        lang = np.where(subjects == 0, "fa", np.where(subjects == 1, "ar", lang))
    vectors = centers[subjects] + rng.normal(scale=0.04, size=(len(subjects), 40))
    vectors[:, 30] += np.where(subjects == 0, np.where(lang == "fa", offset, -offset), 0)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), lang, subjects


def test_a_subject_split_by_language_becomes_one_topic():
    vectors, lang, subjects = corpus(offset=0.4)
    labels = np.where((subjects == 0) & (lang == "ar"), SUBJECTS, subjects)
    merged = merge_across_languages(vectors, labels, lang)
    assert len(set(merged[subjects == 0])) == 1
    assert len(set(merged)) == SUBJECTS
    assert set(merged) == set(range(SUBJECTS))


def test_subjects_of_one_language_are_not_merged():
    vectors, lang, subjects = corpus(offset=0, one_sided=True)
    np.testing.assert_array_equal(merge_across_languages(vectors, subjects, lang), subjects)


def test_close_subjects_in_both_languages_are_not_merged():
    vectors, lang, subjects = corpus(offset=0)
    close = vectors.copy()
    close[subjects == 1] += 2 * close[subjects == 0].mean(axis=0)
    close /= np.linalg.norm(close, axis=1, keepdims=True)
    np.testing.assert_array_equal(merge_across_languages(close, subjects, lang), subjects)


@pytest.mark.parametrize("languages", [["fa"], ["fa", "ar"]])
def test_without_shared_topics_nothing_is_merged(languages):
    vectors, _, _ = corpus(offset=0.4)
    lang = np.resize(languages, len(vectors))
    labels = np.where(lang == languages[0], 0, 1)  # each language is a topic
    np.testing.assert_array_equal(merge_across_languages(vectors, labels, lang), labels)


def test_outliers_stay_and_the_input_is_not_changed():
    vectors, lang, subjects = corpus(offset=0.4)
    labels = np.where((subjects == 0) & (lang == "ar"), SUBJECTS, subjects)
    labels[::7] = -1
    before = labels.copy()
    merged = merge_across_languages(vectors, labels, lang)
    np.testing.assert_array_equal(labels, before)
    np.testing.assert_array_equal(merged == -1, labels == -1)
    np.testing.assert_array_equal(merge_across_languages(vectors, np.full(len(vectors), -1), lang), -1)


def test_the_order_of_the_rows_does_not_matter():
    vectors, lang, subjects = corpus(offset=0.4)
    labels = np.where((subjects == 0) & (lang == "ar"), SUBJECTS, subjects)
    order = np.random.default_rng(1).permutation(len(vectors))
    np.testing.assert_array_equal(
        merge_across_languages(vectors, labels, lang)[order],
        merge_across_languages(vectors[order], labels[order], lang[order]),
    )


def test_three_languages_are_merged_pairwise():
    vectors, lang, subjects = corpus(offset=0.4)
    lang = np.where(np.arange(len(lang)) % 5 == 0, "ur", lang)
    labels = np.where((subjects == 0) & (lang == "ar"), SUBJECTS, subjects)
    assert len(set(merge_across_languages(vectors, labels, lang)[subjects == 0])) == 1


@pytest.mark.parametrize("clustering", ["communities", "hdbscan"])
def test_cluster_passages_merges_across_languages(clustering):
    vectors, lang, subjects = corpus(offset=0.5)
    passages = pd.DataFrame({"text": "x", "lang": lang})
    recipe = Recipe(clustering=clustering, encoder="other", resolution=2.0)
    split = cluster_passages(passages.drop(columns="lang"), vectors, recipe)
    merged = cluster_passages(passages, vectors, recipe)
    first = subjects == 0
    assert len(set(split[first & (lang == "fa")]) & set(split[first & (lang == "ar")])) == 0
    assert len(set(merged[first])) == 1
    np.testing.assert_array_equal(merged, cluster_passages(passages, vectors, recipe))
