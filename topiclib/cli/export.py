"""The commands `topiclib explore` and `topiclib export`: files to share with others."""

from pathlib import Path

import topiclib as tl
from topiclib.cli.command import RUN, argument, takes


@takes(
    RUN,
    argument("--html", required=True, metavar="FILE", help="the file to write"),
    argument("--no-text", action="store_true", help="leave out the articles' text (titles and links stay)"),
)
def explore(run: Path, html: Path, no_text: bool) -> None:
    """Write an interactive map of a run as one HTML file that works offline.

    Example: topiclib explore runs/mine --html map.html
    """
    from topiclib.explore import write_map

    print(write_map(run, html, include_text=not no_text))


@takes(
    RUN,
    argument("--report", metavar="FILE", help="write an HTML report: figures, topics, themes, caveats"),
    argument("--quotes", type=int, default=2, metavar="N", help="quotes per topic and language"),
    argument("--methods", metavar="FILE", help="write a methods section in Markdown"),
    argument("--tables", choices=["csv", "parquet"], help="write all tables as csv or parquet"),
    argument("--out", metavar="DIR", help="folder for --tables (default: RUN-tables)"),
    argument("--workbook", metavar="FILE", help="write documents, passages, topics, themes and quotes as .xlsx"),
    argument("--bundle", metavar="FILE", help="write a zip archive without text or vectors"),
)
def export(
    run: Path, report: Path | None, quotes: int, methods: Path | None, tables: str | None, out: Path | None,
    workbook: Path | None, bundle: Path | None,
) -> None:  # fmt: skip
    """Write a report, a methods section, tables, an Excel workbook or a bundle of a run.

    At least one of --report, --methods, --tables, --workbook and --bundle is required. A report
    quotes passages (--quotes 0: none). A bundle has ids, links, counts and tables
    without the text of the articles: it may be published where the news themselves
    may not.

    Example: topiclib export runs/mine --report report.html --methods methods.md
    """
    from topiclib import report as reports
    from topiclib.report.templates import check_output_file

    if not (report or methods or tables or workbook or bundle):
        raise ValueError("nothing to export: expected --report, --methods, --tables, --workbook or --bundle")
    if quotes < 0:
        raise ValueError(f"--quotes is {quotes}: expected 0 or more")
    if methods:
        opened, methods = tl.open_run(run), check_output_file(methods, "--methods")
        methods.write_text(reports.methods(opened.tables, opened.manifest), encoding="utf-8")
        print(methods)
    if report:
        print(reports.write_report(run, report, n_quotes=quotes))
    if tables:
        out = out or run.parent / f"{run.name}-tables"
        print(*reports.export_tables(run, out, file_format=tables), sep="\n")
    if workbook:
        print(reports.write_workbook(run, workbook))
    if bundle:
        print(reports.write_bundle(run, bundle))
