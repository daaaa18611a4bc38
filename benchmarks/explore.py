"""Measure the document map with many passages: frame times while dragging, first search, file size, opening.

Makes a run larger by copying its passages with some jitter, and drives the map of it in a headless Chromium, which
draws without a graphics card: as a page of its own, and as the widget in a running JupyterLab, where the time from the
end of a lasso to `.selection` in Python is measured too. Needs the packages of the `dev` extra and Chromium.

    python benchmarks/explore.py runs/sample --passages 20000
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from topiclib.explore import write_map
from topiclib.runs import store

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "explore"))
from chromium import Chromium
from lab import CANVAS, jupyterlab, run_cells

TIMES = (
    "window.times ? times.splice(0) : (window.times = [],"
    " (function t(now) { times.push(now); requestAnimationFrame(t); })(0)), 0"
)
SEARCH = (
    "(box => { box.value = 'البرنامج النووي'; box.dispatchEvent(new Event('input')); })"
    "(document.querySelector('input[type=search]'))"
)
STATUS = "document.querySelector('[role=status]').textContent"


def larger(tables: dict[str, pd.DataFrame], passages: int) -> dict[str, pd.DataFrame]:
    """Return the tables with passages and articles copied up to the given number of passages."""
    copies = -(-passages // len(tables["points"]))
    out = dict(tables)
    keys = {"points": ["passage_id"], "passages": ["passage_id", "doc_id"], "documents": ["doc_id"]}
    for name, columns in {**keys, "themes": ["passage_id"], "matches": ["passage_id"]}.items():
        parts = [tables[name].assign(**{c: tables[name][c] + f"@{i}" for c in columns}) for i in range(copies)]
        out[name] = pd.concat(parts, ignore_index=True)
    jitter = np.random.default_rng(0).normal(0, 0.35, (len(out["points"]), 2))
    out["points"] = out["points"].assign(
        **dict(zip("xy", (out["points"][["x", "y"]] + jitter).to_numpy().T, strict=True))
    )
    return out


CELL = """import json, time
from pathlib import Path
from topiclib.explore import explore
start = time.time()
shown = explore("run")
took = time.time() - start
def note(change):
    Path("selection.json").write_text(json.dumps([time.time(), len(change["new"]), took, len(shown.data)]))
shown.observe(note, "selection")
shown"""


def frames(page: Chromium, act: Callable[[], object]) -> str:
    """Return the frame time, median and 95th percentile, during an action."""
    page.run(TIMES)
    act()
    each = np.diff(page.run("times.splice(0)"))
    return f"{np.median(each):.1f} ms a frame (95 %: {np.percentile(each, 95):.1f} ms)"


def pan_and_zoom(page: Chromium, x: float, y: float) -> None:
    """Print the frame time while the map around a point is dragged and while it is zoomed."""
    round_trip = [(x + 60 * np.sin(k / 10), y + 60 - 60 * np.cos(k / 10)) for k in range(127)]
    print(f"  dragged: {frames(page, lambda: page.drag(*round_trip))}")
    wheel = {"type": "mouseWheel", "x": x, "y": y, "deltaX": 0}
    turns = [60] * 15 + [-60] * 30 + [60] * 15
    act = lambda: [page.send("Input.dispatchMouseEvent", deltaY=turn, **wheel) for turn in turns]  # noqa: E731
    print(f"  zoomed: {frames(page, act)}")


def in_lab(tables: dict[str, pd.DataFrame], manifest: dict, page: Chromium, folder: Path) -> None:
    """Print the numbers of the widget in JupyterLab."""
    with jupyterlab(folder, CELL) as address:
        plain = {name: value for name, value in manifest.items() if name not in ("files", "format", "checksum")}
        store.write_run(folder / "books" / "run", tables, {}, plain)
        sent = page.sizes
        start = time.perf_counter()
        run_cells(page, address, seconds=120)
        print(f"JupyterLab opened, cell run and map drawn in {time.perf_counter() - start:.1f} s")
        left, top, width, height = page.box(CANVAS)
        pan_and_zoom(page, left + width / 3, top + height / 3)
        corners = [(2, 2), (width - 2, 2), (width - 2, height / 2), (2, height / 2)]
        page.run("[...document.querySelectorAll('.topiclib-map button')].find((b) => b.textContent === 'Fit').click()")
        page.settle()
        sent.clear()
        start, file = time.time(), folder / "books" / "selection.json"
        page.drag(*[(left + x, top + y) for x, y in corners], shift=True)
        while not file.is_file() or not file.read_text():
            page.settle()
            if time.time() - start > 60:
                raise TimeoutError("no selection within a minute")
        at, n, took, size = json.loads(file.read_text())
        print(f"  explore() {took:.1f} s; sent to the browser once {size / 1e6:.1f} MB")
        print(f"  lasso of {n:,} passages in .selection after {at - start:.2f} s; {sum(sent) / 1e3:.0f} kB sent back")


def main() -> None:
    """Print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="a run folder")
    parser.add_argument("--passages", type=int, default=20_000)
    typed = parser.parse_args()
    tables = larger(store.read_tables(typed.run), typed.passages)
    run = SimpleNamespace(tables=tables, manifest=store.read_manifest(typed.run))
    with tempfile.TemporaryDirectory() as folder, Chromium() as page:
        start = time.perf_counter()
        file = write_map(run, Path(folder) / "map.html")  # type: ignore[arg-type]
        print(f"passages {len(tables['points']):,}; file {file.stat().st_size / 1e6:.1f} MB")
        print(f"written in {time.perf_counter() - start:.1f} s")
        start = time.perf_counter()
        page.open(file)
        page.wait(f"document.querySelector('canvas.over')?.width > 50 && {STATUS}")
        print(f"opened in {time.perf_counter() - start:.1f} s")
        page.settle()
        pan_and_zoom(page, 600, 400)
        start = time.perf_counter()
        page.run(SEARCH)
        page.wait(f"{STATUS}.includes('shown')")
        print(f"  first search in {time.perf_counter() - start:.2f} s: {page.run(STATUS)}")
        in_lab(tables, dict(run.manifest), page, Path(folder))
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
