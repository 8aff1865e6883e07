"""Texts to vectors with a table: the sum of learnt word vectors, distilled from a sentence encoder.

What the table was learnt from, under which terms and how well it does stands in
`triage/models/embedding.md`; `training/embedding.py` rebuilds it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.wordpiece import WordPieces

TABLE = Path(__file__).parent / "models" / "embedding.npz"
TOGETHER = 256
SUMMED = 8  # texts: one small product for all of them is quicker than one for each
SHA256 = "85c712bcdaadb8171e62809a553027d36337cc92a61b883456059ac066d6a158"


class ModelDamagedError(Exception):
    """A packaged model file is not the one this version was made with: install the package again."""


class StaticEmbedder:
    """The packaged table as an `Embedder`: 256 dimensions, tens of thousands of posts a CPU-second.

    A vector depends on its text alone, to the last bit and on every machine: table values and row
    weights are integers so small that every sum of them is exact in float32 (127 · 1023 · 128 rows
    < 2²⁴). A text without words has the zero vector. Only the first 4,000 characters and 128 rows
    of a text count. Never raises for any text; one instance, one thread.
    """

    model = "static-minilm-2"
    dimensions = 256

    def __init__(self, table: Path = TABLE, sha256: str = SHA256) -> None:
        """Load the table; raises ModelDamagedError when the file is missing or another one."""
        try:
            data = table.read_bytes()
        except OSError as error:
            raise ModelDamagedError(
                f"{table}: {error.strerror}; install the package again"
            ) from error
        found = hashlib.sha256(data).hexdigest()
        if found != sha256:
            raise ModelDamagedError(
                f"{table}: checksum {found[:12]}…, expected {sha256[:12]}…; install the package again"
            )
        with np.load(BytesIO(data), allow_pickle=False) as arrays:
            self._table = arrays["table"]
            self._weights = arrays["scale"].astype(np.float32)
            words = arrays["vocabulary"].tobytes().decode("ascii").split("\n")
        vocabulary = {word: row for row, word in enumerate(words)}
        self._pieces = WordPieces(vocabulary, len(self._table) - len(words))

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """One vector per text, in order: 256 signed bytes, the largest of them ±127."""
        vectors: list[bytes] = []
        for start in range(0, len(texts), TOGETHER):
            totals = self.sums(texts[start : start + TOGETHER])
            peaks = np.maximum(totals.max(axis=1), -totals.min(axis=1))
            peaks[peaks == 0] = 1.0
            totals *= (np.float32(127.0) / peaks)[:, None]
            whole = np.rint(totals, out=totals).astype(np.int8)
            vectors += [row.tobytes() for row in whole]
        return vectors

    def sums(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The sum of each text's rows, not yet cut to bytes: what a longer text's sum is made of."""
        found = np.zeros((len(texts), self.dimensions), np.float32)
        spelled = [self._pieces.rows(text) for text in texts]
        for start in range(0, len(texts), SUMMED):
            some = spelled[start : start + SUMMED]
            rows = [row for own in some for row in own]
            owner = np.repeat(np.arange(len(some)), [len(own) for own in some])
            weights = np.zeros((len(some), len(rows)), np.float32)
            weights[owner, np.arange(len(rows))] = self._weights[rows]
            found[start : start + SUMMED] = weights @ self._table[rows].astype(np.float32)
        return found
