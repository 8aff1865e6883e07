"""Learnt heads read in the one pass of the trained ones: a word is cut and looked up once for all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from triage.head_delta import changed
from triage.learnt import Learnt, LearntSums, Meanings, blank
from triage.ngrams import ONE, NgramSums, NgramTable, pair_buckets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from triage.heads import HeadModel


def beside(
    base: HeadModel, learnt: Learnt, meanings: Meanings | None = None
) -> tuple[HeadModel, NgramSums]:
    """A model with the heads of both, the base's first, and what sums its n-grams in one pass.

    Every head says to the last bit what it says alone. The table of the model is the base's: it is
    good for reading and explaining by these sums, and for nothing else.
    """
    own = changed(blank(), learnt.delta)
    more = len(base.features) - len(own.features)  # those of an encoder stand at the end
    joined = replace(
        base,
        names=base.names + own.names,
        bias=np.append(base.bias, own.bias),
        weights=np.hstack([base.weights, np.pad(own.weights, ((0, more), (0, 0)))]),
        unit=np.append(base.unit, own.unit),
    )
    meant = learnt.meaning.astype(np.float64) / own.unit
    return joined, _BothSums(base.table, LearntSums(own.table, meant, meanings or Meanings()))


class _BothSums(NgramSums):
    """The sums over two tables: the places of a token and of a pair are worked out once."""

    def __init__(self, table: NgramTable, own: LearntSums) -> None:
        super().__init__(table)
        self._own = own
        self._first = table.words.shape[1]
        width = self._first + own.table.words.shape[1]
        self._rows = np.zeros((len(self._rows), width), np.int32)
        self._forget()

    def _units(self, tokens: Sequence[str]) -> NDArray[np.int32]:
        return np.hstack([super()._units(tokens), self._own.units(tokens)])

    def _paired(self, ids: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int32]:
        marks = self._marks[ids]
        before = np.empty_like(marks)
        before[1:], before[:1] = marks[:-1], 0
        at = pair_buckets(before, marks)
        found = np.empty((len(ids), self._rows.shape[1]), np.int32)
        found[:, : self._first] = self._table.pairs[at]
        found[:, self._first :] = self._own.table.pairs[at]
        found *= ONE
        found[starts] = 0
        return found
