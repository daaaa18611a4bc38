"""The command `topiclib`: its parser and exit statuses, and the subcommands `figures`, `check` and `cache`."""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import topiclib
from topiclib.cli import export, fit, themes, topics
from topiclib.cli.errors import format_error, print_warning

EXAMPLES = """examples:
  topiclib fit --sample --out runs/sample        fit the bundled synthetic sample
  topiclib fit articles/ --out runs/mine         fit a folder of .txt files and its subfolders
  topiclib fit fa.csv ar.jsonl --out runs/mine --sources outlets.csv
  topiclib fit archive/ --out runs/all --dask    fit 10^5 articles and more on all cores
  topiclib figures runs/mine                     write PNG, SVG and PDF into runs/mine-figures
  topiclib explore runs/mine --html map.html     write an interactive map that works offline
  topiclib export runs/mine --report report.html --methods methods.md
  topiclib check runs/mine                       verify that no file of the run was changed
  topiclib check runs/mine --refit               verify that this machine finds the same topics
"""

CHECK_DESCRIPTION = """Compare every file of a run with its manifest. Exit status: 0 if all are
unchanged, 1 otherwise.

With --refit the passages of the run folder are embedded, aligned and clustered
again, and the result is compared with the stored one: how many topics are found
again, how many passages change topic, and how much a share changes at most. On
the machine that made the run nothing differs; on another one a few borderline
passages may change topic. Differences do not change the exit status.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status: 0 success, 1 changed files (`check`), 2 invalid input, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # for terminals that cannot encode Persian letters
    options, unknown = _parser().parse_known_args(arguments)
    if unknown:
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        with warnings.catch_warnings():
            warnings.showwarning = print_warning  # type: ignore[assignment]
            status = options.do(options)
            sys.stdout.flush()
            return status
    except BrokenPipeError:  # as with `| head`; the flush at exit must not raise it again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError, ModuleNotFoundError, KeyError, MemoryError) as error:
        if options.traceback:
            raise
        print(f"topiclib: {format_error(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("topiclib: interrupted; embedded passages stay in the cache, an older run is unchanged", file=sys.stderr)
        return 130


def _split_commas(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


class _Parser(argparse.ArgumentParser):
    """A parser, also of the commands, that keeps line breaks in descriptions and reports wrong usage in one line."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        options.setdefault("allow_abbrev", False)
        super().__init__(**options)

    def error(self, message: str) -> NoReturn:
        print(f"topiclib: {message} (see: {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    description = "Topics and themes of Persian and Arabic news, and how languages and outlets differ in them."
    parser = _Parser(prog="topiclib", description=description, epilog=EXAMPLES)
    parser.add_argument("--version", action="version", version=f"topiclib {topiclib.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    fit.add_command(commands)
    _add_figures(commands)
    _add_check(commands)
    _add_cache(commands)
    export.add_commands(commands)
    themes.add_command(commands)
    topics.add_commands(commands)
    for command in commands.choices.values():
        command.set_defaults(parser=command)
        command.add_argument("--traceback", action="store_true", help="show the Python traceback of an error")
    return parser


def _add_figures(commands: Any) -> None:
    description = "Draw the figures of a run; unchanged ones are not drawn again."
    figures = commands.add_parser("figures", help="draw the figures of a run", description=description)
    figures.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    figures.add_argument("--out", type=Path, metavar="DIR", help="output folder (default: RUN-figures)")
    only = "names of figures to draw; an unknown name lists all"
    figures.add_argument("--only", type=_split_commas, metavar="NAME,...", help=only)
    formats = ["png", "svg", "pdf"]
    figures.add_argument("--format", type=_split_commas, default=formats, metavar="F,...", help="default: png,svg,pdf")
    figures.add_argument("--lang", choices=["en", "fa", "ar"], default="en", help="language of labels (default: en)")
    sizes = "one text column, the page width (default), or a slide"
    figures.add_argument("--size", default="page", choices=["column", "page", "slide"], help=sizes)
    figures.set_defaults(do=_figures)


def _add_check(commands: Any) -> None:
    check = commands.add_parser("check", help="verify that a run folder is unchanged", description=CHECK_DESCRIPTION)
    check.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    check.add_argument("--refit", action="store_true", help="also fit its passages again and report differences")
    cache = "with --refit: cache of vectors; an empty one tests the encoder too"
    check.add_argument("--cache", type=Path, metavar="PATH", help=cache)
    check.add_argument("--encoder", metavar="NAME", help="with --refit: the run's encoder, if not a bundled one")
    check.set_defaults(do=_check)


def _add_cache(commands: Any) -> None:
    summary = "show or clear the cache of passage vectors"
    cache = commands.add_parser("cache", help=summary, description=f"{summary.capitalize()}.")
    cache.add_argument("action", choices=["info", "clear"], help="info: location and content; clear: remove all")
    cache.add_argument("--cache", type=Path, metavar="PATH", help="a folder or file (default: the user's cache folder)")
    cache.set_defaults(do=_cache)


def _figures(options: argparse.Namespace) -> int:
    from topiclib.draw.figures import draw_all
    from topiclib.runs import store

    out = options.out or options.run.parent / f"{options.run.name}-figures"
    tables, manifest = store.read_tables(options.run), store.read_manifest(options.run)
    style = {"formats": options.format, "lang": options.lang, "size": options.size}
    for files in draw_all(tables, manifest, out=out, names=options.only or (), **style).values():
        print(*files, sep="\n")
    return 0


def _check(options: argparse.Namespace) -> int:
    from topiclib.runs.check import verify_run

    problems = verify_run(options.run)
    for problem in problems:
        print(f"{options.run}: {problem}")
    if problems:
        return 1
    print(f"{options.run}: all files are unchanged")
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
