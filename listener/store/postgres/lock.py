"""One run at a time over a whole database, whichever machine it runs on."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from listener.errors import StoreBusy
from listener.store.postgres.database import described, driver, explained

if TYPE_CHECKING:
    from psycopg import Connection

_RUN = (0x4C53544E, 0x52554E)  # "LSTN", "RUN"
_LOOK_AGAIN = 0.2  # seconds
_HOLDER = (
    "SELECT a.application_name, coalesce(host(a.client_addr), 'the server itself'), a.backend_start"
    " FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %s AND l.objid = %s"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1"
)


class DatabaseLock:
    """An exclusive lock in a database, or a share in it, for a `with` block.

    The server holds it for the connection and gives it back when that ends, also on kill -9 and when
    the machine is gone.
    """

    def __init__(self, url: str, wait: float = 0.0, *, shared: bool = False) -> None:
        """Name the database and how many seconds to wait for whoever holds it.

        Any number may have a share at a time, while nobody has all of it.
        """
        self._url = url
        self._share = "_shared" if shared else ""
        self._wait = wait
        self._conn: Connection[Any] | None = None

    def __enter__(self) -> Self:
        """Take the lock. Raises StoreBusy naming who holds it, StoreError otherwise."""
        name = described(self._url)
        with explained(name):
            conn = driver().connect(
                self._url,
                autocommit=True,
                connect_timeout=10,
                application_name="listener fleet" if self._share else "listener run",
                keepalives_idle=30,
            )
            try:
                self._take(conn, name)
            except BaseException:
                conn.close()
                raise
        self._conn = conn
        return self

    def _take(self, conn: Connection[Any], name: str) -> None:
        deadline = time.monotonic() + self._wait
        while True:
            take = f"SELECT pg_try_advisory_lock{self._share}(%s, %s)"
            [taken] = conn.execute(take, _RUN).fetchone() or [None]
            if taken:
                return
            left = deadline - time.monotonic()
            if left <= 0:
                raise StoreBusy(*_held(conn, name))
            time.sleep(min(_LOOK_AGAIN, left))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the lock back."""
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.close()


def _held(conn: Connection[Any], name: str) -> tuple[str, str]:
    found = conn.execute(_HOLDER, _RUN).fetchone()
    if found is None:
        return f"another run is at work on {name}", "wait for it to end, or stop it there"
    what = "a fleet's worker" if found[0] == "listener fleet" else "a run"
    who = f"{what} on {found[1]} (since {found[2]:%Y-%m-%d %H:%M} UTC)"
    return f"{who} is at work on {name}", "wait for it to end, or stop it there"
