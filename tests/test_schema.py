import pandas as pd
import pytest

from topiclib import schema


@pytest.mark.parametrize("name", list(schema.TABLES))
def test_empty_tables_have_their_columns_and_pass_conform(name):
    frame = schema.conform(schema.empty_table(name), name)
    assert list(frame.columns) == list(schema.TABLES[name].columns)
    assert len(frame) == 0


def test_conform_orders_columns_casts_dtypes_and_fills_missing_text():
    frame = pd.DataFrame({"n": [2.0], "period": [None], "source": ["الف"]})
    out = schema.conform(frame, "coverage")
    assert list(out.columns) == ["source", "period", "n"]
    assert out["n"].dtype == "int64"
    assert out.loc[0, "period"] == ""


@pytest.mark.parametrize(
    ("frame", "error", "words"),
    [
        (pd.DataFrame({"source": ["a"], "n": [1]}), ValueError, "period.*source, n"),
        (
            pd.DataFrame({"source": ["a", "a"], "period": ["", ""], "n": [1, 2]}),
            ValueError,
            "1 repeated keys.*'a'",
        ),
        ([1, 2], TypeError, "DataFrame, but got list"),
    ],
)
def test_conform_names_the_problem(frame, error, words):
    with pytest.raises(error, match=words):
        schema.conform(frame, "coverage")


def test_an_unknown_table_raises_and_lists_the_tables():
    with pytest.raises(KeyError, match="assignments"):
        schema.get_table("topic")


def test_only_tables_with_allow_extra_keep_the_users_columns():
    documents = pd.DataFrame([{**dict.fromkeys(schema.TABLES["documents"].columns, ""), "doc_id": "1", "owner": "x"}])
    assert schema.conform(documents, "documents")["owner"].tolist() == ["x"]
    assert "owner" not in schema.conform(schema.empty_table("coverage").assign(owner=[]), "coverage")


def test_passages_that_are_not_modeled_raise():
    with pytest.raises(ValueError, match=r"1 passages.*passages\[passages\['modeled'\]\]"):
        schema.require_modeled(pd.DataFrame({"modeled": [True, False]}), caller="embed")
