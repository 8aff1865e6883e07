"""Follows the store and the accounts for the pages that listen to one process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import structlog

from listener.errors import ListenerError
from listener.web.events import event, move_event, presence_event

if TYPE_CHECKING:
    from listener.store.accounts import Accounts
    from listener.store.presence import Present
    from listener.store.protocol import Store
    from listener.web.pool import Pool

log = structlog.get_logger(__name__)

LOOK = 0.05  # seconds between two looks; each asks SQLite for one number
CHECK = 100  # looks between two checks of sessions and presence that time alone ends
PAUSE = 1.0  # seconds after something went wrong
AT_ONCE = 1_000  # moves read together


class Teller(Protocol):
    """Passes on what was seen; called from the thread that watches."""

    def tell(self, id: int, data: bytes) -> None:
        """Tell everybody; `id` is a move's, 0 for what is no move."""
        ...

    def sessions(self) -> frozenset[int]:
        """The sessions that listen."""
        ...

    def sign_out(self, ended: frozenset[int]) -> None:
        """Let the pages of these sessions go."""
        ...


class Watch:
    """Follows the store and the accounts in a thread of its own, until it is stopped.

    `position` is the last move that was told or is being told, `newest_case` and `present` likewise:
    whoever begins to listen first, and reads them then, misses nothing.
    Whatever goes wrong is logged; it then goes on where it was.
    """

    def __init__(
        self,
        teller: Teller,
        stores: Pool[Store],
        accounts: Pool[Accounts],
        now: Callable[[], datetime],
    ) -> None:
        self.position = 0
        self.newest_case = 0
        self.present: Mapping[int, tuple[Present, ...]] = {}
        self._teller = teller
        self._stores = stores
        self._accounts = accounts
        self._now = now
        self._knows = False
        self._stop = threading.Event()

    @property
    def stopped(self) -> bool:
        """Whether it follows no more."""
        return self._stop.is_set()

    def start(self, began: Callable[[], object]) -> None:
        """Begin; `began` is called, in the thread that watches, once it is known from where on all is told."""
        threading.Thread(target=self._run, args=(began,), name="live", daemon=True).start()

    def stop(self) -> None:
        """End soon; from any thread."""
        self._stop.set()

    def _run(self, began: Callable[[], object]) -> None:
        while not self._stop.is_set():
            try:
                self._follow(began)
            except ListenerError as error:
                log.warning("live updates pause", why=str(error))
            except Exception:  # a page that hears nothing more would never know
                log.exception("live updates pause")
            else:
                return
            self._stop.wait(PAUSE)

    def _follow(self, began: Callable[[], object]) -> None:
        with self._stores.lend() as store, self._accounts.lend() as accounts:
            pulses = (store.pulse(), accounts.pulse())
            if self._knows:  # after a pause
                self._tell_moves(store)
                self._tell_people(accounts)
            else:
                self.position = store.latest_move()
                self.newest_case = store.newest_case()
                self.present = accounts.presence.everywhere(self._now())
                self._knows = True
                began()
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
        rows = store.moves_since(self.position, AT_ONCE)
        while rows:
            for row in rows:
                # First the position: who comes to listen between the two reads this move itself.
                self.position = row.id
                self._teller.tell(row.id, move_event(row))
            rows = store.moves_since(self.position, AT_ONCE) if len(rows) == AT_ONCE else []
        newest = store.newest_case()
        if newest > self.newest_case:
            new = newest - self.newest_case
            self.newest_case = newest
            self._teller.tell(0, event("arrived", {"cases": new}))

    def _tell_people(self, accounts: Accounts) -> None:
        at = self._now()
        before, self.present = self.present, accounts.presence.everywhere(at)
        for case in sorted(self.present.keys() | before.keys()):
            people = self.present.get(case, ())
            if _outside(people) != _outside(before.get(case, ())):
                self._teller.tell(0, presence_event(case, people))
        listening = self._teller.sessions()
        ended = listening - accounts.sessions.live(listening, at)
        if ended:
            self._teller.sign_out(ended)


def _outside(people: tuple[Present, ...]) -> list[tuple[str, str]]:
    return [(one.who, one.doing) for one in people]
