"""The steps of a run, in order: each for one partition of the corpus, or for the sample.

A step reads what earlier ones wrote to the workspace, and writes its own result there unless it exists already. So any
step can be killed and repeated, in this process or on a Dask worker. Topics are found once, in a sample drawn from all
partitions; up to 50,000 passages, the sample is the whole corpus.
"""

import tempfile
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from topiclib import compare, schema
from topiclib.corpus.columns import standardize_columns
from topiclib.corpus.documents import hash_texts, read_files, read_frame
from topiclib.corpus.flow import count_flow
from topiclib.corpus.outlets import join_sources
from topiclib.corpus.passages import add_outlet_and_month, exclude_passages, mark_reprints, segment_documents
from topiclib.corpus.readers import NoArticlesError
from topiclib.corpus.rules import CorpusRules, count_lines
from topiclib.corpus.time_window import TimeWindowSpec
from topiclib.embedding.alignment import Alignment, fit_alignment
from topiclib.embedding.embed import embed
from topiclib.embedding.encoder import Encoder
from topiclib.evaluate.quality import QUALITY_TABLES, quality
from topiclib.evaluate.stability import stability
from topiclib.runs import tables
from topiclib.runs.cross_partition_reprints import find_cross_partition_reprints, write_shingle_keys
from topiclib.runs.executor import Executor
from topiclib.runs.partitions import Partition, fetch_files, format_file_names
from topiclib.runs.workspace import Workspace
from topiclib.text import Lexicon
from topiclib.themes import Theme
from topiclib.topics.assignment import compute_centroids, nearest_centroid
from topiclib.topics.custom_words import CustomWords
from topiclib.topics.fit import fit, make_projection
from topiclib.topics.recipe import Recipe
from topiclib.topics.sampling import sampling_strata, stratified_sample

# Returns the vectors of the modeled passages of a partition, as `cluster_space` does.
ReadSpace: TypeAlias = Callable[[Any, int, pd.DataFrame], np.ndarray]

# What `tabulate_topics` and `tabulate_themes` write for each partition.
TOPIC_TABLES = (
    "document_topics", "topic_shares", "word_counts", "article_counts", "topic_sizes", "reprint_articles",
)  # fmt: skip
THEME_TABLES = ("matches", "themes", "theme_shares", "about")


def read_partition(
    work: Workspace, partition: int, source: Partition, *,
    n_partitions: int, skip_bad: bool, metadata: str | Path | None,
) -> tuple[pd.DataFrame, list[str]]:  # fmt: skip
    """Read the articles of a partition; return the columns that `resolve_duplicates` needs, and the warnings given."""

    def read() -> pd.DataFrame:
        if isinstance(source, pd.DataFrame):
            return standardize_columns(read_frame(source))
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            if n_partitions > 1:  # but perhaps one in another partition
                warnings.filterwarnings("ignore", message=".* match no article")
            try:
                frame = read_files(fetch_files(source, Path(folder)), skip_bad=skip_bad, metadata=metadata)
            except NoArticlesError as error:
                if n_partitions == 1:
                    raise
                warnings.warn(f"{error}: not read", stacklevel=2)
                frame = pd.DataFrame({"text": []})
            except (ValueError, OSError) as error:
                if folder not in str(error):
                    raise
                # Name the user's file, not the temporary copy.
                raise ValueError(f"{str(error).replace(f'{folder}/', '')} (in {format_file_names(source)})") from error
            documents = standardize_columns(frame)
            return documents.assign(dropped=documents["dropped"].str.replace(f"{folder}/", "", regex=False))

    documents, messages = work.get_or_make_with_warnings(f"read/{partition}", read)
    columns = documents[["doc_id", "source", "dropped", "lang", "date"]]
    index = work.get_or_make(f"index/{partition}", lambda: columns.assign(text=hash_texts(documents["text"])))
    return index, messages


