"""A study goes on: new articles join the topics of a finished run, whose own results stay."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import topiclib as tl
from topiclib.cli.main import main
from topiclib.corpus.reprints import find_reprints
from topiclib.report.methods import methods
from topiclib.runs import store
from topiclib.runs.check import verify_run
from topiclib.runs.verify_refit import verify_refit
from topiclib.topics.curation_file import read_curation

ID = "passage_id"


@pytest.fixture(scope="module")
def months() -> list[pd.DataFrame]:
    """Return the articles of the sample in three parts, by month, as they were before the corpus marked duplicates."""
    sample = tl.load_sample().drop(columns="dropped")
    part = np.searchsorted(["2023-06", "2024-01"], sample["date"].str[:7], side="right")
    return [sample[part == i].reset_index(drop=True) for i in range(3)]


@pytest.fixture(scope="module")
def study(months, tmp_path_factory):
    return tl.run(months[0], out=tmp_path_factory.mktemp("runs") / "study", progress=False)


@pytest.fixture(scope="module")
def batch(months):
    """Return new articles, and some of the run: the same, under another id, at another outlet; and an empty one."""
    old = months[0]
    again = old.iloc[[0, 5, 9]]
    duplicate = old.iloc[[12]].assign(doc_id="other-id")
    reprint = old.iloc[[20]].assign(doc_id="reprint", source="روزنامه‌ای دیگر")
    other = months[1].iloc[[0]].assign(doc_id=old["doc_id"].iloc[3])  # the id of another article
    rest = months[1].iloc[1:]
    return pd.concat([again, duplicate, reprint, other, rest, rest.iloc[[0]].assign(doc_id="empty", text=" ")])


@pytest.fixture(scope="module")
def extended(study, batch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("extended")
    batch.to_json(folder / "new.jsonl", orient="records", lines=True, force_ascii=False)
    before = contents(study.path)
    command = ["fit", "--extend", str(study.path), str(folder / "new.jsonl"), "--out", str(folder / "run")]
    assert main(command) == 0
    assert contents(study.path) == before
    return tl.open_run(folder / "run")


def contents(folder) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_what_was_added_and_what_was_not_is_counted(extended, study, batch, months):
    counts = extended.manifest["extensions"][0]["counts"]
    assert counts["read"] == len(batch)
    assert counts["in the run already"] == 3 and counts["renamed"] == 1
    assert counts["duplicate"] == 1 and counts["empty"] == 1
    assert counts["articles"] == len(months[1]) + 1  # with the reprint
    assert extended.manifest["counts"]["articles"] == study.manifest["counts"]["articles"] + counts["articles"]
    assert counts["passages"] == len(extended.assignments) - len(study.assignments)
    reprints = extended.passages.query("doc_id == 'reprint'")
    assert (reprints["reprint_of"] != "").all() and not reprints["modeled"].any()
    original = reprints["reprint_of"].str.partition("#")[0].unique().tolist()
    assert original == [months[0]["doc_id"].iloc[20]]
    renamed = f"{months[0]['doc_id'].iloc[3]}~2"
    assert extended.documents.set_index("doc_id").loc[renamed, "text"] == months[1]["text"].iloc[0]


def test_the_study_stays_as_it_was(extended, study):
    assert verify_run(extended.path) == []
    pd.testing.assert_frame_equal(extended.assignments.head(len(study.assignments)), study.assignments)
    pd.testing.assert_frame_equal(extended.points.head(len(study.points)), study.points)
    assert extended.topics["topic"].tolist() == study.topics["topic"].tolist()
    for name in ("centroids", "offsets"):
        np.testing.assert_array_equal(store.read_array(extended.path, name), store.read_array(study.path, name))
    for key in ("recipe", "rules", "topic_steps", "inputs", "versions", "encoder", "themes"):
        assert extended.manifest[key] == study.manifest[key]
    old = extended.passages.head(len(study.passages))
    pd.testing.assert_frame_equal(old.drop(columns="n_reprints"), study.passages.drop(columns="n_reprints"))
    assert old["n_reprints"].sum() > study.passages["n_reprints"].sum()


def test_new_passages_have_the_topics_that_assign_topics_gives(extended, study, months):
    expected = tl.assign_topics(study, months[1].iloc[1:]).set_index(ID)
    found = extended.assignments.set_index(ID).loc[expected.index]
    assert found["topic"].tolist() == expected["topic"].tolist()
    np.testing.assert_allclose(found["similarity"], expected["similarity"], atol=1e-5)


def test_tables_speak_of_old_and_new_articles(extended, study, months):
    assert extended.topics["size"].sum() == len(extended.assignments) == extended.passages["modeled"].sum()
    assert set(extended.points[ID]) == set(extended.assignments[ID])
    assert set(months[1]["date"].str[:7]) <= set(extended.timeline["period"])
    assert extended.coverage["n"].sum() == extended.manifest["counts"]["articles"]
    flow = extended.flow
    assert flow.query("step == 'found'")["n"].sum() == len(extended.documents)
    assert flow.query("step == 'modeled'")["n"].sum() == len(extended.assignments)
    quoted = set(extended.quotes.query("kind == 'topic'")["passage_id"])
    assert quoted - set(study.quotes["passage_id"])
    tl.draw.topic_map(extended)
    tl.draw.theme_shares(extended)


def test_themes_are_those_of_a_run_of_all_articles(months, study, sample_run, tmp_path):
    run = tl.extend(study, pd.concat(months[1:]), out=tmp_path / "run", progress=False)
    for name in ("themes", "matches"):
        pd.testing.assert_frame_equal(by_key(run.tables[name], name), by_key(sample_run.tables[name], name))
    of_themes = [table.shares.query("kind == 'theme'").drop(columns="kind") for table in (run, sample_run)]
    pd.testing.assert_frame_equal(*(by_key(frame, "shares") for frame in of_themes))
    result = tl.diff(run, sample_run)
    assert result.passages[["only_a", "only_b", "other_text"]].to_numpy().sum() == 0
    assert (result.topics["change"] == "same").sum() >= len(study.topics) - 2
    assert result.settings["name"].str.startswith("1 counts").any()


def by_key(frame, name) -> pd.DataFrame:
    return frame.sort_values([key for key in tl.schema.TABLES[name].key if key in frame], ignore_index=True)


def test_passages_far_from_every_topic_are_candidates(extended, study):
    entry, candidates = extended.manifest["extensions"][0], extended.candidates
    assert len(candidates) == entry["counts"]["far"] > 0
    assert candidates["similarity"].is_monotonic_increasing
    rows = extended.assignments.merge(extended.passages[[ID, "lang", "text"]], on=ID)
    new = rows[~rows[ID].isin(study.assignments[ID])]
    far = new[new["similarity"] < new["lang"].map(entry["far_similarity"])]
    assert set(candidates[ID]) == set(far[ID]) and set(candidates["text"]) == set(far["text"])
    assert len(far) < len(new) / 2


def test_terminal_and_methods_say_what_was_assigned(study, batch, tmp_path, capsys):
    batch.to_csv(tmp_path / "new.csv", index=False)
    command = ["fit", "--extend", str(study.path), str(tmp_path / "new.csv"), "--out", str(tmp_path / "run")]
    assert main(command) == 0
    output, run = capsys.readouterr(), tl.open_run(tmp_path / "run")
    counts = run.manifest["extensions"][0]["counts"]
    assert f"{counts['passages']} passages were assigned to the nearest topic, not clustered" in output.out
    assert "3 in the run already" in output.out and "1 duplicate" in output.out
    assert "assigning" in output.err and "Run folder" in output.out
    text = methods(run.tables, run.manifest)
    assert f"Extension 1: {counts['articles']} articles with {counts['passages']} passages (new.csv" in text
    with pytest.raises(ValueError, match="was extended: its later articles were assigned"):
        verify_refit(run.path)
    assert main(["export", str(run.path), "--tables", "csv"]) == 0
    assert "candidates.csv" in capsys.readouterr().out


def test_extending_twice(extended, batch, months, tmp_path):
    twice = tl.extend(extended, pd.concat([batch, months[2]]), out=tmp_path / "run", progress=False)
    first, second = twice.manifest["extensions"]
    assert first == extended.manifest["extensions"][0]
    assert second["counts"]["in the run already"] == len(batch) and second["counts"]["articles"] == len(months[2])
    assert second["far_similarity"] == first["far_similarity"]
    assert len(twice.candidates) == first["counts"]["far"] + second["counts"]["far"]
    assert len(twice.documents) == len(extended.documents) + len(months[2])
    pd.testing.assert_frame_equal(twice.assignments.head(len(extended.assignments)), extended.assignments)
    assert "in 2 extensions" in twice._repr_html_()
    again = tl.apply_themes(twice, shutil.copy(twice.path / "themes.toml", tmp_path / "mine.toml"))
    assert again.manifest["extensions"] == twice.manifest["extensions"]


def test_decisions_about_topics_stay_and_can_be_undone(study, months, tmp_path):
    decisions = """[topics.0]
