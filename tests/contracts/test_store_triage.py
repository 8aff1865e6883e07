"""Every store: one batch is one transaction, and judging again replaces what machines wrote only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from listener.store.protocol import Store
from listener.store.rows import Move, Priced, QueueQuery, Span
from sources.mention import Thread
from triage.verdict import Lane, Priority, PriorityPart


def move(case: int, **change: Any) -> Move:
    from datetime import UTC, datetime

    return Move("bo", "test", "case", case, {}, change, datetime(2026, 11, 1, tzinfo=UTC))


def test_a_verdict_comes_back_exactly(store: Store, world: Any) -> None:
    world.post("1", "#login join me! unread")
    row = store.mention("forum", "1")
    assert row is not None
    assert row.verdict is not None
    assert row.verdict.sentiment.compound == -0.1 - 0.2
    assert row.verdict.sentiment.service_compound == -1 / 3
    assert row.verdict.signals[0].name == "shout"
    assert row.verdict.vigilante_reasons == ("asks others to join",)
    assert (row.issue, row.similarity, row.duplicate_of) == (world.issue["login"], 0.75, None)
    assert store.totals().unread_languages == {"xx": 1}


def test_what_is_judged_is_pending_no_more(store: Store, world: Any) -> None:
    world.collect(world.mention("1"), world.mention("2"), world.mention("3"))
    assert [one.mention.external_id for one in store.pending(2)] == ["1", "2"]
    assert store.totals().pending == 3
    world.triage(limit=2)
    assert [one.mention.external_id for one in store.pending(9)] == ["3"]
    assert store.totals().pending == 1


def test_an_error_inside_a_scope_leaves_nothing(store: Store, world: Any, opened: Any) -> None:
    world.post("0", "#login old")
    world.collect(world.mention("1", "#login new"), world.mention("2", "#card new"))
    before = (store.totals(), store.issues(), store.history(), store.pending(9))
    pending = store.pending(9)
    with pytest.raises(RuntimeError, match="killed"):
        world.die(pending)
    assert (store.totals(), store.issues(), store.history(), store.pending(9)) == before
    with opened() as other:
        assert other.issues() == before[1]
    world.issue_of.pop(("Acme", "card"))
    world.triage()
    assert store.totals().pending == 0


def test_somebody_else_was_faster(opened: Any, store: Store, world: Any, new_world: Any) -> None:
    world.collect(world.mention("1"), world.mention("2"))
    mine = [one.id for one in store.pending(9)]
    with opened() as other:
        new_world(other).triage(limit=1)
    with store.triage() as scope:
        assert scope.still_pending(mine) == {mine[1]}


def test_issue_ids_follow_each_other(store: Store, world: Any) -> None:
    world.post("1", "#a x")
    with store.triage() as scope:
        assert [scope.new_issue(), scope.new_issue()] == [2, 3]
    with store.triage() as scope:
        assert scope.new_issue() == 2  # none of them was written


def test_the_epoch_grows_with_every_change_of_groups(store: Store, world: Any) -> None:
    def epoch() -> int:
        with store.triage() as scope:
            return scope.grouping_epoch("Acme")

    seen = [epoch()]
    world.post("1", "#a x")
    world.post("2", "#b x")
    seen.append(epoch())
    merged = store.merge(world.issue["b"], world.issue["a"], "bo", world.now)
    seen.append(epoch())
    store.undo(merged.id, "bo", world.now)
    seen.append(epoch())
    world.collect(tombstones=["2"])
    seen.append(epoch())
    assert seen == sorted(set(seen))
    with store.triage() as scope:
        assert scope.grouping_epoch("Other") == 0


def test_issues_count_mentions_people_and_times(store: Store, world: Any) -> None:
    world.hear(
        world.mention("1", "#a x", author="ann", minute=9),
        world.mention("2", "#a y", author="ann", minute=3),
        world.mention("3", "#a z", author="bob", minute=5),
        world.mention("4", "praise #a", author="", minute=6),
        world.mention("5", "praise #a", author="", minute=7),
    )
    world.hear(world.mention("6", "#a again", author="bob", minute=4))
    issue = store.issue(world.issue["a"])
    assert issue is not None
    # Nameless authors of one platform count as one: nobody can tell them apart.
    assert (issue.mentions, issue.people) == (6, 3)
    start = world.mention("1").created_at
    assert issue.first_seen == start + timedelta(minutes=3)
    assert issue.last_seen == start + timedelta(minutes=9)
    assert (issue.lane, issue.title, issue.phrases) == ("complaint", "about a", ("a",))
    assert (issue.sources, issue.open_cases) == (("blog",), 4)


def test_a_title_that_a_person_gave_stays(store: Store, world: Any) -> None:
    world.post("1", "#a x")
    issue = world.issue["a"]
    store.move(
        Move("bo", "rename", "issue", issue, {}, {"title": "Ours", "titled_by": "bo"}, world.now)
    )
    world.post("2", "#a y")
    found = store.issue(issue)
    assert found is not None
    assert (found.title, found.titled_by, found.people) == ("Ours", "bo", 2)


def test_a_complaint_after_the_fix_reopens_the_issue(store: Store, world: Any) -> None:
    world.post("1", "#a x", minute=1)
    issue, at = world.issue["a"], "2026-11-01T10:00:00Z"
    store.move(Move("bo", "fix", "issue", issue, {}, {"state": "fixed", "fixed_at": at}, world.now))
    world.post("2", "#a written before the fix", minute=59)
    assert store.issue(issue).state == "fixed"  # type: ignore[union-attr]
    world.post("3", "#a and again", minute=61)
    assert store.issue(issue).state == "open"  # type: ignore[union-attr]
    assert (store.history()[0].actor, store.history()[0].action) == ("listener", "reopen")


class TestPlaced:
    def test_posts_come_back_in_order_with_their_issue(self, store: Store, world: Any) -> None:
        for n in range(4):
            world.post(str(n), f"#{'ab'[n % 2]} text {n}")
        world.post("praise", "praise without a group")
        placed = list(store.placed("Acme", 3, "test-model"))
        assert [post.text for post, _ in placed] == ["#b text 1", "#a text 2", "#b text 3"]
        assert [placement.issue for _, placement in placed] == [
            world.issue[tag] for tag in ("b", "a", "b")
        ]
        post, placement = placed[0]
        assert (post.id, post.author, post.lane, post.vector) == (
            placement.post,
            "author-1",
            Lane.COMPLAINT,
            bytes(4),
        )
        assert list(store.placed("Other", 9)) == []

    def test_ungrouped_posts_have_issue_0(self, store: Store, world: Any) -> None:
        world.post("1", "alone")
        assert [placement.issue for _, placement in store.placed("Acme", 9)] == [0]
        assert store.mention("forum", "1").issue is None  # type: ignore[union-attr]
        with store.triage() as scope:
            assert scope.grouped("Acme", [world.id_of("1")]) == frozenset()
        world.post("1", "alone no more #a")
        assert [placement.issue for _, placement in store.placed("Acme", 9)] == [world.issue["a"]]
        assert store.issue(world.issue["a"]).mentions == 1  # type: ignore[union-attr]

    def test_erased_posts_are_left_out(self, store: Store, world: Any) -> None:
        world.post("1", "#a x")
        world.post("2", "#a x")
        world.collect(tombstones=["1"])
        assert [post.id for post, _ in store.placed("Acme", 9)] == [world.id_of("2")]

    def test_a_merged_issue_stands_for_its_target(self, store: Store, world: Any) -> None:
        for tag in "abc":
            world.post(tag, f"#{tag} x")
        store.merge(world.issue["a"], world.issue["b"], "bo", world.now)
        store.merge(world.issue["b"], world.issue["c"], "bo", world.now)
        world.post("late", "#a again")  # the world still knows the old id
        assert {placement.issue for _, placement in store.placed("Acme", 9)} == {world.issue["c"]}
        found = store.issue(world.issue["a"])
        assert found is not None
        assert (found.id, found.mentions) == (world.issue["c"], 4)


class TestCases:
    def test_a_complaint_opens_a_case_and_praise_none(self, store: Store, world: Any) -> None:
        world.post("1", "#a broken!!")
        world.post("2", "praise")
        [case] = store.queue(QueueQuery())
        assert case.text == "#a broken!!"
        assert (case.state, case.lane, case.people, case.issue_title) == (
            "new",
            "complaint",
            1,
            "about a",
        )
        assert case.priority == sum(part.points for part in case.reasons) == 30
        assert case.due_at == world.now + timedelta(hours=4)

    def test_later_posts_of_the_person_join_it(self, store: Store, world: Any) -> None:
        world.hear(world.mention("1", "x"), world.mention("2", "y!!", thread=Thread("1")))
        world.hear(world.mention("3", "join me", thread=Thread("1")), world.mention("4", "other"))
        first, second = world.case_of("1"), world.case_of("4")
        assert (first.posts, first.severity_band, first.vigilante) == (3, "severe", "likely")
        assert second.posts == 1
        file = store.case(first.id)
        assert file is not None
        assert [row.mention.external_id for row in file.mentions] == ["1", "2", "3"]
        with store.triage() as scope:
            [known, other] = scope.open_cases("Acme", [("forum", "ann")])
            assert known.mention == world.id_of("1")
            assert (known.started, other.started) == (3, 1)
            assert {"1", "2", "3"} <= known.threads
            assert scope.open_cases("Acme", [("forum", "")]) == []
            assert scope.open_cases("Other", [("forum", "ann")]) == []

    @pytest.mark.parametrize("state", ["waiting", "snoozed"])
    def test_a_customer_who_writes_again_wakes_it(
        self, store: Store, world: Any, state: str
    ) -> None:
        world.hear(world.mention("1"))
        case = world.case_of("1")
        store.move(move(case.id, state=state))
        world.hear(world.mention("2", "hello?", thread=Thread("1")))
        woken = world.case_of("1")
        assert (woken.state, woken.posts) == ("new", 2)
        assert woken.version > case.version + 1
        [heard, _] = store.history(case.id)
        assert (heard.actor, heard.before["state"], heard.after["state"]) == (
            "listener",
            state,
            "new",
        )
        assert store.totals().cases_by_state == {"new": 1}

    def test_a_closed_case_stays_closed(self, store: Store, world: Any) -> None:
        world.hear(world.mention("1"))
        store.move(move(world.case_of("1").id, state="resolved"))
        world.hear(world.mention("2", "and again", thread=Thread("1")))
        assert world.case_of("1").state == "resolved"
        assert world.case_of("2").state == "new"

    def test_a_growing_issue_asks_for_new_prices(self, store: Store, world: Any) -> None:
        from triage.priority import issue_level

        for n in range(1, 12):
            world.post(str(n), "#a x")
            last = world.case_of("1").reasons[-1]
            if n > 1:
                assert issue_level(last.points) == issue_level(n)

    def test_facts_are_those_of_all_posts(self, store: Store, world: Any) -> None:
        world.hear(world.mention("1", "#a x"), world.mention("2", "y!!!", thread=Thread("1")))
        world.post("3", "#a z")
        case = world.case_of("1")
        with store.triage() as scope:
            [facts] = scope.case_facts([case.id])
        assert (facts.mentions, facts.severity, facts.signals) == (2, 4.0, ("shout",))
        assert (facts.issue_people, facts.followers, facts.author_id) == (2, 12, "ann")
        assert (facts.opened_at, facts.due_at) == (world.now, world.now + timedelta(hours=4))


class TestAgain:
    def test_what_waits_again_says_why(self, store: Store, world: Any) -> None:
        world.post("1", "x")
        world.post("2", "x")
        world.now += timedelta(minutes=1)
        world.collect(world.mention("1", "y"))
        store.judge_again("v2", {})
        world.collect(world.mention("3"))
        assert [one.again for one in store.pending(9)] == [True, True, False]

    def test_an_edited_post_is_remembered_by_the_words_it_was_placed_by(
        self, store: Store, world: Any
    ) -> None:
        world.post("1", "#a first words")
        before = list(store.placed("Acme", 9, "test-model"))
        world.post("1", "#a other words")
        assert [(post.text, post.vector) for post, _ in store.placed("Acme", 9, "test-model")] == [
            (post.text, post.vector) for post, _ in before
        ]

    def test_an_edit_before_it_was_placed_is_not_what_it_was_placed_by(
        self, store: Store, world: Any
    ) -> None:
        world.hear(world.mention("1", "#a zero"), world.mention("1", "#a one"))
        world.hear(world.mention("1", "#a two"), world.mention("1", "#a three"))
        assert [post.text for post, _ in store.placed("Acme", 9)] == ["#a one"]

    def test_judging_again_names_what_another_version_judged(
        self, store: Store, world: Any
    ) -> None:
        world.post("1", minute=1)
        world.post("2", minute=2)
        assert store.judge_again("v1", {}) == 0
        assert store.judge_again("v2", {"Acme": "v1"}) == 0
        assert store.judge_again("v2", {}) == 2
        assert store.judge_again("v2", {}) == 0
        assert [one.again for one in store.pending(9)] == [True, True]

    def test_judging_again_changes_no_counts(self, store: Store, world: Any) -> None:
        for n in range(6):
            world.post(str(n), f"#{'ab'[n % 2]} x")

        def state() -> tuple[object, ...]:
            # Prices are renewed, they may grow with the issue.
            cases = [replace(case, priority=0, reasons=()) for case in store.all_cases(Span())]
            return store.totals(), store.issues(), cases

        before = state()
        world.version = "v2"
        assert store.judge_again("v2", {}) == 6
        world.triage()
        assert state() == before
        assert {row.verdict.version for row in store.mentions(Span()) if row.verdict} == {"v2"}

    def test_what_people_did_stays(self, store: Store, world: Any) -> None:
        for n in range(3):
            world.post(str(n), "#a x")
        case = world.case_of("0")
        store.move(move(case.id, state="waiting", owner="bo", manual_priority=99))
        split = store.split(world.issue["a"], [world.id_of("0")], "bo", world.now)
        world.version = "v2"
        store.judge_again("v2", {})
        world.triage()
        again = world.case_of("0")
        assert (again.state, again.owner, again.priority) == ("waiting", "bo", 99)
        assert again.issue == split.entity_id

    def test_an_untouched_case_that_needs_no_answer_is_dismissed(
        self, store: Store, world: Any
    ) -> None:
        world.post("1", "x")
        world.post("2", "x")
        touched = world.case_of("2")
        store.move(move(touched.id, owner="bo"))
        for id in "12":
            world.post(id, "praise after all")
        assert world.case_of("1").state == "dismissed"
        assert world.case_of("2").state == "new"
        assert store.history(world.case_of("1").id)[0].actor == "listener"
        assert store.totals().cases_by_state == {"dismissed": 1, "new": 1}
        world.post("1", "x and now it is broken")
        assert world.case_of("1").state == "new"

    def test_a_brand_it_is_no_longer_about_loses_it(self, store: Store, world: Any) -> None:
        world.collect(world.mention("1", "#a x"))
        world.triage(brands=("Acme", "Zeta"))
        assert store.totals("Zeta").mentions == 1
        world.version = "v2"
        store.judge_again("v2", {})
        world.triage(brands=("Acme",))
        assert store.totals("Zeta").mentions == 0
        assert [row.brand for row in store.mentions(Span())] == ["Acme"]
        assert store.queue(QueueQuery(brand="Zeta")) == []
        assert store.totals().mentions == 1


class TestTime:
    def test_cases_whose_parts_change(self, store: Store, world: Any) -> None:
        for n in range(3):
            world.post(str(n))
        soon = {world.case_of(str(n)).id: world.now + timedelta(hours=3 - n) for n in range(3)}
        with store.triage() as scope:
            scope.price(
                [
                    Priced(case, Priority((PriorityPart("waiting", 1, "waits"),), at))
                    for case, at in soon.items()
                ]
            )
        at = world.now + timedelta(hours=2)
        assert store.cases_to_price(at, 9) == [world.case_of("2").id, world.case_of("1").id]
        assert store.cases_to_price(at, 1) == [world.case_of("2").id]

    def test_leases_and_snoozes_end(self, store: Store, world: Any) -> None:
        for id in "12":
            world.post(id)
        leased, snoozed = world.case_of("1").id, world.case_of("2").id
        until = "2026-11-01T10:00:00Z"
        store.move(move(leased, state="answering", owner="bo", lease_until=until))
        store.move(move(snoozed, state="snoozed", snooze_until=until))
        assert store.cases_to_price(world.now, 9) == []
        assert store.cases_to_price(world.now + timedelta(hours=1), 9) == [leased, snoozed]
        assert {case.state for case in store.queue(QueueQuery())} == {"new"}
        assert world.case_of("1").owner == ""
        assert {row.actor for row in store.history(leased, 1) + store.history(snoozed, 1)} == {
            "listener"
        }
        assert store.totals().cases_by_state == {"new": 2}

    def test_a_closed_case_asks_for_nothing(self, store: Store, world: Any) -> None:
        world.post("1")
        case = world.case_of("1").id
        with store.triage() as scope:
            scope.price([Priced(case, Priority((), world.now))])
        store.move(move(case, state="resolved"))
        assert store.cases_to_price(world.now, 9) == []


def test_a_person_was_first_seen_when_their_earliest_post_was_written(
    store: Store, world: Any
) -> None:
    def said(id: str, minute: int) -> Any:
        return world.mention(id, author="finn", minute=minute)

    world.collect(said("1", 60), said("2", 120), said("3", 90))
    world.triage()
    assert [one.first_seen_at for one in store.people("finn")] == [said("1", 60).created_at]
    world.collect(said("4", 30), said("5", 240))
    world.triage()
    assert [one.first_seen_at for one in store.people("finn")] == [said("4", 30).created_at]
