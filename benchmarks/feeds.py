"""Two thousand feeds polled for an hour by one process: memory, politeness, processor time.

`python -m benchmarks feeds` lets the whole chain run (collect, judge, group, price, a SQLite store)
as the daemon runs it, with a fake clock, against a loopback server that plays some 1,400 hosts and
answers every request after a quarter of a second of that clock. What is measured runs in a process
of its own, the server beside it, so that the memory is that of both and other benchmarks do not
count; the processor time is that of our thread alone.
"""

from __future__ import annotations

import heapq
import logging
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from listener.config import BrandConfig, Config
from listener.plugins import Offer, Plugins, Services, SourceType
from listener.stages.cycle import Listening
from listener.stages.politeness import PAGES_A_MINUTE
from listener.store import open_store
from listener.store.rows import Span
from sources.http.fetch import Fetcher
from sources.rss.settings import RssSettings
from sources.rss.source import RssSource
from sources.settings import SourceSettings
from sources.testing.clock import Clock
from sources.testing.web import Answer, Asked, FakeWeb

SIZES = ((1_400, 1), (20, 20), (1, 200))  # so many hosts with so many feeds each
ENTRIES = 10  # a feed shows
NEW_AN_HOUR = 1.0  # entries a feed gets
EVERY = timedelta(minutes=15)
ANSWER = timedelta(milliseconds=250)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
MOST_MEMORY = 500  # MB


class Hosts(FakeWeb):
    """All the hosts: `/feed/7` is feed 7 whatever the host. `visits` are kept instead of requests."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.visits: dict[str, list[datetime]] = defaultdict(list)
        self.unchanged = 0
        self._clock = clock

    def _answer(self, asked: Asked) -> Answer:
        host = asked.headers["host"].partition(":")[0]
        self.visits[host].append(self._clock())
        self._clock.moment += ANSWER
        number = int(asked.path.rpartition("/")[2])
        last = _last_entry(number, self._clock())
        etag = f'"{last}"'
        headers = {"ETag": etag, "Content-Type": "application/rss+xml"}
        if asked.headers.get("if-none-match") == etag:
            self.unchanged += 1
            return Answer(status=304, headers=headers)
        items = "".join(_item(number, entry) for entry in range(last, last - ENTRIES, -1))
        body = f"<rss version='2.0'><channel><title>{number}</title>{items}</channel></rss>"
        return Answer(body.encode(), headers=headers)


def _last_entry(feed: int, at: datetime) -> int:
    """The number of a feed's newest entry; every feed posts at its own minute of the hour."""
    hours = (at - START) / HOUR + (feed * 7 % 60) / 60
    return ENTRIES + int(hours * NEW_AN_HOUR)


def _item(feed: int, entry: int) -> str:
    """One entry in twenty is about the brand."""
    hours = (entry - ENTRIES) / NEW_AN_HOUR - (feed * 7 % 60) / 60
    about = "acme keeps declining my card" if (feed + entry) % 20 == 0 else "our new recipe"
    words = f"{about}, part {entry} of {feed}, and what the neighbours said about all of it"
    return (
        f"<item><guid isPermaLink='false'>urn:feed:{feed}:{entry}</guid><title>{about}</title>"
        f"<link>https://feed{feed}.example/{entry}</link><description>{words}</description>"
        f"<pubDate>{format_datetime(START + hours * HOUR)}</pubDate></item>"
    )


@dataclass(slots=True)
class Measured:
    """What one hour took."""

    feeds: int
    visits: dict[str, list[datetime]]
    unchanged: int = 0
    mentions: int = 0
    failed: int = 0
    memory: float = 0.0  # MB, at its highest
    processor: float = 0.0  # seconds
    wall: float = 0.0
    waited: Counter[str] = field(default_factory=Counter)


def settings_of(port: int) -> list[SourceSettings]:
    """The feeds of all hosts, in the order of a list somebody has exported."""
    feeds: list[SourceSettings] = []
    for hosts, size in SIZES:
        for host in range(hosts):
            for _ in range(size):
                number = len(feeds)
                url = f"http://h{host}.with{size}.example:{port}/feed/{number}"
                feeds.append(
                    RssSettings(name=f"feed{number}", url=url, every=EVERY, allow_private=True)
                )
    return feeds


