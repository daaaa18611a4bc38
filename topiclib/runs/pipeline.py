"""Run the pipeline from files to a run folder, and assign new articles to the topics of an existing run."""

from __future__ import annotations

import dataclasses
import platform
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.corpus.documents import to_documents
from topiclib.corpus.flow import count_flow
from topiclib.corpus.time_window import summarize_time_window
from topiclib.embedding.alignment import Alignment, fit_alignment
from topiclib.runs import store
from topiclib.runs.check import verify_run
from topiclib.runs.spec import Corpus, RunSpec
from topiclib.runs.summary import format_summary_html
from topiclib.text import DEFAULT_LEXICON, Lexicon
from topiclib.themes import read_themes, themes_for_manifest
from topiclib.topics.assignment import compute_centroids, nearest_centroid
from topiclib.topics.fit import centroid_space, fit
from topiclib.topics.recipe import Recipe

if TYPE_CHECKING:
    from topiclib.embedding.encoder import Encoder


@dataclasses.dataclass(frozen=True)
class Run:
    """An open run folder: `path`, `manifest`, `recipe`, and its tables, read on first access.

    Each table is an attribute (``run.topics``, ``run.shares``); ``run.tables`` is a dict of all.
    """

    path: Path
    manifest: dict[str, Any]

    @property
    def recipe(self) -> Recipe:
        """The recipe of the run.

        Raises
        ------
        ValueError
            If it has a field that this version of topiclib does not have.
        """
        fields = {field.name for field in dataclasses.fields(Recipe)}
        if unknown := sorted(set(self.manifest["recipe"]) - fields):
            made = f"{self.path} was made by topiclib {self.manifest.get('versions', {}).get('topiclib', '?')}"
            raise ValueError(f"{made}, whose recipe has {unknown[0]!r}, unknown in this version: fit the corpus again")
        return Recipe(**self.manifest["recipe"])

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of the run by name."""
        return store.read_tables(self.path)

    def __getattr__(self, name: str) -> pd.DataFrame:
        # `vars`: copy and pickle ask for methods before the fields are set, when self.manifest would come here again.
        if name in (names := store.table_names(vars(self).get("manifest", {}))):
            return self.tables[name]
        raise AttributeError(f"the run has no table or attribute {name!r}; its tables are {', '.join(names)}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *store.table_names(self.manifest)]

    def _repr_html_(self) -> str:
        return format_summary_html(self.tables, self.manifest)

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {what}" for what, n in self.manifest["counts"].items())
        return f"Run({str(self.path)!r}: {counts})"


def run(
    corpus: Corpus, *, out: str | Path, recipe: Recipe | None = None, encoder: str | Path | Encoder | None = None,
    themes: str | Path | None = None, sources: str | Path | None = None,
    metadata: str | Path | None = None, skip_bad: bool = False, lexicon: Lexicon = DEFAULT_LEXICON,
    cache: str | Path | None = None, force: bool = False, progress: bool = True,
) -> Run:  # fmt: skip
    """Read, segment, embed, align, fit and tabulate a corpus, and write the results to a run folder.

    Parameters
    ----------
    corpus
        Folders and files, as `read_documents` takes them, or a documents frame.
    out
        The run folder. An existing run is replaced at the end, or returned if nothing that can change the result has
        changed.
    recipe
        Default: `Recipe()`.
    encoder
        As `embed` takes it, in place of the recipe's. The recipe of the run records the name, or an object's identity.
    themes
        A theme file; None: the one that ships with topiclib.
    sources, metadata, skip_bad
        As `read_documents` takes them.
    lexicon
        Persian words for restoring lost half-spaces; `topiclib.text.Lexicon.from_texts(texts)` adds those of texts that
        still have them.
    cache
        Cache of the vectors, as `embed` takes it: a folder or a file; None: the user's cache folder.
    force
        Compute the run even if it is up to date.
    progress
        Print progress on standard error.

    Returns
    -------
    Run
        The run, as `open_run` reads it.

    Raises
    ------
    FileNotFoundError, FileExistsError, ValueError
        If an input cannot be used; then nothing is written.
    """
    from topiclib.embedding.registry import encoder_name

    recipe = recipe or Recipe()
    if encoder is not None:
        recipe = dataclasses.replace(recipe, encoder=encoder_name(encoder))
    spec = RunSpec(corpus, recipe, themes, sources, skip_bad, lexicon, metadata)
    out = store.check_output_folder(out)
    spec_entries = spec.fingerprint()
    cache_key = store.hash_values(spec_entries)
    if not force and is_up_to_date(out, cache_key):
        print_progress(progress, f"unchanged: {out} is up to date")
        return open_run(out)
    timer = StageTimer(progress)
    tables, arrays, entries = _fit_run(spec, timer, recipe.encoder if encoder is None else encoder, cache)
    entries |= {"cache_key": cache_key, "stages": timer.stages, "platform": platform.platform()}
    store.write_run(out, tables, arrays, {**spec_entries, **entries})
    return open_run(out)


def open_run(path: str | Path) -> Run:
    """Open a run folder.

    Raises
    ------
    FileNotFoundError, ValueError
        If the folder is not a run, or damaged.
    """
    return Run(Path(path).absolute(), store.read_manifest(path))


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
        As `embed` takes them. An encoder that is not one of topiclib's own names must be passed explicitly, because a
        run folder may come from anyone.
    lexicon
        The lexicon that the run was made with; another one is refused.

    Returns
    -------
    DataFrame
        Table `assignments`: each passage's topic is the one with the nearest centroid, similarity is the cosine to it.
        Passages in a language that the run does not have are left out.

    Raises
    ------
    ValueError
        If there is no passage to assign, the lexicon differs from the run's, or the encoder is missing or differs.

    Notes
    -----
    To compare new articles with old ones, assign both this way: the run itself used graph communities, and some of its
    passages (7 % in one run) are nearer to another topic's centroid.
    """
    from topiclib.corpus.passages import make_passages

    run = run if isinstance(run, Run) else open_run(run)
    languages = run.manifest["alignment"]["languages"]
    documents = documents if "dropped" in documents else to_documents(documents)
    if lexicon.digest != run.manifest["lexicon_sha256"]:
        raise ValueError(f"{run.path} was made with a different lexicon: pass the one it was made with as lexicon=")
    passages = make_passages(documents[documents["dropped"] == ""], max_words=run.recipe.max_words, lexicon=lexicon)
    passages = passages[passages["lang"].isin(languages)].reset_index(drop=True)
    if passages.empty:
        raise ValueError(f"no passage to assign: the {len(documents)} articles have no text in {', '.join(languages)}")
    aligned, _ = aligned_vectors(run, passages, encoder=encoder, cache=cache)
    topic_ids, centroids = np.array(run.manifest["topic_ids"]), store.read_array(run.path, "centroids")
    topic, similarity = nearest_centroid(centroid_space(aligned, run.recipe), topic_ids, centroids)
    frame = pd.DataFrame({"passage_id": passages["passage_id"], "topic": topic, "similarity": similarity})
    return schema.conform(frame, "assignments")


