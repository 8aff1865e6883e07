"""Erasing a person: all they said, who they are, and what was written here about them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import orjson

from listener.store.forgetting import Erased, Handle
from listener.store.sqlite.counters import CLOSED, Tally
from listener.store.sqlite.erasing import erase
from listener.store.sqlite.journal import Entry, write
from listener.store.sqlite.moments import storable
from listener.store.sqlite.verdicts import ids
from sources.protocols import Tombstone

# Beside texts, what people type in a move: it may name whom it is about.
_TYPED = ("text", "resolution", "label")
_MACHINES = ("listener", "source")
_THESE = "IN (SELECT value FROM json_each(?))"
_POSTS = (
    "SELECT id, external_id FROM mentions WHERE kind = ? AND author_id = ? AND author_id <> ''"
    " AND deleted_at IS NULL ORDER BY id"
)
_CASES = (
    "SELECT DISTINCT c.id, c.state FROM json_each(?) j"
    " CROSS JOIN case_mentions x ON x.mention_id = j.value CROSS JOIN cases c ON c.id = x.case_id"
)


def counted(conn: sqlite3.Connection, handles: Sequence[Handle]) -> Erased:
    """How much there is of somebody with these handles."""
    posts = [post for post, _ in _posts(conn, handles)]
    cases = conn.execute(_CASES, (ids(posts),)).fetchall()
    listed = ids(case for case, _ in cases)
    written, labels = (
        conn.execute(f"SELECT count(*) FROM {table} WHERE case_id {_THESE}", (listed,)).fetchone()[
            0
        ]
        for table in ("replies", "case_labels")
    )
    still = sum(state not in CLOSED for _, state in cases)
    return Erased(len(posts), len(cases), still, written, labels)


def erase_person(
    conn: sqlite3.Connection, handles: Sequence[Handle], at: datetime, actor: str, person: int
) -> Erased:
    """Erase somebody with these handles, and write down who did so, and how much it was."""
    found = counted(conn, handles)
    posts = _posts(conn, handles)
    if not posts:
        return found
    mentions = [id for id, _ in posts]
    cases = ids(case for case, _ in conn.execute(_CASES, (ids(mentions),)).fetchall())
    tally = Tally()
    erase(conn, [tombstone for _, tombstone in posts], at, tally, by=actor)
    tally.keep(conn)
    conn.execute("PRAGMA secure_delete = ON")
    try:
        _forget_what_we_wrote(conn, cases)
        _forget_remarks(conn, "case_id", cases)
        _forget_remarks(conn, "entity = 'mention' AND entity_id", ids(mentions))
    finally:
        conn.execute("PRAGMA secure_delete = OFF")
    said = f"{found.posts} posts, {found.cases} cases, {found.written} drafts, replies and notes"
    write(conn, Entry(at, actor, "erase", "person", person, note=said))
    return found


def _posts(conn: sqlite3.Connection, handles: Sequence[Handle]) -> list[tuple[int, Tombstone]]:
    return [
        (id, Tombstone(kind, external_id))
        for kind, author in dict.fromkeys(handles)
        for id, external_id in conn.execute(_POSTS, (storable(kind), storable(author))).fetchall()
    ]


def _forget_what_we_wrote(conn: sqlite3.Connection, cases: str) -> None:
    conn.execute(
        "UPDATE replies SET text = '', version = version + 1,"
        " state = CASE state WHEN 'sent' THEN 'sent' ELSE 'cancelled' END"
        f" WHERE case_id {_THESE}",
        (cases,),
    )
    conn.execute(
        "UPDATE outbox SET answer = '' WHERE reply_id IN"
        f" (SELECT id FROM replies WHERE case_id {_THESE})",
        (cases,),
    )
    conn.execute(f"DELETE FROM case_labels WHERE case_id {_THESE}", (cases,))
    conn.execute(
        "UPDATE cases SET resolution = '', version = version + 1"
        f" WHERE id {_THESE} AND resolution <> ''",
        (cases,),
    )


def _forget_remarks(conn: sqlite3.Connection, of: str, listed: str) -> None:
    """Leave of the moves who made them, when, and what they changed, and none of the words."""
    for id, actor, before, after in conn.execute(
        f"SELECT id, actor, before, after FROM history WHERE {of} {_THESE}", (listed,)
    ).fetchall():
        conn.execute(
            "UPDATE history SET before = ?, after = ?,"
            " note = CASE ? WHEN 1 THEN note ELSE '' END WHERE id = ?",
            (_wordless(before), _wordless(after), int(actor in _MACHINES), id),
        )


def _wordless(values: str) -> str:
    kept = orjson.loads(values)
    return orjson.dumps(
        {name: "" if name.endswith(_TYPED) and one else one for name, one in kept.items()}
    ).decode()
