"""Nothing from a user's files, the cache or a run folder is trusted without a check."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from checks import check_one_line_error, fit, make_job
from hostile_corpora import FA, jsonl, raw, rows_of, sentence
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from topiclib import report
from topiclib.cli.main import main
from topiclib.embedding import registry as encoders
from topiclib.explore import write_map
from topiclib.runs import store
from topiclib.runs.check import verify_run
from topiclib.runs.pipeline import assign_topics, open_run
from topiclib.runs.summary import format_summary
from topiclib.runs.verify_refit import verify_refit

pytestmark = pytest.mark.slow

slow_fixture = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


class Bomb:
    """A pickle that creates a file when it is loaded."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return (Path.touch, (self.marker,))


@pytest.fixture(scope="module")
def small_run(fork_server, tmp_path_factory) -> Path:
    """Fit 45 articles."""
    at = tmp_path_factory.mktemp("trust") / "at"
    at.mkdir()
    jsonl(at, rows_of([sentence(i) for i in range(45)], source=["a", "b", "c"] * 15, date=["2020-01-01"] * 45))
    assert fit(fork_server, at, ["in", "--out", "run"])["status"] == 0
    return at / "run"


@pytest.fixture
def run(small_run, tmp_path) -> Path:
    return Path(shutil.copytree(small_run, tmp_path / "run"))


def all_commands(run: Path) -> list[list[str]]:
    at, beside = str(run), run.parent
    return [
        ["check", at], ["check", at, "--refit"], ["figures", at, "--only", "theme_shares", "--format", "png"],
        ["explore", at, "--html", str(beside / "map.html")], ["themes", "draft", at, "--theme", "jcpoa"],
        ["sheets", at, "--out", str(beside / "sheets")],
        ["export", at, "--report", str(beside / "r.html"), "--methods", str(beside / "m.md"), "--tables", "csv",
         "--bundle", str(beside / "b.zip")],
    ]  # fmt: skip


def test_planted_pickles_are_never_loaded(run, fork_server, tmp_path, monkeypatch, capsys):
    marker = tmp_path / "opened"
    bomb = pickle.dumps(Bomb(marker))
    pickle.loads(bomb)
    assert marker.exists(), "the pickle does not work"
    marker.unlink()
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for name in ("a.parquet", "a.csv", "a.jsonl", "a.txt", "a.html"):
        raw(corpus, bomb, name)
        shutil.move(corpus / "in" / name, corpus / name)
        assert main(["fit", str(corpus / name), "--out", str(tmp_path / "x"), "--quiet"]) == 2
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "cache" / "topiclib").mkdir(parents=True)
    (tmp_path / "cache" / "topiclib" / "vectors.sqlite").write_bytes(bomb)
    main(["cache", "info"])
    for name in sorted(os.listdir(run)):
        kept = (run / name).read_bytes()
        for planted in (bomb, None):
            if planted is None and name.endswith(".npy"):
                np.save(run / name, np.array([Bomb(marker)], dtype=object), allow_pickle=True)
            elif planted is None:
                continue
            else:
                (run / name).write_bytes(planted)
            for arguments in all_commands(run)[:1] if name != "topics.parquet" else all_commands(run):
                assert main(arguments) in ((1, 2) if arguments[0] == "check" else (0, 2))
            if name.endswith(".npy"):
                with pytest.raises(ValueError, match="damaged"):
                    store.read_array(run, name.removesuffix(".npy"))
        (run / name).write_bytes(kept)
    assert not marker.exists()
    assert "Traceback" not in capsys.readouterr().err


def hostile_tables() -> dict[str, pa.Table]:
    good = {"source": ["a"], "period": ["2020-01"], "n": [1]}
    metadata = {"index_columns": ["gone"], "columns": [{"name": "n", "field_name": "n", "pandas_type": "categorical",
            "numpy_type": "x", "metadata": {"num_categories": 9}}], "column_indexes": [{}]}  # fmt: skip
    table = pa.table(good)
    extension = pa.schema([*list(table.schema)[:2], pa.field("n", pa.int64(), metadata={
        "ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": pickle.dumps(print)})])  # fmt: skip
    return {
        "pandas metadata": table.replace_schema_metadata({"pandas": json.dumps(metadata)}),
        "pandas metadata that is no JSON": table.replace_schema_metadata({"pandas": "{"}),
        "an extension type": pa.Table.from_arrays(table.columns, schema=extension),
        "NaN for a number": pa.table({**good, "n": [float("nan")]}),
        "infinity for a number": pa.table({**good, "n": [float("inf")]}),
        "words for a number": pa.table({**good, "n": ["x"]}),
        "lists for a number": pa.table({**good, "n": [[1]]}),
        "a number for words": pa.table({**good, "source": [7]}),
        "bytes that are no words": pa.table({**good, "source": [b"\xff"]}),
        "one key twice": pa.table({key: values * 2 for key, values in good.items()}),
        "a column twice": pa.Table.from_arrays([pa.array(["a"])] * 2 + [pa.array([1])] * 2, names=["source", "period", "n", "n"]),
        "no column": pa.table({}),
        "a dictionary with a hole": pa.table({**good, "source": pa.DictionaryArray.from_arrays(pa.array([None], pa.int32()), pa.array(["a"]))}),
    }  # fmt: skip


