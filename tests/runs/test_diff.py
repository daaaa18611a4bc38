"""Two runs side by side: topics matched by passages, shares beyond their intervals, settings that differ."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import topiclib as tl
from topiclib.cli.main import main
from topiclib.evaluate.agreement import match_topics, topic_overlaps
from topiclib.runs import store
from topiclib.runs.diff import relate_topics

# What the change of a pair is called when A and B are exchanged.
EXCHANGED = {"split": "joined", "joined": "split", "disappeared": "appeared", "appeared": "disappeared"}

LABELS = st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 4)), min_size=1, max_size=60).map(np.array)


def relate(a, b, sizes_a=None, sizes_b=None) -> pd.DataFrame:
    common = pd.DataFrame({"topic_a": a, "topic_b": b})
    sizes = [common[side].value_counts().drop(-1, errors="ignore") for side in common]
    return relate_topics(common, *(given or size for given, size in zip((sizes_a, sizes_b), sizes, strict=True)))


def changes(table: pd.DataFrame) -> set[tuple]:
    return set(
        table[["change", "topic_a", "topic_b"]]
        .astype(object)
        .where(table.notna(), None)
        .itertuples(index=False, name=None)
    )


@given(LABELS)
def test_topics_with_more_than_half_in_common_are_matched(labels):
    overlaps = topic_overlaps(*labels.T)
    pairs = match_topics(overlaps)
    assert not pairs["topic"].duplicated().any() and not pairs["other"].duplicated().any()
    matched = set(pairs[["topic", "other"]].itertuples(index=False, name=None))
    assert {pair for pair, jaccard in overlaps.stack().items() if jaccard > 0.5} <= matched


def test_a_match_is_not_given_up_for_two_weak_ones():
    overlaps = pd.DataFrame([[0.5, 1 / 3], [1 / 3, 0]])
    assert match_topics(overlaps)["jaccard"].tolist() == [0.5]


@given(LABELS)
def test_every_topic_is_accounted_for_and_exchange_is_symmetric(labels):
    table = relate(*labels.T)
    for side, of_side in zip(("topic_a", "topic_b"), labels.T, strict=True):
        assert set(table[side].dropna()) == set(of_side[of_side >= 0])
    same = table[table["change"] == "same"]
    assert not same["topic_a"].duplicated().any() and not same["topic_b"].duplicated().any()
    if not (topic_overlaps(*labels.T) == 0.5).any(axis=None):  # a tie may be matched either way
        exchanged = {(EXCHANGED.get(change, change), b, a) for change, a, b in changes(table)}
        assert changes(relate(*labels.T[::-1])) == exchanged


@given(LABELS, st.permutations(range(5)))
def test_topics_with_other_numbers_are_the_same(labels, numbers):
    topics = labels[:, 0]
    table = relate(topics, np.array([*numbers, -1])[topics])
    assert set(table["change"]) <= {"same"} and (table["jaccard"] == 1).all()


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([0] * 10, [1] * 5 + [2] * 5, {("split", 0, 1), ("split", 0, 2)}),
        ([0] * 9, [0] * 3 + [1] * 3 + [2] * 3, {("split", 0, 0), ("split", 0, 1), ("split", 0, 2)}),
        ([0] * 4 + [1] * 4 + [2] * 4, [7] * 12, {("joined", 0, 7), ("joined", 1, 7), ("joined", 2, 7)}),
        ([0] * 6 + [-1] * 5, [-1] * 6 + [0] * 5, {("disappeared", 0, None), ("appeared", None, 0)}),
        ([0] * 7 + [1] * 20, [0] * 4 + [1] * 3 + [0] * 3 + [1] * 17, {("same", 1, 1), ("changed", 0, 0)}),
        ([-1] * 3, [-1] * 3, set()),
    ],
)
def test_what_became_of_topics(a, b, expected):
    assert changes(relate(a, b)) == expected


def test_a_topic_of_new_passages_appeared_whatever_its_few_old_ones_say():
    sizes_b = pd.Series({0: 50, 1: 100})
    table = relate_topics(pd.DataFrame({"topic_a": 0, "topic_b": [0] * 47 + [1] * 3}), pd.Series({0: 50}), sizes_b)
    assert changes(table) == {("same", 0, 0), ("appeared", None, 1)}
    assert table["n_both"].tolist() == [47, 3]


@pytest.fixture(scope="module")
def edited(sample_run, tmp_path_factory):
    """Return a function that writes the run of the sample with other tables and entries of the manifest."""

    def edit(name, tables, **entries):
        out = tmp_path_factory.mktemp("runs") / name
        return tl.open_run(store.rewrite_run(sample_run.path, out, tables, {}, entries))

    return edit


def test_a_run_equals_itself(sample_run):
    result = tl.diff(sample_run, sample_run.path)
    assert set(result.topics["change"]) == {"same"} and result.settings.empty
    assert result.passages["in_both"].equals(result.passages["same_topic"])
    assert result.passages["in_both"].sum() == sample_run.manifest["counts"]["passages"]
    assert not result.shares["change"].any() and not result.shares["beyond"].any()
    assert "settings and versions that differ: none" in str(result)


def test_what_differs_is_named(sample_run, edited, tmp_path, capsys):
    assignments, shares = sample_run.assignments.copy(), sample_run.shares.copy()
    moved = assignments["topic"] == 0
    assignments.loc[moved, "topic"] = np.where(np.arange(moved.sum()) % 3, 0, 99)  # a third of topic 0 is a topic
    passages = sample_run.passages.copy()
    gone = passages["passage_id"].isin(assignments["passage_id"][assignments["topic"] == 1].head(4))
    passages.loc[gone, "text"] += " ."
    topics = pd.concat([sample_run.topics, sample_run.topics.head(1).assign(topic=99, label_fa="<زلزله>")])
    row = (shares["kind"] == "theme") & (shares["by"] == "lang") & (shares["level"] == "fa") & shares["low"].notna()
    assert row.any()
    first = shares.index[row][0]
    shares.loc[first, ["share", "low", "high"]] = [0.9, 0.8, 0.95]
    other = edited(
        "other", {"assignments": assignments, "shares": shares, "passages": passages, "topics": topics},
        recipe={**sample_run.manifest["recipe"], "seed": 5},
        inputs=[{"name": "new.txt", "bytes": 3, "sha256": "f" * 64}],
        versions={**sample_run.manifest["versions"], "numpy": "9.9"},
    )  # fmt: skip
    mine = tmp_path / "mine.toml"
    mine.write_text('extends = "shipped"\n[rain]\nlabel = { en = "Rain" }\n[rain.fa]\ncore = ["باران"]\n', "utf-8")
    other = tl.apply_themes(other, mine, out=tmp_path / "b")
    result = tl.diff(sample_run, other)
    assert result.topics.query("change != 'same'")[["change", "topic_a", "topic_b"]].values.tolist() == [
        ["split", 0, 0],
        ["split", 0, 99],
    ]
    assert result.passages["other_text"].sum() == 4
    settings = result.settings.set_index(["section", "name"])
    assert settings.loc[("recipe", "seed")].tolist() == ["0", "5"]
    assert settings.loc[("versions", "numpy"), "b"] == "9.9"
    assert settings.loc[("inputs", "new.txt")].tolist() == ["", "f" * 12]
    assert settings.loc[("terms", "rain fa core")].tolist() == ["", "باران"]
    assert settings.loc[("themes", "rain en"), "b"] == "Rain"
    assert main(["diff", str(sample_run.path), str(other.path)]) == 0
    out = capsys.readouterr().out
    assert out.rstrip() == str(result)
    assert "<NA>" not in out and "adjusted Rand index: 1 if they are the same" in out
    assert "versions numpy" in out and "باران" in out and "split" in out
    page = result._repr_html_()
    assert "&lt;زلزله&gt;" in page and "<زلزله>" not in page and "rain" in page


def test_shares_are_beyond_where_intervals_are_apart(sample_run, edited):
    shares = sample_run.shares.copy()
    theme = shares.index[(shares["kind"] == "theme") & shares["low"].notna()][:2]
    shares.loc[theme[0], ["share", "low", "high"]] = [0.99, 0.98, 0.999]
    shares.loc[theme[1], ["low", "high"]] = np.nan
    result = tl.diff(sample_run, edited("shares", {"shares": shares})).shares
    key = ["kind", "key", "by", "level"]
    found = result.set_index(key)["beyond"]
    assert found[tuple(shares.loc[theme[0], key])] and pd.isna(found[tuple(shares.loc[theme[1], key])])
    assert found.sum() == 1


@pytest.mark.parametrize(
    ("column", "change", "words"),
    [
        ("passage_id", lambda ids: "x" + ids, "no passage in common (no id is the same)"),
        ("text", lambda texts: texts + " ؟", "ids are the same, but not their texts"),
    ],
)
def test_another_corpus_is_one_line(sample_run, edited, capsys, column, change, words):
    tables = {"passages": sample_run.passages.copy(), "assignments": sample_run.assignments.copy()}
    for table in tables.values():
        if column in table:
            table[column] = change(table[column])
    other = edited(f"another_{column}", tables)
    assert main(["diff", str(sample_run.path), str(other.path)]) == 2
    output = capsys.readouterr()
    assert words in output.err and output.err.count("\n") == 1 and not output.out
