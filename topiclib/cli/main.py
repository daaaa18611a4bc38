"""The command line: `topiclib fit | figures | explore | export | themes | sheets | score | check | cache`.

What went wrong is one line and exit status 2.
"""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from topiclib.cli.errors import format_error, print_warning

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

CHECK_DESCRIPTION = """Compare every file of a run with its manifest: exit status 1 if a byte was
changed, 0 if none was.

With --refit the run's passages are embedded, aligned and cut again, from the
run folder alone, and what is found is compared with what it holds: how many
topics come back, how many passages are in another one, how far the largest
share moved. On the machine that made the run nothing differs; on another one a
few passages at the borders may. What differs is told and is no error.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 `verify_run` found something, 2 bad input, 130
    interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Persian letters is no reason to stop
    options, unknown = _parser().parse_known_args(arguments)
    if unknown:
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        with warnings.catch_warnings():
            warnings.showwarning = print_warning  # type: ignore[assignment]
            status = options.do(options)
            sys.stdout.flush()
            return status
    except BrokenPipeError:  # whoever reads the lines has seen enough (`| head`): nothing to say, nowhere to say it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError, ModuleNotFoundError, KeyError, MemoryError) as error:
        if options.traceback:
            raise
        print(f"topiclib: {format_error(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "topiclib: interrupted; what was embedded is in the cache, and an older run is as it was", file=sys.stderr
        )
        return 130


def _split_commas(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


class _Parser(argparse.ArgumentParser):
    """A parser, and of its commands too: descriptions keep their lines, and bad usage is one line, as any bad input."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        options.setdefault("allow_abbrev", False)
        super().__init__(**options)

    def error(self, message: str) -> NoReturn:
        print(f"topiclib: {message} (see: {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    import topiclib
    from topiclib.cli import export as cli_explore
    from topiclib.cli import fit as cli_fit
    from topiclib.cli import themes as cli_themes
    from topiclib.cli import topics as cli_topics

    parser = _Parser(
        prog="topiclib",
        description="What Persian and Arabic news talk about, together and apart.",
        epilog=EXAMPLES,
    )
    parser.add_argument("--version", action="version", version=f"topiclib {topiclib.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in (
        cli_fit.add_command,
        _add_figures,
        _add_check,
        _add_cache,
        cli_explore.add_commands,
        cli_themes.add,
        cli_topics.add,
    ):
        add(commands)
    for command in commands.choices.values():
        command.set_defaults(parser=command)
        command.add_argument("--traceback", action="store_true", help="show Python's traceback instead of one line")
    return parser


def _add_figures(commands: Any) -> None:
    about = "Draw a run's figures from its tables; unchanged ones are left."
    figures = commands.add_parser("figures", help="a run folder to figures", description=about)
    figures.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    figures.add_argument("--out", type=Path, metavar="DIR", help="where to (default: RUN-figures, beside the run)")
    figures.add_argument(
        "--only", type=_split_commas, metavar="NAME,...", help="some figures; a wrong name lists them all"
    )
    figures.add_argument(
        "--format", type=_split_commas, default=["png", "svg", "pdf"], metavar="F,...", help="png,svg,pdf"
    )
    figures.add_argument("--lang", choices=["en", "fa", "ar"], default="en", help="the language of titles and labels")
    figures.add_argument(
        "--size", default="page", choices=["column", "page", "slide"], help="one column, two columns (default), a slide"
    )
    figures.set_defaults(do=_figures)


def _add_check(commands: Any) -> None:
    check = commands.add_parser("check", help="verify a run folder", description=CHECK_DESCRIPTION)
    check.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    check.add_argument("--refit", action="store_true", help="fit its passages again here, and say how far that differs")
    check.add_argument(
        "--cache", type=Path, metavar="PATH", help="of --refit: a folder or file; an empty one tests the encoder too"
    )
    check.add_argument("--encoder", metavar="NAME", help="of --refit: the run's, where it is none of topiclib's")
    check.set_defaults(do=_check)


def _add_cache(commands: Any) -> None:
    about = "The cache of embedded passages."
    cache = commands.add_parser("cache", help="look at or clear the embedding cache", description=about)
    cache.add_argument("action", choices=["info", "clear"], help="info: where it is and what it holds; clear: empty it")
    cache.add_argument("--cache", type=Path, metavar="PATH", help="a folder or file (default: the user's cache folder)")
    cache.set_defaults(do=_cache)


def _figures(options: argparse.Namespace) -> int:
    from topiclib.draw.figures import draw_all
    from topiclib.runs import store

    out = options.out or options.run.parent / f"{options.run.name}-figures"
    tables, manifest = store.read_tables(options.run), store.read_manifest(options.run)
    drawn = draw_all(
        tables,
        manifest,
        out=out,
        formats=options.format,
        lang=options.lang,
        names=options.only or (),
        size=options.size,
    )
    for files in drawn.values():
        print(*files, sep="\n")
    return 0


def _check(options: argparse.Namespace) -> int:
    from topiclib.runs import store

    wrong = store.verify_run(options.run)
    for line in wrong:
        print(f"{options.run}: {line}")
    if wrong:
        return 1
    print(f"{options.run}: every file is as it was written")
    if options.refit:
        from topiclib.runs.verify_refit import format_refit, verify_refit

        print(format_refit(verify_refit(options.run, encoder=options.encoder, cache=options.cache)))
    return 0


def _cache(options: argparse.Namespace) -> int:
    from topiclib.embedding.cache import cache_clear, cache_info

    if options.action == "clear":
        print(f"{cache_clear(options.cache)} passages removed")
        return 0
    info = cache_info(options.cache)
    print(f"{info['path']}: {info['bytes'] / 1e6:.1f} MB")
    for encoder, n in info["encoders"].items():
        print(f"{n:>9} passages  {encoder}")
    return 0
