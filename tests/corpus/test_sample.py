"""The sample matches its README: subjects as planned, original texts, style in the range of real news."""

import csv
import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from corpora import SHARED

from topiclib.text import fold, split_sentences

SAMPLE = Path(__file__).resolve().parents[2] / "topiclib" / "corpus" / "sample"
ARTICLES = [
    json.loads(line) for file in sorted(SAMPLE.glob("articles.*.jsonl")) for line in file.open(encoding="utf-8")
]
PLAN = {row["id"]: row for row in csv.DictReader((SAMPLE / "plan.csv").open(encoding="utf-8"))}
GOLD = [json.loads(line) for line in (SAMPLE / "gold.jsonl").open(encoding="utf-8")]
SUBJECTS = ["jcpoa", "sanctions", "caucasus", "drones", "syria", "saudi"]
SUBJECTS += ["treaty", "trade", "football", "earthquake", "water"]
PLANNED = {"fa": [6, 7, 7, 4, 2, 2, 2, 2, 3, 2, 3], "ar": [5, 4, 3, 4, 7, 6, 1, 1, 3, 3, 3]}
NEWS = {"fa": ("fars_fa.dev", "isna_fa"), "ar": ("ant_ar.dev", "saudinewsnet_ar.dev")}


def words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))


def ngrams(text: str, n: int = 8) -> set[tuple[str, ...]]:
    tokens = words(text)
    return {tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)}


@pytest.fixture(scope="module")
def news() -> dict[str, list[str]]:
    if not (SHARED / "data").is_dir():
        pytest.skip("the real news are missing: put the test corpora into ../shared/data")
    files = {lang: [SHARED / "data" / f"{name}.jsonl" for name in names] for lang, names in NEWS.items()}
    return {
        lang: [json.loads(row)["text"] for file in paths for row in file.open(encoding="utf-8")]
        for lang, paths in files.items()
    }


@pytest.mark.parametrize("lang", ["fa", "ar"])
def test_subjects_are_as_planned(lang):
    counts = Counter(PLAN[article["id"]]["subject"] for article in ARTICLES if article["lang"] == lang)
    assert [counts[subject] for subject in SUBJECTS] == PLANNED[lang]
    assert sum(counts.values()) == 40


def test_the_planned_subject_is_that_of_most_paragraphs():
    """According to gold.jsonl, without ties."""
    subjects = defaultdict(Counter)
    for row in GOLD:
        subjects[row["id"]] += Counter([row["subject"]] if row["subject"] else [])
    for article, counts in subjects.items():
        assert set(counts) <= set(SUBJECTS)
        assert counts.pop(PLAN[article]["subject"]) > max(counts.values(), default=0), article


def test_articles_have_a_usual_size_and_are_marked_synthetic():
    for article in ARTICLES:
        assert article["synthetic"] is True
        assert 4 <= article["text"].count("\n\n") + 1 <= 7, article["id"]
        assert 190 <= len(article["text"].split()) <= 360, article["id"]
    assert sum(file.stat().st_size for file in SAMPLE.iterdir() if file.is_file()) < 1_000_000


def test_gold_covers_every_paragraph():
    spans = defaultdict(list)
    for row in GOLD:
        assert set(row["themes"]) <= {"jcpoa", "caucasus", "drones", "sanctions"}
        spans[row["id"]].append((row["start"], row["end"]))
    for article in ARTICLES:
        paragraphs = [article["text"][start:end] for start, end in spans[article["id"]]]
        assert "\n\n".join(paragraphs) == article["text"]
    counts = Counter(theme for row in GOLD for theme in row["themes"])
    assert min(counts.values()) >= 45


@pytest.mark.parametrize(("lang", "percent"), [("fa", [18, 18, 10, 25]), ("ar", [13, 8, 11, 17])])
def test_themes_are_as_planned(lang, percent):
    of_lang = [row["themes"] for row in GOLD if row["id"].startswith(lang)]
    counts = Counter(theme for themes in of_lang for theme in themes)
    shares = [counts[theme] / len(of_lang) for theme in ("jcpoa", "caucasus", "drones", "sanctions")]
    assert [round(100 * share) for share in shares] == percent


def test_only_the_two_planned_reprints_share_text():
    seen: dict[tuple[str, ...], str] = {}
    shared = set()
    for article in ARTICLES:
        for ngram in ngrams(article["text"]):
            if seen.setdefault(ngram, article["id"]) != article["id"]:
                shared.add((seen[ngram], article["id"]))
    reprints = {
        (row["note"].removeprefix("reprint of "), row["id"]) for row in PLAN.values() if "reprint" in row["note"]
    }
    assert shared == reprints == {("fa-020", "fa-021"), ("ar-022", "ar-023")}


def test_no_article_repeats_a_real_text():
    if not (SHARED / "data").is_dir():
        pytest.skip("the real texts are missing: put the test corpora into ../shared")
    article_of = {ngram: article["id"] for article in ARTICLES for ngram in ngrams(article["text"])}
    for file in [*sorted((SHARED / "data").glob("*.jsonl")), *sorted((SHARED / "seeds").glob("*.txt"))]:
        for line in file.open(encoding="utf-8"):
            text = json.loads(line)["text"] if file.suffix == ".jsonl" else line
            common = ngrams(text) & article_of.keys()
            assert not common, (file.name, article_of[next(iter(common))], common)


def richness(text: str) -> float:
    """Return the type-token ratio of the first 200 words, which does not depend on length."""
    first = words(text)[:200]
    return len(set(first)) / len(first)


def sentence_length(text: str, lang: str) -> float:
    return len(text.split()) / len(split_sentences(text, lang))


@pytest.mark.parametrize("lang", ["fa", "ar"])
def test_style_is_within_the_range_of_real_news(news, lang):
    """The median lies within the central 98 % of real articles, and all within their range; one mixed text excepted."""
    real = [text for text in news[lang] if len(text.split()) >= 200][:1500]
    synthetic = [
        article["text"]
        for article in ARTICLES
        if article["lang"] == lang and "mixed" not in PLAN[article["id"]]["note"]
    ]
    for measure in (richness, lambda text: sentence_length(text, lang)):
        expected, observed = (np.array([measure(text) for text in texts]) for texts in (real, synthetic))
        low, high = np.percentile(expected, [1, 99])
        assert low <= np.median(observed) <= high
        assert expected.min() <= observed.min()
        assert observed.max() <= expected.max()
