"""Every store: a case that sleeps until it gets worse wakes where that is seen, and says why."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from listener.store.alarms import NewAlarm, Watched
from listener.store.protocol import Store
from listener.store.rows import Move, Priced, QueueQuery
from triage.priority import matter
from triage.verdict import Priority, PriorityPart
from triage.worsening import Standing


@pytest.fixture
def asleep(store: Store, world: Any) -> int:
    """The case of ann's post, asleep until it gets worse."""
    world.hear(world.mention("1", "#login broken", author="ann"))
    case: int = world.case_of("1").id
    sleep(store, world, case)
    return case


def sleep(store: Store, world: Any, case: int, wakes_on: str = "worse") -> None:
    [row] = [one for one in store.queue(QueueQuery(view="all")) if one.id == case]
    then = Standing(matter(row.reasons), row.issue or 0, row.people)
    change = {
        "state": "snoozed",
        "snooze_until": "2026-12-01T09:00:00Z",
        "wakes_on": wakes_on,
        "asleep": json.dumps(list(then)),
    }
    assert store.move(Move("bo", "snooze", "case", case, {}, change, world.now, "", case))


def woken(store: Store, case: int) -> str:
    """Why a case is awake; empty when it sleeps."""
    [row] = [one for one in store.queue(QueueQuery(view="all", limit=99)) if one.id == case]
    if row.state == "snoozed":
        assert (row.wakes_on, row.snooze_until is None) == ("worse", False)
        return ""
    assert (row.state, row.wakes_on, row.snooze_until) == ("new", "", None)
    last = store.history(case, 1)[0]
    assert (last.actor, last.action, last.after["state"]) == ("listener", "wake", "new")
    assert last.before["wakes_on"] == "worse"
    states = store.totals().cases_by_state
    assert "snoozed" not in states
    assert sum(states.values()) == len(store.queue(QueueQuery(view="all", limit=99)))
    return last.note


def test_it_sleeps_while_nothing_gets_worse(store: Store, world: Any, asleep: int) -> None:
    world.post("2", "#login broken too")
    world.post("3", "#other broken")
    world.hear(world.mention("4", "praise for #login", author="ann"))
    assert woken(store, asleep) == ""


def test_it_wakes_when_its_priority_rises(store: Store, world: Any, asleep: int) -> None:
    for points, waiting, why in ((19, 90, ""), (20, 0, "rose by 10 points without the waiting")):
        parts = (PriorityPart("severity", points, "so bad"), PriorityPart("waiting", waiting, "w"))
        with store.triage() as scope:
            scope.price([Priced(asleep, Priority(parts))], world.now)
        assert why in woken(store, asleep)
    assert "it got worse: " in woken(store, asleep)


def test_pricing_without_a_moment_wakes_nothing(store: Store, world: Any, asleep: int) -> None:
    with store.triage() as scope:
        scope.price([Priced(asleep, Priority((PriorityPart("severity", 99, "bad"),)))])
    assert woken(store, asleep) == ""


def test_it_wakes_when_its_issue_grows(store: Store, world: Any, asleep: int) -> None:
    world.post("2", "#login broken too")
    world.post("3", "#login still broken")
    assert woken(store, asleep) == ""
    world.post("4", "#login broken here as well")
    assert woken(store, asleep) == "it got worse: its issue has grown from 1 to 4 people"


def test_it_wakes_when_the_same_person_complains_elsewhere(
    store: Store, world: Any, asleep: int
) -> None:
    world.hear(world.mention("2", "#shipping never came", author="ann"))
    other = world.case_of("2").id
    assert other != asleep
    assert woken(store, asleep) == f"it got worse: the same person complains again, in case {other}"


def test_who_has_no_name_is_nobody_s_double(store: Store, world: Any) -> None:
    world.hear(world.mention("1", "#login broken", author=""))
    case = world.case_of("1").id
    sleep(store, world, case)
    world.hear(world.mention("2", "#shipping never came", author=""))
    assert woken(store, case) == ""


@pytest.mark.parametrize("what", ["spike", "growing", "back"])
def test_it_wakes_when_its_issue_spikes(store: Store, world: Any, asleep: int, what: str) -> None:
    issue = world.issue["login"]
    alarm = NewAlarm(f"{what}:1", what, "Acme", ("12 people",), issue=issue)
    store.watched(Watched(world.now, alarms=[alarm]))
    assert woken(store, asleep).startswith("it got worse: its issue ")
    sleep(store, world, asleep)
    store.watched(Watched(world.now, alarms=[alarm]))  # told already
    assert woken(store, asleep) == ""


def test_another_alarm_wakes_nobody(store: Store, world: Any, asleep: int) -> None:
    issue = world.issue["login"]
    store.watched(Watched(world.now, alarms=[NewAlarm("x", "digest", "Acme", ("x",), issue=issue)]))
    assert woken(store, asleep) == ""


@pytest.mark.parametrize("wakes_on", ["", "answer"])
def test_other_sleepers_sleep_on(store: Store, world: Any, wakes_on: str) -> None:
    world.hear(world.mention("1", "#login broken", author="ann"))
    case = world.case_of("1").id
    sleep(store, world, case, wakes_on)
    for id in "2345":
        world.post(id, "#login broken too")
    world.hear(world.mention("6", "#shipping never came", author="ann"))
    assert world.case_of("1").state == "snoozed"


@pytest.mark.parametrize("wakes_on", ["", "answer", "worse"])
def test_an_answer_wakes_every_sleeper(store: Store, world: Any, wakes_on: str) -> None:
    from sources.mention import Thread

    world.hear(world.mention("1", "#login broken", author="ann"))
    case = world.case_of("1").id
    sleep(store, world, case, wakes_on)
    world.hear(world.mention("2", "still broken", author="ann", thread=Thread("1", "1")))
    row = world.case_of("1")
    assert (row.state, row.wakes_on, row.snooze_until, row.posts) == ("new", "", None, 2)
    note = store.history(case, 1)[0].note
    assert note == "the customer has written again"


def test_its_time_comes_all_the_same(store: Store, world: Any, asleep: int) -> None:
    assert store.cases_to_price(world.now + timedelta(days=60), 9) == [asleep]
    row = world.case_of("1")
    assert (row.state, row.wakes_on) == ("new", "")
    last = store.history(asleep, 1)[0]
    assert (last.note, last.before["wakes_on"]) == ("the snooze is over", "worse")


def test_a_triage_that_dies_has_woken_nobody(store: Store, world: Any, asleep: int) -> None:
    world.collect(world.mention("2", "#shipping never came", author="ann"))
    with pytest.raises(RuntimeError, match="killed"):
        world.die(store.pending(9))
    assert woken(store, asleep) == ""
    world.triage()
    assert woken(store, asleep)
