"""The command line: `topiclib fit | figures | explore | export | themes | sheets | score | check | cache`.

What went wrong is one line and exit status 2.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

EXAMPLES = """examples:
  topiclib fit --sample --out runs/sample        the bundled synthetic sample
  topiclib fit articles/ --out runs/mine         a folder of .txt files, also nested
  topiclib fit fa.csv ar.jsonl --out runs/mine --sources outlets.csv
  topiclib figures runs/mine                     PNG, SVG and PDF into runs/mine-figures
  topiclib explore runs/mine --html map.html     the map, as one file that needs no network
  topiclib export runs/mine --report report.html --methods methods.md
  topiclib check runs/mine                       is every byte as it was written?
"""

FIT = """Read articles, cut them into passages, embed them, take the language out of
the vectors, fit BERTopic, and write a run folder: tables (Parquet), centroids
and a manifest. A run whose corpus, recipe and versions are unchanged is not
made again.

A folder is searched for .txt (one article a file), .jsonl, .csv, .tsv and
.parquet (one article a row). A table needs a column text (or body, content,
article, full_text); it may have id, title, lang, date, source (or outlet),
section, url, and any others, which are kept.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 `check` found something, 2 bad input, 130
    interrupted.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.do(options)
    except (ValueError, OSError, ModuleNotFoundError, KeyError) as error:
        if options.traceback:
            raise
        print(f"topiclib: {_line(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "topiclib: interrupted; what was embedded is in the cache, and an older run is as it was", file=sys.stderr
        )
        return 130


def _line(error: Exception) -> str:
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return " ".join(text.split()) or type(error).__name__


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
    for command in [*made, *cli_explore.add(commands), *cli_themes.add(commands), *cli_topics.add(commands)]:
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
    fit.add_argument(
        "corpus", nargs="*", type=Path, metavar="CORPUS", help="a folder or file of articles, or several of them"
    )
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
        "--encoder", default="e5-small", help="e5-small (bundled), a sentence-transformers model, or a folder"
    )
    fit.add_argument(
        "--alignment", default="balanced", choices=["balanced", "means", "none"], help="how the language is taken out"
    )
    fit.add_argument(
        "--outliers",
        default="assign",
        choices=["assign", "keep"],
        help="give passages in no cluster the nearest topic, or -1",
    )
    fit.add_argument("--max-words", type=int, default=120, metavar="N", help="longest passage (default: 120)")
    fit.add_argument("--skip-bad", action="store_true", help="report files that cannot be read, and go on without them")
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
    figures.set_defaults(do=_figures)
    return figures


def _add_check(commands: Any) -> argparse.ArgumentParser:
    check = commands.add_parser(
        "check", help="verify a run folder", description="Compare every file of a run with its manifest."
    )
    check.add_argument("run", type=Path, metavar="RUN", help="a run folder")
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
    )
    made = run(
        load_sample() if options.sample else options.corpus,
        out=options.out,
        recipe=recipe,
        themes=options.themes,
        sources=options.sources,
        skip_bad=options.skip_bad,
        force=options.force,
        progress=not options.quiet,
    )
    if not options.quiet:
        from topiclib.summary import summary

        print(summary(made.tables, made.manifest))
        print(f"\nRun folder: {options.out}")
    return 0


def _figures(options: argparse.Namespace) -> int:
    from topiclib import store
    from topiclib.draw.gallery import draw_all

    out = options.out or options.run.parent / f"{options.run.name}-figures"
    tables, manifest = store.read_tables(options.run), store.read_manifest(options.run)
    drawn = draw_all(tables, manifest, out=out, formats=options.format, lang=options.lang, only=options.only or ())
    for files in drawn.values():
        print(*files, sep="\n")
    return 0


def _check(options: argparse.Namespace) -> int:
    from topiclib import store

    wrong = store.check(options.run)
    for line in wrong:
        print(f"{options.run}: {line}")
    if not wrong:
        print(f"{options.run}: every file is as it was written")
    return 1 if wrong else 0


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
