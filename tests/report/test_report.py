"""Report, methods section, exports and bundle: complete, escaped, and without article text where none belongs."""

import csv
import io
import re
import shutil
import zipfile
from functools import partial
from html import unescape

import numpy as np
import pandas as pd
import pytest
from hostile_tables import HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

import topiclib as tl
from topiclib import report, schema
from topiclib.report import page
from topiclib.report.export import FORMULA_PREFIXES, drop_private_columns
from topiclib.runs import pipeline, store
from topiclib.topics.sampling import allocate

EVIL = '=HYPERLINK("http://example.org","x")'


@pytest.fixture(scope="module")
def evil_run(sample_run, tmp_path_factory):
    """The sample run with hostile titles, outlets and links, and a column added by the user."""
    tables = {name: frame.copy() for name, frame in sample_run.tables.items()}
    documents = tables["documents"]
    documents["title"], documents["url"], documents["summary"] = HOSTILE, "javascript:alert(1)", "خلاصهٔ محرمانه"
    outlets = {name: f"{EVIL} <script>hurt()</script> {name}" for name in documents["source"].unique()}
    documents["source"] = documents["source"].map(outlets)
    tables["shares"]["level"] = tables["shares"]["level"].replace(outlets)
    return write_changed(sample_run, tables, tmp_path_factory.mktemp("evil") / "run")


def write_changed(run, tables, folder):
    """Write a run folder with other tables."""
    arrays = {name: store.read_array(run.path, name) for name in ("centroids", "offsets")}
    fields = {key: value for key, value in run.manifest.items() if key not in ("checksum", "files", "format")}
    return store.write_run(folder, tables, arrays, fields)


@pytest.fixture(scope="module")
def evil_report(evil_run, tmp_path_factory):
    return report.write_report(evil_run, tmp_path_factory.mktemp("out") / "report.html").read_text(encoding="utf-8")


def test_article_text_is_escaped(evil_report):
    assert "<script" not in evil_report
    assert "&lt;script&gt;hurt()" in evil_report
    assert "javascript:" not in evil_report
    assert not re.search(r"""(?:src|url)\s*[=(]\s*["']?(?:https?:)?//""", evil_report)


def test_report_has_figures_topics_themes_and_limits(evil_report, sample_run):
    assert evil_report.count("data:image/png;base64,") >= 5
    for topic in sample_run.tables["topics"]["topic"]:
        assert f"<h3><bdi>{topic} · " in evil_report
    for label in sample_run.manifest["themes"].values():
        assert all(name in evil_report for name in label.values())
    assert "The articles are synthetic" in evil_report
    assert "What this cannot show" in evil_report
    assert 'dir="rtl" class="fa"' in evil_report
    assert 'dir="rtl" class="ar"' in evil_report


@pytest.fixture
def no_figures(monkeypatch):
    """Omit the figures, which take most of the time of a report."""
    monkeypatch.setattr(page, "FIGURE_CAPTIONS", {})


def test_report_without_outlets_gives_shares_by_language(sample_run, no_figures):
    tables = {name: sample_run.tables[name] for name in sample_run.tables}
    tables["shares"] = tables["shares"].query("by == 'lang'")
    html = page._render(tables, sample_run.manifest, 0)
    assert html.count("<tr><th>language</th>") == 9
    row = tables["shares"].query("kind == 'theme' and key == 'jcpoa' and level == 'fa'").iloc[0]
    assert f"<tr><th><bdi>Persian</bdi></th><td>{row['n']}</td><td>{row['share']:.0%}</td>" in html


def test_report_notes_that_quotes_may_be_outside_the_period_of_the_shares(sample_run, no_figures):
    line = "Quotes are from all articles, including those outside the period of the shares."
    assert line in page._render(sample_run.tables, sample_run.manifest, 0)
    assert line not in page._render(sample_run.tables, {**sample_run.manifest, "period": {"why": "one side"}}, 0)


