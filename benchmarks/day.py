"""A day of bursts, deletions, restarts and failing requests: what we lose, and what others lose.

`python -m benchmarks day` replays one simulated day against loopback servers: our Reddit, RSS and
Bluesky sources under the runner and a SQLite store, and beside them praw's own stream, a feed reader
that remembers 500 entries and atproto's JetstreamClient. All see the same servers, die at the same
moments, stay down as long, and meet a store that refuses writes in the same runs.

A post counts as made unless its author withdrew it the same day. It is lost with a gap when our
ledger has a gap of its source over the moment it was posted; the others have no such ledger.
"""

from __future__ import annotations

import logging
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from pydantic import SecretStr

from benchmarks.day_peers import (
    Asleep,
    AtprotoStream,
    Busy,
    Killed,
    Peer,
    PrawStream,
    RememberedReader,
)
from benchmarks.day_world import (
    BUSY,
    DOWN,
    MIDNIGHT,
    MINUTES,
    REST,
    RESTARTS,
    STEPS_A_MINUTE,
    SUBREDDIT,
    DayFeed,
    DayReddit,
    DayStream,
    Weather,
    World,
)
from listener.errors import StoreBusy
from listener.stages.collect import collect
from listener.stages.roster import Roster
from listener.store import open_store
from listener.store.protocol import Store
from listener.store.rows import GapRow, Span
from sources.bluesky.settings import BlueskySettings
from sources.bluesky.source import BlueskySource
from sources.protocols import Batch, Check, Source
from sources.reddit.settings import RedditSettings
from sources.reddit.source import RedditSource
from sources.rss.settings import RssSettings
from sources.rss.source import RssSource
from sources.settings import SourceSettings
from sources.testing.bluesky_search import FakeBluesky
from sources.testing.clock import Clock

