"""Texts shared out between this process and helper processes: whoever is first takes a share."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from threading import RLock, Thread

from listener.stages.readers import Brands, Reading, become_helper, read_as_helper
from triage.language import language_model

# No process is left, or we are called from a program whose main module starts us as it is read.
NOT_STARTED = (RuntimeError, OSError)
IN_HAND = 20  # shares a helper has in hand: work enough while we cannot send, grouping a batch


class Share:
    """Texts that are read together, by one of the processes. `readings` once they are known."""

    def __init__(self, brand: str, texts: Sequence[str]) -> None:
        self.brand = brand
        self.texts = texts
        self.taken = False
        self.helped: Future[list[Reading]] | None = None
        self.readings: list[Reading] | None = None

    def is_read(self) -> bool:
        """Whether the readings are known, here or by a helper."""
        return self.readings is not None or (self.helped is not None and self.helped.done())


class Helpers:
    """Processes that take shares from the front of a line; the owner may take any of the line.

    They load their models by themselves and take nothing before they are ready. A share is sent
    only when a helper is about to need it: what was sent cannot be taken back. `died` says that a
    helper ended by itself or could not be started; then none of them works on, and what they had in
    hand is lost.
    """

    def __init__(self, brands: Brands, count: int) -> None:
        """Start so many; they end with `close` and with this process, however it ends."""
        self._pool = ProcessPoolExecutor(
            count,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=become_helper,
            initargs=(brands, language_model()),
        )
        self._line: deque[Share] = deque()
        self._lock = RLock()  # the pool's thread sends the next share when one comes back
        self._room = count * IN_HAND
        self.died = False
        self.ready: Future[None] = Future()
        # A helper is sent 70 MB of models: a thread waits until it has read them, we go on.
        self._starting = Thread(target=self._start, args=(next(iter(brands)),))
        self._starting.start()

    def offer(self, shares: Sequence[Share]) -> None:
        """Put shares at the end of the line."""
        with self._lock:
            self._line.extend(shares)
        self._send()

    def take(self, share: Share) -> bool:
        """Take a share for oneself; False when a helper has it."""
        with self._lock:
            taken, share.taken = share.taken, True
        return not taken

    def take_next(self) -> Share | None:
        """Take the first share for oneself that nobody has, if there is one."""
        with self._lock:
            while self._line:
                share = self._line.popleft()
                if self.take(share):
                    return share
        return None

    def close(self) -> None:
        """End the helpers, without waiting until they have gone. Harmless to repeat."""
        with self._lock:
            self._line.clear()
        self._starting.join()
        self._pool.shutdown(wait=False)

    def _start(self, brand: str) -> None:
        try:
            self._pool.submit(read_as_helper, brand, ["warm up"]).result()
        except NOT_STARTED:
            self.died = True
        self.ready.set_result(None)
        self._send()

    def _send(self) -> None:
        with self._lock:
            while self.ready.done() and not self.died and self._room and self._line:
                share = self._line.popleft()
                if share.taken:
                    continue
                try:
                    helped = self._pool.submit(read_as_helper, share.brand, share.texts)
                except NOT_STARTED:
                    self.died = True
                    return
                share.taken, share.helped = True, helped
                self._room -= 1
                helped.add_done_callback(self._came_back)

    def _came_back(self, helped: Future[list[Reading]]) -> None:
        if helped.exception() is not None:
            self.died = True
        with self._lock:
            self._room += 1
        self._send()
