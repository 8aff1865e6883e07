"""Forgetting: what is too old, in order, once; and whatever one person said."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from listener.store.protocol import Store
from listener.store.rows import Move, QueueQuery, ReplyRow, Span, Triaged
from triage.protocols import Label

DAY = timedelta(days=1)


def living(store: Store) -> list[str]:
    return [row.mention.external_id for row in store.mentions(Span()) if row.deleted_at is None]


def test_what_was_seen_before_goes_and_counts_remain(store: Store, world: Any) -> None:
    for day in range(4):
        world.post(f"praise {day}", f"praise #fee {day}")
        world.now += DAY
    before = store.totals()
    assert store.forget(world.now - 2 * DAY, world.now, 100) == 2
    assert living(store) == ["praise 2", "praise 3"]
    assert [row.mention.text for row in store.mentions(Span())][:2] == ["", ""]
    assert store.totals() == before
    [issue] = store.issues()
    assert (issue.mentions, issue.people) == (4, 4)
    assert store.forget(world.now - 2 * DAY, world.now, 100) == 0
    assert store.forget(world.now, world.now, 100) == 2


def test_page_by_page_comes_to_the_same(store: Store, world: Any) -> None:
    world.hear(*[world.mention(str(n), f"praise {n}", f"u{n}") for n in range(7)])
    world.now += DAY
    pages = [store.forget(world.now, world.now, 3) for _ in range(4)]
    assert pages == [3, 3, 1, 0]
    assert living(store) == []


def test_a_clock_that_leaps_ahead_does_not_cost_a_year_of_words(store: Store, world: Any) -> None:
    world.post("a", "praise #fee")
    year, ahead = 365 * DAY, 400 * DAY

    def asked(at: datetime) -> int:
        return store.forget(at - year, at, 100)

    assert asked(world.now) == 0
    for hours in range(0, 40, 8):
        assert asked(world.now + ahead + hours * DAY / 24) == 0
    assert living(store) == ["a"]
    assert asked(world.now + DAY) == 0, "it went back"
    assert asked(world.now + 2 * ahead) == 0, "and leapt again, further"
    assert asked(world.now + 2 * DAY) == 0
    assert living(store) == ["a"]


def test_who_was_away_for_long_forgets_two_days_later(store: Store, world: Any) -> None:
    world.post("a", "praise #fee")
    year, later = 365 * DAY, world.now + 400 * DAY
    assert store.forget(world.now - year, world.now, 100) == 0
    pages = [store.forget(later + n * DAY - year, later + n * DAY, 100) for n in range(4)]
    assert pages == [0, 0, 1, 0]
    assert living(store) == []


def test_an_open_case_keeps_its_words_until_it_is_closed(store: Store, world: Any) -> None:
    world.post("a", "#fee never came")
    world.post("b", "praise")
    world.post("c", "#fee never came!")
    world.now += DAY
    assert store.forget(world.now, world.now, 100) == 1
    assert living(store) == ["a", "c"]
    case = world.case_of("a")
    close = {"state": "resolved", "resolution": "paid"}
    store.move(Move("ann", "resolve", "case", case.id, {"state": "new"}, close, world.now))
    world.now += DAY
    assert store.forget(world.now, world.now, 100) == 1
    assert living(store) == ["c"]
    [closed] = store.queue(QueueQuery(view="done"))
    assert (closed.state, closed.resolution, closed.text) == ("resolved", "paid", "")


def test_a_person_is_erased_everywhere(store: Store, world: Any) -> None:
    world.hear(
        world.mention("1", "#fee twice", "ann"),
        world.mention("2", "#fee again!", "ann"),
        world.mention("3", "#fee too", "bob"),
    )
    ann = [("forum", "ann")]
    would = store.would_erase(ann)
    assert (would.posts, would.cases, would.open_cases) == (2, 2, 2)
    assert store.erase_person(ann, world.now, "root", 7) == would
    assert living(store) == ["3"]
    assert [row.author_id for row in store.loop(world.issue["fee"])] == ["", "", "bob"]
    assert store.erase_person(ann, world.now, "root") == (0, 0, 0, 0, 0)
    assert store.erase_person([("forum", ""), *ann], world.now, "root") == (0, 0, 0, 0, 0)
    [row] = [row for row in store.history() if row.entity == "person"]
    assert (row.actor, row.action, row.entity_id) == ("root", "erase", 7)
    assert store.queue(QueueQuery(search="twice")) == []
    world.hear(world.mention("1", "#fee twice", "ann"))
    assert living(store) == ["3"]


def test_a_rest_forgets_nothing(store: Store, world: Any) -> None:
    world.post("a", "praise #fee")
    before = list(store.mentions(Span()))
    store.rest()
    store.rest()
    assert list(store.mentions(Span())) == before
    world.post("b", "praise #fee again")
    assert living(store) == ["a", "b"]


def test_what_we_wrote_of_a_person_goes_with_them(store: Store, world: Any, tmp_path: Path) -> None:
    world.hear(world.mention("1", "#quuxfee twice", "ann"), world.mention("2", "#other", "bob"))
    case, other = world.case_of("1").id, world.case_of("2").id
    for of in (case, other):
        store.label(of, "namequux", "bo", world.now, on=True)
        for kind, state in (("reply", "sent"), ("reply", "draft"), ("note", "kept")):
            row = ReplyRow(0, of, kind, "dear quux", state, "bo", world.now)
            store.add_reply(row, "bo")
        close = {"state": "resolved", "resolution": "paid quux"}
        store.move(Move("bo", "resolve", "case", of, {}, close, world.now, "said quux", of))
    store.erase_person([("forum", "ann")], world.now, "root")
    assert [(row.text, row.state) for row in store.replies(case)] == [
        ("", "sent"), ("", "cancelled"), ("", "cancelled"),
    ]  # fmt: skip
    file = store.case(case)
    assert file is not None
    assert "quux" not in repr(file)
    assert {row.action for row in file.history} >= {"resolve", "label"}
    assert repr(store.case(other)).count("quux") > 5
    store.erase_person([("forum", "bob")], world.now, "root")
    store.backup(str(tmp_path / "copy.db"))
    assert b"quux" not in (tmp_path / "copy.db").read_bytes()


def test_an_issue_is_named_by_what_is_left(store: Store, world: Any) -> None:
    world.hear(
        world.mention("1", "#fee quux alone", "ann"),
        world.mention("2", "#fee and box", "bob"),
    )
    issue = world.issue["fee"]
    with store.triage() as scope:
        label = Label(issue, "quux fee, box", ("quux", "fee", "box"), world.id_of("1"))
        scope.write(Triaged([], [("Acme", label)], world.now, "test-model"))
    store.erase_person([("forum", "ann")], world.now, "root")
    row = store.issue(issue)
    assert row is not None
    assert (row.title, row.phrases, row.central) == ("fee, box", ("fee", "box"), world.id_of("2"))


def test_a_name_that_a_person_gave_stays(store: Store, world: Any) -> None:
    world.hear(world.mention("1", "#fee quux alone", "ann"))
    issue = world.issue["fee"]
    named = {"title": "Fee quux", "titled_by": "bo"}
    store.move(Move("bo", "rename", "issue", issue, {}, named, world.now))
    store.erase_person([("forum", "ann")], world.now, "root")
    row = store.issue(issue)
    assert row is not None
    assert row.title == "Fee quux"
