"""Waking cases that sleep until they get worse, where the change is seen and in its transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

import orjson

from listener.store.rows import Priced
from listener.store.sqlite.counters import Tally
from listener.store.sqlite.journal import Entry, write
from listener.store.sqlite.moments import moment
from listener.store.sqlite.verdicts import ids
from triage.cases import CaseMove
from triage.priority import matter
from triage.verdict import PriorityPart
from triage.worsening import Standing, worse

_ASLEEP = "c.wakes_on = 'worse' AND c.state = 'snoozed'"
_STANDING = (
    "SELECT c.id, c.asleep, coalesce(p.parts, '[]'), coalesce(c.issue_id, 0), coalesce(i.people, 0)"
    " FROM cases c LEFT JOIN issues i ON i.id = c.issue_id LEFT JOIN prices p ON p.case_id = c.id"
)
_OF_PERSON = (
    f"SELECT c.id FROM cases c WHERE {_ASLEEP} AND c.author_id = ? AND c.author_id <> ''"
    " AND c.kind = ? AND c.brand = ? AND c.id <> ?"
)


def risen(conn: sqlite3.Connection, priced: Sequence[Priced], at: str) -> None:
    """Wake those of the newly priced cases that have got worse."""
    _wake_the_worse(conn, "c.id", [one.case for one in priced], at)


def grown(conn: sqlite3.Connection, issues: Iterable[int], at: str, tally: Tally) -> set[int]:
    """Wake cases whose issues have grown; returns which."""
    return _wake_the_worse(conn, "c.issue_id", sorted(issues), at, tally)


def complained_again(
    conn: sqlite3.Connection, opened: Iterable[tuple[int, str, str, str]], at: str, tally: Tally
) -> set[int]:
    """Wake the cases of people of whom another complaint was opened: (case, brand, kind, author)."""
    reasons: dict[int, str] = {}
    if not _anybody(conn):
        return set()
    for case, brand, kind, author in opened:
        for (sleeper,) in conn.execute(_OF_PERSON, (author, kind, brand, case)).fetchall():
            reasons.setdefault(sleeper, f"the same person complains again, in case {case}")
    return _wake(conn, reasons, at, tally)


def spiked(conn: sqlite3.Connection, issues: Mapping[int, str], at: str) -> None:
    """Wake the cases of issues of which something was raised: what it was, by issue."""
    if not issues:
        return
    tally = Tally()
    found = conn.execute(
        "SELECT c.id, c.issue_id FROM json_each(?) j CROSS JOIN cases c ON c.issue_id = j.value"
        f" AND {_ASLEEP}",
        (ids(issues),),
    ).fetchall()
    _wake(conn, {case: issues[issue] for case, issue in found}, at, tally)
    tally.keep(conn)


def _wake_the_worse(
    conn: sqlite3.Connection, column: str, of: Sequence[int], at: str, tally: Tally | None = None
) -> set[int]:
    if not of or not _anybody(conn):
        return set()
    rows = conn.execute(
        f"{_STANDING} WHERE {_ASLEEP} AND {column} IN (SELECT value FROM json_each(?))", (ids(of),)
    ).fetchall()
    reasons = {
        row[0]: why
        for row in rows
        if row[1] and (why := worse(Standing(*orjson.loads(row[1])), _now(row)))
    }
    own = tally or Tally()
    woken = _wake(conn, reasons, at, own)
    if tally is None:
        own.keep(conn)
    return woken


def _anybody(conn: sqlite3.Connection) -> bool:
    """Whether any case sleeps so: mostly none does, and a batch need not look for each of its own."""
    found = conn.execute("SELECT 1 FROM cases WHERE wakes_on = 'worse' LIMIT 1").fetchone()
    return found is not None


def _now(row: tuple[int, str, str, int, int]) -> Standing:
    parts = [PriorityPart(*part) for part in orjson.loads(row[2])]
    return Standing(matter(parts), row[3], row[4])


def _wake(conn: sqlite3.Connection, reasons: Mapping[int, str], at: str, tally: Tally) -> set[int]:
    for case, why in sorted(reasons.items()):
        brand, lane, until, asleep = conn.execute(
            "SELECT brand, lane, snooze_until, asleep FROM cases WHERE id = ?", (case,)
        ).fetchone()
        conn.execute(
            "UPDATE cases SET state = 'new', snooze_until = NULL, wakes_on = '', asleep = '',"
            " next_change_at = ?, version = version + 1 WHERE id = ?",
            (at, case),
        )
        write(
            conn,
            Entry(
                at=moment(at),
                actor="listener",
                action=str(CaseMove.WAKE),
                entity="case",
                entity_id=case,
                case=case,
                before={
                    "state": "snoozed",
                    "snooze_until": until,
                    "wakes_on": "worse",
                    "asleep": asleep,
                },
                after={"state": "new", "snooze_until": None, "wakes_on": "", "asleep": ""},
                note=f"it got worse: {why}",
            ),
        )
        tally.case(brand, "snoozed", lane, -1)
        tally.case(brand, "new", lane, 1)
    return set(reasons)
