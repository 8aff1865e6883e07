"""Moving a store from SQLite to PostgreSQL: page by page, taken up where it broke off, and proven."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from listener.errors import StoreError
from listener.store.postgres.database import Database
from listener.store.postgres.keys import Table
from listener.store.postgres.migrations import Plan, bring_up_to_date
from listener.store.postgres.moving import (
    in_order,
    insertion,
    own_updates,
    postgres_pages,
    seal,
    sqlite_pages,
    without_own,
)

if TYPE_CHECKING:
    from listener.store.postgres.connection import Speaking

Progress = Callable[[str, int, int], None]

_UNFINISHED = (
    "CREATE TABLE IF NOT EXISTS copying (name TEXT PRIMARY KEY, source TEXT NOT NULL,"
    " behind TEXT NOT NULL, copied BIGINT NOT NULL, whole BIGINT NOT NULL)"
)
_INDEX = (
    "INSERT INTO mention_search (rowid, title, text, handle) SELECT id, title, text, handle"
    " FROM mentions WHERE id BETWEEN ? AND ? AND deleted_at IS NULL"
)


@dataclass(slots=True)
class Copy:
    """The tables of one SQLite file on their way into one schema.

    `source` must be in a transaction that lets nobody write. While the copy is unfinished the schema
    cannot be opened as a store.
    """

    source: sqlite3.Connection
    named: str  # the source, to know it again
    target: Database
    plan: Plan
    progress: Progress
    done: int = 0
    total: int = 0

    def run(self) -> dict[str, int]:
        """Copy and compare everything; returns how many rows every table has. Raises StoreError.

        A copy that broke off goes on. When the source has been worked with since, what was copied no
        longer equals it: then it is copied anew, once.
        """
        tables = in_order(self.plan.tables)
        resumed = self._begin()
        self._count(tables)
        self._fill(tables)
        different = self._different(tables)
        if different and resumed:
            self._empty()
            self._count(tables)
            self._fill(tables)
            different = self._different(tables)
        if different:
            raise StoreError(
                f"the copy in {self.target.name} does not equal {self.named}: {different} differs",
                "run the same command again; if it fails again, check both disks",
            )
        return {table.name: self._size(table) for table in tables}

    def finish(self) -> None:
        """Let the schema be opened as a store."""
        with self.target.writing() as conn:
            conn.raw.execute("DROP TABLE copying")

    def _begin(self) -> bool:
        """Make the tables; whether an earlier copy is being taken up. Raises StoreError."""
        bring_up_to_date(self.target, self.plan, copying=True)
        with self.target.writing() as conn:
            found = conn.raw.execute("SELECT to_regclass('copying') IS NOT NULL").fetchone()
            if found[0]:
                sources = conn.raw.execute("SELECT DISTINCT source FROM copying").fetchall()
                if any(source != self.named for (source,) in sources):
                    raise StoreError(
                        f"{self.target.name} holds an unfinished copy of {sources[0][0]}",
                        "finish that one, or name an empty database",
                    )
                return bool(sources)
            for table in self.plan.tables.values():
                if conn.raw.execute(f"SELECT 1 FROM {table.name} LIMIT 1").fetchone():
                    raise StoreError(
                        f"{self.target.name} holds a store already", "name an empty database"
                    )
            conn.raw.execute(_UNFINISHED)
        return False

    def _count(self, tables: list[Table]) -> None:
        self.total, self.done = sum(map(self._size, tables)), 0

    def _size(self, table: Table) -> int:
        found = self.source.execute(f"SELECT count(*) FROM {table.name}").fetchone()
        return int(found[0])

    def _fill(self, tables: list[Table]) -> None:
        for table in tables:
            behind, copied, whole = self._known(table)
            self.done += copied
            if whole:
                continue
            key = [table.stored.index(name) for name in table.keys[0]]
            for page in sqlite_pages(self.source, table, behind):
                copied += len(page)
                with self.target.writing() as conn:
                    conn.executemany(insertion(table), without_own(table, page))
                    if table.name == "mentions":
                        conn.execute(_INDEX, (page[0][0], page[-1][0]))
                    self._remember(conn, table, [page[-1][n] for n in key], copied)
                self.done += len(page)
                self.progress("copy", self.done, self.total)
            self._finish_table(table, copied)

    def _finish_table(self, table: Table, copied: int) -> None:
        with self.target.writing() as conn:
            for page in sqlite_pages(self.source, table):
                for statement, values in own_updates(table, page):
                    conn.executemany(statement, values)
            self._remember(conn, table, [], copied, whole=True)

    def _known(self, table: Table) -> tuple[list[object], int, bool]:
        """Behind which key a table goes on, how many rows it has, and whether that is all."""
        with self.target.reading() as conn:
            found = conn.execute(
                "SELECT behind, copied, whole FROM copying WHERE name = ?", (table.name,)
            ).fetchone()
        return ([], 0, False) if found is None else (orjson.loads(found[0]), found[1], found[2] > 0)

    def _remember(
        self,
        conn: Speaking,
        table: Table,
        behind: list[object],
        copied: int,
        *,
        whole: bool = False,
    ) -> None:
        conn.execute(
            "INSERT INTO copying (name, source, behind, copied, whole) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET behind = excluded.behind, copied = excluded.copied,"
            " whole = excluded.whole",
            (table.name, self.named, orjson.dumps(behind).decode(), copied, int(whole)),
        )

    def _different(self, tables: list[Table]) -> str:
        """The first table that is not the same row by row on both sides; "" when all are."""
        compared = 0
        with self.target.reading() as conn:
            for table in tables:
                ours = seal(sqlite_pages(self.source, table))
                if ours != seal(postgres_pages(conn, table)):
                    return table.name
                compared += ours.rows
                self.progress("compare", compared, self.total)
        return ""

    def _empty(self) -> None:
        names = ", ".join(self.plan.tables)
        with self.target.writing() as conn:
            conn.raw.execute(f"TRUNCATE {names}, copying CASCADE")


def totals(counted: Mapping[str, int]) -> str:
    """What was moved, for people: the rows of the tables they know."""
    shown = ("mentions", "verdicts", "issues", "cases", "history", "users")
    return ", ".join(f"{counted[name]:,} {name}" for name in shown if name in counted)
