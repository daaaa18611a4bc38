"""Find reprints across partitions, in tasks that hold one partition, one bucket of keys or one batch of articles each.

1. `write_shingle_keys`: each partition writes shingles of its passages as keys, sorted into buckets.
2. `count_shared_keys`: each bucket counts the keys that passages share with documents.
3. `find_candidates`: each partition selects the documents that may be reprints, and of which documents.
4. `group_candidates` and `export_candidates`: these documents are brought together in batches.
5. `match_candidates`: each batch is compared exactly, by the same rule as in one process.
"""

from functools import partial
from itertools import chain

import numpy as np
import pandas as pd

from topiclib.corpus.reprints import MIN_SHINGLES, find_reprints, shingles
from topiclib.runs.executor import Executor
from topiclib.runs.workspace import Workspace

# One in so many shingles (chosen by their hash) is a key.
SHINGLES_PER_KEY = 4
# Up to this many partitions every shingle is a key, so that no reprint is missed by chance.
MAX_PARTITIONS_EXACT = 8
# A shingle in more documents than this is a stock phrase of news, and no evidence of a reprint.
MAX_DF = 100
# Share of a passage's keys that must also be in a document before the two are compared exactly. Lower than the
# threshold of the exact comparison (.6), because the keys are a sample.
MIN_KEY_OVERLAP = 0.4
# A bucket has about as many keys as this many partitions.
PARTITIONS_PER_BUCKET = 4
# Rows of keys that are joined at once, before they are counted; bounds the memory of a task.
ROWS_PER_JOIN = 100_000
# Documents per exact comparison, unless a connected group is larger.
DOCUMENTS_PER_BATCH = 1_000
ID_STRIDE = 1 << 32  # passages and documents are numbered partition * ID_STRIDE + row
REPRINT_COLUMNS = ["passage_id", "reprint_of", "partition", "original_partition"]


def find_cross_partition_reprints(work: Workspace, executor: Executor) -> pd.DataFrame:
    """Return one row per reprint: its passage, the passage that it repeats, and the partitions of both."""
    n = len(executor.partitions)
    if n == 1:  # nothing to bring together
        segments = work.read("segments/0", ["passage_id", "doc_id", "kind", "text", "date"])
        return _reprint_frame([(*pair, 0, 0) for pair in find_reprints(segments).items()])
    n_buckets = _n_buckets(n)
    executor.map("join", partial(count_shared_keys, work, n), range(n_buckets))
    members = group_candidates(pd.concat(executor.map("link", partial(find_candidates, work, n_buckets), range(n))))
    ends = np.searchsorted(members["doc"], ID_STRIDE * np.arange(1, n))
    members_by_partition = [members.iloc[rows] for rows in np.split(np.arange(len(members)), ends)]
    n_batches = int(members["batch"].max()) + 1 if len(members) else 0
    executor.map("export", partial(export_candidates, work, n_batches), range(n), members_by_partition)
    matches = executor.map("match", partial(match_candidates, work, n), range(n_batches))
    reprints = pd.concat([_reprint_frame([]), *matches], ignore_index=True)
    originals = reprints.set_index("passage_id")[["reprint_of", "original_partition"]]
    # An original in one batch may be a reprint in another: follow it to its own original.
    for row in np.flatnonzero(reprints["reprint_of"].isin(originals.index)):
        reprints.loc[row, list(originals)] = originals.loc[reprints["reprint_of"][row]]
    return reprints


def _shingles_per_key(n_partitions: int) -> int:
    return 1 if n_partitions <= MAX_PARTITIONS_EXACT else SHINGLES_PER_KEY


