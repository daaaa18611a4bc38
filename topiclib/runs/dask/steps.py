"""The steps of the pipeline for one partition, in the order in which they run, and the steps of the sample.

Each function calls the same code as a run in one process, writes its result to the workspace, and does nothing if it
exists already: any step may be killed and repeated. Topics are found once, in a sample drawn from all partitions.
"""

import tempfile
import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from topiclib import compare, schema
from topiclib.corpus.columns import standardize_columns
from topiclib.corpus.documents import hash_texts, join_sources, read_files
from topiclib.corpus.flow import count_flow
from topiclib.corpus.passages import add_outlet_and_month, mark_reprints, segment_documents
from topiclib.corpus.readers import NoArticlesError
from topiclib.embedding.alignment import Alignment, fit_alignment
from topiclib.evaluate.quality import QUALITY_TABLES, quality
from topiclib.evaluate.stability import stability
from topiclib.runs import tables
from topiclib.runs.dask.partition import FileSpan, fetch_files, format_file_names
from topiclib.runs.dask.reprints import write_shingle_keys
from topiclib.runs.dask.workspace import Workspace
from topiclib.runs.pipeline import is_synthetic
from topiclib.text import Lexicon
from topiclib.themes import Theme, match_themes, score_themes
from topiclib.topics.assignment import compute_centroids, nearest_centroid
from topiclib.topics.fit import centroid_space, fit
from topiclib.topics.keywords import count_words
from topiclib.topics.language_split import count_languages
from topiclib.topics.recipe import Recipe
from topiclib.topics.sampling import sampling_strata, stratified_sample

CentroidModel: TypeAlias = tuple[Alignment, np.ndarray, np.ndarray]  # alignment, topics, their centroids


def read_partition(
    work: Workspace, partition: int, spans: Sequence[FileSpan], *, skip_bad: bool, metadata: str | Path | None
) -> pd.DataFrame:
    """Read the articles of a partition; return the columns that `resolve_duplicates` needs."""

    def read() -> pd.DataFrame:
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".* match no article")  # but one in another partition
            try:
                files = list(fetch_files(spans, Path(folder)))
                frame = read_files(files, skip_bad=skip_bad, metadata=metadata) if files else pd.DataFrame({"text": []})
            except NoArticlesError as error:
                warnings.warn(f"{error}: not read", stacklevel=2)
                frame = pd.DataFrame({"text": []})
            except (ValueError, OSError) as error:  # name the user's file, not the temporary copy
                raise ValueError(f"{str(error).replace(f'{folder}/', '')} (in {format_file_names(spans)})") from error
            documents = standardize_columns(frame)
            return documents.assign(dropped=documents["dropped"].str.replace(f"{folder}/", "", regex=False))

    documents = work.get_or_make(f"read/{partition}", read)
    columns = documents[["doc_id", "source", "dropped"]]
    return work.get_or_make(f"index/{partition}", lambda: columns.assign(text=hash_texts(documents["text"])))


def segment_partition(
    work: Workspace, partition: int, resolved: pd.DataFrame,
    *, n_partitions: int, recipe: Recipe, lexicon: Lexicon, sources: str | Path | None,
) -> bool:  # fmt: skip
    """Write documents (ids and drop reasons from `resolved`), passages and shingle keys; return `is_synthetic`."""

    def make_documents() -> pd.DataFrame:
        read = work.read(f"read/{partition}").assign(**resolved.reset_index(drop=True))
        documents = schema.conform(read, "documents")
        return documents if sources is None else join_sources(documents, Path(sources))

    documents = work.get_or_make(f"documents/{partition}", make_documents)
    segment = partial(segment_documents, documents, max_words=recipe.max_words, lexicon=lexicon)
    write_shingle_keys(work, partition, n_partitions, work.get_or_make(f"segments/{partition}", segment))
    return is_synthetic(documents)


def mark_partition_reprints(work: Workspace, partition: int, reprint_of: dict[str, str]) -> int:
    """Write table `passages` with its reprints marked; return the number of modeled passages."""

    def mark() -> pd.DataFrame:
        return mark_reprints(work.read(f"segments/{partition}").drop(columns="date"), reprint_of)

    return int(work.get_or_make(f"passages/{partition}", mark)["modeled"].sum())


def read_modeled_passages(work: Workspace, partition: int) -> pd.DataFrame:
    """Return the modeled passages of a partition, with outlet and month."""
    passages = work.read(f"passages/{partition}")
    rows = passages[passages["modeled"]].reset_index(drop=True)
    return add_outlet_and_month(rows, work.read(f"documents/{partition}", ["doc_id", "source", "date"]))


def embed_partition(work: Workspace, partition: int, *, recipe: Recipe, cache: str | Path | None) -> pd.Series:
    """Write the vectors of the modeled passages; return the number of passages per sampling stratum."""
    from topiclib.embedding.embed import embed

    rows = read_modeled_passages(work, partition)
    embed_rows = partial(embed, rows, encoder=recipe.encoder, cache=cache, progress=False)
    work.get_or_make_array(f"vectors/{partition}", embed_rows)
    return sampling_strata(rows).value_counts()


