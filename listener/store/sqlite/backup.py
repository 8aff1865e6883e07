"""Copying the store while it is in use."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from listener.errors import StoreError
from listener.store.sqlite.database import Database, explained

_PAGES = 2000  # 8 MB between two calls of `progress`


class Backup:
    """The verb of backups."""

    _db: Database

    def backup(self, path: str, progress: Callable[[int, int], None] | None = None) -> None:
        """Write a consistent copy while in use, and verify it by opening it.

        `progress` is called with (pages done, pages in all). The copy appears under its name only
        when it is whole and verified; a file of that name must not exist. Raises StoreError.
        """
        with unfinished(Path(path)) as target:
            copy_file(self._db, target, progress)


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """A name to write to, that becomes `target` when the block ends well and is removed otherwise.

    Raises StoreError when there is a file of that name, or no folder for it.
    """
    if target.exists():
        raise StoreError(f"{target} exists already", "name a file that does not exist yet")
    if not target.parent.is_dir():
        raise StoreError(f"the folder {target.parent} does not exist", f"mkdir -p {target.parent}")
    name = target.with_name(f"{target.name}.unfinished")
    try:
        yield name
        os.replace(name, target)
    finally:
        for rest in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                os.unlink(f"{name}{rest}")


def copy_file(
    db: Database,
    target: Path,
    progress: Callable[[int, int], None] | None = None,
    mode: int = 0o644,
) -> None:
    """Copy one state of a file that is in use, and compare the copy with it. Raises StoreError."""
    target.touch(mode)
    # The open transaction holds one state of the store: without it, every write of another process
    # would make the copy start again from its first page.
    with db.reading() as conn, explained(target), closing(sqlite3.connect(target)) as copy:
        expected = _counts(conn)
        conn.backup(
            copy,
            pages=_PAGES,
            progress=lambda _, left, total: progress(total - left, total) if progress else None,
        )
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok" or _counts(copy) != expected:
            raise StoreError(
                f"the copy {target} does not equal the store: {verdict}",
                "try again; if it fails again, check the disk",
            )


def _counts(conn: sqlite3.Connection) -> dict[str, int]:
    """The rows of every table."""
    names = [
        name
        for (name,) in conn.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'mention_search%'"
        )
    ]
    return {name: conn.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
