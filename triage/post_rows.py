"""Many posts as the heads see them, laid out flat: what learning multiplies its weights with."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np

from triage.head_delta import FEATURES, PAIRS, WORDS
from triage.ngrams import MOST_TOKENS, START, identity, pair_buckets, split, word_bucket
from triage.tokens import Learnt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

PLACE_BITS = 20
MEANT_AT_ONCE = 512


class PostRows:
    """Words, pairs of words and features of posts; a row each, in order.

    `starts` has one entry more than there are posts: post i has `places[starts[i]:starts[i+1]]`,
    which rise and are distinct, and their `values`. For the same post they are what
    `head_delta.vectors` gives without letters.
    """

    def __init__(
        self,
        posts: Sequence[Sequence[str]],
        features: Sequence[Mapping[str, float]],
        names: Sequence[str],
    ) -> None:
        """`posts` are split at spaces, `names` the features in the order of their weights."""
        cut = Learnt(split)
        said = [
            list(islice(chain.from_iterable(cut.all(list(post))), MOST_TOKENS)) for post in posts
        ]
        self.tokens = [START, *dict.fromkeys(chain.from_iterable(said))]
        at = {token: row for row, token in enumerate(self.tokens)}
        self._ids = np.fromiter(map(at.__getitem__, chain.from_iterable(said)), np.int64)
        self._counts = np.fromiter(map(len, said), np.int64, len(said))
        row = np.repeat(np.arange(len(said)), self._counts)
        share = (np.maximum(self._counts, 1) ** -0.5)[row]
        known = {name: FEATURES + place for place, name in enumerate(names)}
        found = [
            (post, known[name], value)
            for post, some in enumerate(features)
            for name, value in some.items()
            if name in known and value
        ]
        rows = np.concatenate([row, row, np.array([one[0] for one in found], np.int64)])
        places = np.concatenate(
            [
                WORDS
                + np.array([word_bucket(token) for token in self.tokens], np.int64)[self._ids],
                PAIRS + self._pairs(),
                np.array([one[1] for one in found], np.int64),
            ]
        )
        values = np.concatenate([share, share, np.array([one[2] for one in found], np.float64)])
        keys, where = np.unique((rows << PLACE_BITS) | places, return_inverse=True)
        self.places: NDArray[np.int64] = keys & ((1 << PLACE_BITS) - 1)
        self.values: NDArray[np.float64] = np.bincount(where, values, len(keys)).astype(float)
        self.starts = np.searchsorted(keys >> PLACE_BITS, np.arange(len(said) + 1))

    def _pairs(self) -> NDArray[np.int64]:
        """Where the pairs of neighbours stand; how a post begins is one too."""
        marks = np.array([identity(token) for token in self.tokens], np.uint64)
        before = np.empty_like(self._ids)
        before[1:] = self._ids[:-1]
        first = np.cumsum(self._counts) - self._counts
        before[first[self._counts > 0]] = 0
        return pair_buckets(marks[before], marks[self._ids])

    def meanings(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum of the meanings of each post's tokens, by the root of their number.

        `table` has a row for each of `tokens`.
        """
        found = np.zeros((len(self._counts), table.shape[1]))
        ends = np.cumsum(self._counts)
        for start in range(0, len(found), MEANT_AT_ONCE):
            some = np.arange(start, min(start + MEANT_AT_ONCE, len(found)))
            some = some[self._counts[some] > 0]
            if len(some):
                first = int(ends[some[0]] - self._counts[some[0]])
                ids = self._ids[first : int(ends[some[-1]])]
                found[some] = np.add.reduceat(table[ids], (ends - self._counts)[some] - first)
        return np.asarray(found / np.sqrt(np.maximum(self._counts, 1))[:, None])

    def chosen(self, posts: Sequence[int]) -> tuple[NDArray[np.int64], ...]:
        """Of some posts, in order and as often as asked: which row each entry is of, and where.

        The second array says at which of `places` and `values` each entry stands.
        """
        which = np.asarray(posts, np.int64)
        sizes = (self.starts[1:] - self.starts[:-1])[which]
        row = np.repeat(np.arange(len(which)), sizes)
        ends = np.cumsum(sizes)
        at = np.arange(len(row)) - (ends - sizes)[row] + self.starts[which][row]
        return row, at
