"""docs/store.md names every table, view and column, under its own heading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from listener.store.sqlite import SqliteStore

PAGE = (Path(__file__).parents[3] / "docs" / "store.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^#|\Z)", PAGE, flags=re.M | re.S))


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[str]]]:
    with SqliteStore(tmp_path_factory.mktemp("store") / "listener.db") as store:
        conn = store._db.conn
        names = [
            name
            for (name,) in conn.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
                " AND name NOT LIKE 'mention_search_%'"
            )
        ]
        yield {
            name: [
                row[1]
                for row in conn.execute(f'PRAGMA table_xinfo("{name}")')
                if name != "mention_search" or row[1] not in ("mention_search", "rank")
            ]
            for name in names
        }


def test_every_table_and_view_is_described(tables: dict[str, list[str]]) -> None:
    assert set(SECTIONS) == set(tables)


def test_every_column_is_named_where_its_table_is(tables: dict[str, list[str]]) -> None:
    missing = [
        f"{table}.{column}"
        for table, columns in tables.items()
        for column in columns
        if f"`{column}`" not in SECTIONS[table]
    ]
    assert missing == []
