"""Articles that were placed before, by their canonical address."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from listener.store.rows import Article, StoryRow
from listener.store.sqlite.grouping import alias_end
from listener.store.sqlite.moments import moment, stamp, storable
from listener.store.sqlite.verdicts import ids, json

_FIND = (
    "SELECT j.value ->> 0, g.mention_id, m.source, m.url, m.created_at, g.duplicate_of,"
    " coalesce(g.issue_id, 0)"
    " FROM json_each(?1) j CROSS JOIN memberships g ON g.brand = ?2"
    " AND g.mention_id = (SELECT e.mention_id FROM memberships e WHERE e.story <> ''"
    " AND e.story = j.value ->> 1 AND e.brand = ?2"
    " AND e.created_at BETWEEN j.value ->> 2 AND j.value ->> 3 AND e.mention_id < j.value ->> 0"
    " ORDER BY e.created_at, e.mention_id LIMIT 1)"
    " CROSS JOIN mentions m ON m.id = g.mention_id"
)
_WITH_CASE = (
    "SELECT j.value FROM json_each(?1) j WHERE EXISTS (SELECT 1 FROM cases c"
    " WHERE c.brand = ?2 AND c.mention_id = j.value) OR EXISTS (SELECT 1 FROM memberships d"
    " CROSS JOIN cases c ON c.mention_id = d.mention_id AND c.brand = ?2"
    " WHERE d.duplicate_of = j.value AND d.duplicate_of > 0 AND d.brand = ?2)"
)
_NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def find_stories(
    conn: sqlite3.Connection, brand: str, articles: Sequence[Article], within: timedelta
) -> dict[int, StoryRow]:
    """For each of these articles the earliest placed mention of the same story, by mention."""
    if not articles:
        return {}
    asked = [
        (one.mention, storable(one.story), *_around(one.created_at, within)) for one in articles
    ]
    story_of = {one.mention: one.story for one in articles}
    found = conn.execute(_FIND, (json(asked), brand)).fetchall()
    ends = {issue: alias_end(conn, issue) for issue in {row[6] for row in found} - {0}}
    return {
        asker: StoryRow(
            Article(mention, story_of[asker], source, url, moment(created_at)),
            original=original or mention,
            issue=ends.get(issue, 0),
        )
        for asker, mention, source, url, created_at, original, issue in found
    }


def with_case(conn: sqlite3.Connection, brand: str, originals: Collection[int]) -> frozenset[int]:
    """Of these mentions, those that have opened a case, themselves or by a copy of them."""
    if not originals:
        return frozenset()
    return frozenset(id for (id,) in conn.execute(_WITH_CASE, (ids(originals), brand)))


def _around(at: datetime, within: timedelta) -> tuple[str, str]:
    """The bounds of a time around a moment, as rows have them; the calendar has an end."""
    first, last = _NEVER
    since = at - within if at - first > within else first
    return stamp(since), stamp(at + within if last - at > within else last)
