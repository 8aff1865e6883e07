"""Requests that a program may repeat: done once, answered the same way every time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from listener.errors import Conflict, DeskError
from listener.store.sqlite.moments import moment, stamp

if TYPE_CHECKING:
    from listener.store.sqlite.database import Database

KEPT = timedelta(days=1)
LONGEST = timedelta(minutes=1)  # that a request may take; after that nobody knows what became of it


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request was answered with the first time."""

    status: int
    body: bytes


class Requests:
    """The requests with a key, beside the accounts. For one thread at a time.

    A key is a person's own: two people may use the same one.
    """

    def __init__(self, db: Database) -> None:
        """Keep them in the accounts' file."""
        self._db = db

    def begin(self, user: int, key: str, fingerprint: str, at: datetime) -> Answered | None:
        """Begin a request: None, and this one does it; or what it was answered with before.

        Exactly one of several at once gets None. Raises DeskError for a key that came with another
        request, Conflict while the first one is in work, and when it was cut off: then only a look
        at the store tells whether it was done.
        """
        with self._db.writing() as conn:
            conn.execute("DELETE FROM requests WHERE at < ?", (stamp(at - KEPT),))
            found = conn.execute(
                "SELECT fingerprint, at, status, body FROM requests WHERE user_id = ? AND key = ?",
                (user, key),
            ).fetchone()
            if found is None:
                conn.execute(
                    "INSERT INTO requests (user_id, key, fingerprint, at) VALUES (?, ?, ?, ?)",
                    (user, key, fingerprint, stamp(at)),
                )
                return None
        before, began, status, body = found
        if before != fingerprint:
            raise DeskError(f"the Idempotency-Key {key!r} came with another request before")
        if status is not None:
            return Answered(status, bytes(body))
        if at - moment(began) <= LONGEST:
            raise Conflict(f"the request with the Idempotency-Key {key!r} is still in work")
        raise Conflict(
            f"the request with the Idempotency-Key {key!r} was cut off; it may have been done: "
            "look, then repeat it with another key"
        )

    def finish(self, user: int, key: str, answered: Answered) -> None:
        """Keep what a request was answered with."""
        with self._db.writing() as conn:
            conn.execute(
                "UPDATE requests SET status = ?, body = ? WHERE user_id = ? AND key = ?",
                (answered.status, answered.body, user, key),
            )

    def forget_answers(self) -> None:
        """Forget what was answered, not that it was: somebody was erased whom answers may quote.

        A request that is repeated is then told to look whether it was done.
        """
        with self._db.writing() as conn:
            conn.execute("PRAGMA secure_delete = ON")
            conn.execute("UPDATE requests SET status = NULL, body = NULL")
            conn.execute("PRAGMA secure_delete = OFF")

    def forget(self, user: int, key: str) -> None:
        """Forget a request that could not be done, so that it can be tried again."""
        with self._db.writing() as conn:
            conn.execute("DELETE FROM requests WHERE user_id = ? AND key = ?", (user, key))
