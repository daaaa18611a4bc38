"""`topiclib fit`: a corpus to a run folder, in one piece or on Dask."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from topiclib.runs.pipeline import Run

FIT_DESCRIPTION = """Read articles, cut them into passages, embed them, take the language out of
the vectors, fit BERTopic, and write a run folder: tables (Parquet), centroids
and a manifest. A run whose corpus, recipe and versions are unchanged is not
made again.

A folder is searched for .txt (one article a file), .jsonl, .csv, .tsv and
.parquet (one article a row). A table needs a column text (or body, content,
article, full_text); it may have id, title, lang, date, source (or outlet),
section, url, and any others, which are kept.

With --dask (pip install "topiclib[scale]") a corpus that is too large for one
process is cut into parts for the workers of Dask: of this machine, or of the
scheduler at ADDRESS (tcp://host:8786). Each stage of each part is kept in
RUN.work, so a run that was killed goes on where it was; delete it when you have
the run. Workers need the same topiclib, the corpus and --work; CORPUS and
--work may be addresses such as s3://news/2020. See docs/SCALE.md.
"""


def add_command(commands: Any) -> None:
    """Add the command to the command line."""
    fit = commands.add_parser("fit", help="articles to a run folder", description=FIT_DESCRIPTION)
    option = fit.add_argument
    option("corpus", nargs="*", metavar="CORPUS", help="a folder or file of articles, or several of them")
    option("--sample", action="store_true", help="the bundled synthetic sample in place of CORPUS")
    option("--out", required=True, type=Path, metavar="RUN", help="the run folder to write")
    option("--sources", type=Path, metavar="FILE", help="a table of outlets (source, country, owner, ...) to join")
    option("--themes", type=Path, metavar="FILE", help="a theme file (default: the shipped one)")
    option("--seed", type=int, default=0, help="random seed (default: 0)")
    option("--min-topic-size", type=int, metavar="N", help="fewest passages of a topic (default: by corpus size)")
    option("--n-topics", type=int, metavar="N", help="number of topics: split finer or merge until there are N")
    option(
        "--clustering",
        default="communities",
        choices=["communities", "hdbscan"],
        help="Leiden communities (default), or UMAP and HDBSCAN",
    )
    option("--resolution", type=float, default=1.0, help="Leiden resolution: more for finer topics (default: 1.0)")
    option(
        "--balance",
        default="none",
        choices=["none", "outlet"],
        help="outlet: find topics in a sample that no outlet dominates",
    )
    option("--stability", type=int, default=0, metavar="N", help="refit N times, and report which topics recur")
    option("--quality", action="store_true", help="also measure language mixing, planted differences, other settings")
    option("--encoder", default="e5-small", help="e5-small (bundled), a sentence-transformers model, or a folder")
    option(
        "--alignment",
        default="balanced",
        choices=["balanced", "means", "none"],
        help="how language is removed from the vectors (default: balanced)",
    )
    option(
        "--outliers",
        default="assign",
        choices=["assign", "keep"],
        help="assign outliers to the nearest topic (default), or keep them as topic -1",
    )
    option("--max-words", type=int, default=120, metavar="N", help="most words in a passage (default: 120)")
    option(
        "--period",
        default="overlap",
        help="of shares: overlap, the months in which both languages have articles; all; or months such as "
        "2015-07/2016-01 (default: overlap)",
    )
    option("--cache", type=Path, metavar="PATH", help="where vectors are kept (default: the user's cache folder)")
    option("--skip-bad", action="store_true", help="report files that cannot be read, and go on without them")
    option(
        "--dask", nargs="?", const="local", metavar="ADDRESS", help="part by part on Dask: on all cores, or at ADDRESS"
    )
    option("--work", metavar="DIR", help="with --dask: where parts are kept (default: RUN.work)")
    option("--force", action="store_true", help="make the run again even if nothing changed")
    option("--quiet", action="store_true", help="print errors only")
    fit.set_defaults(do=_fit)


def _fit(options: argparse.Namespace) -> int:
    from topiclib.corpus.sample import load_sample
    from topiclib.runs.pipeline import run
    from topiclib.topics.recipe import Recipe

    if options.sample == bool(options.corpus):
        raise ValueError("give either CORPUS (a folder or file of articles) or --sample")
    recipe = Recipe(**{field.name: getattr(options, field.name) for field in fields(Recipe) if field.name in options})
    given = ("out", "themes", "sources", "skip_bad", "cache", "force")
    asked = {name: getattr(options, name) for name in given} | {"recipe": recipe, "progress": not options.quiet}
    if options.dask:
        made = _run_on_dask(options, asked)
    elif options.work:
        raise ValueError("--work is where --dask keeps its parts: add --dask, or leave --work out")
    else:
        made = run(load_sample() if options.sample else options.corpus, **asked)
    if not options.quiet:
        from topiclib.runs.summary import format_summary

        print(format_summary(made.tables, made.manifest))
        print(f"\nRun folder: {options.out}")
    return 0


def _run_on_dask(options: argparse.Namespace, asked: dict[str, Any]) -> Run:
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError('--dask needs Dask: pip install "topiclib[scale]"') from error
    from topiclib.corpus.sample import sample_paths, sample_sources
    from topiclib.runs.dask import run as scale

    if options.sample:
        options.corpus, asked["sources"] = sample_paths(), asked["sources"] or sample_sources()
    here = options.dask == "local"
    if not here and ":" not in options.dask:
        raise ValueError(f"--dask {options.dask} is no address: give tcp://HOST:8786, or --dask as the last word")
    with (
        LocalCluster(threads_per_worker=1, dashboard_address=None) if here else nullcontext(options.dask) as cluster,
        Client(cluster) as client,
    ):
        return scale.run(options.corpus, client, workspace=options.work, **asked)
