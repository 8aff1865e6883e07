"""The work of triage: what waits, the transaction it is done in, and what it must remember."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise

from listener.store.grouping import GroupingScope
from listener.store.protocol import TriageScope
from listener.store.rows import Pending, Span
from listener.store.sqlite import mentions as rows
from listener.store.sqlite.counters import Tally
from listener.store.sqlite.database import Database
from listener.store.sqlite.grouping import alias_end
from listener.store.sqlite.journal import Entry, write
from listener.store.sqlite.moments import moment, stamp
from listener.store.sqlite.scope import SqliteTriageScope
from listener.store.sqlite.threads import talks
from listener.store.sqlite.verdicts import ids
from triage.cases import CaseMove
from triage.protocols import Placement, Post
from triage.verdict import Lane

_PAGE = 1000

_OUTSIDE = ", ".join("m." + name.strip() for name in rows.COLUMNS.split(","))
_WAITING = (
    f"SELECT {_OUTSIDE}, EXISTS (SELECT 1 FROM verdicts v WHERE v.mention_id = m.id)"
    " FROM pending p JOIN mentions m ON m.id = p.mention_id"
)
_PENDING = f"{_WAITING} ORDER BY p.mention_id LIMIT ?"
_PENDING_OF = (
    f"{_WAITING} WHERE p.mention_id IN (SELECT value FROM json_each(?)) ORDER BY p.mention_id"
)
# A post is remembered by the words by which it was placed, and its vector is theirs: those that the
# first edit since then has replaced, or those it still has.
_PLACED = (
    "SELECT g.mention_id, coalesce(e.title, m.title), coalesce(e.text, m.text), x.vector, v.lane,"
    " m.created_at, m.author_id,"
    " g.issue_id, g.similarity, g.nearest, g.duplicate_of"
    " FROM memberships g JOIN mentions m ON m.id = g.mention_id"
    " JOIN verdicts v ON v.mention_id = g.mention_id AND v.brand = g.brand"
    " LEFT JOIN vectors x ON x.mention_id = g.mention_id AND x.model = ?"
    " LEFT JOIN edits e ON e.id = (SELECT min(id) FROM edits"
    " WHERE mention_id = g.mention_id AND id > g.after_edit)"
    " WHERE g.brand = ? AND g.mention_id BETWEEN ? AND ?"
    " AND m.deleted_at IS NULL AND NOT g.same_story ORDER BY g.mention_id"
)
_ENDING = (  # leases and snoozes that are over
    "SELECT id, brand, state, lane, owner, lease_until, snooze_until, wakes_on, asleep FROM cases"
    " WHERE wake_at <= ?1 AND ((state = 'answering' AND lease_until <= ?1)"
    " OR (state = 'snoozed' AND snooze_until <= ?1)) ORDER BY wake_at, id"
)
_SLEEP = ("snooze_until", "wakes_on", "asleep")
_AWAKE = {"state": "new", "owner": "", "wakes_on": "", "asleep": ""}


class Triaging:
    """The verbs of triage."""

    _db: Database

    def pending(self, limit: int) -> list[Pending]:
        """Mentions waiting to be judged, in order of arrival."""
        with self._db.reading() as conn:
            return [_pending(row) for row in conn.execute(_PENDING, (limit,))]

    def talks(self, mentions: Sequence[Pending]) -> dict[int, tuple[str, ...]]:
        """The brands that these people talk about already, by mention, each by name."""
        asked = [
            (one.id, said.kind, said.author.id, said.thread.root, said.thread.parent)
            for one in mentions
            if (said := one.mention).author.id and (said.thread.root or said.thread.parent)
        ]
        if not asked:
            return {}
        with self._db.reading() as conn:
            return talks(conn, asked)

    @contextmanager
    def triage(self) -> Iterator[TriageScope]:
        """Open a triage transaction; leaving it commits, an error undoes all."""
        with self._db.writing() as conn:
            yield SqliteTriageScope(conn)

    @contextmanager
    def groups(self) -> Iterator[GroupingScope]:
        """Look at what grouping knows, in one consistent state; no writer waits for it."""
        with self._db.reading() as conn:
            yield SqliteTriageScope(conn)

    def placed(
        self, brand: str, limit: int, model: str = "", after: int = 0
    ) -> Iterator[tuple[Post, Placement]]:
        """The brand's latest `limit` placed posts in order of id, merged issues resolved."""
        with self._db.reading() as conn:
            edges = _pages(conn, brand, limit, after)
        for first, end in pairwise(edges):
            with self._db.reading() as conn:
                found = conn.execute(_PLACED, (model, brand, first, end - 1)).fetchall()
                ends = {
                    issue: alias_end(conn, issue) for issue in {row[7] for row in found} - {None}
                }
            for id, title, text, vector, lane, created_at, author, issue, *how in found:
                said = rows.full_text(title, text)
                post = Post(id, said, vector or b"", Lane(lane), moment(created_at), author)
                yield post, Placement(id, ends.get(issue, 0), *how)

    def cases_to_price(self, at: datetime, limit: int) -> list[int]:
        """Open cases one of whose parts changes by `at`, the longest overdue first.

        Leases and snoozes that are over by then are ended before: those cases are new again, with a
        history row by "listener", and are among those returned.
        """
        self._end_waiting(at)
        with self._db.reading() as conn:
            found = conn.execute(
                "SELECT id FROM cases WHERE wake_at <= ? ORDER BY wake_at, id LIMIT ?",
                (stamp(at), limit),
            ).fetchall()
        return [id for (id,) in found]

    def _end_waiting(self, at: datetime) -> None:
        now = stamp(at)
        with self._db.reading() as conn:
            if conn.execute(f"{_ENDING} LIMIT 1", (now,)).fetchone() is None:
                return
        with self._db.writing() as conn:
            tally = Tally()
            for case, brand, state, lane, owner, lease, *asleep in conn.execute(
                _ENDING, (now,)
            ).fetchall():
                # Whoever let a lease run out has given the case back.
                before = (
                    {"state": state, "owner": owner, "lease_until": lease}
                    if state == "answering"
                    else {"state": state, **dict(zip(_SLEEP, asleep, strict=True))}
                )
                after = {name: _AWAKE.get(name) for name in before}
                conn.execute(
                    f"UPDATE cases SET {', '.join(f'{name} = ?' for name in after)},"
                    " next_change_at = ?, version = version + 1 WHERE id = ?",
                    (*after.values(), now, case),
                )
                write(
                    conn,
                    Entry(
                        at=at,
                        actor="listener",
                        action=str(CaseMove.LAPSE if state == "answering" else CaseMove.WAKE),
                        entity="case",
                        entity_id=case,
                        case=case,
                        before=before,
                        after=after,
                        note="the lease ran out" if state == "answering" else "the snooze is over",
                    ),
                )
                tally.case(brand, state, lane, -1)
                tally.case(brand, "new", lane, 1)
            tally.keep(conn)


def pending_of(conn: sqlite3.Connection, mentions: Sequence[int]) -> list[Pending]:
    """Of these mentions those that wait to be judged, in order of arrival."""
    return [_pending(row) for row in conn.execute(_PENDING_OF, (ids(mentions),))]


def _pending(row: rows.Row) -> Pending:
    return Pending(
        id=row[0], source=row[1], mention=rows.said(row), brand=row[17], again=bool(row[-1])
    )


def bounds(span: Span) -> tuple[str, str]:
    """The span as the times of rows: from the first, up to but not including the second."""
    return stamp(span.since) or "", stamp(span.until) or "~"


def _pages(conn: sqlite3.Connection, brand: str, limit: int, after: int) -> list[int]:
    """First ids of the pages that hold the brand's latest posts, and one past the last."""
    found = [
        id
        for (id,) in conn.execute(
            "SELECT mention_id FROM memberships WHERE brand = ? AND mention_id > ?"
            " ORDER BY mention_id DESC LIMIT ?",
            (brand, after, limit),
        )
    ]
    if not found:
        return []
    found.reverse()
    return [*found[::_PAGE], found[-1] + 1]
