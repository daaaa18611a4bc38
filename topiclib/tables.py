"""A fitted model to tidy tables: the waist through which everything after goes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from topiclib import compare, schema
from topiclib.clusters import Clusters, centroids
from topiclib.fit import check_vectors
from topiclib.measure.split import language_split
from topiclib.neighbours import layout
from topiclib.text import tokens
from topiclib.themes import Theme, match, read_themes, score

if TYPE_CHECKING:
    from bertopic import BERTopic

WORDS = 10
LABEL_WORDS = 3
QUOTES = 3
QUOTE_CANDIDATES = 20


def tabulate(
    model: BERTopic, documents: pd.DataFrame, passages: pd.DataFrame, aligned: np.ndarray,
    *, themes: Mapping[str, Theme] | None = None, seed: int = 0,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Tell in tidy tables what a fitted model found.

    Parameters
    ----------
    model
        As `fit` returned it: `model.topics_[i]` belongs to the i-th modelled passage.
    documents, passages
        The tables. Passages that are not modelled (captions, reprints, other languages) may be among the passages;
        reprints then take the topic of the passage that they reprint.
    aligned
        (n, d) unit rows, one for each modelled passage in their order.
    themes
        As `read_themes` returns them; None: the shipped ones.
    seed
        For the layout of `points` and the intervals of `shares`.

    Returns
    -------
    dict
        The tables of `topiclib.schema.TABLES`, by name, but for `flow`.

    Raises
    ------
    ValueError
        If the numbers of modelled passages, vectors and topics differ.
    """
    rows = passages[passages["modelled"]] if "modelled" in passages else passages
    rows = rows.reset_index(drop=True)
    clusters = model.hdbscan_model if isinstance(model.hdbscan_model, Clusters) else Clusters(None)
    aligned = clusters.space(check_vectors(rows, aligned))
    topics = np.asarray(model.topics_)
    if len(topics) != len(rows):
        raise ValueError(
            f"the model has {len(topics)} topics_ but passages has {len(rows)} modelled rows: tabulate what you fitted"
        )
    themes = read_themes() if themes is None else themes
    out = {"documents": documents, "passages": passages}
    out["assignments"] = assignments(rows, topics, aligned)
    out["keywords"] = keywords(rows, topics)
    out["topics"] = topic_cards(rows, topics, out["keywords"])
    out["split"] = language_split(topics, rows["lang"])
    counted = _with_reprints(passages)
    out["matches"] = match(counted, themes)
    out["themes"] = score(out["matches"], counted, themes)
    out["quotes"] = pd.concat(
        [topic_quotes(rows, topics, aligned), theme_quotes(rows, out["themes"])], ignore_index=True
    )
    out |= _compared(counted, documents, out["assignments"], out["themes"], list(themes))
    x, y = layout(aligned, seed=seed, near=clusters.near).T
    out["points"] = pd.DataFrame({"passage_id": rows["passage_id"], "x": x, "y": y, "topic": topics})
    return {name: schema.conform(frame, name) for name, frame in out.items()}


def assignments(passages: pd.DataFrame, topics: np.ndarray, aligned: np.ndarray) -> pd.DataFrame:
    """Return each passage's topic; strength is the cosine to the topic's centroid, 0 for outliers."""
    known, means = centroids(aligned, topics)
    at = {topic: i for i, topic in enumerate(known.tolist())}
    strength = [
        float(vector @ means[at[topic]]) if topic in at else 0.0
        for vector, topic in zip(aligned, topics.tolist(), strict=True)
    ]
    return pd.DataFrame({"passage_id": passages["passage_id"], "topic": topics, "strength": strength})


