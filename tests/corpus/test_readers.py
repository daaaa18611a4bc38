"""Files as people have them: exports, spreadsheets, archives, folders that tell outlet and date."""

import gzip
import io
import json
import warnings
import zipfile

import pandas as pd
import pytest
from docx import Document
from openpyxl import Workbook

from topiclib.corpus.documents import read_documents, to_documents
from topiclib.corpus.inspection import inspect

FA = "کارگران کارخانه نساجی برای دریافت مزد خود روز شنبه در شهر گرد آمدند."
AR = "قال المزارعون إن منسوب النهر انخفض هذا الصيف وإن المحصول في خطر."


def write(folder, name, data):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return file


def dumps(value):
    return json.dumps(value, ensure_ascii=False)


def workbook(**sheets):
    book, stream = Workbook(), io.BytesIO()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(stream)
    return stream.getvalue()


def word_file(*paragraphs, rows=()):
    document, stream = Document(), io.BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    for row in rows:
        table = document.add_table(1, len(row))
        for cell, text in zip(table.rows[0].cells, row, strict=True):
            cell.text = text
    document.save(stream)
    return stream.getvalue()


def repacked(data, **parts):
    """Add parts to a zip file, or replace them; two underscores are a slash."""
    stream = io.BytesIO()
    new = {name.replace("__", "/"): text for name, text in parts.items()}
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        for part in old.infolist():
            if part.filename not in new:
                out.writestr(part, old.read(part))
        for name, text in new.items():
            out.writestr(name, text)
    return stream.getvalue()


TELEGRAM = {
    "name": "کانال آب", "type": "public_channel", "id": 7,
    "messages": [
        {"id": 1, "type": "message", "date": "2024-05-06T07:08:09", "date_unixtime": "1714979289",
         "text": [{"type": "bold", "text": "خبر"}, "\n" + FA + " ", {"type": "hashtag", "text": "#آب"}]},
        {"id": 2, "type": "service", "date": "2024-05-07T07:08:09", "text": ""},
    ],
}  # fmt: skip
CHATS = {
    "about": "x",
    "chats": {"about": "y", "list": [TELEGRAM, {"name": "ماء", "messages": [{"id": 1, "text": AR}]}]},
}