OURS = "this program"
Build = Callable[[], Source]
PLACES: Mapping[str, tuple[float, str]] = {  # how often we poll, in minutes; what it is
    "reddit": (2, "Reddit"),
    "feed": (15, "feed"),
    "bluesky": (5, "Bluesky"),
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What befalls one run of ours: at batch `batch` the process dies or the store refuses it."""

    batch: int = -1
    busy: bool = False
    committed: bool = False


@dataclass(slots=True)
class Fated:
    """A source whose run meets its fate."""

    name: str
    kind: str
    source: Source
    fate: Fate

    def check(self) -> Check:
        return self.source.check()

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        for number, batch in enumerate(self.source.collect(cursor)):
            if number == self.fate.batch and not self.fate.committed:
                raise StoreBusy("refused") if self.fate.busy else Killed
            yield batch
            if number == self.fate.batch:
                raise Killed


class Ours:
    """Our sources under the runner's parts, over one store that is opened anew after a restart."""

    def __init__(self, url: str, clock: Clock, sources: Mapping[SourceSettings, Build]) -> None:
        self._url = url
        self._clock = clock
        self._sources = {settings.name: (settings, build) for settings, build in sources.items()}
        self.runs = 0
        self._open()

    def restart(self) -> None:
        """Only what is in the store survives."""
        self.store.close()
        self._open()

    def poll(self, minute: float, every_one: bool, fate: Callable[[], Fate]) -> None:
        """Run what is due, as the daemon does. Raises Killed as fate has it."""
        due = [name for name, (every, _) in PLACES.items() if every_one or minute % every == 0]
        for settings in self._roster.of(due or None):
            if self._roster.left_alone(settings) is None:
                self._run(settings, fate())

    def _open(self) -> None:
        self.store: Store = open_store(self._url)
        settings = [one for one, _ in self._sources.values()]
        self._roster = Roster(self.store, settings, self._clock)

    def _run(self, settings: SourceSettings, fate: Fate) -> None:
        self.runs += 1
        source = self._sources[settings.name][1]()
        fated = Fated(source.name, source.kind, source, fate)
        try:
            self._roster.ran(settings, collect(self.store, fated, self._clock))
        except StoreBusy:
            pass  # the daemon logs it and tries again at the next time


class Day:
    """Drives the world and everybody who watches it."""

    def __init__(self, world: World, ours: Ours, peers: list[Peer], seed: int) -> None:
        self._world = world
        self._ours = ours
        self._peers = peers
        self._dice = random.Random(f"what breaks {seed}")
        self._down_until = 0.0

    def run(self) -> None:
        """Live through the day and the hour of rest behind it."""
        starts = True
        for step in range(1, (MINUTES + REST) * STEPS_A_MINUTE + 1):
            self._world.advance(step)
            minute = step / STEPS_A_MINUTE
            if minute >= self._down_until:
                dies = minute in RESTARTS
                self._poll(minute, starts or dies, dies, minute in BUSY)
                starts = False
                if dies:
                    starts = True
                    self._down_until = minute + self._dice.randint(*DOWN)
                    for one in (self._ours, *self._peers):
                        one.restart()

    def _poll(self, minute: float, every_one: bool, dies: bool, busy: bool) -> None:
        """Let everybody poll whose time has come: all of them at a start and at the end."""
        if minute == int(minute):
            try:
                self._ours.poll(minute, every_one, lambda: self._fate(dies, busy))
            except Killed:
                pass
        for peer in self._peers:
            if minute % peer.pace == 0 or every_one:
                self._poll_peer(peer, dies, busy)

    def _fate(self, dies: bool, busy: bool) -> Fate:
        if not (dies or busy):
            return Fate()
        committed = dies and self._dice.random() < 0.5
        return Fate(self._dice.randrange(3), busy and not dies, committed)

    def _poll_peer(self, peer: Peer, dies: bool, busy: bool) -> None:
        start = self._dice.randrange(20)
        peer.shelf.dies_after = start if dies else None
        peer.shelf.refuses = range(start, start + 5) if busy and not dies else range(0)
        peer.shelf.begin()
        try:
            peer.poll()
        except (Killed, Busy, Asleep):
            peer.restart()  # a supervisor starts it again


@dataclass(frozen=True, slots=True)
class Tally:
    """What one reader made of a day at one place."""

    place: str
    reader: str
    made: int
    seen: int
    written: int
    silent: int


def tally_ours(store: Store, world: World) -> Iterator[Tally]:
    """What our store holds, and what its gaps cover."""
    held = {row.mention.external_id for row in store.mentions(Span())}
    for place, posted in world.posted.items():
        made = posted.standing()
        gaps = store.gaps(place)
        lost = {name: when for name, when in made.items() if name not in held}
        written = sum(any(_covers(gap, when) for gap in gaps) for when in lost.values())
        yield Tally(
            PLACES[place][1], OURS, len(made), len(made) - len(lost), written, len(lost) - written
        )


def _covers(gap: GapRow, when: datetime) -> bool:
    """Whether a post lies in a gap; the store and feeds know whole seconds."""
    when = when.replace(microsecond=0)
    return (gap.start is None or gap.start <= when) and (gap.end is None or when <= gap.end)


def tally_peer(peer: Peer, world: World) -> Tally:
    made = world.posted[peer.place].standing()
    seen = len(made.keys() & peer.shelf.seen)
    return Tally(PLACES[peer.place][1], peer.name, len(made), seen, 0, len(made) - seen)


def sources(
    clock: Clock, reddit: DayReddit, feed: DayFeed, stream: DayStream, people: FakeBluesky
) -> Mapping[SourceSettings, Build]:
    """Our sources as the daemon builds them, a new one for every run."""
    on_reddit = RedditSettings(
        name="reddit",
        subreddits=(SUBREDDIT,),
        comments=False,
        client_id=SecretStr("reader"),
        client_secret=SecretStr("sesame"),
        base_url=reddit.url("").rstrip("/"),
        allow_private=True,
    )
    of_feed = RssSettings(name="feed", url=feed.url("/feed"), allow_private=True)
    on_bluesky = BlueskySettings(
        name="bluesky",
        terms=("acme",),
        base_url=stream.address,
        lookup_url=people.address,
        allow_private=True,
    )
    return {
        on_reddit: lambda: RedditSource(on_reddit, clock),
        of_feed: lambda: RssSource(of_feed, clock),
        on_bluesky: lambda: BlueskySource(on_bluesky, clock),
    }


def replay(folder: Path, seed: int = 0) -> tuple[list[Tally], list[GapRow], int]:
    """Replay the day; returns what everybody saw, our gaps and the number of our runs."""
    random.seed(seed)  # the libraries draw the length of their pauses from here
    clock = Clock(MIDNIGHT)
    with ExitStack() as stack:
        reddit = stack.enter_context(DayReddit(Weather("reddit", seed, clock)))
        feed = stack.enter_context(DayFeed(Weather("feed", seed, clock)))
        stream = DayStream(clock, silent=True)
        stream.weather = Weather("stream", seed, clock)
        stack.enter_context(stream)
        people = stack.enter_context(FakeBluesky(clock))
        world = World(clock, reddit, feed, stream)
        built = sources(clock, reddit, feed, stream, people)
        ours = Ours(f"sqlite:///{folder / 'day.db'}", clock, built)
        peers: list[Peer] = [
            PrawStream(reddit.url("").rstrip("/"), lambda: len(reddit.things)),
            RememberedReader(feed.url("/feed")),
        ]
        if find_spec("atproto"):
            peers.append(AtprotoStream(stream.address, clock))
        else:
            print("left out: atproto's JetstreamClient; install it with: pip install atproto")
        Day(world, ours, peers, seed).run()
        rows = [*tally_ours(ours.store, world), *(tally_peer(peer, world) for peer in peers)]
        gaps = ours.store.gaps()
        ours.store.close()
    order = [what for _, what in PLACES.values()]
    return sorted(rows, key=lambda row: order.index(row.place)), gaps, ours.runs


def main() -> None:
    """Print who saw what, and the gaps we wrote down."""
    logging.disable(logging.WARNING)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        rows, gaps, runs = replay(Path(folder))
    print("| place | reader | posts made | seen | lost, gap written | lost without a word |")
    print("|---|---|--:|--:|--:|--:|")
    for row in rows:
        print(
            f"| {row.place} | {row.reader} | {row.made:,} | {row.seen:,} | {row.written:,} "
            f"| {row.silent:,} |"
        )
    for gap in sorted(gaps, key=lambda one: one.found_at):
        ends = " to ".join(f"{end:%H:%M:%S}" if end else "open" for end in (gap.start, gap.end))
        print(f"gap: {gap.source} {ends}: {gap.reason}")
    print(f"{runs:,} runs of ours, {time.perf_counter() - start:.0f} s")
    if any(row.silent for row in rows if row.reader == OURS):
        sys.exit("posts of ours were lost without a word")


if __name__ == "__main__":
    main()