@pytest.mark.parametrize("scheme, is_link", [("https://", True), ("HTTP://", True), ("javascript:", False)])
def test_only_web_addresses_become_links(sample_run, no_figures, scheme, is_link):
    url = f"""{scheme}example.org/?a=1&b='"><script>"""
    tables = {**sample_run.tables, "documents": sample_run.tables["documents"].assign(url=url)}
    html = page._render(tables, sample_run.manifest, 1)
    links = re.findall('<a href="([^"#][^"]*)"', html)  # not those to sections of the page
    assert set(map(unescape, links)) == ({url} if is_link else set())
    assert "<script>" not in html


def test_theme_labels_and_file_names_are_escaped_in_the_report_alone(sample_run, no_figures):
    evil = "<script>hurt()</script> & 'x'"
    themes = {key: dict.fromkeys(label, evil) for key, label in sample_run.manifest["themes"].items()}
    manifest = {**sample_run.manifest, "themes": themes, "platform": evil}
    html, text = page._render(sample_run.tables, manifest, 0), report.methods(sample_run.tables, manifest)
    assert "<script" not in html
    assert text in unescape(html)
    assert f"- {evil}: " in text and f"; {evil}. Seed" in text


def test_manifest_without_an_entry_raises_one_line(sample_run, no_figures):
    incomplete = {**sample_run.manifest, "recipe": {"max_words": 60}}
    with pytest.raises(ValueError, match=r"the run is incomplete .*: fit the corpus again") as error:
        page._render(sample_run.tables, incomplete, 0)
    assert "\n" not in str(error.value)


def test_quotes_are_shortened(sample_run, no_figures):
    longest = " ".join(max(sample_run.tables["passages"]["text"], key=len).split())
    tables = {**sample_run.tables, "passages": sample_run.tables["passages"].assign(text=longest)}
    quotes = re.findall(r"<blockquote[^>]*>(.*?)<footer>", page._render(tables, sample_run.manifest, 1))
    assert quotes
    for quote in map(unescape, quotes):
        assert 200 < len(quote) <= 282
        assert quote.endswith("\u00a0…") and longest.startswith(quote[:-2])


def test_methods_section_has_the_numbers_of_the_run(sample_run):
    text = report.methods(sample_run.tables, sample_run.manifest)
    tables, manifest = sample_run.tables, sample_run.manifest
    for number in (len(tables["passages"]), int(tables["passages"]["modeled"].sum())):
        assert f"{number:,}" in text
    assert f"{(tables['topics']['topic'] >= 0).sum()} topics have " in text
    cache_key, version = manifest["cache_key"][:16], manifest["versions"]["bertopic"]
    for fact in (manifest["encoder"], version, cache_key, "Seed 0", "synthetic"):
        assert fact in text
    assert "Not validated" in text
    assert not re.search(r"\bnan\b", text, re.I)


STEPS = {
    "algorithm": "LeidenClustering", "resolution": 1.5, "n_clusters": 12, "n_dropped": 0, "n_merged": 2,
    "n_passages_merged": 31, "n_reduced": 3, "n_outliers_assigned": 52, "n_outside_sample": 0, "merging": 1,
    "reduction": "",
}  # fmt: skip
HDBSCAN = {"algorithm": "HDBSCAN", "reduction": "UMAP", "min_cluster_size": 9, "min_samples": 5}
PCA = {"reduction": "PCA, passed to the fit,"}


