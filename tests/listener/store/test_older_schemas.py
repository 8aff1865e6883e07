"""Stores as earlier versions wrote them, kept as text, are brought up to date with all that is in them.

Each file of `schemas/` is the whole of such a store: five posts that were judged, a case that was
claimed. What a later version adds to the tables gets a file of its own before it is released.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from listener.errors import StoreNewer
from listener.store import open_store
from listener.store.rows import QueueQuery, Span
from listener.store.sqlite.migrations import VERSION

OLDER = sorted(Path(__file__).with_name("schemas").glob("v*.sql"))
Shape = dict[str, list[tuple[object, ...]]]


def shape(path: Path) -> Shape:
    """Every table, view and index with its columns."""
    with closing(sqlite3.connect(path)) as conn:
        names = conn.execute(
            "SELECT type || ' ' || name, name FROM sqlite_master WHERE name NOT LIKE '%search_%'"
            " AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return {
            kind: sorted(conn.execute("SELECT name, type FROM pragma_table_xinfo(?)", (name,)))
            for kind, name in names
        }


@pytest.fixture(params=OLDER, ids=lambda path: path.stem)
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "listener.db"
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(request.param.read_text("utf-8"))
        assert conn.execute("PRAGMA user_version").fetchone()[0] == int(request.param.stem[1:])
    return path


def test_it_ends_with_the_tables_of_a_new_store_and_everything_in_them(
    older: Path, tmp_path: Path
) -> None:
    with open_store(f"sqlite:///{older}") as store:
        rows = list(store.mentions(Span()))
        assert sorted(row.mention.author.id for row in rows) == ["ann", "ben", "cleo", "dan", "eve"]
        assert store.totals().mentions == 5
        cases = store.queue(QueueQuery(view="all"))
        assert any(case.lane == "question" for case in cases)
        assert [case.owner for case in cases if case.owner] == ["ana"]
        assert any(row.action == "claim" and row.actor == "ana" for row in store.history())
        assert store.gaps("none") == []
    with open_store(f"sqlite:///{tmp_path}/new.db"):
        pass
    assert shape(older) == shape(tmp_path / "new.db")
    with closing(sqlite3.connect(older)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []


def test_there_is_a_store_of_the_first_version() -> None:
    assert "v1.sql" in {path.name for path in OLDER}


def test_a_newer_one_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    with open_store(f"sqlite:///{path}"):
        pass
    with closing(sqlite3.connect(path)) as conn:
        conn.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(StoreNewer, match=f"schema version {VERSION + 1}") as refused:
        open_store(f"sqlite:///{path}").__enter__()
    assert "upgrade" in refused.value.hint
