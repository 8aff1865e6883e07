"""The most similar of a brand's live posts: all of them compared when few, by cells when many.

Up to 8,192 posts every one is compared. Beyond that the window is cut into cells around centres that
were learnt from its rows (k-means), and a post is compared with the posts of the 24 cells closest to
it (an inverted file: Sivic and Zisserman 2003; Jégou et al. 2011). Rows are integers, so every
product is exact; centres are rounded once. What is found therefore depends on the rows and their order
alone: not on batches, on the machine, or on whether the window was filled in one run or in several.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.calibration import UNIT, Rows

EXACT = 8_192
PER_CELL = 128
PROBES = 24
LEARNT_FROM = 16_384
ROUNDS = 4

Slots = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Found:
    """Per row the slots of its nearest live posts, most similar first, the older first among equals.

    -1 fills up where fewer were near; `products` are those of two centred rows (0 where none).
    """

    slots: Slots
    products: Rows


class Nearest:
    """The rows of the live posts in order of arrival. One instance, one thread.

    Memory: one byte a dimension and four a post; cells are learnt anew whenever the number of posts
    has doubled or old ones have left.
    """

    def __init__(self, dimensions: int, neighbours: int, room: int) -> None:
        """`room` posts fit; `neighbours` are found for each."""
        self._rows = np.zeros((room, dimensions), np.int8)
        self._neighbours = neighbours
        self._count = 0
        self._cells: _Cells | None = None
        self._learn_at = EXACT

    def __len__(self) -> int:
        return self._count

    @property
    def until_learning(self) -> int:
        """How many posts may be appended at once before cells are learnt anew."""
        return self._learn_at - self._count

    def rows(self) -> Rows:
        """The rows of all live posts."""
        return self._rows[: self._count].astype(np.float32)

    def some(self, slots: Sequence[int]) -> Rows:
        """The rows in these slots."""
        return self._rows[np.asarray(slots, np.int64)].astype(np.float32)

    def find(self, rows: Rows, near: float) -> Found:
        """The nearest at or above `near` of each row: among those held and the rows before it."""
        inside = rows @ rows.T
        before = np.tri(len(rows), k=-1, dtype=bool)
        if self._cells is None:
            products = np.concatenate([rows @ self.rows().T, inside], axis=1)
            products[:, self._count :][~before] = -np.inf
            return _best(
                *_above(products, self._bounds(products, near)), len(rows), self._neighbours
            )
        probes, own = self._cells.closest(rows)
        met = np.zeros((len(rows), self._cells.count), bool)
        np.put_along_axis(met, probes, True, axis=1)
        inside[~(before & met[:, own])] = -np.inf
        bounds = np.full(len(rows), near, np.float32)
        parts = []
        for first in (True, False):  # the closest cell tells how similar the others must be
            chosen = own[:, None] if first else probes
            seen = self._scan(rows, chosen, bounds, skip=None if first else own)
            parts.append(seen)
            if first:
                bounds = _raised(*seen, bounds, self._neighbours)
        at, slots = np.nonzero(inside >= bounds[:, None])
        parts.append((at, slots + self._count, inside[at, slots]))
        at, slots, products = (np.concatenate(each) for each in zip(*parts, strict=True))
        return _best(at, slots, products, len(rows), self._neighbours)

    def append(self, rows: Rows) -> None:
        """Take in rows; at most `until_learning` of them."""
        start, self._count = self._count, self._count + len(rows)
        self._rows[start : self._count] = rows
        if self._cells is not None:
            self._cells.add(rows, start)
        if self._count >= self._learn_at:
            self._learn()

    def drop(self, count: int) -> None:
        """Forget the oldest; the slots of the others count from 0 again."""
        self._rows[: self._count - count] = self._rows[count : self._count].copy()
        self._count -= count
        if self._count >= EXACT:
            self._learn()
        else:
            self._cells, self._learn_at = None, EXACT

    def _learn(self) -> None:
        rows = self._rows[: self._count]
        self._cells = _Cells(rows, self._count // PER_CELL)
        self._learn_at = 2 * self._count

    def _bounds(self, products: Rows, near: float) -> Rows:
        """Per row what the last of its nearest has, or `near` when that is more."""
        last = products.shape[1] - self._neighbours
        if last <= 0:
            return np.full(len(products), near, np.float32)
        return np.maximum(np.partition(products, last, axis=1)[:, last], np.float32(near))

    def _scan(
        self, rows: Rows, cells: NDArray[np.int64], bounds: Rows, skip: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Rows]:
        """Row, slot and product of all in these cells that reach the bounds of their rows."""
        assert self._cells is not None
        asked = np.repeat(np.arange(len(rows)), cells.shape[1])
        of = cells.ravel()
        if skip is not None:
            kept = of != skip[asked]
            asked, of = asked[kept], of[kept]
        order = np.argsort(of, kind="stable")
        asked, of = asked[order], of[order]
        edges = np.flatnonzero(np.diff(of, prepend=-1, append=-1))
        parts = [(asked[:0], asked[:0], bounds[:0])]
        for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            members = self._cells.members(int(of[start]))
            who = asked[start:end]
            products = rows[who] @ self._rows[members].astype(np.float32).T
            at, slot = np.nonzero(products >= bounds[who][:, None])
            parts.append((who[at], members[slot].astype(np.int64), products[at, slot]))
        at, slots, similar = (np.concatenate(each) for each in zip(*parts, strict=True))
        return at, slots, similar


class _Cells:
    """Centres, and which slots lie closest to each."""

    def __init__(self, rows: NDArray[np.int8], count: int) -> None:
        self.count = count
        self._centres = _centres(rows, count)
        self._members = [np.zeros(2 * PER_CELL, np.int32) for _ in range(count)]
        self._sizes = [0] * count
        for start in range(0, len(rows), EXACT):
            self.add(rows[start : start + EXACT].astype(np.float32), start)

    def members(self, cell: int) -> Slots:
        return self._members[cell][: self._sizes[cell]]

    def add(self, rows: Rows, start: int) -> None:
        """Sort rows into their cells; their slots count up from `start`."""
        own = np.argmax(rows @ self._centres.T, axis=1)
        order = np.argsort(own, kind="stable")
        edges = np.searchsorted(own[order], np.arange(self.count + 1))
        for cell in np.unique(own).tolist():
            slots = order[edges[cell] : edges[cell + 1]] + start
            size = self._sizes[cell]
            held = self._members[cell]
            if size + len(slots) > len(held):
                held = np.concatenate([held, np.zeros(len(held) + len(slots), np.int32)])
                self._members[cell] = held
            held[size : size + len(slots)] = slots
            self._sizes[cell] = size + len(slots)

    def closest(self, rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The cells to look into, row by row, and the one a row belongs to."""
        products = rows @ self._centres.T
        order = np.argsort(-products, axis=1, kind="stable")[:, :PROBES]
        return order, order[:, 0]


