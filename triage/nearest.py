"""The most similar of a brand's live posts: all of them compared when few, by cells when many.

Up to 4,096 posts every one is compared. Beyond that the window is cut into cells around centres that
were learnt from its rows (k-means), and a post is compared with the posts of the 12 cells closest to
it (an inverted file: Sivic and Zisserman 2003; Jégou et al. 2011). Rows are integers, so every
product is exact; centres are rounded once. What is found therefore depends on the rows and their order
alone: not on batches, on the machine, or on whether the window was filled in one run or in several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from triage.calibration import UNIT, Rows

EXACT = 4_096
PER_CELL = 128
PROBES = 12
LEARNT_FROM = 16_384
ROUNDS = 4
BESIDE = 8_192  # more rows than are ever looked for at once

Slots = NDArray[np.int32]
Ranks = NDArray[np.float64]


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
        self._span = float(room + BESIDE)
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

    def kept(self) -> dict[str, NDArray[np.generic]]:
        """Everything, as arrays; `take_up` goes on from it as if nothing had happened."""
        cells = {} if self._cells is None else self._cells.kept(self._count)
        return {"rows": self._rows[: self._count], "learn_at": np.array(self._learn_at), **cells}

    def take_up(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Become what was kept."""
        rows = arrays["rows"]
        self._count, self._learn_at = len(rows), int(arrays["learn_at"])
        self._rows[: self._count] = rows
        self._cells = None
        if "centres" in arrays:
            self._cells = _Cells.of(arrays["centres"], arrays["cells"])

    def find(self, rows: Rows, near: float) -> Found:
        """The nearest at or above `near` of each row: among those held and the rows before it."""
        probes = None if self._cells is None else self._cells.closest(rows)
        inside = rows @ rows.T
        met = np.tri(len(rows), k=-1, dtype=bool)
        if probes is not None:
            looks = np.zeros((len(rows), self._cells_count), bool)
            np.put_along_axis(looks, probes, True, axis=1)
            met &= looks[:, probes[:, 0]]
        inside[~met] = -1.0
        slots = np.arange(self._count, self._count + len(rows))
        ranked = [self._ranked(inside, slots)]
        if probes is None:
            ranked.append(self._ranked(rows @ self.rows().T, np.arange(self._count)))
        else:
            ranked.append(self._scan(rows, probes))
        return self._decoded(self._first(np.concatenate(ranked, axis=1)), near)

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
        self._cells = _Cells.learn(rows, self._count // PER_CELL)
        self._learn_at = 2 * self._count

    @property
    def _cells_count(self) -> int:
        return 0 if self._cells is None else self._cells.count

    def _scan(self, rows: Rows, probes: NDArray[np.int64]) -> Ranks:
        """The first few in each cell that a row looks into."""
        assert self._cells is not None
        width = self._neighbours
        ranked = np.full((len(rows), probes.shape[1] * width), -1.0)
        order = np.argsort(probes, axis=None, kind="stable")
        who, turn = np.divmod(order, probes.shape[1])
        of = probes.ravel()[order]
        edges = np.flatnonzero(np.diff(of, prepend=-1, append=-1))
        for start, end in pairwise(edges.tolist()):
            slots = self._cells.members(int(of[start]))
            asking = who[start:end]
            products = rows[asking] @ self._rows[slots].astype(np.float32).T
            best = self._ranked(products, slots)
            columns = turn[start:end, None] * width + np.arange(best.shape[1])
            ranked[asking[:, None], columns] = best
        return ranked

    def _ranked(self, products: Rows, slots: NDArray[np.integer]) -> Ranks:
        """Product and slot of the first few of each row as one number, in no order.

        The larger the product and the older the post, the larger the number; -1 and less is none.
        """
        return self._first(products.astype(np.float64) * self._span + (self._span - 1 - slots))

    def _first(self, ranked: Ranks) -> Ranks:
        """The largest few of each row."""
        last = ranked.shape[1] - self._neighbours
        return ranked if last <= 0 else np.partition(ranked, last, axis=1)[:, last:]

    def _decoded(self, ranked: Ranks, near: float) -> Found:
        found = Found(
            np.full((len(ranked), self._neighbours), -1, np.int32),
            np.zeros((len(ranked), self._neighbours), np.float32),
        )
        width = ranked.shape[1]
        ranked = -np.sort(-ranked, axis=1)
        products = np.floor(ranked / self._span)
        slots = self._span - 1 - (ranked - products * self._span)
        there = (ranked >= 0) & (products >= near)
        found.slots[:, :width][there] = slots[there]
        found.products[:, :width][there] = products[there]
        return found


class _Cells:
    """Centres, and which slots lie closest to each."""

    def __init__(self, centres: Rows) -> None:
        self.count = len(centres)
        self._centres = centres
        self._members = [np.zeros(2 * PER_CELL, np.int32) for _ in range(self.count)]
        self._sizes = [0] * self.count

    @classmethod
    def learn(cls, rows: NDArray[np.int8], count: int) -> _Cells:
        cells = cls(_centres(rows, count))
        for start in range(0, len(rows), EXACT):
            cells.add(rows[start : start + EXACT].astype(np.float32), start)
        return cells

    @classmethod
    def of(cls, centres: NDArray[np.generic], own: NDArray[np.generic]) -> _Cells:
        """The cells with these centres, given the cell of every slot."""
        cells = cls(centres.astype(np.float32))
        cells._sort_in(own.astype(np.int64), 0)
        return cells

    def kept(self, count: int) -> dict[str, NDArray[np.generic]]:
        own = np.zeros(count, np.int32)
        for cell in range(self.count):
            own[self.members(cell)] = cell
        return {"centres": self._centres.astype(np.int8), "cells": own}

    def members(self, cell: int) -> Slots:
        return self._members[cell][: self._sizes[cell]]

    def add(self, rows: Rows, start: int) -> None:
        """Sort rows into their cells; their slots count up from `start`."""
        self._sort_in(np.argmax(rows @ self._centres.T, axis=1), start)

    def _sort_in(self, own: NDArray[np.int64], start: int) -> None:
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

    def closest(self, rows: Rows) -> NDArray[np.int64]:
        """The cells to look into, row by row, the one a row belongs to first."""
        ranked = (rows @ self._centres.T).astype(np.float64) * self.count
        ranked += self.count - 1 - np.arange(self.count)  # the lower number among equals
        last = self.count - min(PROBES, self.count)
        best = -np.sort(-np.partition(ranked, last, axis=1)[:, last:], axis=1)
        return (self.count - 1 - best % self.count).astype(np.int64)


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
