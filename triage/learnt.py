"""What was learnt from a brand's corrections: weights of its own heads, kept apart from the judge's.

Every head is a sum over a post's words, pairs of words, the features found in it and the meaning of
its words (their rows in the embedding table), as the trained heads are; see `triage/learning.py`
for how it is fitted and `triage/decisions.py` for what its margins are added to.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from triage.embedding import StaticEmbedder
from triage.head_delta import HeadDelta, changed, delta_from
from triage.heads import HeadModel, TrainedHeads, packaged
from triage.ngrams import BUCKETS, LINK, NgramSums, NgramTable
from triage.stopwords import QUESTIONS, STOPWORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

MEANING = 1 / 95_000
"""What the sum of an embedding row is multiplied with: a usual word has length 3."""
ID_LENGTH = 12


class Meanings:
    """The meaning of tokens: 256 numbers each, nothing for links. One instance, one thread."""

    def __init__(self, embedder: StaticEmbedder | None = None) -> None:
        """The packaged table, loaded with the first token unless it is given."""
        self._embedder = embedder

    def of(self, tokens: Sequence[str]) -> NDArray[np.float64]:
        """One row a token."""
        if self._embedder is None:
            self._embedder = StaticEmbedder()
        sums = self._embedder.sums(["" if token == LINK else token for token in tokens])
        return sums.astype(np.float64) * MEANING


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """Heads learnt from corrections: `delta` adds to nothing, `meaning` has a column a head.

    Columns are in the order of the heads' names. The same corrections give the same bytes.
    """

    delta: HeadDelta
    meaning: NDArray[np.float32]

    @property
    def heads(self) -> tuple[str, ...]:
        """The names, in order: of a choice `lane/idea`, of a yes or no `relevant`."""
        return tuple(sorted(change.head for change in self.delta.changes))

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits; equal for what was learnt from equal corrections."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:ID_LENGTH]

    def to_bytes(self) -> bytes:
        """The same bytes for the same weights; `learnt_from` reads them."""
        packed = BytesIO()
        delta = np.frombuffer(self.delta.to_bytes(), np.uint8)
        np.savez_compressed(packed, allow_pickle=False, delta=delta, meaning=self.meaning)
        return packed.getvalue()


def learnt_from(data: bytes) -> Learnt:
    """What `Learnt.to_bytes` wrote.

    Raises ValueError for anything else, and for what was learnt when posts were read in another way
    (other features, another embedding): then it has to be learnt again.
    """
    try:
        with np.load(BytesIO(data), allow_pickle=False) as arrays:
            learnt = Learnt(delta_from(arrays["delta"].tobytes()), arrays["meaning"])
    except (KeyError, OSError, EOFError, BadZipFile) as error:
        raise ValueError(f"not what was learnt from corrections: {error}") from error
    if learnt.delta.base != places():
        raise ValueError(
            f"learnt when posts were read as {learnt.delta.base}, now it is {places()}"
        )
    return learnt


@cache
def places() -> str:
    """What the weights stand for: the features in their order, and the embedding's name."""
    names = hashlib.sha256("\n".join(packaged().features).encode()).hexdigest()[:8]
    return f"places-1-{names}-{StaticEmbedder.model}"


def blank() -> HeadModel:
    """A model that reads posts as the trained heads do and has no head yet."""
    features = packaged().features
    nothing = np.zeros((BUCKETS, 0), np.int8)
    return HeadModel(
        names=(),
        features=features,
        bias=np.zeros(0),
        weights=np.zeros((len(features), 0), np.int32),
        unit=np.zeros(0),
        table=NgramTable(nothing, nothing, nothing),
        version=places(),
    )


class LearntHeads:
    """Reads the learnt heads of posts. One instance, one thread."""

    def __init__(self, learnt: Learnt, meanings: Meanings | None = None) -> None:
        """`meanings` of words, when they are loaded already."""
        model = changed(blank(), learnt.delta)
        weights = learnt.meaning.astype(np.float64) / model.unit
        sums = LearntSums(model.table, weights, meanings or Meanings())
        self._heads = TrainedHeads(model, sums)
        self.names = self._heads.names

    def margins(
        self, posts: Sequence[Sequence[str]], features: Sequence[Mapping[str, float]]
    ) -> NDArray[np.float64]:
        """What each head (columns) adds for each post: texts split at spaces, and what was found."""
        return self._heads.margins(posts, features)

    def words(
        self,
        post: Sequence[str],
        features: Mapping[str, float],
        up: str,
        down: str = "",
        most: int = 3,
    ) -> list[tuple[str, float]]:
        """The words that speak most for `up` (and against `down`), with their points in log-odds."""
        points: dict[str, float] = {}
        for head, sign in ((up, 1.0), (down, -1.0)):
            if head in self.names:
                for part in (why := self._heads.explain(post, features, head)).ngrams:
                    each = sign * part.units * why.unit / why.tokens**0.5
                    points[part.said] = points.get(part.said, 0.0) + each
        ordered = sorted(points.items(), key=lambda one: (_plain(one[0]), -one[1], one[0]))
        return [(said, value) for said, value in ordered if value > 0][:most]


def _plain(said: str) -> bool:
    """Whether it is a word of grammar, or joined to one: told only when nothing says more."""
    return any(
        (word in STOPWORDS and word not in QUESTIONS) or not word.isalnum() for word in said.split()
    )


class LearntSums(NgramSums):
    """Sums in which each token also weighs what it means."""

    def __init__(self, table: NgramTable, weights: NDArray[np.float64], meanings: Meanings) -> None:
        """`weights` of meanings: a column a head, in units of that head."""
        super().__init__(table)
        self.table = table
        self._weights = weights
        self._meanings = meanings

    def units(self, tokens: Sequence[str]) -> NDArray[np.int32]:
        """What some tokens weigh by themselves, a row each."""
        return self._units(tokens)

    def _units(self, tokens: Sequence[str]) -> NDArray[np.int32]:
        """What some tokens weigh: their letters say nothing here, their meaning does."""
        meant = np.einsum("td,dk->tk", self._meanings.of(tokens), self._weights)
        return np.asarray(super()._units(tokens) + np.rint(meant).astype(np.int32), np.int32)