def fitted_passages(run: Run) -> pd.DataFrame:
    """Return the modeled passages of a run, with the outlet and month of each."""
    from topiclib.corpus.passages import add_outlet_and_month

    return add_outlet_and_month(run.passages.query("modeled").reset_index(drop=True), run.documents)


def aligned_vectors(
    run: Run, passages: pd.DataFrame, *, encoder: str | Path | Encoder | None = None,
    cache: str | Path | None = None, progress: bool = True, fit_again: bool = False,
) -> tuple[np.ndarray, Alignment]:  # fmt: skip
    """Return vectors of passages, aligned like those of a run, and the alignment.

    Parameters
    ----------
    run, passages
        A run, and passages in its languages: its own (`fitted_passages`) or new ones.
    encoder, cache, progress
        As `assign_topics` and `embed` take them.
    fit_again
        Fit the alignment to these passages instead of using the one in the run folder.

    Returns
    -------
    numpy.ndarray, Alignment
        (n, d) unit rows; row i belongs to passages.iloc[i].
    """
    from topiclib.embedding.embed import embed
    from topiclib.embedding.registry import load_run_encoder

    encoder = load_run_encoder(run.recipe.encoder, run.manifest["encoder"], encoder)
    vectors = embed(passages, encoder=encoder, cache=cache, progress=progress)
    if fit_again:
        alignment = fit_alignment(passages, vectors, method=run.recipe.alignment)
    else:
        alignment = Alignment.from_arrays(store.read_array(run.path, "offsets"), run.manifest["alignment"])
    return alignment.apply(vectors, passages["lang"]), alignment


def is_up_to_date(out: Path, cache_key: str) -> bool:
    """Return whether the folder holds an undamaged run with this cache key."""
    if not (out / store.MANIFEST_FILE).is_file():
        return False
    try:
        return store.read_manifest(out).get("cache_key") == cache_key and not verify_run(out)
    except ValueError:  # a damaged run is fitted again
        return False


