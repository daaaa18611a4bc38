"""What each term of a theme decides, samples by term, and quotes that leave out what a coder called no."""

from __future__ import annotations

import pytest

import topiclib as tl
from topiclib.evaluate.theme_coding import rejected_passages, sample_for_coding, write_theme_sheets
from topiclib.themes.quotes import find_theme_quotes


def test_review_counts_what_each_term_decides(sample_run):
    table = tl.review_theme(sample_run, "sanctions").set_index(["lang", "term"])
    matches = sample_run.tables["matches"].query("theme == 'sanctions' and term == 'تحریم'")
    row = table.loc[("fa", "تحریم")]
    assert row["n"] == matches["passage_id"].nunique() >= row["decides"] > 0
    assert len(row["examples"]) == 3
    assert all("[" in example and "]" in example for example in row["examples"])
    with pytest.raises(ValueError, match="has no theme 'nobody'"):
        tl.review_theme(sample_run, "nobody")


def test_a_sample_by_term_keeps_its_design_weights(sample_run):
    key = sample_for_coding(sample_run.tables, "sanctions", n=200, by_term=True)
    assert key["stratum"].str.startswith("term: ").any()
    sizes = key.drop_duplicates(["lang", "stratum"])["population"].sum()
    assert (1 / key["probability"]).sum() == pytest.approx(sizes)


def test_a_passage_that_a_coder_called_no_is_not_quoted(sample_run, tmp_path):
    first = find_theme_quotes(sample_run, "sanctions", "fa", n=3)
    key = sample_for_coding(sample_run.tables, "sanctions", n=4)
    key.loc[0, "passage_id"] = first["passage_id"][0]
    assert rejected_passages(tmp_path, "sanctions") == set()
    files = write_theme_sheets(key, tmp_path, theme="sanctions", coders=1)
    assert rejected_passages(tmp_path, "sanctions") == set()  # not filled
    rows = files[0].read_text(encoding="utf-8-sig").splitlines()
    rows[1] = rows[1].rsplit(",", 2)[0] + ",no,"
    files[0].write_text("\n".join(rows[:2]), encoding="utf-8")
    rejected = rejected_passages(tmp_path, "sanctions")
    assert rejected == {first["passage_id"][0]}
    again = find_theme_quotes(sample_run, "sanctions", "fa", n=3, rejected=rejected)
    assert first["passage_id"][0] not in set(again["passage_id"])
    assert (again["text"].str[-1].isin(list(".!؟»…"))).all()
