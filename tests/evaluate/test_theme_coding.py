"""Human coding of a theme: inclusion probabilities, blindness, and estimates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from topiclib.evaluate.krippendorff import krippendorff_alpha
from topiclib.evaluate.theme_coding import (
    read_theme_sheets,
    sample_for_coding,
    score_theme_sheets,
    uncoded_strata,
    write_theme_sheets,
)


def tables(n: int = 2000, seed: int = 0) -> tuple[dict[str, pd.DataFrame], pd.Series]:
    """Return a run with false negatives and false positives, and the truth."""
    rng = np.random.default_rng(seed)
    ids = [f"d{i}#0" for i in range(n)]
    truth = pd.Series(rng.random(n) < 0.2, index=ids)
    score = np.where(truth, rng.choice([0.0, 0.1, 0.8, 0.99], n, p=[0.2, 0.1, 0.4, 0.3]),
                     rng.choice([0.0, 0.1, 0.8, 0.99], n, p=[0.75, 0.07, 0.16, 0.02]))  # fmt: skip
    lang = np.where(np.arange(n) % 2, "fa", "ar")
    passages = pd.DataFrame(
        {"passage_id": ids, "doc_id": [i[:-2] for i in ids], "lang": lang, "text": "متن", "modeled": True}
    )
    documents = pd.DataFrame({"doc_id": passages["doc_id"], "source": [f"o{i % 7}" for i in range(n)]})
    themes = pd.DataFrame({"passage_id": ids, "theme": "x", "about": score >= 0.5, "score": score})[score > 0]
    return {"passages": passages, "documents": documents, "themes": themes}, truth


def test_the_sample_has_known_probabilities_in_all_strata():
    run, _ = tables()
    key = sample_for_coding(run, "x", n=150)
    assert 145 <= len(key) <= 150
    assert key["passage_id"].is_unique
    assert set(key["stratum"]) == {"no term", "named", "about", "surely"}
    population = (1 / key["probability"]).groupby(key["lang"]).sum()
    assert np.allclose(population, run["passages"]["lang"].value_counts())
    assert key["source"].nunique() == 7
    again = sample_for_coding(run, "x", n=150)
    pd.testing.assert_frame_equal(key, again)


def test_sheets_are_blind_and_can_be_read_back(tmp_path):
    run, truth = tables()
    key = sample_for_coding(run, "x", n=60)
    paths = write_theme_sheets(key, tmp_path, theme="x")
    sheet = pd.read_csv(paths[0], dtype=str, keep_default_na=False)
    assert list(sheet.columns) == ["item", "lang", "text", "about", "note"]
    assert (sheet["text"] == "\u2067متن\u2069").all()
    with pytest.raises(FileExistsError, match="already"):
        write_theme_sheets(key, tmp_path, theme="x")
    for path, words, separator in ((paths[0], ("۱", "0"), ","), (paths[1], ("بله", "لا"), ";")):
        typed = [words[0] if truth[p] else words[1] for p in key["passage_id"]]
        sheet.assign(about=typed).to_csv(path, index=False, sep=separator, encoding="utf-8-sig")
    back, answers = read_theme_sheets(tmp_path, theme="x")
    assert (answers.mean(axis=1).to_numpy() == truth[back["passage_id"]].to_numpy()).all()
    _, agreement = score_theme_sheets(back, answers)
    assert agreement["alpha"] == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"about": "maybe"}, r"about of x-0.. is 'maybe'.*yes, no, or empty"),
        ({"about": "01"}, "is '01'"),
        ({"about": "1", "item": "other"}, "has item 'other'"),
        ({"about": "1", "item": "x-001"}, "answers x-001 twice"),
    ],
)
def test_a_malformed_sheet_is_an_error(tmp_path, change, message):
    run, _ = tables(200)
    paths = write_theme_sheets(sample_for_coding(run, "x", n=20), tmp_path, theme="x", coders=1)
    sheet = pd.read_csv(paths[0], dtype=str, keep_default_na=False)
    sheet.assign(**change).to_csv(paths[0], index=False)
    with pytest.raises(ValueError, match=message):
        read_theme_sheets(tmp_path, theme="x")


def test_missing_sheets_and_empty_sheets_are_errors(tmp_path):
    run, _ = tables(200)
    with pytest.raises(FileNotFoundError, match="no sheets"):
        read_theme_sheets(tmp_path, theme="x")
    write_theme_sheets(sample_for_coding(run, "x", n=20), tmp_path, theme="x")
    with pytest.raises(ValueError, match="no item is answered: fill the column about"):
        read_theme_sheets(tmp_path, theme="x")


def coded(run: dict, truth: pd.Series, *, n: int, samples: int) -> Iterator[pd.DataFrame]:
    """Yield the scores of several samples, each coded by one coder who is always right."""
    for seed in range(samples):
        key = sample_for_coding(run, "x", n=n, seed=seed)
        answers = pd.DataFrame({"coder1": truth[key["passage_id"]].astype(float).to_numpy()}, index=key["item"])
        yield score_theme_sheets(key, answers)[0].set_index(["lang", "measure"])


def test_estimates_are_unbiased_and_intervals_cover():
    """Forty samples of one corpus."""
    run, truth = tables(3000)
    themes = run["themes"].set_index("passage_id")["about"].reindex(truth.index, fill_value=False)
    real = {
        "precision": truth[themes].mean(),
        "recall": themes[truth].mean(),
        "corrected share": truth.mean(),
    }
    values, covered = {name: [] for name in real}, {name: [] for name in real}
    for table in coded(run, truth, n=200, samples=40):
        for name, value in real.items():
            row = table.loc[("all", name)]
            values[name].append(row["value"])
            covered[name].append(row["low"] <= value <= row["high"])
    for name, value in real.items():
        assert abs(np.mean(values[name]) - value) < 0.02, name
        assert np.mean(covered[name]) >= 0.85, name
    assert abs(themes.mean() - truth.mean()) > 0.005  # the machine's share is biased


def test_intervals_cover_if_a_stratum_has_few_positives():
    """The machine misses 2 % of nine tenths of the corpus; most samples contain none of these passages."""
    rng = np.random.default_rng(0)
    ids = [f"d{i}#0" for i in range(4000)]
    score = rng.choice([0.0, 0.1, 0.8, 0.99], len(ids), p=[0.87, 0.05, 0.05, 0.03])
    truth = pd.Series(rng.random(len(ids)) < pd.Series(score).map({0.0: 0.02, 0.1: 0.2, 0.8: 0.8, 0.99: 0.95}))
    truth.index = ids
    lang = np.where(np.arange(len(ids)) % 2, "fa", "ar")
    passages = pd.DataFrame({"passage_id": ids, "doc_id": ids, "lang": lang, "text": "متن", "modeled": True})
    themes = pd.DataFrame({"passage_id": ids, "theme": "x", "about": score >= 0.5, "score": score})[score > 0]
    run = {"passages": passages, "documents": passages[["doc_id"]].assign(source="o"), "themes": themes}
    fa = lang == "fa"
    real = {"recall": (score >= 0.5)[truth & fa].mean(), "corrected share": truth[fa].mean()}
    covered = {name: [] for name in real}
    for table in coded(run, truth, n=150, samples=25):
        for name, value in real.items():
            row = table.loc[("fa", name)]
            assert row["low"] <= row["value"] <= row["high"]
            covered[name].append(row["low"] <= value <= row["high"])
    for name in real:
        assert np.mean(covered[name]) >= 0.9, name


def test_equal_answers_still_have_an_interval():
    run, _ = tables(400)
    key = sample_for_coding(run, "x", n=60)
    table = score_theme_sheets(key, pd.DataFrame({"coder1": 1.0}, index=key["item"]))[0].set_index(["lang", "measure"])
    for measure, value in (("precision", 1.0), ("corrected share", 1.0)):
        row = table.loc[("all", measure)]
        assert row["value"] == value == row["high"] > row["low"] > 0.5
    recall = table.loc[("all", "recall")]
    assert recall["low"] + 0.01 < recall["value"] < recall["high"] - 0.01
    assert recall["needed"] > 1


def test_measures_of_an_uncoded_stratum_are_nan():
    """Coders who mark only passages about the theme leave the rest empty, which would bias the share."""
    run, truth = tables()
    key = sample_for_coding(run, "x", n=100)
    human = truth[key["passage_id"]].to_numpy(dtype=float, copy=True)
    human[((key["stratum"] == "no term") & (key["lang"] == "fa")).to_numpy()] = np.nan
    answers = pd.DataFrame({"coder1": human}, index=key["item"])
    table = score_theme_sheets(key, answers)[0].set_index(["lang", "measure"])["value"]
    assert table.drop("ar", level="lang").unstack().isna().sum().to_dict() == {
        "corrected share": 2, "f1": 2, "machine share": 0, "precision": 0, "recall": 2,
    }  # fmt: skip
    assert table["ar"].notna().all()
    assert uncoded_strata(key, answers)[["lang", "stratum"]].to_numpy().tolist() == [["fa", "no term"]]


def test_coders_of_disjoint_passages_have_scores_but_no_agreement():
    run, truth = tables()
    key = sample_for_coding(run, "x", n=100)
    human = truth[key["passage_id"]].astype(float).to_numpy()
    first = np.arange(len(key)) % 2 == 0
    both = pd.DataFrame({"coder1": np.where(first, human, np.nan), "coder2": np.where(first, np.nan, human)})
    shared, agreement = score_theme_sheets(key, both.set_index(key["item"]))
    assert agreement == {}
    alone, _ = score_theme_sheets(key, pd.DataFrame({"coder1": human}, index=key["item"]))
    pd.testing.assert_frame_equal(shared, alone)


FOUR_OBSERVERS = [
    [1, 1, None, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4], [1, 1, 2, 1],
    [2, 2, 2, 2], [None, 5, 5, 5], [None, None, 1, 1], [None, 3, None, None],
]  # fmt: skip


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("interval", 0.849)])
def test_alpha_equals_krippendorffs_published_example(level, alpha):
    found = krippendorff_alpha(FOUR_OBSERVERS, level_of_measurement=level, n_resamples=100)
    assert round(found["alpha"], 3) == alpha
    assert found["low"] < alpha < found["high"]
    assert (found["units"], found["coders"]) == (11, 4)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_alpha_without_variation_is_nan():
    assert np.isnan(krippendorff_alpha([[1, 1], [1, 1]], n_resamples=10)["alpha"])
    with pytest.raises(ValueError, match="two coders"):
        krippendorff_alpha([[1, None], [None, 1]])
