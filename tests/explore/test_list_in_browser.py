"""The list of topics of the HTML file in Chromium: decisions, undo, redo, the saved file, which is read and applied."""

import itertools
import json
import math
import tomllib

import pytest
from hostile_tables import HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from test_in_browser import STATUS, open_map
from topic_list import EDIT, MESSAGE, decide, enter, field, possible, press, topic

import topiclib as tl
from topiclib.explore import write_map
from topiclib.explore.data import map_script
from topiclib.topics.curation_file import (
    Curation,
    TopicDecision,
    format_curation,
    parse_curation,
    parse_name,
    read_curation,
    replace_decisions,
)

NAME = "Water <img src=x onerror=alert(1)> \"& \\ $& '"
TICKED = "[...document.querySelectorAll('.filters label')].map(row => row.textContent)"
NOTES = "'\\\"$&`\n[topics.3]\r\t\x7f\u2028 \u200c# ,=}"


@pytest.fixture
def listed(browser, sample_run, tmp_path):
    page = open_map(browser, write_map(sample_run, tmp_path / "map.html"))
    page.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    page.run(f"{EDIT}.click()")
    page.settle()
    return page


def saved(page, tmp_path):
    """Press the save button, and return the file that the browser downloads."""
    file = tmp_path / "curation.toml"
    file.unlink(missing_ok=True)
    press(page, "Save curation.toml")
    for _ in range(50):
        if file.is_file() and file.stat().st_size:
            return file
        page.settle()
    raise AssertionError("nothing was downloaded")


def test_decisions_are_shown_undone_redone_saved_and_applied(listed, sample_run, tmp_path):
    found = sample_run.assignments.set_index("passage_id")["topic"]
    n = sample_run.topics.set_index("topic")["size"]
    n_topics = (n.index >= 0).sum()
    enter(listed, 0, "Name in English", NAME)
    enter(listed, 0, "Name in Persian", " آب\u200fو  زلزله‌ها ")
    decide(listed, 1, "2")
    decide(listed, 3, "drop")
    enter(listed, 3, "Note", "دریاچه: not ours")
    enter(listed, 3, "Reason for the decision", 'read "ten" of them')
    assert listed.run(STATUS).endswith(f" in {n_topics - 2} topics")
    rows = listed.run(TICKED)
    assert f"0 · {NAME}{n[0]}" in rows and not any(row.startswith(("1 ·", "3 ·")) for row in rows)
    assert any(row.startswith("2 ·") and row.endswith(str(n[1] + n[2])) for row in rows)
    assert "merged into 2 · " in listed.run(f"{topic(1)}.textContent")
    assert f"had {n[1]} passages" in listed.run(f"{topic(1)}.textContent")
    assert f"{n[1] + n[2]} passages" in listed.run(f"{topic(2)}.firstChild.textContent")
    swatches = [listed.run(f"{topic(t)}.querySelector('.swatch').style.getPropertyValue('--dot')") for t in (1, 2, 3)]
    assert swatches[0] == swatches[1] and swatches[2] == "#a9a9a4"
    for _ in range(4):
        press(listed, "Undo")
    assert listed.run(STATUS).endswith(f" in {n_topics} topics") and "Not saved yet" in listed.run(MESSAGE)
    for _ in range(4):
        press(listed, "Redo")
    assert "--apply curation.toml --out" in listed.run("document.querySelector('.topics').textContent")
    file = saved(listed, tmp_path)
    assert listed.run(MESSAGE).startswith("Saved: curation.toml")
    curation = read_curation(file)
    assert curation.topics[0].name == {"en": NAME, "fa": "آب و زلزله‌ها"}
    assert curation.topics[3].note == "دریاچه: not ours" and curation.topics[3].reason == 'read "ten" of them'
    assert {t: d.actions for t, d in curation.topics.items() if d.actions} == {
        0: ["name"], 1: ["merge"], 3: ["drop", "note"]
    }  # fmt: skip
    draft = parse_curation(tomllib.loads(tl.draft_curation(sample_run)))
    assert {t: d.passages for t, d in curation.topics.items()} == {t: d.passages for t, d in draft.topics.items()}
    curated = tl.curate(sample_run.path, file, out=tmp_path / "curated")
    topics = curated.assignments.set_index("passage_id")["topic"]
    assert (topics == found.replace({1: 2, 3: -1})).all() and NAME in set(curated.topics["name_en"])
    assert listed.errors == [] and listed.run("document.querySelectorAll('.topiclib-map img').length") == 0
    assert [address for address in listed.requests if not address.startswith(("file:", "data:", "blob:"))] == []

    # The map of the curated run begins with its decisions; undone ones leave the file.
    listed.dialogs.clear()
    listed = open_map(listed, write_map(curated, tmp_path / "map.html"))
    assert listed.dialogs == []
    assert listed.run(STATUS).endswith(f" in {n_topics - 2} topics")
    listed.run(f"{EDIT}.click()")
    decide(listed, 1, "")
    decide(listed, 3, "reassign")
    assert listed.run(STATUS).endswith(f" in {n_topics - 1} topics")
    words = sample_run.topics.set_index("topic").loc[1, "label_fa"]  # which the tables of the curated run do not have
    assert any(row.startswith(f"1 · {words}") and row.endswith(str(n[1])) for row in listed.run(TICKED))
    again = read_curation(saved(listed, tmp_path))
    assert again.topics[1].merge_into is None and again.topics[3].reassign
    assert again.topics[0] == curation.topics[0]


