"""How a fleet stands: its workers, its jobs, what waits, who has a turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from listener.store.postgres.database import Database, explained
from listener.store.postgres.fleet import JOBS, is_fleet
from listener.store.postgres.leases import Held, Leases
from listener.store.postgres.readings import Readings


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker, the seconds since its last sign of life, and the job in its hands, if any."""

    worker: int
    silent_for: float
    job: str = ""


@dataclass(frozen=True, slots=True)
class JobsRow:
    """Jobs of one kind: how many wait, how many are in work, how many failed lately."""

    kind: str
    waiting: int
    in_work: int
    failed: int


@dataclass(frozen=True, slots=True)
class FleetStanding:
    """A whole fleet; `to_judge` and `to_group` count mentions."""

    workers: Sequence[WorkerRow] = ()
    jobs: Sequence[JobsRow] = ()
    leases: Sequence[Held] = ()
    to_judge: int = 0
    to_group: int = 0


def standing(db: Database) -> FleetStanding:
    """How the fleet over a database stands now; an empty one where no worker has ever been."""
    if not is_fleet(db):
        return FleetStanding()
    with explained(db.name):
        raw = db.conn.raw
        workers = raw.execute(
            "SELECT w.id, CAST(extract(epoch FROM now() - w.last_heartbeat) AS float8),"
            " coalesce(min(j.task_name || ' ' || coalesce(j.args ->> 'name', '')), '')"
            f" FROM {JOBS}.procrastinate_workers w LEFT JOIN {JOBS}.procrastinate_jobs j"
            " ON j.worker_id = w.id AND j.status = 'doing' GROUP BY w.id ORDER BY w.id"
        ).fetchall()
        jobs = raw.execute(
            "SELECT task_name, count(*) FILTER (WHERE status = 'todo'),"
            " count(*) FILTER (WHERE status = 'doing'), count(*) FILTER (WHERE status = 'failed')"
            f" FROM {JOBS}.procrastinate_jobs GROUP BY task_name ORDER BY task_name"
        ).fetchall()
    counts = Readings(db).counts()
    return FleetStanding(
        [WorkerRow(worker, silent, job.strip()) for worker, silent, job in workers],
        [JobsRow(*row) for row in jobs],
        Leases(db).all(),
        counts.get("unread", 0),
        counts.get("read", 0),
    )
