"""Turn a fitted model into the tidy tables that figures, report and map read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from topiclib import compare, schema
from topiclib.corpus.time_window import OVERLAP, TimeWindowSpec
from topiclib.themes import Theme, match_themes, read_themes, score_themes
from topiclib.topics.assignment import compute_centroids
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

Centroids: TypeAlias = tuple[np.ndarray, np.ndarray]  # topics and their centroids, as `compute_centroids` returns them


def tabulate(
    model: BERTopic, documents: pd.DataFrame, passages: pd.DataFrame, aligned: np.ndarray,
    *, themes: Mapping[str, Theme] | None = None, period: TimeWindowSpec = OVERLAP, seed: int = 0,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Return the results of a fitted model as tidy tables.

    Parameters
    ----------
    model
        As `fit` returned it: `model.topics_[i]` belongs to the i-th modeled passage.
    documents, passages
        The tables of these names. Passages that are not modeled (captions, reprints, other languages) may be included;
        reprints then get the topic of the passage that they repeat.
    aligned
        (n, d) unit rows, one per modeled passage, in the same order.
    themes
        As `read_themes` returns them; None: the themes that ship with topiclib.
    period
        Articles that table `shares` counts: "overlap", "all", or a first and last month (see
        `topiclib.corpus.time_window`).
    seed
        Seed of the UMAP layout in table `points`.

    Returns
    -------
    dict
        The tables of `topiclib.schema.TABLES` by name, except `flow`, `stability` and the quality tables.

    Raises
    ------
    ValueError
        If the numbers of modeled passages, vectors and topics differ.
    """
    from sklearn.preprocessing import FunctionTransformer

    rows = passages[passages["modeled"]] if "modeled" in passages else passages
    rows = rows.reset_index(drop=True)
    aligned = check_vectors(rows, aligned)
    if isinstance(model.umap_model, FunctionTransformer):  # the projection of `fit`, in which topics have centroids
        aligned = model.umap_model.transform(aligned)
    topics = np.asarray(model.topics_)
    if len(topics) != len(rows):
        raise ValueError(
            f"the model has {len(topics)} topics_ but passages has {len(rows)} modeled rows: pass the fitted passages"
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
    topic_by_passage = out["assignments"].set_index("passage_id")["topic"]
    topic_shares, theme_shares = topic_and_theme_shares(counted, topic_by_passage, out["themes"])
    theme_shares = theme_shares.reindex(columns=list(themes), fill_value=0.0)  # themes that no passage is about too
    out["document_topics"] = make_article_topics(topic_shares)
    linked = compare.link_article_reprints(documents, counted) if "reprint_of" in counted else documents
    of_topics = make_shares_and_timeline(topic_shares, linked, "topic", period)
    of_themes = make_shares_and_timeline(theme_shares, linked, "theme", period)
    for name, *frames in zip(("shares", "timeline"), of_topics, of_themes, strict=True):
        out[name] = pd.concat(frames, ignore_index=True)
    out["coverage"] = compare.coverage(documents)
    about = out["themes"][out["themes"]["about"]].rename(columns={"theme": "key"})
    out["contrasts"] = compare.word_contrasts(counted, about, documents.set_index("doc_id")["source"])
    in_fit = getattr(model.hdbscan_model, "fit_positions", slice(None))
    aligned = aligned[in_fit]  # drops the full copy (150 MB for 100,000 passages) before UMAP runs
    out["points"] = make_points(rows.iloc[in_fit], topics[in_fit], aligned, seed=seed)
    return {name: schema.conform(frame, name) for name, frame in out.items()}


def make_assignments(
    passages: pd.DataFrame, topics: np.ndarray, aligned: np.ndarray, *, centroids: Centroids | None = None
) -> pd.DataFrame:
    """Return table `assignments`: topics, and cosines to their centroids (default: of these rows), 0 for outliers."""
    topic_ids, means = centroids or compute_centroids(aligned, topics)
    index = {topic: i for i, topic in enumerate(topic_ids.tolist())}
    similarity = [
        float(vector @ means[index[topic]]) if topic in index else 0.0
        for vector, topic in zip(aligned, topics.tolist(), strict=True)
    ]
    return pd.DataFrame({"passage_id": passages["passage_id"], "topic": topics, "similarity": similarity})


def make_points(passages: pd.DataFrame, topics: np.ndarray, aligned: np.ndarray, *, seed: int = 0) -> pd.DataFrame:
    """Return table `points`, a 2D layout of these passages (the sample in which topics were found, if there is one)."""
    x, y = project_2d(aligned, seed=seed).T
    return pd.DataFrame({"passage_id": passages["passage_id"].to_numpy(), "x": x, "y": y, "topic": topics})


def make_topics(language_counts: pd.DataFrame, keywords: pd.DataFrame) -> pd.DataFrame:
    """Return table `topics` from passage counts (topics x languages, see `count_languages`) and table `keywords`."""
    labels = keywords[keywords["rank"] <= N_LABEL_WORDS].groupby(["topic", "lang"])["word"].agg("، ".join)
    total = language_counts.sum()
    rows = []
    for topic, counts in language_counts.iterrows():
        row: dict[str, object] = {"topic": topic, "size": int(counts.sum())}
        for lang in schema.LANGUAGES:
            row[f"label_{lang}"] = labels.get((topic, lang), "")
            row[f"share_{lang}"] = float(counts[lang] / total[lang]) if lang in counts else 0.0
        rows.append(row)
    return pd.DataFrame(rows)


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
    if "modeled" not in passages:
        return passages
    return passages[passages["modeled"] | (passages["reprint_of"] != "")]


def topic_and_theme_shares(
    counted: pd.DataFrame, topic_by_passage: pd.Series, themes: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return two frames (articles, keys): the share of each article's passages in each topic, and about each theme.

    Parameters
    ----------
    counted
        As `counted_passages` returns them; a reprint has the topic of the passage that it repeats.
    topic_by_passage
        Topics, indexed by passage_id.
    themes
        Table `themes`.
    """
    original = counted["passage_id"]
    if "reprint_of" in counted:
        original = counted["reprint_of"].where(counted["reprint_of"] != "", original)
    labels = pd.DataFrame({"passage_id": counted["passage_id"], "key": original.map(topic_by_passage)}).dropna()
    about = themes[themes["about"]].rename(columns={"theme": "key"})[["passage_id", "key"]]
    topic_shares = compare.compute_article_shares(counted, labels.astype({"key": int}))
    return topic_shares, compare.compute_article_shares(counted, about)


def make_article_topics(topic_shares: pd.DataFrame) -> pd.DataFrame:
    """Return table `document_topics`."""
    share = topic_shares.to_numpy(dtype=float)
    rows, columns = np.nonzero(share > 0)  # not stack(): in a large corpus the zeros take gigabytes
    docs, topics = topic_shares.index[rows], topic_shares.columns[columns]
    return pd.DataFrame({"doc_id": docs, "topic": topics, "share": share[rows, columns]})


def make_shares_and_timeline(
    article_shares: pd.DataFrame, documents: pd.DataFrame, kind: str, period: TimeWindowSpec
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return tables `shares` and `timeline` of these topics or themes, by outlet and by language."""
    by_key = article_shares.rename(columns=str)
    shares = [compare.shares(by_key, documents, kind=kind, by=by, period=period) for by in GROUPINGS]
    timelines = [compare.timeline(by_key, documents, kind=kind, by=by) for by in GROUPINGS]
    return pd.concat(shares, ignore_index=True), pd.concat(timelines, ignore_index=True)


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