def _n_buckets(n_partitions: int) -> int:
    return -(-n_partitions * SHINGLES_PER_KEY // (PARTITIONS_PER_BUCKET * _shingles_per_key(n_partitions)))


def write_shingle_keys(work: Workspace, partition: int, n_partitions: int, passages: pd.DataFrame) -> None:
    """Write the keys of passages in buckets, and for each passage its document, number of keys and use as evidence."""
    if work.has_buckets(f"keys/{partition}"):
        return
    doc = partition * ID_STRIDE + pd.factorize(passages["doc_id"])[0]
    every, sampled, sizes = _shingles_per_key(n_partitions), [], np.zeros(len(doc), dtype=int)
    for i, text in enumerate(passages["text"]):
        hashes = shingles(text)
        sampled.append([key for key in hashes if key % every == 0] or [min(hashes)])
        sizes[i] = len(hashes)
    n_keys = np.array([len(keys) for keys in sampled], dtype=int)
    evidence = (sizes >= MIN_SHINGLES) & (passages["kind"] != "title").to_numpy()
    work.get_or_make(
        f"passage_keys/{partition}", lambda: pd.DataFrame({"doc": doc, "n_keys": n_keys, "evidence": evidence})
    )
    key, row = np.fromiter(chain.from_iterable(sampled), dtype=np.int64), np.repeat(np.arange(len(doc)), n_keys)
    size = pd.Series(sizes).groupby(doc).transform("sum").to_numpy()  # of the document
    frame = pd.DataFrame({"key": key, "passage": partition * ID_STRIDE + row, "doc": doc[row], "size": size[row]})
    n_buckets = _n_buckets(n_partitions)
    work.write_buckets(f"keys/{partition}", frame, key // every % n_buckets, n_buckets)


def count_shared_keys(work: Workspace, n_partitions: int, bucket: int) -> None:
    """Count the keys that passages share with documents that are not shorter, which may be originals; by partition."""
    if work.has_buckets(f"shared_keys/{bucket}"):
        return
    keys = work.read_bucket([f"keys/{i}" for i in range(n_partitions)], bucket)
    holders = keys[["key", "doc", "size"]].drop_duplicates().rename(columns={"doc": "other", "size": "other_size"})
    # Keys in more than `MAX_DF` documents are counted as shared with document -1.
    df = keys["key"].map(holders["key"].value_counts()).to_numpy()
    rare = np.flatnonzero((df > 1) & (df <= MAX_DF))
    chunks = np.split(rare, np.flatnonzero(np.diff(df[rare].cumsum() // ROWS_PER_JOIN)) + 1)
    counts = [keys[df > MAX_DF].assign(other=-1)[["passage", "other"]].value_counts().rename("n").reset_index()]
    for chunk in chunks:
        pairs = keys.iloc[chunk].merge(holders, on="key")
        pairs = pairs[(pairs["doc"] != pairs["other"]) & (pairs["other_size"] >= pairs["size"])]
        counts.append(pairs[["passage", "other"]].value_counts(sort=False).rename("n").reset_index())
    shared = pd.concat(counts, ignore_index=True).astype("int64")
    work.write_buckets(f"shared_keys/{bucket}", shared, shared["passage"].to_numpy() // ID_STRIDE, n_partitions)


def find_candidates(work: Workspace, n_buckets: int, partition: int) -> pd.DataFrame:
    """Return the documents that may be reprints (`doc`), and those that they share a passage with (`other`).

    The pair is `plausible` if one of the long passages of `doc`, or every passage, is found elsewhere. Documents that
    share only short passages (titles, times of day) are skipped: they would join half of all news into one batch.
    """

    def link() -> pd.DataFrame:
        passages = work.read(f"passage_keys/{partition}")
        shared = work.read_bucket([f"shared_keys/{bucket}" for bucket in range(n_buckets)], partition)
        sums = shared.groupby(["passage", "other"])["n"].sum().reset_index()
        row, n, other = sums["passage"].to_numpy() % ID_STRIDE, sums["n"].to_numpy(), sums["other"].to_numpy()
        keys_needed = MIN_KEY_OVERLAP * passages["n_keys"].to_numpy()
        keys_needed[row[other < 0]] -= n[other < 0]  # frequent keys are not counted: assume that they would match
        linked = (other >= 0) & (n >= keys_needed[row])
        passages["found"] = keys_needed <= 0
        passages.loc[row[linked], "found"] = True
        all_found = passages.groupby("doc")["found"].transform("all")
        passages["plausible"] = passages["found"] & passages["evidence"] | all_found
        candidate = passages.groupby("doc")["plausible"].transform("any").to_numpy()[row[linked]]
        pairs = passages.iloc[row[linked]].assign(other=other[linked])[candidate]
        return pairs.groupby(["doc", "other"])["plausible"].any().reset_index()

    return work.get_or_make(f"links/{partition}", link)


def group_candidates(links: pd.DataFrame) -> pd.DataFrame:
    """Group documents into batches for the exact comparison: columns `doc`, `batch`, `is_candidate`, sorted by `doc`.

    Candidates that may be reprints of each other share a batch, with all documents that they share a passage with. A
    document may be in several batches; only results of batches in which it is a candidate count.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    docs, left = np.unique(links["doc"], return_inverse=True)
    mutual = (links["plausible"] & links["other"].isin(docs)).to_numpy()
    edges = left[mutual], np.searchsorted(docs, links["other"][mutual])
    graph = coo_matrix((np.ones(len(edges[0]), dtype=bool), edges), (len(docs), len(docs)))
    group = connected_components(graph, directed=False)[1]
    candidates = pd.DataFrame({"doc": docs, "group": group, "is_candidate": True})
    others = pd.DataFrame({"doc": links["other"][~mutual], "group": group[left[~mutual]], "is_candidate": False})
    members = pd.concat([candidates, others]).groupby(["doc", "group"])["is_candidate"].any().reset_index()
    total = np.bincount(members["group"]).cumsum()
    members["batch"] = pd.factorize(total // DOCUMENTS_PER_BATCH)[0][members["group"]]
    return members.groupby(["doc", "batch"])["is_candidate"].any().reset_index()


def export_candidates(work: Workspace, n_batches: int, partition: int, members: pd.DataFrame) -> None:
    """Write the passages of a partition that are compared with others, in buckets by batch."""
    if work.has_buckets(f"candidates/{partition}"):
        return
    columns = ["passage_id", "doc_id", "position", "kind", "text", "date"]
    passages = work.read(f"segments/{partition}", columns).assign(partition=partition)
    passages["doc"] = partition * ID_STRIDE + pd.factorize(passages["doc_id"])[0]
    rows = passages.merge(members, on="doc")
    frame, batch = rows.drop(columns=["doc", "batch"]), rows["batch"].to_numpy()
    work.write_buckets(f"candidates/{partition}", frame, batch, n_batches)


def match_candidates(work: Workspace, n_partitions: int, batch: int) -> pd.DataFrame:
    """Return the reprints of a batch, as `find_cross_partition_reprints` does."""
    passages = work.read_bucket([f"candidates/{i}" for i in range(n_partitions)], batch)
    reprints = find_reprints(passages.sort_values(["doc_id", "position"]))
    indexed = passages.set_index("passage_id")
    partition, is_candidate = indexed["partition"].to_dict(), indexed["is_candidate"].to_dict()
    rows = [(a, b, partition[a], partition[b]) for a, b in reprints.items() if is_candidate[a]]
    return _reprint_frame(rows)


def _reprint_frame(rows: list[tuple[str, str, int, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=REPRINT_COLUMNS).astype({"partition": "int64", "original_partition": "int64"})
