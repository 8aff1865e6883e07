"""What grouping knows of a brand's way of writing: the mean vector and how alike is alike.

All posts about one brand resemble each other; what they share is subtracted before any comparison,
and the thresholds are quantiles of the similarities that remain between posts taken at random.
Every number here is an integer or rounded once from integers, so that a calibration is the same on
every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNIT = 400.0
FINE = 16_384.0
SAMPLE = 512
NEAR = 0.99
ALIKE = 0.97
MOMENTS = frozenset((32, 128, 512, 2_048))

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A mean to subtract, and thresholds in units of a dot product of two centred rows.

    `near`: at least so similar are neighbours. `alike`: at least so similar to a group's posts, on
    average, is one that may join. `tied`: at least so similar are tied in the neighbour graph.
    Before a brand has 32 posts the shipped thresholds hold and nothing is subtracted: the table was
    learnt with the mean of general texts at zero.
    """

    mean: NDArray[np.float64]
    near: float = 0.60 * UNIT * UNIT
    alike: float = 0.45 * UNIT * UNIT
    tied: float = 0.55 * UNIT * UNIT

    def centred(self, vectors: Sequence[bytes]) -> Rows:
        """One row per vector: its direction without the mean, as integers of length about 400.

        They lie within ±127, so that any dot product of two rows of up to 1,024 dimensions is
        exact in float32. A zero vector stays zero.
        """
        directions = _directions(vectors) - self.mean
        blank = np.fromiter((not any(vector) for vector in vectors), bool, len(vectors))
        lengths = _lengths(directions)
        rows = np.clip(np.rint(directions / lengths[:, None] * UNIT), -127, 127)
        rows[blank] = 0
        return np.asarray(rows, np.float32)


def calibrate(vectors: Sequence[bytes], tied: float) -> Calibration:
    """Learn mean and thresholds from a brand's posts so far; thresholds from the last 512.

    Posts are tied from this quantile of similarities on.
    """
    whole = np.rint(_directions(vectors) * FINE).sum(axis=0)  # sums of integers: exact
    mean = whole / (FINE * len(vectors))
    rows = Calibration(mean).centred(vectors[-SAMPLE:])
    pairs = (rows @ rows.T)[np.triu_indices(len(rows), 1)]
    ranks = [int(quantile * (len(pairs) - 1)) for quantile in (NEAR, ALIKE, tied)]
    ordered = np.partition(pairs, sorted(ranks))
    return Calibration(mean, *(float(ordered[rank]) for rank in ranks))


def _directions(vectors: Sequence[bytes]) -> NDArray[np.float64]:
    rows = np.frombuffer(b"".join(vectors), np.int8).reshape(len(vectors), -1).astype(np.float64)
    return rows / _lengths(rows)[:, None]


def _lengths(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Euclidean lengths; 1 for a zero row."""
    squares = np.square(np.rint(rows * FINE)).sum(axis=1)  # integers again
    return np.asarray(np.where(squares > 0, np.sqrt(squares) / FINE, 1.0), np.float64)
