"""Following a store: its pulse, its new moves in order, and moves that belong together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from listener.store.protocol import Store
from listener.store.rows import Move, Value


def test_the_pulse_tells_of_others_commits(opened: Callable[[], Store], world: Any) -> None:
    with opened() as follower, opened() as other:
        before = follower.pulse()
        assert follower.pulse() == before
        other.open_run("reddit", world.now)
        assert follower.pulse() != before


def opened_case(world: Any, id: str) -> int:
    world.collect(world.mention(id, author=id))
    world.triage()
    return int(world.store.newest_case())


def move(case: int, owner: str, expect: str, at: Any) -> Move:
    change: dict[str, Value] = {"owner": owner}
    return Move(owner, "claim", "case", case, {"owner": expect}, change, at, case=case)


def test_moves_since_are_the_later_ones_in_order(store: Store, world: Any) -> None:
    assert (store.latest_move(), store.newest_case(), store.moves_since(0)) == (0, 0, [])
    case = opened_case(world, "p1")
    assert store.newest_case() == case
    done = []
    for owner, before in (("ann", ""), ("bob", "ann"), ("cleo", "bob")):
        row = store.move(move(case, owner, before, world.now))
        assert row is not None
        done.append(row.id)
    assert store.latest_move() == done[-1]
    assert [row.id for row in store.moves_since(done[0])] == done[1:]
    assert [row.id for row in store.moves_since(0, 2)] == done[:2]


def test_several_moves_are_made_together_or_not_at_all(store: Store, world: Any) -> None:
    case, other = opened_case(world, "p1"), opened_case(world, "p2")
    both = store.move_all((move(case, "ann", "", world.now), move(other, "ann", "", world.now)))
    assert both is not None
    assert [row.entity_id for row in both] == [case, other]
    late = (move(case, "bob", "ann", world.now), move(other, "bob", "somebody", world.now))
    assert store.move_all(late) is None
    assert [file.case.owner for file in map(store.case, (case, other)) if file] == ["ann", "ann"]
    assert store.latest_move() == both[-1].id
