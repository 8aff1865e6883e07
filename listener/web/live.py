"""Live updates: what changes in the store and in the house, told to every page that listens.

One thread of a process follows the store, whoever changed it: this process, another web server, the
daemon, the command line. A page that was cut off says the last move it heard of, and gets the rest.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from listener.web.events import BEAT, event, move_event, people_event
from listener.web.refusals import TooBusy, TooMany
from listener.web.watch import Watch

if TYPE_CHECKING:
    from listener.store.accounts import Accounts
    from listener.store.protocol import Store
    from listener.store.rows import HistoryRow
    from listener.web.pool import Pool

AT_ONCE = 1_000  # moves told one by one; after more a page is better loaded anew
SILENCE = 15.0  # seconds without news after which a sign of life is sent
AGAIN = timedelta(seconds=30)  # when a page for which there is no place may ask again


@dataclass(frozen=True, slots=True)
class Known:
    """What a page knew when it was made: the latest move and the newest case; None: that is not said."""

    move: int | None = None
    case: int | None = None


NOTHING = Known()


class Listener:
    """One page that listens: what it must be told waits here. Used in the server's loop alone."""

    def __init__(self, user: int, session: int) -> None:
        """`session` ends it when it ends; 0 for a program with a token."""
        self.user = user
        self.session = session
        self._waiting: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue(AT_ONCE)
        self._over = False

    def tell(self, id: int, data: bytes) -> None:
        """Put an event in line; a page that does not read any more is let go."""
        try:
            self._waiting.put_nowait((id, data))
        except asyncio.QueueFull:
            self.end()

    def end(self, last: bytes = b"") -> None:
        """Say one last thing and close; the page asks again by itself unless told not to."""
        if self._over:
            return
        self._over = True
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait((-1, last))

    async def next(self) -> tuple[int, bytes]:
        """The next event with its move's id, 0 without one; a sign of life when nothing happens.

        The id -1 is the last one.
        """
        try:
            async with asyncio.timeout(SILENCE):
                return await self._waiting.get()
        except TimeoutError:
            return 0, BEAT


class Live:
    """The pages that listen to this process: `each` of one person and `most` in all.

    `place` and `follow` may be called in the server's loop alone.
    """

    def __init__(
        self,
        stores: Pool[Store],
        accounts: Pool[Accounts],
        now: Callable[[], datetime],
        most: int = 1_000,
        each: int = 20,
    ) -> None:
        """Nothing is followed while nobody listens."""
        self._stores = stores
        self._accounts = accounts
        self._now = now
        self._most = most
        self._each = each
        self._listeners: set[Listener] = set()
        self._of_user: Counter[int] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watch: Watch | None = None
        self._began = asyncio.Event()

    @contextmanager
    def place(self, user: int, session: int = 0) -> Iterator[Listener]:
        """A place among those who listen, for this block; from its first moment nothing is missed.

        Raises TooMany when the person has as many as anybody may have, TooBusy when there is none left.
        """
        if self._of_user[user] >= self._each:
            raise TooMany(
                f"you have {self._each} pages open that listen; this one looks anew by itself",
                AGAIN,
                "close some, or see web.live_pages_each in config.yaml",
            )
        if len(self._listeners) >= self._most:
            raise TooBusy(
                f"{self._most} pages listen already; this one looks anew by itself",
                AGAIN,
                "another web server beside this one, or see web.live_pages in config.yaml",
            )
        self._loop = asyncio.get_running_loop()
        listener = Listener(user, session)
        self._listeners.add(listener)
        self._of_user[user] += 1
        try:
            yield listener
        finally:
            self._leave(listener)

    async def follow(self, listener: Listener, known: Known = NOTHING) -> AsyncIterator[bytes]:
        """The events for a place: what the page does not know yet, each once and in order, then the news."""
        yield b"retry: 2000\n\n"
        watch = await self._watching()
        if watch.stopped:
            return
        position, newest, present = watch.position, watch.newest_case, watch.present
        # A page may know more than was told yet; what is far ahead is another store's number.
        said = known.move is not None and known.move <= position + AT_ONCE
        heard = known.move if said and known.move is not None else position
        if heard < position:
            async for data in self._missed(heard, position):
                yield data
            heard = position
        else:
            yield event("hello", {"at": position}, position)
        if known.case is not None and known.case < newest:
            yield event("arrived", {"cases": newest - known.case})
        yield people_event(present)
        while True:
            id, data = await listener.next()
            if id == -1:
                yield data
                return
            if id == 0 or id > heard:
                heard = max(heard, id)
                yield data

    def close(self) -> None:
        """Let every page go; from any thread."""
        watch, began = self._watch, self._began
        if watch is not None:
            watch.stop()
            self._soon(began.set)
        self._soon(self._end_all)

    def sessions(self) -> frozenset[int]:
        """The sessions that listen."""
        return frozenset(one.session for one in tuple(self._listeners) if one.session)

    def tell(self, id: int, data: bytes) -> None:
        """Tell everybody; from any thread."""
        self._soon(lambda: self._tell_all(id, data))

    def sign_out(self, ended: frozenset[int]) -> None:
        """Let the pages of these sessions go, for good; from any thread."""
        self._soon(lambda: self._end_all(event("signed-out", {}), ended))

    async def _watching(self) -> Watch:
        """The watch, once it knows where it is."""
        if self._watch is None or self._watch.stopped:
            self._began = began = asyncio.Event()
            self._watch = Watch(self, self._stores, self._accounts, self._now)
            self._watch.start(lambda: self._soon(began.set))
        watch, began = self._watch, self._began
        await began.wait()
        return watch

    async def _missed(self, after: int, position: int) -> AsyncIterator[bytes]:
        missed = await asyncio.to_thread(self._moves, after)
        if len(missed) > AT_ONCE:
            yield event("reload", {}, position)
            return
        for row in missed:
            if row.id <= position:
                yield move_event(row)

    def _leave(self, listener: Listener) -> None:
        """Nobody follows the store for nobody."""
        self._listeners.discard(listener)
        self._of_user[listener.user] -= 1
        if not self._of_user[listener.user]:
            del self._of_user[listener.user]
        if not self._listeners and self._watch is not None:
            self._watch.stop()
            self._watch = None

    def _soon(self, what: Callable[[], object]) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with suppress(RuntimeError):  # it ended meanwhile
                loop.call_soon_threadsafe(what)

    def _tell_all(self, id: int, data: bytes) -> None:
        for listener in tuple(self._listeners):
            listener.tell(id, data)

    def _end_all(self, last: bytes = b"", sessions: frozenset[int] | None = None) -> None:
        for listener in tuple(self._listeners):
            if sessions is None or listener.session in sessions:
                listener.end(last)

    def _moves(self, after: int) -> list[HistoryRow]:
        with self._stores.lend() as store:
            return store.moves_since(after, AT_ONCE + 1)
