"""Killed anywhere, starved of disk, forbidden to write: the old run whole, one line, and nothing done twice."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from corpora_of_torture import jsonl, raw, rows_of, sentence
from judge import check_line, fit, listing, made_job

from topiclib.runs import store

NOBODY = 65534


def corpus(at: Path, n: int, *, wide: bool = False) -> Path:
    """Write n articles; `wide` ones with a column that no compression makes small, 90 kB of it in all."""
    at.mkdir()
    noise = [random.Random(i).randbytes(90_000 // n).hex() if wide else "" for i in range(n)]
    jsonl(
        at, rows_of([sentence(i) for i in range(n)], noise=noise, source=["a", "b", "c"] * (n // 3) + ["a"] * (n % 3))
    )
    return at


def kill_once(forge, base: Path, number: int, undisturbed: Path, **moment) -> str:
    """Kill a fit at a moment, look at what is left, and fit again; return where the kill fell."""
    n = json.loads((undisturbed / "manifest.json").read_bytes())["found"]["articles"]
    at, log = corpus(base / f"at{number}", n), base / f"asked{number}"
    shutil.copytree(undisturbed, at / "run")
    old = store.hash_file(at / "run" / "manifest.json")
    told = fit(forge, at, ["in", "--out", "run", "--force"], asked=str(log), **moment)
    assert told["status"] in (-9, 0), told
    assert store.verify_run(at / "run") == [], "half a run, or none"
    where = "done" if told["status"] == 0 else "before the new run is there"
    if store.hash_file(at / "run" / "manifest.json") != old:
        where = "after the new run is there"
    again = fit(forge, at, ["in", "--out", "run", "--force"], asked=str(log))
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
def undisturbed(forge, tmp_path_factory) -> tuple[Path, float]:
    at = corpus(tmp_path_factory.mktemp("undisturbed") / "at", 45)
    told = fit(forge, at, ["in", "--out", "run"])
    assert told["status"] == 0, told
    return at / "run", told["seconds"]


def test_a_kill_loses_nothing(forge, undisturbed, tmp_path):
    """A random moment, and two in the middle of the writing: before the first table, and between the two renames."""
    run, seconds = undisturbed
    kill_once(forge, tmp_path, 0, run, kill_after=random.Random(0).uniform(0.05, seconds))
    for number, moment in enumerate([["os.mkdir", 1], ["os.rename", 2]], start=1):
        assert kill_once(forge, tmp_path, number, run, kill_at=moment) != "done"


@pytest.mark.torture
def test_fifty_kills_lose_nothing(forge_with_maps, tmp_path):
    at = corpus(tmp_path / "undisturbed", 130)
    told = fit(forge_with_maps, at, ["in", "--out", "run"])
    assert told["status"] == 0, told
    draw, found = random.Random(1), Counter()
    while found.total() < 50 or found["before the new run is there"] < 30:  # a busy machine moves the moments
        assert found.total() < 150, dict(found)
        moment = draw.uniform(0, 1.1 * told["seconds"])
        found[kill_once(forge_with_maps, tmp_path, found.total(), at / "run", kill_after=moment)] += 1
    print(dict(found))


@pytest.mark.parametrize(
    ("left", "warm"),
    [
        (20_000, False),
        (45_000, True),
        *(pytest.param(*more, marks=pytest.mark.torture) for more in ((600, False), (60_000, False), (70_000, True))),
    ],
)
def test_a_full_disk_is_one_line_and_the_old_run_whole(forge, undisturbed, tmp_path, left, warm):
    """No file may grow over so many bytes: too few for the cache (32,768 for its index alone), or for a table."""
    at = corpus(tmp_path / "at", 45, wide=True)
    shutil.copytree(undisturbed[0], at / "run")
    if warm:
        assert fit(forge, at, ["in", "--out", "other"])["status"] == 0
    before = listing(at)
    told = fit(forge, at, ["in", "--out", "run", "--force"], disk_bytes=left)
    assert told["status"] == 2, told
    check_line(told)
    assert ("as it was" if warm else "is the disk full") in told["err"], told["err"]
    assert store.verify_run(at / "run") == [] and listing(at) == before


@pytest.mark.parametrize("lost", ["the folder of the run", "a file", "a folder", "the cache", "the run itself"])
def test_what_may_not_be_opened_is_one_line(forge, tmp_path, lost):
    if os.getuid() != 0:
        pytest.skip("only root can become nobody")
    tmp_path.chmod(0o755)
    for above in tmp_path.parents:
        if above.stat().st_uid == 0 and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o055)
    at = corpus(tmp_path / "at", 6)
    job = made_job(at, ["fit", "in", "--out", "run", "--quiet"], user=NOBODY)
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
    told = forge.run(job)[0]
    print(told["err"])
    assert told["status"] == 2, told
    check_line(told)
    assert "ermission" in told["err"] or "may not" in told["err"], told["err"]


def test_two_fits_at_once(forge, undisturbed, tmp_path):
    """On one cache, and into one run folder: nothing breaks, and the tables are those of one."""
    at = corpus(tmp_path / "at", 45)
    into = ["one", "two", "same", "same"]
    jobs = [made_job(at, ["fit", "in", "--out", out, "--quiet"], name=str(i)) for i, out in enumerate(into)]
    for told in forge.run(*jobs):
        assert told["status"] == 0, told["err"]
    for out in set(into):
        assert store.verify_run(at / out) == []
        for name in ("assignments.parquet", "points.parquet", "keywords.parquet"):
            assert store.hash_file(at / out / name) == store.hash_file(undisturbed[0] / name)
    assert sorted(os.listdir(at)) == ["in", "one", "same", "two"]
