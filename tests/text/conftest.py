"""The real corpora of ../shared, which are no part of the project: tests that need them skip where they are missing."""

import json
from collections.abc import Callable

import pytest
from corpora import SHARED


@pytest.fixture(scope="session")
def corpus() -> Callable[[str], list[dict]]:
    """Return a function that reads the rows of a corpus by its name."""

    def read(name: str) -> list[dict]:
        path = SHARED / "data" / f"{name}.jsonl"
        if not path.exists():
            pytest.skip(f"{path.name} is not there: put the test corpora into ../shared/data")
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    return read


@pytest.fixture(scope="session")
def articles() -> dict[str, str]:
    """Return the five seed articles as they are, by the first three digits of their names."""
    files = sorted((SHARED / "seeds").glob("*.txt"))
    if not files:
        pytest.skip("the seed articles are not there: put them into ../shared/seeds")
    return {file.name[:3]: file.read_text(encoding="utf-8") for file in files}
