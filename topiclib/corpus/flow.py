"""What went in, what was left out on the way, and why."""

import pandas as pd

from topiclib import schema


def count_flow(documents: pd.DataFrame, passages: pd.DataFrame) -> pd.DataFrame:
    """Count what went in and what was left out, by outlet and reason.

    Parameters
    ----------
    documents, passages
        The tables; passages with those that are not modeled (`make_passages(..., keep="all")`).

    Returns
    -------
    DataFrame
        Table `count_flow`. Steps in order: found (articles), dropped, articles (used), passages, left out, modeled.
    """
    outlet = passages["doc_id"].map(documents.set_index("doc_id")["source"]).rename("source")
    dropped = documents["dropped"].str.partition(":")[0]
    kept = documents["dropped"] == ""
    steps = [
        ("found", documents["source"], pd.Series("", index=documents.index)),
        ("dropped", documents["source"][~kept], dropped[~kept]),
        ("articles", documents["source"][kept], pd.Series("", index=documents.index[kept])),
        ("passages", outlet, passages["kind"]),
        ("left out", outlet[~passages["modeled"]], _exclusion_reasons(passages)[~passages["modeled"]]),
        ("modeled", outlet[passages["modeled"]], passages["lang"][passages["modeled"]]),
    ]
    rows = []
    for step, source, reason in steps:
        counts = pd.crosstab(source, reason).stack() if len(source) else pd.Series(dtype=int)
        rows += [(step, at[0], at[1], int(n)) for at, n in counts.items() if n]
    return schema.conform(pd.DataFrame(rows, columns=list(schema.get_table("flow").columns)), "flow")


def _exclusion_reasons(passages: pd.DataFrame) -> pd.Series:
    reason = passages["kind"].where(passages["kind"].isin(["caption", "byline", "boilerplate"]), "empty")
    reason = reason.mask(~passages["lang"].isin(schema.LANGUAGES), "another language")
    return reason.mask(passages["reprint_of"] != "", "reprint")
