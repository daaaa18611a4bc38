"""The widget in JupyterLab: a lasso in the browser sets the selection in Python."""

import json
import time

import pandas as pd
import pytest
from lab import CANVAS, jupyterlab, run_cells

pytestmark = pytest.mark.slow

CELL = """from pathlib import Path
from topiclib.explore import explore
shown = explore({run!r})
shown.observe(lambda change: change["new"].to_json("selection.json"), "selection")
shown"""


def test_lasso_sets_selection_in_python(browser, tmp_path, sample_run):
    browser.send(
        "Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1
    )
    browser.dark(False)
    browser.requests.clear()
    with jupyterlab(tmp_path, CELL.format(run=str(sample_run.path))) as address:
        run_cells(browser, address)
        left, top, width, height = browser.box(CANVAS)
        browser.drag(
            (left + 2, top + 2), (left + width - 2, top + 2), (left + width - 2, top + height / 2),
            (left + 2, top + height / 2), shift=True,
        )  # fmt: skip
        file, end = tmp_path / "books" / "selection.json", time.monotonic() + 20
        while not file.is_file() and time.monotonic() < end:
            browser.settle()
        selection = pd.DataFrame(json.loads(file.read_text(encoding="utf-8")))
        shown = browser.run("document.querySelector('.topiclib-map .list h3').textContent")
    assert shown.startswith(f"{len(selection)} selected")
    points = sample_run.tables["points"]
    middle = (points["y"].max() + points["y"].min()) / 2
    assert set(selection["passage_id"]) == set(points["passage_id"][points["y"] > middle])
    assert {"title", "date", "source", "topic", "text"} <= set(selection.columns)
    assert [a for a in browser.requests if not a.startswith((address.split("/lab")[0], "data:", "blob:"))] == []
