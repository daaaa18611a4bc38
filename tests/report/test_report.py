"""What is sent to others: complete, escaped, harmless, and without what must stay behind."""

import csv
import io
import re
import shutil
import zipfile
from html import unescape

import numpy as np
import pandas as pd
import pytest
from hostile_tables import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from topiclib import report
from topiclib.report import page
from topiclib.report.export import FORMULA_PREFIXES, drop_private_columns
from topiclib.runs import store

EVIL = '=HYPERLINK("http://example.org","x")'


@pytest.fixture(scope="module")
def evil_run(sample_run, tmp_path_factory):
    """The sample with hostile titles, outlets and links, and a column of the user's own."""
    tables = {name: frame.copy() for name, frame in sample_run.tables.items()}
    documents = tables["documents"]
    documents["title"], documents["url"], documents["summary"] = HOSTILE, "javascript:alert(1)", "خلاصهٔ محرمانه"
    outlets = {name: f"{EVIL} <script>hurt()</script> {name}" for name in documents["source"].unique()}
    documents["source"] = documents["source"].map(outlets)
    tables["shares"]["level"] = tables["shares"]["level"].replace(outlets)
    arrays = {name: store.read_array(sample_run.path, name) for name in ("centroids", "offsets")}
    made = {key: value for key, value in sample_run.manifest.items() if key not in ("checksum", "files", "format")}
    return store.write_run(tmp_path_factory.mktemp("evil") / "run", tables, arrays, made)


@pytest.fixture(scope="module")
def evil_report(evil_run, tmp_path_factory):
    return report.write_report(evil_run, tmp_path_factory.mktemp("out") / "report.html").read_text(encoding="utf-8")


def test_nothing_from_an_article_becomes_markup(evil_report):
    assert "<script" not in evil_report
    assert "&lt;script&gt;hurt()" in evil_report
    assert "javascript:" not in evil_report
    assert not re.search(r"""(?:src|url)\s*[=(]\s*["']?(?:https?:)?//""", evil_report)


def test_the_report_has_figures_topics_themes_and_limits(evil_report, sample_run):
    assert evil_report.count("data:image/png;base64,") >= 5
    for topic in sample_run.tables["topics"]["topic"]:
        assert f"Topic {topic} <small>" in evil_report
    for label in sample_run.manifest["themes"].values():
        assert all(name in evil_report for name in label.values())
    assert "The articles are synthetic" in evil_report
    assert "What this cannot show" in evil_report
    assert "dir=rtl class=fa" in evil_report
    assert "dir=rtl class=ar" in evil_report


def test_without_outlets_the_report_has_the_languages(sample_run):
    tables = {name: sample_run.tables[name] for name in sample_run.tables}
    tables["shares"] = tables["shares"].query("by == 'lang'")
    cards = "".join(page._theme_cards(tables, sample_run.manifest, 0))
    assert cards.count("<tr><th>language</th>") == cards.count("<article>") == 9
    row = tables["shares"].query("kind == 'theme' and key == 'jcpoa' and level == 'fa'").iloc[0]
    assert f"<tr><th><bdi>Persian</bdi></th><td>{row['n']}</td><td>{row['share']:.0%}</td>" in cards


def test_quotes_say_when_they_are_from_other_months_than_the_shares(sample_run):
    said = "Quotes are from all articles, also from those that are not in the shares."
    assert said in page._caveats(sample_run.tables, sample_run.manifest)
    assert said not in page._caveats(sample_run.tables, {**sample_run.manifest, "period": {"why": "one side"}})


def test_quotes_are_capped(sample_run):
    longest = " ".join(max(sample_run.tables["passages"]["text"], key=len).split())
    tables = {**sample_run.tables, "passages": sample_run.tables["passages"].assign(text=longest)}
    quotes = re.findall(r"<blockquote[^>]*>(.*?)<footer>", "".join(page._theme_cards(tables, sample_run.manifest, 1)))
    assert quotes
    for quote in map(unescape, quotes):
        assert 200 < len(quote) <= 282
        assert quote.endswith("\u00a0…") and longest.startswith(quote[:-2])


