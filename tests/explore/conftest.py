"""Fixtures of the document map tests: a small run and a browser."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from hostile_tables import hand_made_tables


@pytest.fixture
def hand_made():
    """Return tables and a manifest, with the attributes of a run."""
    themes = {"jcpoa": {"en": "JCPOA", "fa": "برجام", "ar": "الاتفاق النووي"}}
    manifest = {"themes": themes, "synthetic": True}
    return SimpleNamespace(tables=hand_made_tables(), manifest=manifest, path=Path("hand-made"))


@pytest.fixture(scope="session")
def browser():
    """Start one Chromium for all tests."""
    from chromium import Chromium, find_chromium

    if find_chromium() is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    pytest.importorskip("websocket", reason="websocket-client (comes with JupyterLab) is not installed")
    with Chromium() as page:
        yield page
