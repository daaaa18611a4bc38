"""Intrusion sheets: their items, their blindness, reading them back, and scores."""

import numpy as np
import pandas as pd
import pytest

from topiclib.cli.main import main
from topiclib.evaluate.intrusion import (
    CHANCE_ACCURACY,
    read_intrusion_sheets,
    sample_items,
    score_intrusion_sheets,
    write_intrusion_sheets,
)

WORDS = {"fa": "سیب گلابی انار هلو انگور خرما", "ar": "تفاح كمثرى رمان خوخ عنب تمر"}

PERSIAN = str.maketrans("0123456", "۰۱۲۳۴۵۶")


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    """Three topics with eight passages in each language; a passage's text names its topic."""
    rows = [(t, lang, i) for t in range(3) for lang in ("fa", "ar") for i in range(8)]
    passages = pd.DataFrame(
        {
            "passage_id": [f"{t}{lang}{i}#0" for t, lang, i in rows],
            "doc_id": [f"{t}{lang}{i}" for t, lang, i in rows],
            "lang": [lang for _, lang, _ in rows],
            "text": [f"متن {t} شمارهٔ {i} {lang}" for t, lang, i in rows],
            "kind": "body",
        }
    )
    assignments = passages[["passage_id"]].assign(topic=[t for t, _, _ in rows], similarity=1.0)
    ranked = [(lang, rank, word) for lang in WORDS for rank, word in enumerate(WORDS[lang].split(), 1)]
    words = [(t, lang, rank, f"{word}{t}") for t in range(3) for lang, rank, word in ranked]
    keywords = pd.DataFrame(words, columns=["topic", "lang", "rank", "word"]).assign(weight=1.0)
    return {"passages": passages, "assignments": assignments, "keywords": keywords}


def topic_of(text: str) -> str:
    return text.strip("\u2067\u2069").split()[1] if " " in text else text.strip("\u2067\u2069")[-1]


def test_the_intruder_is_where_the_key_says(tables):
    sheets, key = sample_items(tables, n_per_topic=3, seed=1)
    right = key.set_index("item")["right"]
    for task, n in (("words", 6), ("passages", 4)):
        for row in sheets[task].to_dict("records"):
            topics = pd.Series({str(i): topic_of(row[str(i)]) for i in range(1, n + 1)})
            odd = topics[topics != topics.mode()[0]]
            assert odd.index.tolist() == [right[row["item"]]]
    for row in sheets["pairs"].to_dict("records"):
        assert (topic_of(row["fa"]) == topic_of(row["ar"])) == (right[row["item"]] == "1")
    assert key["task"].value_counts().to_dict() == {"words": 6, "passages": 18, "pairs": 18}
    assert (right[sheets["pairs"]["item"]] == "1").mean() == 0.5


def test_sheets_are_blind_and_reproducible(tables):
    sheets, key = sample_items(tables, seed=1)
    for task, sheet in sheets.items():
        assert not {"topic", "right", "passage_id", "task"} & set(sheet.columns)
        assert (sheet["answer"] == "").all()
        pd.testing.assert_frame_equal(sheet, sample_items(tables, seed=1)[0][task])
    assert len(set(key.query("task != 'pairs'")["right"])) > 2, "the intruder is always at the same place"
    assert not sample_items(tables, seed=2)[1].equals(key)


