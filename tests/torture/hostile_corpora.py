"""Malformed, extreme and hostile corpora, written to a folder as files.

`CORPORA` maps names to corpora; `ends` is the expected outcome: "run", "line" (one error line, status 2), or "either".
Each is bad in a different way.
"""

from __future__ import annotations

import datetime
import decimal
import gzip
import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

FA = (
    "مذاکرات هسته‌ای در وین با حضور نمایندگان ایران و اروپا از سر گرفته شد",
    "تیم ملی فوتبال در دیدار پایانی جام ملت‌ها پیروز شد و هواداران جشن گرفتند",
    "بانک مرکزی نرخ ارز و بهای طلا را در بازار تهران اعلام کرد",
    "زمین‌لرزه‌ای در استان کرمان خانه‌های روستایی را ویران کرد",
)
AR = (
    "استؤنفت في فيينا المفاوضات النووية بمشاركة ممثلين عن إيران وأوروبا",
    "فاز المنتخب الوطني لكرة القدم في المباراة النهائية وأحرز الكأس",
    "أعلن البنك المركزي سعر صرف العملة وثمن الذهب في الأسواق",
    "ضرب زلزال عنيف محافظة جنوبية ودمر منازل القرويين",
)
EN = "The delegations resumed the talks in Vienna on Tuesday and spoke of progress."