def sample_partition(work: Workspace, partition: int, *, allocation: pd.Series, recipe: Recipe) -> None:
    """Write a stratified sample of the passages, identified by `partition` and `row`, and their vectors."""
    rows = read_modeled_passages(work, partition)
    sample = stratified_sample(rows, allocation, seed=recipe.seed)
    work.get_or_make_array(f"sample/{partition}", lambda: work.read_array(f"vectors/{partition}")[sample])
    work.get_or_make(f"sample/{partition}", lambda: rows.iloc[sample].assign(partition=partition, row=sample))


def fit_sample(work: Workspace, n_partitions: int, *, allocation: pd.Series, recipe: Recipe) -> None:
    """Fit alignment and topics to the sample; write both, the centroids and table `points`."""
    if work.exists("fit/topics.parquet"):
        return
    rows, vectors = _read_sample(work, n_partitions, allocation, recipe)
    alignment = fit_alignment(rows, vectors, method=recipe.alignment)
    aligned = alignment.apply(vectors, rows["lang"])
    model = fit(rows, aligned, recipe)
    topics, space = np.asarray(model.topics_), centroid_space(aligned, recipe)
    topic_ids, centroids = compute_centroids(space, topics)
    in_fit = model.hdbscan_model.fit_positions
    points = partial(tables.make_points, rows.iloc[in_fit], topics[in_fit], space[in_fit], seed=recipe.seed)
    work.get_or_make("fit/points", points)
    if recipe.stability:
        refit = partial(stability, rows, aligned, recipe, n_refits=recipe.stability, topics=model.topics_)
        work.get_or_make("fit/stability", refit)
    work.get_or_make("fit/languages", lambda: pd.DataFrame({"lang": alignment.languages}))
    for name, array in (("offsets", alignment.offsets), ("centroids", centroids), ("topic_ids", topic_ids)):
        work.get_or_make_array(f"fit/{name}", partial(np.asarray, array))
    work.get_or_make(
        "fit/topics", lambda: rows[["partition", "row"]].assign(topic=topics)
    )  # last: marks the fit as done


def read_centroid_model(work: Workspace, recipe: Recipe) -> CentroidModel:
    """Read the alignment, topics and centroids that `fit_sample` wrote."""
    languages = work.read("fit/languages")["lang"].tolist()
    offsets, centroids, topic_ids = (work.read_array(f"fit/{name}") for name in ("offsets", "centroids", "topic_ids"))
    alignment = Alignment.from_arrays(offsets, {"languages": languages, "method": recipe.alignment})
    return alignment, topic_ids, centroids


def assign_partition(
    work: Workspace, partition: int, fitted: pd.DataFrame, *, model: CentroidModel, recipe: Recipe
) -> pd.Series:
    """Write table `assignments`; return the topics of passages that have reprints, by passage_id.

    Passages of the sample (`fitted`) keep their topic, the others get the one with the nearest centroid.
    """
    rows = read_modeled_passages(work, partition)
    alignment, topic_ids, centroids = model

    def assign() -> pd.DataFrame:
        space = _cluster_space(work, partition, rows, alignment, recipe)
        topics = nearest_centroid(space, topic_ids, centroids)[0] if len(rows) else np.zeros(0, dtype=int)
        topics[fitted["row"]] = fitted["topic"]
        return tables.make_assignments(rows, topics, space, centroids=(topic_ids, centroids))

    topics = work.get_or_make(f"assignments/{partition}", assign)["topic"].to_numpy()
    has_reprints = (rows["n_reprints"] > 0).to_numpy()
    return pd.Series(topics[has_reprints], index=rows["passage_id"][has_reprints], dtype="int64")


