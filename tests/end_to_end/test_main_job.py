"""The whole pipeline without mocks: the bundled sample, real articles, small corpora and the notebooks."""

import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from corpora import few_articles

import topiclib as tl
from topiclib.corpus.passages import add_outlet_and_month
from topiclib.runs import store
from topiclib.runs.check import verify_run
from topiclib.runs.pipeline import fitted_passages
from topiclib.runs.summary import caveats, format_summary
from topiclib.topics.sampling import sampling_strata

ROOT = Path(__file__).resolve().parents[2]


def test_sample_topics_span_both_languages(sample_run):
    tables = sample_run.tables
    assert len(tables["topics"]) >= 8
    assert (tables["topics"]["topic"] >= 0).all()
    passages = tables["passages"].query("modeled")
    assert len(tables["assignments"]) == len(passages) > 400
    size = tables["topics"].set_index("topic")["size"]
    one_language = tables["topic_languages"].query("share > 0.95")["topic"]
    assert size[one_language].sum() <= 0.1 * size.sum()
    themes = tables["shares"].query("kind == 'theme' and by == 'lang'")
    shares = themes[themes["key"].isin(["jcpoa", "caucasus", "drones", "sanctions"])]
    assert len(shares) == 8
    assert (shares["share"] > 0.03).all()


def test_manifest_describes_the_run(sample_run):
    manifest = store.read_manifest(sample_run.path)
    assert sample_run.recipe == tl.Recipe()
    assert manifest["synthetic"] is True
    stages = [stage["stage"] for stage in manifest["stages"]]
    assert stages[:6] == ["reading", "joining", "segmenting", "embedding", "aligning", "fitting"]
    assert all(stage["seconds"] >= 0 and stage["peak_memory_mb"] > 0 for stage in manifest["stages"])
    assert manifest["versions"]["bertopic"].startswith("0.17")
    assert "e5" in manifest["encoder"]
    assert verify_run(sample_run.path) == []
    assert str(ROOT) not in json.dumps(manifest)


def test_caveats_depend_on_what_is_missing(sample_run):
    tables, manifest = dict(sample_run.tables), {**sample_run.manifest, "period": {"why": "no dates"}}
    tables["documents"] = tables["documents"].assign(source="", date="")
    lines = caveats(tables, manifest)
    assert (
        "No date is known: shares are of all articles, and a difference between the languages may be due to time."
        in lines
    )
    assert any("one between newsrooms" in line for line in lines)
    tables["documents"] = tables["documents"].query("lang == 'fa'")
    tables["topic_languages"] = tables["topic_languages"].assign(
        share=[0.95, *[0.5] * (len(tables["topic_languages"]) - 1)]
    )
    lines = caveats(tables, {**manifest, "period": {"why": "one side"}})
    assert "No outlet is known: no share is given by outlet." in lines
    assert not any("difference" in line for line in lines)
    tables["documents"] = sample_run.tables["documents"]
    assert "1 of 8 topics has over 90 % of its passages in one language." in caveats(tables, manifest)


def test_summary_shows_words_of_both_languages(sample_run):
    shown = format_summary(sample_run.tables, sample_run.manifest)
    assert "synthetic" in shown
    assert "برجام" in shown
    assert "سورية" in shown or "سوريا" in shown
    assert "JCPOA" in shown


def test_unchanged_run_is_not_repeated(sample_run, capsys):
    before = (sample_run.path / "manifest.json").stat().st_mtime_ns
    again = tl.run(tl.load_sample(), out=sample_run.path)
    assert (sample_run.path / "manifest.json").stat().st_mtime_ns == before
    assert "unchanged" in capsys.readouterr().err
    assert again == tl.open_run(sample_run.path)


def test_new_articles_are_assigned_from_the_run_folder_alone(sample_run):
    """Most passages of the run itself get their own topic; some are nearer to another topic's centroid."""
    articles = tl.load_sample().iloc[::8]
    assigned = tl.assign_topics(tl.open_run(sample_run.path), articles).set_index("passage_id")["topic"]
    fitted = sample_run.tables["assignments"].set_index("passage_id")["topic"]
    both = assigned.index.intersection(fitted.index)
    assert len(both) > 40
    assert (assigned[both] == fitted[both]).mean() > 0.75
    with pytest.raises(ValueError, match="no passage to assign"):
        tl.assign_topics(sample_run, pd.DataFrame({"text": ["An English sentence and nothing else."]}))


