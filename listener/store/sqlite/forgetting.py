"""Erasing what is too old, and whatever one person said."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from listener.store.forgetting import Erased, Handle
from listener.store.sqlite.counters import Tally
from listener.store.sqlite.database import Database
from listener.store.sqlite.erasing import erase
from listener.store.sqlite.erasing_people import counted, erase_person
from listener.store.sqlite.moments import stamp
from sources.protocols import Tombstone

_PAGE = 1000
# Up to which mention all that could go is gone, and before which time that is so. Mentions have
# their ids in the order in which they were seen.
_THROUGH, _BEFORE = "forgotten:through", "forgotten:before"
# When it was first asked to forget far more than a day's worth, and how long that must stay so: a
# clock that leaps into the future for an hour must not cost a year of words.
_HELD = "forgotten:held"
LEAP = timedelta(days=30)
HELD_FOR = timedelta(days=2)
_NEXT = (
    "SELECT m.id, m.kind, m.external_id, m.seen_at, m.deleted_at IS NOT NULL, EXISTS (SELECT 1"
    " FROM case_mentions x JOIN cases c ON c.id = x.case_id WHERE x.mention_id = m.id"
    " AND c.state NOT IN ('resolved', 'dismissed')) FROM mentions m WHERE m.id > ?"
    " ORDER BY m.id LIMIT ?"
)


class Forgetting:
    """The verbs of forgetting."""

    _db: Database

    def forget(self, before: datetime, at: datetime, limit: int) -> int:
        """Erase the words of up to `limit` mentions first seen before then; returns how many."""
        with self._db.reading() as conn:
            if _mark(conn, _BEFORE) == int(before.timestamp()) or _held(conn, before, at):
                return 0
        with self._db.writing() as conn:
            if not _let_go(conn, before, at):
                return 0
            old, through = _old(conn, _mark(conn, _THROUGH), stamp(before), limit)
            tally = Tally()
            erase(conn, old, at, tally)
            tally.keep(conn)
            _set(conn, _THROUGH, through)
            if len(old) < limit:
                _set(conn, _BEFORE, int(before.timestamp()))
        return len(old)

    def would_erase(self, handles: Sequence[Handle]) -> Erased:
        """What `erase_person` would erase now."""
        with self._db.reading() as conn:
            return counted(conn, handles)

    def erase_person(
        self, handles: Sequence[Handle], at: datetime, actor: str, person: int = 0
    ) -> Erased:
        """Erase every mention of somebody with these handles, who they are, and what we wrote of them."""
        with self._db.writing() as conn:
            erased = erase_person(conn, handles, at, actor, person)
        if erased.posts:
            self._db.scour()
        return erased

    def rest(self) -> None:
        """Give memory back that only makes reading quicker."""
        self._db.rest()


def _old(
    conn: sqlite3.Connection, last: int, before: str, limit: int
) -> tuple[list[Tombstone], int]:
    """The next mentions that can go, and up to which one none is left that could not yet."""
    old: list[Tombstone] = []
    waits: int | None = None
    while page := conn.execute(_NEXT, (last, _PAGE)).fetchall():
        for id, kind, external_id, seen_at, gone, at_work in page:
            if seen_at >= before or len(old) >= limit:
                return old, last if waits is None else waits
            if at_work and waits is None:
                waits = last
            if not gone and not at_work:
                old.append(Tombstone(kind, external_id))
            last = id
    return old, last if waits is None else waits


def _leaps(conn: sqlite3.Connection, before: datetime) -> bool:
    """Whether far more would go than since the last time."""
    mark = _mark(conn, _BEFORE)
    return mark > 0 and before.timestamp() - mark > LEAP.total_seconds()


def _held(conn: sqlite3.Connection, before: datetime, at: datetime) -> bool:
    """Whether a leap was noticed lately, and not long enough ago to believe it."""
    since = int(at.timestamp()) - _mark(conn, _HELD)
    return _leaps(conn, before) and 0 <= since < HELD_FOR.total_seconds()


def _let_go(conn: sqlite3.Connection, before: datetime, at: datetime) -> bool:
    """Whether to erase now; remembers a leap of the clock, and that it went back."""
    then, now = int(before.timestamp()), int(at.timestamp())
    if _mark(conn, _BEFORE) > then:  # the clock was ahead, or words are kept for longer now
        _set(conn, _BEFORE, then)
        return False
    if not _leaps(conn, before):
        return True
    if HELD_FOR.total_seconds() <= now - _mark(conn, _HELD) <= LEAP.total_seconds():
        return True
    _set(conn, _HELD, now)
    return False


def _mark(conn: sqlite3.Connection, name: str) -> int:
    found = conn.execute(
        "SELECT value FROM counters WHERE brand = '' AND name = ?", (name,)
    ).fetchone()
    return int(found[0]) if found else 0


def _set(conn: sqlite3.Connection, name: str, value: int) -> None:
    conn.execute(
        "INSERT INTO counters (brand, name, value) VALUES ('', ?, ?)"
        " ON CONFLICT DO UPDATE SET value = excluded.value",
        (name, value),
    )
