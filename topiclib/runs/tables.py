"""A fitted model to tidy tables, which everything after reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from topiclib import compare, schema
from topiclib.corpus.time_window import OVERLAP, TimeWindowSpec
from topiclib.themes import Theme, match_themes, read_themes, score_themes
from topiclib.topics.centroids import compute_centroids
from topiclib.topics.cluster_model import TopicClusterer
from topiclib.topics.fit import check_vectors
from topiclib.topics.keywords import extract_keywords
from topiclib.topics.language_split import count_languages, language_split_from_counts
from topiclib.topics.umap_layout import project_2d

if TYPE_CHECKING:
    from bertopic import BERTopic

N_LABEL_WORDS = 3

N_QUOTES = 3

N_QUOTE_CANDIDATES = 20

GROUPINGS = ("source", "lang")


def tabulate(
    model: BERTopic, documents: pd.DataFrame, passages: pd.DataFrame, aligned: np.ndarray,
    *, themes: Mapping[str, Theme] | None = None, period: TimeWindowSpec = OVERLAP, seed: int = 0,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Return what a fitted model found, as tidy tables.

    Parameters
    ----------
    model
        As `fit` returned it: `model.topics_[i]` belongs to the i-th modeled passage.
    documents, passages
        The tables. Passages that are not modeled (captions, reprints, other languages) may be among the passages;
        reprints then take the topic of the passage that they reprint.
    aligned
        (n, d) unit rows, one for each modeled passage in their order.
    themes
        As `read_themes` returns them; None: the shipped ones.
    period
        The articles that `shares` are of: "overlap", "all", or a first and last month (`topiclib.corpus.time_window`).
    seed
        For the layout of `make_points`.

    Returns
    -------
    dict
        The tables of `topiclib.schema.QUALITY_TABLES`, by name, but for `count_flow`.

    Raises
    ------
    ValueError
        If the numbers of modeled passages, vectors and topics differ.
    """
    rows = passages[passages["modeled"]] if "modeled" in passages else passages
    rows = rows.reset_index(drop=True)
    clusters = model.hdbscan_model if isinstance(model.hdbscan_model, TopicClusterer) else TopicClusterer(None)
    aligned = clusters.centroid_vectors(check_vectors(rows, aligned))
    topics = np.asarray(model.topics_)
    if len(topics) != len(rows):
        raise ValueError(
            f"the model has {len(topics)} topics_ but passages has {len(rows)} modeled rows: tabulate what you fitted"
        )
    themes = read_themes() if themes is None else themes
    out = {"documents": documents, "passages": passages}
    out["assignments"] = make_assignments(rows, topics, aligned)
    out["keywords"] = extract_keywords(rows, topics)
    sizes = count_languages(topics, rows["lang"])
    out["topics"] = make_topics(sizes, out["keywords"])
    out["topic_languages"] = language_split_from_counts(sizes)
    counted = counted_passages(passages)
    out["matches"] = match_themes(counted, themes)
    out["themes"] = score_themes(out["matches"], counted, themes)
    quotes = [make_topic_quotes(rows, topics, aligned), make_theme_quotes(rows, out["themes"])]
    out["quotes"] = pd.concat(quotes, ignore_index=True)
    by_topic, by_theme = topic_and_theme_shares(
        counted, out["assignments"].set_index("passage_id")["topic"], out["themes"]
    )
    out["document_topics"] = make_article_topics(by_topic)
    tied = compare.link_article_reprints(documents, counted) if "reprint_of" in counted else documents
    compared = [make_shares_and_timeline(by_topic, tied, "topic", period)]
    compared += [
        make_shares_and_timeline(by_theme.reindex(columns=list(themes), fill_value=0.0), tied, "theme", period)
    ]
    out["shares"], out["timeline"] = (pd.concat(frames, ignore_index=True) for frames in zip(*compared, strict=True))
    out["coverage"] = compare.coverage(documents)
    about = out["themes"][out["themes"]["about"]].rename(columns={"theme": "key"})
    out["contrasts"] = compare.word_contrasts(counted, about, documents.set_index("doc_id")["source"])
    aligned = aligned[clusters.fit_positions]  # the others are told of: of 100,000 passages 150 MB while UMAP works
    out["points"] = make_points(rows.iloc[clusters.fit_positions], topics[clusters.fit_positions], aligned, seed=seed)
    return {name: schema.conform(frame, name) for name, frame in out.items()}


