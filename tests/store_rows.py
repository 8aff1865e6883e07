"""Everything a store knows, without the moments at which it was written: for comparing two runs."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

Dump = dict[str, list[tuple[object, ...]]]

# What a run writes about itself, and what it reads off the wall clock, differs from run to run.
OF_THE_RUN = {
    "runs",
    "rejections",
    "_sqlite_migrations",
    "schema_version",
    "groupings",  # reaches as far as the batch after which it was kept: all that follows is the same
}
MOMENTS = {"seen_at", "edited_at", "replaced_at", "judged_at", "at"}
OF_THE_CLOCK = {
    "sightings": {"first_seen_at"},  # elsewhere that is when a post was written
    # An old post waits for us since it was taken in.
    "cases": {"waits_from", "due_at", "next_change_at"},
}
TODAY = re.compile(r"20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?")
"""A moment of the run inside a text: the posts of these journeys are of 2017."""


def sqlite_rows(store: Path) -> Dump:
    """What is in a file."""
    found: Dump = {}
    with closing(sqlite3.connect(store)) as db:
        listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%search_%'"
        for table in {name for (name,) in db.execute(listed)} - OF_THE_RUN:
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            rows = db.execute(f"SELECT {_kept(table, columns)} FROM {table}").fetchall()
            found[table] = _timeless(rows)
    return found


def postgres_rows(address: str) -> Dump:
    """What is in the schema `listener` of a database."""
    import psycopg

    tables: dict[str, list[str]] = {}
    found: Dump = {}
    with psycopg.connect(address, options="-c search_path=listener") as db:
        for table, column in db.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'listener' AND t.table_type = 'BASE TABLE'"
            " ORDER BY c.table_name, c.ordinal_position"
        ):
            tables.setdefault(table, []).append(column)
        for table in tables.keys() - OF_THE_RUN:
            rows = db.execute(f"SELECT {_kept(table, tables[table])} FROM {table}".encode())
            found[table] = _timeless(rows.fetchall())
    return found


def timeless(cell: object) -> object:
    """A cell without the moments of the run in its text."""
    return TODAY.sub("<now>", cell) if isinstance(cell, str) else cell


def _kept(table: str, columns: list[str]) -> str:
    moments = MOMENTS | OF_THE_CLOCK.get(table, set())
    return ", ".join(f'"{column}"' for column in columns if column not in moments)


def _timeless(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return sorted([tuple(map(timeless, row)) for row in rows], key=repr)
