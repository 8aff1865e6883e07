"""What every store must tell of a source's past: how much it brought, hour by hour and day by day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from listener.store.protocol import Store
from listener.store.rows import Collected, Counted, Hour, SourceState
from sources.protocols import Health


def run(
    store: Store, world: Any, at: datetime, *ids: str, outcome: str = "ok", source: str = "blog"
) -> int:
    number = store.open_run(source, at)
    mentions = [world.mention(id, minute=0) for id in ids]
    store.collect(Collected(run=number, source=source, mentions=mentions, at=at))
    store.close_run(number, outcome, "", at)
    return number


def test_a_run_asks_for_what_came_since_the_last_good_one_began(store: Store, world: Any) -> None:
    at = [world.now + timedelta(minutes=10 * n) for n in range(5)]
    run(store, world, at[0])
    run(store, world, at[1], outcome="stopped")
    run(store, world, at[2], outcome="failed")
    run(store, world, at[3])
    run(store, world, at[4])
    run(store, world, at[4], source="forum")
    asked = [row.asked_since for row in reversed(store.runs("blog"))]
    assert asked == [None, at[0], at[0], at[0], at[3]]
    assert store.runs("forum")[0].asked_since is None


def test_what_was_seen_before_is_the_overlap(store: Store, world: Any) -> None:
    run(store, world, world.now, "1", "2")
    run(store, world, world.now, "2", "3")
    row = store.runs()[0]
    assert (row.counted, row.counted.known) == (Counted(seen=2, new=1), 1)


def test_what_was_brought_is_counted_from_a_moment_on(store: Store, world: Any) -> None:
    run(store, world, world.now, "1", "2")
    run(store, world, world.now + timedelta(hours=1), "2", "3", outcome="failed")
    run(store, world, world.now + timedelta(hours=1), "4", source="forum")
    assert store.brought("blog", world.now) == 3
    assert store.brought("blog", world.now + timedelta(minutes=1)) == 1
    assert store.brought("blog", world.now + timedelta(days=1)) == 0
    assert store.brought("nobody", world.now) == 0


def test_hours_touch_each_other_and_leave_the_first_backlog_out(store: Store, world: Any) -> None:
    begin = world.now.replace(minute=0)
    at = [begin + timedelta(minutes=20 * n) for n in range(7)]
    run(store, world, at[0], "backlog 1", "backlog 2")
    run(store, world, at[1], "a")
    run(store, world, at[2], "b", outcome="failed")
    run(store, world, at[3], "c")
    run(store, world, at[4])
    run(store, world, at[5], "a", outcome="stopped")
    hours = store.hours("blog", begin - timedelta(days=1))
    assert [(hour.start, hour.end, hour.new) for hour in hours] == [
        (at[0], at[3], 3),
        (at[3], at[4], 0),
    ]
    assert hours[0].heard_at == at[3]
    assert hours[1].heard_at == world.mention("a", minute=0).created_at
    assert store.hours("blog", at[4]) == hours[1:]
    assert store.hours("forum", begin) == []


def test_a_window_that_no_good_run_has_closed_has_no_length(store: Store, world: Any) -> None:
    begin = world.now.replace(minute=0)
    run(store, world, begin)
    run(store, world, begin + timedelta(hours=2), "1", outcome="failed")
    heard = begin + timedelta(hours=2)
    assert store.hours("blog", begin) == [Hour(begin, begin, 1, heard)]


def test_a_silence_is_kept_with_the_health(store: Store, world: Any) -> None:
    state = SourceState("b", Health.DEGRADED, world.now, "so quiet", quiet_since=world.now)
    store.set_health(state)
    store.set_health(SourceState("a", Health.QUIET, world.now, ""))
    assert store.health("b") == [state]
    assert store.health()[1] == state
    assert store.health("nobody") == []
