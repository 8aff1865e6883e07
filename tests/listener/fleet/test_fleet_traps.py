"""What is known to go wrong with job engines over PostgreSQL, and does not here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from listener.errors import LeaseLost
from listener.fleet.engine import make_engine
from listener.fleet.spelling import spelled
from listener.stages.triage import Triage
from listener.store.postgres import PostgresStore
from listener.store.postgres.fleet import make_fleet

Fleets = Callable[..., Any]

DEAD = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"


def leave(fleet: Any, kind: str, *, lock: str | None, like: str | None, status: str) -> None:
    """A job as a worker that is dead has left it, or one that waits."""
    fleet.ask(
        "INSERT INTO procrastinate_jobs"
        " (queue_name, task_name, lock, queueing_lock, status, args, worker_id)"
        " SELECT %s, %s, %s, %s, %s, CAST(%s AS jsonb), max(id) FROM procrastinate_workers",
        (kind, kind, lock, like, status, '{"name": "Northgate"}' if lock else "{}"),
    )


@pytest.fixture
def abandoned(fleet: Fleets) -> Any:
    """A fleet whose only worker has died, with everything judged and nothing grouped."""
    one = fleet()
    with one.shift() as shift:
        shift.collect("posts")
        assert shift.judge() == 300
    one.ask(DEAD)
    return one


def test_a_dead_rescuer_keeps_nobody_from_rescuing(abandoned: Any) -> None:
    """Procrastinate #1408: under a lock the job that retries stalled jobs would itself stall."""
    leave(abandoned, "rescue", lock=None, like=None, status="doing")
    leave(abandoned, "group", lock="group:Northgate", like="group:Northgate", status="doing")
    abandoned.worker().run(until_done=True)
    assert abandoned.ask("SELECT count(*) FROM listener.pending") == [(0,)]
    assert abandoned.ask("SELECT count(*) FROM fleet_jobs.procrastinate_jobs") == [(0,)]


def test_a_stalled_job_whose_like_waits_is_ended(abandoned: Any) -> None:
    """Procrastinate #1446: given again it would break the rule that one of its like waits."""
    like = "group:Northgate"
    leave(abandoned, "group", lock=like, like=like, status="doing")
    leave(abandoned, "group", lock=like, like=like, status="todo")
    abandoned.worker().run(until_done=True)
    assert abandoned.ask("SELECT count(*) FROM listener.pending") == [(0,)]
    assert abandoned.ask("SELECT count(*) FROM fleet_jobs.procrastinate_jobs") == [(0,)]


def test_the_turns_of_the_dead_end_with_them(abandoned: Any) -> None:
    abandoned.ask(
        "INSERT INTO fleet.leases SELECT 'group:Northgate', 7, max(id), '', now() + interval '1 day'"
        " FROM fleet_jobs.procrastinate_workers"
    )
    abandoned.worker().run(until_done=True)
    assert abandoned.ask("SELECT count(*) FROM listener.pending") == [(0,)]
    found = abandoned.ask("SELECT token FROM fleet.leases WHERE name = 'group:Northgate'")
    assert found[0][0] > 7


