"""The whole way from files to a run folder and back to new articles: the only room that knows all the others."""

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
from topiclib.corpus import time_window as period
from topiclib.corpus.documents import to_documents
from topiclib.corpus.flow import count_flow
from topiclib.embedding.alignment import Alignment, fit_alignment
from topiclib.runs import store
from topiclib.runs.spec import Corpus, RunSpec
from topiclib.text import DEFAULT_LEXICON, Lexicon
from topiclib.themes import read_themes, themes_for_manifest
from topiclib.topics.centroids import compute_centroids, nearest_centroid
from topiclib.topics.fit import centroid_space, fit
from topiclib.topics.recipe import Recipe

if TYPE_CHECKING:
    from topiclib.embedding.encoder import Encoder


@dataclasses.dataclass(frozen=True)
class Run:
    """A run folder opened: `path`, `manifest`, `recipe`, and `tables` by name, read when they are first asked for."""

    path: Path
    manifest: dict[str, Any]

    @property
    def recipe(self) -> Recipe:
        """Return the recipe that made the run.

        Raises
        ------
        ValueError
            If it has a field that this topiclib does not know: another version made the run.
        """
        known = {field.name for field in dataclasses.fields(Recipe)}
        if unknown := sorted(set(self.manifest["recipe"]) - known):
            made = self.manifest.get("versions", {}).get("topiclib", "another version")
            raise ValueError(f"{self.path} was made by topiclib {made} with {unknown[0]!r}, unknown here: fit it again")
        return Recipe(**self.manifest["recipe"])

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the run's tables by name."""
        return store.read_tables(self.path)

    def __repr__(self) -> str:
        found = ", ".join(f"{n} {what}" for what, n in self.manifest["found"].items())
        return f"Run({str(self.path)!r}: {found})"


def run(
    corpus: Corpus,
    *,
    out: str | Path,
    recipe: Recipe | None = None,
    themes: str | Path | None = None,
    sources: str | Path | None = None,
    skip_bad: bool = False,
    lexicon: Lexicon = DEFAULT_LEXICON,
    cache: str | Path | None = None,
    force: bool = False,
    progress: bool = True,
) -> Run:
    """Read, prepare, embed, align, fit and tabulate a corpus, and write it all into a run folder.

    Parameters
    ----------
    corpus
        Folders and files, as `read_documents` takes them, or a documents frame.
    out
        The run folder. A run that is there already is replaced at the end, or returned as it is when nothing changed
        that decides the result.
    recipe
        Default: `Recipe()`.
    themes
        A theme file; None: the shipped one.
    sources, skip_bad
        As `read_documents` takes them.
    lexicon
        Persian forms for the repair of lost half-spaces; `topiclib.text.Lexicon.learn(texts)` adds those of texts that
        still have theirs.
    cache
        Where vectors are kept, as `embed` takes it: a folder or a file; None: the user's cache folder.
    force
        Do it again even if nothing changed.
    progress
        Say on standard error what is being done.

    Returns
    -------
    Run
        The run, as `open_run` reads it.

    Raises
    ------
    FileNotFoundError, FileExistsError, ValueError
        If something given cannot be used; nothing is written then.
    """
    order = RunSpec(corpus, recipe or Recipe(), themes, sources, skip_bad, lexicon)
    out = store.check_output_folder(out)
    asked = order.facts()
    key = store.hash_values(asked)
    if not force and is_up_to_date(out, key):
        print_progress(progress, f"unchanged: {out} is up to date")
        return open_run(out)
    clock = StageTimer(progress)
    tables, arrays, facts = _fit_run(order, clock, cache)
    manifest = {**asked, **facts, "key": key, "stages": clock.stages, "platform": platform.platform()}
    store.write_run(out, tables, arrays, manifest)
    return open_run(out)


def open_run(path: str | Path) -> Run:
    """Open a run folder.

    Raises
    ------
    FileNotFoundError, ValueError
        If the folder is no run, or damaged.
    """
    return Run(Path(path).absolute(), store.read_manifest(path))


