"""The facts a priority is computed from, and its parts."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence

import orjson

from listener.store.rows import CaseFactsRow, OpenCase, Priced
from listener.store.sqlite.moments import moment, stamp, stamp_from
from listener.store.sqlite.verdicts import ids, json
from triage.verdict import Priority


def open_cases(
    conn: sqlite3.Connection, brand: str, people: Sequence[tuple[str, str]]
) -> list[OpenCase]:
    """The open cases of these people, in order of id."""
    wanted = {person for person in people if person[1]}
    found = [
        row
        for kind in sorted({kind for kind, _ in wanted})
        for row in conn.execute(
            "SELECT c.id, c.mention_id, c.brand, c.kind, c.author_id, c.last_at FROM json_each(?) j"
            " CROSS JOIN cases c ON c.author_id = j.value AND c.author_id <> '' AND c.kind = ?"
            " AND c.brand = ? WHERE c.state NOT IN ('resolved', 'dismissed')",
            (json([author for of, author in wanted if of == kind]), kind, brand),
        )
    ]
    threads, started = _threads(conn, [row[0] for row in found])
    return [
        OpenCase(
            *(id, mention, brand, kind, author, frozenset(threads[id]), moment(last_at)),
            started=started[id],
        )
        for id, mention, brand, kind, author, last_at in sorted(found)
    ]


def _threads(
    conn: sqlite3.Connection, cases: Sequence[int]
) -> tuple[dict[int, set[str]], Counter[int]]:
    """By case, the ids of its conversations, and how many of its mentions answer nobody."""
    threads: dict[int, set[str]] = defaultdict(set)
    started: Counter[int] = Counter()
    if not cases:
        return threads, started
    for case, parent, *names in conn.execute(
        "SELECT x.case_id, m.thread_parent, m.thread_root, m.external_id FROM json_each(?) j"
        " CROSS JOIN case_mentions x ON x.case_id = j.value CROSS JOIN mentions m ON m.id = x.mention_id",
        (ids(cases),),
    ):
        threads[case].update(name for name in (parent, *names) if name)
        started[case] += not parent
    return threads, started


def case_facts(conn: sqlite3.Connection, cases: Sequence[int]) -> list[CaseFactsRow]:
    """The facts behind the priority of these cases, in order of id."""
    wanted = ids(set(cases))
    signals: dict[int, set[str]] = defaultdict(set)
    for case, found in conn.execute(
        "SELECT x.case_id, v.signals FROM json_each(?) j"
        " CROSS JOIN case_mentions x ON x.case_id = j.value"
        " CROSS JOIN verdicts v ON v.mention_id = x.mention_id AND v.brand = x.brand",
        (wanted,),
    ):
        signals[case].update(one[0] for one in orjson.loads(found))
    rows = conn.execute(
        "SELECT c.id, c.brand, c.lane, c.severity, c.severity_band, c.vigilante, m.followers,"
        " c.kind, c.author_id, c.posts, coalesce(i.people, 0), c.opened_at, c.due_at, c.state,"
        " c.last_at, c.waits_from, c.paused_at"
        " FROM json_each(?) j CROSS JOIN cases c ON c.id = j.value CROSS JOIN mentions m ON m.id = c.mention_id"
        " LEFT JOIN issues i ON i.id = c.issue_id ORDER BY c.id",
        (wanted,),
    )
    return [
        CaseFactsRow(
            id=row[0],
            brand=row[1],
            lane=row[2],
            severity=row[3],
            severity_band=row[4],
            vigilante=row[5],
            signals=tuple(sorted(signals.get(row[0], ()))),
            followers=row[6],
            kind=row[7],
            author_id=row[8],
            mentions=row[9],
            issue_people=row[10],
            opened_at=moment(row[11]),
            due_at=moment(row[12]),
            state=row[13],
            last_at=moment(row[14]),
            waits_from=moment(row[15]),
            paused_at=moment(row[16]),
        )
        for row in rows
    ]


def price(conn: sqlite3.Connection, priced: Sequence[Priced]) -> None:
    """Replace the parts and totals of these cases; a manual priority keeps its total."""
    conn.executemany(
        "INSERT INTO prices (case_id, parts) VALUES (?, ?)"
        " ON CONFLICT DO UPDATE SET parts = excluded.parts",
        [(one.case, _parts(one.priority)) for one in priced],
    )
    conn.executemany(
        "UPDATE cases SET priority = coalesce(manual_priority, ?), next_change_at = ? WHERE id = ?",
        [(one.priority.total, stamp_from(one.priority.changes_at), one.case) for one in priced],
    )
    conn.executemany(
        "UPDATE cases SET waits_from = ?, paused_at = ?, due_at = ? WHERE id = ?",
        [
            (stamp(clock.waits_from), stamp(clock.paused_at), stamp(clock.due_at), one.case)
            for one in priced
            if (clock := one.clock) is not None
        ],
    )


def _parts(priority: Priority) -> str:
    return json([(part.name, part.points, part.reason) for part in priority.parts])
