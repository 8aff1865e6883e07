"""A whole cycle over a real store: collect, triage, prioritise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.app import App, open_app
from listener.errors import UsageError
from listener.stages.cycle import Listening
from listener.store.rows import CaseRow, QueueQuery, Span
from sources.files.source import FilesSource
from sources.protocols import Health
from sources.testing.clock import Clock
from triage.language import language_model

CONFIG = """
brands:
  - name: Northgate
    query: northgate
    handles: {forum: "@northgate"}
    groups: [{name: vip, people: ["forum:ann"], points: 8}]
sources:
  - {name: posts, type: files, paths: [posts.jsonl]}
  - {name: missing, type: files, paths: [nowhere.jsonl]}
"""
START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Iterator[App]:
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    with open_app(tmp_path / "config.yaml", now=clock) as opened:
        yield opened


@pytest.fixture
def listening(app: App) -> Iterator[Listening]:
    with Listening(app.store, app.config, app.plugins, app.now) as stages:
        yield stages


def write(folder: Path, *rows: dict[str, str]) -> None:
    lines = [
        json.dumps({"kind": "forum", "created_at": "2026-11-20T10:00:00Z", **row}) for row in rows
    ]
    (folder / "posts.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


ANN = {"id": "1", "author": "ann", "text": "Northgate charged me twice and nobody answers!"}
BEN = {"id": "2", "author": "ben", "text": "What a lovely day in the mountains"}
OURS = {"id": "3", "author": "@northgate", "text": "Northgate is sorry that the app is broken"}


def queue(app: App) -> list[CaseRow]:
    return app.store.queue(QueueQuery(at=app.now()))


def test_what_is_about_the_brand_becomes_a_case_and_the_rest_is_muted(
    app: App, listening: Listening, tmp_path: Path
) -> None:
    write(tmp_path, ANN, BEN, OURS)
    cycle = listening.cycle()
    assert (cycle.triaged, [one.source for one in cycle.failed]) == (3, ["missing"])
    (case,) = queue(app)
    assert case.author == "ann"
    assert ("group", 8) in {(part.name, part.points) for part in case.reasons}
    assert case.priority == sum(part.points for part in case.reasons)
    muted = {
        row.mention.external_id: row.verdict.muted_by
        for row in app.store.mentions(Span())
        if row.verdict is not None and row.verdict.muted_by
    }
    assert muted == {"2": ("not about a brand",), "3": ("our own post",)}


def test_a_source_that_asked_for_patience_is_left_alone_unless_it_is_named(
    app: App, listening: Listening, clock: Clock, tmp_path: Path
) -> None:
    write(tmp_path, ANN)
    listening.cycle()
    assert {state.source: state.health for state in app.store.health()} == {
        "posts": Health.HEALTHY,
        "missing": Health.BLIND,
    }
    clock.moment += timedelta(seconds=10)
    again = listening.cycle()
    assert [name for name, _ in again.waiting] == ["missing"]
    assert not again.failed
    assert listening.cycle(["missing"], force=True).failed
    clock.moment += timedelta(hours=2)
    assert listening.cycle().failed


def test_what_was_left_alone_is_made_up_for_without_being_named(
    app: App, listening: Listening, clock: Clock, tmp_path: Path
) -> None:
    listening.cycle()
    (missing,) = (state for state in app.store.health() if state.source == "missing")
    assert missing.retry_at is not None
    assert listening.cycle(None).collections == ()
    (tmp_path / "nowhere.jsonl").write_text("", encoding="utf-8")
    clock.moment = missing.retry_at
    (done,) = (one for one in listening.cycle(None).collections if one.source == "missing")
    assert done.error is None


def test_a_budget_in_the_configuration_holds_for_the_day(tmp_path: Path, clock: Clock) -> None:
    bounded = CONFIG.replace("[posts.jsonl]", "[posts.jsonl], budget: {posts_per_day: 2}")
    (tmp_path / "config.yaml").write_text(bounded, encoding="utf-8")
    write(tmp_path, ANN, BEN)
    with (
        open_app(tmp_path / "config.yaml", now=clock) as app,
        Listening(app.store, app.config, app.plugins, app.now) as listening,
    ):
        first = listening.cycle(["posts"]).collections[0]
        assert (first.counted.new, first.stopped) == (2, True)
        write(tmp_path, ANN, BEN, OURS)
        clock.moment += timedelta(hours=1)
        until = datetime(2026, 11, 21, tzinfo=UTC)
        assert listening.cycle(["posts"]).waiting == (("posts", until),)
        clock.moment = until
        assert listening.cycle(None).collections[0].counted.new == 1


def test_a_program_that_ends_starts_no_further_source(listening: Listening, tmp_path: Path) -> None:
    write(tmp_path, ANN)
    assert listening.cycle(stop=lambda: True).collections == ()


def test_an_unknown_source_is_refused_with_the_known_ones(listening: Listening) -> None:
    with pytest.raises(UsageError, match=r"'posst' — did you mean 'posts'\?"):
        listening.cycle(["posst"])


def test_time_alone_raises_a_priority_and_the_parts_still_add_up(
    app: App, listening: Listening, clock: Clock, tmp_path: Path
) -> None:
    write(tmp_path, ANN)
    listening.cycle()
    before = queue(app)[0]
    clock.moment += timedelta(days=3)
    assert listening.cycle(None).priced == 1
    after = queue(app)[0]
    assert after.priority > before.priority
    assert after.priority == sum(part.points for part in after.reasons)
    assert listening.cycle(None).priced == 0


def test_judging_anew_changes_nothing_while_the_version_is_the_same(
    app: App, listening: Listening, tmp_path: Path
) -> None:
    write(tmp_path, ANN, BEN, OURS)
    listening.cycle()
    before = list(app.store.mentions(Span()))
    assert listening.cycle(None, again=True).triaged == 0
    assert list(app.store.mentions(Span())) == before


def test_an_import_belongs_to_its_brand_whatever_the_query_says(
    app: App, listening: Listening, tmp_path: Path
) -> None:
    write(tmp_path, BEN | {"text": "You lost my card, this is a disgrace"})
    source = FilesSource("import", [tmp_path / "posts.jsonl"], "", app.now)
    assert listening.take_in([source], "Northgate").triaged == 1
    assert [case.author for case in queue(app)] == ["ben"]
    assert listening.take_in([source], "Northgate").triaged == 0


def test_an_error_inside_a_batch_leaves_it_pending_and_the_next_run_finishes_it(
    app: App, listening: Listening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, ANN, BEN, OURS)
    with monkeypatch.context() as broken:
        broken.setattr("listener.pricing.prioritise", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            listening.cycle()
    assert (app.store.totals().pending, queue(app)) == (3, [])
    assert listening.cycle().triaged == 3
    assert [case.author for case in queue(app)] == ["ann"]


def test_a_rest_gives_the_models_back_and_changes_nothing(tmp_path: Path, clock: Clock) -> None:
    said = [
        {"id": str(n), "author": f"p{n}", "text": f"Northgate declined my card abroad, {n} times"}
        for n in range(12)
    ] + [{"id": "90", "author": "zoe", "text": "Why is the Northgate app so slow today?"}]
    ended = []
    for name, rests in (("awake", False), ("rested", True)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
        with (
            open_app(folder / "config.yaml", now=clock) as app,
            Listening(app.store, app.config, app.plugins, app.now) as listening,
        ):
            for page in (said[:7], said):
                write(folder, *page)
                listening.cycle(("posts",), force=True)
                if rests:
                    listening.rest()
                    assert language_model.cache_info().currsize == 0
                    listening.rest()
            ended.append((app.store.issues("Northgate", "all", 10), queue(app)))
    assert ended[0] == ended[1]
    assert len(ended[0][1]) == 13
