"""One simulated day on Reddit, in a feed and on Bluesky: what is posted, withdrawn and breaks, and when.

The platforms are the loopback fakes of `sources.testing`; one request in ten fails, the n-th of a
moment for every client alike. Every time here is minutes since midnight of the fake clock.
"""

from __future__ import annotations

import html
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256

from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection

from sources.testing.bluesky import STRANGER, FakeJetstream
from sources.testing.clock import Clock
from sources.testing.reddit import DEPTH, FakeReddit, Thing
from sources.testing.web import Answer, Asked, FakeWeb

MIDNIGHT = datetime(2026, 11, 2, tzinfo=UTC)
MINUTES = 24 * 60
REST = 60  # minutes behind the day without posts and trouble, so that everybody can finish
STEPS_A_MINUTE = 4
FAILING = 0.10  # of all requests and connections
SUBREDDIT = "banking"
FEED_LENGTH = 50

# Posts a minute, from minute to minute: (first minute, last minute, how many in all).
BURSTS: Mapping[str, tuple[tuple[float, float, int], ...]] = {
    "reddit": (
        (190, 191, 250),  # news at night: more than a page within a minute
        (668, 674, 900),  # many pages, and a restart in the middle of reading them
        (908, 914, 1_800),  # more than the list shows while we are down
        (1_205, 1_206, 300),  # behind a revoked key
    ),
    "feed": ((400, 414, 32), (905, 915, 140), (1_000, 1_030, 90)),
    "bluesky": ((668, 674, 2_000), (1_150, 1_155, 10_500)),
}
RESTARTS = (95, 240, 370, 460, 590, 670, 780, 910, 1_030, 1_110, 1_270, 1_390)
DOWN = (1, 12)  # minutes that a restart takes
BUSY = (130, 310, 530, 670, 860, 1_000, 1_160, 1_330)  # the store refuses a write in these runs
DELETIONS = (*range(20, MINUTES, 60), 671, 909, 911)
TOKENS_END = tuple(range(55, MINUTES, 60))
KEY_REVOKED = (1_180, 1_255)  # Reddit knows the key no more, until an operator mends it
STREAM_DOWN = (840, 930)  # Bluesky's server is down, and has forgotten most of it afterwards
STREAM_KEEPS = 30  # minutes that it still has then
STREAM_ANEW = 1_200  # another server answers, with its own numbers


def at(minute: float) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


@dataclass(slots=True)
class Posted:
    """What was posted at one place, and what its authors withdrew again."""

    made: dict[str, datetime] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)

    def standing(self) -> dict[str, datetime]:
        """The posts that everybody had all day to see."""
        return {name: when for name, when in self.made.items() if name not in self.withdrawn}


class Weather:
    """What goes wrong with the n-th request of a client at a moment: the same for every client."""

    def __init__(self, place: str, seed: int, clock: Clock) -> None:
        self.failing = FAILING
        self._name = f"{place} {seed}"
        self._clock = clock
        self._asked: Counter[tuple[datetime, str]] = Counter()

    def dice(self, agent: str) -> random.Random:
        """The lot of a client's next request; clients are told apart by what they call themselves."""
        now = self._clock()
        self._asked[now, agent] += 1
        return random.Random(f"{self._name} {now} {self._asked[now, agent]}")

    def trouble(self, asked: Asked) -> Answer | None:
        """For one request in ten the answer that comes instead."""
        dice = self.dice(asked.headers.get("user-agent", ""))
        return dice.choice(TROUBLES) if dice.random() < self.failing else None


TROUBLES = (
    Answer(b"oops", status=500),
    Answer(b"oops", status=503),
    Answer(b"slow down", status=429, headers={"Retry-After": "40"}),
    Answer(
        b"<!doctype html><html><title>Please wait</title><p>Checking your browser</p></html>",
        headers={"Content-Type": "text/html"},
    ),
    Answer(b'{"kind": "Listing", "data": {"chil', length=90_000),  # and the connection breaks
)


class DayReddit(FakeReddit):
    """A Reddit with trouble, which also knows `before` and finds its newest quickly."""

    def __init__(self, weather: Weather) -> None:
        super().__init__()
        self.weather = weather

    def _answer(self, asked: Asked) -> Answer:
        return self.weather.trouble(asked) or super()._answer(asked)

    def _listing(self, path: str, query: Mapping[str, str]) -> Answer:
        """With `before` the posts right above it; nothing when it has left the list."""
        before = query.get("before", "")
        if not before:
            return super()._listing(path, query)
        shown = self._shown(path, query) or []
        names = [one.name for one in shown]
        above = shown[: names.index(before)] if before in names else []
        return self._page(above[-int(query.get("limit", 25)) :], "")

    def _shown(self, path: str, query: Mapping[str, str]) -> list[Thing] | None:
        if path != f"r/{SUBREDDIT}/new":
            return super()._shown(path, query)
        shown = []
        for thing in reversed(self.things):
            if thing.listed:
                shown.append(thing)
                if len(shown) == DEPTH:
                    break
        return shown


