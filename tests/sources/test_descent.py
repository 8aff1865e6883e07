from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.errors import RateLimited, Transient, Unreadable
from sources.mention import Mention
from sources.protocols import Batch, Gap, Health, Tombstone
from sources.walks.descent import Reach
from sources.walks.listing import Item, Look, Page
from sources.walks.tour import tour

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
REACH = Reach(history=timedelta(days=7), overlap=timedelta(minutes=10), pages=50)


@dataclass
class World:
    """Posts by number, one a minute, listed in numbered pages of ten."""

    posts: dict[int, str] = field(default_factory=dict)
    moments: dict[int, datetime] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    pinned: set[int] = field(default_factory=set)
    depth: int = 1_000
    looks: list[str] = field(default_factory=list)
    reads: list[int] = field(default_factory=list)
    at_most: int | None = None  # pages until the network fails

    def post(self, *numbers: int) -> None:
        for number in numbers:
            self.posts[number] = f"words {number}"
            self.moments[number] = NOON - timedelta(minutes=1_000 - number)

    def look(self, after: str) -> Page:
        if self.at_most is not None:
            if self.at_most == 0:
                raise Transient("the line is dead")
            self.at_most -= 1
        self.looks.append(after)
        number = int(after or 1)
        order = sorted(
            self.posts, key=lambda n: (n in self.pinned, self.moments[n], n), reverse=True
        )
        start, end = (number - 1) * 10, number * 10
        shown = order[start : min(end, self.depth)]
        more = len(order) > end
        capped = len(order) > self.depth and end >= self.depth
        after = str(number + 1) if more and not capped else ""
        return Page([self.item(n) for n in shown], after, capped)

    def item(self, number: int) -> Item:
        def read() -> Mention:
            self.reads.append(number)
            return Mention("fake", str(number), self.posts[number], self.moments[number])

        return Item(
            str(number),
            self.moments[number],
            self.posts[number],
            read,
            number in self.pinned,
            number in self.deleted,
        )


def run(
    world: World, cursor: str | None = None, reach: Reach = REACH, now: datetime = NOON
) -> tuple[list[Batch], str | None]:
    batches: list[Batch] = []
    try:
        for batch in tour("fake", cursor, {"all": world.look}, now, "", reach):
            batches.append(batch)
            cursor = batch.cursor
    except Transient:
        pass
    return batches, cursor


def numbers(batches: list[Batch]) -> list[int]:
    return [int(mention.external_id) for batch in batches for mention in batch.mentions]


def gaps(batches: list[Batch]) -> list[Gap]:
    return [batch.gap for batch in batches if batch.gap]


def a_world(*posts: int) -> World:
    world = World()
    world.post(*posts)
    return world


def test_reads_all_and_then_rests() -> None:
    world = a_world(*range(100, 135))
    batches, cursor = run(world)
    assert sorted(numbers(batches)) == list(range(100, 135))
    assert [len(batch.mentions) for batch in batches] == [10, 10, 10, 5]
    world.looks.clear()
    again, cursor = run(world, cursor)
    assert numbers(again) == []
    assert again[-1].health is Health.QUIET
    assert world.looks == ["", "2", "3", "4"], "what the first pages swallowed is looked for once"
    world.looks.clear()
    run(world, cursor)
    assert world.looks == ["", "2"]


def test_the_first_walk_stops_at_the_history() -> None:
    world = a_world(*range(900, 1000))
    batches, _ = run(world, reach=replace(REACH, history=timedelta(minutes=25)))
    assert sorted(numbers(batches)) == list(range(970, 1000))
    assert gaps(batches) == []


def test_a_burst_beyond_the_page_is_read_whole() -> None:
    world = a_world(*range(100, 120))
    _, cursor = run(world)
    world.post(*range(500, 743))
    batches, _ = run(world, cursor)
    assert sorted(numbers(batches)) == list(range(500, 743))
    assert gaps(batches) == []


def test_a_burst_beyond_the_depth_is_a_gap_with_bounds() -> None:
    world = a_world(*range(100, 120))
    world.depth = 50
    _, cursor = run(world)
    world.post(*range(500, 700))
    batches, cursor = run(world, cursor)
    assert sorted(numbers(batches)) == list(range(650, 700))
    (gap,) = gaps(batches)
    assert gap.start == world.moments[119]
    assert world.moments[650] <= (gap.end or NOON) <= world.moments[653]
    assert batches[-1].health is Health.DEGRADED
    assert batches[-1].note
    assert gaps(run(world, cursor)[0]) == []


