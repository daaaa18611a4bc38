"""Coding sheets for blind human coding: written as CSV, and read back as spreadsheet programs save them."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import pandas as pd

from topiclib import schema
from topiclib.evaluate.krippendorff import krippendorff_alpha
from topiclib.text.letters import WESTERN_DIGITS

INSTRUCTIONS = tomllib.loads(Path(__file__).with_name("instructions.toml").read_text(encoding="utf-8"))

YES_NO = {"yes": "1", "no": "0", "بله": "1", "خیر": "0", "نعم": "1", "لا": "0"}


class NotFilledError(ValueError):
    """No sheet has an answer yet."""


def write_sheets(
    sheets: Mapping[str, pd.DataFrame], key: pd.DataFrame, folder: str | Path,
    *, texts: Collection[str], instructions: str, coders: int, prefix: str = "",
) -> list[Path]:  # fmt: skip
    """Write each sheet for each coder (NAME.coderN.csv), any instructions, and the key; return paths, the key last.

    The file names of instructions and key start with `prefix`. FileExistsError if a file exists, so that no coding
    is overwritten.
    """
    folder = Path(folder)
    paths = {folder / f"{name}.coder{n}.csv": sheet for name, sheet in sheets.items() for n in range(1, coders + 1)}
    instructions_file, key_file = folder / f"{prefix}instructions.txt", folder / f"{prefix}key.csv"
    if existing := [path for path in (*paths, instructions_file, key_file) if path.exists()]:
        raise FileExistsError(f"{existing[0]} already exists: choose another folder, so that no coding is lost")
    folder.mkdir(parents=True, exist_ok=True)
    for path, sheet in paths.items():
        # Right-to-left isolates and a byte order mark, since spreadsheet programs guess direction and encoding wrong.
        isolated = {column: "\u2067" + sheet[column] + "\u2069" for column in texts if column in sheet}
        sheet.assign(**isolated).to_csv(path, index=False, encoding="utf-8-sig")
    if instructions:
        instructions_file.write_text(instructions, encoding="utf-8")
    key.to_csv(key_file, index=False, encoding="utf-8")
    return [*paths, *([instructions_file] if instructions else []), key_file]


def read_sheets(files: Iterable[Path], column: str, allowed: pd.Series) -> pd.DataFrame:
    """Read the answers of filled sheets: (items, coders), as text, NaN for no answer.

    Sheets with the same coder in their names (NAME.CODER.csv) are one coder's. `allowed` has the digits allowed as the
    answer to each item, in the key's order. ValueError or FileNotFoundError if a sheet cannot be read, an item is
    unknown or answered twice by a coder, an answer is not allowed, or no sheet has an answer.
    """
    answers: dict[str, dict[str, str]] = {}
    for path in files:
        coder = path.stem.partition(".")[2] or path.stem
        by_item = answers.setdefault(coder, {})
        for item, answer in _read_sheet(path, column, dict(allowed)):
            if item in by_item:
                raise ValueError(f"{path}: {coder} answers {item} twice: delete a row, or name coders (words.anna.csv)")
            by_item[item] = answer
    if not any(answers.values()):
        raise NotFilledError(f"no item is answered: fill the column {column} of the sheets")
    columns = {coder: pd.Series(by_item, dtype=object) for coder, by_item in answers.items()}
    return pd.DataFrame(columns).reindex(allowed.index)


def agreement(answers: pd.DataFrame) -> dict[str, float]:
    """Return Krippendorff's alpha of answers (items, coders); empty if no item is answered by two coders."""
    return krippendorff_alpha(answers) if (answers.notna().sum(axis=1) > 1).any() else {}


def _read_sheet(path: Path, column: str, allowed: Mapping[str, str]) -> list[tuple[str, str]]:
    """Read a sheet's items and answers: separated by comma, semicolon or tab; digits of any script, or yes and no."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist: pass the filled sheets")
    try:
        head = path.read_text(encoding="utf-8-sig").partition("\n")[0]
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8: save it as CSV UTF-8, not as a workbook") from error
    separator = max(",;\t", key=head.count)
    try:
        sheet = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except ValueError as error:  # empty, or a row with more cells than the header
        raise ValueError(f"{path} is not a table: {str(error).strip()}; fill a new copy of the sheet") from error
    schema.require_columns(sheet, ["item", column], caller=str(path))
    typed = sheet.set_index("item")[column].str.strip().str.lower()
    typed = typed[typed != ""]
    answers = typed.str.translate(WESTERN_DIGITS).replace(YES_NO)
    for item, answer, as_typed in zip(answers.index, answers, typed, strict=True):
        if item not in allowed:
            raise ValueError(f"{path} has item {item!r}, which is not in the key: is the sheet of another sample?")
        if answer not in [*allowed[item]]:
            choices = ", ".join(allowed[item]) + (", yes, no" if allowed[item] == "01" else "")
            raise ValueError(f"{path}: {column} of {item} is {as_typed!r}: expected one of {choices}, or empty")
    return list(answers.items())
