"""A corpus cut into parts is the corpus: every article once, the same ids, duplicates and reprints."""

from __future__ import annotations

import json

import fsspec
import numpy as np
import pandas as pd
import pytest

import topiclib as tl
from topiclib.corpus.passages import make_passages
from topiclib.corpus.sample import sample_paths
from topiclib.runs import store
from topiclib.runs.dask import reprints
from topiclib.runs.dask import run as scale
from topiclib.runs.dask.partition import partition_files
from topiclib.runs.dask.workspace import Workspace
from topiclib.topics.sampling import allocate, sample_if_large, sampling_strata, stratified_sample


def read_parts(work, name):
    return pd.concat(
        [Workspace(str(work)).read(f"{name}/{i}") for i in range(len(list((work / name).glob("*.parquet"))))]
    )


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The sample with all that parts could get wrong, spread over files: ids that are there twice, duplicates,
    reprints cut short in other files, no ids at all, other columns.
    """
    folder = tmp_path_factory.mktemp("archive")
    articles = [json.loads(line) for path in sample_paths() for line in path.open(encoding="utf-8")]
    longest = sorted(articles, key=lambda article: -len(article["text"]))[:12]
    short = [
        {**a, "id": f"cut-{i}", "source": f"agency {i % 2}", "text": "\n".join(a["text"].split("\n")[: 2 + i % 3])}
        for i, a in enumerate(longest)
    ]
    again = [{**a, "id": articles[0]["id"]} for a in articles[5:8]]
    nameless = [{"text": a["text"][40:], "views": i} for i, a in enumerate(articles[20:23])]
    for number, some in enumerate((articles[:40], short[:6], articles[40:], short[6:], again, nameless)):
        lines = [json.dumps(article, ensure_ascii=False) for article in some]
        (folder / f"{number}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    pd.DataFrame(articles[30:60]).drop(columns="id").to_parquet(folder / "6.parquet", row_group_size=7)
    (folder / "7").mkdir()
    (folder / "7" / "a.txt").write_text(articles[3]["text"][:900], encoding="utf-8")
    return folder


@pytest.mark.parametrize("size", [20_000, 10**9])
def test_parts_give_the_documents_and_passages_of_the_whole(archive, tmp_path, size, monkeypatch):
    for name, least in (
        ("PARTITIONS_PER_BUCKET", 1),
        ("ROWS_PER_JOIN", 50),
        ("DOCUMENTS_PER_BATCH", 3),
    ):  # many buckets, lots and batches
        monkeypatch.setattr(reprints, name, least)
    documents = tl.read_documents(archive)
    passages = make_passages(documents, keep="all")
    assert (passages["reprint_of"] != "").sum() > 20
    assert (documents["dropped"] == "duplicate").sum() >= 3
    modeled = scale.write_passages(archive, out=tmp_path, part_bytes=size)
    assert modeled == passages["modeled"].sum()
    assert len(list((tmp_path / "cut").iterdir())) == (
        1 if size == 10**9 else len(partition_files([archive], size=size))
    )
    names = ["doc_id", "source", "lang", "date", "text", "dropped"]
    found = read_parts(tmp_path, "documents").reset_index(drop=True)
    pd.testing.assert_frame_equal(found[names], documents[names])
    pd.testing.assert_frame_equal(read_parts(tmp_path, "passages").reset_index(drop=True), passages)


def test_scraps_that_are_alike_bring_no_articles_together(tmp_path):
    """A title that all have links nothing; a copy, and a line that is there twice, are found in another part."""
    random = np.random.default_rng(0)
    bodies = [" ".join(f"کلمه{i}" for i in random.integers(0, 10**6, 60)) for _ in range(12)]
    rows = [{"id": f"n{i}", "title": "اخبار کوتاه امروز", "text": body} for i, body in enumerate(bodies)]
    rows += [{"id": "copy", "text": " ".join(bodies[3].split()[:50])}]
    rows += [{"id": f"line{i}", "text": "زلزله ای بامداد امروز شرق کشور را لرزاند"} for i in range(2)]
    rows[-1]["source"] = "agency"  # of one outlet it would be a duplicate
    for row in rows:
        (tmp_path / f"{row['id']}.jsonl").write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    scale.write_passages(sorted(tmp_path.glob("*.jsonl")), out=tmp_path / "made", part_bytes=500)
    links = read_parts(tmp_path / "made", "links")
    members = reprints.group_candidates(links)
    assert len(links) == 3  # of the copy to its source, and of each line to the other
    assert members.groupby("able").size().to_dict() == {False: 1, True: 3}
    again = read_parts(tmp_path / "made", "passages").query("reprint_of != ''")
    assert again["doc_id"].tolist() == ["copy", "line1"]
    none = reprints.group_candidates(links.iloc[:0])
    assert none.empty
    assert list(none) == ["doc", "batch", "able"]


def test_an_address_is_read_as_a_folder_is(archive, tmp_path):
    scale.write_passages(archive, out=tmp_path / "a", part_bytes=30_000)
    scale.write_passages(archive.as_uri(), out=(tmp_path / "b").as_uri(), part_bytes=30_000)
    pd.testing.assert_frame_equal(read_parts(tmp_path / "a", "documents"), read_parts(tmp_path / "b", "documents"))
    elsewhere = fsspec.filesystem("memory")  # nothing of it is a path of this machine
    elsewhere.put(str(archive), "/news", recursive=True)
    scale.write_passages("memory://news", out="memory://made", part_bytes=30_000)
    for name in ("documents", "passages"):
        parts = [Workspace("memory://made").read(f"{name}/{i}") for i in range(len(elsewhere.ls(f"/made/{name}")))]
        pd.testing.assert_frame_equal(pd.concat(parts), read_parts(tmp_path / "a", name))
    assert not [path for path in elsewhere.find("/made") if path.endswith(".new")]
    with pytest.raises(FileNotFoundError, match="does not exist"):
        partition_files([(archive / "nothing").as_uri()])


def test_no_line_is_lost_or_read_twice_where_a_file_is_cut(tmp_path):
    rows = [{"id": f"n{i}", "text": "سلام " * (1 + 7 * i % 40)} for i in range(100)]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    for size in (700, 4000):
        scale.write_passages(tmp_path / "a.jsonl", out=tmp_path / str(size), part_bytes=size)
        assert read_parts(tmp_path / str(size), "documents")["doc_id"].tolist() == [row["id"] for row in rows]


def test_what_is_drawn_of_parts_is_what_is_drawn_of_the_whole():
    random = np.random.default_rng(0)
    n = 4_000
    passages = pd.DataFrame(
        {
            "passage_id": [f"d{i}" for i in range(n)],
            "lang": random.choice(["fa", "ar"], n, p=[0.1, 0.9]),
            "source": random.choice(list("abcd"), n, p=[0.7, 0.1, 0.1, 0.1]),
            "period": random.choice(["2020-01", "2020-02"], n),
        }
    )
    drawn = passages.iloc[sample_if_large(passages, max_size=1_000, seed=3)]
    assert 990 <= len(drawn) <= 1_000
    assert (drawn["lang"] == "fa").sum() == (passages["lang"] == "fa").sum()  # fewer than half: all of them
    of_arabic = drawn[drawn["lang"] == "ar"]["source"].value_counts()
    assert of_arabic.max() - of_arabic.min() <= 2
    quota = allocate(sampling_strata(passages).value_counts(), 1_000)
    parts = pd.concat(
        [part.iloc[stratified_sample(part, quota, seed=3)] for part in (passages[::3], passages[1::3], passages[2::3])]
    )
    assert set(parts.iloc[stratified_sample(parts, quota, seed=3)]["passage_id"]) == set(drawn["passage_id"])
    assert set(passages.iloc[sample_if_large(passages, max_size=1_000, seed=4)]["passage_id"]) != set(
        drawn["passage_id"]
    )
    assert sample_if_large(passages, max_size=n) is None


def test_a_table_is_written_from_parts_whose_columns_differ(tmp_path):
    rows = {"title": "", "text": "x", "lang": "fa", "date": "", "source": "", "section": "", "url": "", "dropped": ""}
    frames = [
        pd.DataFrame([{"doc_id": "a", **rows, "views": 1}]),
        pd.DataFrame([{"doc_id": "b", **rows, "views": "many", "more": 2.5}]),
    ]
    store.write_run(tmp_path / "run", {"documents": lambda: iter(frames)}, {}, {})
    table = store.read_table(tmp_path / "run", "documents")
    assert table["views"].tolist() == ["1", "many"]
    assert table["more"].tolist()[1] == 2.5
    assert store.verify_run(tmp_path / "run") == []


def test_a_poisoned_file_is_named_or_reported(archive, tmp_path):
    import shutil

    folder = shutil.copytree(archive, tmp_path / "in")
    (folder / "3a.jsonl").write_text('{"text": "سلام"}\n{"text": \n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"3a\.jsonl"):
        scale.run(folder, out=tmp_path / "run", partition_bytes=20_000, progress=False)
    assert not (tmp_path / "run").exists()
    from topiclib.runs.dask.executor import Executor
    from topiclib.runs.pipeline import StageTimer
    from topiclib.runs.spec import RunSpec
    from topiclib.text import DEFAULT_LEXICON
    from topiclib.topics.recipe import Recipe

    parts = partition_files([folder], size=20_000)
    order = RunSpec([], Recipe(), None, None, True, DEFAULT_LEXICON)
    scale._DaskRun(Workspace(str(tmp_path / "work")), Executor(None, parts), order, StageTimer(False), None).prepare()
    documents = read_parts(tmp_path / "work", "documents").set_index("doc_id")
    assert documents.loc["3a", "dropped"].startswith("unreadable")
    assert str(tmp_path) not in documents.loc["3a", "dropped"].replace(str(folder), "")
