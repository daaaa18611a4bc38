"""Theme quotes, text reuse between articles, and suggested terms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from topiclib.compare.reuse import find_text_reuse
from topiclib.runs.pipeline import aligned_vectors, fitted_passages
from topiclib.themes.quotes import find_theme_quotes, to_markdown, to_text
from topiclib.themes.suggest_terms import suggest_terms


def test_quotes_point_into_the_documents(sample_run):
    table = find_theme_quotes(sample_run, "sanctions", "fa", n=5, max_chars=120)
    assert len(table) == 5
    assert table["doc_id"].is_unique
    assert (table["text"].str.len() <= 122).all()
    for _, of_outlet in table.groupby("source"):
        assert (of_outlet["score"].diff().dropna() <= 0).all()
    texts = sample_run.tables["documents"].set_index("doc_id")["text"]
    for row in table.itertuples():
        if row.start >= 0:
            assert texts[row.doc_id][row.start : row.end].split()[0][:3] == row.text.split()[0][:3]
    assert to_markdown(table).count('dir="rtl" lang="fa"') == 5


def test_an_unknown_theme_gives_an_empty_table_and_a_message(sample_run):
    table = find_theme_quotes(sample_run, "nobody", "ar")
    assert table.empty
    assert to_markdown(table) == to_text(table) == "No passage about this theme was found.\n"
    with pytest.raises(ValueError, match="lang is 'en'"):
        find_theme_quotes(sample_run, "jcpoa", "en")


def test_markup_is_escaped():
    row = dict.fromkeys(["theme", "doc_id", "title", "date", "source", "url", "passage_id", "terms"], "")
    table = pd.DataFrame([{**row, "lang": "fa", "start": 0, "end": 3, "score": 1.0, "text": "<b>*x*</b>"}])
    assert "<b>" not in to_markdown(table)
    assert r"\*x\*" in to_markdown(table)


def test_right_to_left_words_have_lines_of_their_own():
    row = {"lang": "fa", "date": "2020-04-01", "score": 0.5, "start": 3, "end": 90, "doc_id": "d7", "source": "آرمان"}
    row |= {"title": "", "text": "<b>برجام</b> " * 20, "terms": "برجام، وین"}
    head, source, *text, label, terms = to_text(pd.DataFrame([row])).splitlines()
    assert head == "fa · 2020-04-01 · score 0.50, characters 3–90 of d7"
    assert (source, label, terms) == ("آرمان", "terms:", "برجام، وین")
    assert " ".join(line.strip() for line in text) == row["text"].strip()
    assert all(line.startswith("    ") and len(line) <= 80 for line in text)


def test_text_reuse_is_found():
    random = np.random.default_rng(0)
    rows = random.normal(size=(40, 16))
    rows[1] = rows[0] + random.normal(size=16) * 0.05  # another article, same language
    rows[21] = rows[0] + random.normal(size=16) * 0.1  # another language
    rows[3] = rows[2]  # the same article: no reuse
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    passages = pd.DataFrame(
        {
            "passage_id": [f"p{i}" for i in range(40)],
            "doc_id": ["d2" if i == 3 else f"d{i}" for i in range(40)],
            "lang": ["fa"] * 20 + ["ar"] * 20,
            "text": "یک دو سه چهار پنج شش هفت هشت نه",
        }
    )
    pairs = find_text_reuse(passages, rows, min_margin=0.25)
    found = set(zip(pairs["passage_a"], pairs["passage_b"], strict=True))
    assert ("p0", "p1") in found
    assert ("p1", "p21") in found or ("p0", "p21") in found
    assert ("p2", "p3") not in found
    with pytest.raises(ValueError, match="has 3 rows"):
        find_text_reuse(passages, rows[:3])
    assert find_text_reuse(passages[:0], rows[:0]).empty


def test_text_reuse_in_a_run_is_between_its_passages(sample_run, tmp_path):
    passages = fitted_passages(sample_run)
    pairs = find_text_reuse(passages, aligned_vectors(sample_run, passages)[0])
    (tmp_path / "vectors.csv").write_text("id,text\n")
    with pytest.raises(ValueError, match=r"vectors.csv is not an SQLite file"):
        aligned_vectors(sample_run, passages, cache=tmp_path / "vectors.csv")
    assert (pairs["margin"].diff().dropna() <= 0).all()
    assert {"fa", "ar"} <= set(pairs["lang_a"]) | set(pairs["lang_b"])
    modeled = sample_run.tables["passages"].query("modeled")["passage_id"]
    assert set(pairs["passage_a"]) | set(pairs["passage_b"]) <= set(modeled)


def test_only_new_terms_are_suggested(sample_run):
    table = suggest_terms(sample_run.tables, "caucasus")
    assert {"fa", "ar"} == set(table["lang"])
    assert "قفقاز" not in set(table["word"])
    assert (table["inside"] >= 3).all()
    assert suggest_terms(sample_run.tables, "nobody").empty


def test_inflected_forms_of_terms_are_not_suggested(sample_run):
    words = suggest_terms(sample_run.tables, "sanctions", n=100).query("lang == 'fa'")["word"]
    assert len(words)
    assert not words.str.startswith("تحریم").any()
