"""Tables of a small BERTopic model fitted to vectors with known topics."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from topiclib import schema
from topiclib.runs.tables import _make_document_topics, make_topic_quotes, make_topics
from topiclib.runs.tabulate import tabulate
from topiclib.topics.fit import fit
from topiclib.topics.keywords import extract_keywords
from topiclib.topics.language_split import count_languages

TALKS = {
    "fa": "مذاکرات هسته‌ای وین دربارهٔ برجام و غنی‌سازی ادامه یافت",
    "ar": "تواصلت في فيينا المحادثات النووية بشأن الاتفاق والتخصيب",
}
GAMES = {
    "fa": "تیم فوتبال در ورزشگاه بازی را برد و هواداران شادی کردند",
    "ar": "فاز فريق كرة القدم في الملعب وفرح المشجعون بالهدف",
}


@pytest.fixture(scope="module")
def fitted():
    """Fit 24 articles in two languages and two outlets; article 22 (outlet b) reprints article 0."""
    documents = pd.DataFrame(
        {
            "doc_id": [f"d{i}" for i in range(24)],
            "lang": ["fa" if i % 2 else "ar" for i in range(24)],
            "source": ["a" if i < 12 else "b" for i in range(24)],
            "date": "2023-01-05",
        }
    )
    documents = schema.conform(documents.assign(title="", text="x", section="", url="", dropped=""), "documents")
    subject = np.arange(24) // 2 % 2
    passages = pd.DataFrame(
        {
            "passage_id": documents["doc_id"] + "#0",
            "doc_id": documents["doc_id"],
            "text": [(GAMES if s else TALKS)[lang] for s, lang in zip(subject, documents["lang"], strict=True)],
            "lang": documents["lang"],
            "kind": "body",
            "voice": "own",
        }
    ).assign(position=0, start=0, end=1, n_reprints=0, reprint_of="", modeled=True)
    passages.loc[22, ["reprint_of", "modeled"]] = ["d0#0", False]
    modeled = passages[passages["modeled"]]
    rng = np.random.default_rng(0)
    vectors = np.eye(6)[subject[modeled.index]] + 0.05 * rng.normal(size=(23, 6))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    model = fit(modeled, vectors)
    return model, documents, passages, vectors, tabulate(model, documents, passages, vectors)


def test_all_tables_conform_to_the_schema(fitted):
    tables = fitted[-1]
    optional = {"flow", "stability", "mixing", "recovery", "sensitivity", "candidates"}
    assert set(tables) == set(schema.TABLES) - optional
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(frame, schema.conform(frame, name))


def test_assignments_follow_the_model_and_similarity_is_a_cosine(fitted):
    model, _, passages, _, tables = fitted
    rows = passages[passages["modeled"]]
    assert tables["assignments"]["passage_id"].tolist() == rows["passage_id"].tolist()
    assert tables["assignments"]["topic"].tolist() == model.topics_
    assert tables["assignments"]["similarity"].between(0.9, 1.0001).all()


def test_reprint_counts_for_its_outlet_with_the_topic_of_its_original(fitted):
    tables = fitted[-1]
    topic = tables["assignments"].set_index("passage_id")["topic"]["d0#0"]
    again = tables["document_topics"].set_index("doc_id").loc["d22"]
    assert (again["topic"], again["share"]) == (topic, 1.0)


def test_document_topics_are_sparse():
    """A dense table (100,000 articles, 108 topics) took more than half a gigabyte."""
    share = np.zeros((5_000, 100))
    share[np.arange(5_000), np.arange(5_000) % 100] = 0.75
    share[7, [3, 7]] = 0.25, 0.75
    by_topic = pd.DataFrame(share, index=pd.Index([f"d{i}" for i in range(5_000)], name="doc_id"))
    tracemalloc.start()
    table = _make_document_topics(by_topic)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert table.iloc[7:9].to_numpy().tolist() == [["d7", 3, 0.25], ["d7", 7, 0.75]] and len(table) == 5_001
    assert peak < share.nbytes
    assert _make_document_topics(by_topic[[]]).empty


def test_topic_shares_sum_to_one(fitted):
    shares = fitted[-1]["shares"]
    topics = shares[shares["kind"] == "topic"]
    assert np.allclose(topics.groupby(["by", "level"])["share"].sum(), 1)
    assert topics.groupby(["by", "level"])["n"].first().to_dict() == {
        ("lang", "ar"): 12, ("lang", "fa"): 12, ("source", "a"): 12, ("source", "b"): 12,
    }  # fmt: skip


def test_keywords_match_their_language_and_topic(fitted):
    model, _, passages, _, tables = fitted
    rows = passages[passages["modeled"]]
    for topic in set(model.topics_):
        for lang, name in (("fa", "برجام"), ("ar", "فيينا")):
            words = tables["keywords"].query("topic == @topic and lang == @lang")["word"].tolist()
            assert words
            texts = rows["text"][(rows["lang"] == lang) & (np.asarray(model.topics_) == topic)]
            assert (name in words) == (name in texts.iloc[0])
    assert not (set(tables["keywords"].query("lang == 'fa'")["word"]) & {"و", "در", "را"})


def test_quotes_match_topic_and_language_and_are_from_different_articles(fitted):
    _, _, passages, _, tables = fitted
    quotes = tables["quotes"][tables["quotes"]["kind"] == "topic"].merge(passages, on="passage_id", suffixes=("", "_p"))
    topic = tables["assignments"].set_index("passage_id")["topic"]
    assert (quotes["lang"] == quotes["lang_p"]).all()
    assert (quotes["passage_id"].map(topic).astype(str) == quotes["key"]).all()
    assert quotes.groupby(["key", "lang"])["doc_id"].nunique().eq(3).all()


def test_outliers_have_no_label_and_no_quotes():
    passages = pd.DataFrame({"passage_id": list("abc"), "doc_id": list("abc"), "lang": "fa", "text": [TALKS["fa"]] * 3})
    topics = np.array([0, 0, -1])
    words = extract_keywords(passages, topics)
    table = make_topics(count_languages(topics, passages["lang"]), words).set_index("topic")
    assert table.loc[-1, "label_fa"] == ""
    assert table.loc[0, "label_fa"] != ""
    assert table["size"].to_dict() == {-1: 1, 0: 2}
    assert set(make_topic_quotes(passages, topics, np.eye(3, dtype=np.float32))["passage_id"]) == {"a", "b"}


def test_model_of_other_passages_raises(fitted):
    model, documents, passages, vectors, _ = fitted
    with pytest.raises(ValueError, match="22 rows"):
        tabulate(model, documents, passages[passages["modeled"]].iloc[:22], vectors)
    with pytest.raises(ValueError, match="model has 23 topics_ but passages has 22"):
        tabulate(model, documents, passages[passages["modeled"]].iloc[:22], vectors[:22])
