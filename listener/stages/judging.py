"""Judging and embedding texts: here, or ahead of time in processes beside this one.

What a text is judged to be depends on the text and the brand alone, so it can be worked out by
anybody at any time. While this process groups and stores one page, helpers judge the next; what
they have not begun by then is judged here. Results never depend on who was faster.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait

import structlog

from triage.embedding import StaticEmbedder
from triage.judge import Judge
from triage.protocols import BrandContext
from triage.verdict import Verdict

log = structlog.get_logger(__name__)

Reading = tuple[Verdict, bytes]  # the verdict on a text and its vector
Brands = Mapping[str, BrandContext]

SHARE = 250  # texts a task: enough to be worth sending, few enough to be shared out
MOST_AHEAD = 8_000  # texts
WORTH_HELP = 1_000  # texts announced before helpers are started; loading them costs a second


class Readers:
    """Judges and embeds in this process. Belongs to one thread."""

    def __init__(self, brands: Brands) -> None:
        """One judge a brand; models are loaded with the first text."""
        self._brands = brands
        self._judges: dict[str, Judge] = {}
        self._embedder: StaticEmbedder | None = None

    def read(self, brand: str, texts: Sequence[str]) -> list[Reading]:
        """The verdict and the vector of every text, in order."""
        if self._embedder is None:
            self._embedder = StaticEmbedder()
        if brand not in self._judges:
            self._judges[brand] = Judge(self._brands[brand])
        verdicts = self._judges[brand].judge(texts)
        return list(zip(verdicts, self._embedder.embed(texts), strict=True))


class Judging:
    """Reads texts for all brands, with helpers when enough texts are announced.

    Belongs to one thread. `close` ends the helpers; they also end when this process does, however
    it ends. A helper that dies costs time, nothing else.
    """

    def __init__(self, brands: Brands, helpers: int | None = None) -> None:
        """At most so many helpers; by default one less than there are processors."""
        self._brands = brands
        self._here = Readers(brands)
        self._most = len(os.sched_getaffinity(0)) - 1 if helpers is None else helpers
        self._announced = 0
        self._pool: ProcessPoolExecutor | None = None
        self._ready: Future[list[Reading]] | None = None
        self._ahead: dict[tuple[str, str], tuple[_Share, int]] = {}

    def announce(self, brand: str, texts: Sequence[str]) -> None:
        """Say what will be read soon; helpers begin with it when there are any."""
        self._announced += len(texts)
        if not self._helped():
            return
        for start in range(0, len(texts), SHARE):
            share = _Share(brand, texts[start : start + SHARE])
            try:
                assert self._pool is not None
                share.future = self._pool.submit(_read, brand, share.texts)
            except BrokenProcessPool:
                self._do_without()
                return
            for place, text in enumerate(share.texts):
                self._ahead[brand, text] = share, place
        # Announced and never asked for: the posts were known already.
        for key in list(self._ahead)[: max(0, len(self._ahead) - MOST_AHEAD)]:
            del self._ahead[key]

    def read(self, brand: str, texts: Sequence[str]) -> list[Reading]:
        """The verdict and the vector of every text, in order."""
        found = [self._ahead.get((brand, text)) for text in texts]
        shares = {id(one[0]): one[0] for one in found if one is not None}
        # What no helper has begun is quicker done here, from the end, while they come towards us.
        for share in reversed(shares.values()):
            if share.readings is None and share.future is not None and share.future.cancel():
                share.readings = self._here.read(brand, share.texts)
        for share in shares.values():
            if share.readings is None:
                share.readings = self._from_helper(share)
        missing = [text for text, one in zip(texts, found, strict=True) if one is None]
        rest = iter(self._here.read(brand, missing) if missing else ())
        for text in texts:
            self._ahead.pop((brand, text), None)
        return [next(rest) if one is None else one[0].at(one[1]) for one in found]

    def close(self) -> None:
        """End the helpers. Harmless to repeat."""
        self._ahead.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _helped(self) -> bool:
        """Whether helpers are up; starts them once enough has been announced."""
        if self._most < 1 or self._announced < WORTH_HELP:
            return False
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._most,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_become_helper,
                initargs=(self._brands,),
            )
            brand = next(iter(self._brands))
            self._ready = self._pool.submit(_read, brand, ["warm up"])
        return self._ready is not None and self._ready.done()

    def _from_helper(self, share: _Share) -> list[Reading]:
        try:
            assert share.future is not None
            return share.future.result()
        except BrokenProcessPool:
            self._do_without()
            return self._here.read(share.brand, share.texts)

    def _do_without(self) -> None:
        log.warning("a helper died (out of memory?); judging goes on in one process")
        self._most = 0
        self.close()


class _Share:
    """Texts that a helper was given together, and what became of them."""

    def __init__(self, brand: str, texts: Sequence[str]) -> None:
        self.brand = brand
        self.texts = texts
        self.future: Future[list[Reading]] | None = None
        self.readings: list[Reading] | None = None

    def at(self, place: int) -> Reading:
        """The reading of one of the texts."""
        assert self.readings is not None
        return self.readings[place]


# In a helper

_readers: Readers


def _become_helper(brands: Brands) -> None:
    global _readers
    _readers = Readers(brands)
    gc.set_threshold(50_000, 50, 100)  # as in the parent, see listener.cli
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to end
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    """A parent that is killed cannot tell its helpers; waiting for work, they would stay for ever."""
    wait([sentinel])
    os._exit(1)


def _read(brand: str, texts: Sequence[str]) -> list[Reading]:
    return _readers.read(brand, texts)
