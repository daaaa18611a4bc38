"""Count articles, passages and words at each step from reading to modeling."""

import pandas as pd

from topiclib import schema


def count_flow(documents: pd.DataFrame, passages: pd.DataFrame) -> pd.DataFrame:
    """Count the articles, passages and words that were read, left out and modeled, by outlet, language and reason.

    `passages` includes those that are not modeled (`make_passages(..., keep="all")`).
    """
    articles = documents[["source", "lang"]].assign(n=1)
    dropped = documents["dropped"].str.split(":").str[0]  # "unreadable: ..." has the details after the colon
    rows = passages[["doc_id"]].merge(documents[["doc_id", "source", "lang"]], on="doc_id", how="left").assign(n=1)
    words = rows.assign(n=passages["text"].str.count(r"\S+").to_numpy())
    used, out = (documents["dropped"] == "").to_numpy(), ~passages["modeled"].to_numpy()
    reasons = exclusion_reasons(passages).to_numpy()
    # The steps of table `flow`, in order. The reason of a passage is its kind, and its language if it is modeled.
    steps = {
        "found": articles.assign(reason=""),
        "dropped": articles[~used].assign(reason=dropped[~used]),
        "articles": articles[used].assign(reason=""),
        "passages": rows.assign(reason=passages["kind"].to_numpy()),
        "left out": rows[out].assign(reason=reasons[out]),
        "modeled": rows[~out].assign(reason=passages["lang"].to_numpy()[~out]),
        "words": words.assign(reason=""),
        "words left out": words[out].assign(reason=reasons[out]),
    }
    counts = pd.concat({step: frame.groupby(["source", "lang", "reason"])["n"].sum() for step, frame in steps.items()})
    counts = counts[counts > 0].rename_axis(["step", "source", "lang", "reason"])
    return schema.conform(counts.reset_index(), "flow")


def exclusion_reasons(passages: pd.DataFrame) -> pd.Series:
    """Return the reason why each passage is left out; where several apply, the last one below wins."""
    reason = passages["kind"].where(passages["kind"].isin(["caption", "byline", "boilerplate"]), "empty")
    is_content = passages["kind"].isin(["body", "title"]) & (passages["text"] != "") & (passages["reprint_of"] == "")
    reason = reason.mask(is_content, "excluded")
    reason = reason.mask(~passages["lang"].isin(schema.LANGUAGES), "another language")
    reason = reason.mask(passages["kind"] == "reversed", "reversed letters")
    return reason.mask(passages["reprint_of"] != "", "reprint")
