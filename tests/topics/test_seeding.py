"""Themes passed to BERTopic as topics, on the bundled sample with the real encoder."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import topiclib as tl
from topiclib.runs import store
from topiclib.themes import read_themes
from topiclib.topics.seeding import MIN_THEME_SIMILARITY, theme_options, topic_themes


@pytest.fixture(scope="module")
def sample(sample_run):
    passages = sample_run.tables["passages"].query("modeled").reset_index(drop=True)
    alignment = tl.Alignment.from_arrays(store.read_array(sample_run.path, "offsets"), sample_run.manifest["alignment"])
    return passages, alignment.apply(tl.embed(passages, progress=False), passages["lang"].tolist()), alignment


def passages_of_theme(passages, topics, model, theme, aligned) -> np.ndarray:
    matching = [topic for topic, name in topic_themes(model, aligned).items() if name == theme]
    selected = np.isin(topics, matching)
    assert set(passages["lang"][selected]) == {"fa", "ar"}
    return selected


def test_zero_shot_topics_have_the_name_of_a_theme_and_both_languages(sample):
    passages, aligned, alignment = sample
    with warnings.catch_warnings():
        for name in {"SettingWithCopyWarning", "ChainedAssignmentError"} & {*dir(pd.errors)}:  # of pandas 2, of both
            warnings.simplefilter("error", getattr(pd.errors, name))
        model = tl.fit(passages, aligned, themes=read_themes(), mode="zeroshot", alignment=alignment)
    topics = np.array(model.topics_)
    assert len(topics) == len(passages)
    assert len(set(topics)) > len(topic_themes(model, aligned))  # passages that match no theme are clustered
    for theme in ("jcpoa", "caucasus", "drones"):
        selected = passages_of_theme(passages, topics, model, theme, aligned)
        vector = model.embedding_model.fixed_vectors[theme]
        assert (aligned[selected] @ vector >= MIN_THEME_SIMILARITY - 1e-5).all()


def test_guided_topics_match_their_seeds(sample):
    passages, aligned, alignment = sample
    before = aligned.copy()
    model = tl.fit(passages, aligned, themes=read_themes(), mode="guided", alignment=alignment)
    topics = np.array(model.topics_)
    assert np.array_equal(aligned, before)
    selected = {theme: passages_of_theme(passages, topics, model, theme, aligned) for theme in ("caucasus", "drones")}
    for theme, word in (("caucasus", "باکو"), ("drones", "پهپاد")):
        has_word = passages["text"].str.contains(word).to_numpy()
        assert selected[theme][has_word].mean() > 2 * selected[theme].mean()
    football = passages["text"].str.contains("فوتبال|كرة القدم").to_numpy()
    assert not any(mask[football].mean() > 0.5 for mask in selected.values())


def test_a_theme_is_one_vector_for_both_languages(sample):
    alignment = sample[2]
    themes = {key: theme for key, theme in read_themes().items() if key in ("jcpoa", "syria")}
    options = theme_options(themes, alignment, mode="guided")
    assert len(options["seed_topic_list"]) == 2
    assert {"برجام", "اورانیوم"} & set(options["seed_topic_list"][0])
    rows = options["embedding_model"].embed([" ".join(words) for words in options["seed_topic_list"]])
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert options["embedding_model"].embed(["وین"]).shape == (1, rows.shape[1])


def test_options_of_bertopic_override_defaults(sample):
    passages, aligned, alignment = sample
    model = tl.fit(passages, aligned, themes=read_themes(), alignment=alignment, zeroshot_min_similarity=0.99)
    assert topic_themes(model, aligned) == {}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"themes": read_themes()}, "alignment=None: BERTopic needs both"),
        ({"themes": {}, "alignment": "given"}, "themes={} and"),
        ({"themes": read_themes(), "alignment": "given", "mode": "few-shot"}, "mode is 'few-shot'"),
    ],
)
def test_invalid_arguments_are_an_error(sample, settings, message):
    passages, aligned, alignment = sample
    arguments = {**settings, **({"alignment": alignment} if "alignment" in settings else {})}
    with pytest.raises(ValueError, match=message):
        tl.fit(passages, aligned, **arguments)


def test_topic_themes_needs_a_model_with_themes(sample):
    passages, aligned, _ = sample
    with pytest.raises(ValueError, match="was fitted without themes"):
        topic_themes(tl.fit(passages[:40], aligned[:40]), aligned[:40])
