"""What is shipped as a sample, and a month of an app's complaints, look the same in either database."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from postgres_server import PostgresServer

from listener.app import App, open_app
from listener.exports import TABLES, Wanted, export
from listener.stages.cycle import Listening
from listener.store.rows import QueueQuery

Row = tuple[object, ...]
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
POSTS = 400
WHAT = (
    "the Tunely app stops after every song since update {n}",
    "Tunely shuffle plays the same {n} songs, what is this",
    "my Tunely playlist of {n} songs is gone, give it back",
    "Tunely took {n} dollars twice for premium, support does not answer for {m} days",
    "can't log in to @tunely since yesterday, password reset mail never comes",
    "Tunely offline mode deletes my {n} downloads every week, I am leaving for another service",
    "@tunely please add lyrics for podcasts, would be great",
    "how do I move my Tunely account to a family plan?",
    "love the new Tunely wrapped, {n} minutes this year!",
    "RT @somebody: Tunely is down again",
    "tunely tunely giveaway! win premium, follow and retweet, link in bio",
    "nothing about the app at all, just {n} words",
    "Tunely stürzt beim Start ab, seit {m} Tagen keine Antwort vom Support",
    "Tunely no funciona desde hace {m} días y nadie responde",
)


def posts(path: Path) -> None:
    """Months of an app: bursts of one trouble, people who come again, several languages."""
    dice = random.Random(11)
    with path.open("w", encoding="utf-8") as file:
        for number in range(POSTS):
            burst = WHAT[number // 60 % 6] if dice.random() < 0.3 else dice.choice(WHAT)
            at = NOON - timedelta(days=25) + timedelta(minutes=50 * number)
            row = {
                "id": str(number),
                "text": burst.format(n=dice.randrange(2, 99), m=dice.randrange(2, 30)),
                "author": f"u{dice.randrange(POSTS // 3)}",
                "created_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            if number % 50 == 0:  # somebody helps
                row |= {"id": f"{number}a", "author": "kind_soul", "parent": str(number)}
                row["text"] = f"Clear the cache of Tunely, that did it for me {number}"
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


@pytest.fixture(scope="module")
def one_by_one() -> Iterator[dict[str, int]]:
    """The statements that PostgreSQL was told for one row after the other, and for how many."""
    told: dict[str, int] = {}

    def tell(cursor: psycopg.Cursor[Row], query: str, rows: Sequence[Row]) -> None:
        told[query] = max(told.get(query, 0), len(rows))
        given(cursor, query, rows)

    given = psycopg.Cursor.executemany
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "executemany", tell)
        yield told


@pytest.fixture(scope="module")
def apps(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: PostgresServer,
    one_by_one: dict[str, int],
) -> Iterator[list[App]]:
    folder = tmp_path_factory.mktemp("sample")
    posts(folder / "posts.jsonl")
    with ExitStack() as stack:
        opened = []
        for n, url in enumerate((f"sqlite:///{folder}/s.db", postgres_server.database())):
            config = folder / f"{n}.yaml"
            config.write_text(
                f"store: {url}\nbrands:\n  - {{name: Northgate}}\n"
                "  - {name: Tunely, query: 'tunely OR @tunely', languages: [en, de, es]}\n"
                "sources:\n  - {name: sample, type: sample, brands: [Northgate]}\n"
                "  - {name: app, type: files, paths: [posts.jsonl], brands: [Tunely]}\n",
                encoding="utf-8",
            )
            app = stack.enter_context(open_app(config, now=lambda: NOON))
            with Listening(app.store, app.config, app.plugins, app.now) as listening:
                assert not listening.cycle(()).failed
            opened.append(app)
        yield opened


@pytest.mark.parametrize("brand", ["Northgate", "Tunely"])
def test_queue_and_issues(apps: list[App], brand: str) -> None:
    for view in ("open", "all"):
        pages = [app.store.queue(QueueQuery(view=view, brand=brand, limit=500)) for app in apps]
        assert pages[0] == pages[1]
        assert len(pages[0]) > 20
    issues = [app.store.issues(brand, limit=500) for app in apps]
    assert issues[0] == issues[1]
    assert len(issues[0]) > 5


@pytest.mark.parametrize("what", sorted(TABLES))
def test_exports(apps: list[App], what: str) -> None:
    for form in ("csv", "jsonl"):
        written = []
        for app in apps:
            stream = io.BytesIO()
            count = export(app.store, TABLES[what], Wanted(), form, stream)
            written.append(stream.getvalue())
        assert written[0] == written[1]
        assert count > 0


@pytest.mark.usefixtures("apps")
def test_many_rows_go_over_in_one_statement(one_by_one: dict[str, int]) -> None:
    many = {query: rows for query, rows in one_by_one.items() if rows > 3}
    # What some rows of are there already would take numbers.
    assert one_by_one
    assert all("INTO suggestions" in query for query in many), many
