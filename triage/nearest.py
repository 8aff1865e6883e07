"""The most similar of a brand's live posts: all of them compared when few, by cells when many.

Up to 4,096 posts every one is compared. Beyond that the window is cut into cells around centres that
were learnt from its rows (k-means), and a post is compared with the posts of the 8 cells closest to
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
PROBES = 8
LEARNT_FROM = 16_384
ROUNDS = 4
BESIDE = 8_192  # more rows than are ever looked for at once

SORTED_WHOLE = 512  # so few are sorted faster than parted
MOST_ALIKE = 2**18  # more than any product of two rows
MOST_CELLS = 2**12  # so many cells and the products of rows with them still fit 31 bits

Slots = NDArray[np.int32]
_Part = tuple[NDArray[np.int64], NDArray[np.integer], Rows]


@dataclass(frozen=True, slots=True)
class Found:
    """Per row the slots of its nearest live posts, most similar first, the older first among equals.

    -1 fills up where fewer were near; `products` are those of two centred rows (0 where none).
    """

    slots: Slots
    products: Rows


class Nearest:
    """The rows of the live posts in order of arrival. One instance, one thread.

    Memory: two to three bytes a dimension and four a post; cells are learnt anew whenever as many posts have
    come as there were when they were learnt.
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
            self._cells = _Cells.of(arrays["centres"], arrays["cells"], self._rows[: self._count])

    def find(self, rows: Rows, near: float) -> Found:
        """The nearest at or above `near` of each row: among those held and the rows before it."""
        if not len(rows):
            none = (0, self._neighbours)
            return Found(np.zeros(none, np.int32), np.zeros(none, np.float32))
        if self._cells is not None:
            return self._found(self._scan(rows, self._cells.closest(rows), near), len(rows))
        held, slots = np.arange(self._count), np.arange(self._count, self._count + len(rows))
        inside = rows @ rows.T
        np.copyto(inside, -1.0, where=~np.tri(len(rows), k=-1, dtype=bool))
        parts = [self._best(rows @ self.rows().T, near, None, held)]
        parts.append(self._best(inside, near, None, slots))
        return self._found(parts, len(rows))

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
        if self._cells is not None and self._count >= EXACT:
            self._cells.drop(count)
            self._learn_at -= count
        else:
            self._cells, self._learn_at = None, EXACT

    def _learn(self) -> None:
        rows = self._rows[: self._count]
        self._cells = _Cells.learn(rows, self._count // PER_CELL)
        self._learn_at = 2 * self._count

    def _scan(self, rows: Rows, probes: NDArray[np.int64], near: float) -> list[_Part]:
        """The first few in each cell that a row looks into: of those held and the rows before it."""
        assert self._cells is not None
        own = np.argsort(probes[:, 0], kind="stable")
        starts = np.searchsorted(probes[own, 0], np.arange(self._cells.count + 1)).tolist()
        order = np.argsort(probes, axis=None, kind="stable")
        who = order // probes.shape[1]
        of = probes.ravel()[order]
        edges = np.flatnonzero(np.diff(of, prepend=-1, append=-1))
        asked = of[edges[:-1]].tolist()
        room = max(map(self._cells.size, asked), default=0) + len(rows)
        beside = np.empty((room, rows.shape[1]), np.float32)  # one piece of memory for all cells
        parts = []
        for cell, (start, end) in zip(asked, pairwise(edges.tolist()), strict=True):
            slots, asking = self._cells.members(cell), who[start:end]
            new, count = own[starts[cell] : starts[cell + 1]], len(slots)
            beside[:count] = self._cells.rows(cell)
            if len(new):
                beside[count : count + len(new)] = rows[new]
                slots = np.concatenate((slots, self._count + new))
            # This way round a product of so few rows is a third faster; sums are exact either way.
            products = beside[: len(slots)] @ rows[asking].T
            if len(new):
                products[count:][new[:, None] >= asking] = -np.inf
            parts.append(self._best(np.ascontiguousarray(products.T), near, asking, slots))
        return parts

    def _best(
        self,
        products: Rows,
        near: float,
        asking: NDArray[np.int64] | None,
        slots: NDArray[np.integer],
    ) -> _Part:
        """At least the largest few of each row, in no order: row, slot, product."""
        width = products.shape[1]
        last = width - self._neighbours
        if last <= 0:
            there = products >= near
        else:
            ordered = (
                np.sort(products, axis=1)
                if width < SORTED_WHOLE
                else np.partition(products, last, axis=1)
            )
            there = products >= np.maximum(ordered[:, last, None], near)
        at = np.flatnonzero(there)
        row = at // width if width else at
        product = products.ravel()[at]
        slot = slots[at - row * width]
        return row if asking is None else asking[row], slot, product

    def _found(self, parts: Sequence[_Part], count: int) -> Found:
        """The first few of each row; row, product and slot are sorted as one whole number."""
        row, slot, product = (np.concatenate(some) for some in zip(*parts, strict=True))
        of, beyond = int(MOST_ALIKE), len(self._rows) + BESIDE
        ranked = (row.astype(np.int64) * of + (of - 1 - product.astype(np.int64))) * beyond + slot
        ranked.sort()
        row, rest = np.divmod(ranked, of * beyond)
        rank = np.arange(len(row)) - np.searchsorted(row, row)
        first = rank < self._neighbours
        row, rank, rest = row[first], rank[first], rest[first]
        found = Found(
            np.full((count, self._neighbours), -1, np.int32),
            np.zeros((count, self._neighbours), np.float32),
        )
        found.slots[row, rank] = rest % beyond
        found.products[row, rank] = of - 1 - rest // beyond
        return found


class _Cells:
    """Centres, which slots lie closest to each, and the rows of these side by side.

    Scattered rows take longer to gather than to multiply.
    """

    def __init__(self, centres: Rows) -> None:
        self.count = len(centres)
        self._centres = centres
        self._members = [np.zeros(2 * PER_CELL, np.int32) for _ in range(self.count)]
        self._rows = [
            np.zeros((2 * PER_CELL, centres.shape[1]), np.int8) for _ in range(self.count)
        ]
        self._sizes = [0] * self.count

    @classmethod
    def learn(cls, rows: NDArray[np.int8], count: int) -> _Cells:
        cells = cls(_centres(rows, count))
        for start in range(0, len(rows), EXACT):
            cells.add(rows[start : start + EXACT].astype(np.float32), start)
        return cells

    @classmethod
    def of(
        cls, centres: NDArray[np.generic], own: NDArray[np.generic], rows: NDArray[np.int8]
    ) -> _Cells:
        """The cells with these centres, given the cell and the row of every slot."""
        cells = cls(centres.astype(np.float32))
        cells._sort_in(own.astype(np.int64), rows, 0)
        return cells

    def kept(self, count: int) -> dict[str, NDArray[np.generic]]:
        own = np.zeros(count, np.int32)
        for cell in range(self.count):
            own[self.members(cell)] = cell
        return {"centres": self._centres.astype(np.int8), "cells": own}

    def members(self, cell: int) -> Slots:
        return self._members[cell][: self._sizes[cell]]

    def size(self, cell: int) -> int:
        """How many members a cell has."""
        return self._sizes[cell]

    def rows(self, cell: int) -> NDArray[np.int8]:
        """The rows of a cell's members, in their order."""
        return self._rows[cell][: self._sizes[cell]]

    def add(self, rows: Rows, start: int) -> None:
        """Sort rows into their cells; their slots count up from `start`."""
        self._sort_in(np.argmax(rows @ self._centres.T, axis=1), rows, start)

    def drop(self, count: int) -> None:
        """Forget the oldest slots; the others count from 0 again."""
        for cell in range(self.count):
            members = self.members(cell)
            gone = int(np.searchsorted(members, count))
            kept = members[gone:] - np.int32(count)
            self._rows[cell][: len(kept)] = self.rows(cell)[gone:].copy()
            self._members[cell][: len(kept)] = kept
            self._sizes[cell] = len(kept)

    def _sort_in(self, own: NDArray[np.int64], rows: NDArray[np.generic], start: int) -> None:
        order = np.argsort(own, kind="stable")
        edges = np.searchsorted(own[order], np.arange(self.count + 1))
        for cell in np.unique(own).tolist():
            of = order[edges[cell] : edges[cell + 1]]
            size, room = self._sizes[cell], len(self._members[cell])
            if size + len(of) > room:
                self._members[cell] = np.resize(self._members[cell], room + len(of) + room // 4)
                wider = (len(self._members[cell]), self._rows[cell].shape[1])
                self._rows[cell] = np.resize(self._rows[cell], wider)
            self._members[cell][size : size + len(of)] = of + start
            self._rows[cell][size : size + len(of)] = rows[of]
            self._sizes[cell] = size + len(of)

    def closest(self, rows: Rows) -> NDArray[np.int64]:
        """The cells to look into, row by row, the one a row belongs to first."""
        many = 1 << (self.count - 1).bit_length()
        ranked: NDArray[np.integer] = (rows @ self._centres.T).astype(
            np.int64 if many > MOST_CELLS else np.int32
        )
        later = self.count - 1 - np.arange(self.count)  # the lower number first among equals
        np.multiply(ranked, many, out=ranked)
        np.add(ranked, later, out=ranked, casting="same_kind")
        last = self.count - min(PROBES, self.count)
        best = -np.sort(-np.partition(ranked, last, axis=1)[:, last:], axis=1)
        return (self.count - 1 - best % many).astype(np.int64)


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
