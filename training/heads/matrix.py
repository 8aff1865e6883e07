"""Texts as rows of numbers, by the very functions that the product reads them with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from triage.embedding import StaticEmbedder
from triage.evidence import EvidenceReader
from triage.heads import readings
from triage.ngrams import (
    BUCKETS,
    LINK,
    MOST_TOKENS,
    START,
    identity,
    letter_buckets,
    pair_buckets,
    split,
    word_bucket,
)
from triage.protocols import BrandContext
from triage.sentiment import SentimentReader
from triage.signals import SignalFinder, signal_table

MOST_WORDS = 1_000
MEANINGS = 256
SHAPES = ["first_person", "second_person", "link", "shouts", "exclaims", "asks", "tag"]
READINGS = ["vader_reading", "vader_good", "vader_flat"]
READINGS += ["service_reading", "service_good", "service_flat"]
FEATURES = [name for name, kind in signal_table().kinds.items() if kind.learnt]
FEATURES += SHAPES + READINGS
WORDS, LETTERS, PAIRS = 0, BUCKETS, 2 * BUCKETS
MEANING = 3 * BUCKETS
FOUND = MEANING + MEANINGS
COLUMNS = FOUND + len(FEATURES)


@dataclass
class Texts:
    """Turns texts into rows: hashed n-grams, the meaning of the words, and the features found.

    The meaning of a text is the sum of its words' rows in the embedding table: linear, so that
    what a head learns of it is folded into the weights of words afterwards.
    """

    counts: dict[str, int] = field(default_factory=dict)
    _letters: dict[str, np.ndarray] = field(default_factory=dict)
    _meanings: dict[str, np.ndarray] = field(default_factory=dict)

    def rows(
        self,
        texts: list[str],
        *,
        meaning: bool = True,
        found: bool = True,
        whole: list[str] | None = None,
    ) -> sp.csr_matrix:
        """One row a text; without `meaning` or `found` those columns are 0.

        Features are those of the `whole` texts, where `texts` are parts of them.
        """
        tokens = [self._tokens(text) for text in texts]
        grams = self._ngrams(tokens)
        dense = np.zeros((len(texts), MEANINGS + len(FEATURES)), np.float32)
        if meaning:
            for row, said in zip(dense, tokens, strict=True):
                if said:
                    row[:MEANINGS] = sum(map(self.meaning, said)) / len(said) ** 0.5
        if found:
            dense[:, MEANINGS:] = features(texts if whole is None else whole)
        return sp.hstack([grams, sp.csr_matrix(dense)]).tocsr()

    def meaning(self, token: str) -> np.ndarray:
        """The token's place in the embedding table, where a usual word has length 1."""
        known = self._meanings.get(token)
        if known is None:
            rows = [] if token == LINK else self._embedder._pieces.rows(token)
            known = self._table[rows].sum(0) if rows else np.zeros(MEANINGS, np.float32)
            self._meanings[token] = known
        return known

    def vocabulary(self) -> list[str]:
        """The whole words of the embedding table, the commonest first."""
        known = self._embedder._pieces._vocabulary
        return [word for word in known if word.isalpha()]

    @cached_property
    def _embedder(self) -> StaticEmbedder:
        return StaticEmbedder()

    @cached_property
    def _table(self) -> np.ndarray:
        table = self._embedder._table.astype(np.float32) * self._embedder._weights[:, None]
        return table / np.linalg.norm(table, axis=1).mean()

    def _tokens(self, text: str) -> list[str]:
        words = text.split(maxsplit=MOST_WORDS)[:MOST_WORDS]
        said = [token for word in words for token in split(word)][:MOST_TOKENS]
        for token in set(said):
            self.counts[token] = self.counts.get(token, 0) + 1
        return said

    def _ngrams(self, texts: list[list[str]]) -> sp.csr_matrix:
        self._learn_letters({token for said in texts for token in said})
        columns, values, ends = [np.zeros(0, np.int64)], [np.zeros(0)], [0]
        for said in texts:
            share = max(1, len(said)) ** -0.5
            marks = np.array([identity(token) for token in [START, *said]], np.uint64)
            pairs = pair_buckets(marks[:-1], marks[1:])
            words = [word_bucket(token) for token in said]
            columns += [WORDS + np.array(words, np.int64), PAIRS + pairs]
            values.append(np.full(2 * len(said), share))
            inside = [self._letters[token] for token in said]
            columns += [LETTERS + letters for letters in inside]
            values += [np.full(len(one), share / max(1, len(one)) ** 0.5) for one in inside]
            ends.append(ends[-1] + 2 * len(said) + sum(map(len, inside)))
        data = np.concatenate(values).astype(np.float32)
        at = np.concatenate(columns).astype(np.int32)
        matrix = sp.csr_matrix((data, at, ends), shape=(len(texts), MEANING))
        matrix.sum_duplicates()
        return matrix

    def _learn_letters(self, tokens: set[str]) -> None:
        new = sorted(tokens.difference(self._letters))
        if not new:
            return
        found: list[list[np.ndarray]] = [[] for _ in new]
        for buckets, counts in letter_buckets(new):
            for one, part in zip(found, np.split(buckets, np.cumsum(counts)[:-1]), strict=True):
                one.append(part)
        self._letters |= {token: np.concatenate(one) for token, one in zip(new, found, strict=True)}


def features(texts: list[str]) -> np.ndarray:
    """What the signals, the words' forms and both readings say: one column a feature."""
    sentiment, signals, evidence = SentimentReader(BrandContext()), SignalFinder(), EvidenceReader()
    table = np.zeros((len(texts), len(FEATURES)), np.float32)
    for row, text in zip(table, texts, strict=True):
        text = sentiment.beginning(text)
        words = text.split(maxsplit=MOST_WORDS)[:MOST_WORDS]
        said = sentiment.read(text, limit=MOST_WORDS)
        found = evidence.read(words, said, signals.find(text, words)) | readings(said)
        row[:] = [found.get(name, 0.0) for name in FEATURES]
    return table
