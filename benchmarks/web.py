"""The desk in the browser over 200,000 mentions: queue page, search, one case, 200 live listeners.

`python -m benchmarks.web [MENTIONS]`. Each page is asked for over a kept connection on the loopback by
one browser; what is printed is the time until its last byte, and the processor's time of the server and
that browser together. Pages that were never asked for before come first, and count.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles

import httpx2

from benchmarks.crowd import NOW, fill
from listener.config import Config
from listener.desk import Desk
from listener.store import open_store
from listener.store.accounts import open_accounts
from listener.store.protocol import Store
from listener.store.users import Role
from listener.web.actor import COOKIE
from listener.web.server import Server

MENTIONS = 200_000
PAGES = 100  # requests of each kind
LISTENERS = 200
MOVES = 20
SEARCHES = (
    "ba0", "ba5", "co10 la20", "zz", "is:vigilante ba5", "issue:12", "owner:ana", "fi1f",
    "ba0 AND NOT ba5", '"ba0 ba5"', "before:2026-09-01 ba5",
)  # fmt: skip


def main(mentions: int = MENTIONS) -> None:
    with tempfile.TemporaryDirectory(prefix="listener-bench-") as folder:
        path = Path(folder, "listener.db")
        began = time.perf_counter()
        with fill(path, mentions) as store:
            config = Config.model_validate(
                {"store": f"sqlite:///{path}", "brands": [{"name": "Acme"}], "web": {"port": 0}}
            )
            filled = time.perf_counter() - began
            size = path.stat().st_size / 1e6
            print(f"{mentions:,} mentions in {filled:.0f} s, {size:.0f} MB", flush=True)
            case = store.issues(limit=1) and store.queue(_top())[0].id
            key = _sign_in(config)
            with Server(config, lambda: NOW) as server:
                pages(server, key, int(case))
                asyncio.run(listeners(server, key, store, config))


def _top() -> object:
    from listener.store.rows import QueueQuery

    return QueueQuery(limit=1)


def _sign_in(config: Config) -> str:
    with open_accounts(config.store) as accounts:
        accounts.add_user("ana", Role.LEAD, "correct horse battery", NOW)
        return accounts.sessions.open("ana", "benchmark", NOW)[1]


def pages(server: Server, key: str, case: int) -> None:
    """Time to the last byte of each kind of page."""
    views = ("review", "vigilantes", "mine", "escalating", "waiting", "praise", "muted", "done")
    kinds = {
        "queue page": [f"queue?view={views[n % len(views)]}" for n in range(PAGES)],
        "search": [f"queue?q={SEARCHES[n % len(SEARCHES)]}" for n in range(PAGES)],
        "one case": [f"queue/{case}"] * PAGES,
        "API: cases": ["api/v1/cases?limit=50"] * PAGES,
        "API: search": [f"api/v1/cases?search={SEARCHES[n % len(SEARCHES)]}" for n in range(PAGES)],
    }
    cookies = {COOKIE: key}
    with httpx2.Client(base_url=server.address, cookies=cookies, trust_env=False) as browser:
        for kind, paths in kinds.items():
            times, spent = [], time.process_time()
            slowest = (0.0, "")
            for path in paths:
                began = time.perf_counter()
                answer = browser.get(path, timeout=60)
                assert answer.status_code == 200, (path, answer.status_code)
                times.append((time.perf_counter() - began) * 1e3)
                slowest = max(slowest, (times[-1], path))
            spent = (time.process_time() - spent) / len(paths) * 1e3
            print(f"{kind:12} {shown(times)}, {spent:.1f} CPU-ms; slowest {slowest[1]}", flush=True)


async def listeners(server: Server, key: str, store: Store, config: Config) -> None:
    """How long after the commit of a move each of the pages that listen has it."""
    host, port = server.address.removeprefix("http://").strip("/").split(":")
    opened = [await _listen(host, int(port), key) for _ in range(LISTENERS)]
    readers = [reader for reader, _ in opened]
    await asyncio.gather(*(_until(reader, b"event: hello") for reader in readers))
    delays: list[float] = []
    with open_store(config.store) as own:
        desk = Desk(own, config, lambda: NOW)
        case = store.queue(_top())[0].id  # type: ignore[arg-type]
        for n in range(MOVES):
            heard = [asyncio.create_task(_until(one, b"event: move")) for one in readers]
            await asyncio.to_thread(desk.replies.note, case, "ben", f"note {n}")
            committed = time.perf_counter()
            delays += [(at - committed) * 1e3 for at in await asyncio.gather(*heard)]
    for _, writer in opened:
        writer.close()
    print(f"{LISTENERS} listeners, {MOVES} moves: {shown(delays)}", flush=True)


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


def shown(times: Sequence[float]) -> str:
    cuts = quantiles(times, n=100)
    return f"p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, slowest {max(times):.1f} ms"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
