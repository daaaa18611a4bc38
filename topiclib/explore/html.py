"""Write the document map as one HTML file."""

from __future__ import annotations

import base64
import hashlib
import html
from pathlib import Path
from typing import TYPE_CHECKING

from topiclib.explore.data import map_css, map_data, map_rows, map_script, tables_and_manifest, to_json
from topiclib.report import fonts

if TYPE_CHECKING:
    from topiclib.runs.pipeline import Run

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body class="topiclib-page">
<noscript>This map is drawn by the script in this file: allow scripts to see it.</noscript>
<script type="application/json" id="topiclib-data">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def write_map(run: Run | str | Path, file: str | Path, *, include_text: bool = True) -> Path:
    """Write the map of a run as one HTML file that needs no network.

    Parameters
    ----------
    run
        A run or a run folder.
    file
        Output file, in an existing folder.
    include_text
        False omits the text of the articles, for sharing. Titles, dates, outlets, links, topics and the matched terms
        of the themes remain.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileNotFoundError, ValueError
        If `run` is not a valid run folder, or the folder of `file` does not exist.
    """
    tables, manifest = tables_and_manifest(run)
    file = Path(file)
    if not file.parent.is_dir():
        raise FileNotFoundError(f"{file.parent} does not exist: create the folder of the map first")
    data = map_data(map_rows(tables), tables, manifest, include_text=include_text)
    code = map_script() + "\nshowPage();\n"
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    page = _PAGE.format(
        policy=f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; font-src data:; "
        "img-src data:; base-uri 'none'; form-action 'none'",
        title=html.escape(data["title"]),
        style=fonts.font_face_css() + map_css(),
        # "</script>" in a text would end the JSON block; the escape is equal to "<" for a JSON parser.
        data=to_json(data).replace("<", "\\u003c"),
        script=code,
    )
    file.write_text(page, encoding="utf-8", errors="replace")
    return file
