"""Blind sheets on disk: written for coders, read back as whatever spreadsheet saved them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd

from topiclib import schema
from topiclib.text.letters import WESTERN_DIGITS

YES_NO = {"yes": "1", "no": "0", "بله": "1", "خیر": "0", "نعم": "1", "لا": "0"}


def write_all(sheets: Mapping[Path, pd.DataFrame], texts: Collection[str], *, beside: Collection[Path] = ()) -> None:
    """Write sheets as CSV with a mark that tells spreadsheets the encoding; each of the `texts` columns right to left.

    Raises
    ------
    FileExistsError
        If one of them, or of what goes `beside` them, is there already: nobody's coding is overwritten.
    """
    if there := [path for path in (*sheets, *beside) if path.exists()]:
        raise FileExistsError(f"{there[0]} is there already: choose another folder, so that no coding is lost")
    for path, sheet in sheets.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        marked = {column: "\u2067" + sheet[column] + "\u2069" for column in texts if column in sheet}
        sheet.assign(**marked).to_csv(path, index=False, encoding="utf-8-sig")


def read_answers(path: Path, column: str, allowed: Mapping[str, str]) -> pd.Series:
    """Read the answers of a filled sheet, by item, without those left empty; `allowed` are the digits of each item.

    Commas, semicolons or tabs; digits of any of the scripts, yes and no in three languages.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such file, it is no UTF-8, no table or has other columns, an item is unknown or answered twice,
        or an answer is none of those allowed.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist: name the filled sheets")
    try:
        head = path.read_text(encoding="utf-8-sig").partition("\n")[0]
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no UTF-8: save it as CSV UTF-8, not as a workbook") from error
    separator = max(",;\t", key=head.count)
    try:
        sheet = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except ValueError as error:  # empty, or a row with more cells than the header
        raise ValueError(f"{path} is no table: {str(error).strip()}; fill in a copy of the sheet again") from error
    schema.require(sheet, ["item", column], door=str(path))
    given = sheet.set_index("item")[column].str.strip().str.lower()
    given = given[given != ""]
    said = given.str.translate(WESTERN_DIGITS).replace(YES_NO)
    for item, answer, as_given in zip(said.index, said, given, strict=True):
        if item not in allowed:
            raise ValueError(f"{path} has the item {item!r}, which the key has not: is it another sample's sheet?")
        if answer not in [*allowed[item]]:
            few = ", ".join(allowed[item]) + (", yes, no" if allowed[item] == "01" else "")
            raise ValueError(f"{path}: {column} of {item} is {as_given!r}: expected one of {few}, or nothing")
    if said.index.has_duplicates:
        raise ValueError(f"{path} answers {said.index[said.index.duplicated()][0]} twice: delete one of its rows")
    return said
