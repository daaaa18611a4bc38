"""What is done with one part of a corpus: read, cut, embedded, drawn from, placed, told.

Each function does one stage for one part with the functions that a corpus in one piece goes through, keeps what it
made in the work folder, and does nothing where that is there already: so any stage may be killed and asked again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from topiclib import compare, schema
from topiclib.corpus.documents import hash_texts, join_sources, read_files, standardize_columns
from topiclib.corpus.flow import count_flow
from topiclib.corpus.passages import add_outlet_and_month, mark_reprints, segment_documents
from topiclib.embedding.alignment import Alignment, fit_alignment
from topiclib.evaluate.quality import QUALITY_TABLES, quality
from topiclib.evaluate.stability import stability
from topiclib.runs.dask.partition import FileSpan, fetch_files, format_file_names
from topiclib.runs.dask.reprints import write_shingle_keys
from topiclib.runs.dask.workspace import Workspace
from topiclib.runs.pipeline import is_synthetic
from topiclib.runs.tables import (
    counted_passages,
    make_article_topics,
    make_assignments,
    make_points,
    make_shares_and_timeline,
    make_theme_quotes,
    quote_candidate_positions,
    topic_and_theme_shares,
)
from topiclib.text import Lexicon
from topiclib.themes import Theme, match_themes, score_themes
from topiclib.topics import sampling as balance
from topiclib.topics.centroids import compute_centroids, nearest_centroid
from topiclib.topics.fit import centroid_space, fit
from topiclib.topics.keywords import count_words
from topiclib.topics.language_split import count_languages
from topiclib.topics.recipe import Recipe

CentroidModel: TypeAlias = tuple[Alignment, np.ndarray, np.ndarray]  # alignment, topics and their centroids


def read_partition(work: Workspace, part: int, pieces: Sequence[FileSpan], *, skip_bad: bool) -> pd.DataFrame:
    """Read the articles of a part, and return of each what is needed to tell it from those of other parts."""

    def read() -> pd.DataFrame:
        with tempfile.TemporaryDirectory() as folder:
            try:
                files = list(fetch_files(pieces, Path(folder)))
                frame = read_files(files, skip_bad=skip_bad) if files else pd.DataFrame({"text": []})
            except (ValueError, OSError) as error:  # of a copy only what is known to the user
                raise ValueError(f"{str(error).replace(f'{folder}/', '')} (in {format_file_names(pieces)})") from error
            documents = standardize_columns(frame)
            return documents.assign(dropped=documents["dropped"].str.replace(f"{folder}/", "", regex=False))

    documents = work.keep(f"read/{part}", read)
    facts = documents[["doc_id", "source", "dropped"]]
    return work.keep(f"index/{part}", lambda: facts.assign(text=hash_texts(documents["text"])))


def segment_partition(
    work: Workspace, part: int, resolved: pd.DataFrame,
    *, parts: int, recipe: Recipe, lexicon: Lexicon, sources: str | Path | None,
) -> bool:  # fmt: skip
    """Write the documents with their ids, their passages, and the keys under which reprints are found; tell whether
    the articles are synthetic.
    """

    def settle() -> pd.DataFrame:
        read = work.read(f"read/{part}").assign(doc_id=resolved["doc_id"], dropped=resolved["dropped"])
        documents = schema.conform(read, "documents")
        return documents if sources is None else join_sources(documents, Path(sources))

    documents = work.keep(f"documents/{part}", settle)
    passages = work.keep(
        f"cut/{part}", lambda: segment_documents(documents, max_words=recipe.max_words, lexicon=lexicon)
    )
    write_shingle_keys(work, part, parts, passages)
    return is_synthetic(documents)


def read_counts(work: Workspace, name: str, part: int) -> pd.DataFrame:
    """Read what a part counted."""
    return work.read(f"{name}/{part}")


def mark_partition_reprints(work: Workspace, part: int, reprint_of: dict[str, str]) -> int:
    """Write table `passages` with its reprints marked; return how many are modeled."""
    passages = work.keep(
        f"passages/{part}", lambda: mark_reprints(work.read(f"cut/{part}").drop(columns="date"), reprint_of)
    )
    return int(passages["modeled"].sum())


def embed_partition(work: Workspace, part: int, *, recipe: Recipe, cache: str | Path | None) -> pd.Series:
    """Write the vectors of the modeled passages, and count these by language, outlet and period."""
    from topiclib.embedding.embed import embed

    rows = read_modeled_passages(work, part)
    work.keep_array(f"vectors/{part}", lambda: embed(rows, encoder=recipe.encoder, cache=cache, progress=False))
    return balance.sampling_strata(rows).value_counts()


def read_modeled_passages(work: Workspace, part: int) -> pd.DataFrame:
    """Return a part's modeled passages, with outlet and period."""
    passages = work.read(f"passages/{part}")
    rows = passages[passages["modeled"]].reset_index(drop=True)
    return add_outlet_and_month(rows, work.read(f"documents/{part}", ["doc_id", "source", "date"]))


