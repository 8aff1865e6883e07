"""From the setting `store:` to an open store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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
    from listener.store.sqlite import SqliteStore

    return SqliteStore(store_path(url))


def accounts_path(url: str) -> Path:
    """The file of accounts beside the store: `listener.db` has `listener-accounts.db`."""
    path = store_path(url)
    return path.with_name(f"{path.stem}-accounts{path.suffix}")


def run_lock(url: str, wait: float = 0.0) -> FileLock:
    """The lock that one run at a time holds on a store; StoreBusy after `wait` seconds.

    Use it in a `with` block. The kernel gives it back when the process ends, however it ends.
    """
    path = store_path(url)
    return FileLock(path.with_name(f"{path.name}.lock"), wait)


def store_path(url: str) -> Path:
    """The file an address names. Raises StoreError when it names none."""
    if url.startswith(("postgresql://", "postgres://")):
        # Not the address itself: it may hold a password.
        raise StoreError(
            "a PostgreSQL store comes as an extra in a later version; this one keeps SQLite files",
            _EXAMPLE,
        )
    name = url.removeprefix(_SQLITE)
    if not url.startswith(_SQLITE) or not name or name.endswith("/") or "\0" in name:
        raise StoreError(f"{url!r} is no address of a store", _EXAMPLE)
    return Path(name)
