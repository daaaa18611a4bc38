"""Reading files of all supported types, and files that are damaged or odd."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from topiclib.corpus.documents import read_documents, to_documents
from topiclib.corpus.flow import count_flow
from topiclib.corpus.readers import decode
from topiclib.corpus.sample import load_sample
from topiclib.runs.partitions import partition_files

FA = "رئیس‌جمهور روز سه‌شنبه گفت که مذاکرات وین به مرحلهٔ پایانی رسیده است و توافق نزدیک است."
AR = "قال وزير الخارجية إن المحادثات في فيينا بلغت مرحلتها الأخيرة وإن الاتفاق بات قريباً."


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "b.txt").write_text(FA, encoding="utf-8")
    (tmp_path / "in" / "deep" / "a.txt").write_text(AR, encoding="utf-8")
    (tmp_path / "in" / ".hidden.txt").write_text("x", encoding="utf-8")
    (tmp_path / "in" / "notes.pdf").write_bytes(b"%PDF")
    return tmp_path / "in"


def test_folders_are_read_recursively_with_paths_as_ids(folder):
    documents = read_documents(folder)
    assert documents["doc_id"].tolist() == ["b", "deep/a"]
    assert documents["lang"].tolist() == ["fa", "ar"]
    assert documents["text"].tolist() == [FA, AR]
    assert (documents["dropped"] == "").all()


ROWS = [
    {"id": "1", "headline": "تیتر", "body": FA, "outlet": "الف", "published": "1402-01-09", "owner": "state"},
    {"id": "2", "headline": "عنوان", "body": AR, "outlet": "ب", "published": "2023-03-29T10:00:00", "owner": "private"},
]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "tsv", "parquet"])
def test_column_aliases_in_tables_of_all_types(tmp_path, kind):
    file = tmp_path / f"news.{kind}"
    frame = pd.DataFrame(ROWS)
    if kind == "jsonl":
        file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), encoding="utf-8")
    elif kind == "parquet":
        frame.to_parquet(file)
    else:
        frame.to_csv(file, index=False, sep="\t" if kind == "tsv" else ",")
    documents = read_documents(str(file))
    assert documents["doc_id"].tolist() == ["1", "2"]
    assert documents["title"].tolist() == ["تیتر", "عنوان"]
    assert documents["source"].tolist() == ["الف", "ب"]
    assert documents["date"].tolist() == ["2023-03-29", "2023-03-29"]
    assert documents["owner"].tolist() == ["state", "private"]
    assert documents["lang"].tolist() == ["fa", "ar"]


def test_of_several_folders_each_is_an_outlet(tmp_path):
    for outlet, text in (("irna", FA), ("aljazeera", AR)):
        (tmp_path / outlet).mkdir()
        (tmp_path / outlet / "2023-03-29-1.txt").write_text(text, encoding="utf-8")
    both = [tmp_path / "irna", tmp_path / "aljazeera"]
    documents = read_documents(both)
    assert documents["source"].tolist() == ["irna", "aljazeera"]
    assert documents["doc_id"].tolist() == ["irna/2023-03-29-1", "aljazeera/2023-03-29-1"]
    spans = [partition[0].name for partition in partition_files(both, size=1)]
    assert spans == [f"{name}.txt" for name in documents["doc_id"]]
    pd.DataFrame(ROWS).to_csv(tmp_path / "news.csv", index=False)
    assert read_documents([tmp_path / "irna", tmp_path / "news.csv"])["source"].tolist() == ["", "الف", "ب"]
    (tmp_path / "irna" / "2024").mkdir()
    (tmp_path / "irna" / "2024" / "a.txt").write_text(FA + " تازه", encoding="utf-8")
    assert set(read_documents(both)["source"]) == {"", "aljazeera"}  # the folder may be of anything


def test_several_paths_and_a_table_of_outlets(folder, tmp_path):
    table = tmp_path / "news.csv"
    pd.DataFrame(ROWS).to_csv(table, index=False)
    outlets = tmp_path / "outlets.csv"
    pd.DataFrame({"source": ["الف"], "country": ["IR"]}).to_csv(outlets, index=False)
    documents = read_documents([folder, table], sources=outlets)
    assert len(documents) == 4
    assert documents.set_index("doc_id")["country"].to_dict() == {"b": "", "deep/a": "", "1": "IR", "2": ""}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256", "iso8859_6"])
def test_encodings_are_detected(encoding):
    text = AR
    assert decode(text.encode(encoding), name="x.txt") == text


@pytest.mark.parametrize("encoding", ["iso8859_6", "mac_arabic", "cp720", "cp1256"])
def test_encodings_of_one_byte_are_told_apart_by_frequent_words(encoding):
    words = "قال الوزير، أمس، إن الماء في المدينة من النهر وإن الناس على الشاطئ! (2023)"
    assert (
        decode(words.encode(encoding, "ignore"), name="x.txt").split()
        == words.encode(encoding, "ignore").decode(encoding).split()
    )


def test_letters_of_no_known_encoding_are_refused():
    assert decode("Le président a été élu à Québec.".encode("cp1252"), name="x.txt").startswith("Le président")
    with pytest.raises(ValueError, match=r"x\.txt is not text in a known encoding: save it as UTF-8"):
        decode("Москва сегодня объявила о новых переговорах".encode("koi8_r"), name="x.txt")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"\x00\x01\x02\x03binary\x00" * 50, "is not text"),
        ("a.txt", bytes(range(128, 256)) * 20, "is not text"),
        ("a.jsonl", b'{"text": "x"}\nnot json\n', "line 2 is not JSON"),
        ("a.jsonl", b"[1, 2]\n", "line 1 is of type list"),
        ("a.jsonl", b"", "it is empty"),
        ("a.csv", b"id,headline\n1,x\n", "no text column.*id, headline"),
        ("a.csv", b'text\n"open', "cannot be read as csv"),
        ("a.parquet", b"PAR1 no", "cannot be read as parquet"),
        ("a.docx", b"PK", "cannot be read as docx"),
        ("a.pdf", b"%PDF", "save its text as .txt"),
    ],
)
def test_an_unreadable_file_raises_and_skip_bad_reports_it(tmp_path, folder, name, data, words):
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(ValueError, match=words) as caught:
        read_documents(file)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    if not name.endswith("pdf"):
        (folder / name).write_bytes(data)
        documents = read_documents(folder, skip_bad=True)
        assert documents["dropped"].str.startswith("unreadable").sum() == 1
        assert (documents["dropped"] == "").sum() == 2


PAGE = """<html lang="fa"><head><title>{title}</title><meta property="article:published_time" content="2023-03-10">
<meta property="og:site_name" content="روزنامه"></head><body><nav><a href="/">خانه</a></nav><article><h1>{title}</h1>
<p>{text}</p><p>{text}</p></article><footer>تماس با ما</footer></body></html>"""


def test_a_saved_web_page_gives_its_article(tmp_path):
    text = " ".join([FA] * 4)
    (tmp_path / "page.html").write_text(PAGE.format(title="مذاکرات وین", text=text), encoding="utf-8")
    row = read_documents(tmp_path).iloc[0]
    assert (row["doc_id"], row["title"], row["date"], row["source"]) == ("page", "مذاکرات وین", "2023-03-10", "روزنامه")
    assert text in row["text"], "the reader lost the half-spaces"
    assert "تماس با ما" not in row["text"]


def test_a_web_page_without_trafilatura_names_the_extra_to_install(tmp_path):
    """A module that shadows trafilatura in another process fails like a missing package."""
    (tmp_path / "trafilatura.py").write_text("raise ModuleNotFoundError", encoding="utf-8")
    (tmp_path / "page.html").write_text("<html></html>", encoding="utf-8")
    command = [sys.executable, "-m", "topiclib.cli", "fit", str(tmp_path / "page.html"), "--out", str(tmp_path / "run")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("topiclib: ")
    assert 'page.html is a web page: install the reader with pip install "topiclib[html]"' in done.stderr


def test_a_web_page_without_an_article_raises(tmp_path):
    (tmp_path / "page.html").write_text("<html><body></body></html>", encoding="utf-8")
    with pytest.raises(ValueError, match="no article"):
        read_documents(tmp_path)


def test_missing_and_empty_paths_raise(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere does not exist"):
        read_documents(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=r"has no \.txt"):
        read_documents(tmp_path)
    with pytest.raises(ValueError, match="no path was given"):
        read_documents([])


def test_odd_cells_are_converted_and_every_row_is_kept():
    frame = pd.DataFrame(
        {
            "id": ["x", "x", None, 7.0, "x"],
            "text": [FA, AR, float("nan"), FA + " تمام.", FA],
            "lang": ["Persian", "ar-SA", "", "en", "fa"],
            "date": ["1402-07", "nonsense", None, pd.Timestamp("2023-05-01"), ""],
            "tags": [["a"], None, 3, "b", {}],
        }
    )
    documents = to_documents(frame)
    assert documents["doc_id"].tolist() == ["x", "x~2", "row-3", "7", "x~3"]
    assert documents["lang"].tolist() == ["fa", "ar", "other", "other", "fa"]
    assert documents["dropped"].tolist() == ["", "", "empty", "", "duplicate"]
    assert documents["date"].tolist()[1:4] == ["", "", "2023-05-01"]
    assert documents["tags"].map(type).eq(str).all()


def test_column_names_as_spreadsheets_and_databases_write_them(tmp_path):
    file = tmp_path / "export.csv"
    file.write_text(
        f"Article ID;Headline ;Full Text;Newspaper;Publication Date;Word count\n7;عنوان;{FA};x;25/07/2015;9\n"
    )
    row = read_documents(file).iloc[0]
    assert row[["doc_id", "title", "text", "source", "date"]].tolist() == ["7", "عنوان", FA, "x", "2015-07-25"]
    assert row["Word count"] == "9"


def test_input_that_is_not_a_frame_raises():
    with pytest.raises(TypeError, match="needs a pandas DataFrame with a column text, but got list"):
        to_documents([FA])


def test_the_same_text_in_two_outlets_is_not_a_duplicate():
    documents = to_documents(pd.DataFrame({"text": [FA, FA], "source": ["a", "b"]}))
    assert (documents["dropped"] == "").all()


def test_a_repeated_outlet_in_the_table_of_outlets_raises(folder, tmp_path):
    outlets = tmp_path / "outlets.csv"
    outlets.write_text("source,country\na,IR\na,IQ\n")
    with pytest.raises(ValueError, match="'a' in two rows"):
        read_documents(folder, sources=outlets)


@settings(deadline=None)  # a busy machine may be slow
@example(["\0", "\0"])
@given(
    st.lists(st.one_of(st.none(), st.text(max_size=30), st.floats(), st.integers(), st.binary(max_size=5)), max_size=8)
)
def test_any_cells_become_documents_with_unique_ids(cells):
    documents = to_documents(
        pd.DataFrame({"text": pd.Series(cells, dtype=object), "id": pd.Series(cells, dtype=object)})
    )
    assert documents["doc_id"].is_unique
    assert len(documents) == len(cells)
    assert documents["text"].map(lambda text: text.encode("utf-8") is not None).all()


def test_the_sample_has_the_planned_languages_outlets_and_dates():
    documents = load_sample()
    assert documents["lang"].value_counts().to_dict() == {"fa": 40, "ar": 40}
    assert (documents["synthetic"].astype(str) == "True").all()
    assert documents["source"].nunique() == 10
    assert documents.groupby("lang")["source"].nunique().eq(5).all()
    assert (documents["medium"] != "").all()
    assert documents["date"].str.fullmatch(r"202[0-4]-\d\d-\d\d").all()
    assert (documents["dropped"] == "").all()


def test_flow_counts_every_article_passage_and_word():
    documents = to_documents(pd.DataFrame({"text": [FA, "", FA], "source": ["a", "a", "a"]}))
    passages = pd.DataFrame(
        {
            "doc_id": ["row-1", "row-1"], "kind": ["body", "caption"], "lang": ["fa", "fa"], "reprint_of": ["", ""],
            "modeled": [True, False], "text": ["یک دو سه", "چهار پنج"],
        }
    )  # fmt: skip
    counted = count_flow(documents, passages)
    counts = counted.groupby(["step", "reason"])["n"].sum().to_dict()
    assert counts == {
        ("found", ""): 3, ("dropped", "empty"): 1, ("dropped", "duplicate"): 1, ("articles", ""): 1, ("passages",
        "body"): 1, ("passages", "caption"): 1, ("left out", "caption"): 1, ("modeled", "fa"): 1,
        ("words", ""): 5, ("words left out", "caption"): 2,
    }  # fmt: skip
    assert np.issubdtype(counted["n"].dtype, np.integer)
    assert counted[counted["step"] == "words left out"][["source", "lang"]].to_numpy().tolist() == [["a", "fa"]]


@pytest.mark.parametrize(
    ("cells", "langs"),
    [
        ("und NA NULL none nan N/A - ? qme zxx unbekannt fa,ar 0", ["fa", "ar"]),  # no language: that of the text
        ("fa FAS fa-IR fa_IR.UTF-8 prs-AF Persian Persian_(Farsi) Farsi/Persian دری فارسي زبان_فارسی", ["fa", "fa"]),
        ("ar AR-EG arz apc Arabic Arabic_(Egypt) arabic,egyptian عربية عربى العربیة اللغة_العربية", ["ar", "ar"]),
        ("en EN-us ur tr es-AR other", ["other", "other"]),
    ],
)
def test_cells_of_lang(cells, langs):
    for cell in cells.split():
        documents = to_documents(pd.DataFrame({"text": [FA, AR], "lang": cell.replace("_(", " (")}))
        assert documents["lang"].tolist() == langs, cell


@pytest.mark.parametrize(
    "columns", [["text", "text", 0], ["Text", "text", "TEXT"], [("a", "b"), "text", None], ["text", "\ud800", ""]]
)
def test_odd_column_names_become_unique_strings(columns):
    cells = [FA if name == "text" else "x" for name in columns]
    documents = to_documents(pd.DataFrame([cells], columns=pd.Index(columns, dtype=object, tupleize_cols=False)))
    assert documents["text"].tolist() == [FA]
    assert documents.columns.is_unique
    assert all(name.encode() for name in documents.columns)
    assert (documents == "x").to_numpy().sum() == len(columns) - columns.count("text")


def test_a_few_invalid_bytes_are_replaced_with_a_warning():
    with pytest.warns(UserWarning, match=r"x\.txt has 1 invalid UTF-8 sequence, the first on line 5"):
        assert decode(f"{FA}\n{AR}\n".encode() * 2 + b"\xff" + AR.encode(), name="x.txt").count("\ufffd") == 1
    with pytest.raises(ValueError, match="not text"):
        decode(b"\xff\xfe\xd9"[1:] + FA.encode()[:3], name="x.txt")


def test_delimiters_of_spreadsheets(tmp_path):
    for name, text in (
        ("a.csv", f"id;text\n7;{FA}\n"),
        ("b.csv", f"id\ttext\n7\t{FA}\n"),
        ("c.csv", f"id,text,\n7,{FA},\n"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert read_documents(tmp_path / name)[["doc_id", "text"]].values.tolist() == [["7", FA]]
    (tmp_path / "d.csv").write_text(f"text,id\n{FA},7,lost\n", encoding="utf-8")
    with pytest.raises(ValueError, match="more cells than the header"):
        read_documents(tmp_path / "d.csv")


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_small_file_of_many_empty_cells_raises_before_memory_fills_up(tmp_path, kind):
    """6,000 lines (2 MB) with a new column in each took 1.6 GB."""
    file = tmp_path / f"a.{kind}"
    if kind == "jsonl":
        file.write_text("\n".join(f'{{"text": "x", "k{i}": 1}}' for i in range(4_000)), encoding="utf-8")
    else:
        empty = {f"k{i}": pa.nulls(50_000) for i in range(250)}
        pq.write_table(pa.table({"text": pa.array(["x"] * 50_000), **empty}), file)
    with pytest.raises(
        ValueError, match=r"with (4,001|251) columns, nearly all cells empty: keep the columns you need"
    ):
        read_documents(file)


def test_a_file_too_large_for_an_article_is_not_read(tmp_path):
    (tmp_path / "a.txt").write_text(FA, encoding="utf-8")
    os.truncate(tmp_path / "a.txt", 50_000_000_000)  # a sparse file
    with pytest.raises(ValueError, match=r"a\.txt is 50,000 MB: expected one article of at most 100 MB"):
        read_documents(tmp_path)


def test_ids_that_are_texts_are_truncated_with_a_warning():
    """Every passage repeats its article's id: one of 500 kB with 2,000 passages took over 4 GB."""
    with pytest.warns(UserWarning, match=r"2 ids have over 1000 characters \('xxx"):
        documents = to_documents(pd.DataFrame({"text": [FA, AR, FA + "."], "id": ["x" * 5000, "x" * 6000, "b"]}))
    assert documents["doc_id"].tolist() == ["x" * 1000, "x" * 1000 + "~2", "b"]


@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_missing_cells_of_text_columns_of_the_user_are_empty(dtype):
    desk = pd.Series(["سیاسی", None], dtype=dtype)
    documents = to_documents(pd.DataFrame({"text": ["آب", "باران"], "desk": desk}))
    assert documents["desk"].tolist() == ["سیاسی", ""]
