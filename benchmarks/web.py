"""The desk in the browser over 200,000 mentions: pages, searches, first paint, 200 live listeners.

`python -m benchmarks.web [MENTIONS] [--store FILE]`. Each page is asked for over a kept connection on the
loopback by one browser; what is printed is the time until its last byte, beside the processor's time of the
server and that browser together. First paint is Chromium's own figure, with nothing in its cache. What a
figure must not exceed stands behind it; one that does is marked, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

import httpx2
from argon2 import PasswordHasher

from benchmarks.crowd import NOW, fill
from listener.config import Config
from listener.desk import Desk
from listener.store import open_store
from listener.store.accounts import open_accounts
from listener.store.protocol import Store
from listener.store.rows import QueueQuery
from listener.store.users import Role
from listener.web.actor import COOKIE
from listener.web.server import Server

MENTIONS = 200_000
PAGES = 200  # requests of each kind
PAINTS = 12
LISTENERS = 200
EACH = 20  # listeners of one person
MOVES = 20
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage")
VIEWS = (
    "review",
    "vigilantes",
    "mine",
    "escalating",
    "waiting",
    "ideas",
    "praise",
    "muted",
    "done",
)
SEARCHES = (
    "ba0", "ba5", "co10 la20", "zz", "is:vigilante ba5", "issue:12", "owner:ana", "fi1f",
    "ba0 AND NOT ba5", '"ba0 ba5"', "before:2026-09-01 ba5", "before:2026-07-25", "source:nowhere",
    "is:all source:nowhere", "is:escalating before:2026-07-24", "lang:de", "ba0 OR ba5",
)  # fmt: skip


class Kind(NamedTuple):
    """A kind of page: its addresses, and the milliseconds that 95 of 100 may take."""

    name: str
    paths: Sequence[str]
    budget: float


class Report:
    """Prints figures; `broken` are those above their budget."""

    def __init__(self) -> None:
        self.broken: list[str] = []

    def show(self, name: str, times: Sequence[float], budget: float, more: str = "") -> None:
        """One line: the middle, the 95th of a hundred, the slowest."""
        cuts = quantiles(times, n=100, method="inclusive")  # no figure beyond the slowest
        over = cuts[94] > budget
        self.broken += [name] * over
        print(
            f"{name:13} p50 {cuts[49]:5.1f} ms, p95 {cuts[94]:5.1f} ms (at most {budget:.0f}),"
            f" slowest {max(times):.1f} ms{more}{'  ABOVE' if over else ''}",
            flush=True,
        )


def main(mentions: int = MENTIONS, kept: Path | None = None) -> list[str]:
    """Measure; returns what was above its budget."""
    report = Report()
    with tempfile.TemporaryDirectory(prefix="listener-bench-") as folder:
        path = kept or Path(folder, "listener.db")
        with _filled(path, mentions) as store:
            config = Config.model_validate(
                {"store": f"sqlite:///{path}", "brands": [{"name": "Acme"}], "web": {"port": 0}}
            )
            case = store.queue(QueueQuery(limit=1))[0].id
            keys = _sign_in(config)
            with Server(config, lambda: NOW) as server:
                pages(report, server, keys[0], case)
                paints(report, server, keys[0], case)
                asyncio.run(listeners(report, server, keys, config, case))
    return report.broken


def _filled(path: Path, mentions: int) -> Store:
    """The store at the path, filled first if it is not there yet."""
    if path.exists():
        return open_store(f"sqlite:///{path}")
    began = time.perf_counter()
    store = fill(path, mentions)
    took, size = time.perf_counter() - began, path.stat().st_size / 1e6
    print(f"{mentions:,} mentions in {took:.0f} s, {size:.0f} MB", flush=True)
    return store


def _sign_in(config: Config) -> list[str]:
    """The keys of so many people that all listeners have a place."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with open_accounts(config.store, quick) as accounts:
        known = {user.name for user in accounts.users()}
        people = ["ana", *(f"agent{n}" for n in range(1, LISTENERS // EACH + 1))]
        for name in people:
            if name not in known:
                accounts.add_user(name, Role.LEAD, "correct horse battery", NOW)
        return [accounts.sessions.open(name, "benchmark", NOW)[1] for name in people]


def pages(report: Report, server: Server, key: str, case: int) -> None:
    """Time to the last byte of each kind of page."""
    searches = [SEARCHES[n % len(SEARCHES)] for n in range(PAGES)]
    kinds = (
        Kind("queue page", [f"queue?view={VIEWS[n % len(VIEWS)]}" for n in range(PAGES)], 50),
        Kind("search", [f"queue?q={one}" for one in searches], 150),
        Kind("one case", [f"queue/{case}"] * PAGES, 100),
        Kind("API: cases", ["api/v1/cases?limit=50"] * PAGES, 50),
        Kind("API: search", [f"api/v1/cases?search={one}" for one in searches], 150),
    )
    cookies = {COOKIE: key}
    with httpx2.Client(base_url=server.address, cookies=cookies, trust_env=False) as browser:
        for kind in kinds:
            times, spent = [], time.process_time()
            slowest = (0.0, "")
            for path in kind.paths:
                began = time.perf_counter()
                answer = browser.get(path, timeout=60)
                assert answer.status_code == 200, (path, answer.status_code)
                times.append((time.perf_counter() - began) * 1e3)
                slowest = max(slowest, (times[-1], path))
            spent = (time.process_time() - spent) / len(kind.paths) * 1e3
            more = f" ({slowest[1]}), {spent:.1f} CPU-ms"
            report.show(kind.name, times, kind.budget, more)


def paints(report: Report, server: Server, key: str, case: int) -> None:
    """When Chromium has painted the first words of a page, from the click on: nothing is cached."""
    with _browser() as visit:
        if visit is None:
            print(f"first paint   not measured: no playwright, or no browser at {CHROMIUM}")
            return
        for name, path in (("paint: queue", "queue"), ("paint: case", f"queue/{case}")):
            report.show(name, [visit(server.address, path, key) for _ in range(PAINTS)], 500)


@contextmanager
def _browser() -> Iterator[Callable[[str, str, str], float] | None]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        yield None
        return
    if not CHROMIUM.exists():
        yield None
        return
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))

        def visit(address: str, path: str, key: str) -> float:
            context = chromium.new_context(viewport={"width": 1440, "height": 900})
            context.add_cookies([{"name": COOKIE, "value": key, "url": address}])
            page = context.new_page()
            page.goto(f"{address}{path}")
            found = page.evaluate(
                "() => new Promise((done) => new PerformanceObserver((seen) => {"
                " const one = seen.getEntriesByName('first-contentful-paint')[0];"
                " if (one) done(one.startTime); }).observe({type: 'paint', buffered: true}))"
            )
            context.close()
            return float(found)

        yield visit
        chromium.close()


async def listeners(
    report: Report, server: Server, keys: Sequence[str], config: Config, case: int
) -> None:
    """How long after the commit of a move each of the pages that listen has it."""
    host, port = server.address.removeprefix("http://").strip("/").split(":")
    opened = [await _listen(host, int(port), keys[1 + n // EACH]) for n in range(LISTENERS)]
    readers = [reader for reader, _ in opened]
    await asyncio.gather(*(_until(reader, b"event: people") for reader in readers))
    delays: list[float] = []
    with open_store(config.store) as own:
        desk = Desk(own, config, lambda: NOW)
        for n in range(MOVES):
            heard = [asyncio.create_task(_until(one, b"event: move")) for one in readers]
            await asyncio.to_thread(desk.replies.note, case, "ben", f"note {n}")
            committed = time.perf_counter()
            delays += [(at - committed) * 1e3 for at in await asyncio.gather(*heard)]
    for _, writer in opened:
        writer.close()
    report.show("live update", delays, 200, f", {LISTENERS} listeners, {MOVES} moves")


async def _listen(
    host: str, port: int, key: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(
        f"GET /live HTTP/1.1\r\nhost: {host}:{port}\r\ncookie: {COOKIE}={key}\r\n\r\n".encode()
    )
    return reader, writer


async def _until(reader: asyncio.StreamReader, line: bytes) -> float:
    """When the line came."""
    async with asyncio.timeout(60):
        while line not in await reader.readline():
            pass
    return time.perf_counter()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web")
    parser.add_argument("mentions", type=int, nargs="?", default=MENTIONS)
    parser.add_argument("--store", type=Path, help="keep the store in this file, and use it again")
    return parser.parse_args()


if __name__ == "__main__":
    asked = _asked()
    sys.exit(bool(main(asked.mentions, asked.store)))
