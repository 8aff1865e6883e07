"""A fleet over PostgreSQL whose workers are killed with SIGKILL all day ends like one nobody disturbed.

Two workers at a time collect, judge and group a feed that grows and edits; people work the queue with
the real commands. In a disturbed day workers and commands are killed at random, started again, and
the first to come goes on with what the dead had in hand.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from postgres_server import PostgresServer
from store_rows import Dump, postgres_rows

from sources.testing.web import FakeWeb
from tests.journeys.test_kill_day import NEW_A_ROUND, Feed, Program, written

WORKERS = 2
TABLES = ("mentions.csv", "issues.jsonl")
_ISSUES = "SELECT id FROM issues WHERE merged_into IS NULL ORDER BY id"
PATIENCE = "2s"  # with a worker that is silent


@dataclass(frozen=True)
class Step:
    """One thing that is done: by the fleet (no words), or by a person or a program, in words."""

    round_: int
    words: tuple[str, ...]
    move: bool
    lasted: float


class Day:
    """A day over a database of its own: two workers, and one place for people."""

    def __init__(self, folder: Path, feed: Feed, store: str, seats: Sequence[Program]) -> None:
        folder.mkdir()
        url = feed.web.url("/feed")
        (folder / "config.yaml").write_text(
            f"store: {store}\nbrands: [{{name: Northgate}}]\n"
            f'sources: [{{name: forum, type: rss, url: "{url}", allow_private: true}}]\n'
            "retention: {verify: []}\n",
            encoding="utf-8",
        )
        self.folder, self.store, self.feed = folder, store, feed
        self.landed = 0
        self._seats = seats

    def ask(self, statement: str) -> list[tuple[int, ...]]:
        with psycopg.connect(
            self.store, autocommit=True, options="-c search_path=listener"
        ) as conn:
            cursor = conn.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def moves(self) -> int:
        return self.ask("SELECT count(*) FROM history")[0][0]

    def by_hand(self, words: tuple[str, ...], after: float | None = None) -> tuple[bool, float]:
        """One command; whether it was killed, and how long it ran."""
        killed, lasted = self._seats[0].run(self._here(words), after)
        self.landed += killed
        return killed, lasted

    def by_fleet(self, after: tuple[float | None, ...] = (None,) * WORKERS) -> float:
        """Have the workers do what is to be done; how long it took."""
        words = self._here(("fleet", "worker", "--until-done", "--patience", PATIENCE))
        with ThreadPoolExecutor(WORKERS) as both:
            ended = list(both.map(lambda seat, at: seat.run(words, at), self._seats, after))
        self.landed += sum(killed for killed, _ in ended)
        return max(lasted for _, lasted in ended)

    def _here(self, words: tuple[str, ...]) -> list[str]:
        """The words of a command for this day's folder."""
        files = {name: str(self.folder / name) for name in TABLES}
        return ["--config", str(self.folder / "config.yaml"), *(files.get(w, w) for w in words)]

    def time_passes(self) -> None:
        """The feed is due again."""
        self.ask("UPDATE source_health SET last_attempt_at = '2017-01-01T00:00:00Z'")


def undisturbed(day: Day, whole: bool, dice: random.Random) -> list[Step]:
    """Live through a day, or the beginning of one, and write down what was done."""
    steps: list[Step] = []

    def fleet(round_: int) -> None:
        steps.append(Step(round_, (), False, day.by_fleet()))
        day.time_passes()

    def do(round_: int, *words: str, move: bool = False) -> None:
        steps.append(Step(round_, words, move, day.by_hand(words)[1]))

    for round_ in range(2 if whole else 1):
        day.feed.grow(round_)
        fleet(round_)
        fleet(round_)  # nothing new: whoever was killed before leaves the same state behind
        cases = [row[0] for row in day.ask("SELECT id FROM cases WHERE state = 'new' ORDER BY id")]
        one, two, three = map(str, dice.sample(cases, 3))
        person = ("--as", dice.choice(["ana", "ben"]))
        do(round_, "queue", "claim", one, *person, move=True)
        do(round_, "queue", "resolve", one, "refunded", *person, move=True)
        issues = [row[0] for row in day.ask(_ISSUES)]
        first, second = map(str, dice.sample(issues, 2))
        do(round_, "issues", "merge", second, first, *person, move=True)
        if whole:
            do(round_, "queue", "note", two, "third time, see last week", *person, move=True)
            do(round_, "queue", "snooze", two, "90d", *person, move=True)
            do(round_, "queue", "dismiss", three, "not about us", *person, move=True)
            do(round_, "queue", "undo", three, *person, move=True)
            do(round_, "issues", "undo", second, *person, move=True)
        do(round_, "export", "mentions", "--out", "mentions.csv")
        do(round_, "export", "issues", "--format", "jsonl", "--out", "issues.jsonl")
    return steps


