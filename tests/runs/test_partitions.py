"""A partitioned corpus equals the whole: every article once, with the same ids, duplicates and reprints."""

from __future__ import annotations

import gzip
import json

import fsspec
import numpy as np
import pandas as pd
import pytest

import topiclib as tl
from topiclib.corpus.passages import make_passages
from topiclib.corpus.sample import sample_paths
from topiclib.runs import cross_partition_reprints as reprints
from topiclib.runs import steps, store
from topiclib.runs.check import verify_run
from topiclib.runs.executor import Executor
from topiclib.runs.partitions import partition_files
from topiclib.runs.pipeline import StageTimer, prepare
from topiclib.runs.spec import RunSpec
from topiclib.runs.workspace import Workspace
from topiclib.text import DEFAULT_LEXICON
from topiclib.topics.sampling import allocate, sample_if_large, sampling_strata, stratified_sample


def read_partitions(work, name):
    return Workspace(str(work)).read_partitions(
        name, len([file for file in (work / name).glob("*.parquet") if file.stem.isdecimal()])
    )


def write_passages(paths, *, out, partition_bytes, skip_bad=False):
    """Write documents and passages of a corpus; return the number of modeled passages."""
    spec = RunSpec(paths, tl.Recipe(), None, None, skip_bad, DEFAULT_LEXICON, partition_bytes)
    work = Workspace(str(out))
    return prepare(spec, work, Executor(None, spec.make_partitions()), StageTimer(False, work)).n_passages


