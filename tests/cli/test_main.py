"""The command line: invalid input gives one line, exit status 2 and no files; help; figures, check and cache."""

import argparse
import inspect
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields

import pytest

from topiclib import Recipe
from topiclib.cli.fit import RECIPE_HELP
from topiclib.cli.main import _parser, main
from topiclib.runs import store

GOOD = "مذاکرات هسته‌ای امروز در وین با حضور نمایندگان ایران و اروپا از سر گرفته شد."


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "a.txt").write_text(GOOD, encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "binary.txt").write_bytes(b"\x00\x01\x02\xff" * 100)
    (tmp_path / "no_text.csv").write_text("id,title\n1,x\n", encoding="utf-8")
    (tmp_path / "english.txt").write_text("The talks were resumed in Vienna on Tuesday.", encoding="utf-8")
    (tmp_path / "blank.txt").write_text(" \n", encoding="utf-8")
    (tmp_path / "bad.toml").write_text("[x]\ncolor = 1\n", encoding="utf-8")
    (tmp_path / "mine.toml").write_text('[rain]\nlabel = { en = "Rain" }\nfa.core = ["باران"]\n', encoding="utf-8")
    recipes = {
        "newer": {"color": "red"},
        "foreign": {"encoder": "evil/model"},
        "early": {},
        "damaged": {"resolution": None},
        "odd": {"max_words": 3},
    }
    for name, recipe in recipes.items():
        store.write_run(tmp_path / name, {}, {}, {"recipe": recipe, "versions": {"topiclib": "9.1"}})
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.docx").write_text("mine")
    return tmp_path


INVALID = [
    ("fit nowhere --out run", "nowhere does not exist"),
    ("fit empty --out run", "empty has no .txt"),
    ("fit binary.txt --out run", "binary.txt is not text"),
    ("fit no_text.csv --out run", "no_text.csv has no text column"),
    ("fit english.txt --out run", "no Persian or Arabic passage"),
    ("fit blank.txt --out run", "empty"),
    ("fit good --out full", "not a run folder"),
    ("fit good --out good/a.txt", "is a file"),
    ("fit good --out run --themes bad.toml", "unknown key 'color'"),
    ("fit good --out run --themes nowhere.toml", "nowhere.toml does not exist"),
    ("fit good --out run --sources nowhere.csv", "nowhere.csv does not exist"),
    ("fit good --out run --encoder no-such-model", "no-such-model"),
    ("fit good --out run --min-topic-size 1", "min_topic_size is 1"),
    ("fit good --out run --seed x", "invalid int value: 'x'"),
    ("fit good --out run --color red", "unrecognized arguments: --color red (see: topiclib fit --help)"),
    ("fit good", "required: --out"),
    ("fit good --out run --clustering kmeans", "invalid choice: 'kmeans'"),
    ("fit --out run", "expected either CORPUS"),
    ("fit --out run --themes mine.toml good", "or --sample; name it before --themes"),
    ("fit good --out run --themes mine.toml mine.toml", "mine.toml and mine.toml both have the theme rain"),
    ("fit good --out run --themes mine.toml --themes nowhere.toml", "nowhere.toml does not exist"),
    ("fit good --out run --recipe good", "good is not a run folder"),
    ("fit good --out run --recipe newer", "made by topiclib 9.1, whose recipe has 'color', unknown in this version"),
    ("fit good --out run --recipe newer --seed 3", "made by topiclib 9.1, whose recipe has 'color'"),
    ("fit good --out run --recipe foreign", "'evil/model' is not one of topiclib's own"),
    ("fit good --out run --recipe foreign --encoder e5-small", "foreign has no themes.toml"),
    ("fit good --out run --recipe early", "early has no themes.toml, as runs of earlier versions: pass --themes FILE"),
    ("fit good --out run --recipe damaged", "damaged/manifest.json is damaged (at recipe resolution)"),
    ("fit good --out run --recipe odd", "max_words is 3: expected a whole number, 10 or more"),
    ("fit good --sample --out run", "expected either CORPUS"),
    ("figures nowhere", "not a run folder"),
    ("check good", "not a run folder"),
    ("diff good nowhere", "good is not a run folder"),
    ("diff good", "required: B"),
    ("paint good", "invalid choice: 'paint'"),
    ("", "required: COMMAND"),
]


@pytest.mark.parametrize(("line", "words"), INVALID, ids=[line or "nothing" for line, _ in INVALID])
def test_invalid_input_gives_one_line_and_status_2(folder, capsys, line, words):
    before = sorted(file.relative_to(folder) for file in folder.rglob("*"))
    try:
        status = main([*line.split(), *(["--quiet"] if line.startswith("fit ") else [])])
    except SystemExit as stop:
        status = stop.code
    output = capsys.readouterr()
    assert status == 2
    assert output.err.count("\n") == 1, output.err
    assert words in output.err
    assert "Traceback" not in output.err
    assert output.out == ""
    assert sorted(file.relative_to(folder) for file in folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--help", "topiclib fit --sample --out runs/sample"),
        ("fit --help", "A table needs a column text"),
        ("figures --help", "--only"),
        ("check --help", "RUN"),
        ("cache --help", "clear"),
        ("themes --help", "write coding sheets for a theme"),
        ("themes quotes --help", "--markdown FILE"),
    ],
)
def test_help_texts(line, words, capsys):
    with pytest.raises(SystemExit) as stop:
        main(line.split())
    assert stop.value.code == 0
    assert words in capsys.readouterr().out


