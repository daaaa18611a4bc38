"""The key by which a run that is up to date is known."""

import shutil
from pathlib import Path

import pytest

from topiclib.runs.spec import code_hash

PACKAGE = Path(__file__).resolve().parents[2] / "topiclib"


@pytest.fixture
def package(tmp_path):
    """Copy the package into a folder that is named like a module which decides no table."""
    copy = tmp_path / "report" / "topiclib"
    shutil.copytree(PACKAGE, copy, ignore=lambda _, names: [name for name in names if name == "__pycache__"])
    return copy


@pytest.mark.parametrize("file", ["topics/fit.py", "text/tokens.py", "text/words.toml", "themes/matching.py"])
def test_a_changed_line_changes_the_key_wherever_the_checkout_is(package, file):
    before = code_hash(package)
    assert before == code_hash(PACKAGE)
    (package / file).write_text((package / file).read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert code_hash(package) != before


@pytest.mark.parametrize("file", ["report/page.py", "draw/layout.py", "cli/fit.py", "runs/summary.py"])
def test_a_change_in_what_only_reads_tables_does_not(package, file):
    before = code_hash(package)
    (package / file).write_text((package / file).read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert code_hash(package) == before
