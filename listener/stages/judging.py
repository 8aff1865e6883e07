"""Judging and embedding texts: here, or ahead of time in processes beside this one.

What a text is judged to be depends on the text and the brand alone, so it can be worked out by
anybody at any time. While this process groups and stores one page, helpers judge the next; what
they have not begun by then is judged here. Results never depend on who was faster.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool

import structlog

from listener.stages.readers import Brands, Readers, Reading
from listener.stages.shares import Helpers, Share

log = structlog.get_logger(__name__)

SHARE = 50  # texts: enough to be worth sending, few enough that nobody waits long for one
MOST_AHEAD = 8_000  # texts
WORTH_HELP = 2_000  # texts announced before helpers are started; loading them costs a second


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
        self._helpers: Helpers | None = None
        self._ahead: dict[tuple[str, str], Share] = {}

    def announce(self, brand: str, texts: Sequence[str]) -> None:
        """Say what will be read soon; helpers begin with it when there are any."""
        self._announced += len(texts)
        if self._most < 1 or self._announced < WORTH_HELP:
            return
        if self._helpers is None:
            self._helpers = Helpers(self._brands, self._most)
        # A text that is said again is read once, with its first share: no share is torn apart.
        new = [text for text in dict.fromkeys(texts) if (brand, text) not in self._ahead]
        shares = [Share(brand, new[at : at + SHARE]) for at in range(0, len(new), SHARE)]
        for share in shares:
            self._ahead.update(dict.fromkeys(((brand, text) for text in share.texts), share))
        while len(self._ahead) > MOST_AHEAD:  # never asked for: the posts were known already
            stale = next(iter(self._ahead.values()))
            self._helpers.take(stale)
            self._forget(stale.brand, stale.texts)
        self._helpers.offer(shares)

    def read(self, brand: str, texts: Sequence[str]) -> list[Reading]:
        """The verdict and the vector of every text, in order."""
        shares = self._shares_of(brand, texts)
        # What no helper has begun is quicker done here, from the end, while they come towards us.
        for share in reversed(shares):
            if self._helpers is not None and self._helpers.take(share):
                self._read_here(share)
        known: dict[str, Reading] = {}
        for share in shares:
            self._finish(share)
            known.update(zip(share.texts, share.readings or (), strict=True))
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known.update(zip(missing, self._here.read(brand, missing), strict=True))
        if self._helpers is not None and self._helpers.died:
            self._do_without()
        return [known[text] for text in texts]

    def close(self) -> None:
        """End the helpers. Harmless to repeat."""
        self._ahead.clear()
        if self._helpers is not None:
            self._helpers.close()
            self._helpers = None

    def _shares_of(self, brand: str, texts: Sequence[str]) -> list[Share]:
        """The shares that are read, or that most texts are asked for of; the texts are forgotten.

        A "thanks!" of this page may be in a share of a later one: that share is left to the helpers.
        """
        asked: Counter[Share] = Counter()
        for text in dict.fromkeys(texts):
            if (share := self._ahead.pop((brand, text), None)) is not None:
                asked[share] += 1
        return [
            share
            for share, count in asked.items()
            if share.is_read() or 2 * count >= len(share.texts)
        ]

    def _forget(self, brand: str, texts: Sequence[str]) -> None:
        for text in texts:
            self._ahead.pop((brand, text), None)

    def _finish(self, share: Share) -> None:
        """See that a share is read; while a helper is not done with it, read what comes next."""
        while self._helpers is not None and not share.is_read():
            other = self._helpers.take_next()
            if other is None:
                break
            self._read_here(other)
        if share.readings is None:
            try:
                assert share.helped is not None
                share.readings = share.helped.result()
            except BrokenProcessPool:
                self._read_here(share)

    def _read_here(self, share: Share) -> None:
        share.readings = self._here.read(share.brand, share.texts)

    def _do_without(self) -> None:
        log.warning("no helper (out of memory?); judging goes on in one process")
        self._most = 0
        self.close()