Centroids: TypeAlias = tuple[np.ndarray, np.ndarray]  # topics and their centroids, as `centroids` returns them


def make_assignments(
    passages: pd.DataFrame, topics: np.ndarray, aligned: np.ndarray, *, means_of: Centroids | None = None
) -> pd.DataFrame:
    """Return each passage's topic; similarity is the cosine to the topic's centroid (`means_of`, or else that of these
    rows), 0 for outliers.
    """
    known, means = means_of or compute_centroids(aligned, topics)
    at = {topic: i for i, topic in enumerate(known.tolist())}
    similarity = [
        float(vector @ means[at[topic]]) if topic in at else 0.0
        for vector, topic in zip(aligned, topics.tolist(), strict=True)
    ]
    return pd.DataFrame({"passage_id": passages["passage_id"], "topic": topics, "similarity": similarity})


def make_points(passages: pd.DataFrame, topics: np.ndarray, aligned: np.ndarray, *, seed: int = 0) -> pd.DataFrame:
    """Return the layout of the passages: of a large corpus those that its topics were found among."""
    x, y = project_2d(aligned, seed=seed).T
    return pd.DataFrame({"passage_id": passages["passage_id"].to_numpy(), "x": x, "y": y, "topic": topics})


def make_topics(language_counts: pd.DataFrame, words: pd.DataFrame) -> pd.DataFrame:
    """Return table `topics` from the passages by topic and language (`count_languages`) and table `keywords`."""
    label = words[words["rank"] <= N_LABEL_WORDS].groupby(["topic", "lang"])["word"].agg("، ".join)
    total = language_counts.sum()
    rows = []
    for topic, mine in language_counts.iterrows():
        row: dict[str, object] = {"topic": topic, "size": int(mine.sum())}
        for lang in schema.LANGUAGES:
            row[f"label_{lang}"] = label.get((topic, lang), "")
            row[f"share_{lang}"] = float(mine[lang] / total[lang]) if lang in mine else 0.0
        rows.append(row)
    return pd.DataFrame(rows)


def make_topic_quotes(
    passages: pd.DataFrame, topics: np.ndarray, aligned: np.ndarray, *, centroids: Centroids | None = None
) -> pd.DataFrame:
    """Return up to three passages a topic and language: near the topic's centroid, far from each other, of different
    articles.
    """
    parts = []
    for topic, lang, mean, near in _quote_candidates(passages, topics, aligned, centroids):
        for row in _pick_diverse(near, aligned, passages):
            parts.append(("topic", str(topic), lang, passages["passage_id"].iloc[row], float(aligned[row] @ mean)))
    return pd.DataFrame(parts, columns=list(schema.get_table("quotes").columns))


def quote_candidate_positions(
    passages: pd.DataFrame, topics: np.ndarray, aligned: np.ndarray, *, centroids: Centroids | None = None
) -> np.ndarray:
    """Return the positions of the passages among which `make_topic_quotes` chooses: those of each part hold those of all."""
    near = [row for *_, rows in _quote_candidates(passages, topics, aligned, centroids) for row in rows]
    return np.array(sorted(near), dtype=int)


