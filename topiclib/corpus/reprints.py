"""Detect passages that reprint another article's text, by containment of word trigrams (shingles)."""

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import TypeAlias

import numpy as np
import pandas as pd

from topiclib.text import fold
from topiclib.text.line_kinds import MAX_LINE_LENGTH, line_key

# Share of a passage's shingles that one other document must contain for the passage to be a reprint.
MIN_CONTAINMENT = 0.6

# In a document of short passages alone, each of them must reach this share, or none is a reprint.
MIN_CONTAINMENT_SHORT = 0.9

# Titles, and passages with fewer shingles (short ones), are not evidence of a reprint on their own.
MIN_SHINGLES = 15

# Fewer shingles beside the lines that two articles share are an edit ("corrected"), more are a text of their own.
MIN_OWN_SHINGLES = 2

# Those of a passage's shingles that occur in other passages too, and the number of all its shingles.
PassageShingles: TypeAlias = tuple[np.ndarray, int]

_AFFIX_SPACE = re.compile(r" (?:(?<=\bمی )(?=\w)|(?<=\bنمی )(?=\w)|(?=(?:ها|های|هایی|ای|تر|ترین)\b))")

_WORD = re.compile(r"\w+")


def shingles(text: str) -> set[int]:
    """Return the hashed word trigrams of a text after folding. A space in place of a half-space makes no difference."""
    words = _WORD.findall(_AFFIX_SPACE.sub("", fold(text)))
    encoded = [word.encode("utf-8", "replace") for word in words]
    trigrams = zip(encoded, encoded[1:], encoded[2:], strict=False) if len(words) > 2 else [tuple(encoded)]
    return {zlib.crc32(b" ".join(trigram)) for trigram in trigrams}


def find_reprints(passages: pd.DataFrame, *, earlier: Collection[str] = ()) -> dict[str, str]:
    """Return a mapping from the id of each reprinted passage to the id of the passage it reprints.

    `passages` has `passage_id`, `doc_id`, `kind`, `text` and `date`, as `segment_documents` returns them.

    The longest version of a text is the original, the earliest one among equally long ones, so a shortened version is
    found even if it appeared first. A passage is a reprint if one other document contains `MIN_CONTAINMENT` of its
    shingles, however that document is segmented; it is mapped to the passage there that shares most of them. Whole
    short lines in common are no evidence, as outlets print the same lines around all their articles: the document must
    also contain as much of what the passage has beside them. Titles and short passages, which unrelated articles share,
    need a longer passage beside them that reprints that document. Documents whose ids are in `earlier` are never
    reprints of others, however short.
    """
    passage_shingles = _shared_shingles(passages["text"])
    ids, doc_ids, kinds = (passages[name].tolist() for name in ("passage_id", "doc_id", "kind"))
    dates = dict(zip(doc_ids, passages["date"], strict=True))
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, doc_id in enumerate(doc_ids):
        rows_of[doc_id].append(row)
    size = {doc_id: sum(passage_shingles[row][1] for row in rows) for doc_id, rows in rows_of.items()}
    texts = passages["text"].tolist()

    def shares_text(row: int, original: int) -> bool:
        return _shares_text(texts[row], "\n".join(texts[other] for other in rows_of[doc_ids[original]]))

    index: dict[int, list[int]] = defaultdict(list)  # rows of originals, by shingle
    reprints: dict[int, int] = {}
    for doc_id in sorted(rows_of, key=lambda name: (name not in earlier, -size[name], dates[name] or "9999", name)):
        document = {row: passage_shingles[row] for row in rows_of[doc_id]}
        matches = _match_document(document, kinds, index, doc_ids, shares_text)
        reprints.update(matches)
        for row in rows_of[doc_id]:
            if row not in matches:
                for shingle in document[row][0].tolist():
                    index[shingle].append(row)
    return {ids[row]: ids[original] for row, original in reprints.items()}


