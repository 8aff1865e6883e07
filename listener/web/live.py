"""Live updates: what changes in the store and in the house, told to every page that listens.

One thread of a process follows the store, whoever changed it: this process, another web server, the
daemon, the command line. A page that was cut off says the last move it heard of, and gets the rest.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

import orjson
import structlog

from listener.errors import StoreError

if TYPE_CHECKING:
    from listener.store.accounts import Accounts
    from listener.store.presence import Present
    from listener.store.protocol import Store
    from listener.store.rows import HistoryRow
    from listener.web.pool import Pool

log = structlog.get_logger(__name__)

LOOK = 0.05  # seconds between two looks; each asks SQLite for one number
CHECK = 100  # looks between two checks of sessions and presence that time alone ends
AT_ONCE = 1_000  # moves told one by one; after more a page is better loaded anew
BEAT = 15.0  # seconds without news after which a sign of life is sent


def event(name: str, value: object, id: int | None = None) -> bytes:
    """One event: its data is one line of JSON, so no text of a post can end it or begin another."""
    head = f"id: {id}\n" if id is not None else ""
    data = orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()
    return f"{head}event: {name}\ndata: {data}\n\n".encode()


def move_event(row: HistoryRow) -> bytes:
    """One move, as pages hear of it: no text of a post or a reply is in it."""
    told = {
        "id": row.id,
        "at": row.at,
        "actor": row.actor,
        "action": row.action,
        "entity": row.entity,
        "entity_id": row.entity_id,
        "case": row.case,
        "undoes": row.undoes,
    }
    return event("move", told, row.id)


class Listener:
    """One page that listens: what it must be told waits here. Used in the server's loop alone."""

    def __init__(self, session: int) -> None:
        """`session` ends it when it ends; 0 for a program with a token."""
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
            async with asyncio.timeout(BEAT):
                return await self._waiting.get()
        except TimeoutError:
            return 0, b": still here\n\n"


class Live:
    """The pages that listen to this process. `follow` may be called in the server's loop alone."""

    def __init__(
        self, stores: Pool[Store], accounts: Pool[Accounts], now: Callable[[], datetime]
    ) -> None:
        """Nothing is followed while nobody listens."""
        self._stores = stores
        self._accounts = accounts
        self._now = now
        self._listeners: set[Listener] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watch: Watch | None = None

    async def follow(self, after: int | None, session: int = 0) -> AsyncIterator[bytes]:
        """The events from now on; with `after` also all moves since that one, each once, in order."""
        async with _Place(self, session) as (listener, position):
            # A page may know more than was told yet; what is far ahead is another store's number.
            known = after is not None and after <= position + AT_ONCE
            heard = after if known and after is not None else position
            yield b"retry: 2000\n\n"
            if heard < position:
                missed = await asyncio.to_thread(self._moves, heard)
                if len(missed) > AT_ONCE:
                    yield event("reload", {}, position)
                else:
                    for row in missed:
                        if row.id <= position:
                            yield move_event(row)
                heard = position
            else:
                yield event("hello", {"at": position}, position)
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
        loop, watch = self._loop, self._watch
        if watch is not None:
            watch.stop()
        if loop is not None and not loop.is_closed():
            with suppress(RuntimeError):  # it ended meanwhile
                loop.call_soon_threadsafe(self._end_all)

    async def enter(self, session: int) -> tuple[Listener, int]:
        """Begin to listen; the number is the last move that was told before."""
        self._loop = asyncio.get_running_loop()
        listener = Listener(session)
        if self._watch is None or self._watch.stopped:
            self._watch = Watch(self, self._stores, self._accounts, self._now)
            self._watch.start()
        self._listeners.add(listener)
        watch = self._watch
        await asyncio.to_thread(watch.ready.wait)
        return listener, watch.position

    def leave(self, listener: Listener) -> None:
        """Stop listening; nobody follows the store for nobody."""
        self._listeners.discard(listener)
        if not self._listeners and self._watch is not None:
            self._watch.stop()
            self._watch = None

    def sessions(self) -> frozenset[int]:
        """The sessions that listen."""
        return frozenset(one.session for one in tuple(self._listeners) if one.session)

    def tell(self, id: int, data: bytes) -> None:
        """Tell everybody; from any thread."""
        self._soon(lambda: self._tell_all(id, data))

    def sign_out(self, ended: frozenset[int]) -> None:
        """Let the pages of these sessions go, for good; from any thread."""
        self._soon(lambda: self._end_all(event("signed-out", {}), ended))

    def _soon(self, what: Callable[[], object]) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with suppress(RuntimeError):
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


