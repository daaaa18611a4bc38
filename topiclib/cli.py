"""The command line: `topiclib fit | figures | explore | export | themes | sheets | score | check | cache`.

What went wrong is one line and exit status 2.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from topiclib.pipeline import Run

from topiclib.cli_errors import note, one_line

EXAMPLES = """examples:
  topiclib fit --sample --out runs/sample        the bundled synthetic sample
  topiclib fit articles/ --out runs/mine         a folder of .txt files, also nested
  topiclib fit fa.csv ar.jsonl --out runs/mine --sources outlets.csv
  topiclib fit archive/ --out runs/all --dask    on all cores, part by part, for 10^5 articles and more
  topiclib figures runs/mine                     PNG, SVG and PDF into runs/mine-figures
  topiclib explore runs/mine --html map.html     the map, as one file that needs no network
  topiclib export runs/mine --report report.html --methods methods.md
  topiclib check runs/mine                       is every byte as it was written?
  topiclib check runs/mine --refit               does this machine find the same topics?
"""

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
CHECK = """Compare every file of a run with its manifest: exit status 1 if a byte was
changed, 0 if none was.

With --refit the run's passages are embedded, aligned and cut again, from the
run folder alone, and what is found is compared with what it holds: how many
topics come back, how many passages are in another one, how far the largest
share moved. On the machine that made the run nothing differs; on another one a
few passages at the borders may. What differs is told and is no error.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 `check` found something, 2 bad input, 130
    interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Persian letters is no reason to stop
    options = _parser().parse_args(arguments)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = note  # type: ignore[assignment]
            return options.do(options)
    except (ValueError, OSError, ModuleNotFoundError, KeyError, MemoryError) as error:
        if options.traceback:
            raise
        print(f"topiclib: {one_line(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "topiclib: interrupted; what was embedded is in the cache, and an older run is as it was", file=sys.stderr
        )
        return 130


def _list(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


class _Parser(argparse.ArgumentParser):
    """One line on bad usage, as for any other bad input."""

    def error(self, message: str) -> NoReturn:
        print(f"topiclib: {message} (see: {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    import topiclib
    from topiclib import cli_explore, cli_themes, cli_topics

    parser = _Parser(
        prog="topiclib",
        description="What Persian and Arabic news talk about, together and apart.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"topiclib {topiclib.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    made = [add(commands) for add in (_add_fit, _add_figures, _add_check, _add_cache)]
    for command in [*made, *cli_explore.add(commands), cli_themes.add(commands), *cli_topics.add(commands)]:
        command.add_argument("--traceback", action="store_true", help="show Python's traceback instead of one line")
    return parser


def _add_fit(commands: Any) -> argparse.ArgumentParser:
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


def _add_figures(commands: Any) -> argparse.ArgumentParser:
    figures = commands.add_parser(
        "figures",
        help="a run folder to figures",
        description="Draw a run's figures from its tables; unchanged ones are left.",
        allow_abbrev=False,
    )
    figures.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    figures.add_argument("--out", type=Path, metavar="DIR", help="where to (default: RUN-figures, beside the run)")
    figures.add_argument("--only", type=_list, metavar="NAME,...", help="some figures; a wrong name lists them all")
    figures.add_argument("--format", type=_list, default=["png", "svg", "pdf"], metavar="F,...", help="png,svg,pdf")
    figures.add_argument("--lang", choices=["en", "fa", "ar"], default="en", help="the language of titles and labels")
    figures.add_argument(
        "--size", default="page", choices=["column", "page", "slide"], help="one column, two columns (default), a slide"
    )
    figures.set_defaults(do=_figures)
    return figures


def _add_check(commands: Any) -> argparse.ArgumentParser:
    check = commands.add_parser(
        "check",
        help="verify a run folder",
        description=CHECK,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    check.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    check.add_argument("--refit", action="store_true", help="fit its passages again here, and say how far that differs")
    check.add_argument(
        "--cache", type=Path, metavar="PATH", help="of --refit: a folder or file; an empty one tests the encoder too"
    )
    check.set_defaults(do=_check)
    return check


def _add_cache(commands: Any) -> argparse.ArgumentParser:
    cache = commands.add_parser(
        "cache", help="look at or clear the embedding cache", description="The cache of embedded passages."
    )
    cache.add_argument("action", choices=["info", "clear"], help="info: where it is and what it holds; clear: empty it")
    cache.add_argument("--cache", type=Path, metavar="PATH", help="a folder or file (default: the user's cache folder)")
    cache.set_defaults(do=_cache)
    return cache


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


def _figures(options: argparse.Namespace) -> int:
    from topiclib import store
    from topiclib.draw.gallery import draw_all

    out = options.out or options.run.parent / f"{options.run.name}-figures"
    tables, manifest = store.read_tables(options.run), store.read_manifest(options.run)
    drawn = draw_all(
        tables, manifest, out=out, formats=options.format, lang=options.lang, only=options.only or (), size=options.size
    )
    for files in drawn.values():
        print(*files, sep="\n")
    return 0


def _check(options: argparse.Namespace) -> int:
    from topiclib import store

    wrong = store.check(options.run)
    for line in wrong:
        print(f"{options.run}: {line}")
    if wrong:
        return 1
    print(f"{options.run}: every file is as it was written")
    if options.refit:
        from topiclib.refit import refit, tell

        print(tell(refit(options.run, cache=options.cache)))
    return 0


def _cache(options: argparse.Namespace) -> int:
    from topiclib.embed import cache_clear, cache_info

    if options.action == "clear":
        print(f"{cache_clear(options.cache)} passages removed")
        return 0
    info = cache_info(options.cache)
    print(f"{info['path']}: {info['bytes'] / 1e6:.1f} MB")
    for encoder, n in info["encoders"].items():
        print(f"{n:>9} passages  {encoder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
