"""The pipeline on real workers: the tables of the one machine, also where workers and the driver are killed."""

from __future__ import annotations

import importlib
import json
import shutil
import signal
import subprocess
import sys
from collections import Counter

import pandas as pd
import pytest

import topiclib as tl
from topiclib import schema
from topiclib.corpus.passages import add_outlet_and_month
from topiclib.corpus.sample import sample_paths, sample_sources
from topiclib.runs import store
from topiclib.runs.dask import run as scale
from topiclib.runs.dask.workspace import Workspace

STAGES = ("read", "cut", "join", "link", "lend", "match", "mark", "embed", "draw", "fit")
STAGES += ("place", "tell", "compare", "contrast")


def assert_same_tables(one, other, *, but=()):
    assert set(one) == set(other)
    for name in sorted(set(one) - set(but)):
        key = list(schema.get_table(name).key)
        frames = [tables[name].sort_values(key, ignore_index=True) for tables in (one, other)]
        pd.testing.assert_frame_equal(*frames, check_like=True, obj=f"table {name}")


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """Every fourth article of the sample, and one of them again, cut short, in four files."""
    folder = tmp_path_factory.mktemp("few")
    lines = [line for path in sample_paths() for line in path.open(encoding="utf-8")][::4]
    again = max(map(json.loads, lines), key=lambda article: len(article["text"]))
    again |= {"id": "again", "source": "agency", "text": again["text"].rpartition("\n")[0]}
    lines.append(json.dumps(again, ensure_ascii=False) + "\n")
    for number in range(4):
        (folder / f"{number}.jsonl").write_text("".join(lines[number::4]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def one(few, tmp_path_factory):
    """The same articles on one machine."""
    run = tl.run(few, out=tmp_path_factory.mktemp("one") / "run", progress=False)
    assert (run.tables["passages"]["reprint_of"] != "").any()
    return run


@pytest.mark.slow
def test_the_sample_has_the_topics_and_tables_of_one_machine(client, sample_run, tmp_path):
    run = scale.run(
        sample_paths(), client, out=tmp_path / "run", sources=sample_sources(), partition_bytes=60_000, progress=False
    )
    assert run.manifest["parts"] >= 4
    assert_same_tables(sample_run.tables, run.tables)
    assert run.manifest["found"] == sample_run.manifest["found"]
    assert run.manifest["synthetic"] is True
    assert store.verify_run(run.path) == []
    assert str(tmp_path) not in json.dumps(run.manifest)
    written = (run.path / "manifest.json").stat().st_mtime_ns
    again = scale.run(
        sample_paths(), client, out=tmp_path / "run", sources=sample_sources(), partition_bytes=60_000, progress=False
    )
    assert (again.path / "manifest.json").stat().st_mtime_ns == written
    assert len(tl.assign_topics(run, tl.load_sample().iloc[:3])) > 3


def test_quality_is_measured_on_what_was_drawn(few, one, tmp_path, monkeypatch):
    room = importlib.import_module("topiclib.evaluate.quality")
    monkeypatch.setattr(room, "N_SEEDS", 1)
    monkeypatch.setattr(room, "N_RESAMPLES", 1)
    recipe = tl.Recipe(quality=True)
    run = scale.run(few, out=tmp_path / "run", recipe=recipe, partition_bytes=30_000, progress=False)
    assert run.manifest["parts"] > 1
    documents, passages = one.tables["documents"], one.tables["passages"]
    rows = add_outlet_and_month(passages[passages["modeled"]].reset_index(drop=True), documents)
    topics = one.tables["assignments"]["topic"].to_numpy()
    told = tl.quality(rows, tl.embed(rows), one.tables["themes"], recipe, topics=topics, progress=False)
    assert len(told["mixing"])
    assert len(told["sensitivity"])
    assert_same_tables(told, {name: run.tables[name] for name in told})


@pytest.mark.slow
def test_a_worker_that_is_killed_in_each_stage_changes_nothing(client, few, one, tmp_path):
    from cluster_plugins import DieOnce, RecordEmbedding

    (tmp_path / "died").mkdir()
    (tmp_path / "embedded").mkdir()
    deaths = [*(f"topiclib-{stage}-" for stage in STAGES), "shuffle"]
    client.register_plugin(RecordEmbedding(tmp_path / "embedded"))
    client.register_plugin(DieOnce(deaths, tmp_path / "died"))
    try:
        cache = tmp_path / "cache"
        run = scale.run(few, client, out=tmp_path / "run", cache=cache, partition_bytes=30_000, progress=False)
    finally:
        client.unregister_worker_plugin("die-once")
        client.unregister_worker_plugin("record-embedding")
    assert sorted(path.name for path in (tmp_path / "died").iterdir()) == sorted(deaths)
    assert_same_tables(one.tables, run.tables)
    times = Counter(line for path in (tmp_path / "embedded").iterdir() for line in path.read_text().split())
    modeled = one.tables["passages"].query("modeled")
    assert len(times) == modeled["text"].nunique()
    assert max(times.values()) <= 2
    work = Workspace(str(next((tmp_path / "run.work").iterdir())))
    sizes = [work.read(f"passages/{part}")["modeled"].sum() for part in range(run.manifest["parts"])]
    assert sum(times.values()) - len(times) <= max(sizes)  # at most the part that was in flight


@pytest.mark.slow
def test_a_driver_that_is_killed_goes_on_where_it_was(client, few, one, tmp_path):
    address = client.scheduler.address
    command = [sys.executable, "-m", "topiclib.cli", "fit", str(few), "--out", str(tmp_path / "run"), "--dask", address]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "embedding" in line:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "run").exists()
    (work,) = (tmp_path / "run.work").iterdir()
    before = {path: path.stat().st_mtime_ns for path in work.rglob("*.*") if not path.name.endswith(".new")}
    assert any(path.suffix == ".npy" for path in before)
    subprocess.run(command, check=True, capture_output=True)
    assert {path: path.stat().st_mtime_ns for path in before} == before  # nothing was made again
    assert_same_tables(one.tables, tl.open_run(tmp_path / "run").tables)


def test_a_poisoned_file_fails_with_its_name_on_workers(client, few, tmp_path):
    folder = shutil.copytree(few, tmp_path / "in")
    (folder / "2.txt").write_bytes(bytes(range(256)) * 20)
    with pytest.raises(ValueError, match=r"2\.txt"):
        scale.run(folder, client, out=tmp_path / "run", progress=False)
    assert not (tmp_path / "run").exists()
