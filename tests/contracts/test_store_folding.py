"""Every store: one post by two routes is seen twice, and what repeats it is counted with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from listener.store.protocol import Store
from listener.store.rows import Article, Collected, Pending, Span
from sources.mention import Mention
from sources.protocols import Tombstone
from triage.protocols import Placement

MONTH = timedelta(days=30)
STORY = "paper.example/outage"


def bring(store: Store, world: Any, source: str, *mentions: Mention) -> None:
    run = store.open_run(source, world.now)
    store.collect(Collected(run=run, source=source, mentions=mentions, at=world.now))


def sources_of(store: Store, external_id: str) -> Sequence[str]:
    found = store.mention("forum", external_id)
    assert found is not None
    return found.sources


# sightings


def test_the_same_post_by_two_routes_is_one_mention_seen_twice(store: Store, world: Any) -> None:
    post = world.mention("1")
    bring(store, world, "reddit", post, world.mention("2"))
    bring(store, world, "news", post)
    for _ in range(2):
        bring(store, world, "archive", post)
    assert store.totals().mentions == 2
    assert sources_of(store, "1") == ("reddit", "archive", "news"), "the first one in front"
    assert sources_of(store, "2") == ("reddit",)
    world.triage()
    assert world.case_of("1").sources == ("reddit", "archive", "news")
    assert [row.sources for row in store.mentions(Span())] == [
        ("reddit", "archive", "news"),
        ("reddit",),
    ]


def test_two_copies_in_one_page_are_one_sighting(store: Store, world: Any) -> None:
    post = world.mention("1")
    bring(store, world, "a, b", post, post)
    bring(store, world, "a, b", post, post)
    assert sources_of(store, "1") == ("a, b",)


def test_an_issue_counts_all_sources_whenever_they_come(store: Store, world: Any) -> None:
    bring(store, world, "reddit", world.mention("1"))
    bring(store, world, "news", world.mention("1"))
    world.triage()
    [issue] = store.issues()
    assert issue.sources == ("news", "reddit")
    bring(store, world, "archive", world.mention("1"))
    bring(store, world, "archive", world.mention("1"))
    [issue] = store.issues()
    assert issue.sources == ("archive", "news", "reddit")
    assert issue.mentions == 1


def test_all_sources_are_counted_after_a_split_is_undone(store: Store, world: Any) -> None:
    for id in ("1", "2"):
        bring(store, world, "reddit", world.mention(id))
        bring(store, world, "news", world.mention(id))
    world.triage()
    [issue] = store.issues()
    split = store.split(issue.id, [world.id_of("2")], "kim", world.now)
    assert store.undo(split.id, "kim", world.now) is not None
    [issue] = store.issues()
    assert issue.sources == ("news", "reddit")


def test_what_was_erased_is_not_seen_again(store: Store, world: Any) -> None:
    bring(store, world, "reddit", world.mention("1"))
    world.collect(tombstones=["1"])
    bring(store, world, "news", world.mention("1"))
    assert sources_of(store, "1") == ("reddit",)


# copies


def folded(one: Pending) -> Placement:
    """The first opens an issue, all others repeat it: "story" by its address, others by words."""
    address = STORY if "story" in one.mention.text else ""
    if one.id == 1:
        return Placement(1, 1, 1.0, story=address)
    return Placement(one.id, 1, 1.0, 1, 1, story=address, same_story=bool(address))


def test_copies_are_counted_with_what_they_repeat(store: Store, world: Any) -> None:
    world.collect(*(world.mention(str(n), "text", author=f"p{n}") for n in range(4)))
    world.place(folded, "0", "3")
    assert world.case_of("0").folded == 3
    assert world.case_of("3").folded == 0
    rows = list(store.mentions(Span()))
    assert [row.folded for row in rows] == [3, 0, 0, 0]
    assert [row.duplicate_of for row in rows] == [None, 1, 1, 1]


def test_who_carries_a_story_on_is_nobody_else_who_complains(store: Store, world: Any) -> None:
    papers = [world.mention(str(n), "story", author=f"paper{n}") for n in range(3)]
    world.collect(*papers, world.mention("3", "my words", author="ann"))
    world.place(folded)
    [issue] = store.issues()
    assert (issue.mentions, issue.people) == (4, 2)
    assert {row.author_id for row in store.loop(issue.id)} == {"paper0", "ann"}
    assert next(store.all_issues(Span(since=world.now))).people == 2
    split = store.split(issue.id, [4], "kim", world.now)
    store.undo(split.id, "kim", world.now)
    world.collect(tombstones=["1"])
    [issue] = store.issues()
    assert (issue.mentions, issue.people) == (4, 2)


def test_a_story_is_not_remembered_by_its_words(store: Store, world: Any) -> None:
    world.collect(*(world.mention(str(n), "story") for n in range(2)))
    world.place(folded)
    assert [post.id for post, _ in store.placed("Acme", 10)] == [1]


def article(mention: int, minute: int, world: Any, story: str = STORY) -> Article:
    at = world.mention("x", minute=minute).created_at
    return Article(mention, story, "feed", "https://paper.example/outage", at)


def test_a_story_is_found_by_its_earliest_mention(store: Store, world: Any) -> None:
    first, second = world.mention("1", "story", minute=9), world.mention("2", "story", minute=5)
    world.collect(first, second)
    world.place(folded, "2")
    with store.triage() as scope:
        asked = [article(2, 7, world), article(3, 8, world), article(4, 8, world, "other")]
        found = scope.stories("Acme", asked, MONTH)
        assert set(found) == {2, 3}
        assert (found[2].article.mention, found[2].original, found[2].issue) == (1, 1, 1)
        assert (found[3].article.mention, found[3].original) == (2, 1), "what it repeats"
        assert (found[3].article.url, found[3].article.source) == (second.url, "blog")
        assert found[3].article.created_at == second.created_at
        assert scope.stories("Other", asked, MONTH) == {}
        assert scope.stories("Acme", [article(3, 60 * 24 * 31, world)], MONTH) == {}
        assert scope.stories("Acme", [], MONTH) == {}
        assert scope.with_case("Acme", [1, 2]) == {1, 2}, "1 by its copy"
        assert scope.with_case("Other", [1, 2]) == frozenset()


def test_an_erased_story_is_forgotten(store: Store, world: Any) -> None:
    world.collect(world.mention("1", "story"))
    world.place(folded)
    world.collect(tombstones=["1"])
    with store.triage() as scope:
        assert scope.stories("Acme", [article(2, 0, world)], MONTH) == {}


def test_stories_at_the_ends_of_the_calendar(store: Store, world: Any) -> None:
    from datetime import UTC, datetime

    old = replace(world.mention("1", "story"), created_at=datetime(1, 1, 1, tzinfo=UTC))
    world.collect(old)
    world.place(folded)
    late = replace(article(3, 0, world), created_at=datetime(9999, 12, 31, tzinfo=UTC))
    with store.triage() as scope:
        near = replace(article(2, 0, world), created_at=datetime(1, 1, 2, tzinfo=UTC))
        assert set(scope.stories("Acme", [near, late], MONTH)) == {2}


def test_the_tombstone_of_a_copy_leaves_the_others(store: Store, world: Any) -> None:
    world.collect(*(world.mention(str(n), "text") for n in range(3)))
    world.place(folded, "0")
    run = store.open_run("blog", world.now)
    store.collect(Collected(run, "blog", (), world.now, tombstones=[Tombstone("forum", "1")]))
    assert world.case_of("0").folded == 2
