"""Run commands, and check that each ends in a valid run or one clear error line, and leaves no other files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pandas as pd
from fork_server import ForkServer
from hostile_corpora import Corpus

from topiclib import schema
from topiclib.evaluate.quality import QUALITY_TABLES
from topiclib.runs import store
from topiclib.runs.check import verify_run
from topiclib.topics.sampling import MAX_SAMPLE_SIZE

PEAK_MB = 2000
ROOT = Path(__file__).resolve().parents[2]
UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def fit_and_check(fork_server: ForkServer | None, at: Path, corpus: Corpus, **job: Any) -> dict[str, Any]:
    """Write a corpus into a folder, fit it, and check the outcome."""
    arguments = corpus.write(at) or ["in"]
    if "--out" not in arguments:
        arguments += ["--out", "run"]
    before = listing(at)
    result = fit(fork_server, at, arguments, **job)
    out = at / arguments[arguments.index("--out") + 1]
    left = {name for name in listing(at) - before if not (at / name).is_relative_to(out)}
    assert not left, f"files left beside the run: {sorted(left)[:5]}"
    assert result["peak_mb"] < PEAK_MB, f"{result['peak_mb']:.0f} MB"
    assert result["status"] in {"run": (0,), "line": (2,), "either": (0, 2)}[corpus.ends], result
    if result["status"] == 2:
        check_one_line_error(result)
        assert corpus.words in result["err"], result["err"]
        assert not out.exists(), "a run folder after an error"
    else:
        assert all(line.startswith("topiclib: ") for line in result["err"].splitlines()), result["err"]  # notes
        check_run(out, corpus.articles)
    return result


def fit(fork_server: ForkServer | None, at: Path, arguments: list[str], **job: Any) -> dict[str, Any]:
    """Run `topiclib fit --quiet` with a new cache beside the folder."""
    return command(fork_server, at, ["fit", *arguments, "--quiet"], **job)


def command(fork_server: ForkServer | None, at: Path, arguments: list[str], **job: Any) -> dict[str, Any]:
    """Run a command with the fork server, or without one in a new process, whose peak memory is what a user sees."""
    job = make_job(at, arguments, **job)
    return run_in_new_process(job) if fork_server is None else fork_server.run(job)[0]


def run_in_new_process(job: dict[str, Any]) -> dict[str, Any]:
    """Run a job like the fork server, in a new process."""
    began = time.monotonic()
    with open(job["out"], "wb") as out, open(job["err"], "wb") as err:
        child = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "topiclib.cli", *job["arguments"]],
            cwd=job["cwd"], env={**os.environ, "PYTHONPATH": str(ROOT), **job["env"]}, stdout=out, stderr=err,
        )  # fmt: skip
        clock = threading.Timer(job["seconds"], child.kill)
        clock.start()
        _, status, used = os.wait4(child.pid, 0)
        clock.cancel()
    streams = {name: Path(job[name]).read_text(encoding="utf-8", errors="surrogateescape") for name in ("out", "err")}
    return {
        "status": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - began,
        "peak_mb": used.ru_maxrss / 1024, **streams,
    }  # fmt: skip


def make_job(at: Path, arguments: list[str], *, name: str = "job", **job: Any) -> dict[str, Any]:
    """Return a job for the fork server, with cache and output beside the folder."""
    beside = at.parent / f"{at.name}.beside"
    beside.mkdir(exist_ok=True)
    beside.chmod(0o777)
    env = {"XDG_CACHE_HOME": str(beside / "cache"), "HOME": str(beside), **job.pop("env", {})}
    return {
        "arguments": arguments, "cwd": str(at), "out": str(beside / f"{name}.out"), "err": str(beside / f"{name}.err"),
        "env": env, **job,
    }  # fmt: skip


def listing(at: Path) -> set[str]:
    """Return the files and folders below a folder."""
    return {
        os.path.relpath(os.path.join(folder, name), at) for folder, subs, files in os.walk(at) for name in subs + files
    }


def check_one_line_error(result: dict[str, Any]) -> None:
    """Check that the output is one readable error line."""
    assert "Traceback" not in result["err"], result["err"]
    assert result["err"].startswith("topiclib: ") and result["err"].count("\n") == 1, repr(result["err"])
    line = result["err"].rstrip("\n")
    assert len(line) < 500, f"{len(line)} letters: {line[:200]}"
    assert not UNREADABLE.search(line), repr(line)
    assert result["out"] == ""


def check_run(out: Path, articles: int | None) -> dict[str, pd.DataFrame]:
    """Check that a run is undamaged, its tables conform to the schema, and no article or passage is lost."""
    assert verify_run(out) == []
    tables = store.read_tables(out)
    assert set(tables) >= set(schema.TABLES) - {"stability", "candidates", *QUALITY_TABLES}
    documents, passages = tables["documents"], tables["passages"]
    if articles is not None:
        assert len(documents) == articles, f"{len(documents)} documents of {articles} articles"
    flow = tables["flow"].groupby("step")["n"].sum()
    kept = documents["dropped"] == ""
    assert flow["found"] == len(documents) and flow.get("dropped", 0) == (~kept).sum()
    assert flow["articles"] == kept.sum() and flow["found"] == flow["articles"] + flow.get("dropped", 0)
    assert flow["passages"] == len(passages) == flow["modeled"] + flow.get("left out", 0)
    assert set(passages["doc_id"]) <= set(documents["doc_id"][kept])
    modeled = passages[passages["modeled"]]
    assert tables["assignments"]["passage_id"].tolist() == modeled["passage_id"].tolist()
    sample = tables["points"]["passage_id"]  # in a large corpus, those in which topics were found
    in_order = modeled["passage_id"][modeled["passage_id"].isin(set(sample))]
    assert sample.tolist() == in_order.tolist() and len(sample) == min(len(modeled), MAX_SAMPLE_SIZE)
    assert tables["topics"]["size"].sum() == (tables["assignments"]["topic"] >= 0).sum()
    assert set(tables["assignments"]["topic"]) - {-1} == set(tables["topics"]["topic"])
    text = passages.set_index("passage_id")["text"]
    for row in tables["matches"].itertuples():
        assert 0 <= row.start < row.end <= len(text[row.passage_id])
    for name, frame in tables.items():
        columns = frame[list(schema.get_table(name).columns)]  # the user's columns may contain anything
        numbers = columns.select_dtypes("number").drop(
            columns=["low", "high", "any_low", "any_high", "ari"], errors="ignore"
        )
        assert numbers.notna().all().all() and (numbers.abs() < 1e18).all().all(), (
            f"{name} has missing or absurd numbers"
        )
        for column in schema.get_table(name).columns:
            if frame[column].dtype == object:
                assert frame[column].map(type).eq(str).all(), f"{name}.{column}"
    shares = tables["shares"]["share"]
    assert shares.between(0, 1 + 1e-9).all()
    return tables
