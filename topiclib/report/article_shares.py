"""Table `article_shares`: the share of each theme or topic in each article, for models with several covariates."""

from __future__ import annotations

from typing import Any

import pandas as pd

from topiclib import compare
from topiclib.runs.tables import counted_passages

KINDS = ("theme", "topic")


def wide_article_shares(run: Any, kind: str = "theme") -> pd.DataFrame:
    """Return the shares of each article's passages, (articles, themes or topics).

    A reprinted passage has the topic of its original.
    """
    tables = getattr(run, "tables", run)
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}: expected {' or '.join(KINDS)}")
    passages = counted_passages(tables["passages"])
    if kind == "theme":
        labels = tables["themes"].query("about").rename(columns={"theme": "key"})
        keys = list(getattr(run, "manifest", {}).get("themes", [])) or sorted(tables["themes"]["theme"].unique())
    else:
        original = passages["reprint_of"].where(passages["reprint_of"] != "", passages["passage_id"])
        topic = original.map(tables["assignments"].set_index("passage_id")["topic"])
        labels = passages[["passage_id"]].assign(key=topic).dropna().astype({"key": int})
        keys = sorted(tables["topics"]["topic"])
    return compare.compute_article_shares(passages, labels).reindex(columns=keys, fill_value=0.0)


def article_shares(run: Any, kind: str = "theme") -> pd.DataFrame:
    """Return the share of each theme (or topic) in each article, with what is known of the article.

    Parameters
    ----------
    run
        Result of `run` or `open_run`, or its tables by name.
    kind : {"theme", "topic"}
        Whether `key` is the key of a theme or the number of a topic.

    Returns
    -------
    DataFrame
        One row per article and theme (or topic): doc_id, kind, key, share (of the article's passages, 0 to 1),
        n_passages, then the columns of table `documents` except title, text and dropped: source, date, lang, the
        columns that `--sources` and `--metadata` joined, and `reprint_of`, the article that this one mostly repeats
        (or itself). `docs/COVARIATES.md` shows how to fit models to it.

    Raises
    ------
    ValueError
        If `kind` is neither "theme" nor "topic".
    """
    tables = getattr(run, "tables", run)
    wide = wide_article_shares(run, kind).rename_axis(index="doc_id", columns="key")
    sizes = counted_passages(tables["passages"]).groupby("doc_id").size().rename("n_passages")
    documents = compare.link_article_reprints(tables["documents"], tables["passages"])
    known = documents.drop(columns=["title", "text", "dropped"], errors="ignore")
    rows = wide.stack().rename("share").reset_index().assign(kind=kind)[["doc_id", "kind", "key", "share"]]
    return rows.join(sizes, on="doc_id").merge(known, on="doc_id", how="left")
