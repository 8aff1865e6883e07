from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from listener.desk import Desk
from listener.errors import Conflict, DeskError, NotFound
from listener.store import open_store
from listener.store.rows import HistoryRow

House = Any
Act = Callable[[House, int], HistoryRow]

ACTS: dict[str, Act] = {
    "claim": lambda house, case: house.desk.cases.claim(case, "ann"),
    "assign": lambda house, case: house.desk.cases.assign(case, "ann", "ben"),
    "snooze": lambda house, case: house.desk.cases.snooze(
        case, "ann", house.clock.at + timedelta(hours=2)
    ),
    "resolve": lambda house, case: house.desk.cases.resolve(case, "ann", "refund issued"),
    "dismiss": lambda house, case: house.desk.cases.dismiss(case, "ann", "not about us"),
    "set priority": lambda house, case: house.desk.cases.prioritise(case, "ann", 90),
    "reply": lambda house, case: house.desk.replies.draft(case, "ann", "Sorry! We are on it."),
    "note": lambda house, case: house.desk.replies.note(case, "ann", "same as last week"),
}


def standing(house: House, case: int) -> tuple[object, ...]:
    row = house.store.case(case).case
    return (
        row.state,
        row.owner,
        row.lease_until,
        row.snooze_until,
        row.resolution,
        row.priority,
        row.manual_priority,
    )


@pytest.mark.parametrize("action", ACTS)
def test_every_move_is_in_history_and_can_be_taken_back(house: House, action: str) -> None:
    case = house.open_case()
    before = standing(house, case)
    done = ACTS[action](house, case)
    assert (done.actor, done.action, done.case, done.at) == ("ann", action, case, house.clock.at)
    if done.entity == "case":
        assert standing(house, case) != before
    house.clock.forward(minutes=1)
    back = house.desk.undo("ann", case=case)
    assert back.undoes == done.id
    assert standing(house, case) == before
    log = house.store.case(case).history
    assert [row.action for row in log] == ["undo", action]
    assert log[1].undone_by == back.id


@pytest.mark.parametrize("action", [name for name in ACTS if name != "note"])
def test_nobody_moves_a_case_that_somebody_else_answers(house: House, action: str) -> None:
    case = house.open_case()
    house.desk.cases.claim(case, "zoe")
    with pytest.raises(Conflict, match=r"zoe has case \d+ until 2026-11-20T12:20:00Z") as caught:
        ACTS[action](house, case) if action != "set priority" else house.desk.cases.release(
            case, "ann"
        )
    assert caught.value.hint
    assert standing(house, case)[1] == "zoe"


def test_a_claim_is_a_lease_that_its_owner_extends(house: House) -> None:
    case = house.open_case()
    assert house.desk.cases.claim(case, "ann").after["lease_until"] == "2026-11-20T12:20:00Z"
    house.clock.forward(minutes=10)
    again = house.desk.cases.claim(case, "ann")
    assert (again.action, again.after["lease_until"]) == ("extend", "2026-11-20T12:30:00Z")


def test_a_lease_that_has_run_out_binds_nobody(house: House) -> None:
    case = house.open_case()
    house.desk.cases.claim(case, "zoe")
    house.clock.forward(minutes=20)
    assert house.desk.cases.claim(case, "ann").after["owner"] == "ann"
    with pytest.raises(Conflict, match="ann has case"):
        house.desk.cases.claim(case, "zoe")


def test_of_two_who_looked_at_the_same_time_one_wins(house: House) -> None:
    case = house.open_case()
    with open_store(house.config.store) as other_store:
        stale = house.desk.cases._moves

        class Late:
            """A store whose look was taken before somebody else moved."""

            def __getattr__(self, name: str) -> object:
                return getattr(other_store, name)

            def case(self, case: int) -> object:
                return seen

        seen = other_store.case(case)
        house.desk.cases.claim(case, "zoe")
        stale.store = Late()
        with pytest.raises(Conflict, match="changed meanwhile: zoe made the move “claim”"):
            house.desk.cases.claim(case, "ann")
        assert other_store.case(case).case.owner == "zoe"


def test_release_gives_the_case_back(house: House) -> None:
    case = house.open_case()
    with pytest.raises(Conflict, match="nobody's already"):
        house.desk.cases.release(case, "ann")
    house.desk.cases.claim(case, "ann")
    house.desk.cases.release(case, "ann", "lunch")
    assert standing(house, case)[:3] == ("new", "", None)
    house.desk.undo("ann", case=case)
    assert standing(house, case)[:2] == ("answering", "ann")


def test_an_assigned_case_is_a_task_without_a_lease(house: House) -> None:
    case = house.open_case()
    house.desk.cases.claim(case, "ann")
    house.desk.cases.assign(case, "ann", "ben")
    assert standing(house, case)[:3] == ("new", "ben", None)
    with pytest.raises(Conflict, match="ben's already"):
        house.desk.cases.assign(case, "ann", "ben")
    assert house.desk.cases.claim(case, "zoe").after["owner"] == "zoe"


