"""Full and read-only disks: a small and a read-only file system, mounted for one process."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from checks import check_one_line_error, command, fit, listing
from fork_server import NO_MOUNT
from hostile_corpora import jsonl, raw, rows_of, sentence

from topiclib.runs import store
from topiclib.runs.check import verify_run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def at(fork_server, tmp_path_factory) -> Path:
    """Write a corpus, and its run in `disk`."""
    at = tmp_path_factory.mktemp("disks") / "at"
    at.mkdir()
    jsonl(at, rows_of([sentence(i) for i in range(45)], source=["a", "b", "c"] * 15))
    (at / "disk").mkdir()
    assert fit(fork_server, at, ["in", "--out", "disk/run"])["status"] == 0
    shutil.copytree(at / "disk" / "run", at / "old")
    return at


def check_error(result: dict) -> None:
    if result["status"] == NO_MOUNT:
        pytest.skip("this machine does not allow mounts")
    assert result["status"] == 2, result
    check_one_line_error(result)


@pytest.mark.parametrize("cache_too", [False, pytest.param(True, marks=pytest.mark.torture)])
def test_read_only_disk_gives_one_error_line(fork_server, at, cache_too):
    before = {name: store.hash_file(at / name) for name in listing(at) if (at / name).is_file()}
    env = {"XDG_CACHE_HOME": str(at / "disk" / "cache")} if cache_too else {}
    out = "../other" if cache_too else "disk/new"
    result = fit(fork_server, at, ["in", "--out", out, "--force"], mount=[str(at / "disk"), None], env=env)
    if cache_too and result["status"] == 0:
        return  # the run goes on without a cache, with a warning, which these processes do not show
    check_error(result)
    assert "read-only" in result["err"].lower() or "no permission" in result["err"], result["err"]
    assert not (at / out).exists()
    assert before == {name: store.hash_file(at / name) for name in listing(at) if (at / name).is_file()}


def test_run_on_a_read_only_disk_can_be_read(fork_server, at, tmp_path):
    read_only = {"mount": [str(at / "disk"), None]}
    result = command(fork_server, at, ["check", "disk/run", "--refit"], **read_only)
    if result["status"] == NO_MOUNT:
        pytest.skip("this machine does not allow mounts")
    assert result["status"] == 0 and "agreement of the groupings 1.00" in result["out"], result
    for arguments in (
        ["explore", "disk/run", "--html", str(tmp_path / "map.html")],
        ["figures", "disk/run", "--out", str(tmp_path / "figures"), "--only", "theme_shares", "--format", "png"],
    ):
        result = command(fork_server, at, arguments, **read_only)
        assert result["status"] == 0, result


@pytest.mark.parametrize("left", [60, *(pytest.param(more, marks=pytest.mark.torture) for more in (4, 24, 90))])
def test_full_disk_leaves_the_old_run_unchanged(fork_server, at, tmp_path, left):
    """A file system with `left` kB beside the old run: too few for the new one."""
    size = sum(-(-file.stat().st_size // 4096) * 4 for file in (at / "old").iterdir())
    disk = tmp_path / "disk"
    disk.mkdir()
    result = fit(
        fork_server, at, ["in", "--out", str(disk / "run"), "--force"], mount=[str(disk), size + 8 + left],
        copy_in=[[str(at / "old"), str(disk / "run")]], copy_out=[[str(disk), str(tmp_path / "after")]],
    )  # fmt: skip
    check_error(result)
    assert "No space left" in result["err"] and "unchanged" in result["err"], result["err"]
    assert os.listdir(tmp_path / "after") == ["run"]
    assert verify_run(tmp_path / "after" / "run") == []


@pytest.mark.parametrize("size", [100, *(pytest.param(more, marks=pytest.mark.torture) for more in (4, 40))])
def test_disk_too_small_for_the_cache_gives_one_error_line(fork_server, tmp_path, size):
    raw(tmp_path, "\n".join(sentence(i) for i in range(400)))
    disk = tmp_path / "disk"
    disk.mkdir()
    result = fit(
        fork_server, tmp_path, ["in", "--out", "run"], mount=[str(disk), size], env={"XDG_CACHE_HOME": str(disk)},
    )  # fmt: skip
    check_error(result)
    # Vectors and stages share the disk: whichever needs space first finds none.
    assert "check disk space" in result["err"] or "No space left" in result["err"], result["err"]
    assert not (tmp_path / "run").exists()
