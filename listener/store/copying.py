"""Moving a whole installation from SQLite to PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from listener.errors import StoreError
from listener.store.address import accounts_path, is_postgres, run_lock, store_path

if TYPE_CHECKING:
    from listener.store.postgres.copying import Copy
    from listener.store.postgres.migrations import Plan

Progress = Callable[[str, int, int], None]


def copy_store(source: str, target: str, progress: Progress) -> dict[str, int]:
    """Copy the store and its accounts from an SQLite address into an empty PostgreSQL database.

    Nobody may write to the source meanwhile: it holds the locks of a run and of the writer. A copy
    that broke off goes on where it was; every row is compared before it may be used. Returns the rows
    of every table. `progress` gets ("copy" or "compare", rows done, rows in all). Raises StoreBusy
    while a run is at work, StoreError otherwise.
    """
    from listener.store.postgres.copying import Copy
    from listener.store.postgres.database import Database
    from listener.store.postgres.private import SCHEMA as PRIVATE
    from listener.store.postgres.private import private_plan
    from listener.store.postgres.store import SCHEMA, store_plan
    from listener.store.private_file import SCHEMA as PRIVATE_VERSION
    from listener.store.private_file import open_private, private_statements
    from listener.store.sqlite import SqliteStore

    _must_be(source, target)
    path, accounts = store_path(source), accounts_path(source)
    if not path.exists():
        raise StoreError(f"there is no store at {path}", "name the file of a store")
    with ExitStack() as held:
        held.enter_context(run_lock(source))
        held.enter_context(run_lock(target))

        def copy(from_: sqlite3.Connection, named: Path, schema: str, plan: Plan) -> Copy:
            into = Database(target, schema, plan.tables)
            held.callback(into.close)
            return Copy(from_, str(named.resolve()), into, plan, progress)

        store = held.enter_context(SqliteStore(path))
        conn = held.enter_context(store.database.writing())
        copies = [copy(conn, path, SCHEMA, store_plan())]
        if accounts.exists():
            private = open_private(accounts)
            held.callback(private.close)
            conn = held.enter_context(private.writing())
            plan = private_plan(PRIVATE_VERSION, private_statements())
            copies.append(copy(conn, accounts, PRIVATE, plan))
        counted: dict[str, int] = {}
        for one in copies:
            counted.update(one.run())
        for one in reversed(copies):
            one.finish()
    return counted


def _must_be(source: str, target: str) -> None:
    if is_postgres(source) or not is_postgres(target):
        raise StoreError(
            "a copy goes from SQLite to PostgreSQL",
            "listener store copy sqlite:///listener.db postgresql://USER@HOST/DATABASE",
        )
