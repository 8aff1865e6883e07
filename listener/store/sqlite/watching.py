"""The verbs of the watch: what issues got by the hour, alarms, and deliveries."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from listener.store.alarms import (
    Activity,
    AlarmRow,
    DeliveryRow,
    Hourly,
    Late,
    NewAlarm,
    PhaseMove,
    Settled,
    Watched,
)
from listener.store.sqlite import hours
from listener.store.sqlite.database import Database
from listener.store.sqlite.journal import Entry, write
from listener.store.sqlite.moments import moment, stamp, storable
from listener.store.sqlite.verdicts import ids, json
from listener.store.sqlite.waking import spiked

Row = tuple[Any, ...]

_PAGE = 500
# What is imported has no health: nobody asks again whether it is there.
_HEARD_SINCE = (
    "SELECT min(CASE WHEN h.source IS NULL THEN min(coalesce(r.oldest, r.started_at), r.started_at)"
    " ELSE r.started_at END) FROM runs r LEFT JOIN source_health h ON h.source = r.source"
)
_ACTIVE = (
    "SELECT i.id FROM issues i WHERE i.merged_into IS NULL AND i.mentions > 0 AND (i.id IN"
    " (SELECT issue_id FROM issue_hours WHERE hour >= ?) OR i.phase <> 'known') ORDER BY i.id"
)
_ISSUES = (
    "SELECT i.id, i.brand, i.state, i.phase, i.people, i.first_seen, i.fixed_at, a.key, a.until"
    " FROM json_each(?) j CROSS JOIN issues i ON i.id = j.value LEFT JOIN alarms a ON a.id ="
    " (SELECT max(id) FROM alarms WHERE issue_id = i.id AND what = 'spike') ORDER BY i.id"
)
_ALARM = (
    "a.id, a.key, a.what, a.brand, a.issue_id, a.case_id, coalesce(i.title, ''), a.reasons,"
    " a.per_week, a.at, a.until"
)
_JOINED = "alarms a LEFT JOIN issues i ON i.id = a.issue_id"
_DELIVERY = (
    f"SELECT d.id, d.target, d.state, d.attempts, d.not_before, d.sent_at, d.answer, {_ALARM}"
)
_RAISE = (
    "INSERT INTO alarms (key, what, brand, issue_id, case_id, reasons, per_week, at, until)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING RETURNING id"
)
# What wakes cases that sleep until they get worse.
_SAID = {"spike": "spikes", "growing": "grows", "back": "is back after its fix"}


class Watching:
    """What the watch reads and writes."""

    _db: Database

    def count_hours(self, limit: int = 5_000) -> int:
        """Bring up to `limit` counters of (issue, hour) up to date; returns how many were not."""
        with self._db.reading() as conn:
            if conn.execute("SELECT 1 FROM stale_hours LIMIT 1").fetchone() is None:
                return 0
        with self._db.writing() as conn:
            return hours.count(conn, limit)

    def issue_hours(self, issues: Sequence[int], since: datetime) -> dict[int, tuple[Hourly, ...]]:
        """What these issues got by the hour from `since` on, oldest first; silent ones are left out."""
        with self._db.reading() as conn:
            return _by_hour(conn, ids(issues), since)

    def heard_since(self) -> datetime | None:
        """Since when anything was listened to: the first run, or the earliest post of an import."""
        with self._db.reading() as conn:
            [first] = conn.execute(_HEARD_SINCE).fetchone()
        return None if first is None else moment(str(first))

    def active(self, since: datetime, heard: datetime) -> Iterator[Activity]:
        """Issues with a post since `heard`, and those not looked at, new or growing."""
        with self._db.reading() as conn:
            found = [id for (id,) in conn.execute(_ACTIVE, (stamp(heard),))]
        for start in range(0, len(found), _PAGE):
            page = ids(found[start : start + _PAGE])
            with self._db.reading() as conn:
                rows = conn.execute(_ISSUES, (page,)).fetchall()
                by_hour = _by_hour(conn, page, since)
            yield from _activities(rows, by_hour)

    def crowd(self, issue: int, since: datetime, until: datetime) -> int:
        """How many distinct people wrote in an issue in [since, until); stories count once."""
        with self._db.reading() as conn:
            [people] = conn.execute(
                "SELECT count(DISTINCT CASE WHEN m.deleted_at IS NULL"
                " THEN m.kind || ' ' || m.author_id END) + coalesce(sum(g.erased_person), 0)"
                " FROM memberships g JOIN mentions m ON m.id = g.mention_id"
                " WHERE g.issue_id = ? AND g.created_at >= ? AND g.created_at < ?"
                " AND NOT g.same_story",
                (issue, stamp(since), stamp(until)),
            ).fetchone()
        return int(people)

    def overdue(self, since: datetime, at: datetime) -> list[Late]:
        """Cases that it is our turn in and whose promise fell due in (since, at], in order of time."""
        with self._db.reading() as conn:
            found = conn.execute(
                "SELECT id, brand, lane, due_at FROM cases WHERE due_at > ? AND due_at <= ?"
                " AND state IN ('new', 'answering') AND paused_at IS NULL ORDER BY due_at, id",
                (stamp(since), stamp(at)),
            ).fetchall()
        return [Late(case, brand, lane, moment(due)) for case, brand, lane, due in found]

    def watched(self, found: Watched) -> list[AlarmRow]:
        """Write alarms with their deliveries, phases with their history; returns the new alarms."""
        with self._db.writing() as conn:
            new = [(one, _raise(conn, one, found.at)) for one in found.alarms]
            raised = [id for _, id in new if id is not None]
            heard = {
                one.issue: f"its issue {_SAID[one.what]}"
                for one, id in new
                if id is not None and one.issue is not None and one.what in _SAID
            }
            spiked(conn, heard, stamp(found.at))
            conn.executemany(
                "UPDATE alarms SET until = ? WHERE key = ?",
                [(stamp(found.at), key) for key in found.holding],
            )
            for move in found.phases:
                _change_phase(conn, move, found.at)
            return _alarms(conn, "a.id IN (SELECT value FROM json_each(?))", (ids(raised),))

    def alarms(self, what: str = "", issue: int | None = None, limit: int = 100) -> list[AlarmRow]:
        """Alarms, the latest first."""
        where = "? IN ('', a.what) AND ? IN (-1, a.issue_id)"
        with self._db.reading() as conn:
            return _alarms(conn, where, (what, -1 if issue is None else issue), limit)

    def take_deliveries(self, at: datetime, lost: datetime, limit: int = 500) -> list[DeliveryRow]:
        """Take what is due, oldest first; it is `sending` from now on, and nobody else's."""
        due = (stamp(at), stamp(lost))
        with self._db.reading() as conn:
            if not conn.execute(
                "SELECT 1 FROM deliveries WHERE (state = 'waiting' AND not_before <= ?)"
                " OR (state = 'sending' AND taken_at < ?) LIMIT 1",
                due,
            ).fetchone():
                return []
        with self._db.writing() as conn:
            conn.execute(
                "UPDATE deliveries SET state = 'in doubt', answer = 'whoever sent it died meanwhile'"
                " WHERE state = 'sending' AND taken_at < ?",
                due[1:],
            )
            taken = [
                id
                for (id,) in conn.execute(
                    "SELECT id FROM deliveries WHERE state = 'waiting' AND not_before <= ?"
                    " ORDER BY id LIMIT ?",
                    (due[0], limit),
                )
            ]
            conn.executemany(
                "UPDATE deliveries SET state = 'sending', taken_at = ?, attempts = attempts + 1"
                " WHERE id = ?",
                [(due[0], id) for id in taken],
            )
            rows = _deliveries(conn, "d.id IN (SELECT value FROM json_each(?))", (ids(taken),))
        return rows[::-1]

    def settle_deliveries(self, settled: Sequence[Settled]) -> int:
        """Write what became of deliveries; returns how many were still in the state expected."""
        with self._db.writing() as conn:
            return conn.executemany(
                "UPDATE deliveries SET state = ?1, answer = ?2, taken_at = NULL,"
                " sent_at = CASE ?1 WHEN 'sent' THEN ?3 ELSE sent_at END,"
                " not_before = coalesce(?4, not_before) WHERE id = ?5 AND state = ?6",
                [
                    (
                        one.state,
                        storable(one.answer),
                        stamp(one.at),
                        stamp(one.not_before),
                        one.delivery,
                        one.expect,
                    )
                    for one in settled
                ],
            ).rowcount

    def deliveries(self, state: str = "", limit: int = 100) -> list[DeliveryRow]:
        """Deliveries, the latest first."""
        with self._db.reading() as conn:
            return _deliveries(conn, "? IN ('', d.state)", (state,), limit)