def test_what_would_contradict_itself_cannot_be_chosen(browser, hand_made, tmp_path):
    page = open_map(browser, write_map(hand_made, tmp_path / "map.html"))
    page.run(f"{EDIT}.click()")
    assert possible(page, 0) == ["", "drop", "reassign", "1"]
    decide(page, 1, "0")
    assert possible(page, 0) == [""] and possible(page, 1) == ["", "drop", "reassign", "0"]
    assert page.run(f"{field(page, 1, 'Name in Arabic')}.disabled")
    enter(page, 0, "Name in English", "!?")
    assert "a name needs a letter" in page.run(MESSAGE)
    enter(page, 0, "Name in Persian", "ب" * 81)
    assert "81 characters are too long: at most 80" in page.run(MESSAGE)
    assert "81 characters" in page.run(f"{field(page, 0, 'Name in Persian')}.nextSibling.textContent")
    assert page.run("document.querySelectorAll('.topics [aria-invalid]').length") == 2
    decide(page, 1, "drop")
    assert page.run(f"{field(page, 0, 'Name in English')}.value") == "!?"
    assert possible(page, 0) == [""]
    assert "the last topic" in page.run(f"{topic(0)}.textContent")
    page.dialogs.clear()
    page.drag((200, 500))  # Chromium asks only a page that was used
    page.open("about:blank")
    assert page.dialogs == ["beforeunload"]  # nothing was saved


def test_a_split_in_the_file_is_kept(browser, hand_made, tmp_path):
    (tmp_path / "curation.toml").write_text(
        "[corpus]\nstop_words = ['گفت']\n[topics.0]\nsplit = 2\npassages = ['a#0']\n[topics.1]\n", encoding="utf-8"
    )
    hand_made.path = tmp_path
    page = open_map(browser, write_map(hand_made, tmp_path / "map.html"))
    page.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    page.run(f"{EDIT}.click()")
    assert page.run(f"{field(page, 0, 'Decision')}.disabled")
    enter(page, 0, "Name in English", "Vienna")
    enter(page, 1, "Note", HOSTILE)
    read = read_curation(saved(page, tmp_path))
    assert read.topics[0] == TopicDecision(0, name={"en": "Vienna"}, split=2, passages=("a#0",))
    assert read.topics[1].note == HOSTILE and read.corpus["stop_words"] == ("گفت",)


