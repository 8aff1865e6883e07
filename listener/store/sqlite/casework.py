"""Cases as triage writes them: opened, joined, following a new verdict, dismissed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from listener.store.rows import Judged
from listener.store.sqlite.counters import CLOSED, Tally
from listener.store.sqlite.journal import Entry, write
from listener.store.sqlite.moments import moment, stamp
from listener.store.sqlite.people import Fact
from listener.store.sqlite.verdicts import ids
from listener.store.sqlite.waking import complained_again
from triage.cases import WAKENED_BY_CUSTOMER, CaseMove, opens_case
from triage.verdict import Band, Lane

Key = tuple[int, str]  # mention, brand

_NO_NEED = "needs no answer"

_OPEN = (
    "INSERT INTO cases (id, brand, mention_id, kind, author_id, issue_id, lane, severity,"
    " severity_band, vigilante, state, opened_at, due_at, last_at, waits_from)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'new', ?, ?, ?, ?)"
)
_OF_CASES = (
    "SELECT x.case_id, m.created_at, v.severity, v.severity_band, v.vigilante FROM json_each(?) j"
    " CROSS JOIN case_mentions x ON x.case_id = j.value"
    " CROSS JOIN mentions m ON m.id = x.mention_id"
    " LEFT JOIN verdicts v ON v.mention_id = x.mention_id AND v.brand = x.brand"
    " ORDER BY x.case_id, x.mention_id"
)
_REFRESH = (
    "UPDATE cases SET posts = ?, last_at = ?, severity = ?, severity_band = ?, vigilante = ?,"
    " issue_id = (SELECT issue_id FROM memberships"
    " WHERE mention_id = cases.mention_id AND brand = cases.brand) WHERE id = ?"
)
_SUREST = (Band.LIKELY, Band.POSSIBLE, Band.NO)


@dataclass(frozen=True, slots=True)
class _Known:
    """A case that a mention of the batch belongs to already, or joins."""

    id: int
    opened_by: int
    state: str
    lane: str
    owner: str
    manual_priority: int | None
    resolution: str
    posts: int


def enter(
    conn: sqlite3.Connection,
    judged: Sequence[Judged],
    facts: Mapping[int, Fact],
    issues: Mapping[Key, int | None],
    former: Mapping[Key, str],
    at: str,
    tally: Tally,
) -> set[int]:
    """Open, join and follow cases for a batch in order; returns the ids of those that changed.

    `issues` and `former` are the issue and the earlier lane of every (mention, brand).
    """
    known = _known(conn, {mention for mention, _ in former} | _joined(judged))
    next_id = conn.execute("SELECT coalesce(max(id), 0) + 1 FROM cases").fetchone()[0]
    opened: dict[Key, int] = {}
    rows: list[tuple[int, *tuple[object, ...]]] = []
    members: list[tuple[int, str, int]] = []
    follow: set[int] = set()
    woken: dict[int, _Known] = {}
    promised: list[tuple[str, int]] = []
    complaints: list[tuple[int, str, str, str]] = []
    for one in judged:
        key = one.mention, one.brand
        own = known.get(key)
        if own is not None:
            _rejudge(conn, own, one, former.get(key), at, tally)
            follow.add(own.id)
            continue
        if one.case is None:
            continue
        fact, joins = facts[one.mention], (one.case.joins, one.brand)
        if joins in opened:
            case = opened[joins]
            follow.add(case)
        elif joins in known and known[joins].state not in CLOSED:
            case = known[joins].id
            follow.add(case)
            woken[case] = known[joins]
        else:
            case = next_id + len(rows)
            rows.append(_row(case, one, fact, issues.get(key)))
            if one.case.lane == Lane.COMPLAINT:
                complaints.append((case, one.brand, fact.kind, fact.author_id))
            tally.case(one.brand, "new", one.case.lane, 1)
        if case in follow and one.case.due_at is not None:
            promised.append((stamp(one.case.due_at), case))
        opened[key] = case
        members.append((*key, case))
    conn.executemany(_OPEN, rows)
    conn.executemany(
        "INSERT INTO case_mentions (mention_id, brand, case_id) VALUES (?, ?, ?)", members
    )
    # Whoever writes again, and worse, is promised an answer no later than for that.
    conn.executemany(
        "UPDATE cases SET due_at = ?1 WHERE id = ?2 AND coalesce(due_at, '~') > ?1", promised
    )
    refresh(conn, follow)
    _wake(conn, woken, at, tally)
    again = complained_again(conn, complaints, at, tally)
    return follow | again | {row[0] for row in rows}


def _row(case: int, one: Judged, fact: Fact, issue: int | None) -> tuple[int, *tuple[object, ...]]:
    new, verdict = one.case, one.verdict
    assert new is not None
    return (
        case,
        one.brand,
        one.mention,
        fact.kind,
        fact.author_id,
        issue,
        str(new.lane),
        verdict.severity,
        verdict.severity_band,
        verdict.vigilante.value,
        stamp(new.opened_at),
        stamp(new.due_at),
        fact.created_at,
        stamp(new.waits_from),
    )


def _joined(judged: Iterable[Judged]) -> set[int]:
    return {one.case.joins for one in judged if one.case is not None and one.case.joins}


def _known(conn: sqlite3.Connection, mentions: set[int]) -> dict[Key, _Known]:
    if not mentions:
        return {}
    return {
        (mention, brand): _Known(*rest)
        for mention, brand, *rest in conn.execute(
            "SELECT x.mention_id, x.brand, c.id, c.mention_id, c.state, c.lane, c.owner,"
            " c.manual_priority, c.resolution, c.posts FROM json_each(?) j"
            " CROSS JOIN case_mentions x ON x.mention_id = j.value CROSS JOIN cases c ON c.id = x.case_id",
            (ids(mentions),),
        )
    }


def refresh(conn: sqlite3.Connection, cases: Iterable[int]) -> None:
    """Make a case what its mentions' verdicts say: the worst of them, and the latest."""
    rows = []
    for case, group in groupby(conn.execute(_OF_CASES, (ids(cases),)), key=itemgetter(0)):
        posts = list(group)
        judged = [post for post in posts if post[2] is not None]
        if judged:
            _, _, severity, band, _ = max(judged, key=itemgetter(2))
            vigilante = min((post[4] for post in judged), key=_SUREST.index)
            last = max(post[1] for post in posts)
            rows.append((len(posts), last, severity, band, vigilante, case))
    conn.executemany(_REFRESH, rows)


