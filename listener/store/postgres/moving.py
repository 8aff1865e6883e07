"""Rows on their way from one database to another, and the proof that every one of them arrived."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from listener.store.postgres.keys import Table

if TYPE_CHECKING:
    import sqlite3

    from listener.store.postgres.connection import Speaking

Row = tuple[Any, ...]

PAGE = 5_000  # rows between two commits


@dataclass(frozen=True, slots=True)
class Seal:
    """What a table holds, whatever its order: how many rows, and the sum of their digests.

    Two tables with the same seal have the same rows, each of them the same in every column.
    """

    rows: int
    sum: int


def seal(pages: Iterable[Sequence[Row]]) -> Seal:
    """The seal of rows that are read one by one."""
    rows = total = 0
    for page in pages:
        rows += len(page)
        for row in page:
            said = repr(row).encode("utf-8", "surrogatepass")
            total += int.from_bytes(blake2b(said, digest_size=16).digest(), "big")
    return Seal(rows, total % (1 << 128))


def in_order(tables: Mapping[str, Table]) -> list[Table]:
    """The tables, each behind those it refers to."""
    done: dict[str, Table] = {}

    def add(table: Table) -> None:
        for _, other, _ in table.references:
            if other != table.name and other not in done:
                add(tables[other])
        done.setdefault(table.name, table)

    for table in tables.values():
        add(table)
    return list(done.values())


def own_references(table: Table) -> list[str]:
    """The columns that name rows of the same table; a row may name one that comes later."""
    return [column for column, other, _ in table.references if other == table.name]


def sqlite_pages(
    conn: sqlite3.Connection, table: Table, after: Sequence[object] = ()
) -> Iterator[list[Row]]:
    """All rows behind a key, in the order of the key, in pages."""
    key = table.keys[0]
    columns = _listed(table.stored)
    at = [table.stored.index(name) for name in key]
    last = list(after)
    while True:
        behind = f" WHERE ({_listed(key)}) > ({', '.join('?' * len(key))})" if last else ""
        page = conn.execute(
            f"SELECT {columns} FROM {table.name}{behind} ORDER BY {_listed(key)} LIMIT {PAGE}",
            last,
        ).fetchall()
        if not page:
            return
        yield page
        last = [page[-1][n] for n in at]


def postgres_pages(conn: Speaking, table: Table) -> Iterator[list[Row]]:
    """All rows of the transaction's state, in no order, in pages."""
    with conn.raw.cursor(name="moving") as cursor:
        cursor.execute(f"SELECT {_listed(table.stored)} FROM {table.name}")
        while page := cursor.fetchmany(PAGE):
            yield page


def insertion(table: Table) -> str:
    """The statement that writes whole rows."""
    return (
        f"INSERT INTO {table.name} ({_listed(table.stored)})"
        f" VALUES ({', '.join('?' * len(table.stored))})"
    )


def without_own(table: Table, rows: Sequence[Row]) -> list[Row]:
    """The rows without what names other rows of the table, which may not be there yet."""
    own = [table.stored.index(name) for name in own_references(table)]
    if not own:
        return list(rows)
    return [tuple(None if n in own else value for n, value in enumerate(row)) for row in rows]


def own_updates(table: Table, rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The statements that write what `without_own` left out, with their values."""
    id = table.stored.index("id") if own_references(table) else 0
    for column in own_references(table):
        at = table.stored.index(column)
        found = [(row[at], row[id]) for row in rows if row[at] is not None]
        if found:
            yield f"UPDATE {table.name} SET {column} = ? WHERE id = ?", found


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