@pytest.mark.parametrize("kind", hostile_tables())
def test_hostile_table_is_valid_or_raises_one_error(run, kind):
    pq.write_table(hostile_tables()[kind], run / "coverage.parquet")
    try:
        frame = store.read_table(run, "coverage")
    except ValueError as error:
        assert "coverage.parquet is damaged" in str(error) and "\n" not in str(error)
    else:
        assert list(frame.columns) == ["source", "period", "n"] and frame["n"].dtype == "int64"
        assert frame["source"].map(type).eq(str).all()


def test_decompression_bomb_is_not_read(run):
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(200_000, np.int32)), pa.array([FA[0] * 100]))
    zeros = pa.array(np.zeros(200_000, np.int64))
    pq.write_table(pa.table({"source": text, "period": text, "n": zeros}), run / "coverage.parquet", compression="zstd")
    with pytest.raises(ValueError, match=r"coverage\.parquet is damaged: it unpacks"):
        store.read_table(run, "coverage")


@settings(max_examples=60, deadline=None, suppress_health_check=slow_fixture)
@given(data=st.data())
def test_check_finds_any_changed_byte(small_run, tmp_path_factory: pytest.TempPathFactory, data):
    name = data.draw(st.sampled_from(sorted(os.listdir(small_run))))
    whole = (small_run / name).read_bytes()
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    how = data.draw(st.sampled_from(["flip", "cut", "add", "swap"]))
    changed = {
        "flip": whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :],
        "cut": whole[:at],
        "add": whole[:at] + b"\0" + whole[at:],
        "swap": whole[at:] + whole[:at],
    }[how]
    folder = small_run.parent / "changed"
    if not folder.exists():
        shutil.copytree(small_run, folder)
    (folder / name).write_bytes(changed)
    try:
        assert verify_run(folder) or changed == whole, f"{how} at byte {at} of {name}"
    except ValueError as error:
        assert "manifest.json" in str(error)
    finally:
        (folder / name).write_bytes(whole)


def change_manifest(run: Path, change) -> None:
    """Change a manifest and renew its checksum, as an attacker could."""
    manifest = json.loads((run / "manifest.json").read_bytes())
    manifest.pop("checksum")
    change(manifest)
    (run / "manifest.json").write_bytes(store.serialize_manifest(manifest))


@pytest.mark.parametrize(
    "place", ["../secret.parquet", "/etc/passwd", "topics.parquet/../../secret.parquet", "coverage"]
)
def test_manifest_cannot_point_outside_the_folder(run, place):
    secret = run.parent / "secret.parquet"
    shutil.copy(run / "topics.parquet", secret)
    change_manifest(run, lambda manifest: manifest["files"].update({place: store.hash_file(secret)}))
    assert any("not a file of a run" in line for line in verify_run(run))
    assert "secret" not in store.read_tables(run)


def test_symbolic_link_in_a_run_folder_is_reported(run):
    shutil.move(run / "topics.parquet", run.parent / "elsewhere.parquet")
    (run / "topics.parquet").symlink_to(run.parent / "elsewhere.parquet")
    assert verify_run(run) == ["topics.parquet is a symbolic link"]


@pytest.mark.parametrize("name", ["../evil", "{at}/evil", "evil", "nobody/evil", "", "~/evil"])
def test_encoder_named_by_a_run_is_not_loaded(run, tmp_path, monkeypatch, capsys, name):
    """Neither a folder beside the run, elsewhere or in the working directory, nor a model on the hub."""
    name = name.format(at=tmp_path)
    (tmp_path / "evil").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(encoders, "SentenceTransformerEncoder", lambda *_, **__: pytest.fail("a model was loaded"))
    change_manifest(run, lambda manifest: manifest["recipe"].update(encoder=name))
    assert verify_run(run) == []
    for use in (verify_refit, lambda run: assign_topics(run, pd.DataFrame({"text": [FA[0]]}))):
        with pytest.raises(ValueError, match="not loaded automatically"):
            use(run if use is verify_refit else open_run(run))
    again = ["fit", "--sample", "--recipe", str(run), "--out", str(tmp_path / "again")]
    for command in (["check", str(run), "--refit"], ["reuse", str(run)], again):
        assert main(command) == 2
        error = capsys.readouterr().err
        assert error.startswith("topiclib: ") and error.count("\n") == 1 and "--encoder" in error


