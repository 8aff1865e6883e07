"""Every store: nothing is lost, nothing is doubled, an edit keeps what was said before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from listener.store.protocol import Store
from listener.store.rows import Collected, Counted, QueueQuery, SourceState, Span
from sources.mention import Author, Mention, Thread
from sources.protocols import Filled, Gap, Health


def test_a_mention_comes_back_exactly(store: Store, world: Any) -> None:
    said = Mention(
        kind="forum",
        external_id="7",
        text="Ünïcode 🎈 and\x00NUL, ‮bidi",
        created_at=datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC),
        author=Author("u/7", "@seven", "Seven", 77),
        url="https://forum.example/7",
        title="A title",
        lang="de",
        thread=Thread("1", "6"),
        metrics={"likes": 3.0, "stars": 1.0},
        sample=True,
    )
    world.collect(said, brand="Acme")
    [pending] = store.pending(10)
    assert pending.mention == said
    assert (pending.source, pending.brand, pending.again) == ("blog", "Acme", False)
    world.triage()
    row = store.mention("forum", "7")
    assert row is not None
    assert (row.mention, row.bound) == (said, "Acme")
    assert (row.source, row.seen_at, row.edited_at, row.deleted_at) == (
        "blog",
        world.now,
        None,
        None,
    )


def test_hostile_values_are_kept_as_near_as_can_be(store: Store, world: Any) -> None:
    world.collect(
        replace(
            world.mention("1", "half a pair \ud83d and a whole \ud83c\udf88"),
            author=Author("a\udfff", "h", "n", 10**30),
            metrics={"likes": float("nan"), "views": 10**30, "stars": 2.0},
        ),
        world.mention("2", "x" * 1_000_000),
        world.mention("3", "year one", minute=0),
        replace(world.mention("4", "old"), created_at=datetime(1, 1, 1, tzinfo=UTC)),
    )
    by_id = {one.mention.external_id: one.mention for one in store.pending(10)}
    assert by_id["1"].text == "half a pair \ufffd and a whole 🎈"
    assert by_id["1"].author.followers == 2**63 - 1
    assert by_id["1"].metrics["stars"] == 2.0
    assert "likes" not in by_id["1"].metrics
    assert len(by_id["2"].text) == 1_000_000
    assert by_id["4"].created_at == datetime(1, 1, 1, tzinfo=UTC)
    world.triage()
    assert [row.mention.external_id for row in store.mentions(Span())] == ["4", "1", "2", "3"]


def test_repeating_a_page_changes_nothing(store: Store, world: Any) -> None:
    page = [world.mention(str(n), f"post {n}") for n in range(5)]
    assert world.collect(*page) == Counted(seen=5, new=5)
    world.triage()
    assert world.collect(*page) == Counted(seen=5)
    assert store.pending(10) == []
    assert store.totals().mentions == 5


def test_ids_grow_with_arrival_and_repeats_leave_no_holes(store: Store, world: Any) -> None:
    world.collect(world.mention("a"), world.mention("b"))
    world.collect(world.mention("b"), world.mention("a"), world.mention("c"), world.mention("b"))
    world.collect(world.mention("d"))
    assert [(one.id, one.mention.external_id) for one in store.pending(10)] == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
        (4, "d"),
    ]


def test_the_same_id_on_two_platforms_is_two_mentions(store: Store, world: Any) -> None:
    world.collect(world.mention("a"), replace(world.mention("a"), kind="reddit"))
    assert store.totals().mentions == 2


def test_an_edit_is_judged_again_and_keeps_the_earlier_text(store: Store, world: Any) -> None:
    world.post("1", "first words")
    world.now += timedelta(hours=1)
    assert world.collect(world.mention("1", "second words!!", author="author-1")) == Counted(
        seen=1, edited=1
    )
    [pending] = store.pending(10)
    assert pending.again
    assert pending.mention.text == "second words!!"
    world.triage()
    case = world.case_of("1")
    file = store.case(case.id)
    assert file is not None
    assert file.edits == ((pending.id, world.now, "first words"),)
    assert file.case.severity_band == "severe"
    assert file.mentions[0].edited_at == world.now
    assert store.queue(QueueQuery(search="first")) == []
    assert [row.id for row in store.queue(QueueQuery(search="second"))] == [case.id]


@pytest.mark.parametrize(
    "change", [{"title": "New"}, {"metrics": {"stars": 1.0}}, {"text": "other"}]
)
def test_what_counts_as_an_edit(store: Store, world: Any, change: dict[str, Any]) -> None:
    world.post("1")
    assert world.collect(replace(world.mention("1", author="author-1"), **change)).edited == 1


def test_more_likes_are_no_edit(store: Store, world: Any) -> None:
    world.post("1")
    more = replace(world.mention("1", author="author-1"), metrics={"likes": 9.0})
    assert world.collect(more) == Counted(seen=1)
    assert store.pending(10) == []


def test_the_last_of_several_versions_in_one_page_wins(store: Store, world: Any) -> None:
    versions = [world.mention("1", text) for text in ("one", "two", "two", "three")]
    assert world.collect(*versions) == Counted(seen=4, new=1, edited=2)
    world.triage()
    file = store.case(world.case_of("1").id)
    assert file is not None
    assert file.case.text == "three"
    assert [text for _, _, text in file.edits] == ["one", "two"]
    assert world.collect(*versions) == Counted(seen=4)


def test_an_old_copy_on_a_slow_route_is_no_edit(store: Store, world: Any) -> None:
    world.post("1", "old")
    world.post("1", "new")
    assert world.collect(world.mention("1", "old", author="author-1")) == Counted(seen=1)
    assert store.mention("forum", "1").mention.text == "new"  # type: ignore[union-attr]


def test_who_wrote_it_and_when_survive_an_edit(store: Store, world: Any) -> None:
    world.hear(world.mention("1", "old", author="ann"))
    world.hear(world.mention("1", "new", author="mallory", minute=90))
    row = store.mention("forum", "1")
    assert row is not None
    assert (row.mention.author.id, row.mention.created_at) == ("ann", world.mention("1").created_at)


def test_cursor_gap_counts_and_mentions_are_one(store: Store, world: Any) -> None:
    assert store.cursor("blog") is None
    run = store.open_run("blog", world.now)
    gap = Gap("burst", world.now - timedelta(hours=2), None)
    for cursor in ("p1", None, "p3"):
        store.collect(
            Collected(
                run=run,
                source="blog",
                mentions=[world.mention(f"{cursor}", minute=3)],
                at=world.now,
                cursor=cursor,
                gap=gap if cursor == "p1" else None,
                rejected=["line 7: no text"] if cursor == "p3" else [],
            )
        )
        assert store.cursor("blog") == (cursor or "p1")
    store.close_run(run, "ok", "fine", world.now + timedelta(minutes=1))
    [row] = store.runs("blog")
    assert row.counted == Counted(seen=3, new=3, rejected=1)
    assert row.oldest == row.newest == world.now + timedelta(minutes=3)
    assert (row.outcome, row.note, row.finished_at) == (
        "ok",
        "fine",
        world.now + timedelta(minutes=1),
    )
    [found] = store.gaps()
    assert (found.source, found.reason, found.start, found.end) == (
        "blog",
        "burst",
        gap.start,
        None,
    )
    assert [(one.source, one.run, one.reason) for one in store.rejections()] == [
        ("blog", run, "line 7: no text")
    ]
    assert store.gaps("other") == []
    assert store.rejections("other") == []


def test_a_gap_that_was_filled_is_closed_and_kept(store: Store, world: Any) -> None:
    hours = [world.now + timedelta(hours=number) for number in range(8)]
    gaps = [Gap("burst", hours[1], hours[2]), Gap("burst", hours[4], hours[5]), Gap("burst", None)]

    def collected(source: str, **more: Any) -> None:
        run = store.open_run(source, hours[6])
        store.collect(Collected(run=run, source=source, mentions=[], at=hours[6], **more))

    for gap in gaps:
        collected("blog", gap=gap)
    collected("forum", gap=gaps[0])
    collected("blog", filled=Filled(hours[1], hours[3], found=7))
    unknown, later, closed = store.gaps("blog")
    assert (closed.closed_at, closed.found) == (hours[6], 7)
    assert [later.closed_at, unknown.closed_at] == [None, None]
    assert [gap.closed_at for gap in store.gaps("forum")] == [None]
    collected("blog", filled=Filled(hours[0], hours[7], found=1))
    assert [(gap.closed_at is None, gap.found) for gap in store.gaps("blog")] == [
        (True, 0),
        (False, 1),
        (False, 7),
    ]


def test_a_run_that_was_killed_is_interrupted(store: Store, world: Any) -> None:
    first, other = store.open_run("blog", world.now), store.open_run("forum", world.now)
    store.open_run("blog", world.now)
    outcomes = {row.id: row.outcome for row in store.runs()}
    assert outcomes[first] == "interrupted"
    assert outcomes[other] == "running"
    assert [row.source for row in store.runs("forum")] == ["forum"]


def test_health_is_what_was_written_last(store: Store, world: Any) -> None:
    blind = SourceState("b", Health.BLIND, world.now, "401", world.now, None, 3, world.now)
    store.set_health(SourceState("b", Health.HEALTHY, world.now, ""))
    store.set_health(blind)
    store.set_health(SourceState("a", Health.QUIET, world.now, "nothing new"))
    assert [state.source for state in store.health()] == ["a", "b"]
    assert store.health()[1] == blind


class TestTombstones:
    def test_the_words_go_everywhere_and_the_counts_stay(self, store: Store, world: Any) -> None:
        world.post("1", "#login secretword!")
        world.post("2", "#login other")
        world.post("1", "#login secretword edited!")
        case = world.case_of("1")
        issue = store.issue(world.issue["login"])
        counted = world.collect(tombstones=["1", "unknown"])
        assert counted.erased == 1
        row = store.mention("forum", "1")
        assert row is not None
        assert row.deleted_at == world.now
        assert (row.mention.text, row.mention.author) == ("", Author())
        assert row.verdict is not None
        assert row.verdict.signals == row.verdict.reasons == ()
        assert store.queue(QueueQuery(view="all", search="secretword")) == []
        file = store.case(case.id)
        assert file is not None
        assert file.edits == ()
        assert (file.case.state, file.history[0].actor) == ("dismissed", "source")
        assert sum(part.points for part in file.parts) == sum(part.points for part in case.reasons)
        assert "secretword" not in repr(file)
        after = store.issue(world.issue["login"])
        assert issue is not None
        assert after is not None
        assert (after.mentions, after.people) == (issue.mentions, issue.people) == (2, 2)
        assert store.totals().mentions == 2

    def test_an_erased_mention_does_not_come_back(self, store: Store, world: Any) -> None:
        world.post("1")
        world.collect(tombstones=["1"])
        assert world.collect(world.mention("1", "again"), tombstones=["1"]) == Counted(seen=1)
        assert store.pending(10) == []
        assert store.mention("forum", "1").mention.text == ""  # type: ignore[union-attr]

    def test_one_that_was_never_judged(self, store: Store, world: Any) -> None:
        world.collect(world.mention("1"), tombstones=["1"])
        assert store.pending(10) == []
        assert store.totals().pending == 0

    def test_a_case_with_other_posts_goes_on(self, store: Store, world: Any) -> None:
        world.hear(world.mention("1", "#login a!!!"), world.mention("2", "b", thread=Thread("1")))
        case = world.case_of("1")
        world.collect(tombstones=["1"])
        left = store.case(case.id)
        assert left is not None
        assert (left.case.state, left.case.text, left.case.posts) == ("new", "b", 2)

    def test_drafts_go_and_what_history_knew_of_them(self, store: Store, world: Any) -> None:
        from listener.store.rows import Move, ReplyRow

        world.post("1")
        case = world.case_of("1").id
        at = world.now
        draft = store.add_reply(ReplyRow(0, case, "reply", "dear secret", "draft", "bo", at), "bo")
        store.move(
            Move(
                "bo", "edit", "reply", draft.entity_id, {"state": "draft"}, {"text": "secret2"}, at
            )
        )
        world.collect(tombstones=["1"])
        assert "secret" not in repr(store.case(case))
        assert store.replies(case)[0].state == "cancelled"

    def test_what_the_author_did_cannot_be_undone(self, store: Store, world: Any) -> None:
        from listener.errors import DeskError

        world.post("1")
        world.collect(tombstones=["1"])
        [erased] = store.history(world.case_of("1").id)
        with pytest.raises(DeskError, match="deleted"):
            store.undo(erased.id, "bo", world.now)
