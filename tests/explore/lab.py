"""Start JupyterLab with a notebook of one cell, and run it in the test browser."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from chromium import Chromium

CANVAS = "document.querySelector('.topiclib-map canvas.over')"


@contextmanager
def jupyterlab(folder: Path, cell: str) -> Iterator[str]:
    """Start JupyterLab in `folder / "books"` with a notebook that has the cell; yield the URL of the notebook."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    book.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    (folder / "books").mkdir()
    nbformat.write(book, folder / "books" / "map.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ServerApp.port": port, "ServerApp.root_dir": folder / "books", "ServerApp.open_browser": False,
        "IdentityProvider.token": "map", "LabApp.expose_app_in_browser": True, "ServerApp.allow_root": True,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }  # fmt: skip
    folders = {name: str(folder / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    command = [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())]
    server = subprocess.Popen(
        command, env={**os.environ, **folders}, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api?token=map", server)
        yield f"{address}/lab/tree/map.ipynb?token=map&reset"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(address: str, server: subprocess.Popen, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"JupyterLab did not answer within {seconds} s (exit status {server.poll()})")


def run_cells(browser: Chromium, address: str, *, seconds: float = 30) -> None:
    """Open the notebook, run its cells and wait until the map is visible."""
    browser.open(address)
    book = "[...jupyterapp.shell.widgets('main')][0]"
    browser.wait(
        f"{book}.content.widgets.length > 0 && jupyterapp.shell.activateById({book}.id) === undefined", seconds=seconds
    )
    browser.wait(f"{book}.sessionContext.session.kernel.status === 'idle'", seconds=seconds)
    browser.run("jupyterapp.commands.execute('notebook:run-all-cells').then(() => 1)")
    browser.wait(f"{CANVAS}.width > 50 && ({CANVAS}.scrollIntoView({{block: 'center'}}), true)", seconds=seconds)
    browser.settle()