name = {en = "Vienna", fa = "وین"}
[topics.1]
merge_into = 2
[topics.3]
drop = true
"""
    for name, text in (("some", decisions), ("none", "")):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    curated = tl.curate(study, tmp_path / "some.toml", out=tmp_path / "curated")
    run = tl.extend(curated, pd.concat(months[1:]), out=tmp_path / "extended", progress=False)
    assert verify_run(run.path) == []
    pd.testing.assert_frame_equal(run.assignments.head(len(study.assignments)), curated.assignments)
    new = run.assignments.iloc[len(study.assignments) :]
    expected = tl.assign_topics(curated, pd.concat(months[1:])).set_index(ID).loc[new[ID]]
    assert new["topic"].tolist() == expected["topic"].tolist()
    assert not {1, 3} & set(run.topics["topic"]) and (new["topic"] == -1).any()
    assert set(new.query("topic == 2")["topic_found"]) == {1, 2}
    assert set(new.query("topic == -1")["topic_found"]) == {3} and not new.query("topic == -1")["similarity"].any()
    others = new[~new["topic"].isin([2, -1])]
    assert (others["topic"] == others["topic_found"]).all()
    assert run.topics.set_index("topic").loc[0, ["name_en", "name_fa", "name_ar"]].tolist() == ["Vienna", "وین", ""]
    n = {entry["action"]: entry["passages"] for entry in run.manifest["curation"]["decisions"]}
    is_found = run.assignments["topic_found"].value_counts()
    assert (n["merge"], n["drop"]) == (is_found[1], is_found[3])
    assert run.manifest["counts"]["topics"] == curated.manifest["counts"]["topics"] == (run.topics["topic"] >= 0).sum()
    assert not set(run.candidates[ID]) - set(new[ID]) and len(run.candidates) < len(new) / 2
    assert "Vienna" in str(tl.diff(study, run)) and "decision" in str(tl.diff(study, run))
    undone = tl.curate(run, tmp_path / "none.toml", out=tmp_path / "undone")
    assert (undone.assignments["topic"] == run.assignments["topic_found"]).all()
    assert undone.topics["topic"].tolist() == study.topics["topic"].tolist()


def test_a_split_of_an_extended_run_leaves_the_passages_of_the_study_where_they_were(study, months, tmp_path):
    file = tmp_path / "split.toml"
    file.write_text("[topics.0]\nsplit = 2\nname = {en = 'Water'}\n[topics.1]\ndrop = true\nreassign = true\n")
    curated = tl.curate(study, file, out=tmp_path / "curated")
    run = tl.extend(curated, pd.concat(months[1:]), out=tmp_path / "extended", progress=False)
    again = tl.curate(run, run.path / "curation.toml", out=tmp_path / "again")
    of_study = len(study.assignments)
    assert not again.manifest["curation"]["not_applied"]
    pd.testing.assert_frame_equal(again.assignments.head(of_study), curated.assignments)
    pd.testing.assert_series_equal(again.assignments["topic"], run.assignments["topic"])
    assert again.manifest["curation"]["decisions"] == run.manifest["curation"]["decisions"]
    rows = run.assignments
    n = {d["action"]: d["passages"] for d in run.manifest["curation"]["decisions"]}
    assert n["split"] == ((rows["topic_found"] == 0) & (rows["topic"] != 0)).sum()
    assert n["split"] > curated.manifest["curation"]["decisions"][0]["passages"] > 0
    assert n["reassign"] == (rows["topic_found"] == 1).sum()
    assert f"({n['split']} passages got" in methods(run.tables, run.manifest)
    sections = read_curation(run.path / "curation.toml").topics
    assert sections[0].size == (rows["topic_found"] == 0).sum() and sections[1].size == n["reassign"]
    later = tl.extend(study, pd.concat(months[1:]), out=tmp_path / "later", progress=False)
    pd.testing.assert_frame_equal(
        tl.curate(later, file, out=tmp_path / "after").assignments.head(of_study), curated.assignments
    )


GOOD = "مذاکرات هسته‌ای امروز در وین با حضور نمایندگان ایران و اروپا از سر گرفته شد. این گزارش تازه است."


@pytest.fixture
def folder(tmp_path, monkeypatch, study):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(study.path, tmp_path / "run")
    entries = {key: value for key, value in study.manifest.items() if key not in ("files", "checksum")}
    store.write_run(tmp_path / "early", {}, {}, entries)
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "a.txt").write_text(GOOD, encoding="utf-8")
    (tmp_path / "english.txt").write_text("The talks were resumed in Vienna on Tuesday.", encoding="utf-8")
    (tmp_path / "binary.txt").write_bytes(b"\x00\x01\x02\xff" * 100)
    study.documents.head(3).drop(columns="dropped").to_csv(tmp_path / "known.csv", index=False)
    shutil.copytree(study.path, tmp_path / "damaged")
    (tmp_path / "damaged" / "topics.parquet").write_bytes(b"x")
    return tmp_path


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--extend nowhere good --out new", "nowhere is not a run folder"),
        ("--extend run nowhere --out new", "nowhere does not exist"),
        ("--extend run good --out run", "is the run to extend, which is not changed"),
        ("--extend run good --out good", "not a run folder"),
        ("--extend damaged good --out new", "topics.parquet was changed"),
        ("--extend early good --out new", "was saved without an alignment"),
        ("--extend run binary.txt --out new", "binary.txt is not text"),
        ("--extend run known.csv --out new", "no passage to add from 3 articles (3 in the run already)"),
        ("--extend run english.txt --out new", "no passage to add from 1 article (1 in neither Persian nor Arabic)"),
        ("--extend run good --out new --seed 0", "remove --seed"),
        (
            "--extend run good --out new --n-topics 5",
            "takes settings, themes and decisions from run: remove --n-topics",
        ),
        ("--extend run good --out new --themes mine.toml", "remove --themes"),
        ("--extend run good --out new --curation mine.toml", "remove --curation"),
        ("--extend run good --out new --recipe run", "remove --recipe"),
        ("--extend run good --out new --dask", "remove --dask"),
        ("--extend run good --out new --force", "remove --force"),
        ("--extend run --out new", "expected either CORPUS"),
        ("--extend run good", "required: --out"),
    ],
)
def test_invalid_input_is_one_line_and_writes_nothing(folder, capsys, line, words):
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    try:
        status = main(["fit", *line.split(), "--quiet"])
    except SystemExit as stop:
        status = stop.code
    output = capsys.readouterr()
    assert status == 2 and words in output.err and output.err.count("\n") == 1, output.err
    assert not output.out and {file: file.stat().st_mtime_ns for file in folder.rglob("*")} == before


def test_unreadable_files_are_counted_where_they_may_be_skipped(folder, capsys):
    (folder / "good" / "broken.txt").write_bytes(b"\x00\x01\x02\xff" * 100)
    (folder / "good" / "english.txt").write_text("The talks were resumed in Vienna on Tuesday.", encoding="utf-8")
    assert main(["fit", "--extend", "run", "good", "--out", "new", "--skip-bad"]) == 0
    counts = tl.open_run("new").manifest["extensions"][0]["counts"]
    assert counts["unreadable"] == 1 and counts["read"] == 3
    assert "1 unreadable" in capsys.readouterr().out


def test_articles_in_a_language_that_the_run_lacks_are_left_out(months, tmp_path):
    persian = months[0].query("lang == 'fa'").head(12)
    run = tl.run(persian, out=tmp_path / "fa", progress=False)
    new = pd.concat([months[1].query("lang == 'fa'").head(2), months[1].query("lang == 'ar'").head(4)])
    longer = tl.extend(run, new, out=tmp_path / "longer", progress=False)
    assert longer.manifest["extensions"][0]["counts"]["a language that the run does not have"] == 4
    assert set(longer.shares.query("by == 'lang'")["level"]) == {"fa"}
    assert longer.manifest["counts"]["articles"] == 14
    assert "4 a language that the run does not have" in longer._repr_html_()


def test_columns_and_outlets_of_new_articles(study, months, tmp_path):
    outlet = study.documents["source"].mode()[0]
    new = months[1].head(3).assign(source=f" {outlet} ".replace("ی", "ي"), synthetic=7, mood=["a", None, 3])
    run = tl.extend(study, new, out=tmp_path / "run", progress=False)
    assert run.documents["source"].tail(3).tolist() == [outlet] * 3
    assert run.documents["mood"].tail(3).tolist()[0] == "a" and run.documents["mood"].head(3).isna().all()


@given(st.permutations([0, 1, 2]), st.booleans())
def test_earlier_articles_are_never_reprints(order, knows_earlier):
    words = [f"کلمه{i}" for i in range(60)]
    texts = [" ".join(words[:n]) for n in (40, 50, 60)]
    frame = pd.DataFrame({"doc_id": list("abc"), "kind": "body", "text": texts, "date": "2024-01-01"})
    frame = frame.assign(passage_id=frame["doc_id"] + "#0").iloc[order]
    found = find_reprints(frame, earlier={"a"} if knows_earlier else ())
    assert found == ({"b#0": "a#0", "c#0": "a#0"} if knows_earlier else {"a#0": "c#0", "b#0": "c#0"})
