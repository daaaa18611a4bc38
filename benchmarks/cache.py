"""Measure a large cache: time and memory of filling, reading, counting and clearing it.

    python benchmarks/cache.py --rows 1000000

Prints one line a step. The vectors are random; the file takes about 2 kB a row, in a temporary folder unless --folder
names another.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from topiclib.embedding.cache import VectorCache, cache_clear, cache_info

ENCODER, DIM, BATCH = "benchmark/1", 384, 4096


def key(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def say(step: str, start: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{step:<44} {time.perf_counter() - start:8.2f} s   peak {peak:6.0f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        file = Path(folder) / "vectors.sqlite"
        start = time.perf_counter()
        with closing(VectorCache(file)) as store:
            for first in range(0, options.rows, BATCH):
                keys = [key(n) for n in range(first, min(first + BATCH, options.rows))]
                store.write(ENCODER, keys, random.standard_normal((len(keys), DIM)).astype(np.float32))
        say(f"fill, {options.rows:,} rows", start)
        start = time.perf_counter()
        info = cache_info(file)
        say(f"info ({info['bytes'] / 1e6:,.0f} MB, {info['encoders'][ENCODER]:,} passages)", start)
        for wanted, shift, what in ((1_000, 0, "there"), (10_000, 0, "there"), (10_000, options.rows, "not there")):
            rows = {key(int(n) + shift): i for i, n in enumerate(random.choice(options.rows, wanted, replace=False))}
            start = time.perf_counter()
            with closing(VectorCache(file)) as store:
                found = store.read(ENCODER, rows, np.empty((wanted, DIM), np.float32))
            say(f"look up {wanted:,} that are {what} ({len(found):,} found)", start)
        start = time.perf_counter()
        removed = cache_clear(file)
        say(f"clear ({removed:,} removed, {file.stat().st_size / 1e6:.1f} MB left)", start)


if __name__ == "__main__":
    main()
