"""Figure files: reproducible bytes, searchable text, no redrawing of unchanged figures."""

import hashlib
import itertools
import json
import os
import platform
import runpy
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from drawn_tables import THEMES, make_tables
from matplotlib import _text_helpers
from matplotlib.font_manager import FontProperties, findfont, get_font

from topiclib import draw, schema
from topiclib.draw import style
from topiclib.draw.save import _searchable_pdf_text
from topiclib.runs import store
from topiclib.runs.pipeline import open_run

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
MANIFEST = {"themes": THEMES, "synthetic": True}
DRAW_ALL = """
import sys
sys.path.insert(0, sys.argv[1])
from drawn_tables import THEMES, make_tables
from topiclib import draw
draw.draw_all({**make_tables(), "manifest": {"themes": THEMES, "synthetic": True}}, out=sys.argv[2])
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> tuple[Path, Path]:
    """Draw all figures in this process and in one with a different environment, and return both folders."""
    here, there, elsewhere = (tmp_path_factory.mktemp(name) for name in ("here", "there", "elsewhere"))
    (elsewhere / "matplotlibrc").write_text("axes.grid: True\nfont.size: 20\nsavefig.dpi: 50\npath.simplify: False\n")
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "4242", "TZ": "Asia/Tehran", "LC_ALL": "C.UTF-8",
        "SOURCE_DATE_EPOCH": "86400", "MPLBACKEND": "svg", "MATPLOTLIBRC": str(elsewhere / "matplotlibrc"),
    }  # fmt: skip
    command = [sys.executable, "-c", DRAW_ALL, str(HERE), str(there)]
    other = subprocess.Popen(command, env=environment, cwd=elsewhere, stderr=subprocess.PIPE, text=True)
    draw.draw_all({**make_tables(), "manifest": MANIFEST}, out=here)
    _, errors = other.communicate(timeout=300)
    assert other.returncode == 0, errors
    return here, there


def hashes(folder: Path) -> dict[str, str]:
    """Return the hash of each figure file."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob("*.*"))
        if path.suffix != ".json"
    }


def test_same_bytes_in_another_process_and_environment(drawn):
    here, there = map(hashes, drawn)
    assert len(here) == 5 * len(draw.FIGURES)  # three formats, caption and alt text
    assert here == there


def test_figures_have_the_golden_hashes(drawn):
    golden = json.loads((HERE / "golden.json").read_text())
    here = {
        "platform": f"{platform.system()} {platform.machine()}",
        **{name: version(name) for name in golden["packages"]},
    }
    if here != {"platform": golden["platform"], **golden["packages"]}:
        pytest.skip(f"golden hashes are for {golden['packages']} on {golden['platform']}, not for {here}")
    made = hashes(drawn[0])
    assert {name: made[name] for name in golden["hashes"]} == golden["hashes"]


def test_pdf_text_has_whole_words(drawn):
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is not installed")
    text = subprocess.run(["pdftotext", drawn[0] / "language_balance.pdf", "-"], capture_output=True, text=True).stdout
    words = "برجام سانتریفیوژ غنی\u200cسازی قره\u200cباغ الهلال الاتفاق COVID-19 العقوبات FATF"
    assert [word for word in words.split() if word not in text] == []
    assert "share of Persian passages" in text


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("می\u200cرود", "دور\u200cیم"),  # ZWNJ stays, isolates are dropped
        ("لا", "ال"),  # a ligature: the left letter, then the other at its right edge
        ("غنی", "ینغ"),
        ("ll", "ll"),
        ("ī", "i\u0304"),
    ],
)
def test_pdf_text_has_each_letter_once_from_left_to_right(text, letters):
    with style.context(), _searchable_pdf_text():
        font = get_font(findfont(FontProperties(family=["topiclib sans"])))
        font.set_size(12, 72)
        placed = list(_text_helpers.layout(style.isolate(text), font))
    assert "".join(glyph.char for glyph in placed) == letters
    assert all(left.x <= right.x for left, right in itertools.pairwise(placed) if right.char != "\u0304")
    assert {glyph.prev_kern for glyph in placed} == {0.0}


def test_pdf_text_patch_is_removed_after_saving(tmp_path):
    layout = _text_helpers.layout
    with pytest.raises(ZeroDivisionError), _searchable_pdf_text():
        raise ZeroDivisionError
    draw.save(plt.figure(), tmp_path / "empty", formats=["pdf"])
    plt.close("all")
    assert _text_helpers.layout is layout


def test_unknown_format_raises(tmp_path):
    with pytest.raises(ValueError, match="format is 'jpg': expected one of png, svg, pdf"):
        draw.save(plt.figure(), tmp_path / "x", formats=["jpg"])
    plt.close("all")


@pytest.fixture
def run(tmp_path):
    """Return a run folder with all tables of the schema that the figures read."""
    return write_run(tmp_path / "run")


def write_run(path: Path, **options) -> Path:
    """Write a run folder with random tables."""
    tables = {}
    for name, frame in make_tables(**options).items():
        if name in schema.TABLES:
            columns = schema.TABLES[name].columns
            missing = {column: "" if dtype == "str" else 0 for column, dtype in columns.items() if column not in frame}
            tables[name] = frame.assign(**missing)
    return store.write_run(path, tables, {}, MANIFEST)


