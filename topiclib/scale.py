"""The same pipeline on Dask, for a corpus that no one machine should carry.

Parts of the corpus are read, cut, embedded, placed and told by workers (`topiclib.stages`: the functions of a corpus
in one piece); topics are found once, in a sample spread over languages, outlets and periods; what the parts counted is
added up in Dask DataFrames. docs/SCALE.md says what it costs.
"""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from topiclib import balance, stages, store
from topiclib.corpus import settle
from topiclib.encoders import encoder
from topiclib.fit import Recipe
from topiclib.keywords import HOLDERS, USES, rank_words
from topiclib.measure.split import split_of
from topiclib.order import Order
from topiclib.parts import Work, find_parts
from topiclib.pipeline import Clock, Run, is_current, open_run, say
from topiclib.tables import theme_quotes, topic_cards, topic_quotes
from topiclib.text import DEFAULT, Lexicon
from topiclib.themes import read_themes
from topiclib.workers import Workers

KEYS_A_TASK = 8
STEPS = ("found", "dropped", "articles", "passages", "left out", "modelled")
ROWS = ("documents", "passages", "assignments", "articles", "matches", "themes")  # tables that stay in parts


def run(
    paths: str | Path | Sequence[str | Path], client: Any = None, *, out: str | Path, work: str | None = None,
    recipe: Recipe | None = None, themes: str | Path | None = None, sources: str | Path | None = None,
    skip_bad: bool = False, lexicon: Lexicon = DEFAULT, cache: str | Path | None = None, force: bool = False,
    progress: bool = True,
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
    order = Order([], recipe or Recipe(), themes, sources, skip_bad, lexicon)
    out = store.check_out(out)
    parts = find_parts([paths] if isinstance(paths, str | Path) else list(paths), besides=sources)
    asked = order.facts(inputs=[piece._asdict() for part in parts for piece in part])
    key = store.hash_values(asked)
    if not force and is_current(out, key):
        say(progress, f"unchanged: {out} is up to date")
        return open_run(out)
    url = f"{work or out.parent / f'{out.name}.work'}/{key[:16]}"
    job = _Job(Work(url), Workers(client, parts, progress), order, Clock(progress), cache)
    tables, arrays, facts = job.tables(*job.find(job.prepare()))
    for piece in asked["inputs"]:
        del piece["url"], piece["stamp"]  # where the user keeps a file is nobody's business
    more = {"key": key, "stages": job.clock.stages, "platform": platform.platform(), "parts": len(parts)}
    store.write_run(out, tables, arrays, {**asked, **facts, **more})
    return open_run(out)


def prepare(paths: str | Path | Sequence[str | Path], client: Any = None, *, out: str) -> int:
    """Read articles and write their passages, part after part; return how many are modelled.

    Parameters
    ----------
    paths, client
        As `run` takes them.
    out
        A folder or address: `documents/*.parquet` and `passages/*.parquet` are the tables in parts.
    """
    parts = find_parts([paths] if isinstance(paths, str | Path) else list(paths))
    order = Order([], Recipe(), None, None, False, DEFAULT)
    job = _Job(Work(str(out)), Workers(client, parts), order, Clock(False), None)
    job.prepare()
    return job.modelled


@dataclasses.dataclass
class _Job:
    work: Work
    workers: Workers
    order: Order
    clock: Clock
    cache: str | Path | None
    synthetic: bool = False
    modelled: int = 0

    def each(self, stage: str, do: Callable, *lists: Sequence, **settings: Any) -> list:
        """Do a stage for all parts."""
        return self.workers.each(stage, partial(do, self.work, **settings), self.numbers, *lists)

    @property
    def numbers(self) -> range:
        return range(len(self.workers.parts))

    def prepare(self) -> list[dict[str, str]]:
        """Write documents and passages; return for each part its reprints, and those of its passages, with what is
        kept.
        """
        order = self.order
        with self.clock.stage("reading"):
            index = self.each("read", stages.read_part, self.workers.parts, skip_bad=order.skip_bad)
        with self.clock.stage("preparing"):
            whole = pd.concat(index, ignore_index=True)
            if len(whole) and whole["dropped"].str.startswith("unreadable").all():
                raise ValueError(f"none of the files could be read; the first: {whole['dropped'].iloc[0]}")
            ids, dropped = settle(whole)
            settled = pd.DataFrame({"doc_id": ids, "dropped": dropped})
            ends = np.cumsum([len(part) for part in index])
            each = [settled.iloc[end - len(p) : end].reset_index(drop=True) for p, end in zip(index, ends, strict=True)]
            given = {"recipe": order.recipe, "lexicon": order.lexicon, "sources": order.sources}
            self.synthetic = any(self.each("cut", stages.cut_part, each, **given))
            found = self.work.keep("reprints/all", self.reprints)
            kept: list[dict[str, str]] = [{} for _ in self.numbers]
            for again, first, *at in found.itertuples(index=False):
                for part in set(at):
                    kept[part][again] = first
            self.modelled = sum(self.each("mark", stages.mark_part, kept))
        if not self.modelled:
            reasons = dropped[dropped != ""].value_counts().to_dict()
            raise ValueError(f"nothing to fit: {len(ids)} articles have no Persian or Arabic passage {reasons or ''}")
        return kept

    def reprints(self) -> pd.DataFrame:
        """Find reprints across parts: documents that share keys are likely pairs; pairs that hang together are looked
        at as a corpus of their own.
        """
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components

        workers, meta = self.workers, stages.links_meta()
        keys = workers.frame(partial(stages.read_keys, self.work), self.numbers)
        shared = keys.shuffle("run").map_partitions(stages.shared_keys, meta=meta["shared"])
        pairs = workers.result(shared.shuffle("passage").map_partitions(stages.likely_pairs, meta=meta["pairs"]))
        if pairs.empty:
            return meta["reprints"]
        docs, ends = np.unique(pairs.to_numpy(), return_inverse=True)
        ends = ends.reshape(-1, 2)
        graph = coo_matrix((np.ones(len(ends), dtype=bool), (ends[:, 0], ends[:, 1])), (len(docs), len(docs)))
        group = pd.Series(connected_components(graph, directed=False)[1], index=docs)
        parts = [group[docs // stages.PART == part] for part in self.numbers]
        linked = workers.frame(partial(stages.linked_passages, self.work), self.numbers, parts)
        return workers.result(linked.shuffle("group").map_partitions(stages.reprints_of, meta=meta["reprints"]))

    def find(self, kept: list[dict[str, str]]) -> tuple[stages.Model, list]:
        """Embed all, find the topics in a sample, place and tell all; return the model and what may be quoted."""
        recipe = self.order.recipe
        with self.clock.stage("embedding"):
            strata = pd.concat(self.each("embed", stages.embed_part, recipe=recipe, cache=self.cache))
            sizes = strata.groupby(level=balance.STRATA).sum()
        with self.clock.stage("fitting"):
            quota = balance.quotas(sizes) if sizes.sum() > balance.LARGEST else sizes
            self.each("draw", stages.draw_part, quota=quota, recipe=recipe)
            fit = partial(stages.fit_sample, self.work, quota=quota, recipe=recipe)
            self.workers.each("fit", fit, [len(self.numbers)])
        with self.clock.stage("placing"):
            model, fitted = stages.read_model(self.work, recipe), self.work.read("fit/topics")
            by_part = [fitted[fitted["part"] == part] for part in self.numbers]
            topics = pd.concat(self.each("place", stages.place_part, by_part, model=model, recipe=recipe))
        with self.clock.stage("telling"):
            far = [topics[topics.index.isin(set(part.values()))] for part in kept]
            given = {"topics": sorted(set(fitted["topic"])), "themes": read_themes(self.order.themes)}
            return model, self.each("tell", stages.tell_part, far, model=model, recipe=recipe, **given)

    def total(self, name: str, by: list[str]) -> pd.DataFrame:
        """Add up what the parts counted."""
        frame = self.workers.frame(partial(stages.read_sum, self.work, name), self.numbers)
        return self.workers.result(frame.groupby(by)["n"].sum()).reset_index().sort_values(by, ignore_index=True)

    def tables(self, model: stages.Model, quotable: list) -> tuple[dict[str, Any], dict[str, np.ndarray], dict]:
        """Return the tables, the arrays and the facts of the run."""
        alignment, known, means = model
        themes, recipe, n = read_themes(self.order.themes), self.order.recipe, len(self.numbers)
        out: dict[str, Any] = {name: partial(self.stream, name) for name in ROWS}
        with self.clock.stage("adding up"):
            out["keywords"] = rank_words(self.total("uses", USES), self.total("holders", HOLDERS))
            sizes = self.total("sizes", ["topic", "lang"]).pivot(index="topic", columns="lang", values="n")
            sizes = sizes.fillna(0).astype(int)
            out["topics"], out["split"] = topic_cards(sizes, out["keywords"]), split_of(sizes)
            out["coverage"] = self.total("coverage", ["source", "period"])
            steps = self.total("flow", ["step", "source", "reason"])
            out["flow"] = steps.sort_values("step", key=lambda step: step.map(STEPS.index), kind="stable")
            rows, vectors, named = ([some[i] for some in quotable] for i in range(3))
            near, quoted = pd.concat(rows, ignore_index=True), pd.concat(named, ignore_index=True)
            of_topics = topic_quotes(near, near["topic"].to_numpy(), np.concatenate(vectors), means_of=(known, means))
            best = quoted.rename(columns={"key": "theme", "strength": "score"}).assign(about=True)
            facts = best[["passage_id", "doc_id", "lang"]].drop_duplicates().assign(kind="body")
            of_themes = theme_quotes(facts, best[["passage_id", "theme", "about", "score"]])
            out["quotes"] = pd.concat([of_topics, of_themes], ignore_index=True)
            keys = {"topic": list(map(str, sizes.index)), "theme": list(themes)}
            some = [
                (kind, of[i : i + KEYS_A_TASK]) for kind, of in keys.items() for i in range(0, len(of), KEYS_A_TASK)
            ]
            compare = partial(stages.compare_parts, self.work, n)
            pairs = self.workers.each("compare", compare, *map(list, zip(*some, strict=True)))
            out["shares"], out["timeline"] = (pd.concat(frames) for frames in zip(*pairs, strict=True))
            contrasts = self.workers.each("contrast", partial(stages.contrast_parts, self.work, n), list(themes))
            out["contrasts"] = pd.concat(contrasts, ignore_index=True)
            out["points"] = self.work.read("fit/points")
            if recipe.stability:
                out["stability"] = self.work.read("fit/stability")
        found = {"articles": int(out["coverage"]["n"].sum()), "passages": self.modelled, "topics": len(known)}
        return out, {"centroids": means, "offsets": alignment.offsets}, {
            "encoder": encoder(recipe.encoder).identity, "alignment": alignment.to_arrays()[1],
            "topics": known.tolist(), "themes": {key: theme.label for key, theme in themes.items()},
            "synthetic": self.synthetic, "found": found,
        }  # fmt: skip

    def stream(self, name: str) -> Iterator[pd.DataFrame]:
        """Yield the parts of a table."""
        for part in self.numbers:
            yield self.work.read(f"{name}/{part}")