def assign_topics(
    run: Run | str | Path,
    documents: pd.DataFrame,
    *,
    encoder: str | Path | Encoder | None = None,
    cache: str | Path | None = None,
    lexicon: Lexicon = DEFAULT_LEXICON,
) -> pd.DataFrame:
    """Place new articles into the topics of an old run, from the run folder alone.

    Parameters
    ----------
    run
        A run, or its folder.
    documents
        As `read_documents` returns them, or any frame with `text`.
    encoder, cache
        As `embed` takes them. The encoder of a run that is none of topiclib's own names has to be given, since a run
        folder may come from anybody.
    lexicon
        The one that the run was made with.

    Returns
    -------
    DataFrame
        Table `assignments`: each passage's topic is the one with the nearest centroid, similarity is the cosine to it.
        Passages in a language that the run did not have are left out. To set new articles against old ones, place both:
        the run's own were cut in a graph, and some (7 % of one run) have a nearer centroid elsewhere.

    Raises
    ------
    ValueError
        If there is no passage to place, or the encoder is not given or another than the run's.
    """
    from topiclib.corpus.passages import make_passages

    run = run if isinstance(run, Run) else open_run(run)
    languages = run.manifest["alignment"]["languages"]
    documents = documents if "dropped" in documents else to_documents(documents)
    if lexicon.hash != run.manifest["lexicon"]:
        raise ValueError(f"{run.path} was made with other learnt forms: give the lexicon that it was made with")
    kept = documents[documents["dropped"] == ""]
    passages = make_passages(kept, max_words=run.recipe.max_words, lexicon=lexicon)
    passages = passages[passages["lang"].isin(languages)].reset_index(drop=True)
    if passages.empty:
        raise ValueError(f"no passage to place: the {len(documents)} articles have no text in {', '.join(languages)}")
    aligned, _ = aligned_vectors(run, passages, encoder=encoder, cache=cache)
    rows = centroid_space(aligned, run.recipe)
    topic, similarity = nearest_centroid(
        rows, np.array(run.manifest["topics"]), store.read_array(run.path, "centroids")
    )
    frame = pd.DataFrame({"passage_id": passages["passage_id"], "topic": topic, "similarity": similarity})
    return schema.conform(frame, "assignments")


def fitted_passages(run: Run) -> pd.DataFrame:
    """Return the passages that a run's topics were found in, with the outlet and month of each."""
    from topiclib.corpus.passages import add_outlet_and_month

    passages = run.tables["passages"]
    return add_outlet_and_month(passages[passages["modeled"]].reset_index(drop=True), run.tables["documents"])


def aligned_vectors(
    run: Run,
    passages: pd.DataFrame,
    *,
    encoder: str | Path | Encoder | None = None,
    cache: str | Path | None = None,
    progress: bool = True,
    fit_again: bool = False,
) -> tuple[np.ndarray, Alignment]:
    """Return the vectors of passages, aligned as a run's are, and the alignment.

    Parameters
    ----------
    run, passages
        The run; passages in its languages, its own (`fitted_passages`) or new ones.
    encoder, cache, progress
        As `assign_topics` and `embed` take them.
    fit_again
        Fit the alignment to these passages, in place of the one that is in the run folder.

    Returns
    -------
    numpy.ndarray, Alignment
        (n, d) unit rows, row i belongs to passages.iloc[i].
    """
    from topiclib.embedding.embed import embed
    from topiclib.embedding.registry import load_run_encoder

    chosen, lang = load_run_encoder(run.recipe.encoder, run.manifest["encoder"], encoder), passages["lang"].tolist()
    vectors = embed(passages, encoder=chosen, cache=cache, progress=progress)
    if fit_again:
        alignment = fit_alignment(vectors, lang, method=run.recipe.alignment, texts=passages["text"].tolist())
    else:
        alignment = Alignment.from_arrays(store.read_array(run.path, "offsets"), run.manifest["alignment"])
    return alignment.apply(vectors, lang), alignment


def is_up_to_date(out: Path, key: str) -> bool:
    """Tell whether the folder holds a whole run with this key. A damaged one is made again."""
    if not (out / store.MANIFEST_FILE).is_file():
        return False
    try:
        return store.read_manifest(out).get("key") == key and not store.verify_run(out)
    except ValueError:
        return False