def _by_hour(
    conn: sqlite3.Connection, listed: str, since: datetime
) -> dict[int, tuple[Hourly, ...]]:
    heard: dict[int, list[Hourly]] = defaultdict(list)
    for issue, hour, posts, people in conn.execute(
        "SELECT h.issue_id, h.hour, h.posts, h.people FROM json_each(?) j"
        " CROSS JOIN issue_hours h ON h.issue_id = j.value AND h.hour >= ?"
        " ORDER BY h.issue_id, h.hour",
        (listed, stamp(since)),
    ):
        heard[issue].append(Hourly(moment(hour), posts, people))
    return {issue: tuple(hours) for issue, hours in heard.items()}


def _activities(rows: Sequence[Row], heard: Mapping[int, tuple[Hourly, ...]]) -> Iterator[Activity]:
    for issue, brand, state, phase, people, first, fixed, key, until in rows:
        yield Activity(
            issue=issue,
            brand=brand,
            state=state,
            phase=phase,
            people=people,
            first_seen=moment(first),
            fixed_at=moment(fixed),
            hours=heard.get(issue, ()),
            alarm=key or "",
            alarm_until=moment(until),
        )


def _raise(conn: sqlite3.Connection, one: NewAlarm, at: datetime) -> int | None:
    """Write an alarm and whom to tell; None when there is one of its key."""
    found = conn.execute(
        _RAISE,
        (
            storable(one.key),
            one.what,
            one.brand,
            one.issue,
            one.case,
            json(one.reasons),
            one.per_week,
            stamp(at),
            stamp(at),
        ),
    ).fetchone()
    if found is None:
        return None
    conn.executemany(
        "INSERT INTO deliveries (alarm_id, target, not_before) VALUES (?, ?, ?)",
        [(found[0], target, stamp(when)) for target, when in one.targets],
    )
    return int(found[0])


