"""Reprints across the parts of a corpus, by tasks that each hold a part, or what a few parts have of one lot of keys.

Parts write keys, sorted into buckets (`write_shingle_keys`); each bucket tells which passages share keys with which documents
(`count_shared_keys`); each part tells which of its documents may be reprints, and of which (`find_candidates`); these documents are
brought together in batches (`export_candidates`), where the rule of a corpus in one piece decides (`match_candidates`). What goes
from one to the next is cut into pieces in the work folder.
"""

from __future__ import annotations

from functools import partial
from itertools import chain

import numpy as np
import pandas as pd

from topiclib.corpus.reprints import MIN_SHINGLES, find_reprints, shingles
from topiclib.runs.dask.executor import Executor
from topiclib.runs.dask.workspace import Workspace

SHINGLES_PER_KEY = 4
"""Of its three-word runs a passage gives one in so many, by their number, as keys to find its reprints by."""

MAX_PARTITIONS_EXACT = 8
"""Up to so many parts, which one machine can fit as well, every run is a key: no reprint is missed by chance."""

MAX_DF = 100
"""A run that more documents have is a phrase of news: it proves nothing."""

MIN_KEY_OVERLAP = 0.4
"""Keys that a passage and a document share before both are compared run by run; .6 is asked then."""

PARTITIONS_PER_BUCKET = 4
"""Parts that have as many keys as a bucket."""

ROWS_PER_JOIN = 100_000
"""Rows that keys are joined to at once, before they are counted."""

DOCUMENTS_PER_BATCH = 1_000
"""Documents that are compared in one task, unless more hang together."""

ID_STRIDE = 1 << 32  # passages and documents are numbered part * PART + row

REPRINT_COLUMNS = ["passage_id", "kept", "part", "kept_part"]


def find_cross_partition_reprints(work: Workspace, workers: Executor) -> pd.DataFrame:
    """Find the reprints of all parts: a row a reprint, with the passage that is kept, and the parts of both."""
    parts, buckets = range(len(workers.parts)), _n_buckets(len(workers.parts))
    workers.each("join", partial(count_shared_keys, work, len(parts)), range(buckets))
    members = group_candidates(pd.concat(workers.each("link", partial(find_candidates, work, buckets), parts)))
    ends = np.searchsorted(members["doc"], ID_STRIDE * np.arange(1, len(parts)))
    lent = [members.iloc[rows] for rows in np.split(np.arange(len(members)), ends)]
    n = int(members["batch"].max()) + 1 if len(members) else 0
    workers.each("lend", partial(export_candidates, work, n), parts, lent)
    each = workers.each("match", partial(match_candidates, work, len(parts)), range(n))
    found = pd.concat([_reprint_frame([]), *each], ignore_index=True)
    first = found.set_index("passage_id")[["kept", "kept_part"]]
    for row in np.flatnonzero(found["kept"].isin(first.index)):  # kept in one batch and a reprint in another
        found.loc[row, ["kept", "kept_part"]] = first.loc[found["kept"][row]]
    return found


def _shingles_per_key(parts: int) -> int:
    return 1 if parts <= MAX_PARTITIONS_EXACT else SHINGLES_PER_KEY


