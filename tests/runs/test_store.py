"""The run folder: complete or absent, and verified by checksums."""

import json
import os
import pickle

import numpy as np
import pandas as pd
import pytest

from topiclib import schema
from topiclib.runs import store
from topiclib.runs.check import verify_run
from topiclib.themes import read_themes, themes_for_manifest

TABLES = {
    "coverage": schema.conform(pd.DataFrame({"source": ["a"], "period": [""], "n": [1]}), "coverage"),
    "points": schema.empty_table("points"),
}
ARRAYS = {"centroids": np.ones((2, 3))}


@pytest.fixture
def run(tmp_path):
    return store.write_run(tmp_path / "run", TABLES, ARRAYS, {"seed": 0})


def test_round_trip(run):
    tables = store.read_tables(run)
    assert list(tables) == ["coverage", "points"]
    pd.testing.assert_frame_equal(tables["coverage"], TABLES["coverage"])
    assert store.read_array(run, "centroids").tolist() == [[1, 1, 1], [1, 1, 1]]
    assert verify_run(run) == []


@pytest.mark.parametrize("name", ["coverage.parquet", "centroids.npy", "manifest.json"])
def test_verify_run_finds_any_changed_byte(run, name):
    data = bytearray((run / name).read_bytes())
    for at in range(0, len(data), max(1, len(data) // 40)):
        changed = data.copy()
        changed[at] ^= 1
        (run / name).write_bytes(changed)
        try:
            assert verify_run(run), f"byte {at} of {name}"
        except ValueError as error:
            assert "manifest.json" in str(error)


def test_verify_run_finds_missing_and_added_files(run):
    (run / "points.parquet").unlink()
    (run / "themes.parquet").write_bytes(b"x")
    assert verify_run(run) == [
        "points.parquet is missing",
        "themes.parquet is in the folder but not in manifest.json",
    ]


def test_manifest_cannot_point_outside_the_folder(run):
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["files"]["../../etc/passwd"] = "0"
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert any("not a file of a run" in line for line in verify_run(run))
    assert set(store.read_tables(run)) == {"points", "coverage"}


def test_pickle_is_not_loaded_as_an_array(run):
    (run / "centroids.npy").write_bytes(pickle.dumps(print))
    with pytest.raises(ValueError, match="damaged"):
        store.read_array(run, "centroids")
    np.save(run / "centroids.npy", np.array([print], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="damaged"):
        store.read_array(run, "centroids")


def test_folder_with_other_files_is_not_overwritten(tmp_path):
    (tmp_path / "thesis.docx").write_text("text")
    with pytest.raises(FileExistsError, match="not a run folder"):
        store.write_run(tmp_path, TABLES, ARRAYS, {})
    with pytest.raises(FileExistsError, match="is a file"):
        store.write_run(tmp_path / "thesis.docx", TABLES, ARRAYS, {})
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.docx"]


def test_failed_write_leaves_only_the_old_run(run):
    with pytest.raises(ValueError, match="points needs the column"):
        store.write_run(run, {**TABLES, "points": pd.DataFrame({"x": [1.0]})}, ARRAYS, {})
    assert verify_run(run) == []
    assert [file.name for file in run.parent.iterdir()] == ["run"]


def test_leftovers_of_a_killed_run_are_restored_or_removed(run):
    dead = 2**22 + 1  # above the largest process id
    run.rename(run.parent / f".run.old-{dead}")  # killed between the two renames
    half = run.parent / f".run.new-{dead}-abc"
    half.mkdir()
    alive = run.parent / f".run.new-{os.getpid()}-abc"
    alive.mkdir()
    store.check_output_folder(run)
    assert verify_run(run) == []
    assert not half.exists()
    assert alive.exists()


def test_existing_run_is_replaced_completely(run):
    store.write_run(run, {"coverage": TABLES["coverage"]}, {}, {"seed": 1})
    assert sorted(file.name for file in run.iterdir()) == ["coverage.parquet", "manifest.json"]
    assert store.read_manifest(run)["seed"] == 1


def test_the_themes_are_a_file_of_their_own(tmp_path):
    themes = read_themes()
    path = store.write_run(tmp_path / "run", TABLES, ARRAYS, {"seed": 0, **themes_for_manifest(themes)})
    assert read_themes(path / "themes.toml") == themes
    assert "themes.toml" not in store.read_manifest(path)
    (path / "themes.toml").write_bytes((path / "themes.toml").read_bytes() + b"\n")
    assert verify_run(path) == ["themes.toml was changed after it was written"]
    (path / "themes.toml").unlink()
    assert verify_run(path) == ["themes.toml is missing"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 99, "files": {}}', '{"format": 1, "files": 3}', "\ud800"])
def test_damaged_manifest_raises_one_clear_error(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(ValueError, match=r"manifest\.json") as caught:
        store.read_manifest(tmp_path)
    assert "fit the corpus again" in str(caught.value)


def test_folder_without_a_run_says_how_to_make_one(tmp_path):
    with pytest.raises(FileNotFoundError, match="topiclib fit"):
        store.read_manifest(tmp_path)
    with pytest.raises(FileNotFoundError, match="topiclib fit"):
        store.read_table(tmp_path, "topics")
    with pytest.raises(KeyError, match="assignments"):
        store.read_table(tmp_path, "nonsense")


def test_recipe_of_another_version_raises_one_clear_error(tmp_path):
    from topiclib.runs.pipeline import Run

    manifest = {"recipe": {"seed": 3, "color": "red"}, "versions": {"topiclib": "9.1"}}
    with pytest.raises(ValueError, match=r"made by topiclib 9\.1, whose recipe has 'color', unknown in this version"):
        _ = Run(tmp_path, manifest).recipe
    assert Run(tmp_path, {"recipe": {"seed": 3}}).recipe.seed == 3


def test_a_table_of_another_format_is_not_called_damaged(run):
    manifest = store.read_manifest(run) | {"format": 1}
    (run / "manifest.json").write_bytes(store.serialize_manifest(manifest))
    with pytest.raises(ValueError, match="has format 1, expected 4: fit the corpus again"):
        store.read_table(run, "topics")