def _change_phase(conn: sqlite3.Connection, move: PhaseMove, at: datetime) -> None:
    changed = conn.execute(
        "UPDATE issues SET phase = ? WHERE id = ? AND phase = ?",
        (move.phase, move.issue, move.was),
    ).rowcount
    if changed and move.reasons:
        entry = Entry(
            at=at,
            actor="listener",
            action=move.phase,
            entity="issue",
            entity_id=move.issue,
            before={"phase": move.was},
            after={"phase": move.phase},
            note="; ".join(move.reasons),
        )
        write(conn, entry)


def _alarms(
    conn: sqlite3.Connection, where: str, values: tuple[object, ...], limit: int = -1
) -> list[AlarmRow]:
    found = conn.execute(
        f"SELECT {_ALARM} FROM {_JOINED} WHERE {where} ORDER BY a.id DESC LIMIT ?", (*values, limit)
    )
    return [_alarm(row) for row in found]


def _deliveries(
    conn: sqlite3.Connection, where: str, values: tuple[object, ...], limit: int = -1
) -> list[DeliveryRow]:
    found = conn.execute(
        f"{_DELIVERY} FROM deliveries d JOIN alarms a ON a.id = d.alarm_id"
        f" LEFT JOIN issues i ON i.id = a.issue_id WHERE {where} ORDER BY d.id DESC LIMIT ?",
        (*values, limit),
    )
    return [
        DeliveryRow(
            id=row[0],
            target=row[1],
            state=row[2],
            attempts=row[3],
            not_before=moment(row[4]),
            sent_at=moment(row[5]),
            answer=row[6],
            alarm=_alarm(row[7:]),
        )
        for row in found
    ]


def _alarm(row: Row) -> AlarmRow:
    id, key, what, brand, issue, case, title, reasons, per_week, at, until = row
    said = tuple(orjson.loads(reasons))
    return AlarmRow(
        id, key, what, brand, issue, case, title, said, per_week, moment(at), moment(until)
    )