def tabulate_partition(
    work: Workspace, partition: int, remote_topics: pd.Series, *, model: CentroidModel,
    topics: Sequence[int], themes: dict[str, Theme], recipe: Recipe,
) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:  # fmt: skip
    """Write the partition's rows of the tables, and the counts that `aggregate` sums.

    `remote_topics` are topics of passages in other partitions that this one reprints. Returns candidates for quotes:
    passages with their topics, their vectors, and the theme quotes.
    """
    documents, passages = work.read(f"documents/{partition}"), work.read(f"passages/{partition}")
    rows = read_modeled_passages(work, partition)
    topic_of = work.read(f"assignments/{partition}").set_index("passage_id")["topic"]
    counted = tables.counted_passages(passages)
    matches = work.get_or_make(f"matches/{partition}", partial(match_themes, counted, themes))
    theme_scores = work.get_or_make(f"themes/{partition}", partial(score_themes, matches, counted, themes))
    all_topics = pd.concat([topic_of, remote_topics[~remote_topics.index.isin(topic_of.index)]])
    topic_shares, theme_shares = tables.topic_and_theme_shares(counted, all_topics, theme_scores)
    topic_shares = topic_shares.reindex(columns=list(topics), fill_value=0.0)
    theme_shares = theme_shares.reindex(columns=list(themes), fill_value=0.0)
    about = theme_scores[theme_scores["about"]].rename(columns={"theme": "key"})[["passage_id", "key"]]
    outlets = counted["doc_id"].map(documents.set_index("doc_id")["source"])
    texts = counted[["passage_id", "doc_id", "lang", "text"]].assign(source=outlets)
    word_counts, article_counts = count_words(rows, topic_of.to_numpy())
    frames = {
        "document_topics": tables.make_article_topics(topic_shares),
        "topic_shares": topic_shares.rename(columns=str).reset_index(),
        "theme_shares": theme_shares.reset_index(),
        "about": about.merge(texts, on="passage_id"),
        "word_counts": word_counts,
        "article_counts": article_counts,
        "topic_sizes": count_languages(topic_of, rows["lang"]).stack().rename("n").reset_index(),
        "coverage": compare.coverage(documents),
        "flow": count_flow(documents, passages),
        "reprint_articles": _link_reprints(documents, counted, remote_topics),
    }
    for name, frame in frames.items():
        work.get_or_make(f"{name}/{partition}", frame.copy)
    space = _cluster_space(work, partition, rows, model[0], recipe)
    chosen = tables.quote_candidate_positions(rows, topic_of.to_numpy(), space, centroids=model[1:])
    theme_quotes = tables.make_theme_quotes(rows, theme_scores).merge(rows[["passage_id", "doc_id"]])
    return rows.iloc[chosen].assign(topic=topic_of.to_numpy()[chosen]), space[chosen], theme_quotes


def evaluate_sample(work: Workspace, n_partitions: int, *, allocation: pd.Series, recipe: Recipe) -> None:
    """Write the quality tables of the sample; needs the table `themes` of all partitions."""
    if all(work.exists(f"fit/{name}.parquet") for name in QUALITY_TABLES):
        return
    rows, vectors = _read_sample(work, n_partitions, allocation, recipe)
    themes = work.read_partitions("themes", n_partitions)
    themes = themes[themes["passage_id"].isin(rows["passage_id"])].reset_index(drop=True)
    topics = work.read("fit/topics")["topic"].to_numpy()
    for name, table in quality(rows, vectors, themes, recipe, topics=topics, progress=False).items():
        work.get_or_make(f"fit/{name}", table.copy)


def compare_partitions(
    work: Workspace, n_partitions: int, period: str, kind: str, keys: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return tables `shares` and `timeline` of some topics or themes over all articles."""
    article_shares = work.read_partitions(f"{kind}_shares", n_partitions, ["doc_id", *keys])
    documents = work.read_partitions("documents", n_partitions, ["doc_id", "source", "date", "lang"])
    documents["reprint_of"] = work.read_partitions("reprint_articles", n_partitions)["reprint_of"].to_numpy()
    return tables.make_shares_and_timeline(article_shares.set_index("doc_id").sort_index(), documents, kind, period)


def contrast_partitions(work: Workspace, n_partitions: int, theme: str) -> pd.DataFrame:
    """Return table `contrasts` of one theme over all passages about it."""
    about = work.read_partitions("about", n_partitions)
    about = about[about["key"] == theme]
    return compare.word_contrasts(about, about[["passage_id", "key"]], about.groupby("doc_id")["source"].first())


def _read_sample(
    work: Workspace, n_partitions: int, allocation: pd.Series, recipe: Recipe
) -> tuple[pd.DataFrame, np.ndarray]:
    """Sample the union of the partitions' samples: the same passages as a sample of the whole corpus."""
    rows = work.read_partitions("sample", n_partitions)
    vectors = np.concatenate([work.read_array(f"sample/{i}") for i in range(n_partitions)])
    sample = stratified_sample(rows, allocation, seed=recipe.seed)
    return rows.iloc[sample].reset_index(drop=True), vectors[sample]


def _cluster_space(
    work: Workspace, partition: int, rows: pd.DataFrame, alignment: Alignment, recipe: Recipe
) -> np.ndarray:
    """Return the vectors in which topics have centroids."""
    vectors = work.read_array(f"vectors/{partition}")
    if not len(rows):
        return vectors
    return centroid_space(alignment.apply(vectors, rows["lang"].tolist()), recipe)


def _link_reprints(documents: pd.DataFrame, counted: pd.DataFrame, remote_topics: pd.Series) -> pd.DataFrame:
    """Return the article that each article repeats, which may be in another partition."""
    remote = pd.DataFrame({"passage_id": remote_topics.index, "reprint_of": ""}, dtype="object")
    remote["doc_id"] = [name.rpartition("#")[0] for name in remote["passage_id"]]  # passage_id is doc_id#number
    passages = pd.concat([counted[["passage_id", "doc_id", "reprint_of"]], remote]).drop_duplicates("passage_id")
    return compare.link_article_reprints(documents[["doc_id"]], passages)
