"""Copying a whole installation while it is in use: the data, and the accounts beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from listener.store.address import (
    accounts_path,
    has_private,
    is_postgres,
    open_store,
    private_place,
)
from listener.store.private_file import SCHEMA, open_private, private_statements
from listener.store.sqlite.backup import copy_file, unfinished


def back_up(
    url: str, path: Path, progress: Callable[[int, int], None] | None = None
) -> tuple[Path, ...]:
    """Copy the store to a file, and its accounts to the one beside that; returns what was written.

    Both are SQLite files, whichever database they come from: put where `store:` says they are the
    installation as it was, and `listener store copy` takes them into PostgreSQL. The accounts are
    copied first, so that nobody of the data is unknown in them; only their owner may read them.
    Raises StoreError when either file exists, or the disk is full; then neither is left.
    """
    written: list[Path] = []
    try:
        if has_private(url):
            beside = accounts_path(f"sqlite:///{path}")
            with unfinished(beside) as target:
                _copy_private(url, target)
            written.append(beside)
        with open_store(url) as store:
            store.backup(str(path), progress)
    except BaseException:
        for file in written:
            file.unlink()
        raise
    return (path, *written)


def _copy_private(url: str, target: Path) -> None:
    db = open_private(private_place(url))
    try:
        if not is_postgres(url):
            copy_file(db, target, mode=0o600)
            return
        from listener.store.postgres.backup import copy_database
        from listener.store.postgres.private import open_private_schema

        open_private(target).close()  # the tables
        schema = open_private_schema(url, SCHEMA, private_statements())
        try:
            copy_database(schema, dict(schema.tables), target)
        finally:
            schema.close()
    finally:
        db.close()
