"""Attempts that are counted so that nobody can make too many: across processes, for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from listener.store.sqlite.database import Database

KEPT = timedelta(days=1)


class Bound(NamedTuple):
    """At most `most` attempts of one kind, named `what`, within any stretch of `span`."""

    what: str
    most: int
    span: timedelta


class Attempts:
    """The attempts beside the accounts. For one thread at a time."""

    def __init__(self, db: Database) -> None:
        """Keep them in the accounts' file."""
        self._db = db

    def enter(self, bounds: Sequence[Bound], at: datetime) -> timedelta:
        """Count one attempt under all these names, unless one of the bounds is reached.

        Returns zero, or how long to wait; then nothing was counted. Attempts at once are counted one
        after the other, so that the bound holds for them too.
        """
        now = at.timestamp()
        with self._db.writing() as conn:
            conn.execute("DELETE FROM attempts WHERE at < ?", (now - KEPT.total_seconds(),))
            wait = 0.0
            for bound in bounds:
                span = bound.span.total_seconds()
                times = conn.execute(
                    "SELECT at FROM attempts WHERE what = ? AND at > ? ORDER BY at DESC LIMIT ?",
                    (bound.what, now - span, bound.most),
                ).fetchall()
                if len(times) == bound.most:
                    wait = max(wait, times[-1][0] + span - now)
            if wait > 0:
                return timedelta(seconds=wait)
            conn.executemany(
                "INSERT INTO attempts (what, at) VALUES (?, ?)",
                [(bound.what, now) for bound in bounds],
            )
        return timedelta()

    def forget(self, what: str) -> None:
        """Forget what was counted under a name."""
        with self._db.writing() as conn:
            conn.execute("DELETE FROM attempts WHERE what = ?", (what,))