def test_unchanged_figures_are_not_redrawn(run, tmp_path):
    def draw_and_stat(**options) -> dict[str, int]:
        names = ["language_balance", "coverage"]
        files = draw.draw_all(open_run(run), out=tmp_path / "out", formats=["svg"], names=names, **options)
        return {name: paths[0].stat().st_mtime_ns for name, paths in files.items()}

    first = draw_and_stat()
    assert draw_and_stat() == first
    (tmp_path / "out" / "coverage.svg").write_text("damaged")
    repaired = draw_and_stat()
    assert repaired["language_balance"] == first["language_balance"] and repaired["coverage"] != first["coverage"]
    persian = draw_and_stat(lang="fa")
    assert all(persian[name] != repaired[name] for name in repaired)
    write_run(run, seed=8)
    assert all(new != old for new, old in zip(draw_and_stat(lang="fa").values(), persian.values(), strict=True))


def test_tables_changed_by_hand_are_drawn_again(run, tmp_path):
    opened, options = open_run(run), {"out": tmp_path, "formats": ["svg"], "names": ["coverage"]}
    (file,) = draw.draw_all(opened, **options)["coverage"]
    before = file.read_bytes()
    changed = opened.coverage.assign(n=opened.coverage["n"] + 7)
    draw.draw_all({**opened.tables, "coverage": changed, "manifest": opened.manifest}, **options)
    assert file.read_bytes() != before
    draw.draw_all(opened, **options)
    assert file.read_bytes() == before


def test_make_draws_stale_figures_and_check_lists_them(run, tmp_path, monkeypatch, capsys):
    def make(*options: str) -> int:
        arguments = [run, "--out", tmp_path / "gallery", "--format", "png", "--only", "coverage", "validity", *options]
        monkeypatch.setattr(sys, "argv", ["make.py", *map(str, arguments)])
        return runpy.run_path(str(ROOT / "figures" / "make.py"))["main"]()

    tables = {name: frame for name, frame in store.read_tables(run).items() if name != "recovery"}
    store.write_run(run, tables, {}, MANIFEST)
    assert make("--check") == 1 and "coverage is stale" in capsys.readouterr().out
    assert make() == 0 and (tmp_path / "gallery" / "coverage.png").is_file()
    assert "validity: not drawn, this run has no table recovery" in capsys.readouterr().out
    assert make("--check") == 0 and "nothing is stale" in capsys.readouterr().out


@pytest.fixture
def run_script(tmp_path, monkeypatch, capsys):
    """Return a function that runs a script of figures/ and returns its exit status and its lines on stderr."""

    def run(script: str, folder: Path) -> tuple[object, list[str]]:
        monkeypatch.setattr(sys, "argv", [script, str(folder), "--out", str(tmp_path / "out"), "--format", "png"])
        with pytest.raises(SystemExit) as error:
            runpy.run_path(str(ROOT / "figures" / script), run_name="__main__")
        return error.value.code, capsys.readouterr().err.splitlines()

    monkeypatch.syspath_prepend(ROOT / "figures")
    return run


def test_figure_script_without_its_tables_says_so_in_one_line(run, run_script, tmp_path):
    tables = {name: frame for name, frame in store.read_tables(run).items() if name != "recovery"}
    status, (line,) = run_script("validity.py", store.write_run(tmp_path / "few", tables, {}, MANIFEST))
    assert status == 2
    assert "no table recovery" in line and "--quality" in line


@pytest.mark.parametrize("script", ["make.py", "coverage.py"])
@pytest.mark.parametrize(
    ("manifest", "words"),
    [(None, "is not a run folder"), ('{"format": 1}', "has format 1"), ("{", "is damaged")],
)
def test_figure_script_reports_what_is_not_a_run_in_one_line(run_script, tmp_path, script, manifest, words):
    if manifest:
        (tmp_path / "manifest.json").write_text(manifest)
    status, (line,) = run_script(script, tmp_path)
    assert status == 2 and words in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", draw.FIGURES)
def test_figure_script_draws_the_same_bytes_from_the_tables_it_declares(run, tmp_path, name):
    read = (*draw.FIGURES[name].tables, *draw.FIGURES[name].optional)
    tables = {table: store.read_table(run, table) for table in read}
    store.write_run(tmp_path / "few", tables, {}, MANIFEST)
    make = runpy.run_path(str(ROOT / "figures" / f"{name}.py"))["make"]
    with style.context():
        draw.save(make(open_run(tmp_path / "few"), lang="en"), tmp_path / name, formats=["svg"])
    every = {**make_tables(), "manifest": MANIFEST}
    drawn = draw.draw_all(every, out=tmp_path / "gallery", formats=["svg"], names=[name])
    assert (tmp_path / f"{name}.svg").read_bytes() == drawn[name][0].read_bytes()


def test_figure_script_runs_alone(run, tmp_path):
    command = [sys.executable, ROOT / "figures" / "coverage.py", run, "--out", tmp_path, "--format", "svg"]
    assert "drew 1 of 1 figures" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
    drawn = draw.draw_all(open_run(run), out=tmp_path / "gallery", formats=["svg"], names=["coverage"])
    assert (tmp_path / "coverage.svg").read_bytes() == drawn["coverage"][0].read_bytes()


@pytest.mark.parametrize("entry", [{"themes": {}}, {"synthetic": False}, {"period": {"why": "apart"}}])
def test_cache_key_depends_on_what_the_figure_takes_from_the_manifest(run, entry):
    manifest = store.read_manifest(run)
    keys = {draw.figure_cache_key(m, ["shares"], options=[]) for m in (manifest, {**manifest, **entry})}
    assert len(keys) == 2