class DayFeed(FakeWeb):
    """A blog's feed of its newest entries, with validators and trouble."""

    def __init__(self, weather: Weather) -> None:
        super().__init__({"/feed": self._feed})
        self.weather = weather
        self.entries: dict[str, str] = {}
        self._posted = 0

    def post(self, moment: datetime, text: str) -> str:
        self._posted += 1
        name = f"urn:day:{self._posted}"
        self.entries[name] = (
            f"<item><guid isPermaLink='false'>{name}</guid><title>{html.escape(text)}</title>"
            f"<link>https://blog.example/{name}</link><description>{html.escape(text)}, in full"
            f"</description><pubDate>{format_datetime(moment)}</pubDate></item>"
        )
        return name

    def _feed(self, asked: Asked) -> Answer:
        instead = self.weather.trouble(asked)
        newest = list(self.entries.values())[: -FEED_LENGTH - 1 : -1]
        body = f"<rss version='2.0'><channel><title>b</title>{''.join(newest)}</channel></rss>"
        etag = f'"{sha256(body.encode()).hexdigest()[:16]}"'
        headers = {"ETag": etag, "Content-Type": "application/rss+xml"}
        if instead is not None and instead.length is not None:  # cut off on the way
            whole = body.encode()
            half = whole[: len(whole) // 2]
            honest = self._posted % 2  # some of those promise the length they have
            return Answer(half, headers=headers, length=len(half if honest else whole))
        if instead is not None:
            return instead
        if asked.headers.get("if-none-match") == etag:
            return Answer(status=304, headers=headers)
        return Answer(body.encode(), headers=headers)


class DayStream(FakeJetstream):
    """A Jetstream whose handshakes fail and whose connections break; a stranger ends every replay."""

    weather: Weather
    down: bool = False

    def _refuse(self, connection: ServerConnection, request: Request) -> Response | None:
        dice = self.weather.dice(request.headers.get("User-Agent", ""))
        draw, failing = dice.random(), self.weather.failing
        self.cut_after = dice.randrange(0, 60) if draw < failing / 2 else None
        refused = self.down or failing / 2 <= draw < failing
        self.refuse = Answer(b"restarting", 503) if refused else None
        return super()._refuse(connection, request)

    def _frames(self, cursor: int | None) -> Iterable[str]:
        self.post("good morning", did=STRANGER, at=self.now() + timedelta(microseconds=1))
        return super()._frames(cursor)


class World:
    """The day itself: `advance` lets a quarter of a minute happen."""

    def __init__(self, clock: Clock, reddit: DayReddit, feed: DayFeed, stream: DayStream) -> None:
        self.clock = clock
        self.reddit, self.feed, self.stream = reddit, feed, stream
        self.posted = {"reddit": Posted(), "feed": Posted(), "bluesky": Posted()}
        self._dice = random.Random("what is posted")
        self._owed = dict.fromkeys(self.posted, 0.0)

    def advance(self, step: int) -> None:
        """Let happen what happens in the quarter of a minute before `step`."""
        start, end = (step - 1) / STEPS_A_MINUTE, step / STEPS_A_MINUTE
        self.clock.moment = at(end)
        if end > MINUTES:
            for server in (self.reddit, self.feed, self.stream):
                server.weather.failing = 0.0
            return
        busy = 1.0 + 0.8 * ((start - 240) % MINUTES / MINUTES)
        for place, rate, post in (
            ("reddit", 0.5 * busy, self._post_to_reddit),
            ("feed", 0.5 * busy, self._post_to_feed),
            ("bluesky", 6.0 * busy, self._post_to_bluesky),
        ):
            self._owed[place] += rate / STEPS_A_MINUTE + _burst(place, start, end)
            whole = int(self._owed[place])
            self._owed[place] -= whole
            for number in range(whole):
                post(at(start + (end - start) * (number + 1) / whole))
        if end == int(end):
            self._happen(int(end))

    def _happen(self, minute: int) -> None:
        if minute in DELETIONS:
            self._delete()
        if minute in TOKENS_END:
            self.reddit.expire_tokens()
        if minute in KEY_REVOKED:
            revoked = minute == KEY_REVOKED[0]
            self.reddit.client = ("reader", "revoked" if revoked else "sesame")
            self.reddit.expire_tokens()
        if minute in STREAM_DOWN:
            self.stream.down = minute == STREAM_DOWN[0]
            if not self.stream.down:
                self.stream.forget(at(minute - STREAM_KEEPS))
        if minute == STREAM_ANEW:
            first = self.stream.events[0].seq
            self.stream.set_up_anew("boot-2", max(first - 4_000, 1))

    def _delete(self) -> None:
        """Authors withdraw the newest posts and those at the borders of pages."""
        shown = [thing for thing in self.reddit.things if thing.listed]
        places = (-1, -2, -100, -101, -200, -300)
        for name in {shown[place].name for place in places if len(shown) >= -place}:
            self.reddit.delete(name)
            self.posted["reddit"].withdrawn.add(name)
        for name in list(self.feed.entries)[-2:]:
            del self.feed.entries[name]
            self.posted["feed"].withdrawn.add(name)
        for uri in list(self.posted["bluesky"].made)[-2:]:
            if uri not in self.posted["bluesky"].withdrawn:
                self.stream.delete(uri)
                self.posted["bluesky"].withdrawn.add(uri)

    def _post_to_reddit(self, moment: datetime) -> None:
        number = len(self.reddit.things)
        name = self.reddit.post(SUBREDDIT, moment, f"acme card {number}", "it was declined again")
        self.posted["reddit"].made[name] = moment

    def _post_to_feed(self, moment: datetime) -> None:
        made = self.posted["feed"].made
        made[self.feed.post(moment, f"acme raises fees, part {len(made)}")] = moment

    def _post_to_bluesky(self, moment: datetime) -> None:
        made = self.posted["bluesky"].made
        if self._dice.random() < 0.25:
            made[self.stream.post(f"acme again, {len(made)}", at=moment)] = moment
        else:
            self.stream.post("what a lovely morning", at=moment)


def _burst(place: str, start: float, end: float) -> float:
    """How many posts of bursts fall between two minutes."""
    total = 0.0
    for first, last, count in BURSTS[place]:
        overlap = min(end, last) - max(start, first)
        total += count * max(overlap, 0.0) / (last - first)
    return total