def test_a_listing_without_overlap_is_a_gap() -> None:
    world = a_world(*range(100, 105))
    _, cursor = run(world)
    world.posts.clear()
    world.post(300, 301)
    (gap,) = gaps(run(world, cursor)[0])
    assert gap.start == world.moments[104]


def test_a_pinned_post_hides_no_gap() -> None:
    world = a_world(5, *range(100, 105))
    world.pinned = {5}
    _, cursor = run(world)
    world.posts = {5: world.posts[5]}
    world.post(300, 301)
    (gap,) = gaps(run(world, cursor)[0])
    assert gap.start == world.moments[104]
    assert gap.end in (world.moments[300], world.moments[301])


def test_a_listing_that_has_become_empty_is_not_taken_for_silence() -> None:
    world = a_world(*range(100, 105))
    _, cursor = run(world)
    kept = dict(world.posts)
    world.posts.clear()
    (batch,), cursor = run(world, cursor)
    assert batch.health is Health.DEGRADED
    assert "it held 5 posts before" in batch.note
    world.posts.update(kept)
    world.post(200)
    assert numbers(run(world, cursor)[0]) == [200]


def test_an_empty_listing_is_quiet_unless_the_platform_is_known_to_keep_silent() -> None:
    ((batch,), _) = run(World())
    assert batch.health is Health.QUIET
    ((batch,), _) = run(World(), reach=replace(REACH, empty="nobody knows"))
    assert (batch.health, batch.note) == (Health.DEGRADED, "nobody knows")


def test_edits_come_again_and_deletions_once() -> None:
    world = a_world(*range(100, 105))
    _, cursor = run(world)
    world.posts[103] = "other words"
    world.deleted.add(101)
    batches, cursor = run(world, cursor)
    assert [mention.text for mention in batches[0].mentions] == ["other words"]
    assert batches[0].tombstones == [Tombstone("fake", "101")]
    batches, _ = run(world, cursor)
    assert numbers(batches) == []
    assert batches[0].tombstones == []


def test_what_a_page_border_swallowed_is_found_by_the_next_walk() -> None:
    world = a_world(*range(100, 140))
    look = world.look

    def shifting(after: str) -> Page:
        page = look(after)
        if after == "2":
            for number in (139, 138):
                world.posts.pop(number, None)
        return page

    world.look = shifting  # type: ignore[method-assign]
    batches, cursor = run(world)
    missed = set(range(100, 138)) - set(numbers(batches))
    assert missed, "the border has moved over some posts"
    world.post(*range(200, 203))
    batches, _ = run(world, cursor)
    assert missed < set(numbers(batches))


def test_a_late_post_within_the_overlap_is_found() -> None:
    world = a_world(*range(100, 160, 2))
    cursor = run(world)[1]
    cursor = run(world, cursor)[1]
    world.post(151)
    assert numbers(run(world, cursor)[0]) == [151]


def test_equal_moments_on_a_page_border_are_all_read() -> None:
    world = a_world(*range(100, 135))
    for number in world.moments:
        world.moments[number] = NOON - timedelta(hours=1)
    _, cursor = run(world)
    world.post(*range(200, 215))
    for number in range(200, 215):
        world.moments[number] = NOON - timedelta(hours=1)
    assert sorted(numbers(run(world, cursor)[0])) == list(range(200, 215))


def test_pinned_and_future_posts_do_not_end_or_derail_a_walk() -> None:
    world = a_world(*range(100, 130))
    world.moments[100] = NOON - timedelta(days=300)
    world.pinned.add(100)
    world.moments[129] = NOON + timedelta(days=300)
    batches, cursor = run(world)
    assert sorted(numbers(batches)) == list(range(100, 130))
    assert max(m.created_at for batch in batches for m in batch.mentions) == NOON
    world.post(*range(200, 230))
    batches, _ = run(world, cursor, now=NOON + timedelta(minutes=1))
    assert sorted(numbers(batches)) == list(range(200, 230))


def test_a_long_walk_goes_on_in_the_next_run() -> None:
    world = a_world(*range(100, 300))
    short = replace(REACH, pages=6)
    seen: list[int] = []
    cursor = None
    for _ in range(5):
        batches, cursor = run(world, cursor, short)
        seen += numbers(batches)
    assert sorted(seen) == list(range(100, 300))
    assert len(seen) == len(set(seen))