def plugins(port: int) -> Plugins:
    """The type `rss` as it is built in, but every host is this machine."""

    def build(settings: SourceSettings, services: Services) -> RssSource:
        assert isinstance(settings, RssSettings)

        def fetcher() -> Fetcher:
            return Fetcher(
                allow_private=True, now=services.now, resolve=lambda host, port: ["127.0.0.1"]
            )

        return RssSource(settings, services.now, fetcher)

    kind = SourceType("rss", "feeds whose hosts are all here", RssSettings, build)
    return Plugins({"rss": Offer(kind, "benchmarks")}, ())


def measure() -> Measured:
    """Poll for an hour; to be run in a new process."""
    logging.disable(logging.WARNING)
    clock = Clock(START)
    with tempfile.TemporaryDirectory() as folder, Hosts(clock) as hosts:
        config = Config(
            store=f"sqlite:///{Path(folder) / 'feeds.db'}",
            brands=(BrandConfig(name="Acme", query="acme"),),
            sources=tuple(settings_of(hosts.port)),
        )
        found = Measured(len(config.sources), hosts.visits)
        wall, processor = time.perf_counter(), time.thread_time()
        with (
            open_store(config.store) as store,
            Listening(store, config, plugins(hosts.port), clock) as listening,
        ):
            live(listening, config.sources, clock, found)
            found.processor = time.thread_time() - processor
            found.wall = time.perf_counter() - wall
            found.mentions = sum(1 for _ in store.mentions(Span()))
        found.unchanged = hosts.unchanged
        found.memory = peak_memory()
    return found


def live(
    listening: Listening, sources: Sequence[SourceSettings], clock: Clock, found: Measured
) -> None:
    """Run cycles as the daemon does: all, then each at its own rhythm, and a look every minute."""
    dice = random.Random(7)

    def run(names: tuple[str, ...] | None) -> None:
        cycle = listening.cycle(names)
        found.failed += len(cycle.failed)
        found.waited.update(name for name, _ in cycle.waiting)

    run(())
    due: list[tuple[datetime, str | None]] = [(clock() + MINUTE, None)]
    due += [(START + EVERY * dice.uniform(1, 1.05), source.name) for source in sources]
    heapq.heapify(due)
    while due[0][0] < START + HOUR:
        moment, name = heapq.heappop(due)
        clock.moment = max(clock.moment, moment)
        run(None if name is None else (name,))
        every = EVERY * dice.uniform(0.95, 1.05) if name else MINUTE
        heapq.heappush(due, (moment + every, name))


def peak_memory() -> float:
    """The most memory this process has held, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1_024
    import resource

    unit = 1_024**2 if sys.platform == "darwin" else 1_024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def most_within(visits: Sequence[datetime], span: timedelta) -> int:
    """The most visits within any span of time."""
    most = first = 0
    for last, moment in enumerate(visits):
        while moment - visits[first] >= span:
            first += 1
        most = max(most, last - first + 1)
    return most


def politeness(found: Measured) -> Iterable[str]:
    """A row of a table for each size of host."""
    yield "| feeds on the host | hosts | requests an hour | most in a minute | middle spacing |"
    yield "|--:|--:|--:|--:|--:|"
    for hosts, size in SIZES:
        mine = [list for host, list in found.visits.items() if host.endswith(f"with{size}.example")]
        assert len(mine) == hosts
        spaces = [
            (later - earlier).total_seconds() for one in mine for earlier, later in pairwise(one)
        ]
        yield (
            f"| {size} | {hosts:,} | {max(map(len, mine))} "
            f"| {max(most_within(one, MINUTE) for one in mine)} | {median(spaces):,.0f} s |"
        )


def main() -> None:
    """Print what an hour took; fails when it took too much memory or a host was pressed."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        found = pool.submit(measure).result()
    requests = sum(map(len, found.visits.values()))
    print(
        f"{found.feeds:,} feeds, {requests:,} requests ({found.unchanged:,} not modified), "
        f"{found.mentions:,} mentions, {found.failed} failed runs, put off for politeness: "
        f"{sum(found.waited.values()):,}\n"
        f"peak memory {found.memory:,.0f} MB; {found.processor:.0f} s of processor time for an hour "
        f"({1_000 * found.processor / requests:.1f} ms a request), {found.wall:.0f} s on the clock"
    )
    print(*politeness(found), sep="\n")
    if found.memory >= MOST_MEMORY:
        sys.exit(f"it took more than {MOST_MEMORY} MB")
    if any(most_within(one, MINUTE) > 2 * PAGES_A_MINUTE for one in found.visits.values()):
        sys.exit("a host was asked too often")


if __name__ == "__main__":
    main()
