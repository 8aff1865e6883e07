"""Who may do a thing that only one may do at a time, over all machines, and until when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from listener.errors import LeaseLost
from listener.store.postgres.database import Database, explained
from listener.store.postgres.fleet import JOBS, SCHEMA

if TYPE_CHECKING:
    from psycopg import Connection

_TAKE = (
    f"INSERT INTO {SCHEMA}.leases AS l (name, token, holder, kept, until)"
    " VALUES (%s, 1, %s, '', clock_timestamp() + %s) ON CONFLICT (name) DO UPDATE"
    " SET token = l.token + 1, holder = excluded.holder, until = excluded.until"
    " WHERE l.until <= clock_timestamp() RETURNING token, kept"
)
_RENEW = f"UPDATE {SCHEMA}.leases SET until = clock_timestamp() + %s WHERE name = %s AND token = %s"


@dataclass(frozen=True, slots=True)
class Lease:
    """One's own turn. `token` is a larger number with every turn, so an old turn is known for one.

    `kept` is what the turn before has left for this one.
    """

    name: str
    token: int
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A lease as others see it; `holder` is the number of a worker."""

    name: str
    token: int
    holder: int
    until: datetime


class Leases:
    """Leases by name, in one database. The clock is the server's: one for all machines.

    Whoever was stopped for so long that another took over cannot write any more: every writing
    transaction within `held` begins by asking for the token, and ends with LeaseLost when that is
    another one. The same question prolongs the lease, so it lasts while work goes on.
    """

    def __init__(self, db: Database, span: timedelta = timedelta(minutes=15)) -> None:
        """`span` is how long a lease lasts after its last sign of life."""
        self._db = db
        self._span = span

    def take(self, name: str, holder: int) -> Lease | None:
        """One's turn, unless somebody else has it."""
        with explained(self._db.name):
            found = self._db.conn.raw.execute(_TAKE, (name, holder, self._span)).fetchone()
        return None if found is None else Lease(name, *found)

    def give_back(self, lease: Lease, kept: str = "") -> None:
        """End one's turn, and leave something for the next. Harmless when it was lost."""
        with explained(self._db.name):
            self._db.conn.raw.execute(
                f"UPDATE {SCHEMA}.leases SET until = clock_timestamp(), kept = %s"
                " WHERE name = %s AND token = %s",
                (kept, lease.name, lease.token),
            )

    @contextmanager
    def held(self, lease: Lease) -> Iterator[None]:
        """Write under the lease: a transaction that begins after it was lost raises LeaseLost."""

        def check(raw: Connection[Any]) -> None:
            # Locks the row too: whoever wants to take over waits until this transaction has ended.
            if not raw.execute(_RENEW, (self._span, lease.name, lease.token)).rowcount:
                raise LeaseLost(f"another worker has taken over {lease.name}")

        with self._db.fenced(check):
            yield

    def end_of_the_dead(self) -> list[str]:
        """End the leases of workers that are gone; returns their names."""
        with explained(self._db.name):
            found = self._db.conn.raw.execute(
                f"UPDATE {SCHEMA}.leases l SET until = clock_timestamp()"
                " WHERE until > clock_timestamp() AND NOT EXISTS"
                f" (SELECT 1 FROM {JOBS}.procrastinate_workers w WHERE w.id = l.holder)"
                " RETURNING name"
            ).fetchall()
        return [name for (name,) in found]

    def all(self) -> Sequence[Held]:
        """Those that are held now, by name."""
        with explained(self._db.name):
            found = self._db.conn.raw.execute(
                f"SELECT name, token, holder, CAST(extract(epoch FROM until) AS float8)"
                f" FROM {SCHEMA}.leases WHERE until > clock_timestamp() ORDER BY name"
            ).fetchall()
        return [
            Held(name, token, holder, datetime.fromtimestamp(until, UTC))
            for name, token, holder, until in found
        ]
