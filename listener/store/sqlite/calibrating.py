"""Calibrations: kept, used, and taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from listener.store.calibrations import CORRECTIONS, GROUPING, CalibrationRow, NewCalibration
from listener.store.rows import HistoryRow
from listener.store.sqlite.counters import Tally
from listener.store.sqlite.database import Database
from listener.store.sqlite.journal import Entry, taken_back, write
from listener.store.sqlite.moments import moment, stamp, storable
from listener.store.sqlite.verdicts import json

LEARN, TUNE = "learn", "tune"
_IN_USE = (
    "SELECT brand, max(id) FROM calibrations WHERE name = ? AND undone_at IS NULL GROUP BY brand"
)
_KEPT = (
    "SELECT c.id, c.brand, c.version, {setting}, c.actor, c.at, c.undone_at, c.history_id, h.note"
    " FROM calibrations c JOIN history h ON h.id = c.history_id WHERE"
)


class Calibrating:
    """The verbs of calibrations."""

    _db: Database

    def calibrate(self, new: NewCalibration) -> HistoryRow | None:
        """Keep a calibration and use it from now on; None when `replaces` is no longer in use."""
        with self._db.writing() as conn:
            if _in_use(conn, new.name).get(new.brand, 0) != new.replaces:
                return None
            id = conn.execute(
                "INSERT INTO calibrations (brand, name, version, setting, at, actor)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    new.brand,
                    new.name,
                    new.version,
                    new.setting,
                    stamp(new.at),
                    storable(new.actor),
                ),
            ).lastrowid
            assert id is not None
            done = write(
                conn,
                Entry(
                    at=new.at,
                    actor=new.actor,
                    action=TUNE if new.name == GROUPING else LEARN,
                    entity="calibration",
                    entity_id=id,
                    before={"in_use": new.replaces},
                    after={"in_use": id},
                    note=new.note,
                ),
            )
            conn.execute("UPDATE calibrations SET history_id = ? WHERE id = ?", (done.id, id))
            return done

    def calibrated(self, name: str = CORRECTIONS) -> Mapping[str, int]:
        """The id of what is in use, by brand."""
        with self._db.reading() as conn:
            return _in_use(conn, name)

    def calibration(self, id: int) -> CalibrationRow | None:
        """One of them with its setting, in use or not."""
        with self._db.reading() as conn:
            kept = _KEPT.format(setting="c.setting")
            found = conn.execute(f"{kept} c.id = ?", (id,)).fetchone()
        return None if found is None else _row(found)

    def calibrations(self, brand: str = "") -> list[CalibrationRow]:
        """All that corrections taught, newest first, with an empty `setting`."""
        with self._db.reading() as conn:
            kept = _KEPT.format(setting="''")
            found = conn.execute(
                f"{kept} c.name = ? AND ? IN ('', c.brand) ORDER BY c.id DESC",
                (CORRECTIONS, brand),
            ).fetchall()
        return [_row(row) for row in found]

    def judge_again(self, version: str, calibrated: Mapping[str, str]) -> int:
        """Make mentions pending whose verdict is of another version; returns how many."""
        with self._db.writing() as conn:
            queued = conn.execute(
                "INSERT OR IGNORE INTO pending SELECT DISTINCT v.mention_id FROM verdicts v"
                " JOIN mentions m ON m.id = v.mention_id"
                " LEFT JOIN json_each(?) j ON j.key = v.brand"
                " WHERE v.version <> coalesce(j.value, ?) AND m.deleted_at IS NULL",
                (json(dict(calibrated)), version),
            ).rowcount
            tally = Tally()
            tally.add("pending", queued)
            tally.keep(conn)
        return queued


def undo(conn: sqlite3.Connection, done: HistoryRow, actor: str, at: datetime) -> Entry | None:
    """Take a calibration back; None when a later one is in use."""
    brand, name = conn.execute(
        "SELECT brand, name FROM calibrations WHERE id = ?", (done.entity_id,)
    ).fetchone()
    if _in_use(conn, name).get(brand, 0) != done.entity_id:
        return None
    conn.execute("UPDATE calibrations SET undone_at = ? WHERE id = ?", (stamp(at), done.entity_id))
    return taken_back(
        done,
        actor,
        at,
        {"in_use": _in_use(conn, name).get(brand, 0)},
        before={"in_use": done.entity_id},
    )


def _in_use(conn: sqlite3.Connection, name: str) -> dict[str, int]:
    return dict(conn.execute(_IN_USE, (name,)).fetchall())


def strictness(conn: sqlite3.Connection, brand: str) -> float:
    """How readily the brand's issues are joined, as it was tuned; 1 as shipped."""
    id = _in_use(conn, GROUPING).get(brand, 0)
    found = conn.execute("SELECT setting FROM calibrations WHERE id = ?", (id,)).fetchone()
    return 1.0 if found is None else float(orjson.loads(found[0])["strictness"])


def _row(row: tuple[Any, ...]) -> CalibrationRow:
    id, brand, version, setting, actor, at, undone_at, history, note = row
    return CalibrationRow(
        id, brand, version, setting, actor, moment(at), moment(undone_at), history, note
    )
