"""Features of BERTopic work on the model that `fit` returns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from topiclib.embedding.alignment import fit_alignment
from topiclib.topics.communities import LeidenClustering
from topiclib.topics.fit import fit
from topiclib.topics.recipe import Recipe
from topiclib.topics.seeding import aligned_backend

SUBJECTS = {
    "talks": {"fa": "مذاکرات برجام وین هسته‌ای غنی‌سازی", "ar": "المحادثات النووية فيينا التخصيب الاتفاق"},
    "games": {"fa": "فوتبال ورزشگاه گل تیم بازیکن", "ar": "الملعب الفريق اللاعبون الهدف المباراة"},
    "weather": {"fa": "باران سیل هواشناسی توفان برف", "ar": "الأمطار الفيضانات الأرصاد العاصفة الثلوج"},
}
PLACE = {word: i for i, texts in enumerate(SUBJECTS.values()) for text in texts.values() for word in text.split()}


RECIPE = Recipe(encoder="words", n_topics=3)


class WordCounter:
    """An encoder that counts the words of each subject, and gives each language a direction."""

    identity, dim = "words", 8

    def encode(self, texts):
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.split():
                row[PLACE.get(word, 6)] += 1
            row[4 if set("ةيكىأإ") & set(text) or "ال" in text else 5] += 3
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def corpus():
    """96 passages: 16 per subject and language, each with some of its words."""
    rng = np.random.default_rng(0)
    rows = []
    for texts in SUBJECTS.values():
        for lang, text in texts.items():
            rows += [(" ".join(rng.permutation(text.split())[: 3 + i % 3]), lang) for i in range(16)]
    passages = pd.DataFrame(rows, columns=["text", "lang"]).sample(frac=1, random_state=0).reset_index(drop=True)
    vectors = WordCounter().encode(passages["text"].tolist())
    vectors = vectors + 0.02 * np.random.default_rng(1).normal(size=vectors.shape).astype(np.float32)
    alignment = fit_alignment(passages, vectors, use_text=False)
    aligned = alignment.apply(vectors, passages["lang"])
    truth = np.array([PLACE[text.split()[0]] for text in passages["text"]])
    return passages, aligned, truth, aligned_backend(alignment, encoder=WordCounter())


@pytest.fixture
def model(corpus):
    passages, aligned, _, backend = corpus
    return fit(passages, aligned, RECIPE, embedding_model=backend)


def same_partition(first, second) -> bool:
    pairs = set(zip(list(first), list(second), strict=True))
    return len(pairs) == len(set(first)) == len(set(second))


def each_topic_has_one_subject(topics, truth) -> bool:
    return len(set(zip(list(topics), list(truth), strict=True))) == len(set(topics))


def test_topics_span_both_languages(corpus, model):
    assert same_partition(model.topics_, corpus[2])


def test_words_are_close_to_passages_of_their_subject(corpus):
    _, aligned, truth, backend = corpus
    for subject, texts in enumerate(SUBJECTS.values()):
        cosines = backend.embed(list(texts.values())) @ aligned.T
        assert (truth[cosines.argmax(axis=1)] == subject).all()
    assert np.isfinite(backend.embed(["1234", ""])).all()


def test_topics_given_as_words_need_a_backend(corpus):
    for name in ("seed_topic_list", "zeroshot_topic_list"):
        with pytest.raises(ValueError, match="needs an embedding model that maps words"):
            fit(corpus[0], corpus[1], **{name: [["فوتبال"]]})


def test_guided(corpus):
    passages, aligned, truth, backend = corpus
    before = aligned.copy()
    seeds = [text.split() for text in SUBJECTS["talks"].values()] + [SUBJECTS["games"]["fa"].split()]
    model = fit(passages, aligned, RECIPE, seed_topic_list=seeds, embedding_model=backend)
    assert each_topic_has_one_subject(model.topics_, truth)
    assert np.array_equal(aligned, before)


def test_zero_shot(corpus):
    passages, aligned, truth, backend = corpus
    topics = ["فوتبال ورزشگاه گل تیم بازیکن"]
    model = fit(
        passages, aligned, RECIPE, zeroshot_topic_list=topics, zeroshot_min_similarity=0.6,
        embedding_model=backend,
    )  # fmt: skip
    assert len(model.topics_) == len(passages)
    assert each_topic_has_one_subject(model.topics_, truth)
    names = model.get_topic_info().set_index("Topic")["Name"]
    assert names[model.topics_[int(np.flatnonzero(truth == 1)[0])]] == topics[0]


def test_reduce_and_hierarchy(corpus, model):
    texts = corpus[0]["text"].tolist()
    tree = model.hierarchical_topics(texts)
    assert len(tree) == 2
    model.reduce_topics(texts, nr_topics=2)
    assert len(set(model.topics_)) == 2


@pytest.mark.parametrize("name", ["KeyBERTInspired", "MaximalMarginalRelevance"])
def test_representation_models(corpus, name):
    import bertopic.representation

    passages, aligned, _, backend = corpus
    representation = getattr(bertopic.representation, name)()
    model = fit(passages, aligned, RECIPE, representation_model=representation, embedding_model=backend)
    words = {word for topic in set(model.topics_) for word, _ in model.get_topic(topic)}
    assert len(words - {""}) >= 9


def test_topics_over_time_do_not_look_ahead(corpus, model):
    passages = corpus[0]
    texts = passages["text"].tolist()
    first = np.arange(len(texts)) < 48
    texts = [text if early else f"{text} نوظهور" for text, early in zip(texts, first, strict=True)]
    times = [pd.Timestamp("2023-01-01" if early else "2024-01-01") for early in first]
    table = model.topics_over_time(texts, times, global_tuning=False, evolution_tuning=False)
    early = table[table["Timestamp"] == "2023-01-01"]
    known = {word for text in passages["text"][first] for word in model.vectorizer_model.build_analyzer()(text)}
    assert {word for words in early["Words"] for word in words.split(", ")} - {""} <= known
    assert early["Frequency"].sum() == 48


def test_new_passages_are_assigned_to_topics(corpus, model):
    passages, aligned, _, _ = corpus
    topics, _ = model.transform(passages["text"].tolist()[:20], aligned[:20])
    assert list(topics) == model.topics_[:20]


def test_saved_as_safetensors_and_loaded(corpus, model, tmp_path):
    pytest.importorskip("safetensors", reason="safetensors is not installed: BERTopic saves with it")
    from bertopic import BERTopic

    passages, aligned, _, backend = corpus
    model.save(tmp_path / "model", serialization="safetensors", save_ctfidf=True, save_embedding_model=False)
    loaded = BERTopic.load(tmp_path / "model", embedding_model=backend)
    assert loaded.topics_ == model.topics_
    assert [word for word, _ in loaded.get_topic(0)] == [word for word, _ in model.get_topic(0)]
    topics, _ = loaded.transform(passages["text"].tolist(), aligned)
    assert np.mean(np.array(topics) == model.topics_) > 0.95


def cluster_models():
    from hdbscan import HDBSCAN
    from sklearn.cluster import AgglomerativeClustering, KMeans

    return [
        KMeans(3, random_state=0, n_init=1), AgglomerativeClustering(3), HDBSCAN(min_cluster_size=8),
        LeidenClustering(resolution=1.1),
    ]  # fmt: skip


@pytest.mark.parametrize("i", range(4))
def test_any_cluster_model(corpus, i):
    from sklearn.decomposition import PCA

    passages, aligned, truth, _ = corpus
    cluster_model = cluster_models()[i]
    reduction = {} if isinstance(cluster_model, LeidenClustering) else {"umap_model": PCA(4)}
    assert each_topic_has_one_subject(fit(passages, aligned, cluster_model=cluster_model, **reduction).topics_, truth)
