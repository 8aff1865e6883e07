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
    """Enter the authors of these mentions who have an id; the latest handle and name are kept."""
    authors = {(fact.kind, fact.author_id): fact for fact in facts if fact.author_id}
    known = _known(conn, authors)
    next_id = conn.execute("SELECT coalesce(max(id), 0) + 1 FROM people").fetchone()[0]
    strangers = [fact for key, fact in authors.items() if key not in known]
    conn.executemany(
        "INSERT INTO people (id, name, first_seen_at) VALUES (?, ?, ?)",
        [
            (id, fact.name or fact.handle or fact.author_id, fact.created_at)
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
            if key in known and known[key] != (fact.handle, fact.name, fact.followers)
        ],
    )


def _known(
    conn: sqlite3.Connection, authors: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, str, int | None]]:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, author_id in authors:
        by_kind[kind].append(author_id)
    return {
        (kind, author_id): (handle, name, followers)
        for kind, author_ids in by_kind.items()
        for author_id, handle, name, followers in conn.execute(
            "SELECT h.author_id, h.handle, h.name, h.followers FROM json_each(?) j"
            " CROSS JOIN handles h ON h.kind = ? AND h.author_id = j.value",
            (orjson.dumps(author_ids).decode(), kind),
        )
    }