def write_documents(
    work: Workspace, partition: int, resolved: pd.DataFrame, *, sources: str | Path | None
) -> tuple[bool, list[str]]:
    """Write table `documents`; return whether any article is synthetic, and the warnings given."""

    def make_documents() -> pd.DataFrame:
        # Ids, outlets and reasons to drop an article depend on the whole corpus.
        read = work.read(f"read/{partition}").assign(**resolved.reset_index(drop=True))
        documents = schema.conform(read, "documents")
        return documents if sources is None else join_sources(documents, Path(sources))

    documents, messages = work.get_or_make_with_warnings(f"documents/{partition}", make_documents)
    work.get_or_make(f"coverage/{partition}", partial(compare.coverage, documents))
    return is_synthetic(documents), messages


def is_synthetic(documents: pd.DataFrame) -> bool:
    """Return whether any article is marked as synthetic (column `synthetic`)."""
    values = documents["synthetic"].astype(str).str.lower() if "synthetic" in documents else pd.Series(dtype=str)
    return bool(values.isin(["true", "1", "yes"]).any())


def count_partition_lines(work: Workspace, partition: int) -> pd.DataFrame:
    """Count the lines that articles of an outlet share (`topiclib.corpus.rules`)."""
    columns = ["source", "title", "text", "dropped"]
    return work.get_or_make(f"lines/{partition}", lambda: count_lines(work.read(f"documents/{partition}", columns)))


def segment_partition(
    work: Workspace, partition: int, *, n_partitions: int, recipe: Recipe, lexicon: Lexicon, rules: CorpusRules
) -> None:
    """Write the passages, not yet marked as reprints, and the keys by which other partitions find their reprints."""

    def segment() -> pd.DataFrame:
        documents = work.read(f"documents/{partition}")
        return segment_documents(documents, max_words=recipe.max_words, lexicon=lexicon, rules=rules)

    segments = work.get_or_make(f"segments/{partition}", segment)
    if n_partitions > 1:
        write_shingle_keys(work, partition, n_partitions, segments)


def find_reprints_by_partition(work: Workspace, executor: Executor) -> list[dict[str, str]]:
    """Return {reprint: original} for each partition: the pairs with at least one of the two in it."""
    n = len(executor.partitions)
    reprints = work.get_or_make("reprints/all", partial(find_cross_partition_reprints, work, executor))
    reprint_of: list[dict[str, str]] = [{} for _ in range(n)]
    for reprint, original, *both in reprints.itertuples(index=False):
        for i in both:
            reprint_of[i][reprint] = original
    return reprint_of


def mark_partition_reprints(
    work: Workspace, partition: int, reprint_of: dict[str, str],
    *, excluded: Collection[str], languages: Collection[str], remembered: Collection[str],
) -> tuple[int, set[str]]:  # fmt: skip
    """Write tables `passages` and `flow`; return the number of modeled passages, and which ids asked for are here."""

    def mark() -> pd.DataFrame:
        marked = mark_reprints(work.read(f"segments/{partition}").drop(columns="date"), reprint_of)
        return exclude_passages(marked, work.read(f"documents/{partition}", ["doc_id", "lang"]), excluded, languages)

    passages = work.get_or_make(f"passages/{partition}", mark)
    documents = work.read(f"documents/{partition}", ["doc_id", "source", "lang", "dropped"])
    work.get_or_make(f"flow/{partition}", partial(count_flow, documents, passages))
    return int(passages["modeled"].sum()), {*excluded, *remembered}.intersection(passages["passage_id"])


def read_modeled_passages(work: Workspace, partition: int) -> pd.DataFrame:
    """Return the modeled passages of a partition, with outlet and month."""
    passages = work.read(f"passages/{partition}")
    rows = passages[passages["modeled"]].reset_index(drop=True)
    return add_outlet_and_month(rows, work.read(f"documents/{partition}", ["doc_id", "source", "date"]))


