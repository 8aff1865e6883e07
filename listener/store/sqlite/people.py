"""People and the handles known to be theirs."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import orjson


class Fact(NamedTuple):
    """What a triage batch must know of a stored mention."""

    mention: int
    source: str
    kind: str
    author_id: str
    handle: str
    name: str
    followers: int | None
    created_at: str
    deleted: bool
    sources: tuple[str, ...] = ()


def meet(conn: sqlite3.Connection, facts: Iterable[Fact]) -> None:
    """Enter the authors of these mentions who have an id; the latest handle and name are kept.

    They were first seen when the earliest of their posts was written, in whatever order these come.
    """
    authors: dict[tuple[str, str], Fact] = {}
    first: dict[tuple[str, str], str] = {}
    for fact in facts:
        if fact.author_id:
            key = fact.kind, fact.author_id
            authors[key] = fact
            first[key] = min(fact.created_at, first.get(key, fact.created_at))
    known = _known(conn, authors)
    next_id = conn.execute("SELECT coalesce(max(id), 0) + 1 FROM people").fetchone()[0]
    strangers = [fact for key, fact in authors.items() if key not in known]
    conn.executemany(
        "INSERT INTO people (id, name, first_seen_at) VALUES (?, ?, ?)",
        [
            (id, fact.name or fact.handle or fact.author_id, first[fact.kind, fact.author_id])
            for id, fact in enumerate(strangers, start=next_id)
        ],
    )
    conn.executemany(
        "INSERT INTO handles (kind, author_id, person_id, handle, name, followers)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [
            (fact.kind, fact.author_id, id, fact.handle, fact.name, fact.followers)
            for id, fact in enumerate(strangers, start=next_id)
        ],
    )
    conn.executemany(
        "UPDATE handles SET handle = ?, name = ?, followers = ? WHERE kind = ? AND author_id = ?",
        [
            (fact.handle, fact.name, fact.followers, *key)
            for key, fact in authors.items()
            if key in known and known[key].latest != (fact.handle, fact.name, fact.followers)
        ],
    )
    conn.executemany(
        "UPDATE people SET first_seen_at = ? WHERE id = ?",
        [
            (first[key], person.id)
            for key, person in known.items()
            if first[key] < person.first_seen_at
        ],
    )


class _Known(NamedTuple):
    id: int
    first_seen_at: str
    latest: tuple[str, str, int | None]


def _known(
    conn: sqlite3.Connection, authors: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], _Known]:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, author_id in authors:
        by_kind[kind].append(author_id)
    return {
        (kind, author_id): _Known(id, seen, (handle, name, followers))
        for kind, author_ids in by_kind.items()
        for author_id, id, seen, handle, name, followers in conn.execute(
            "SELECT h.author_id, p.id, p.first_seen_at, h.handle, h.name, h.followers"
            " FROM json_each(?) j CROSS JOIN handles h ON h.kind = ? AND h.author_id = j.value"
            " JOIN people p ON p.id = h.person_id",
            (orjson.dumps(author_ids).decode(), kind),
        )
    }
