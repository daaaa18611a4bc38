"""Disks that are full or may only be read, for real: a small file system and a read-only one, each seen by one process."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from corpora_of_torture import jsonl, raw, rows_of, sentence
from forge import NO_MOUNT
from judge import check_line, command, fit, listing

from topiclib.runs import store


@pytest.fixture(scope="module")
def at(forge, tmp_path_factory) -> Path:
    """A corpus and its run, in `disk`; a larger corpus beside it."""
    at = tmp_path_factory.mktemp("disks") / "at"
    at.mkdir()
    jsonl(at, rows_of([sentence(i) for i in range(45)], source=["a", "b", "c"] * 15))
    (at / "disk").mkdir()
    assert fit(forge, at, ["in", "--out", "disk/run"])["status"] == 0
    shutil.copytree(at / "disk" / "run", at / "old")
    return at


def one_line(told: dict) -> None:
    if told["status"] == NO_MOUNT:
        pytest.skip("nobody may mount anything here")
    assert told["status"] == 2, told
    check_line(told)


@pytest.mark.parametrize("cache_too", [False, pytest.param(True, marks=pytest.mark.torture)])
def test_a_read_only_disk_is_one_line(forge, at, cache_too):
    before = {name: store.hash_file(at / name) for name in listing(at) if (at / name).is_file()}
    env = {"XDG_CACHE_HOME": str(at / "disk" / "cache")} if cache_too else {}
    out = "../other" if cache_too else "disk/new"
    told = fit(forge, at, ["in", "--out", out, "--force"], mount=[str(at / "disk"), None], env=env)
    one_line(told)
    assert "read-only" in told["err"].lower() or "may not be written" in told["err"], told["err"]
    assert not (at / out).exists()
    assert before == {name: store.hash_file(at / name) for name in listing(at) if (at / name).is_file()}


def test_a_run_on_a_read_only_disk_can_be_read(forge, at, tmp_path):
    read_only = {"mount": [str(at / "disk"), None]}
    told = command(forge, at, ["check", "disk/run", "--refit"], **read_only)
    if told["status"] == NO_MOUNT:
        pytest.skip("nobody may mount anything here")
    assert told["status"] == 0 and "adjusted Rand index 1.0000" in told["out"], told
    for arguments in (
        ["explore", "disk/run", "--html", str(tmp_path / "map.html")],
        ["figures", "disk/run", "--out", str(tmp_path / "figures"), "--only", "theme_shares", "--format", "png"],
    ):
        told = command(forge, at, arguments, **read_only)
        assert told["status"] == 0, told


@pytest.mark.parametrize("left", [60, *(pytest.param(more, marks=pytest.mark.torture) for more in (4, 24, 90))])
def test_a_full_disk_leaves_the_old_run_whole(forge, at, tmp_path, left):
    """A file system with so many kB left beside the old run: too few for the new one."""
    size = sum(-(-file.stat().st_size // 4096) * 4 for file in (at / "old").iterdir())
    disk = tmp_path / "disk"
    disk.mkdir()
    told = fit(
        forge, at, ["in", "--out", str(disk / "run"), "--force"], mount=[str(disk), size + 8 + left],
        copy_in=[[str(at / "old"), str(disk / "run")]], copy_out=[[str(disk), str(tmp_path / "after")]],
    )  # fmt: skip
    one_line(told)
    assert "No space left" in told["err"] and "as it was" in told["err"], told["err"]
    assert os.listdir(tmp_path / "after") == ["run"]
    assert store.verify_run(tmp_path / "after" / "run") == []


@pytest.mark.parametrize("size", [100, *(pytest.param(more, marks=pytest.mark.torture) for more in (4, 40))])
def test_a_disk_too_small_for_the_cache_is_one_line(forge, tmp_path, size):
    raw(tmp_path, "\n".join(sentence(i) for i in range(400)))
    disk = tmp_path / "disk"
    disk.mkdir()
    told = fit(
        forge, tmp_path, ["in", "--out", "run"], mount=[str(disk), size], env={"XDG_CACHE_HOME": str(disk)},
    )  # fmt: skip
    one_line(told)
    assert "full" in told["err"].lower() or "No space left" in told["err"], told["err"]
    assert not (tmp_path / "run").exists()
