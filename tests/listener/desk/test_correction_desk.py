"""Corrections at the desk: priced at once, promised anew, confirmed, answered for in the sample."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from listener.errors import Conflict, DeskError, NotFound
from triage.audit import sampled
from triage.verdict import Lane

House = Any


def in_sample(start: int = 0) -> str:
    return next(f"p{n}" for n in range(start, start + 1_000) if sampled("reddit", f"p{n}"))


def test_the_priority_and_the_promise_follow_at_once(house: House) -> None:
    case = house.open_case(hours_ago=1.0, severity=0.2)
    mention = house.store.case(case).case.mention
    done = house.desk.corrections.correct_case(case, "ann", [("severity", "critical")])
    row = house.store.case(case).case
    assert row.due_at == house.clock.at + timedelta(hours=1), "since we listen"
    points = {part.name: part.points for part in row.reasons}
    assert points["severity"] == 30
    assert row.priority == sum(points.values())
    house.desk.corrections.correct(mention, "ann", [("lane", "question")])
    assert {part.name: part.points for part in house.store.case(case).case.reasons}["lane"] == 10
    house.desk.undo("ann", case=case)
    house.desk.undo("ann", history=done.id, case=case)
    after = house.store.case(case).case
    assert {part.name: part.points for part in after.reasons}["severity"] == 2
    assert (after.lane, after.severity_band) == ("complaint", "serious")


def test_saying_what_was_decided_confirms_it(house: House) -> None:
    case = house.open_case()
    done = house.desk.corrections.correct_case(case, "ann", [("complaint", "yes")])
    assert done.note == "complaint: yes is right"
    [kept] = house.store.corrections()
    assert (kept.was, kept.is_now) == ("yes", "yes")


def test_what_cannot_be_said(house: House) -> None:
    case = house.open_case()
    desk = house.desk.corrections
    with pytest.raises(DeskError, match="what is wrong"):
        desk.correct_case(case, "ann", [])
    with pytest.raises(DeskError, match="is no lane; there are: complaint"):
        desk.correct_case(case, "ann", [("lane", "spam")])
    with pytest.raises(NotFound, match="no judged mention 99"):
        desk.correct(99, "ann", [("lane", "idea")])
    with pytest.raises(NotFound, match="no case 99"):
        desk.correct_case(99, "ann", [("lane", "idea")])
    mention = house.store.case(case).case.mention
    with pytest.raises(Conflict, match="is not muted: it is complaint"):
        desk.muted_rightly(mention, "ann")


def test_the_sample_is_answered_for(house: House, heard: Any) -> None:
    first, second = in_sample(), in_sample(500)
    one, two, other = house.hear(
        heard("Win a phone!", lane=Lane.MUTED, external_id=first, case=False),
        heard("My phone burns", lane=Lane.MUTED, external_id=second, case=False, author="ben"),
        heard("Win a car!", lane=Lane.MUTED, external_id="no", case=False, author="cy"),
    )
    desk = house.desk.corrections
    assert {row.id for row in house.store.audit_sample()} == {one, two}
    desk.muted_rightly(one, "ann")
    done = desk.muted_wrongly(two, "ann")
    row = house.store.case(done.case).case
    assert (row.lane, row.state) == ("complaint", "new")
    assert row.priority == sum(part.points for part in row.reasons) > 0
    assert house.store.audit_sample() == []
    assert [kept.audit for kept in house.store.corrections()] == [True, True]
    with pytest.raises(DeskError, match="must not be chosen"):
        desk.muted_rightly(other, "ann")
    house.desk.undo("ann", history=done.id, case=done.case)
    assert [left.id for left in house.store.audit_sample()] == [two]


def test_what_is_about_no_brand_can_be_answered_for_too(house: House, heard: Any) -> None:
    first, second = in_sample(), in_sample(500)
    posts = [
        heard("Nice", lane=Lane.MUTED, external_id=name, case=False) for name in (first, second)
    ]
    one, two = house.hear(*posts, brand="")
    done = house.desk.corrections.muted_wrongly(one, "ann", lane="idea")
    assert done.after == {"brand": "Acme"}
    assert [pending.brand for pending in house.store.pending(10)] == ["Acme"]
    house.desk.corrections.muted_rightly(two, "ann")
    assert [(kept.brand, kept.field, kept.is_now) for kept in house.store.corrections()] == [
        ("Acme", "relevant", "yes"),
        ("Acme", "lane", "idea"),
        ("", "relevant", "no"),
    ]
