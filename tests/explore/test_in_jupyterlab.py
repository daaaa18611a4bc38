"""The widget in JupyterLab: a lasso in the browser sets the selection in Python, and the list of topics decisions."""

import json
import time

import pandas as pd
import pytest
from lab import CANVAS, jupyterlab, run_cells
from topic_list import EDIT, MESSAGE, decide, enter, press

import topiclib as tl
from topiclib.topics.curation_file import list_decisions, read_curation

pytestmark = pytest.mark.slow

CELL = """from pathlib import Path
from topiclib.explore import explore
shown = explore({run!r})
shown.observe(lambda change: change["new"].to_json("selection.json"), "selection")
def decided(change):
    Path("decided.txt").write_text(str(shown.curation.topics[1].merge_into))
    if "Oil" in str(change["new"]):
        shown.save_curation("mine.toml")
shown.observe(decided, "decisions")
shown"""


@pytest.fixture(scope="module")
def notebook(browser, sample_run, tmp_path_factory):
    """Open a notebook with the map; return the browser, the folder of the notebook and the server's address."""
    folder = tmp_path_factory.mktemp("lab")
    browser.send(
        "Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1
    )
    browser.dark(False)
    browser.requests.clear()
    with jupyterlab(folder, CELL.format(run=str(sample_run.path))) as address:
        run_cells(browser, address)
        yield browser, folder / "books", address
        browser.open("about:blank")  # before the server stops


def wait_for(browser, done, seconds=30):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, browser.errors
        browser.settle()


def test_lasso_sets_selection_in_python(notebook, sample_run):
    browser, books, address = notebook
    left, top, width, height = browser.box(CANVAS)
    browser.drag(
        (left + 2, top + 2), (left + width - 2, top + 2), (left + width - 2, top + height / 2),
        (left + 2, top + height / 2), shift=True,
    )  # fmt: skip
    wait_for(browser, (books / "selection.json").is_file)
    selection = pd.DataFrame(json.loads((books / "selection.json").read_text(encoding="utf-8")))
    shown = browser.run("document.querySelector('.topiclib-map .list h3').textContent")
    assert shown.startswith(f"{len(selection)} selected")
    points = sample_run.tables["points"]
    middle = (points["y"].max() + points["y"].min()) / 2
    assert set(selection["passage_id"]) == set(points["passage_id"][points["y"] > middle])
    assert {"title", "date", "source", "topic", "text"} <= set(selection.columns)
    assert [a for a in browser.requests if not a.startswith((address.split("/lab")[0], "data:", "blob:"))] == []


def test_decisions_of_the_list_are_in_python_and_saved_beside_the_notebook(notebook, sample_run, tmp_path):
    browser, books, _ = notebook
    file = books / "curation.toml"
    file.write_text("# of somebody else\n", encoding="utf-8")
    browser.run(f"{EDIT}.click()")
    decide(browser, 1, "2")
    wait_for(browser, lambda: (books / "decided.txt").is_file() and (books / "decided.txt").read_text() == "2")
    press(browser, "Undo")
    wait_for(browser, lambda: (books / "decided.txt").read_text() == "None")
    press(browser, "Redo")
    decide(browser, 3, "drop")
    enter(browser, 0, "Name in Arabic", 'المياه <b>"والزلازل"</b>')
    press(browser, "Save curation.toml")
    browser.wait(f"{MESSAGE}.includes('exists. Press again to replace it')")
    assert file.read_text(encoding="utf-8") == "# of somebody else\n"
    press(browser, "Replace curation.toml")
    browser.wait(f"{MESSAGE}.startsWith('Saved: ') && {MESSAGE}.includes('curation.toml')")
    decisions = {"0": {"name": {"ar": 'المياه <b>"والزلازل"</b>'}}, "1": {"merge_into": 2}, "3": {"drop": True}}
    assert list_decisions(read_curation(file)) == decisions
    enter(browser, 5, "Name in English", "Oil")
    press(browser, "Save curation.toml")  # the map wrote it itself, so it replaces it
    browser.wait(f"{MESSAGE}.startsWith('Saved: ')")
    assert list_decisions(read_curation(file)) == {**decisions, "5": {"name": {"en": "Oil"}}}
    assert file.read_bytes() == (books / "mine.toml").read_bytes()
    curated = tl.curate(sample_run.path, file, out=tmp_path / "curated")
    found = sample_run.assignments.set_index("passage_id")["topic"]
    assert (curated.assignments.set_index("passage_id")["topic"] == found.replace({1: 2, 3: -1})).all()
    assert browser.run("document.querySelectorAll('.topiclib-map b').length") == 0
