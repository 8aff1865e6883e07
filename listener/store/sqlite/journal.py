"""The history: every move, who made it, when, and what was before and after."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from listener.store.rows import HistoryRow, Value
from listener.store.sqlite.moments import moment, stamp, storable

_COLUMNS = (
    "id, at, actor, action, entity, entity_id, case_id, before, after, note, undoes, undone_by"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A move to be written down."""

    at: datetime
    actor: str
    action: str
    entity: str
    entity_id: int
    before: Mapping[str, Value] = field(default_factory=dict)
    after: Mapping[str, Value] = field(default_factory=dict)
    case: int | None = None
    note: str = ""
    undoes: int | None = None


def taken_back(
    done: HistoryRow,
    actor: str,
    at: datetime,
    after: Mapping[str, Value],
    before: Mapping[str, Value] | None = None,
) -> Entry:
    """The move that undoes another: back to `after`, from what that one had left unless told."""
    return Entry(
        at=at,
        actor=actor,
        action="undo",
        entity=done.entity,
        entity_id=done.entity_id,
        case=done.case,
        before=done.after if before is None else before,
        after=after,
        note=f"took back: {done.action}",
        undoes=done.id,
    )


def write(conn: sqlite3.Connection, entry: Entry) -> HistoryRow:
    """Write one move down, within the transaction that makes it."""
    row = _written(entry)
    id = conn.execute(
        "INSERT INTO history (at, actor, action, entity, entity_id, case_id, before, after, note,"
        " undoes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    ).lastrowid
    if entry.undoes is not None:
        conn.execute("UPDATE history SET undone_by = ? WHERE id = ?", (id, entry.undoes))
    return _row((id, *row, None))


def next_id(conn: sqlite3.Connection) -> int:
    """The id that the next move will have, while nobody else writes."""
    found = conn.execute("SELECT coalesce(max(id), 0) FROM history").fetchone()
    return int(found[0]) + 1


def write_all(conn: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Write many moves down in their order, the first as `next_id`; none of them undoes another."""
    first = next_id(conn)
    conn.executemany(
        "INSERT INTO history (id, at, actor, action, entity, entity_id, case_id, before, after,"
        " note, undoes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(first + n, *_written(entry)) for n, entry in enumerate(entries)],
    )


def _written(entry: Entry) -> tuple[Any, ...]:
    """The columns of a move from `at` to `undoes`."""
    return (
        stamp(entry.at),
        storable(entry.actor),
        str(entry.action),
        str(entry.entity),
        entry.entity_id,
        entry.case,
        _json(entry.before),
        _json(entry.after),
        storable(entry.note),
        entry.undoes,
    )


def read(
    conn: sqlite3.Connection, where: str, parameters: Iterable[object], limit: int = -1
) -> list[HistoryRow]:
    """Moves that satisfy a condition on the table's columns, newest first."""
    found = conn.execute(
        f"SELECT {_COLUMNS} FROM history WHERE {where} ORDER BY id DESC LIMIT ?",
        (*parameters, limit),
    )
    return [_row(row) for row in found]


def read_from(conn: sqlite3.Connection, after: int, limit: int) -> list[HistoryRow]:
    """Moves with a larger id, oldest first: there is one writer, so ids are in the order of commits."""
    found = conn.execute(
        f"SELECT {_COLUMNS} FROM history WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
    )
    return [_row(row) for row in found]


def _row(row: tuple[Any, ...]) -> HistoryRow:
    id, at, actor, action, entity, entity_id, case, before, after, note, undoes, undone_by = row
    return HistoryRow(
        id=id,
        at=moment(at),
        actor=actor,
        action=action,
        entity=entity,
        entity_id=entity_id,
        case=case,
        before=orjson.loads(before),
        after=orjson.loads(after),
        note=note,
        undoes=undoes,
        undone_by=undone_by,
    )


def _json(values: Mapping[str, Value]) -> str:
    clean = {name: storable(v) if isinstance(v, str) else v for name, v in values.items()}
    return orjson.dumps(clean).decode()