def embed_partition(
    work: Workspace, partition: int, *, encoder: str | Path | Encoder, cache: str | Path | None, progress: bool
) -> pd.Series:
    """Write the vectors of the modeled passages; return the number of passages per sampling stratum."""
    rows = read_modeled_passages(work, partition)
    embed_rows = partial(embed, rows, encoder=encoder, cache=cache, progress=progress)
    work.get_or_make_array(f"vectors/{partition}", embed_rows)
    return sampling_strata(rows).value_counts()


def sample_partition(work: Workspace, partition: int, *, allocation: pd.Series, recipe: Recipe) -> None:
    """Write a stratified sample of the passages, identified by `partition` and `row`, and their vectors."""
    rows = read_modeled_passages(work, partition)
    sample = stratified_sample(rows, allocation, seed=recipe.seed)
    work.get_or_make_array(f"sample/{partition}", lambda: work.read_array(f"vectors/{partition}")[sample])
    work.get_or_make(f"sample/{partition}", lambda: rows.iloc[sample].assign(partition=partition, row=sample))


def align_sample(work: Workspace, n_partitions: int, *, allocation: pd.Series | None, recipe: Recipe) -> None:
    """Fit the alignment to the sample, and write it."""
    if work.exists("alignment/offsets.npy"):
        return
    rows, vectors = _read_sample(work, n_partitions, allocation, recipe)
    alignment = fit_alignment(rows, vectors, method=recipe.alignment)
    languages = pd.DataFrame({"lang": alignment.languages, "uses_words": alignment.uses_words})
    work.get_or_make("alignment/languages", lambda: languages)
    work.get_or_make_array("alignment/offsets", lambda: alignment.offsets)


def fit_sample(work: Workspace, n_partitions: int, *, allocation: pd.Series | None, recipe: Recipe) -> None:
    """Fit topics to the sample; write them, their centroids and table `points`."""
    if work.exists("fit/topics.parquet"):
        return
    rows, vectors = _read_sample(work, n_partitions, allocation, recipe)
    aligned = read_alignment(work, recipe).apply(vectors, rows["lang"])
    del vectors  # 75 MB for 50,000 passages
    model = fit(rows, aligned, recipe)
    topics, space = np.asarray(model.topics_), make_projection(recipe).transform(aligned)
    topic_ids, centroids = compute_centroids(space, topics)
    in_fit = model.hdbscan_model.fit_positions
    points = partial(tables.make_points, rows.iloc[in_fit], topics[in_fit], space[in_fit], seed=recipe.seed)
    work.get_or_make("fit/points", points)
    work.get_or_make_array("fit/centroids", lambda: centroids)
    work.get_or_make_array("fit/topic_ids", lambda: topic_ids)
    work.get_or_make("fit/steps", partial(pd.DataFrame, [model.hdbscan_model.steps_]))
    fitted = rows[["partition", "row"]].assign(topic=topics)
    work.get_or_make("fit/topics", lambda: fitted)  # last: marks the fit as done


def refit_sample(work: Workspace, n_partitions: int, *, allocation: pd.Series | None, recipe: Recipe) -> None:
    """Write table `stability`, from refits of the sample."""

    def refit() -> pd.DataFrame:
        rows, vectors = _read_sample(work, n_partitions, allocation, recipe)
        aligned = read_alignment(work, recipe).apply(vectors, rows["lang"])
        topics = work.read("fit/topics")["topic"].tolist()
        return stability(rows, aligned, recipe, n_refits=recipe.stability, topics=topics)

    work.get_or_make("stability/table", refit)


def read_alignment(work: Workspace, recipe: Recipe) -> Alignment:
    """Read the alignment that `align_sample` wrote."""
    languages = work.read("alignment/languages")
    settings = {"languages": languages["lang"].tolist(), "uses_words": languages["uses_words"].any()}
    settings["method"] = recipe.alignment
    return Alignment.from_arrays(work.read_array("alignment/offsets"), settings)


