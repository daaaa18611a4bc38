"""Sample passages so that no outlet and no language dominates the topics."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from topiclib import schema

# Passages that an outlet or a language keeps however few the others have: topics cannot be found in a handful.
MIN_PASSAGES_KEPT = 200

# Passages in which topics are found; the others of a larger corpus are assigned to the nearest centroid.
MAX_SAMPLE_SIZE = 50_000

STRATUM_COLUMNS = ["lang", "source", "period"]


def balanced_sample(passages: pd.DataFrame, *, seed: int = 0) -> np.ndarray:
    """Sample passages so that no outlet or language has more than the others together.

    Parameters
    ----------
    passages
        Needs `lang` and `source`; passages of one language and source are one outlet.
    seed
        Seed of the sampling, which is without replacement.

    Returns
    -------
    numpy.ndarray
        Positions of the sampled rows, ascending; all of them where nothing dominates, or there is only one outlet.

    Notes
    -----
    First, within each language, an outlet keeps at most as many passages as the other outlets together, but at least
    200. Then a language keeps at most as many as the other languages together, at least 200; its largest outlets are
    reduced.
    """
    schema.require_columns(passages, ["lang", "source"], caller='balance="outlet"')
    sizes = passages.groupby(["lang", "source"], sort=True).size()
    by_lang = pd.concat([_cap_at_rest(outlets) for _, outlets in sizes.groupby(level="lang")]).groupby(level="lang")
    max_size = _cap_at_rest(by_lang.sum())
    allocation = pd.concat([_water_fill(outlets, int(max_size[lang])) for lang, outlets in by_lang])
    rng = np.random.default_rng(seed)
    positions = passages.groupby(["lang", "source"], sort=True).indices
    sample = [rng.choice(positions[outlet], size=int(allocation[outlet]), replace=False) for outlet in sizes.index]
    return np.sort(np.concatenate(sample))


def sampling_strata(passages: pd.DataFrame) -> pd.DataFrame:
    """Return the language, outlet and period of each passage; a column that is missing is "" everywhere."""
    columns = {name: passages[name].fillna("") if name in passages else "" for name in STRATUM_COLUMNS}
    return pd.DataFrame(columns, index=passages.index).astype("object")


def allocate(sizes: pd.Series, n: int = MAX_SAMPLE_SIZE) -> pd.Series:
    """Return how many passages to sample from each stratum, at most n in total.

    `sizes` are counts by (lang, source, period). Languages are reduced to a common size first, then the outlets of
    each, then the periods of each outlet; smaller ones keep all their passages.
    """
    if sizes.index.nlevels == 1:
        return _water_fill(sizes, n)
    totals = _water_fill(sizes.groupby(level=0).sum(), n)
    parts = {name: allocate(inner.droplevel(0), int(totals[name])) for name, inner in sizes.groupby(level=0)}
    return pd.concat(parts, names=[sizes.index.names[0]])


def stratified_sample(passages: pd.DataFrame, allocation: pd.Series, *, seed: int = 0) -> np.ndarray:
    """Return the positions, ascending, of the passages of each stratum whose ids have the lowest hashes.

    By hash, so that sampling each partition of a corpus, and then all that was sampled, gives the same passages as
    sampling the whole corpus.
    """
    ids = passages["passage_id"] if "passage_id" in passages else passages["text"]
    salt = seed.to_bytes(8, "little")
    hashes = [hashlib.blake2b(str(name).encode("utf-8", "replace"), digest_size=8, salt=salt).digest() for name in ids]
    ranked = sampling_strata(passages).assign(hash=hashes, row=np.arange(len(passages))).sort_values(["hash", "row"])
    ranked = ranked.merge(allocation.rename("n").reset_index(), on=STRATUM_COLUMNS)
    rank_in_stratum = ranked.groupby(STRATUM_COLUMNS, sort=False).cumcount()
    return np.sort(ranked["row"].to_numpy()[rank_in_stratum < ranked["n"]])


def sample_if_large(passages: pd.DataFrame, *, max_size: int = MAX_SAMPLE_SIZE, seed: int = 0) -> np.ndarray | None:
    """Return the positions of at most `max_size` passages, spread over languages, outlets and periods (None: all)."""
    if len(passages) <= max_size:
        return None
    return stratified_sample(passages, allocate(sampling_strata(passages).value_counts(), max_size), seed=seed)


def _cap_at_rest(sizes: pd.Series) -> pd.Series:
    """Reduce each size to the sum of the others, but not below 200; a single size stays."""
    return sizes if len(sizes) == 1 else np.minimum(sizes, np.maximum(sizes.sum() - sizes, MIN_PASSAGES_KEPT))


def _water_fill(sizes: pd.Series, total: int) -> pd.Series:
    """Reduce the largest sizes to a common level, so that the sum is at most `total`."""
    ascending = sizes.sort_values(kind="stable")
    remaining, allocation = total, sizes.copy()
    for n_left, (name, size) in zip(range(len(sizes), 0, -1), ascending.items(), strict=True):
        allocation[name] = min(size, remaining // n_left)
        remaining -= allocation[name]
    return allocation
