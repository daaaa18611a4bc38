"""Write the document map as one HTML file."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2.utils import htmlsafe_json_dumps

from topiclib.explore.data import map_data, map_rows, map_script, read_run, to_json
from topiclib.report.templates import check_output_file, render
from topiclib.runs.apply_curation import format_draft
from topiclib.topics.curation_file import replace_decisions

if TYPE_CHECKING:
    from topiclib.runs.pipeline import Run


def write_map(run: Run | str | Path, file: str | Path, *, include_text: bool = True) -> Path:
    """Write the map of a run as one HTML file that needs no network.

    Its list of topics saves a file of decisions, which `topiclib curate RUN --apply FILE` applies.

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
    read = read_run(run)
    file = check_output_file(file, "the map")
    data = map_data(map_rows(read.tables), read, include_text=include_text)
    # The file of decisions without those that the page edits, which its script writes below the headings of topics.
    kept = replace_decisions(read.curation, {})
    data["curationFile"] = format_draft(read.tables, kept, read.name, include_text=include_text)
    code = map_script() + "\nshowPage();\n"
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    page = render(
        "explore/map.html.jinja",
        title=data["title"],
        # "</script>" in a text would end the JSON block: this replaces "<", ">", "&" and "'" by JSON's own escapes.
        data=htmlsafe_json_dumps(data, dumps=to_json),
        script=code,
        script_hash=digest,
    )
    file.write_text(page, encoding="utf-8", errors="replace")
    return file
