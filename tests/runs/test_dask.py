"""The pipeline on real Dask workers gives the tables of one process, even if workers and the client are killed."""

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
from topiclib.corpus.passages import add_outlet_and_month
from topiclib.corpus.sample import sample_paths, sample_sources
from topiclib.runs.check import verify_run

pytestmark = pytest.mark.slow

dask = pytest.importorskip("dask", reason='Dask is not installed: pip install "topiclib[scale]"')
# Workers are forked from a process that has done the imports: a killed one is replaced in half a second.
dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"})
distributed = pytest.importorskip("distributed", reason='Dask is not installed: pip install "topiclib[scale]"')

STAGES = ("read", "document", "segment", "join", "link", "export", "match", "mark", "embed", "align", "fit", "assign")
STAGES += ("count", "theme", "sum", "compare", "contrast")


def assert_same_tables(one, other):
    """Compare values and the order of rows and columns."""
    assert set(one) == set(other)
    for name in sorted(one):
        pd.testing.assert_frame_equal(one[name], other[name], obj=f"table {name}")


@pytest.fixture(scope="module")
def client():
    """Start two worker processes; a nanny restarts them when they die."""
    import cloudpickle
    import cluster_plugins
    from distributed.utils import get_mp_context

    cloudpickle.register_pickle_by_value(cluster_plugins)  # workers cannot import modules of the test folder

    loaded = ["distributed", "topiclib.runs.steps", "topiclib.embedding.embed", "bertopic"]
    get_mp_context().set_forkserver_preload(loaded)
    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**settings) as cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """Write every fourth article of the sample, and a shortened copy of one, to four files."""
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
    """Run the same articles in one process."""
    run = tl.run(few, out=tmp_path_factory.mktemp("one") / "run", progress=False)
    assert (run.tables["passages"]["reprint_of"] != "").any()
    return run


def test_sample_gives_same_tables_as_one_process(client, sample_run, tmp_path):
    run = tl.run(
        sample_paths(),
        client=client,
        out=tmp_path / "run",
        sources=sample_sources(),
        partition_bytes=60_000,
        progress=False,
    )
    assert run.manifest["n_partitions"] >= 4
    assert_same_tables(sample_run.tables, run.tables)
    assert run.manifest["counts"] == sample_run.manifest["counts"]
    assert run.manifest["synthetic"] is True
    assert verify_run(run.path) == []
    assert str(tmp_path) not in json.dumps(run.manifest)
    written = (run.path / "manifest.json").stat().st_mtime_ns
    again = tl.run(
        sample_paths(),
        client=client,
        out=tmp_path / "run",
        sources=sample_sources(),
        partition_bytes=60_000,
        progress=False,
    )
    assert (again.path / "manifest.json").stat().st_mtime_ns == written
    assert len(tl.assign_topics(run, tl.load_sample().iloc[:3])) > 3


def test_quality_is_measured_on_the_sample(few, one, tmp_path, monkeypatch):
    module = importlib.import_module("topiclib.evaluate.quality")  # tl.evaluate.quality is the function
    monkeypatch.setattr(module, "N_SEEDS", 1)
    monkeypatch.setattr(module, "N_RESAMPLES", 1)
    recipe = tl.Recipe(quality=True)
    run = tl.run(
        few, out=tmp_path / "run", recipe=recipe, workspace=tmp_path / "work", partition_bytes=30_000, progress=False
    )
    assert run.manifest["n_partitions"] > 1
    documents, passages = one.tables["documents"], one.tables["passages"]
    rows = add_outlet_and_month(passages[passages["modeled"]].reset_index(drop=True), documents)
    topics = one.tables["assignments"]["topic"].to_numpy()
    expected = tl.quality(rows, tl.embed(rows), one.tables["themes"], recipe, topics=topics, progress=False)
    assert len(expected["mixing"])
    assert len(expected["sensitivity"])
    assert_same_tables(expected, {name: run.tables[name] for name in expected})


def test_killing_a_worker_in_each_stage_changes_nothing(client, few, one, tmp_path):
    from cluster_plugins import DieOnce, RecordEmbedding

    (tmp_path / "died").mkdir()
    (tmp_path / "embedded").mkdir()
    deaths = [f"topiclib-{stage}-" for stage in STAGES]
    client.register_plugin(RecordEmbedding(tmp_path / "embedded"))
    client.register_plugin(DieOnce(deaths, tmp_path / "died"))
    try:
        cache = tmp_path / "cache"
        run = tl.run(few, client=client, out=tmp_path / "run", cache=cache, partition_bytes=30_000, progress=False)
    finally:
        client.unregister_worker_plugin("die-once")
        client.unregister_worker_plugin("record-embedding")
    assert sorted(path.name for path in (tmp_path / "died").iterdir()) == sorted(deaths)
    assert_same_tables(one.tables, run.tables)
    times = Counter(line for path in (tmp_path / "embedded").iterdir() for line in path.read_text().split())
    modeled = one.tables["passages"].query("modeled")
    assert len(times) == modeled["text"].nunique()
    assert max(times.values()) <= 2
    passages = (tmp_path / "run.work" / "passages").glob("*/*.parquet")
    sizes = [pd.read_parquet(file)["modeled"].sum() for file in passages]
    assert sum(times.values()) - len(times) <= max(sizes)  # at most the partition that was being embedded


def test_killed_client_resumes(client, few, one, tmp_path):
    address = client.scheduler.address
    command = [sys.executable, "-m", "topiclib.cli", "fit", str(few), "--out", str(tmp_path / "run"), "--dask", address]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "embedding" in line:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "run").exists()
    work = tmp_path / "run.work"
    before = {path: path.stat().st_mtime_ns for path in work.rglob("*.*") if not path.name.endswith(".new")}
    assert any(path.suffix == ".npy" for path in before)
    subprocess.run(command, check=True, capture_output=True)
    assert {path: path.stat().st_mtime_ns for path in before} == before  # nothing was computed twice
    assert_same_tables(one.tables, tl.open_run(tmp_path / "run").tables)


def test_error_on_a_worker_names_the_file(client, few, tmp_path):
    folder = shutil.copytree(few, tmp_path / "in")
    (folder / "2.txt").write_bytes(bytes(range(256)) * 20)
    with pytest.raises(ValueError, match=r"2\.txt"):
        tl.run(folder, client=client, out=tmp_path / "run", progress=False)
    assert not (tmp_path / "run").exists()
