"""The hash of the code, a part of the cache key of a run."""

import shutil
from pathlib import Path

import pytest

from topiclib.runs.spec import code_hash

PACKAGE = Path(__file__).resolve().parents[2] / "topiclib"


@pytest.fixture
def package(tmp_path):
    """Copy the package into a folder with the name of an unhashed module."""
    copy = tmp_path / "report" / "topiclib"
    shutil.copytree(PACKAGE, copy, ignore=lambda _, names: [name for name in names if name == "__pycache__"])
    return copy


@pytest.mark.parametrize("file", ["topics/fit.py", "text/tokens.py", "text/word_lists.toml", "themes/matching.py"])
def test_changed_code_changes_the_hash_in_any_folder(package, file):
    before = code_hash(package)
    assert before == code_hash(PACKAGE)
    (package / file).write_text((package / file).read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert code_hash(package) != before


@pytest.mark.parametrize("file", ["report/page.py", "draw/layout.py", "cli/fit.py", "runs/summary.py"])
def test_modules_that_only_read_tables_are_not_hashed(package, file):
    before = code_hash(package)
    (package / file).write_text((package / file).read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert code_hash(package) == before
