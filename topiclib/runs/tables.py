"""Make the tidy tables that figures, report and map read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd

from topiclib import compare, schema
from topiclib.themes import Theme, match_themes, score_themes
from topiclib.topics.assignment import compute_centroids
from topiclib.topics.custom_words import CustomWords
from topiclib.topics.keywords import count_words
from topiclib.topics.language_split import count_languages
from topiclib.topics.umap_layout import project_2d

N_LABEL_WORDS = 3
N_QUOTES = 3
N_QUOTE_CANDIDATES = 20
GROUPINGS = ("source", "lang")

Centroids: TypeAlias = tuple[np.ndarray, np.ndarray]  # topics and their centroids, as `compute_centroids` returns them


def count_topics(
    passages: pd.DataFrame, topics: np.ndarray, counted: pd.DataFrame,
    topic_by_passage: pd.Series, columns: Sequence[int], words: CustomWords,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Return table `document_topics` of a partition, and the counts from which other tables of topics are made.

    `passages` and `topics` are modeled ones, `counted` those of `counted_passages`. `topic_by_passage` also has those
    of other partitions that are reprinted in this one; `columns` are the topics of the whole corpus.
    """
    original = counted["reprint_of"].where(counted["reprint_of"] != "", counted["passage_id"])
    labels = pd.DataFrame({"passage_id": counted["passage_id"], "key": original.map(topic_by_passage)})
    shares = compare.compute_article_shares(counted, labels.dropna().astype({"key": int}))
    # In the order of the articles, so that partitions in sequence have the order of the whole corpus.
    shares = shares.reindex(index=counted["doc_id"].unique(), columns=list(columns), fill_value=0.0)
    word_counts, article_counts = count_words(passages, topics, words)
    return {
        "document_topics": _make_document_topics(shares),
        "topic_shares": shares.rename(columns=str).reset_index(),
        "word_counts": word_counts,
        "article_counts": article_counts,
        "topic_sizes": count_languages(topics, passages["lang"]).stack().rename("n").reset_index(),
    }


def count_themes(
    documents: pd.DataFrame, counted: pd.DataFrame, themes: Mapping[str, Theme]
) -> dict[str, pd.DataFrame]:
    """Return tables `matches` and `themes` of a partition, and the shares and passages that others are made from."""
    matches = match_themes(counted, themes)
    scores = score_themes(matches, counted, themes)
    about = scores[scores["about"]].rename(columns={"theme": "key"})[["passage_id", "key"]]
    shares = compare.compute_article_shares(counted, about).reindex(columns=list(themes), fill_value=0.0)
    outlets = counted["doc_id"].map(documents.set_index("doc_id")["source"])
    texts = counted[["passage_id", "doc_id", "lang", "text"]].assign(source=outlets)
    return {
        "matches": matches,
        "themes": scores,
        "theme_shares": shares.reset_index(),
        "about": about.merge(texts, on="passage_id"),
    }


def make_assignments(
    passages: pd.DataFrame, topics: np.ndarray, aligned: np.ndarray, centroids: Centroids
) -> pd.DataFrame:
    """Return table `assignments`: topics, and cosines to their centroids, 0 for outliers."""
    topic_ids, means = centroids
    index = {topic: i for i, topic in enumerate(topic_ids.tolist())}
    similarity = [
        float(vector @ means[index[topic]]) if topic in index else 0.0
        for vector, topic in zip(aligned, topics.tolist(), strict=True)
    ]
    columns = {"passage_id": passages["passage_id"], "topic": topics, "similarity": similarity, "topic_found": topics}
    return pd.DataFrame(columns)


def make_points(passages: pd.DataFrame, topics: np.ndarray, aligned: np.ndarray, *, seed: int = 0) -> pd.DataFrame:
    """Return table `points`, a 2D layout of these passages."""
    x, y = project_2d(aligned, seed=seed).T
    return pd.DataFrame({"passage_id": passages["passage_id"].to_numpy(), "x": x, "y": y, "topic": topics})


def make_topics(language_counts: pd.DataFrame, keywords: pd.DataFrame) -> pd.DataFrame:
    """Return table `topics` from passage counts (topics x languages, see `count_languages`) and table `keywords`."""
    labels = keywords[keywords["rank"] <= N_LABEL_WORDS].groupby(["topic", "lang"])["word"].agg("، ".join)
    topics = language_counts.index
    out = pd.DataFrame({"topic": topics, "size": language_counts.sum(axis=1).to_numpy(), "name_en": ""})
    for lang in schema.LANGUAGES:
        counts = language_counts.get(lang, pd.Series(0, topics)).to_numpy()
        out[f"name_{lang}"], out[f"label_{lang}"] = "", [labels.get((topic, lang), "") for topic in topics]
        out[f"share_{lang}"] = counts / max(1, counts.sum())
    return out