def test_readme_example(tmp_path):
    documents = tl.load_sample().iloc[::4]
    passages = tl.make_passages(documents)
    vectors = tl.embed(passages, progress=False)
    aligned = tl.align(passages, vectors)
    model = tl.fit(passages, aligned, tl.Recipe(seed=0))
    tables = tl.tabulate(model, documents, passages, aligned)
    assert len(model.topics_) == len(passages) == len(vectors)
    assert np.allclose(np.linalg.norm(aligned, axis=1), 1, atol=1e-5)
    axes = tl.draw.topic_map(tables)
    assert sum(len(dots.get_offsets()) for dots in axes.collections) == len(passages)
    largest = tables["topics"].set_index("size")["label_fa"].sort_index().iloc[-1]
    assert any(largest[:20] in text.get_text() for text in axes.texts)
    in_legend = [int(n) for text in axes.figure.legends[0].get_texts() for n in re.findall(r"\d+", text.get_text())]
    assert in_legend == [(passages["lang"] == lang).sum() for lang in ("fa", "ar")]


def test_five_real_articles(seeds, tmp_path):
    run = tl.run(seeds, out=tmp_path / "run", progress=False)
    assert run.tables["documents"].set_index("doc_id")["lang"].str.cat() == "fafaarfaar"
    assert 30 <= len(run.tables["assignments"]) <= 120
    about = run.tables["themes"].query("about").merge(run.tables["passages"], on="passage_id")
    assert set(about["theme"]) == set(run.manifest["themes"])  # the seed articles cover all nine
    assert set(about.query("theme == 'jcpoa'")["lang"]) == {"fa", "ar"}
    assert "5 articles are too few to describe" in format_summary(run.tables, run.manifest)


def test_labeled_news_have_topics_in_both_languages(labelled_news, tmp_path):
    """Every sixth article of a hard case: the languages have different outlets and years."""
    rows = pd.read_json(labelled_news, lines=True, dtype=False).iloc[::6]
    run = tl.run(rows, out=tmp_path / "run", progress=False)
    size = run.tables["topics"].set_index("topic")["size"]
    one_language = run.tables["topic_languages"].query("share > 0.95")["topic"]
    assert len(size) >= 5
    assert size[one_language].sum() < 0.5 * size.sum()


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 8, 12, 16, 20])
def test_small_corpora_give_valid_runs(tmp_path, n):
    run = tl.run(few_articles(n), out=tmp_path / "run", progress=False)
    assert run.manifest["counts"]["articles"] == n
    assert len(run.tables["assignments"]) == run.manifest["counts"]["passages"] >= 1
    assert verify_run(run.path) == []
    assert format_summary(run.tables, run.manifest)


def test_assigning_needs_the_lexicon_of_the_run(tmp_path):
    from topiclib.text import DEFAULT_LEXICON, Lexicon

    learned = Lexicon.from_texts(["او می‌آجیلد و می‌آجیلد و باز می‌آجیلد"])
    run = tl.run(few_articles(4), out=tmp_path / "run", lexicon=learned, progress=False)
    assert run.manifest["lexicon_sha256"] == learned.digest != DEFAULT_LEXICON.digest
    with pytest.raises(ValueError, match="different lexicon"):
        tl.assign_topics(run, few_articles(2))
    assert len(tl.assign_topics(run, few_articles(2), lexicon=learned)) >= 2


def test_empty_corpus_raises_one_clear_error(tmp_path):
    with pytest.raises(ValueError, match="0 articles"):
        tl.run(few_articles(0), out=tmp_path / "run", progress=False)
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda file: file.stem)
def test_notebooks_run(notebook, sample_run):
    from nbclient import NotebookClient

    book = nbformat.read(notebook, as_version=4)
    for cell in book.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = f"RUN = {str(sample_run.path)!r}"
            if notebook.stem == "06_quality":  # the run has no quality tables: compute them, with fewer seeds
                cell.source += (
                    "\nfrom importlib import import_module\nimport_module('topiclib.evaluate.quality').N_SEEDS = 1"
                )
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(notebook.parent)}}).execute()
    shown = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    for cell in book.cells:
        if cell.cell_type == "code" and re.search(r"tl\.draw\.|plt\.subplots", cell.source):
            assert any("image/png" in output.get("data", {}) for output in cell.outputs), cell.source
    assert any('dir="rtl"' in output.get("data", {}).get("text/html", "") for output in shown)


def test_refit_has_the_sampling_strata_of_the_run(sample_run):
    """Above 50,000 passages the sample is stratified by language, outlet and month: a refit needs all three."""
    tables = sample_run.tables
    passages = add_outlet_and_month(tables["passages"].query("modeled"), tables["documents"])
    strata = sampling_strata(fitted_passages(sample_run))
    assert strata.equals(sampling_strata(passages).reset_index(drop=True))
    assert (strata["source"] != "").all() and strata["period"].nunique() > 3
