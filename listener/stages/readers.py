"""Judging and embedding texts in one process, and what a helper process does.

A helper loads this module and what it needs, nothing of the store or the log.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import wait

from listener.process import tune
from triage.embedding import StaticEmbedder
from triage.encoder import MOST_KEPT, PostEncoder
from triage.judge import Judge
from triage.language import Model
from triage.learnt import Meanings, learnt_from
from triage.protocols import BrandContext, Embedder, Scorer
from triage.verdict import Verdict

Reading = tuple[Verdict, bytes]  # the verdict on a text and its vector
Brands = Mapping[str, BrandContext]


class Readers:
    """Judges and embeds in this process. Belongs to one thread."""

    def __init__(self, brands: Brands, languages: Model | None = None) -> None:
        """One judge a brand; models are loaded with the first text, unless they are given."""
        self._brands = brands
        self._languages = languages
        self._judges: dict[str, Scorer] = {}
        self._table: StaticEmbedder | None = None
        self._encoder: PostEncoder | None = None

    def read(self, brand: str, texts: Sequence[str]) -> list[Reading]:
        """The verdict and the vector of every text, in order.

        The encoder reads a post once, for both: what it has read last is what it still remembers.
        """
        context = self._brands[brand]
        if brand not in self._judges:
            self._judges[brand] = self._judge(context)
        judge, embedder = self._judges[brand], self._embedder(context)
        readings: list[Reading] = []
        for start in range(0, len(texts), MOST_KEPT):
            some = texts[start : start + MOST_KEPT]
            readings += zip(judge.judge(some), embedder.embed(some), strict=True)
        return readings

    def _judge(self, brand: BrandContext) -> Scorer:
        encoder = self._encoding() if brand.quality else None
        if not brand.learnt:
            return Judge(brand, self._languages, encoder=encoder)
        learnt, meanings = learnt_from(brand.learnt), Meanings(self._words())
        return Judge(brand, self._languages, encoder=encoder, learnt=learnt, meanings=meanings)

    def _embedder(self, brand: BrandContext) -> Embedder:
        return self._encoding() if brand.quality else self._words()

    def _words(self) -> StaticEmbedder:
        if self._table is None:
            self._table = StaticEmbedder()
        return self._table

    def _encoding(self) -> PostEncoder:
        if self._encoder is None:
            self._encoder = PostEncoder()
        return self._encoder


_readers: Readers  # of a helper: what it was started with


def become_helper(brands: Brands, languages: Model) -> None:
    """Set a fresh process up to read for these brands; it ends when its parent does.

    It is given the model for languages: reading it would be most of the time until it can help.
    """
    global _readers
    tune()
    _readers = Readers(brands, languages)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to end
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def read_as_helper(brand: str, texts: Sequence[str]) -> list[Reading]:
    """What `Readers.read` gives, in a helper."""
    return _readers.read(brand, texts)


def _end_with(sentinel: int) -> None:
    """A parent that is killed cannot tell its helpers; waiting for work, they would stay for ever."""
    wait([sentinel])
    os._exit(1)
