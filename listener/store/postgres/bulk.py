"""Many new rows in one piece: copied into a temporary table, and from there where they belong."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from listener.store.postgres.dialect import translate
from listener.store.postgres.keys import Table

if TYPE_CHECKING:
    from psycopg import Connection

_PLAIN = re.compile(
    r"INSERT (OR IGNORE )?INTO (\w+)(?: \(([^()]*)\))? VALUES \(\?(?:, \?)*\)( ON CONFLICT.*)?"
)


@dataclass(frozen=True, slots=True)
class Bulk:
    """How the rows of one statement go over: a table is made, filled by copying, and moved from."""

    make: str
    copy: str
    move: str
    empty: str
    key: tuple[int, ...]  # where the key of a row stands, if two of one key can't go together

    def fits(self, rows: Sequence[Sequence[object]]) -> bool:
        """Whether the rows can go over together: one statement settles each conflict once."""
        if not self.key:
            return True
        return len({tuple(row[n] for n in self.key) for row in rows}) == len(rows)

    def write(self, raw: Connection[Any], rows: Sequence[Sequence[object]]) -> int:
        """Write the rows in their order; returns how many were written. Within a transaction."""
        raw.execute(self.make)
        with raw.cursor().copy(self.copy) as copy:
            for row in rows:
                copy.write_row(row)
        written = raw.execute(self.move).rowcount
        raw.execute(self.empty)
        return written


def bulk_of(sql: str, tables: Mapping[str, Table]) -> Bulk | None:
    """How the rows of a statement that inserts plain values can be copied; None for any other."""
    found = _PLAIN.fullmatch(sql)
    if found is None or found[2] not in tables:
        return None
    ignored, _, listed, conflict = found.groups()
    table = tables[found[2]]
    names = [name.strip().strip('"') for name in listed.split(",")] if listed else table.stored
    key = table.keys[0] if conflict else ()
    if not set(key) <= set(names):
        return None
    if ignored and table.numbered and "id" not in names:
        return None  # rows that are there already would take numbers
    columns = ", ".join(f'"{name}"' for name in names)
    typed = ", ".join(f'"{name}" {table.types[name]}' for name in names)
    # One for every list of columns: it stays for as long as the connection.
    arriving = f"arriving_{table.name}_{zlib.crc32(columns.encode())}"
    into = sql[: sql.index(" VALUES")]
    moving = f"{into} SELECT {columns} FROM {arriving} WHERE place > 0 ORDER BY place"
    return Bulk(
        make=f"CREATE TEMPORARY TABLE IF NOT EXISTS {arriving} (place BIGINT GENERATED ALWAYS AS IDENTITY,"
        f" {typed}) ON COMMIT DELETE ROWS",
        copy=f"COPY {arriving} ({columns}) FROM STDIN",
        move=translate(f"{moving}{conflict or ''}", tables).text,
        empty=f"DELETE FROM {arriving}",
        key=tuple(list(names).index(name) for name in key),
    )
