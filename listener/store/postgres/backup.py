"""Copying the store while it is in use: into a file that opens as a store of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from listener.errors import StoreError
from listener.store.postgres.connection import Speaking
from listener.store.postgres.database import Database
from listener.store.postgres.keys import Table
from listener.store.postgres.moving import (
    in_order,
    insertion,
    postgres_pages,
    seal,
    sqlite_pages,
)
from listener.store.sqlite.backup import unfinished
from listener.store.sqlite.database import explained
from listener.store.sqlite.store import SqliteStore

Progress = Callable[[int, int], None]


def write_backup(
    db: Database, tables: dict[str, Table], path: str, progress: Progress | None = None
) -> None:
    """Write a consistent copy as an SQLite store, and verify it row by row.

    It appears under its name only when it is whole. Raises StoreError.
    """
    with unfinished(Path(path)) as target:
        SqliteStore(target).close()  # the tables
        copy_database(db, tables, target, progress)


def copy_database(
    db: Database, tables: dict[str, Table], target: Path, progress: Progress | None = None
) -> None:
    """Fill the empty tables of an SQLite file with one state of a schema, and compare every row."""
    with (
        db.reading() as source,
        explained(target),
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        _fill(source, copy, in_order(tables), progress)


def _fill(
    source: Speaking, copy: sqlite3.Connection, tables: list[Table], progress: Progress | None
) -> None:
    total = sum(_count(source, table) for table in tables)
    done = 0
    copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    copy.execute("PRAGMA foreign_keys = OFF")
    copy.execute("BEGIN")
    for table in tables:
        for page in postgres_pages(source, table):
            copy.executemany(insertion(table), page)
            done += len(page)
            if progress:
                progress(done, total)
    if any(table.name == "mentions" for table in tables):
        copy.execute("INSERT INTO mention_search (mention_search) VALUES ('rebuild')")
    copy.execute("COMMIT")
    for table in tables:
        if seal(postgres_pages(source, table)) != seal(sqlite_pages(copy, table)):
            raise StoreError(
                f"the copy does not equal the store: {table.name} differs",
                "try again; if it fails again, check the disk",
            )
    broken = copy.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None or copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
        raise StoreError("the copy is damaged", "try again; if it fails again, check the disk")
    if progress:
        progress(total, total)


def _count(source: Speaking, table: Table) -> int:
    found = source.execute(f"SELECT count(*) FROM {table.name}").fetchone()
    return int(found[0]) if found else 0
