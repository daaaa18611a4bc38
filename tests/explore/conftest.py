"""What the tests of the explorer share: a small run made by hand, and a browser."""

from types import SimpleNamespace

import pytest
from hostile_tables import hand_made_tables


@pytest.fixture
def hand_made():
    """Something like a run: tables and a manifest."""
    themes = {"jcpoa": {"en": "JCPOA", "fa": "برجام", "ar": "الاتفاق النووي"}}
    return SimpleNamespace(tables=hand_made_tables(), manifest={"themes": themes, "synthetic": True})


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests of a session, with the network taken away."""
    from chromium import Chromium, find_chromium

    if find_chromium() is None:
        pytest.skip("there is no Chromium on this machine (Debian: apt-get install chromium)")
    pytest.importorskip("websocket", reason="websocket-client (comes with JupyterLab) drives the browser")
    with Chromium() as page:
        yield page