def make_topic_quotes(
    passages: pd.DataFrame, topics: np.ndarray, aligned: np.ndarray, *, centroids: Centroids | None = None
) -> pd.DataFrame:
    """Return up to `N_QUOTES` passages per topic and language: near the centroid, diverse, one per article."""
    quotes = []
    for topic, lang, mean, candidates in _quote_candidates(passages, topics, aligned, centroids):
        for row in _pick_diverse(candidates, aligned, passages):
            quotes.append(("topic", str(topic), lang, passages["passage_id"].iloc[row], float(aligned[row] @ mean)))
    return pd.DataFrame(quotes, columns=list(schema.get_table("quotes").columns))


def quote_candidate_positions(
    passages: pd.DataFrame, topics: np.ndarray, aligned: np.ndarray, *, centroids: Centroids | None = None
) -> np.ndarray:
    """Return the rows of the candidates of `make_topic_quotes`; those of a corpus are among those of its partitions."""
    candidates = _quote_candidates(passages, topics, aligned, centroids)
    return np.array(sorted(row for *_, rows in candidates for row in rows), dtype=int)


def _quote_candidates(
    passages: pd.DataFrame, topics: np.ndarray, aligned: np.ndarray, centroids: Centroids | None
) -> Iterator[tuple[int, str, np.ndarray, list[int]]]:
    """Yield topic, language, centroid and the nearest rows: body text if there is any, else any kind."""
    topic_ids, means = centroids or compute_centroids(aligned, topics)
    body = (passages["kind"] == "body").to_numpy() if "kind" in passages else np.ones(len(passages), dtype=bool)
    for topic, mean in zip(topic_ids.tolist(), means, strict=True):
        for lang in schema.LANGUAGES:
            rows = np.flatnonzero((topics == topic) & (passages["lang"] == lang).to_numpy())
            rows = rows[body[rows]] if body[rows].any() else rows
            # Row by row instead of a matrix product: BLAS could round differently in a partition than in the corpus.
            nearest_first = np.lexsort((rows, -(aligned[rows] * mean).sum(axis=1)))[:N_QUOTE_CANDIDATES]
            yield topic, lang, mean, rows[nearest_first].tolist()


def make_theme_quotes(passages: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    """Return up to `N_QUOTES` passages per theme and language: those with the highest theme score, one per article."""
    about = themes[themes["about"]].merge(passages[["passage_id", "doc_id", "lang", "kind"]], on="passage_id")
    best = about[about["kind"] == "body"].sort_values("score", ascending=False, kind="stable")
    best = best.drop_duplicates(["theme", "doc_id"]).groupby(["theme", "lang"]).head(N_QUOTES)
    best = best.sort_values(["theme", "lang"], kind="stable").assign(kind="theme")
    return best.rename(columns={"theme": "key"})[list(schema.get_table("quotes").columns)]


def counted_passages(passages: pd.DataFrame) -> pd.DataFrame:
    """Return the passages that count in shares: the modeled ones and their reprints."""
    return passages[passages["modeled"] | (passages["reprint_of"] != "")]


def _make_document_topics(topic_shares: pd.DataFrame) -> pd.DataFrame:
    """Return table `document_topics`."""
    share = topic_shares.to_numpy(dtype=float)
    rows, columns = np.nonzero(share > 0)  # not stack(): in a large corpus the zeros take gigabytes
    docs, topics = topic_shares.index[rows], topic_shares.columns[columns]
    return pd.DataFrame({"doc_id": docs, "topic": topics, "share": share[rows, columns]})


def _pick_diverse(candidates: list[int], aligned: np.ndarray, passages: pd.DataFrame) -> list[int]:
    """Choose the first candidate, then one by one the least similar to those chosen; one per article."""
    chosen: list[int] = []
    while candidates and len(chosen) < N_QUOTES:
        best = candidates[0]
        if chosen:
            best = min(candidates, key=lambda row: float((aligned[chosen] @ aligned[row]).max()))
        chosen.append(best)
        doc_id = passages["doc_id"].iloc[best]
        candidates = [row for row in candidates if passages["doc_id"].iloc[row] != doc_id]
    return chosen
