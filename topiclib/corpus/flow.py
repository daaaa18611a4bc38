"""Count articles and passages at each step from reading to modeling."""

import pandas as pd

from topiclib import schema


def count_flow(documents: pd.DataFrame, passages: pd.DataFrame) -> pd.DataFrame:
    """Count the articles and passages that were read, excluded and modeled, by outlet and reason.

    Parameters
    ----------
    documents, passages
        The tables; passages including those that are not modeled (`make_passages(..., keep="all")`).

    Returns
    -------
    DataFrame
        Table `flow`. Steps in order: articles found, dropped (by reason) and used (`articles`); passages segmented
        (`passages`, by kind), excluded (`left out`, by reason) and modeled (by language).
    """
    outlet = passages["doc_id"].map(documents.set_index("doc_id")["source"]).rename("source")
    dropped = documents["dropped"].str.partition(":")[0]  # "unreadable: ..." has the details after the colon
    used, modeled = documents["dropped"] == "", passages["modeled"]
    steps = [
        ("found", documents["source"], pd.Series("", index=documents.index)),
        ("dropped", documents["source"][~used], dropped[~used]),
        ("articles", documents["source"][used], dropped[used]),
        ("passages", outlet, passages["kind"]),
        ("left out", outlet[~modeled], exclusion_reasons(passages)[~modeled]),
        ("modeled", outlet[modeled], passages["lang"][modeled]),
    ]
    rows = []
    for step, source, reason in steps:
        counts = pd.crosstab(source, reason).stack() if len(source) else pd.Series(dtype=int)
        rows += [(step, *key, int(n)) for key, n in counts.items() if n]
    return schema.conform(pd.DataFrame(rows, columns=list(schema.get_table("flow").columns)), "flow")


def exclusion_reasons(passages: pd.DataFrame) -> pd.Series:
    """Return the reason why each passage is left out; where several apply, the last one below wins."""
    reason = passages["kind"].where(passages["kind"].isin(["caption", "byline", "boilerplate"]), "empty")
    reason = reason.mask(~passages["lang"].isin(schema.LANGUAGES), "another language")
    return reason.mask(passages["reprint_of"] != "", "reprint")
