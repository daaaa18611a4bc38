"""Draw the figures of a run with the scripts in this folder; figures that are up to date are not redrawn.

python figures/make.py runs/sample                       PNG, SVG and PDF into runs/sample-figures
python figures/make.py runs/sample --out figures/gallery --format png
python figures/make.py runs/sample --out figures/gallery --format png --check     list stale figures
python figures/theme_shares.py runs/sample --lang fa     a single figure, by its script
"""

import argparse
import runpy
from pathlib import Path

from topiclib import draw
from topiclib.cli.command import Parser
from topiclib.cli.errors import run_command
from topiclib.draw import style
from topiclib.runs import store

HERE = Path(__file__).parent


def main(*names: str) -> int:
    """Draw the figures with these names, or those that the command line names; return the exit status."""
    return run_command(make, options=arguments(names), required=names)


def make(options: argparse.Namespace, required: tuple[str, ...]) -> int:
    """Draw stale figures and print the files; with --check only print stale figures, and return 1 if there are any."""
    out = options.out or options.run.parent / f"{options.run.name}-figures"
    formats = options.format.split(",")
    manifest = store.read_manifest(options.run)
    stale = []
    for name in options.only:
        tables, script = draw.FIGURES[name].tables, HERE / f"{name}.py"
        missing = [table for table in tables if f"{table}.parquet" not in manifest["files"]]
        if missing and name not in required:
            print(f"{name}: not drawn, this run has no table {', '.join(missing)}")
            continue
        tables += tuple(table for table in draw.FIGURES[name].optional if f"{table}.parquet" in manifest["files"])
        files = [out / f"{name}.{form}" for form in formats]
        key = draw.figure_cache_key(manifest, tables, options=[options.lang], script=script.read_text(encoding="utf-8"))
        if draw.is_up_to_date(out, files, key):
            continue
        stale.append(name)
        if not options.check:
            run = {table: store.read_table(options.run, table) for table in tables} | {"manifest": manifest}
            out.mkdir(parents=True, exist_ok=True)
            with style.context():
                draw.save(runpy.run_path(str(script))["make"](run, options.lang), out / name, formats=formats)
            draw.record_figures(out, files, key)
            print(*files)
    drew = f"drew {len(stale)} of {len(options.only)} figures"
    print(f"{out}: {', '.join(stale) or 'nothing'} is stale" if options.check else f"{out}: {drew}")
    return int(bool(options.check and stale))


def arguments(names: tuple[str, ...]) -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    parser.add_argument("run", type=Path, help="a run folder")
    parser.add_argument("--out", type=Path, help="output folder (default: RUN-figures next to the run)")
    all_names = list(draw.FIGURES)
    parser.add_argument("--only", nargs="+", choices=all_names, default=names or all_names, help="default: all figures")
    parser.add_argument("--format", default="png,svg,pdf", help="default: png,svg,pdf")
    parser.add_argument("--lang", default="en", choices=["en", "fa", "ar"], help="language of titles and labels")
    parser.add_argument("--check", action="store_true", help="draw nothing, print stale figures")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
