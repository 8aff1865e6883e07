"""The views for analysts show what the queue shows, and the file opens in Datasette."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def file(furnish: Callable[[], Any]) -> Path:
    house = furnish()
    path: Path = house.store.path
    return path


def rows(file: Path, sql: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as conn:
        conn.row_factory = sqlite3.Row
        return [dict(row) for row in conn.execute(sql)]


def test_every_view_answers(file: Path) -> None:
    names = [
        row["name"] for row in rows(file, "SELECT name FROM sqlite_master WHERE type = 'view'")
    ]
    assert len(names) == 7
    for name in names:
        assert rows(file, f"SELECT * FROM {name}"), name


def test_the_queue_gives_its_reasons(file: Path) -> None:
    queue = rows(file, "SELECT * FROM queue")
    assert [row["priority"] for row in queue] == sorted(
        (row["priority"] for row in queue), reverse=True
    )
    parts = rows(file, "SELECT case_id, sum(points) AS total FROM priority_parts GROUP BY case_id")
    totals = {row["case_id"]: row["total"] for row in parts}
    for row in queue:
        assert row["priority"] == totals[row["case"]]
        assert row["reasons"].startswith("+")


def test_signals_are_spans_of_the_text(file: Path) -> None:
    found = rows(
        file,
        'SELECT s.text, substr(m.text, s.start + 1, s."end" - s.start) AS span'
        " FROM signals s JOIN mentions m ON m.id = s.mention_id",
    )
    assert found
    for row in found:
        assert row["text"] == row["span"]


def test_every_reference_leads_somewhere(file: Path) -> None:
    assert rows(file, "PRAGMA foreign_key_check") == []
    assert rows(file, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]


def test_datasette_shows_it_with_labels(file: Path) -> None:
    app = pytest.importorskip("datasette.app")

    async def fetch() -> tuple[Any, str]:
        datasette = app.Datasette([str(file)], settings={"num_sql_threads": 0})
        await datasette.invoke_startup()
        queue = (await datasette.client.get("/listener/queue.json?_shape=array")).json()
        page = (await datasette.client.get("/listener/cases")).text
        return queue, page

    queue, page = asyncio.run(fetch())
    assert queue[0]["reasons"]
    title = rows(file, "SELECT title FROM issues JOIN cases ON issue_id = issues.id")[0]["title"]
    assert title in page
