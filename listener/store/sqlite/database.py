"""One connection to one SQLite file: how it is opened, its transactions, and what its errors mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from listener.errors import StoreBusy, StoreError

PATIENCE = 10.0  # seconds to wait for another writer
_WAL_PAGES = 4000  # 16 MB between two checkpoints: fewer fsyncs, a log that stays small


class Database:
    """A connection with the settings every verb relies on. For one thread at a time.

    Writing is `BEGIN IMMEDIATE` always: a deferred transaction that reads before it writes fails at
    once, whatever the patience, when another one wrote meanwhile.
    """

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        """Open or create the file. Raises StoreError when it cannot be used, naming the path."""
        self.path = path
        _must_be_possible(path)
        with explained(path):
            self.conn = sqlite3.connect(
                path,
                timeout=patience,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=300,
            )
            try:
                self._settle()
            except BaseException:
                self.conn.close()
                raise

    def _settle(self) -> None:
        conn = self.conn
        if conn.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = NORMAL")
        conn.execute("PRAGMA foreign_keys = ON")
        conn.execute("PRAGMA temp_store = MEMORY")
        conn.execute("PRAGMA cache_size = -65536")
        conn.execute("PRAGMA journal_size_limit = 67108864")
        conn.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")

    def close(self) -> None:
        """Give the file back; closing twice is harmless."""
        with explained(self.path):
            self.conn.close()

    def pulse(self) -> int:
        """A number that is another one whenever another connection has committed."""
        with explained(self.path):
            return int(self.conn.execute("PRAGMA data_version").fetchone()[0])

    def rest(self) -> None:
        """Give the pages back that are kept in memory, 64 MB at most; what is read fills it again."""
        with explained(self.path):
            self.conn.execute("PRAGMA shrink_memory")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the one writer's place from its first moment; an error undoes all."""
        with explained(self.path):
            self.conn.execute("BEGIN IMMEDIATE")
            try:
                yield self.conn
                self.conn.execute("COMMIT")
            except BaseException:
                self._leave("ROLLBACK")
                raise

    def scour(self) -> None:
        """Let nothing that was erased stay readable in the file's index and log.

        The search index is written anew, which takes about as long as reading it; the log is emptied
        as far as others who read just now allow, else by whoever writes next.
        """
        with self.writing() as conn:
            conn.execute("PRAGMA secure_delete = ON")
            conn.execute("INSERT INTO mention_search (mention_search) VALUES ('optimize')")
        with explained(self.path):
            self.conn.execute("PRAGMA secure_delete = OFF")
            self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def _leave(self, how: str) -> None:
        # A full disk makes SQLite roll back by itself: then there is nothing left to leave.
        if self.conn.in_transaction:
            self.conn.execute(how)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent state for several look-ups; keep it short, an old state keeps the log long."""
        with explained(self.path):
            if self.conn.in_transaction:
                yield self.conn
                return
            self.conn.execute("BEGIN")
            try:
                yield self.conn
            finally:
                self._leave("COMMIT")


def _must_be_possible(path: Path) -> None:
    if path.is_dir():
        raise StoreError(
            f"{path} is a folder, not a store", "name a file: store: sqlite:///listener.db"
        )
    if not path.parent.is_dir():
        raise StoreError(
            f"the folder {path.parent} of the store does not exist", f"mkdir -p {path.parent}"
        )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into StoreError and StoreBusy that name the file and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, path) from error


def explain(error: sqlite3.Error, path: Path) -> StoreError:
    """What an error of SQLite means for the person at the keyboard."""
    code = int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(
            f"{path} is locked by another program", "wait for it to finish, then try again"
        )
    sentence, hint = _MEANINGS.get(code, (f"could not be used: {error}", "listener doctor"))
    return StoreError(f"{path} {sentence}", hint.format(folder=path.parent, path=path))


_MEANINGS = {
    sqlite3.SQLITE_FULL: (
        "could not grow: the disk is full; nothing was half written",
        "free some space in {folder}, then run it again",
    ),
    sqlite3.SQLITE_READONLY: (
        "can't be written",
        "give this user the right to write the file and its folder: ls -ld {folder} {path}",
    ),
    sqlite3.SQLITE_PERM: ("can't be opened by this user", "ls -l {path}"),
    sqlite3.SQLITE_CANTOPEN: (
        "can't be opened or created",
        "check that {folder} can be written: ls -ld {folder}",
    ),
    sqlite3.SQLITE_NOTADB: (
        "is not a SQLite database",
        "name another file in `store:`, or restore a backup of {path}",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged",
        "stop the listener and restore the latest backup of {path}",
    ),
    sqlite3.SQLITE_IOERR: (
        "could not be read or written: the disk reported an error",
        "check the disk that holds {folder}",
    ),
}
