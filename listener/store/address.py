"""From the setting `store:` to an open store."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from listener.errors import StoreError
from listener.store.lock import FileLock

if TYPE_CHECKING:
    from listener.store.protocol import Store

_SQLITE = "sqlite:///"
_EXAMPLE = "store: sqlite:///listener.db"


def open_store(url: str) -> Store:
    """Open or create the store at an address; use it in a `with` block, or close it.

    `sqlite:///name.db` is a file in the working folder, `sqlite:////abs/name.db` one anywhere.
    Raises StoreError for any other address, naming it, and for a store that cannot be used.
    """
    # Imported late: whoever only locks or names a store does not need SQLite.
    if is_postgres(url):
        from listener.store.postgres import PostgresStore

        return PostgresStore(url)
    from listener.store.sqlite import SqliteStore

    return SqliteStore(store_path(url))


def is_postgres(url: str) -> bool:
    """Whether an address names a PostgreSQL database."""
    return url.startswith(("postgresql://", "postgres://"))


def store_name(url: str) -> str:
    """What to call the store when speaking to people: its file, or its database without the password."""
    if is_postgres(url):
        from listener.store.postgres.database import described

        return described(url)
    return str(store_path(url))


def store_secrets(url: str) -> frozenset[str]:
    """What of an address must not be shown: its password."""
    if not is_postgres(url):
        return frozenset()
    parts = urlsplit(url)
    password = (
        parts.netloc.rpartition("@")[0].partition(":")[2],
        *parse_qs(parts.query).get("password", ()),
    )
    return frozenset(form for one in password if one for form in (one, unquote(one)))


def private_place(url: str) -> Path | str:
    """Where accounts and subscriptions lie: the file beside the store, or the same database."""
    return url if is_postgres(url) else accounts_path(url)


def has_private(url: str) -> bool:
    """Whether there may be accounts or subscriptions already; nothing is made by asking."""
    return is_postgres(url) or accounts_path(url).exists()


def accounts_path(url: str) -> Path:
    """The file of accounts beside the store: `listener.db` has `listener-accounts.db`."""
    path = store_path(url)
    return path.with_name(f"{path.stem}-accounts{path.suffix}")


def run_lock(url: str, wait: float = 0.0) -> AbstractContextManager[object]:
    """The lock that one run at a time holds on a store; StoreBusy after `wait` seconds.

    Use it in a `with` block. The kernel gives it back when the process ends, however it ends;
    for a PostgreSQL store the server does, for runs on all machines.
    """
    if is_postgres(url):
        from listener.store.postgres.lock import DatabaseLock

        return DatabaseLock(url, wait)
    path = store_path(url)
    return FileLock(path.with_name(f"{path.name}.lock"), wait)


def workers_lock(url: str, wait: float = 0.0) -> AbstractContextManager[object]:
    """The place of one worker of a fleet: any number hold theirs, and none while a run holds its lock."""
    from listener.store.postgres.lock import DatabaseLock

    return DatabaseLock(url, wait, shared=True)


def store_path(url: str) -> Path:
    """The file an address names. Raises StoreError when it names none."""
    if is_postgres(url):
        # Not the address itself: it may hold a password.
        raise StoreError("the store is a PostgreSQL database, not a file", _EXAMPLE)
    name = url.removeprefix(_SQLITE)
    if not url.startswith(_SQLITE) or not name or name.endswith("/") or "\0" in name:
        raise StoreError(f"{url!r} is no address of a store", _EXAMPLE)
    return Path(name)