def _n_buckets(parts: int) -> int:
    return -(-parts * SHINGLES_PER_KEY // (PARTITIONS_PER_BUCKET * _shingles_per_key(parts)))


def write_shingle_keys(work: Workspace, part: int, parts: int, passages: pd.DataFrame) -> None:
    """Write the keys of a part's passages, in pieces by bucket, and for each passage its document, the number of its
    keys, and whether it can be evidence of a reprint (`passages.MIN_SHINGLES`).
    """
    if work.has_pieces(f"keys/{part}"):
        return
    doc = part * ID_STRIDE + pd.factorize(passages["doc_id"])[0]
    every, some, sizes = _shingles_per_key(parts), [], np.zeros(len(doc), dtype=int)
    for at, text in enumerate(passages["text"]):
        runs = shingles(text)
        some.append([run for run in runs if run % every == 0] or [min(runs)])
        sizes[at] = len(runs)
    keys, evidence = np.array([len(of) for of in some], dtype=int), sizes >= MIN_SHINGLES
    heads = pd.DataFrame({"doc": doc, "keys": keys, "evidence": evidence & (passages["kind"] != "title").to_numpy()})
    work.keep(f"heads/{part}", heads.copy)
    run, row = np.fromiter(chain.from_iterable(some), dtype=np.int64), np.repeat(np.arange(len(doc)), keys)
    size = pd.Series(sizes).groupby(doc).transform("sum").to_numpy()  # of the document
    frame = pd.DataFrame({"run": run, "passage": part * ID_STRIDE + row, "doc": doc[row], "size": size[row]})
    work.keep_pieces(f"keys/{part}", frame, run // every % _n_buckets(parts), _n_buckets(parts))


def count_shared_keys(work: Workspace, parts: int, bucket: int) -> None:
    """Write, in pieces by part, how many keys of a bucket each passage shares with each other document that is no
    shorter (of two alike the longer is kept); `other` is -1 for the keys that too many documents have.
    """
    if work.has_pieces(f"shared/{bucket}"):
        return
    keys = work.read_pieces([f"keys/{part}" for part in range(parts)], bucket)
    holders = keys[["run", "doc", "size"]].drop_duplicates().rename(columns={"doc": "other", "size": "of"})
    times = keys["run"].map(holders["run"].value_counts()).to_numpy()
    rare = np.flatnonzero((times > 1) & (times <= MAX_DF))
    lots = np.split(rare, np.flatnonzero(np.diff(times[rare].cumsum() // ROWS_PER_JOIN)) + 1)
    counts = [keys[times > MAX_DF].assign(other=-1)[["passage", "other"]].value_counts().rename("n").reset_index()]
    for lot in lots:
        pairs = keys.iloc[lot].merge(holders, on="run")
        pairs = pairs[(pairs["doc"] != pairs["other"]) & (pairs["of"] >= pairs["size"])]
        counts.append(pairs[["passage", "other"]].value_counts(sort=False).rename("n").reset_index())
    shared = pd.concat(counts, ignore_index=True).astype("int64")
    work.keep_pieces(f"shared/{bucket}", shared, shared["passage"].to_numpy() // ID_STRIDE, parts)


def find_candidates(work: Workspace, buckets: int, part: int) -> pd.DataFrame:
    """Return the documents of a part that may be reprints, as `doc`, with each document that they share a passage with,
    as `other`, and whether they may be reprints of it (`close`).

    By the rule such a document has a passage that is evidence, or is of scraps that are elsewhere every one. What else
    is alike in scraps alone (titles, times of day) would make one corpus of the half of all news.
    """

    def link() -> pd.DataFrame:
        heads = work.read(f"heads/{part}")
        shared = work.read_pieces([f"shared/{bucket}" for bucket in range(buckets)], part)
        sums = shared.groupby(["passage", "other"])["n"].sum().reset_index()
        row, n, other = sums["passage"].to_numpy() % ID_STRIDE, sums["n"].to_numpy(), sums["other"].to_numpy()
        asked = MIN_KEY_OVERLAP * heads["keys"].to_numpy()
        asked[row[other < 0]] -= n[other < 0]  # keys that prove nothing: given the benefit of the doubt
        linked = (other >= 0) & (n >= asked[row])
        heads["likely"] = asked <= 0
        heads.loc[row[linked], "likely"] = True
        whole = heads.groupby("doc")["likely"].transform("all")
        heads["close"] = heads["likely"] & heads["evidence"] | whole
        heads["able"] = heads.groupby("doc")["close"].transform("any")
        rows = heads.iloc[row[linked]].assign(other=other[linked])
        return rows[rows["able"]].groupby(["doc", "other"])["close"].any().reset_index()

    return work.keep(f"links/{part}", link)


def group_candidates(links: pd.DataFrame) -> pd.DataFrame:
    """Return which documents are compared together: those that may be reprints (`able`) of each other, with all that
    they share a passage with. These may be in several batches; what is said of a document counts where it is able.

    Parameters
    ----------
    links
        As `find_candidates` returns them, of all parts.

    Returns
    -------
    DataFrame
        Columns `doc`, `batch`, `able`, in the order of `doc`.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    docs, one = np.unique(links["doc"], return_inverse=True)
    able = (links["close"] & links["other"].isin(docs)).to_numpy()
    ends = one[able], np.searchsorted(docs, links["other"][able])
    graph = coo_matrix((np.ones(len(ends[0]), dtype=bool), ends), (len(docs), len(docs)))
    group = connected_components(graph, directed=False)[1]
    frames = [pd.DataFrame({"doc": docs, "group": group, "able": True})]
    frames += [pd.DataFrame({"doc": links["other"][~able], "group": group[one[~able]], "able": False})]
    members = pd.concat(frames).groupby(["doc", "group"])["able"].any().reset_index()
    total = np.bincount(members["group"]).cumsum()
    members["batch"] = pd.factorize(total // DOCUMENTS_PER_BATCH)[0][members["group"]]
    return members.groupby(["doc", "batch"])["able"].any().reset_index()  # in the order of `doc`


def export_candidates(work: Workspace, batches: int, part: int, members: pd.DataFrame) -> None:
    """Write the passages of a part's documents that are compared with others, in pieces by batch."""
    if work.has_pieces(f"lent/{part}"):
        return
    passages = work.read(f"cut/{part}", ["passage_id", "doc_id", "position", "kind", "text", "date"])
    passages["doc"] = part * ID_STRIDE + pd.factorize(passages["doc_id"])[0]
    rows = passages.assign(part=part).merge(members, on="doc")
    work.keep_pieces(f"lent/{part}", rows.drop(columns=["doc", "batch"]), rows["batch"].to_numpy(), batches)


def match_candidates(work: Workspace, parts: int, batch: int) -> pd.DataFrame:
    """Return which passages of a batch are reprints, and of which, both with their parts."""
    passages = work.read_pieces([f"lent/{part}" for part in range(parts)], batch)
    kept = find_reprints(passages.sort_values(["doc_id", "position"]))
    facts = passages.set_index("passage_id")[["part", "able"]]
    part, able = facts["part"].to_dict(), facts["able"].to_dict()
    return _reprint_frame([(again, first, part[again], part[first]) for again, first in kept.items() if able[again]])


def _reprint_frame(rows: list[tuple[str, str, int, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=REPRINT_COLUMNS).astype({"part": "int64", "kept_part": "int64"})