def test_a_resume_anchor_that_is_gone_starts_the_walk_again() -> None:
    world = a_world(*range(100, 160))
    world.at_most = 3
    batches, cursor = run(world)
    world.at_most = None
    seen = set(numbers(batches))
    look = world.look

    def forgetful(after: str) -> Page:
        if after == "4" and "" not in world.looks[3:]:
            raise Unreadable("no such page")
        return look(after)

    world.look = forgetful  # type: ignore[method-assign]
    seen |= set(numbers(run(world, cursor)[0]))
    assert seen == set(range(100, 160))


@given(
    bursts=st.lists(st.integers(0, 60), min_size=1, max_size=6),
    failures=st.lists(st.integers(0, 8), max_size=6),
    deleted=st.sets(st.integers(0, 300), max_size=20),
)
def test_nothing_is_lost_whatever_fails_in_between(
    bursts: list[int], failures: list[int], deleted: set[int]
) -> None:
    world = World()
    seen: set[int] = set()
    cursor: str | None = None
    made = 0
    for turn, burst in enumerate(bursts):
        world.post(*range(100 + made, 100 + made + burst))
        made += burst
        world.at_most = failures[turn] if turn < len(failures) else None
        batches, cursor = run(world, cursor)
        seen |= set(numbers(batches))
        for number in deleted:
            if 100 + number in seen:
                world.posts.pop(100 + number, None)
    world.at_most = None
    for _ in range(2):
        batches, cursor = run(world, cursor)
        seen |= set(numbers(batches))
    assert set(world.posts) <= seen
    assert len(cursor or "") < 100_000


def test_a_cursor_stays_small_and_about_its_settings() -> None:
    world = a_world(*range(-1_500, 900))
    world.depth = 10_000
    batches, cursor = run(world, reach=Reach(timedelta(days=30), timedelta(hours=1), 500))
    assert cursor is not None
    assert len(cursor) < 100_000
    assert len(numbers(batches)) == 2_400
    other = list(tour("fake", cursor, {"all": world.look}, NOON, "another query", REACH))
    assert other[0].mentions


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "[]",
        "null",
        "{",
        '{"format":1}',
        json.dumps({"format": 1, "about": "", "turn": 3, "places": {"all": 7}}),
    ],
)
def test_a_foreign_cursor_starts_afresh(cursor: str) -> None:
    assert len(numbers(run(a_world(100, 101), cursor)[0])) == 2


def test_a_broken_place_starts_afresh() -> None:
    world = a_world(100, 101)
    _, cursor = run(world)
    data = json.loads(cursor or "")
    for wrong in ({"mark": "soon"}, {"known": {"a": 1}}, {"known": 3}, {"mark": "2026-01-01"}):
        place = {**data["places"]["all"], **wrong}
        broken = json.dumps({**data, "places": {"all": place}})
        assert len(numbers(run(world, broken)[0])) == 2


def test_one_listing_that_fails_does_not_hold_up_the_others() -> None:
    def broken(after: str) -> Page:
        raise Unreadable("no such community")

    world = a_world(100, 101)
    batches = tour("fake", None, {"a": broken, "b": world.look}, NOON, "", REACH)
    assert sorted(numbers([next(batches)])) == [100, 101]
    with pytest.raises(Unreadable, match="no such community"):
        next(batches)


def test_a_tour_that_was_cut_short_goes_on_where_it_did_not_get_to() -> None:
    asked: list[str] = []
    patience = 1

    def listing(name: str) -> Look:
        def look(after: str) -> Page:
            if len(asked) == patience:
                raise RateLimited("enough")
            asked.append(name)
            return a_world(len(asked)).look(after)

        return look

    listings = {name: listing(name) for name in "abc"}
    cursor = None
    for _ in range(3):
        try:
            for batch in tour("fake", cursor, listings, NOON, "", REACH):
                cursor = batch.cursor
        except RateLimited:
            patience += 1
    assert asked == ["a", "b", "c"]


def test_unreadable_entries_are_named() -> None:
    page = Page([], rejected=[f"entry {n} has no date" for n in range(500)])
    (batch,) = tour("fake", None, {"all": lambda _: page}, NOON, "", REACH)
    assert batch.health is Health.DEGRADED
    assert len(batch.rejected) == 101
    assert "500 entries" in batch.note
