"""A simulated month at three platforms: what is posted, what breaks and when, and whom operators hear.

The platforms are the loopback fakes of `sources.testing`; the desk is a web server that takes in what
the listener tells its operators, and is sometimes down itself. All of it is in a process of its own,
so that the memory of the one that listens is the listener's alone.
"""

from __future__ import annotations

import json
import multiprocessing
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from sources.testing.mastodon import FakeMastodon
from sources.testing.reddit import FakeReddit
from sources.testing.web import Answer, Asked, FakeWeb

BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
STEP = timedelta(minutes=30)
DAY = timedelta(days=1)
FEED_LENGTH = 60
ENTRIES_KEPT = 400

DOWN, WALL, REFUSED, BROKEN = "down", "wall", "refused", "broken"
ANSWERS = {
    DOWN: Answer(b"oops", status=503),
    WALL: Answer(
        b"<!doctype html><html><title>Log in</title><p>Please log in</p></html>",
        headers={"Content-Type": "text/html"},
    ),
    REFUSED: Answer(b'{"error": "The access token is invalid"}', status=401),
    BROKEN: Answer(b'{"kind": "Listing", "data": {"chil', length=90_000),  # and the line is dead
}

WHAT = (
    "acme charged my card twice and nobody answers the phone",
    "still waiting for the refund from acme, third time I ask",
    "the acme app crashes when I open my statement",
    "how do I change my address at acme?",
    "acme should let us sort statements by month",
    "thank you acme, the branch was wonderful",
    "my acme transfer never arrived, calling the ombudsman",
)


@dataclass(frozen=True, slots=True)
class Outage:
    """From `day` on, for so many hours, every request at `place` gets one of `ANSWERS`."""

    day: float
    hours: float
    place: str
    answer: str

    @property
    def start(self) -> datetime:
        """When it begins."""
        return BEGIN + self.day * DAY

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class Plan:
    """How many days, what breaks, and how many posts come at once on which day, by place."""

    days: float
    outages: Sequence[Outage]
    bursts: Mapping[str, Sequence[tuple[float, int]]]


MONTH = Plan(
    30,
    (
        Outage(2.2, 6, "feed", DOWN),
        Outage(4.5, 9, "reddit", REFUSED),  # the key is revoked until somebody mends it
        Outage(6.1, 12, "mastodon", DOWN),
        Outage(9.7, 20, "feed", WALL),
        Outage(11.0, 5, "reddit", DOWN),
        Outage(13.3, 8, "feed", BROKEN),
        Outage(13.3, 8, "reddit", BROKEN),  # the network is gone: all at once
        Outage(13.3, 8, "mastodon", BROKEN),
        Outage(13.3, 8, "desk", DOWN),
        Outage(17.6, 30, "mastodon", REFUSED),
        Outage(21.4, 4, "reddit", WALL),
        Outage(24.8, 5, "desk", DOWN),
        Outage(24.9, 26, "feed", DOWN),
        Outage(27.2, 7, "mastodon", WALL),
    ),
    {
        "reddit": ((3.0, 400), (11.1, 1_500), (19.5, 700)),
        "feed": ((8.0, 45), (25.2, 150)),
        "mastodon": ((6.3, 300), (22.0, 600)),
    },
)


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    moment: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.moment


@dataclass(frozen=True, slots=True)
class Past:
    """What has happened: posts by place with their moments, and keys of alarms heard at the desk."""

    made: Mapping[str, Mapping[str, datetime]]
    heard: Mapping[str, int]


