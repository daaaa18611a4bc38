"""Real Dask workers, started once."""

from __future__ import annotations

import pytest

dask = pytest.importorskip("dask", reason='Dask is not installed: pip install "topiclib[scale]"')
# Workers are forked from a process that has done the imports: a killed one is replaced in half a second.
dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"})
distributed = pytest.importorskip("distributed", reason='Dask is not installed: pip install "topiclib[scale]"')


@pytest.fixture(scope="session")
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
