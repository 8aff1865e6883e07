"""Every store: posts are looked up again at each age once, and what was deleted goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from listener.store.protocol import Store
from listener.store.rows import Counted, QueueQuery, Span
from listener.store.verification import Due, LookedUp
from sources.mention import Mention

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


def due(
    store: Store,
    world: Any,
    age: timedelta = HOUR,
    later: timedelta | None = DAY,
    limit: int = 100,
    source: str = "blog",
) -> Due:
    return store.to_verify(source, "forum", age, later, world.now, limit)


def look(
    store: Store, world: Any, one: Due, *deleted: str, present: tuple[Mention, ...] = ()
) -> Counted:
    return store.verified(LookedUp(one, world.now, deleted, present))


def test_posts_are_due_at_their_age_and_only_once(store: Store, world: Any) -> None:
    world.collect(world.mention("1"), world.mention("2"))
    world.now += timedelta(minutes=30)
    world.collect(world.mention("3"))
    assert due(store, world).ids == ()
    world.now += timedelta(minutes=30)
    page = due(store, world)
    assert page.ids == ("1", "2")
    assert due(store, world) == page, "asking is not doing"
    assert look(store, world, page).seen == 2
    assert due(store, world).ids == ()
    world.now += timedelta(minutes=30)
    assert due(store, world).ids == ("3",)


def test_every_age_comes_and_an_old_post_only_at_the_last_it_has_reached(
    store: Store, world: Any
) -> None:
    world.collect(world.mention("old"))
    world.now += timedelta(days=2)
    world.collect(world.mention("new"))
    world.now += HOUR
    assert due(store, world, HOUR, DAY).ids == ("new",)
    assert due(store, world, DAY, WEEK).ids == ("old",)
    assert due(store, world, WEEK, None).ids == ()
    world.now += timedelta(days=700)
    assert due(store, world, HOUR, DAY).ids == due(store, world, DAY, WEEK).ids == ()
    assert due(store, world, WEEK, None).ids == ("old", "new")


def test_pages_go_on_where_the_last_one_ended(store: Store, world: Any) -> None:
    world.collect(*(world.mention(str(number)) for number in range(7)))
    world.now += HOUR
    seen: list[str] = []
    while (page := due(store, world, limit=3)).ids:
        assert len(page.ids) <= 3
        seen += page.ids
        look(store, world, page)
    assert seen == [str(number) for number in range(7)]


def test_only_its_own_living_posts_are_due(store: Store, world: Any) -> None:
    world.collect(
        world.mention("1"),
        world.mention("2"),
        replace(world.mention("3"), kind="other"),
        replace(world.mention("4"), sample=True),
    )
    world.collect(tombstones=["2"])
    world.now += HOUR
    page = due(store, world)
    assert page.ids == ("1",)
    assert due(store, world, source="another").ids == ()
    # Having passed all of them by, it begins behind them.
    look(store, world, due(store, world, source="another"))
    assert due(store, world, source="another").after == page.through


def test_what_was_deleted_is_erased_as_by_a_tombstone(store: Store, world: Any) -> None:
    world.hear(world.mention("1", "#login broken"), world.mention("2", "#login too", author="ben"))
    case = world.case_of("1").id
    world.now += HOUR
    page = due(store, world)
    assert look(store, world, page, "1") == Counted(seen=2, erased=1)
    gone = store.mention("forum", "1")
    assert gone is not None
    assert (gone.mention.text, gone.mention.author.handle) == ("", "")
    assert gone.deleted_at == world.now
    assert store.queue(QueueQuery(search="broken", view="all")) == []
    assert store.history(case)[0].action == "erase"
    assert store.totals().mentions == 2
    assert look(store, world, page, "1").erased == 0


def test_changed_words_are_an_edit_and_the_same_words_are_not(store: Store, world: Any) -> None:
    first, second = world.mention("1", "#login broken"), world.mention("2", "#login too")
    world.hear(first, second)
    world.now += HOUR
    counted = look(
        store, world, due(store, world), present=(replace(first, text="#login works"), second)
    )
    assert (counted.edited, counted.erased) == (1, 0)
    [pending] = store.pending(10)
    assert (pending.mention.text, pending.again) == ("#login works", True)
    assert len(list(store.mentions(Span()))) == 2


def test_what_was_asked_counts_by_day(store: Store, world: Any) -> None:
    world.collect(*(world.mention(str(number)) for number in range(5)))
    world.now += HOUR
    for limit in (2, 3):
        look(store, world, due(store, world, limit=limit))
    assert store.looked_up("blog", world.now) == 5
    assert store.looked_up("another", world.now) == 0
    world.now += DAY
    assert store.looked_up("blog", world.now) == 0
    look(store, world, due(store, world, DAY, None))
    assert store.looked_up("blog", world.now) == 5


@pytest.mark.parametrize("years", [1, 5_000])
def test_a_clock_that_went_wrong_holds_nothing_up(store: Store, world: Any, years: int) -> None:
    right = world.now
    world.now += timedelta(days=365 * years)
    world.collect(world.mention("ahead"))
    world.now = right + HOUR
    world.collect(world.mention("right"))
    world.now += HOUR
    assert due(store, world).ids == ("ahead", "right")


def test_ages_before_the_first_year_are_survived(store: Store, world: Any) -> None:
    world.collect(world.mention("1"))
    assert due(store, world, timedelta(days=3_000_000), None).ids == ()