SHORT_TEXTS = ["باران دو پل را بست و مدرسه‌ها تعطیل شد", "موزه شهر با پنجاه تابلو باز شد", "بهای گندم پایین آمد"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Write the sample to files, with everything that partitions could get wrong: repeated ids, duplicates, shortened
    reprints in other files, missing ids, other columns.
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
    footer = "\n".join(f"این سطر شماره {i} را روزنامه شهر در پایان هر خبر خود می‌نویسد" for i in "ابپتث")
    nameless += [{"id": f"framed-{i}", "text": f"{text}\n{footer}"} for i, text in enumerate(SHORT_TEXTS)]
    for i, rows in enumerate((articles[:40], short[:6], articles[40:], nameless[4:], short[6:], again, nameless[:4])):
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (folder / f"{i}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    pd.DataFrame(articles[30:60]).drop(columns="id").to_parquet(folder / "7.parquet", row_group_size=7)
    (folder / "8").mkdir()
    (folder / "8" / "a.txt").write_text(articles[3]["text"][:900], encoding="utf-8")
    return folder


@pytest.mark.parametrize("size", [20_000, 10**9])
def test_partitions_give_the_same_documents_and_passages(archive, tmp_path, size, monkeypatch):
    small = {"PARTITIONS_PER_BUCKET": 1, "ROWS_PER_JOIN": 50, "DOCUMENTS_PER_BATCH": 3}
    for name, value in small.items():  # many buckets, joins and batches
        monkeypatch.setattr(reprints, name, value)
    documents = tl.read_documents(archive)
    passages = make_passages(documents, keep="all")
    assert (passages["reprint_of"] != "").sum() > 20
    assert passages.loc[passages["doc_id"].str.startswith("framed"), "modeled"].all()
    assert (documents["dropped"] == "duplicate").sum() >= 3
    modeled = write_passages(archive, out=tmp_path, partition_bytes=size)
    assert modeled == passages["modeled"].sum()
    assert len(list((tmp_path / "segments").iterdir())) == (
        1 if size == 10**9 else len(partition_files([archive], size=size))
    )
    names = ["doc_id", "source", "lang", "date", "text", "dropped"]
    pd.testing.assert_frame_equal(read_partitions(tmp_path, "documents")[names], documents[names])
    pd.testing.assert_frame_equal(read_partitions(tmp_path, "passages"), passages)


def test_common_short_passages_link_no_articles(tmp_path):
    """A common title links nothing; a copy, and a repeated line, are found in another partition."""
    rng = np.random.default_rng(0)
    bodies = [" ".join(f"کلمه{i}" for i in rng.integers(0, 10**6, 60)) for _ in range(12)]
    rows = [{"id": f"n{i}", "title": "اخبار کوتاه امروز", "text": body} for i, body in enumerate(bodies)]
    rows += [{"id": "copy", "text": " ".join(bodies[3].split()[:50])}]
    rows += [{"id": f"line{i}", "text": "زلزله ای بامداد امروز شرق کشور را لرزاند"} for i in range(2)]
    rows[-1]["source"] = "agency"  # in one outlet it would be a duplicate
    for row in rows:
        (tmp_path / f"{row['id']}.jsonl").write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    write_passages(sorted(tmp_path.glob("*.jsonl")), out=tmp_path / "made", partition_bytes=500)
    links = read_partitions(tmp_path / "made", "links")
    members = reprints.group_candidates(links)
    assert len(links) == 3  # from the copy to its original, and between the two lines
    assert members.groupby("is_candidate").size().to_dict() == {False: 1, True: 3}
    again = read_partitions(tmp_path / "made", "passages").query("reprint_of != ''")
    assert again["doc_id"].tolist() == ["copy", "line1"]
    none = reprints.group_candidates(links.iloc[:0])
    assert none.empty
    assert list(none) == ["doc", "batch", "is_candidate"]


def test_url_is_read_like_a_folder(archive, tmp_path):
    write_passages(archive, out=tmp_path / "a", partition_bytes=30_000)
    write_passages(archive.as_uri(), out=(tmp_path / "b").as_uri(), partition_bytes=30_000)
    pd.testing.assert_frame_equal(
        read_partitions(tmp_path / "a", "documents"), read_partitions(tmp_path / "b", "documents")
    )
    memory = fsspec.filesystem("memory")  # its paths do not exist on disk
    memory.put(str(archive), "/news", recursive=True)
    write_passages("memory://news", out="memory://made", partition_bytes=30_000)
    for name in ("documents", "passages"):
        table = Workspace("memory://made").read_partitions(
            name, len(memory.glob(f"/made/{name}/?.parquet") + memory.glob(f"/made/{name}/??.parquet"))
        )
        pd.testing.assert_frame_equal(table, read_partitions(tmp_path / "a", name))
    assert not [path for path in memory.find("/made") if path.endswith(".new")]
    with pytest.raises(FileNotFoundError, match="does not exist"):
        partition_files([(archive / "nothing").as_uri()])


def test_split_file_gives_every_line_once(tmp_path):
    rows = [{"id": f"n{i}", "text": "سلام " * (1 + 7 * i % 40)} for i in range(100)]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    for size in (700, 4000):
        write_passages(tmp_path / "a.jsonl", out=tmp_path / str(size), partition_bytes=size)
        assert read_partitions(tmp_path / str(size), "documents")["doc_id"].tolist() == [row["id"] for row in rows]


def test_sample_of_partitions_is_the_sample_of_the_corpus():
    rng = np.random.default_rng(0)
    n = 4_000
    passages = pd.DataFrame(
        {
            "passage_id": [f"d{i}" for i in range(n)],
            "lang": rng.choice(["fa", "ar"], n, p=[0.1, 0.9]),
            "source": rng.choice(list("abcd"), n, p=[0.7, 0.1, 0.1, 0.1]),
            "period": rng.choice(["2020-01", "2020-02"], n),
        }
    )
    sample = passages.iloc[sample_if_large(passages, max_size=1_000, seed=3)]
    assert 990 <= len(sample) <= 1_000
    assert (sample["lang"] == "fa").sum() == (passages["lang"] == "fa").sum()  # fewer than half: all of them
    of_arabic = sample[sample["lang"] == "ar"]["source"].value_counts()
    assert of_arabic.max() - of_arabic.min() <= 2
    allocation = allocate(sampling_strata(passages).value_counts(), 1_000)
    parts = pd.concat(
        [
            part.iloc[stratified_sample(part, allocation, seed=3)]
            for part in (passages[::3], passages[1::3], passages[2::3])
        ]
    )
    assert set(parts.iloc[stratified_sample(parts, allocation, seed=3)]["passage_id"]) == set(sample["passage_id"])
    assert set(passages.iloc[sample_if_large(passages, max_size=1_000, seed=4)]["passage_id"]) != set(
        sample["passage_id"]
    )
    assert sample_if_large(passages, max_size=n) is None


def test_chunks_with_different_columns_are_one_table(tmp_path):
    rows = {"title": "", "text": "x", "lang": "fa", "date": "", "source": "", "section": "", "url": "", "dropped": ""}
    frames = [
        pd.DataFrame([{"doc_id": "a", **rows, "views": 1}]),
        pd.DataFrame([{"doc_id": "b", **rows, "views": "many", "more": 2.5}]),
    ]
    store.write_run(tmp_path / "run", {"documents": lambda: iter(frames)}, {}, {})
    table = store.read_table(tmp_path / "run", "documents")
    assert table["views"].tolist() == ["1", "many"]
    assert table["more"].tolist()[1] == 2.5
    assert verify_run(tmp_path / "run") == []


def test_unreadable_file_is_named_or_reported(archive, tmp_path):
    import shutil

    folder = shutil.copytree(archive, tmp_path / "in")
    (folder / "3a.jsonl").write_text('{"text": "سلام"}\n{"text": \n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"3a\.jsonl"):
        tl.run(folder, out=tmp_path / "run", partition_bytes=20_000, workspace=tmp_path / "work", progress=False)
    assert not (tmp_path / "run").exists()
    write_passages(folder, out=tmp_path / "made", partition_bytes=20_000, skip_bad=True)
    documents = read_partitions(tmp_path / "made", "documents").set_index("doc_id")
    assert documents.loc["3a", "dropped"].startswith("unreadable")
    assert str(tmp_path) not in documents.loc["3a", "dropped"].replace(str(folder), "")


def test_files_of_all_types_are_read_in_partitions_too(tmp_path):
    texts = ["کارگران در شهر گرد آمدند.", "قال المزارعون إن النهر انخفض."] * 3
    rows = [{"id": f"x{i}", "text": f"{text} {i}", "date": "2023-03-29", "source": "a"} for i, text in enumerate(texts)]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    folder = tmp_path / "in"
    (folder / "outlet").mkdir(parents=True)
    (folder / "a.ndjson").write_text(lines.replace('"x', '"n'), encoding="utf-8")
    (folder / "b.json").write_text(json.dumps({"name": "b", "messages": rows}), encoding="utf-8")
    (folder / "c.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    pd.DataFrame(rows).to_excel(folder / "d.xlsx", index=False)
    (folder / "outlet" / "2023-04-05.txt").write_text(f"{texts[0]} متن", encoding="utf-8")
    (folder / "settings.json").write_text("{}", encoding="utf-8")
    (tmp_path / "m.csv").write_text("path,owner\noutlet/2023-04-05.txt,state\n")
    whole = tl.read_documents(folder, metadata=tmp_path / "m.csv")
    work = Workspace(str(tmp_path / "work"))
    partitions = partition_files([folder], size=200)
    assert len(partitions) > 5
    for i, spans in enumerate(partitions):
        steps.read_partition(work, i, spans, skip_bad=False, metadata=tmp_path / "m.csv", n_partitions=len(partitions))
    parts = pd.concat([work.read(f"read/{i}") for i in range(len(partitions))], ignore_index=True)
    for column in ("text", "date", "source", "owner"):
        assert parts[column].fillna("").tolist() == whole[column].tolist(), column
