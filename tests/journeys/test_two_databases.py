"""The same posts and the same hands give the same queue, issues and exports in either database."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from postgres_server import PostgresServer

from listener.app import App, open_app
from listener.errors import DeskError
from listener.exports import TABLES, Wanted, export
from listener.stages.cycle import Listening
from listener.store.postgres import PostgresStore
from listener.store.postgres.keys import Table
from listener.store.postgres.moving import Seal, in_order, postgres_pages, seal, sqlite_pages
from listener.store.postgres.store import store_plan
from listener.store.rows import Collected, QueueQuery, Span
from listener.store.sqlite import SqliteStore
from sources.mention import Author, Mention, Thread
from sources.protocols import Gap, Tombstone

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TROUBLES = (
    "my card payment was declined abroad again, third time this week",
    "the app crashes when I open my statement",
    "I have been on hold for {n} minutes and nobody answers, join me in complaining",
    "my transfer of {n} pounds never arrived\0",
    "you charged me the fee of {n} twice, I will report you to the ombudsman",
    "how do I change the PIN of card {n}?",
    "it would be great if statements could be sorted by month",
    "thank you, the help at branch {n} was wonderful 👍🏽",
    "Überweisung von {n} Euro nie angekommen, das ist eine Frechheit",
)


@dataclass
class Life:
    """Some hours of a desk, the same in every database: posts come, are edited and deleted; people work."""

    app: App
    dice: random.Random
    at: datetime = START

    def page(self, first: int, count: int) -> list[Mention]:
        return [
            Mention(
                kind="forum",
                external_id=str(n % 170),  # some come again, and say something else
                text="Northgate " + self.dice.choice(TROUBLES).format(n=self.dice.randrange(3, 9)),
                created_at=START - timedelta(minutes=self.dice.randrange(3000)),
                author=Author(f"u{n % 40}", f"@u{n % 40}", f"U {n % 40}", n % 7 * 1000),
                url=f"https://forum.example/{n}",
                thread=Thread(str(n % 30)) if n % 5 == 0 else Thread(),
                metrics={"stars": float(n % 5 + 1), "likes": n},
            )
            for n in range(first, first + count)
        ]

    def collect(self, source: str, first: int, count: int, *gone: str) -> None:
        run = self.app.store.open_run(source, self.at)
        gap = Gap(start=START, end=self.at, reason="the server was away") if gone else None
        said = self.page(first, count)
        self.app.store.collect(
            Collected(
                run,
                source,
                said,
                self.at,
                tombstones=[Tombstone("forum", id) for id in gone],
                cursor=json.dumps({"first": first}),
                gap=gap,
                rejected=["no text"] if gone else [],
            )
        )
        self.app.store.close_run(run, "ok", "", self.at)

    def work(self) -> None:
        desk, queue = self.app.desk, self.app.store.queue(QueueQuery(limit=40))
        acts: list[Any] = [
            lambda case: desk.cases.claim(case, "ann"),
            lambda case: desk.cases.snooze(case, "ann", self.at + timedelta(hours=2)),
            lambda case: desk.cases.resolve(case, "bob", "sent the money"),
            lambda case: desk.cases.dismiss(case, "bob", "not about us"),
            lambda case: desk.cases.prioritise(case, "bob", 90),
            lambda case: desk.replies.draft(case, "ann", "We are sorry \0 to hear that"),
            lambda case: desk.replies.note(case, "ann", "called them"),
            lambda case: desk.corrections.correct_case(case, "bob", [("severity", "critical")]),
        ]
        for n, row in enumerate(queue):
            try:
                done = acts[n % len(acts)](row.id)
                if n % 3 == 0:
                    desk.undo("bob", history=done.id)
            except DeskError:
                continue
        largest = self.app.store.issues(limit=4)
        desk.issues.rename(largest[0].id, "bob", f"Fees, twice, at {self.at:%H}")
        desk.issues.merge(largest[2].id, largest[0].id, "bob")
        inside = [one.id for one in self.app.store.mentions(Span(), largest[1].id)]
        split = desk.issues.split(largest[1].id, inside[:2], "bob")
        desk.undo("ann", history=split.id)
        if largest[0].state == "open":
            desk.issues.fix(largest[0].id, "bob", "the fee is gone")

    def live(self) -> None:
        with Listening(self.app.store, self.app.config, self.app.plugins, lambda: self.at) as here:
            for hour in range(4):
                self.at = START + timedelta(hours=hour)
                self.collect("forum", hour * 60, 60)
                here.cycle(())
                self.collect("mirror", hour * 60 - 10, 12, *(["3", "7"] if hour == 2 else []))
                here.cycle(())
                self.work()
            self.at = START + timedelta(hours=9)
            here.cycle((), again=True)


@pytest.fixture(scope="module")
def lives(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> Iterator[dict[str, App]]:
    folder = tmp_path_factory.mktemp("two")
    places = {"sqlite": f"sqlite:///{folder}/listener.db", "postgres": postgres_server.database()}
    opened = {}
    contexts = []
    for name, url in places.items():
        config = folder / f"{name}.yaml"
        config.write_text(
            f"store: {url}\nbrands:\n  - {{name: Northgate, query: northgate, languages: [en, de]}}\n",
            encoding="utf-8",
        )
        context = open_app(Path(config), now=lambda: START)
        app = context.__enter__()
        contexts.append(context)
        Life(app, random.Random(20)).live()
        opened[name] = app
    yield opened
    for context in contexts:
        context.__exit__(None, None, None)


@pytest.mark.parametrize("view", ["open", "waiting", "snoozed", "done", "all"])
def test_the_queue(lives: dict[str, App], view: str) -> None:
    pages = [app.store.queue(QueueQuery(view=view, limit=500)) for app in lives.values()]
    assert pages[0] == pages[1]
    assert pages[0] or view in ("waiting", "snoozed")


def test_a_search(lives: dict[str, App]) -> None:
    for words in ("uberweis", "on hold", "fee twice ombuds", '"', "👍🏽", "never arrived"):
        found = [app.store.queue(QueueQuery(view="all", search=words)) for app in lives.values()]
        assert found[0] == found[1], words
        assert len(found[0]) > 3 or words in ('"', "👍🏽"), words


def test_issues_and_their_loops(lives: dict[str, App]) -> None:
    issues = [app.store.issues(limit=500) for app in lives.values()]
    assert issues[0] == issues[1]
    assert len(issues[0]) > 4
    for issue in issues[0]:
        loops = [app.store.loop(issue.id) for app in lives.values()]
        assert loops[0] == loops[1]


@pytest.mark.parametrize("what", sorted(TABLES))
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_exports(lives: dict[str, App], what: str, form: str) -> None:
    written = []
    for app in lives.values():
        stream = io.BytesIO()
        count = export(app.store, TABLES[what], Wanted(), form, stream)
        written.append(stream.getvalue())
    assert written[0] == written[1]
    assert count > 0


def test_every_row_of_every_table(lives: dict[str, App]) -> None:
    sqlite, postgres = lives["sqlite"].store, lives["postgres"].store
    assert isinstance(sqlite, SqliteStore)
    assert isinstance(postgres, PostgresStore)

    def sealed(table: Table) -> tuple[Seal, Seal]:
        with sqlite._db.reading() as here, postgres.database.reading() as there:
            return seal(sqlite_pages(here, table)), seal(postgres_pages(there, table))

    tables = in_order(store_plan().tables)
    seals = {table.name: sealed(table) for table in tables}
    assert {name: both for name, both in seals.items() if both[0] != both[1]} == {}
    empty = {name for name, both in seals.items() if not both[0].rows}
    assert {"mentions", "cases", "history", "edits", "links", "corrections", "gaps"}.isdisjoint(
        empty
    )
