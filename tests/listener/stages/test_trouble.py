"""Trouble of our own is told once when it begins and once when it is over, to those it can reach."""

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
from listener.stages.trouble import Troubles
from listener.store import open_store
from listener.store.alarms import AlarmRow, Late, NewAlarm, Settled, Watched
from listener.store.protocol import Store
from listener.store.rows import SourceState
from sources.protocols import Health
from sources.settings import SourceSettings

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = tuple(
    NotifyConfig(
        when=["disk", "outbox", "blind", "queue"],  # type: ignore[arg-type]
        url="https://x.example",  # type: ignore[arg-type]
        name=name,
    )
    for name in ("desk", "pager")
)


class Operator:
    """Looks as the watch does, and hears what is told."""

    def __init__(self, store: Store, folder: Path, sources: tuple[str, ...] = ("feed",)) -> None:
        self.store = store
        settings = tuple(SourceSettings(name=name, type="rss") for name in sources)
        config = Config(
            store=f"sqlite:///{folder}/store.db",
            brands=(BrandConfig(name="Acme"),),
            sources=settings,
            notify=RULES,
        )
        self.troubles = Troubles(store, config, Targets(RULES))

    def hears(self, at: datetime = NOON) -> list[AlarmRow]:
        """What is new at this moment."""
        found = list(self.troubles.look(at))
        return self.store.watched(Watched(at, alarms=found))[::-1] if found else []


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        yield store


