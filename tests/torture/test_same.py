"""The same corpus gives the same tables to the byte, whatever the hash seed, locale, zone, folder and order of files."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from corpora_of_torture import sentence
from judge import command, fit

from topiclib.cli.main import main
from topiclib.runs import store
from topiclib.runs.verify_refit import compare_topics, verify_refit

THREADS = [
    dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), n) for n in "12"
]
ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "topiclib" / "corpus" / "sample"
VARIANTS = [
    {"PYTHONHASHSEED": "1", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "TZ": "Asia/Tehran"},
    {"PYTHONHASHSEED": "12345", "LC_ALL": "C.UTF-8", "TZ": "Pacific/Kiritimati", "COLUMNS": "20"},
    {"PYTHONHASHSEED": "0", "LC_ALL": "POSIX", "TZ": "UTC+12"},
    {"PYTHONHASHSEED": "random", "LANG": "fa_IR.UTF-8", "LANGUAGE": "fa", "TZ": "America/New_York", "PYTHONUTF8": "1"},
]


def corpus(at: Path, n: int, *, seed: int) -> Path:
    """Write n articles as files, in an order of its own: what a folder lists first differs with it."""
    folder = at / "articles"
    folder.mkdir(parents=True)
    order = list(range(n))
    random.Random(seed).shuffle(order)
    for i in order:
        file = folder / f"{'خبر' if i % 2 else 'n'}{i % 3}" / f"{i}.txt"
        file.parent.mkdir(exist_ok=True)
        file.write_text(sentence(i), encoding="utf-8")
    return at


def hashes(run: Path) -> dict[str, str]:
    return store.read_manifest(run)["files"]


def in_a_fresh_process(at: Path, env: dict[str, str], arguments: list[str]) -> None:
    (at / "elsewhere").mkdir()
    env = {**os.environ, "XDG_CACHE_HOME": str(at / "cache"), "PYTHONPATH": str(ROOT), **env}
    done = subprocess.run(
        [sys.executable, "-m", "topiclib.cli", *arguments], cwd=at / "elsewhere", env=env, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.fixture(scope="module")
def run(forge, tmp_path_factory) -> Path:
    at = corpus(tmp_path_factory.mktemp("same") / "at", 45, seed=0)
    assert fit(forge, at, ["articles", "--out", "run"])["status"] == 0
    return at / "run"


def test_the_same_tables_elsewhere(run, tmp_path):
    """One of the variants, in a process of its own with an empty cache; `make torture` tries all of them, five times."""
    at = corpus(tmp_path / "at", 45, seed=1)
    in_a_fresh_process(at, VARIANTS[0], ["fit", "../articles", "--out", "../run", "--quiet"])
    assert hashes(at / "run") == hashes(run)


def sample_by_outlet(at: Path, *, seed: int) -> Path:
    """Write the bundled sample, a file an outlet, in an order of its own."""
    lines = [line for file in sorted(SAMPLE.glob("articles.*.jsonl")) for line in file.read_text("utf-8").splitlines()]
    outlets: dict[str, list[str]] = {}
    for line in lines:
        outlets.setdefault(json.loads(line)["source"], []).append(line)
    order = sorted(outlets)
    random.Random(seed).shuffle(order)
    for outlet in order:
        folder = at / "articles" / f"{'خبر' if len(outlet) % 2 else 'n'}{len(outlet) % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{outlet}.jsonl").write_text("\n".join(outlets[outlet]) + "\n", encoding="utf-8")
    return at


@pytest.mark.torture
def test_the_same_tables_five_times_and_in_every_variant(tmp_path):
    """The sample, nine whole runs: plain ones, the variants, two threads, an old cache; with refits at other seeds."""
    variants = [{}, *VARIANTS, {}, {"XDG_CACHE_HOME": str(tmp_path / "at0" / "cache")}, *THREADS]
    found = []
    for number, variant in enumerate(variants):
        at = sample_by_outlet(tmp_path / f"at{number}", seed=number)
        in_a_fresh_process(at, variant, ["fit", "../articles", "--out", "../run", "--stability", "2"])  # and says so
        found.append(hashes(at / "run"))
        same = sum(found[-1][name] == value for name, value in found[0].items())
        print(f"{same} of {len(found[0])} files as the first run has them: {variant}")
    assert all(one == found[0] for one in found)


def test_a_second_run_in_one_process(forge, run):
    assert fit(forge, run.parent, ["articles", "--out", "again"])["status"] == 0
    assert hashes(run.parent / "again") == hashes(run)


def test_a_run_fitted_again_finds_the_same(run, forge):
    told = command(forge, run.parent, ["check", "run", "--refit", "--cache", "../new.sqlite"])
    assert told["status"] == 0, told
    topics = len(store.read_table(run, "topics"))
    assert topics > 1
    assert f"{topics} then, {topics} now; {topics} come back" in told["out"]
    passages = len(store.read_table(run, "assignments"))
    assert f"100.00% of {passages} in the same topic; adjusted Rand index 1.0000" in told["out"]
    assert "the largest change is 0.00 points\n" in told["out"] and "then " not in told["out"].split("come back")[1]


def test_refit_finds_what_differs():
    lang = pd.Series(["fa", "ar"] * 50)
    topics = np.repeat([0, 1, 2, 3], 25)
    renamed = np.array([7, 5, 9, 1])[topics]
    found = compare_topics(topics, renamed, lang)
    assert (found["ari"], found["same"], found["matched"], found["moved"]) == (1.0, 1.0, 4, 0.0)
    moved = renamed.copy()
    moved[:10] = 5  # ten passages of topic 0 now lie in what was topic 1: five in each language
    found = compare_topics(topics, moved, lang)
    assert found["matched"] == 4 and found["same"] == 0.9 and 0.7 < found["ari"] < 1
    assert found["moved"] == pytest.approx(0.1) and found["moved_where"][0] in (0, 1)
    one = compare_topics(topics, np.zeros(100, dtype=int), lang)
    assert (one["topics"], one["topics_again"], one["matched"], one["ari"]) == (4, 1, 0, 0.0)
    assert one["moved"] == pytest.approx(0.76, abs=0.03)
    none = compare_topics(topics, np.full(100, -1), lang)
    assert (none["topics_again"], none["matched"], none["same"]) == (0, 0, 0.0)


def test_refit_of_what_is_no_run_or_another_encoders(run, tmp_path, capsys):
    import shutil

    assert main(["check", str(tmp_path), "--refit"]) == 2
    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    manifest = store.read_manifest(copy)
    manifest.pop("seal")
    (copy / "manifest.json").write_bytes(store._serialize_manifest({**manifest, "encoder": "another/1"}))
    assert main(["check", str(copy), "--refit"]) == 2
    assert "was made with another/1" in capsys.readouterr().err
    (copy / "topics.parquet").write_bytes(b"")
    assert main(["check", str(copy), "--refit"]) == 1  # not fitted again: what would it be compared with
    (copy / "manifest.json").write_bytes(store._serialize_manifest({**manifest, "recipe": {"color": 1}}))
    with pytest.raises(ValueError, match="was made by topiclib"):
        verify_refit(copy)
