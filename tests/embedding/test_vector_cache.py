"""The cache of vectors: reuse, killed and concurrent processes, damaged files."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import warnings
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from counting_encoder import CountingEncoder, vectors_of
from hypothesis import given, settings
from hypothesis import strategies as st

from topiclib.embedding.cache import CREATE_TABLE, VectorCache, cache_clear, cache_info, resolve_cache_path
from topiclib.embedding.embed import embed

CHILD = """
import sys
from pathlib import Path
import pandas as pd
sys.path.insert(0, {tests!r})
from counting_encoder import CountingEncoder
from topiclib.embedding.embed import embed
texts = [f"text {{n}}" for n in range({start}, {stop})]
model = CountingEncoder(seconds=0.0005, log=Path({log!r}))
embed(pd.DataFrame({{"text": texts}}), encoder=model, cache={cache!r}, progress=False)
"""


def frame(texts: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"text": texts}, index=[f"p{n}" for n in range(len(texts))], dtype="object")


@pytest.fixture
def counting() -> CountingEncoder:
    return CountingEncoder()


def numbered(start: int, stop: int) -> list[str]:
    return [f"text {n}" for n in range(start, stop)]


def start_child(tmp_path: Path, start: int, stop: int) -> subprocess.Popen:
    tests = str(Path(__file__).resolve().parent)
    names = {"tests": tests, "log": str(tmp_path / "log"), "cache": str(tmp_path / "v.sqlite")}
    return subprocess.Popen([sys.executable, "-c", CHILD.format(start=start, stop=stop, **names)])


def test_rows_are_in_the_order_of_the_passages(tmp_path: Path, counting: CountingEncoder) -> None:
    texts = ["ب", "", "ا", "ب", "\ud800", "ا"]
    for _ in range(2):  # embedded, then read
        vectors = embed(frame(texts), encoder=counting, cache=tmp_path, progress=False)
        assert vectors.dtype == np.float32
        np.testing.assert_array_equal(vectors, vectors_of(texts))
    assert sorted(counting.asked) == sorted(set(texts))


@settings(max_examples=25)
@given(batches=st.lists(st.lists(st.text(st.characters(), max_size=4), max_size=12), min_size=1, max_size=4))
def test_no_text_is_embedded_twice(tmp_path_factory: pytest.TempPathFactory, batches: list[list[str]]) -> None:
    folder, counting = tmp_path_factory.mktemp("cache"), CountingEncoder()
    for texts in batches:
        vectors = embed(frame(texts), encoder=counting, cache=folder, progress=False)
        np.testing.assert_array_equal(vectors, vectors_of(texts))
    assert sorted(counting.asked) == sorted({text for texts in batches for text in texts})


def test_ten_thousand_duplicates_are_one_text(tmp_path: Path, counting: CountingEncoder) -> None:
    vectors = embed(frame(["برجام"] * 10_000), encoder=counting, cache=tmp_path, progress=False)
    assert counting.asked == ["برجام"] and vectors.shape == (10_000, 384)
    assert (vectors == vectors[0]).all()


def test_encoders_do_not_share_vectors(tmp_path: Path) -> None:
    one, other = CountingEncoder("one"), CountingEncoder("other")
    for model in (one, other, one):
        embed(frame(["a", "b"]), encoder=model, cache=tmp_path, progress=False)
    assert one.asked == other.asked == ["a", "b"]
    info = cache_info(tmp_path)
    assert (
        info["encoders"] == {"one": 2, "other": 2} and info["path"] == tmp_path / "vectors.sqlite" and info["bytes"] > 0
    )
    assert cache_clear(tmp_path, encoder="one") == 2 and cache_info(tmp_path)["encoders"] == {"other": 2}
    assert cache_clear(tmp_path) == 2 and cache_clear(tmp_path) == 0


def test_info_and_clear_make_no_file(tmp_path: Path) -> None:
    assert cache_info(tmp_path)["encoders"] == {} and cache_clear(tmp_path) == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("cache", "file"), [("", "vectors.sqlite"), ("new/a", "new/a/vectors.sqlite"), ("x.db", "x.db")]
)
def test_cache_is_a_folder_or_a_file(tmp_path: Path, cache: str, file: str) -> None:
    assert resolve_cache_path(tmp_path / cache) == tmp_path / file


@pytest.mark.parametrize(
    ("passages", "kind", "message"),
    [
        (pd.DataFrame({"body": ["a"]}), ValueError, "embed needs the column text, but the frame has: body"),
        (["a"], TypeError, "needs a pandas DataFrame, but got list"),
        (pd.DataFrame({"text": ["a", None]}), TypeError, "Row 1 holds (None|nan)"),
    ],
)
def test_wrong_passages_raise(tmp_path: Path, passages: object, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        embed(passages, encoder=CountingEncoder(), cache=tmp_path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [(np.full((2, 384), np.nan), "norm nan"), (np.ones((2, 384)), "expected 1"), (np.zeros((1, 384)), r"\(1, 384\)")],
)
def test_wrong_vectors_raise_and_are_not_stored(tmp_path: Path, rows: np.ndarray, message: str) -> None:
    model = CountingEncoder()
    model.encode = lambda texts: rows  # type: ignore[method-assign]
    with pytest.raises(ValueError, match=message):
        embed(frame(["a", "b"]), encoder=model, cache=tmp_path, progress=False)
    assert cache_info(tmp_path)["encoders"] == {}


def test_bar_counts_passages(
    tmp_path: Path, counting: CountingEncoder, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("topiclib.progress.is_watched", lambda: True)
    embed(frame(numbered(0, 70)), encoder=counting, cache=tmp_path)
    assert "70/70" in (shown := capsys.readouterr().err) and "passages/s" in shown
    embed(frame(numbered(0, 70)), encoder=counting, cache=tmp_path)
    assert not capsys.readouterr().err, "no bar if nothing is embedded"


def test_kill_loses_at_most_the_batch_in_progress(tmp_path: Path) -> None:
    draw = random.Random(4)
    for trial in range(3):
        folder = tmp_path / str(trial)
        folder.mkdir()
        child = start_child(folder, 0, 20_000)
        while not (folder / "log").exists() and child.poll() is None:
            time.sleep(0.01)
        time.sleep(draw.uniform(0, 0.6))
        child.send_signal(signal.SIGKILL)
        child.wait()
        embedded = int((folder / "log").read_text().split()[-1])  # before the call in progress
        counting = CountingEncoder()
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a kill does no damage
            vectors = embed(frame(numbered(0, embedded)), encoder=counting, cache=folder / "v.sqlite", progress=False)
        assert counting.asked == []
        np.testing.assert_array_equal(vectors, vectors_of(numbered(0, embedded)))


def test_two_processes_share_a_cache(tmp_path: Path) -> None:
    children = [start_child(tmp_path, 0, 1500), start_child(tmp_path, 500, 2000)]
    assert [child.wait() for child in children] == [0, 0]
    assert cache_info(tmp_path / "v.sqlite")["encoders"] == {"counting/1": 2000}
    counting = CountingEncoder()
    vectors = embed(frame(numbered(0, 2000)), encoder=counting, cache=tmp_path / "v.sqlite", progress=False)
    assert counting.asked == []
    np.testing.assert_array_equal(vectors[::50], vectors_of(numbered(0, 2000)[::50]))


def test_a_cache_that_another_process_opens_at_the_same_time_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "v.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute(CREATE_TABLE)
    other.execute("BEGIN IMMEDIATE")  # SQLite refuses another journal mode at once then, whatever the timeout
    other.execute("INSERT INTO vectors VALUES ('x', 'x', 'x', 'x')")
    release = threading.Timer(0.5, other.close)
    release.start()
    embed(frame(["ا"]), encoder=CountingEncoder(), cache=path, progress=False)
    assert cache_info(path)["encoders"] == {"counting/1": 1}  # the other one did not commit


def test_interrupt_leaves_the_cache_usable(tmp_path: Path) -> None:
    model, inner = CountingEncoder(), CountingEncoder()
    calls = itertools.count()

    def encode(texts):
        if next(calls) == 2:
            raise KeyboardInterrupt
        return inner.encode(texts)

    model.encode = encode  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        embed(frame(numbered(0, 1000)), encoder=model, cache=tmp_path, progress=False)
    assert cache_info(tmp_path)["encoders"] == {"counting/1": len(inner.asked)} and len(inner.asked) >= 64


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sound") / "vectors.sqlite"
    embed(frame(numbered(0, 150)), encoder=CountingEncoder(), cache=path, progress=False)
    return path.read_bytes()


def check_damaged(path: Path) -> None:
    for _ in range(2):
        vectors = embed(frame(numbered(0, 150)), encoder=CountingEncoder(), cache=path, progress=False)
        np.testing.assert_array_equal(vectors, vectors_of(numbered(0, 150)))
    counting = CountingEncoder()
    embed(frame(numbered(0, 150)), encoder=counting, cache=path, progress=False)
    assert counting.asked == [], "repaired"


@pytest.mark.filterwarnings("ignore:The cache")
@pytest.mark.parametrize("seed", range(40))
def test_flipped_bits_are_never_served(tmp_path: Path, sound: bytes, seed: int) -> None:
    draw, content = random.Random(seed), bytearray(sound)
    for _ in range(draw.choice([1, 1, 30])):
        content[draw.randrange(100 if seed < 10 else 0, len(content))] ^= 1 << draw.randrange(8)
    (tmp_path / "vectors.sqlite").write_bytes(content)
    check_damaged(tmp_path / "vectors.sqlite")


@pytest.mark.filterwarnings("ignore:The cache")
@pytest.mark.parametrize("share", [0.0, 0.00005, 0.01, 0.3, 0.7, 0.999])
def test_truncated_file_is_never_served(tmp_path: Path, sound: bytes, share: float) -> None:
    (tmp_path / "vectors.sqlite").write_bytes(sound[: int(share * len(sound))])
    check_damaged(tmp_path / "vectors.sqlite")


@pytest.mark.filterwarnings("ignore:The cache")
@pytest.mark.parametrize("damage", ["truncated", "flipped", "gone"])
def test_damaged_log_is_never_served(tmp_path: Path, damage: str) -> None:
    """Copy the file and its write-ahead log, as they are after a kill, and damage the log."""
    source, copy = tmp_path / "vectors.sqlite", tmp_path / "copy.sqlite"
    with closing(VectorCache(source)) as store:
        store.write("counting/1", [b"x" * 32], np.ones((1, 384), np.float32))
        embed(frame(numbered(0, 150)), encoder=CountingEncoder(), cache=source, progress=False)
        log = bytearray((tmp_path / "vectors.sqlite-wal").read_bytes())
        copy.write_bytes(source.read_bytes())
    assert len(log) > 10_000
    if damage == "flipped":
        log[len(log) // 2] ^= 1
    if damage != "gone":
        (tmp_path / "copy.sqlite-wal").write_bytes(log[: len(log) // 3] if damage == "truncated" else log)
    check_damaged(copy)


def test_damaged_file_is_renamed_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    path.write_bytes(b"\xff" * 5000)
    with pytest.warns(UserWarning, match="is damaged .* renamed to vectors.sqlite.damaged-"):
        embed(frame(["a"]), encoder=CountingEncoder(), cache=path, progress=False)
    (aside,) = tmp_path.glob("*.damaged-*")
    assert aside.read_bytes() == b"\xff" * 5000


def test_other_files_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "articles.csv").write_text("text\nسلام\n" * 100)
    with pytest.raises(ValueError, match="not an SQLite file: choose a folder"):
        embed(frame(["a"]), encoder=CountingEncoder(), cache=tmp_path / "articles.csv", progress=False)
    assert (tmp_path / "articles.csv").read_text().startswith("text\n")
    with closing(sqlite3.connect(tmp_path / "mine.db")) as connection:
        connection.execute("CREATE TABLE articles (text)")
    with pytest.raises(ValueError, match=r"not a topiclib cache \(tables articles\)"):
        embed(frame(["a"]), encoder=CountingEncoder(), cache=tmp_path / "mine.db", progress=False)


def test_cache_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "vectors.sqlite").mkdir()
    with pytest.raises(OSError, match="cannot be used"):
        embed(frame(["a"]), encoder=CountingEncoder(), cache=tmp_path, progress=False)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a folder in which nobody can write")
def test_without_a_writable_place_the_run_goes_on_and_says_so() -> None:
    encoder = CountingEncoder()
    with pytest.warns(UserWarning, match=r"/sys/none/vectors\.sqlite cannot be written .*choose another with cache="):
        assert embed(frame(["a", "b"]), encoder=encoder, cache="/sys/none", progress=False).shape == (2, encoder.dim)


@pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv, without which root may write anywhere")
def test_a_cache_that_may_only_be_read_is_read(tmp_path: Path) -> None:
    embed(frame(["سلام"]), cache=tmp_path / "cache", progress=False)
    before = {file.name: file.read_bytes() for file in (tmp_path / "cache").iterdir()}
    for file in (*(tmp_path / "cache").iterdir(), tmp_path / "cache"):
        file.chmod(0o555)
    code = "import sys, pandas as pd, topiclib as tl\n"
    code += "tl.embed(pd.DataFrame({'text': ['سلام', 'آب']}), cache=sys.argv[1], progress=False)"
    command = [sys.executable, "-c", code, str(tmp_path / "cache")]
    if os.getuid() == 0:
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (tmp_path / "cache").chmod(0o755)
    if "setpriv" in done.stderr:
        pytest.skip("this machine does not allow to drop privileges")
    assert done.returncode == 0, done.stderr
    assert "cannot be written" in done.stderr
    assert before == {file.name: file.read_bytes() for file in (tmp_path / "cache").iterdir()}


def test_bundled_encoder_through_the_cache(tmp_path: Path) -> None:
    texts = ["برجام", "الاتفاق النووي", "برجام"]
    vectors = embed(frame(texts), cache=tmp_path, progress=False)
    assert embed(frame(texts[::-1]), cache=tmp_path, progress=False)[::-1].tobytes() == vectors.tobytes()
    assert list(cache_info(tmp_path)["encoders"].values()) == [2]
