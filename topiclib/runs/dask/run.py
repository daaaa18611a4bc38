"""The same pipeline on Dask, for a corpus that no one machine should carry (docs/SCALE.md).

Parts of the corpus are read, cut, embedded, placed and told by workers (`steps`: the functions of a corpus
in one piece); topics are found once, in a sample spread over languages, outlets and periods.
"""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from topiclib.corpus import time_window as period
from topiclib.corpus.documents import resolve_duplicates
from topiclib.embedding.registry import encoder
from topiclib.runs import store
from topiclib.runs.dask import steps as sampled
from topiclib.runs.dask import steps as stages
from topiclib.runs.dask.combine import aggregate
from topiclib.runs.dask.executor import Executor
from topiclib.runs.dask.partition import PARTITION_BYTES, partition_files
from topiclib.runs.dask.reprints import find_cross_partition_reprints
from topiclib.runs.dask.workspace import Workspace
from topiclib.runs.pipeline import Run, StageTimer, is_up_to_date, open_run, print_progress
from topiclib.runs.spec import RunSpec
from topiclib.text import DEFAULT_LEXICON, Lexicon
from topiclib.themes import read_themes, themes_for_manifest
from topiclib.topics import sampling as balance
from topiclib.topics.recipe import Recipe


def run(
    paths: str | Path | Sequence[str | Path], client: Any = None, *, out: str | Path, workspace: str | Path | None = None,
    recipe: Recipe | None = None, themes: str | Path | None = None, sources: str | Path | None = None,
    skip_bad: bool = False, lexicon: Lexicon = DEFAULT_LEXICON, cache: str | Path | None = None, partition_bytes: int = PARTITION_BYTES,
    force: bool = False, progress: bool = True,
) -> Run:  # fmt: skip
    """Make a run of a corpus of any size on the workers of Dask.

    Parameters
    ----------
    paths
        Folders and files, also addresses of fsspec ("s3://news/2020"), which the workers can read.
    client
        `distributed.Client`, of a `LocalCluster` or any other cluster; None: this process alone, part after part.
    out
        The run folder, on this machine; it is what `topiclib.run` writes.
    work
        A folder that all workers and this process can write, or an address; default: `.work` beside `out`. It keeps
        every stage of every part, so that a run which was killed goes on where it was; delete it when you have the run.
    recipe, themes, sources, skip_bad, lexicon, force, progress
        As `topiclib.run` takes them. Of more than 50,000 passages the topics are found in 50,000.
    cache
        Of the embedding, as `embed` takes it, on each worker's machine.
    part_bytes
        Text of a part; a worker that has one thread holds some twenty times as much.

    Returns
    -------
    Run
        The run, as `open_run` reads it.

    Raises
    ------
    FileNotFoundError, FileExistsError, ValueError
        If something given cannot be used; the message names the file.
    RuntimeError
        If workers were lost again and again over one part; the message names its files.
    """
    sources = sources and Path(sources).absolute()  # workers are somewhere else
    order = RunSpec([], recipe or Recipe(), themes, sources, skip_bad, lexicon)
    out = store.check_output_folder(out)
    workspace = str(workspace or out.parent / f"{out.name}.work")
    parts = partition_files(
        [paths] if isinstance(paths, str | Path) else list(paths), exclude=sources, size=partition_bytes
    )
    asked = order.facts(inputs=[piece._asdict() for part in parts for piece in part])
    key = store.hash_values(asked)
    if not force and is_up_to_date(out, key):
        print_progress(progress, f"unchanged: {out} is up to date")
        return open_run(out)
    url = workspace if "://" in workspace else Path(workspace).absolute()
    job = _DaskRun(
        Workspace(f"{url}/{key[:16]}"), Executor(client, parts, progress), order, StageTimer(progress), cache
    )
    tables, arrays, facts = job.find(job.prepare())
    for piece in asked["inputs"]:
        del piece["url"], piece["stamp"]  # where the user keeps a file is nobody's business
    more = {"key": key, "stages": job.clock.stages, "platform": platform.platform(), "parts": len(parts)}
    store.write_run(out, tables, arrays, {**asked, **facts, **more})
    return open_run(out)


def write_passages(
    paths: str | Path | Sequence[str | Path], client: Any = None, *, out: str | Path, part_bytes: int = PARTITION_BYTES
) -> int:
    """Write `documents/*.parquet` and `passages/*.parquet` into a folder or address, part after part; return how many
    passages are modeled. Parameters as in `run`.
    """
    parts = partition_files([paths] if isinstance(paths, str | Path) else list(paths), size=part_bytes)
    order = RunSpec([], Recipe(), None, None, False, DEFAULT_LEXICON)
    job = _DaskRun(Workspace(str(out)), Executor(client, parts), order, StageTimer(False), None)
    job.prepare()
    return job.modeled


