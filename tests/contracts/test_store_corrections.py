"""Every store: corrections are kept, followed at once and by later verdicts, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from listener.errors import Conflict, DeskError, NotFound
from listener.store.corrections import Correction
from listener.store.protocol import Store
from listener.store.rows import HistoryRow, NewCase, QueueQuery
from triage.audit import sampled
from triage.correction import corrected
from triage.verdict import Lane, Verdict

AT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
DUE = AT + timedelta(hours=8)


def correct(
    store: Store,
    mention: int,
    *fields: tuple[str, str],
    brand: str = "Acme",
    actor: str = "bo",
    lane: str = "complaint",
    **more: Any,
) -> HistoryRow:
    case = NewCase(0, lane, AT, DUE)
    return store.correct(Correction(mention, brand, fields, actor, AT, case=case, **more))


def verdict_of(store: Store, external_id: str) -> Verdict:
    row = store.mention("forum", external_id)
    assert row is not None
    assert row.verdict is not None
    return row.verdict


def judged_again(world: Any, store: Store, version: str) -> None:
    """A newer judge reads everything; what people corrected is applied as triage does."""
    from listener.store.rows import Judged, Triaged

    world.version = version
    store.judge_again(version, {})
    pending = store.pending(100)
    with store.triage() as scope:
        fields = scope.corrected([one.id for one in pending])
        judged = []
        for one in pending:
            _, row = world._judged(scope, one, "Acme")
            now = corrected(row.verdict, fields.get((one.id, "Acme"), ()))
            needed = NewCase(0, now.lane.value, AT, DUE) if now.lane is Lane.COMPLAINT else None
            judged.append(Judged(one.id, "Acme", now, row.vector, row.placement, needed))
        scope.write(Triaged(judged, [], AT, "test-model"))


class TestCorrect:
    def test_the_verdict_and_the_case_follow_at_once(self, store: Store, world: Any) -> None:
        world.post("1", "#a x")
        id = world.id_of("1")
        done = correct(
            store,
            id,
            ("lane", "question"),
            ("severity", "critical"),
            lane="question",
            note="he asks",
        )
        assert (done.actor, done.action, done.entity, done.entity_id) == (
            "bo",
            "correct",
            "mention",
            id,
        )
        assert done.note == "lane: complaint → question; severity: mild → critical (he asks)"
        verdict, case = verdict_of(store, "1"), world.case_of("1")
        assert (verdict.lane, verdict.severity_band, verdict.severity) == (
            Lane.QUESTION,
            "critical",
            3,
        )
        assert (case.lane, case.severity_band, case.due_at) == ("question", "critical", DUE)
        assert done.case == case.id
        assert store.totals().cases_by_lane == {"question": 1}
        issue = store.issue(world.issue["a"])
        assert issue is not None
        assert issue.lane == "question"
        assert case.id in store.cases_to_price(AT, 10)

    def test_what_needs_an_answer_now_opens_a_case(self, store: Store, world: Any) -> None:
        world.post("1", "praise for the thief")
        done = correct(store, world.id_of("1"), ("complaint", "yes"))
        case = world.case_of("1")
        assert (case.state, case.lane, case.due_at, case.posts) == ("new", "complaint", DUE, 1)
        assert done.case == case.id
        assert store.totals().cases_by_state == {"new": 1}
        store.undo(done.id, "bo", AT)
        assert verdict_of(store, "1").lane is Lane.PRAISE
        assert world.case_of("1").state == "dismissed"

    def test_what_needs_none_is_dismissed_unless_somebody_has_it(
        self, store: Store, world: Any
    ) -> None:
        from listener.store.rows import Move

        world.post("1", "x")
        world.post("2", "y")
        kept = world.case_of("2").id
        store.move(Move("bo", "claim", "case", kept, {}, {"state": "answering", "owner": "bo"}, AT))
        first = correct(store, world.id_of("1"), ("lane", "praise"))
        correct(store, world.id_of("2"), ("lane", "praise"))
        assert (world.case_of("1").state, world.case_of("2").state) == ("dismissed", "answering")
        assert world.case_of("2").lane == "praise"
        store.undo(first.id, "bo", AT)
        assert (world.case_of("1").state, world.case_of("1").lane) == ("new", "complaint")
        correct(store, world.id_of("1"), ("lane", "praise"))
        correct(store, world.id_of("1"), ("lane", "complaint"))
        assert world.case_of("1").state == "new"

    def test_a_later_verdict_follows_too(self, store: Store, world: Any) -> None:
        world.post("1", "praise for the thief")
        world.post("2", "#a x")
        correct(store, world.id_of("1"), ("complaint", "yes"), ("severity", "high"))
        judged_again(world, store, "v2")
        verdict = verdict_of(store, "1")
        assert (verdict.version, verdict.lane, verdict.severity_band) == (
            "v2",
            Lane.COMPLAINT,
            "high",
        )
        assert world.case_of("1").severity_band == "high"
        assert verdict_of(store, "2").severity_band == "mild"

    def test_what_leaves_or_joins_the_muted_is_grouped_anew(self, store: Store, world: Any) -> None:
        world.post("1", "praise x")
        correct(store, world.id_of("1"), ("lane", "idea"))
        assert store.pending(10) == []
        correct(store, world.id_of("1"), ("lane", "muted"))
        assert [one.id for one in store.pending(10)] == [world.id_of("1")]
        assert verdict_of(store, "1").muted_by == ("muted by hand",)
        assert store.totals().pending == 1

    def test_what_was_about_no_brand_is_judged_for_the_brand(
        self, store: Store, world: Any
    ) -> None:
        world.collect(world.mention("1", "x"))
        world.triage(brands=("",))
        id = world.id_of("1")
        with pytest.raises(DeskError, match="about no brand"):
            correct(store, id, ("lane", "idea"))
        done = correct(store, id, ("relevant", "yes"))
        [pending] = store.pending(10)
        assert (pending.id, pending.brand, pending.again) == (id, "Acme", True)
        world.triage()
        [row] = store.readings(id)
        assert row.brand == "Acme"
        store.undo(done.id, "bo", AT)
        assert [one.brand for one in store.pending(10)] == [""]

    def test_languages_that_nobody_reads_are_counted_under_their_new_name(
        self, store: Store, world: Any
    ) -> None:
        world.post("1", "unread x")
        done = correct(store, world.id_of("1"), ("lang", "de"))
        assert store.totals("Acme").unread_languages == {"de": 1}
        store.undo(done.id, "bo", AT)
        assert store.totals("Acme").unread_languages == {"xx": 1}

    def test_what_cannot_be(self, store: Store, world: Any) -> None:
        world.post("1", "x")
        id = world.id_of("1")
        with pytest.raises(NotFound):
            correct(store, 99, ("lane", "idea"))
        with pytest.raises(ValueError, match="no lane"):
            correct(store, id, ("lane", "spam"))
        world.collect(tombstones=["1"])
        with pytest.raises(DeskError, match="deleted by its author"):
            correct(store, id, ("lane", "idea"))
        assert list(store.corrections()) == []


class TestUndo:
    def test_there_and_back(self, store: Store, world: Any) -> None:
        world.post("1", "#a x!")
        before = verdict_of(store, "1"), world.case_of("1")
        done = correct(store, world.id_of("1"), ("lane", "idea"), ("severity", "none"), lane="idea")
        undone = store.undo(done.id, "cy", AT)
        assert undone is not None
        after = verdict_of(store, "1"), world.case_of("1")
        assert after[0] == before[0]
        assert (after[1].lane, after[1].severity_band, after[1].due_at) == (
            before[1].lane,
            before[1].severity_band,
            before[1].due_at,
        )
        assert list(store.corrections()) == []
        assert [row.undone_at for row in store.corrections(undone=True)] == [AT, AT]
        assert store.totals().cases_by_lane == {"complaint": 1}
        with pytest.raises(Conflict):
            store.undo(done.id, "cy", AT)

    def test_not_under_a_later_one(self, store: Store, world: Any) -> None:
        world.post("1", "x")
        first = correct(store, world.id_of("1"), ("lane", "idea"))
        second = correct(store, world.id_of("1"), ("severity", "high"))
        assert store.undo(first.id, "bo", AT) is None
        assert store.undo(second.id, "bo", AT) is not None
        assert store.undo(first.id, "bo", AT) is not None

    def test_after_a_newer_judge_it_is_asked_again(self, store: Store, world: Any) -> None:
        world.post("1", "x")
        done = correct(store, world.id_of("1"), ("lane", "idea"))
        judged_again(world, store, "v2")
        store.undo(done.id, "bo", AT)
        assert len(store.pending(10)) == 1
        judged_again(world, store, "v2")
        assert verdict_of(store, "1").lane is Lane.COMPLAINT


class TestLooking:
    def test_all_that_hold_in_order_with_what_judging_saw(self, store: Store, world: Any) -> None:
        for id in ("1", "2", "3"):
            world.post(id, f"#a shout {id}!")
        correct(store, world.id_of("2"), ("lane", "idea"))
        correct(store, world.id_of("1"), ("severity", "high"), ("lang", "de"))
        gone = correct(store, world.id_of("3"), ("lane", "idea"))
        store.undo(gone.id, "bo", AT)
        found = list(store.corrections("Acme"))
        assert [(row.field, row.was, row.is_now) for row in found] == [
            ("lane", "complaint", "idea"),
            ("severity", "mild", "high"),
            ("lang", "en", "de"),
        ]
        assert found[0].mention.mention.text == "#a shout 2!"
        assert found[0].mention.verdict is not None
        assert [one.name for one in found[0].mention.verdict.signals] == ["shout"]
        assert (found[0].actor, found[0].at, found[0].audit) == ("bo", AT, False)
        assert list(store.corrections("Other")) == []
        world.collect(tombstones=["2"])
        assert [row.mention.id for row in store.corrections()] == [world.id_of("1")] * 2

    def test_two_words_on_one_thing_are_a_conflict(self, store: Store, world: Any) -> None:
        from triage.protocols import Placement

        world.post("1", "x")
        world.post("2", "y")
        world.collect(world.mention("3", "x", author="cy"))
        original = world.id_of("1")
        world.place(lambda one: Placement(one.id, 0, 1.0, duplicate_of=original))
        correct(store, original, ("lane", "idea"))
        correct(store, world.id_of("2"), ("lane", "idea"))
        assert store.conflicts() == []
        correct(store, world.id_of("3"), ("lane", "question"), actor="di")
        correct(store, world.id_of("2"), ("severity", "high"))
        [conflict] = store.conflicts("Acme")
        assert [(row.actor, row.is_now) for row in conflict] == [("bo", "idea"), ("di", "question")]
        assert store.conflicts("Other") == []

    def test_the_audit_sample_is_what_was_muted_and_nobody_has_answered_for(
        self, store: Store, world: Any
    ) -> None:
        names = [f"m{number}" for number in range(400)]
        chosen = [name for name in names if sampled("forum", name)]
        assert 3 <= len(chosen) <= 20
        self._mute(world, store, names)
        found = store.audit_sample("Acme", 100)
        assert [row.mention.external_id for row in found] == chosen[::-1]
        assert [row.id for row in store.audit_sample("", 2)] == [row.id for row in found[:2]]
        correct(store, found[0].id, ("lane", "muted"), audit=True)
        correct(store, found[1].id, ("lane", "complaint"), audit=True)
        assert store.audit_sample("Acme", 100) == found[2:]
        answers = [(row.was, row.is_now, row.audit) for row in store.corrections()]
        assert answers == [("muted", "muted", True), ("muted", "complaint", True)]

    def _mute(self, world: Any, store: Store, names: Sequence[str]) -> None:
        from dataclasses import replace

        from listener.store.rows import Judged, Triaged

        world.collect(*[world.mention(name, f"praise {name}") for name in names])
        with store.triage() as scope:
            judged = []
            for one in store.pending(1_000):
                _, row = world._judged(scope, one, "Acme")
                muted = replace(row.verdict, lane=Lane.MUTED, muted_by=("promotion",))
                judged.append(Judged(one.id, "Acme", muted))
            scope.write(Triaged(judged, [], AT, "test-model"))


def test_the_queue_has_what_was_corrected(store: Store, world: Any) -> None:
    world.post("1", "praise x")
    assert store.queue(QueueQuery()) == []
    correct(store, world.id_of("1"), ("lane", "complaint"))
    assert [case.mention for case in store.queue(QueueQuery())] == [world.id_of("1")]
