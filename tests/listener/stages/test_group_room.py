"""Groups over a real store: taken up anywhere they go on as if nothing had happened."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.config import Config, load
from listener.errors import NotFound
from listener.stages.explaining import explain
from listener.stages.migrate import migrate
from listener.stages.triage import Triage
from listener.store.rows import Collected
from listener.store.sqlite import SqliteStore
from sources.mention import Author, Mention, Thread
from sources.protocols import Tombstone
from triage.space import STATIC

START = datetime(2026, 11, 1, 9, tzinfo=UTC)
SUBJECTS = ("my card", "the parcel", "your app", "this invoice", "the new playlist", "a refund")
TROUBLES = (
    "was declined twice {when}",
    "never arrived and nobody answers {when}",
    "crashes as soon as I open it {when}",
    "shows the wrong amount {when}",
)
TIMES = ("in the shop", "since Monday", "on my old phone", "abroad", "again", "after the update")
SIZE = 260
SMALL = {"Northgate": STATIC}


def mentions(size: int = SIZE) -> list[Mention]:
    dice = random.Random(3)
    made = []
    for number in range(size):
        trouble = dice.choice(TROUBLES).format(when=dice.choice(TIMES))
        made.append(
            Mention(
                "forum",
                str(number),
                f"Northgate, {dice.choice(SUBJECTS)} {trouble} {dice.choice(TIMES)}, awful",
                START + timedelta(minutes=number),
                Author(f"person{dice.randrange(120)}", "", "", 3),
            )
        )
    return made


POSTS = mentions()


def opened(folder: Path) -> tuple[SqliteStore, Config]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text("brands: [{name: Northgate}]\n", encoding="utf-8")
    return SqliteStore(folder / "listener.db"), load(folder / "config.yaml", {})


def collect(store: SqliteStore, posts: Sequence[Mention], gone: Sequence[str] = ()) -> None:
    run = store.open_run("forum", START)
    tombstones = [Tombstone("forum", id) for id in gone]
    store.collect(Collected(run, "forum", posts, START, tombstones=tombstones))
    store.close_run(run, "ok", "", START)


def groups(store: SqliteStore) -> dict[str, list[tuple[object, ...]]]:
    """All that grouping has decided."""
    with closing(sqlite3.connect(store.path)) as db:
        return {
            "memberships": db.execute("SELECT * FROM memberships ORDER BY 1, 2").fetchall(),
            "issues": db.execute("SELECT * FROM issues ORDER BY 1").fetchall(),
            "people": db.execute("SELECT * FROM issue_people ORDER BY 1, 2, 3").fetchall(),
            "history": db.execute(
                "SELECT id, action, entity_id, after, note FROM history WHERE entity = 'issue'"
            ).fetchall(),
            "cases": db.execute("SELECT mention_id, issue_id FROM cases ORDER BY 1").fetchall(),
        }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[object, ...]]]:
    store, config = opened(tmp_path_factory.mktemp("whole"))
    with store:
        collect(store, POSTS)
        Triage(store, config, lambda: START).drain()
        return groups(store)


def test_looks_were_taken_and_kept(whole: dict[str, list[tuple[object, ...]]]) -> None:
    assert {"move"} <= {row[1] for row in whole["history"]} <= {"move", "merge"}
    assert all(row[4] for row in whole["history"])


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.sets(st.integers(1, SIZE - 1), max_size=3), limit=st.sampled_from([17, 90, 500]))
def test_replays_and_restarts_give_identical_ids(
    tmp_path: Path, whole: dict[str, list[tuple[object, ...]]], cuts: set[int], limit: int
) -> None:
    folder = tmp_path / f"{limit}-{'-'.join(map(str, sorted(cuts)))}"
    store, config = opened(folder)
    with store:
        if not groups(store)["memberships"]:
            collect(store, POSTS)
        edges = sorted({0, *cuts, SIZE})
        for count in (after - before for before, after in pairwise(edges)):
            triage, done = Triage(store, config, lambda: START), 0  # a new process
            while done < count:
                done += triage.step(min(limit, count - done))
        assert groups(store) == whole


def test_a_batch_that_was_lost_is_done_again(
    tmp_path: Path, whole: dict[str, list[tuple[object, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, config = opened(tmp_path)
    with store:
        collect(store, POSTS)
        triage = Triage(store, config, lambda: START)
        triage.step(100)
        with monkeypatch.context() as broken:
            broken.setattr(type(triage._pricing), "price", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                triage.step(100)
        triage.drain()
        assert groups(store) == whole


def largest(store: SqliteStore) -> tuple[int, int]:
    one, other, *_ = store.issues()
    return one.id, other.id


def test_what_people_did_is_followed_and_left_alone(tmp_path: Path) -> None:
    store, config = opened(tmp_path)
    with store, SqliteStore(store.path) as desk:
        collect(store, POSTS)
        triage = Triage(store, config, lambda: START)
        triage.step(200)
        into, gone = largest(store)
        desk.merge(gone, into, "bo", START)
        held = {post.id for post, placed in store.placed("Northgate", 999) if placed.issue == into}
        triage.drain()
        now = {post.id: placed.issue for post, placed in store.placed("Northgate", 999)}
        assert all(now[post] == into for post in held)
        assert gone not in now.values()
        assert store.issue(gone).id == into  # type: ignore[union-attr]


def test_words_of_erased_posts_leave_the_memory(tmp_path: Path) -> None:
    store, config = opened(tmp_path)
    special = Mention(
        "forum", "x", "Northgate, my xylophone was eaten by your cat, awful", START, Author("z")
    )
    with store:
        collect(store, [*POSTS[:70], special])
        Triage(store, config, lambda: START).drain()
        collect(store, POSTS[70:140], gone=["x"])
        triage = Triage(store, config, lambda: START)
        triage.drain()
        with store.triage() as scope:
            kept = scope.grouping("Northgate")
        assert kept is not None
        assert kept.state
        clusterer = triage._rooms["Northgate"].groups._clusterer
        told = clusterer._groups.live.texts  # type: ignore[attr-defined]
        assert len(told) > 50
        assert not any("xylophone" in text for text in told)


def test_a_post_is_explained_by_its_ties_and_another_issue_by_what_is_missing(
    tmp_path: Path,
) -> None:
    store, config = opened(tmp_path)
    with store:
        collect(store, POSTS[:150])
        Triage(store, config, lambda: START).drain()
        into, other = largest(store)
        placed = {post.id: one for post, one in store.placed("Northgate", 999)}
        tied = [id for id, one in placed.items() if one.issue == into and one.nearest]
        found = explain(store, tied[-1], other)
        assert found.issue == into
        assert found.needed is not None
        assert all(tie.similarity >= found.needed and tie.text for tie in found.ties)
        assert any(tie.words for tie in found.ties)
        assert found.shares is not None
        assert sum(found.shares.values()) == pytest.approx(1, abs=0.01)
        assert {tie.issue for tie in found.instead} == {other}
        assert [tie.mention for tie in found.instead] != [tie.mention for tie in found.ties]
        repeat = next((id for id, one in placed.items() if one.duplicate_of), 0)
        assert not repeat or "almost word for word" in explain(store, repeat).rule
        with pytest.raises(NotFound):
            explain(store, 9_999)
        with pytest.raises(NotFound):
            explain(store, tied[-1], 9_999)


def test_answers_to_a_helpdesk_found_no_issue(tmp_path: Path) -> None:
    store, config = opened(tmp_path)
    said = [
        "iPhone 6s, iOS 11 and the newest Northgate app",
        "reinstalled and logged in again, same error on Android",
        "the parcel was left in the rain by your driver",
    ]
    answers = [
        replace(POSTS[n], external_id=f"a{n}", text=text, thread=Thread("root", "question"))
        for n, text in enumerate(said)
    ]
    with store:
        collect(store, [*POSTS[:40], *answers])
        Triage(store, config, lambda: START).drain()
        placed = {post.text: one.issue for post, one in store.placed("Northgate", 999)}
    assert [text in placed for text in said] == [False, False, True]


def test_another_model_changes_no_issue_and_no_link(tmp_path: Path) -> None:
    store, config = opened(tmp_path)
    with store:
        collect(store, POSTS[:150])
        Triage(store, config, lambda: START).drain()
        into, gone = largest(store)
        store.merge(gone, into, "bo", START)
        before, links = groups(store), store.links()
        with store._db.writing() as conn:
            conn.execute("UPDATE vectors SET model = 'older', vector = zeroblob(256)")
        stops = iter([False, True])
        assert migrate(store, SMALL, stop=lambda: next(stops)) == 150
        assert store.count_foreign_vectors("Northgate", STATIC.model) == 0
        assert migrate(store, SMALL) == 0
        assert (groups(store), store.links()) == (before, links)
        collect(store, POSTS[150:])
        Triage(store, config, lambda: START).drain()
        now = {post.id: one.issue for post, one in store.placed("Northgate", 999)}
        assert gone not in now.values()
        assert len(set(now.values())) < 60
