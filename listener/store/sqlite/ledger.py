"""How far the sources got, what they saw, what they missed, and how they are."""

from __future__ import annotations

from datetime import datetime

from listener.store.rows import Counted, GapRow, Hour, Rejection, RunRow, SourceState
from listener.store.sqlite.database import Database
from listener.store.sqlite.moments import moment, stamp, storable
from sources.protocols import Health

_HEALTH = (
    "source, health, since, reason, last_attempt_at, last_success_at, failures, retry_at,"
    " quiet_since"
)
# Windows that begin in one hour share the first 13 characters of their beginning. One that no good
# run has closed yet has no length.
_HOURS = (
    "SELECT min(asked_since),"
    " coalesce(max(CASE WHEN outcome = 'ok' THEN started_at END), min(asked_since)), sum(new),"
    " max(CASE WHEN new > 0 THEN started_at ELSE newest END) FROM runs"
    " WHERE source = ? AND started_at >= ? AND asked_since IS NOT NULL"
    " GROUP BY substr(asked_since, 1, 13) ORDER BY 1"
)


class Ledger:
    """The verbs of the coverage ledger."""

    _db: Database

    def cursor(self, source: str) -> str | None:
        """How far the source got; None before its first batch."""
        with self._db.reading() as conn:
            found = conn.execute(
                "SELECT cursor FROM cursors WHERE source = ?", (source,)
            ).fetchone()
        return None if found is None else str(found[0])

    def open_run(self, source: str, at: datetime) -> int:
        """Begin a run; returns its id. Earlier unfinished runs of the source become interrupted."""
        with self._db.writing() as conn:
            conn.execute(
                "UPDATE runs SET outcome = 'interrupted', finished_at = ?"
                " WHERE source = ? AND outcome = 'running'",
                (stamp(at), source),
            )
            run = conn.execute(
                "INSERT INTO runs (source, started_at, asked_since) VALUES (?, ?,"
                " (SELECT started_at FROM runs WHERE source = ? AND outcome = 'ok'"
                " ORDER BY id DESC LIMIT 1))",
                (source, stamp(at), source),
            ).lastrowid
        assert run is not None
        return run

    def close_run(self, run: int, outcome: str, note: str, at: datetime) -> None:
        """End a run: outcome ok, stopped or failed."""
        with self._db.writing() as conn:
            conn.execute(
                "UPDATE runs SET outcome = ?, note = ?, finished_at = ? WHERE id = ?",
                (outcome, storable(note), stamp(at), run),
            )

    def set_health(self, state: SourceState) -> None:
        """Write how a source is."""
        with self._db.writing() as conn:
            conn.execute(
                f"INSERT OR REPLACE INTO source_health ({_HEALTH}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    state.source,
                    state.health.value,
                    stamp(state.since),
                    storable(state.reason),
                    stamp(state.last_attempt_at),
                    stamp(state.last_success_at),
                    state.failures,
                    stamp(state.retry_at),
                    stamp(state.quiet_since),
                ),
            )

    def health(self, source: str = "") -> list[SourceState]:
        """How every source is, by name; or one, when it has run."""
        with self._db.reading() as conn:
            found = conn.execute(
                f"SELECT {_HEALTH} FROM source_health"
                + (" WHERE source = ?" if source else " ORDER BY source"),
                (source,) if source else (),
            ).fetchall()
        return [
            SourceState(
                source=source,
                health=Health(health),
                since=moment(since),
                reason=reason,
                last_attempt_at=moment(attempt),
                last_success_at=moment(success),
                failures=failures,
                retry_at=moment(retry),
                quiet_since=moment(quiet),
            )
            for source, health, since, reason, attempt, success, failures, retry, quiet in found
        ]

    def runs(self, source: str = "", limit: int = 100) -> list[RunRow]:
        """The latest runs, newest first; of one source or of all."""
        with self._db.reading() as conn:
            found = conn.execute(
                "SELECT id, source, started_at, finished_at, outcome, seen, new, edited, erased,"
                " rejected, oldest, newest, note, asked_since FROM runs WHERE ? IN ('', source)"
                " ORDER BY id DESC LIMIT ?",
                (source, limit),
            ).fetchall()
        return [
            RunRow(
                id=row[0],
                source=row[1],
                started_at=moment(row[2]),
                finished_at=moment(row[3]),
                outcome=row[4],
                counted=Counted(*row[5:10]),
                oldest=moment(row[10]),
                newest=moment(row[11]),
                note=row[12],
                asked_since=moment(row[13]),
            )
            for row in found
        ]

    def brought(self, source: str, since: datetime) -> int:
        """How many mentions the runs that began since then brought: new ones and edits."""
        with self._db.reading() as conn:
            found = conn.execute(
                "SELECT coalesce(sum(new + edited), 0) FROM runs"
                " WHERE source = ? AND started_at >= ?",
                (source, stamp(since)),
            ).fetchone()
        return int(found[0])

    def listened_since(self, source: str) -> datetime | None:
        """When the source's first run began; None before it."""
        with self._db.reading() as conn:
            [began] = conn.execute(
                "SELECT min(started_at) FROM runs WHERE source = ?", (source,)
            ).fetchone()
        return None if began is None else moment(str(began))

    def hours(self, source: str, since: datetime) -> list[Hour]:
        """What the runs that began since then brought, hour by hour, oldest first."""
        with self._db.reading() as conn:
            found = conn.execute(_HOURS, (source, stamp(since))).fetchall()
        return [
            Hour(moment(start), moment(end), new, moment(heard)) for start, end, new, heard in found
        ]

    def gaps(self, source: str = "") -> list[GapRow]:
        """All gaps, newest first; of one source or of all."""
        with self._db.reading() as conn:
            found = conn.execute(
                'SELECT id, source, "start", "end", reason, found_at, closed_at, found FROM gaps'
                " WHERE ? IN ('', source) ORDER BY id DESC",
                (source,),
            ).fetchall()
        return [
            GapRow(id, name, moment(start), moment(end), reason, moment(at), moment(closed), posts)
            for id, name, start, end, reason, at, closed, posts in found
        ]

    def rejections(self, source: str = "", limit: int = 100) -> list[Rejection]:
        """Items that could not be read, latest first; of one source or of all."""
        with self._db.reading() as conn:
            found = conn.execute(
                "SELECT run_id, source, at, reason FROM rejections WHERE ? IN ('', source)"
                " ORDER BY id DESC LIMIT ?",
                (source, limit),
            ).fetchall()
        return [Rejection(run, name, moment(at), reason) for run, name, at, reason in found]
