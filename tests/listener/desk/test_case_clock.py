"""The clock of a case stands still while it is not our turn: promise and ageing wait with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from listener.pricing import Pricing
from listener.stages.prioritise import prioritise
from listener.store.rows import CaseRow, Collected, Judged, NewCase, Priced, Triaged
from triage.verdict import PriorityPart

House = Any
HOUR = timedelta(hours=1)


def row(house: House, case: int) -> CaseRow:
    found: CaseRow = house.store.case(case).case
    return found


def parts(house: House, case: int) -> dict[str, int]:
    return {part.name: part.points for part in row(house, case).reasons}


def tick(house: House) -> int:
    return prioritise(house.store, house.config, house.clock.at)


def priced(house: House, case: int) -> None:
    """Compute the priority now, whatever is due."""
    with house.store.triage() as scope:
        rows = scope.case_facts([case])
        scope.price(Pricing(house.config).price(rows, house.clock.at))


def opened(house: House, **fields: object) -> int:
    """A case of an hour ago with a promise of four, priced as the house does."""
    case: int = house.open_case(hours_ago=1.0, promise_hours=4.0, **fields)
    priced(house, case)
    return case


def answer(house: House, case: int) -> None:
    house.desk.replies.draft(case, "ann", "Sorry! Is it this card?")
    reply = house.desk.replies.approve(case, "lea").entity_id
    house.desk.replies.sent(case, "ann", reply)


def hears(house: House, case: int, heard: Any, at: datetime) -> None:
    """The customer writes again in the same case."""
    first = house.store.case(case).mentions[0]
    hours = (house.clock.at - at) / HOUR
    [mention] = [house._mention(heard("Yes, that one. Still broken", hours_ago=hours))]
    run = house.store.open_run("reddit", house.clock.at)
    house.store.collect(Collected(run, "reddit", [mention], house.clock.at))
    [pending] = house.store.pending(10)
    verdict = house._judged(pending.id, mention, heard("Still broken"), "Acme").verdict
    joins = NewCase(first.id, "complaint", at, at + 4 * HOUR)
    with house.store.triage() as scope:
        judged = Judged(pending.id, "Acme", verdict, case=joins)
        changed = scope.write(Triaged([judged], [], house.clock.at, "test"))
        scope.price(Pricing(house.config).price(scope.case_facts(changed), house.clock.at))


def test_what_the_customer_takes_counts_neither_for_the_promise_nor_as_waiting(
    house: House, heard: Any
) -> None:
    case = opened(house)
    due = row(house, case).due_at
    answer(house, case)
    at_answer = house.clock.at
    assert row(house, case).paused_at == at_answer
    before = parts(house, case)
    house.clock.forward(days=3)
    assert tick(house) == 0, "nothing changes while it is the customer's turn"
    assert parts(house, case) == before
    wrote = house.clock.at - HOUR  # an hour until we saw it
    hears(house, case, heard, wrote)
    after = row(house, case)
    assert (after.state, after.paused_at) == ("new", None)
    assert due is not None
    assert after.due_at == due + (wrote - at_answer)
    assert after.waits_from == after.opened_at + (wrote - at_answer)
    assert parts(house, case)["waiting"] < 12, "two hours of ours, not three days"
    assert "promise" not in parts(house, case)


def test_after_a_late_answer_a_whole_promise_is_the_most(house: House, heard: Any) -> None:
    case = opened(house)
    answer(house, case)
    house.clock.forward(days=1)
    wrote = house.clock.at
    with house.store.triage() as scope:  # what was promised for long has not been kept
        [facts] = scope.case_facts([case])
        assert facts.paused_at is not None
    hears(house, case, heard, wrote)
    due = row(house, case).due_at
    assert due is not None
    assert wrote < due <= wrote + 4 * HOUR


@pytest.mark.parametrize("move", ["claim", "snooze", "reopen"])
def test_a_desk_that_takes_the_turn_back_starts_the_clock_again(house: House, move: str) -> None:
    case = opened(house)
    before = row(house, case)
    if move == "reopen":
        house.desk.cases.resolve(case, "ann", "refund issued")
    else:
        answer(house, case)
    house.clock.forward(days=2)
    if move == "reopen":
        house.desk.cases.reopen(case, "ann")
    elif move == "claim":
        house.desk.cases.claim(case, "ann")
    else:
        house.desk.cases.snooze(case, "ann", house.clock.at + HOUR)
    after = row(house, case)
    assert after.paused_at is None
    assert before.due_at is not None
    assert after.due_at == before.due_at + timedelta(days=2)
    assert after.waits_from == before.opened_at + timedelta(days=2)
    assert tick(house) == 1
    assert parts(house, case)["waiting"] <= 2
    house.desk.undo("ann", case=case)
    back = row(house, case)
    assert (back.paused_at, back.due_at, back.waits_from) == (
        house.clock.at - timedelta(days=2),
        before.due_at,
        None,
    )


def test_an_answer_taken_back_was_none(house: House) -> None:
    case = opened(house)
    answer(house, case)
    house.clock.forward(hours=5)
    house.desk.undo("ann", case=case)
    assert row(house, case).paused_at is None
    assert tick(house) == 1
    assert parts(house, case)["promise"] == 14, "the five hours were ours"


def test_sleep_is_our_own_time(house: House) -> None:
    case = opened(house)
    house.desk.cases.snooze(case, "ann", house.clock.at + timedelta(days=2))
    house.clock.forward(days=1)
    tick(house)
    assert parts(house, case)["promise"] == 14


def test_parts_add_up_to_the_number_the_queue_is_sorted_by(house: House) -> None:
    case = opened(house, followers=40_000)
    for hours in (0, 1, 5, 40, 400):
        house.clock.forward(hours=hours)
        tick(house)
        found = house.store.case(case)
        assert found.case.priority == sum(part.points for part in found.parts)
        assert found.case.reasons == found.parts


def test_a_priority_set_by_hand_stays_whatever_time_does(house: House) -> None:
    case = opened(house)
    house.desk.cases.prioritise(case, "ann", 33)
    house.clock.forward(days=9)
    assert tick(house) == 1
    assert row(house, case).priority == 33
    assert sum(parts(house, case).values()) != 33
    house.desk.cases.unprioritise(case, "ann")
    assert row(house, case).priority == sum(parts(house, case).values())


def test_a_clock_that_an_undo_left_wrong_is_set_by_the_next_price(house: House, heard: Any) -> None:
    case = opened(house)
    answer(house, case)
    house.clock.forward(hours=2)
    hears(house, case, heard, house.clock.at)
    heard_again = next(one for one in house.store.history(case) if one.action == "hear")
    house.desk.undo("ann", history=heard_again.id, case=case)
    assert (row(house, case).state, row(house, case).paused_at) == ("waiting", None)
    house.clock.forward(hours=2)
    tick(house)
    assert row(house, case).paused_at == house.clock.at


def test_the_store_keeps_the_clock_with_a_price(house: House) -> None:
    case = opened(house)
    with house.store.triage() as scope:
        [facts] = scope.case_facts([case])
        [one] = Pricing(house.config).price([facts], house.clock.at)
        assert one == Priced(case, one.priority)
    assert all(isinstance(part, PriorityPart) for part in one.priority.parts)