def assign_partition(
    work: Workspace, partition: int, fitted: pd.DataFrame, *, read_space: ReadSpace, centroids: tables.Centroids
) -> pd.Series:
    """Write table `assignments`; return the topics of passages that have reprints, by passage_id."""
    rows = read_modeled_passages(work, partition)

    def assign() -> pd.DataFrame:
        space = read_space(work, partition, rows)
        topics = nearest_centroid(space, *centroids)[0] if len(rows) else np.zeros(0, dtype=int)
        topics[fitted["row"]] = fitted["topic"]  # passages of the sample keep their topic
        return tables.make_assignments(rows, topics, space, centroids)

    topics = work.get_or_make(f"assignments/{partition}", assign)["topic"].to_numpy()
    has_reprints = (rows["n_reprints"] > 0).to_numpy()
    return pd.Series(topics[has_reprints], index=rows["passage_id"][has_reprints], dtype="int64")


def tabulate_topics(
    work: Workspace, partition: int, remote_topics: pd.Series,
    *, read_space: ReadSpace, centroids: tables.Centroids, topics: Sequence[int], words: CustomWords,
) -> tuple[pd.DataFrame, np.ndarray]:  # fmt: skip
    """Write what `tables.count_topics` counts; return candidates for quotes, with their topics, and their vectors.

    `remote_topics` are the topics of passages in other partitions that this one reprints.
    """
    rows = read_modeled_passages(work, partition)
    topic_of = work.read(f"assignments/{partition}").set_index("passage_id")["topic"]

    def count() -> dict[str, pd.DataFrame]:
        all_topics = pd.concat([topic_of, remote_topics[~remote_topics.index.isin(topic_of.index)]])
        documents = work.read(f"documents/{partition}", ["doc_id"])
        counted = tables.counted_passages(work.read(f"passages/{partition}"))
        out = tables.count_topics(rows, topic_of.to_numpy(), counted, all_topics, topics, words)
        return out | {"reprint_articles": link_reprints(documents, counted, remote_topics)}

    work.make_missing(TOPIC_TABLES, partition, count)
    space = read_space(work, partition, rows)
    chosen = tables.quote_candidate_positions(rows, topic_of.to_numpy(), space, centroids=centroids)
    return rows.iloc[chosen].assign(topic=topic_of.to_numpy()[chosen]), space[chosen]


def tabulate_themes(work: Workspace, partition: int, *, themes: Mapping[str, Theme]) -> pd.DataFrame:
    """Write what `tables.count_themes` counts; return candidates for quotes."""
    passages = work.read(f"passages/{partition}")

    def count() -> dict[str, pd.DataFrame]:
        documents = work.read(f"documents/{partition}", ["doc_id", "source"])
        return tables.count_themes(documents, tables.counted_passages(passages), themes)

    work.make_missing(THEME_TABLES, partition, count)
    rows = passages[passages["modeled"]]
    quotes = tables.make_theme_quotes(rows, work.read(f"themes/{partition}"))
    return quotes.merge(rows[["passage_id", "doc_id"]])


def evaluate_sample(
    work: Workspace, n_partitions: int, *, allocation: pd.Series | None, recipe: Recipe, progress: bool
) -> None:
    """Write the quality tables of the sample."""

    def evaluate() -> dict[str, pd.DataFrame]:
        rows, vectors = _read_sample(work, n_partitions, allocation, recipe)
        themes = work.read_partitions("themes", n_partitions)
        themes = themes[themes["passage_id"].isin(rows["passage_id"])].reset_index(drop=True)
        topics = work.read("fit/topics")["topic"].to_numpy()
        return quality(rows, vectors, themes, recipe, topics=topics, progress=progress)

    work.make_missing(QUALITY_TABLES, 0, evaluate)