class _Place:
    """A listener's place for the length of a block."""

    def __init__(self, live: Live, session: int) -> None:
        self._live = live
        self._session = session
        self._listener: Listener | None = None

    async def __aenter__(self) -> tuple[Listener, int]:
        self._listener, position = await self._live.enter(self._session)
        return self._listener, position

    async def __aexit__(self, *_: object) -> None:
        if self._listener is not None:
            self._live.leave(self._listener)


class Watch:
    """Follows the store and the accounts in a thread of its own, until it is stopped.

    `position` is the last move that was told, known as soon as `ready` is set.
    """

    def __init__(
        self,
        live: Live,
        stores: Pool[Store],
        accounts: Pool[Accounts],
        now: Callable[[], datetime],
    ) -> None:
        self.ready = threading.Event()
        self.position = 0
        self._live = live
        self._stores = stores
        self._accounts = accounts
        self._now = now
        self._stop = threading.Event()
        self._newest_case = 0
        self._present: Mapping[int, tuple[Present, ...]] = {}

    @property
    def stopped(self) -> bool:
        """Whether it follows no more."""
        return self._stop.is_set()

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._run, name="live", daemon=True).start()

    def stop(self) -> None:
        """End soon; from any thread."""
        self._stop.set()
        self.ready.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow()
            except StoreError as error:
                log.warning("live updates pause", why=str(error))
                self._stop.wait(1.0)

    def _follow(self) -> None:
        with self._stores.lend() as store, self._accounts.lend() as accounts:
            pulses = (store.pulse(), accounts.pulse())
            if not self.ready.is_set():
                self.position = store.latest_move()
                self._newest_case = store.newest_case()
                self._present = accounts.presence.everywhere(self._now())
                self.ready.set()
            else:  # after a pause
                self._tell_moves(store)
                self._tell_people(accounts)
            looks = 0
            while not self._stop.wait(LOOK):
                looks += 1
                now = (store.pulse(), accounts.pulse())
                if now[0] != pulses[0]:
                    self._tell_moves(store)
                if now[1] != pulses[1] or looks % CHECK == 0:
                    self._tell_people(accounts)
                pulses = now

    def _tell_moves(self, store: Store) -> None:
        for row in store.moves_since(self.position, AT_ONCE):
            self._live.tell(row.id, move_event(row))
            self.position = row.id
        newest = store.newest_case()
        if newest > self._newest_case:
            new = newest - self._newest_case
            self._newest_case = newest
            self._live.tell(0, event("arrived", {"cases": new}))

    def _tell_people(self, accounts: Accounts) -> None:
        at = self._now()
        present = accounts.presence.everywhere(at)
        for case in sorted(present.keys() | self._present.keys()):
            people = present.get(case, ())
            if _outside(people) != _outside(self._present.get(case, ())):
                told = [{"who": one.who, "doing": one.doing} for one in people]
                self._live.tell(0, event("presence", {"case": case, "people": told}))
        self._present = present
        listening = self._live.sessions()
        ended = listening - accounts.sessions.live(listening, at)
        if ended:
            self._live.sign_out(ended)


def _outside(people: tuple[Present, ...]) -> list[tuple[str, str]]:
    return [(one.who, one.doing) for one in people]
