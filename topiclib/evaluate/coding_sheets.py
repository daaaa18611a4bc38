"""Coding sheets: written for people who do not see the key, and read back as whatever spreadsheet saved them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import pandas as pd

from topiclib import schema
from topiclib.evaluate.krippendorff import krippendorff_alpha
from topiclib.text.letters import WESTERN_DIGITS

YES_NO = {"yes": "1", "no": "0", "بله": "1", "خیر": "0", "نعم": "1", "لا": "0"}


def write_sheets(
    sheets: Mapping[str, pd.DataFrame], key: pd.DataFrame, folder: str | Path,
    *, texts: Collection[str], instructions: str, coders: int, prefix: str = "",
) -> list[Path]:  # fmt: skip
    """Write each sheet once a coder (NAME.coderN.csv), the instructions, if any, and the key; return their paths.

    The names of the instructions and of the key, which comes last, start with `prefix`. A sheet has a mark that tells
    spreadsheets its encoding, and each text in its columns `texts` is isolated right to left. A file that is there
    already is a FileExistsError: nobody's coding is overwritten.
    """
    folder = Path(folder)
    paths = {folder / f"{name}.coder{n}.csv": sheet for name, sheet in sheets.items() for n in range(1, coders + 1)}
    told, secret = folder / f"{prefix}instructions.txt", folder / f"{prefix}key.csv"
    if there := [path for path in (*paths, told, secret) if path.exists()]:
        raise FileExistsError(f"{there[0]} is there already: choose another folder, so that no coding is lost")
    folder.mkdir(parents=True, exist_ok=True)
    for path, sheet in paths.items():
        marked = {column: "\u2067" + sheet[column] + "\u2069" for column in texts if column in sheet}
        sheet.assign(**marked).to_csv(path, index=False, encoding="utf-8-sig")
    if instructions:
        told.write_text(instructions, encoding="utf-8")
    key.to_csv(secret, index=False, encoding="utf-8")
    return [*paths, *([told] if instructions else []), secret]


def read_sheets(files: Iterable[Path], column: str, allowed: pd.Series) -> pd.DataFrame:
    """Read the answers in filled sheets: (items, coders), as text, NaN where there is none.

    Sheets with the same coder in their names (NAME.CODER.csv) are one coder's. `allowed` has the digits that may be
    answered, by item, in the key's order. A sheet that cannot be read, an unknown item, one that a coder answers twice,
    an answer that is not allowed, and sheets without any answer are errors.
    """
    answers: dict[str, dict[str, str]] = {}
    for path in files:
        coder = path.stem.partition(".")[2] or path.stem
        said = answers.setdefault(coder, {})
        for item, answer in _read_sheet(path, column, dict(allowed)):
            if item in said:
                raise ValueError(f"{path}: {coder} answers {item} twice: delete a row, or name coders (words.anna.csv)")
            said[item] = answer
    if not any(answers.values()):
        raise ValueError(f"no item is answered: fill the column {column} of the sheets")
    columns = {coder: pd.Series(said, dtype=object) for coder, said in answers.items()}
    return pd.DataFrame(columns).reindex(allowed.index)


def agreement(answers: pd.DataFrame) -> dict[str, float]:
    """Return Krippendorff's alpha of (items, coders), or nothing where no item is answered by two people."""
    return krippendorff_alpha(answers) if (answers.notna().sum(axis=1) > 1).any() else {}


def _read_sheet(path: Path, column: str, allowed: Mapping[str, str]) -> list[tuple[str, str]]:
    """Read a sheet's items and answers: commas, semicolons or tabs; digits of any script, yes and no."""
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
    schema.require_columns(sheet, ["item", column], caller=str(path))
    given = sheet.set_index("item")[column].str.strip().str.lower()
    given = given[given != ""]
    said = given.str.translate(WESTERN_DIGITS).replace(YES_NO)
    for item, answer, as_given in zip(said.index, said, given, strict=True):
        if item not in allowed:
            raise ValueError(f"{path} has the item {item!r}, which the key has not: is it another sample's sheet?")
        if answer not in [*allowed[item]]:
            few = ", ".join(allowed[item]) + (", yes, no" if allowed[item] == "01" else "")
            raise ValueError(f"{path}: {column} of {item} is {as_given!r}: expected one of {few}, or nothing")
    return list(said.items())
