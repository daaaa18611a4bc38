"""Run topiclib's command line many times, in forks of one process that has done all imports.

Run as `python fork_server.py`: reads a JSON list of jobs per line, runs them concurrently, and answers with a JSON list.
A child can be killed, or limited in disk, memory and permissions, without affecting the next one. Nothing may start a
thread before a fork: the encoder is loaded, but UMAP and k-means are not run.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import pandas as pd

HERE = Path(__file__).resolve()
MB = 2**20
NO_MOUNT = 96
NEW_MOUNTS, NEW_USER = 0x20000, 0x10000000  # unshare(2)
READ_ONLY, AGAIN, BIND, ALL, PRIVATE = 1, 32, 4096, 16384, 1 << 18  # mount(2)
# No thread pool before a fork: its threads would not exist in the child, which would wait for them forever.
ONE_THREAD = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"),
    "NUMBA_THREADING_LAYER": "workqueue",  # numba's own pool, which is safe to use after a fork
}


class ForkServer:
    """The client: start it once, run many jobs."""

    def __init__(self, *, maps: bool = False) -> None:
        """With `maps`, compile UMAP too (takes many seconds), which corpora of 60 passages or more need."""
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(HERE), *["--map"] * maps], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **ONE_THREAD},
        )  # fmt: skip

    def run(self, *jobs: dict[str, Any]) -> list[dict[str, Any]]:
        """Run jobs concurrently; a job has `arguments`, `cwd`, and the options that `_child` and `_watch` read."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(jobs) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the fork server has died"
        return json.loads(line)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def serve() -> None:
    """Import and load everything by fitting once, then answer."""
    from hostile_corpora import sentence

    import topiclib as tl

    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        for n in (12, 70) if "--map" in sys.argv else (12,):
            frame = pd.DataFrame({"text": [sentence(i) for i in range(n)], "source": ["a", "b"] * (n // 2)})
            tl.run(frame, out=Path(folder) / f"{n}", progress=False)
    answers = os.fdopen(os.dup(1), "w")  # children redirect their standard output
    for line in sys.stdin:
        started = [(_start(job), job) for job in json.loads(line)]
        print(json.dumps(_watch(started)), file=answers, flush=True)


def _start(job: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 99
    try:
        status = _child(job)
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 98
    except BaseException:
        traceback.print_exc()
        status = 97
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _child(job: dict[str, Any]) -> int:
    os.setpgid(0, 0)
    os.chdir(job["cwd"])
    os.environ.update(job.get("env", {}))
    time.tzset()
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.dup2(file, number)
    if job.get("log"):
        _log_embedded_texts(job["log"])
    if "kill_at" in job:
        _kill_at(*job["kill_at"])
    if job.get("offline"):
        sys.addaudithook(_no_network)
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (mapped + job.get("memory_mb", 3000) * MB,) * 2)
    if "disk_bytes" in job:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write over the limit fails, as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["disk_bytes"],) * 2)
    if "mount" in job and not _mount(*job["mount"]):
        return NO_MOUNT
    if "user" in job:
        os.setgroups([])
        os.setgid(job["user"])
        os.setuid(job["user"])
    from topiclib.cli.main import main

    for source, target in job.get("copy_in", ()):
        shutil.copytree(source, target)
    try:
        return main(job["arguments"])
    finally:
        for source, target in job.get("copy_out", ()):  # other processes do not see this mount
            shutil.copytree(source, target)


def _mount(at: str, kilobytes: int | None) -> bool:
    """Mount an empty disk of this size, or (None) remount the folder read-only, in a mount namespace of this process.

    Return False if the machine does not allow it.
    """
    libc, uid, gid = ctypes.CDLL(None, use_errno=True), os.getuid(), os.getgid()
    if libc.unshare(NEW_MOUNTS if uid == 0 else NEW_MOUNTS | NEW_USER):
        return False
    if uid:
        for name, line in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
            Path(f"/proc/self/{name}").write_text(line)
    here = at.encode()
    calls = [(None, b"/", None, ALL | PRIVATE, None)]
    if kilobytes is None:
        calls += [(here, here, None, BIND, None), (None, here, None, BIND | AGAIN | READ_ONLY, None)]
    else:
        calls += [(b"tmpfs", here, b"tmpfs", 0, f"size={kilobytes}k".encode())]
    return not any(libc.mount(a, b, c, ctypes.c_ulong(flags), e) for a, b, c, flags, e in calls)


def _kill_at(event: str, number: int) -> None:
    """Kill this process at the n-th audit event (`sys.audit`) of this name that concerns the run folder."""
    left = [number]

    def look(name: str, values: tuple) -> None:
        if name == event and any("run" in str(value) for value in values):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)


def _no_network(event: str, values: tuple) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind", "urllib.Request"):
        raise RuntimeError(f"network: {event} {values[1:]}")


def _log_embedded_texts(log: str) -> None:
    from topiclib.embedding.e5 import E5SmallEncoder

    encode = E5SmallEncoder.encode

    def logged(self: E5SmallEncoder, texts: list[str]) -> Any:
        with open(log, "a", encoding="utf-8") as file:
            file.write(json.dumps(list(texts)) + "\n")
        return encode(self, texts)

    E5SmallEncoder.encode = logged  # type: ignore[method-assign]


def _watch(started: list[tuple[int, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Wait for the children; kill one at the time that its job gives, or when it takes too long."""
    began, results = time.monotonic(), {}
    while len(results) < len(started):
        for pid, job in started:
            if pid in results:
                continue
            done, status, used = os.wait4(pid, os.WNOHANG)
            seconds = time.monotonic() - began
            if done:
                results[pid] = {
                    "status": os.waitstatus_to_exitcode(status),
                    "seconds": seconds,
                    "peak_mb": used.ru_maxrss / 1024,
                    "out": Path(job["out"]).read_text(encoding="utf-8", errors="surrogateescape"),
                    "err": Path(job["err"]).read_text(encoding="utf-8", errors="surrogateescape"),
                }
            elif seconds > job.get("kill_after", job.get("seconds", 120)):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.004)
    return [results[pid] for pid, _ in started]


if __name__ == "__main__":
    serve()
