"""A working day killed with SIGKILL at every other moment ends like one that nobody disturbed.

Feeds that grow, bursts and edits are collected and triaged, cases answered, issues merged, tables
exported, the store backed up and brought up to date from an older version, each by the real program.
An undisturbed day says what to do; every other day does the same, is killed at random within its
commands, looks whether the move it was making is in the history, as a person would, and goes on.
"""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape

import pytest

from sources.testing.web import Answer, FakeWeb

TODAY = re.compile(r"20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?")
Dump = dict[str, list[tuple[object, ...]]]
ROUNDS = 2
NEW_A_ROUND = 30
MANY = 50  # kills: from so many on every command is killed several times
FIRST = datetime(2017, 11, 1, 8, tzinfo=UTC)

WHO = ("my card", "the app", "your hotline", "a transfer", "the statement", "my new account")
WHAT = (
    "was declined abroad, third time this week",
    "crashes when I sign in, fix it",
    "keeps me on hold for {n} minutes and nobody answers",
    "of {n} pounds never arrived, refund me",
    "shows a fee of {n} twice",
    "was promised for branch {n}, how long does that take?",
    "works at last, thank you branch {n}",
    "should be sortable by month, please",
)


@dataclass
class Feed:
    """A feed that grows by a burst a round and now and then edits an entry."""

    web: FakeWeb
    entries: dict[int, str] = field(default_factory=dict)

    def grow(self, round_: int) -> None:
        """Publish the state of a round: the same for the same round."""
        self.entries.clear()
        for number in range((round_ + 1) * NEW_A_ROUND):
            dice = random.Random(number)
            text = f"Northgate: {dice.choice(WHO)} {dice.choice(WHAT)}".format(n=number % 70)
            edited = number % 10 == 3 and number < round_ * NEW_A_ROUND
            self.entries[number] = text + (" Edited: still broken!" if edited else "")
        self.web.routes["/feed"] = Answer(
            self._xml().encode(), headers={"Content-Type": "text/xml"}
        )

    def _xml(self) -> str:
        items = "".join(
            f"<item><guid isPermaLink='false'>{number}</guid><title>Post {number}</title>"
            f"<author>p{number % 23}@forum.example (P{number % 23})</author>"
            f"<description>{escape(text)}</description>"
            f"<pubDate>{FIRST + timedelta(minutes=7 * number):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
            for number, text in sorted(self.entries.items(), reverse=True)
        )
        return (
            "<rss version='2.0'><channel><title>Forum</title><link>https://forum.example/</link>"
            f"<description>Talk</description>{items}</channel></rss>"
        )