def assign_partition(
    work: Workspace, part: int, fitted: pd.DataFrame, *, model: CentroidModel, recipe: Recipe
) -> pd.Series:
    """Write table `assignments`: what was fitted keeps its topic, the rest goes to the nearest centroid. Return the
    topics of passages that have reprints.
    """
    rows = read_modeled_passages(work, part)
    alignment, known, means = model
    fitted = fitted[fitted["part"] == part]

    def place() -> pd.DataFrame:
        space = _cluster_space(work, part, rows, alignment, recipe)
        topics = nearest_centroid(space, known, means)[0] if len(rows) else np.zeros(0, dtype=int)
        topics[fitted["row"]] = fitted["topic"]
        return make_assignments(rows, topics, space, means_of=(known, means))

    topics = work.keep(f"assignments/{part}", place)["topic"].to_numpy()
    again = (rows["n_reprints"] > 0).to_numpy()
    return pd.Series(topics[again], index=rows["passage_id"][again], dtype="int64")


def tabulate_partition(
    work: Workspace, part: int, remote_topics: pd.Series, *, model: CentroidModel,
    topics: Sequence[int], themes: dict[str, Theme], recipe: Recipe,
) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:  # fmt: skip
    """Write what a part tells: a row for each passage or article, and the sums. Return what may be quoted: passages
    with their topics, their vectors, and those of themes.
    """
    documents, passages, rows = (
        work.read(f"documents/{part}"),
        work.read(f"passages/{part}"),
        read_modeled_passages(work, part),
    )
    given = work.read(f"assignments/{part}").set_index("passage_id")["topic"]
    counted = counted_passages(passages)
    work.keep(f"matches/{part}", lambda: match_themes(counted, themes))
    found = work.keep(f"themes/{part}", lambda: score_themes(work.read(f"matches/{part}"), counted, themes))
    by_topic, by_theme = topic_and_theme_shares(
        counted, pd.concat([given, remote_topics[~remote_topics.index.isin(given.index)]]), found
    )
    by_topic = by_topic.reindex(columns=list(topics), fill_value=0.0)
    work.keep(f"document_topics/{part}", lambda: make_article_topics(by_topic))
    work.keep(f"topic/{part}", lambda: by_topic.rename(columns=str).reset_index())
    work.keep(f"theme/{part}", lambda: by_theme.reindex(columns=list(themes), fill_value=0.0).reset_index())
    about = found[found["about"]].rename(columns={"theme": "key"})[["passage_id", "key"]]
    of = documents.set_index("doc_id")["source"]
    texts = counted[["passage_id", "doc_id", "lang", "text"]].assign(source=counted["doc_id"].map(of))
    work.keep(f"about/{part}", lambda: about.merge(texts, on="passage_id"))
    uses, holders = count_words(rows, given.to_numpy())
    sizes = count_languages(given, rows["lang"]).stack().rename("n").reset_index()
    sums = {"uses": uses, "holders": holders, "sizes": sizes}
    sums |= {"coverage": compare.coverage(documents), "flow": count_flow(documents, passages)}
    sums |= {"tied": _link_reprints(documents, counted, remote_topics)}
    for name, frame in sums.items():
        work.keep(f"{name}/{part}", frame.copy)
    space = _cluster_space(work, part, rows, model[0], recipe)
    chosen = quote_candidate_positions(rows, given.to_numpy(), space, centroids=model[1:])
    named = make_theme_quotes(rows, found).merge(rows[["passage_id", "doc_id", "kind"]].rename(columns={"kind": "of"}))
    return rows.iloc[chosen].assign(topic=given.to_numpy()[chosen]), space[chosen], named


def _link_reprints(documents: pd.DataFrame, counted: pd.DataFrame, elsewhere: pd.Series) -> pd.DataFrame:
    """Return which article each article repeats, also one of another part: a passage's id begins with its article's."""
    far = pd.DataFrame({"passage_id": elsewhere.index, "reprint_of": ""}, dtype="object")
    far["doc_id"] = [name.rpartition("#")[0] for name in far["passage_id"]]
    whole = pd.concat([counted[["passage_id", "doc_id", "reprint_of"]], far]).drop_duplicates("passage_id")
    return compare.link_article_reprints(documents[["doc_id"]], whole)


def _cluster_space(work: Workspace, part: int, rows: pd.DataFrame, alignment: Alignment, recipe: Recipe) -> np.ndarray:
    vectors = work.read_array(f"vectors/{part}")
    if not len(rows):
        return vectors
    return centroid_space(alignment.apply(vectors, rows["lang"].tolist()), recipe)


