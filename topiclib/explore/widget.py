"""The document map as a Jupyter widget."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import pandas as pd
import traitlets

from topiclib.explore.data import SELECTION_COLUMNS, map_data, map_rows, map_script, tables_and_manifest, to_json

if TYPE_CHECKING:
    from topiclib.runs.pipeline import Run


class DocumentMap(anywidget.AnyWidget):
    """The document map as a widget; `selection` is a DataFrame of the selected passages, and can be observed.

    Its columns are passage_id, doc_id, title, date, source, lang, topic, text; its rows are in the order of table
    `points`. `selected_rows` are their row numbers in `points`, and can be set.
    """

    _esm = map_script()
    _css = Path(__file__).with_name("explore.css").read_text(encoding="utf-8")
    data = traitlets.Bytes().tag(sync=True)
    selected_rows = traitlets.List(traitlets.Int()).tag(sync=True)
    selection = traitlets.Instance(pd.DataFrame)

    def __init__(self, rows: pd.DataFrame, data: Mapping[str, Any]) -> None:
        self._rows = rows
        selection = rows.iloc[:0][list(SELECTION_COLUMNS)]
        super().__init__(data=to_json(data).encode("utf-8", "replace"), selection=selection)

    @traitlets.validate("selected_rows")
    def _validate_selected_rows(self, proposal: Any) -> list[int]:
        return sorted({row for row in proposal["value"] if 0 <= row < len(self._rows)})

    @traitlets.observe("selected_rows")
    def _update_selection(self, change: Any) -> None:
        self.selection = self._rows.iloc[change["new"]].reset_index(drop=True)[list(SELECTION_COLUMNS)]


def explore(run: Run | str | Path, *, include_text: bool = True) -> DocumentMap:
    """Show a run's passages on a map, to read, filter, search and select.

    Parameters
    ----------
    run
        A run or a run folder.
    include_text
        False omits the text of the articles from the widget (titles, dates and links remain), not from `.selection`.

    Returns
    -------
    DocumentMap
        A Jupyter widget; `.selection` is a DataFrame of the selected passages.

    Raises
    ------
    FileNotFoundError, ValueError
        If `run` is not a valid run folder.
    """
    tables, manifest = tables_and_manifest(run)
    rows = map_rows(tables)
    return DocumentMap(rows, map_data(rows, tables, manifest, include_text=include_text))