def disturbed(day: Day, steps: list[Step], dice: random.Random, kills: int) -> None:
    """Live through the same day with kills, until so many have landed."""
    for step in steps:
        day.feed.grow(step.round_)
        if step.words:
            _by_hand(day, step, dice, kills)
        else:
            _by_fleet(day, step, dice, kills)


def _by_fleet(day: Day, step: Step, dice: random.Random, kills: int) -> None:
    patience = 1.2 * step.lasted
    killed = True
    while killed and day.landed < kills:
        before = day.landed
        after = tuple(dice.uniform(0.05, 1.2) * patience for _ in range(WORKERS))
        day.by_fleet(after)
        killed = day.landed > before
        patience *= 1.1
    day.by_fleet()
    day.time_passes()


def _by_hand(day: Day, step: Step, dice: random.Random, kills: int) -> None:
    before = day.moves() if step.move else 0
    patience = 1.2 * step.lasted
    killed = True
    while killed:
        at = dice.uniform(0.02, 1) * patience if day.landed < kills else None
        killed, _ = day.by_hand(step.words, at)
        patience *= 1.2  # a busy machine takes longer than it did on the calm day
        if step.move and day.moves() > before:
            break


@pytest.fixture
def feed() -> Iterator[Feed]:
    with FakeWeb() as web:
        yield Feed(web)


@pytest.fixture
def seats(tmp_path: Path) -> Iterator[list[Program]]:
    """Where programs are started from, loaded once."""
    seats: list[Program] = []
    for n in range(WORKERS):
        folder = tmp_path / f"seat{n}"
        folder.mkdir()
        seats.append(Program(folder, seats[0] if seats else None))
    yield seats
    for seat in reversed(seats):
        seat.close()


def test_a_fleet_killed_all_day_ends_like_an_undisturbed_one(
    tmp_path: Path,
    feed: Feed,
    seats: Sequence[Program],
    request: pytest.FixtureRequest,
    postgres_server: PostgresServer,
) -> None:
    kills, seed = request.config.getoption("--kills"), request.config.getoption("--kill-seed")
    whole = kills > 20
    calm = Day(tmp_path / "calm", feed, postgres_server.database(), seats)
    steps = undisturbed(calm, whole, random.Random(1))
    expected, tables = postgres_rows(calm.store), written(calm.folder)
    assert len(expected["mentions"]) == NEW_A_ROUND * (2 if whole else 1)
    assert len(expected["cases"]) > 10
    assert expected["pending"] == []

    dice = random.Random(seed)
    landed = days = 0
    while landed < kills:
        day = Day(tmp_path / f"day{days}", feed, postgres_server.database(), seats)
        disturbed(day, steps, dice, kills - landed)
        days, landed = days + 1, landed + day.landed
        assert differing(expected, postgres_rows(day.store)) == {}, f"day {days} of seed {seed}"
        assert written(day.folder) == tables
    print(f"{landed} kills in {days} days of {len(steps)} steps, {WORKERS} workers, seed {seed}")


def differing(expected: Dump, found: Dump) -> Dump:
    return {name: rows for name, rows in found.items() if rows != expected[name]}
