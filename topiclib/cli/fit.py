"""The command `topiclib fit`: fit a corpus and write a run folder, in one process or on Dask."""

from __future__ import annotations

import argparse
import dataclasses
import warnings
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import topiclib as tl
from topiclib.cli.command import CACHE, METADATA, SEED, SOURCES, argument, takes
from topiclib.topics.recipe import Recipe

# Help of the options that are fields of Recipe: `Recipe` decides their names, types, choices and defaults.
RECIPE_HELP = {
    "seed": "random seed",
    "min_topic_size": "minimum passages per topic (default: by corpus size)",
    "n_topics": "number of topics (default: found by the clustering)",
    "clustering": "Leiden communities, or UMAP with HDBSCAN",
    "resolution": "Leiden resolution: higher for more topics",
    "n_neighbors": "hdbscan: UMAP's neighbors of each passage",
    "n_components": "hdbscan: UMAP's dimensions to cluster in",
    "encoder": "e5-small, a sentence-transformers model, or a folder",
    "alignment": "how language is removed from the vectors",
    "outliers": "assign outliers to the nearest topic, or keep them as topic -1",
    "balance": "outlet: find topics in a sample that no outlet dominates",
    "max_words": "maximum words per passage",
    "period": "months of shares: overlap (in which both languages have articles), all, or 2015-07/2016-01",
    "stability": "refit with N seeds and N subsamples",
    "quality": "check language mixing, planted differences and other settings",
}


def _recipe_arguments() -> Iterator[Any]:
    """Yield an option for each field of Recipe; those that are not given are left to Recipe, or to --recipe."""
    for name, kind in get_type_hints(Recipe).items():
        kinds: Any = get_args(kind) or (kind,)
        settings = {"choices": kinds} if get_origin(kind) is Literal else {"type": kinds[0]}  # of int | None: int
        settings = {"action": argparse.BooleanOptionalAction} if kind is bool else settings
        default, text = getattr(Recipe, name), RECIPE_HELP[name]
        text += "" if default is None or kind is bool else f" (default: {default})"
        settings["default"] = argparse.SUPPRESS
        yield (f"--{name.replace('_', '-')}",), {"help": text, **settings}


@takes(
    argument("corpus", nargs="*", metavar="CORPUS", help="one or more files or folders of articles"),
    argument("--sample", action="store_true", help="use the bundled synthetic sample instead of CORPUS"),
    argument("--out", required=True, metavar="RUN", help="the run folder to write"),
    SOURCES,
    METADATA,
    argument("--themes", nargs="+", action="extend", metavar="FILE", help="theme files (default: the shipped one)"),
    argument("--curation", metavar="FILE", help="decisions about topics and corpus, as topiclib curate writes them"),
    argument("--recipe", metavar="RUN", help="use the settings and themes of this run, except for options given here"),
    argument("--extend", metavar="RUN", help="add CORPUS to the topics of this run, which is not changed"),
    *_recipe_arguments(),
    CACHE,
    argument("--skip-bad", action="store_true", help="report unreadable files and continue without them"),
    argument("--dask", nargs="?", const="local", metavar="ADDRESS", help="run on Dask: on all cores, or at ADDRESS"),
    argument("--work", type=str, metavar="DIR", help="with --dask: folder for results of stages (default: RUN.work)"),
    argument("--force", action="store_true", help="compute all stages again, even if nothing changed"),
    argument("--quiet", action="store_true", help="print errors only"),
)
def fit(
    corpus: list[str], *, sample: bool, recipe: Path | None, extend: Path | None, dask: str | None, work: str | None,
    quiet: bool, **settings: Any,
) -> None:  # fmt: skip
    """Fit articles and write a run folder.

    Read articles, segment them into passages, embed them, align the vectors of both
    languages, fit BERTopic, and write a run folder: tables (Parquet), centroids and
    a manifest. A stage whose inputs, settings and versions have not changed is not
    computed again, even if the previous run was killed or had other themes.

    Folders are searched for .txt, .docx and .html (one article per file), .jsonl,
    .json, .csv, .tsv, .xlsx and .parquet files (one article per row).
    A table needs a column text (or body, content, article, full_text); id, title,
    lang, date, source (or outlet), section and url are optional, and other columns
    are kept.
    See first what is found in them: topiclib inspect CORPUS.

    With --dask (pip install "topiclib[scale]") a corpus too large for one process
    is split into partitions, processed by Dask workers on this machine or of the
    scheduler at ADDRESS (tcp://host:8786). CORPUS and --work may be URLs such as
    s3://news/2020, to which all workers have access. Delete RUN.work when the run
    is complete. See docs/SCALE.md.

    With --recipe RUN the settings and the themes of another run are used, such as
    a colleague's; options given beside it override them. An encoder that is not one
    of topiclib's own has to be named again with --encoder.

    With --extend RUN the articles are added to a finished run, such as those of the
    next month, with its settings and themes: their passages are assigned to its
    topics, and keywords, quotes, shares and timelines are computed again from all
    articles. Those that the run has already are skipped. Passages far from every
    topic are listed in table candidates (topiclib export RUN2 --tables csv).

    With --curation the decisions of a file (names, merges, splits, dropped topics,
    stop words, ...) are applied to the topics that are found.

    A theme file replaces the shipped themes, or adds to them if its first line is
    extends = "shipped".

    Example: topiclib fit --sample --out runs/sample
    """
    from topiclib.evaluate.theme_coding import describe_checks
    from topiclib.runs.summary import format_summary, list_decisions

    if sample == bool(corpus):
        hint = "; name it before --themes, which takes all names after it" if settings["themes"] and not corpus else ""
        raise ValueError(f"expected either CORPUS (files or folders of articles) or --sample{hint}")
    given = {name: settings.pop(name) for name in RECIPE_HELP if name in settings}
    settings |= {"recipe": Recipe(**given), "progress": not quiet}
    if recipe and not extend:
        settings |= _read_settings(recipe, given, settings)
    if extend:
        fixed = {**settings, "recipe": recipe, "dask": dask, "work": work}
        refused = [*given, *(name for name in ("themes", "curation", "recipe", "dask", "work", "force") if fixed[name])]
        if refused := [name for name in refused if name != "encoder"]:
            option = f"--{refused[0].replace('_', '-')}"
            raise ValueError(f"--extend takes settings, themes and decisions from {extend}: remove {option}")
        _warn_of_sources(tl.open_run(extend), settings)
        used = {name: settings[name] for name in ("out", "sources", "metadata", "skip_bad", "cache", "progress")}
        result = tl.extend(extend, tl.load_sample() if sample else corpus, encoder=given.get("encoder"), **used)
    elif dask:
        result = _run_on_dask(corpus, sample, dask, work, settings)
    elif work:
        raise ValueError("--work needs --dask: add --dask, or remove --work")
    else:
        result = tl.run(tl.load_sample() if sample else corpus, **settings)
    if not quiet:
        decisions = list_decisions(result.manifest)
        lines = ["", "Decisions about topics and corpus:", *decisions] if decisions else []
        checks = describe_checks(settings["out"], result.tables, result.manifest["themes"])
        summary = format_summary(result.tables, result.manifest, checks)
        print(summary, *lines, f"\nRun folder: {settings['out']}", sep="\n")


