"""Shared fixtures: a run of the bundled sample, and real articles, which are not part of the project (tests that need
them are skipped if they are missing).
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from corpora import SHARED
from hypothesis import settings

settings.register_profile("shared machine", deadline=None)  # no example fails because the machine is busy
settings.load_profile("shared machine")


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory):
    """Run the pipeline on the bundled sample with default settings, once per session."""
    import topiclib as tl

    return tl.run(tl.load_sample(), out=tmp_path_factory.mktemp("runs") / "sample", progress=False)


@pytest.fixture(scope="session")
def seeds() -> Path:
    folder = SHARED / "seeds"
    if not folder.is_dir():
        pytest.skip("the seed articles are missing: put them into ../shared/seeds")
    return folder


@pytest.fixture(scope="session")
def labelled_news() -> Path:
    file = SHARED / "data" / "labelled_news_fa_ar.dev.jsonl"
    if not file.is_file():
        pytest.skip("the labelled news are missing: put the test corpora into ../shared/data")
    return file


@pytest.fixture(scope="session")
def corpus() -> Callable[[str], list[dict]]:
    """Return a function that reads the rows of a named corpus."""

    def read(name: str) -> list[dict]:
        path = SHARED / "data" / f"{name}.jsonl"
        if not path.exists():
            pytest.skip(f"{path.name} is missing: put the test corpora into ../shared/data")
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    return read


@pytest.fixture(scope="session")
def articles() -> dict[str, str]:
    """Return the texts of the five seed articles, by the three digits that their file names begin with."""
    files = sorted((SHARED / "seeds").glob("*.txt"))
    if not files:
        pytest.skip("the seed articles are missing: put them into ../shared/seeds")
    return {file.name[:3]: file.read_text(encoding="utf-8") for file in files}