@pytest.mark.parametrize(
    ("recipe", "steps", "expected", "absent"),
    [
        ({}, {}, ["Leiden algorithm", "resolution 1.5", "2 topics were merged", "Outliers: 52"], "UMAP"),
        ({"clustering": "hdbscan"}, HDBSCAN, ["UMAP", "Projection", "31 passages", "and no further step"], "Leiden"),
        ({}, HDBSCAN | {"n_clusters": 0}, ["No cluster was found: all passages are one topic."], "0 clusters"),
        ({}, HDBSCAN | PCA | {"merging": 0}, ["PCA, passed to the fit, of the projected vectors"], "Merging"),
        ({"encoder": "bge-m3"}, HDBSCAN, ["of the aligned vectors"], "Projection"),
        (
            {"encoder": "bge-m3", "alignment": "none"},
            HDBSCAN,
            ["UMAP (McInnes et al. 2018) of the vectors"],
            "Projection",
        ),
        ({"alignment": "none"}, {}, ["normalization of the vectors"], "UMAP"),
        ({}, PCA, ["1. Reduction: PCA", "Leiden"], "UMAP"),
        ({}, {"algorithm": "KMeans", "reduction": "UMAP"}, ["1. Clusters: KMeans."], "fewer than 60"),
        ({}, {"n_in_small_communities": 0}, ["No community had fewer than 5 passages."], "n_in"),
        (
            {"min_topic_size": 9},
            {"n_in_small_communities": 7},
            ["The 7 passages of communities with fewer than 9"],
            "No c",
        ),
        ({"n_topics": 9, "outliers": "keep"}, {}, ["9 were requested; 3", "without a topic"], "HDBSCAN"),
        ({"balance": "outlet"}, {"n_outside_sample": 81}, ["found in 400 of the 481", "no outlet"], "k-means"),
        ({}, {"algorithm": "KMeans", "merging": 0}, ["k-means", "fewer than 60", "Projection"], "Merging"),
        ({"encoder": "bge-m3", "n_topics": 9, "resolution": 1.0}, {}, ["raised from 1,"], "Projection"),
        ({"outliers": "keep"}, {"n_dropped": 1}, ["1 with too few passages was dropped"], "Number of topics:"),
    ],
)
def test_methods_section_lists_the_steps_of_the_run(sample_run, recipe, steps, expected, absent):
    manifest = {
        **sample_run.manifest,
        "recipe": sample_run.manifest["recipe"] | recipe,
        "alignment": sample_run.manifest["alignment"] | {"method": recipe.get("alignment", "balanced")},
        "topic_steps": STEPS | steps,
    }
    text = report.methods(sample_run.tables, manifest)
    topics = text[text.index("## Topics") : text.index("## Themes")]
    if recipe.get("alignment") == "none":
        assert "aligned vectors" not in topics.replace("neither aligned", "")
    for words in expected:
        assert words in topics
    assert absent not in topics.partition("Recipe:")[0]
    assert "not found by a model" in text


def test_the_steps_of_a_model_are_what_it_did(sample_run):
    steps = sample_run.manifest["topic_steps"]
    assert steps["algorithm"] == "LeidenClustering"
    n_topics = steps["n_clusters"] - steps["n_dropped"] - steps["n_merged"] - steps["n_reduced"]
    assert n_topics == sample_run.manifest["counts"]["topics"]


def steps_in_text(run) -> dict[str, str]:
    """Return the numbered steps of the methods section by name."""
    text = report.methods(run.tables, run.manifest)
    return dict(re.findall(r"^1\. ([A-Z][^:]+): (.*)$", text, re.M))


@pytest.mark.parametrize(
    ("recipe", "names"),
    [
        ({}, ["Projection", "Graph", "Communities", "Merging across languages"]),
        (
            {"clustering": "hdbscan", "alignment": "means"},
            ["Projection", "Reduction", "Clusters", "Merging across languages"],
        ),
        (
            {"n_topics": 5, "alignment": "none", "outliers": "keep"},
            ["Projection", "Graph", "Communities", "Merging across languages", "Number of topics", "Outliers"],
        ),
    ],
)
def test_the_steps_in_the_text_are_those_that_the_run_took(recipe, names, tmp_path):
    run = tl.run(tl.load_sample(), out=tmp_path / "run", recipe=tl.Recipe(**recipe), progress=False)
    steps = steps_in_text(run)
    n_without_topic = int((run.assignments["topic"] == -1).sum())
    found = run.manifest["topic_steps"]
    assigned = found["n_outliers_assigned"]
    assert list(steps) == [*names, *["Outliers"] * (assigned > 0)]
    n_found = found["n_clusters"] - found["n_dropped"] - found["n_merged"] - found["n_reduced"]
    assert n_found == (run.topics["topic"] >= 0).sum()
    if recipe.get("n_topics"):
        reduced = found["n_reduced"]
        assert reduced > 0 and steps["Number of topics"].startswith(f"5 were requested; {reduced} topic")
        assert 0 < found["n_passages_reduced"] < len(run.assignments) and n_without_topic > 0
    if recipe.get("clustering") == "hdbscan":
        size = tl.Recipe(**recipe).min_topic_size_for(len(run.assignments))
        assert f"min_cluster_size {size} and min_samples 5" in steps["Clusters"] and n_without_topic == 0
        assert assigned > 0 and steps["Outliers"].startswith(f"{assigned} passages")


