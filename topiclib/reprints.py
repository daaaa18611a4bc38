"""Reprints across the parts of a corpus: numbers of three-word runs are joined, never texts.

A part writes the runs of its documents (`runs/PART`, a row a document). One run in four is a key; keys are joined over
all parts, which links documents; each document is then held beside the earlier ones that it is linked to, run by run,
by the rule of a corpus in one piece (`passages.repeated`). Nothing that is held grows with the corpus but the links.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import TypeAlias

import numpy as np
import pandas as pd

from topiclib.parts import Work
from topiclib.passages import precedence, repeated, shingle
from topiclib.workers import Workers

EVERY = 4
"""Of its three-word runs a passage gives one in so many, by their number, as keys to find its reprints by."""
COMMON = 100
"""A run that more documents have is a phrase of news: it proves nothing."""
LIKELY = 0.4
"""Keys that a passage and a document share before both are compared run by run; .6 is asked then."""
REPRINTS = ["passage_id", "kept", "part", "kept_part"]
PART = 1 << 32  # passages and documents are numbered part * PART + row
ROWS = 64  # documents that are read together where one of them is needed
HELD = 2_000_000  # runs that a task holds at once
JOINED = 500_000  # rows that a join may give before they are counted
LINKS = 10_000  # that a task gets, unless more hang together
Row: TypeAlias = tuple[int, int]  # a document, by its place in the order in which documents are kept, and its passage


def write_runs(work: Work, part: int, passages: pd.DataFrame) -> None:
    """Write the three-word runs of each document: `sizes` tells how many of `runs` are those of each passage."""

    def runs() -> pd.DataFrame:
        rows = []
        for doc_id, of in passages.groupby("doc_id", sort=False):
            each = [np.array(shingle(text), "uint32") for text in of["text"]]
            sizes, titles = np.array([len(some) for some in each]), (of["kind"] == "title").to_numpy()
            rows.append((doc_id, of["date"].iloc[0], int(sizes.sum()), titles, sizes, np.concatenate(each)))
        return pd.DataFrame(rows, columns=["doc_id", "date", "size", "titles", "sizes", "runs"])

    work.keep(f"runs/{part}", runs, group=ROWS)


def read_keys(work: Work, part: int) -> pd.DataFrame:
    """Return the keys of a part: a row for each run that is one, with its passage and document, the `size` of the
    document, and how many `keys` the passage has.
    """
    of = work.read(f"runs/{part}", ["size", "sizes", "runs"])
    sizes, runs = (np.concatenate([np.zeros(0, "int64"), *of[name]]).astype("int64") for name in ("sizes", "runs"))
    doc = np.repeat(np.arange(len(of)), of["sizes"].map(len).astype("int64"))
    passage = np.repeat(np.arange(len(sizes)), sizes)
    some = runs % EVERY == 0
    without = np.bincount(passage[some], minlength=len(sizes)) == 0
    some[(np.cumsum(sizes) - sizes)[without]] = True  # its first run: each passage has a key
    passage = passage[some]
    columns = {"run": runs[some], "passage": part * PART + passage, "doc": part * PART + doc[passage]}
    columns |= {"size": of["size"].to_numpy("int64")[doc[passage]], "keys": np.bincount(passage)[passage]}
    return pd.DataFrame(columns, dtype="int64")


def shared_keys(keys: pd.DataFrame) -> pd.DataFrame:
    """Return how many keys each passage shares with each other document that is no smaller, in rows that have all of a
    key; `other` is -1 for the keys that too many documents have.
    """
    by = ["passage", "doc", "keys", "other"]
    holders = keys[["run", "doc", "size"]].drop_duplicates().rename(columns={"doc": "other", "size": "of"})
    times = keys["run"].map(holders["run"].value_counts())
    rare = keys[times <= COMMON].sort_values("run", kind="stable")
    lot = times[rare.index].cumsum() // JOINED
    counts = [keys[times > COMMON].assign(other=-1).groupby(by).size()]
    for _, some in rare.groupby(lot.to_numpy()):
        pairs = some.merge(holders, on="run")
        pairs = pairs[(pairs["doc"] != pairs["other"]) & (pairs["of"] >= pairs["size"])]
        counts.append(pairs.groupby(by).size())
    return _sum(pd.concat(counts).rename("n").reset_index(), by)


def _sum(counts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    return counts.groupby(by)["n"].sum().reset_index().astype("int64")


def likely_pairs(shared: pd.DataFrame) -> pd.DataFrame:
    """Return documents with others of which they may repeat a passage, of rows that have all of a passage."""
    sums = _sum(shared, ["passage", "doc", "keys", "other"])
    common = sums[sums["other"] < 0].set_index("passage")["n"]
    pairs = sums[sums["other"] >= 0]
    doubtful = pairs["passage"].map(common).fillna(0)  # keys that prove nothing: given the benefit of the doubt
    return pairs[pairs["n"] + doubtful >= LIKELY * pairs["keys"]][["doc", "other"]].drop_duplicates().astype("int64")


def find_across(work: Work, workers: Workers) -> pd.DataFrame:
    """Find the reprints of all parts: a row a reprint, with the passage that is kept, and the parts of both."""
    with tempfile.TemporaryDirectory() as aside:
        keys = workers.frame(partial(read_keys, work), range(len(workers.parts)))
        shared = workers.shuffle(keys, "run", aside).map_partitions(shared_keys, meta=_meta("passage doc keys other n"))
        pairs = workers.shuffle(shared, "passage", aside).map_partitions(likely_pairs, meta=_meta("doc other"))
        links = np.unique(workers.result(pairs).to_numpy(), axis=0)
    packs = _packs(links)
    found = workers.each("reprints", partial(reprints_of, work), packs) if packs else []
    return pd.concat([_frame([]), *found], ignore_index=True)


def _meta(columns: str) -> pd.DataFrame:
    return pd.DataFrame(columns=columns.split(), dtype="int64")


def _frame(rows: list[tuple[str, str, int, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=REPRINTS).astype({"part": "int64", "kept_part": "int64"})


def _packs(links: np.ndarray) -> list[np.ndarray]:
    """Return links in lots: those of documents that hang together are in one."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if not len(links):
        return []
    docs, ends = np.unique(links, return_inverse=True)
    one, other = ends.reshape(-1, 2).T
    graph = coo_matrix((np.ones(len(one), dtype=bool), (one, other)), (len(docs), len(docs)))
    group = connected_components(graph, directed=False)[1][one]
    links, group = links[np.argsort(group, kind="stable")], np.sort(group)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    return np.split(links, starts[np.flatnonzero(np.diff(starts // LINKS, prepend=0))])


def reprints_of(work: Work, links: np.ndarray) -> pd.DataFrame:
    """Return which passages of some documents are reprints, and of which, both with their parts.

    Parameters
    ----------
    links
        (n, 2): the numbers of a document and of one that it may repeat; all links of each such document.
    """
    docs = np.unique(links)
    facts = _read(work, docs, ["doc_id", "date", "size"])
    names, sizes = facts["doc_id"].tolist(), facts["size"].tolist()
    order = sorted(range(len(docs)), key=[*map(precedence, sizes, facts["date"], names)].__getitem__)
    place = np.argsort(order)
    one, other = place[np.searchsorted(docs, links)].T
    earlier = other < one
    found: dict[Row, Row] = {}
    for lot in _lots(one[earlier], other[earlier], np.array(sizes)[order]):
        rows = _read(work, docs[order], ["titles", "sizes", "runs"], at=np.unique(lot))
        for doc, others in lot.groupby("one")["other"]:
            found |= _found(doc, sorted(others), rows, found)
    ids, parts = [names[i] for i in order], docs[order] // PART
    return _frame(
        [(f"{ids[a]}#{i}", f"{ids[b]}#{j}", int(parts[a]), int(parts[b])) for (a, i), (b, j) in found.items()]
    )


def _lots(one: np.ndarray, other: np.ndarray, sizes: np.ndarray) -> Iterator[pd.DataFrame]:
    """Yield links in the order of their documents, as many as have `HELD` runs."""
    links = pd.DataFrame({"one": one, "other": other}).sort_values(["one", "other"], ignore_index=True)
    runs = np.cumsum(sizes[links["other"]]) + sizes[np.unique(one)].cumsum()[pd.factorize(links["one"])[0]]
    last = pd.Series(runs).groupby(links["one"]).transform("last")  # a document and its links stay together
    for _, lot in links.groupby(last.to_numpy() // HELD):
        yield lot


def _found(doc: int, others: list[int], rows: pd.DataFrame, found: dict[Row, Row]) -> dict[Row, Row]:
    """Return which passages of a document are reprints of what is kept of others."""
    mine = _passages(rows, doc)
    every, holders = set().union(*mine.values()), defaultdict(list)
    for row, runs in (item for other in others for item in _passages(rows, other).items() if item[0] not in found):
        for run in runs & every:
            holders[run].append(row)
    titles = {row for row, title in zip(mine, rows.at[doc, "titles"], strict=True) if title}
    return repeated(mine, titles, holders, lambda row: row[0])


def _passages(rows: pd.DataFrame, doc: int) -> dict[Row, set[int]]:
    runs, ends = rows.at[doc, "runs"].tolist(), np.cumsum(rows.at[doc, "sizes"]).tolist()
    starts = [0, *ends[:-1]]
    return {(doc, i): set(runs[start:end]) for i, (start, end) in enumerate(zip(starts, ends, strict=True))}


def _read(work: Work, docs: np.ndarray, columns: list[str], at: np.ndarray | None = None) -> pd.DataFrame:
    """Read documents by their numbers; with `at` only those at some places, which are the index then."""
    places = np.arange(len(docs)) if at is None else at
    places = places[np.argsort(docs[places])]
    part, row = np.divmod(docs[places], PART)
    frames = [work.read_rows(f"runs/{p}", row[part == p], columns) for p in np.unique(part)]
    return pd.concat(frames, ignore_index=True).set_axis(places).sort_index()
