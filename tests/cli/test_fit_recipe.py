"""`topiclib fit --recipe`: a run made again with the settings and the themes of another one."""

from __future__ import annotations

import shutil
import zipfile

import pandas as pd
import pytest
from corpora import few_articles

from topiclib import Recipe, open_run, read_themes, report
from topiclib.cli.main import main

THEMES = """extends = "shipped"
[games]
label = { en = "Games" }
[games.fa]
core = ["فوتبال"]
[games.ar]
core = ["كرة القدم"]
"""


def fit(*arguments: object) -> int:
    return main(["fit", *map(str, arguments), "--quiet"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a corpus, a table of outlets, two theme files and the run of a colleague."""
    at = tmp_path_factory.mktemp("recipe")
    few_articles(12).assign(source="a").to_csv(at / "news.csv", index=False)
    pd.DataFrame({"source": ["a"], "country": ["x"]}).to_csv(at / "outlets.csv", index=False)
    (at / "games.toml").write_text(THEMES, encoding="utf-8")
    (at / "wet.toml").write_text('[wet]\nlabel = { en = "Wet" }\nfa.core = ["باران"]\n', encoding="utf-8")
    settings = ["--seed", 5, "--max-words", 60, "--resolution", 2, "--quality", "--period", "all"]
    files = ["--themes", at / "games.toml", at / "wet.toml", "--sources", at / "outlets.csv"]
    assert fit(at / "news.csv", *files, *settings, "--out", at / "theirs") == 0
    return at


def test_settings_and_themes_of_the_run_are_used_again(folder, capsys):
    options = ["--recipe", folder / "theirs", "--sources", folder / "outlets.csv"]
    assert fit(folder / "news.csv", *options, "--out", folder / "mine") == 0
    theirs, mine = open_run(folder / "theirs"), open_run(folder / "mine")
    assert mine.recipe == theirs.recipe == Recipe(seed=5, max_words=60, resolution=2.0, quality=True, period="all")
    assert set(mine.manifest["themes"]) == {*read_themes(), "games", "wet"}
    for name, table in theirs.tables.items():
        pd.testing.assert_frame_equal(table, mine.tables[name])
    assert capsys.readouterr().err == ""


def test_options_override_those_of_the_run(folder):
    shutil.move(folder / "games.toml", folder / "moved.toml")  # the run has its own copy
    options = ["--recipe", folder / "theirs", "--no-quality", "--seed", 0, "--resolution", 1, "--outliers", "keep"]
    assert fit(folder / "news.csv", *options, "--themes", folder / "wet.toml", "--out", folder / "other") == 0
    run = open_run(folder / "other")
    assert run.recipe == Recipe(outliers="keep", max_words=60, period="all")  # also those that are given as the default
    assert list(run.manifest["themes"]) == ["wet"]
    shutil.move(folder / "moved.toml", folder / "games.toml")


def test_what_the_run_had_and_this_one_lacks_is_reported(folder, capsys):
    assert fit(folder / "news.csv", "--recipe", folder / "theirs", "--no-quality", "--out", folder / "bare") == 0
    error = capsys.readouterr().err
    assert (
        error.count("\n") == 1
        and "theirs was made with the table of outlets outlets.csv: pass it with --sources" in error
    )


def test_a_bundle_is_enough_to_make_the_run_again(folder, tmp_path):
    with zipfile.ZipFile(report.write_bundle(folder / "theirs", tmp_path / "bundle.zip")) as archive:
        archive.extractall(tmp_path / "bundle")
    assert read_themes(tmp_path / "bundle" / "themes.toml") == read_themes(folder / "theirs" / "themes.toml")
    options = ["--recipe", tmp_path / "bundle", "--sources", folder / "outlets.csv", "--no-quality"]
    assert fit(folder / "news.csv", *options, "--out", tmp_path / "mine") == 0
    theirs, mine = open_run(folder / "theirs"), open_run(tmp_path / "mine")
    pd.testing.assert_frame_equal(theirs.shares, mine.shares)
