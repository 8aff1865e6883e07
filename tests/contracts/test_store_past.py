"""Every store: past cases come with their facts and their first answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from listener.store.protocol import Store
from listener.store.rows import Move, Span

AT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def test_past_cases_with_their_first_answer(store: Store, world: Any) -> None:
    for id in ("1", "2", "3", "4"):
        world.post(id, f"x {id}!")
    one, two, three, four = (world.case_of(id).id for id in ("1", "2", "3", "4"))

    def moved(case: int, action: str, at: datetime, **change: Any) -> int:
        row = store.move(Move("bo", action, "case", case, {}, change, at))
        assert row is not None
        return row.id

    moved(one, "answer", AT, state="waiting")
    moved(one, "resolve", AT.replace(hour=20), state="resolved")
    store.undo(moved(two, "resolve", AT, state="resolved"), "bo", AT)
    moved(three, "dismiss", AT, state="dismissed")
    found = list(store.past_cases(Span(brand="Acme")))
    assert [(row.facts.id, row.answered_at) for row in found] == [
        (one, AT),
        (two, None),
        (four, None),
    ]
    assert found[0].facts.signals == ("shout",)
    assert list(store.past_cases(Span(brand="Other"))) == []
    assert list(store.past_cases(Span(since=AT))) == []