class Program:
    """The real program, one command at a time, in a folder."""

    def __init__(self, folder: Path, beside: Program | None = None) -> None:
        """`beside` another one, whose process has loaded everything already."""
        self.folder = folder
        self.store = folder / "listener.db"
        self._orders: IO[str]
        self._answers: IO[str]
        self._server: subprocess.Popen[str] | None = None
        if beside is not None:
            seat = folder / "seat"
            orders, answers = folder / "seat.orders", folder / "seat.answers"
            os.mkfifo(orders)
            os.mkfifo(answers)
            beside._orders.write(json.dumps({"seat": str(seat)}) + "\n")
            beside._orders.flush()
            self._orders, self._answers = orders.open("w"), answers.open()
            return
        here = Path(__file__).with_name("fork_server.py")
        self._server = subprocess.Popen(
            [sys.executable, str(here)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            text=True,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        )
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._orders, self._answers = self._server.stdin, self._server.stdout

    def close(self) -> None:
        self._orders.close()
        if self._server is not None:
            self._server.wait(30)
        self._answers.close()

    def run(self, argv: list[str], after: float | None = None) -> tuple[bool, float]:
        """Run one command; whether it was killed, and how long it ran."""
        answer = self._order(argv, after=after)
        return answer["killed"], answer["lasted"]

    def until(self, argv: list[str], statement: int = 0) -> tuple[bool, int]:
        """Run one command, killed behind one of the statements it tells PostgreSQL; how many it told."""
        answer = self._order(argv, at=statement)
        return answer["killed"], answer["told"]

    def _order(self, argv: list[str], **more: float | None) -> dict[str, Any]:
        out = str(self.folder / "output.txt")
        order = {"argv": ["--config", "config.yaml", *argv], "after": None, "out": out} | more
        self._orders.write(json.dumps(order) + "\n")
        self._orders.flush()
        answer: dict[str, Any] = json.loads(self._answers.readline())
        if not answer["killed"]:
            assert answer["code"] == 0, (argv, Path(out).read_text("utf-8"))
        return answer

    def ask(self, statement: str, *values: object) -> list[tuple[int, ...]]:
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as db:
            return db.execute(statement, values).fetchall()

    def moves(self) -> int:
        return self.ask("SELECT count(*) FROM history")[0][0]


@dataclass(frozen=True)
class Step:
    """One command of the day.

    `round_` is the state of the feed, `move` says that it is a person's single act, `older` that the
    store is of an older version when it begins, `makes` is the file that is there when it is done.
    """

    round_: int
    argv: tuple[str, ...]
    move: bool
    lasted: float
    older: bool = False
    makes: str = ""


def make_older(store: Path) -> None:
    """Take away what later versions have brought to the tables."""
    with closing(sqlite3.connect(store)) as conn:
        conn.executescript(
            "BEGIN; DROP TABLE sightings; DROP INDEX mentions_of_thread; DROP INDEX mentions_answering;"
            "DROP INDEX memberships_of_original; DROP INDEX memberships_of_story;"
            "ALTER TABLE memberships DROP COLUMN story;"
            "ALTER TABLE memberships DROP COLUMN same_story;"
            "ALTER TABLE verdicts DROP COLUMN leaning;"
            "DELETE FROM _sqlite_migrations WHERE name LIKE '%sightings%' OR name LIKE '%leans%';"
            "PRAGMA user_version = 2; COMMIT;"
        )


def undisturbed(program: Program, feed: Feed, dice: random.Random) -> list[Step]:
    """Live through one day and write down what was done."""
    steps: list[Step] = []

    def do(
        round_: int, *argv: str, move: bool = False, older: bool = False, makes: str = ""
    ) -> None:
        if older:
            make_older(program.store)
        killed, lasted = program.run(list(argv))
        assert not killed
        steps.append(Step(round_, argv, move, lasted, older, makes))

    for round_ in range(ROUNDS):
        feed.grow(round_)
        do(round_, "run", "--once", "forum")
        cases = [row[0] for row in program.ask("SELECT id FROM cases WHERE state = 'new'")]
        one, two, three, four = map(str, dice.sample(cases, 4))
        person = ("--as", dice.choice(["ana", "ben"]))
        do(round_, "queue", "claim", one, *person, move=True)
        do(round_, "queue", "note", one, "third time, see last week", *person, move=True)
        do(round_, "queue", "reply", one, "Sorry! We are on it.", *person, move=True)
        do(round_, "queue", "reply", one, "--approve", "--as", "lea", move=True)
        do(round_, "queue", "reply", one, "--sent", *person, move=True)
        do(round_, "queue", "resolve", one, "refunded", *person, move=True)
        do(round_, "queue", "snooze", two, "90d", *person, move=True)
        do(round_, "queue", "dismiss", three, "not about us", *person, move=True)
        do(round_, "queue", "undo", three, *person, move=True)
        do(round_, "queue", "priority", four, "77", *person, move=True)
        issues = [row[0] for row in program.ask("SELECT id FROM issues WHERE state != 'merged'")]
        first, second = map(str, dice.sample(issues, 2))
        do(round_, "issues", "rename", first, f"Named in round {round_}", *person, move=True)
        do(round_, "issues", "merge", second, first, *person, move=True)
        do(round_, "issues", "undo", second, *person, move=True)
        do(round_, "export", "mentions", "--out", "mentions.csv")
        do(round_, "export", "issues", "--format", "jsonl", "--out", "issues.jsonl")
        for noun in ("issues", "queue", "sources"):
            do(round_, noun, "list", older=True)
        do(round_, "backup", f"copy{round_}.db", makes=f"copy{round_}.db")
        do(round_, "run", "--once", "--again", "forum")
    return steps


def disturbed(
    program: Program, feed: Feed, steps: list[Step], dice: random.Random, often: bool
) -> int:
    """Live through the same day with kills, several a command if `often`; how many landed."""
    landed = 0
    for step in steps:
        feed.grow(step.round_)
        before = program.moves() if step.move else 0
        if step.older:
            make_older(program.store)
        patience = (0.7 if often else 1.2) * step.lasted
        killed = True
        while killed:
            killed, _ = program.run(list(step.argv), dice.uniform(0.02, 1) * patience)
            landed += killed
            patience *= 1.2  # a busy machine takes longer than it did on the calm day
            if step.move and program.moves() > before:
                break
            if step.makes and (program.folder / step.makes).exists():
                break
    return landed


@pytest.fixture
def feed() -> Iterator[Feed]:
    with FakeWeb() as web:
        yield Feed(web)


def lay_out(folder: Path, feed: Feed) -> Path:
    folder.mkdir()
    url = feed.web.url("/feed")
    (folder / "config.yaml").write_text(
        "store: sqlite:///listener.db\nbrands: [{name: Northgate}]\n"
        f'sources: [{{name: forum, type: rss, url: "{url}", allow_private: true}}]\n'
        "retention: {verify: []}\n",
        encoding="utf-8",
    )
    return folder


def written(folder: Path) -> dict[str, str]:
    """The exported tables, without the moments at which things were seen."""
    names = ("mentions.csv", "issues.jsonl")
    return {name: TODAY.sub("<now>", (folder / name).read_text("utf-8")) for name in names}


def test_a_killed_day_ends_like_an_undisturbed_one(
    tmp_path: Path, feed: Feed, request: pytest.FixtureRequest, dump: Callable[[Path], Dump]
) -> None:
    kills, seed = request.config.getoption("--kills"), request.config.getoption("--kill-seed")
    calm = Program(lay_out(tmp_path / "calm", feed))
    steps = undisturbed(calm, feed, random.Random(1))
    calm.close()
    expected = dump(calm.store)
    tables = written(calm.folder)
    copies = {step.makes: dump(calm.folder / step.makes) for step in steps if step.makes}
    for copy in copies.values():
        del copy["source_health"]  # a run that is done again finds nothing new
    assert len(expected["mentions"]) == ROUNDS * NEW_A_ROUND
    assert len([row for row in expected["history"] if "ana" in row or "ben" in row]) > 10 * ROUNDS

    dice = random.Random(seed)
    landed = days = 0
    while landed < kills:
        program = Program(lay_out(tmp_path / f"day{days}", feed))
        landed += disturbed(program, feed, steps, dice, often=kills > MANY)
        program.close()
        days += 1
        ended = dump(program.store)
        differing = {name: rows for name, rows in ended.items() if rows != expected[name]}
        assert differing == {}, f"day {days} of seed {seed}"
        assert written(program.folder) == tables
        for name, copy in copies.items():
            made = dump(program.folder / name)
            assert {table: made[table] for table in copy} == copy, f"{name}, day {days} of {seed}"
    print(f"{landed} kills in {days} days of {len(steps)} commands, seed {seed}")
