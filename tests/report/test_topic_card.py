"""Topic cards, from tables alone."""

import numpy as np
import pandas as pd
import pytest

from topiclib.cli.main import main
from topiclib.report.topic_card import FRAMING_NOTE, format_topic_card, summarize_topics


def make_tables() -> dict[str, pd.DataFrame]:
    """Eight passages: three Persian of outlet a and one Arabic of b in topic 0, the other way round in topic 1."""
    topic = [0, 0, 0, 0, 1, 1, 1, 1]
    lang = ["fa", "fa", "fa", "ar", "fa", "ar", "ar", "ar"]
    ids = [f"d{i}" for i in range(8)]
    source = ["a" if code == "fa" else "b" for code in lang[:-1]] + [""]
    return {
        "documents": pd.DataFrame({"doc_id": ids, "source": source}),
        "passages": pd.DataFrame({"passage_id": ids, "doc_id": ids, "lang": lang}),
        "assignments": pd.DataFrame({"passage_id": ids, "topic": topic, "similarity": np.linspace(0.2, 0.9, 8)}),
        "topics": pd.DataFrame(
            {
                **{
                    "topic": [0, 1],
                    "size": 4,
                    "name_en": "",
                    "name_fa": "",
                    "name_ar": "",
                    "label_fa": "x",
                    "label_ar": "y",
                },
                **{"share_fa": [0.75, 0.25], "share_ar": [0.25, 0.75]},
            }
        ),
    }


def test_card_has_shares_lifts_outlets_and_similarity():
    cards = summarize_topics(make_tables()).set_index("topic")
    assert cards["share"].tolist() == [0.5, 0.5]
    assert cards["lift_fa"].tolist() == [1.5, 0.5]
    assert cards["lift_ar"].tolist() == [0.5, 1.5]
    assert np.allclose(cards["similarity"], [0.35, 0.75])
    assert cards["articles"].tolist() == [4, 4]
    assert cards["outlets"].tolist() == [2, 2]
    assert cards["largest_outlet"].tolist() == ["a", "b"]
    assert cards["largest_share"].tolist() == [0.75, 0.5]


def test_cards_without_outlets_or_without_a_language():
    tables = make_tables()
    tables["documents"]["source"] = ""
    tables["passages"]["lang"] = "fa"
    cards = summarize_topics(tables)
    assert cards["outlets"].eq(0).all()
    assert cards["largest_outlet"].eq("").all()
    assert cards["largest_share"].eq(0).all()
    assert cards["lift_ar"].isna().all()


def test_formatted_card_has_right_to_left_text_on_lines_of_its_own():
    tables = make_tables()
    tables["passages"]["text"] = ["متن\nنخست", *["متن"] * 7]
    tables["keywords"] = pd.DataFrame({"topic": 0, "lang": "fa", "rank": [2, 1], "word": ["گاز", "نفت"]})
    tables["quotes"] = pd.DataFrame({"kind": "topic", "key": "0", "lang": "fa", "passage_id": ["d0"], "score": [0.2]})
    lines = format_topic_card(tables, 0).splitlines()
    assert lines[0] == "topic 0: 4 passages of 4 articles, 2 outlets; 50.0% of all passages; mean similarity 0.35"
    assert lines[3:8] == [
        "Persian: 75.0% of all Persian passages, 1.50 times the topic's share of all passages",
        "نفت، گاز",
        "[d0] a",
        "متن نخست",
        "",
    ]
    assert lines[-1] == FRAMING_NOTE
    tables["topics"].loc[0, "share_ar"] = 0.0
    assert "Arabic: no passage" in format_topic_card(tables, 0)
    with pytest.raises(ValueError, match="no topic 7: expected one of 0, 1"):
        format_topic_card(tables, 7)


def test_card_command_prints_topics(sample_run, capsys):
    assert main(["card", str(sample_run.path), "0", "1"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("of all passages; mean similarity") == shown.count(FRAMING_NOTE) == 2 and shown.count("[") == 12
    assert main(["card", str(sample_run.path), "99"]) == 2
    assert "no topic 99" in capsys.readouterr().err
