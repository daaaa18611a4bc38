"""Other themes on a finished run: the same tables as a fit with these themes, without fitting."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

import topiclib as tl
from topiclib import schema
from topiclib.cli.main import main
from topiclib.runs import store
from topiclib.runs.check import verify_run
from topiclib.runs.summary import caveats
from topiclib.themes import DEFAULT_THEME_FILE

MINE = """extends = "shipped"
[rain]
label = { en = "Drought" }
[rain.fa]
core = ["خشکسالی", "دریاچه"]
[rain.ar]
core = ["الجفاف", "بحيرة"]
[nobody]
label = { en = "Nobody writes about it" }
[nobody.fa]
core = ["هیچستان"]
[drones]
label = { en = "Ukraine's drones" }
[drones.fa]
core = ["پهپاد"]
"""
OF_THEMES = {"themes", "matches", "contrasts", "quotes", "shares", "timeline"}


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    file = tmp_path_factory.mktemp("files") / "mine.toml"
    file.write_text(MINE, encoding="utf-8")
    return file


@pytest.fixture
def run(sample_run, tmp_path):
    """Return a copy of the run of the sample."""
    return tl.open_run(shutil.copytree(sample_run.path, tmp_path / "run"))


def contents(folder) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_tables_are_those_of_a_fit_with_these_themes(mine, tmp_path):
    documents = tl.load_sample().iloc[::2]
    settings = {"recipe": tl.Recipe(period="2021-01/2023-12"), "progress": False}
    run = tl.run(documents, out=tmp_path / "run", **settings)
    fitted = tl.run(documents, out=tmp_path / "fitted", themes=mine, **settings)
    applied = tl.apply_themes(run, mine, out=tmp_path / "applied")
    assert set(applied.tables) == set(fitted.tables)
    for name, table in fitted.tables.items():
        pd.testing.assert_frame_equal(applied.tables[name], table)
    for entry in ("themes", "descriptions", "theme_file", "period", "counts", "topic_ids"):
        assert applied.manifest[entry] == fitted.manifest[entry]
    assert {"rain", "nobody"} <= set(applied.shares["key"]) and "rain" in set(applied.quotes["key"])
    assert verify_run(applied.path) == []


def test_all_other_files_stay_as_they_are(run, mine, tmp_path):
    before = contents(run.path)
    applied = tl.apply_themes(run.path, mine, out=tmp_path / "applied")
    assert contents(run.path) == before
    after = contents(applied.path)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed <= {"manifest.json", "themes.toml", *(f"{name}.parquet" for name in OF_THEMES)}
    assert tl.read_themes(applied.path / "themes.toml") == tl.read_themes(mine)
    of_topics = [t["shares"].query("kind == 'topic'").reset_index(drop=True) for t in (run.tables, applied.tables)]
    pd.testing.assert_frame_equal(*of_topics)


def test_a_run_is_replaced_and_the_same_themes_give_the_same_tables(run):
    before = run.tables
    tl.apply_themes(run, run.path / "themes.toml")
    again = tl.open_run(run.path)
    for name, table in before.items():
        pd.testing.assert_frame_equal(again.tables[name], table)
    assert [folder.name for folder in run.path.parent.iterdir()] == ["run"]


def test_fit_does_not_take_the_run_for_its_own(run, mine, capsys):
    for themes in (DEFAULT_THEME_FILE, mine):
        tl.apply_themes(run, themes)
        key = tl.open_run(run.path).manifest["cache_key"]
        assert key != run.manifest["cache_key"]
    tl.run(tl.load_sample(), out=run.path)
    assert "unchanged" not in capsys.readouterr().err
    assert set(tl.open_run(run.path).manifest["themes"]) == set(tl.read_themes())


def test_quality_tables_that_depend_on_the_themes_are_left_out_and_this_is_said(run, mine):
    names = ("mixing", "recovery", "sensitivity", "stability")
    manifest = {key: value for key, value in run.manifest.items() if key != "checksum"}
    kept = [run.path / name for name in run.manifest["files"]]
    store.write_run(run.path, {name: schema.empty_table(name) for name in names}, {}, manifest, kept=kept)
    applied = tl.apply_themes(run, mine)
    assert set(names) & set(applied.tables) == {"mixing", "stability"}
    assert applied.manifest["themes_applied"]["left_out"] == ["recovery", "sensitivity"]
    assert applied.manifest["themes_applied"]["versions"]["topiclib"] == tl.__version__
    note = "The tables recovery and sensitivity were left out: they depend on the themes"
    assert any(line.startswith(note) for line in caveats(applied.tables, applied.manifest))
    twice = tl.apply_themes(applied, DEFAULT_THEME_FILE)
    assert twice.manifest["themes_applied"]["left_out"] == ["recovery", "sensitivity"]


def test_a_run_with_no_quality_tables_has_no_such_note(run, mine):
    applied = tl.apply_themes(run, mine)
    assert applied.manifest["themes_applied"]["left_out"] == []
    assert caveats(applied.tables, applied.manifest) == caveats(run.tables, run.manifest)


def test_themes_that_no_passage_is_about_and_back(run, tmp_path):
    (tmp_path / "nobody.toml").write_text(MINE[MINE.index("[nobody]") : MINE.index("[drones]")], encoding="utf-8")
    empty = tl.apply_themes(run, tmp_path / "nobody.toml")
    assert empty.themes.empty and empty.matches.empty and empty.contrasts.empty
    assert empty.shares.query("kind == 'theme'")["share"].eq(0).all()
    back = tl.apply_themes(empty, DEFAULT_THEME_FILE)
    for name, table in run.tables.items():
        pd.testing.assert_frame_equal(back.tables[name], table)


def test_the_command_prints_the_summary_with_the_new_themes(run, mine, tmp_path, capsys):
    more = tmp_path / "more.toml"
    more.write_text('[snow]\nlabel = { en = "Snow" }\n[snow.fa]\ncore = ["برف"]\n', encoding="utf-8")
    assert main(["themes", "apply", str(run.path), str(mine), str(more), "--out", str(tmp_path / "new")]) == 0
    output = capsys.readouterr().out
    assert all(words in output for words in ("Ukraine's drones", "Drought", "Snow", "Syria", f"Run folder: {tmp_path}"))
    assert main(["themes", "quotes", str(tmp_path / "new"), "--theme", "rain", "-n", "1"]) == 0
    assert "دریاچه" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{run}"], "required: FILE"),
        (["{run}", "{at}/no.toml"], "no.toml does not exist"),
        (["{run}", "{mine}", "{mine}"], "both have the theme rain"),
        (["{at}/no", "{mine}"], "no is not a run folder"),
        (["{run}", "{mine}", "--out", "{at}"], "contains other files and is not a run folder"),
        (["{changed}", "{mine}"], "changed is damaged (centroids.npy was changed after it was written): see"),
        (["{changed}", "{mine}", "--out", "{at}/new"], "changed is damaged (centroids.npy was changed"),
        (["{newer}", "{mine}"], "whose recipe has 'color', unknown in this version"),
    ],
)
def test_bad_input_gives_one_line_and_changes_nothing(run, mine, tmp_path, capsys, arguments, words):
    changed = shutil.copytree(run.path, tmp_path / "changed")
    np.save(changed / "centroids.npy", np.zeros((2, 2), np.float32))
    newer = shutil.copytree(run.path, tmp_path / "newer")
    manifest = {key: value for key, value in run.manifest.items() if key != "checksum"}
    manifest["recipe"] = {**manifest["recipe"], "color": "red"}
    (newer / "manifest.json").write_bytes(store.serialize_manifest(manifest))
    before = {folder.name: contents(folder) for folder in tmp_path.iterdir()}
    places = {"run": run.path, "at": tmp_path, "mine": mine, "changed": changed, "newer": newer}
    try:
        status = main(["themes", "apply", *(argument.format(**places) for argument in arguments)])
    except SystemExit as stop:
        status = stop.code
    output = capsys.readouterr()
    assert (status, output.out, output.err.count("\n")) == (2, "", 1)
    assert words in output.err
    assert {folder.name: contents(folder) for folder in tmp_path.iterdir()} == before