def _shares_text(text: str, original: str) -> bool:
    """Return whether an original contains what a text has beside the whole short lines that both have."""
    shared = {line_key(line) for line in original.split("\n") if len(line) <= MAX_LINE_LENGTH}
    own = [line for line in text.split("\n") if len(line) > MAX_LINE_LENGTH or line_key(line) not in shared]
    own_shingles = shingles("\n".join(own))
    contained = len(own_shingles & shingles(original))
    return len(own_shingles) < MIN_OWN_SHINGLES or contained >= MIN_CONTAINMENT * len(own_shingles)


def _shared_shingles(texts: Iterable[str]) -> list[PassageShingles]:
    """Return for each text the shingles that another text has too, in their order, and the number of all shingles."""
    # A shingle of one text alone cannot match anything, and most are: dropping them saves memory.
    arrays = [np.fromiter(shingles(text), np.uint32) for text in texts]
    pooled = np.concatenate([np.zeros(0, np.uint32), *arrays])
    _, inverse, counts = np.unique(pooled, return_inverse=True, return_counts=True)
    masks = np.split((counts > 1)[inverse], np.cumsum([len(array) for array in arrays])[:-1])
    return [(array[mask], len(array)) for array, mask in zip(arrays, masks, strict=False)]


def _match_document(
    passages: dict[int, PassageShingles], kinds: list[str], index: dict[int, list[int]], doc_ids: list[str],
    shares_text: Callable[[int, int], bool],
) -> dict[int, int]:  # fmt: skip
    """Return the rows of a document's passages that are reprints, with the rows of their originals."""
    # Titles and short passages are looked up only if a longer passage matches: a title shared by 100,000 articles would
    # otherwise be compared with all of them.
    informative = [row for row, (_, size) in passages.items() if kinds[row] != "title" and size >= MIN_SHINGLES]
    matches = {row: _best_match(passages[row], index, doc_ids) for row in informative}
    for row, (original, share) in matches.items():
        if share >= MIN_CONTAINMENT and not shares_text(row, original):
            matches[row] = 0, 0.0
    matched_documents = {doc_ids[original] for original, share in matches.values() if share >= MIN_CONTAINMENT}
    if informative and not matched_documents:
        return {}
    required = MIN_CONTAINMENT if informative else MIN_CONTAINMENT_SHORT
    # Rare shingles first: in a document of short passages alone, the first that is no reprint ends the search.
    for row in sorted(passages.keys() - matches.keys(), key=lambda row: sum(map(len, _postings(passages[row], index)))):
        matches[row] = _best_match(passages[row], index, doc_ids, required)
        original, share = matches[row]
        if not informative and (share < MIN_CONTAINMENT_SHORT or not shares_text(row, original)):
            return {}
    originals = {row: matches[row][0] for row in passages if matches[row][1] >= MIN_CONTAINMENT}
    return {row: found for row, found in originals.items() if not informative or doc_ids[found] in matched_documents}


def _postings(passage: PassageShingles, index: dict[int, list[int]]) -> list[list[int]]:
    """Return the rows of originals that contain each shingle of a passage, for those that some contain."""
    return [index[shingle] for shingle in passage[0].tolist() if shingle in index]


def _best_match(
    passage: PassageShingles, index: dict[int, list[int]], doc_ids: list[str], required: float = MIN_CONTAINMENT
) -> tuple[int, float]:
    """Return the most similar row and the share of shingles in its document; (0, 0.0) if none can have `required`."""
    postings = _postings(passage, index)
    if len(postings) < required * passage[1]:
        return 0, 0.0
    by_document = Counter(doc_id for rows in postings for doc_id in dict.fromkeys(doc_ids[row] for row in rows))
    best, count = by_document.most_common(1)[0]
    by_row = Counter(row for rows in postings for row in rows if doc_ids[row] == best)
    return by_row.most_common(1)[0][0], count / passage[1]
