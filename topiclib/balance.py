"""A sample in which no outlet and no language owns the topics."""

from __future__ import annotations

import numpy as np
import pandas as pd

from topiclib import schema

FEWEST = 200
"""Passages that an outlet or a language keeps whatever the others have: topics are not found in a handful."""


def balanced_rows(passages: pd.DataFrame, *, seed: int = 0) -> np.ndarray:
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
    schema.require(passages, ["lang", "source"], door='balance="outlet"')
    sizes = passages.groupby(["lang", "source"], sort=True).size()
    kept = pd.concat([_at_most_the_others(part) for _, part in sizes.groupby(level="lang")])
    allowed = _at_most_the_others(kept.groupby(level="lang").sum())
    kept = pd.concat([_level(part, int(allowed[lang])) for lang, part in kept.groupby(level="lang")])
    random = np.random.default_rng(seed)
    where = passages.groupby(["lang", "source"], sort=True).indices
    drawn = [random.choice(where[outlet], size=int(kept[outlet]), replace=False) for outlet in sizes.index]
    return np.sort(np.concatenate(drawn))


def _at_most_the_others(sizes: pd.Series) -> pd.Series:
    if len(sizes) == 1:
        return sizes
    return np.minimum(sizes, np.maximum(sizes.sum() - sizes, FEWEST))


def _level(sizes: pd.Series, total: int) -> pd.Series:
    """Lower the largest to a common level, so that the sum is the total at most."""
    rising = sizes.sort_values(kind="stable")
    left, lowered = total, sizes.copy()
    for rest, (outlet, size) in zip(range(len(rising), 0, -1), rising.items(), strict=True):
        lowered[outlet] = min(size, left // rest)
        left -= lowered[outlet]
    return lowered
