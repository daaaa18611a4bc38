"""What goes into the map: nothing that was not asked for, and nothing that could become markup."""

import json
import re

import pandas as pd
import pytest
from hostile_tables import HOSTILE

from topiclib.explore import explore, write_map
from topiclib.explore.data import fold_table, map_data, map_rows
from topiclib.text import fold


@pytest.fixture
def data(hand_made):
    return map_data(map_rows(hand_made.tables), hand_made.tables, hand_made.manifest)


def test_marks_point_at_the_terms_as_a_script_counts(data):
    for text, marks in zip(data["passages"]["text"], data["passages"]["marks"], strict=True):
        units = text.encode("utf-16-le")
        assert [units[2 * start : 2 * end].decode("utf-16-le") for _, start, end in marks] == ["برجام"] * len(marks)
    assert sum(map(len, data["passages"]["marks"])) == 2


def test_every_list_is_as_long_as_the_points(data, hand_made):
    lengths = {name: len(values) for name, values in data["passages"].items()}
    assert set(lengths.values()) == {len(hand_made.tables["points"])}, lengths
    assert len({len(values) for values in data["documents"].values()}) == 1


def test_without_text_no_passage_is_in_the_file(sample_run, tmp_path):
    file = write_map(sample_run, tmp_path / "map.html", include_text=False)
    written = file.read_text(encoding="utf-8")
    passages = sample_run.tables["passages"]
    texts = [text for text in passages["text"][passages["kind"] == "body"] if len(text) > 40]
    assert len(texts) > 300
    assert not [text for text in texts if text in written]
    assert not [text for text in sample_run.tables["documents"]["text"] if text[:80] in written]
    assert "برجام" in written


def test_the_page_is_valid_json_and_asks_nobody(hand_made, tmp_path):
    written = write_map(hand_made, tmp_path / "map.html").read_text(encoding="utf-8")
    block = re.search(r'<script type="application/json" id="topiclib-data">(.*?)</script>', written, re.S)[1]
    assert HOSTILE in json.loads(block)["documents"]["title"]
    assert "<" not in block
    outside = written.replace(block, "")
    assert not re.search(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""", outside)
    assert "default-src 'none'" in outside


def test_fold_table_is_what_fold_says():
    table = fold_table()
    assert table["ي"] == "ی"
    assert table["\u200c"] == ""
    assert table["٣"] == "3"
    assert all(fold(letter) == target for letter, target in table.items())


def test_a_run_without_points_or_themes_is_shown_empty(hand_made, tmp_path):
    for name in ("points", "themes", "matches", "topics"):
        hand_made.tables[name] = hand_made.tables[name].iloc[:0]
    assert write_map(hand_made, tmp_path / "map.html").stat().st_size > 1000


def test_selection_is_a_frame_of_the_selected_rows(hand_made):
    shown = explore(hand_made)
    assert shown.selection.empty
    heard = []
    shown.observe(lambda change: heard.append(list(change["new"]["passage_id"])), "selection")
    shown.selected = [3, 0, 3, 99, -1]
    assert shown.selected == [0, 3]
    assert list(shown.selection["passage_id"]) == ["a#0", "c#3"] == heard[-1]
    assert list(shown.selection.columns) == ["passage_id", "doc_id", "title", "date", "source", "lang", "topic", "text"]
    shown.selected = []
    assert isinstance(shown.selection, pd.DataFrame)
    assert shown.selection.empty


def test_the_widget_can_leave_the_text_out(hand_made):
    assert "مذاکرات" in explore(hand_made).data.decode()
    assert "مذاکرات" not in explore(hand_made, include_text=False).data.decode()
