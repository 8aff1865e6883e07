"""Who is signed in where: each session can be ended at any moment, and its key is never kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from listener.errors import NotFound
from listener.store.sqlite.moments import moment, stamp
from listener.store.sqlite.verdicts import ids
from listener.store.users import USER, User, known_user, read_user

if TYPE_CHECKING:
    from listener.store.sqlite.database import Database

LONGEST = timedelta(days=14)  # then a person signs in again
IDLE = timedelta(hours=12)  # without a request
NOTED = timedelta(minutes=1)  # how exactly the last request is known
LONGEST_DEVICE = 200

_SESSION = "s.id, s.device, s.opened_at, s.seen_at, s.expires_at, s.ended_at IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of one person; `seen_at` is known to the minute."""

    id: int
    user: str
    device: str
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended: bool


class Sessions:
    """The sessions beside the accounts. For one thread at a time."""

    def __init__(self, db: Database) -> None:
        """Keep them in the accounts' file."""
        self._db = db

    def open(self, user: str, device: str, at: datetime) -> tuple[Session, str]:
        """Begin a session; the second value is its key, for the browser alone. Raises NotFound."""
        key = secrets.token_urlsafe(32)
        with self._db.writing() as conn:
            owner = known_user(conn, user)
            clean = "".join(one for one in device if one.isprintable())[:LONGEST_DEVICE]
            id = conn.execute(
                "INSERT INTO sessions (user_id, hash, device, opened_at, seen_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (owner.id, hashed(key), clean, stamp(at), stamp(at), stamp(at + LONGEST)),
            ).lastrowid
            # Whoever has been gone for a month needs no row any more.
            conn.execute("DELETE FROM sessions WHERE expires_at < ?", (stamp(at - 2 * LONGEST),))
            row = conn.execute(f"SELECT {_SESSION} FROM sessions s WHERE s.id = ?", (id,))
            return _read(row.fetchone(), owner.name), key

    def find(self, key: str, at: datetime) -> tuple[User, Session] | None:
        """Whose session a key opens; None when it ended, expired, fell idle, or its user is disabled."""
        with self._db.reading() as conn:
            found = conn.execute(
                f"SELECT {USER}, {_SESSION} FROM sessions s JOIN users u ON u.id = s.user_id"
                " WHERE s.hash = ? AND s.ended_at IS NULL AND s.expires_at > ?"
                " AND s.seen_at > ? AND u.disabled_at IS NULL",
                (hashed(key), stamp(at), stamp(at - IDLE)),
            ).fetchone()
        if found is None:
            return None
        user = read_user(found)
        session = _read(found[5:], user.name)
        if at - session.seen_at >= NOTED:
            with self._db.writing() as conn:
                conn.execute(
                    "UPDATE sessions SET seen_at = ? WHERE id = ?", (stamp(at), session.id)
                )
        return user, session

    def live(self, sessions: Collection[int], at: datetime) -> frozenset[int]:
        """Of these sessions, those that have not ended; how long ago somebody asked does not count."""
        with self._db.reading() as conn:
            found = conn.execute(
                "SELECT s.id FROM json_each(?) j JOIN sessions s ON s.id = j.value"
                " JOIN users u ON u.id = s.user_id WHERE s.ended_at IS NULL"
                " AND s.expires_at > ? AND u.disabled_at IS NULL",
                (ids(sessions), stamp(at)),
            ).fetchall()
        return frozenset(id for (id,) in found)

    def of(self, user: str, at: datetime) -> list[Session]:
        """A person's live sessions, the latest used first. Raises NotFound."""
        with self._db.reading() as conn:
            owner = known_user(conn, user)
            found = conn.execute(
                f"SELECT {_SESSION} FROM sessions s WHERE s.user_id = ? AND s.ended_at IS NULL"
                " AND s.expires_at > ? AND s.seen_at > ? ORDER BY s.seen_at DESC, s.id DESC",
                (owner.id, stamp(at), stamp(at - IDLE)),
            ).fetchall()
        return [_read(row, owner.name) for row in found]

    def end(self, session: int, at: datetime, *, of: str = "") -> Session:
        """End a session for good; repeating is harmless. With `of` only that person's.

        Raises NotFound.
        """
        with self._db.writing() as conn:
            found = conn.execute(
                f"SELECT {_SESSION}, u.name FROM sessions s JOIN users u ON u.id = s.user_id"
                " WHERE s.id = ? AND ? IN ('', u.name)",
                (session, of),
            ).fetchone()
            if found is None:
                raise NotFound(f"there is no session {session}")
            conn.execute(
                "UPDATE sessions SET ended_at = coalesce(ended_at, ?) WHERE id = ?",
                (stamp(at), session),
            )
        return _read((*found[:5], True), found[6])

    def end_all(self, user: str, at: datetime, *, but: int = 0) -> int:
        """End all sessions of a person, but one if wanted; returns how many. Raises NotFound."""
        with self._db.writing() as conn:
            owner = known_user(conn, user)
            return conn.execute(
                "UPDATE sessions SET ended_at = ? WHERE user_id = ? AND ended_at IS NULL"
                " AND id <> ?",
                (stamp(at), owner.id, but),
            ).rowcount


def hashed(key: str) -> str:
    """What is kept of a random key: 256 bits need no slow hash."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def _read(row: tuple[Any, ...], user: str) -> Session:
    id, device, opened, seen, expires, ended = row
    return Session(id, user, device, moment(opened), moment(seen), moment(expires), bool(ended))
