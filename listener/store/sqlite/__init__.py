"""The store in one SQLite file."""

from listener.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
