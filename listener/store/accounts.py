"""Who may do what: people with passwords, and tokens for programs, in a file apart from the data.

Apart, so that analysts can be given the data file without anybody's password hash in it.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from listener.errors import Conflict, DeskError, NotFound
from listener.store.address import private_place
from listener.store.attempts import Attempts
from listener.store.identities import Identities
from listener.store.invitations import Invitations
from listener.store.presence import Presence
from listener.store.private_file import open_private
from listener.store.requests import Requests
from listener.store.sessions import Sessions, hashed
from listener.store.sqlite.moments import moment, stamp
from listener.store.users import USER, Token, User, find_user, known_user, read_user
from listener.store.users import Role as Role
from listener.store.users import Scope as Scope
from sources.closing import Closing

if TYPE_CHECKING:
    from pathlib import Path

    from argon2 import PasswordHasher

SHORTEST = 10  # characters of a password
PREFIX = "lst_"  # so that scanners and people recognise a leaked token

_TOKEN = "t.id, u.name, t.name, t.scopes, t.created_at, t.revoked_at IS NOT NULL"  # noqa: S105  columns


class Accounts(Closing):
    """Users and tokens in one small file, or in a schema of their own. For one thread at a time.

    Checking or setting a password costs 64 MiB and some tenths of a second, on purpose: whoever
    serves many at once must bound how many do so together.
    """

    def __init__(self, place: Path | str, hasher: PasswordHasher | None = None) -> None:
        """Open or create them in a file, or at a PostgreSQL address. Raises StoreError and StoreNewer."""
        from argon2 import PasswordHasher

        self._hasher = hasher or PasswordHasher()
        self._db = open_private(place)
        self.sessions = Sessions(self._db)
        self.invitations = Invitations(self._db)
        self.identities = Identities(self._db)
        self.attempts = Attempts(self._db)
        self.presence = Presence(self._db)
        self.requests = Requests(self._db)

    def pulse(self) -> int:
        """A number that is another one whenever another instance has committed."""
        return self._db.pulse()

    @cached_property
    def _decoy(self) -> str:
        """A hash to check for unknown names, so that the time an answer takes tells nobody who exists."""
        return self._hasher.hash(secrets.token_hex())

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    # people

    def add_user(self, name: str, role: Role, password: str, at: datetime) -> User:
        """Add a person. Raises Conflict for a name that is taken, DeskError for a weak password."""
        name = name.strip()
        if not name or not name.isprintable():
            raise DeskError("a user needs a name that can be printed")
        hashed = self._hashed(password)
        with self._db.writing() as conn:
            if find_user(conn, name) is not None:
                raise Conflict(f"there is a user {name!r} already", "listener user list")
            conn.execute(
                "INSERT INTO users (name, role, password_hash, created_at) VALUES (?, ?, ?, ?)",
                (name, role.value, hashed, stamp(at)),
            )
            return known_user(conn, name)

    def users(self) -> list[User]:
        """Everybody, by name."""
        with self._db.reading() as conn:
            found = conn.execute(f"SELECT {USER} FROM users u ORDER BY lower(u.name)").fetchall()
        return [read_user(row) for row in found]

    def disable_user(self, name: str, at: datetime) -> User:
        """Shut a person out, their tokens too; what they did stays theirs. Repeating is harmless."""
        with self._db.writing() as conn:
            user = known_user(conn, name)
            conn.execute(
                "UPDATE users SET disabled_at = coalesce(disabled_at, ?) WHERE id = ?",
                (stamp(at), user.id),
            )
            return known_user(conn, name)

    def set_role(self, name: str, role: Role) -> User:
        """Give a person another role; it counts from their next request on. Raises NotFound."""
        with self._db.writing() as conn:
            user = known_user(conn, name)
            conn.execute("UPDATE users SET role = ? WHERE id = ?", (role.value, user.id))
            return known_user(conn, name)

    def set_password(self, name: str, password: str) -> User:
        """Give a person another password. Raises NotFound, DeskError for a weak one."""
        hashed = self._hashed(password)
        with self._db.writing() as conn:
            user = known_user(conn, name)
            conn.execute("UPDATE users SET password_hash = ? WHERE id = ?", (hashed, user.id))
            return user

    def _hashed(self, password: str) -> str:
        if len(password) < SHORTEST:
            raise DeskError(f"a password needs {SHORTEST} characters or more")
        return self._hasher.hash(password)

    def verify_password(self, name: str, password: str) -> User | None:
        """The person who knows this password; None for a wrong one, an unknown or disabled user."""
        from argon2.exceptions import VerifyMismatchError

        with self._db.reading() as conn:
            found = conn.execute(
                f"SELECT {USER}, u.password_hash FROM users u WHERE lower(u.name) = lower(?)",
                (name.strip(),),
            ).fetchone()
        decoy = self._decoy  # made for known names too, the first time
        hashed = decoy if found is None else found[-1]
        try:
            self._hasher.verify(hashed, password)
        except VerifyMismatchError:
            return None
        if found is None or found[4]:
            return None
        if self._hasher.check_needs_rehash(hashed):
            with self._db.writing() as conn:
                conn.execute(
                    "UPDATE users SET password_hash = ? WHERE id = ?",
                    (self._hasher.hash(password), found[0]),
                )
        return read_user(found)

    # programs

    def create_token(
        self, user: str, name: str, scopes: Sequence[Scope], at: datetime
    ) -> tuple[Token, str]:
        """Create a token that acts for a user; the second value is the key, never to be seen again.

        Raises NotFound for an unknown user, DeskError without a scope or for a disabled user.
        """
        if not scopes:
            raise DeskError(f"a token needs a scope: {', '.join(Scope)}")
        key = PREFIX + secrets.token_urlsafe(32)
        with self._db.writing() as conn:
            owner = known_user(conn, user)
            if owner.disabled:
                raise DeskError(f"user {owner.name!r} is disabled", "listener user list")
            id = conn.execute(
                "INSERT INTO tokens (user_id, name, scopes, hash, created_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (owner.id, name, " ".join(dict.fromkeys(scopes)), hashed(key), stamp(at)),
            ).lastrowid
            found = _tokens(conn, "t.id = ?", id)
        return found[0], key

    def tokens(self) -> list[Token]:
        """All tokens, the oldest first, revoked ones too."""
        with self._db.reading() as conn:
            return _tokens(conn, "t.id > ?", 0)

    def revoke_token(self, token: int, at: datetime) -> Token:
        """End a token for good; repeating is harmless. Raises NotFound."""
        with self._db.writing() as conn:
            conn.execute(
                "UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?",
                (stamp(at), token),
            )
            found = _tokens(conn, "t.id = ?", token)
        if not found:
            raise NotFound(f"there is no token {token}", "listener token list")
        return found[0]

    def verify_token(self, key: str) -> tuple[User, Token] | None:
        """Whom a key speaks for and what it may do; None for an unknown or revoked one.

        Looked up by its SHA-256: a random key of 256 bits needs no slow hash.
        """
        with self._db.reading() as conn:
            found = _tokens(
                conn, "t.revoked_at IS NULL AND u.disabled_at IS NULL AND t.hash = ?", hashed(key)
            )
            return (known_user(conn, found[0].user), found[0]) if found else None


def open_accounts(url: str, hasher: PasswordHasher | None = None) -> Accounts:
    """Open or create the accounts beside the store at this address."""
    return Accounts(private_place(url), hasher)


def _tokens(conn: sqlite3.Connection, where: str, value: int | str | None) -> list[Token]:
    found = conn.execute(
        f"SELECT {_TOKEN} FROM tokens t JOIN users u ON u.id = t.user_id"
        f" WHERE {where} ORDER BY t.id",
        (value,),
    )
    return [
        Token(id, user, name, tuple(map(Scope, scopes.split())), moment(at), bool(revoked))
        for id, user, name, scopes, at, revoked in found
    ]
