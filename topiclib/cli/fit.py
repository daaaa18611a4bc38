"""The command `topiclib fit`: fit a corpus and write a run folder, in one process or on Dask."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from topiclib.runs.pipeline import Run

FIT_DESCRIPTION = """Read articles, segment them into passages, embed them, align the vectors of both
languages, fit BERTopic, and write a run folder: tables (Parquet), centroids and
a manifest. If no input, setting or version has changed, nothing is computed.

Folders are searched for .txt and .html (one article per file), .jsonl, .csv,
.tsv and .parquet files (one article per row). A table needs a column text (or
body, content, article, full_text); id, title, lang, date, source (or outlet),
section and url are optional, and other columns are kept.

With --dask (pip install "topiclib[scale]") a corpus too large for one process
is split into partitions, processed by Dask workers on this machine or by those
of the scheduler at ADDRESS (tcp://host:8786). Results of each step are stored in
RUN.work, so a killed run resumes where it stopped; delete the folder when the
run is complete. Workers need the same topiclib and access to CORPUS and --work,
which may be addresses such as s3://news/2020. See docs/SCALE.md.
"""


def add_command(commands: Any) -> None:
    """Add the command to the command line."""
    fit = commands.add_parser("fit", help="fit articles and write a run folder", description=FIT_DESCRIPTION)
    option = fit.add_argument
    option("corpus", nargs="*", metavar="CORPUS", help="one or more files or folders of articles")
    option("--sample", action="store_true", help="use the bundled synthetic sample instead of CORPUS")
    option("--out", required=True, type=Path, metavar="RUN", help="the run folder to write")
    option("--sources", type=Path, metavar="FILE", help="a table of outlets (source, country, owner, ...) to join")
    option("--themes", type=Path, metavar="FILE", help="a theme file (default: the bundled one)")
    option("--seed", type=int, default=0, help="random seed (default: 0)")
    option("--min-topic-size", type=int, metavar="N", help="minimum passages per topic (default: by corpus size)")
    option("--n-topics", type=int, metavar="N", help="number of topics (default: found by the clustering)")
    clusterings = "Leiden communities (default), or UMAP with HDBSCAN"
    option("--clustering", default="communities", choices=["communities", "hdbscan"], help=clusterings)
    option("--resolution", type=float, default=1.0, help="Leiden resolution: higher for more topics (default: 1.0)")
    balance = "outlet: find topics in a sample that no outlet dominates (default: none)"
    option("--balance", default="none", choices=["none", "outlet"], help=balance)
    option("--stability", type=int, default=0, metavar="N", help="refit with N seeds and N subsamples (default: 0)")
    option("--quality", action="store_true", help="check language mixing, planted differences and other settings")
    option("--encoder", default="e5-small", help="e5-small (default), a sentence-transformers model, or a folder")
    alignment = "how language is removed from the vectors (default: balanced)"
    option("--alignment", default="balanced", choices=["balanced", "means", "none"], help=alignment)
    outliers = "assign outliers to the nearest topic (default), or keep them as topic -1"
    option("--outliers", default="assign", choices=["assign", "keep"], help=outliers)
    option("--max-words", type=int, default=120, metavar="N", help="maximum words per passage (default: 120)")
    window = "months of shares: overlap (those in which both languages have articles; default), all, or 2015-07/2016-01"
    option("--period", default="overlap", help=window)
    option("--cache", type=Path, metavar="PATH", help="cache of vectors (default: the user's cache folder)")
    option("--skip-bad", action="store_true", help="report unreadable files and continue without them")
    option("--dask", nargs="?", const="local", metavar="ADDRESS", help="run on Dask: on all cores, or at ADDRESS")
    option("--work", metavar="DIR", help="with --dask: folder of intermediate results (default: RUN.work)")
    option("--force", action="store_true", help="run again even if nothing changed")
    option("--quiet", action="store_true", help="print errors only")
    fit.set_defaults(do=_fit)


def _fit(options: argparse.Namespace) -> int:
    from topiclib.corpus.sample import load_sample
    from topiclib.runs.pipeline import run
    from topiclib.topics.recipe import Recipe

    if options.sample == bool(options.corpus):
        raise ValueError("expected either CORPUS (files or folders of articles) or --sample")
    recipe = Recipe(**{field.name: getattr(options, field.name) for field in fields(Recipe) if field.name in options})
    arguments = {name: getattr(options, name) for name in ("out", "themes", "sources", "skip_bad", "cache", "force")}
    arguments |= {"recipe": recipe, "progress": not options.quiet}
    if options.dask:
        result = _run_on_dask(options, arguments)
    elif options.work:
        raise ValueError("--work needs --dask: add --dask, or remove --work")
    else:
        result = run(load_sample() if options.sample else options.corpus, **arguments)
    if not options.quiet:
        from topiclib.runs.summary import format_summary

        print(format_summary(result.tables, result.manifest))
        print(f"\nRun folder: {options.out}")
    return 0


def _run_on_dask(options: argparse.Namespace, arguments: dict[str, Any]) -> Run:
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError('--dask needs Dask: pip install "topiclib[scale]"') from error
    from topiclib.corpus.sample import sample_paths, sample_sources
    from topiclib.runs.dask.run import run

    if options.sample:
        options.corpus, arguments["sources"] = sample_paths(), arguments["sources"] or sample_sources()
    local = options.dask == "local"
    if not local and ":" not in options.dask:  # argparse took CORPUS for the optional value
        raise ValueError(f"--dask {options.dask}: expected tcp://HOST:8786, or --dask at the end for all local cores")
    with (
        LocalCluster(threads_per_worker=1, dashboard_address=None) if local else nullcontext(options.dask) as cluster,
        Client(cluster) as client,
    ):
        return run(options.corpus, client, workspace=options.work, **arguments)