def compare_partitions(
    work: Workspace, n: int, period: str, kind: str, keys: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `shares` and `timeline` of some topics or themes over all articles."""
    by_key = pd.concat([work.read(f"{kind}/{part}", ["doc_id", *keys]) for part in range(n)])
    facts = ["doc_id", "source", "date", "lang"]
    documents = pd.concat([work.read(f"documents/{part}", facts) for part in range(n)], ignore_index=True)
    documents["reprint_of"] = pd.concat([work.read(f"tied/{part}") for part in range(n)])["reprint_of"].to_numpy()
    return make_shares_and_timeline(by_key.set_index("doc_id").sort_index(), documents, kind, period)


def contrast_partitions(work: Workspace, parts: int, theme: str) -> pd.DataFrame:
    """Return `contrasts` of one theme over all passages about it."""
    about = pd.concat([work.read(f"about/{part}") for part in range(parts)], ignore_index=True)
    about = about[about["key"] == theme]
    return compare.word_contrasts(about, about[["passage_id", "key"]], about.groupby("doc_id")["source"].first())


def sample_partition(work: Workspace, part: int, *, allocation: pd.Series, recipe: Recipe) -> None:
    """Write the drawn passages of a part, by `part` and `row`, and their vectors."""
    rows = read_modeled_passages(work, part)
    drawn = balance.stratified_sample(rows, allocation, seed=recipe.seed)
    work.keep_array(f"drawn/{part}", lambda: work.read_array(f"vectors/{part}")[drawn])
    work.keep(f"drawn/{part}", lambda: rows.iloc[drawn].assign(part=part, row=drawn))


def fit_sample(work: Workspace, parts: int, *, quota: pd.Series, recipe: Recipe) -> None:
    """Find the topics in what was drawn of all parts; write them, their centroids, the alignment and the map."""
    if work.has("fit/topics.parquet"):
        return
    rows, vectors = _read_sample(work, parts, quota=quota, recipe=recipe)
    lang, options = rows["lang"].tolist(), {"texts": rows["text"].tolist()}
    alignment = fit_alignment(vectors, lang, method=recipe.alignment, **options)
    aligned = alignment.apply(vectors, lang)
    model = fit(rows, aligned, recipe)
    topics, space = np.asarray(model.topics_), centroid_space(aligned, recipe)
    known, means = compute_centroids(space, topics)
    drawn = model.hdbscan_model.fit_positions
    work.keep("fit/points", lambda: make_points(rows.iloc[drawn], topics[drawn], space[drawn], seed=recipe.seed))
    if recipe.stability:
        again = stability(rows, aligned, recipe, n_refits=recipe.stability, topics=model.topics_)
        work.keep("fit/stability", lambda: again)
    work.keep("fit/languages", lambda: pd.DataFrame({"lang": alignment.languages}))
    for name, array in (("offsets", alignment.offsets), ("centroids", means), ("known", known)):
        work.keep_array(f"fit/{name}", partial(np.asarray, array))
    work.keep("fit/topics", lambda: rows[["part", "row"]].assign(topic=topics))


def read_centroid_model(work: Workspace, recipe: Recipe) -> CentroidModel:
    """Read what `fit_sample` wrote."""
    languages = work.read("fit/languages")["lang"].tolist()
    offsets, means, known = (work.read_array(f"fit/{name}") for name in ("offsets", "centroids", "known"))
    facts = {"languages": languages, "method": recipe.alignment}
    return Alignment.from_arrays(offsets, facts), known, means


def evaluate_sample(work: Workspace, parts: int, *, quota: pd.Series, recipe: Recipe) -> None:
    """Write what `quality` finds in the sample, after its themes were told."""
    if all(work.has(f"fit/{name}.parquet") for name in QUALITY_TABLES):
        return
    rows, vectors = _read_sample(work, parts, quota=quota, recipe=recipe)
    themes = pd.concat([work.read(f"themes/{part}") for part in range(parts)], ignore_index=True)
    themes = themes[themes["passage_id"].isin(rows["passage_id"])].reset_index(drop=True)
    topics = work.read("fit/topics")["topic"].to_numpy()
    for name, table in quality(rows, vectors, themes, recipe, topics=topics, progress=False).items():
        work.keep(f"fit/{name}", table.copy)


def _read_sample(work: Workspace, parts: int, *, quota: pd.Series, recipe: Recipe) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the passages that are drawn of what was drawn of all parts, and their vectors."""
    rows = pd.concat([work.read(f"drawn/{part}") for part in range(parts)], ignore_index=True)
    vectors = np.concatenate([work.read_array(f"drawn/{part}") for part in range(parts)])
    drawn = balance.stratified_sample(rows, quota, seed=recipe.seed)
    return rows.iloc[drawn].reset_index(drop=True), vectors[drawn]
