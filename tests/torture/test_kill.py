"""Kills, full disks and missing permissions leave the old run unchanged, and nothing is computed twice."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from checks import check_one_line_error, fit, listing, make_job
from hostile_corpora import jsonl, raw, rows_of, sentence

from topiclib.runs import store
from topiclib.runs.check import verify_run

pytestmark = pytest.mark.slow

NOBODY = 65534


def corpus(at: Path, n: int, *, wide: bool = False) -> Path:
    """Write n articles; with `wide`, add a column of 90 kB in all that cannot be compressed."""
    at.mkdir()
    noise = [random.Random(i).randbytes(90_000 // n).hex() if wide else "" for i in range(n)]
    jsonl(
        at, rows_of([sentence(i) for i in range(n)], noise=noise, source=["a", "b", "c"] * (n // 3) + ["a"] * (n % 3))
    )
    return at


def kill_once(fork_server, base: Path, number: int, undisturbed: Path, **moment) -> str:
    """Kill a fit at a moment, check what is left, and fit again; return where the kill happened."""
    n = json.loads((undisturbed / "manifest.json").read_bytes())["counts"]["articles"]
    at, log = corpus(base / f"at{number}", n), base / f"log{number}"
    shutil.copytree(undisturbed, at / "run")
    old = store.hash_file(at / "run" / "manifest.json")
    result = fit(fork_server, at, ["in", "--out", "run", "--force"], log=str(log), **moment)
    assert result["status"] in (-9, 0), result
    assert verify_run(at / "run") == [], "incomplete or missing run"
    where = "done" if result["status"] == 0 else "before the new run exists"
    if store.hash_file(at / "run" / "manifest.json") != old:
        where = "after the new run exists"
    again = fit(fork_server, at, ["in", "--out", "run", "--force"], log=str(log))
    assert again["status"] == 0, again
    assert listing(at) == {"in", "in/a.jsonl", "run", *(f"run/{name}" for name in os.listdir(undisturbed))}
    same = [name for name in os.listdir(undisturbed) if name != "manifest.json"]
    assert {name: store.hash_file(at / "run" / name) for name in same} == {
        name: store.hash_file(undisturbed / name) for name in same
    }, where
    batches = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    twice = [text for text, count in Counter(text for batch in batches for text in batch).items() if count > 1]
    assert any(set(twice) <= set(batch) for batch in batches), f"{len(twice)} embedded twice"
    shutil.rmtree(at)
    return where


@pytest.fixture(scope="module")
def undisturbed(fork_server, tmp_path_factory) -> tuple[Path, float]:
    at = corpus(tmp_path_factory.mktemp("undisturbed") / "at", 45)
    result = fit(fork_server, at, ["in", "--out", "run"])
    assert result["status"] == 0, result
    return at / "run", result["seconds"]


def test_a_kill_loses_nothing(fork_server, undisturbed, tmp_path):
    """At a random moment, and at two while the run is written: before the first table, and between the two renames."""
    run, seconds = undisturbed
    kill_once(fork_server, tmp_path, 0, run, kill_after=random.Random(0).uniform(0.05, seconds))
    for number, moment in enumerate([["os.mkdir", 1], ["os.rename", 2]], start=1):
        assert kill_once(fork_server, tmp_path, number, run, kill_at=moment) != "done"


@pytest.mark.torture
def test_fifty_kills_lose_nothing(fork_server_with_maps, tmp_path):
    at = corpus(tmp_path / "undisturbed", 130)
    result = fit(fork_server_with_maps, at, ["in", "--out", "run"])
    assert result["status"] == 0, result
    rng, counts = random.Random(1), Counter()
    while counts.total() < 50 or counts["before the new run exists"] < 30:  # on a busy machine the moments shift
        assert counts.total() < 150, dict(counts)
        moment = rng.uniform(0, 1.1 * result["seconds"])
        counts[kill_once(fork_server_with_maps, tmp_path, counts.total(), at / "run", kill_after=moment)] += 1
    print(dict(counts))


@pytest.mark.parametrize(
    ("left", "warm"),
    [
        (20_000, False),
        (45_000, True),
        *(pytest.param(*more, marks=pytest.mark.torture) for more in ((600, False), (60_000, False), (70_000, True))),
    ],
)
def test_full_disk_gives_one_error_line_and_leaves_the_old_run(fork_server, undisturbed, tmp_path, left, warm):
    """Limit files to `left` bytes: too few for the cache (32,768 for its index alone), or for a table."""
    at = corpus(tmp_path / "at", 45, wide=True)
    shutil.copytree(undisturbed[0], at / "run")
    if warm:
        assert fit(fork_server, at, ["in", "--out", "other"])["status"] == 0
    before = listing(at)
    result = fit(fork_server, at, ["in", "--out", "run", "--force"], disk_bytes=left)
    assert result["status"] == 2, result
    check_one_line_error(result)
    assert ("unchanged" if warm else "check disk space") in result["err"], result["err"]
    assert verify_run(at / "run") == [] and listing(at) == before


@pytest.mark.parametrize("lost", ["the folder of the run", "a file", "a folder", "the cache", "the run itself"])
def test_missing_permission_gives_one_error_line(fork_server, tmp_path, lost):
    if os.getuid() != 0:
        pytest.skip("only root can become nobody")
    tmp_path.chmod(0o755)
    for above in tmp_path.parents:
        if above.stat().st_uid == 0 and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o055)
    at = corpus(tmp_path / "at", 6)
    job = make_job(at, ["fit", "in", "--out", "run", "--quiet"], user=NOBODY)
    at.chmod(0o777)
    if lost == "the folder of the run":
        at.chmod(0o755)
    elif lost == "a file":
        raw(at, sentence(7), "b.txt")
        (at / "in" / "b.txt").chmod(0)
    elif lost == "a folder":
        (at / "in" / "deep").mkdir(0o700)
        (at / "in" / "deep" / "b.txt").write_text(sentence(7), encoding="utf-8")
    elif lost == "the cache":
        Path(job["env"]["XDG_CACHE_HOME"]).mkdir(0o700)
    else:
        (at / "run").mkdir(0o700)
        (at / "run" / "manifest.json").write_text("{}")
    result = fork_server.run(job)[0]
    print(result["err"])
    if lost == "the cache":  # the run goes on without one
        assert result["status"] == 0 and verify_run(at / "run") == [], result
        return
    assert result["status"] == 2, result
    check_one_line_error(result)
    assert "ermission" in result["err"] or "may not" in result["err"], result["err"]


def test_two_fits_at_once(fork_server, undisturbed, tmp_path):
    """With one cache, and into one run folder: all succeed, with the tables of a single fit."""
    at = corpus(tmp_path / "at", 45)
    into = ["one", "two", "same", "same"]
    jobs = [make_job(at, ["fit", "in", "--out", out, "--quiet"], name=str(i)) for i, out in enumerate(into)]
    for result in fork_server.run(*jobs):
        assert result["status"] == 0, result["err"]
    for out in set(into):
        assert verify_run(at / out) == []
        for name in ("assignments.parquet", "points.parquet", "keywords.parquet"):
            assert store.hash_file(at / out / name) == store.hash_file(undisturbed[0] / name)
    assert sorted(os.listdir(at)) == ["in", "one", "same", "two"]
