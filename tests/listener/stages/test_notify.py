"""Notify: at most once, tried again when it certainly failed, never in the way of collecting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.config import BrandConfig, Config
from listener.config.notify import NotifyConfig
from listener.notifiers import Fate, Message, Sent
from listener.stages.notify import DELAYS, LEASE, Notify
from listener.store import open_store
from listener.store.alarms import NewAlarm, Watched
from listener.store.protocol import Store

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Recorder:
    """Keeps messages and answers as it is told."""

    kind = "recorder"

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.answer: Callable[[], Sent] = lambda: Sent(Fate.SENT, "200")

    def send(self, message: Message) -> Sent:
        self.messages.append(message)
        return self.answer()


class World:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.at = NOON
        self.recorder = Recorder()
        rules = [NotifyConfig(when="spike", url="https://x.example", name="desk")]  # type: ignore[arg-type]
        self.config = Config(brands=(BrandConfig(name="Acme"),), notify=tuple(rules))
        self.notify = self.fresh()

    def fresh(self) -> Notify:
        return Notify(self.store, self.config, lambda: self.at, lambda *_: self.recorder)

    def alarm(self, key: str, target: str = "desk", wait: timedelta = timedelta()) -> None:
        alarm = NewAlarm(key, "spike", "Acme", ("9 people",), targets=[(target, self.at + wait)])
        self.store.watched(Watched(self.at, alarms=[alarm]))

    def round(self) -> list[tuple[str, int, str]]:
        """Tend until nothing is on its way; the deliveries as (state, attempts, answer)."""
        self.notify.tend()
        self.notify.close()
        return [(one.state, one.attempts, one.answer) for one in self.store.deliveries()]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        yield World(store)


def test_an_alarm_is_sent_once(world: World) -> None:
    world.alarm("spike:1")
    assert world.round() == [("sent", 1, "200")]
    assert world.round() == [("sent", 1, "200")]
    assert len(world.recorder.messages) == 1


def test_what_is_due_at_once_goes_out_in_one_message(world: World) -> None:
    world.alarm("spike:1")
    world.alarm("spike:2")
    world.alarm("spike:3", wait=timedelta(hours=1))
    world.round()
    [message] = world.recorder.messages
    assert len(message.alarms) == 2
    assert len(world.store.deliveries("waiting")) == 1


def test_what_failed_is_tried_again_later_and_given_up_in_the_end(world: World) -> None:
    world.recorder.answer = lambda: Sent(Fate.NOT_SENT, "answered 503")
    world.alarm("spike:1")
    for attempt, delay in enumerate(DELAYS, 1):
        assert world.round() == [("waiting", attempt, "answered 503")]
        world.at += delay - timedelta(seconds=1)
        world.round()
        assert len(world.recorder.messages) == attempt, "not before its time"
        world.at += timedelta(seconds=1)
    assert world.round() == [("failed", len(DELAYS) + 1, "answered 503")]


def test_the_other_side_may_ask_for_more_patience(world: World) -> None:
    later = NOON + timedelta(minutes=30)
    world.recorder.answer = lambda: Sent(Fate.NOT_SENT, "answered 429", later)
    world.alarm("spike:1")
    world.round()
    assert world.store.deliveries()[0].not_before == later


@pytest.mark.parametrize(("fate", "state"), [(Fate.IN_DOUBT, "in doubt"), (Fate.REFUSED, "failed")])
def test_what_is_in_doubt_or_refused_is_left_to_a_person(
    world: World, fate: Fate, state: str
) -> None:
    world.recorder.answer = lambda: Sent(fate, "why")
    world.alarm("spike:1")
    world.round()
    world.at += timedelta(days=3)
    assert world.round() == [(state, 1, "why")]
    assert len(world.recorder.messages) == 1


def test_a_notifier_that_raises_leaves_it_in_doubt(world: World) -> None:
    def broken() -> Sent:
        raise RuntimeError("token=canary")

    world.recorder.answer = broken
    world.alarm("spike:1")
    assert world.round() == [("in doubt", 1, "the notifier failed: RuntimeError")]


def test_a_slow_target_holds_up_nobody(world: World) -> None:
    free = threading.Event()

    def slow() -> Sent:
        free.wait(10)
        return Sent(Fate.SENT)

    world.recorder.answer = slow
    world.alarm("spike:1")
    assert world.notify.tend() == 0, "comes back though nothing has arrived"
    world.alarm("spike:2")
    assert world.notify.tend() == 0
    assert [one.state for one in world.store.deliveries()] == ["waiting", "sending"]
    free.set()
    assert world.notify.close() == 1
    assert world.round()[0][0] == "sent"


def test_whoever_was_killed_while_sending_leaves_it_in_doubt(world: World) -> None:
    world.alarm("spike:1")
    world.store.take_deliveries(world.at, world.at)  # and died
    world.at += LEASE + timedelta(seconds=1)
    assert world.round() == [("in doubt", 1, "whoever sent it died meanwhile")]
    assert world.recorder.messages == []


def test_a_target_that_is_configured_no_more(world: World) -> None:
    world.alarm("spike:1", target="gone")
    assert world.round() == [("failed", 1, "no entry of notify is called gone")]