def keywords(passages: pd.DataFrame, topics: np.ndarray, *, n_words: int = WORDS) -> pd.DataFrame:
    """Return the words of each topic within each language, by c-TF-IDF over that language's passages.

    The weight of word t in topic c is tf(t, c) · log(1 + A / f(t)): its share among the topic's words, its count f in
    all topics, and A words a topic on average. Words are counted by lemma and shown in their commonest form; a word
    that a single article has is left out, where there are at least 20 articles.

    Source: Grootendorst 2022, BERTopic (arXiv 2203.05794), section 3.3.
    """
    rows = []
    for lang in schema.LANGUAGES:
        chosen = (passages["lang"] == lang).to_numpy() & (topics >= 0)
        counts, forms = _count_words(passages[chosen], topics[chosen])
        for topic, ranked in _ctfidf(counts, 2 * n_words):
            # Two keys may share their commonest form (عقوبة and عقوبات): the heavier one stands for both.
            shown = {forms[key]: weight for key, weight in reversed(ranked)}
            best = sorted(shown.items(), key=lambda item: -item[1])[:n_words]
            rows += [(topic, lang, rank, word, weight) for rank, (word, weight) in enumerate(best, start=1)]
    return pd.DataFrame(rows, columns=list(schema.table("keywords").columns)).sort_values(
        ["topic", "lang", "rank"], kind="stable"
    )


def topic_cards(passages: pd.DataFrame, topics: np.ndarray, words: pd.DataFrame) -> pd.DataFrame:
    """Return table `topics`: the same topic in two languages is the same subject, not the same framing of it."""
    label = words[words["rank"] <= LABEL_WORDS].groupby(["topic", "lang"])["word"].agg("، ".join)
    rows = []
    for topic in sorted(set(topics.tolist())):
        row: dict[str, object] = {"topic": topic, "size": int((topics == topic).sum())}
        for lang in schema.LANGUAGES:
            mine = (passages["lang"] == lang).to_numpy()
            row[f"label_{lang}"] = label.get((topic, lang), "")
            row[f"share_{lang}"] = float((topics[mine] == topic).mean()) if mine.any() else 0.0
        rows.append(row)
    return pd.DataFrame(rows)


def topic_quotes(passages: pd.DataFrame, topics: np.ndarray, aligned: np.ndarray) -> pd.DataFrame:
    """Return up to three passages a topic and language: near the topic's centroid, far from each other, of different
    articles.
    """
    parts = []
    known, means = centroids(aligned, topics)
    for topic, mean in zip(known.tolist(), means, strict=True):
        for lang in schema.LANGUAGES:
            rows = np.flatnonzero((topics == topic) & (passages["lang"] == lang).to_numpy())
            for row in _spread(rows, aligned, mean, passages):
                parts.append(("topic", str(topic), lang, passages["passage_id"].iloc[row], float(aligned[row] @ mean)))
    return pd.DataFrame(parts, columns=list(schema.table("quotes").columns))


