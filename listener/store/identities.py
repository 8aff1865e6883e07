"""Who at an identity provider is who here, and sign-ins that have been begun there."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from listener.store.sessions import hashed
from listener.store.sqlite.moments import stamp, storable
from listener.store.users import USER, User, read_user

if TYPE_CHECKING:
    from listener.store.sqlite.database import Database

LASTS = timedelta(minutes=10)  # to sign in there
MOST = 10_000  # sign-ins begun at a time: whoever begins more pushes the oldest out


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way: what its answer must bring, the proof for the code, and where to go then."""

    state: str
    nonce: str
    verifier: str
    next: str


class Identities:
    """The identities beside the accounts. For one thread at a time."""

    def __init__(self, db: Database) -> None:
        """Keep them in the accounts' file."""
        self._db = db

    def begin(self, next: str, at: datetime) -> tuple[Begun, str]:
        """Begin a sign-in; the second value is its key, for the browser alone."""
        key = secrets.token_urlsafe(32)
        state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        begun = Begun(state, nonce, secrets.token_urlsafe(48), next)
        with self._db.writing() as conn:
            conn.execute("DELETE FROM oidc_begun WHERE expires_at < ?", (stamp(at),))
            conn.execute(
                "DELETE FROM oidc_begun WHERE hash IN"
                " (SELECT hash FROM oidc_begun ORDER BY expires_at DESC LIMIT -1 OFFSET ?)",
                (MOST - 1,),
            )
            conn.execute(
                "INSERT INTO oidc_begun (hash, state, nonce, verifier, next, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (hashed(key), begun.state, begun.nonce, begun.verifier, next, stamp(at + LASTS)),
            )
        return begun, key

    def end(self, key: str, at: datetime) -> Begun | None:
        """The sign-in of a key, once; None when it was ended, took too long, or never was."""
        with self._db.writing() as conn:
            found = conn.execute(
                "DELETE FROM oidc_begun WHERE hash = ? AND expires_at > ?"
                " RETURNING state, nonce, verifier, next",
                (hashed(key), stamp(at)),
            ).fetchone()
        return None if found is None else Begun(*found)

    def find(self, issuer: str, subject: str) -> User | None:
        """Whose account an identity opens; None for one that is not known, disabled people too."""
        with self._db.reading() as conn:
            found = conn.execute(
                f"SELECT {USER} FROM identities i JOIN users u ON u.id = i.user_id"
                " WHERE i.issuer = ? AND i.subject = ?",
                (storable(issuer), storable(subject)),
            ).fetchone()
        return None if found is None else read_user(found)

    def link(self, issuer: str, subject: str, user: User, at: datetime) -> None:
        """Let an identity open an account from now on. Repeating is harmless."""
        with self._db.writing() as conn:
            conn.execute(
                "INSERT OR IGNORE INTO identities (issuer, subject, user_id, linked_at)"
                " VALUES (?, ?, ?, ?)",
                (storable(issuer), storable(subject), user.id, stamp(at)),
            )
