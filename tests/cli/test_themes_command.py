"""The commands `topiclib themes` and `topiclib reuse`: their output, and errors."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from topiclib import read_themes
from topiclib.cli.main import main


def run_themes(*arguments: object) -> int:
    return main(["themes", *map(str, arguments)])


def test_check_of_the_bundled_theme_file(capsys):
    assert run_themes("check") == 0
    output = capsys.readouterr().out
    assert output.count("core") == 18
    assert "missing" not in output


def test_check_lists_missing_fields(tmp_path, capsys):
    file = tmp_path / "mine.toml"
    file.write_text('[a]\nlabel = { en = "A" }\n[a.fa]\ncore = ["آ"]\n', encoding="utf-8")
    assert run_themes("check", file) == 0
    assert "label in fa, description in fa, label in ar, description in ar, terms in ar" in capsys.readouterr().out


def test_sample_and_score(sample_run, tmp_path, capsys):
    assert run_themes("sample", sample_run.path, "--theme", "jcpoa", "-n", 40, "--out", tmp_path) == 0
    instructions = (tmp_path / "jcpoa.instructions.txt").read_text(encoding="utf-8")
    assert all(text in instructions for text in read_themes()["jcpoa"].description.values())
    assert "but not the key" in capsys.readouterr().out
    for path in tmp_path.glob("*.coder*.csv"):
        sheet = pd.read_csv(path, dtype=str, keep_default_na=False)
        sheet.assign(about=["1", "0"] * 20).to_csv(path, index=False)
    assert run_themes("score", tmp_path, "--theme", "jcpoa") == 0
    output = capsys.readouterr().out
    assert "corrected share" in output
    assert "alpha 1.000" in output


def test_sample_explains_a_size_other_than_requested(sample_run, tmp_path, capsys):
    assert run_themes("sample", sample_run.path, "--theme", "jcpoa", "-n", 12, "--out", tmp_path / "a") == 0
    output = capsys.readouterr().out
    n = len(pd.read_csv(tmp_path / "a" / "jcpoa.key.csv"))
    assert n > 12
    assert f"{n} passages, not 12: each of the" in output
    assert "has at least 2." in output
    assert run_themes("sample", sample_run.path, "--theme", "jcpoa", "-n", 40, "--out", tmp_path / "b") == 0
    assert "not 40" not in capsys.readouterr().out
    assert run_themes("sample", sample_run.path, "--theme", "jcpoa", "-n", 5000, "--out", tmp_path / "c") == 0
    assert "passages, not 5000: both languages get the same number" in capsys.readouterr().out


def test_score_reports_missing_codes(sample_run, tmp_path, capsys):
    assert run_themes("sample", sample_run.path, "--theme", "jcpoa", "-n", 40, "--out", tmp_path) == 0
    key = pd.read_csv(tmp_path / "jcpoa.key.csv").set_index("item")
    for number in (1, 2):
        path = tmp_path / f"jcpoa.coder{number}.csv"
        sheet = pd.read_csv(path, dtype=str, keep_default_na=False)
        is_about = key.loc[sheet["item"], "about"].to_numpy() & (number == 1)
        sheet["about"] = ["1" if about else "" for about in is_about]
        sheet.to_csv(path, index=False)
    capsys.readouterr()
    assert run_themes("score", tmp_path, "--theme", "jcpoa") == 0
    output = capsys.readouterr().out
    assert "No passage was coded by two people" in output
    assert "No passage of fa, no term (" in output
    assert f"coder1 only answered 1 and left {(~key['about']).sum()} cells empty: empty is not 0." in output
    assert "all corrected share      -" in output


def test_theme_restricts_the_tables_to_one_theme(sample_run, capsys):
    assert run_themes("topics", sample_run.path, "--theme", "jcpoa") == 0
    assert run_themes("together", sample_run.path, "--theme", "jcpoa") == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.split()[:1] == ["caucasus"]]
    assert rows
    assert all("jcpoa" in row for row in rows)


def test_draft_suggests_terms(sample_run, capsys):
    assert run_themes("draft", sample_run.path, "--theme", "caucasus") == 0
    assert "[caucasus.ar]" in capsys.readouterr().out
    assert run_themes("draft", sample_run.path, "--theme", "cyber") == 0
    assert "no terms to suggest" in capsys.readouterr().out


def test_quotes_are_printed_or_written(sample_run, tmp_path, capsys):
    assert run_themes("quotes", sample_run.path, "--theme", "jcpoa", "-n", 2) == 0
    output = capsys.readouterr().out
    assert output.count("\n\n") == 3
    assert output.count("fa · ") == output.count("ar · ") == 2
    assert not set(output) & set("<>*_[]#|\\")
    assert not [line for line in output.splitlines() if re.search("[a-z]", line) and re.search("[\u0620-\u06ff]", line)]
    table, page = tmp_path / "q.csv", tmp_path / "q.md"
    assert (
        run_themes("quotes", sample_run.path, "--theme", "jcpoa", "--lang", "ar", "--csv", table, "--markdown", page)
        == 0
    )
    rows = pd.read_csv(table)
    assert len(rows) == page.read_text(encoding="utf-8").count('lang="ar"') == 10
    assert all(scores.is_monotonic_decreasing for _, scores in rows.groupby("source")["score"])


def test_differences_topics_and_cooccurrence_are_printed_or_written(sample_run, tmp_path, capsys):
    file = tmp_path / "d.csv"
    assert run_themes("differences", sample_run.path, "--by", "lang", "--csv", file) == 0
    assert set(pd.read_csv(file)["key"]) >= {"jcpoa", "caucasus", "drones", "sanctions"}
    assert run_themes("differences", sample_run.path, "--by", "lang", "--theme", "syria", "--weights", "outlet") == 0
    output = capsys.readouterr().out
    assert "syria" in output
    assert "Period: 2020-04 to 2024-11, 78 of 80 articles" in output
    assert "caucasus" not in output
    assert run_themes("topics", sample_run.path) == 0
    assert run_themes("together", sample_run.path) == 0
    output = capsys.readouterr().out
    assert "part_of_theme" in output
    assert "no passage has both" in output


def test_reuse_lists_similar_passages(sample_run, tmp_path, capsys):
    assert main(["reuse", str(sample_run.path), "-n", "2", "--csv", str(tmp_path / "r.csv")]) == 0
    assert len(re.findall(r"^margin \d", capsys.readouterr().out, flags=re.MULTILINE)) <= 2
    assert main(["reuse", str(sample_run.path), "-n", "-1"]) == 2
    assert "-n -1: expected" in capsys.readouterr().err
    assert {"doc_a", "text_a", "text_b"} <= set(pd.read_csv(tmp_path / "r.csv").columns)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "required: COMMAND (see: topiclib themes --help)"),
        (["sample"], "required: RUN, --theme (see: topiclib themes sample --help)"),
        (["sample", "RUN", "--theme", "jcpoa", "--coders", "0"], "--coders 0: expected at least 1"),
        (["topics", "RUN", "--lang", "fa"], "unrecognized arguments: --lang fa (see: topiclib themes topics --help)"),
        (["score", "RUN", "--theme", "jcpoa", "-n", "3"], "unrecognized arguments: -n 3"),
        (["topics", "RUN", "--theme", "x"], "no theme 'x'"),
        (["score", "."], "required: --theme"),
        (["sample", "RUN", "--theme", "x"], "no theme 'x'"),
        (["quotes", "RUN", "--theme", "x"], "no theme 'x'"),
        (["quotes", "RUN", "--theme", ""], "no theme ''"),
        (["draft", "RUN", "--theme", "x"], "no theme 'x'"),
        (["differences", "RUN", "--period", "2015"], "period is '2015'"),
        (["differences"], "required: RUN"),
        (["differences", "RUN", "--by", "color"], "no such column: expected one of lang, source"),
    ],
)
def test_invalid_arguments_give_one_line(sample_run, capsys, arguments, words):
    try:
        status = run_themes(*[sample_run.path if word == "RUN" else word for word in arguments])
    except SystemExit as stop:
        status = stop.code
    output = capsys.readouterr()
    assert (status, output.out) == (2, "")
    assert output.err.count("\n") == 1
    assert words in output.err
