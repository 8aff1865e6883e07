"""A person's later words in a conversation belong to their case, whatever words they use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.app import App, open_app
from listener.stages.triage import Triage
from listener.store.rows import Collected, Move, QueueQuery, Span
from sources.mention import Author, Mention, Thread

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ANGRY = "Northgate charged me twice and nobody answers the phone, terrible"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    config = "brands: [{name: Northgate, query: northgate}, {name: Acme, query: acme}]\n"
    (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
    with open_app(tmp_path / "config.yaml", now=lambda: NOW) as opened:
        yield opened


def post(id: str, text: str, author: str, root: str = "", parent: str = "") -> Mention:
    at = NOW - timedelta(hours=20 - int(id))
    return Mention("forum", id, text, at, Author(author), thread=Thread(root, parent))


def hear(app: App, *mentions: Mention, batch: int) -> None:
    run = app.store.open_run("forum", NOW)
    app.store.collect(Collected(run=run, source="forum", mentions=mentions, at=NOW))
    triage = Triage(app.store, app.config, app.now)
    while triage.step(batch):
        pass
    triage.close()


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_later_words_join_the_case_and_those_of_others_do_not(app: App, batch: int) -> None:
    hear(
        app,
        post("1", ANGRY, "ann"),
        post("2", "Same here, my money is gone, what a scandal!", "ben", "1", "1"),
        post("3", "Still nothing.", "ann", "1", "2"),
        post("4", "And again nothing", "ann", "1", "3"),
        post("5", "I bake bread", "ann"),
        post("6", "This is about something else", "ann", "2", "77"),
        batch=batch,
    )
    [case] = app.store.queue(QueueQuery(view="all"))
    file = app.store.case(case.id)
    assert file is not None
    assert [row.mention.external_id for row in file.mentions] == ["1", "3", "4"]
    assert [row.mention.external_id for row in file.thread] == ["1", "2", "3", "4", "6"]
    brands = {row.mention.external_id: row.brand for row in app.store.mentions(Span())}
    assert brands == {
        "1": "Northgate",
        "2": "",
        "3": "Northgate",
        "4": "Northgate",
        "5": "",
        "6": "",
    }


def test_a_customer_who_writes_again_wakes_the_case_that_waits_for_them(app: App) -> None:
    hear(app, post("1", ANGRY, "ann"), batch=500)
    [case] = app.store.queue(QueueQuery(view="all"))
    moved = Move("kim", "answer", "case", case.id, {"state": "new"}, {"state": "waiting"}, NOW)
    assert app.store.move(moved) is not None
    hear(app, post("2", "Still nothing.", "ann", "1", "1"), batch=500)
    [case] = app.store.queue(QueueQuery(view="all"))
    assert (case.state, case.posts) == ("new", 2)
