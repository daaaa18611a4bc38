"""Every corpus gives a valid run, or one clear error line and exit status 2: no traceback, no hang, no other files, at
most 2 GB of memory. `make torture` runs all corpora; the default is one of each kind that has ever failed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from checks import fit_and_check
from hostile_corpora import CORPORA, FA, LARGE, Corpus, jsonl, raw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SHORT = (
    "2 articles", "a column named lone surrogates", "nothing but zero-width flood", "override in id", "mixed dtypes",
    "10,000 articles with one id", "dates before Christ and after the sun", "a.txt in utf-32", "csv with a header alone",
    "parquet that says a wrong thing of itself to pandas", "parquet of an extension type",
    "parquet bomb: one text of 100 kB a hundred thousand times", "a loop of links", "a device", "a name that is no UTF-8",
    "a bad file whose name holds a line end and an override", "theme file: a pattern that backtracks", "theme file: a depth of 5,000",
)  # fmt: skip


def test_there_are_enough_corpora():
    assert len(CORPORA) >= 200 and set(SHORT) <= set(CORPORA)


@pytest.mark.parametrize("name", SHORT)
def test_a_corpus(fork_server, tmp_path, name):
    at = tmp_path / "at"
    at.mkdir()
    fit_and_check(fork_server, at, CORPORA[name])


@pytest.mark.torture
@pytest.mark.parametrize("name", [name for name in CORPORA if name not in SHORT])
def test_another_corpus(fork_server_with_maps, tmp_path, name):
    at = tmp_path / "at"
    at.mkdir()
    fit_and_check(fork_server_with_maps, at, CORPORA[name])


@pytest.mark.torture
@pytest.mark.parametrize("name", LARGE)
def test_a_large_corpus(tmp_path, name):
    """In a new process: half a gigabyte of a child's memory would be the fork server's."""
    at = tmp_path / "at"
    at.mkdir()
    result = fit_and_check(None, at, LARGE[name], seconds=3000)
    print(f"{name}: {result['seconds']:.0f} s, {result['peak_mb']:.0f} MB")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.sampled_from(FA),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=3), inside, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(["text", "id", "title", "lang", "date", "source", "dropped", "section", "x", ""]) | st.text(
    max_size=5
)
tables = st.lists(st.dictionaries(names, anything, max_size=6), min_size=1, max_size=7)
many = settings(
    max_examples=150, deadline=None, derandomize=True, print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@pytest.mark.torture
@many
@given(rows=tables)
def test_any_lines_of_json(fork_server_with_maps, tmp_path_factory: pytest.TempPathFactory, rows):
    with_text = any(str(key).strip().lower() in ("text", "body") for row in rows for key in row)
    write = Corpus(lambda at: jsonl(at, rows), "either", len(rows) if with_text else None)
    fit_and_check(fork_server_with_maps, tmp_path_factory.mktemp("at"), write)


@pytest.mark.torture
@many
@given(data=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: (FA[0] + text).encode("utf-8", "surrogatepass")),
       name=st.sampled_from(["a.txt", "a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.html"]))  # fmt: skip
def test_any_bytes(fork_server_with_maps, tmp_path_factory: pytest.TempPathFactory, data, name):
    fit_and_check(
        fork_server_with_maps, tmp_path_factory.mktemp("at"), Corpus(lambda at: raw(at, data, name), "either")
    )


@pytest.mark.torture
@many
@given(text=st.text(max_size=200), term=st.text(max_size=30))
def test_any_theme_file(fork_server_with_maps, tmp_path_factory: pytest.TempPathFactory, text, term):
    def write(at: Path) -> list[str]:
        raw(at, FA[0])
        quoted = json.dumps(term, ensure_ascii=False)
        file = (
            f'[x]\nlabel = {{ en = "x" }}\nfa.core = [{quoted}]\nar.ambiguous = [{quoted}]\nar.context = ["{term}"]\n'
        )
        (at / "t.toml").write_bytes((file if len(text) % 2 else text).encode("utf-8", "surrogatepass"))
        return ["in", "--themes", "t.toml"]

    fit_and_check(fork_server_with_maps, tmp_path_factory.mktemp("at"), Corpus(write, "either"))
