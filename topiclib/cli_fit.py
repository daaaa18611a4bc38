"""`topiclib fit`: a corpus to a run folder, in one piece or on Dask."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from topiclib.pipeline import Run

FIT = """Read articles, cut them into passages, embed them, take the language out of
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


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the command."""
    fit = commands.add_parser(
        "fit",
        help="articles to a run folder",
        description=FIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    fit.add_argument("corpus", nargs="*", metavar="CORPUS", help="a folder or file of articles, or several of them")
    fit.add_argument("--sample", action="store_true", help="the bundled synthetic sample in place of CORPUS")
    fit.add_argument("--out", required=True, type=Path, metavar="RUN", help="the run folder to write")
    fit.add_argument(
        "--sources", type=Path, metavar="FILE", help="a table of outlets (source, country, owner, ...) to join"
    )
    fit.add_argument("--themes", type=Path, metavar="FILE", help="a theme file (default: the shipped one)")
    fit.add_argument("--seed", type=int, default=0, help="the one source of randomness (default: 0)")
    fit.add_argument(
        "--min-topic-size", type=int, metavar="N", help="fewest passages of a topic (default: from the corpus's size)"
    )
    fit.add_argument("--n-topics", type=int, metavar="N", help="cut finer, or merge the nearest, to N topics")
    fit.add_argument(
        "--clustering",
        default="communities",
        choices=["communities", "hdbscan"],
        help="how topics are cut (default: communities)",
    )
    fit.add_argument("--resolution", type=float, default=1.0, help="of the communities: more for finer topics")
    fit.add_argument(
        "--balance",
        default="none",
        choices=["none", "outlet"],
        help="outlet: none owns the topics (default: none)",
    )
    fit.add_argument(
        "--stability", type=int, default=0, metavar="N", help="find the topics N times more, and say which come back"
    )
    fit.add_argument(
        "--quality", action="store_true", help="also measure how sound it is: mixing, planted gaps, other settings"
    )
    fit.add_argument(
        "--encoder", default="e5-small", help="e5-small (bundled), a sentence-transformers model, or a folder"
    )
    fit.add_argument(
        "--alignment",
        default="balanced",
        choices=["balanced", "parallel", "means", "none"],
        help="how the language is taken out; parallel: for translated text (default: balanced)",
    )
    fit.add_argument(
        "--outliers",
        default="assign",
        choices=["assign", "keep"],
        help="give passages in no cluster the nearest topic, or -1",
    )
    fit.add_argument("--max-words", type=int, default=120, metavar="N", help="longest passage (default: 120)")
    fit.add_argument(
        "--period",
        default="overlap",
        help="of shares: overlap, the months in which both languages have articles; all; or months such as "
        "2015-07/2016-01 (default: overlap)",
    )
    fit.add_argument(
        "--cache", type=Path, metavar="PATH", help="where vectors are kept (default: the user's cache folder)"
    )
    fit.add_argument("--skip-bad", action="store_true", help="report files that cannot be read, and go on without them")
    fit.add_argument(
        "--dask",
        nargs="?",
        const="local",
        metavar="ADDRESS",
        help="part by part on Dask: on all cores, or at ADDRESS",
    )
    fit.add_argument("--work", metavar="DIR", help="with --dask: where parts are kept (default: RUN.work)")
    fit.add_argument("--force", action="store_true", help="make the run again even if nothing changed")
    fit.add_argument("--quiet", action="store_true", help="print errors only")
    fit.set_defaults(do=_fit)
    return fit


def _fit(options: argparse.Namespace) -> int:
    from topiclib.corpus import load_sample
    from topiclib.fit import Recipe
    from topiclib.pipeline import run

    if options.sample == bool(options.corpus):
        raise ValueError("give either CORPUS (a folder or file of articles) or --sample")
    recipe = Recipe(
        seed=options.seed,
        min_topic_size=options.min_topic_size,
        n_topics=options.n_topics,
        encoder=options.encoder,
        alignment=options.alignment,
        outliers=options.outliers,
        max_words=options.max_words,
        clustering=options.clustering,
        resolution=options.resolution,
        balance=options.balance,
        period=options.period,
        stability=options.stability,
        quality=options.quality,
    )
    asked = {
        **{name: getattr(options, name) for name in ("out", "themes", "sources", "skip_bad", "cache", "force")},
        **{"recipe": recipe, "progress": not options.quiet},
    }
    if options.dask:
        made = _on_dask(options, asked)
    elif options.work:
        raise ValueError("--work is where --dask keeps its parts: add --dask, or leave --work out")
    else:
        made = run(load_sample() if options.sample else options.corpus, **asked)
    if not options.quiet:
        from topiclib.summary import summary

        print(summary(made.tables, made.manifest))
        print(f"\nRun folder: {options.out}")
    return 0


def _on_dask(options: argparse.Namespace, asked: dict[str, Any]) -> Run:
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError('--dask needs Dask: pip install "topiclib[scale]"') from error
    from topiclib import scale
    from topiclib.corpus import sample_paths, sample_sources

    if options.sample:
        options.corpus, asked["sources"] = sample_paths(), asked["sources"] or sample_sources()
    here = options.dask == "local"
    if not here and ":" not in options.dask:
        raise ValueError(f"--dask {options.dask} is no address: give tcp://HOST:8786, or --dask as the last word")
    with (
        LocalCluster(threads_per_worker=1, dashboard_address=None) if here else nullcontext(options.dask) as cluster,
        Client(cluster) as client,
    ):
        return scale.run(options.corpus, client, work=options.work, **asked)