@pytest.mark.parametrize(
    ("name", "value", "sources", "texts"),
    [
        ("result.json", TELEGRAM, ["کانال آب"] * 2, [f"خبر\n{FA} #آب", ""]),
        ("all.json", CHATS, ["کانال آب", "کانال آب", "ماء"], [f"خبر\n{FA} #آب", "", AR]),
        ("array.json", [{"text": FA, "outlet": "x"}, {"text": AR}], ["x", ""], [FA, AR]),
        ("one.json", {"title": "ت", "maintext": FA, "comments": [{"text": "x"}]}, [""], [FA]),
        ("api.json", {"message": "done", "articles": [{"content": FA, "source": {"id": 1, "name": "آب"}}]},
         ["آب"], [FA]),
        ("hub.json", {"features": [{"name": "text"}], "rows": [{"row_idx": 0, "row": {"text": AR}}]}, [""], [AR]),
        ("by_id.json", {"a": {"text": FA}, "b": {"text": AR}}, ["", ""], [FA, AR]),
        ("columns.json", {"text": {"0": FA, "1": AR}, "source": {"0": "x", "1": "y"}}, ["x", "y"], [FA, AR]),
        ("pages.json", [{"title": {"rendered": "ت"}, "content": {"rendered": FA, "protected": False}}], [""], [FA]),
        ("mongo.json", [{"_id": {"$oid": "5"}, "body": [FA, AR]}], [""], [f"{FA}\n{AR}"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_json_of_programs(tmp_path, name, value, sources, texts, packed):
    data = dumps(value).encode()
    file = write(tmp_path, f"{name}.gz" if packed else name, gzip.compress(data) if packed else data)
    documents = read_documents(file)
    assert documents["source"].tolist() == sources
    assert documents["text"].tolist() == texts


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize(
    "row", [{"text": f"{FA} \ud800"}, {"text": FA, "\udfff": "x"}, {"text": FA, "source": {"name": "\udc80"}}]
)
def test_lone_surrogates_in_json_are_replaced(tmp_path, name, row):
    emoji = {"text": f"{AR} \U0001f600"}  # escaped as two surrogates, which are not alone
    lines = [json.dumps(row), json.dumps(emoji)]
    data = "\n".join(lines) if name == "a.jsonl" else f"[{','.join(lines)}]"
    documents = read_documents(write(tmp_path, name, data))
    assert documents["text"][0].startswith(FA)
    assert documents["text"][1] == emoji["text"]
    documents.to_json().encode()  # no lone surrogate is left, neither in a cell nor in a name


def test_telegram_dates_come_from_the_export(tmp_path):
    assert read_documents(write(tmp_path, "result.json", dumps(TELEGRAM)))["date"][0] == "2024-05-06"


LINES = dumps({"text": FA}) + "\n" + dumps({"text": AR})


@pytest.mark.parametrize(
    ("name", "data", "texts"),
    [
        ("a.ndjson", LINES, [FA, AR]),
        ("a.json", LINES, [FA, AR]),
        ("a.jsonl.gz", gzip.compress(LINES.encode()), [FA, AR]),
        ("a.txt.gz", gzip.compress(FA.encode()), [FA]),
        ("a.csv.gz", gzip.compress(f"text\n{AR}\n".encode()), [AR]),
        ("A.XLSX", workbook(a=[["متن خبر", "تاریخ"], [FA, 45_000], [AR, None]]), [FA, AR]),
        ("a.docx", word_file(FA, AR, rows=[["x", "y"]]), [f"{FA}\n{AR}\nx\ny"]),
        ("table.txt", f"id\ttext\tsource\n1\t{FA}\tx\n2\t{AR}\ty\n".encode("utf-16"), [FA, AR]),
        ("quotes.tsv", f'id\ttext\n1\t"{FA}\n2\tx" y\n3\t{AR}\n', [f'"{FA}', 'x" y', AR]),
        ("open.tsv", f'id\ttext\n1\t"{FA}\n2\t{AR}"\n', [f'"{FA}', f'{AR}"']),
        ("quoted.tsv", f'"id"\t"text"\n"1"\t"a ""b"" {FA}"\n"2"\t"{AR}"\n', [f'a "b" {FA}', AR]),
        ("commas.txt", f"id,text,date\n1,{FA},2023\n2,{AR},2023\n", [FA, AR]),
        ("last.txt", f"id\ttext\n1\t{FA}\n", [FA]),
        ("pipes.csv", f"id|text|date\n1|{FA}|2023\n", [FA]),
        ("declared.csv", f"sep=;\r\ntext;date, time\r\n{FA};1\r\n", [FA]),
        ("semicolons.csv", f'"text";"date, time"\n"{FA}\n;";1\n', [f"{FA}\n;"]),
        ("lines.txt", LINES, [FA, AR]),
        ("r.txt", f'"text" "date"\n"1" "{FA}" "2023"\n"2" "{AR}" NA\n', [FA, AR]),  # write.table of R
        ("r.csv", f'"text","date"\n"1","{FA}","2023"\n', [FA]),
        ("r.tsv", f"text\tdate\n1\t{FA}\t2023\n2\t{AR}\t2023\n", [FA, AR]),
        ("returns.csv", f"text,date\r{FA},2023\r\r{AR},2023\r", [FA, AR]),
        ("hits.jsonl", dumps({"_id": "a", "_source": {"body": FA}}), [FA]),
        ("split.json", dumps({"columns": ["id", "text"], "index": [0], "data": [[7, FA]]}), [FA]),
        ("twice.csv", f"text,text\n{FA},x\n,{AR}\n", [FA, AR]),
        ("breaks.tsv", f'id\ttext\n1\t"{FA}\n{AR}"\n2\tx\n', [f"{FA}\n{AR}", "x"]),
    ],
)
def test_files_of_further_types(tmp_path, name, data, texts):
    assert read_documents(write(tmp_path, name, data))["text"].tolist() == texts


def test_sheets_with_a_title_above_the_header_and_without_text(tmp_path):
    sheets = {
        "news": [["گزارش سال"], [], ["Headline", "Body", "Date"], ["ت", FA, pd.Timestamp("2023-05-06")]],
        "notes": [["x"], [1]],
    }
    with pytest.warns(UserWarning, match="without a text column, not read: notes"):
        row = read_documents(write(tmp_path, "a.xlsx", workbook(**sheets))).iloc[0]
    assert row[["title", "text", "date"]].tolist() == ["ت", FA, "2023-05-06"]


def test_a_sheet_with_merged_cells_above_its_header(tmp_path):
    rows = [["محتوا", None, "انتشار", None], ["تیتر", "متن", "تاریخ", "رسانه"], ["ت", FA, "1402/01/09", "نمونه"]]
    row = read_documents(write(tmp_path, "a.xlsx", workbook(news=rows))).iloc[0]
    assert row[["title", "text", "date", "source"]].tolist() == ["ت", FA, "2023-03-29", "نمونه"]


ENTITIES = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
MANY = "<x>" + " " * 60_000_000 + "</x>"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xlsx", b"", "cannot be read as xlsx"),
        ("a.docx", b"PK\3\4", "not an Office file"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" * 9, "encrypted or of an old format"),
        ("a.xlsm", b"x", "may hold macros: save it as .xlsx"),
        ("a.docm", b"x", "may hold macros: save it as .docx"),
        ("a.doc", b"x", "save it as .docx"),
        ("a.xlsx", repacked(workbook(a=[["text"], [FA]]), xl__vbaProject_bin="x"), "cannot be read|holds macros"),
        ("a.docx", repacked(word_file(FA), **{"word__vbaProject.bin": "x"}), "holds macros"),
        ("a.docx", repacked(word_file(FA), **{"word__document.xml": ENTITIES}), "document type"),
        ("a.xlsx", repacked(workbook(a=[["text"], [FA]]), **{"xl__sharedStrings.xml": ENTITIES}), "document type"),
        ("a.xlsx", repacked(workbook(a=[["text"]]), **{"xl__x.xml": ENTITIES.encode("utf-16")}), "document type"),
        ("a.docx", repacked(word_file(FA), **{"word__x.xml": MANY}), "unpacks to more than"),
        ("a.txt.gz", gzip.compress(b"a" * 101_000_000), "unpacks to more than 100 MB"),
        ("a.jsonl.gz", gzip.compress(LINES.encode())[:-9], "not a complete .gz"),
        ("a.json.gz", b"no", "not a complete .gz"),
        ("a.json", '{"setting": [1, 2]}', "no article in it"),
        ("a.json", '{"text": ', "not JSON"),
        ("a.csv", f'id,text\n1,"{FA}" and\n2,"{AR}"\n', "row from line 2 has a quotation mark"),
        ("a.txt", "".join(f"{i} of 3 DOCUMENTS\n\n{FA}\n\nLENGTH: 9 words\n" for i in (1, 2, 3)), "3 .* Nexis"),
        ("a.txt", f"HD x\nTD\n{FA}\nDocument ABCDE00020230329ej3t0001a\n\n" * 2, "export of 2 articles from Factiva"),
        ("a.txt", f"<DOC>\n<DOCNO>7</DOCNO>\n{FA}\n</DOC>\n" * 2, "export of 2 articles from a TREC collection"),
        ("a.csv", f"text,date\n{FA}, and,2023\n{AR},2023\n", "row on line 2 has more cells than the header"),
        ("a.docx", word_file(FA, "End of Document", AR, "End of Document"), "export of 2 articles from Nexis"),
    ],
)  # fmt: skip
def test_what_is_refused_says_why_in_one_line(tmp_path, name, data, words):
    with pytest.raises(ValueError, match=words) as caught:
        read_documents(write(tmp_path, name, data))
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_one_article_that_counts_documents_is_no_export(tmp_path):
    assert len(read_documents(write(tmp_path, "a.txt", f"1 of 1 DOCUMENTS\n\n{FA}\n"))) == 1


def test_files_of_other_types_are_counted_and_json_without_articles_is_named(tmp_path):
    for name in ("a.pdf", "b.pdf", "deep/c.rtf", "LICENSE", "x.tar.gz", "~$a.docx", ".b.txt"):
        write(tmp_path, name, "x")
    write(tmp_path, "a.txt", FA)
    write(tmp_path, "settings.json", '{"theme": "dark"}')
    with pytest.warns(UserWarning) as caught:
        assert len(read_documents(tmp_path)) == 1
    notes = "\n".join(str(warning.message) for warning in caught)
    assert "5 files of kinds that are not read (.pdf 2: save its text as .txt; " in notes and ".tar.gz 1" in notes
    assert "settings.json" in notes and "no article in it" in notes


@pytest.mark.parametrize(
    ("path", "source", "date"),
    [
        ("irna/2023-03-29_title.txt", "irna", "2023-03-29"),
        ("irna/۱۴۰۲-۰۱-۰۹.txt", "irna", "2023-03-29"),
        ("irna/14020109-x.txt", "irna", "2023-03-29"),
        ("خبر/2023/03/29/x.txt", "خبر", "2023-03-29"),
        ("1402/01/irna/x.txt", "irna", "1402-01"),
        ("fa/irna/5.txt", "irna", ""),
        ("Persian/irna/part2/12345678.txt", "irna", ""),
        ("2023/7.txt", "", ""),
        ("x.txt", "", ""),
        ("irna/20231345.txt", "irna", ""),
        ("irna/09-01-1402 x.txt", "irna", "2023-03-29"),
        ("irna/x_29.03.2023.txt", "irna", "2023-03-29"),
        ("irna/03-04-2023.txt", "irna", ""),  # March or April
        ("irna/2023/03/9.txt", "irna", "2023-03"),  # a number, perhaps no day
        ("irna/call-0912-2023-4567.txt", "irna", ""),
        ("irna-2023-03-29/x.txt", "irna", "2023-03-29"),
        ("irna_1402-01/x.txt", "irna", "1402-01"),
        ("ایرنا ۱۴۰۲-۰۱/x.txt", "ایرنا", "1402-01"),
        ("data/txt/irna/20230329103000.txt", "irna", "2023-03-29"),
        ("irna/29 مارس 2023.txt", "irna", "2023-03-29"),
        ("irna/۹ فروردین ۱۴۰۲ (2).txt", "irna", "2023-03-29"),
        ("radio-7/x.txt", "radio-7", ""),
    ],
)
def test_a_path_tells_outlet_and_date(tmp_path, path, source, date):
    write(tmp_path / "in", path, FA)
    row = read_documents(tmp_path / "in").iloc[0]
    assert row[["source", "date"]].tolist() == [source, date]


def test_metadata_join_by_path_id_or_file_name(tmp_path):
    for name in ("a/1.txt", "a/2.txt", "b/3.docx", "b/4.txt"):
        write(tmp_path / "in", name, word_file(AR) if name.endswith("docx") else FA + name)
    table = (
        "File Name,Date,Outlet,owner\n./a/1.txt,1402/01/09,x,state\na\\2.txt,,,private\n3.docx,2023-05-06,,\n9.txt,,,\n"
    )
    with pytest.warns(UserWarning) as caught:
        documents = read_documents(tmp_path / "in", metadata=write(tmp_path, "m.csv", table)).set_index("doc_id")
    assert documents["source"].to_dict() == {"a/1": "x", "a/2": "a", "b/3": "b", "b/4": "b"}
    assert documents["date"].tolist() == ["2023-03-29", "", "2023-05-06", ""]
    assert documents["owner"].tolist() == ["state", "private", "", ""]
    notes = "\n".join(str(warning.message) for warning in caught)
    assert "no row for 1 of 4 articles, such as '4'" in notes or "such as 'b/4'" in notes
    assert "1 of 4 rows of m.csv match no article" in notes


@pytest.mark.parametrize(
    ("paths", "keys"),
    [
        (["a/1", "b/1"], ["C:\\corpus\\a\\1.TXT", "/home/x/b/1.txt"]),  # paths on another machine
        (["0001", "0010"], ["1", "10"]),  # Excel removes the zeros
        (["Title", "خبرهای ایران"], ["title.txt", "خبرهاي ايران"]),
        (["01", "1"], ["01", "1.txt"]),
    ],
)
def test_metadata_joins_paths_in_other_forms(tmp_path, paths, keys):
    for path in paths:
        write(tmp_path / "in", f"{path}.txt", FA + path)
    table = "نام فایل,owner\n" + "".join(f"{key},{key}\n" for key in keys)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        documents = read_documents(tmp_path / "in", metadata=write(tmp_path, "m.csv", table)).set_index("doc_id")
    assert documents.loc[paths, "owner"].tolist() == keys


@pytest.mark.parametrize(("table", "words"), [("x\n1\n", "no column doc_id"), ("path\na\na\n", "'a' in two rows")])
def test_a_metadata_table_that_cannot_be_joined_raises(tmp_path, table, words):
    write(tmp_path / "in", "a.txt", FA)
    with pytest.raises(ValueError, match=words):
        read_documents(tmp_path / "in", metadata=write(tmp_path, "m.csv", table))


@pytest.mark.parametrize(
    "names",
    [
        ("maintext", "date_publish", "source_domain"),  # news-please
        ("text", "date", "source-hostname"),  # trafilatura
        ("Text", "publish_date", "media_name"),  # Media Cloud
        ("rawContent", "created_at", "username"),  # snscrape
        ("text", "timestamp", "domain"),  # data sets on Hugging Face
        ("post_content", "post_date", "publication"),
        ("متن خبر", "تاریخ انتشار", "نام رسانه"),
        ("متن‌خبر", "تاريخ‌انتشار", "خبرگزاري"),
        ("المحتوى", "تاريخ النشر", "اسم الصحيفة"),
        ("نص المقال", "التاريخ", "الوسيلة الإعلامية"),
        ("متن کامل خبر", "تاریخ و ساعت انتشار", "نام خبرگزاری"),
        ("شرح خبر", "زمان انتشار", "خبرگزاري"),
        ("تفاصيل الخبر", "تاريخ نشر الخبر", "اسم الوكالة"),
        ("story_text", "publish_date", "media_name"),
        ("Message", "Post Created", "Page Name"),  # CrowdTangle
        ("content_html", "date_published", "SourceCommonName"),
        ("tweet_text", "tweet created at", "Channel Title"),
    ],
)
def test_columns_of_other_programs_and_languages(names):
    frame = pd.DataFrame([[FA, "2023-03-29", "x", 1]], columns=[*names, "fingerprint"])
    if names[:2] != ("text", "date"):
        with pytest.warns(UserWarning, match=f"{names[1]} read as date.*not used: fingerprint"):
            row = to_documents(frame).iloc[0]
    else:
        row = to_documents(frame).iloc[0]
    assert row[["text", "date", "source"]].tolist() == [FA, "2023-03-29", "x"]


@pytest.mark.parametrize(
    ("names", "cells", "date"),
    [
        (("year", "month", "day"), (1402, 1, 9), "2023-03-29"),
        (("سال", "ماه", "روز"), ("۱۴۰۲", "فروردین", "۹"), "2023-03-29"),
        (("السنة", "الشهر"), (2023.0, 3.0), "2023-03"),
        (("Year", "Month", "date"), (2022, 1, "2023-03-29"), "2023-03-29"),
    ],
)
def test_a_date_in_columns_of_its_parts(names, cells, date):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert to_documents(pd.DataFrame([[FA, *cells]], columns=["text", *names]))["date"].tolist() == [date]


def test_a_second_alias_fills_empty_cells_and_missing_columns_are_reported():
    frame = pd.DataFrame(
        {"created_at": ["2023-01-02", None], "timestamp": [None, "2023-01-03"], "text": [FA, AR], "x": [1, 2]}
    )
    with pytest.warns(UserWarning, match="timestamp read as date; no source found; not used: x"):
        assert to_documents(frame)["date"].tolist() == ["2023-01-02", "2023-01-03"]


def test_plain_names_are_not_reported():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = to_documents(pd.DataFrame({"id": [1], "Text": [FA], "date": ["2023"], "source": ["x"], "owner": ["y"]}))
    assert frame.loc[0, ["doc_id", "text", "owner"]].tolist() == ["1", FA, "y"]


@pytest.mark.parametrize("missing", ["#REF!", "NA", "NaN", "nan", "NULL", "None", " null ", "#N/A", "<NA>"])
def test_words_for_missing_cells(missing):
    row = to_documents(
        pd.DataFrame([dict.fromkeys(("id", "title", "lang", "date", "source"), missing) | {"text": FA}])
    ).iloc[0]
    assert row[["title", "lang", "date", "source"]].tolist() == ["", "fa", "", ""]
    assert to_documents(pd.DataFrame({"text": [missing]}))["text"].tolist() == [missing]


@pytest.mark.parametrize(
    ("source", "other", "outlet"),
    [
        ("", {"url": "https://www.example.org/1"}, "example.org"),
        ("", {"url": "https://t.me/s/channel_7/12"}, "channel_7"),
        ("", {"url": "/news/12"}, ""),
        ("x", {"url": "https://www.example.org/1"}, "x"),
        ('<a href="https://app.example">App</a>', {"user": {"username": "a", "id": 1}, "media": [{"url": "x"}]}, "a"),
        ('<a href="https://app.example">App</a>', {"url": "https://x.com/agency/status/1"}, "agency"),
    ],
)
def test_the_outlet_of_rows_that_have_an_address_or_an_account(tmp_path, source, other, outlet):
    row = {"text": FA, "date": "2023", **({"source": source} if source else {}), **other}
    assert read_documents(write(tmp_path, "a.jsonl", dumps(row)))["source"].tolist() == [outlet]


def test_rows_with_too_few_cells_are_reported(tmp_path):
    with pytest.warns(UserWarning, match="a.csv: 1 row has fewer cells than the header, such as that on line 2: put"):
        read_documents(write(tmp_path, "a.csv", f"text,date\n{FA}\nand more,2023\n{AR},2023\n"))


def test_an_account_is_the_outlet_of_a_post_and_not_the_program_that_sent_it():
    client = '<a href="https://app.example.org" rel="nofollow">App for phones</a>'
    frame = pd.DataFrame({"text": [FA, AR], "source": client, "url": ["https://x.org/1", ""]})
    for account in ("a", {"username": "a", "id": 1}, {"screen_name": "a"}, {"name": "a", "screen_name": "b"}):
        with pytest.warns(UserWarning, match="no date found"):
            documents = to_documents(frame[["text"]].assign(user=[account] * 2, x=1))
        assert documents["source"].tolist() == ["a", "a"]
    assert to_documents(frame.assign(username="a"))["source"].tolist() == ["a", "a"]


def documents_with(dates, sources=None):
    frame = pd.DataFrame({"text": [f"{FA} {i}" for i in range(len(dates))], "date": dates})
    return to_documents(frame.assign(source=sources if sources is not None else "x"))["date"].tolist()


def test_the_column_decides_whether_the_month_comes_first():
    dates = pd.date_range("2023-01-01", "2023-12-31", freq="11D")
    for order in ("%m/%d/%Y", "%d/%m/%Y", "%m-%d-%y", "%d.%m.%y", "%m/%d/%Y %I:%M %p"):
        assert documents_with([date.strftime(order) for date in dates]) == dates.strftime("%Y-%m-%d").tolist()


def test_each_outlet_has_its_own_order():
    dates = ["1/3/2023", "2/24/2023", "3/1/2023", "24/2/2023", "5/4/2023"]
    assert documents_with(dates, ["us", "us", "eu", "eu", "us"])[::2] == ["2023-01-03", "2023-01-03", "2023-05-04"]


def test_an_order_that_nothing_decides_is_reported():
    with pytest.warns(UserWarning, match="2 dates may .* the month first.*'3/4/2023' was read as 2023-04-03"):
        assert documents_with(["3/4/2023", "5/6/2023", "7/7/2023"])[0] == "2023-04-03"


def test_unread_dates_are_counted_with_an_example():
    with pytest.warns(UserWarning, match="2 of 3 dates could not be read, such as '1970-01-01'"):
        assert documents_with(["1970-01-01", "1970-01-01", "2023-01-01"]) == ["", "", "2023-01-01"]
    with pytest.warns(UserWarning, match="2 of 3 dates could not be read, such as 'دیروز'"):
        documents_with(["دیروز", "دیروز", "2023", ""])


@pytest.mark.parametrize("cell", ["29 mars 2023", "2023/29/03", "۲۹ مرس ۲۰۲۳"])
def test_dates_that_keep_the_year_alone_are_reported(cell):
    with pytest.warns(
        UserWarning, match=f"1 date has a month or day that could not be read: '{cell}' was read as 2023"
    ):
        assert documents_with([cell, "2023", "بهار 1402"]) == ["2023", "2023", "1402"]


def test_inspect_reports_what_was_found(tmp_path):
    write(tmp_path, "in/a.pdf", "x")
    write(tmp_path, "in/irna/2023-03-29.txt", FA)
    rows = [{"body": AR, "created_at": "دیروز", "x": 1}, {"body": "", "created_at": "2023-04-01", "x": 1}]
    write(tmp_path, "in/b.jsonl", "\n".join(map(dumps, rows)))
    write(tmp_path, "in/c.docx", "x")
    report = inspect(tmp_path / "in")
    lines = str(report).splitlines()
    assert not any(line.startswith("columns: ") and " 0%" in line for line in lines)
    assert "files: .jsonl 1, .docx 1, .txt 1" in lines
    assert "articles: 4 found, 2 used" in lines
    assert "left out: empty 1; unreadable 1" in lines or "left out: unreadable 1; empty 1" in lines
    assert "months: 2023-03 1; unknown 1" in lines or "months: unknown 1; 2023-03 1" in lines
    assert any(line.startswith("note: ") and ".pdf 1" in line for line in lines)
    assert any("created_at read as date" in line and "not used: x" in line for line in lines)
    assert any("1 of 3 dates could not be read" in line for line in lines)
    assert any(line.startswith("note: unreadable: ") and "c.docx" in line for line in lines)
    assert any(line.startswith("کارگران") for line in lines) and any(line.startswith("قال") for line in lines)
