"""The people of the desk and the keys of programs, as values: nobody's password or key is in them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from listener.errors import NotFound
from listener.store.sqlite.moments import moment

USER = "u.id, u.name, u.role, u.created_at, u.disabled_at IS NOT NULL"


class Role(StrEnum):
    """What a person may do; each may do what the ones before may."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"

    def covers(self, other: Role) -> bool:
        """Whether this role may do all that the other may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class Scope(StrEnum):
    """What a token may do: read, write (work the queue), or administer; each covers the ones before."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def covers(self, other: Scope) -> bool:
        """Whether a token of this scope may do what one of the other may."""
        order = list(Scope)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class User:
    """A person of the desk."""

    id: int
    name: str
    role: Role
    created_at: datetime
    disabled: bool


@dataclass(frozen=True, slots=True)
class Token:
    """A program's key, without the key: that is shown once, when it is created."""

    id: int
    user: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    revoked: bool


def find_user(conn: sqlite3.Connection, name: str) -> User | None:
    """The person of this name, however it is written; None when there is none."""
    found = conn.execute(
        f"SELECT {USER} FROM users u WHERE lower(u.name) = lower(?)",
        (name.strip(),),
    ).fetchone()
    return None if found is None else read_user(found)


def known_user(conn: sqlite3.Connection, name: str) -> User:
    """The person of this name. Raises NotFound."""
    user = find_user(conn, name)
    if user is None:
        raise NotFound(f"there is no user {name!r}", "listener user list")
    return user


def read_user(row: tuple[Any, ...]) -> User:
    """A person from the columns `USER`, which stand first in the row."""
    id, name, role, created_at, disabled = row[:5]
    return User(id, name, Role(role), moment(created_at), bool(disabled))
