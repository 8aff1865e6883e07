"""Every store: people's moves are conditional, written down, and can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from listener.errors import Conflict, DeskError, NotFound, UsageError
from listener.store.protocol import Store
from listener.store.rows import Move, Priced, QueueQuery, ReplyRow, Span
from sources.mention import Thread
from triage.verdict import Priority, PriorityPart

AT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def move(case: int, expect: dict[str, Any] | None = None, **change: Any) -> Move:
    return Move("bo", "test", "case", case, expect or {}, change, AT, "because")


@pytest.fixture
def case(world: Any) -> int:
    world.post("1", "#a x")
    id: int = world.case_of("1").id
    return id


class TestMove:
    def test_it_is_applied_and_written_down(self, store: Store, world: Any, case: int) -> None:
        until = "2026-11-02T08:20:00Z"
        row = store.move(
            move(
                case,
                {"state": "new", "owner": ""},
                state="answering",
                owner="bo",
                lease_until=until,
            )
        )
        assert row is not None
        assert (row.actor, row.action, row.entity, row.entity_id, row.case) == (
            "bo",
            "test",
            "case",
            case,
            case,
        )
        assert row.before == {"state": "new", "owner": "", "lease_until": None}
        assert row.after == {"state": "answering", "owner": "bo", "lease_until": until}
        assert (row.at, row.note) == (AT, "because")
        after = world.case_of("1")
        assert (after.state, after.owner, after.version) == ("answering", "bo", 2)
        assert after.lease_until == AT + timedelta(minutes=20)
        assert store.history(case) == [row]
        assert store.totals().cases_by_state == {"answering": 1}

    def test_none_when_somebody_was_faster(self, store: Store, world: Any, case: int) -> None:
        assert store.move(move(case, {"version": 1}, owner="bo")) is not None
        assert store.move(move(case, {"version": 1}, owner="cy")) is None
        assert world.case_of("1").owner == "bo"
        assert len(store.history()) == 1

    def test_expecting_nothing_there(self, store: Store, case: int) -> None:
        assert store.move(move(case, {"lease_until": None}, owner="bo")) is not None
        assert store.move(move(case, {"snooze_until": "2026-11-02T08:20:00Z"}, owner="cy")) is None

    def test_what_does_not_exist(self, store: Store, case: int) -> None:
        with pytest.raises(NotFound, match="no case 99"):
            store.move(move(99, owner="bo"))
        with pytest.raises(ValueError, match="column"):
            store.move(move(case, brand="Other"))
        with pytest.raises(ValueError, match="column"):
            store.move(move(case, **{"owner = owner --": "x"}))
        assert store.history() == []

    def test_a_manual_priority_holds_until_it_is_taken_away(
        self, store: Store, world: Any, case: int
    ) -> None:
        automatic = world.case_of("1").priority
        store.move(move(case, manual_priority=77))
        with store.triage() as scope:
            scope.price([Priced(case, Priority((PriorityPart("x", 5, "five"),)))])
        assert world.case_of("1").priority == 77
        store.move(move(case, manual_priority=None))
        assert world.case_of("1").priority == 5 != automatic

    def test_a_move_on_what_is_kept_elsewhere_is_only_written_down(self, store: Store) -> None:
        row = store.move(Move("root", "disable", "user", 3, {"disabled": 0}, {"disabled": 1}, AT))
        assert row is not None
        assert (row.before, row.after, row.case) == ({"disabled": 0}, {"disabled": 1}, None)


class TestUndo:
    def test_there_and_back(self, store: Store, world: Any, case: int) -> None:
        before = world.case_of("1")
        done = store.move(move(case, state="resolved", resolution="fixed", owner="bo"))
        assert done is not None
        undone = store.undo(done.id, "cy", AT)
        assert undone is not None
        assert (undone.actor, undone.undoes, undone.before, undone.after) == (
            "cy",
            done.id,
            done.after,
            done.before,
        )
        after = world.case_of("1")
        assert (after.state, after.resolution, after.owner) == ("new", "", before.owner)
        assert store.history(case)[1].undone_by == undone.id
        assert store.totals().cases_by_state == {"new": 1}

    def test_not_twice_and_not_an_undo(self, store: Store, case: int) -> None:
        done = store.move(move(case, owner="bo"))
        assert done is not None
        undone = store.undo(done.id, "bo", AT)
        assert undone is not None
        with pytest.raises(Conflict, match="taken back already by bo"):
            store.undo(done.id, "bo", AT)
        with pytest.raises(DeskError, match="is an undo"):
            store.undo(undone.id, "bo", AT)
        with pytest.raises(NotFound):
            store.undo(99, "bo", AT)

    def test_none_when_it_has_been_changed_again(self, store: Store, world: Any, case: int) -> None:
        done = store.move(move(case, owner="bo"))
        store.move(move(case, owner="cy"))
        assert done is not None
        assert store.undo(done.id, "bo", AT) is None
        assert world.case_of("1").owner == "cy"

    def test_a_manual_priority(self, store: Store, world: Any, case: int) -> None:
        automatic = world.case_of("1").priority
        done = store.move(move(case, manual_priority=77))
        assert done is not None
        store.undo(done.id, "bo", AT)
        assert world.case_of("1").priority == automatic

    def test_a_draft_is_cancelled(self, store: Store, case: int) -> None:
        row = store.add_reply(ReplyRow(0, case, "reply", "sorry", "draft", "bo", AT), "bo")
        assert store.undo(row.id, "bo", AT) is not None
        [reply] = store.replies(case)
        assert (reply.state, reply.text) == ("cancelled", "sorry")


class TestReplies:
    def test_they_stay_in_order_with_history(self, store: Store, case: int) -> None:
        draft = ReplyRow(7, case, "reply", "sorry", "draft", "bo", AT)
        note = ReplyRow(7, case, "note", "calls back", "kept", "cy", AT)
        row = store.add_reply(draft, "bo")
        store.add_reply(note, "cy")
        assert [(one.kind, one.text, one.author) for one in store.replies(case)] == [
            ("reply", "sorry", "bo"),
            ("note", "calls back", "cy"),
        ]
        assert (row.entity, row.case, row.action) == ("reply", case, "reply")
        edited = store.move(
            Move("bo", "edit", "reply", row.entity_id, {"text": "sorry"}, {"text": "so sorry"}, AT)
        )
        assert edited is not None
        assert edited.case == case
        assert [one.action for one in store.history(case)] == ["edit", "note", "reply"]
        file = store.case(case)
        assert file is not None
        assert file.replies == tuple(store.replies(case))
        assert file.history == tuple(store.history(case))

    def test_on_no_case(self, store: Store) -> None:
        with pytest.raises(NotFound, match="no case 5"):
            store.add_reply(ReplyRow(0, 5, "note", "x", "kept", "bo", AT), "bo")


class TestQueue:
    def test_highest_first_then_oldest_in_pages(self, store: Store, world: Any) -> None:
        for n in range(12):
            world.post(str(n), "x" + "!" * (n % 3))
        whole = store.queue(QueueQuery(limit=50))
        assert [(-row.priority, row.id) for row in whole] == sorted(
            (-row.priority, row.id) for row in whole
        )
        paged, after = [], None
        while page := store.queue(QueueQuery(limit=5, after=after)):
            paged += page
            after = (page[-1].priority, page[-1].id)
        assert paged == whole

    def test_views(self, store: Store, world: Any) -> None:
        changes: dict[str, dict[str, Any]] = {
            "new": {},
            "held": {"state": "answering", "owner": "bo", "lease_until": "2026-11-02T09:00:00Z"},
            "lapsed": {"state": "answering", "owner": "cy", "lease_until": "2026-11-02T07:00:00Z"},
            "waiting": {"state": "waiting", "owner": "bo"},
            "snoozed": {"state": "snoozed", "snooze_until": "2026-12-01T07:00:00Z"},
            "resolved": {"state": "resolved", "owner": "bo"},
            "dismissed": {"state": "dismissed"},
        }
        for name, change in changes.items():
            world.post(name, f"I am {name}")
            if change:
                store.move(move(world.case_of(name).id, **change))

        def names(**query: Any) -> set[str]:
            return {row.text.removeprefix("I am ") for row in store.queue(QueueQuery(**query))}

        assert names() == {"new"}
        assert names(at=AT) == {"new", "lapsed"}
        assert names(view="mine", owner="bo") == {"held", "waiting"}
        assert names(view="mine") == set()
        assert names(view="waiting") == {"waiting"}
        assert names(view="snoozed") == {"snoozed"}
        assert names(view="done") == {"resolved", "dismissed"}
        assert names(view="all") == set(changes)
        assert names(view="all", owner="cy") == {"lapsed"}
        with pytest.raises(UsageError, match="there are: open, mine"):
            names(view="opne")

    def test_filters(self, store: Store, world: Any) -> None:
        world.post("1", "#a join me")
        world.post("2", "#b quiet")
        world.collect(world.mention("3", "elsewhere", author="eve"))
        world.triage(brands=("Zeta",))

        def texts(**query: Any) -> list[str]:
            return [row.text for row in store.queue(QueueQuery(**query))]

        assert texts(brand="Zeta") == ["elsewhere"]
        assert texts(vigilante="likely") == ["#a join me"]
        assert texts(issue=world.issue["b"]) == ["#b quiet"]
        assert texts(lane="question") == []
        assert texts(source="other") == []
        assert len(texts(source="blog", lane="complaint")) == 3

    @pytest.mark.parametrize(
        "search",
        [
            '"',
            "'",
            "*",
            "AND",
            "NOT x",
            "(",
            "NEAR/3",
            "a:b",
            "-",
            "^a",
            "text:x",
            "\0",
            "!!!",
            "ü",
            '"a" OR',
        ],
    )
    def test_no_search_is_a_syntax_error(self, store: Store, world: Any, search: str) -> None:
        world.post("1", "something else entirely")
        store.queue(QueueQuery(search=search))

    def test_search_finds_words_of_every_post_in_the_case(self, store: Store, world: Any) -> None:
        world.hear(
            world.mention("1", "The Überweisung failed", title="Help"),
            world.mention("2", "still waiting for my refund", thread=Thread("1")),
        )
        world.post("3", "refund")
        one = world.case_of("1").id

        def found(search: str) -> list[int]:
            return [row.id for row in store.queue(QueueQuery(search=search))]

        assert found("uberweisung FAILED") == [one]
        assert found("refund waiting") == [one]
        assert found("help") == found("ann") == [one]
        assert len(found("refu")) == 2
        assert found("refund nothing") == []

    def test_a_case_that_does_not_exist(self, store: Store) -> None:
        assert store.case(5) is None

    def test_all_cases_in_order_of_opening(self, store: Store, world: Any) -> None:
        for n in range(4):
            world.post(str(n), minute=n)
        start = world.mention("0").created_at
        span = Span(start + timedelta(minutes=1), start + timedelta(minutes=3), "Acme")
        assert [case.url[-1] for case in store.all_cases(span)] == ["1", "2"]
        assert list(store.all_cases(Span(brand="Zeta"))) == []
