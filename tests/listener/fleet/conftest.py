"""Fleets for tests: a folder with posts, a database of their own, and workers in this process."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from postgres_server import PostgresServer

from listener.app import open_app
from listener.fleet.engine import Pace, make_engine
from listener.fleet.shift import Shift
from listener.fleet.worker import Worker
from listener.stages.bounds import never
from listener.stages.cycle import Listening
from listener.stages.triage import Triage
from listener.store.postgres import PostgresStore
from listener.store.postgres.fleet import database_of
from listener.store.postgres.moving import in_order, postgres_pages
from listener.store.postgres.store import store_plan
from triage.verdict import Verdict

SAYINGS = (
    "Northgate declined my card abroad again, third time this week",
    "the Northgate app crashes when I open my statement number {n}",
    "I have been on hold with Northgate for {n} minutes and nobody answers",
    "Northgate: my transfer of {n} pounds never arrived, I want a refund",
    "Northgate charged me the fee of {n} twice, I will tell the ombudsman",
    "how do I change the PIN of my Northgate card {n}?",
    "it would be great if Northgate statements could be sorted by month",
    "thank you Northgate, the help at branch {n} was wonderful",
    "nothing at all about anybody, number {n}",
)

SEEN = "-c search_path=listener,fleet_jobs"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
Rows = dict[str, list[tuple[object, ...]]]

# What grouping remembers reaches as far as the batch after which it was kept; what a run says of
# itself depends on how often it looked.
OF_THE_RUN = {"groupings", "runs"}


def write_posts(path: Path, posts: int, brand: str = "Northgate") -> None:
    """Posts that repeat themselves enough to be grouped, some of which go on in a conversation."""
    dice = random.Random(7)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            [
                "tweet_id",
                "author_id",
                "inbound",
                "created_at",
                "text",
                "response_tweet_id",
                "in_response_to_tweet_id",
            ]
        )
        writers: list[str] = []
        for number in range(posts):
            goes_on = number > 20 and dice.random() < 0.2
            before = dice.randrange(number) if goes_on else None
            writers.append(writers[before] if before is not None else f"p{dice.randrange(posts)}")
            said = "still nothing!" if goes_on else dice.choice(SAYINGS)
            at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=40 * number)
            rows.writerow(
                (
                    *(number, writers[-1], "True", f"{at:%a %b %d %H:%M:%S +0000 %Y}"),
                    said.replace("Northgate", brand).format(n=dice.randrange(3, 90)),
                    *("", "" if before is None else before),
                )
            )


class ByHand(Shift):
    """A worker's jobs, done by hand."""

    def triage(self, name: str) -> Triage:
        """The ordered writer's triage."""
        return self._triage(self._writers[name])

    def verdict(self, brand: str, text: str) -> Verdict:
        """What is judged of a text."""
        return self._reading.read(brand, [text])[0][0]


@dataclass
class Fleet:
    """A configuration over one store, and who works on it."""

    config: Path
    url: str
    now: datetime = NOON

    def ask(self, sql: str, values: tuple[object, ...] | None = None) -> list[tuple[Any, ...]]:
        """What a person finds, or does, with a tool of his own."""
        with psycopg.connect(self.url, autocommit=True, options=SEEN) as conn:
            cursor = conn.execute(sql.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def prepare(self) -> None:
        """Make all tables."""
        with open_app(self.config) as app:
            make_engine(database_of(app.store))

    def worker(self, *, only: tuple[str, ...] = ()) -> Worker:
        """One that is quick to notice the dead."""
        pace = Pace(look=1, upkeep=30, rescue=1, heartbeat=0.2, dead_after=1.0)
        return Worker(self.config, only=only, now=lambda: self.now, pace=pace)

    def alone(self) -> None:
        """One process does it all."""
        with (
            open_app(self.config, now=lambda: self.now) as app,
            Listening(app.store, app.config, app.plugins, app.now) as listening,
        ):
            listening.cycle(())

    def rows(self) -> Rows:
        """Every row of every table."""
        with open_app(self.config, now=lambda: self.now) as app:
            assert isinstance(app.store, PostgresStore)
            found: Rows = {}
            for table in in_order(store_plan().tables):
                if table.name not in OF_THE_RUN:
                    with app.store.database.reading() as conn:
                        pages = postgres_pages(conn, table)
                        found[table.name] = sorted(
                            (row for page in pages for row in page), key=repr
                        )
            return found

    @contextmanager
    def shift(self) -> Iterator[ByHand]:
        """The jobs of a worker, done by hand; nobody hears what it wishes for."""
        with open_app(self.config, now=lambda: self.now) as app:
            make_engine(database_of(app.store))
            with ByHand(app, lambda kind, name: None, never) as shift:
                yield shift


@pytest.fixture
def fleet(tmp_path: Path, postgres_server: PostgresServer) -> Callable[..., Fleet]:
    """A fleet over a database of its own, with a file to collect from."""

    def write(posts: int = 300, *, brands: str = "", of: str = "", more: str = "") -> Fleet:
        url = postgres_server.database()
        if not (tmp_path / "posts.csv").exists():
            write_posts(tmp_path / "posts.csv", posts)
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.yaml"
        path.write_text(
            f"store: {url}\n"
            f"brands: {brands or '[{name: Northgate, query: northgate}]'}\n"
            "sources:\n"
            f"  - {{name: posts, type: files, paths: [posts.csv], every: 1h, brands: [{of}]}}\n{more}",
            encoding="utf-8",
        )
        return Fleet(path, url)

    return write
