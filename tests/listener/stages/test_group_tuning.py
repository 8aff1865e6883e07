"""Tuning and the nightly look over a real store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.config import load
from listener.errors import Conflict, DeskError
from listener.stages.nightly import HOUR, Nightly
from listener.stages.triage import Triage
from listener.stages.tuning import GroupTuning
from listener.store.rows import Collected
from listener.store.sqlite import SqliteStore
from sources.mention import Author, Mention
from triage.graph_clustering import GraphClusterer
from triage.protocols import Suggestion
from triage.space import STATIC
from triage.tuning import Tried, Tuning

START = datetime(2026, 11, 1, HOUR, 30, tzinfo=UTC)
BETTER = Tuning(Tried(1.0, 0.5, 40), Tried(1.4, 0.7, 50), (), 900, 12, 30)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    (tmp_path / "config.yaml").write_text("brands: [{name: Northgate}]\n", encoding="utf-8")
    with SqliteStore(tmp_path / "listener.db") as store:
        posts = [
            Mention(
                "forum",
                str(number),
                f"Northgate, {what} was {how} {'again ' * (number % 3)}number {number}, awful",
                START - timedelta(minutes=number),
                Author(f"person{number}"),
            )
            for number, (what, how) in enumerate(
                [("my card", "declined"), ("the parcel", "never delivered")] * 20
            )
        ]
        run = store.open_run("forum", START)
        store.collect(Collected(run, "forum", posts, START))
        store.close_run(run, "ok", "", START)
        Triage(store, load(tmp_path / "config.yaml", {}), lambda: START).drain()
        yield store


def strictness(store: SqliteStore) -> float:
    with store.triage() as scope:
        return scope.decided("Northgate").strictness


def test_what_is_applied_holds_for_the_next_look_until_it_is_taken_back(store: SqliteStore) -> None:
    tuning = GroupTuning(store, "Northgate", lambda: START)
    assert strictness(store) == 1.0
    done = tuning.apply(BETTER, "ann")
    assert (done.action, done.actor) == ("tune", "ann")
    assert "1 → 1.4" in done.note
    assert "0.50 → 0.70" in done.note
    assert strictness(store) == 1.4
    assert store.calibrated() == {}, "what corrections taught the judge is another thing"
    again = Tuning(BETTER.best, Tried(2.0, 0.9, 60), (), 900, 12, 40)
    tuning.apply(again, "bo")
    assert strictness(store) == 2.0
    assert tuning.undo("bo").undoes
    assert strictness(store) == 1.4
    tuning.undo("bo")
    assert strictness(store) == 1.0
    with pytest.raises(DeskError, match="not tuned"):
        tuning.undo("bo")


def test_too_little_and_nothing_better_are_refused(store: SqliteStore) -> None:
    tuning = GroupTuning(store, "Northgate", lambda: START)
    found = tuning.preview()
    assert "needed" in found.refused
    with pytest.raises(DeskError, match="needed"):
        tuning.apply(found, "ann")
    same = Tuning(BETTER.now, BETTER.now, (), 900, 12, 30)
    with pytest.raises(DeskError, match="no other setting"):
        tuning.apply(same, "ann")
    assert strictness(store) == 1.0


def test_two_who_tune_at_once_do_not_overwrite_each_other(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuning = GroupTuning(store, "Northgate", lambda: START)
    monkeypatch.setattr(tuning, "_in_use", lambda: 77)
    with pytest.raises(Conflict, match="meanwhile"):
        tuning.apply(BETTER, "ann")


def test_the_nightly_look_suggests_and_changes_nothing(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [START]
    nightly = Nightly(store, {"Northgate": STATIC}, lambda: clock[0])
    one = store.issues()[0]
    found: list[Suggestion] = []
    monkeypatch.setattr(GraphClusterer, "suggestions", lambda self: tuple(found))
    assert nightly.tend() == 0, "nobody has touched an issue"
    post = next(post.id for post, placed in store.placed("Northgate", 9) if placed.issue == one.id)
    store.split(one.id, [post], "bo", START)
    other = next(row for row in store.issues() if row.id != one.id)
    found.append(Suggestion(one.id, other.id, 12, 0.75))
    before = [(post.id, placed) for post, placed in store.placed("Northgate", 999)]
    assert nightly.tend() == 0, "once a night"
    clock[0] += timedelta(hours=6)
    assert nightly.tend() == 0, "not by day"
    clock[0] = START + timedelta(days=1)
    assert nightly.tend() == 1
    (kept,) = store.suggestions("Northgate")
    assert (kept.rule, kept.issue, kept.other) == ("merge", one.id, other.id)
    assert "75%" in kept.reason
    clock[0] += timedelta(days=1)
    assert nightly.tend() == 0, "what was suggested does not come again"
    assert before == [(post.id, placed) for post, placed in store.placed("Northgate", 999)]