def sentence(n: int, lang: str = "") -> str:
    """Return the n-th of arbitrarily many different sentences, alternating between Persian and Arabic."""
    bank = {"fa": FA, "ar": AR}.get(lang) or (FA, AR)[n % 2]
    letters = "بتجحدرسشصطعفقکلمنه"
    name = "".join(letters[(n // 18**i + 5 * i) % 18] for i in range(3))
    return f"{bank[n // 2 % 4]}، {name}."


HOSTILE = {
    "NUL": "متن\0 این است و\0\0 آن" + FA[0],
    "lone surrogates": f"\ud800{FA[1]} \udfff این است \udc80",
    "override": f"\u202e{FA[2]}\u202c \u2066abc\u2069",
    "10,000 marks on one letter": f"{FA[0]} ا" + "\u0651\u064e\u0655\u0301" * 2_500,
    "zero-width flood": ("\u200b\u200c\u200d\ufeff\u2060" * 2_000).join(FA[3].split()),
    "formula": f'=HYPERLINK("http://x.invalid","{AR[0]}")',
    "script": f"<script>alert(1)</script><img src=x onerror=alert(1)> {AR[1]}",
    "quotes and line ends": f'"{FA[0]}""\r\n\t,;|\'\u2028\u2029\x85\x0b\x0c {AR[2]}',
    "backslashes": "\\u0000 \\x00 \\N{BULLET} %s {0} {} $HOME `id` ../../etc/passwd " + FA[1],
    "emoji": "🙂🏽‍♀️👨‍👩‍👧‍👦" * 300 + FA[2],
    "private use": "\ue000\uf8ff\U0010ffff\ufffe\uffff" * 100 + AR[3],
    "presentation forms": "ﻢﻌﻠﻣ ﷺ ﷽ ﻻ ﮎﮏﯾ " * 50 + FA[3],
    "one endless word": "ا" * 30_000,
    "digits": "۱۲۳ ٤٥٦ 789 " * 500,
    "signs": "!؟،؛.…-–—*•" * 500,
    "spaces": " \u00a0\u2003\u3000\t" * 5_000,
    "markup without end": "<div " * 5_000 + AR[0],
    "mojibake": FA[0].encode().decode("latin-1"),
    "cp1256 read as UTF-8": AR[0].encode("cp1256").decode("utf-8", "replace"),
    "cp1256 read as cp1252": AR[0].encode("cp1256").decode("cp1252"),
    "Hebrew and Chinese": "שלום עולם 北京会谈重新开始 " * 20,
}


@dataclass(frozen=True)
class Corpus:
    """How to write a corpus to a folder (returns the arguments of `fit`, or None for ["in"]), and the expected outcome."""

    write: Callable[[Path], list[str] | None]
    ends: str = "run"
    articles: int | None = None
    words: str = ""


CORPORA: dict[str, Corpus] = {}


def corpus(name: str, ends: str = "run", articles: int | None = None, words: str = "") -> Callable:
    def keep(write: Callable[[Path], list[str] | None]) -> Callable[[Path], list[str] | None]:
        assert name not in CORPORA, name
        CORPORA[name] = Corpus(write, ends, articles, words)
        return write

    return keep


def rows_of(texts: list[Any], **columns: list[Any]) -> list[dict[str, Any]]:
    names = ("text", *columns)
    return [dict(zip(names, values, strict=True)) for values in zip(texts, *columns.values(), strict=True)]


def jsonl(at: Path, rows: list[dict[str, Any]], name: str = "a.jsonl") -> None:
    at = at / "in"
    at.mkdir(exist_ok=True)
    (at / name).write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")


def frame(at: Path, columns: Any, name: str = "a.parquet") -> None:
    (at / "in").mkdir(exist_ok=True)
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    pq.write_table(table, at / "in" / name)


def raw(at: Path, data: bytes | str, name: str = "a.txt") -> None:
    (at / "in").mkdir(exist_ok=True)
    (at / "in" / name).write_bytes(data.encode() if isinstance(data, str) else data)


def _every_number_of_passages() -> None:
    for n in range(21):
        CORPORA[f"{n} articles"] = Corpus(
            lambda at, n=n: jsonl(at, rows_of([sentence(i) for i in range(n)])), "run" if n else "line", n
        )
    for lang in ("fa", "ar"):
        for n in (1, 3, 17):
            CORPORA[f"{n} articles in {lang} alone"] = Corpus(
                lambda at, n=n, lang=lang: jsonl(at, rows_of([sentence(i, lang) for i in range(n)])), "run", n
            )


def _hostile_strings_everywhere() -> None:
    def write(at: Path, column: str, value: str) -> None:
        rows = rows_of([sentence(i) for i in range(5)])
        for row in rows[:3]:
            row[column] = value
        jsonl(at, rows)

    for kind, value in HOSTILE.items():
        for column in ("text", "title", "id", "source", "date", "url", "owner"):
            CORPORA[f"{kind} in {column}"] = Corpus(
                lambda at, column=column, value=value: write(at, column, value), "run", 5
            )
        CORPORA[f"nothing but {kind}"] = Corpus(
            lambda at, value=value: raw(at, value.encode("utf-8", "surrogatepass")), "either", 1
        )
        CORPORA[f"a column named {kind}"] = Corpus(
            lambda at, value=value: jsonl(
                at, rows_of([sentence(i) for i in range(3)], **{value[:3000]: [1, "x", None]})
            ),
            "run",
            3,
        )


_every_number_of_passages()
_hostile_strings_everywhere()


@corpus("three languages", articles=9)
def _(at):
    jsonl(at, rows_of([EN if i % 3 == 2 else sentence(i) for i in range(9)]))


@corpus("one language that is neither", "line", words="no Persian or Arabic passage")
def _(at):
    jsonl(at, rows_of([f"{EN} {i}" for i in range(5)]))


@corpus("all duplicates", articles=200)
def _(at):
    jsonl(at, rows_of([sentence(0)] * 200))


@corpus("all the same in 100 outlets", articles=100)
def _(at):
    jsonl(at, rows_of([sentence(0)] * 100, source=[f"s{i}" for i in range(100)]))


@corpus("all empty", "line", words="empty")
def _(at):
    jsonl(at, rows_of(["", " ", None, "\n", "\u200c"]))


@corpus("one word each", articles=30)
def _(at):
    jsonl(at, rows_of((" ".join(FA + AR)).split()[:30]))


@corpus("one letter each", "either")
def _(at):
    jsonl(at, rows_of(list("ابتثجحخدذرزسشصضطظعغفقکلمنوهی")))


@corpus("stop words alone", "line", words="no word in")
def _(at):
    jsonl(at, rows_of(["این است که بود.", "هذا هو الذي كان."]))


@corpus("70 different passages of one word", "line", words="only one word")
def _(at):
    jsonl(at, rows_of([f"توافق {i}" for i in range(70)]))


@corpus("no dates and no sources", articles=4)
def _(at):
    jsonl(at, rows_of([sentence(i) for i in range(4)], date=[None] * 4, source=[None] * 4))


@corpus("absurd dates", articles=14)
def _(at):
    dates = ["9999-99-99", "0000-00-00", "-1", "1e400", "13/13/13", "٠٠/٠٠/٠٠٠٠", "1402-13-40", "2023-02-30", "31", 0]
    dates += [10**30, -5.5, True, "9" * 5000]
    jsonl(at, rows_of([sentence(i) for i in range(14)], date=dates, source=["a", "b"] * 7))


@corpus("dates before Christ and after the sun", articles=3)
def _(at):
    frame(at, {"text": [sentence(i) for i in range(3)], "date": pa.array([-(2**62), 2**62, None], pa.timestamp("us"))})


@corpus("no text column", "line", words="no text column")
def _(at):
    jsonl(at, [{"headline": "x", "id": 1}])


@corpus("columns in capitals and with spaces", articles=2)
def _(at):
    jsonl(at, [{" Text ": sentence(0), "DATE": "2020-01-01"}, {" Text ": sentence(1)}])


@corpus("Text, TEXT and text at once", articles=2)
def _(at):
    jsonl(at, [{"Text": "x", "TEXT": 3, "text": sentence(i), "Id": 5, "ID": 6, "DATE": 1, "Date": 2} for i in range(2)])


@corpus("text, body and content at once", articles=2)
def _(at):
    jsonl(at, [{"text": sentence(i), "body": "x", "content": 3, "title": "ت", "headline": "z"} for i in range(2)])


@corpus("columns with the names of topiclib's own", articles=4)
def _(at):
    reserved = dict.fromkeys(
        ("topic", "passage_id", "modeled", "kind", "share", "n", "level", "index", "level_0", "key"), "x"
    )
    jsonl(at, [{"text": sentence(i), "dropped": ["", "mine", None, 5][i], **reserved} for i in range(4)])


@corpus("2,000 columns", articles=2)
def _(at):
    jsonl(at, [{"text": sentence(i), **{f"c{n}": n for n in range(2000)}} for i in range(2)])


@corpus("rows of different columns", articles=4)
def _(at):
    jsonl(at, [{"text": sentence(0)}, {"body": sentence(1)}, {"text": sentence(2), "x": 1}, {}])


@corpus("mixed dtypes", articles=8)
def _(at):
    cells = [sentence(0), 5, 1.5, True, None, ["a", {"b": [1]}], {"c": None}, 10**400]
    jsonl(at, rows_of(cells, id=cells, title=cells, source=cells, date=cells, url=cells, lang=cells, x=cells))


@corpus("NaN and infinities", articles=4)
def _(at):
    raw(at, "\n".join(f'{{"text": {json.dumps(sentence(i))}, "id": {v}, "w": {v}}}' for i, v in
        enumerate(("NaN", "Infinity", "-Infinity", "null"))), "a.jsonl")  # fmt: skip


@corpus("duplicate ids", articles=12)
def _(at):
    ids = ["a", "a", "a~2", "a", "a~2", "", "row-7", None, " a ", "a\u200c", "a\0", "A"]
    jsonl(at, rows_of([sentence(i) for i in range(12)], id=ids))


@corpus("ids that are paths, marks and separators", articles=8)
def _(at):
    ids = ["../../x", "/etc/passwd", "\u200f\u202ex", "a#0", "a#1", "a", "C:\\x", "x" * 5000]
    jsonl(at, rows_of([sentence(i) for i in range(8)], id=ids))


@corpus("ids that meet in passage ids", articles=3)
def _(at):
    jsonl(at, rows_of([sentence(0), sentence(1), sentence(2)], id=["a", "a#0", "a#0#0"], title=["t", "t", "t"]))


@corpus("10,000 articles with one id", "run", articles=10_000)
def _(at):
    jsonl(at, rows_of([sentence(0)] * 10_000, id=["x"] * 10_000))


@corpus("200 outlets of one article", articles=40)
def _(at):
    jsonl(at, rows_of([sentence(i) for i in range(40)], source=[f"s{i}" for i in range(40)]))


@corpus("an article of 2,000 paragraphs of one word", "line", words="only one word")
def _(at):
    raw(at, "\n\n".join(f"توافق{i % 7}" for i in range(2000)))


@corpus("an article that repeats one sentence 3,000 times", articles=1)
def _(at):
    raw(at, (sentence(0) + "\n") * 3000)


# Encodings and bytes.
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256", "utf-32")
for _encoding in ENCODINGS:
    for _name in ("a.txt", "a.csv", "a.jsonl"):
        _text = {
            "a.txt": sentence(0) + "\n" + sentence(2),
            "a.csv": f'id,text\n1,"{sentence(0)}"\n2,"{sentence(2)}"\n',
            "a.jsonl": json.dumps({"text": sentence(0)}, ensure_ascii=False) + "\n",
        }[_name]
        CORPORA[f"{_name} in {_encoding}"] = Corpus(
            lambda at, data=_text.replace("‌", " ").replace("ی", "ي").encode(_encoding, "replace"), name=_name: raw(at, data, name),
            "either" if _encoding in ("utf-32", "cp1256") else "run",
        )  # fmt: skip

BYTES = {
    "random": np.random.default_rng(0).bytes(5000),
    "all NUL": b"\0" * 5000,
    "a PNG": b"\x89PNG\r\n\x1a\n" + np.random.default_rng(1).bytes(2000),
    "gzip": b"\x1f\x8b\x08\0" + np.random.default_rng(2).bytes(2000),
    "UTF-8 cut in a letter": FA[0].encode()[:-1],
    "UTF-8 with one wrong byte": FA[0].encode() * 20 + b"\xff" + FA[1].encode() * 20,
    "UTF-16 of odd length": FA[0].encode("utf-16") + b"x",
    "only a mark": b"\xef\xbb\xbf",
    "only a mark of UTF-16": b"\xff\xfe",
    "empty": b"",
    "CESU surrogates": b"\xed\xa0\x80\xed\xb0\x80" + FA[0].encode(),
    "overlong": b"\xc0\x80\xe0\x80\x80" + FA[0].encode(),
}
for _kind, _data in BYTES.items():
    for _name in ("a.txt", "a.csv", "a.jsonl", "a.parquet"):
        CORPORA[f"{_name} of {_kind}"] = Corpus(lambda at, data=_data, name=_name: raw(at, data, name), "either")


# Malformed tables.
CSV = {
    "ragged": (f"text,x\n{sentence(0)},1,2,3\n{sentence(1)}\n", "line"),
    "a quote without end": (f'text\n"{sentence(0)}\n', "line"),
    "the same column twice": (f"text,text,id,id\n{sentence(0)},b,1,2\n", "run"),
    "no header": (f"{sentence(0)}\n{sentence(1)}\n", "line"),
    "a header alone": ("text,id\n", "line"),
    "semicolons": (f"id;text\n1;{FA[0]}\n", "run"),
    "a cell of 1 MB": ("text\n" + FA[0] * 8000 + "\n", "run"),
    "NA and null as words": (f"text,source\n{FA[0]},NA\nnull,null\n{AR[0]},\n", "run"),
    "an empty name of a column": (f"text,,\n{FA[0]},1,2\n", "run"),
    "blank lines": (f"\n\ntext\n\n\n{FA[0]}\n\n\n{AR[0]}\n\n", "run"),
    "old Mac line ends": (f"text,id\r{FA[0]},1\r{AR[0]},2\r", "run"),
    "separators at the end of every line": (f"text,id,\n{FA[0]},1,\n{AR[0]},2,\n", "run"),
    "separators after the cells alone": (f"text,id\n{FA[0]},1,\n{AR[0]},2,\n", "run"),
    "formulas": (f"text,title,source\n{FA[0]},=1+1,@x\n{AR[0]},-2+3,+4\n", "run"),
    "NUL in it": (f"text\n{FA[0]}\0{FA[1]}\n", "either"),
    "ids with zeros before": (f"id,text\n007,{FA[0]}\n7,{AR[0]}\n", "run"),
}
for _kind, (_text, _ends) in CSV.items():
    CORPORA[f"csv with {_kind}"] = Corpus(lambda at, text=_text: raw(at, text, "a.csv"), _ends)

LINES = {
    "not JSON": ("not json\n", "line"),
    "an array": ("[1]\n", "line"),
    "a number": ("5\n", "line"),
    "depth 100,000": ('{"text": ' + "[" * 100_000 + "]" * 100_000 + "}\n", "line"),
    "depth 900": ('{"text": ' + "[" * 900 + "]" * 900 + "}\n", "either"),
    "a number of 10,000 digits": ('{"text": "' + FA[0] + '", "n": ' + "9" * 10_000 + "}\n", "either"),
    "the same key twice": ('{"text": "a", "text": "' + FA[0] + '"}\n', "run"),
    "Windows line ends": ('{"text": "' + FA[0] + '"}\r\n\r\n{"text": "' + AR[0] + '"}\r\n', "run"),
    "U+2028 in a string": ('{"text": "' + FA[0] + "\u2028" + FA[1] + '"}\n', "run"),
    "an empty key": ('{"text": "' + FA[0] + '", "": 1, " ": 2}\n', "run"),
    "one array over many lines": ('[\n{"text": "' + FA[0] + '"},\n{"text": "b"}\n]\n', "line"),
    "a truncated last line": ('{"text": "' + FA[0] + '"}\n{"text": "' + AR[0], "line"),
}
for _kind, (_text, _ends) in LINES.items():
    CORPORA[f"jsonl with {_kind}"] = Corpus(lambda at, text=_text: raw(at, text, "a.jsonl"), _ends)

_T = [sentence(i) for i in range(3)]
COLUMNS: dict[str, Any] = {
    "text as binary": {"text": pa.array([t.encode() for t in _T])},
    "text as a dictionary": {"text": pa.array(_T).dictionary_encode()},
    "the same name twice": pa.Table.from_arrays([pa.array(_T)] * 3, names=["text", "text", "x"]),
    "text as numbers": {"text": pa.array([1, 2, 3])},
    "text as lists": {"text": pa.array([[t] for t in _T])},
    "text as null": {"text": pa.nulls(3)},
    "structs": {"text": _T, "x": pa.array([{"a": 1}, None, {"a": [2]["".__len__()]}])},
    "maps": {"text": _T, "x": pa.array([[("k", 1)]] * 3, pa.map_(pa.string(), pa.int64()))},
    "decimals": {"text": _T, "x": pa.array([decimal.Decimal("1.10")] * 3)},
    "dates": {"text": _T, "date": pa.array([datetime.date(2020, 1, 1), None, datetime.date(1, 1, 1)])},
    "times with a zone": {"text": _T, "date": pa.array([0, 1, None], pa.timestamp("ns", "Asia/Tehran"))},
    "durations and times": {"text": _T, "date": pa.array([1, 2, 3], pa.duration("s")), "t": pa.array([1, 2, 3], pa.time32("s"))},
    "booleans as ids": {"text": _T, "id": pa.array([True, False, None])},
    "large strings and views": {"text": pa.array(_T, pa.large_string()), "v": pa.array(_T, pa.string_view())},
    "floats as ids": {"text": _T, "id": pa.array([1.0, 1e300, float("nan")])},
    "unsigned 64 bits": {"text": _T, "id": pa.array([2**64 - 1, 0, 1], pa.uint64())},
    "no row": {"text": pa.array([], pa.string())},
}  # fmt: skip
for _kind, _columns in COLUMNS.items():
    CORPORA[f"parquet with {_kind}"] = Corpus(
        lambda at, columns=_columns: frame(at, columns), "line" if _kind in ("text as null", "no row") else "either"
    )


@corpus("parquet with an index of ids", articles=3)
def _(at):
    (at / "in").mkdir()
    pd.DataFrame({"text": _T}, index=pd.Index(["a", "b", "c"], name="id")).to_parquet(at / "in" / "a.parquet")


@corpus("parquet that says a wrong thing of itself to pandas", "either")
def _(at):
    metadata = {"index_columns": ["nowhere", {"kind": "range", "start": 0, "stop": 10**15, "step": 1}], "columns": [
        {"name": "text", "field_name": "text", "pandas_type": "categorical", "numpy_type": "os.system", "metadata": {"num_categories": 10**12}}],
        "column_indexes": [{"name": None, "pandas_type": "__import__('os')", "numpy_type": "evil"}], "pandas_version": "1"}  # fmt: skip
    frame(at, pa.table({"text": _T}).replace_schema_metadata({"pandas": json.dumps(metadata)}))


@corpus("parquet of an extension type", "either")
def _(at):
    field = pa.field("text", pa.string(), metadata={"ARROW:extension:name": "arrow.py_extension_type",
        "ARROW:extension:metadata": "cos\nsystem\n(S'touch pickled'\ntR."})  # fmt: skip
    frame(at, pa.Table.from_arrays([pa.array(_T)], schema=pa.schema([field])))


@corpus("parquet bomb: 500 million rows in some kB", "line", words="rows")
def _(at):
    (at / "in").mkdir()
    chunk = pa.table({"text": pa.array(["x"]).dictionary_encode().take(pa.array(np.zeros(10_000_000, np.int32)))})
    with pq.ParquetWriter(at / "in" / "a.parquet", chunk.schema, compression="zstd") as writer:
        for _ in range(50):
            writer.write_table(chunk, row_group_size=10_000_000)


@corpus("parquet bomb: one text of 1 MB two thousand times", "line", words="unpacks")
def _(at):
    (at / "in").mkdir()
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(2_000, np.int32)), pa.array([FA[0] * 8000]))
    pq.write_table(pa.table({"text": text}), at / "in" / "a.parquet", compression="zstd")


@corpus("parquet bomb: one text of 100 kB a hundred thousand times", "line", words="unpacks")
def _(at):
    (at / "in").mkdir()
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(100_000, np.int32)), pa.array([FA[0] * 800]))
    pq.write_table(pa.table({"text": text}), at / "in" / "a.parquet")


