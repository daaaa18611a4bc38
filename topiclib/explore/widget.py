"""The document map as a Jupyter widget."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import pandas as pd
import traitlets

from topiclib.atomic import write_file
from topiclib.explore.data import (
    SELECTION_COLUMNS,
    RunData,
    map_data,
    map_rows,
    map_script,
    read_run,
    to_json,
)
from topiclib.report.templates import check_output_file
from topiclib.runs.apply_curation import format_draft
from topiclib.topics.curation_file import CURATION_FILE, Curation, list_decisions, replace_decisions

if TYPE_CHECKING:
    from topiclib.runs.pipeline import Run


class DocumentMap(anywidget.AnyWidget):
    """The document map as a widget; `selection` is a DataFrame of the selected passages, and can be observed.

    Its columns are passage_id, doc_id, title, date, source, lang, topic, text; its rows are in the order of table
    `points`. `selected_rows` are their row numbers in `points`, and can be set.

    `curation` has the decisions about topics, as the list beside the map shows them, and `save_curation` writes them to
    a file. `decisions` are those that the list edits, by topic (``{"3": {"name": {"en": "Oil"}}}``), and can be set and
    observed.
    """

    _esm = map_script()
    _css = Path(__file__).with_name("explore.css").read_text(encoding="utf-8")
    data = traitlets.Bytes().tag(sync=True)
    selected_rows = traitlets.List(traitlets.Int()).tag(sync=True)
    decisions = traitlets.Dict().tag(sync=True)
    selection = traitlets.Instance(pd.DataFrame)

    def __init__(self, run: RunData, *, include_text: bool = True) -> None:
        self._run, self._include_text = run, include_text
        self._saved: dict[Path, bytes] = {}
        self._rows = rows = map_rows(run.tables)
        data = map_data(rows, run, include_text=include_text)
        content = to_json(data).encode("utf-8", "replace")
        super().__init__(data=content, decisions=data["decisions"], selection=rows.iloc[:0][list(SELECTION_COLUMNS)])
        self.on_msg(self._answer)

    @property
    def curation(self) -> Curation:
        """The decisions about topics and corpus, as a file has them."""
        return replace_decisions(self._run.curation, self.decisions)

    def save_curation(self, file: str | Path = CURATION_FILE, *, overwrite: bool = False) -> Path:
        """Write the decisions to a file, for `topiclib.curate`.

        Parameters
        ----------
        file
            Output file, in an existing folder.
        overwrite
            Replace a file that exists. One that this map wrote, and nobody has changed since, is always replaced.

        Raises
        ------
        FileNotFoundError, FileExistsError
            If the folder of the file does not exist, or the file does.
        """
        file = check_output_file(file, "the decisions")
        text = format_draft(self._run.tables, self.curation, self._run.name, include_text=self._include_text)
        if file.exists() and not overwrite and file.read_bytes() != self._saved.get(file.resolve()):
            raise FileExistsError(f"{file} exists: choose another name, or replace it with overwrite=True")
        self._saved[file.resolve()] = text.encode()
        write_file(file, text.encode())
        return file

    def _answer(self, _: Any, content: Mapping[str, Any], __: Any) -> None:
        """Save the decisions that the page sends with its button, and tell it where they are, or why not."""
        try:
            self.decisions = content["decisions"]
            self.send({"saved": str(self.save_curation(overwrite=content["overwrite"]).resolve())})
        except FileExistsError:
            self.send({"exists": str(Path(CURATION_FILE).resolve())})
        except (OSError, ValueError, traitlets.TraitError) as error:
            self.send({"error": str(error)})

    @traitlets.validate("decisions")
    def _validate_decisions(self, proposal: Any) -> dict[str, Any]:
        try:
            return list_decisions(replace_decisions(self._run.curation, proposal["value"]))
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from error

    @traitlets.validate("selected_rows")
    def _validate_selected_rows(self, proposal: Any) -> list[int]:
        return sorted({row for row in proposal["value"] if 0 <= row < len(self._rows)})

    @traitlets.observe("selected_rows")
    def _update_selection(self, change: Any) -> None:
        self.selection = self._rows.iloc[change["new"]].reset_index(drop=True)[list(SELECTION_COLUMNS)]


def explore(run: Run | str | Path, *, include_text: bool = True) -> DocumentMap:
    """Show a run's passages on a map, to read, filter, search and select, and to decide about its topics.

    Parameters
    ----------
    run
        A run or a run folder.
    include_text
        False omits the text of the articles from the widget (titles, dates and links remain), not from `.selection`.

    Returns
    -------
    DocumentMap
        A Jupyter widget; `.selection` is a DataFrame of the selected passages, `.curation` has the decisions of the
        list of topics, and `.save_curation("curation.toml")` writes them.

    Raises
    ------
    FileNotFoundError, ValueError
        If `run` is not a valid run folder.
    """
    return DocumentMap(read_run(run), include_text=include_text)
