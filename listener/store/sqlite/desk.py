"""What people do: conditional moves, and taking them back."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from listener.errors import Conflict, DeskError, NotFound
from listener.store.rows import HistoryRow, Move, Value
from listener.store.sqlite import calibrating, correcting, labelling, regrouping
from listener.store.sqlite.counters import Tally
from listener.store.sqlite.database import Database
from listener.store.sqlite.journal import Entry, read, taken_back, write
from listener.store.sqlite.moments import stamp, storable

_TABLES: Mapping[str, tuple[str, frozenset[str]]] = {
    "case": (
        "cases",
        frozenset(
            [
                "lane",
                "severity",
                "severity_band",
                "vigilante",
                "state",
                "priority",
                "manual_priority",
                "owner",
                "lease_until",
                "due_at",
                "snooze_until",
                "wakes_on",
                "asleep",
                "waits_from",
                "paused_at",
                "resolution",
                "next_change_at",
                "version",
            ]
        ),
    ),
    "issue": (
        "issues",
        frozenset(["title", "titled_by", "lane", "state", "fixed_at", "fix_note", "version"]),
    ),
    "reply": ("replies", frozenset(["kind", "text", "state", "author", "version"])),
    "link": ("links", frozenset({"undone_at"})),
    "suggestion": ("suggestions", frozenset({"state", "actor", "decided_at"})),
}
_COUNTED = frozenset({"state", "lane"})


class Desk:
    """The verbs of people's work."""

    _db: Database

    def move(self, move: Move) -> HistoryRow | None:
        """Apply one conditional move with its history row; None when `expect` no longer holds.

        A move on an entity that is not in this file (a user) is only written down. Raises NotFound
        when the row does not exist, ValueError for a column that no move may change.
        """
        with self._db.writing() as conn:
            return _make(conn, move)

    def move_all(self, moves: tuple[Move, ...]) -> list[HistoryRow] | None:
        """Apply several moves as one: all, or none and None when one's `expect` no longer holds."""
        try:
            with self._db.writing() as conn:
                return [_must_make(conn, move) for move in moves]
        except _Overtaken:
            return None

    def history(
        self, case: int | None = None, limit: int = 100, *, by_people: bool = False
    ) -> list[HistoryRow]:
        """Moves, newest first; of one case or of all, of the machine too or of people alone."""
        who = " AND actor NOT IN ('listener', 'source')" if by_people else ""
        with self._db.reading() as conn:
            if case is None:
                return read(conn, f"id > 0{who}", (), limit)
            return read(conn, f"case_id = ?{who}", (case,), limit)

    def undo(self, history: int, actor: str, at: datetime) -> HistoryRow | None:
        """Take one move back; None when what it changed has been changed again since.

        Raises NotFound for an unknown move, Conflict for one that was taken back already, DeskError
        for an undo or for what the author of a post did.
        """
        with self._db.writing() as conn:
            found = read(conn, "id = ?", (history,))
            if not found:
                raise NotFound(f"there is no move {history}", "listener queue show CASE")
            done = found[0]
            _must_be_undoable(conn, done)
            if done.entity == "issue" and done.action in regrouping.ACTIONS:
                entry = regrouping.undo(conn, done, actor, at)
            elif done.action == correcting.CORRECT:
                entry = correcting.undo(conn, done, actor, at)
            elif done.action in (calibrating.LEARN, calibrating.TUNE):
                entry = calibrating.undo(conn, done, actor, at)
            elif done.action in labelling.ACTIONS:
                entry = labelling.undo(conn, done, actor, at)
            else:
                entry = _undo_move(conn, done, actor, at)
            return None if entry is None else write(conn, entry)


class _Overtaken(Exception):
    """One of several moves is no longer possible, so none is made."""


def _must_make(conn: sqlite3.Connection, move: Move) -> HistoryRow:
    done = _make(conn, move)
    if done is None:
        raise _Overtaken
    return done


def _make(conn: sqlite3.Connection, move: Move) -> HistoryRow | None:
    before = _apply(conn, move.entity, move.entity_id, move.expect, move.change, move.at)
    if before is None:
        return None
    return write(
        conn,
        Entry(
            at=move.at,
            actor=move.actor,
            action=move.action,
            entity=move.entity,
            entity_id=move.entity_id,
            case=_case_of(conn, move),
            before=before,
            after={name: _value(value) for name, value in move.change.items()},
            note=move.note,
        ),
    )