@corpus("jsonl of 20,000 lines with a column each", "line", words="nearly all cells empty")
def _(at):
    jsonl(at, [{"text": sentence(i), f"k{i}": 1} for i in range(20_000)])


@corpus("parquet of a thousand columns with nothing in them", "line", words="unpacks")
def _(at):
    frame(at, {"text": [FA[0]] * 100_000, **{f"k{i}": pa.nulls(100_000) for i in range(1_000)}})


@corpus("an id that is a book, of an article of 300 passages", articles=1)
def _(at):
    jsonl(at, [{"id": "x" * 500_000, "text": "\n".join(sentence(i, "fa") * 4 for i in range(300))}])


@corpus("a title of 100 kB", articles=2)
def _(at):
    jsonl(at, rows_of([sentence(0), sentence(1)], title=[" ".join(sentence(i) for i in range(700)), ""]))


@corpus("2,000 lines that differ in a number", articles=2000)
def _(at):
    jsonl(at, rows_of([f"{FA[2]} عدد{i} رقم{i} بها{i}" for i in range(2_000)]))


# Packed files, Office files and JSON.
def packed(*parts: tuple[str, bytes | str], of: bytes = b"") -> bytes:
    """Return a zip file with the parts of another and new ones."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        if of:
            with zipfile.ZipFile(io.BytesIO(of)) as old:
                for part in old.infolist():
                    if part.filename not in dict(parts):
                        out.writestr(part.filename, old.read(part))
        for name, data in parts:
            out.writestr(name, data)
    return stream.getvalue()


def workbook(rows: list[list[Any]]) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def word_file(*paragraphs: str) -> bytes:
    document, stream = docx.Document(), io.BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(stream)
    return stream.getvalue()


def _laughs(root: str) -> str:
    lines = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{lines}]><{root}>&l9;</{root}>'


SHEET = "xl/worksheets/sheet1.xml"
SHEET_XML = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
XLSX = workbook([["text", "id"], [sentence(0), "=1+1"], [sentence(1), "@x"]])
DOCX = word_file(sentence(0), sentence(1))
FURTHER: dict[str, tuple[str, Callable[[], bytes | str], str, str]] = {
    "xlsx with entities that multiply": ("a.xlsx", lambda: packed(("xl/sharedStrings.xml", _laughs("sst")), of=XLSX), "line", "document type"),
    "xlsx with an entity from outside": ("a.xlsx", lambda: packed((SHEET, OUTSIDE), of=XLSX), "line", "document type"),
    "xlsx with macros": ("a.xlsx", lambda: packed(("xl/vbaProject.bin", "x"), of=XLSX), "line", "macros"),
    "xlsm": ("a.xlsm", lambda: XLSX, "line", ".xlsm 1"),
    "xlsx bomb": ("a.xlsx", lambda: packed((SHEET, SHEET_XML.format(" " * 200_000_000)), of=XLSX), "line", "unpacks"),
    "xlsx with one cell in the last corner": ("a.xlsx", lambda: packed((SHEET, SHEET_XML.format('<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>text</t></is></c></row>')), of=XLSX), "line", ""),
    "xlsx with a wrong dimension": ("a.xlsx", lambda: packed((SHEET, SHEET_XML.format('<row r="1"><c r="A1" t="inlineStr"><is><t>text</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>' + FA[0] + "</t></is></c></row>").replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')), of=XLSX), "either", ""),
    "xlsx without parts": ("a.xlsx", lambda: packed(("x", "y")), "line", "cannot be read as xlsx"),
    "xlsx cut in the middle": ("a.xlsx", lambda: XLSX[: len(XLSX) // 2], "line", "cannot be read as xlsx"),
    "xlsx of wrong bytes": ("a.xlsx", lambda: XLSX[:300] + b"\xff" * 300 + XLSX[600:], "either", ""),
    "xlsx with formulas as ids": ("a.xlsx", lambda: XLSX, "run", ""),
    "docx": ("a.docx", lambda: DOCX, "run", ""),
    "docx with entities that multiply": ("a.docx", lambda: packed(("word/document.xml", _laughs("x")), of=DOCX), "line", "document type"),
    "docx with an entity from outside": ("a.docx", lambda: packed(("word/document.xml", OUTSIDE), of=DOCX), "line", "document type"),
    "docx with macros": ("a.docx", lambda: packed(("word/vbaProject.bin", "x"), of=DOCX), "line", "macros"),
    "docm": ("a.docm", lambda: DOCX, "line", ".docm 1"),
    "docx bomb": ("a.docx", lambda: packed(("word/media/x.xml", " " * 200_000_000), of=DOCX), "line", "unpacks"),
    "docx that is a workbook": ("a.docx", lambda: XLSX, "line", "cannot be read as docx"),
    "docx 5,000 deep": ("a.docx", lambda: packed(("word/document.xml", "<a>" * 5000 + "</a>" * 5000), of=DOCX), "line", "cannot be read"),
    "gz bomb": ("a.jsonl.gz", lambda: gzip.compress(b"\n" * 700_000_000, 9), "line", "unpacks"),
    "gz bomb of one article": ("a.txt.gz", lambda: gzip.compress(FA[0].encode() * 1_500_000, 9), "line", "unpacks"),
    "gz cut in the middle": ("a.txt.gz", lambda: gzip.compress(FA[0].encode() * 50)[:-12], "line", "complete"),
    "gz in gz": ("a.txt.gz", lambda: gzip.compress(gzip.compress(FA[0].encode() * 50)), "line", "not text"),
    "gz of wrong bytes": ("a.csv.gz", lambda: b"\x1f\x8b\x08\0" + b"\xff" * 99, "line", "complete"),
    "json 100,000 deep": ("a.json", lambda: "[" * 100_000 + "]" * 100_000, "line", "not JSON"),
    "json with a text 900 deep": ("a.json", lambda: '[{"text": ' + "[" * 900 + "]" * 900 + "}]", "either", ""),
    "json of objects 900 deep": ("a.json", lambda: '{"a": ' * 900 + '{"text": "x"}' + "}" * 900, "line", "no article"),
    "json of settings": ("a.json", lambda: '{"text": 5, "x": null}', "either", ""),
    "json of numbers": ("a.json", lambda: "[1, 2, 3]", "line", "no article"),
    "json with a column per row": ("a.json", lambda: json.dumps([{"text": sentence(i), f"k{i}": 1} for i in range(5_000)]), "line", "nearly all cells empty"),
    "json with mixed rows": ("a.json", lambda: json.dumps([{"text": sentence(0)}, 5, None, [1], {"text": [{"type": "x", "text": sentence(1)}, 7]}]), "either", ""),
    "tsv with a stray quote": ("a.tsv", lambda: f'id\ttext\n1\t"{FA[0]}\n2\t{AR[0]}\n', "run", ""),
    "csv with text after a quote": ("a.csv", lambda: f'text,id\n"{FA[0]}" x,1\n{AR[0]},2\n', "line", "quotation mark"),
}  # fmt: skip
for _kind, (_name, _make, _ends, _words) in FURTHER.items():
    CORPORA[_kind] = Corpus(lambda at, make=_make, name=_name: raw(at, make(), name), _ends, None, _words)


# Files and folders.
@corpus("a text with a hole of 5 GB in it", "line", words="one article")
def _(at):
    raw(at, FA[0])
    os.truncate(at / "in" / "a.txt", 5_000_000_000)


@corpus("a loop of links", articles=1)
def _(at):
    raw(at, FA[0])
    (at / "in" / "loop").symlink_to(at / "in", target_is_directory=True)
    (at / "in" / "round.txt").symlink_to("round.txt")
    (at / "in" / "gone.txt").symlink_to("nowhere.txt")


@corpus("only a link that goes round", "line", words="no .txt")
def _(at):
    (at / "in").mkdir()
    (at / "in" / "round.txt").symlink_to("round.txt")


@corpus("the corpus itself is a link that goes round", "line")
def _(at):
    (at / "in").symlink_to("in")


@corpus("a pipe named as a text", articles=1)
def _(at):
    raw(at, FA[0])
    os.mkfifo(at / "in" / "pipe.txt")


@corpus("a folder named as a text", articles=1)
def _(at):
    (at / "in" / "b.txt").mkdir(parents=True)
    raw(at, FA[0])


@corpus("a device", "line")
def _(at):
    return ["/dev/zero"]


@corpus("a name that is no UTF-8", articles=2)
def _(at):
    raw(at, FA[0])
    Path(os.fsdecode(os.fsencode(at / "in") + b"/\xff\xfe\xd9.txt")).write_text(AR[0], encoding="utf-8")


@corpus("a bad file whose name is no UTF-8", "line")
def _(at):
    (at / "in").mkdir()
    Path(os.fsdecode(os.fsencode(at / "in") + b"/\xff\xfe\xd9.txt")).write_bytes(b"\0\x01\x02\x03")


@corpus("names with line ends, marks and quotes", articles=4)
def _(at):
    for i, name in enumerate(("a\nb.txt", "\u202ecod.txt", "a'\";--.txt", "x" * 250 + ".txt")):
        raw(at, sentence(i), name)


@corpus("a bad file whose name holds a line end and an override", "line")
def _(at):
    raw(at, b"\0\x01\x02\x03", "a\n\u202eb\x1b[31m.txt")


@corpus("names that meet without their endings", articles=4)
def _(at):
    for i, name in enumerate(("a.txt", "a.TXT", "a.b.txt", "a~2.txt")):
        raw(at, sentence(i), name)


@corpus("one bad file among good ones, skipped", articles=4)
def _(at):
    for i in range(3):
        raw(at, sentence(i), f"{i}.txt")
    raw(at, b"\0\x01\x02", "bad.txt")
    return ["in", "--skip-bad"]


@corpus("nothing but bad files, skipped", "line", words="none of the")
def _(at):
    raw(at, b"\0\x01\x02", "bad.txt")
    raw(at, b"PAR1", "bad.parquet")
    return ["in", "--skip-bad"]


@corpus("a depth of 60 folders", articles=1)
def _(at):
    deep = at / "in" / "/".join("abcdef" * 10)
    deep.mkdir(parents=True)
    (deep / "a.txt").write_text(FA[0], encoding="utf-8")


@corpus("the same folder twice", articles=2)
def _(at):
    raw(at, FA[0])
    return ["in", "in"]


@corpus("the run folder inside the corpus", articles=1)
def _(at):
    raw(at, FA[0])
    return ["in", "--out", "in/run"]


@corpus("a web page that is no page", "line")
def _(at):
    raw(at, b"<html" * 1000, "a.html")


@corpus("a web page 5,000 deep", "either")
def _(at):
    raw(at, "<html><body>" + "<div>" * 5000 + "<p>" + (FA[0] + ". ") * 10 + "</p>", "a.html")


# The other files.
def with_themes(text: str | bytes) -> Callable[[Path], list[str]]:
    def write(at: Path) -> list[str]:
        jsonl(at, rows_of([sentence(i) for i in range(4)]))
        (at / "themes.toml").write_bytes(text.encode() if isinstance(text, str) else text)
        return ["in", "--themes", "themes.toml"]

    return write


def theme(term: str) -> str:
    return f'[x]\nlabel = {{ en = "x" }}\nfa.core = [{json.dumps(term, ensure_ascii=False)}]\n'


THEMES: dict[str, tuple[str | bytes, str]] = {
    "a pattern that backtracks": (theme("(a+)+$"), "line"),
    "a pattern that backtracks, in Persian": (theme("(ا|ا)*ب"), "line"),
    "a term of 50,000 letters": (theme("ا" * 50_000), "line"),
    "a term of 80 times one letter and a space": (theme("ا " * 40), "either"),
    "a term of half-spaces": (theme("\u200c" * 20), "line"),
    "a term of marks": (theme("\u064e" * 20), "line"),
    "a term with an override": (theme("\u202eایران"), "either"),
    "half-spaces between all letters": (theme("\u200c".join("ابتثجحخدذرزسشصضطظعغفق")), "either"),
    "no theme": ("", "line"),
    "not TOML": ("[x", "line"),
    "bytes": (b"\xff\xfe\0", "line"),
    "a depth of 5,000": ("x = " + "[" * 5000 + "]" * 5000, "line"),
    "a theme named with signs": ('["\u202e<script>/../x"]\nlabel = { en = "<b>x</b>" }\nfa.core = ["ایران"]\n', "run"),
    "2,000 themes": ("".join(f'[t{i}]\nlabel = {{en = "t"}}\nfa.core = ["واژه{"ابپتثجچحخد"[i % 10] * (i // 10 % 5 + 1)}{i}"]\n'
        for i in range(2000)), "either"),
    "a table where a list is": ("[x]\nlabel = 5\nfa = [1]\n", "line"),
}  # fmt: skip
for _kind, (_text, _ends) in THEMES.items():
    CORPORA[f"theme file: {_kind}"] = Corpus(with_themes(_text), _ends)


def with_sources(text: str | bytes, name: str = "outlets.csv") -> Callable[[Path], list[str]]:
    def write(at: Path) -> list[str]:
        jsonl(at, rows_of([sentence(i) for i in range(4)], source=["a", "b", "a", ""]))
        (at / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return ["in", "--sources", name]

    return write


SOURCES: dict[str, tuple[str | bytes, str]] = {
    "no column source": ("name\na\n", "line"),
    "an outlet twice": ("source\na\na\n", "line"),
    "a column named text": ("source,text,doc_id,dropped,country\na,x,y,z,IR\n", "run"),
    "an empty outlet": ("source,country\n,IR\na,IQ\n", "either"),
    "missing outlets twice": ("source,country\n,IR\n,IQ\na,IQ\n", "either"),
    "columns named as the join would": ("source,country_x,country_y,_merge\na,1,2,3\n", "run"),
    "bytes": (b"\0\x01\x02\xff" * 9, "line"),
    "nothing": ("", "line"),
}
for _kind, (_text, _ends) in SOURCES.items():
    CORPORA[f"outlets: {_kind}"] = Corpus(with_sources(_text), _ends)

# Large ones, for `make torture`: the encoder takes minutes.
LARGE: dict[str, Corpus] = {
    "one article of 5 MB": Corpus(
        lambda at: raw(at, "\n".join(" ".join(sentence(i * 7 + k) for k in range(9)) for i in range(4800))), "run", 1
    ),
    "100,000 articles of one line": Corpus(
        lambda at: jsonl(at, rows_of([f"{FA[i % 4].split()[i % 7]} {AR[i % 4].split()[i % 5]} {i}" for i in range(100_000)])),
        "run",
        100_000,
    ),
    "one line of 5 MB without a space": Corpus(lambda at: raw(at, "اب" * 1_300_000), "either"),
    "a csv of 300,000 empty rows": Corpus(lambda at: raw(at, "id,text\n" + "x,\n" * 300_000, "a.csv"), "line"),
}  # fmt: skip