@pytest.mark.parametrize(
    ("recipe", "steps", "alignment", "recovered"),
    [
        ({}, {}, {}, ["1.02 ± .07"]),
        ({}, {}, {"uses_words": False}, [".85 ± .10"]),
        ({"encoder": "bge-m3"}, {}, {}, ["has not been tested"]),
        ({"clustering": "hdbscan"}, HDBSCAN, {}, ["has not been tested"]),
        ({}, None, {}, ["has not been tested"]),
    ],
)
def test_the_text_claims_no_recovery_that_was_measured_with_other_methods(
    sample_run, recipe, steps, alignment, recovered
):
    manifest = {
        **sample_run.manifest,
        "recipe": sample_run.manifest["recipe"] | recipe,
        "alignment": sample_run.manifest["alignment"] | alignment,
        "topic_steps": {} if steps is None else STEPS | steps,
    }
    text = report.methods(sample_run.tables, manifest)
    paragraph = text[text.index("## Embedding") : text.index("## Topics")]
    numbers = ["1.02 ± .07", ".85 ± .10", "has not been tested"]
    assert [number for number in numbers if number in paragraph] == recovered


def test_the_text_of_a_large_corpus_names_the_sample(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "MAX_SAMPLE_SIZE", 300)
    monkeypatch.setattr(pipeline, "allocate", partial(allocate, n=300))
    run = tl.run(tl.load_sample(), out=tmp_path / "run", workspace=tmp_path / "stages", progress=False)
    n = len(run.assignments)
    assert len(run.points) == 300
    assert steps_in_text(run)["Sample"].startswith(f"topics were found in 300 of the {n} passages, spread evenly")
    assert f"the other {n - 300} got the topic with the nearest centroid" in steps_in_text(run)["Sample"]


def test_the_text_of_one_language_has_no_step_between_languages(tmp_path):
    documents = tl.load_sample().query("lang == 'fa'").reset_index(drop=True)
    run = tl.run(documents, out=tmp_path / "run", progress=False)
    assert "Merging across languages" not in steps_in_text(run)
    assert "Nothing was aligned: only one language" in report.methods(run.tables, run.manifest)


def test_every_figure_of_themes_says_that_terms_find_them():
    for name, texts in page.FIGURE_CAPTIONS.items():
        assert ("by their terms" in texts["caption"]) == ("theme" in name), name


def test_methods_section_reports_optional_tables(sample_run):
    rows = [("seeds", topic, 20, 5, jaccard, 0.1, 0.8) for topic, jaccard in enumerate((0.9, 0.4))]
    stability = pd.DataFrame(rows, columns=["kind", "topic", "size", "n", "mean_jaccard", "min_jaccard", "ari"])
    text = report.methods({**sample_run.tables, "stability": stability}, sample_run.manifest)
    assert "Measured (seeds, 5 times)" in text
    assert "0.65 on average (Jaccard). 1 of 2 topics" in text
    assert "Not measured in this run: stability" in report.methods(sample_run.tables, sample_run.manifest)


@given(st.text(max_size=12))
def test_no_escaped_cell_begins_with_a_formula_sign(text):
    frame = report.escape_formulas(pd.DataFrame({f"{text}_": [text], "n": [-1.5]}))
    assert not str(frame.iloc[0, 0]).startswith(FORMULA_PREFIXES)
    assert not str(frame.columns[0]).startswith(FORMULA_PREFIXES)
    assert str(frame.iloc[0, 0]).removeprefix("'") == text.removeprefix("'")
    assert frame["n"].iloc[0] == -1.5


@pytest.mark.parametrize("text", [EVIL, "+1", "-1", "@x", "\t=1", "\r=1", "＝1"])
def test_every_formula_sign_is_escaped(text):
    assert report.escape_formulas(pd.DataFrame({"a": [text]}))["a"].iloc[0] == f"'{text}"


