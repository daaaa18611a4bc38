"""Two outlets on one theme; table `article_shares`."""

from __future__ import annotations

import pandas as pd
import pytest

import topiclib as tl
from topiclib.report.outlet_comparison import _consonants


@pytest.fixture(scope="module")
def pair(sample_run) -> list[str]:
    """Return the two Persian outlets with the most articles."""
    return sample_run.documents.query("lang == 'fa'")["source"].value_counts().index[:2].tolist()


def test_two_outlets_are_compared_on_one_page(sample_run, pair):
    found = tl.compare_outlets(sample_run, "jcpoa", *pair, period="all")
    assert found.shares["outlet"].tolist() == found.coverage["outlet"].tolist() == pair
    assert found.difference["difference"][0] == pytest.approx(found.shares["share"][0] - found.shares["share"][1])
    assert found.coverage["articles"].tolist() == found.shares["n"].tolist()
    assert found.trend[[f"n {name}" for name in pair]].sum().tolist() == found.coverage["articles"].tolist()
    assert set(found.quotes["source"]) <= set(pair) and len(found.quotes)
    assert all(text in str(found) for text in (*pair, "Coverage", "Difference", "Trend", "Quotes"))
    assert all(name in found._repr_html_() for name in pair)


def test_the_order_of_the_outlets_turns_the_sign_of_the_difference(sample_run, pair):
    one, other = (tl.compare_outlets(sample_run, "jcpoa", *names, period="all").difference for names in
                  (pair, pair[::-1]))  # fmt: skip
    assert one["difference"][0] == -other["difference"][0] and one["side_a"][0] == other["side_b"][0] == pair[0]


@pytest.mark.parametrize(
    ("theme", "outlets", "message"),
    [
        ("jcpoa", ("nobody", None), "there is no outlet 'nobody': expected two of"),
        ("jcpoa", (None, None), "expected two different ones"),
        ("nothing", (None, 1), "the run has no theme 'nothing': expected one of"),
    ],
)
def test_unknown_outlets_and_themes_are_named(sample_run, pair, theme, outlets, message):
    first, second = (pair[0] if name is None else pair[1] if name == 1 else name for name in outlets)
    with pytest.raises(ValueError, match=message):
        tl.compare_outlets(sample_run, theme, first, second)


@pytest.mark.parametrize(
    ("latin", "word"),
    [("Fars", "فارس"), ("Okaz", "عكاظ"), ("ISNA", "ایسنا"), ("Al-Riyadh", "الرياض"), ("aljazirah", "الجزيرة")],
)
def test_a_name_in_latin_letters_is_recognized_in_arabic_script(latin, word):
    assert _consonants(latin) == _consonants(word) != ""


@pytest.mark.parametrize("kind", ["theme", "topic"])
def test_article_shares_have_the_means_of_table_shares(sample_run, kind):
    table = tl.article_shares(sample_run, kind)
    assert not table.duplicated(["doc_id", "key"]).any() and table["share"].between(0, 1).all()
    assert {"source", "date", "lang", "n_passages", "reprint_of"} <= set(table.columns)
    means = table.groupby([table["key"].astype(str), "source"])["share"].mean()
    shares = tl.compare.shares(
        table.pivot(index="doc_id", columns="key", values="share").rename(columns=str),
        sample_run.documents, kind=kind, period="all",
    ).set_index(["key", "level"])["share"]  # fmt: skip
    # As columns of objects: pandas 2 and 3 give the text of an index different types.
    pd.testing.assert_frame_equal(
        *(
            column.rename("share").rename_axis(["key", "source"]).sort_index().reset_index()
            .astype({"key": object, "source": object})
            for column in (means, shares)
        )
    )  # fmt: skip
    if kind == "topic":
        from_run = sample_run.document_topics.set_index(["doc_id", "topic"])["share"].sort_index()
        found = table[table["share"] > 0].set_index(["doc_id", "key"])["share"].sort_index()
        pd.testing.assert_series_equal(found, from_run, check_names=False)


def test_article_shares_of_an_unknown_kind(sample_run):
    with pytest.raises(ValueError, match="kind is 'outlet': expected theme or topic"):
        tl.article_shares(sample_run, "outlet")