def _fit_run(
    order: RunSpec, clock: StageTimer, cache: str | Path | None
) -> tuple[dict[str, pd.DataFrame], dict[str, np.ndarray], dict[str, Any]]:
    from topiclib.corpus.passages import add_outlet_and_month, make_passages
    from topiclib.embedding.embed import embed
    from topiclib.embedding.registry import encoder

    recipe = order.recipe
    with clock.stage("reading"):
        documents = order.documents()
    with clock.stage("preparing"):
        everything = make_passages(documents, max_words=recipe.max_words, keep="all", lexicon=order.lexicon)
        passages = everything[everything["modeled"]].reset_index(drop=True)
    if passages.empty:
        raise ValueError(_empty_corpus_message(documents))
    with clock.stage("embedding"):
        chosen = encoder(recipe.encoder)
        vectors = embed(passages, encoder=chosen, cache=cache, progress=clock.progress)
    with clock.stage("aligning"):
        lang, texts = passages["lang"].tolist(), passages["text"].tolist()
        alignment = fit_alignment(vectors, lang, method=recipe.alignment, texts=texts)
        aligned = alignment.apply(vectors, lang)
    if not recipe.quality:
        del vectors  # of 100,000 passages 150 MB, before the stages that take most
    with clock.stage("fitting"):
        rows = add_outlet_and_month(passages, documents)
        model = fit(rows, aligned, recipe)
    with clock.stage("telling"):
        from topiclib.runs.tables import tabulate

        themes = read_themes(order.themes)
        tables = tabulate(model, documents, everything, aligned, themes=themes, period=recipe.period, seed=recipe.seed)
        tables["flow"] = count_flow(documents, everything)
    if recipe.stability:
        with clock.stage("stability"):
            from topiclib.evaluate.stability import stability

            tables["stability"] = stability(rows, aligned, recipe, n_refits=recipe.stability, topics=model.topics_)
    if recipe.quality:
        with clock.stage("measuring"):
            from topiclib.evaluate.quality import quality

            found = {"topics": model.topics_, "progress": clock.progress}
            tables |= quality(rows, vectors, tables["themes"], recipe, **found)
    known, means = compute_centroids(centroid_space(aligned, recipe), np.asarray(model.topics_))
    offsets, alignment_facts = alignment.to_arrays()
    facts = {
        "encoder": chosen.identity,
        "alignment": alignment_facts,
        "topics": known.tolist(),
        **themes_for_manifest(themes),
        "period": period.summarize_time_window(documents, recipe.period),
        "synthetic": is_synthetic(documents),
        "found": {"articles": int((documents["dropped"] == "").sum()), "passages": len(passages), "topics": len(known)},
    }
    return tables, {"centroids": means, "offsets": offsets}, facts


def _empty_corpus_message(documents: pd.DataFrame) -> str:
    reasons = documents["dropped"].map(lambda why: why.partition(":")[0] or "in another language or without words")
    counts = ", ".join(f"{n} {reason}" for reason, n in reasons.value_counts().items())
    return (
        f"nothing to fit: no Persian or Arabic passage in {len(documents)} articles{f' ({counts})' if counts else ''}"
    )


def is_synthetic(documents: pd.DataFrame) -> bool:
    """Tell whether an article says of itself that nobody published it."""
    said = documents["synthetic"].astype(str).str.lower() if "synthetic" in documents else pd.Series(dtype=str)
    return bool(said.isin(["true", "1", "yes"]).any())


class StageTimer:
    """Measure the time and the peak memory of each stage, and print the time as it ends."""

    def __init__(self, progress: bool) -> None:
        self.progress = progress
        self.stages: list[dict[str, Any]] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
        self.stages.append({"stage": name, "seconds": round(seconds, 2), "peak_memory_mb": round(peak)})
        print_progress(self.progress, f"{name:<10} {seconds:6.1f} s")


def print_progress(progress: bool, line: str) -> None:
    """Print a line on standard error, where progress is asked for."""
    if progress:
        print(line, file=sys.stderr, flush=True)
