"""The command line `topiclib`: its parser, exit statuses, and the commands `figures`, `check` and `cache`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import topiclib as tl
from topiclib.cli import themes, topics
from topiclib.cli.command import CACHE, ENCODER, RUN, Parser, argument, split_commas, takes
from topiclib.cli.errors import run_command
from topiclib.cli.export import explore, export
from topiclib.cli.fit import fit, inspect
from topiclib.cli.search import concordance, find

EXAMPLES = """examples (and one in the --help of each command):
  topiclib fit --sample --out runs/sample        fit the bundled synthetic sample
  topiclib inspect articles/                     what is found in a folder, before anything is fitted
  topiclib fit articles/ --out runs/mine         fit a folder of .txt files and its subfolders
  topiclib figures runs/mine                     write PNG, SVG and PDF into runs/mine-figures
  topiclib explore runs/mine --html map.html     write an interactive map that works offline
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 success, 1 changes (`check`), 2 invalid input, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # for terminals that cannot encode Persian letters
    options, unknown = _parser().parse_known_args(arguments)
    values = vars(options)
    command, parser, traceback = (values.pop(name) for name in ("command", "parser", "traceback"))
    if unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return run_command(command, traceback=traceback, **values)


def _parser() -> Parser:
    description = "Topics and themes of Persian and Arabic news, and how languages and outlets differ in them."
    parser = Parser(prog="topiclib", description=description, epilog=EXAMPLES)
    parser.add_argument("--version", action="version", version=f"topiclib {tl.__version__}")
    of_topics = (topics.curate, topics.card, topics.sheets, topics.score, topics.reuse)
    parser.add_commands(
        fit,
        inspect,
        figures,
        check,
        diff,
        cache,
        explore,
        find,
        concordance,
        export,
        *of_topics,
        themes=themes.COMMANDS,
    )
    return parser


@takes(
    RUN,
    argument("--out", metavar="DIR", help="output folder (default: RUN-figures)"),
    argument("--only", type=split_commas, metavar="NAME,...", help="figures to draw; an unknown name lists all"),
    argument("--format", type=split_commas, default="png,svg,pdf", metavar="F,...", help="file formats"),
    argument("--lang", choices=["en", "fa", "ar"], default="en", help="language of labels"),
    argument("--size", choices=["column", "page", "slide"], default="page", help="of a text column, a page or a slide"),
)
def figures(run: Path, out: Path | None, only: list[str] | None, format: list[str], lang: str, size: str) -> None:
    """Draw the figures of a run; unchanged ones are not drawn again.

    Example: topiclib figures runs/mine --only theme_shares,topic_map --lang fa
    """
    out = out or run.parent / f"{run.name}-figures"
    drawn = tl.draw.draw_all(tl.open_run(run), out=out, names=only or (), formats=format, lang=lang, size=size)
    for files in drawn.values():
        print(*files, sep="\n")


@takes(
    RUN,
    argument("--refit", action="store_true", help="also fit its passages again and report differences"),
    argument("--cache", metavar="PATH", help="with --refit: cache of vectors; an empty one tests the encoder too"),
    ENCODER,
)
def check(run: Path, refit: bool, cache: Path | None, encoder: str | None) -> int:
    """Verify that a run folder is unchanged.

    Every file of the run is compared with its manifest. Exit status: 0 if all are
    unchanged, 1 otherwise.

    With --refit its passages are embedded, aligned and clustered again: how many
    topics are found again, how many passages change topic, and how much does a
    share change at most? On the machine that made the run nothing differs; on
    another one a few borderline passages may. Differences do not change the exit
    status.

    Example: topiclib check runs/mine --refit
    """
    from topiclib.runs.check import verify_run

    problems = verify_run(run)
    print(*[f"{run}: {problem}" for problem in problems or ["all files are unchanged"]], sep="\n")
    if refit and not problems:
        from topiclib.runs.verify_refit import format_refit, verify_refit

        print(format_refit(verify_refit(run, encoder=encoder, cache=cache)))
    return 1 if problems else 0


@takes(
    argument("a", metavar="A", type=Path, help="a run folder"),
    argument("b", metavar="B", type=Path, help="another run folder of the same corpus, or of one that grew"),
)
def diff(a: Path, b: Path) -> None:
    """Compare two runs: topics, shares, settings, corpus and versions.

    Topics are matched by the passages that both runs have (id and text). A topic is
    the same if it shares more than half of all its passages with one of the other
    run (Jaccard similarity of at least .5). Otherwise it was changed, split or
    joined, or has disappeared or appeared. Shares are listed if their intervals in
    the two runs do not overlap.

    Example: topiclib diff runs/mine runs/other-seed
    """
    print(tl.diff(a, b))


@takes(argument("action", choices=["info", "clear"], help="info: location and content; clear: remove all"), CACHE)
def cache(action: str, cache: Path | None) -> None:
    """Show or clear the cache of passage vectors, and the stages that runs keep beside it.

    Example: topiclib cache info
    """
    from topiclib.embedding.cache import cache_clear, cache_info
    from topiclib.runs.workspace import kept_stages
    from topiclib.schema import plural

    stages = kept_stages(cache)
    if action == "clear":
        print(f"{plural(cache_clear(cache), 'passage')} removed\n{stages.prune(0) / 1e6:.1f} MB of stages removed")
        return
    info = cache_info(cache)
    print(f"{info['path']}: {info['bytes'] / 1e6:.1f} MB")
    for encoder, n in info["encoders"].items():
        print(f"{n:>9} passages  {encoder}")
    print(f"{stages.url}: {sum(size for _, size, _ in stages.list_kept()) / 1e6:.1f} MB")
