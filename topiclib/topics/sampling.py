"""Samples in which no outlet and no language owns the topics."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from topiclib import schema

MIN_PASSAGES_KEPT = 200
"""Passages that an outlet or a language keeps whatever the others have: topics are not found in a handful."""


def balanced_sample(passages: pd.DataFrame, *, seed: int = 0) -> np.ndarray:
    """Draw passages so that no outlet has more than its language's others together, nor a language more than the rest.

    Parameters
    ----------
    passages
        Needs `lang` and `source`; passages of one language and source are one outlet.
    seed
        Of the draw, without replacement.

    Returns
    -------
    numpy.ndarray
        Positions of the drawn rows, rising. All of them where nobody has too much, such as one outlet alone.

    Raises
    ------
    ValueError
        If a column is missing.

    Notes
    -----
    First within each language: an outlet keeps at most as many passages as its others have together, at least 200.
    Then a language keeps at most as many as the others together, at least 200; it gives away from its largest outlets.
    """
    schema.require_columns(passages, ["lang", "source"], caller='balance="outlet"')
    sizes = passages.groupby(["lang", "source"], sort=True).size()
    kept = pd.concat([_cap_at_rest(part) for _, part in sizes.groupby(level="lang")])
    allowed = _cap_at_rest(kept.groupby(level="lang").sum())
    kept = pd.concat([_water_fill(part, int(allowed[lang])) for lang, part in kept.groupby(level="lang")])
    random = np.random.default_rng(seed)
    where = passages.groupby(["lang", "source"], sort=True).indices
    drawn = [random.choice(where[outlet], size=int(kept[outlet]), replace=False) for outlet in sizes.index]
    return np.sort(np.concatenate(drawn))


MAX_SAMPLE_SIZE = 50_000
"""Passages among which topics are found; the others of a larger corpus are given to the nearest of them."""

STRATUM_COLUMNS = ["lang", "source", "period"]


def sampling_strata(passages: pd.DataFrame) -> pd.DataFrame:
    """Return the language, outlet and period of each passage; what a frame does not have is "" for all."""
    columns = {name: passages[name].fillna("") if name in passages else "" for name in STRATUM_COLUMNS}
    return pd.DataFrame(columns, index=passages.index).astype("object")


def allocate(sizes: pd.Series, n: int = MAX_SAMPLE_SIZE) -> pd.Series:
    """Return how many passages of each stratum are drawn, at most so many together.

    Parameters
    ----------
    sizes
        Passages by (lang, source, period).
    most
        Languages are lowered to a common level first, then the outlets of each, then the periods of each outlet: who
        has less than the level keeps all.
    """
    if sizes.index.nlevels == 1:
        return _water_fill(sizes, n)
    allowed = _water_fill(sizes.groupby(level=0).sum(), n)
    parts = {name: allocate(part.droplevel(0), int(allowed[name])) for name, part in sizes.groupby(level=0)}
    return pd.concat(parts, names=[sizes.index.names[0]])


def stratified_sample(passages: pd.DataFrame, allocation: pd.Series, *, seed: int = 0) -> np.ndarray:
    """Return the positions of the passages that are drawn, rising: of each stratum those whose id has the lowest hash.

    What is drawn of the parts of a corpus, and then of all that was drawn, is what is drawn of the corpus.
    """
    ids = passages["passage_id"] if "passage_id" in passages else passages["text"]
    salt = seed.to_bytes(8, "little")
    lot = [hashlib.blake2b(str(name).encode("utf-8", "replace"), digest_size=8, salt=salt).digest() for name in ids]
    drawn = sampling_strata(passages).assign(lot=lot, row=np.arange(len(passages))).sort_values(["lot", "row"])
    drawn = drawn.merge(allocation.rename("most").reset_index(), on=STRATUM_COLUMNS)
    turn = drawn.groupby(STRATUM_COLUMNS, sort=False).cumcount()
    return np.sort(drawn["row"].to_numpy()[turn < drawn["most"]])


def sample_if_large(passages: pd.DataFrame, *, max_size: int = MAX_SAMPLE_SIZE, seed: int = 0) -> np.ndarray | None:
    """Return the positions of at most so many passages, spread over languages, outlets and periods (None: all)."""
    if len(passages) <= max_size:
        return None
    return stratified_sample(passages, allocate(sampling_strata(passages).value_counts(), max_size), seed=seed)


def _cap_at_rest(sizes: pd.Series) -> pd.Series:
    if len(sizes) == 1:
        return sizes
    return np.minimum(sizes, np.maximum(sizes.sum() - sizes, MIN_PASSAGES_KEPT))


def _water_fill(sizes: pd.Series, total: int) -> pd.Series:
    """Lower the largest to a common level, so that the sum is the total at most."""
    rising = sizes.sort_values(kind="stable")
    left, lowered = total, sizes.copy()
    for rest, (outlet, size) in zip(range(len(rising), 0, -1), rising.items(), strict=True):
        lowered[outlet] = min(size, left // rest)
        left -= lowered[outlet]
    return lowered
