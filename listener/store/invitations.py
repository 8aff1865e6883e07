"""One-time links with which a person makes an account: the first one, and colleagues."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from listener.store.sessions import hashed
from listener.store.sqlite.moments import stamp
from listener.store.users import Role

if TYPE_CHECKING:
    from listener.store.sqlite.database import Database

LASTS = timedelta(hours=1)


class Invitations:
    """The invitations beside the accounts; only hashes are kept. For one thread at a time."""

    def __init__(self, db: Database) -> None:
        """Keep them in the accounts' file."""
        self._db = db

    def invite(self, role: Role, at: datetime, lasts: timedelta = LASTS) -> str:
        """Make an invitation and return its key, never to be seen again."""
        key = secrets.token_urlsafe(32)
        with self._db.writing() as conn:
            conn.execute("DELETE FROM invitations WHERE expires_at < ?", (stamp(at),))
            conn.execute(
                "INSERT INTO invitations (hash, role, created_at, expires_at) VALUES (?, ?, ?, ?)",
                (hashed(key), role.value, stamp(at), stamp(at + lasts)),
            )
        return key

    def invite_first(self, at: datetime) -> str:
        """An invitation for the first admin; empty when anybody can sign in already.

        It takes the place of earlier ones: the link printed last is the one that counts.
        """
        with self._db.reading() as conn:
            if conn.execute("SELECT 1 FROM users WHERE disabled_at IS NULL LIMIT 1").fetchone():
                return ""
        with self._db.writing() as conn:
            conn.execute("DELETE FROM invitations")
        return self.invite(Role.ADMIN, at)

    def open(self, key: str, at: datetime) -> Role | None:
        """The role that an invitation is for; None when it was used, has expired, or never was."""
        with self._db.reading() as conn:
            found = conn.execute(
                "SELECT role FROM invitations"
                " WHERE hash = ? AND used_at IS NULL AND expires_at > ?",
                (hashed(key), stamp(at)),
            ).fetchone()
        return None if found is None else Role(found[0])

    def use(self, key: str, at: datetime) -> Role | None:
        """The same, and nobody can use it again. Exactly one of several at once gets it."""
        with self._db.writing() as conn:
            found = conn.execute(
                "UPDATE invitations SET used_at = ?"
                " WHERE hash = ? AND used_at IS NULL AND expires_at > ? RETURNING role",
                (stamp(at), hashed(key), stamp(at)),
            ).fetchone()
        return None if found is None else Role(found[0])

    def give_back(self, key: str) -> None:
        """Make an invitation usable again: the account could not be made."""
        with self._db.writing() as conn:
            conn.execute("UPDATE invitations SET used_at = NULL WHERE hash = ?", (hashed(key),))
