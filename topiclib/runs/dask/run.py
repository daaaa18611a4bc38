"""Run the pipeline on Dask, for a corpus larger than one machine's memory (docs/SCALE.md).

Workers read, segment, embed, assign and tabulate partitions (`steps`); topics are found once, in a sample stratified by
language, outlet and month.
"""

import dataclasses
import platform
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from topiclib.corpus.documents import resolve_duplicates
from topiclib.corpus.time_window import summarize_time_window
from topiclib.embedding.registry import encoder
from topiclib.runs import store
from topiclib.runs.dask import steps
from topiclib.runs.dask.combine import aggregate
from topiclib.runs.dask.executor import Executor
from topiclib.runs.dask.partition import PARTITION_BYTES, partition_files
from topiclib.runs.dask.reprints import find_cross_partition_reprints
from topiclib.runs.dask.workspace import Workspace
from topiclib.runs.pipeline import Run, StageTimer, empty_corpus_message, is_up_to_date, open_run, print_progress
from topiclib.runs.spec import RunSpec
from topiclib.text import DEFAULT_LEXICON, Lexicon
from topiclib.themes import read_themes, themes_for_manifest
from topiclib.topics.recipe import Recipe
from topiclib.topics.sampling import MAX_SAMPLE_SIZE, STRATUM_COLUMNS, allocate


def run(
    paths: str | Path | Sequence[str | Path], client: Any = None, *, out: str | Path,
    workspace: str | Path | None = None, recipe: Recipe | None = None, themes: str | Path | None = None,
    sources: str | Path | None = None, metadata: str | Path | None = None, skip_bad: bool = False,
    lexicon: Lexicon = DEFAULT_LEXICON, cache: str | Path | None = None, partition_bytes: int = PARTITION_BYTES,
    force: bool = False, progress: bool = True,
) -> Run:  # fmt: skip
    """Fit a corpus of any size on Dask workers, and write the results to a run folder.

    Parameters
    ----------
    paths
        Folders, files or fsspec URLs ("s3://news/2020") that the workers can read.
    client
        `distributed.Client` of a `LocalCluster` or any other cluster; None: this process alone, one partition after
        the other.
    out
        The run folder, on this machine; the same files as `topiclib.run` writes.
    workspace
        A folder or URL that this process and all workers can write to; default: `<out>.work`, beside `out`. It holds
        the intermediate results of each partition, so that a killed run continues where it stopped; delete it when the
        run is complete.
    recipe, themes, sources, metadata, skip_bad, lexicon, force, progress
        As `topiclib.run` takes them. With more than 50,000 passages, topics are found in a sample of 50,000.
    cache
        Cache of the vectors, as `embed` takes it, on each worker's machine.
    partition_bytes
        Bytes of text per partition; a single-threaded worker needs about twenty times as much memory.

    Returns
    -------
    Run
        The run, as `open_run` reads it.

    Raises
    ------
    FileNotFoundError, FileExistsError, ValueError
        If an input cannot be used; the message names the file.
    RuntimeError
        If workers died repeatedly on one partition; the message names its files.
    """
    sources = sources and Path(sources).absolute()  # workers may have another working directory
    metadata = metadata and Path(metadata).absolute()
    spec = RunSpec([], recipe or Recipe(), themes, sources, skip_bad, lexicon, metadata)
    out = store.check_output_folder(out)
    paths = [paths] if isinstance(paths, str | Path) else list(paths)
    partitions = partition_files(paths, exclude=(sources, metadata), size=partition_bytes)
    spec_entries = spec.fingerprint(inputs=[span._asdict() for spans in partitions for span in spans])
    cache_key = store.hash_values(spec_entries)
    if not force and is_up_to_date(out, cache_key):
        print_progress(progress, f"unchanged: {out} is up to date")
        return open_run(out)
    workspace = str(workspace or out.parent / f"{out.name}.work")
    work = Workspace(f"{workspace if '://' in workspace else Path(workspace).absolute()}/{cache_key[:16]}")
    job = _DaskRun(work, Executor(client, partitions, progress), spec, StageTimer(progress), cache)
    tables, arrays, entries = job.compute(job.prepare())
    for span in spec_entries["inputs"]:
        del span["url"], span["version"]  # the manifest is shared with others: keep the user's paths out of it
    entries |= {"cache_key": cache_key, "stages": job.timer.stages, "platform": platform.platform()}
    store.write_run(out, tables, arrays, {**spec_entries, **entries, "n_partitions": len(partitions)})
    return open_run(out)


def write_passages(
    paths: str | Path | Sequence[str | Path], client: Any = None, *, out: str | Path,
    partition_bytes: int = PARTITION_BYTES,
) -> int:  # fmt: skip
    """Write only `documents/*.parquet` and `passages/*.parquet`; return the number of modeled passages."""
    paths = [paths] if isinstance(paths, str | Path) else list(paths)
    executor = Executor(client, partition_files(paths, size=partition_bytes))
    spec = RunSpec([], Recipe(), None, None, False, DEFAULT_LEXICON)
    job = _DaskRun(Workspace(str(out)), executor, spec, StageTimer(False), None)
    job.prepare()
    return job.n_modeled


