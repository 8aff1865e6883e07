"""Every store: posts by the hour, alarms with their deliveries, phases, and who comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from listener.store.alarms import Activity, NewAlarm, PhaseMove, Settled, Watched
from listener.store.protocol import Store
from listener.store.rows import Move, ReplyRow, Triaged
from triage.protocols import Move as Moved
from triage.protocols import Refinement

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def count(store: Store) -> None:
    while store.count_hours(3):
        pass


def active(store: Store, world: Any, hours: int = 48) -> dict[int, Activity]:
    since = world.now - hours * HOUR
    return {one.issue: one for one in store.active(since, since)}


def counted(store: Store, world: Any, tag: str) -> list[tuple[int, int, int]]:
    """(hours after the start, posts, people) of an issue."""
    count(store)
    found = active(store, world)[world.issue[tag]]
    start = world.now.replace(minute=0)
    return [(int((one.start - start) / HOUR), one.posts, one.people) for one in found.hours]


@pytest.fixture
def filled(world: Any) -> Any:
    world.hear(
        *(
            world.mention(id, f"#{tag} text {id}", author=author, minute=minute)
            for id, tag, author, minute in (
                ("1", "a", "ann", 5),
                ("2", "a", "ann", 9),
                ("3", "a", "bob", 59),
                ("4", "a", "ann", 61),
                ("5", "b", "eve", 4),
            )
        )
    )
    return world


class TestHours:
    def test_posts_and_distinct_people_by_the_hour(self, store: Store, filled: Any) -> None:
        assert counted(store, filled, "a") == [(0, 3, 2), (1, 1, 1)]
        assert counted(store, filled, "b") == [(0, 1, 1)]
        assert store.count_hours() == 0

    def test_they_follow_merges_splits_and_undo(self, store: Store, filled: Any) -> None:
        a, b = filled.issue["a"], filled.issue["b"]
        count(store)
        merged = store.merge(b, a, "bo", filled.now)
        assert counted(store, filled, "a") == [(0, 4, 3), (1, 1, 1)]
        assert b not in active(store, filled)
        store.undo(merged.id, "bo", filled.now)
        assert counted(store, filled, "a") == [(0, 3, 2), (1, 1, 1)]
        assert counted(store, filled, "b") == [(0, 1, 1)]
        row = store.split(a, [filled.id_of("4")], "bo", filled.now)
        assert counted(store, filled, "a") == [(0, 3, 2)]
        assert [one.posts for one in active(store, filled)[row.entity_id].hours] == [1]

    def test_they_follow_what_refinement_moves(self, store: Store, filled: Any) -> None:
        a, b = filled.issue["a"], filled.issue["b"]
        count(store)
        moved = Moved(filled.id_of("3"), a, b, 0.2, 0.7, True)
        with store.triage() as scope:
            found = [("Acme", Refinement(9, 6, (), (moved,), ()))]
            scope.write(Triaged([], [], filled.now, "m", found, []))
        assert counted(store, filled, "a") == [(0, 2, 1), (1, 1, 1)]
        assert counted(store, filled, "b") == [(0, 2, 2)]

    def test_a_crowd_is_its_distinct_people(self, store: Store, filled: Any) -> None:
        a, start = filled.issue["a"], filled.now
        assert store.crowd(a, start, start + 2 * HOUR) == 2
        assert store.crowd(a, start, start + HOUR) == 2
        assert store.crowd(a, start + HOUR, start + 2 * HOUR) == 1
        assert store.crowd(a, start + 2 * HOUR, start + 3 * HOUR) == 0

    def test_who_is_erased_still_counts(self, store: Store, filled: Any) -> None:
        count(store)
        filled.collect(tombstones=["3"])
        a = filled.issue["a"]
        assert store.crowd(a, filled.now, filled.now + 2 * HOUR) == 2
        assert counted(store, filled, "a") == [(0, 3, 2), (1, 1, 1)]

    def test_silent_issues_are_left_out_once_they_are_known(
        self, store: Store, filled: Any
    ) -> None:
        count(store)
        a, b = filled.issue["a"], filled.issue["b"]
        later = filled.now + 5 * HOUR
        assert {one.issue for one in store.active(filled.now, later)} == {a, b}
        store.watched(Watched(later, phases=[PhaseMove(a, "", "known"), PhaseMove(b, "", "new")]))
        assert {one.issue for one in store.active(filled.now, later)} == {b}
        assert {one.issue for one in store.active(filled.now, filled.now)} == {a, b}

    def test_since_when_anything_was_heard(self, store: Store, world: Any) -> None:
        assert store.heard_since() is None
        world.hear(world.mention("1", minute=-600))
        assert store.heard_since() == world.now - 600 * MINUTE, "an import is whole"


class TestPhases:
    def test_a_change_is_written_down_once(self, store: Store, filled: Any) -> None:
        a = filled.issue["a"]
        moves = [PhaseMove(a, "", "new"), PhaseMove(a, "new", "growing", ("twice as many",))]
        store.watched(Watched(filled.now, phases=moves))
        store.watched(Watched(filled.now, phases=moves))
        found = store.issue(a)
        assert found is not None
        assert (found.state, found.life) == ("open", "growing")
        [row] = [one for one in store.history() if one.entity == "issue"]
        assert (row.actor, row.action, row.entity_id) == ("listener", "growing", a)
        assert (row.before, row.after) == ({"phase": "new"}, {"phase": "growing"})
        assert row.note == "twice as many"

    def test_life_follows_what_people_say(self, store: Store, filled: Any) -> None:
        a = filled.issue["a"]
        assert store.issue(a).life == "new"  # type: ignore[union-attr]
        fix = {"state": "fixed", "fixed_at": "2026-11-01T10:00:00Z"}
        store.move(Move("bo", "fix", "issue", a, {}, fix, filled.now))
        assert store.issue(a).life == "fixed"  # type: ignore[union-attr]


class TestBack:
    @pytest.fixture
    def fixed(self, store: Store, filled: Any) -> Any:
        a, case = filled.issue["a"], filled.case_of("1").id
        store.add_reply(ReplyRow(0, case, "reply", "Sorry!", "draft", "bo", filled.now), "bo")
        store.add_reply(ReplyRow(0, case, "note", "hm", "done", "cy", filled.now), "cy")
        fix = {"state": "fixed", "fixed_at": "2026-11-01T11:00:00Z"}
        store.move(Move("bo", "fix", "issue", a, {}, fix, filled.now))
        return filled

    def test_the_same_complaint_comes_back_with_who_answered(
        self, store: Store, fixed: Any
    ) -> None:
        fixed.post("9", "#a again!", minute=130)
        found = store.issue(fixed.issue["a"])
        assert found is not None
        assert (found.state, found.life) == ("open", "back")
        assert store.history()[0].note.endswith("after the fix; answered before by bo")
        assert active(store, fixed)[found.id].fixed_at == fixed.now + 2 * HOUR

    def test_praise_does_not(self, store: Store, fixed: Any) -> None:
        fixed.post("9", "praise for #a", minute=130)
        assert store.issue(fixed.issue["a"]).life == "fixed"  # type: ignore[union-attr]


class TestAlarms:
    def raised(self, store: Store, world: Any, key: str = "spike:1", **more: Any) -> Any:
        alarm = NewAlarm(
            key,
            "spike",
            "Acme",
            ("9 people in 3 hours",),
            issue=world.issue["a"],
            per_week=0.1,
            targets=more.pop("targets", [("desk", world.now)]),
            **more,
        )
        return store.watched(Watched(world.now, alarms=[alarm]))

    def test_an_alarm_is_raised_once_with_its_deliveries(self, store: Store, filled: Any) -> None:
        [row] = self.raised(store, filled)
        assert (row.what, row.brand, row.issue, row.title) == (
            "spike",
            "Acme",
            filled.issue["a"],
            "about a",
        )
        assert (row.reasons, row.per_week) == (("9 people in 3 hours",), 0.1)
        assert self.raised(store, filled) == []
        assert store.alarms() == store.alarms("spike", filled.issue["a"]) == [row]
        assert store.alarms("back") == store.alarms(issue=99) == []
        [delivery] = store.deliveries()
        assert (delivery.state, delivery.target, delivery.attempts) == ("waiting", "desk", 0)
        assert delivery.alarm == row

    def test_an_alarm_goes_on_while_it_holds(self, store: Store, filled: Any) -> None:
        self.raised(store, filled)
        later = filled.now + HOUR
        store.watched(Watched(later, holding=["spike:1"]))
        assert store.alarms()[0].until == later
        found = active(store, filled)[filled.issue["a"]]
        assert (found.alarm, found.alarm_until) == ("spike:1", later)

    def test_a_delivery_is_taken_by_one(self, opened: Any, store: Store, filled: Any) -> None:
        self.raised(store, filled, targets=[("desk", filled.now), ("night", filled.now + HOUR)])
        lost = filled.now - HOUR
        [taken] = store.take_deliveries(filled.now, lost)
        assert (taken.target, taken.state, taken.attempts) == ("desk", "sending", 1)
        with opened() as other:
            assert other.take_deliveries(filled.now, lost) == []
        done = Settled(taken.id, "sending", "sent", filled.now, "200")
        assert store.settle_deliveries([done]) == 1
        assert store.settle_deliveries([done]) == 0
        [sent] = store.deliveries("sent")
        assert (sent.sent_at, sent.answer) == (filled.now, "200")
        assert [one.target for one in store.deliveries("waiting")] == ["night"]

    def test_what_failed_waits_and_is_taken_again(self, store: Store, filled: Any) -> None:
        self.raised(store, filled)
        [taken] = store.take_deliveries(filled.now, filled.now)
        later = filled.now + HOUR
        again = Settled(taken.id, "sending", "waiting", filled.now, "503", later)
        store.settle_deliveries([again])
        assert store.take_deliveries(later - MINUTE, filled.now) == []
        [taken] = store.take_deliveries(later, filled.now)
        assert (taken.attempts, taken.answer) == (2, "503")

    def test_whoever_dies_while_sending_leaves_it_in_doubt(self, store: Store, filled: Any) -> None:
        self.raised(store, filled)
        [taken] = store.take_deliveries(filled.now, filled.now - HOUR)
        assert store.take_deliveries(filled.now + HOUR, filled.now) == []
        assert store.deliveries("in doubt") == []
        assert store.take_deliveries(filled.now + HOUR, filled.now + MINUTE) == []
        [doubt] = store.deliveries("in doubt")
        assert doubt.id == taken.id
        back = Settled(doubt.id, "in doubt", "waiting", filled.now, "tried again by bo", filled.now)
        assert store.settle_deliveries([back]) == 1
        assert len(store.take_deliveries(filled.now, filled.now)) == 1

    def test_an_alarm_without_an_issue(self, store: Store, world: Any) -> None:
        alarm = NewAlarm("disk low:1", "disk low", "", ("2 GB are left",))
        [row] = store.watched(Watched(world.now, alarms=[alarm]))
        assert (row.issue, row.title, row.brand, row.per_week) == (None, "", "", None)
