"""Any BERTopic model can be written as a run: merged, reduced, named by hand, with and without an alignment."""

import copy

import numpy as np
import pandas as pd
import pytest

import topiclib as tl
from topiclib.report.methods import methods
from topiclib.runs.check import verify_run
from topiclib.runs.verify_refit import verify_refit


@pytest.fixture(scope="module")
def fitted(sample_run):
    documents = sample_run.documents
    passages = tl.make_passages(documents, keep="all")
    modeled = passages[passages["modeled"]].reset_index(drop=True)
    vectors = tl.embed(modeled, progress=False)
    alignment = tl.fit_alignment(modeled, vectors)
    aligned = alignment.apply(vectors, modeled["lang"])
    return tl.fit(modeled, aligned), documents, passages, aligned, alignment


def test_a_saved_model_is_the_run_of_the_same_corpus(fitted, sample_run, tmp_path):
    run = tl.save_run(*fitted, out=tmp_path / "run")
    assert verify_run(run.path) == []
    for name in ("assignments", "topics", "keywords", "shares", "quotes", "points", "themes", "flow"):
        pd.testing.assert_frame_equal(run.tables[name], sample_run.tables[name], obj=name)
    new = tl.load_sample().head(3)
    pd.testing.assert_frame_equal(tl.assign_topics(run, new), tl.assign_topics(sample_run, new))
    with pytest.raises(ValueError, match="was saved from a model"):
        verify_refit(run.path)


def test_articles_of_a_model_made_without_topiclib_return_to_their_topics(fitted, tmp_path):
    from bertopic import BERTopic
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA

    _, documents, passages, aligned, alignment = fitted
    texts = passages.loc[passages["modeled"], "text"].tolist()
    model = BERTopic(umap_model=PCA(5), hdbscan_model=KMeans(5, n_init=1, random_state=0)).fit(texts, aligned.copy())
    run = tl.save_run(model, documents, passages, aligned, alignment, out=tmp_path / "run")
    columns = ["topic", "similarity"]
    kept = run.assignments.set_index("passage_id")
    again = tl.assign_topics(run, tl.load_sample()).set_index("passage_id")[columns].reindex(kept.index)
    same = again["topic"] == kept["topic"]
    assert same.mean() > 0.8
    assert np.allclose(again["similarity"][same], kept["similarity"][same], atol=1e-5)


def test_a_saved_model_keeps_merged_topics_and_labels(fitted, tmp_path):
    model, documents, passages, aligned, _ = fitted
    model = copy.deepcopy(model)
    texts = passages.loc[passages["modeled"], "text"].tolist()
    model.merge_topics(texts, [[0, 1]])
    model.set_topic_labels({0: "Iran: talks and water"})
    run = tl.save_run(model, documents, passages, aligned, out=tmp_path / "run")
    assert len(run.topics) == len(fitted[0].get_topic_info()) - 1
    assert run.topics["size"].sum() == passages["modeled"].sum()
    assert run.topics.set_index("topic").loc[0, ["name_en", "name_ar"]].tolist() == ["Iran: talks and water"] * 2
    assert "without an alignment" in run._repr_html_()
    with pytest.raises(ValueError, match="saved without an alignment: pass it to save_run"):
        tl.assign_topics(run, tl.load_sample().head(3))
    tl.draw.topic_map(run)
    text = methods(run.tables, run.manifest)
    assert "was saved as this run" in text and "the Leiden algorithm" in text and "Guided topics" not in text
    model.reduce_topics(texts, nr_topics=4)
    with pytest.warns(UserWarning, match="set before its topics changed"):
        run = tl.save_run(model, documents, passages, aligned, out=tmp_path / "run")
    assert len(run.topics) <= 4
