"""A file that an older version wrote is brought up to date, with what can still be known."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from listener.store.sqlite import SqliteStore

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_runs_of_the_first_version_get_their_windows(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    with SqliteStore(path) as store:
        for hours, outcome in enumerate(("ok", "failed", "ok", "ok")):
            run = store.open_run("blog", NOW + timedelta(hours=hours))
            store.close_run(run, outcome, "", NOW + timedelta(hours=hours))
    with sqlite3.connect(path) as conn:
        conn.execute("DROP INDEX runs_by_time")
        conn.execute("ALTER TABLE runs DROP COLUMN asked_since")
        conn.execute("ALTER TABLE source_health DROP COLUMN quiet_since")
        conn.execute("DELETE FROM _sqlite_migrations WHERE name LIKE '%windows of runs'")
        conn.execute("PRAGMA user_version = 1")
    conn.close()
    with SqliteStore(path) as store:
        asked = [row.asked_since for row in reversed(store.runs())]
        hours = [None if at is None else (at - NOW) // timedelta(hours=1) for at in asked]
        assert hours == [None, 0, 0, 2]
        assert store.health() == []
