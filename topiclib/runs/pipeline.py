"""Run the pipeline from files to a run folder, and assign new articles to the topics of an existing run."""

from __future__ import annotations

import dataclasses
import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.corpus.documents import resolve_duplicates, to_documents
from topiclib.corpus.outlets import unify_outlet_names
from topiclib.corpus.passages import add_outlet_and_month, make_passages
from topiclib.corpus.rules import CorpusRules, combine_counts
from topiclib.corpus.time_window import summarize_time_window
from topiclib.embedding.alignment import Alignment, fit_alignment
from topiclib.embedding.embed import embed
from topiclib.embedding.registry import encoder as load_encoder
from topiclib.embedding.registry import encoder_name, load_run_encoder
from topiclib.evaluate.quality import QUALITY_TABLES
from topiclib.progress import progress_line
from topiclib.runs import steps, store
from topiclib.runs.apply_curation import curate_folder, decisions_of, format_draft
from topiclib.runs.check import verify_run
from topiclib.runs.combine import DESCRIPTION_TABLES, document_tables, theme_tables, topic_tables
from topiclib.runs.executor import Executor
from topiclib.runs.partitions import PARTITION_BYTES
from topiclib.runs.spec import STAGES, Corpus, RunSpec, workspace_keys
from topiclib.runs.summary import format_summary, lines_to_html
from topiclib.runs.tables import Centroids
from topiclib.runs.tabulate import join_kinds
from topiclib.runs.workspace import Workspace, open_workspace
from topiclib.text import DEFAULT_LEXICON, Lexicon
from topiclib.themes import themes_for_manifest
from topiclib.themes.theme_file import ThemeFiles
from topiclib.topics.assignment import nearest_centroid
from topiclib.topics.curation import describe_decision
from topiclib.topics.curation_file import Curation, read_curation, require_passages
from topiclib.topics.fit import make_projection
from topiclib.topics.recipe import Recipe
from topiclib.topics.sampling import MAX_SAMPLE_SIZE, STRATUM_COLUMNS, allocate

if TYPE_CHECKING:
    from topiclib.embedding.encoder import Encoder


# Of a corpus in many partitions, each may warn of the same in other numbers.
MAX_WARNINGS = 20