def _wake(conn: sqlite3.Connection, joined: Mapping[int, _Known], at: str, tally: Tally) -> None:
    """A customer who writes again is not waited for any longer."""
    conn.executemany(
        "UPDATE cases SET version = version + 1 WHERE id = ?", [(case,) for case in joined]
    )
    for case, known in joined.items():
        if known.state not in WAKENED_BY_CUSTOMER:
            continue
        brand = conn.execute(
            "UPDATE cases SET state = 'new', snooze_until = NULL, wakes_on = '', asleep = ''"
            " WHERE id = ? RETURNING brand",
            (case,),
        ).fetchone()[0]
        _tell(conn, case, CaseMove.HEAR, known.state, "new", "the customer has written again", at)
        tally.case(brand, known.state, known.lane, -1)
        tally.case(brand, "new", known.lane, 1)


def _rejudge(
    conn: sqlite3.Connection, own: _Known, one: Judged, former: str | None, at: str, tally: Tally
) -> None:
    """Let a case follow the new verdict of the mention that opened it."""
    if own.opened_by != one.mention:
        return
    lane = one.verdict.lane.value
    if one.case is not None:
        # The promise follows what the post is taken for now, unless its clock has been moved.
        conn.execute(
            "UPDATE cases SET due_at = ? WHERE id = ? AND posts = 1 AND paused_at IS NULL"
            " AND waits_from IS ?",
            (stamp(one.case.due_at), own.id, stamp(one.case.waits_from)),
        )
    if not opens_case(one.verdict.lane):
        if one.case is None and _untouched(conn, own):
            dismiss(conn, own.id, one.brand, own.lane, at, tally)
        return
    if own.state == "dismissed" and own.resolution == _NO_NEED:
        conn.execute(
            "UPDATE cases SET state = 'new', resolution = '', version = version + 1 WHERE id = ?",
            (own.id,),
        )
        _tell(
            conn, own.id, CaseMove.REOPEN, "dismissed", "new", "judged anew: it needs an answer", at
        )
        tally.case(one.brand, "dismissed", own.lane, -1)
        tally.case(one.brand, "new", own.lane, 1)
        own = _known(conn, {one.mention})[one.mention, one.brand]
    if lane != own.lane and own.lane == former:
        conn.execute("UPDATE cases SET lane = ? WHERE id = ?", (lane, own.id))
        tally.case(one.brand, own.state, own.lane, -1)
        tally.case(one.brand, own.state, lane, 1)


def _untouched(conn: sqlite3.Connection, case: _Known) -> bool:
    return (
        case.state == "new"
        and case.posts == 1
        and not case.owner
        and case.manual_priority is None
        and conn.execute(
            "SELECT 1 FROM history WHERE case_id = ? AND actor <> 'listener' LIMIT 1", (case.id,)
        ).fetchone()
        is None
    )


def dismiss(
    conn: sqlite3.Connection, case: int, brand: str, lane: str, at: str, tally: Tally
) -> None:
    """Close a new case that nobody has touched and that needs no answer any more."""
    conn.execute(
        "UPDATE cases SET state = 'dismissed', resolution = ?, version = version + 1 WHERE id = ?",
        (_NO_NEED, case),
    )
    _tell(conn, case, CaseMove.DISMISS, "new", "dismissed", "judged anew: it needs no answer", at)
    tally.case(brand, "new", lane, -1)
    tally.case(brand, "dismissed", lane, 1)


def withdraw(conn: sqlite3.Connection, removed: Iterable[Key], at: str, tally: Tally) -> None:
    """Dismiss the untouched cases of mentions that are no longer about the brand."""
    keys = set(removed)
    for (mention, brand), case in _known(conn, {mention for mention, _ in keys}).items():
        if (mention, brand) in keys and case.opened_by == mention and _untouched(conn, case):
            dismiss(conn, case.id, brand, case.lane, at, tally)


def _tell(
    conn: sqlite3.Connection, case: int, action: str, before: str, after: str, note: str, at: str
) -> None:
    write(
        conn,
        Entry(
            at=moment(at),
            actor="listener",
            action=str(action),
            entity="case",
            entity_id=case,
            case=case,
            before={"state": before},
            after={"state": after},
            note=note,
        ),
    )