def _fit_run(
    spec: RunSpec, timer: StageTimer, encoder: str | Path | Encoder, cache: str | Path | None
) -> tuple[dict[str, pd.DataFrame], dict[str, np.ndarray], dict[str, Any]]:
    """Return the tables, arrays and manifest entries of a run."""
    from topiclib.corpus.passages import add_outlet_and_month, make_passages
    from topiclib.embedding.embed import embed
    from topiclib.embedding.registry import encoder as load_encoder
    from topiclib.runs.tables import tabulate

    recipe = spec.recipe
    with timer.stage("reading"):
        documents = spec.read_documents()
    with timer.stage("segmenting"):
        all_passages = make_passages(documents, max_words=recipe.max_words, keep="all", lexicon=spec.lexicon)
        passages = all_passages[all_passages["modeled"]].reset_index(drop=True)
    if passages.empty:
        raise ValueError(empty_corpus_message(documents["dropped"]))
    with timer.stage("embedding"):
        encoder = load_encoder(encoder)
        vectors = embed(passages, encoder=encoder, cache=cache, progress=timer.progress)
    with timer.stage("aligning"):
        alignment = fit_alignment(passages, vectors, method=recipe.alignment)
        aligned = alignment.apply(vectors, passages["lang"])
    if not recipe.quality:
        del vectors  # frees 150 MB for 100,000 passages before the stages that need most memory
    with timer.stage("fitting"):
        passages = add_outlet_and_month(passages, documents)
        model = fit(passages, aligned, recipe)
    with timer.stage("tabulating"):
        themes = read_themes(spec.themes)
        tables = tabulate(
            model, documents, all_passages, aligned, themes=themes, period=recipe.period, seed=recipe.seed
        )
        tables["flow"] = count_flow(documents, all_passages)
    if recipe.stability:
        with timer.stage("stability"):
            from topiclib.evaluate.stability import stability

            tables["stability"] = stability(passages, aligned, recipe, n_refits=recipe.stability, topics=model.topics_)
    if recipe.quality:
        with timer.stage("evaluating"):
            from topiclib.evaluate.quality import quality

            tables |= quality(
                passages, vectors, tables["themes"], recipe, topics=model.topics_, progress=timer.progress
            )
    topic_ids, centroids = compute_centroids(centroid_space(aligned, recipe), np.asarray(model.topics_))
    offsets, alignment_entry = alignment.to_arrays()
    n_articles = int((documents["dropped"] == "").sum())
    entries = {
        "encoder": encoder.identity,
        "alignment": alignment_entry,
        "topic_ids": topic_ids.tolist(),
        **themes_for_manifest(themes),
        "period": summarize_time_window(documents, recipe.period),
        "synthetic": is_synthetic(documents),
        "counts": {"articles": n_articles, "passages": len(passages), "topics": len(topic_ids)},
    }
    return tables, {"centroids": centroids, "offsets": offsets}, entries


def empty_corpus_message(dropped: pd.Series) -> str:
    """Return the error for a corpus without passages, with the number of articles per drop reason."""
    reasons = dropped.map(lambda why: why.partition(":")[0] or "in another language or without words")
    counts = ", ".join(f"{n} {reason}" for reason, n in reasons.value_counts().items())
    message = f"nothing to fit: no Persian or Arabic passage in {len(dropped)} articles"
    return f"{message} ({counts})" if counts else message


def is_synthetic(documents: pd.DataFrame) -> bool:
    """Return whether any article is marked as synthetic (column `synthetic`)."""
    values = documents["synthetic"].astype(str).str.lower() if "synthetic" in documents else pd.Series(dtype=str)
    return bool(values.isin(["true", "1", "yes"]).any())


class StageTimer:
    """Record, at the end of each stage, its time and the peak memory of the process so far; print the time."""

    def __init__(self, progress: bool) -> None:
        self.progress = progress
        self.stages: list[dict[str, Any]] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block as one stage."""
        start = time.perf_counter()
        yield
        seconds = time.perf_counter() - start
        # ru_maxrss is in bytes on macOS and in kilobytes elsewhere.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
        self.stages.append({"stage": name, "seconds": round(seconds, 2), "peak_memory_mb": round(peak)})
        print_progress(self.progress, f"{name:<11} {seconds:6.1f} s")


def print_progress(progress: bool, line: str) -> None:
    """Print a line on standard error if `progress` is true."""
    if progress:
        print(line, file=sys.stderr, flush=True)