@pytest.fixture
def operator(store: Store, tmp_path: Path) -> Operator:
    return Operator(store, tmp_path)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The bytes that are free on the disk."""
    disk = SimpleNamespace(free=10 << 30)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: disk)
    return disk


def keys(heard: list[AlarmRow]) -> list[str]:
    return [one.key for one in heard]


def test_a_disk_that_runs_full_is_told_when_it_begins_and_when_it_is_over(
    operator: Operator, tmp_path: Path, room: SimpleNamespace
) -> None:
    assert operator.hears() == []
    room.free = 300 * 10**6
    [alarm] = operator.hears()
    assert (alarm.what, alarm.over) == ("disk", False)
    assert alarm.reasons[0] == f"300 MB are left on the disk of {tmp_path}"
    told = [row.target for row in operator.store.deliveries()]
    assert sorted(told) == ["desk", "pager"]
    for days in range(1, 4):
        assert operator.hears(NOON + timedelta(days=days)) == [], "it lasts"
    room.free = (1 << 30) + 1
    assert operator.hears(NOON + timedelta(days=4)) == [], "a little room is not enough"
    room.free = 2 << 30
    [over] = operator.hears(NOON + timedelta(days=5))
    assert (over.what, over.over, over.key) == ("disk", True, f"over:{alarm.key}")
    assert over.reasons[0].endswith(f"{tmp_path}, after 5 d")
    assert operator.hears(NOON + timedelta(days=6)) == []
    room.free = 0
    [again] = operator.hears(NOON + timedelta(days=7))
    assert again.key not in (alarm.key, over.key)


def test_a_disk_that_cannot_be_asked_stops_nothing(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_folder: Path) -> None:
        raise OSError("no such device")

    monkeypatch.setattr(shutil, "disk_usage", gone)
    assert operator.hears() == []


def state(health: Health, since: datetime, quiet_since: datetime | None = None) -> SourceState:
    return SourceState("feed", health, since, "no answer", quiet_since=quiet_since)


@pytest.mark.usefixtures("room")
class TestBlind:
    """A source that cannot see."""

    def test_it_begins_once_and_ends_once(self, operator: Operator) -> None:
        operator.store.set_health(state(Health.BLIND, NOON))
        [alarm] = operator.hears()
        assert alarm.reasons[0].startswith("feed blind since 2026-11-20 12:00")
        for hours in range(1, 30):
            assert operator.hears(NOON + hours * HOUR) == []
        operator.store.set_health(state(Health.HEALTHY, NOON + 30 * HOUR))
        [over] = operator.hears(NOON + 30 * HOUR)
        assert over.key == f"over:{alarm.key}"
        assert over.reasons == ("feed sees again, after 1 d",)
        assert operator.hears(NOON + 31 * HOUR) == []

    def test_also_when_the_program_is_started_anew_each_time(
        self, store: Store, tmp_path: Path
    ) -> None:
        def anew(at: datetime) -> list[AlarmRow]:
            return Operator(store, tmp_path).hears(at)

        store.set_health(state(Health.BLIND, NOON))
        assert len(anew(NOON)) == 1
        assert anew(NOON + HOUR) == []
        store.set_health(state(Health.DEGRADED, NOON + 2 * HOUR))
        assert len(anew(NOON + 2 * HOUR)) == 1
        assert anew(NOON + 3 * HOUR) == []

    def test_cron_and_a_daemon_by_turns(self, store: Store, tmp_path: Path) -> None:
        daemon = Operator(store, tmp_path)
        assert daemon.hears() == []
        store.set_health(state(Health.BLIND, NOON))
        assert len(Operator(store, tmp_path).hears(NOON)) == 1
        assert daemon.hears(NOON + timedelta(minutes=1)) == []
        store.set_health(state(Health.HEALTHY, NOON + HOUR))
        assert len(daemon.hears(NOON + HOUR)) == 1
        assert Operator(store, tmp_path).hears(NOON + HOUR) == []

    def test_blind_again_before_anybody_looked_is_another_occasion(
        self, operator: Operator
    ) -> None:
        operator.store.set_health(state(Health.BLIND, NOON))
        [first] = operator.hears()
        operator.store.set_health(state(Health.BLIND, NOON + HOUR))
        heard = operator.hears(NOON + HOUR)
        assert sorted(one.over for one in heard) == [False, True]
        assert f"over:{first.key}" in keys(heard)

    def test_silence_ends_when_posts_come(self, operator: Operator) -> None:
        operator.store.set_health(state(Health.DEGRADED, NOON, quiet_since=NOON))
        [quiet] = operator.hears()
        assert quiet.key.startswith("quiet:feed:")
        operator.store.set_health(state(Health.BLIND, NOON + HOUR, quiet_since=NOON))
        assert [one.over for one in operator.hears(NOON + HOUR)] == [False]
        operator.store.set_health(state(Health.HEALTHY, NOON + 2 * HOUR))
        heard = operator.hears(NOON + 2 * HOUR)
        assert [one.over for one in heard] == [True, True]
        assert "feed brings posts again, after 2 h" in {one.reasons[0] for one in heard}

    def test_a_source_that_nobody_asks_any_more(self, operator: Operator) -> None:
        def ran(at: datetime, health: Health = Health.QUIET, **more: datetime) -> None:
            operator.store.open_run("feed", at)
            operator.store.set_health(
                SourceState("feed", health, NOON, "", last_attempt_at=at, **more)
            )

        for minutes in (0, 15, 30):
            ran(NOON + timedelta(minutes=minutes))
        assert operator.hears(NOON + 2 * HOUR) == []
        [alarm] = operator.hears(NOON + 3 * HOUR)
        assert alarm.reasons == (
            "feed not asked since 2026-11-20 12:30 UTC, before that every 15 min",
        )
        assert operator.hears(NOON + 4 * HOUR) == []
        ran(NOON + 5 * HOUR)
        [over] = operator.hears(NOON + 5 * HOUR)
        assert over.reasons == ("feed is asked again, after 2 h",)
        ran(NOON + 6 * HOUR, retry_at=NOON + 60 * HOUR)
        assert operator.hears(NOON + 50 * HOUR) == [], "it asked to be left alone"

    def test_a_nightly_cron_is_no_daemon_that_stopped(self, operator: Operator) -> None:
        for days in range(5):
            at = NOON + timedelta(days=days)
            operator.store.open_run("feed", at)
            operator.store.set_health(
                SourceState("feed", Health.QUIET, NOON, "", last_attempt_at=at)
            )
            assert operator.hears(at + 23 * HOUR) == []

    def test_a_source_that_is_taken_out_of_the_configuration(
        self, operator: Operator, store: Store, tmp_path: Path
    ) -> None:
        store.set_health(state(Health.BLIND, NOON))
        operator.hears()
        [over] = Operator(store, tmp_path, ()).hears(NOON + HOUR)
        assert over.reasons == ("feed is no longer configured, after 1 h",)


def test_a_queue_beyond_its_promise(
    operator: Operator, room: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = 9
    monkeypatch.setattr(
        operator.store,
        "overdue",
        lambda since, at: [Late(n, "Acme", "complaint", at) for n in range(late)],
    )
    assert operator.hears() == []
    late = 10
    [alarm] = operator.hears(NOON + HOUR)
    assert (alarm.what, alarm.reasons[0]) == (
        "queue",
        "10 cases wait for longer than was promised",
    )
    late = 5
    assert operator.hears(NOON + 2 * HOUR) == []
    late = 30
    assert operator.hears(NOON + 3 * HOUR) == [], "it has not been over"
    late = 1
    [over] = operator.hears(NOON + 4 * HOUR)
    assert over.reasons == ("1 case waits for longer than was promised, after 3 h",)


def test_messages_that_stick_are_told_to_somebody_else(
    operator: Operator, room: SimpleNamespace
) -> None:
    store = operator.store
    alarm = NewAlarm("spike:1", "spike", "Acme", ("9 people",), targets=[("desk", NOON)])
    store.watched(Watched(NOON, alarms=[alarm]))
    [row] = store.take_deliveries(NOON, NOON - HOUR)
    assert operator.hears() == [], "on its way"
    store.settle_deliveries([Settled(row.id, "sending", "in doubt", NOON, "no answer")])
    [told] = operator.hears()
    assert (told.what, told.over) == ("outbox", False)
    assert told.reasons[0] == "1 message is not delivered to desk: in doubt, no answer"
    assert [one.target for one in store.deliveries("waiting")] == ["pager"]
    assert operator.hears(NOON + HOUR) == [], "and not of its own message"
    store.settle_deliveries([Settled(row.id, "in doubt", "sent", NOON + HOUR)])
    [over] = operator.hears(NOON + 2 * HOUR)
    assert over.reasons == ("nothing more sticks on its way to desk, after 2 h",)
    told_to = {one.target for one in store.deliveries() if one.alarm.key == over.key}
    assert told_to == {"pager"}
    assert operator.hears(NOON + 3 * HOUR) == []


def test_what_nobody_wants_to_know_is_not_looked_at(
    store: Store, tmp_path: Path, room: SimpleNamespace
) -> None:
    room.free = 0
    rules = (NotifyConfig(when="spike", url="https://x.example"),)  # type: ignore[arg-type]
    config = Config(brands=(BrandConfig(name="Acme"),), notify=rules)
    assert list(Troubles(store, config, Targets(rules)).look(NOON)) == []
