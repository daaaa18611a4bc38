"""Down-weight what differs between sentences of one document, so that topics follow what articles are about."""

from __future__ import annotations

from pathlib import Path

import numpy as np

# Encoders whose directions were estimated (benchmarks/crosslingual_focus.py, on TICO-19, CC0). They are of no use to
# another encoder, whose rows stay as they are.
DIRECTION_FILES = {"e5-small": "wccn_e5_small.npy"}


def apply_wccn(aligned: np.ndarray, *, encoder: str | None = "e5-small") -> np.ndarray:
    """Down-weight the directions in which sentences of one document differ.

    Parameters
    ----------
    aligned
        (n, d) unit rows. Not modified; float32 unit rows in the same order are returned.
    encoder
        The encoder of the rows. If it is not in `DIRECTION_FILES`, or d is not that of its directions, the rows are
        returned unchanged.

    Notes
    -----
    Within-class covariance normalization, WCCN; classes are documents. C = U diag(e) U' is the covariance of a sentence
    minus the mean of its document, within one language. With the scale g_i = (e_i + 2 mean(e)) ** -1/2 and g the mean
    scale of all but the 64 largest e, a row x becomes x - B'Bx, where B = diag(sqrt(1 - g_i / g)) U' for those 64.

    References
    ----------
    Hatch, Kajarekar and Stolcke 2006, "Within-class covariance normalization for SVM-based speaker recognition".
    """
    rows = np.asarray(aligned, dtype=np.float32)
    if encoder not in DIRECTION_FILES:
        return rows
    directions = np.load(Path(__file__).with_name(DIRECTION_FILES[encoder]), allow_pickle=False).astype(np.float32)
    if rows.shape[1] != directions.shape[1]:
        return rows
    weighted = (rows @ directions.T) @ directions  # in place from here: a copy of 100,000 rows takes 150 MB
    np.subtract(rows, weighted, out=weighted)
    weighted /= np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), 1e-12)
    return weighted
