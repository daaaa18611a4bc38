"""The commands `topiclib explore` and `topiclib export`: files to share with others."""

import argparse
from pathlib import Path
from typing import Any

EXPORT_DESCRIPTION = """Export a run to share it. At least one of --report, --methods, --tables and
--bundle is required. A report quotes passages (--quotes 0: none). A bundle has
ids, links, counts and tables without the text of the articles: it may be
published where the news themselves may not.
"""


def add_commands(commands: Any) -> None:
    """Add both commands to the command line."""
    description = "Write an interactive map of a run as one HTML file that works offline."
    explore = commands.add_parser("explore", help="write an interactive map of a run", description=description)
    explore.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    explore.add_argument("--html", required=True, type=Path, metavar="FILE", help="the file to write")
    explore.add_argument("--no-text", action="store_true", help="leave out the articles' text (titles and links stay)")
    explore.set_defaults(do=_explore)
    summary = "write a report, a methods section, tables or a bundle of a run"
    export = commands.add_parser("export", help=summary, description=EXPORT_DESCRIPTION)
    export.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    export.add_argument(
        "--report", type=Path, metavar="FILE", help="write an HTML report: figures, topics, themes, caveats"
    )
    export.add_argument("--quotes", type=int, default=2, metavar="N", help="quotes per topic and language (default: 2)")
    export.add_argument("--methods", type=Path, metavar="FILE", help="write a methods section in Markdown")
    export.add_argument(
        "--tables", choices=["csv", "parquet"], metavar="FORM", help="write all tables as csv or parquet"
    )
    export.add_argument("--out", type=Path, metavar="DIR", help="folder for --tables (default: RUN-tables)")
    export.add_argument("--bundle", type=Path, metavar="FILE", help="write a zip archive without text or vectors")
    export.set_defaults(do=_export)


def _explore(options: argparse.Namespace) -> int:
    from topiclib.explore import write_map

    print(write_map(options.run, options.html, include_text=not options.no_text))
    return 0


def _export(options: argparse.Namespace) -> int:
    from topiclib import report
    from topiclib.runs import store

    if not (options.report or options.methods or options.tables or options.bundle):
        raise ValueError("nothing to export: expected --report, --methods, --tables or --bundle")
    if options.quotes < 0:
        raise ValueError(f"--quotes is {options.quotes}: expected 0 or more")
    if options.methods:
        if not options.methods.parent.is_dir():
            raise FileNotFoundError(f"{options.methods.parent} does not exist: create the folder for --methods first")
        text = report.methods(store.read_tables(options.run), store.read_manifest(options.run))
        options.methods.write_text(text, encoding="utf-8")
        print(options.methods)
    if options.report:
        print(report.write_report(options.run, options.report, n_quotes=options.quotes))
    if options.tables:
        folder = options.out or options.run.parent / f"{options.run.name}-tables"
        print(*report.export_tables(options.run, folder, file_format=options.tables), sep="\n")
    if options.bundle:
        print(report.write_bundle(options.run, options.bundle))
    return 0
