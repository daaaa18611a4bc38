"""A run: its tables as attributes, how it shows itself in Jupyter, and an encoder of the user's own."""

from __future__ import annotations

import copy
import html
import json
import re

import numpy as np
import pandas as pd
import pytest
from corpora import few_articles

import topiclib as tl
from topiclib import schema
from topiclib.evaluate.theme_coding import describe_checks
from topiclib.runs.summary import caveats, format_summary, lines_to_html


class LetterCounter:
    """An encoder that counts letters."""

    identity, dim = "letters/1", 64

    def encode(self, texts):
        codes = [np.frombuffer(text.encode("utf-16-le"), np.uint16) % self.dim for text in texts]
        rows = np.array([np.bincount(row, minlength=self.dim) for row in codes], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_fewer_topics_than_requested_are_noted(sample_run):
    found = sample_run.manifest["counts"]["topics"]
    for requested, noted in ((found + 1, True), (found, False), (None, False)):
        recipe = {**sample_run.manifest["recipe"], "n_topics": requested}
        summary = format_summary(sample_run.tables, {**sample_run.manifest, "recipe": recipe})
        assert (f"{requested} topics were requested, but only {found} could be found" in summary) == noted


def test_the_summary_gives_the_articles_behind_the_shares(sample_run):
    shares = sample_run.shares
    few = shares.assign(n=shares["n"].where(shares["level"] != "fa", 1))
    for table, counted in ((shares, ["40", "38"]), (few, ["1", "38"]), (few[few["level"] != "fa"], ["0", "38"])):
        summary = format_summary({**sample_run.tables, "shares": table}, sample_run.manifest)
        (line,) = re.findall("^articles counted.*", summary, re.M)
        assert line.split()[2:] == counted
        assert (f"Of the Persian articles only {counted[0]} count" in summary) == (int(counted[0]) < 10)


def test_a_recipe_takes_numpy_integers():
    recipe = tl.Recipe(seed=np.int64(3), n_topics=np.int32(5))
    assert json.dumps([recipe.seed, recipe.n_topics]) == "[3, 5]"


def test_tables_are_attributes(sample_run):
    for name in sample_run.tables:
        assert getattr(sample_run, name) is sample_run.tables[name]
        assert name in dir(sample_run)
    assert {"path", "manifest", "recipe", "tables"} <= set(dir(sample_run))
    assert not set(schema.TABLES) & set(dir(tl.Run))


def test_a_table_that_the_run_does_not_have_raises_and_lists_those_it_has(sample_run):
    assert "sensitivity" not in dir(sample_run) and not hasattr(sample_run, "sensitivity")
    with pytest.raises(AttributeError, match=r"no table or attribute 'sensitivity'; its tables are documents, .*flow$"):
        _ = sample_run.sensitivity


def test_a_run_can_be_copied(sample_run):
    pd.testing.assert_frame_equal(copy.copy(sample_run).topics, sample_run.topics)


def test_the_summary_says_how_many_words_were_left_out(sample_run):
    rows = [("words", "fa", "", 1000), ("words left out", "fa", "caption", 30), ("words left out", "fa", "byline", 5)]
    rows += [("words", "ar", "", 1000), ("words left out", "ar", "caption", 20)]  # 2 % is not above 2 %
    flow = pd.DataFrame(rows, columns=["step", "lang", "reason", "n"]).assign(source="")
    notes = [note for note in caveats({**sample_run.tables, "flow": flow}, sample_run.manifest) if "words" in note]
    assert notes == ["3.5% of the Persian words were left out: caption 3.0%, byline 0.5%."]


def test_jupyter_shows_the_summary(sample_run):
    shown = sample_run._repr_html_()
    checks = describe_checks(sample_run.path, sample_run.tables, sample_run.manifest["themes"])
    plain = format_summary(sample_run.tables, sample_run.manifest, checks)
    assert html.unescape(re.sub("<[^>]+>", "", shown)) == plain
    words = re.findall('<bdi dir="rtl">(.+?)</bdi>', shown)
    assert len(words) == 2 * len(sample_run.topics)
    assert all(re.search("[\u0600-\u06ff]", line) for line in words)


def test_jupyter_shows_escaped_text(sample_run):
    themes = {**sample_run.manifest["themes"], "jcpoa": {"en": "<script>alert(1)</script>"}}
    shown = lines_to_html(format_summary(sample_run.tables, {**sample_run.manifest, "themes": themes}))
    assert "&lt;script&gt;" in shown and "<script" not in shown


def test_a_run_with_an_encoder_object(tmp_path, capsys):
    options = {"out": tmp_path / "run", "encoder": LetterCounter(), "cache": tmp_path / "cache"}
    run = tl.run(few_articles(12), **options, progress=False)
    assert run.recipe.encoder == run.manifest["encoder"] == "letters/1"
    tl.run(few_articles(12), **options)
    assert "unchanged" in capsys.readouterr().err
    with pytest.raises(ValueError, match=r"pass it \(encoder="):
        tl.assign_topics(run, few_articles(2))
    assert len(tl.assign_topics(run, few_articles(2), encoder=LetterCounter(), cache=tmp_path / "cache")) >= 2


def test_the_name_of_an_encoder_replaces_that_of_the_recipe(tmp_path):
    with pytest.raises(ValueError, match="Unknown encoder 'e5-smal'"):
        tl.run(few_articles(2), out=tmp_path / "run", encoder="e5-smal", progress=False)
    with pytest.raises(TypeError, match="encoder is <class 'int'>"):
        tl.run(few_articles(2), out=tmp_path / "run", encoder=3, progress=False)


WATER = """extends = "shipped"
[water]
label = { en = "Water", fa = "آب", ar = "المياه" }
description = { en = "Drought.", fa = "خشکسالی.", ar = "الجفاف." }
[water.fa]
core = ["خشکسالی"]
[water.ar]
core = ["الجفاف"]
"""


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """Return a folder with a cache of vectors, from a run whose stages are beside it."""
    folder = tmp_path_factory.mktemp("stages")
    (folder / "water.toml").write_text(WATER, encoding="utf-8")
    (folder / "outlets.csv").write_text("source,country\nirna,Iran\n", encoding="utf-8")
    for name, key in (("stop", "stop_words"), ("protect", "protect")):
        (folder / f"{name}.toml").write_text(f'[corpus]\n{key} = ["ایران"]\n', encoding="utf-8")
    run_sample(folder, "first")
    return folder


def run_sample(folder, name, cache=None, **settings):
    documents = tl.load_sample()
    if "sources" in settings:
        settings["sources"] = folder / settings["sources"]
    for key in {"themes", "curation"} & settings.keys():
        settings[key] = folder / settings[key]
    cache = cache or folder / "vectors.sqlite"
    return tl.run(documents, out=folder / name, encoder=LetterCounter(), cache=cache, progress=False, **settings)


@pytest.mark.parametrize(
    ("settings", "computed"),
    [
        ({"themes": "water.toml"}, {"matching"}),
        ({"sources": "outlets.csv"}, {"joining", "describing"}),
        ({"recipe": tl.Recipe(period="all")}, {"describing"}),
        ({"recipe": tl.Recipe(n_topics=4)}, {"fitting", "counting", "describing"}),
        ({"curation": "stop.toml"}, {"describing"}),
        ({"curation": "protect.toml"}, {"counting", "describing"}),
    ],
    ids=["themes", "outlets", "period", "number of topics", "stop words", "protected names"],
)
def test_a_changed_setting_repeats_only_the_stages_that_depend_on_it(first_run, tmp_path, settings, computed):
    run = run_sample(first_run, "next", **settings)
    stages = {stage["stage"] for stage in run.manifest["stages"] if not stage["reused"]}
    assert stages == computed | {"tabulating"}  # which is computed for every run
    fresh = run_sample(first_run, "fresh", cache=tmp_path, **settings)
    assert not any(stage["reused"] for stage in fresh.manifest["stages"])
    for name, table in fresh.tables.items():
        pd.testing.assert_frame_equal(run.tables[name], table, obj=name)


def test_a_file_in_another_folder_is_another_corpus(tmp_path):
    articles = few_articles(6)
    settings = {"encoder": LetterCounter(), "cache": tmp_path, "progress": False}
    for year in ("1402", "1403"):
        for i, text in enumerate(articles["text"]):
            (tmp_path / "in" / year).mkdir(parents=True, exist_ok=True)
            (tmp_path / "in" / year / f"{i}.txt").write_text(text, encoding="utf-8")
        run = tl.run(tmp_path / "in", out=tmp_path / "run", **settings)
        assert run.documents["doc_id"].str.startswith(year).all()
        (tmp_path / "in" / year).rename(tmp_path / year)


def test_a_run_that_reuses_its_stages_gives_the_same_warnings(tmp_path):
    (tmp_path / "in").mkdir()
    rows = few_articles(12).assign(date=["nonsense"] + ["2020-01-02"] * 11, source="a")
    rows.to_csv(tmp_path / "in" / "a.csv", index=False)
    (tmp_path / "outlets.csv").write_text("source,country\nb,x\n", encoding="utf-8")
    options = {"sources": tmp_path / "outlets.csv", "cache": tmp_path / "cache", "progress": False}
    for out in ("one", "two"):
        with pytest.warns(UserWarning) as caught:
            run = tl.run(tmp_path / "in", out=tmp_path / out, encoder=LetterCounter(), **options)
        messages = [str(warning.message) for warning in caught]
        assert sum("1 of 12 dates could not be read, such as 'nonsense'" in message for message in messages) == 1
        assert sum("no row for 1 outlet (a)" in message for message in messages) == 1
    assert all(stage["reused"] for stage in run.manifest["stages"] if stage["stage"] in ("reading", "joining"))
