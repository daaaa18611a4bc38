"""The commands `topiclib explore` and `topiclib export`: what is sent to others."""

import argparse
from pathlib import Path
from typing import Any

EXPORT_DESCRIPTION = """Write what is sent to others. At least one of --report, --methods, --tables and
--bundle is needed. A report quotes passages (--quotes 0: none); a bundle holds
ids, links, counts and tables without the articles' text: what may be published
where the news may not.
"""


def add_commands(commands: Any) -> None:
    """Add both commands to the command line."""
    about = "Write a run's interactive map as one HTML file that needs no network."
    explore = commands.add_parser("explore", help="a run folder to a map to explore", description=about)
    explore.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    explore.add_argument("--html", required=True, type=Path, metavar="FILE", help="the file to write")
    explore.add_argument(
        "--no-text", action="store_true", help="leave the articles' text out, for sharing (titles and links stay)"
    )
    explore.set_defaults(do=_explore)
    kinds = "a run folder to a report, a methods section, tables, a bundle"
    export = commands.add_parser("export", help=kinds, description=EXPORT_DESCRIPTION)
    export.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    export.add_argument("--report", type=Path, metavar="FILE", help="an HTML page: figures, topics, themes, limits")
    export.add_argument("--quotes", type=int, default=2, metavar="N", help="passages quoted a topic and language")
    export.add_argument("--methods", type=Path, metavar="FILE", help="a methods section (Markdown), numbers filled in")
    export.add_argument("--tables", choices=["csv", "parquet"], metavar="FORM", help="every table as csv or parquet")
    export.add_argument("--out", type=Path, metavar="DIR", help="where --tables go (default: RUN-tables)")
    export.add_argument("--bundle", type=Path, metavar="FILE", help="a zip archive without text or vectors")
    export.set_defaults(do=_export)


def _explore(options: argparse.Namespace) -> int:
    from topiclib.explore import write_map

    print(write_map(options.run, options.html, include_text=not options.no_text))
    return 0


def _export(options: argparse.Namespace) -> int:
    from topiclib import report
    from topiclib.runs import store

    if not (options.report or options.methods or options.tables or options.bundle):
        raise ValueError("nothing to export: give --report, --methods, --tables or --bundle")
    if options.quotes < 0:
        raise ValueError(f"--quotes is {options.quotes}: expected 0 or more")
    if options.methods:
        if not options.methods.parent.is_dir():
            raise FileNotFoundError(f"{options.methods.parent} does not exist: make the folder for --methods first")
        told = report.methods(store.read_tables(options.run), store.read_manifest(options.run))
        options.methods.write_text(told, encoding="utf-8")
        print(options.methods)
    if options.report:
        print(report.write_report(options.run, options.report, n_quotes=options.quotes))
    if options.tables:
        folder = options.out or options.run.parent / f"{options.run.name}-tables"
        print(*report.export_tables(options.run, folder, file_format=options.tables), sep="\n")
    if options.bundle:
        print(report.write_bundle(options.run, options.bundle))
    return 0