def command_parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Every parser of a command, those of groups of commands left out."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for group in groups:
        for command in group.choices.values():
            yield from command_parsers(command)
    if not groups:
        yield parser


@pytest.mark.parametrize("parser", command_parsers(_parser()), ids=lambda parser: parser.prog)
def test_each_command_is_a_function_with_its_own_help_and_a_valid_example(parser):
    example = re.search(r"Example: topiclib (.*)", parser.format_help())[1]
    options = vars(_parser().parse_args(shlex.split(example)))
    command = options.pop("command")
    assert command is parser.get_default("command")
    inspect.signature(command).bind(
        **{name: value for name, value in options.items() if name not in ("parser", "traceback")}
    )


def test_options_of_fit_are_the_fields_of_recipe():
    assert set(RECIPE_HELP) == {field.name for field in fields(Recipe)}
    options = vars(_parser().parse_args(["fit", "a", "--out", "b"]))
    assert not set(RECIPE_HELP) & set(options)  # an option that is not given is left to Recipe, or to --recipe
    line = "fit a --out b --n-topics 9 --resolution 2 --quality --encoder x --clustering hdbscan --n-neighbors 7"
    options = vars(_parser().parse_args(line.split()))
    expected = Recipe(n_topics=9, resolution=2.0, quality=True, encoder="x", clustering="hdbscan", n_neighbors=7)
    assert Recipe(**{name: options[name] for name in RECIPE_HELP if name in options}) == expected


def test_help_loads_nothing_heavy():
    code = "import sys; from topiclib.cli.main import _parser; _parser().format_help(); print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"numpy", "pandas", "sklearn", "bertopic", "matplotlib"} & set(output.split())


def test_errors_are_formatted_as_one_line(tmp_path):
    from topiclib.cli.errors import MAX_LINE_LENGTH, format_error

    assert format_error(ValueError("a\n\u202eb \x1b[31m\0c")) == "a \\u202eb \\x1b[31m\\x00c"
    assert format_error(PermissionError(13, "Permission denied", "x.txt")) == "x.txt: Permission denied"
    assert "not enough memory" in format_error(MemoryError())
    assert format_error(ValueError()) == "ValueError"
    assert format_error(KeyError("no table is called 'x'")) == "no table is called 'x'"
    assert len(format_error(ValueError("ا" * 9000))) <= MAX_LINE_LENGTH


def test_a_warning_is_one_line(tmp_path, capsys):
    (tmp_path / "a.txt").write_bytes(GOOD.encode() * 3 + b"\xff")
    assert main(["fit", str(tmp_path), "--out", str(tmp_path / "run"), "--quiet"]) == 0
    expected = f"topiclib: {tmp_path / 'a.txt'} has 1 invalid UTF-8 sequence, the first on line 1: replaced\n"
    assert capsys.readouterr().err == expected


def test_check_of_an_unchanged_and_a_changed_run(sample_run, tmp_path, capsys):
    import shutil

    copy = shutil.copytree(sample_run.path, tmp_path / "copy")
    assert main(["check", str(copy)]) == 0
    (copy / "topics.parquet").write_bytes(b"x")
    assert main(["check", str(copy)]) == 1
    assert "topics.parquet was changed" in capsys.readouterr().out


def test_figures_of_a_run(sample_run, tmp_path, capsys):
    figures = ["figures", str(sample_run.path), "--out", str(tmp_path)]
    assert main([*figures, "--only", "theme_shares", "--format", "png"]) == 0
    assert [file.name for file in tmp_path.glob("*.png")] == ["theme_shares.png"]
    assert not list(tmp_path.glob("*.svg"))
    assert main([*figures, "--only", "theme"]) == 2
    assert "topic_map" in capsys.readouterr().err
    assert main([*figures, "--format", "gif"]) == 2


def test_cache_info_and_clear(tmp_path, capsys):
    import pandas as pd

    import topiclib as tl

    tl.embed(pd.DataFrame({"text": [GOOD]}), cache=tmp_path, progress=False)
    assert main(["cache", "info", "--cache", str(tmp_path)]) == 0
    assert "        1 passages  " in capsys.readouterr().out
    assert main(["cache", "clear", "--cache", str(tmp_path)]) == 0
    assert "1 passage removed" in capsys.readouterr().out


def test_cache_shows_and_clears_the_stages_that_runs_keep(tmp_path, capsys):
    stage, foreign = tmp_path / "stages" / "read" / "0123456789abcdef", tmp_path / "stages" / "1998" / "hamlet"
    for folder in (stage, foreign):
        folder.mkdir(parents=True)
        (folder / "0.parquet").write_bytes(bytes(1_500_000))
    assert main(["cache", "info", "--cache", str(tmp_path)]) == 0
    assert f"{tmp_path / 'stages'}: 1.5 MB\n" in capsys.readouterr().out
    assert main(["cache", "clear", "--cache", str(tmp_path)]) == 0
    assert "1.5 MB of stages removed" in capsys.readouterr().out
    assert not stage.exists()
    assert foreign.exists(), "a folder of the user's that is called stages too"
    assert main(["cache", "clear", "--cache", str(tmp_path)]) == 0
    assert "\n0.0 MB of stages removed" in capsys.readouterr().out


def test_the_command_is_installed():
    output = subprocess.run(
        [sys.executable, "-m", "topiclib.cli", "--version"], capture_output=True, text=True, check=True
    )
    assert output.stdout.startswith("topiclib ")


def test_a_closed_pipe_is_not_an_error(tmp_path):
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "topiclib.cli", "cache", "info", "--cache", str(tmp_path)]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")
