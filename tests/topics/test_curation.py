"""Decisions about topics: what a file may say, what is done to labels, and how topics are found in another fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topiclib.themes import read_themes
from topiclib.topics.curation import Curated, apply_curation, describe_decision, find_topics, restate
from topiclib.topics.curation_file import (
    Curation,
    TopicDecision,
    format_curation,
    parse_curation,
    read_curation,
    require_passages,
)  # fmt: skip

NAMES = {"en": "Rain", "fa": "باران", "ar": "مطر"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[topics.3", "is not valid TOML"),
        ("[topic.3]\ndrop = true", "the unknown key 'topic': did you mean topics?"),
        ("[topics.3]\nmerge_in = 4", "topic 3 has the unknown key 'merge_in': did you mean merge_into?"),
        ("[topics.3]\nzzz = 4", "topic 3 has the unknown key 'zzz': expected one of name, merge_into"),
        ("[topics.three]\ndrop = true", "[topics.three] is no topic"),
        ("[topics.-1]\ndrop = true", "topic -1: these passages have no topic"),
        ("topics = 3", "topics is 3: expected a section"),
        ("[topics]\n3 = 4", "topic 3 is 4: expected a section [topics.3]"),
        ("[topics.3]\nname = 'Rain'", "topic 3: name is 'Rain': expected such as {en"),
        ("[topics.3]\nname = {}", "topic 3: name is {}: expected such as"),
        ("[topics.3]\nname = {de = 'Regen'}", "name has the unknown key 'de'"),
        ('[topics.3]\nname = {en = " \\u200c"}', "topic 3: name.en is empty"),
        ('[topics.3]\nname = {en = "  "}', "topic 3: name.en is empty"),
        ('[topics.3]\nname = {en = "a\\nb"}', "topic 3: name.en has the control character"),
        ('[topics.3]\nname = {fa = "a\\u202eb"}', "topic 3: name.fa has the control character"),
        (
            f"[topics.3]\nname = {{en = '{10_000 * 'x'}'}}",
            "topic 3: name.en has 10,000 characters: expected at most 80",
        ),
        ("[topics.3]\nname = {en = 3}", "topic 3: name.en is 3: expected a text"),
        ("[topics.3]\nsplit = 1", "topic 3: split is 1: expected a number of parts from 2 to 20"),
        ("[topics.3]\nsplit = true", "topic 3: split is True"),
        ("[topics.3]\nsplit = 2.5", "topic 3: split is 2.5"),
        ("[topics.3]\ndrop = 1", "topic 3: drop is 1: expected true or false"),
        ("[topics.3]\nmerge_into = -1", "topic 3: merge_into is -1: expected a topic number"),
        ("[topics.3]\nmerge_into = true", "topic 3: merge_into is True"),
        ("[topics.3]\nmerge_into = 3", "topic 3: a circle of merges, 3 into 3"),
        ("[topics.3]\nmerge_into = 4\n[topics.4]\nmerge_into = 3", "a circle of merges, 3 into 4 into 3"),
        ("[topics.3]\nmerge_into = 4\ndrop = true", "topic 3: drop and merge_into contradict each other"),
        ("[topics.3]\nmerge_into = 4\nsplit = 2", "topic 3: split and merge_into contradict each other"),
        ("[topics.3]\nreassign = true", "topic 3: reassign says where"),
        ("[topics.3]\nmerge_into = 4\n[topics.4]\ndrop = true", "merge_into = 4, but topic 4 is dropped"),
        ("[topics.3]\nmerge_into = 4\n[topics.4]\nsplit = 2", "merge_into = 4, but topic 4 is split"),
        ("[topics.9]\npart_of = 3", "topic 9 is part_of 3, but topic 3 has no split"),
        ("[topics.9]\npart_of = 3\nsplit = 2\n[topics.3]\nsplit = 2", "topic 9: a part cannot be split again"),
        (
            "[topics.3]\nsplit = 2\n[topics.3.3]\nname = {en = 'a'}",
            "topic 3.3: topic 3 has no such part",
        ),
        ("[topics.3]\n[topics.3.2]\nnote = 'a'", "topic 3.2: topic 3 has no such part"),
        ("[topics.3]\nsplit = 2\nnote = 'b'\n[topics.3.1]\nnote = 'a'", "topic 3.1: topic 3 has note too: remove one"),
        ("[topics.3]\nsplit = 2\n[topics.3.1]\ndrop = true", "topic 3.1 has the unknown key 'drop'"),
        (
            "[topics.3]\nsplit = 2\n[topics.8]\npart_of = 3\npassages = ['a']\n[topics.3.2]\nnote = 'a'",
            "line 6, topic 3.2: the parts of topic 3 have sections: decide in [topics.8]",
        ),
        ("[topics.3]\nnote = 4", "topic 3: note is 4: expected a text"),
        ("[topics.3]\npassages = 'a#1'", "topic 3: passages is 'a#1': expected a list"),
        ("[topics.3]\npassages = ['']", "topic 3: passages is ['']"),
        ("[topics.3]\nsize = '9'", "topic 3: size is '9'"),
        ("[corpus]\nstopwords = []", "the unknown key 'stopwords': did you mean stop_words?"),
        ("[corpus]\nstop_words = 'گفت'", "stop_words is 'گفت': expected a list of texts"),
        ("[corpus]\nstop_words = ['سازمان ملل']", "expected single words"),
        ("[corpus]\nprotect = ['۱۲']", "protect has '۱۲': expected words of letters"),
        ("[corpus]\nlang = ['en']", "lang has 'en': expected 'fa' or 'ar'"),
        ("[corpus]\nstop_words = ['نفت']\nprotect = ['نفت']", "'نفت' is both in stop_words and in protect"),
        ("corpus = []", "corpus is []: expected a section [corpus"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_topic(tmp_path, text, words):
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as error:
        read_curation(file)
    message = str(error.value)
    assert words in message and str(file) in message and "\n" not in message and len(message) < 400 + len(str(file))


def test_a_file_that_is_not_utf_8_says_how_to_save_it(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("[topics.3]", encoding="utf-16")
    for read in (read_curation, read_themes):
        with pytest.raises(ValueError, match="is not UTF-8 text: save it as UTF-8"):
            read(file)


def test_a_missing_file_and_a_folder(tmp_path):
    for path, what in ((tmp_path / "no.toml", "does not exist"), (tmp_path, "is a folder")):
        with pytest.raises(FileNotFoundError, match=what):
            read_curation(path)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), max_size=30)
plain_names = texts.map(lambda text: " ".join(f"n{text}".split()))
decisions = st.builds(
    TopicDecision,
    topic=st.just(3),
    name=st.dictionaries(st.sampled_from(["en", "fa", "ar"]), plain_names),
    split=st.none() | st.integers(2, 20),
    note=texts,
    reason=texts,
    size=st.integers(0, 1000),
    passages=st.lists(plain_names, unique=True, max_size=3).map(tuple),
)


@given(decisions, st.booleans(), texts)
def test_a_file_is_read_back_as_it_was_written(tmp_path_factory, decision, drop, comment):
    other = TopicDecision(0, drop=drop, reassign=drop, merge_into=None if drop else 7, passages=("ع#1",))
    corpus = {"stop_words": ("گفت",), "protect": (), "exclude_passages": ("a b#1",), "lang": ("fa",)}
    curation = Curation({3: decision, 0: other}, corpus, 12, "mine.toml")
    text = format_curation(curation, {3: [comment, "two\nlines"]}, head=comment)
    file = tmp_path_factory.mktemp("files") / "mine.toml"
    file.write_text(text, encoding="utf-8")
    read = read_curation(file)
    assert (read.topics, read.corpus, read.n_passages) == (
        {3: TopicDecision(**{**vars(decision), "name": dict(read.topics[3].name)}), 0: other}, corpus, 12
    )  # fmt: skip
    assert read.topics[3].name == decision.name


def labels_and_space(sizes=(6, 5, 4, 8), dim=6):
    """Return ids, topics and unit vectors: topic 3 consists of two distinct halves."""
    topics = np.repeat(np.arange(len(sizes)), sizes)
    space = np.eye(dim)[topics].astype(np.float32)
    rows = np.flatnonzero(topics == 3)
    space[rows[:3]] = np.eye(dim)[5]
    return [f"a{i}#0" for i in range(len(topics))], topics, space


def decide(text: str) -> Curation:
    import tomllib

    return parse_curation(tomllib.loads(text))


def curate(text: str, **options) -> Curated:
    ids, topics, space = labels_and_space()
    return apply_curation(decide(text), ids, topics, space, by_number=True, **options)


@pytest.mark.parametrize(
    ("text", "topics", "n", "said"),
    [
        ("[topics.2]\nmerge_into = 0", [0, 1, 0, 3], 4, "Topic 2 was merged into 0 (4 passages)."),
        ("[topics.2]\nmerge_into = 1\n[topics.1]\nmerge_into = 0", [0, 0, 0, 3], 5, "Topic 1 was merged into 0"),
        ("[topics.2]\ndrop = true\nreason = 'ads'", [0, 1, -1, 3], 4, "4 passages without a topic). Reason: ads."),
        ("[topics.2]\nname = {en = 'Rain'}", [0, 1, 2, 3], 0, "Topic 2 was named Rain."),
        ('[topics.2]\ndrop = true\nreason = """ads\nand more"""', [0, 1, -1, 3], 4, "Reason: ads and more."),
        ("[topics.2]\nnote = 'unsure'", [0, 1, 2, 3], 0, "Topic 2 has the note: unsure."),
    ],
)
def test_a_decision_changes_its_topic_and_no_other(text, topics, n, said):
    _, before, _ = labels_and_space()
    curated = curate(text)
    assert curated.topics.tolist() == np.array(topics)[before].tolist()
    first = curated.decisions[0]
    assert first["passages"] == n and said in describe_decision(first) and not curated.not_applied


def test_a_topic_is_split_and_the_larger_part_keeps_its_number_and_name():
    _, before, _ = labels_and_space()
    curated = curate("[topics.3]\nsplit = 2\nname = {en = 'Rain'}")
    parts = curated.topics[before == 3]
    assert parts.tolist() == [4] * 3 + [3] * 5
    assert (curated.topics[before != 3] == before[before != 3]).all()
    assert curated.names == {3: {"en": "Rain"}} and curated.decisions[0]["parts"] == [3, 4]


def test_parts_are_named_in_the_file_that_splits_them_the_largest_first():
    parts = "[topics.3.2]\nname = {en = 'Small'}\nreason = 'read'\n[topics.3.1]\nname = {en = 'Large'}"
    text = f"[topics.3]\nsplit = 2\n{parts}"
    curated = curate(text)
    assert curated.names == {3: {"en": "Large"}, 4: {"en": "Small"}}
    lines = list(map(describe_decision, curated.decisions))
    assert "Topic 4 (3.2 in the file) was named Small. Reason: read." in lines
    ids, topics, space = labels_and_space()
    stored = restate(decide(text), curated, ids, topics, {})
    again = apply_curation(decide(format_curation(stored)), ids, topics, space)
    assert again.names == curated.names and (again.topics == curated.topics).all() and not again.not_applied
    merged = curate("[topics.3]\nsplit = 2\n[topics.3.2]\nmerge_into = 0")
    assert set(merged.topics[topics == 3]) == {0, 3}
    assert decide(format_curation(decide(text))) == decide(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("n_passages = 3\n\n# a comment\n[topics.3]\nsize = 4\nname = {en = ''}", 6),
        ("[topics.3]\npassages = [\n  'a = b',\n]\nsplit = 1", 5),
        ("[topics]\n[ topics . 3 ]\nnotes = 'a'", 3),
        ("[corpus]\nprotect = ['a']\nstop_words = ['12']", 3),
        ("[topics.3]\n\nmerge_into = 4\n[topics.4]\nmerge_into = 3", 3),
        ("[topics.1]\n[topics.2]\nsplit = 2\ndrop = true", 4),
        ("x = 3", 1),
        ("topics.3.drop = 3", 1),
        ("[topics.-1]\ndrop = true", 1),
        ("[topics.2]\n[topics.two]", 2),
        ("[topics.3]\r\nsplit = 1\r\n", 2),
        ("n_passages = -3", 1),
    ],
)
def test_an_error_names_the_line(tmp_path, text, line):
    file = tmp_path / "mine.toml"
    file.write_bytes(text.encode())
    with pytest.raises(ValueError, match=f"mine.toml, line {line}\\b"):
        read_curation(file)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[topics.9]\ndrop = true", "line 1, topic 9: .* it has none of any: fit without it"),
        ("[topics.1]\npassages = ['a']\n[topics.9]\nnote = 'a'", "topic 9: .* none of topic 9: expected one of 1"),
        ("[topics.1]\npassages = ['a']\nmerge_into = 9", "topic 1: .* none of topic 9: expected one of 1"),
        ("[topics.9]\n[topics.1]\npassages = ['a']\ndrop = true", ""),
        ("[topics.1]\npassages = ['a']\nsplit = 2\n[topics.1.2]\nnote = 'a'", ""),
        ("[corpus]\nlang = ['fa']", ""),
    ],
)
def test_what_no_fit_can_find_is_refused_before_it(text, words):
    import tomllib

    curation = parse_curation(tomllib.loads(text), text=text)
    if not words:
        return require_passages(curation)
    with pytest.raises(ValueError, match=words):
        require_passages(curation)


def test_parts_have_sections_of_their_own_which_are_found_by_passages_although_sizes_change():
    ids, topics, space = labels_and_space()
    first = apply_curation(decide("[topics.3]\nsplit = 2"), ids, topics, space, by_number=True)
    stored = restate(decide("[topics.3]\nsplit = 2"), first, ids, topics, {})
    assert stored.topics[4].part_of == 3 and set(stored.topics[4].passages) == {f"a{i}#0" for i in (15, 16, 17)}
    named = decide(format_curation(stored).replace("[topics.4]", "[topics.4]\nname = {en = 'Small'}"))
    # In the grown corpus, the part that was small is the larger one.
    more = [*ids, *(f"b{i}#0" for i in range(3))]
    grown = apply_curation(named, more, np.append(topics, [3] * 3), np.concatenate([space, space[15:18]]))
    small = grown.found[4]
    assert grown.names == {small: {"en": "Small"}}
    assert (grown.topics[15:18] == small).all() and (grown.topics[18:23] != small).all()


def test_passages_of_a_dropped_topic_get_the_nearest_other_one():
    ids, topics, space = labels_and_space()
    space[11:15] = 0.8 * np.eye(6)[1] + 0.6 * np.eye(6)[2]
    decision = decide("[topics.2]\ndrop = true\nreassign = true")
    curated = apply_curation(decision, ids, topics, space.astype(np.float32), by_number=True)
    assert curated.topics[11:15].tolist() == [1] * 4
    assert "4 passages got the nearest other topic" in describe_decision(curated.decisions[0])


def test_what_cannot_be_done_is_listed():
    curated = curate("[topics.2]\nsplit = 3\n[topics.1]\nmerge_into = 0\nname = {en = 'Rain'}")
    assert [(entry["topic"], entry["action"]) for entry in curated.not_applied] == [(1, "name"), (2, "split")]
    assert "its 4 passages do not differ enough for 3 parts" in describe_decision(curated.not_applied[1])
    assert [entry["action"] for entry in curated.decisions] == ["merge"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[topics.9]\ndrop = true", "topic 9: there is no such topic: expected one of 0, 1, 2, 3"),
        ("[topics.1]\nmerge_into = 9", "topic 9: there is no such topic"),
        ("[topics.1]\ndrop = true\npassages = ['z#1']", "is of another corpus"),
        ("".join(f"[topics.{i}]\ndrop = true\n" for i in range(4)), "every topic is dropped: keep at least one"),
    ],
)
def test_a_file_that_does_not_fit_the_topics_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        curate(text)


def written_for(topics: np.ndarray, ids: list[str], text: str) -> Curation:
    """Return decisions with what a draft remembers of the topics of a fit."""
    return restate(decide(text), apply_curation(decide(text), ids, topics, None, by_number=True), ids, topics, {})


def test_a_decision_finds_its_topic_whatever_its_number_is():
    ids, topics, _ = labels_and_space()
    file = written_for(topics, ids, "[topics.2]\nname = {en = 'Rain'}\n[topics.1]\nmerge_into = 0")
    renumbered = np.array([3, 2, 1, 0])[topics]
    more, grown = [*ids, "b1#0", "b2#0"], np.append(renumbered, [1, 3])
    curated = apply_curation(file, more, grown)
    assert curated.names == {1: {"en": "Rain"}} and not curated.not_applied
    assert set(curated.topics[grown == 2]) == {3}
    assert "Topic 1 (2 in the file) was named Rain." in map(describe_decision, curated.decisions)


@pytest.mark.parametrize("trimmed", [False, True])
def test_topics_that_another_fit_has_in_one_or_not_at_all_are_listed_and_not_guessed(trimmed):
    ids, topics, _ = labels_and_space(sizes=(6, 6, 6, 6))
    file = written_for(topics, ids, "[topics.0]\ndrop = true\n[topics.2]\nname = {en = 'Rain'}")
    if trimmed:  # a user deleted the sections without decisions
        file = Curation({key: d for key, d in file.topics.items() if d.actions}, file.corpus, file.n_passages)
    merged = np.array([0, 1, 1, 0])[topics]
    curated = apply_curation(file, ids, merged)
    assert (curated.topics == merged).all() and not curated.names and not curated.decisions
    assert [entry["topic"] for entry in curated.not_applied] == [0, 2]
    scattered = np.arange(len(topics)) % 5
    assert len(apply_curation(file, ids, scattered).not_applied) == 2


def test_a_number_is_not_trusted_in_another_fit():
    ids, topics, _ = labels_and_space()
    file = decide("[topics.2]\nname = {en = 'Rain'}")
    assert apply_curation(file, ids, topics).not_applied[0]["why"].startswith("the file remembers none")
    # One section has passages, and they are elsewhere: then the number of the other means nothing.
    known = written_for(topics, ids, "[topics.1]\nmerge_into = 0").topics[1]
    both = Curation({1: known, **file.topics}, file.corpus, len(ids))
    renumbered = np.array([3, 2, 1, 0])[topics]
    listed = {
        entry["topic"]: entry["why"] for entry in apply_curation(both, ids, renumbered, by_number=True).not_applied
    }
    assert set(listed) == {1, 2} and "topic 0 was not found" in listed[1]
    assert not apply_curation(both, ids, topics, by_number=True).not_applied


@given(st.integers(0, 10_000), st.integers(2, 8))
def test_on_the_same_topics_every_topic_is_found_completely(seed, k):
    topics = np.random.default_rng(seed).integers(0, k, size=200)
    ids = [f"d{i}#0" for i in range(200)]
    file = written_for(topics, ids, "")
    found, missing = find_topics(file.topics.values(), 200, ids, topics)
    assert not missing and all(found[topic] == (topic, 1.0) for topic in set(topics.tolist()))
