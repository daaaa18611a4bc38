"""The main job end to end, with nothing replaced: the bundled sample, the five seed articles, the labelled news, a
second run (kills: `torture/test_kill.py`).
"""

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
from topiclib.runs.pipeline import fitted_passages
from topiclib.runs.summary import caveats, format_summary
from topiclib.topics.sampling import sampling_strata

ROOT = Path(__file__).resolve().parents[2]


def test_the_sample_gives_topics_that_span_both_languages(sample_run):
    tables = sample_run.tables
    assert len(tables["topics"]) >= 8
    assert (tables["topics"]["topic"] >= 0).all()
    passages = tables["passages"].query("modeled")
    assert len(tables["assignments"]) == len(passages) > 400
    size = tables["topics"].set_index("topic")["size"]
    alone = tables["topic_languages"].query("share > 0.95")["topic"]
    assert size[alone].sum() <= 0.1 * size.sum()
    themes = tables["shares"].query("kind == 'theme' and by == 'lang'")
    asked = themes[themes["key"].isin(["jcpoa", "caucasus", "drones", "sanctions"])]
    assert len(asked) == 8
    assert (asked["share"] > 0.03).all()


def test_the_run_says_what_made_it(sample_run):
    manifest = store.read_manifest(sample_run.path)
    assert sample_run.recipe == tl.Recipe()
    assert manifest["synthetic"] is True
    stages = [stage["stage"] for stage in manifest["stages"]]
    assert stages[:5] == ["reading", "preparing", "embedding", "aligning", "fitting"]
    assert all(stage["seconds"] >= 0 and stage["peak_memory_mb"] > 0 for stage in manifest["stages"])
    assert manifest["versions"]["bertopic"].startswith("0.17")
    assert "e5" in manifest["encoder"]
    assert store.verify_run(sample_run.path) == []
    assert str(ROOT) not in json.dumps(manifest)


def test_what_is_not_known_is_told_as_it_concerns_the_corpus(sample_run):
    tables, manifest = dict(sample_run.tables), {**sample_run.manifest, "period": {"why": "no dates"}}
    tables["documents"] = tables["documents"].assign(source="", date="")
    lines = caveats(tables, manifest)
    assert (
        "No date is known: shares are of all articles, and a difference between the languages may be one of time."
        in lines
    )
    assert any("one between two newsrooms" in line for line in lines)
    tables["documents"] = tables["documents"].query("lang == 'fa'")
    tables["topic_languages"] = tables["topic_languages"].assign(
        share=[0.95, *[0.5] * (len(tables["topic_languages"]) - 1)]
    )
    lines = caveats(tables, {**manifest, "period": {"why": "one side"}})
    assert "No outlet is known: no share is given by outlet." in lines
    assert not any("difference" in line for line in lines)
    tables["documents"] = sample_run.tables["documents"]
    assert "1 of 8 topics has over 90 % of its passages in one language." in caveats(tables, manifest)


def test_the_summary_shows_words_of_both_languages(sample_run):
    shown = format_summary(sample_run.tables, sample_run.manifest)
    assert "synthetic" in shown
    assert "برجام" in shown
    assert "سورية" in shown or "سوريا" in shown
    assert "JCPOA" in shown


def test_nothing_changed_is_not_done_again(sample_run, capsys):
    before = (sample_run.path / "manifest.json").stat().st_mtime_ns
    again = tl.run(tl.load_sample(), out=sample_run.path)
    assert (sample_run.path / "manifest.json").stat().st_mtime_ns == before
    assert "unchanged" in capsys.readouterr().err
    assert again == tl.open_run(sample_run.path)


def test_new_articles_are_placed_from_the_run_folder_alone(sample_run):
    """Articles of the run itself come back to their topics, up to those that the clustering put across a border."""
    chosen = tl.load_sample().iloc[::8]
    placed = tl.assign_topics(tl.open_run(sample_run.path), chosen).set_index("passage_id")["topic"]
    known = sample_run.tables["assignments"].set_index("passage_id")["topic"]
    both = placed.index.intersection(known.index)
    assert len(both) > 40
    assert (placed[both] == known[both]).mean() > 0.75
    with pytest.raises(ValueError, match="no passage to place"):
        tl.assign_topics(sample_run, pd.DataFrame({"text": ["An English sentence and nothing else."]}))


