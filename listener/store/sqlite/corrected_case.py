"""What a correction makes of the mention's case: opened, dismissed, opened again, in another lane."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime

from listener.store.corrections import Correction
from listener.store.rows import HistoryRow, MentionRow, NewCase, Value
from listener.store.sqlite.casework import refresh
from listener.store.sqlite.counters import Tally
from listener.store.sqlite.moments import stamp
from triage.cases import opens_case
from triage.verdict import Verdict

NO_NEED = "needs no answer"
_COLUMNS = ("state", "lane", "resolution", "due_at")
_PREFIX = "case_"


def follow(
    conn: sqlite3.Connection,
    row: MentionRow,
    now: Verdict,
    correction: Correction,
    before: dict[str, Value],
    after: dict[str, Value],
    tally: Tally,
) -> int | None:
    """Let the case follow the corrected verdict; what changed is added to `before` and `after`.

    Returns the case the mention belongs to, if any.
    """
    if not after:
        found = _case_of(conn, row)
        return None if found is None else found[0]
    found = _case_of(conn, row)
    if found is None:
        if not opens_case(now.lane) or correction.case is None:
            return None
        case = _open(conn, row, now, correction, tally)
        before["case_state"], after["case_state"] = None, "new"
        return case
    case, opened_by = found
    refresh(conn, [case])
    if opened_by == row.id:
        old = _standing(conn, case)
        new = {**old, **_wanted(conn, case, old, now, correction)}
        changed = [name for name in _COLUMNS if new[name] != old[name]]
        before.update({_PREFIX + name: old[name] for name in changed})
        after.update({_PREFIX + name: new[name] for name in changed})
        _write(conn, case, {name: new[name] for name in changed}, tally)
    _due_now(conn, case, correction.at)
    return case


def go_back(conn: sqlite3.Connection, done: HistoryRow, tally: Tally, at: datetime) -> None:
    """Undo to the case what the correction did to it, where nobody has changed that since."""
    if done.case is None:
        return
    if "case_state" in done.after and done.before["case_state"] is None:
        if _idle(conn, done.case):
            gone: dict[str, Value] = {"state": "dismissed", "resolution": "corrected by mistake"}
            _write(conn, done.case, gone, tally)
        return
    standing = _standing(conn, done.case)
    back = {
        name: done.before[_PREFIX + name]
        for name in _COLUMNS
        if _PREFIX + name in done.after and standing[name] == done.after[_PREFIX + name]
    }
    _write(conn, done.case, back, tally)
    refresh(conn, [done.case])
    _due_now(conn, done.case, at)


def _wanted(
    conn: sqlite3.Connection,
    case: int,
    old: Mapping[str, Value],
    now: Verdict,
    correction: Correction,
) -> dict[str, Value]:
    wanted: dict[str, Value] = {}
    if opens_case(now.lane):
        wanted["lane"] = now.lane.value
        if old["state"] == "dismissed" and str(old["resolution"]).startswith(NO_NEED):
            wanted |= {"state": "new", "resolution": ""}
    elif _idle(conn, case):
        wanted |= {"state": "dismissed", "resolution": f"{NO_NEED}: it is {now.lane.value}"}
    else:
        wanted["lane"] = now.lane.value
    new = correction.case
    if new is not None and opens_case(now.lane) and _clock_unmoved(conn, case, new):
        wanted["due_at"] = stamp(new.due_at)
    return wanted


def _clock_unmoved(conn: sqlite3.Connection, case: int, new: NewCase) -> bool:
    """Whether it has been our turn from the first: then the promise is one for the new lane."""
    found = conn.execute(
        "SELECT 1 FROM cases WHERE id = ? AND paused_at IS NULL"
        " AND (waits_from IS NULL OR waits_from = ?)",
        (case, stamp(new.waits_from)),
    ).fetchone()
    return found is not None


def _case_of(conn: sqlite3.Connection, row: MentionRow) -> tuple[int, int] | None:
    """The case of a mention, and the mention that opened it."""
    found: tuple[int, int] | None = conn.execute(
        "SELECT c.id, c.mention_id FROM case_mentions x JOIN cases c ON c.id = x.case_id"
        " WHERE x.mention_id = ? AND x.brand = ?",
        (row.id, row.brand),
    ).fetchone()
    return found


def _standing(conn: sqlite3.Connection, case: int) -> dict[str, Value]:
    found = conn.execute(f"SELECT {', '.join(_COLUMNS)} FROM cases WHERE id = ?", (case,))
    return dict(zip(_COLUMNS, found.fetchone(), strict=True))


def _idle(conn: sqlite3.Connection, case: int) -> bool:
    """Whether nobody has the case or has worked on it: it is new, and of this one post."""
    return (
        conn.execute(
            "SELECT 1 FROM cases c WHERE id = ? AND state = 'new' AND posts = 1 AND owner = ''"
            " AND manual_priority IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM replies r WHERE r.case_id = c.id)",
            (case,),
        ).fetchone()
        is not None
    )


def _write(conn: sqlite3.Connection, case: int, values: Mapping[str, Value], tally: Tally) -> None:
    if not values:
        return
    brand, state, lane = conn.execute(
        "SELECT brand, state, lane FROM cases WHERE id = ?", (case,)
    ).fetchone()
    conn.execute(
        f"UPDATE cases SET {', '.join(f'{name} = ?' for name in values)}, version = version + 1"
        " WHERE id = ?",
        (*values.values(), case),
    )
    tally.case(brand, state, lane, -1)
    tally.case(brand, str(values.get("state", state)), str(values.get("lane", lane)), 1)


def _due_now(conn: sqlite3.Connection, case: int, at: datetime) -> None:
    """Have the case priced anew, by whoever prices next."""
    conn.execute("UPDATE cases SET next_change_at = ? WHERE id = ?", (stamp(at), case))


def _open(
    conn: sqlite3.Connection, row: MentionRow, now: Verdict, correction: Correction, tally: Tally
) -> int:
    new = correction.case
    assert new is not None
    case = conn.execute(
        "INSERT INTO cases (brand, mention_id, kind, author_id, issue_id, lane, severity,"
        " severity_band, vigilante, state, opened_at, due_at, last_at, waits_from, next_change_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'new', ?, ?, ?, ?, ?)",
        (
            row.brand,
            row.id,
            row.mention.kind,
            row.mention.author.id,
            row.issue,
            now.lane.value,
            now.severity,
            now.severity_band,
            now.vigilante.value,
            stamp(new.opened_at),
            stamp(new.due_at),
            stamp(row.mention.created_at),
            stamp(new.waits_from),
            stamp(correction.at),
        ),
    ).lastrowid
    assert case is not None
    conn.execute(
        "INSERT INTO case_mentions (mention_id, brand, case_id) VALUES (?, ?, ?)",
        (row.id, row.brand, case),
    )
    tally.case(row.brand, "new", now.lane.value, 1)
    return case
