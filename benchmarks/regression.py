"""Record what this checkout computes, and compare two records: does a rewrite change any number?

A record holds five run folders and the hash of every figure. Tables are compared by value, not by the bytes of their
files, so that a table or a column may be renamed (`RENAMED`) without the numbers counting as changed.

python benchmarks/regression.py record before            (in the old checkout)
python benchmarks/regression.py record after             (in the new one, on the same machine)
python benchmarks/regression.py compare before after     (exit status 1 if a value differs)
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

TABLES = {"articles": "document_topics", "split": "topic_languages"}
"""Tables whose name changed: old name to new name."""
RENAMED = {
    "passages": {"modelled": "modeled", "reprints": "n_reprints"},
    "assignments": {"strength": "similarity"},
    "assigned": {"strength": "similarity"},
    "quotes": {"strength": "score"},
    "stability": {"jaccard": "mean_jaccard", "least": "min_jaccard"},
    "recovery": {"more": "larger_in", "draw": "resample", "gap": "recovered", "control": "recovered_within"},
    "sensitivity": {"settings": "n_settings", "missing": "n_missing", "low": "min", "high": "max"},
}
"""Columns whose name changed, by the new name of their table: old name to new name."""
VALUES = {"step": {"modelled": "modeled"}}
"""Entries of text columns whose wording changed, by the name of the column: old text to new text."""

COMMAND = [sys.executable, "-c", "import sys; from topiclib.cli.main import main; sys.exit(main())"]
FIGURES = {"en": ["--lang", "en"], "fa": ["--lang", "fa", "--size", "column"]}


def main() -> int:
    """Record or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    record_parser = commands.add_parser("record", help="fit the five runs of this checkout and draw the figures")
    record_parser.add_argument("folder", type=Path)
    record_parser.add_argument("--seeds", type=Path, default=Path("../shared/seeds"), help="the five seed articles")
    record_parser.set_defaults(do=lambda options: record(options.folder, options.seeds))
    compare_parser = commands.add_parser("compare", help="compare two records")
    compare_parser.add_argument("before", type=Path)
    compare_parser.add_argument("after", type=Path)
    compare_parser.set_defaults(do=lambda options: compare(options.before, options.after))
    options = parser.parse_args()
    return options.do(options)


def record(folder: Path, seeds: Path) -> int:
    """Write the runs and `figures.json` into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    runs = {
        "sample": ["--sample", "--quality", "--stability", "2"],
        "hdbscan": ["--sample", "--clustering", "hdbscan"],
        "outlets": ["--sample", "--balance", "outlet", "--n-topics", "12", "--outliers", "keep", "--period", "all"],
        "seeds": [str(seeds)],
    }
    for name, arguments in runs.items():
        topiclib("fit", *arguments, "--out", str(folder / name), "--force", "--quiet")
    run_in_parts(folder / "dask")
    assign_articles(folder / "sample", folder / "assigned.parquet")
    hashes = {}
    for lang, arguments in FIGURES.items():
        with tempfile.TemporaryDirectory() as drawn:
            topiclib("figures", str(folder / "sample"), "--out", drawn, *arguments)
            for file in sorted(Path(drawn).glob("*.*")):
                if file.suffix in (".png", ".svg", ".pdf"):
                    hashes[f"{lang}/{file.name}"] = hashlib.sha256(file.read_bytes()).hexdigest()
    (folder / "figures.json").write_text(json.dumps(hashes, indent=1), encoding="utf-8")
    print(f"{folder}: {len(runs) + 1} runs, {len(hashes)} figures")
    return 0


def topiclib(*arguments: str) -> None:
    """Run the command line of this checkout."""
    subprocess.run([*COMMAND, *arguments], check=True, stdout=subprocess.DEVNULL)


def run_in_parts(out: Path) -> None:
    """Fit the sample in several partitions on two Dask workers."""
    from distributed import Client, LocalCluster

    import topiclib as tl
    from topiclib.corpus.sample import sample_paths, sample_sources

    with (
        tempfile.TemporaryDirectory() as work,
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        tl.run(
            sample_paths(), client=client, out=out, workspace=f"{work}/parts", sources=sample_sources(),
            partition_bytes=60_000, force=True, progress=False,
        )  # fmt: skip


def assign_articles(run: Path, file: Path) -> None:
    """Assign the sample's articles to the topics of a stored run, as if they were new."""
    import topiclib as tl

    tl.assign_topics(tl.open_run(run), tl.load_sample()).to_parquet(file)


def compare(before: Path, after: Path) -> int:
    """Print what differs; return 1 if anything does."""
    different = []
    for old in sorted(before.rglob("*.parquet")):
        name = TABLES.get(old.stem, old.stem)
        new = after / old.relative_to(before).with_name(f"{name}.parquet")
        label = new.relative_to(after).with_suffix("").as_posix()
        if not new.is_file():
            different.append(f"{label}: missing")
            continue
        left = pd.read_parquet(old).rename(columns=RENAMED.get(name, {}))
        for column in left.columns.intersection(list(VALUES)):
            left[column] = left[column].replace(VALUES[column])
        different += [f"{label}: {what}" for what in differences(left, pd.read_parquet(new))]
    for old in sorted(before.rglob("*.npy")):
        new = after / old.relative_to(before)
        if not new.is_file() or not np.array_equal(np.load(old), np.load(new)):
            different.append(f"{new.relative_to(after)}: other values")
    known, found = (json.loads((folder / "figures.json").read_text(encoding="utf-8")) for folder in (before, after))
    different += [f"figure {name}" for name in known if found.get(name) != known[name]]
    print("\n".join(different) or f"equal: every table, array and figure of {before} and {after}")
    return int(bool(different))


def differences(left: pd.DataFrame, right: pd.DataFrame) -> list[str]:
    """Describe how two tables differ: in rows and their order, columns or values."""
    if len(left) != len(right):
        return [f"{len(left)} rows, now {len(right)}"]
    said = [f"column {name} {what}" for names, what in (
        (left.columns.difference(right.columns), "is gone"), (right.columns.difference(left.columns), "is new")
    ) for name in names]  # fmt: skip
    for column in left.columns.intersection(right.columns):
        try:
            pd.testing.assert_series_equal(left[column], right[column], check_exact=True)
        except AssertionError:
            changed = ~((left[column] == right[column]) | (left[column].isna() & right[column].isna()))
            row = int(np.flatnonzero(changed)[0]) if changed.any() else 0
            said.append(
                f"column {column} differs in {int(changed.sum())} of {len(left)} rows, first row {row}: "
                f"{left[column].iloc[row]!r}, now {right[column].iloc[row]!r}"
            )
    return said


if __name__ == "__main__":
    sys.exit(main())
