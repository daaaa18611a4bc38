"""The widget in a running JupyterLab: a lasso on the map, and Python has the selected rows."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pandas as pd
import pytest

CELL = """from pathlib import Path
from topiclib.explore import explore
shown = explore({run!r})
shown.observe(lambda change: change["new"].to_json("selection.json"), "selection")
shown"""


@pytest.fixture
def lab(tmp_path, sample_run):
    """JupyterLab on a folder with one notebook; returns the notebook's address and the folder."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL.format(run=str(sample_run.path)))])
    book.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    (tmp_path / "books").mkdir()
    nbformat.write(book, tmp_path / "books" / "map.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ServerApp.port": port, "ServerApp.root_dir": tmp_path / "books", "ServerApp.open_browser": False,
        "IdentityProvider.token": "map", "LabApp.expose_app_in_browser": True, "ServerApp.allow_root": True,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }  # fmt: skip
    where = {name: str(tmp_path / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    command = [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())]
    server = subprocess.Popen(
        command, env={**os.environ, **where}, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    _wait_for(f"{address}/api?token=map", server)
    yield f"{address}/lab/tree/map.ipynb?token=map&reset", tmp_path / "books"
    server.terminate()
    server.wait(timeout=20)


def _wait_for(address, server, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"JupyterLab did not answer within {seconds} s (exit status {server.poll()})")


def test_python_reads_what_the_lasso_caught(browser, lab, sample_run):
    address, folder = lab
    browser.send(
        "Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1
    )
    browser.dark(False)
    browser.requests.clear()
    browser.open(address)
    book = "[...jupyterapp.shell.widgets('main')][0]"
    browser.wait(f"{book}.content.widgets.length > 0 && jupyterapp.shell.activateById({book}.id) === undefined")
    browser.wait(f"{book}.sessionContext.session.kernel.status === 'idle'")
    browser.run("jupyterapp.commands.execute('notebook:run-all-cells').then(() => 1)")
    canvas = "document.querySelector('.topiclib-map canvas.over')"
    browser.wait(f"{canvas}.width > 50 && ({canvas}.scrollIntoView({{block: 'center'}}), true)")
    browser.settle()
    left, top, width, height = browser.box(canvas)
    browser.drag(
        (left + 2, top + 2), (left + width - 2, top + 2), (left + width - 2, top + height / 2),
        (left + 2, top + height / 2), shift=True,
    )  # fmt: skip
    end = time.monotonic() + 20
    while not (folder / "selection.json").is_file() and time.monotonic() < end:
        browser.settle()
    selection = pd.DataFrame(json.loads((folder / "selection.json").read_text(encoding="utf-8")))
    shown = browser.run("document.querySelector('.topiclib-map .list h3').textContent")
    assert shown.startswith(f"{len(selection)} selected")
    points = sample_run.tables["points"]
    middle = (points["y"].max() + points["y"].min()) / 2
    assert set(selection["passage_id"]) == set(points["passage_id"][points["y"] > middle])
    assert {"title", "date", "source", "topic", "text"} <= set(selection.columns)
    assert [a for a in browser.requests if not a.startswith((address.split("/lab")[0], "data:", "blob:"))] == []