def _must_be_undoable(conn: sqlite3.Connection, done: HistoryRow) -> None:
    if done.undone_by is not None:
        by = read(conn, "id = ?", (done.undone_by,))[0]
        raise Conflict(f"move {done.id} was taken back already by {by.actor}, at {stamp(by.at)}")
    if done.undoes is not None:
        raise DeskError(f"move {done.id} is an undo; make the move it took back again instead")
    if done.action == "erase" and done.actor != "source":
        raise DeskError(f"move {done.id} is an erasure: what was erased is gone for good")
    if done.actor == "source":
        raise DeskError(f"move {done.id} is the author's: the post was deleted, its text is gone")


def _undo_move(
    conn: sqlite3.Connection, done: HistoryRow, actor: str, at: datetime
) -> Entry | None:
    back = dict(done.before)
    if done.entity == "reply" and "state" in back and back["state"] is None:
        back["state"] = "cancelled"  # it did not exist before, and what was written is not deleted
    if _apply(conn, done.entity, done.entity_id, done.after, back, at) is None:
        return None
    return taken_back(done, actor, at, back)


def _apply(
    conn: sqlite3.Connection,
    entity: str,
    id: int,
    expect: Mapping[str, Value],
    change: Mapping[str, Value],
    at: datetime,
) -> dict[str, Value] | None:
    """Change a row in one statement if it is as expected; returns what its columns were before."""
    if entity not in _TABLES:
        return dict(expect)
    table, columns = _TABLES[entity]
    for name in (*expect, *change):
        if name not in columns:
            raise ValueError(f"{name!r} is no column of a {entity} that a move may change")
    row = _row(conn, entity, table, id, [*change, "brand"] if entity != "reply" else [*change])
    if row is None:
        raise NotFound(f"there is no {entity} {id}", "listener queue list")
    counted = _counted(conn, id) if entity == "case" and _COUNTED & change.keys() else None
    settings = [f'"{name}" = ?' for name in change]
    if entity != "link":
        settings.append("version = version + 1")
    held = "".join(f' AND "{name}" IS ?' for name in expect)
    moved = conn.execute(
        f"UPDATE {table} SET {', '.join(settings)} WHERE id = ?{held}",
        (*map(_value, change.values()), id, *map(_value, expect.values())),
    ).rowcount
    if not moved:
        return None
    _follow(conn, entity, id, change, counted, row.pop("brand", ""), at)
    return row


def _row(
    conn: sqlite3.Connection, entity: str, table: str, id: int, names: list[str]
) -> dict[str, Any] | None:
    columns = ", ".join(f'"{name}"' for name in names)
    found = conn.execute(f"SELECT {columns or 1} FROM {table} WHERE id = ?", (id,)).fetchone()
    return None if found is None else dict(zip(names, found, strict=False))


def _counted(conn: sqlite3.Connection, case: int) -> tuple[str, str, str]:
    found: tuple[str, str, str] = conn.execute(
        "SELECT brand, state, lane FROM cases WHERE id = ?", (case,)
    ).fetchone()
    return found


def _follow(
    conn: sqlite3.Connection,
    entity: str,
    id: int,
    change: Mapping[str, Value],
    counted: tuple[str, str, str] | None,
    brand: Value,
    at: datetime,
) -> None:
    """Keep what depends on the changed columns: counters, the priority, the groups' epoch."""
    tally = Tally()
    if counted is not None:
        tally.case(*counted, -1)
        tally.case(*_counted(conn, id), 1)
    if entity in ("issue", "link"):
        tally.regrouped([str(brand)])
    tally.keep(conn)
    if entity == "case" and "paused_at" in change:
        # A clock that stands still changes nothing; one that goes again is looked at soon.
        conn.execute(
            "UPDATE cases SET next_change_at = CASE WHEN paused_at IS NULL THEN ? END WHERE id = ?",
            (stamp(at), id),
        )
    if entity == "case" and "manual_priority" in change:
        conn.execute(
            "UPDATE cases SET priority = coalesce(manual_priority,"
            " (SELECT sum(points) FROM priority_parts p WHERE p.case_id = cases.id), 0) WHERE id = ?",
            (id,),
        )


def _value(value: Value | datetime) -> Value:
    if isinstance(value, datetime):
        return stamp(value)
    return storable(value) if isinstance(value, str) else value


def _case_of(conn: sqlite3.Connection, move: Move) -> int | None:
    if move.case is not None or move.entity not in ("case", "reply"):
        return move.case
    if move.entity == "case":
        return move.entity_id
    found = conn.execute("SELECT case_id FROM replies WHERE id = ?", (move.entity_id,)).fetchone()
    return None if found is None else int(found[0])
