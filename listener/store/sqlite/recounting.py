"""Counting issues anew from their memberships: for what leaves them, which is rare."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from listener.store.sqlite.hours import all_stale

# People without an id are one person per platform: we can't tell them apart and don't pretend to.
# Whoever carries a story on is nobody else who has the problem.
# Of an erased post nothing but the count is left, see `memberships.erased_person`.
_STATEMENTS = (
    "DELETE FROM issue_people WHERE issue_id = ?1",
    "INSERT INTO issue_people (issue_id, kind, author_id, posts)"
    " SELECT ?1, m.kind, m.author_id, count(*) FROM memberships g"
    " JOIN mentions m ON m.id = g.mention_id WHERE g.issue_id = ?1 AND m.deleted_at IS NULL"
    " AND NOT g.same_story"
    " GROUP BY m.kind, m.author_id",
    "UPDATE issues SET lanes = (SELECT json_group_object(lane, n) FROM"
    " (SELECT v.lane, count(*) AS n FROM memberships g"
    " JOIN verdicts v ON v.mention_id = g.mention_id AND v.brand = g.brand"
    " WHERE g.issue_id = ?1 GROUP BY v.lane ORDER BY v.lane)),"
    " sources = (SELECT json_group_object(source, n) FROM"
    " (SELECT s.source, count(*) AS n FROM memberships g"
    " JOIN sightings s ON s.mention_id = g.mention_id"
    " WHERE g.issue_id = ?1 GROUP BY s.source ORDER BY s.source)) WHERE id = ?1",
    "UPDATE issues SET"
    " mentions = (SELECT count(*) FROM memberships WHERE issue_id = ?1),"
    " people = (SELECT count(*) FROM issue_people WHERE issue_id = ?1)"
    " + (SELECT coalesce(sum(erased_person), 0) FROM memberships WHERE issue_id = ?1),"
    " first_seen = coalesce("
    "(SELECT min(created_at) FROM memberships WHERE issue_id = ?1), first_seen),"
    " last_seen = coalesce("
    "(SELECT max(created_at) FROM memberships WHERE issue_id = ?1), last_seen),"
    " lane = coalesce((SELECT key FROM json_each(issues.lanes)"
    " ORDER BY value DESC, key LIMIT 1), lane)"
    " WHERE id = ?1",
)


def recount(conn: sqlite3.Connection, issues: Iterable[int]) -> None:
    """Make the counts, times and lane of these issues what their memberships say."""
    for issue in issues:
        all_stale(conn, issue)
        for statement in _STATEMENTS:
            conn.execute(statement, (issue,))
