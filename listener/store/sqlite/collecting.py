"""Taking in what sources yield: new mentions, edits, known copies."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from listener.store.rows import Collected, Counted
from listener.store.sqlite import mentions as rows
from listener.store.sqlite.counters import Tally
from listener.store.sqlite.database import Database
from listener.store.sqlite.erasing import erase
from listener.store.sqlite.moments import stamp, storable
from listener.store.sqlite.sightings import count_in_issues, see
from listener.store.sqlite.verdicts import ids

_INSERT = f"INSERT INTO mentions ({rows.COLUMNS}) VALUES ({', '.join('?' * rows.WIDTH)})"
_EDIT = (
    "UPDATE mentions SET handle = ?, author_name = ?, followers = ?, title = ?, text = ?, url = ?,"
    " lang = ?, thread_root = ?, thread_parent = ?, metrics = ?, edited_at = ? WHERE id = ?"
)
_KEEP_EDIT = (
    "INSERT INTO edits (mention_id, replaced_at, title, text, stars) VALUES (?, ?, ?, ?, ?)"
)

# The columns of a mention's outside, as `rows.outside` orders them.
_KIND, _EXTERNAL_ID, _CREATED_AT, _HANDLE, _TITLE, _TEXT = 0, 1, 2, 4, 7, 8
_METRICS, _SAMPLE = 13, 14

Key = tuple[str, str]
Outside = tuple[Any, ...]
Version = tuple[str, str, float | None]  # title, text, stars: what makes an edit


class Collecting:
    """The verbs of collecting."""

    _db: Database

    def collect(self, batch: Collected) -> Counted:
        """Write mentions, tombstones, cursor, gap and counts together."""
        arrived = [rows.outside(mention) for mention in batch.mentions]
        with self._db.writing() as conn:
            tally = Tally()
            intake = Intake(conn, batch, arrived)
            new, edited = intake.write(tally)
            sighted = see(conn, batch.source, intake.first_new, intake.known, batch.at)
            count_in_issues(conn, batch.source, sighted)
            erased = erase(conn, batch.tombstones, batch.at, tally)
            counted = Counted(len(arrived), new, edited, erased, len(batch.rejected))
            _enter_in_ledger(conn, batch, counted, arrived)
            tally.keep(conn)
        return counted


class Intake:
    """One batch on its way in: each mention's versions in order of arrival, beside what is stored."""

    def __init__(self, conn: sqlite3.Connection, batch: Collected, arrived: list[Outside]) -> None:
        self._conn = conn
        self._batch = batch
        self._at = stamp(batch.at)
        self._copies: dict[Key, list[Outside]] = defaultdict(list)
        for row in arrived:
            self._copies[row[_KIND], row[_EXTERNAL_ID]].append(row)
        self._stored = self._find()
        self.first_new = self._largest() + 1

    @property
    def known(self) -> list[int]:
        """The ids of those that were stored before the batch and have not been erased."""
        return [id for id, _, erased in self._stored.values() if not erased]

    def _largest(self) -> int:
        found = self._conn.execute("SELECT coalesce(max(id), 0) FROM mentions").fetchone()
        return int(found[0])

    def _find(self) -> dict[Key, tuple[int, Version, bool]]:
        by_kind: dict[str, list[str]] = defaultdict(list)
        for kind, external_id in self._copies:
            by_kind[kind].append(external_id)
        found: dict[Key, tuple[int, Version, bool]] = {}
        for kind, external_ids in by_kind.items():
            for id, external_id, title, text, metrics, deleted_at in self._conn.execute(
                "SELECT m.id, m.external_id, m.title, m.text, m.metrics, m.deleted_at"
                " FROM json_each(?) j CROSS JOIN mentions m ON m.kind = ? AND m.external_id = j.value",
                (orjson.dumps(external_ids).decode(), kind),
            ):
                version = (title, text, _stars(metrics))
                found[kind, external_id] = id, version, deleted_at is not None
        return found

    def write(self, tally: Tally) -> tuple[int, int]:
        """Write what is new or edited; returns how many of each."""
        before: list[tuple[int, Version]] = []
        new: list[Outside] = []
        changed: dict[int, Outside] = {}
        for key, copies in self._copies.items():
            known = self._stored.get(key)
            if known is None:
                new.append(copies[-1])
                last = self.first_new + len(new) - 1
                before.extend((last, old) for old in _replaced(copies))
        self._insert(self.first_new, new, tally)
        for id, copies in self._seen_before():
            _, version, _ = self._stored[copies[0][_KIND], copies[0][_EXTERNAL_ID]]
            changed[id] = copies[-1]
            before.extend((id, old) for old in dict.fromkeys([version, *_replaced(copies)]))
        self._edit(changed, tally)
        self._conn.executemany(_KEEP_EDIT, [(id, self._at, *version) for id, version in before])
        return len(new), len(before)

    def _seen_before(self) -> list[tuple[int, list[Outside]]]:
        """Stored mentions whose latest copy says something they have never said."""
        other = {
            self._stored[key][0]: copies
            for key, copies in self._copies.items()
            if key in self._stored
            and not self._stored[key][2]
            and _version(copies[-1]) != self._stored[key][1]
        }
        if not other:
            return []
        # A version that was replaced before is an old copy on a slow route, not another edit;
        # otherwise two routes would edit a post to and fro for ever.
        old = {
            (id, (title, text, stars))
            for id, title, text, stars in self._conn.execute(
                "SELECT mention_id, title, text, stars FROM edits"
                " WHERE mention_id IN (SELECT value FROM json_each(?))",
                (ids(other),),
            )
        }
        return [(id, c) for id, c in other.items() if (id, _version(c[-1])) not in old]

    def _insert(self, first: int, new: Sequence[Outside], tally: Tally) -> None:
        if not new:
            return
        source, brand = self._batch.source, self._batch.brand
        self._conn.executemany(
            _INSERT,
            [
                (id, source, *row, brand, self._at, None, None)
                for id, row in enumerate(new, start=first)
            ],
        )
        rows.index_from(self._conn, first)
        self._conn.execute("INSERT INTO pending SELECT id FROM mentions WHERE id >= ?", (first,))
        tally.add("mentions", len(new))
        tally.add("pending", len(new))
        tally.add("sample", sum(row[_SAMPLE] for row in new))

    def _edit(self, changed: dict[int, Outside], tally: Tally) -> None:
        if not changed:
            return
        rows.unindex(self._conn, changed)
        # Who wrote it and when stays as first seen: an edit changes neither.
        self._conn.executemany(
            _EDIT, [(*row[_HANDLE:_SAMPLE], self._at, id) for id, row in changed.items()]
        )
        rows.index(self._conn, changed)
        queued = self._conn.executemany(
            "INSERT OR IGNORE INTO pending VALUES (?)", [(id,) for id in changed]
        )
        tally.add("pending", queued.rowcount)