def test_encoder_argument_must_be_the_encoder_of_the_run(run, tmp_path):
    """The caller's encoder is used, whatever the run calls it, if it is the one that made the run."""
    change_manifest(run, lambda manifest: manifest["recipe"].update(encoder="mine"))
    new = pd.DataFrame({"text": [FA[0]]})
    assert len(assign_topics(run, new, encoder="e5-small", cache=tmp_path / "cache")) == 1
    change_manifest(run, lambda manifest: manifest.update(encoder="another/1"))
    with pytest.raises(ValueError, match="was made with another/1, but the encoder is"):
        assign_topics(run, new, encoder="e5-small", cache=tmp_path / "cache")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.just("<script>alert(1)</script>"),
    lambda inside: (
        st.lists(inside, max_size=2) | st.dictionaries(st.sampled_from(["en", "fa", "x"]), inside, max_size=2)
    ),
    max_leaves=3,
)


@settings(max_examples=25, deadline=None, suppress_health_check=slow_fixture)
@example(key="themes", value={"<script>alert(1)</script>": {"en": "<script>alert(1)</script>"}})
@example(key="encoder", value="<script>alert(1)</script>")
@given(key=st.sampled_from(["recipe", "inputs", "versions", "encoder", "alignment", "topic_ids", "themes", "synthetic",
                            "counts", "stages", "platform", "cache_key", "theme_file", "files", "format"]), value=values)  # fmt: skip
def test_hostile_manifest_raises_one_error_or_is_escaped(
    small_run, tmp_path_factory: pytest.TempPathFactory, key, value
):
    run = small_run.parent / "hostile"
    if not run.exists():
        shutil.copytree(small_run, run)
    shutil.copy(small_run / "manifest.json", run)
    change_manifest(run, lambda manifest: manifest.update({key: value}))
    try:
        opened = open_run(run)
        _ = repr(opened), opened.recipe
        texts = format_summary(opened.tables, opened.manifest) + report.methods(opened.tables, opened.manifest)
        page = write_map(run, small_run.parent / "map.html").read_text(encoding="utf-8")
    except (ValueError, KeyError) as error:
        assert str(error)
    else:
        assert texts
        assert "<script>alert" not in page


def test_no_network_is_used(fork_server, tmp_path):
    """Fit, check, figures, map and report in child processes that cannot open sockets."""
    at = tmp_path / "at"
    at.mkdir()
    jsonl(
        at,
        rows_of([sentence(i) for i in range(45)], source=["a", "b", "c"] * 15, url=["http://example.invalid/x"] * 45),
    )
    result = fit(fork_server, at, ["in", "--out", "run"], offline=True)
    assert result["status"] == 0, result["err"]
    jobs = [
        make_job(at, arguments, name=f"job{i}", offline=True) for i, arguments in enumerate(all_commands(at / "run"))
    ]
    for result in fork_server.run(*jobs):
        assert result["status"] == 0 and "network" not in result["err"], result["err"]


def test_network_guard_works(fork_server, tmp_path):
    """An encoder from a hub needs the network, or says what to install."""
    at = tmp_path / "at"
    at.mkdir()
    raw(at, FA[0])
    result = fit(fork_server, at, ["in", "--out", "run", "--encoder", "nobody/nothing"], offline=True)
    assert result["status"] in (2, 97) and "run" not in os.listdir(at)
    if result["status"] == 2:
        check_one_line_error(result)


def test_run_behind_a_symbolic_link_is_replaced_at_its_target(tmp_path, small_run):
    (tmp_path / "disk").mkdir()
    shutil.copytree(small_run, tmp_path / "disk" / "run")
    (tmp_path / "run").symlink_to(tmp_path / "disk" / "run")
    frame = pd.DataFrame({"source": ["a"], "period": [""], "n": [1]})
    store.write_run(tmp_path / "run", {"coverage": frame}, {}, {})
    assert (tmp_path / "run").is_symlink() and sorted(os.listdir(tmp_path / "disk")) == ["run"]
    assert verify_run(tmp_path / "run") == []