@pytest.mark.parametrize("hours", [-1, 0, 24 * 400])
def test_a_sleep_ends_ahead_and_within_a_year(house: House, hours: int) -> None:
    case = house.open_case()
    with pytest.raises(DeskError, match="must lie ahead"):
        house.desk.cases.snooze(case, "ann", house.clock.at + timedelta(hours=hours))


@pytest.mark.parametrize("action", [name for name in ACTS if name != "note"])
def test_a_case_that_has_ended_says_who_ended_it(house: House, action: str) -> None:
    case = house.open_case()
    house.desk.cases.resolve(case, "zoe", "refund issued")
    with pytest.raises(Conflict, match="was resolved by zoe at 2026-11-20T12:00:00Z: refund") as e:
        ACTS[action](house, case)
    assert e.value.hint == f"listener queue undo {case}"


def test_a_manual_priority_goes_back_to_the_sum(house: House) -> None:
    case = house.open_case()
    with pytest.raises(Conflict, match="not set by hand"):
        house.desk.cases.unprioritise(case, "ann")
    house.desk.cases.prioritise(case, "ann", -40)
    assert standing(house, case)[5:] == (-40, -40)
    house.desk.cases.unprioritise(case, "ann")
    assert standing(house, case)[5:] == (20, None)
    with pytest.raises(DeskError, match="between -1000 and 1000"):
        house.desk.cases.prioritise(case, "ann", 10**9)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101, "\u202eann"])
def test_whoever_acts_has_a_name(house: House, name: str) -> None:
    case = house.open_case()
    for act in (
        lambda: house.desk.cases.claim(case, name),
        lambda: house.desk.cases.assign(case, "ann", name),
        lambda: house.desk.replies.note(case, name, "x"),
        lambda: house.desk.undo(name, case=case),
    ):
        with pytest.raises(DeskError):
            act()


@pytest.mark.parametrize("reason", ["", " \n", "\u200b"])
def test_a_dismissal_has_a_reason(house: House, reason: str) -> None:
    case = house.open_case()
    with pytest.raises(DeskError, match="the reason is empty"):
        house.desk.cases.dismiss(case, "ann", reason)


def test_what_is_not_there_is_said_to_be_not_there(house: House) -> None:
    for act in ACTS.values():
        with pytest.raises(NotFound, match="there is no case 99"):
            act(house, 99)


def test_only_the_latest_move_is_taken_back_and_only_once(house: House) -> None:
    case = house.open_case()
    first = house.desk.cases.claim(case, "ann")
    second = house.desk.cases.resolve(case, "ann")
    with pytest.raises(Conflict, match=f"take move {second.id} back first"):
        house.desk.undo("ann", history=first.id, case=case)
    house.desk.undo("ann", case=case)
    house.desk.undo("ann", case=case)
    assert standing(house, case)[0] == "new"
    with pytest.raises(NotFound, match="no move on case"):
        house.desk.undo("ann", case=case)
    with pytest.raises(Conflict, match="taken back already"):
        house.desk.undo("ann", history=first.id)


def test_anybody_may_take_back_a_named_move_of_another(house: House) -> None:
    case = house.open_case()
    done = house.desk.cases.dismiss(case, "ben", "spam")
    with pytest.raises(NotFound):
        house.desk.undo("lead", case=case)
    assert house.desk.undo("lead", history=done.id).actor == "lead"
    assert standing(house, case)[0] == "new"


def test_a_case_that_has_ended_can_be_opened_again(house: House) -> None:
    case = house.open_case()
    with pytest.raises(Conflict, match="is open: new"):
        house.desk.cases.reopen(case, "ann")
    house.desk.cases.resolve(case, "ann", "refund issued")
    house.desk.cases.reopen(case, "zoe", "they wrote again")
    assert standing(house, case)[:5] == ("new", "", None, None, "")


def test_a_move_that_the_life_of_a_case_does_not_know_names_those_it_does(house: House) -> None:
    case = house.open_case()
    house.desk.cases.snooze(case, "ann", house.clock.at + timedelta(hours=1))
    with pytest.raises(Conflict, match="a case that is snoozed cannot take assign; it can: answer"):
        house.desk.cases.assign(case, "ann", "ben")


def test_an_assigned_task_can_be_given_back(house: House) -> None:
    case = house.open_case()
    house.desk.cases.assign(case, "ann", "ben")
    house.desk.cases.release(case, "ben")
    assert standing(house, case)[:2] == ("new", "")


def test_of_many_at_once_exactly_one_wins(house: House) -> None:
    case = house.open_case()
    start = Barrier(6)

    def claim(name: str) -> str:
        with open_store(house.config.store) as store:
            desk = Desk(store, house.config, house.clock)
            start.wait()
            try:
                desk.cases.claim(case, name)
            except Conflict:
                return ""
            return name

    with ThreadPoolExecutor(6) as pool:
        winners = [name for name in pool.map(claim, "abcdef") if name]
    assert [house.store.case(case).case.owner] == winners
    assert [row.action for row in house.store.case(case).history] == ["claim"]
