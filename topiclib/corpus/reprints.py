"""Reprints: a text that several articles carry is kept once."""

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import pandas as pd

from topiclib.text import fold

MIN_CONTAINMENT = 0.6  # of a passage's three-word runs, the part that another document must hold for it to be a reprint

MIN_SHINGLES = 15  # three-word runs: a passage with fewer, or a title, is no evidence of a reprint by itself

MIN_CONTAINMENT_SHORT = 0.9  # the same part, for a document that has no longer passage

PassageShingles: TypeAlias = tuple[
    np.ndarray, int
]  # of a passage: its three-word runs that others have too, and how many it has

_AFFIX_SPACE = re.compile(r"(?<!\w)(ن?می) (?=\w)| (?=(?:ها|های|هایی|ای|تر|ترین)(?!\w))")

_WORD = re.compile(r"\w+")


def shingles(text: str) -> set[int]:
    """Return the three-word runs of a folded text as numbers; half-spaces that became spaces do not matter."""
    words = _WORD.findall(_AFFIX_SPACE.sub(lambda match: match[1] or "", fold(text)))
    runs = zip(words, words[1:], words[2:], strict=False) if len(words) > 2 else [tuple(words)]
    return {zlib.crc32(" ".join(run).encode("utf-8", "replace")) for run in runs}


def find_reprints(passages: pd.DataFrame) -> dict[str, str]:
    """Return the id of each passage that is a reprint with the id of the one that is kept.

    The longest version of a text is kept, the earliest of equally long ones: so a version that was cut short is found
    whichever came first. A passage is a reprint when one other document holds `MIN_CONTAINMENT` of its three-word runs,
    wherever that document was cut into passages; it points to the passage there that shares the most. Titles and
    scraps, which many unrelated articles share, follow the rest of their document.

    Parameters
    ----------
    passages
        As `segment_documents` returns them: `passage_id`, `doc_id`, `kind`, `text` and `date`.
    """
    runs = _shared_shingles(passages["text"])
    ids, doc_ids, kinds = (passages[name].tolist() for name in ("passage_id", "doc_id", "kind"))
    dates = dict(zip(doc_ids, passages["date"], strict=True))
    of_document: dict[str, list[int]] = defaultdict(list)
    for index, doc_id in enumerate(doc_ids):
        of_document[doc_id].append(index)
    size = {doc_id: sum(runs[index][1] for index in indexes) for doc_id, indexes in of_document.items()}
    holders: dict[int, list[int]] = defaultdict(list)  # three-word run -> the kept rows that hold it
    reprints: dict[int, int] = {}
    for doc_id in sorted(of_document, key=lambda name: (-size[name], dates[name] or "9999", name)):
        own = of_document[doc_id]
        found = _match_document(
            {index: runs[index] for index in own}, [kinds[index] for index in own], holders, doc_ids
        )
        reprints.update(found)
        for index in own:
            if index not in found:
                for run in runs[index][0].tolist():
                    holders[run].append(index)
    return {ids[index]: ids[kept] for index, kept in reprints.items()}


def _shared_shingles(texts: Iterable[str]) -> list[PassageShingles]:
    """Return for each text those of its three-word runs that another has too, in the order of `shingles`, and how many
    it has in all: what one text has alone proves nothing, and would be most of what is held.
    """
    every = [np.fromiter(shingles(text), np.uint32) for text in texts]
    _, which, times = np.unique(
        np.concatenate([np.zeros(0, np.uint32), *every]), return_inverse=True, return_counts=True
    )
    again = np.split((times > 1)[which], np.cumsum([len(runs) for runs in every])[:-1])
    return [(runs[some], len(runs)) for runs, some in zip(every, again, strict=False)]


def _match_document(
    passages: dict[int, PassageShingles], kinds: list[str], holders: dict[int, list[int]], doc_ids: list[str]
) -> dict[int, int]:
    """Return those of a document's passages that are reprints, with the rows that they repeat.

    What cannot decide is not looked at: of a title that a hundred thousand articles share, each would go through all.
    """
    pairs = zip(passages.items(), kinds, strict=True)
    telling = [index for (index, (_, size)), kind in pairs if kind != "title" and size >= MIN_SHINGLES]
    found = {index: _best_match(passages[index], holders, doc_ids) for index in telling}
    evidence = {doc_ids[kept] for kept, share in found.values() if share >= MIN_CONTAINMENT}
    if telling and not evidence:
        return {}
    for index in sorted(passages.keys() - found.keys(), key=lambda index: _n_holders(passages[index], holders)):
        found[index] = _best_match(
            passages[index], holders, doc_ids, min_containment=MIN_CONTAINMENT if telling else MIN_CONTAINMENT_SHORT
        )
        if not telling and found[index][1] < MIN_CONTAINMENT_SHORT:
            return {}  # a document of scraps alone, such as a line of breaking news, has to be there whole
    kept = {index: found[index][0] for index in passages if found[index][1] >= MIN_CONTAINMENT}
    return {index: row for index, row in kept.items() if not telling or doc_ids[row] in evidence}


def _n_holders(runs: PassageShingles, holders: dict[int, list[int]]) -> int:
    return sum(len(holders[run]) for run in runs[0].tolist() if run in holders)


def _best_match(
    runs: PassageShingles,
    holders: dict[int, list[int]],
    doc_ids: list[str],
    *,
    min_containment: float = MIN_CONTAINMENT,
) -> tuple[int, float]:
    """Return the kept row that a passage repeats most of, and the part of it that this row's document holds; noughts
    where no document can hold the least part.
    """
    repeated, size = runs
    held = [holders[run] for run in repeated.tolist() if run in holders]
    if len(held) < min_containment * size:
        return 0, 0.0
    by_document = Counter(doc_id for rows in held for doc_id in dict.fromkeys(doc_ids[row] for row in rows))
    best, count = by_document.most_common(1)[0]
    by_row = Counter(row for rows in held for row in rows if doc_ids[row] == best)
    return by_row.most_common(1)[0][0], count / size
