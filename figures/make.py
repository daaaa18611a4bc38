"""Draw the figures of a run with the scripts in this folder; figures that are up to date are not redrawn.

python figures/make.py runs/sample                       PNG, SVG and PDF into runs/sample-figures
python figures/make.py runs/sample --out figures/gallery --format png
python figures/make.py runs/sample --out figures/gallery --format png --check     list stale figures
"""

import argparse
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

from topiclib import draw
from topiclib.runs import store

HERE = Path(__file__).parent


def main() -> int:
    """Draw stale figures and print the files; with --check only print stale figures, and return 1 if there are any."""
    options = arguments()
    out = options.out or options.run.parent / f"{options.run.name}-figures"
    formats = options.format.split(",")
    manifest = store.read_manifest(options.run)
    stale = []
    for name in options.only or draw.FIGURES:
        tables, script = draw.FIGURES[name].tables, HERE / f"{name}.py"
        missing = [table for table in tables if f"{table}.parquet" not in manifest["files"]]
        if missing:
            print(f"{name}: not drawn, this run has no table {', '.join(missing)}")
            continue
        files = [out / f"{name}.{form}" for form in formats]
        key = draw.figure_cache_key(manifest, tables, options=[options.lang], script=script.read_text(encoding="utf-8"))
        if draw.is_up_to_date(out, files, key):
            continue
        stale.append(name)
        if not options.check:
            out.mkdir(parents=True, exist_ok=True)
            load(script)(options.run, out, formats=formats, lang=options.lang)
            draw.record_figures(out, files, key)
            print(*files)
    names = ", ".join(stale) or "nothing"
    print(f"{out}: {names} {'is stale' if options.check else 'was drawn, the rest is up to date'}")
    return int(bool(options.check and stale))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="a run folder")
    parser.add_argument("--out", type=Path, help="output folder (default: RUN-figures next to the run)")
    parser.add_argument("--only", nargs="+", choices=list(draw.FIGURES), help="names of figures (default: all)")
    parser.add_argument("--format", default="png,svg,pdf", help="default: png,svg,pdf")
    parser.add_argument("--lang", default="en", choices=["en", "fa", "ar"], help="language of titles and labels")
    parser.add_argument("--check", action="store_true", help="draw nothing, print stale figures")
    return parser.parse_args()


def load(script: Path) -> Callable[..., object]:
    """Return the function `make` of a figure script."""
    return runpy.run_path(str(script))["make"]


if __name__ == "__main__":
    sys.exit(main())
