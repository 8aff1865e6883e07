"""What the journeys share: a look at everything a store knows."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

Dump = dict[str, list[tuple[object, ...]]]

# What a run writes about itself, and what it reads off the wall clock, differs from run to run.
OF_THE_RUN = {
    "runs",
    "rejections",
    "_sqlite_migrations",
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


def _dump(store: Path) -> Dump:
    found: Dump = {}
    with closing(sqlite3.connect(store)) as db:
        listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%search_%'"
        for table in {name for (name,) in db.execute(listed)} - OF_THE_RUN:
            moments = MOMENTS | OF_THE_CLOCK.get(table, set())
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            kept = ", ".join(f'"{column}"' for column in columns if column not in moments)
            rows = db.execute(f"SELECT {kept} FROM {table}").fetchall()
            found[table] = sorted([tuple(map(timeless, row)) for row in rows], key=repr)
    return found


def timeless(cell: object) -> object:
    """A cell without the moments of the run in its text."""
    return TODAY.sub("<now>", cell) if isinstance(cell, str) else cell


@pytest.fixture(scope="session")
def dump() -> Callable[[Path], Dump]:
    """Everything a store knows, without the moments at which it was written."""
    return _dump
