"""Brands are grouped by what judges them: each by the vectors of its tier, never by two at once."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from listener.config import Config, load
from listener.stages.explaining import explain
from listener.stages.migrate import migrate
from listener.stages.triage import Triage
from listener.store.rows import Collected
from listener.store.sqlite import SqliteStore
from listener.tiers import spaces
from sources.mention import Author, Mention
from triage import encoder
from triage.encoder import EncoderModel
from triage.space import ENCODER, STATIC

pytest.importorskip("onnxruntime", reason="the quality tier needs onnxruntime: the extra [minilm]")

FOLDER = Path(__file__).parents[3] / "models" / "encoder" / encoder.PACKAGE
START = datetime(2026, 11, 1, 9, tzinfo=UTC)
SUBJECTS = ("my card", "the parcel", "your app", "this invoice")
TROUBLES = ("was declined twice", "never arrived", "crashes as soon as I open it", "is wrong")
WHERE = ("in the shop", "since Monday", "on my phone", "abroad", "again", "after the update")


class Counting:
    """A session that counts how many posts it has read."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.read = 0

    def run(self, *asked: Any) -> Any:
        self.read += 1
        return self._session.run(*asked)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Counting:
    model: EncoderModel = encoder.load(FOLDER, encoder.SHA256)
    counting = Counting(model.session)
    monkeypatch.setattr(encoder, "packaged", lambda: replace(model, session=counting))
    monkeypatch.setattr(encoder, "installed", lambda: True)
    return counting


def mentions(size: int) -> list[Mention]:
    dice = random.Random(5)
    return [
        Mention(
            "forum",
            str(number),
            f"Northgate, {dice.choice(SUBJECTS)} {dice.choice(TROUBLES)} {dice.choice(WHERE)}"
            f" and {dice.choice(WHERE)}, awful",
            START + timedelta(minutes=number),
            Author(f"person{number % 40}", "", "", 3),
        )
        for number in range(size)
    ]


POSTS = mentions(110)


def config(folder: Path, **tiers: str) -> Config:
    brands = ", ".join(f"{{name: {name}, tier: {tier}}}" for name, tier in tiers.items())
    (folder / "config.yaml").write_text(f"brands: [{brands}]\n", encoding="utf-8")
    return load(folder / "config.yaml", {})


def collect(store: SqliteStore, posts: Sequence[Mention]) -> None:
    run = store.open_run("forum", START)
    store.collect(Collected(run, "forum", posts, START))
    store.close_run(run, "ok", "", START)


def models(store: SqliteStore) -> dict[str, int]:
    with closing(sqlite3.connect(store.path)) as db:
        return dict(db.execute("SELECT model, count(*) FROM vectors GROUP BY model").fetchall())


def issues(store: SqliteStore, brand: str = "Northgate") -> dict[int, int]:
    return {post.id: placed.issue for post, placed in store.placed(brand, 999)}


def test_one_pass_over_a_post_judges_and_groups_it(tmp_path: Path, session: Counting) -> None:
    with SqliteStore(tmp_path / "listener.db") as store:
        collect(store, POSTS[:30])
        Triage(store, config(tmp_path, Northgate="quality"), lambda: START).drain()
        assert session.read == len({post.text for post in POSTS[:30]})
        assert models(store) == {ENCODER.model: 30}
        assert {len(post.vector) for post, _ in store.placed("Northgate", 99, ENCODER.model)} == {
            384
        }


def test_every_brand_is_grouped_by_its_own_tier(tmp_path: Path, session: Counting) -> None:
    both = config(tmp_path, Northgate="quality", Southgate="small")
    with SqliteStore(tmp_path / "both.db") as store:
        collect(store, POSTS)
        Triage(store, both, lambda: START).drain()
        assert models(store) == {ENCODER.model: len(POSTS), STATIC.model: len(POSTS)}
        found = {brand: issues(store, brand) for brand in ("Northgate", "Southgate")}
        told = [explain(store, asked, spaces=spaces(both.brands)) for asked in range(40, 60)]
        assert any(one.ties for one in told)
        assert migrate(store, spaces(both.brands)) == 0
        assert len(models(store)) == 2
    for brand, tier in (("Northgate", "quality"), ("Southgate", "small")):
        with SqliteStore(tmp_path / f"{brand}.db") as store:
            collect(store, POSTS)
            Triage(store, config(tmp_path, **{brand: tier}), lambda: START).drain()
            alone = issues(store, brand)
        assert _same_groups(alone, found[brand])


def test_another_tier_is_a_migration_that_may_be_stopped(tmp_path: Path, session: Counting) -> None:
    with SqliteStore(tmp_path / "listener.db") as store:
        collect(store, POSTS[:80])
        Triage(store, config(tmp_path, Northgate="small"), lambda: START).drain()
        before = issues(store)
        better = config(tmp_path, Northgate="quality")
        collect(store, POSTS[80:84])
        with capture_logs() as logs:
            triage = Triage(store, better, lambda: START)
            triage.drain()
            collect(store, POSTS[84:90])
            triage.drain()
        told = [one for one in logs if one.get("next") == "listener issues migrate"]
        assert [(one["brand"], one["posts"]) for one in told] == [("Northgate", 80)]
        assert models(store) == {STATIC.model: 80, ENCODER.model: 10}
        assert migrate(store, spaces(better.brands), stop=lambda: True) == 0
        assert migrate(store, spaces(better.brands)) == 80
        assert models(store) == {ENCODER.model: 90}
        assert {id: issue for id, issue in issues(store).items() if id in before} == before
        collect(store, POSTS[90:])
        with capture_logs() as logs:
            Triage(store, better, lambda: START).drain()
        assert not [one for one in logs if one.get("next") == "listener issues migrate"]
        now = issues(store)
        assert {now[id] for id in now if id > 90} & set(before.values())


def _same_groups(one: dict[int, int], other: dict[int, int]) -> bool:
    return len(set(zip(one.values(), other.values(), strict=True))) == len(set(one.values()))