def test_the_ten_lines_of_the_readme(tmp_path):
    documents = tl.load_sample().iloc[::4]
    passages = tl.make_passages(documents)
    vectors = tl.embed(passages, progress=False)
    aligned = tl.align(vectors, passages["lang"])
    model = tl.fit(passages, aligned, tl.Recipe(seed=0))
    tables = tl.tabulate(model, documents, passages, aligned)
    assert len(model.topics_) == len(passages) == len(vectors)
    assert np.allclose(np.linalg.norm(aligned, axis=1), 1, atol=1e-5)
    axes = tl.draw.topic_map(tables["points"], tables["topics"], tables["passages"])
    assert sum(len(dots.get_offsets()) for dots in axes.collections) == len(passages)
    largest = tables["topics"].set_index("size")["label_fa"].sort_index().iloc[-1]
    assert any(largest[:20] in text.get_text() for text in axes.texts)
    spoken = [int(n) for text in axes.get_legend().get_texts() for n in re.findall(r"\d+", text.get_text())]
    assert spoken == [(passages["lang"] == lang).sum() for lang in ("fa", "ar")]


def test_five_real_articles(seeds, tmp_path):
    run = tl.run(seeds, out=tmp_path / "run", progress=False)
    assert run.tables["documents"].set_index("doc_id")["lang"].str.cat() == "fafaarfaar"
    assert 30 <= len(run.tables["assignments"]) <= 120
    about = run.tables["themes"].query("about").merge(run.tables["passages"], on="passage_id")
    assert set(about["theme"]) == set(run.manifest["themes"])  # the seeds speak of all nine
    assert set(about.query("theme == 'jcpoa'")["lang"]) == {"fa", "ar"}
    assert "5 articles can show what they talk about, not" in format_summary(run.tables, run.manifest)


def test_labelled_news_have_topics_with_both_languages(labelled_news, tmp_path):
    """A part of the real hard case (every sixth article): different outlets, other years."""
    rows = pd.read_json(labelled_news, lines=True, dtype=False).iloc[::6]
    run = tl.run(rows, out=tmp_path / "run", progress=False)
    size = run.tables["topics"].set_index("topic")["size"]
    alone = run.tables["topic_languages"].query("share > 0.95")["topic"]
    assert len(size) >= 5
    assert size[alone].sum() < 0.5 * size.sum()


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 8, 12, 16, 20])
def test_any_small_corpus_is_a_sound_run(tmp_path, n):
    run = tl.run(few_articles(n), out=tmp_path / "run", progress=False)
    assert run.manifest["found"]["articles"] == n
    assert len(run.tables["assignments"]) == run.manifest["found"]["passages"] >= 1
    assert store.verify_run(run.path) == []
    assert format_summary(run.tables, run.manifest)


def test_learnt_forms_are_in_the_manifest_and_asked_for_again(tmp_path):
    from topiclib.text import DEFAULT_LEXICON, Lexicon

    learnt = Lexicon.from_texts(["او می‌آجیلد و می‌آجیلد و باز می‌آجیلد"])
    run = tl.run(few_articles(4), out=tmp_path / "run", lexicon=learnt, progress=False)
    assert run.manifest["lexicon"] == learnt.digest != DEFAULT_LEXICON.digest
    with pytest.raises(ValueError, match="other learnt forms"):
        tl.assign_topics(run, few_articles(2))
    assert len(tl.assign_topics(run, few_articles(2), lexicon=learnt)) >= 2


def test_an_empty_corpus_is_one_clear_line(tmp_path):
    with pytest.raises(ValueError, match="0 articles"):
        tl.run(few_articles(0), out=tmp_path / "run", progress=False)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda file: file.stem)
def test_notebooks_run(notebook, sample_run):
    from nbclient import NotebookClient

    book = nbformat.read(notebook, as_version=4)
    for cell in book.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = f"RUN = {str(sample_run.path)!r}"
            if notebook.stem == "06_quality":  # the run has no tables of quality: made there, with fewer settings
                cell.source += (
                    "\nfrom importlib import import_module\nimport_module('topiclib.evaluate.quality').N_SEEDS = 1"
                )
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(notebook.parent)}}).execute()
    shown = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    for cell in book.cells:
        if cell.cell_type == "code" and re.search(r"tl\.draw\.(?!\w+_note)|plt\.subplots", cell.source):
            assert any("image/png" in output.get("data", {}) for output in cell.outputs), cell.source
    assert any('dir="rtl"' in output.get("data", {}).get("text/html", "") for output in shown)


def test_a_run_is_fitted_again_with_what_its_sample_was_spread_over(sample_run):
    """Past 50,000 passages topics are found in a sample over languages, outlets and months: `refit` needs all three."""
    tables = sample_run.tables
    given = add_outlet_and_month(tables["passages"].query("modeled"), tables["documents"])
    again = sampling_strata(fitted_passages(sample_run))
    assert again.equals(sampling_strata(given).reset_index(drop=True))
    assert (again["source"] != "").all() and again["period"].nunique() > 3