def test_a_job_that_failed_keeps_no_place(abandoned: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Procrastinate #1599: a job put off to a later time would keep all others of its lock waiting."""
    whole = Triage.drain

    def fails(*_: object, **__: object) -> int:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(Triage, "drain", fails)
    with pytest.raises(RuntimeError, match="out of luck"):
        abandoned.worker().run(until_done=True)
    left = abandoned.ask(
        "SELECT task_name, status::text FROM fleet_jobs.procrastinate_jobs WHERE lock IS NOT NULL"
    )
    assert left == [("group", "failed")]
    monkeypatch.setattr(Triage, "drain", whole)
    abandoned.worker().run(until_done=True)
    assert abandoned.ask("SELECT count(*) FROM listener.pending") == [(0,)]


def test_who_was_taken_over_cannot_write(abandoned: Any) -> None:
    """A worker that was stopped for longer than its lease, between reading and writing."""
    with abandoned.shift() as slow, abandoned.shift() as other:
        lease = slow.leases.take("group:Northgate", 1)
        assert other.leases.take("group:Northgate", 2) is None
        abandoned.ask("UPDATE fleet.leases SET until = now()")  # its time is over
        taken = other.leases.take("group:Northgate", 2)
        assert (lease.token, taken.token) == (1, 2)
        before = abandoned.ask("SELECT count(*) FROM listener.history")
        with slow.leases.held(lease), pytest.raises(LeaseLost, match="group:Northgate"):
            slow.triage("Northgate").step()
        assert abandoned.ask("SELECT count(*) FROM listener.verdicts") == [(0,)]
        assert abandoned.ask("SELECT count(*) FROM listener.history") == before
        slow.leases.give_back(lease)  # it is not its to give
        assert slow.leases.take("group:Northgate", 1) is None
        with other.leases.held(taken):
            assert other.triage("Northgate").step() == 300
        other.leases.give_back(taken, "as I left it")
        assert slow.leases.take("group:Northgate", 1).kept == "as I left it"


def test_nobody_judges_what_another_one_judges(fleet: Fleets) -> None:
    one = fleet()
    with one.shift() as here, one.shift() as there:
        here.collect("posts")
        with here.readings.claim(200) as first, there.readings.claim(200) as second:
            ids = [pending.id for claim in (first, second) for pending in claim.waiting]
            assert sorted(ids) == list(range(1, 301))
            assert here.readings.unread(1000) == 300
        # Both ended without a word, like the dead: all of it is anybody's again.
        with there.readings.claim(500) as again:
            assert len(again.waiting) == 300


def test_judged_twice_is_grouped_once(fleet: Fleets) -> None:
    one = fleet()
    with one.shift() as shift:
        shift.collect("posts")
        shift.collect("posts")  # a job that comes twice: not due any more
        assert shift.judge() == 300
        assert shift.judge() == 0
        assert shift.group("Northgate") == 300
        assert shift.group("Northgate") == 0
        assert shift.group("Nobody") == 0
        assert one.ask("SELECT count(*) FROM fleet.readings") == [(0,)]


def test_the_line_stops_at_the_first_that_nobody_has_judged(
    fleet: Fleets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.fleet.shift.SHARE", 100)
    one = fleet()
    with one.shift() as here, one.shift() as there:
        here.collect("posts")
        with here.readings.claim(100):
            assert there.judge() == 100
            assert there.group("Northgate") == 0
        assert here.judge() == 100
        assert there.group("Northgate") == 200


def test_what_was_edited_or_judged_otherwise_is_judged_anew(
    fleet: Fleets, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = fleet()
    with one.shift() as shift:
        shift.collect("posts")
        shift.judge()
        wrong = spelled(shift.verdict("Northgate", "thank you, all is well"))
        one.ask("UPDATE fleet.readings SET verdict = %s, stamp = 'of another'", (wrong,))
        shift.group("Northgate")
    lanes = dict(one.ask("SELECT lane, count(*) FROM listener.verdicts GROUP BY lane"))
    assert lanes["complaint"] > 50


def test_jobs_of_another_engine_are_made_anew(abandoned: Any) -> None:
    leave(abandoned, "group", lock=None, like=None, status="todo")
    with PostgresStore(abandoned.url) as store:
        make_engine(store.database)
        assert abandoned.ask("SELECT count(*) FROM fleet_jobs.procrastinate_jobs") == [(1,)]
        abandoned.ask("UPDATE fleet.engine SET version = '0.1'")
        make_engine(store.database)
        assert abandoned.ask("SELECT count(*) FROM fleet_jobs.procrastinate_jobs") == [(0,)]
        assert abandoned.ask("SELECT count(*) FROM fleet.readings") == [(300,)]
        make_fleet(store.database, abandoned.ask("SELECT version FROM fleet.engine")[0][0], list)


def test_a_worker_that_was_given_up_by_mistake_goes_on(
    abandoned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.fleet.worker.AGAIN", 0.0)
    worker = abandoned.worker()
    upkeep = worker_upkeep(worker, abandoned, monkeypatch)
    worker.run()
    assert upkeep == [1]
    assert abandoned.ask("SELECT count(*) FROM listener.pending") == [(0,)]


def worker_upkeep(worker: Any, fleet: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have the worker declared dead in its first look, and stop it once everything is grouped."""
    from listener.fleet.shift import Shift

    whole, struck = Shift.look, []

    def look(self: Shift, name: str = "") -> int:
        if not struck:
            struck.append(1)
            fleet.ask("DELETE FROM fleet_jobs.procrastinate_workers")
        elif fleet.ask("SELECT count(*) FROM listener.pending") == [(0,)]:
            worker.stop()
        return whole(self, name)

    monkeypatch.setattr(Shift, "look", look)
    return struck