def test_methods_has_the_runs_own_numbers(sample_run):
    told = report.methods(sample_run.tables, sample_run.manifest)
    tables, manifest = sample_run.tables, sample_run.manifest
    for number in (len(tables["passages"]), int(tables["passages"]["modeled"].sum())):
        assert f"{number:,}" in told
    assert f"{(tables['topics']['topic'] >= 0).sum()} topics were found" in told
    for fact in (manifest["encoder"], manifest["versions"]["bertopic"], manifest["cache_key"][:16], "Seed 0", "synthetic"):
        assert fact in told
    assert "Not validated" in told
    assert not re.search(r"\bnan\b", told, re.I)


def test_methods_tells_of_what_a_run_has(sample_run):
    rows = [("seeds", topic, 20, 5, jaccard, 0.1, 0.8) for topic, jaccard in enumerate((0.9, 0.4))]
    stability = pd.DataFrame(rows, columns=["kind", "topic", "size", "n", "jaccard", "least", "ari"])
    told = report.methods({**sample_run.tables, "stability": stability}, sample_run.manifest)
    assert "Measured (seeds, 5 times)" in told
    assert "0.65 on average (Jaccard). 1 of 2 topics" in told
    assert "Not measured in this run: stability" in report.methods(sample_run.tables, sample_run.manifest)


@given(st.text(max_size=12))
def test_no_cell_begins_with_a_formula(text):
    frame = report.escape_formulas(pd.DataFrame({f"{text}_": [text], "n": [-1.5]}))
    assert not str(frame.iloc[0, 0]).startswith(FORMULA_PREFIXES)
    assert not str(frame.columns[0]).startswith(FORMULA_PREFIXES)
    assert str(frame.iloc[0, 0]).removeprefix("'") == text.removeprefix("'")
    assert frame["n"].iloc[0] == -1.5


@pytest.mark.parametrize("text", [EVIL, "+1", "-1", "@x", "\t=1", "\r=1", "＝1"])
def test_every_formula_sign_is_seen(text):
    assert report.escape_formulas(pd.DataFrame({"a": [text]}))["a"].iloc[0] == f"'{text}"


def test_tables_as_csv_come_back(evil_run, tmp_path):
    files = report.export_tables(evil_run, tmp_path / "csv")
    tables = store.read_tables(evil_run)
    assert {file.stem for file in files} == set(tables)
    for file in files:
        rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
        assert len(rows) == len(tables[file.stem]) + 1
        assert rows[0] == list(tables[file.stem].columns)
        cells = [cell for row in rows for cell in row if cell.startswith(FORMULA_PREFIXES)]
        assert all(re.fullmatch(r"-?[\d.e+-]+", cell) for cell in cells), cells[:3]
    back = pd.read_csv(tmp_path / "csv" / "points.csv")
    assert np.allclose(back["x"], tables["points"]["x"])


def test_an_unknown_form_of_tables_is_named(sample_run):
    with pytest.raises(ValueError, match="expected one of csv, parquet"):
        report.export_tables(sample_run.path, "x", file_format="xlsx")


def test_the_bundle_holds_no_text_no_vectors_and_is_the_same_every_time(evil_run, tmp_path):
    first = report.write_bundle(evil_run, tmp_path / "a.zip")
    assert first.read_bytes() == report.write_bundle(evil_run, tmp_path / "b.zip").read_bytes()
    tables = store.read_tables(evil_run)
    with zipfile.ZipFile(first) as archive:
        names = set(archive.namelist())
        everything = "".join(archive.read(name).decode("utf-8-sig") for name in names)
        documents = pd.read_csv(archive.open("documents.csv"))
    assert names == {"README.md", "manifest.json", *(f"{name}.csv" for name in tables)}
    body = tables["passages"].query("kind == 'body'")["text"]
    assert not [text for text in body if text[:50] in everything]
    for kept_back in (HOSTILE[:20], "خلاصهٔ محرمانه", "javascript:"):
        assert kept_back not in everything
    assert list(documents["doc_id"]) == list(tables["documents"]["doc_id"])
    assert not {"text", "title", "summary"} & set(documents.columns)


def test_links_stay_in_the_bundle(sample_run):
    documents = sample_run.tables["documents"].assign(url="https://example.org/1")
    assert set(drop_private_columns(documents, "documents")["url"]) == {"https://example.org/1"}


def test_an_empty_theme_or_topic_is_no_error(sample_run, tmp_path):
    copy = shutil.copytree(sample_run.path, tmp_path / "run")
    for name in ("quotes", "themes", "matches"):
        store.read_table(copy, name).iloc[:0].to_parquet(copy / f"{name}.parquet", index=False)
    assert report.write_report(copy, tmp_path / "report.html").stat().st_size > 10_000
