"""The commands `topiclib explore` and `topiclib export`: the files they write, and errors."""

import pytest

from topiclib.cli.main import main


def command(line: str, *paths: object) -> int:
    return main([*line.split(), *map(str, paths)])


def test_explore_writes_one_file(sample_run, tmp_path, capsys):
    assert command("explore --html", tmp_path / "map.html", sample_run.path) == 0
    assert [file.name for file in tmp_path.iterdir()] == ["map.html"]
    assert str(tmp_path / "map.html") in capsys.readouterr().out
    full_size = (tmp_path / "map.html").stat().st_size
    assert command("explore --no-text --html", tmp_path / "map.html", sample_run.path) == 0
    assert (tmp_path / "map.html").stat().st_size < full_size


def test_export_writes_the_requested_files(sample_run, tmp_path):
    paths = ["--methods", tmp_path / "m.md", "--bundle", tmp_path / "b.zip", "--tables", "csv", "--out", tmp_path / "t"]
    assert command("export", sample_run.path, *paths) == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["b.zip", "m.md", "t"]
    assert (tmp_path / "m.md").read_text(encoding="utf-8").startswith("# Methods")


def test_a_report_without_quotes_has_no_passages(sample_run, tmp_path):
    assert command("export --quotes 0 --report", tmp_path / "r.html", sample_run.path) == 0
    report = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<blockquote" not in report
    body = sample_run.tables["passages"].query("kind == 'body'")["text"]
    assert not [text for text in body if text[:60] in report]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("export {run}", "nothing to export: expected --report"),
        ("export {run} --report {out}/no/r.html", "no does not exist"),
        ("export {run} --bundle {out}/no/b.zip", "no does not exist"),
        ("export {run} --methods {out}/no/m.md", "no does not exist"),
        ("export {run} --tables csv --out {run}", "a folder of their own"),
        ("export {run} --quotes -1 --report {out}/r.html", "--quotes is -1"),
        ("export {out}/no --methods {out}/m.md", "is not a run folder"),
        ("explore {out}/no --html {out}/m.html", "is not a run folder"),
        ("explore {run} --html {out}/no/m.html", "no does not exist"),
    ],
)
def test_bad_input_gives_one_line_and_nothing_is_written(sample_run, tmp_path, capsys, line, words):
    assert command(line.format(run=sample_run.path, out=tmp_path)) == 2
    output = capsys.readouterr()
    assert output.err.count("\n") == 1
    assert words in output.err
    assert list(tmp_path.iterdir()) == []
