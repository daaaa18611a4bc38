"""The workspace keeps the results of former runs, the most recently used ones, and never those of the run itself."""

import os

import pandas as pd
import pytest

from topiclib.runs.workspace import Workspace, open_workspace

KEYS = [16 * digit for digit in "012"]  # as long as a stage key


@pytest.fixture
def three(tmp_path):
    """Return workspaces of three runs in one folder, the first one used last."""
    runs = [Workspace(str(tmp_path), {"read": key}) for key in KEYS]
    for seconds, run in enumerate(reversed(runs)):
        run.get_or_make("read/0", lambda: pd.DataFrame({"text": ["آب", "ماء"]}))
        os.utime(tmp_path / "read" / run.keys["read"], (seconds, seconds))
    return runs


def test_pruning_removes_the_least_recently_used_results_first(three):
    size = three[0].list_kept()[0][1]
    assert Workspace(three[0].url).prune(2 * size) == size
    assert [run.exists("read/0.parquet") for run in three] == [True, True, False]


def test_pruning_keeps_the_results_of_the_run_itself(three):
    three[2].prune(0)
    assert [run.exists("read/0.parquet") for run in three] == [False, False, True]


def test_pruning_marks_the_results_of_the_run_as_used(three):
    three[2].prune()
    assert [folder.name for _, _, folder in three[0].list_kept()] == [KEYS[1], KEYS[0], KEYS[2]]


def test_without_a_url_stages_are_kept_beside_the_cache(tmp_path):
    with open_workspace(None, tmp_path / "vectors.sqlite", {}) as work:
        assert work.url == str(tmp_path / "stages")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_replaced_with_a_warning(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.warns(UserWarning, match="no permission"), open_workspace(None, tmp_path, {}) as work:
        assert not work.url.startswith(str(tmp_path))


def test_without_a_folder_to_write_to_nothing_is_kept_and_a_warning_says_so(tmp_path):
    (tmp_path / "stages").write_text("a file, where a folder is needed")
    with (
        pytest.warns(UserWarning, match="the stages of this run are not kept for the next one"),
        open_workspace(None, tmp_path / "vectors.sqlite", {}) as work,
    ):
        work.get_or_make("a/0", lambda: pd.DataFrame({"x": [1]}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stages"]
