"""Real workers of Dask, started once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

dask = pytest.importorskip("dask", reason='Dask is not installed: pip install "topiclib[scale]"')
# Workers are forked from a process that has imported already: one that was killed is back in half a second.
dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"})
distributed = pytest.importorskip("distributed", reason='Dask is not installed: pip install "topiclib[scale]"')
sys.path.insert(0, str(Path(__file__).parent))  # the plugins are pickled by their module's name


@pytest.fixture(scope="session")
def client():
    """Two worker processes that a nanny starts again when they die."""
    from distributed.utils import get_mp_context

    loaded = ["distributed", "dask.dataframe", "topiclib.runs.dask.steps", "topiclib.embedding.embed", "bertopic"]
    get_mp_context().set_forkserver_preload(loaded)
    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**settings) as cluster, distributed.Client(cluster) as client:
        path = str(Path(__file__).parent)
        client.register_plugin(_Path(path))
        yield client


class _Path(distributed.WorkerPlugin):
    name = "path"

    def __init__(self, path: str) -> None:
        self.path = path

    def setup(self, worker: object) -> None:
        sys.path.insert(0, self.path)