def _quote_candidates(
    passages: pd.DataFrame, topics: np.ndarray, aligned: np.ndarray, means_of: Centroids | None
) -> Iterator[tuple[int, str, np.ndarray, list[int]]]:
    """Yield topic, language, centroid and the rows nearest to it: of body text, or where there is none, of any kind."""
    known, means = means_of or compute_centroids(aligned, topics)
    body = (passages["kind"] == "body").to_numpy() if "kind" in passages else np.ones(len(passages), dtype=bool)
    for topic, mean in zip(known.tolist(), means, strict=True):
        for lang in schema.LANGUAGES:
            rows = np.flatnonzero((topics == topic) & (passages["lang"] == lang).to_numpy())
            rows = rows[body[rows]] if body[rows].any() else rows
            # Row by row, not one product: the same in a part and in the whole to the last bit.
            nearest_first = np.lexsort((rows, -(aligned[rows] * mean).sum(axis=1)))[:N_QUOTE_CANDIDATES]
            yield topic, lang, mean, rows[nearest_first].tolist()


def make_theme_quotes(passages: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    """Return up to three passages a theme and language: the highest scores, of different articles; `score` is the
    theme's score.
    """
    about = themes[themes["about"]].merge(passages[["passage_id", "doc_id", "lang", "kind"]], on="passage_id")
    best = about[about["kind"] == "body"].sort_values("score", ascending=False, kind="stable")
    best = best.drop_duplicates(["theme", "doc_id"]).groupby(["theme", "lang"]).head(N_QUOTES)
    best = best.sort_values(["theme", "lang"], kind="stable").assign(kind="theme")
    return best.rename(columns={"theme": "key"})[list(schema.get_table("quotes").columns)]


def counted_passages(passages: pd.DataFrame) -> pd.DataFrame:
    """Return the passages that are counted: the modeled ones and their reprints."""
    if "modeled" not in passages:
        return passages
    return passages[passages["modeled"] | (passages["reprint_of"] != "")]


def topic_and_theme_shares(
    counted: pd.DataFrame, topic_by_passage: pd.Series, themes: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return which part of each article's passages is in each topic, and which is about each theme that is found.

    Parameters
    ----------
    counted
        As `counted_passages` returns them; a reprint has the topic of the passage that is kept.
    topic_of
        The topics by passage_id.
    themes
        Table `themes`.
    """
    kept = counted["passage_id"]
    if "reprint_of" in counted:
        kept = counted["reprint_of"].where(counted["reprint_of"] != "", kept)
    labels = pd.DataFrame({"passage_id": counted["passage_id"], "key": kept.map(topic_by_passage)}).dropna()
    about = themes[themes["about"]].rename(columns={"theme": "key"})[["passage_id", "key"]]
    return compare.compute_article_shares(counted, labels.astype({"key": int})), compare.compute_article_shares(
        counted, about
    )


def make_article_topics(by_topic: pd.DataFrame) -> pd.DataFrame:
    """Return table `make_article_topics`."""
    share = by_topic.to_numpy(dtype=float)
    rows, columns = np.nonzero(share > 0)  # not stack(): rows of noughts are gigabytes of a large corpus
    found = {"doc_id": by_topic.index[rows], "topic": by_topic.columns[columns], "share": share[rows, columns]}
    return pd.DataFrame(found)


def make_shares_and_timeline(
    by_key: pd.DataFrame, documents: pd.DataFrame, kind: str, period: TimeWindowSpec
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `shares` and `timeline` of some keys, by outlet and by language."""
    named = by_key.rename(columns=str)
    shares = [compare.shares(named, documents, kind=kind, by=by, period=period) for by in GROUPINGS]
    lines = [compare.timeline(named, documents, kind=kind, by=by) for by in GROUPINGS]
    return pd.concat(shares, ignore_index=True), pd.concat(lines, ignore_index=True)


def _pick_diverse(candidates: list[int], aligned: np.ndarray, passages: pd.DataFrame) -> list[int]:
    """Choose among rows, nearest to the centroid first, one an article, each next one farthest from those chosen."""
    chosen: list[int] = []
    while candidates and len(chosen) < N_QUOTES:
        best = (
            candidates[0]
            if not chosen
            else min(candidates, key=lambda row: float((aligned[chosen] @ aligned[row]).max()))
        )
        chosen.append(int(best))
        taken = passages["doc_id"].iloc[best]
        candidates = [row for row in candidates if row != best and passages["doc_id"].iloc[row] != taken]
    return chosen
