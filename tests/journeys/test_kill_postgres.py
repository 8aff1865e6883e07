"""A copy into PostgreSQL, and a migration there, killed with SIGKILL behind any statement.

Whoever types the same command again ends where an undisturbed run ends: the same rows in all tables,
accounts included, and the same columns, keys and indexes. The process kills itself behind a statement
that is drawn, so that every kill lands inside, on a fast machine and on a slow one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from argon2 import PasswordHasher
from postgres_server import PostgresServer

from listener.app import open_app
from listener.stages.cycle import Listening
from listener.store.accounts import Role, open_accounts
from sources.files.source import FilesSource
from tests.journeys.test_kill import write_posts
from tests.journeys.test_kill_day import Program

POSTS = 200
AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
Everything = dict[str, list[tuple[object, ...]]]
_OLDER = (
    "ALTER TABLE gaps DROP COLUMN closed_at CASCADE; ALTER TABLE issues DROP COLUMN phase CASCADE;"
    " DROP TABLE sightings CASCADE; DROP INDEX runs_by_time; UPDATE schema_version SET version = 1"
)
_MADE = (
    "SELECT table_schema, table_name, column_name, data_type, column_default"
    " FROM information_schema.columns WHERE table_schema IN ('listener', 'accounts')",
    "SELECT indexdef FROM pg_indexes WHERE schemaname IN ('listener', 'accounts')",
    "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace IN ('listener'::regnamespace, 'accounts'::regnamespace)",
)


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with posts, issues and cases, and an account."""
    folder = tmp_path_factory.mktemp("sqlite")
    write_posts(folder / "all.jsonl")
    posts = folder / "posts.jsonl"
    some = (folder / "all.jsonl").read_text("utf-8").splitlines(keepends=True)[:POSTS]
    posts.write_text("".join(some), encoding="utf-8")
    config = folder / "config.yaml"
    config.write_text(
        f"store: sqlite:///{folder}/listener.db\nbrands: [{{name: Northgate}}]\n", encoding="utf-8"
    )
    with (
        open_app(config, now=lambda: AT) as app,
        Listening(app.store, app.config, app.plugins, app.now) as listening,
    ):
        assert listening.take_in([FilesSource("file", [posts], "", app.now)], "Northgate").triaged
    with open_accounts(f"sqlite:///{folder}/listener.db", QUICK) as accounts:
        accounts.add_user("ann", Role.LEAD, "correct horse", AT)
    return folder / "listener.db"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = Program(tmp_path_factory.mktemp("program"))
    yield program
    program.close()


def everything(address: str) -> Everything:
    """All rows of all tables of ours, and how these are made."""
    with psycopg.connect(address) as conn:
        tables = conn.execute(
            "SELECT schemaname || '.' || tablename FROM pg_tables"
            " WHERE schemaname IN ('listener', 'accounts')"
        ).fetchall()
        asked = {name: f"SELECT * FROM {name}" for (name,) in tables} | {one: one for one in _MADE}
        return {
            name: sorted(conn.execute(query.encode()).fetchall(), key=repr)
            for name, query in asked.items()
            if not name.endswith("schema_version")  # with the moment it was made
        }


def killed_until(
    kills: int,
    dice: random.Random,
    statements: int,
    begin: Callable[[], tuple[list[str], str]],
    program: Program,
    expected: Everything,
) -> int:
    """Kill one program after the other, letting each beginning come to its end; how many died."""
    landed = begun = 0
    while landed < kills:
        words, address = begin()
        begun += 1
        killed = True
        while killed and landed < kills:
            killed, _ = program.until(words, dice.randint(1, statements))
            landed += killed
        if killed:
            program.until(words)
        found = everything(address)
        assert {name for name in expected if found[name] != expected[name]} == set()
        assert found.keys() == expected.keys()
    print(
        f"{landed} kills in {begun} times {' '.join(words[:2])} of {statements} statements", end=""
    )
    return landed


def test_killed_copies_end_like_an_undisturbed_one(
    sqlite: Path,
    program: Program,
    postgres_server: PostgresServer,
    request: pytest.FixtureRequest,
) -> None:
    # A copy is long: half as many are enough.
    kills = max(1, request.config.getoption("--kills") // 2)
    seed = request.config.getoption("--kill-seed")

    def begin() -> tuple[list[str], str]:
        address = postgres_server.database()
        return ["store", "copy", str(sqlite), address], address

    words, calm = begin()
    _, statements = program.until(words)
    expected = everything(calm)
    assert len(expected["listener.mentions"]) > POSTS / 2
    assert len(expected["listener.cases"]) > 10
    assert len(expected["accounts.users"]) == 1
    assert killed_until(kills, random.Random(seed), statements, begin, program, expected) == kills
    print(f", seed {seed}")


def test_killed_migrations_end_like_an_undisturbed_one(
    sqlite: Path,
    program: Program,
    postgres_server: PostgresServer,
    request: pytest.FixtureRequest,
) -> None:
    kills, seed = request.config.getoption("--kills"), request.config.getoption("--kill-seed")
    older = postgres_server.database()
    program.until(["store", "copy", str(sqlite), older])
    with psycopg.connect(older, options="-c search_path=listener") as conn:
        conn.execute(_OLDER.encode())

    def begin() -> tuple[list[str], str]:
        address = postgres_server.copy_of(older)
        (program.folder / "config.yaml").write_text(
            f"store: {address}\nbrands: [{{name: Northgate}}]\n", encoding="utf-8"
        )
        return ["queue", "list"], address

    words, calm = begin()
    before = everything(calm)
    _, statements = program.until(words)
    expected = everything(calm)
    assert expected != before
    assert "listener.sightings" in expected.keys() - before.keys()
    assert killed_until(kills, random.Random(seed), statements, begin, program, expected) == kills
    print(f", seed {seed}")
