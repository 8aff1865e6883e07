"""Trouble of our own: full disks and messages that stick are told, to somebody else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from listener.config import BrandConfig, Config
from listener.config.notify import NotifyConfig
from listener.stages.targets import Targets
from listener.stages.trouble import troubles
from listener.store import open_store
from listener.store.alarms import NewAlarm, Settled, Watched
from listener.store.protocol import Store

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
RULES = tuple(
    NotifyConfig(when=["disk", "outbox"], url="https://x.example", name=name)  # type: ignore[arg-type]
    for name in ("desk", "pager")
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        yield store


def found(store: Store, tmp_path: Path, at: datetime = NOON) -> list[NewAlarm]:
    config = Config(
        store=f"sqlite:///{tmp_path}/store.db", brands=(BrandConfig(name="Acme"),), notify=RULES
    )
    return list(troubles(store, config, at, Targets(RULES)))


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The bytes that are free on the disk."""
    disk = SimpleNamespace(free=10 << 30)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: disk)
    return disk


def test_a_disk_that_runs_full_is_told_once_a_day(
    store: Store, tmp_path: Path, room: SimpleNamespace
) -> None:
    assert found(store, tmp_path) == []
    room.free = 300 * 10**6
    [alarm] = found(store, tmp_path)
    assert (alarm.what, alarm.key) == ("disk", "disk:2026-11-20")
    assert alarm.reasons == (f"300 MB are left on the disk of {tmp_path}",)
    assert [name for name, _ in alarm.targets] == ["desk", "pager"]


def test_a_disk_that_cannot_be_asked_stops_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_folder: Path) -> None:
        raise OSError("no such device")

    monkeypatch.setattr(shutil, "disk_usage", gone)
    assert found(store, tmp_path) == []


def test_messages_that_stick_are_told_to_somebody_else(
    store: Store, tmp_path: Path, room: SimpleNamespace
) -> None:
    alarm = NewAlarm("spike:1", "spike", "Acme", ("9 people",), targets=[("desk", NOON)])
    store.watched(Watched(NOON, alarms=[alarm]))
    [row] = store.take_deliveries(NOON, NOON - timedelta(hours=1))
    assert found(store, tmp_path) == [], "on its way"
    store.settle_deliveries([Settled(row.id, "sending", "in doubt", NOON, "no answer")])
    [told] = found(store, tmp_path)
    assert (told.what, told.key) == ("outbox", "outbox:desk:2026-11-20")
    assert told.reasons[0] == "1 messages to desk are in doubt: no answer"
    assert [name for name, _ in told.targets] == ["pager"]
    store.watched(Watched(NOON, alarms=[told]))
    assert [one.key for one in found(store, tmp_path)] == [told.key], "and not of its own message"
    assert found(store, tmp_path, NOON + timedelta(days=2)) == []