class Month:
    """A month in a process of its own, for a `with` block.

    `configuration` is what an operator writes who listens to it; `clock` says how late it is there.
    """

    def __init__(self, plan: Plan) -> None:
        """Nothing happens yet."""
        self.clock = Clock()
        spawn = multiprocessing.get_context("spawn")
        self._line, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_happen, args=(theirs, plan), daemon=True)
        self._process.start()
        theirs.close()
        self.configuration: str = self._line.recv()

    def __enter__(self) -> Self:
        """Use it in a `with` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self._line.close()
        self._process.join()
        self._process.close()

    def advance(self) -> None:
        """Let half an hour pass."""
        self._line.send("advance")
        self.clock.moment = self._line.recv()

    def past(self) -> Past:
        """What has happened until now."""
        self._line.send("past")
        past: Past = self._line.recv()
        return past


def _happen(line: Connection, plan: Plan) -> None:
    """Be the world, until the other side hangs up."""
    with ExitStack() as stack:
        world = World(Clock(), stack, plan)
        line.send(world.configuration())
        with suppress(EOFError):
            while True:
                if line.recv() == "past":
                    made = {name: place.made for name, place in world.places.items()}
                    line.send(Past(made, dict(world.heard)))
                else:
                    world.advance()
                    line.send(world.clock.moment)


@dataclass
class Place:
    """One platform: what was posted there, and its bad hours."""

    name: str
    web: FakeWeb
    made: dict[str, datetime] = field(default_factory=dict)
    down: list[Outage] = field(default_factory=list)


class World:
    """The places of a month; `advance` lets half an hour of it happen."""

    def __init__(self, clock: Clock, stack: ExitStack, plan: Plan) -> None:
        """Set all servers up; `stack` ends them."""
        self.clock = clock
        self.plan = plan
        self.heard: Counter[str] = Counter()  # keys of alarms that arrived at the desk
        self.reddit = stack.enter_context(FakeReddit())
        self.mastodon = stack.enter_context(FakeMastodon(clock))
        self._entries: dict[str, str] = {}
        self.feed = stack.enter_context(FakeWeb({"/feed": self._feed}))
        self.desk = stack.enter_context(FakeWeb({"/hook": self._hear}))
        webs = {"reddit": self.reddit, "feed": self.feed, "mastodon": self.mastodon.web}
        self.places = {name: Place(name, web) for name, web in webs.items()}
        for place in (*self.places.values(), Place("desk", self.desk)):
            place.down += [one for one in plan.outages if one.place == place.name]
            place.web.spoil = lambda asked, place=place: self._spoilt(place)
        self._dice = random.Random("a month")

    def configuration(self) -> str:
        """The sources and the desk, as an operator writes them."""
        return f"""
brands: [{{name: Acme, query: acme}}]
retention: {{verify: []}}
sources:
  - {{name: reddit, type: reddit, subreddits: [banking], comments: false, client_id: reader,
     client_secret: sesame, base_url: "{self.reddit.url("").rstrip("/")}", allow_private: true}}
  - {{name: feed, type: rss, url: "{self.feed.url("/feed")}", allow_private: true}}
  - {{name: mastodon, type: mastodon, instances: ["{self.mastodon.address}"], hashtags: [acme],
     allow_private: true}}
notify:
  - {{when: [blind, queue, disk, spike, growing, back], name: desk, allow_private: true,
     url: "{self.desk.url("/hook")}"}}
"""

    def advance(self) -> None:
        """Let half an hour pass: people post, tokens end."""
        start = self.clock.moment
        self.clock.moment = start + STEP
        if start >= BEGIN + self.plan.days * DAY:
            return  # the rest, in which everybody catches up
        hour = start.hour
        for name, place in self.places.items():
            busy = 1 + (8 <= hour < 22) + (hour == 12)
            count = self._dice.randrange(busy) + sum(
                posts
                for day, posts in self.plan.bursts[name]
                if start <= BEGIN + day * DAY < start + STEP
            )
            for number in range(count):
                moment = start + STEP * (number + 1) / (count + 1)
                text = f"{self._dice.choice(WHAT)} ({self._dice.randrange(500)})"
                who = f"p{self._dice.randrange(300)}"
                place.made[self._post(name, moment, text, who)] = moment
        if start.hour == 3 and start.minute == 0:
            self.reddit.expire_tokens()

    def _post(self, place: str, moment: datetime, text: str, who: str) -> str:
        if place == "reddit":
            return self.reddit.post("banking", moment, text, text, author=who)
        if place == "mastodon":
            return self.mastodon.uri(
                self.mastodon.post(f"<p>{text}</p>", who=who, tags=("acme",), at=moment)
            )
        name = f"urn:month:{len(self.places['feed'].made)}"
        self._entries[name] = (
            f"<item><guid isPermaLink='false'>{name}</guid><title>{text}</title>"
            f"<author>{who}@blog.example ({who})</author><description>{text}</description>"
            f"<pubDate>{format_datetime(moment)}</pubDate></item>"
        )
        while len(self._entries) > ENTRIES_KEPT:
            del self._entries[next(iter(self._entries))]
        return name

    def _feed(self, asked: Asked) -> Answer:
        newest = list(self._entries.values())[: -FEED_LENGTH - 1 : -1]
        body = f"<rss version='2.0'><channel><title>b</title>{''.join(newest)}</channel></rss>"
        etag = f'"{sha256(body.encode()).hexdigest()[:16]}"'
        headers = {"Content-Type": "application/rss+xml", "ETag": etag}
        if asked.headers.get("if-none-match") == etag:
            return Answer(status=304, headers=headers)
        return Answer(body.encode(), headers=headers)

    def _hear(self, asked: Asked) -> Answer:
        self.heard.update(one["key"] for one in json.loads(asked.body)["data"]["alarms"])
        return Answer(status=204)

    def _spoilt(self, place: Place) -> Answer | None:
        place.web.asked.clear()  # it would remember a month of requests
        now = self.clock.moment
        down = next((one for one in place.down if one.start <= now < one.end), None)
        return None if down is None else ANSWERS[down.answer]