@dataclasses.dataclass
class _DaskRun:
    work: Workspace
    workers: Executor
    order: RunSpec
    clock: StageTimer
    cache: str | Path | None
    synthetic: bool = False
    modeled: int = 0
    texts: str = ""

    def each(self, stage: str, func: Callable, *lists: Sequence, **settings: Any) -> list:
        """Do a stage for all parts."""
        return self.workers.each(stage, partial(func, self.work, **settings), self.numbers, *lists)

    def once(self, stage: str, do: Callable, **settings: Any) -> None:
        """Do a stage once, on one worker, for the sample of all parts."""
        self.workers.each(stage, partial(do, self.work, **settings), [len(self.numbers)])

    @property
    def numbers(self) -> range:
        return range(len(self.workers.parts))

    def prepare(self) -> list[dict[str, str]]:
        """Write documents and passages; return for each part the reprints in and of it, with what is kept."""
        order = self.order
        with self.clock.stage("reading"):
            index = self.each("read", stages.read_partition, self.workers.parts, skip_bad=order.skip_bad)
        with self.clock.stage("preparing"):
            whole = pd.concat(index, ignore_index=True)
            if len(whole) and whole["dropped"].str.startswith("unreadable").all():
                raise ValueError(f"none of the files could be read; the first: {whole['dropped'].iloc[0]}")
            ids, dropped = resolve_duplicates(whole)
            self.texts = store.hash_values(whole["text"].tolist())
            settled = pd.DataFrame({"doc_id": ids, "dropped": dropped})
            ends = np.cumsum([len(part) for part in index])
            each = [settled.iloc[end - len(p) : end].reset_index(drop=True) for p, end in zip(index, ends, strict=True)]
            given = {"recipe": order.recipe, "lexicon": order.lexicon, "sources": order.sources}
            self.synthetic = any(self.each("cut", stages.segment_partition, each, parts=len(index), **given))
            found = self.work.keep("reprints/all", partial(find_cross_partition_reprints, self.work, self.workers))
            kept: list[dict[str, str]] = [{} for _ in self.numbers]
            for again, first, *at in found.itertuples(index=False):
                for part in set(at):
                    kept[part][again] = first
            self.modeled = sum(self.each("mark", stages.mark_partition_reprints, kept))
        if not self.modeled:
            reasons = dropped[dropped != ""].value_counts().to_dict()
            raise ValueError(f"nothing to fit: {len(ids)} articles have no Persian or Arabic passage {reasons or ''}")
        return kept

    def find(self, kept: list[dict[str, str]]) -> tuple[dict[str, Any], dict[str, np.ndarray], dict[str, Any]]:
        """Embed all, find the topics in a sample, place and tell all; return tables, arrays and facts of the run."""
        recipe = self.order.recipe
        with self.clock.stage("embedding"):
            strata = pd.concat(self.each("embed", stages.embed_partition, recipe=recipe, cache=self.cache))
            sizes = strata.groupby(level=balance.STRATUM_COLUMNS).sum()
        with self.clock.stage("fitting"):
            quota = balance.allocate(sizes) if sizes.sum() > balance.MAX_SAMPLE_SIZE else sizes
            self.each("draw", sampled.sample_partition, allocation=quota, recipe=recipe)
            self.once("fit", sampled.fit_sample, quota=quota, recipe=recipe)
        with self.clock.stage("placing"):
            model, fitted = sampled.read_centroid_model(self.work, recipe), self.work.read("fit/topics")
            by_part = [fitted[fitted["part"] == part] for part in self.numbers]
            topics = pd.concat(self.each("place", stages.assign_partition, by_part, model=model, recipe=recipe))
        with self.clock.stage("telling"):
            far = [topics[topics.index.isin(set(part.values()))] for part in kept]
            themes = read_themes(self.order.themes)
            given = {"topics": sorted(set(fitted["topic"])), "themes": themes, "recipe": recipe}
            quotable = self.each("tell", stages.tabulate_partition, far, model=model, **given)
        if recipe.quality:
            with self.clock.stage("measuring"):
                self.once("measure", sampled.evaluate_sample, quota=quota, recipe=recipe)
        with self.clock.stage("adding up"):
            tables = aggregate(self.work, self.workers, quotable, model=model, themes=themes, period=recipe.period)
        columns = ["dropped", "lang", "date"]
        documents = pd.concat([self.work.read(f"documents/{part}", columns) for part in self.numbers])
        alignment, known, means = model
        n = {"articles": int(tables["coverage"]["n"].sum()), "passages": self.modeled, "topics": len(known)}
        return tables, {"centroids": means, "offsets": alignment.offsets}, {
            "encoder": encoder(recipe.encoder).identity, "alignment": alignment.to_arrays()[1],
            "topics": known.tolist(), **themes_for_manifest(themes),
            "period": period.summarize_time_window(documents, recipe.period), "synthetic": self.synthetic,
            "found": n, "texts": self.texts,
        }  # fmt: skip
