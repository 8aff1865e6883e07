"""Snoozing until they answer, or until it gets worse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from listener.desk.casework import PATIENCE, WakesOn
from listener.errors import DeskError
from listener.pricing import Pricing

House = Any


@pytest.mark.parametrize(
    ("wakes_on", "said"),
    [(WakesOn.ANSWER, "until they answer"), (WakesOn.WORSE, "until it gets worse")],
)
def test_it_needs_no_time_and_can_be_taken_back(house: House, wakes_on: WakesOn, said: str) -> None:
    case = house.open_case()
    done = house.desk.cases.snooze(case, "ann", wakes_on=wakes_on)
    row = house.store.case(case).case
    assert (row.state, row.wakes_on, done.note) == ("snoozed", wakes_on.value, said)
    assert row.snooze_until == house.clock.at + PATIENCE
    house.desk.undo("ann", case=case)
    row = house.store.case(case).case
    assert (row.state, row.wakes_on, row.snooze_until) == ("new", "", None)


def test_its_time_may_be_given(house: House) -> None:
    case = house.open_case()
    until = house.clock.at + timedelta(days=2)
    house.desk.cases.snooze(case, "ann", until, "on holiday", WakesOn.WORSE)
    row = house.store.case(case)
    assert (row.case.snooze_until, row.history[0].note) == (until, "on holiday")


def test_a_time_alone_is_needed(house: House) -> None:
    case = house.open_case()
    with pytest.raises(DeskError, match="nothing is not a time to sleep until"):
        house.desk.cases.snooze(case, "ann")


@pytest.mark.parametrize("move", ["claim", "resolve", "dismiss"])
def test_whoever_moves_a_sleeping_case_has_woken_it(house: House, move: str) -> None:
    case = house.open_case()
    house.desk.cases.snooze(case, "ann", wakes_on=WakesOn.WORSE)
    words = ["why"] if move == "dismiss" else []
    done = getattr(house.desk.cases, move)(case, "ann", *words)
    row = house.store.case(case).case
    assert (row.snooze_until, row.wakes_on) == (None, "")
    assert done.before["wakes_on"] == "worse"
    house.desk.undo("ann", case=case)
    assert house.store.case(case).case.wakes_on == "worse"


def test_time_alone_makes_nothing_worse(house: House) -> None:
    case = house.open_case(promise_hours=1.0)
    pricing = Pricing(house.config)

    def reprice() -> None:
        with house.store.triage() as scope:
            scope.price(pricing.price(scope.case_facts([case]), house.clock.at), house.clock.at)

    reprice()
    house.desk.cases.snooze(case, "ann", wakes_on=WakesOn.WORSE)
    before = house.store.case(case).case.priority
    house.clock.forward(days=20)
    reprice()
    row = house.store.case(case).case
    assert row.priority > before + 10
    assert row.state == "snoozed"


def test_a_correction_that_makes_it_worse_wakes_it(house: House) -> None:
    case = house.open_case(severity=0.5)
    with house.store.triage() as scope:
        facts = scope.case_facts([case])
        scope.price(Pricing(house.config).price(facts, house.clock.at))
    house.desk.cases.snooze(case, "ann", wakes_on=WakesOn.WORSE)
    house.desk.corrections.correct_case(case, "ben", [("severity", "critical")])
    file = house.store.case(case)
    assert file.case.state == "new"
    assert file.history[0].actor == "listener"
    assert file.history[0].note.startswith("it got worse: its priority rose by ")
