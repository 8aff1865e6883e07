"""Passwords over the web: few attempts in a time, and few hashes at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from listener.store.accounts import Accounts
from listener.store.attempts import Bound
from listener.store.users import User
from listener.web.refusals import TooBusy, TooMany

AT_ONCE = 2  # hashes; each takes 64 MiB and some tenths of a second
WAITING = 8  # more than these would take the threads of other requests
WINDOW = timedelta(minutes=15)
OF_ONE = 5  # attempts for one name from one address
OF_NAME = (
    50  # for one name, from everywhere: who knows a name must not be able to shut its owner out
)
OF_ADDRESS = 30  # from one address


class Passwords:
    """Checks passwords for a server; any thread may ask."""

    def __init__(self) -> None:
        self._hashing = threading.Semaphore(AT_ONCE)
        self._places = threading.Semaphore(AT_ONCE + WAITING)

    def check(
        self, accounts: Accounts, name: str, password: str, address: str, at: datetime
    ) -> User | None:
        """The person who knows this password; None for anybody else.

        Raises TooMany after too many attempts, the right password too, and TooBusy.
        """
        who = name.strip().casefold()[:100]
        one = f"{who} from {address}"
        wait = accounts.attempts.enter(
            (
                Bound(one, OF_ONE, WINDOW),
                Bound(f"name {who}", OF_NAME, WINDOW),
                Bound(f"address {address}", OF_ADDRESS, WINDOW),
            ),
            at,
        )
        if wait:
            raise TooMany("too many attempts to sign in; wait a while, then try again", wait)
        with self.hashing():
            user = accounts.verify_password(name, password)
        if user is not None:
            accounts.attempts.forget(one)
        return user

    @contextmanager
    def hashing(self) -> Iterator[None]:
        """Do what hashes a password inside this block. Raises TooBusy when too many wait."""
        if not self._places.acquire(blocking=False):
            raise TooBusy("too many people sign in at this moment", timedelta(seconds=5))
        try:
            with self._hashing:
                yield
        finally:
            self._places.release()
