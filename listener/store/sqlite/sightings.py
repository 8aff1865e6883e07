"""Which sources have brought a mention: the same post by two routes is one mention, seen twice."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime

import orjson

from listener.store.sqlite.moments import stamp
from listener.store.sqlite.verdicts import ids

# Beside `mentions m`: the names of all its sources, in order of name.
SOURCES = "(SELECT json_group_array(s.source) FROM sightings s WHERE s.mention_id = m.id)"


def see(
    conn: sqlite3.Connection, source: str, first_new: int, known: Collection[int], at: datetime
) -> list[int]:
    """Write down that a source has brought these: all from an id on, and some known ones.

    Returns those of the known ones that it had not brought before.
    """
    when = stamp(at)
    conn.execute(
        "INSERT INTO sightings (mention_id, source, first_seen_at)"
        " SELECT id, ?, ? FROM mentions WHERE id >= ?",
        (source, when, first_new),
    )
    if not known:
        return []
    return [
        id
        for (id,) in conn.execute(
            "INSERT INTO sightings (mention_id, source, first_seen_at)"
            " SELECT j.value, ?1, ?2 FROM json_each(?3) j WHERE NOT EXISTS (SELECT 1"
            " FROM sightings s WHERE s.mention_id = j.value AND s.source = ?1)"
            " ORDER BY j.value RETURNING mention_id",
            (source, when, ids(known)),
        ).fetchall()
    ]


def count_in_issues(conn: sqlite3.Connection, source: str, mentions: Collection[int]) -> None:
    """Count one source more for the issues that these mentions are in already."""
    if not mentions:
        return
    more: Counter[int] = Counter()
    for issue, brought in conn.execute(
        "SELECT g.issue_id, count(*) FROM json_each(?) j"
        " CROSS JOIN memberships g ON g.mention_id = j.value"
        " WHERE g.issue_id IS NOT NULL GROUP BY g.issue_id",
        (ids(mentions),),
    ):
        more[issue] = brought
    for issue, brought in more.items():
        found = conn.execute("SELECT sources FROM issues WHERE id = ?", (issue,)).fetchone()
        sources = orjson.loads(found[0])
        sources[source] = sources.get(source, 0) + brought
        conn.execute(
            "UPDATE issues SET sources = ? WHERE id = ?",
            (orjson.dumps(sources, option=orjson.OPT_SORT_KEYS).decode(), issue),
        )


def others(conn: sqlite3.Connection, mentions: str) -> dict[int, list[str]]:
    """The sources of these mentions (a list in JSON) but the first, by name, where there are any."""
    found: dict[int, list[str]] = defaultdict(list)
    for mention, source in conn.execute(
        "SELECT s.mention_id, s.source FROM json_each(?) j"
        " CROSS JOIN sightings s ON s.mention_id = j.value"
        " WHERE s.source <> (SELECT source FROM mentions WHERE id = j.value)"
        " ORDER BY s.mention_id, s.source",
        (mentions,),
    ):
        found[mention].append(source)
    return dict(found)


def named(first: str, seen: str) -> tuple[str, ...]:
    """The sources of a mention, that which brought it first in front; `seen` as `SOURCES` has them."""
    if "," not in seen:
        return (first,)
    return (first, *(source for source in orjson.loads(seen) if source != first))
