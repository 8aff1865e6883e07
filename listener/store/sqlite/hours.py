"""Counters by issue and hour: which are stale, and counting them anew from the memberships."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import orjson

# The end of an hour is the first text that sorts after its last second.
_COUNT = (
    "INSERT INTO issue_hours (issue_id, hour, posts, people)"
    " SELECT g.issue_id, json_extract(j.value, '$[1]'), count(*),"
    " count(DISTINCT CASE WHEN m.deleted_at IS NULL AND NOT g.same_story"
    " THEN m.kind || ' ' || m.author_id END) + coalesce(sum(g.erased_person), 0)"
    " FROM json_each(?) j CROSS JOIN memberships g"
    " ON g.issue_id = json_extract(j.value, '$[0]')"
    " AND g.created_at >= json_extract(j.value, '$[1]')"
    " AND g.created_at < substr(json_extract(j.value, '$[1]'), 1, 13) || ':99'"
    " JOIN mentions m ON m.id = g.mention_id"
    " GROUP BY g.issue_id, json_extract(j.value, '$[1]')"
)


def hour_of(created_at: str) -> str:
    """The beginning of the hour of a stored time."""
    return f"{created_at[:13]}:00:00Z"


def stale(conn: sqlite3.Connection, changed: Iterable[tuple[int, str]]) -> None:
    """Leave word that these hours, given as (issue, stored time), are to be counted anew."""
    conn.executemany(
        "INSERT OR IGNORE INTO stale_hours (issue_id, hour) VALUES (?, ?)",
        {(issue, hour_of(at)) for issue, at in changed},
    )


def all_stale(conn: sqlite3.Connection, issue: int) -> None:
    """Leave word that all hours of an issue are to be counted anew."""
    conn.execute(
        "INSERT OR IGNORE INTO stale_hours (issue_id, hour)"
        " SELECT ?1, hour FROM issue_hours WHERE issue_id = ?1"
        " UNION SELECT ?1, substr(created_at, 1, 13) || ':00:00Z' FROM memberships"
        " WHERE issue_id = ?1",
        (issue,),
    )


def count(conn: sqlite3.Connection, limit: int) -> int:
    """Count up to `limit` stale hours anew; returns how many there were."""
    wanted = conn.execute("SELECT issue_id, hour FROM stale_hours LIMIT ?", (limit,)).fetchall()
    for table in ("issue_hours", "stale_hours"):
        conn.executemany(f"DELETE FROM {table} WHERE issue_id = ? AND hour = ?", wanted)
    conn.execute(_COUNT, (orjson.dumps(wanted).decode(),))
    return len(wanted)
