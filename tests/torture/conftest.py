"""The fork servers that the tests here share."""

from __future__ import annotations

import pytest
from fork_server import ForkServer


@pytest.fixture(scope="session")
def fork_server():
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def fork_server_with_maps():
    """A fork server that has compiled UMAP, for `make torture`."""
    server = ForkServer(maps=True)
    yield server
    server.close()