@dataclasses.dataclass
class _DaskRun:
    work: Workspace
    executor: Executor
    spec: RunSpec
    timer: StageTimer
    cache: str | Path | None
    synthetic: bool = False
    n_modeled: int = 0
    texts_sha256: str = ""

    @property
    def partition_ids(self) -> range:
        return range(len(self.executor.partitions))

    def map_partitions(self, stage: str, func: Callable, *lists: Sequence, **settings: Any) -> list:
        """Run a step for every partition."""
        return self.executor.map(stage, partial(func, self.work, **settings), self.partition_ids, *lists)

    def run_once(self, stage: str, func: Callable, **settings: Any) -> None:
        """Run a step once, on one worker, on the sample drawn from all partitions."""
        self.executor.map(stage, partial(func, self.work, **settings), [len(self.partition_ids)])

    def prepare(self) -> list[dict[str, str]]:
        """Write documents and passages; return, per partition, {reprint: original} for pairs with either one in it."""
        spec = self.spec
        with self.timer.stage("reading"):
            frames = self.map_partitions(
                "read", steps.read_partition, self.executor.partitions, skip_bad=spec.skip_bad, metadata=spec.metadata
            )
        with self.timer.stage("segmenting"):
            index = pd.concat(frames, ignore_index=True)
            if len(index) and index["dropped"].str.startswith("unreadable").all():
                raise ValueError(f"none of the files could be read; the first: {index['dropped'].iloc[0]}")
            ids, dropped = resolve_duplicates(index)
            self.texts_sha256 = store.hash_values(index["text"].tolist())
            resolved = pd.DataFrame({"doc_id": ids, "dropped": dropped})
            ends = np.cumsum([len(frame) for frame in frames])
            chunks = [resolved.iloc[end - len(frame) : end] for frame, end in zip(frames, ends, strict=True)]
            options = {"recipe": spec.recipe, "lexicon": spec.lexicon, "sources": spec.sources}
            options["n_partitions"] = len(frames)
            self.synthetic = any(self.map_partitions("segment", steps.segment_partition, chunks, **options))
            find_reprints = partial(find_cross_partition_reprints, self.work, self.executor)
            reprints = self.work.get_or_make("reprints/all", find_reprints)
            reprint_of: list[dict[str, str]] = [{} for _ in self.partition_ids]
            for reprint, original, *both in reprints.itertuples(index=False):
                for i in both:
                    reprint_of[i][reprint] = original
            self.n_modeled = sum(self.map_partitions("mark", steps.mark_partition_reprints, reprint_of))
        if not self.n_modeled:
            raise ValueError(empty_corpus_message(dropped))
        return reprint_of

    def compute(self, reprint_of: list[dict[str, str]]) -> tuple[dict[str, Any], dict[str, np.ndarray], dict[str, Any]]:
        """Embed, fit the sample, assign and tabulate; return tables, arrays and manifest entries."""
        recipe, work = self.spec.recipe, self.work
        with self.timer.stage("embedding"):
            strata = self.map_partitions("embed", steps.embed_partition, recipe=recipe, cache=self.cache)
            sizes = pd.concat(strata).groupby(level=STRATUM_COLUMNS).sum()
        with self.timer.stage("fitting"):
            allocation = allocate(sizes) if sizes.sum() > MAX_SAMPLE_SIZE else sizes
            self.map_partitions("sample", steps.sample_partition, allocation=allocation, recipe=recipe)
            self.run_once("fit", steps.fit_sample, allocation=allocation, recipe=recipe)
        model, fitted = steps.read_centroid_model(work, recipe), work.read("fit/topics")
        options: dict[str, Any] = {"model": model, "recipe": recipe}
        with self.timer.stage("assigning"):
            by_partition = [fitted[fitted["partition"] == i] for i in self.partition_ids]
            topics = pd.concat(self.map_partitions("assign", steps.assign_partition, by_partition, **options))
        with self.timer.stage("tabulating"):
            themes = read_themes(self.spec.themes)
            options |= {"topics": sorted(set(fitted["topic"])), "themes": themes}
            remote_topics = [topics[topics.index.isin(set(originals.values()))] for originals in reprint_of]
            quote_candidates = self.map_partitions("tabulate", steps.tabulate_partition, remote_topics, **options)
        if recipe.quality:
            with self.timer.stage("evaluating"):
                self.run_once("evaluate", steps.evaluate_sample, allocation=allocation, recipe=recipe)
        with self.timer.stage("aggregating"):
            tables = aggregate(work, self.executor, quote_candidates, model=model, themes=themes, period=recipe.period)
        documents = work.read_partitions("documents", len(self.partition_ids), ["dropped", "lang", "date"])
        alignment, topic_ids, centroids = model
        n_articles = int(tables["coverage"]["n"].sum())
        return tables, {"centroids": centroids, "offsets": alignment.offsets}, {
            "encoder": encoder(recipe.encoder).identity, "alignment": alignment.to_arrays()[1],
            "topic_ids": topic_ids.tolist(), **themes_for_manifest(themes),
            "period": summarize_time_window(documents, recipe.period), "synthetic": self.synthetic,
            "counts": {"articles": n_articles, "passages": self.n_modeled, "topics": len(topic_ids)},
            "texts_sha256": self.texts_sha256,
        }  # fmt: skip