def _version(row: Outside) -> Version:
    return row[_TITLE], row[_TEXT], _stars(row[_METRICS])


def _stars(metrics: str) -> float | None:
    if '"stars"' not in metrics:
        return None
    stars = orjson.loads(metrics).get("stars")
    return None if stars is None else float(stars)


def _replaced(copies: Sequence[Outside]) -> list[Version]:
    """The versions in a row of copies that a later one replaced, each once, never the last."""
    last = _version(copies[-1])
    return [old for old in dict.fromkeys(_version(row) for row in copies[:-1]) if old != last]


def _enter_in_ledger(
    conn: sqlite3.Connection, batch: Collected, counted: Counted, arrived: Iterable[Outside]
) -> None:
    times = [row[_CREATED_AT] for row in arrived]
    conn.execute(
        "UPDATE runs SET seen = seen + ?, new = new + ?, edited = edited + ?, erased = erased + ?,"
        " rejected = rejected + ?, oldest = min(coalesce(oldest, ?), ?),"
        " newest = max(coalesce(newest, ?), ?) WHERE id = ?"
        if times
        else "UPDATE runs SET seen = seen + ?, new = new + ?, edited = edited + ?,"
        " erased = erased + ?, rejected = rejected + ? WHERE id = ?",
        (
            counted.seen,
            counted.new,
            counted.edited,
            counted.erased,
            counted.rejected,
            *((min(times), min(times), max(times), max(times)) if times else ()),
            batch.run,
        ),
    )
    at = stamp(batch.at)
    conn.executemany(
        "INSERT INTO rejections (run_id, source, at, reason) VALUES (?, ?, ?, ?)",
        [(batch.run, batch.source, at, storable(reason)) for reason in batch.rejected],
    )
    if batch.gap is not None:
        gap = batch.gap
        conn.execute(
            'INSERT INTO gaps (source, "start", "end", reason, found_at) VALUES (?, ?, ?, ?, ?)',
            (batch.source, stamp(gap.start), stamp(gap.end), gap.reason, at),
        )
    if batch.filled is not None:
        filled = batch.filled
        conn.execute(
            "UPDATE gaps SET closed_at = ?, found = ? WHERE source = ? AND closed_at IS NULL"
            ' AND "start" >= ? AND "end" <= ?',
            (at, filled.found, batch.source, stamp(filled.start), stamp(filled.end)),
        )
    if batch.cursor is not None:
        conn.execute(
            "INSERT INTO cursors (source, cursor, at) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET cursor = excluded.cursor, at = excluded.at",
            (batch.source, batch.cursor, at),
        )
