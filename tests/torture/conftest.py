"""The forge, and one run of the sample's kind for all tests here."""

from __future__ import annotations

import pytest
from forge import Forge


@pytest.fixture(scope="session")
def forge():
    made = Forge()
    yield made
    made.close()


@pytest.fixture(scope="session")
def forge_with_maps():
    """With UMAP compiled: for the full form."""
    made = Forge(maps=True)
    yield made
    made.close()
