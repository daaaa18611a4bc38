"""What every tortured command must be: a sound run, or one clear line; and nothing beside it."""

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
from corpora_of_torture import Corpus
from forge import Forge

from topiclib import schema
from topiclib.evaluate.quality import QUALITY_TABLES
from topiclib.runs import store
from topiclib.topics.sampling import MAX_SAMPLE_SIZE

PEAK_MB = 2000
ROOT = Path(__file__).resolve().parents[2]
UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def try_corpus(forge: Forge | None, at: Path, corpus: Corpus, **job: Any) -> dict[str, Any]:
    """Write a corpus into a folder, fit it, and judge how that ended."""
    arguments = corpus.write(at) or ["in"]
    if "--out" not in arguments:
        arguments += ["--out", "run"]
    before = listing(at)
    told = fit(forge, at, arguments, **job)
    out = at / arguments[arguments.index("--out") + 1]
    left = {name for name in listing(at) - before if not (at / name).is_relative_to(out)}
    assert not left, f"left beside the run: {sorted(left)[:5]}"
    assert told["peak_mb"] < PEAK_MB, f"{told['peak_mb']:.0f} MB"
    assert told["status"] in {"run": (0,), "line": (2,), "either": (0, 2)}[corpus.ends], told
    if told["status"] == 2:
        check_line(told)
        assert corpus.words in told["err"], told["err"]
        assert not out.exists(), "a run folder after an error"
    else:
        assert all(line.startswith("topiclib: ") for line in told["err"].splitlines()), told["err"]  # notes
        check_run(out, corpus.articles)
    return told


def fit(forge: Forge | None, at: Path, arguments: list[str], **job: Any) -> dict[str, Any]:
    """Run `topiclib fit --quiet`, with a cache of its own beside the folder."""
    return command(forge, at, ["fit", *arguments, "--quiet"], **job)


def command(forge: Forge | None, at: Path, arguments: list[str], **job: Any) -> dict[str, Any]:
    """Run any command: in the forge, or without one in a process of its own, whose memory is then what a user sees."""
    made = made_job(at, arguments, **job)
    return alone(made) if forge is None else forge.run(made)[0]


def alone(job: dict[str, Any]) -> dict[str, Any]:
    """Run a job as the forge would, in a new process."""
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
    said = {name: Path(job[name]).read_text(encoding="utf-8", errors="surrogateescape") for name in ("out", "err")}
    return {
        "status": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - began,
        "peak_mb": used.ru_maxrss / 1024, **said,
    }  # fmt: skip


def made_job(at: Path, arguments: list[str], *, name: str = "job", **job: Any) -> dict[str, Any]:
    """Return a job for the forge whose cache and output lie beside the folder, not in it."""
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


def check_line(told: dict[str, Any]) -> None:
    """Check that what was said is one line that a person can read."""
    assert "Traceback" not in told["err"], told["err"]
    assert told["err"].startswith("topiclib: ") and told["err"].count("\n") == 1, repr(told["err"])
    line = told["err"].rstrip("\n")
    assert len(line) < 500, f"{len(line)} letters: {line[:200]}"
    assert not UNREADABLE.search(line), repr(line)
    assert told["out"] == ""


def check_run(out: Path, articles: int | None) -> dict[str, pd.DataFrame]:
    """Check that a run is sound: whole, its tables as the schema says, nothing lost on the way."""
    assert store.verify_run(out) == []
    tables = store.read_tables(out)
    assert set(tables) >= set(schema.TABLES) - {"stability", *QUALITY_TABLES}
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
    drawn = tables["points"]["passage_id"]  # of a large corpus those among which topics were found
    of_all = modeled["passage_id"][modeled["passage_id"].isin(set(drawn))]
    assert drawn.tolist() == of_all.tolist() and len(drawn) == min(len(modeled), MAX_SAMPLE_SIZE)
    assert tables["topics"]["size"].sum() == (tables["assignments"]["topic"] >= 0).sum()
    assert set(tables["assignments"]["topic"]) - {-1} == set(tables["topics"]["topic"])
    text = passages.set_index("passage_id")["text"]
    for row in tables["matches"].itertuples():
        assert 0 <= row.start < row.end <= len(text[row.passage_id])
    for name, frame in tables.items():
        own = frame[list(schema.get_table(name).columns)]  # the user's columns may hold anything
        numbers = own.select_dtypes("number").drop(columns=["low", "high", "ari"], errors="ignore")
        assert numbers.notna().all().all() and (numbers.abs() < 1e18).all().all(), f"{name} has numbers that are none"
        for column in schema.get_table(name).columns:
            if frame[column].dtype == object:
                assert frame[column].map(type).eq(str).all(), f"{name}.{column}"
    shares = tables["shares"]["share"]
    assert shares.between(0, 1 + 1e-9).all()
    return tables
