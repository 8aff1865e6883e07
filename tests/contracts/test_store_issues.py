"""Every store: issues are merged and split by people, exactly, and it can be undone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from listener.errors import DeskError, NotFound
from listener.store.protocol import Store
from listener.store.rows import IssueRow, QueueQuery, Span


def state(store: Store) -> tuple[object, ...]:
    cases = store.queue(QueueQuery(view="all", limit=1000))
    return (
        store.issues(),
        [(case.id, case.issue, case.people) for case in cases],
        [(row.id, row.issue) for row in store.mentions(Span())],
        store.totals(),
    )


def issue(store: Store, id: int) -> IssueRow:
    found = store.issue(id)
    assert found is not None
    return found


@pytest.fixture
def filled(world: Any) -> Any:
    """Three issues: a with three posts of two people, b with two of two, c with one."""
    world.hear(
        *(
            world.mention(id, f"#{tag} text {id}", author=author, minute=minute)
            for id, tag, author, minute in (
                ("1", "a", "ann", 5),
                ("2", "a", "ann", 1),
                ("3", "a", "bob", 9),
                ("4", "b", "bob", 3),
                ("5", "b", "eve", 4),
                ("6", "c", "eve", 2),
            )
        )
    )
    return world


class TestMerge:
    def test_everything_moves_and_the_id_stays_an_alias(self, store: Store, filled: Any) -> None:
        a, b = filled.issue["a"], filled.issue["b"]
        row = store.merge(b, a, "bo", filled.now)
        assert (row.actor, row.action, row.entity_id) == ("bo", "merge", b)
        assert row.after["merged_into"] == a
        merged = issue(store, b)
        assert (merged.id, merged.mentions, merged.people, merged.open_cases) == (a, 5, 3, 5)
        assert [one.id for one in store.issues()] == [a, filled.issue["c"]]
        assert store.totals().issues == 2
        assert filled.case_of("4").issue == a
        assert [one.mention.external_id for one in store.mentions(Span(), b)] == [
            "2",
            "4",
            "5",
            "1",
            "3",
        ]

    def test_undo_is_exact(self, store: Store, filled: Any) -> None:
        before = state(store)
        row = store.merge(filled.issue["b"], filled.issue["a"], "bo", filled.now)
        undone = store.undo(row.id, "bo", filled.now)
        assert undone is not None
        assert undone.undoes == row.id
        assert state(store) == before

    def test_posts_that_came_since_stay_where_they_came(self, store: Store, filled: Any) -> None:
        a, b = filled.issue["a"], filled.issue["b"]
        row = store.merge(b, a, "bo", filled.now)
        filled.post("7", "#b after the merge")
        assert store.undo(row.id, "bo", filled.now) is not None
        assert (issue(store, b).mentions, issue(store, a).mentions) == (2, 4)

    def test_what_cannot_be_merged(self, store: Store, filled: Any) -> None:
        a, b, c = (filled.issue[tag] for tag in "abc")
        with pytest.raises(DeskError, match="into itself"):
            store.merge(a, a, "bo", filled.now)
        with pytest.raises(NotFound, match="no issue 99"):
            store.merge(a, 99, "bo", filled.now)
        filled.collect(filled.mention("z", "#a elsewhere"))
        filled.triage(brands=("Zeta",))
        with pytest.raises(DeskError, match="different brands"):
            store.merge(a, filled.issue_of["Zeta", "a"], "bo", filled.now)
        store.merge(a, b, "bo", filled.now)
        for source, target in ((a, c), (c, a), (b, a)):
            with pytest.raises(DeskError, match="has been merged into issue"):
                store.merge(source, target, "bo", filled.now)

    def test_opposite_merges_leave_one_open(self, opened: Any, store: Store, filled: Any) -> None:
        a, b = filled.issue["a"], filled.issue["b"]
        store.merge(a, b, "bo", filled.now)
        with opened() as other, pytest.raises(DeskError):
            other.merge(b, a, "cy", filled.now)
        assert issue(store, a).id == issue(store, b).id == b

    def test_a_chain_is_undone_from_its_end(self, store: Store, filled: Any) -> None:
        a, b, c = (filled.issue[tag] for tag in "abc")
        before = state(store)
        first = store.merge(a, b, "bo", filled.now)
        second = store.merge(b, c, "bo", filled.now)
        assert store.undo(first.id, "bo", filled.now) is None
        assert store.undo(second.id, "bo", filled.now) is not None
        assert store.undo(first.id, "bo", filled.now) is not None
        assert state(store) == before


class TestSplit:
    def test_the_chosen_get_an_issue_of_their_own(self, store: Store, filled: Any) -> None:
        a = filled.issue["a"]
        row = store.split(a, [filled.id_of("1"), filled.id_of("3")], "bo", filled.now)
        new = issue(store, row.entity_id)
        assert (row.action, new.mentions, new.people, new.brand) == ("split", 2, 2, "Acme")
        assert new.title.startswith("#a text 1")
        old = issue(store, a)
        assert (old.mentions, old.people) == (1, 1)
        assert old.example == "#a text 2"
        assert filled.case_of("3").issue == new.id
        assert store.totals().issues == 4

    def test_undo_is_exact_but_for_the_used_id(self, store: Store, filled: Any) -> None:
        before = state(store)
        row = store.split(filled.issue["a"], [filled.id_of("1")], "bo", filled.now)
        assert store.undo(row.id, "bo", filled.now) is not None
        after = state(store)
        assert after[1:] == before[1:]
        assert issue(store, row.entity_id).id == filled.issue["a"]
        filled.post("7", "#new one")
        assert filled.issue["new"] > row.entity_id

    def test_what_cannot_be_split(self, store: Store, filled: Any) -> None:
        a = filled.issue["a"]
        ids = [filled.id_of(id) for id in "123"]
        for chosen, why in (
            (ids, "some to"),
            ([], "some of"),
            ([filled.id_of("4")], "not in issue"),
        ):
            with pytest.raises(DeskError, match=why):
                store.split(a, chosen, "bo", filled.now)
        with pytest.raises(NotFound):
            store.split(99, ids[:1], "bo", filled.now)
        store.merge(a, filled.issue["b"], "bo", filled.now)
        with pytest.raises(DeskError, match="has been merged"):
            store.split(a, ids[:1], "bo", filled.now)

    def test_a_merge_after_a_split_blocks_its_undo(self, store: Store, filled: Any) -> None:
        row = store.split(filled.issue["a"], [filled.id_of("1")], "bo", filled.now)
        store.merge(row.entity_id, filled.issue["b"], "bo", filled.now)
        assert store.undo(row.id, "bo", filled.now) is None


def test_prices_follow_a_merge(store: Store, filled: Any) -> None:
    store.merge(filled.issue["b"], filled.issue["a"], "bo", filled.now)
    assert len(store.cases_to_price(filled.now, 99)) == 5


def test_issues_by_people_brand_and_state(store: Store, filled: Any) -> None:
    assert [one.id for one in store.issues(limit=2)] == [filled.issue["a"], filled.issue["b"]]
    assert store.issues(brand="Zeta") == []
    assert len(store.issues(state="open")) == 3
    assert store.issues(state="fixed") == []
    assert store.issue(99) is None


def test_issues_of_a_span_count_the_span(store: Store, filled: Any) -> None:
    start = filled.mention("1").created_at
    span = Span(start + timedelta(minutes=4), start + timedelta(minutes=9))
    found = {one.id: (one.mentions, one.people) for one in store.all_issues(span)}
    assert found == {filled.issue["a"]: (1, 1), filled.issue["b"]: (1, 1)}
    assert [one.id for one in store.all_issues(Span())] == sorted(filled.issue.values())


def test_the_loop_lists_everyone_once(store: Store, filled: Any) -> None:
    filled.post("7", "#a nameless", author="", minute=11)
    filled.post("8", "#a nameless too", author="", minute=12)
    filled.collect(tombstones=["3"])
    rows = store.loop(filled.issue["a"])
    assert [(row.author_id, row.posts, row.status) for row in rows] == [
        ("ann", 2, "untold"),
        ("", 1, "erased"),
        ("", 1, "unreachable"),
        ("", 1, "unreachable"),
    ]
    assert (rows[0].mention, rows[0].handle) == (filled.id_of("2"), "@ann")
    assert rows[1].url == ""
    store.merge(filled.issue["a"], filled.issue["c"], "bo", filled.now)
    assert len(store.loop(filled.issue["a"])) == 5


def test_mentions_are_streamed_by_time_and_brand(store: Store, filled: Any) -> None:
    times = [row.mention.created_at for row in store.mentions(Span())]
    assert times == sorted(times)
    filled.collect(filled.mention("unjudged", minute=30))
    assert [row.mention.external_id for row in store.mentions(Span())][-1] == "unjudged"
    assert len(list(store.mentions(Span(brand="Acme")))) == 6
    start = filled.mention("1").created_at
    span = Span(start + timedelta(minutes=2), start + timedelta(minutes=4), "Acme")
    assert [row.mention.external_id for row in store.mentions(span)] == ["6", "4"]
    assert [r.mention.external_id for r in store.mentions(span, filled.issue["b"])] == ["4"]


def test_long_streams_come_in_pages_without_loss(store: Store, world: Any) -> None:
    # Many at the same second: the order within it is that of arrival.
    for first in (0, 600):
        world.collect(
            *(world.mention(str(n), f"#a {n}", f"u{n}") for n in range(first, first + 600))
        )
    world.triage(limit=2000)
    whole = [row.id for row in store.mentions(Span())]
    assert whole == list(range(1, 1201))
    assert [row.id for row in store.mentions(Span(), world.issue["a"])] == whole
    assert [case.id for case in store.all_cases(Span())] == whole
    assert [post.id for post, _ in store.placed("Acme", 1100)] == whole[100:]


def test_a_backup_is_the_same_store(store: Store, filled: Any, tmp_path: Any) -> None:
    from listener.errors import StoreError
    from listener.store import open_store

    seen: list[tuple[int, int]] = []
    path = tmp_path / "copy.db"
    store.backup(str(path), lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] > 0
    with open_store(f"sqlite:///{path}") as copy:
        assert state(copy) == state(store)
    with pytest.raises(StoreError, match="exists already"):
        store.backup(str(path))
    with pytest.raises(StoreError, match="does not exist"):
        store.backup(str(tmp_path / "no" / "copy.db"))