@dataclasses.dataclass(frozen=True)
class Run:
    """A run folder: `path`, `manifest`, `recipe`, and its tables, which are read on first access.

    Each table is an attribute (``run.topics``, ``run.shares``); ``run.tables`` is a dict of all.
    """

    path: Path
    manifest: dict[str, Any]

    @property
    def recipe(self) -> Recipe:
        """The recipe of the run; ValueError if it has a field that this version of topiclib does not have."""
        if unknown := sorted(set(self.manifest["recipe"]) - {field.name for field in dataclasses.fields(Recipe)}):
            made = f"{self.path} was made by topiclib {self.manifest.get('versions', {}).get('topiclib', '?')}"
            raise ValueError(f"{made}, whose recipe has {unknown[0]!r}, unknown in this version: fit the corpus again")
        return Recipe(**self.manifest["recipe"])

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of the run by name."""
        return store.read_tables(self.path)

    def __getattr__(self, name: str) -> pd.DataFrame:
        # `vars`, because copy and pickle look up methods before the fields are set: `self.manifest` would recurse.
        if name in (names := store.table_names(vars(self).get("manifest", {}))):
            return self.tables[name]
        raise AttributeError(f"the run has no table or attribute {name!r}; its tables are {', '.join(names)}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *store.table_names(self.manifest)]

    def _repr_html_(self) -> str:
        return lines_to_html(format_summary(self.tables, self.manifest))

    def apply(self, curation: str | Path, *, out: str | Path | None = None, **options: Any) -> Run:
        """Apply a file of decisions about topics, as `curate` does."""
        return curate(self, curation, out=out, **options)

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {what}" for what, n in self.manifest["counts"].items())
        return f"Run({str(self.path)!r}: {counts})"


def run(
    corpus: Corpus, *, out: str | Path, recipe: Recipe | None = None, encoder: str | Path | Encoder | None = None,
    themes: ThemeFiles | None = None, curation: str | Path | None = None, sources: str | Path | None = None,
    metadata: str | Path | None = None, skip_bad: bool = False, lexicon: Lexicon = DEFAULT_LEXICON,
    cache: str | Path | None = None, client: Any = None, workspace: str | Path | None = None,
    partition_bytes: int | None = None, force: bool = False, progress: bool = True,
) -> Run:  # fmt: skip
    """Read, segment, embed, align, fit and tabulate a corpus, and write the results to a run folder.

    The result of every stage is kept: a run with other themes or another recipe repeats only the stages that depend on
    them, and a killed run continues after its last complete stage.

    Parameters
    ----------
    corpus
        Folders and files, as `read_documents` takes them, or a documents frame; with `client` or `partition_bytes`
        also fsspec URLs ("s3://news/2020") that the workers can read.
    out
        The run folder, on this machine. An existing run is replaced at the end, or returned if nothing that can change
        the result has changed.
    recipe
        Default: `Recipe()`. With more than 50,000 passages, topics are found in a sample of 50,000.
    encoder
        As `embed` takes it, in place of the recipe's. The recipe of the run records the name, or an object's identity.
    themes
        One or more theme files, as `read_themes` takes them; None: the one that ships with topiclib.
    curation
        File of decisions about topics and corpus (`curation.toml`), which are applied before the run is written. Those
        about topics that are not found are listed, with a warning.
    sources, metadata, skip_bad
        As `read_documents` takes them.
    lexicon
        Persian words for restoring lost half-spaces; `topiclib.text.Lexicon.from_texts(texts)` adds those of texts that
        still have them.
    cache
        Cache of the vectors, as `embed` takes it: a folder or a file; None: the user's cache folder.
    client
        `distributed.Client` of a Dask cluster, whose workers then process the partitions of the corpus; None: this
        process.
    workspace
        Folder or URL for the results of the stages, to which this process and all workers can write. None: the folder
        `stages` beside the cache, where up to 2 GB are kept; with `client`, `<out>.work`, which you may delete when the
        run is complete.
    partition_bytes
        Bytes of text per partition; a single-threaded worker needs about twenty times as much memory. None: 8 million
        with `client`, otherwise one partition.
    force
        Write the run even if it is up to date, and compute all stages again.
    progress
        Print progress on standard error.

    Raises
    ------
    FileNotFoundError, FileExistsError, ValueError
        If an input cannot be used; then nothing is written.
    RuntimeError
        If workers died repeatedly on one partition; the message names its files.
    """
    recipe = recipe or Recipe()
    if encoder is not None:
        recipe = dataclasses.replace(recipe, encoder=encoder_name(encoder))
    sources = sources and Path(sources).absolute()  # workers may have another working directory
    metadata = metadata and Path(metadata).absolute()
    if client is not None:
        partition_bytes, workspace = partition_bytes or PARTITION_BYTES, workspace or f"{out}.work"
    spec = RunSpec(corpus, recipe, themes, sources, skip_bad, lexicon, partition_bytes, metadata, curation)
    require_passages(spec.curation)
    out = store.check_output_folder(out)
    partitions = spec.make_partitions()
    fingerprint = spec.fingerprint(partitions)
    cache_key = store.hash_values(fingerprint)
    if not force and is_up_to_date(out, cache_key):
        if progress:
            print(f"unchanged: {out} is up to date", file=sys.stderr)
        return open_run(out)
    with open_workspace(workspace, cache, workspace_keys(fingerprint, corpus)) as work:
        if force:
            work.clear()
        timer = StageTimer(progress, work)
        executor = Executor(client, partitions, progress)
        model = recipe.encoder if encoder is None else encoder
        tables, arrays, entries, read_space = _compute(spec, work, executor, timer, model, cache)
        for entry in fingerprint["inputs"]:  # the manifest is shared with others: keep the user's paths out of it
            for name in ("url", "version"):
                entry.pop(name, None)
        entries |= {"cache_key": cache_key, "stages": timer.stages, "platform": platform.platform()}
        entries = {**fingerprint, **entries, "n_partitions": len(partitions)}
        if curation is None:
            store.write_run(out, tables, arrays, entries)
        else:
            out.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=f".{out.name}.new-{os.getpid()}-", dir=out.parent) as folder:
                found = store.write_run(Path(folder) / "found", tables, arrays, entries)
                options: dict[str, Any] = {"read_space": read_space, "by_number": False, "cache_key": cache_key}
                _curate(found, spec.curation, out, **options)
    return open_run(out)


def open_run(path: str | Path) -> Run:
    """Open a run folder; FileNotFoundError or ValueError if it is not a run, or damaged."""
    return Run(Path(path).absolute(), store.read_manifest(path))


def open_to_change(run: Run | str | Path, out: str | Path | None) -> tuple[Run, Path]:
    """Return an undamaged run, and the folder for a changed one; None: its own."""
    run = open_run(run.path if isinstance(run, Run) else run)  # from disk: a Run may have changed tables in memory
    _ = run.recipe  # raises if it is of another version
    out = store.check_output_folder(run.path if out is None else out)
    if problems := verify_run(run.path):
        raise ValueError(f"{run.path} is damaged ({problems[0]}): see `topiclib check`, and fit the corpus again")
    return run, out


def assign_topics(
    run: Run | str | Path, documents: pd.DataFrame, *, encoder: str | Path | Encoder | None = None,
    cache: str | Path | None = None, lexicon: Lexicon = DEFAULT_LEXICON,
) -> pd.DataFrame:  # fmt: skip
    """Assign new articles to the topics of an existing run, without its corpus.

    Parameters
    ----------
    run
        A run, or its folder.
    documents
        As `read_documents` returns them, or any frame with `text`.
    encoder, cache
        As `embed` takes them. An encoder that is not one of topiclib's own must be passed explicitly, because a run
        folder may come from anyone.
    lexicon
        The lexicon that the run was made with; another one is refused.

    Returns
    -------
    DataFrame
        Table `assignments`: each passage's topic is the one with the nearest centroid, similarity is the cosine to it.
        In a curated run the topics are the curated ones (`topic_found` too); what is nearest to a dropped topic has
        none. Passages in a language that the run does not have are left out.

    Notes
    -----
    To compare new articles with old ones, assign both this way: the run itself used graph communities, and some of its
    passages (7 % in one run) are nearer to another topic's centroid.
    """
    run = run if isinstance(run, Run) else open_run(run)
    require_assignable(run, lexicon)
    languages = run.manifest["alignment"]["languages"]
    documents = documents if "dropped" in documents else to_documents(documents)
    rules = CorpusRules.from_dict(run.manifest["rules"])
    documents = documents[documents["dropped"] == ""]
    passages = make_passages(documents, max_words=run.recipe.max_words, lexicon=lexicon, rules=rules)
    passages = passages[passages["lang"].isin(languages)].reset_index(drop=True)
    if passages.empty:
        raise ValueError(f"no passage to assign: the {len(documents)} articles have no text in {', '.join(languages)}")
    frame, _ = nearest_topics(run, passages, encoder=encoder, cache=cache)
    # Nearest to a topic that was dropped is as good as to none.
    frame["similarity"] = frame["similarity"].mask(frame["topic"] == schema.OUTLIER_TOPIC, 0.0)
    return schema.conform(frame.assign(topic_found=frame["topic"]), "assignments")


def curate(
    run: Run | str | Path, curation: str | Path, *, out: str | Path | None = None,
    encoder: str | Path | Encoder | None = None, cache: str | Path | None = None,
) -> Run:  # fmt: skip
    """Apply a file of decisions about topics to a finished run: names, merges, splits, dropped topics, notes.

    All tables of topics are made again from the topics as they were found, so that a decision is undone by deleting its
    line. The map keeps its layout. Quality tables, which describe the topics as they were found, are left out if a
    passage has changed its topic.

    Parameters
    ----------
    run
        A run, or its folder.
    curation
        The file (`curation.toml`), as `draft_curation` writes it. It replaces the decisions that the run has.
    out
        Folder of the new run; None: the run itself is replaced, at the end and as a whole.
    encoder, cache
        As `assign_topics` takes them, for passages whose vectors are not cached; names and notes need none.

    Returns
    -------
    Run
        The entry `curation` of its manifest lists each decision, and those that were not applied.

    Raises
    ------
    FileNotFoundError, FileExistsError, ValueError
        If the run is damaged, the file is of another corpus, or an input cannot be used; then nothing is written.
    """
    decisions = read_curation(curation)
    run, out = open_to_change(run, out)
    fitted_with = run.manifest["corpus_decisions"]
    if changed := [key for key, values in decisions.corpus.items() if list(values) != fitted_with[key]]:
        remedy = f"topiclib fit CORPUS --out RUN --curation {curation}"
        warnings.warn(
            f"{', '.join(changed)} of {curation} differ from the run's, and need a fit: {remedy}", stacklevel=2
        )

    def read_space() -> np.ndarray:
        try:
            require_assignable(run)
            aligned, _ = aligned_vectors(run, fitted_passages(run), encoder=encoder, cache=cache)
        except (ValueError, OSError, ModuleNotFoundError) as error:
            raise ValueError(f"{error}; without vectors only names and notes can be applied") from error
        return make_projection(run.recipe).transform(aligned)

    key = store.hash_values([run.manifest.get("cache_key"), store.describe_files([Path(curation)])])
    return _curate(run.path, decisions, out, read_space=read_space, by_number=True, cache_key=key)


def _curate(path: Path, decisions: Curation, out: Path, **options: Any) -> Run:
    """Call `curate_folder`, and warn of decisions that were not applied."""
    if lines := list(map(describe_decision, curate_folder(path, decisions, out, **options).not_applied)):
        were = schema.plural(len(lines), "decision was", "decisions were")
        what = f"{were} not applied. {' '.join(lines[:MAX_WARNINGS])}"
        warnings.warn(f"{decisions.source}: {what}", stacklevel=3)
    return open_run(out)


def draft_curation(run: Run | str | Path, file: str | Path | None = None) -> str:
    """Write a file of decisions in which nothing new is decided yet: every topic, with what it is about as comments.

    Parameters
    ----------
    run
        A run, or its folder. Decisions that it has are in the draft.
    file
        The file to write; FileExistsError if it exists, since it may have decisions. None: only return the text.

    Returns
    -------
    str
        For each topic its size, the words of both languages and two quotes as comments, and the passages by which
        decisions find it in another fit.
    """
    run = run if isinstance(run, Run) else open_run(run)
    name = os.path.relpath(run.path)
    text = format_draft(run.tables, decisions_of(run.path, run.tables, run.manifest), name)
    if file is not None:
        if Path(file).exists():
            raise FileExistsError(f"{file} exists, and may have decisions: apply it (--apply), or choose another file")
        with Path(file).open("x", encoding="utf-8") as stream:
            stream.write(text)
    return text


def require_assignable(run: Run, lexicon: Lexicon | None = None) -> None:
    """Check that the passages of a run, or new articles prepared with a lexicon, can be assigned to its topics."""
    if "offsets.npy" not in run.manifest["files"]:
        raise ValueError(f"{run.path} was saved without an alignment: pass it to save_run to assign new articles later")
    if lexicon and lexicon.digest != run.manifest["lexicon_sha256"]:
        raise ValueError(f"{run.path} was made with a different lexicon: pass the one it was made with as lexicon=")


def nearest_topics(
    run: Run, passages: pd.DataFrame, *, encoder: str | Path | Encoder | None = None,
    cache: str | Path | None = None, progress: bool = True,
) -> tuple[pd.DataFrame, np.ndarray]:  # fmt: skip
    """Return `passage_id`, `topic` and `similarity` by the nearest centroid of a run, and the vectors compared."""
    aligned, _ = aligned_vectors(run, passages, encoder=encoder, cache=cache, progress=progress)
    space = make_projection(run.recipe).transform(aligned)
    topic, similarity = nearest_centroid(space, *read_centroids(run))
    return pd.DataFrame({"passage_id": passages["passage_id"], "topic": topic, "similarity": similarity}), space


def read_centroids(run: Run) -> Centroids:
    """Return the topics of a run and their centroids."""
    return np.array(run.manifest["topic_ids"]), store.read_array(run.path, "centroids")


def fitted_passages(run: Run) -> pd.DataFrame:
    """Return the modeled passages of a run, with the outlet and month of each."""
    return add_outlet_and_month(run.passages.query("modeled").reset_index(drop=True), run.documents)


def aligned_vectors(
    run: Run, passages: pd.DataFrame, *, encoder: str | Path | Encoder | None = None,
    cache: str | Path | None = None, progress: bool = True, fit_again: bool = False,
) -> tuple[np.ndarray, Alignment]:  # fmt: skip
    """Return vectors (n, d) of passages in languages of a run, aligned like its own, and the alignment.

    `fit_again` fits the alignment to these passages, instead of reading it from the run folder.
    """
    encoder = load_run_encoder(run.recipe.encoder, run.manifest["encoder"], encoder)
    vectors = embed(passages, encoder=encoder, cache=cache, progress=progress)
    if fit_again:
        alignment = fit_alignment(passages, vectors, method=run.recipe.alignment)
    else:
        alignment = Alignment.from_arrays(store.read_array(run.path, "offsets"), run.manifest["alignment"])
    return alignment.apply(vectors, passages["lang"]), alignment


def is_up_to_date(out: Path, cache_key: str) -> bool:
    """Return whether the folder holds an undamaged run with this cache key."""
    try:
        return store.read_manifest(out).get("cache_key") == cache_key and not verify_run(out)
    except (ValueError, FileNotFoundError):  # a damaged run is fitted again
        return False


@dataclasses.dataclass(frozen=True)
class Prepared:
    """What later stages need to know about the corpus, beside its tables in the workspace."""

    reprint_of: list[dict[str, str]]  # per partition, {reprint: original} for the pairs that have either one in it
    n_passages: int  # modeled
    entries: dict[str, Any]  # of the manifest


def prepare(spec: RunSpec, work: Workspace, executor: Executor, timer: StageTimer) -> Prepared:
    """Read and segment the corpus: write tables `documents` and `passages` for every partition."""
    for_each = partial(executor.for_each, work)
    n, options = len(executor.partitions), {"skip_bad": spec.skip_bad, "metadata": spec.metadata}
    with timer.stage("reading"):
        read = for_each("read", steps.read_partition, executor.partitions, n_partitions=n, **options)
        frames = [frame for frame, _ in read]
        _warn(read)
        index = pd.concat(frames, ignore_index=True)
        if len(index) and index["dropped"].str.startswith("unreadable").all():
            raise ValueError(f"none of the {len(index)} files could be read; the first: {index['dropped'].iloc[0]}")
        index["source"] = unify_outlet_names(index["source"])
        ids, dropped = resolve_duplicates(index)
        resolved = pd.DataFrame({"doc_id": ids, "source": index["source"], "dropped": dropped})
        summarize_time_window(index.assign(dropped=dropped), spec.recipe.period)  # raises if it has no article
        ends = np.cumsum([len(frame) for frame in frames])
        chunks = [resolved.iloc[end - len(frame) : end] for frame, end in zip(frames, ends, strict=True)]
    with timer.stage("joining"):
        written = for_each("document", steps.write_documents, chunks, sources=spec.sources)
        _warn(written)
    with timer.stage("segmenting"):
        rules = combine_counts(for_each("lines", steps.count_partition_lines))
        settings = {"recipe": spec.recipe, "lexicon": spec.lexicon, "rules": rules}
        for_each("segment", steps.segment_partition, n_partitions=n, **settings)
        reprint_of = steps.find_reprints_by_partition(work, executor)
        excluded, languages = (spec.curation.corpus[key] for key in ("exclude_passages", "lang"))
        remembered = {passage for decision in spec.curation.topics.values() for passage in decision.passages}
        mark = partial(steps.mark_partition_reprints, excluded=excluded, languages=languages, remembered=remembered)
        marked = for_each("mark", mark, reprint_of)
        n_passages, in_corpus = sum(n for n, _ in marked), set().union(*(ids for _, ids in marked))
        if remembered and not remembered & in_corpus:  # before the long computation
            raise ValueError(
                f"{spec.curation_file} is of another corpus: none of the passages that it remembers is here"
            )
        if missing := set(excluded) - in_corpus:
            what = f"{len(missing)} of {len(excluded)} exclude_passages are not in the corpus"
            warnings.warn(f"{spec.curation_file}: {what}, such as {min(missing)}", stacklevel=3)
    if not n_passages:
        raise ValueError(empty_corpus_message(dropped))
    entries = {"rules": rules.to_dict(), "synthetic": any(is_synthetic for is_synthetic, _ in written)}
    return Prepared(reprint_of, n_passages, entries | {"texts_sha256": store.hash_values(index["text"].tolist())})


def _warn(results: Iterable[tuple[Any, list[str]]]) -> None:
    """Give the warnings of all partitions in this process, each once and at most `MAX_WARNINGS` of them."""
    distinct = list(dict.fromkeys(message for _, messages in results for message in messages))
    for message in distinct[:MAX_WARNINGS]:
        warnings.warn(message, stacklevel=4)
    if len(distinct) > MAX_WARNINGS:
        warnings.warn(f"{len(distinct) - MAX_WARNINGS} more warnings about other partitions", stacklevel=4)


def _compute(
    spec: RunSpec, work: Workspace, executor: Executor, timer: StageTimer, encoder: str | Path | Encoder,
    cache: str | Path | None,
) -> tuple[dict[str, Any], dict[str, np.ndarray], dict[str, Any], Callable[[], np.ndarray]]:  # fmt: skip
    """Return the tables, arrays and manifest entries of a run, and a function that reads the vectors of its topics."""
    recipe, words, n = spec.recipe, spec.curation.words, len(executor.partitions)
    for_each = partial(executor.for_each, work)

    def for_sample(stage: str, step: Callable, **settings: Any) -> None:
        executor.map(stage, partial(step, work, allocation=allocation, recipe=recipe, **settings), [n])

    prepared = prepare(spec, work, executor, timer)
    with timer.stage("embedding"):
        loaded = load_encoder(encoder)
        encoder = loaded if executor.client is None else encoder  # a loaded model cannot be sent to workers
        in_process = executor.client is None and timer.progress
        strata = for_each("embed", steps.embed_partition, encoder=encoder, cache=cache, progress=in_process)
        sizes = pd.concat(strata).groupby(level=STRATUM_COLUMNS).sum()
    with timer.stage("aligning"):
        allocation = allocate(sizes) if sizes.sum() > MAX_SAMPLE_SIZE else None
        if allocation is not None:
            for_each("sample", steps.sample_partition, allocation=allocation, recipe=recipe)
        for_sample("align", steps.align_sample)
    with timer.stage("fitting"):
        for_sample("fit", steps.fit_sample)
        alignment, fitted = steps.read_alignment(work, recipe), work.read("fit/topics")
        topic_ids, centroids = work.read_array("fit/topic_ids"), work.read_array("fit/centroids")
        by_partition = [fitted[fitted["partition"] == i] for i in range(n)]
        read_space = partial(steps.cluster_space, alignment=alignment, recipe=recipe)
        options: dict[str, Any] = {"read_space": read_space, "centroids": (topic_ids, centroids)}
        topics = pd.concat(for_each("assign", steps.assign_partition, by_partition, **options))
        remote_topics = [topics[topics.index.isin(set(originals.values()))] for originals in prepared.reprint_of]
        all_topics = sorted(set(fitted["topic"].tolist()))
    with timer.stage("counting"):
        options |= {"topics": all_topics, "words": words}
        candidates = for_each("count", steps.tabulate_topics, remote_topics, **options)
    with timer.stage("describing"):
        settings: dict[str, Any] = {"centroids": (topic_ids, centroids), "period": recipe.period, "words": words}
        make = partial(topic_tables, work, executor, candidates, **settings)
        work.make_missing(DESCRIPTION_TABLES, 0, make)
        of_topics = {name: work.read(f"{name}/0") for name in DESCRIPTION_TABLES}
    with timer.stage("matching"):
        themes = spec.theme_definitions
        theme_quotes = for_each("theme", steps.tabulate_themes, themes=themes)
    with timer.stage("tabulating"):
        tables: dict[str, Any] = document_tables(work, executor) | {"points": work.read("fit/points")}
        of_themes = theme_tables(work, executor, theme_quotes, themes=themes, period=recipe.period, words=words)
        tables |= join_kinds(of_topics, of_themes)
    if recipe.stability:
        with timer.stage("stability"):
            for_sample("refit", steps.refit_sample)
            tables["stability"] = work.read("stability/table")
    if recipe.quality:
        with timer.stage("evaluating"):
            for_sample("evaluate", steps.evaluate_sample, progress=in_process)
            tables |= {name: work.read(f"{name}/0") for name in QUALITY_TABLES}
    documents = work.read_partitions("documents", n, ["dropped", "lang", "date"])
    entries = describe_run(spec, documents, prepared.n_passages, topic_ids, alignment, spec.curation.corpus["lang"])
    entries |= {
        # A sample of a large corpus is drawn before the fit, which does not know of the other passages.
        "topic_steps": work.read("fit/steps").to_dict("records")[0]
        | {"n_outside_sample": prepared.n_passages - len(tables["points"])},
        **prepared.entries,
        "encoder": loaded.identity,
    }
    arrays = {"centroids": centroids, "offsets": alignment.offsets}
    return tables, arrays, entries, partial(steps.read_whole_space, work, n, read_space)


def describe_run(
    spec: RunSpec, documents: pd.DataFrame, n_passages: int, topic_ids: np.ndarray, alignment: Alignment | None,
    languages: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """Return the entries of the manifest that describe the result of a run; `languages`: if only some are modeled."""
    in_shares = documents[documents["lang"].isin(languages)] if languages else documents
    counts = {"articles": int((documents["dropped"] == "").sum()), "passages": n_passages, "topics": len(topic_ids)}
    return {
        "alignment": alignment.to_arrays()[1] if alignment else {"languages": [], "method": "unknown"},
        "topic_ids": topic_ids.tolist(),
        **themes_for_manifest(spec.theme_definitions),
        "period": summarize_time_window(in_shares, spec.recipe.period),
        "synthetic": steps.is_synthetic(documents),
        "counts": counts,
    }


def empty_corpus_message(dropped: pd.Series) -> str:
    """Return the error for a corpus without passages, with the number of articles per drop reason."""
    reasons = dropped.map(lambda why: why.partition(":")[0] or "in another language or without words")
    counts = ", ".join(f"{n} {reason}" for reason, n in reasons.value_counts().items())
    message = f"nothing to fit: no Persian or Arabic passage in {len(dropped)} articles"
    return f"{message} ({counts})" if counts else message


class StageTimer:
    """Record each stage: its time, the peak memory of the process so far, and whether its result was reused."""

    def __init__(self, progress: bool, work: Workspace | None = None) -> None:
        self.progress, self.work = progress, work
        self.stages: list[dict[str, Any]] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block as one stage, and mark it as done in the workspace."""
        start, folders = time.perf_counter(), STAGES[name][2] if self.work and name in STAGES else ()
        reused = self.work is not None and bool(folders) and self.work.exists(f"{folders[-1]}/done")
        with progress_line(f"{name:<11} ", self.progress) as end:
            yield
            seconds = time.perf_counter() - start
            end.append(f"{seconds:6.1f} s{'   (reused)' if reused else ''}")
        self.stages.append({"stage": name, "seconds": round(seconds, 2), **_peak_memory(), "reused": reused})
        if self.work and folders:
            self.work.mark_done(folders[-1])


def _peak_memory() -> dict[str, int]:
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return {}
    # ru_maxrss is in bytes on macOS and in kilobytes elsewhere.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    return {"peak_memory_mb": round(peak)}
