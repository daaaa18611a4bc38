"""Tables are identical bytes for any hash seed, locale, time zone, folder and order of files."""

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
from checks import command, fit
from hostile_corpora import sentence

from topiclib.cli.main import main
from topiclib.evaluate.agreement import compare_topics
from topiclib.runs import store
from topiclib.runs.verify_refit import verify_refit

pytestmark = pytest.mark.slow

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
    """Write n articles as files in random order, which changes the order in which the folder lists them."""
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


def run_in_new_process(at: Path, env: dict[str, str], arguments: list[str]) -> None:
    (at / "elsewhere").mkdir()
    env = {**os.environ, "XDG_CACHE_HOME": str(at / "cache"), "PYTHONPATH": str(ROOT), **env}
    done = subprocess.run(
        [sys.executable, "-m", "topiclib.cli", *arguments], cwd=at / "elsewhere", env=env, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.fixture(scope="module")
def run(fork_server, tmp_path_factory) -> Path:
    at = corpus(tmp_path_factory.mktemp("same") / "at", 45, seed=0)
    assert fit(fork_server, at, ["articles", "--out", "run"])["status"] == 0
    return at / "run"


def test_same_tables_in_another_process(run, tmp_path):
    """Run one of the variants in a new process with an empty cache; `make torture` runs all of them."""
    at = corpus(tmp_path / "at", 45, seed=1)
    run_in_new_process(at, VARIANTS[0], ["fit", "../articles", "--out", "../run", "--quiet"])
    assert hashes(at / "run") == hashes(run)


def sample_by_outlet(at: Path, *, seed: int) -> Path:
    """Write the bundled sample, one file per outlet, in random order."""
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
def test_same_tables_in_every_variant(tmp_path):
    """Fit the sample with defaults, in all variants, with an existing cache, and with one and two threads."""
    variants = [{}, *VARIANTS, {}, {"XDG_CACHE_HOME": str(tmp_path / "at0" / "cache")}, *THREADS]
    runs = []
    for number, variant in enumerate(variants):
        at = sample_by_outlet(tmp_path / f"at{number}", seed=number)
        run_in_new_process(at, variant, ["fit", "../articles", "--out", "../run", "--stability", "2"])
        runs.append(hashes(at / "run"))
        same = sum(runs[-1][name] == value for name, value in runs[0].items())
        print(f"{same} of {len(runs[0])} files equal those of the first run: {variant}")
    assert all(run == runs[0] for run in runs)


def test_second_run_in_one_process_is_the_same(fork_server, run):
    assert fit(fork_server, run.parent, ["articles", "--out", "again"])["status"] == 0
    assert hashes(run.parent / "again") == hashes(run)


def test_refit_finds_the_same_topics(run, fork_server):
    result = command(fork_server, run.parent, ["check", "run", "--refit", "--cache", "../new.sqlite"])
    assert result["status"] == 0, result
    topics = len(store.read_table(run, "topics"))
    assert topics > 1
    assert f"{topics} then, {topics} now; {topics} found again" in result["out"]
    passages = len(store.read_table(run, "assignments"))
    assert f"100.00% of {passages} in the same topic; agreement of the groupings 1.00" in result["out"]
    assert "the largest change is 0.00 points\n" in result["out"] and "versions" not in result["out"]


def test_compare_topics_finds_differences():
    lang = pd.Series(["fa", "ar"] * 50)
    topics = np.repeat([0, 1, 2, 3], 25)
    renamed = np.array([7, 5, 9, 1])[topics]
    result = compare_topics(topics, renamed, lang)
    assert (result["ari"], result["same_topic_share"], result["n_matched"], result["max_share_change"]) == (
        1.0,
        1.0,
        4,
        0.0,
    )
    moved = renamed.copy()
    moved[:10] = 5  # ten passages of topic 0, five in each language, move to topic 1
    result = compare_topics(topics, moved, lang)
    assert result["n_matched"] == 4 and result["same_topic_share"] == 0.9 and 0.7 < result["ari"] < 1
    assert result["max_share_change"] == pytest.approx(0.1) and result["max_share_change_at"][0] in (0, 1)
    one = compare_topics(topics, np.zeros(100, dtype=int), lang)
    assert (one["n_topics"], one["n_topics_refit"], one["n_matched"], one["ari"]) == (4, 1, 0, 0.0)
    assert one["max_share_change"] == pytest.approx(0.76, abs=0.03)
    none = compare_topics(topics, np.full(100, -1), lang)
    assert (none["n_topics_refit"], none["n_matched"], none["same_topic_share"]) == (0, 0, 0.0)


def test_refit_of_a_folder_without_a_run_or_with_another_encoder(run, tmp_path, capsys):
    import shutil

    assert main(["check", str(tmp_path), "--refit"]) == 2
    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    manifest = store.read_manifest(copy)
    manifest.pop("checksum")
    (copy / "manifest.json").write_bytes(store.serialize_manifest({**manifest, "encoder": "another/1"}))
    assert main(["check", str(copy), "--refit"]) == 2
    assert "was made with another/1" in capsys.readouterr().err
    (copy / "topics.parquet").write_bytes(b"")
    assert main(["check", str(copy), "--refit"]) == 1  # damaged: nothing to compare a refit with
    (copy / "manifest.json").write_bytes(store.serialize_manifest({**manifest, "recipe": {"color": 1}}))
    with pytest.raises(ValueError, match="was made by topiclib"):
        verify_refit(copy)