def fill(path, key, *, wrong: int = 0, separator: str = ",", write=str) -> None:
    """Answer a sheet as the key says, the first `wrong` items otherwise, and save it as a spreadsheet might."""
    sheet = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    right = key.set_index("item")["right"].reindex(sheet["item"])
    other = {"0": "1", "1": "0"} if "pairs" in path.name else {"1": "2", **dict.fromkeys("23456", "1")}
    answers = [other[value] if i < wrong else value for i, value in enumerate(right)]
    sheet["answer"] = [write(value) for value in answers]
    sheet.to_csv(path, index=False, sep=separator, encoding="utf-8-sig")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_filled_sheets_are_scored(tables, tmp_path, separator):
    sheets, key = sample_items(tables, seed=1)
    files = write_intrusion_sheets(sheets, key, tmp_path / "s")[:-2]
    for file in files:
        wrong = 3 if "coder2" in file.name else 0
        fill(file, key, wrong=wrong, separator=separator, write=lambda v: v.translate(PERSIAN))
    scores = score_intrusion_sheets(*read_intrusion_sheets(files))
    assert scores["chance"].map(lambda value: value in CHANCE_ACCURACY.values()).all()
    assert (scores["coders"] == 2).all()
    by_task = scores[~scores["task"].str.contains(",")]
    n_right = (by_task["accuracy"] * by_task["items"] * 2).groupby(by_task["task"]).sum()
    assert np.allclose(n_right, 2 * by_task.groupby("task")["items"].sum() - 3)
    assert by_task["alpha"].lt(1).any()
    assert (by_task["alpha_low"] <= by_task["alpha"] + 1e-9).all()
    one_coder = score_intrusion_sheets(*read_intrusion_sheets([file for file in files if "coder1" in file.name]))
    assert one_coder["accuracy"].eq(1).all()
    assert one_coder["alpha"].isna().all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("words-001", "words-999"), "words-999.*which is not in the key"),
        (
            lambda text: "\n".join(line[:-2] + "9," if n == 1 else line for n, line in enumerate(text.split("\n"))),
            "'9'",
        ),
        (lambda text: "a,b\n1,2\n", "needs the column item, answer"),
        (lambda text: "", r"words\.coder1\.csv is not a table"),
        (lambda text: "item,answer\nwords-001,1,2,3\nwords-002,1,2,3,4,5\n", r"words\.coder1\.csv is not a table"),
    ],
)
def test_a_malformed_sheet_is_an_error(tables, tmp_path, change, message):
    sheets, key = sample_items(tables, seed=1)
    file = write_intrusion_sheets(sheets, key, tmp_path)[0]
    fill(file, key)
    file.write_text(change(file.read_text(encoding="utf-8-sig").replace("\r", "")), encoding="utf-8-sig")
    with pytest.raises(ValueError, match=message):
        read_intrusion_sheets([file])


def test_wrong_input_is_an_error(tables, tmp_path):
    sheets, key = sample_items(tables)
    files = write_intrusion_sheets(sheets, key, tmp_path)
    with pytest.raises(FileExistsError, match="no coding is lost"):
        write_intrusion_sheets(sheets, key, tmp_path)
    with pytest.raises(ValueError, match="no item is answered"):
        score_intrusion_sheets(*read_intrusion_sheets(files[:-2]))
    fill(files[0], key)
    again = tmp_path / "again.coder1.csv"
    again.write_bytes(files[0].read_bytes())
    with pytest.raises(ValueError, match="coder1 answers words-001 twice"):
        read_intrusion_sheets([files[0], again])
    files[-1].unlink()
    with pytest.raises(FileNotFoundError, match=r"key\.csv"):
        read_intrusion_sheets(files[:-2])
    one = {**tables, "assignments": tables["assignments"].assign(topic=0)}
    with pytest.raises(ValueError, match="at least two"):
        sample_items(one)


def test_sheets_from_the_command_line(sample_run, tmp_path, capsys):
    assert main(["sheets", str(sample_run.path), "--out", str(tmp_path / "s"), "--coders", "1"]) == 0
    key = pd.read_csv(tmp_path / "s" / "key.csv", dtype=str)
    assert set(key["task"]) == set(CHANCE_ACCURACY)
    assert all(task in (tmp_path / "s" / "instructions.txt").read_text(encoding="utf-8") for task in CHANCE_ACCURACY)
    for file in (tmp_path / "s").glob("*.coder1.csv"):
        fill(file, key)
    capsys.readouterr()
    assert main(["score", str(tmp_path / "s")]) == 0
    assert "pairs, two topics" in capsys.readouterr().out
    assert main(["score", str(tmp_path)]) == 2
    assert "no sheets" in capsys.readouterr().err