def test_the_list_by_keyboard_with_labels_and_on_a_narrow_screen(browser, hand_made, tmp_path):
    page = open_map(browser, write_map(hand_made, tmp_path / "map.html"))
    page.run(f"{EDIT}.focus()")
    page.key("Enter")
    page.settle()
    assert page.run("getComputedStyle(document.querySelector('.topics')).display") == "flex"
    for _ in range(20):
        page.key("Tab")
        if page.run(f"document.activeElement === {topic(0)}.firstChild"):
            break
    page.key("Enter")
    page.settle()
    page.key("Tab")
    page.key("ArrowDown")
    page.settle()
    assert "dropped" in page.run(f"{topic(0)}.textContent")
    undo = "new KeyboardEvent('keydown', {code: 'KeyZ', ctrlKey: true, bubbles: true})"
    page.run(f"document.activeElement.dispatchEvent({undo})")
    page.settle()
    assert "dropped" not in page.run(f"{topic(0)}.firstChild.textContent")
    page.key("Tab")
    page.type("la")
    page.key("Enter")
    page.settle()
    assert "0 · la" in page.run(f"{topic(0)}.textContent")
    page.type("x")
    page.key("Escape")
    assert page.run("document.activeElement.value") == "la"
    unnamed = (
        "[...document.querySelectorAll('.topics input, .topics select, .topics button')]"
        ".filter(c => !(c.labels?.[0] ?? c).textContent.trim()).length"
    )
    assert page.run(unnamed) == 0
    texts = f"['English', 'Persian', 'Arabic'].map(name => [...{topic(0)}.querySelectorAll('label')]"
    texts += (
        ".find(l => l.textContent === `Name in ${name}`).control).map(c => [c.lang, getComputedStyle(c).direction])"
    )
    assert page.run(texts) == [["en", "ltr"], ["fa", "rtl"], ["ar", "rtl"]]
    try:
        page.send("Emulation.setDeviceMetricsOverride", width=400, height=800, deviceScaleFactor=1, mobile=False)
        page.settle()
        assert page.run("document.documentElement.scrollWidth") == 400
        left, top, width, height = page.box("document.querySelector('.topics')")
        assert (left, width) == (0, 400) and height > 250 and top + height <= 800
        assert page.box("document.querySelector('canvas.over')")[3] > 120
    finally:
        page.send("Emulation.setDeviceMetricsOverride", width=1400, height=860, deviceScaleFactor=1, mobile=False)


@pytest.fixture(scope="module")
def script(browser):
    browser.open("about:blank")
    module = f"data:text/javascript;charset=utf-8,' + encodeURIComponent({json.dumps(map_script())}) + '"
    browser.run(f"import('{module}').then(m => {{ window.script = m; }})")
    return browser


# Without Cn: of letters that are newer than this Python, only the browser knows that they are letters.
hostile = st.text(st.characters(exclude_categories=["Cn"]) | st.sampled_from(NOTES), max_size=90)


@given(st.lists(hostile, min_size=1, max_size=20))
def test_a_name_that_the_page_takes_is_one_that_the_file_may_have(script, texts):
    cleaned = script.run(f"{json.dumps(texts)}.map(script.plainText)")
    wrong = script.run(f"{json.dumps(cleaned)}.map(text => script.whatIsWrong(text, true))")
    for text, why in zip(cleaned, wrong, strict=True):
        if why or not text:
            with pytest.raises(ValueError):
                parse_name({"en": text}, "name")
        else:
            assert parse_name({"en": text}, "name") == {"en": text}


@given(
    st.dictionaries(st.sampled_from(["3", "12"]), st.fixed_dictionaries({"note": hostile, "reason": hostile})), hostile
)
def test_the_page_writes_what_python_reads(script, decisions, comment):
    ids = (comment.encode("utf-8", "replace").decode() + "\n[topics.3]\n",)
    base = Curation({t: TopicDecision(t, split=2, size=t, passages=ids) for t in (3, 12)}, n_passages=9)
    text = format_curation(base, {3: [ids[0]], 12: ["[topics.12]\n$&"]}, head="\n[topics.3]\n")
    cleaned = script.run(
        f"Object.fromEntries(Object.entries({json.dumps(decisions)}).map(([t, d]) =>"
        " [t, {name: {fa: 'n' + [...script.plainText(d.note)].slice(0, 30).join('')}, note: script.plainText(d.note),"
        " reason: script.plainText(d.reason)}]))"
    )
    list_ = f"{{data: {{curationFile: {json.dumps(text)}}}, decisions: {json.dumps(cleaned)}}}"
    written = script.run(f"script.TopicList.prototype.toToml.call({list_})")
    assert parse_curation(tomllib.loads(written)) == replace_decisions(base, cleaned)


@pytest.mark.parametrize("dark", ["false", "true"])
def test_no_two_topics_have_nearly_the_same_color(script, dark):
    colors = script.run(f"script.distinctColors(24, {dark})")
    values = [[float(x) for x in color[6:-1].split()] for color in colors]
    points = [(light, c * math.cos(math.radians(h)), c * math.sin(math.radians(h))) for light, c, h in values]
    assert min(math.dist(a, b) for a, b in itertools.combinations(points, 2)) > 0.06
    assert len(script.run(f"script.distinctColors(500, {dark})")) == 500
