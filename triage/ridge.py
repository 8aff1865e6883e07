"""Ridge logistic regression around what is known already, for few labels and many places.

Minimises  Σ wᵢ · loss(offsetᵢ + W·xᵢ, targetᵢ) + ridge/2 · ‖W‖²  over W, which starts at nothing: without
labels nothing is added to the offset, and what the labels do not ask for stays small. One column is
a yes or no (logistic), several are a choice (softmax). The minimum is unique; it is found by L-BFGS
(Nocedal 1980) in numpy, without a linear-algebra library whose sums depend on its threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_ROUNDS = 40
CLOSE_ENOUGH = 3e-3
NOWHERE = 1 << 40
"""A place that weighs nothing."""

REMEMBERED = 8
SUFFICIENT = 1e-4
MOST_HALVINGS = 30


@dataclass(frozen=True, slots=True)
class Rows:
    """Posts as rows: a sparse part (CSR over `places` that occur, in rising order) and a dense one.

    `starts` has one entry more than there are rows; no row is empty. `by_place` is the same part
    place after place: the row of each entry, its value, and where each place begins. `turned` is the
    dense part with rows and columns exchanged: sums along memory are several times faster.
    """

    places: NDArray[np.int64]
    starts: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: Floats
    by_place: tuple[NDArray[np.int64], Floats, NDArray[np.int64]]
    dense: Floats
    turned: Floats

    @property
    def width(self) -> int:
        """How many weights a column of W has: sparse ones first, then dense ones."""
        return len(self.places) + int(self.dense.shape[1])

    def times(self, weights: Floats) -> Floats:
        """Each row multiplied with each column of `weights` (width × columns)."""
        columns = np.ascontiguousarray(weights.T)
        sparse, dense = np.split(columns, [len(self.places)], axis=1)
        found = np.einsum("nd,kd->nk", self.dense, np.ascontiguousarray(dense))
        for at, one in enumerate(sparse):  # one after the other: a column alone stays at hand
            found[:, at] += np.add.reduceat(self.values * one.take(self.columns), self.starts[:-1])
        return np.asarray(found)

    def transposed_times(self, given: Floats) -> Floats:
        """Each weight's column multiplied with each column of `given` (rows × columns)."""
        columns = np.ascontiguousarray(given.T)
        row, values, begins = self.by_place
        found = np.empty((self.width, len(columns)))
        for at, one in enumerate(columns):
            found[: len(self.places), at] = np.add.reduceat(values * one.take(row), begins)
        found[len(self.places) :] = np.einsum("dn,kn->dk", self.turned, columns)
        return found


def rows_from(
    row: NDArray[np.int64],
    places: NDArray[np.int64],
    values: Floats,
    dense: Floats,
    at_least: int = 1,
) -> Rows:
    """Rows from entries of a sparse part: the row of each, in rising order, its place and value."""
    count = len(dense)
    known, columns, counts = np.unique(places, return_inverse=True, return_counts=True)
    kept = counts >= at_least
    # Each row ends with a place that weighs nothing: none is empty then.
    some = np.append(kept[columns], np.ones(count, bool))
    rows = np.append(row, np.arange(count))[some]
    order = np.argsort(rows, kind="stable")
    renamed = np.append((np.cumsum(kept) - 1)[columns], np.full(count, kept.sum()))[some][order]
    sparse = np.append(values, np.zeros(count))[some][order]
    by_place = np.argsort(renamed, kind="stable")
    return Rows(
        places=np.append(known[kept], NOWHERE),
        starts=np.append(0, np.cumsum(np.bincount(rows, minlength=count))).astype(np.int64),
        columns=renamed.astype(np.int64),
        values=sparse,
        by_place=(
            rows[order][by_place].astype(np.int64),
            sparse[by_place],
            np.searchsorted(renamed[by_place], np.arange(kept.sum() + 1)),
        ),
        dense=np.ascontiguousarray(dense),
        turned=np.ascontiguousarray(dense.T),
    )


def fit(rows: Rows, offsets: Floats, targets: Floats, counts: Floats, ridge: float) -> Floats:
    """The weights (width × columns). `targets` are chances: in 0…1, or rows that add up to 1.

    `counts` says how much each row weighs. Deterministic.
    """
    shape = rows.width, offsets.shape[1]

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(shape)
        margins = offsets + rows.times(weights)
        cost, said = _binary(margins, targets) if shape[1] == 1 else _choice(margins, targets)
        slope = rows.transposed_times((said - targets) * counts[:, None]) + ridge * weights
        return float(counts @ cost + ridge / 2 * np.square(flat).sum()), slope.ravel()

    return _least(loss, np.zeros(shape[0] * shape[1])).reshape(shape)


def _binary(margins: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """The cross-entropy of each row, and the chances."""
    cost = np.logaddexp(0.0, margins) - targets * margins
    return cost[:, 0], logistic(margins)


def _choice(margins: Floats, targets: Floats) -> tuple[Floats, Floats]:
    top = margins.max(axis=1, keepdims=True)
    whole = top + np.log(np.exp(margins - top).sum(axis=1, keepdims=True))
    return (targets * (whole - margins)).sum(axis=1), np.exp(margins - whole)


def logistic(margins: Floats) -> Floats:
    """The chances of margins in log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(margins, -50.0, 50.0))))


def _least(loss: Callable[[Floats], tuple[float, Floats]], at: Floats) -> Floats:
    """Where a smooth convex function is least, within `CLOSE_ENOUGH` of the first slope."""
    value, slope = loss(at)
    enough = CLOSE_ENOUGH * max(1e-9, float(np.sqrt(np.square(slope).sum())))
    steps: list[tuple[Floats, Floats, float]] = []
    for _ in range(MOST_ROUNDS):
        if np.sqrt(np.square(slope).sum()) <= enough:
            break
        way = -_curved(slope, steps)
        down = float((way * slope).sum())
        size = 1.0 if steps else min(1.0, 1.0 / float(np.abs(slope).sum()))
        for _ in range(MOST_HALVINGS):
            new = at + size * way
            new_value, new_slope = loss(new)
            if new_value <= value + SUFFICIENT * size * down:
                break
            size /= 2
        else:
            break
        moved, turned = new - at, new_slope - slope
        curvature = float((moved * turned).sum())
        if curvature > 0:
            steps = [*steps[1 - REMEMBERED :], (moved, turned, 1.0 / curvature)]
        at, value, slope = new, new_value, new_slope
    return at


def _curved(slope: Floats, steps: Sequence[tuple[Floats, Floats, float]]) -> Floats:
    """The slope divided by the curvature that the last steps met (the two-loop recursion)."""
    way = slope.copy()
    shares = []
    for moved, turned, rho in reversed(steps):
        share = rho * float((moved * way).sum())
        way -= share * turned
        shares.append(share)
    if steps:
        moved, turned, rho = steps[-1]
        way /= rho * float(np.square(turned).sum())
    for (moved, turned, rho), share in zip(steps, reversed(shares), strict=True):
        way += (share - rho * float((turned * way).sum())) * moved
    return way
