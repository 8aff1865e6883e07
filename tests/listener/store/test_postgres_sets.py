"""Many rows by one statement in PostgreSQL: what comes of it is what SQLite makes of row after row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from postgres_server import PostgresServer

from listener.store.postgres.connection import Speaking
from listener.store.postgres.schema import tables_in
from listener.store.postgres.sets import whole_of
from listener.store.postgres.texts import read_as_sqlite

MADE = (
    "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL, size REAL, seen INTEGER,"
    " bytes BLOB, posts INTEGER NOT NULL DEFAULT 1)",
    "CREATE TABLE pairs (one TEXT NOT NULL, two INTEGER NOT NULL, n INTEGER NOT NULL,"
    " PRIMARY KEY (one, two))",
    "CREATE TABLE moves (id INTEGER PRIMARY KEY, thing INTEGER NOT NULL, what TEXT NOT NULL,"
    " UNIQUE (thing, what))",
)
TABLES = tables_in(MADE)
Row = tuple[object, ...]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["NULL", "{}", '"', "\\", "a,b", "\0", " ", "%s", "?1"]
)
numbers = st.integers(0, 6)
floats = st.none() | st.floats(allow_nan=False, allow_infinity=False) | numbers
things = st.lists(
    st.tuples(numbers, texts, floats, st.none() | st.integers(-(2**60), 2**60), st.binary()),
    max_size=12,
)
Rows = st.SearchStrategy[Sequence[Row]]
STATEMENTS: Sequence[tuple[str, Rows]] = (
    (
        "INSERT INTO things (id, name, size, seen, bytes) VALUES (?, ?, ?, ?, ?) ON CONFLICT"
        " DO UPDATE SET name = excluded.name, size = excluded.size, seen = excluded.seen,"
        " bytes = excluded.bytes, posts = things.posts + 1",
        things,
    ),
    (
        "INSERT INTO pairs (one, two, n) VALUES (?1, ?2, coalesce((SELECT max(posts) FROM things"
        " WHERE id = ?2), 0)) ON CONFLICT DO UPDATE SET n = pairs.n + excluded.n",
        st.lists(st.tuples(texts, numbers), max_size=12),
    ),
    ("INSERT OR IGNORE INTO pairs VALUES (?, ?, 7)", st.lists(st.tuples(texts, numbers))),
    (
        "INSERT OR IGNORE INTO moves (thing, what) VALUES (?, ?)",
        st.lists(st.tuples(numbers, texts), max_size=12),
    ),
    (
        "UPDATE things SET posts = posts + ?1, name = name || ?2 WHERE id = ?3",
        st.lists(st.tuples(numbers, texts, numbers), max_size=12),
    ),
    (
        "UPDATE things SET size = ?, bytes = ? WHERE id = ? AND name = ?",
        st.lists(st.tuples(floats, st.none() | st.binary(), numbers, texts), max_size=12),
    ),
    (
        "UPDATE things SET name = ?1 WHERE id = ?2 AND coalesce(name, '~, (') <> ?1",
        st.lists(st.tuples(texts, numbers), max_size=12),
    ),
    (
        "UPDATE things SET posts = (SELECT count(*) FROM things WHERE posts = ?1) WHERE id = ?2",
        st.lists(st.tuples(numbers, numbers), max_size=12),
    ),
    (
        "UPDATE things SET posts = 3 WHERE id = ? OR posts = ?",
        st.lists(st.tuples(numbers, numbers)),
    ),
    (
        "UPDATE pairs SET two = two + 10 WHERE one = ? AND two = ? AND two < 7",
        st.lists(st.tuples(texts, numbers)),
    ),
    ("DELETE FROM pairs WHERE one = ? AND two = ?", st.lists(st.tuples(texts, numbers))),
    ("DELETE FROM things WHERE id = ?", st.lists(st.tuples(numbers), max_size=3)),
)
work = st.lists(
    st.one_of(
        [rows.map(lambda rows, sql=sql: (sql, rows)) for sql, rows in STATEMENTS]  # type: ignore[misc]
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def speaking(postgres_server: PostgresServer) -> Iterator[Speaking]:
    with psycopg.connect(postgres_server.database(), autocommit=True) as raw:
        read_as_sqlite(raw)
        for table in TABLES.values():
            for statement in table.statements():
                raw.execute(statement.encode())
        speaking = Speaking(raw, TABLES)
        yield speaking
        speaking.close()


@given(begin=things, work=work)
def test_as_one_by_one(
    speaking: Speaking, begin: list[Row], work: list[tuple[str, Sequence[Row]]]
) -> None:
    plain = sqlite3.connect(":memory:")
    for statement in MADE:
        plain.execute(statement)
    for table in TABLES:
        speaking.raw.execute(f"DELETE FROM {table}".encode())
    for sql, rows in [(STATEMENTS[0][0], begin), *work]:
        changed = plain.executemany(sql, rows).rowcount
        assert speaking.executemany(sql, rows).rowcount == max(changed, 0)
    for table in TABLES:
        query = f"SELECT * FROM {table}"
        assert sorted(speaking.execute(query)) == sorted(plain.execute(query))


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("UPDATE things SET posts = (SELECT count(*) FROM things) WHERE id = ?", "sees itself"),
        ("UPDATE things SET posts = 3 WHERE id = ? OR seen = ?", "may meet a row twice"),
        ("UPDATE pairs SET two = ? WHERE two = ?", "what it looks for changes"),
        ("INSERT OR IGNORE INTO moves (thing, what) VALUES (?, ?)", "would take numbers"),
        (
            "INSERT INTO pairs VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = pairs.n + ?4",
            "settles each conflict its own way",
        ),
        ("INSERT INTO strangers VALUES (?)", "is not ours"),
    ],
)
def test_what_stays_one_by_one(sql: str, why: str) -> None:
    assert whole_of(sql, TABLES) is None, why
