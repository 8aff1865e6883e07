"""What may happen on a platform between and during visits, and the proof that a source misses none.

A test builds a `World` around the fake of its platform and calls `check_world`:

    @contextmanager
    def a_world():
        clock = Clock(datetime(2026, 11, 20, 12, tzinfo=UTC))
        with MyFake() as fake:
            yield World(lambda: MySource(fake.address, clock), clock, say=fake.post, ...)

    def test_world():
        check_world(a_world)

Whatever was said must be seen, or lie within a gap that the source has told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sources.protocols import CanVerify, Gap, Source, Verification
from sources.testing.clock import Clock
from sources.testing.contract import Run, collect
from sources.testing.web import Answer, FakeWeb
from sources.text import clean

MOST_RUNS = 30
SECOND = timedelta(seconds=1)
FEELINGS = "acme \U0001f621 \U0001f468\u200d\U0001f469\u200d\U0001f467 שלום مرحبا 🇺🇳 e\u0301"


@dataclass(frozen=True, slots=True)
class World:
    """A platform as a test sees it.

    `source` makes a fresh source at `clock`. `say(text, at)` posts and returns a name, by which
    `withdraw` deletes and `edit` changes the words (None: this platform cannot, or a source cannot
    see it). A page holds `page` posts; the platform shows `depth` at most, 0 without end. `web` is
    the server, for platforms that answer in JSON or XML. `looks_up` says whether deleted posts can
    be looked up in it, `dates_ahead` whether authors date their posts. All words hold "acme".
    """

    source: Callable[[], Source]
    clock: Clock
    say: Callable[[str, datetime], str]
    withdraw: Callable[[str], None] | None
    edit: Callable[[str, str], None] | None
    page: int
    depth: int = 0
    web: FakeWeb | None = None
    looks_up: bool = True
    dates_ahead: bool = True

    def said(self, start: int, count: int, step: timedelta = SECOND) -> dict[str, str]:
        """Post so many, numbered from `start`, each `step` after the last; names with their words."""
        begin = self.clock.moment - timedelta(hours=3)
        texts = [f"acme {number}" for number in range(start, start + count)]
        return {
            self.say(text, begin + (start + place) * step): text for place, text in enumerate(texts)
        }


OpenWorld = Callable[[], AbstractContextManager[World]]


def check_world(open_world: OpenWorld) -> None:
    """Let everything happen, each thing in a world of its own."""
    for happens in (
        _burst_beyond_the_page,
        _burst_beyond_the_depth,
        _equal_times_on_a_page_border,
        _deleted_anchor,
        _deleted_resume_anchor,
        _deletion_while_pages_are_turned,
        _edit,
        _deletion,
        _wrong_clock,
        _unknown_fields,
        _feelings,
    ):
        with open_world() as world:
            happens(world)


def exhausted(world: World, cursor: str | None = None) -> Run:
    """Run again and again until nothing new comes, as the runner does."""
    all_runs = Run(cursor)
    for _ in range(MOST_RUNS):
        before = len(all_runs.texts)
        run = collect(world.source(), all_runs.cursor)
        all_runs.batches += run.batches
        all_runs.cursor = run.cursor
        if len(all_runs.texts) == before:
            return all_runs
    raise AssertionError(f"it does not come to rest within {MOST_RUNS} runs")


def words(run: Run) -> set[str]:
    """All that a run brought, in one set; headlines that only repeat the words are left out."""
    return {mention.text or mention.title for mention in run.mentions}


def _gaps(run: Run) -> list[Gap]:
    return [batch.gap for batch in run.batches if batch.gap is not None]


def _in_a_gap(moment: datetime, gaps: Sequence[Gap]) -> bool:
    return any(
        (gap.start is None or gap.start - SECOND <= moment)
        and (gap.end is None or moment <= gap.end + SECOND)
        for gap in gaps
    )


def _burst_beyond_the_page(world: World) -> None:
    first = exhausted(world_with(world, 5))
    burst = world.said(5, min(2 * world.page + 1, (world.depth or 10**9) - 6))
    run = exhausted(world, first.cursor)
    assert set(burst.values()) <= words(run), "a burst beyond the page is read whole"
    assert not _gaps(run), "what was read whole has no gap"


def _burst_beyond_the_depth(world: World) -> None:
    first = exhausted(world_with(world, 5))
    count = world.depth + world.page + 1 if world.depth else 3 * world.page
    burst = world.said(100, count)
    run = exhausted(world, first.cursor)
    begin = world.clock.moment - timedelta(hours=3)
    missed = {text for text in burst.values() if text not in words(run)}
    assert world.depth or not missed, "a platform without a depth shows every burst whole"
    for place, text in enumerate(burst.values()):
        if text in missed:
            at = begin + (100 + place) * SECOND
            assert _in_a_gap(at, _gaps(run)), f"{text!r} of {at} was lost without a word"
    assert not missed or any(batch.note for batch in run.batches), "a gap is said in words"


def _equal_times_on_a_page_border(world: World) -> None:
    first = exhausted(world_with(world, 3))
    count = min(2 * world.page + 3, (world.depth or 10**9) - 4)
    same = world.said(10_000, count, step=timedelta(0))
    run = exhausted(world, first.cursor)
    begin = world.clock.moment - timedelta(hours=3)
    missed = set(same.values()) - words(run)
    assert not missed or _in_a_gap(begin, _gaps(run)), "posts of one moment were lost"


def _deleted_anchor(world: World) -> None:
    anchors = list(world_said(world, 8))
    first = exhausted(world)
    if world.withdraw is None:
        return
    for anchor in anchors[-3:]:
        world.withdraw(anchor)
    later = world.said(8, 5)
    run = exhausted(world, first.cursor)
    assert set(later.values()) <= words(run), "what came after a deleted anchor is seen"


def _deleted_resume_anchor(world: World) -> None:
    names = world_said(world, min(2 * world.page + 5, world.depth or 10**9))
    if world.withdraw is None:
        return
    died = collect(world.source(), batches=1)
    texts = {text: name for name, text in names.items()}
    seen = [mention.text or mention.title for mention in died.mentions]
    for text in {seen[0], seen[-1]} if seen else ():
        world.withdraw(texts[text])
    run = exhausted(world, died.cursor)
    missed = set(names.values()) - words(died) - words(run)
    assert not missed, f"a resume anchor was deleted and {len(missed)} posts were lost"


def _deletion_while_pages_are_turned(world: World) -> None:
    names = world_said(world, min(2 * world.page + 5, world.depth or 10**9))
    if world.withdraw is None:
        return
    run = Run(None)
    gone: set[str] = set()
    for batch in world.source().collect(None):
        run.batches.append(batch)
        run.cursor = batch.cursor if batch.cursor is not None else run.cursor
        if not gone:
            gone = set(list(names)[-4:])
            for name in gone:
                world.withdraw(name)
    rest = exhausted(world, run.cursor)
    stays = {text for name, text in names.items() if name not in gone}
    missed = stays - words(run) - words(rest)
    assert not missed or _gaps(run) or _gaps(rest), f"{len(missed)} posts moved out of sight"


def _edit(world: World) -> None:
    names = world_said(world, 3)
    first = exhausted(world)
    if world.edit is None:
        return
    key = next(key for key, text in first.texts.items() if text.endswith("acme 2"))
    world.edit(list(names)[-1], "acme edited")
    run = exhausted(world, first.cursor)
    assert "acme edited" in run.texts.get(key, ""), "an edited post comes again under its id"


def _deletion(world: World) -> None:
    names = list(world_said(world, 4))
    first = exhausted(world)
    if world.withdraw is None:
        return
    world.withdraw(names[-1])
    run = exhausted(world, first.cursor)
    keys = {text.rpartition("acme ")[2]: key for key, text in first.texts.items()}
    gone, stays = keys["3"], [keys[number] for number in "012"]
    dead = {(one.kind, one.external_id) for batch in run.batches for one in batch.tombstones}
    assert dead <= {gone}, "only what was deleted has a tombstone"
    source = world.source()
    if world.looks_up and isinstance(source, CanVerify):
        found = source.verify([name for _, name in [gone, *stays]])
        assert found[gone[1]] is not Verification.PRESENT, "a deleted post is not present"
        wrong = [name for _, name in stays if found[name] is Verification.DELETED]
        assert not wrong, f"{wrong} are there and were taken for deleted"


def _wrong_clock(world: World) -> None:
    """Our clock is two hours behind for a visit, then right, then a post is dated ahead."""
    first = exhausted(world_with(world, 3))
    right = world.clock.moment
    world.clock.moment = right - timedelta(hours=2, minutes=59)
    behind = world.say("acme while behind", right - timedelta(minutes=30))
    second = exhausted(world, first.cursor)
    world.clock.moment = right
    if world.dates_ahead:
        world.say("acme dated ahead", right + timedelta(minutes=30))
    third = exhausted(world, second.cursor)
    world.say("acme afterwards", right - timedelta(minutes=1))
    world.clock.moment = right + timedelta(hours=1)
    fourth = exhausted(world, third.cursor)
    seen = words(second) | words(third) | words(fourth)
    assert behind, "the world names its posts"
    assert "acme while behind" in seen, "a clock that was behind cost a post"
    ahead = "acme dated ahead" in seen or not world.dates_ahead
    assert ahead, "a post dated ahead is seen once its time has come"
    assert "acme afterwards" in seen, "a date ahead of the present hides what follows"


def _unknown_fields(world: World) -> None:
    world_said(world, 4)
    known = exhausted(world)
    if world.web is None:
        return
    world.web.rewrite = strange
    try:
        assert exhausted(world).texts == known.texts, "fields nobody has heard of change nothing"
    finally:
        world.web.rewrite = None


def _feelings(world: World) -> None:
    world.say(FEELINGS, world.clock.moment - timedelta(minutes=5))
    (mention,) = exhausted(world).texts.values()
    assert clean(FEELINGS) in mention, "emoji and right-to-left letters come as they were written"


def world_said(world: World, count: int) -> dict[str, str]:
    """Post so many; names with their words."""
    return world.said(0, count)


def world_with(world: World, count: int) -> World:
    """The world with so many posts in it."""
    world.said(0, count)
    return world


def strange(answer: Answer) -> Answer:
    """The same answer with fields of a later version of the platform in every object of it."""
    body = answer.body
    for tag in (b"item", b"entry"):
        new = b'<later:new xmlns:later="urn:later">1</later:new>'
        body = body.replace(b"<" + tag + b">", b"<" + tag + b">" + new)
    try:
        body = json.dumps(_strange(json.loads(body))).encode()
    except ValueError:
        pass
    return replace(answer, body=body)


def _strange(value: object) -> object:
    if isinstance(value, list):
        return [_strange(one) for one in value]
    if isinstance(value, dict):
        more = {"x_of_a_later_version": {"nested": [1, None, {"deep": "acme"}]}, "x_flag": True}
        return {name: _strange(one) for name, one in value.items()} | more
    return value
