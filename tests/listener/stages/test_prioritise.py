"""Priorities are renewed when their time has come, and the renewing comes to an end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.app import App, open_app
from listener.pricing import case_facts
from listener.stages.cycle import Listening
from listener.stages.prioritise import prioritise
from listener.store.rows import QueueQuery
from listener.store.sqlite.moments import stamp_from
from triage.priority import prioritise as priority_of

TEXTS = (
    "Acme charged me twice and nobody answers the phone",
    "My transfer from Acme never arrived",
    "The Acme app crashes when I sign in",
    "How do I change my address at Acme?",
)
START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    (tmp_path / "config.yaml").write_text(
        "brands: [{name: Acme}]\nsources: [{name: posts, type: files, paths: [posts.jsonl]}]\n",
        encoding="utf-8",
    )
    rows = [
        {"id": str(n), "author": f"p{n}", "text": TEXTS[n % 4], "created_at": made.isoformat()}
        for n in range(40)
        if (made := START - timedelta(minutes=7 * n, milliseconds=130 * n))
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "posts.jsonl").write_text(lines, encoding="utf-8")
    with (
        open_app(tmp_path / "config.yaml", now=lambda: START) as opened,
        Listening(opened.store, opened.config, opened.plugins, opened.now) as listening,
    ):
        listening.cycle()
        yield opened


def changes(app: App, at: datetime) -> dict[int, datetime]:
    """When the priority of every case changes next, to the microsecond."""
    cases = [case.id for case in app.store.queue(QueueQuery(limit=100))]
    policy = app.config.queue.policy()
    with app.store.triage() as scope:
        found = {
            row.id: priority_of(case_facts(row, ()), policy, at).changes_at
            for row in scope.case_facts(cases)
        }
    return {case: when for case, when in found.items() if when is not None}


def test_in_the_second_before_a_change_there_is_nothing_to_do(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    ask = app.store.cases_to_price

    def counted(at: datetime, limit: int) -> list[int]:
        nonlocal asked
        asked += 1
        assert asked < 1_000, "it renews the same cases without end"
        return ask(at, limit)

    monkeypatch.setattr(app.store, "cases_to_price", counted)
    expected = changes(app, START)
    assert len(expected) == 40
    assert any(when.microsecond for when in expected.values())
    for case, when in sorted(expected.items(), key=lambda one: one[1]):
        asked = 0
        prioritise(app.store, app.config, when - timedelta(microseconds=1))
        assert changes(app, when - timedelta(microseconds=1))[case] == when
        prioritise(app.store, app.config, when + timedelta(seconds=1))
        assert changes(app, when + timedelta(seconds=1))[case] > when


def test_the_whole_second_from_which_on() -> None:
    half = START + timedelta(milliseconds=500)
    assert stamp_from(START) == "2026-11-20T12:00:00Z"
    assert stamp_from(half) == "2026-11-20T12:00:01Z"
    assert stamp_from(None) is None
    assert stamp_from(datetime.max.replace(tzinfo=UTC)) is None
