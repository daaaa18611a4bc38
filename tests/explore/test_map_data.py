"""Data of the map: offsets, no text if it is excluded, no HTML from articles."""

import json
import re

import pandas as pd
import pytest
import traitlets
from hostile_tables import HOSTILE

from topiclib.explore import explore, write_map
from topiclib.explore.data import fold_table, map_data, map_rows, read_run
from topiclib.text import fold
from topiclib.topics.curation_file import read_curation


@pytest.fixture
def data(hand_made):
    return map_data(map_rows(hand_made.tables), read_run(hand_made))


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


@pytest.fixture
def decided(hand_made, tmp_path):
    """Return a run folder's stand-in with four topics: 1 was merged into 0, and 2 was split into 2 and 5."""
    ids = hand_made.tables["passages"]["passage_id"]
    topics, found = [0, 0, 2, 5, 5, -1], [0, 1, 2, 2, 2, 3]
    assignments = pd.DataFrame({"passage_id": ids, "topic": topics, "similarity": 0.9, "topic_found": found})
    hand_made.tables["assignments"] = assignments
    hand_made.tables["points"] = hand_made.tables["points"].assign(topic=topics)
    labels = pd.DataFrame({"topic": [-1, 0, 2, 5], "size": 1, "label_fa": "گل", "label_ar": "سوق"})
    names = {"name_en": ["", "Oil", "", ""], "name_fa": "", "name_ar": "", "share_fa": 0.5, "share_ar": 0.5}
    hand_made.tables["topics"] = labels.assign(**names)
    text = (
        "n_passages = 6\n[corpus]\nstop_words = ['گفت']\n[topics.0]\nname = {en = 'Oil'}\n[topics.1]\nmerge_into = 0\n"
        "[topics.2]\nsplit = 2\npassages = ['a#2']\n[topics.5]\npart_of = 2\nsize = 2\n"
        "[topics.3]\ndrop = true\nnote = 'x'\n"
    )
    (tmp_path / "curation.toml").write_text(text, encoding="utf-8")
    hand_made.path = tmp_path
    return hand_made


def test_the_list_has_the_topics_as_found_and_what_was_decided(decided):
    data = map_data(map_rows(decided.tables), read_run(decided))
    ids = [topic["id"] for topic in data["topics"]]
    assert ids == [-1, 0, 1, 2, 3, 5]
    assert [ids[t] for t in data["passages"]["topic"]] == [0, 0, 2, 5, 5, -1]
    assert [ids[t] for t in data["passages"]["found"]] == [0, 1, 2, 5, 5, 3]
    edited = {"0": {"name": {"en": "Oil"}}, "1": {"merge_into": 0}, "3": {"drop": True, "note": "x"}}
    assert data["decisions"] == edited == explore(decided).decisions
    assert [(t["split"], t["part_of"]) for t in data["topics"] if t["id"] in (2, 5)] == [(2, None), (None, 2)]


def test_decisions_set_in_python_are_checked_and_keep_the_rest_of_the_file(decided):
    shown = explore(decided)
    before = shown.curation
    shown.decisions = {"5": {"name": {"ar": "مطر"}}, "1": {"drop": True, "reassign": True}}
    assert shown.curation.topics[5].name == {"ar": "مطر"}
    assert shown.curation.topics[5].part_of == 2 and shown.curation.topics[2] == before.topics[2]
    assert shown.curation.topics[1].actions == ["reassign"] and not shown.curation.topics[3].actions
    assert shown.curation.corpus == before.corpus and shown.curation.n_passages == 6
    for wrong, words in (
        ({"9": {"drop": True}}, "topic 9: there is no such topic: expected one of 0, 1, 2, 5, 3"),
        ({"0": {"split": 2}}, "topic 0 has the unknown key 'split'"),
        ({"1": {"merge_into": 2}}, "merge_into = 2, but topic 2 is split"),
        ({"1": {"name": {"en": "!"}}}, "topic 1: name.en is empty"),
        ({"1": {"merge_into": 0}, "0": {"merge_into": 1}}, "a circle of merges"),
    ):
        with pytest.raises(traitlets.TraitError, match=re.escape(words)):
            shown.decisions = wrong
    assert shown.curation.topics[5].name == {"ar": "مطر"}


def test_a_file_is_not_replaced_unless_the_map_wrote_it(decided, tmp_path):
    shown = explore(decided)
    file = shown.save_curation(tmp_path / "mine.toml")
    assert read_curation(file).topics == shown.curation.topics
    shown.decisions = {}
    assert not any(d.actions for d in read_curation(shown.save_curation(file)).topics.values() if not d.split)
    file.write_text("# mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match=r"mine\.toml exists: choose another name"):
        shown.save_curation(file)
    assert file.read_text(encoding="utf-8") == "# mine"
    shown.save_curation(file, overwrite=True)
    assert read_curation(file).topics == shown.curation.topics
    with pytest.raises(FileNotFoundError):
        shown.save_curation(tmp_path / "no" / "mine.toml")


def test_the_saved_file_quotes_no_passage_if_the_map_has_no_text(hand_made, tmp_path):
    quoted = explore(hand_made).save_curation(tmp_path / "a.toml").read_text(encoding="utf-8")
    without = explore(hand_made, include_text=False).save_curation(tmp_path / "b.toml").read_text(encoding="utf-8")
    assert "مذاکرات" in quoted and "مذاکرات" not in without
    assert read_curation(tmp_path / "a.toml").topics == read_curation(tmp_path / "b.toml").topics


def test_labels_of_bertopic_are_decisions_from_the_start(hand_made):
    hand_made.tables["topics"] = hand_made.tables["topics"].assign(name_en=["Oil", 100 * "x"])
    assert explore(hand_made).decisions == {"0": {"name": {"en": "Oil"}}}
