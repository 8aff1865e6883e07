"""Every store: labels of cases are put on, found, counted, taken off and taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from listener.errors import Conflict, NotFound
from listener.store.labels import LabelRow
from listener.store.protocol import Store
from listener.store.rows import Move, QueueQuery, Span

AT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def case(world: Any) -> int:
    world.post("1", "#a x")
    id: int = world.case_of("1").id
    return id


def on(store: Store, case: int, label: str, actor: str = "bo") -> Any:
    return store.label(case, label, actor, AT, on=True)


def test_a_label_is_put_on_once(store: Store, world: Any, case: int) -> None:
    version = world.case_of("1").version
    row = on(store, case, "refund")
    assert (row.actor, row.action, row.entity, row.case, row.note) == (
        *("bo", "label", "case", case, "refund"),
    )
    assert (row.before, row.after) == ({"label": None}, {"label": "refund"})
    assert on(store, case, "refund") is None
    on(store, case, "alarm")
    found = world.case_of("1")
    assert (found.labels, found.version) == (("alarm", "refund"), version + 2)
    assert len(store.history(case)) == 2


def test_it_is_taken_off(store: Store, world: Any, case: int) -> None:
    on(store, case, "refund")
    assert store.label(case, "refund", "cy", AT, on=False).action == "unlabel"
    assert store.label(case, "refund", "cy", AT, on=False) is None
    assert world.case_of("1").labels == ()


def test_there_is_no_such_case(store: Store) -> None:
    with pytest.raises(NotFound, match="no case 99"):
        on(store, 99, "refund")


def test_each_is_taken_back_by_itself(store: Store, world: Any, case: int) -> None:
    first = on(store, case, "refund")
    on(store, case, "alarm")
    back = store.undo(first.id, "bo", AT)
    assert (back.undoes, back.before, back.after) == (
        *(first.id, {"label": "refund"}, {"label": None}),
    )
    assert world.case_of("1").labels == ("alarm",)
    with pytest.raises(Conflict, match="taken back already"):
        store.undo(first.id, "bo", AT)
    off = store.label(case, "alarm", "bo", AT, on=False)
    store.undo(off.id, "bo", AT)
    assert world.case_of("1").labels == ("alarm",)


def test_what_was_changed_again_is_not_taken_back(store: Store, case: int) -> None:
    first = on(store, case, "refund")
    store.label(case, "refund", "cy", AT, on=False)
    assert store.undo(first.id, "bo", AT) is None


def test_the_queue_is_narrowed_by_it(store: Store, world: Any) -> None:
    for id in "123":
        world.post(id, "#a x")
    cases = [world.case_of(id).id for id in "123"]
    on(store, cases[0], "refund")
    on(store, cases[2], "refund")
    on(store, cases[1], "vip")
    found = store.queue(QueueQuery(label="refund"))
    assert sorted(one.id for one in found) == [cases[0], cases[2]]
    assert store.count(QueueQuery(label="refund"), 9) == 2
    assert store.queue(QueueQuery(label="none")) == []
    exported = {one.id: one.labels for one in store.all_cases(Span())}
    assert exported == {cases[0]: ("refund",), cases[1]: ("vip",), cases[2]: ("refund",)}


def test_they_are_counted(store: Store, world: Any) -> None:
    for id in "123":
        world.post(id, "#a x")
    cases = [world.case_of(id).id for id in "123"]
    for case in cases:
        on(store, case, "refund")
    on(store, cases[0], "alarm")
    store.move(Move("bo", "resolve", "case", cases[1], {}, {"state": "resolved"}, AT))
    assert store.labels() == [LabelRow("refund", 2, 3), LabelRow("alarm", 1, 1)]
    assert store.labels("Acme", 1) == [LabelRow("refund", 2, 3)]
    assert store.labels("Other") == []
    assert store.label_names() == ["alarm", "refund"]
    assert store.label_names(1) == ["alarm"]


@pytest.mark.parametrize("label", ["🔥", "x" * 1000, "a\ud800b", "'; DROP TABLE cases; --", "你好"])
def test_any_text_is_only_a_text(store: Store, world: Any, case: int, label: str) -> None:
    on(store, case, label)
    [kept] = world.case_of("1").labels
    assert kept == label.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