def _centres(rows: NDArray[np.int8], count: int) -> Rows:
    """Directions that the rows gather around: k-means over an even sample, begun at even rows."""
    sample = rows[:: max(1, -(-len(rows) // LEARNT_FROM))].astype(np.float32)
    centres = sample[np.linspace(0, len(sample) - 1, count).astype(np.int64)]
    for _ in range(ROUNDS):
        own = np.argmax(sample @ centres.T, axis=1)
        order = np.argsort(own, kind="stable")
        occupied, starts = np.unique(own[order], return_index=True)
        totals = np.add.reduceat(sample[order].astype(np.float64), starts, axis=0)
        lengths = np.sqrt(np.square(totals).sum(axis=1))  # sums of integers: exact
        there = lengths > 0
        scaled = np.rint(totals[there] / lengths[there, None] * UNIT)
        centres[occupied[there]] = np.clip(scaled, -127, 127)
    return centres


def _above(products: Rows, bounds: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64], Rows]:
    """Row, slot and product of everything at or above the bounds of its row."""
    at, slots = np.nonzero(products >= bounds[:, None])
    return at, slots, products[at, slots]


def _ranked(
    at: NDArray[np.int64], slots: NDArray[np.int64], products: Rows
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """An order by row, most similar first, older first; and the rank of each within its row."""
    order = np.lexsort((slots, -products, at))
    rows = at[order]
    return order, np.arange(len(rows)) - np.searchsorted(rows, rows)


def _raised(
    at: NDArray[np.int64], slots: NDArray[np.int64], products: Rows, bounds: Rows, neighbours: int
) -> Rows:
    """Bounds raised to what a row's last neighbour has where it has enough of them already."""
    order, rank = _ranked(at, slots, products)
    last = order[rank == neighbours - 1]
    bounds = bounds.copy()
    bounds[at[last]] = products[last]
    return bounds


def _best(
    at: NDArray[np.int64],
    slots: NDArray[np.int64],
    products: Rows,
    rows: int,
    neighbours: int,
) -> Found:
    order, rank = _ranked(at, slots, products)
    kept = rank < neighbours
    order, rank = order[kept], rank[kept]
    found = Found(
        np.full((rows, neighbours), -1, np.int32), np.zeros((rows, neighbours), np.float32)
    )
    found.slots[at[order], rank] = slots[order]
    found.products[at[order], rank] = products[order]
    return found