def theme_quotes(passages: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    """Return up to three passages a theme and language: the highest scores, of different articles; strength is the
    score.
    """
    about = themes[themes["about"]].merge(passages[["passage_id", "doc_id", "lang", "kind"]], on="passage_id")
    about = (
        about[about["kind"] == "body"]
        .sort_values("score", ascending=False, kind="stable")
        .drop_duplicates(["theme", "doc_id"])
    )
    best = about.groupby(["theme", "lang"], sort=True).head(QUOTES).sort_values(["theme", "lang"], kind="stable")
    return best.assign(kind="theme").rename(columns={"theme": "key", "score": "strength"})[
        list(schema.table("quotes").columns)
    ]


def _with_reprints(passages: pd.DataFrame) -> pd.DataFrame:
    if "modelled" not in passages:
        return passages
    return passages[passages["modelled"] | (passages["reprint_of"] != "")]


def _compared(
    counted: pd.DataFrame,
    documents: pd.DataFrame,
    topics: pd.DataFrame,
    themes: pd.DataFrame,
    keys: Sequence[str],
) -> dict[str, pd.DataFrame]:
    """Return articles, shares, timeline, coverage and contrasts, for topics and themes, by outlet and by language."""
    kept = (
        counted["reprint_of"].where(counted["reprint_of"] != "", counted["passage_id"])
        if "reprint_of" in counted
        else counted["passage_id"]
    )
    topic_of = topics.set_index("passage_id")["topic"]
    labels = pd.DataFrame({"passage_id": counted["passage_id"], "key": kept.map(topic_of)}).dropna()
    by_topic = compare.memberships(counted, labels.astype({"key": int}))
    about = themes[themes["about"]].rename(columns={"theme": "key"})[["passage_id", "key"]]
    by_theme = compare.memberships(counted, about).reindex(columns=list(keys), fill_value=0.0)
    articles = by_topic.rename_axis(index="doc_id", columns="topic").stack().rename("share").reset_index()
    documents = compare.tie_reprints(documents, counted) if "reprint_of" in counted else documents
    pairs = [("topic", by_topic.rename(columns=str)), ("theme", by_theme)]
    shares, lines = [], []
    for kind, values in pairs:
        for by in ("source", "lang"):
            shares.append(compare.shares(values, documents, kind=kind, by=by))
            lines.append(compare.timeline(values, documents, kind=kind, by=by))
    return {
        "articles": articles[articles["share"] > 0],
        "shares": pd.concat(shares, ignore_index=True),
        "timeline": pd.concat(lines, ignore_index=True),
        "coverage": compare.coverage(documents),
        "contrasts": compare.word_contrasts(counted, about, documents.set_index("doc_id")["source"]),
    }


def _count_words(passages: pd.DataFrame, topics: np.ndarray) -> tuple[dict[int, Counter[str]], dict[str, str]]:
    """Return each topic's count of every key, and the commonest surface form of each key."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    surfaces: dict[str, Counter[str]] = defaultdict(Counter)
    articles: dict[str, set[str]] = defaultdict(set)
    doc_ids = passages["doc_id"] if "doc_id" in passages else pd.Series(range(len(passages)))
    for text, topic, doc_id in zip(passages["text"], topics.tolist(), doc_ids, strict=True):
        for key, surface in tokens(text):
            counts[topic][key] += 1
            surfaces[key][surface] += 1
            articles[key].add(doc_id)
    if doc_ids.nunique() >= 20:
        counts = {
            topic: Counter({k: c for k, c in words.items() if len(articles[k]) > 1}) for topic, words in counts.items()
        }
    # The commonest form; among equals the first in the alphabet, so that the order of files does not matter.
    return counts, {key: min(forms, key=lambda form: (-forms[form], form)) for key, forms in surfaces.items()}


def _ctfidf(counts: Mapping[int, Counter[str]], n_words: int):
    total: Counter[str] = Counter()
    for words in counts.values():
        total.update(words)
    average = sum(total.values()) / max(1, len(counts))
    for topic in sorted(counts):
        size = sum(counts[topic].values())
        weights = {key: count / size * float(np.log1p(average / total[key])) for key, count in counts[topic].items()}
        yield topic, sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:n_words]


def _spread(rows: np.ndarray, aligned: np.ndarray, mean: np.ndarray, passages: pd.DataFrame) -> list[int]:
    """Choose among the rows nearest to the mean, one an article, each next one farthest from those chosen."""
    body = [row for row in rows if passages["kind"].iloc[row] == "body"] if "kind" in passages else list(rows)
    near = sorted(body or rows, key=lambda row: (-float(aligned[row] @ mean), row))[:QUOTE_CANDIDATES]
    chosen: list[int] = []
    while near and len(chosen) < QUOTES:
        best = near[0] if not chosen else min(near, key=lambda row: float((aligned[chosen] @ aligned[row]).max()))
        chosen.append(int(best))
        taken = passages["doc_id"].iloc[best]
        near = [row for row in near if row != best and passages["doc_id"].iloc[row] != taken]
    return chosen
