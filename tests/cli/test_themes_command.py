"""`topiclib themes`: what it prints, and the one line where something is wrong."""

from __future__ import annotations

import argparse

import pandas as pd
import pytest

from topiclib import read_themes
from topiclib.cli import themes as cli_themes
from topiclib.cli import topics as cli_topics


def themes(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    cli_themes.add(parser.add_subparsers(required=True))
    options = parser.parse_args(["themes", *map(str, arguments)])
    return options.do(options)


def test_the_shipped_file_is_checked(capsys):
    assert themes("check") == 0
    said = capsys.readouterr().out
    assert said.count("core") == 18
    assert "missing" not in said


def test_a_file_with_gaps_is_told_so(tmp_path, capsys):
    file = tmp_path / "mine.toml"
    file.write_text('[a]\nlabel = { en = "A" }\n[a.fa]\ncore = ["آ"]\n', encoding="utf-8")
    assert themes("check", file) == 0
    assert "label in fa, description in fa, label in ar, description in ar, terms in ar" in capsys.readouterr().out


def test_a_sample_is_written_coded_and_scored(sample_run, tmp_path, capsys):
    assert themes("sample", sample_run.path, "--theme", "jcpoa", "-n", 40, "--out", tmp_path) == 0
    told = (tmp_path / "jcpoa.instructions.txt").read_text(encoding="utf-8")
    assert all(text in told for text in read_themes()["jcpoa"].description.values())
    assert "nobody the key" in capsys.readouterr().out
    for path in tmp_path.glob("*.coder*.csv"):
        sheet = pd.read_csv(path, dtype=str, keep_default_na=False)
        sheet.assign(about=["1", "0"] * 20).to_csv(path, index=False)
    assert themes("score", tmp_path, "--theme", "jcpoa") == 0
    said = capsys.readouterr().out
    assert "corrected share" in said
    assert "alpha 1.000" in said


def test_a_sample_says_why_it_is_larger_or_smaller_than_asked(sample_run, tmp_path, capsys):
    assert themes("sample", sample_run.path, "--theme", "jcpoa", "-n", 12, "--out", tmp_path / "a") == 0
    said = capsys.readouterr().out
    n = len(pd.read_csv(tmp_path / "a" / "jcpoa.key.csv"))
    assert n > 12
    assert f"{n} passages, not 12: each of the" in said
    assert "gets at least 2." in said
    assert themes("sample", sample_run.path, "--theme", "jcpoa", "-n", 40, "--out", tmp_path / "b") == 0
    assert "not 40" not in capsys.readouterr().out
    assert themes("sample", sample_run.path, "--theme", "jcpoa", "-n", 5000, "--out", tmp_path / "c") == 0
    assert "passages, not 5000: each language gets the same number, and no more than it has." in capsys.readouterr().out


def test_a_score_says_what_was_left_empty(sample_run, tmp_path, capsys):
    assert themes("sample", sample_run.path, "--theme", "jcpoa", "-n", 40, "--out", tmp_path) == 0
    key = pd.read_csv(tmp_path / "jcpoa.key.csv").set_index("item")
    for number in (1, 2):
        path = tmp_path / f"jcpoa.coder{number}.csv"
        sheet = pd.read_csv(path, dtype=str, keep_default_na=False)
        marked = key.loc[sheet["item"], "about"].to_numpy() & (number == 1)
        sheet["about"] = ["1" if mark else "" for mark in marked]
        sheet.to_csv(path, index=False)
    capsys.readouterr()
    assert themes("score", tmp_path, "--theme", "jcpoa") == 0
    said = capsys.readouterr().out
    assert "No passage was coded by two people" in said
    assert "of fa, no term: measures that need them are -." in said
    assert f"coder1 answered 1 alone and left {(~key['about']).sum()} empty: empty is not 0." in said
    assert "all corrected share      -" in said


def test_one_theme_is_shown_alone(sample_run, capsys):
    assert themes("topics", sample_run.path, "--theme", "jcpoa") == 0
    assert themes("together", sample_run.path, "--theme", "jcpoa") == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.split()[:1] == ["caucasus"]]
    assert rows
    assert all("jcpoa" in row for row in rows)


