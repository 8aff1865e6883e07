"""Counting along when posts go from one issue to another: what is moved is looked at, nothing else."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson

from listener.store.sqlite.hours import stale
from listener.store.sqlite.sightings import others
from listener.store.sqlite.verdicts import ids
from triage.priority import issue_level

Moved = tuple[int, int, int]  # mention, the issue it was in, the one it is in now

_FACTS = (
    "SELECT g.mention_id, m.source, m.kind, m.author_id, m.deleted_at IS NULL AND NOT g.same_story,"
    " g.erased_person, coalesce(v.lane, ''), g.created_at FROM json_each(?1) j"
    " CROSS JOIN memberships g ON g.mention_id = j.value AND g.brand = ?2"
    " CROSS JOIN mentions m ON m.id = g.mention_id"
    " LEFT JOIN verdicts v ON v.mention_id = g.mention_id AND v.brand = g.brand"
)
_MET = (
    "SELECT p.issue_id, p.kind, p.author_id, p.posts FROM json_each(?) j"
    " CROSS JOIN issue_people p ON p.issue_id = json_extract(j.value, '$[0]')"
    " AND p.kind = json_extract(j.value, '$[1]') AND p.author_id = json_extract(j.value, '$[2]')"
)
_BOUNDS = (
    "UPDATE issues SET"
    " first_seen = coalesce((SELECT created_at FROM memberships WHERE issue_id = ?1"
    " ORDER BY created_at LIMIT 1), first_seen),"
    " last_seen = coalesce((SELECT created_at FROM memberships WHERE issue_id = ?1"
    " ORDER BY created_at DESC LIMIT 1), last_seen) WHERE id = ?1"
)


@dataclass(slots=True)
class _Change:
    mentions: int = 0
    people: int = 0
    lanes: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)


def shift(conn: sqlite3.Connection, brand: str, moved: Sequence[Moved]) -> set[int]:
    """Let the counts, times and people of issues follow posts that moved; each mention once.

    Their memberships have been changed already. Returns the issues whose number of people has come
    to another level of `triage.priority`.
    """
    changes: dict[int, _Change] = defaultdict(_Change)
    people: Counter[tuple[int, str, str]] = Counter()
    ends = {mention: (source, target) for mention, source, target in moved}
    listed = ids(ends)
    more = others(conn, listed)
    heard: list[tuple[int, str]] = []
    for mention, source, kind, author, counts, erased, lane, said in conn.execute(
        _FACTS, (listed, brand)
    ).fetchall():
        for issue, by in zip(ends[mention], (-1, 1), strict=True):
            change = changes[issue]
            heard.append((issue, said))
            change.mentions += by
            change.people += by * erased
            change.lanes[lane] += by
            for one in (source, *more.get(mention, ())):
                change.sources[one] += by
            if counts:
                people[issue, kind, author] += by
    stale(conn, heard)
    _meet(conn, people, changes)
    return _count(conn, changes)


def _meet(
    conn: sqlite3.Connection, people: Counter[tuple[int, str, str]], changes: dict[int, _Change]
) -> None:
    """Change how often each issue has met whom, and note who is new to it or gone from it."""
    changed = {key: by for key, by in people.items() if by}
    met = {
        (issue, kind, author): posts
        for issue, kind, author, posts in conn.execute(
            _MET, (orjson.dumps(list(changed)).decode(),)
        ).fetchall()
    }
    rows, gone = [], []
    for key, by in changed.items():
        before = met.get(key, 0)
        after = before + by
        if after > 0:
            rows.append((*key, after))
        elif before:
            gone.append(key)
        changes[key[0]].people += (after > 0) - (before > 0)
    conn.executemany(
        "INSERT INTO issue_people (issue_id, kind, author_id, posts) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET posts = excluded.posts",
        rows,
    )
    conn.executemany(
        "DELETE FROM issue_people WHERE issue_id = ? AND kind = ? AND author_id = ?", gone
    )


def _count(conn: sqlite3.Connection, changes: dict[int, _Change]) -> set[int]:
    risen, rows = set(), []
    for issue, people, lanes, sources in conn.execute(
        "SELECT i.id, i.people, i.lanes, i.sources FROM json_each(?) j"
        " CROSS JOIN issues i ON i.id = j.value",
        (ids(changes),),
    ).fetchall():
        change = changes[issue]
        if issue_level(people) != issue_level(people + change.people):
            risen.add(issue)
        of_lanes = _sum(lanes, change.lanes)
        lane = min(of_lanes, key=lambda name: (-of_lanes[name], name), default="")
        rows.append(
            (
                *(change.mentions, change.people, _json(of_lanes)),
                *(_json(_sum(sources, change.sources)), lane, issue),
            )
        )
    conn.executemany(
        "UPDATE issues SET mentions = mentions + ?, people = people + ?, lanes = ?, sources = ?,"
        " lane = coalesce(nullif(?, ''), lane) WHERE id = ?",
        rows,
    )
    conn.executemany(_BOUNDS, [(issue,) for issue in changes])
    return risen


def _sum(counted: str, changes: Counter[str]) -> dict[str, int]:
    total = Counter(orjson.loads(counted))
    total.update({name: by for name, by in changes.items() if name})
    return dict(+total)


def _json(counted: dict[str, int]) -> str:
    return orjson.dumps(counted, option=orjson.OPT_SORT_KEYS).decode()


def follow(conn: sqlite3.Connection, brand: str, moved: Iterable[Moved]) -> set[int]:
    """Take the cases that these mentions opened along; returns those that are open."""
    conn.executemany(
        "UPDATE cases SET issue_id = ? WHERE mention_id = ? AND brand = ?",
        [(target, mention, brand) for mention, _, target in moved],
    )
    return {
        id
        for (id,) in conn.execute(
            "SELECT c.id FROM json_each(?) j CROSS JOIN cases c ON c.mention_id = j.value"
            " AND c.brand = ? WHERE c.state NOT IN ('resolved', 'dismissed')",
            (ids(mention for mention, _, _ in moved), brand),
        )
    }