def _read_settings(path: Path, given: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """Return the recipe and the theme file of a run, as far as the options leave them open."""
    from topiclib.embedding.registry import check_run_encoder
    from topiclib.themes.theme_file import THEME_FILE

    run = tl.open_run(path)
    recipe = dataclasses.replace(run.recipe, **given)
    if "encoder" not in given:
        check_run_encoder(recipe.encoder)
    themes = settings["themes"] or path / THEME_FILE
    if not settings["themes"] and not themes.is_file():
        raise FileNotFoundError(f"{path} has no {THEME_FILE}, as runs of earlier versions: pass --themes FILE")
    _warn_of_sources(run, settings)
    if run.manifest["lexicon_sha256"] != tl.text.DEFAULT_LEXICON.digest:
        what = "another lexicon, which only Python takes: topiclib.run(..., lexicon=...)"
        warnings.warn(f"{path} was made with {what}", stacklevel=2)
    return {"recipe": recipe, "themes": themes}


def _warn_of_sources(run: tl.Run, settings: dict[str, Any]) -> None:
    if run.manifest["sources"] and not settings["sources"]:
        what = f"the table of outlets {run.manifest['sources'][0]['name']}: pass it with --sources"
        warnings.warn(f"{run.path} was made with {what}", stacklevel=2)


@takes(
    argument("corpus", nargs="+", metavar="CORPUS", help="one or more files or folders of articles"),
    SOURCES,
    METADATA,
    argument("--max-words", type=int, default=Recipe.max_words, help=RECIPE_HELP["max_words"]),
    SEED,
)
def inspect(corpus: list[str], **settings: Any) -> None:
    """Report what is found in articles before anything is fitted.

    Files, columns, languages, outlets, months, dates that could not be read, words
    left out and why, and five random passages of each language.

    Example: topiclib inspect articles/ --sources outlets.csv
    """
    print(tl.inspect(corpus, **settings))


def _run_on_dask(corpus: Any, sample: bool, address: str, work: str | None, settings: dict[str, Any]) -> tl.Run:
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError('--dask needs Dask: pip install "topiclib[scale]"') from error
    from topiclib.corpus.sample import sample_paths, sample_sources

    if sample:
        corpus, settings["sources"] = sample_paths(), settings["sources"] or sample_sources()
    local = address == "local"
    if not local and ":" not in address:  # argparse took CORPUS for the optional value
        raise ValueError(f"--dask {address}: expected tcp://HOST:8786, or --dask at the end for all local cores")
    with (
        LocalCluster(threads_per_worker=1, dashboard_address=None) if local else nullcontext(address) as cluster,
        Client(cluster) as client,
    ):
        return tl.run(corpus, client=client, workspace=work, **settings)
