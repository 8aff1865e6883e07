"""What corrections change in the trained heads: weights added to a base model's, undone by leaving
them out.

A post becomes a short list of numbers (`vectors`), each beside the place of the weight it is
multiplied with; whoever learns from corrections fits weights for these places, hands them over as
a `HeadDelta`, and `changed` adds them. The base model never changes, so its predictions come back
to the last bit.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import chain, islice
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from triage.heads import FINE, HeadModel
from triage.ngrams import (
    BUCKETS,
    MOST_TOKENS,
    ONE,
    START,
    NgramTable,
    identity,
    letter_buckets,
    pair_buckets,
    split,
    word_bucket,
)
from triage.tokens import Learnt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

WORDS, LETTERS, PAIRS, FEATURES = range(0, 4 * BUCKETS, BUCKETS)
"""Where the places of each kind begin; the features' are in the order of the model's."""

FINER = 256
"""How much finer than a byte the weights of a changed head are kept."""
MOST_UNITS = 1 << 20
ID_LENGTH = 12


class DeltaMismatchError(ValueError):
    """A delta was learnt on another model than the one it is to be added to."""


@dataclass(frozen=True, slots=True, eq=False)
class PostVector:
    """What the heads see of one post: `values[i]` is multiplied with the weight at `indices[i]`.

    Indices rise and are distinct. For every head, bias + values · weights is the margin.
    """

    indices: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class HeadChange:
    """What is added to the bias and to some weights of one head, in log-odds.

    `indices` rise and are distinct. A head that the model lacks is a new yes-or-no head.
    """

    head: str
    bias: float
    indices: NDArray[np.int64]
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class HeadDelta:
    """Changes of some heads of the model whose version is `base`; each head at most once."""

    base: str
    changes: tuple[HeadChange, ...]

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits; equal for equal changes, whatever their order."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:ID_LENGTH]

    def to_bytes(self) -> bytes:
        """The same bytes for equal changes; `delta_from` reads them."""
        changes = sorted(self.changes, key=lambda change: change.head)
        arrays: dict[str, NDArray[np.generic]] = {
            "heads": _text([self.base, *[change.head for change in changes]]),
            "bias": np.array([change.bias for change in changes], np.float64),
        }
        for number, change in enumerate(changes):
            arrays[f"indices_{number}"] = change.indices.astype(np.int64)
            arrays[f"weights_{number}"] = change.weights.astype(np.float32)
        packed = BytesIO()
        np.savez_compressed(packed, allow_pickle=False, **arrays)
        return packed.getvalue()


def delta_from(data: bytes) -> HeadDelta:
    """The delta that `HeadDelta.to_bytes` wrote; raises ValueError for anything else."""
    try:
        with np.load(BytesIO(data), allow_pickle=False) as arrays:
            base, *heads = arrays["heads"].tobytes().decode("utf-8").split("\n")
            return HeadDelta(
                base,
                tuple(
                    HeadChange(
                        head,
                        float(arrays["bias"][number]),
                        arrays[f"indices_{number}"],
                        arrays[f"weights_{number}"],
                    )
                    for number, head in enumerate(heads)
                ),
            )
    except (ValueError, KeyError, IndexError, OSError, EOFError, BadZipFile) as error:
        raise ValueError(f"not a stored delta: {error}") from error


def _text(lines: Sequence[str]) -> NDArray[np.generic]:
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


def vectors(
    model: HeadModel,
    posts: Iterable[Sequence[str]],
    features: Iterable[Mapping[str, float]],
    *,
    letters: bool = True,
) -> list[PostVector]:
    """Each post as the heads see it: `posts` split at spaces, `features` what was found in each.

    Without `letters` the sequences inside words, most of a vector, are left out.
    """
    rows = {name: FEATURES + row for row, name in enumerate(model.features)}
    cut = Learnt(split)
    return [
        _vector(cut.all(list(post)), found, rows, letters)
        for post, found in zip(posts, features, strict=True)
    ]


def _vector(
    said: Iterable[Sequence[str]],
    features: Mapping[str, float],
    rows: Mapping[str, int],
    letters: bool,
) -> PostVector:
    tokens = list(islice(chain.from_iterable(said), MOST_TOKENS))
    share = max(len(tokens), 1) ** -0.5
    places = [np.array([WORDS + word_bucket(token) for token in tokens], np.int64)]
    values = [np.full(len(tokens), share)]
    found = list(letter_buckets(tokens)) if tokens and letters else []
    counts = sum([count for _, count in found], np.zeros(len(tokens), np.int64))
    each = share / np.sqrt(np.maximum(counts, 1))
    for buckets, count in found:
        places.append(LETTERS + buckets)
        values.append(np.repeat(each, count))
    marks = np.array([identity(token) for token in (START, *tokens)], np.uint64)
    places.append(PAIRS + pair_buckets(marks[:-1], marks[1:]))
    values.append(np.full(len(tokens), share))
    known = [(rows[name], value) for name, value in features.items() if name in rows and value]
    places.append(np.array([place for place, _ in known], np.int64))
    values.append(np.array([value for _, value in known], np.float64))
    indices, where = np.unique(np.concatenate(places), return_inverse=True)
    summed = np.bincount(where, np.concatenate(values), len(indices))
    return PostVector(indices, summed.astype(np.float64))


def changed(model: HeadModel, delta: HeadDelta) -> HeadModel:
    """A new model: the base with the delta added; heads without a change say exactly what they said.

    Raises DeltaMismatchError when the delta was learnt on another model or names a place that this
    one lacks.
    """
    if delta.base != model.version:
        raise DeltaMismatchError(
            f"corrections were learnt on {delta.base or 'an unnamed model'}, "
            f"this is {model.version or 'an unnamed model'}; learn them again"
        )
    new = tuple(sorted({change.head for change in delta.changes}.difference(model.names)))
    names = model.names + new
    tables = [_wider(kind, len(new)) for kind in _kinds(model.table)]
    weights, bias = _wider(model.weights, len(new)), np.append(model.bias, np.zeros(len(new)))
    unit = np.append(model.unit, np.ones(len(new)))
    for change in delta.changes:
        _check(change, FEATURES + len(model.features))
        column = names.index(change.head)
        step = _step(change) if change.head in new else float(unit[column]) / FINER
        unit[column] = step
        bias[column] += change.bias
        for kind, table in enumerate(tables):
            some = (change.indices >= kind * BUCKETS) & (change.indices < (kind + 1) * BUCKETS)
            added = np.rint(change.weights[some].astype(np.float64) / (step * ONE))
            table[:, column] *= FINER
            table[change.indices[some] - kind * BUCKETS, column] += added.astype(np.int64)
            np.clip(table[:, column], -MOST_UNITS, MOST_UNITS, out=table[:, column])
        some = change.indices >= FEATURES
        added = np.rint(change.weights[some].astype(np.float64) * FINE)
        weights[change.indices[some] - FEATURES, column] += added.astype(np.int64)
    return replace(
        model,
        names=names,
        bias=bias,
        weights=weights.astype(np.int32),
        unit=unit,
        table=NgramTable(*[table.astype(np.int32) for table in tables]),
        version=f"{model.version}+{delta.id}",
    )


def _kinds(table: NgramTable) -> tuple[NDArray[np.signedinteger], ...]:
    return table.words, table.letters, table.pairs


def _wider(table: NDArray[np.signedinteger], columns: int) -> NDArray[np.int64]:
    """A copy that holds larger numbers, with empty columns for new heads."""
    return np.pad(table.astype(np.int64), ((0, 0), (0, columns)))


def _check(change: HeadChange, places: int) -> None:
    indices = change.indices
    if len(indices) != len(change.weights):
        raise DeltaMismatchError(
            f"{change.head}: {len(indices):,} places for {len(change.weights):,} weights"
        )
    if len(indices) and not (indices[0] >= 0 and indices[-1] < places):
        raise DeltaMismatchError(f"{change.head}: places are 0 to {places - 1:,}")


def _step(change: HeadChange) -> float:
    """How much one unit of a new head weighs, so that its largest weight is far from the bounds."""
    grams = np.abs(change.weights[change.indices < FEATURES])
    return float(grams.max(initial=0.0) or 1.0) / (127 * FINER * ONE)
