"""The notebooks: structure, explanations before each cell, and the theme notebook for each of four themes."""

import itertools
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest

import topiclib as tl

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
BOOKS = {file.stem: nbformat.read(file, as_version=4) for file in sorted(FOLDER.glob("*.ipynb"))}


def test_there_are_six_notebooks():
    assert list(BOOKS) == ["01_themes", "02_prepare", "03_topics", "04_theme", "05_compare", "06_quality"]


@pytest.mark.parametrize("name", BOOKS)
def test_notebook_starts_with_title_and_run(name):
    cells = BOOKS[name].cells
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    first = next(cell for cell in cells if cell.cell_type == "code")
    assert first.metadata.tags == ["parameters"]
    assert first.source.startswith("RUN = ")


@pytest.mark.parametrize("name", BOOKS)
def test_text_before_each_cell_says_what_to_look_for(name):
    cells = BOOKS[name].cells
    for text, cell in itertools.pairwise(cells):
        if cell.cell_type == "code":
            assert text.cell_type == "markdown", f"no text before: {cell.source[:80]}"
            last = text.source.rsplit("\n\n", 1)[-1]
            assert re.search(r"\b(look|read|change)\b", last.lower()), last
            assert last.rstrip().endswith((".", "?", ":")), last


def test_show_sets_right_to_left_and_escapes_html():
    frame = pd.DataFrame({"text": ["<b>برجام</b>", "نووي"], "share": [0.254, float("nan")], "n": [1, 2]}, index=[7, 7])
    shown = tl.show(frame, ["text", "share"], percent=["share"]).to_html()
    assert 'dir="rtl"' in shown and "&lt;b&gt;برجام" in shown and "<b>" not in shown
    assert (
        "direction: ltr" in tl.show(frame, ["share"]).to_html()
        and "direction" not in tl.show(frame, ["text"]).to_html()
    )
    assert 'dir="ltr"' in tl.show(frame[["share", "n"]]).to_html()
    assert "25%" in shown and "–" in shown and ">n<" not in shown
    assert "Blues" not in tl.show(frame).background_gradient(subset=["n"]).to_html()


@pytest.mark.parametrize("theme", ["jcpoa", "caucasus", "drones", "sanctions"])
def test_theme_notebook_runs_for_each_theme(theme, sample_run, monkeypatch):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    names: dict[str, object] = {}
    for cell in BOOKS["04_theme"].cells:
        if cell.cell_type == "code":
            sources = {"parameters": f"RUN = {str(sample_run.path)!r}", "theme": f"THEME = {theme!r}"}
            source = next((sources[tag] for tag in cell.metadata.get("tags", []) if tag in sources), cell.source)
            exec(compile(source, "04_theme", "exec"), names)
    plt.close("all")
    assert names["THEME"] == theme
    assert len(names["best"]) >= 4
    assert set(names["terms"]["lang"]) == {"fa", "ar"}
