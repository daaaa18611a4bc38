"""Passages by themes and words, and words in context: the same rules in Python and in the map's script."""

import json

import pytest

from topiclib.cli.main import main
from topiclib.explore.data import fold_table, map_script
from topiclib.explore.find import concordance, find, matches_query, parse_query
from topiclib.text import fold

QUERIES = [
    ("برجام", ["a0", "a2"]),
    ("بَرجام", ["a0", "a2"]),
    ("برجام -باران", ["a0"]),
    ("برجام، وین", ["a0"]),
    ("برجام | القمح", ["a0", "a2", "b5"]),
    ("برجام | القمح -وین", ["a2", "b5"]),
    ("«برجام در متن»", ["a2"]),
    ('"متن در برجام"', []),
    ('"می شود"', ["a0"]),
    ("النووى", ["b1"]),
    ("- | ،", ["a0", "b1", "a2", "c3", "c4", "b5"]),
    ("| وین |", ["a0"]),
    ('"وین', ["a0"]),
    ("[(*", []),
]


@pytest.fixture
def untitled(hand_made):
    hand_made.tables["documents"] = hand_made.tables["documents"].assign(title="")
    return hand_made


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_words_phrases_alternatives_and_exclusions(untitled, query, expected):
    found = find(untitled, text=query)["passage_id"].str.replace("#", "")
    assert sorted(found) == sorted(expected)


def test_the_map_and_python_find_the_same(browser, untitled):
    texts = [fold(text) for text in untitled.tables["passages"]["text"]]
    queries = [query for query, _ in QUERIES]
    module = f"data:text/javascript;charset=utf-8,' + encodeURIComponent({json.dumps(map_script())}) + '"
    browser.open("about:blank")
    in_script = browser.run(
        f"import('{module}').then(m => {{ const fold = m.makeFold({json.dumps(fold_table())});"
        f"return {json.dumps(queries)}.map(query => {{ const q = m.makeQuery(query, fold);"
        f"return {json.dumps(texts)}.map(text => !q || m.passesQuery(q, text)); }}) }})"
    )
    assert in_script == [[matches_query(parse_query(query), text) for text in texts] for query in queries]


def test_conditions_are_combined(sample_run):
    both = find(sample_run, themes=["drones", "sanctions"])
    assert len(both) > 5
    assert all({"drones", "sanctions"} <= set(themes.split()) for themes in both["themes"])
    one = find(sample_run, themes=["drones", "sanctions"], either=True)
    about = sample_run.tables["themes"].query("about and theme in ['drones', 'sanctions']")
    assert set(one["passage_id"]) == set(about["passage_id"])
    narrow = find(sample_run, themes="drones", lang="fa", period="2022-10/2022-12", source=list(set(one["source"]))[:5])
    assert set(narrow["lang"]) == {"fa"}
    assert narrow["date"].between("2022-10", "2022-12-31").all()
    topic = int(both["topic"].iloc[0])
    assert set(find(sample_run, topics=topic)["topic"]) == {topic}
    assert list(one["date"]) == sorted(one["date"])


def test_concordance_keeps_words_whole_and_sorts_by_neighbor(sample_run):
    lines = concordance(sample_run, "تحریم", width=3)
    assert len(lines) > 20
    assert lines["keyword"].map(fold).str.contains("تحریم").all()
    assert (lines["before"].str.split().str.len() <= 3).all()
    assert list(lines["after"].map(fold)) == sorted(lines["after"].map(fold))
    texts = sample_run.tables["passages"].set_index("passage_id")["text"]
    for row in lines.itertuples():
        text = " ".join(texts[row.passage_id].split())
        assert " ".join(filter(None, [row.before, row.keyword, row.after])) in text
    nearest = concordance(sample_run, "تحریم", sort="before")["before"].map(lambda words: fold(words).split()[-1:])
    assert list(nearest) == sorted(nearest)


def test_concordance_of_a_theme_has_both_languages(sample_run):
    lines = concordance(sample_run, theme="sanctions", lang=None)
    assert set(lines["lang"]) == {"fa", "ar"}
    assert len(lines) == len(sample_run.tables["matches"].query("theme == 'sanctions'"))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda run: find(run, themes="oil"), "theme is 'oil': expected one of"),
        (lambda run: find(run, topics=99), "topic is 99: expected one of"),
        (lambda run: find(run, source="Nobody"), "source is 'Nobody'"),
        (lambda run: find(run, lang="en"), "lang is 'en': expected one of fa, ar"),
        (lambda run: find(run, period="soon"), "period is 'soon'"),
        (lambda run: concordance(run), "expected either a word or a theme"),
        (lambda run: concordance(run, "برجام", theme="jcpoa"), "expected either a word or a theme"),
        (lambda run: concordance(run, "برجام", width=0), "width of at least 1"),
        (lambda run: concordance(run, "برجام", sort="size"), "sort is 'size': expected one of after, before, date"),
    ],
)
def test_bad_input_gives_one_line(sample_run, call, words):
    with pytest.raises(ValueError, match=words):
        call(sample_run)


def test_commands_print_or_write_the_same(sample_run, tmp_path, capsys):
    run = str(sample_run.path)
    assert main(["find", run, "--themes", "drones,sanctions", "-n", "2"]) == 0
    found = find(sample_run, themes=["drones", "sanctions"])
    printed = capsys.readouterr().out
    assert f"{len(found)} passages" in printed
    assert found["passage_id"].iloc[1] in printed and found["passage_id"].iloc[2] not in printed
    assert main(["concordance", run, "تحریم", "--csv", str(tmp_path / "lines.csv")]) == 0
    assert (tmp_path / "lines.csv").read_text("utf-8-sig").count("\n") == len(concordance(sample_run, "تحریم")) + 1
    assert main(["find", run, "--topics", "first"]) == 2
    assert "--topics has 'first'" in capsys.readouterr().err