def sum_counts(work: Workspace, name: str, by: list[str], partitions: Iterable[int]) -> pd.DataFrame:
    """Return the sums of column `n` over some partitions, by the other columns."""
    frames = [work.read(f"{name}/{i}") for i in partitions]
    return pd.concat(frames, ignore_index=True).groupby(by)["n"].sum().reset_index()


def compare_partitions(
    work: Workspace, n_partitions: int, period: TimeWindowSpec, kind: str, keys: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return tables `shares` and `timeline` of some topics or themes over all articles, by outlet and by language."""
    article_shares = work.read_partitions(f"{kind}_shares", n_partitions, ["doc_id", *keys])
    documents = work.read_partitions("documents", n_partitions, ["doc_id", "source", "date", "lang"])
    documents["reprint_of"] = work.read_partitions("reprint_articles", n_partitions)["reprint_of"].to_numpy()
    by_key = article_shares.set_index("doc_id").sort_index()
    shares = [compare.shares(by_key, documents, kind=kind, by=by, period=period) for by in tables.GROUPINGS]
    timelines = [compare.timeline(by_key, documents, kind=kind, by=by) for by in tables.GROUPINGS]
    return pd.concat(shares, ignore_index=True), pd.concat(timelines, ignore_index=True)


def contrast_partitions(work: Workspace, n_partitions: int, words: CustomWords, theme: str) -> pd.DataFrame:
    """Return table `contrasts` of one theme over all passages about it."""
    about = work.read_partitions("about", n_partitions)
    about = about[about["key"] == theme]
    sides = about.groupby("doc_id")["source"].first()
    return compare.word_contrasts(about, about[["passage_id", "key"]], sides, words=words)


def _read_sample(
    work: Workspace, n_partitions: int, allocation: pd.Series | None, recipe: Recipe
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the passages of the sample and their vectors; without an allocation, the sample is the corpus."""
    if allocation is None:
        frames = [read_modeled_passages(work, i).assign(partition=i) for i in range(n_partitions)]
        rows = pd.concat([frame.assign(row=np.arange(len(frame))) for frame in frames], ignore_index=True)
        return rows, np.concatenate([work.read_array(f"vectors/{i}") for i in range(n_partitions)])
    rows = work.read_partitions("sample", n_partitions)
    vectors = np.concatenate([work.read_array(f"sample/{i}") for i in range(n_partitions)])
    sample = stratified_sample(rows, allocation, seed=recipe.seed)  # the same as a sample of the whole corpus
    return rows.iloc[sample].reset_index(drop=True), vectors[sample]


def read_whole_space(work: Workspace, n_partitions: int, read_space: ReadSpace) -> np.ndarray:
    """Return the vectors of all modeled passages, in whose space topics have centroids."""
    parts = (read_modeled_passages(work, i) for i in range(n_partitions))
    return np.concatenate([read_space(work, i, rows) for i, rows in enumerate(parts)])


def cluster_space(
    work: Workspace, partition: int, rows: pd.DataFrame, alignment: Alignment, recipe: Recipe
) -> np.ndarray:
    """Return the aligned and projected vectors of a partition, in whose space topics have centroids."""
    vectors = work.read_array(f"vectors/{partition}")
    if not len(rows):
        return vectors
    return make_projection(recipe).transform(alignment.apply(vectors, rows["lang"].tolist()))


def link_reprints(documents: pd.DataFrame, counted: pd.DataFrame, remote_topics: pd.Series) -> pd.DataFrame:
    """Return the article that each article repeats, which may be in another partition."""
    remote = pd.DataFrame({"passage_id": remote_topics.index, "reprint_of": ""}, dtype="object")
    remote["doc_id"] = [name.rpartition("#")[0] for name in remote["passage_id"]]  # passage_id is doc_id#number
    passages = pd.concat([counted[["passage_id", "doc_id", "reprint_of"]], remote]).drop_duplicates("passage_id")
    return compare.link_article_reprints(documents[["doc_id"]], passages)
