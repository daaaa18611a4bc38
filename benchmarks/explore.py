"""How fluid the document map is with many passages: frames while it is dragged, the first search, size and opening.

Makes a run larger by copying its passages with some jitter, writes the map, and drives it in a headless Chromium, which
draws without a graphics card. Needs the packages of the `dev` extra and Chromium.

    python benchmarks/explore.py runs/sample --passages 20000
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from topiclib import store
from topiclib.explore import write_map

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "explore"))
from chromium import Chromium

TIMES = "window.times = []; (function t(now) { times.push(now); requestAnimationFrame(t); })(performance.now())"
SEARCH = (
    "(box => { box.value = 'البرنامج النووي'; box.dispatchEvent(new Event('input')); })"
    "(document.querySelector('input[type=search]'))"
)
STATUS = "document.querySelector('[role=status]').textContent"


def larger(tables: dict[str, pd.DataFrame], passages: int) -> dict[str, pd.DataFrame]:
    """Return the tables with every passage and article copied until there are so many passages."""
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
        page.run(TIMES)
        page.drag(*[(600 + 3 * step, 400 + 2 * step) for step in range(60)])
        frames = np.diff(page.run("times"))
        print(f"while dragged: {np.median(frames):.1f} ms a frame (95 %: {np.percentile(frames, 95):.1f} ms)")
        start = time.perf_counter()
        page.run(SEARCH)
        page.wait(f"{STATUS}.includes('shown')")
        print(f"first search in {time.perf_counter() - start:.2f} s: {page.run(STATUS)}")


if __name__ == "__main__":
    main()