def test_exported_csv_reads_back(evil_run, tmp_path):
    files = report.export_tables(evil_run, tmp_path / "csv")
    tables = store.read_tables(evil_run)
    assert {file.stem for file in files} == set(tables)
    for file in files:
        rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
        assert len(rows) == len(tables[file.stem]) + 1
        assert rows[0] == list(tables[file.stem].columns)
        cells = [cell for row in rows for cell in row if cell.startswith(FORMULA_PREFIXES)]
        assert all(re.fullmatch(r"-?[\d.e+-]+", cell) for cell in cells), cells[:3]
    points = pd.read_csv(tmp_path / "csv" / "points.csv")
    assert np.allclose(points["x"], tables["points"]["x"])


def test_workbook_is_right_to_left_and_runs_no_formula(sample_run, tmp_path):
    documents = sample_run.tables["documents"].copy()
    documents.loc[:1, "title"], documents.loc[0, "text"] = [EVIL, "a\x07b"], "ن" * 40_000
    run = write_changed(sample_run, sample_run.tables | {"documents": documents}, tmp_path / "run")
    with pytest.warns(UserWarning, match="documents: 1 of column text were cut at 32767 characters"):
        file = report.write_workbook(run, tmp_path / "run.xlsx")
    book = load_workbook(file)
    assert book.sheetnames == ["documents", "passages", "topics", "themes", "quotes"]
    assert all(sheet.sheet_view.rightToLeft for sheet in book)
    assert "f" not in {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    sheets = pd.read_excel(file, sheet_name=None, keep_default_na=False)
    assert list(sheets["documents"]["title"][:2]) == [f"'{EVIL}", "ab"]
    assert list(sheets["passages"]["passage_id"]) == list(sample_run.tables["passages"]["passage_id"])
    assert (sheets["topics"]["keywords_fa"].str.split("،").str.len() > 3).all()


# Reserved in R or Stata, or not a name of at most 32 letters, digits and underscores.
RESERVED = {
    "if", "else", "repeat", "while", "function", "for", "next", "break", "true", "false", "null", "inf", "nan", "na",
    "in", "_all", "_b", "byte", "_coef", "_cons", "double", "float", "int", "long", "_n", "_pi", "_pred", "_rc", "_se",
    "_skip", "using", "with",
}  # fmt: skip


def test_columns_are_names_in_r_and_stata():
    for table, definition in schema.TABLES.items():
        for column in definition.columns:
            assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,31}", column), (table, column)
            assert column.lower() not in RESERVED, (table, column)


def test_unknown_table_format_raises(sample_run):
    with pytest.raises(ValueError, match="file_format is 'xlsx': expected one of csv, parquet"):
        report.export_tables(sample_run.path, "x", file_format="xlsx")


def test_bundle_has_no_text_or_vectors_and_is_reproducible(evil_run, tmp_path):
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
    for private in (HOSTILE[:20], "خلاصهٔ محرمانه", "javascript:"):
        assert private not in everything
    assert list(documents["doc_id"]) == list(tables["documents"]["doc_id"])
    assert not {"text", "title", "summary"} & set(documents.columns)


def test_bundle_has_the_themes_of_the_run_but_no_other_file_in_their_place(sample_run, tmp_path):
    with zipfile.ZipFile(report.write_bundle(sample_run.path, tmp_path / "a.zip")) as archive:
        assert archive.read("themes.toml") == (sample_run.path / "themes.toml").read_bytes()
    run = shutil.copytree(sample_run.path, tmp_path / "run")
    (tmp_path / "secret").write_text("password = 'x'\n")
    (run / "themes.toml").unlink()
    (run / "themes.toml").symlink_to(tmp_path / "secret")
    with pytest.raises(ValueError, match=r"themes\.toml, theme password is str"):
        report.write_bundle(run, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_bundle_keeps_links(sample_run):
    documents = sample_run.tables["documents"].assign(url="https://example.org/1")
    assert set(drop_private_columns(documents, "documents")["url"]) == {"https://example.org/1"}


def test_report_without_quotes_or_themes(sample_run, tmp_path):
    copy = shutil.copytree(sample_run.path, tmp_path / "run")
    for name in ("quotes", "themes", "matches"):
        store.read_table(copy, name).iloc[:0].to_parquet(copy / f"{name}.parquet", index=False)
    assert report.write_report(copy, tmp_path / "report.html").stat().st_size > 10_000
