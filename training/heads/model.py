"""From fitted columns to the file the product reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.heads.fit import Column
from training.heads.matrix import FEATURES, FOUND, MEANING, Texts
from triage.heads import FINE, HeadModel
from triage.ngrams import BUCKETS, ONE, NgramTable, word_bucket

MOST = 127
OUTLIERS = 1e-4
"""The share of a head's weights that is cut to the largest byte."""
SEEN_OFTEN = 2


def assemble(columns: list[Column], texts: Texts, moods: tuple[str, ...] = ()) -> HeadModel:
    """Fold what was learnt of meanings into the words, and cut the weights to signed bytes.

    `moods` are the languages, beside English, whose mood the columns know.
    """
    weights = np.stack([column.weights for column in columns], axis=1)
    grams = weights[:MEANING].copy()
    fold_in(grams, weights[MEANING:FOUND], texts)
    sizes = np.abs(grams)
    step = np.array([_step(sizes[:, head]) for head in range(len(columns))])
    units = np.clip(np.rint(grams / step), -MOST, MOST).astype(np.int8)
    words, letters, pairs = (units[at : at + BUCKETS] for at in range(0, MEANING, BUCKETS))
    return HeadModel(
        names=tuple(column.name for column in columns),
        features=tuple(FEATURES),
        bias=np.array([column.bias for column in columns]),
        weights=np.rint(weights[FOUND:] * FINE).astype(np.int32),
        unit=step / ONE,
        table=NgramTable(words, letters, pairs),
        moods=moods,
    )


def fold_in(grams: np.ndarray, learnt: np.ndarray, texts: Texts) -> None:
    """Add to each word's weight what its meaning weighs.

    Where two words share a bucket, the one more often seen has it: words of the training texts
    first, then those of the embedding's vocabulary, which no training text need contain.
    """
    seen = sorted(texts.counts.items(), key=lambda entry: (-entry[1], entry[0]))
    words = [token for token, count in seen if count >= SEEN_OFTEN] + texts.vocabulary()
    owner: dict[int, str] = {}
    for word in words:
        owner.setdefault(word_bucket(word), word)
    meanings = np.stack([texts.meaning(word) for word in owner.values()])
    grams[list(owner)] += meanings @ learnt


def _step(sizes: np.ndarray) -> float:
    """How much one unit of a byte weighs."""
    some = sizes[sizes > 0]
    return float(np.quantile(some, 1 - OUTLIERS)) / MOST if len(some) else 1.0


def write(model: HeadModel, path: Path) -> None:
    """Write the model as one compressed file of plain arrays."""
    np.savez_compressed(
        path,
        names=_bytes(model.names),
        features=_bytes(model.features),
        bias=model.bias,
        weights=model.weights,
        unit=model.unit,
        words=model.table.words,
        letters=model.table.letters,
        pairs=model.table.pairs,
        moods=_bytes(model.moods),
    )


def _bytes(lines: tuple[str, ...]) -> np.ndarray:
    return np.frombuffer("\n".join(lines).encode("ascii"), np.uint8)