def test_terms_are_proposed_from_a_run(sample_run, capsys):
    assert themes("draft", sample_run.path, "--theme", "caucasus") == 0
    assert "[caucasus.ar]" in capsys.readouterr().out
    assert themes("draft", sample_run.path, "--theme", "cyber") == 0
    assert "nothing to propose" in capsys.readouterr().out


def test_quotes_are_printed_or_written(sample_run, tmp_path, capsys):
    assert themes("quotes", sample_run.path, "--theme", "jcpoa", "-n", 2) == 0
    said = capsys.readouterr().out
    assert said.count('lang="fa"') == said.count('lang="ar"') == 2
    table, page = tmp_path / "q.csv", tmp_path / "q.md"
    assert (
        themes("quotes", sample_run.path, "--theme", "jcpoa", "--lang", "ar", "--csv", table, "--markdown", page) == 0
    )
    rows = pd.read_csv(table)
    assert len(rows) == page.read_text(encoding="utf-8").count('lang="ar"') == 10
    assert rows["score"].is_monotonic_decreasing


def test_differences_topics_and_lifts_are_printed_or_written(sample_run, tmp_path, capsys):
    file = tmp_path / "d.csv"
    assert themes("differences", sample_run.path, "--by", "lang", "--csv", file) == 0
    assert set(pd.read_csv(file)["key"]) >= {"jcpoa", "caucasus", "drones", "sanctions"}
    assert themes("differences", sample_run.path, "--by", "lang", "--theme", "syria", "--weights", "outlet") == 0
    said = capsys.readouterr().out
    assert "syria" in said
    assert "Period: 2020-04 to 2024-11, 78 of 80 articles" in said
    assert "caucasus" not in said
    assert themes("topics", sample_run.path) == 0
    assert themes("together", sample_run.path) == 0
    said = capsys.readouterr().out
    assert "part_of_theme" in said
    assert "no passage has both" in said


def test_relayed_statements_are_listed(sample_run, tmp_path, capsys):
    parser = argparse.ArgumentParser()
    cli_topics.add(parser.add_subparsers(required=True))
    options = parser.parse_args(["reuse", str(sample_run.path), "-n", "2", "--csv", str(tmp_path / "r.csv")])
    assert options.do(options) == 0
    assert capsys.readouterr().out.count("margin") <= 2
    with pytest.raises(ValueError, match="-n -1: expected"):
        options.do(parser.parse_args(["reuse", str(sample_run.path), "-n", "-1"]))
    assert {"doc_a", "text_a", "text_b"} <= set(pd.read_csv(tmp_path / "r.csv").columns)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sample"], "needs a folder"),
        (["sample", "RUN", "--theme", "jcpoa", "--coders", "0"], "--coders 0: expected at least one"),
        (["topics", "RUN", "--lang", "fa"], "topics has no use for --lang: it takes --theme, --csv"),
        (["score", "RUN", "--theme", "jcpoa", "-n", "3"], "score has no use for -n: it takes --theme"),
        (["topics", "RUN", "--theme", "x"], "no theme 'x'"),
        (["score", "."], "needs --theme KEY"),
        (["sample", "RUN", "--theme", "x"], "no theme 'x'"),
        (["quotes", "RUN", "--theme", "x"], "no theme 'x'"),
        (["draft", "RUN", "--theme", "x"], "no theme 'x'"),
        (["differences", "RUN", "--period", "2015"], "period is '2015'"),
        (["differences"], "needs a folder"),
        (["differences", "RUN", "--by", "color"], "no such column; they have lang, source"),
    ],
)
def test_what_is_missing_is_named(sample_run, arguments, words):
    with pytest.raises(ValueError, match=words):
        themes(*[sample_run.path if word == "RUN" else word for word in arguments])
