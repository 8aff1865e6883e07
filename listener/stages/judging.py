"""Judging and embedding texts: here, or ahead of time in processes beside this one.

What a text is judged to be depends on the text and the brand alone, so it can be worked out by
anybody at any time. While this process groups and stores one page, helpers judge the next; what
they have not begun by then is judged here. Results never depend on who was faster.
"""

from __future__ import annotations

import os
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
        self._ahead: dict[tuple[str, str], tuple[Share, int]] = {}

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
            for place, text in enumerate(share.texts):
                self._ahead[brand, text] = share, place
        while len(self._ahead) > MOST_AHEAD:  # never asked for: the posts were known already
            stale, _ = next(iter(self._ahead.values()))
            self._helpers.take(stale)
            self._forget(stale.brand, stale.texts)
        self._helpers.offer(shares)

    def read(self, brand: str, texts: Sequence[str]) -> list[Reading]:
        """The verdict and the vector of every text, in order."""
        found = [self._ahead.get((brand, text)) for text in texts]
        self._forget(brand, texts)
        shares = {id(one[0]): one[0] for one in found if one is not None}
        # What no helper has begun is quicker done here, from the end, while they come towards us.
        for share in reversed(shares.values()):
            if self._helpers is not None and self._helpers.take(share):
                share.readings = self._here.read(brand, share.texts)
        for share in shares.values():
            if share.readings is None:
                share.readings = self._from_helper(share)
        missing = [text for text, one in zip(texts, found, strict=True) if one is None]
        rest = iter(self._here.read(brand, missing) if missing else ())
        if self._helpers is not None and self._helpers.died:
            self._do_without()
        return [next(rest) if one is None else one[0].at(one[1]) for one in found]

    def close(self) -> None:
        """End the helpers. Harmless to repeat."""
        self._ahead.clear()
        if self._helpers is not None:
            self._helpers.close()
            self._helpers = None

    def _forget(self, brand: str, texts: Sequence[str]) -> None:
        for text in texts:
            self._ahead.pop((brand, text), None)

    def _from_helper(self, share: Share) -> list[Reading]:
        try:
            assert share.helped is not None
            return share.helped.result()
        except BrokenProcessPool:
            return self._here.read(share.brand, share.texts)

    def _do_without(self) -> None:
        log.warning("no helper (out of memory?); judging goes on in one process")
        self._most = 0
        self.close()
