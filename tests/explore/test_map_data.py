"""Data of the map: offsets, no text if it is excluded, no HTML from articles."""

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


def test_match_offsets_are_in_utf16_units(data):
    for text, matches in zip(data["passages"]["text"], data["passages"]["matches"], strict=True):
        units = text.encode("utf-16-le")
        assert [units[2 * start : 2 * end].decode("utf-16-le") for _, start, end in matches] == ["برجام"] * len(matches)
    assert sum(map(len, data["passages"]["matches"])) == 2


def test_lists_have_one_entry_per_passage_or_article(data, hand_made):
    lengths = {name: len(values) for name, values in data["passages"].items()}
    assert set(lengths.values()) == {len(hand_made.tables["points"])}, lengths
    assert len({len(values) for values in data["documents"].values()}) == 1


def test_file_without_text_contains_no_passages(sample_run, tmp_path):
    file = write_map(sample_run, tmp_path / "map.html", include_text=False)
    written = file.read_text(encoding="utf-8")
    passages = sample_run.tables["passages"]
    texts = [text for text in passages["text"][passages["kind"] == "body"] if len(text) > 40]
    assert len(texts) > 300
    assert not [text for text in texts if text in written]
    assert not [text for text in sample_run.tables["documents"]["text"] if text[:80] in written]
    assert "برجام" in written


def test_file_has_valid_json_and_no_external_resources(hand_made, tmp_path):
    written = write_map(hand_made, tmp_path / "map.html").read_text(encoding="utf-8")
    block = re.search(r'<script type="application/json" id="topiclib-data">(.*?)</script>', written, re.S)[1]
    assert HOSTILE in json.loads(block)["documents"]["title"]
    assert "<" not in block
    rest = written.replace(block, "")
    assert not re.search(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""", rest)
    assert "default-src 'none'" in rest


def test_fold_table_agrees_with_fold():
    table = fold_table()
    assert table["ي"] == "ی"
    assert table["\u200c"] == ""
    assert table["٣"] == "3"
    assert all(fold(char) == target for char, target in table.items())


def test_run_without_points_or_themes_gives_an_empty_map(hand_made, tmp_path):
    for name in ("points", "themes", "matches", "topics"):
        hand_made.tables[name] = hand_made.tables[name].iloc[:0]
    assert write_map(hand_made, tmp_path / "map.html").stat().st_size > 1000


def test_selection_has_the_selected_rows(hand_made):
    shown = explore(hand_made)
    assert shown.selection.empty
    observed = []
    shown.observe(lambda change: observed.append(list(change["new"]["passage_id"])), "selection")
    shown.selected_rows = [3, 0, 3, 99, -1]
    assert shown.selected_rows == [0, 3]
    assert list(shown.selection["passage_id"]) == ["a#0", "c#3"] == observed[-1]
    assert list(shown.selection.columns) == ["passage_id", "doc_id", "title", "date", "source", "lang", "topic", "text"]
    shown.selected_rows = []
    assert isinstance(shown.selection, pd.DataFrame)
    assert shown.selection.empty


def test_widget_without_text(hand_made):
    assert "مذاکرات" in explore(hand_made).data.decode()
    assert "مذاکرات" not in explore(hand_made, include_text=False).data.decode()
